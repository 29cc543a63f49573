import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { count } from '../../core/text';
import { withRetry } from '../apply/retry';
import { ident, identList, qualified } from '../sql/quote';
import { keepAccessLog } from './access-log';
import { triggersIn } from './copy';
import { asMaintainer, digestOf, type Digests, digestsOf, ofTenant, type RowPlace, type RowTable, sameRows, type TableDigest, transaction, type Versions, versionsOf } from './rows';
import { endSessions } from './sessions';

/** A place of a tenant that is removed, or its rows in a place that it shares. */
export interface Removal {
  readonly client: Client;
  readonly place: RowPlace;
  readonly tables: readonly RowTable[];
  readonly tenantId: string;
  readonly owner: string;
  readonly maintainer: string;
  /** What is known of the rows: they were copied, or archived. Nothing else is removed; a table that is empty was removed before. */
  readonly known: Digests;
  /** The same as versions of rows, which this run saw in the snapshot that `known` is of. @default - none: rows are hashed */
  readonly seen?: Versions;
}

/** Rows that one statement deletes: few enough that others wait for none of them. */
const BATCH = 250;

const where = ({ place, tenantId }: Removal): string => (place.isolation === 'row' ? ofTenant(tenantId) : 'true');
const isKnown = (found: TableDigest, known: TableDigest | undefined): boolean => found.rows === 0 || sameRows(found, known);

/**
 * Looks whether the place holds what is known of it, and nothing else.
 *
 * @throws TenantryError (`refused`) that names the tables that do not: somebody wrote there behind the copy
 */
export async function refuseUnknownRows(removal: Removal): Promise<void> {
  const { client, place, tables, known, maintainer, tenantId } = removal;
  const there = await tablesIn(client, place, tables);
  const [looked, found] = await transaction(client, `begin isolation level repeatable read read only; ${asMaintainer(maintainer, tenantId)}`, async () => {
    const unsure: RowTable[] = [];
    for (const table of there) if (!(await isUntouched(removal, table, where(removal)))) unsure.push(table);
    return [unsure, await digestsOf(client, place.schema, unsure, where(removal), known)] as const;
  });
  const changed = looked.filter(({ name }) => !isKnown(found[name] as TableDigest, known[name]));
  if (changed.length > 0) throw writtenAround(place, changed.map(({ name }) => `${name} (${count(found[name]?.rows ?? 0, 'row')} now, ${known[name]?.rows ?? 0} then)`));
}

/** Whether nobody wrote to the table since this run looked at it. */
async function isUntouched({ client, place, seen }: Removal, table: RowTable, rows: string): Promise<boolean> {
  const before = seen?.get(table.name);
  return before !== undefined && (await versionsOf(client, place.schema, [table], rows)).get(table.name) === before;
}

/** @throws TenantryError (`refused`) where a table holds something else than what is known of it */
async function refuseUnknown(removal: Removal, table: RowTable, rows: string): Promise<void> {
  const { client, place, known } = removal;
  if (await isUntouched(removal, table, rows)) return;
  if (!isKnown(await digestOf(client, place.schema, table, rows, known[table.name]), known[table.name])) throw writtenAround(place, [table.name]);
}

/** Deletes the rows of a tenant from tables that it shares. */
export async function deleteRows(removal: Removal): Promise<void> {
  await emptyTables(removal);
  // What somebody wrote around tenants.with meanwhile was in no snapshot, and would stay behind unseen.
  const { client, place, tables, maintainer, tenantId } = removal;
  const left = await transaction(client, `begin read only; ${asMaintainer(maintainer, tenantId)}`, async () => {
    const found: string[] = [];
    for (const { name } of tables) if ((await client.query(`select from ${qualified(place.schema, name)} where ${ofTenant(tenantId)} limit 1`)).rowCount === 1) found.push(name);
    return found;
  });
  if (left.length > 0) throw writtenAround(place, left);
}

