import { EXTENSION_SCHEMA } from '../../declaration/check-objects';
import { homeSchema, objectName } from '../../declaration/names';
import type { Declaration } from '../../declaration/schema';
import type { PublishedOperation } from '../../declaration/types-objects';

/** A domain as it is in the home schema of every database. */
export interface ShapeDomain {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly default?: string;
  readonly check?: string;
  readonly comment?: string;
}

export const domainCheckName = (domain: string): string => objectName(domain, 'check');

export interface ShapePublication {
  readonly name: string;
  readonly tables: readonly string[];
  readonly operations: readonly PublishedOperation[];
  /** Conditions by table. */
  readonly rowFilters: Readonly<Record<string, string>>;
}

/** What lies beside the tables and has expressions or types that the server prints in a form of its own. */
export interface DatabaseObjects {
  /** Where the domains lie. */
  readonly schema: string;
  readonly domains: readonly ShapeDomain[];
  readonly publications: readonly ShapePublication[];
}

export interface DeclaredExtension {
  readonly name: string;
  readonly version?: string;
  readonly optional: boolean;
  readonly schema: string;
  /** Whether the schema was named, and not only left to the library. */
  readonly schemaGiven: boolean;
}

/** Undefined where nothing of the kind is declared, so that nothing is asked for it. */
export function objectsOf(declaration: Declaration): DatabaseObjects | undefined {
  const { name, domains = {}, publications = {} } = declaration;
  if (Object.keys(domains).length + Object.keys(publications).length === 0) return undefined;
  return {
    schema: homeSchema(name),
    domains: Object.entries(domains).map(([domain, { type, nullable = true, default: value, check, comment }]) => ({
      name: domain, type, notNull: !nullable, ...(value === undefined ? {} : { default: value }), ...(check === undefined ? {} : { check }), ...(comment === undefined ? {} : { comment }),
    })),
    publications: Object.entries(publications).map(([publication, { tables, operations, rowFilter = {} }]) => ({ name: publication, tables, operations, rowFilters: rowFilter })),
  };
}

export const extensionsOf = ({ extensions = {} }: Declaration): DeclaredExtension[] => Object.entries(extensions).map(([name, { version, optional = false, schema }]) => ({
  name, ...(version === undefined ? {} : { version }), optional, schema: schema ?? EXTENSION_SCHEMA, schemaGiven: schema !== undefined,
}));
