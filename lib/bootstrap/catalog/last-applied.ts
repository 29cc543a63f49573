import type { Client } from 'pg';
import { LIBRARY_SCHEMA, ownerRole } from '../../declaration/names';
import { parseDeclaration } from '../../declaration/parse';
import type { Declaration } from '../../declaration/schema';
import { parseTenants, type Tenants } from '../../declaration/tenants';
import type { LoadedManifest } from '../../manifest/read';
import type { Difference, Refusal } from '../plan/difference';
import { ident } from '../sql/quote';
import { VERSION } from '../version';

const TABLE = 'applied_state';

/** What the last apply that ended well had to bring about. */
export interface AppliedState {
  readonly declaration: Declaration;
  readonly tenants: Tenants;
  /** What it refused, by `identityOfRefusal`: that is not as declared either, and nobody changed it since. */
  readonly refused: ReadonlySet<string>;
}

/**
 * Reads it. Undefined where none is written down, and where another version of this library did: what it wanted of the same declaration
 * could be something else.
 */
export async function readAppliedState(home: Client, libraryTables: readonly string[]): Promise<AppliedState | undefined> {
  if (!libraryTables.includes(TABLE)) return undefined;
  const { rows: [row] } = await home.query<{ declaration: unknown; tenants: unknown; refused: string[] }>(
    `select declaration, tenants, refused from ${LIBRARY_SCHEMA}.${TABLE} where library_version = $1 order by generation desc limit 1`, [VERSION]);
  if (row === undefined) return undefined;
  try {
    return { declaration: parseDeclaration(typeof row.declaration === 'string' ? JSON.parse(row.declaration) : row.declaration), tenants: parseTenants(row.tenants), refused: new Set(row.refused) };
  } catch {
    return undefined;
  }
}

/** Writes it down, in place of what stood there. */
export async function recordAppliedState(home: Client, generation: number, { manifest }: LoadedManifest, differences: readonly Difference[]): Promise<void> {
  const { declaration, tenants } = manifest;
  const refused = differences.filter((difference): difference is Refusal => difference.type === 'refusal').map(identityOfRefusal);
  await home.query(`set role ${ident(ownerRole(declaration.name))}`);
  try {
    await home.query(
      `with former as (delete from ${LIBRARY_SCHEMA}.${TABLE} where generation < $1)
       insert into ${LIBRARY_SCHEMA}.${TABLE} (generation, library_version, declaration, tenants, refused) values ($1, $2, $3, $4, $5)`,
      // As a text within: tables, columns and roles stay in their order then, in which canonical forms are found again.
      [generation, VERSION, JSON.stringify(JSON.stringify(declaration)), JSON.stringify(tenants), JSON.stringify(refused)]);
  } finally {
    await home.query('reset role').catch(() => undefined);
  }
}

export const identityOfRefusal = ({ code, target, place, summary }: Refusal): string => JSON.stringify([code, target, place ?? null, summary]);