/** A table is emptied in one transaction, whose snapshot is the one that was compared; a row that was changed since breaks it off. */
async function emptyTables(removal: Removal): Promise<void> {
  const { client, place, tables, maintainer, tenantId } = removal;
  const begin = `begin isolation level repeatable read; ${asMaintainer(maintainer, tenantId)}`;
  const circle = tables.filter(({ open }) => open.length > 0);
  if (circle.length > 0 || (await triggersIn(client, place, tables)).length > 0) {
    // Rows in a circle hold one another, and triggers write into tables that were emptied before: all of them are emptied together.
    await withRetry(() => transaction(client, begin, async () => {
      for (const table of tables) await refuseUnknown(removal, table, ofTenant(tenantId));
      for (const { name, open } of circle) await client.query(`update ${qualified(place.schema, name)} set ${open.map((column) => `${ident(column)} = null`).join(', ')} where ${ofTenant(tenantId)}`);
      for (let round = 0, left = true; left && round <= tables.length; round++) {
        left = false;
        for (const table of [...tables].reverse()) if ((await inBatches(client, place, table, tenantId)) > 0) left = true;
      }
    }));
    return;
  }
  for (const table of [...tables].reverse()) {
    await withRetry(() => transaction(client, begin, async () => {
      await refuseUnknown(removal, table, ofTenant(tenantId));
      await inBatches(client, place, table, tenantId);
    }));
  }
}

/**
 * A cursor finds the rows once: a query for each batch would walk past all that are deleted already. Behind each batch there is a pause as long as the batch took,
 * so that a server with few processors has time for others.
 */
async function inBatches(client: Client, { schema }: RowPlace, { name, isRecursive }: RowTable, tenantId: string): Promise<number> {
  const table = qualified(schema, name);
  if (isRecursive) return (await client.query(`delete from ${table} where ${ofTenant(tenantId)}`)).rowCount ?? 0;
  await client.query(`declare leaving no scroll cursor for select ctid::text as at from ${table} where ${ofTenant(tenantId)}`);
  for (let deleted = 0; ;) {
    const started = performance.now();
    const { rows } = await client.query<{ at: string }>(`fetch ${BATCH} from leaving`);
    // In another partition the row at the same place may be another tenant's.
    if (rows.length > 0) deleted += (await client.query(`delete from ${table} where ctid = any($1::tid[]) and ${ofTenant(tenantId)}`, [rows.map(({ at }) => at)])).rowCount ?? 0;
    if (rows.length < BATCH) {
      await client.query('close leaving');
      return deleted;
    }
    await sleep(performance.now() - started);
  }
}

/** Drops a schema that is the tenant's alone, a table a transaction, so that few locks are held at a time. */
export async function dropSchema(removal: Removal): Promise<void> {
  const { client, place, tables, owner, maintainer, tenantId } = removal;
  await refuseOutsiders(client, place);
  for (const table of await tablesIn(client, place, [...tables].reverse())) {
    const name = qualified(place.schema, table.name);
    await withRetry(() => transaction(client, `begin; set local role ${ident(owner)}; lock table ${name} in access exclusive mode; ${asMaintainer(maintainer, tenantId)}`, async () => {
      await refuseUnknown(removal, table, 'true');
      await client.query(`set local role ${ident(owner)}; drop table ${name} cascade`);
    }));
  }
  await withRetry(() => transaction(client, `begin; set local role ${ident(owner)}`, () => client.query(`drop schema if exists ${ident(place.schema)} cascade`)));
}

/** Milliseconds that connections to a database have to end. */
const LEAVE = 30_000;

/**
 * Drops a database that is the tenant's alone. Nobody is let in any more before its rows are compared for the last time.
 *
 * @param maintenance - a connection to another database
 * @param home - one to the home database, which keeps the log of who entered the tenant
 * @param logins - the tenant's own: nobody works as one of them here any more, and their sessions are ended where the bootstrap login may
 * @param patience - milliseconds that the others have to end
 */
export async function dropDatabase(removal: Removal, maintenance: Client, home: Client, logins: readonly string[], patience = LEAVE): Promise<void> {
  const { client, place: { database }, owner } = removal;
  const { rows: [me] } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const asOwner = async (sql: string): Promise<void> => {
    await maintenance.query(`set role ${ident(owner)}`);
    await withRetry(() => maintenance.query(sql)).finally(() => maintenance.query('reset role').catch(() => undefined));
  };
  await asOwner(`alter database ${ident(database)} allow_connections false`);
  try {
    await untilAlone(maintenance, database, me?.pid ?? 0, logins, patience);
    await refuseUnknownRows(removal);
    await keepAccessLog(client, home, owner);
  } catch (error) {
    await asOwner(`alter database ${ident(database)} allow_connections true`);
    throw error;
  }
  await client.end();
  await asOwner(`drop database if exists ${ident(database)}`);
}

