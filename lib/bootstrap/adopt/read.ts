import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { listOf, nearest } from '../../core/text';
import { connect, type ServerAccess } from '../connect/server-access';
import { QUERIES } from './catalog-queries';
import type { ExistingDatabase } from './existing';

const OLDEST = 150_000;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Reads the catalog of one database in one snapshot: one query a subject, in a transaction that cannot write. No row of a table is read.
 *
 * @throws TenantryError (`input`) when there is no such schema; (`refused`) when the server is too old; (`failed`) when a table is locked
 */
export async function readExisting(access: ServerAccess, database: string, schemas: readonly string[]): Promise<ExistingDatabase> {
  const client = await connect(access, database, 'tenantry adopt');
  try {
    // Names outside pg_catalog are printed with their schema then. Sizes need a lock that only ACCESS EXCLUSIVE keeps back.
    await client.query("begin isolation level repeatable read read only; set local search_path = pg_catalog; set local timezone = 'UTC'; set local datestyle = 'ISO, MDY'; set local lock_timeout = '5s'; set local statement_timeout = '2min'");
    const existing = await read(client, database, schemas);
    await client.query('rollback');
    return existing;
  } catch (error) {
    if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
    throw new TenantryError('failed', { code: 'adopt/locked', at: `database ${database}`, problem: 'The catalog could not be read: somebody holds an exclusive lock on a table.', fix: 'Wait until that transaction ends, and try again.' }, { cause: error });
  } finally {
    await client.end();
  }
}

async function read(client: Client, database: string, schemas: readonly string[]): Promise<ExistingDatabase> {
  const { rows: [version] } = await client.query("select current_setting('server_version_num')::int as number, current_setting('server_version') as text");
  if (version.number < OLDEST) {
    throw new TenantryError('refused', { code: 'connect/version', problem: `The server is PostgreSQL ${version.text}; 15 or later is needed.`, fix: 'Upgrade the server, or restore a dump on a newer one and ask there.' });
  }
  const all: Record<string, unknown[]> = {};
  for (const [subject, text] of Object.entries(QUERIES)) all[subject] = (await client.query(text, [[...schemas]])).rows;
  const { database: [{ schemaNames, ...facts }] } = all as unknown as { database: [{ schemaNames: string[] }] };
  const found = (all as unknown as ExistingDatabase).schemas.map(({ name }) => name);
  const missing = schemas.filter((name) => !found.includes(name));
  if (missing.length > 0) {
    const near = nearest(missing[0] ?? '', schemaNames);
    throw new TenantryError('input', {
      code: 'adopt/schema', at: '--schema', problem: `There is no schema ${listOf(missing.map((name) => JSON.stringify(name)))} in database ${database}; it has ${listOf(schemaNames)}.`,
      fix: near === undefined ? 'Name the schemas that hold the tables: --schema NAME, once for each.' : `Did you mean --schema ${near}?`,
    });
  }
  return { ...all, ...facts } as unknown as ExistingDatabase;
}
