import { ident, identList, qualified } from '../sql/quote';
import type { ShapeIndex, ShapeTable } from '../model/shape';
import type { Difference } from '../plan/difference';
import { isExclusive } from './exclusive-words';
import { at, change, finding, inPlaces, kind, onceFor, tableKey, type TableTarget } from './kind';
import { notOfAnotherTable } from './not-of-another-table';
import { attachedParts, buildOnPartitions } from './partitioned-index';

interface LiveIndex {
  readonly unique: boolean;
  readonly valid: boolean;
  readonly columns: readonly (string | null)[];
  readonly where: string | null;
  readonly method: string;
  /** Ascending, by the types' own operators and the columns' own collations, null values differ, and all columns are of the key. */
  readonly plain: boolean;
  /** Of a partitioned table where it is not complete: the partitions that have their part. @default - it is complete, or of no partitioned table */
  readonly attached: readonly string[] | null;
}

/** Indexes that back no constraint. On a table that is in use they are built concurrently; one that a broken build left behind is replaced. */
export const index = kind<'table', ShapeIndex, LiveIndex>({
  name: 'index',
  level: 'table',
  compares: ['presence', 'strangers', 'unique', 'valid', 'columns', 'condition', 'method', 'order', 'operator classes', 'collations', 'nulls not distinct', 'included columns'],
  query: {
    text: inPlaces(['table', 'name', 'unique', 'valid', 'method', 'columns', 'where', 'plain', 'attached'], `select n.nspname::text as schema, c.relname as "table", i.relname as name, x.indisunique as "unique", x.indisvalid and x.indisready as valid, m.amname as method,
                  array(select (select a.attname::text from pg_catalog.pg_attribute a where a.attrelid = x.indrelid and a.attnum = k.attnum) from unnest(x.indkey::int2[]) with ordinality k(attnum, i) order by k.i) as columns,
                  pg_get_expr(x.indpred, x.indrelid) as "where",
                  x.indnatts = x.indnkeyatts and not x.indnullsnotdistinct and 0 = all (x.indoption::int2[])
                    and not x.indclass::oid[] && array(select p.oid from pg_catalog.pg_opclass p where not p.opcdefault)
                    and not exists (select from unnest(x.indkey::int2[], x.indcollation::oid[]) k(attnum, collation_)
                                     where k.collation_ <> (select a.attcollation from pg_catalog.pg_attribute a where a.attrelid = x.indrelid and a.attnum = k.attnum)) as plain,
                  ${attachedParts('x.indexrelid', 'c.relkind')} as attached
             from pg_catalog.pg_index x join pg_catalog.pg_class i on i.oid = x.indexrelid join pg_catalog.pg_am m on m.oid = i.relam
             join pg_catalog.pg_class c on c.oid = x.indrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where n.nspname = any($1) and c.relkind in ('r', 'p')
              and not exists (select from pg_catalog.pg_constraint o where o.conindid = x.indexrelid and o.contype in ('p', 'u', 'x'))`),
    values: (scope) => [scope.schemas],
  },
  read: ({ schema, table, name, ...have }) => ({ container: tableKey(schema, table), key: name, have: have as LiveIndex }),
  wants: ({ table }) => indexesOf(table),
  compare(target, name, want, have): Difference[] {
    const where = { ...at(target.place), kind: 'index' };
    const { table } = target;
    if (want === undefined) {
      // A unique index that is being turned into a key by the constraint kind, or what a broken build of one left.
      if (table.keys.some((key) => key.name === name)) return [];
      if (isExclusive(target.place, 'index')) return [];
      return [finding({ ...where, code: have?.valid === false ? 'index/invalid' : 'index/undeclared', summary: `index ${name} on ${table.name} is ${have?.valid === false ? 'invalid and ' : ''}not declared` })];
    }
    if (have === undefined) return build(target, want, 'declared, not there');
    const broken = 'it is invalid: its build did not end';
    const equal = have.unique === want.unique && have.method === 'btree' && have.plain && have.where === (want.where ?? null)
      && have.columns.length === want.columns.length && want.columns.every((column, i) => have.columns[i] === column);
    const rest = have.attached === null || !equal ? [] : onPartitions(target, want, broken, have.attached);
    if (rest.length > 0) return rest;
    if (!have.valid) return build(target, want, broken, true);
    return equal ? [] : build(target, want, 'it says something else than declared', true);
  },
});

const indexesOf = onceFor((table: ShapeTable): ReadonlyMap<string, ShapeIndex> => new Map(table.indexes.map((shape) => [shape.name, shape])));

function build(target: TableTarget, want: ShapeIndex, reason: string, replace = false): Difference[] {
  const { place, table, isNew } = target;
  const definition = `${ident(want.name)} on ${qualified(place.schema, table.name)} (${identList(want.columns)})${want.where === undefined ? '' : ` where ${want.where}`}`;
  const create = `create ${want.unique ? 'unique ' : ''}index`;
  const fields = { ...at(place), kind: 'index', action: 'create', reason, summary: `${replace ? 'rebuild' : 'create'} index ${want.name} on ${table.name}` } as const;
  if (isNew) return [change({ ...fields, lock: 'Share', sql: `${create} ${definition}` })];
  if (target.partitions !== undefined) return onPartitions(target, want, reason, undefined, replace);
  // Also in front of a first build: one that was interrupted left an invalid index, which the next try would run into.
  const drop = `drop index concurrently if exists ${qualified(place.schema, want.name)}`;
  return [change({ ...fields, stage: 'outside', lock: 'ShareUpdateExclusive', hazard: 'scan', sql: [notOfAnotherTable({ place, table }, want.name), drop, `${create} concurrently ${definition}`] })];
}

/** @param attached - the partitions that have their part of it already */
function onPartitions(target: TableTarget, want: ShapeIndex, reason: string, attached?: readonly string[], replace = false): Difference[] {
  const { place, table } = target;
  const summary = `${replace ? 'rebuild' : 'create'} index ${want.name} on ${table.name}`;
  return [
    ...(replace ? [change({ ...at(place), kind: 'index', action: 'drop', stage: 'outside', lock: 'AccessExclusive', reason, summary: `drop index ${want.name} on ${table.name}`, sql: [notOfAnotherTable(target, want.name), `drop index if exists ${qualified(place.schema, want.name)}`] })] : []),
    ...buildOnPartitions(target, want, { kind: 'index', reason, summary }, attached),
  ];
}