async function untilAlone(maintenance: Client, database: string, pid: number, logins: readonly string[], patience: number): Promise<void> {
  for (const until = Date.now() + patience; ; await sleep(100)) {
    await endSessions(maintenance, logins, database);
    // What kind of process it is, the server hides of logins that are not ours. Its own processes have no user.
    const { rows } = await maintenance.query<{ pid: number; usename: string | null; application: string | null }>(
      'select pid, usename, application_name as application from pg_catalog.pg_stat_activity where datname = $1 and pid <> $2 and usesysid is not null order by pid limit 5', [database, pid]);
    if (rows.length === 0) return;
    if (Date.now() < until) continue;
    throw new TenantryError('failed', {
      code: 'tenant/connected', at: `database ${database}`,
      problem: `The database cannot be dropped: after ${patience / 1000} s there are still connections to it, of ${rows.map(({ pid: of, usename, application }) => `process ${of} (${usename ?? 'unknown'}${application === null || application === '' ? '' : `, ${application}`})`).join(', ')}.`,
      fix: 'End them, or the programs that hold them, and run the command again: it goes on from here. A pooler keeps idle connections: let it close them (PgBouncer: KILL and RESUME, or server_idle_timeout), or make the bootstrap login a member of pg_signal_backend, so that those of the tenant\'s own logins are ended.',
    });
  }
}

/** Tables of ours that are there still. */
export async function tablesIn(client: Client, { schema }: RowPlace, tables: readonly RowTable[]): Promise<RowTable[]> {
  const { rows } = await client.query<{ name: string }>(`select c.relname::text as name from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind in ('r', 'p')`, [schema]);
  const there = new Set(rows.map(({ name }) => name));
  return tables.filter(({ name }) => there.has(name));
}

/** Views and foreign keys of other schemas would go with the tables that they rest on. */
async function refuseOutsiders(client: Client, { database, schema }: RowPlace): Promise<void> {
  const { rows } = await client.query<{ name: string }>(`
    select distinct n.nspname || '.' || o.relname as name
      from pg_catalog.pg_class t join pg_catalog.pg_namespace s on s.oid = t.relnamespace and s.nspname = $1
      join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = t.oid
      left join pg_catalog.pg_rewrite w on d.classid = 'pg_catalog.pg_rewrite'::regclass and w.oid = d.objid
      left join pg_catalog.pg_constraint k on d.classid = 'pg_catalog.pg_constraint'::regclass and k.oid = d.objid
      left join pg_catalog.pg_policy p on d.classid = 'pg_catalog.pg_policy'::regclass and p.oid = d.objid
      join pg_catalog.pg_class o on o.oid = coalesce(w.ev_class, k.conrelid, p.polrelid) join pg_catalog.pg_namespace n on n.oid = o.relnamespace
     where n.nspname <> $1 order by 1`, [schema]);
  if (rows.length === 0) return;
  throw new TenantryError('refused', {
    code: 'tenant/outside', at: `${database}.${schema}`, problem: `Relations of other schemas rest on tables of ${schema}, and would go with them: ${rows.map(({ name }) => name).join(', ')}. Nothing more was removed.`,
    fix: 'Drop them, or take them away from those tables, and run the command again: it goes on from here.',
  });
}

/** Drops roles that nothing wants any more. Those that are gone already are passed over. */
export async function dropRoles(maintenance: Client, roles: readonly string[], marker: string): Promise<string[]> {
  const { rows } = await maintenance.query<{ name: string }>(
    `select rolname::text as name from pg_catalog.pg_roles r join pg_catalog.pg_shdescription d on d.objoid = r.oid and d.classoid = 'pg_catalog.pg_authid'::regclass where rolname = any($1) and d.description = $2 order by 1`, [roles, marker]);
  const names = rows.map(({ name }) => name);
  if (names.length > 0) {
    await withRetry(() => maintenance.query(`drop role ${identList(names)}`)).catch((error: Error & { code?: string; detail?: string }) => Promise.reject(error.code === '2BP01' ? stillHeld(names, error) : error));
  }
  return names;
}

const stillHeld = (roles: readonly string[], error: Error & { detail?: string }): TenantryError => new TenantryError('failed', {
  code: 'tenant/roles', at: roles.join(', '), problem: `The roles cannot be dropped, because they hold something that nobody declared: ${error.detail ?? error.message}.`,
  fix: 'Take it from them (drop owned by ROLE, in the database that is named), and run the command again: it goes on from here.',
}, { cause: error });

const writtenAround = ({ database, schema }: RowPlace, tables: readonly string[]): TenantryError => new TenantryError('refused', {
  code: 'tenant/written-around', at: `${database}.${schema}`,
  problem: `These tables do not hold what was copied, although the tenant is not served there: ${tables.join(', ')}. Somebody wrote around tenants.with. Their rows were not removed.`,
  fix: 'Bring what was written to where it belongs, take it back here, and run the command again: it goes on from here.',
});

