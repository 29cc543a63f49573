import { homeDatabase } from '../../declaration/names';
import type { Declaration } from '../../declaration/schema';
import type { ObjectSupport } from '../connect/object-probe';
import { wantedExtensions } from './extension';
import { type DatabaseObjects, extensionsOf } from './objects';
import type { DatabasePlan } from './place';

/** What lies beside the tables, and what the server can have of it. */
export interface BlueprintObjects {
  readonly declaration: Declaration;
  /** In the server's own forms. @default - neither domains nor publications are declared */
  readonly objects?: DatabaseObjects;
  /** @default - neither extensions nor publications are declared, so that the server was not asked */
  readonly objectSupport?: ObjectSupport;
}

/** Puts domains, publications and extensions into the databases. What is not declared adds nothing to them. */
export function withObjects(databases: readonly DatabasePlan[], { declaration, objects, objectSupport }: BlueprintObjects): DatabasePlan[] {
  const domains = objects === undefined || objects.domains.length === 0 ? {} : { domains: objects.domains };
  const publications = objects === undefined || objects.publications.length === 0 ? {} : { publications: objects.publications };
  const declared = extensionsOf(declaration);
  const extensions = objectSupport === undefined || declared.length === 0 ? {} : { extensions: wantedExtensions(declared, objectSupport, homeDatabase(declaration.name)) };
  return databases.map((database) => ({
    ...database, ...publications, ...extensions, ...(objectSupport === undefined ? {} : { walLevel: objectSupport.walLevel }),
    places: database.places.map((place) => (place.kind === 'row' || place.kind === 'database' ? { ...place, ...domains } : place)),
  }));
}
