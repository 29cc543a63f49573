import { ident, identList, literal, qualified } from '../sql/quote';
import type { ShapeIndex, ShapeTable } from '../model/shape';
import type { Difference } from '../plan/difference';
import { isExclusive } from './exclusive-words';
import { at, change, finding, inPlaces, kind, onceFor, tableKey, type TableTarget } from './kind';

interface LiveIndex {
  readonly unique: boolean;
  readonly valid: boolean;
  readonly columns: readonly (string | null)[];
  readonly where: string | null;
  readonly method: string;
  /** Ascending, by the types' own operators and the columns' own collations, null values differ, and all columns are of the key. */
  readonly plain: boolean;
}

/** Indexes that back no constraint. On a table that is in use they are built concurrently; one that a broken build left behind is replaced. */
export const index = kind<'table', ShapeIndex, LiveIndex>({
  name: 'index',
  level: 'table',
  compares: ['presence', 'strangers', 'unique', 'valid', 'columns', 'condition', 'method', 'order', 'operator classes', 'collations', 'nulls not distinct', 'included columns'],
  query: {
    text: inPlaces(['table', 'name', 'unique', 'valid', 'method', 'columns', 'where', 'plain'], `select n.nspname::text as schema, c.relname as "table", i.relname as name, x.indisunique as "unique", x.indisvalid and x.indisready as valid, m.amname as method,
                  array(select (select a.attname::text from pg_catalog.pg_attribute a where a.attrelid = x.indrelid and a.attnum = k.attnum) from unnest(x.indkey::int2[]) with ordinality k(attnum, i) order by k.i) as columns,
                  pg_get_expr(x.indpred, x.indrelid) as "where",
                  x.indnatts = x.indnkeyatts and not x.indnullsnotdistinct and 0 = all (x.indoption::int2[])
                    and not x.indclass::oid[] && array(select p.oid from pg_catalog.pg_opclass p where not p.opcdefault)
                    and not exists (select from unnest(x.indkey::int2[], x.indcollation::oid[]) k(attnum, collation_)
                                     where k.collation_ <> (select a.attcollation from pg_catalog.pg_attribute a where a.attrelid = x.indrelid and a.attnum = k.attnum)) as plain
             from pg_catalog.pg_index x join pg_catalog.pg_class i on i.oid = x.indexrelid join pg_catalog.pg_am m on m.oid = i.relam
             join pg_catalog.pg_class c on c.oid = x.indrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where n.nspname = any($1) and c.relkind = 'r'
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
    if (have === undefined) return [build(target, want, 'declared, not there')];
    if (!have.valid) return [build(target, want, 'it is invalid: its build did not end', true)];
    const equal = have.unique === want.unique && have.method === 'btree' && have.plain && have.where === (want.where ?? null)
      && have.columns.length === want.columns.length && want.columns.every((column, i) => have.columns[i] === column);
    return equal ? [] : [build(target, want, 'it says something else than declared', true)];
  },
});

const indexesOf = onceFor((table: ShapeTable): ReadonlyMap<string, ShapeIndex> => new Map(table.indexes.map((shape) => [shape.name, shape])));

function build({ place, table, isNew }: TableTarget, want: ShapeIndex, reason: string, replace = false): Difference {
  const definition = `${ident(want.name)} on ${qualified(place.schema, table.name)} (${identList(want.columns)})${want.where === undefined ? '' : ` where ${want.where}`}`;
  const create = `create ${want.unique ? 'unique ' : ''}index`;
  const fields = { ...at(place), kind: 'index', action: 'create', reason, summary: `${replace ? 'rebuild' : 'create'} index ${want.name} on ${table.name}` } as const;
  if (isNew) return change({ ...fields, lock: 'Share', sql: `${create} ${definition}` });
  // Also in front of a first build: one that was interrupted left an invalid index, which the next try would run into.
  const drop = `drop index concurrently if exists ${qualified(place.schema, want.name)}`;
  return change({ ...fields, stage: 'outside', lock: 'ShareUpdateExclusive', hazard: 'scan', sql: [notOfAnotherTable({ place, table }, want.name), drop, `${create} concurrently ${definition}`] });
}

/** Fails when the name is that of an index of somebody else's table, which the next statement would drop. */
export function notOfAnotherTable({ place, table }: Pick<TableTarget, 'place' | 'table'>, index: string): string {
  const name = literal(qualified(place.schema, index));
  return `do $tenantry$ begin if exists (select from pg_catalog.pg_index where indexrelid = to_regclass(${name}) and indrelid <> ${literal(qualified(place.schema, table.name))}::regclass) then `
    + `raise exception 'index % belongs to another table; rename it', ${name} using errcode = '42P07'; end if; end $tenantry$`;
}
