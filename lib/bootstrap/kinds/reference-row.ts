import { ident, identList, literal, qualified } from '../sql/quote';
import type { ShapeTable } from '../model/shape';
import type { Difference } from '../plan/difference';
import { at, change, type DatabaseScope, kind, type LiveCatalog, NO_WANTS, tableKey } from './kind';

const KEY = 'rows';

/** The declared rows of reference tables. Rows are inserted and updated by primary key; a row that is not declared stays. */
export const referenceRow = kind<'table', ShapeTable, number>({
  name: 'reference row',
  level: 'table',
  compares: ['presence', 'values'],
  query: { text: (scope, live) => differing(scope, live), values: () => [] },
  read: ({ schema, table, missing }) => ({ container: tableKey(schema, table), key: KEY, have: missing }),
  wants: ({ table }) => (table.rows.length === 0 ? NO_WANTS : new Map([[KEY, table]])),
  compare({ place, table }, _key, want, have): Difference[] {
    if (want === undefined || have === 0) return [];
    const n = have ?? table.rows.length;
    return [change({
      ...at(place), kind: 'reference row', action: 'load', summary: `load ${n} of ${table.rows.length} rows of ${table.name}`, reason: have === undefined ? 'the table is new' : 'they differ',
      sql: load(place.schema, table),
    })];
  },
});

/** Counts, for each reference table that is there with all declared columns, the declared rows that it does not hold. */
function differing({ plan }: DatabaseScope, live: LiveCatalog): string | undefined {
  const queries = plan.places.flatMap((place) => place.tables.filter((table) => table.rows.length > 0).flatMap((table) => {
    const columns = live.get('column')?.get(tableKey(place.schema, table.name));
    if (columns === undefined || columnsOf(table).some((column) => !columns.has(column))) return [];
    const name = qualified(place.schema, table.name);
    const conditions = columnsOf(table).map((column) => `(not e.row ? ${literal(column)} or t.${ident(column)} is not distinct from d.${ident(column)})`);
    return [`select ${literal(place.schema)} as schema, ${literal(table.name)} as "table", count(*)::int as missing
               from jsonb_array_elements(${literal(JSON.stringify(table.rows))}::jsonb) e(row), lateral jsonb_populate_record(null::${name}, e.row) d
              where not exists (select from ${name} t where ${conditions.join(' and ')})`];
  }));
  return queries.length === 0 ? undefined : queries.join('\nunion all\n');
}

/** One statement for each set of given columns: a row that leaves a column out takes its default. */
function load(schema: string, table: ShapeTable): string[] {
  const name = qualified(schema, table.name);
  const key = table.keys.find(({ primary }) => primary)?.columns ?? [];
  const bySet = new Map<string, ShapeTable['rows'][number][]>();
  for (const row of table.rows) {
    const set = Object.keys(row).sort().join('\0');
    bySet.set(set, [...(bySet.get(set) ?? []), row]);
  }
  return [...bySet].map(([set, rows]) => {
    const columns = set.split('\0');
    const others = columns.filter((column) => !key.includes(column));
    const update = others.length === 0 ? 'nothing'
      : `update set ${others.map((column) => `${ident(column)} = excluded.${ident(column)}`).join(', ')} where (${identList2('t', others)}) is distinct from (${identList2('excluded', others)})`;
    return `insert into ${name} as t (${identList(columns)}) select ${identList(columns)} from jsonb_populate_recordset(null::${name}, ${literal(JSON.stringify(rows))}::jsonb) on conflict (${identList(key)}) do ${update}`;
  });
}

const columnsOf = (table: ShapeTable): string[] => [...new Set(table.rows.flatMap((row) => Object.keys(row)))];
const identList2 = (alias: string, columns: readonly string[]): string => columns.map((column) => `${alias}.${ident(column)}`).join(', ');
