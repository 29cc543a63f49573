import type { Client } from 'pg';
import type { Declaration } from '../../declaration/schema';
import { contextOf } from '../../declaration/tenant-context';
import { canonicalise, type CanonicalForms, formsDigest, type KnownForms } from '../model/canonical';
import { readDefinitions, withDefinitions } from '../model/definition-syntax';
import { objectsOf } from '../model/objects';
import { shapeOf, type ShapeTable } from '../model/shape';
import { floorFor } from '../model/tenant-context';
import type { Library } from './library';

/** A declaration in the server's own words. */
export interface DeclaredForms {
  readonly forms: CanonicalForms;
  /** With the declared rows: those are data, and no form. */
  readonly tables: readonly ShapeTable[];
  readonly digest: string;
  /** Whether the ledger holds them already. */
  readonly isStored: boolean;
}

export interface FormsFrom {
  readonly library: Library;
  /** Asked for what is not known. */
  readonly client: Client;
  readonly versionNumber: number;
}

/**
 * Forms come from the ledger. Those of a declaration that is new are asked for, as far as it says something else than the one that was applied last.
 *
 * @throws TenantryError (`input`) when the server does not accept an expression
 */
export async function formsOf(from: FormsFrom, declaration: Declaration, before?: Declaration): Promise<DeclaredForms> {
  const { shape, floor, objects, digest } = written(declaration);
  const stored = await from.library.forms(from.versionNumber, digest);
  const known = stored !== undefined || before === undefined ? undefined : await knownFrom(from, before);
  if (stored === undefined) await readDefinitions(from.client, declaration);
  const forms = stored ?? await canonicalise(from.client, shape, objects, floor, known);
  return { forms, digest, isStored: stored !== undefined, tables: forms.tables.map((table, i) => ({ ...table, rows: shape[i]?.rows ?? [] })) };
}

async function knownFrom({ library, versionNumber }: FormsFrom, before: Declaration): Promise<KnownForms | undefined> {
  const { shape, floor, objects, digest } = written(before);
  const forms = await library.forms(versionNumber, digest);
  return forms === undefined ? undefined : { shape, floor, forms, withObjects: objects !== undefined };
}

function written(declaration: Declaration) {
  const shape = shapeOf(declaration);
  const floor = floorFor(contextOf(declaration));
  const objects = objectsOf(declaration);
  return { shape, floor, objects, digest: withDefinitions(formsDigest(shape, objects, floor), declaration) };
}
