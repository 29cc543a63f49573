import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { TENANT_ID } from '../../declaration/names';
import type { Isolation } from '../../declaration/types';
import type { Situation } from '../catalog/situation';
import { ident, literal, qualified } from '../sql/quote';
import type { Archive } from './archive-files';
import { asMaintainer, transaction } from './rows';

export const CERTIFICATE_FORMAT = 'tenantry/certificate@1';

/** What was removed of one table. */
export interface RemovedRows {
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  readonly rows: number;
}

/** Where was looked for rows of the tenant's id after the removal, and what was found. */
export interface Search {
  readonly at: string;
  readonly databases: readonly string[];
  readonly tables: number;
  readonly found: readonly RemovedRows[];
}

/** Says what was removed of a tenant, what was checked, and what was not. It holds no row and no name of a person, but for who ran the command. */
export interface Certificate {
  readonly format: typeof CERTIFICATE_FORMAT;
  readonly platform: string;
  readonly environment: string;
  readonly declaration: string;
  readonly tenant: string;
  readonly tenantId: string;
  readonly isolation: Isolation;
  /** In `tenantry.tenant_operations`. */
  readonly operation: string;
  readonly by: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly serverVersion: string;
  readonly libraryVersion: string;
  /** Null where it was asked for none. */
  readonly archive: (Pick<Archive, 'takenAt' | 'tables'> & { readonly folder: string }) | null;
  readonly removed: {
    readonly rows: readonly RemovedRows[];
    readonly schemas: readonly string[];
    readonly databases: readonly string[];
    readonly roles: readonly string[];
  };
  readonly searched: Search;
  /** Keys that were destroyed, so that copies cannot be read any more. */
  readonly keys: { readonly shredded: 'none'; readonly reason: string };
  readonly kept: readonly string[];
  readonly notCovered: readonly string[];
}

export const KEYS: Certificate['keys'] = { shredded: 'none', reason: 'The tenant had no encryption key of its own.' };

/** What stays, on purpose. */
export const KEPT: readonly string[] = [
  'The key and the id of the tenant in the registry (tenantry.tenants, tenantry.tenant_ids), so that nobody else is given them, until tenantry tenant forget.',
  'What was done with the tenant, when and by whom (tenantry.tenant_operations), with counts of rows and this certificate.',
];

export const NOT_COVERED: readonly string[] = [
  'Backups, snapshots and archived write-ahead log from before, until they expire.',
  'Pages of deleted rows on the disk and on replicas, until vacuum and replay have passed them.',
  'Logs and audit trails of the server, of poolers and of applications.',
  'Subscribers of publications, foreign tables and whatever else had copied rows out of these databases.',
  'The archive, where one was taken, and secrets and password files of its logins.',
];

/** Tables that one statement looks into: few enough that their locks are no burden. */
const AT_ONCE = 100;

/** Looks for rows of the tenant in every table of tenants, in every place of every database. */
export async function search(situation: Situation, maintainer: string, tenantId: string): Promise<Search> {
  const found: RemovedRows[] = [];
  let tables = 0;
  const databases = situation.databases.filter(({ name }) => situation.connections.has(name));
  for (const { name: database, places } of databases) {
    const client = situation.connections.get(database) as Client;
    const { rows: there } = await client.query<{ schema: string; table: string; readable: boolean }>(
      `select n.nspname::text as schema, c.relname::text as table, has_table_privilege($3, c.oid, 'select') as readable from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = any($1) and c.relkind = 'r' and exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = $2 and not a.attisdropped) order by 1, 2`,
      [places.filter(({ kind }) => kind !== 'library').map(({ schema }) => schema), TENANT_ID, maintainer]);
    const unread = there.filter(({ readable }) => !readable);
    if (unread.length > 0) throw notSearched(database, unread.map(({ schema, table }) => `${database}.${schema}.${table}`), maintainer);
    tables += there.length;
    for (let at = 0; at < there.length; at += AT_ONCE) {
      const some = there.slice(at, at + AT_ONCE);
      const rows = await transaction(client, `begin read only; ${asMaintainer(maintainer, tenantId)}`, async () => (await client.query<{ n: number; rows: string }>(
        some.map(({ schema, table }, n) => `select ${n} as n, count(*) as rows from ${qualified(schema, table)} where ${ident(TENANT_ID)} = ${literal(tenantId)} having count(*) > 0`).join(' union all '))).rows);
      for (const { n, rows: count } of rows) found.push({ database, schema: some[n]?.schema ?? '', table: some[n]?.table ?? '', rows: Number(count) });
    }
  }
  return { at: new Date().toISOString(), databases: databases.map(({ name }) => name), tables, found };
}

const notSearched = (database: string, tables: readonly string[], maintainer: string): TenantryError => new TenantryError('refused', {
  code: 'offboard/not-searched', at: `database ${database}`, problem: `Tables that nobody declared have a column ${TENANT_ID}, and cannot be searched for rows of the tenant: ${tables.join(', ')}. The tenant itself is removed.`,
  fix: `As their owner: grant select on … to ${ident(maintainer)}; or take them away. Then run the command again: it goes on from here.`,
});
