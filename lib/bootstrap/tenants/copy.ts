import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { TenantryError } from '../../core/errors';
import { ident, identList, qualified } from '../sql/quote';
import { copyOut } from './copy-out';
import { asMaintainer, type Digests, digestsOf, ofTenant, type RowPlace, type RowTable, sameRows, transaction } from './rows';

export interface Copy {
  readonly from: { readonly client: Client; readonly place: RowPlace };
  readonly to: { readonly client: Client; readonly place: RowPlace };
  readonly tables: readonly RowTable[];
  readonly tenantId: string;
  readonly owner: string;
  readonly maintainer: string;
  /** Writes down what will be there, before it is. */
  readonly record: (digests: Digests) => Promise<void>;
}

const SNAPSHOT = 'begin isolation level repeatable read';

/**
 * Copies all rows of a tenant to its new place, in one transaction there, and compares both sides before it ends: either everything is there,
 * and equal, or nothing.
 */
export async function copyRows(copy: Copy): Promise<Digests> {
  const { from, to, tables, tenantId, maintainer } = copy;
  const where = ofTenant(tenantId);
  const as = asMaintainer(maintainer, tenantId);
  const begin = `${SNAPSHOT}; ${as}`;
  const work = async (insert: (table: RowTable) => Promise<void>, fill: (table: RowTable) => Promise<void>): Promise<Digests> => {
    const wake = await triggersAsleep(to.client, to.place, tables, copy, as);
    for (const table of tables) await insert(table);
    for (const table of tables) if (table.open.length > 0) await fill(table);
    await wake();
    const [before, after] = [await digestsOf(from.client, from.place.schema, tables, where), await digestsOf(to.client, to.place.schema, tables, where)];
    for (const { name } of tables) if (!sameRows(before[name], after[name])) throw differs(from.place, to.place, name, before[name]?.rows ?? 0, after[name]?.rows ?? 0);
    await copy.record(after);
    return after;
  };
  if (from.client === to.client) {
    return transaction(to.client, begin, () => work(
      async (table) => void await to.client.query(insertInto(to.place, table, qualified(from.place.schema, table.name), where)),
      async (table) => void await to.client.query(fillOpen(to.place, table, qualified(from.place.schema, table.name), where)),
    ));
  }
  const kept = (table: RowTable): string => `pg_temp.${ident(`tenantry_copy_${tables.indexOf(table)}`)}`;
  return transaction(from.client, `${SNAPSHOT} read only; ${as}`, () => transaction(to.client, begin, () => work(
    async (table) => {
      // COPY cannot write into a table with row-level security.
      await to.client.query(`create temporary table ${ident(`tenantry_copy_${tables.indexOf(table)}`)} on commit drop as select ${identList(table.columns)} from ${qualified(to.place.schema, table.name)} with no data`);
      await copyOut(
        from.client, `copy (select ${identList(table.columns)} from ${qualified(from.place.schema, table.name)} where ${where}) to stdout`,
        to.client.query(copyFrom(`copy ${kept(table)} (${identList(table.columns)}) from stdin`)),
      );
      await to.client.query(insertInto(to.place, table, kept(table), where));
      if (table.open.length === 0) await to.client.query(`drop table ${kept(table)}`);
    },
    async (table) => void await to.client.query(fillOpen(to.place, table, kept(table), where)),
  )));
}

const insertInto = ({ schema }: RowPlace, { name, columns, open }: RowTable, source: string, where: string): string =>
  `insert into ${qualified(schema, name)} (${identList(columns)}) select ${columns.map((column) => (open.includes(column) ? 'null' : ident(column))).join(', ')} from ${source} where ${where}`;

const fillOpen = ({ schema }: RowPlace, { name, key, open }: RowTable, source: string, where: string): string =>
  `update ${qualified(schema, name)} t set ${open.map((column) => `${ident(column)} = s.${ident(column)}`).join(', ')} from ${source} s
    where ${key.map((column) => `t.${ident(column)} = s.${ident(column)}`).join(' and ')} and s.${where} and t.${where}`;

/** Triggers of the declaration have run when the rows were written first. In a place of the tenant's own they sleep, for this transaction. */
async function triggersAsleep(client: Client, place: RowPlace, tables: readonly RowTable[], { owner }: Pick<Copy, 'owner'>, as: string): Promise<() => Promise<void>> {
  if (place.isolation === 'row') return () => Promise.resolve();
  const triggers = await triggersIn(client, place, tables);
  if (triggers.length === 0) return () => Promise.resolve();
  const alter = async (how: (enabled: string) => string): Promise<void> => {
    await client.query(`set local role ${ident(owner)}`);
    for (const { table, name, enabled } of triggers) await client.query(`alter table ${qualified(place.schema, table)} ${how(enabled)} trigger ${ident(name)}`);
    await client.query(as);
  };
  await alter(() => 'disable');
  return async () => {
    // Constraints that were put off would be checked with the triggers, and keep them from waking.
    await client.query('set constraints all immediate');
    await alter((enabled) => (enabled === 'A' ? 'enable always' : enabled === 'R' ? 'enable replica' : 'enable'));
  };
}

/** Triggers that run when a row is written, but for those of the library. */
export async function triggersIn(client: Client, { schema }: RowPlace, tables: readonly RowTable[]): Promise<{ table: string; name: string; enabled: string }[]> {
  const { rows } = await client.query(
    `select c.relname::text as table, t.tgname::text as name, t.tgenabled::text as enabled from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = any($2) and not t.tgisinternal and t.tgenabled <> 'D' and t.tgname not like 'tenantry\\_%' order by 1, 2`, [schema, tables.map(({ name }) => name)]);
  return rows;
}

const differs = (from: RowPlace, to: RowPlace, table: string, before: number, after: number): TenantryError => new TenantryError('failed', {
  code: 'move/different', at: `${to.database}.${to.schema}.${table}`,
  problem: `The rows of table ${table} are not the same behind the copy: ${before} in ${from.database}.${from.schema}, ${after} in ${to.database}.${to.schema}. The copy was taken back; the old place is as it was.`,
  fix: 'Look for what changes rows while they are written: a trigger, a rule, or a default in place of null. Then run the command again.',
});
