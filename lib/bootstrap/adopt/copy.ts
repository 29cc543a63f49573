import { TENANT_ID } from '../../declaration/names';
import { ident, identList, literal, qualified } from '../sql/quote';
import type { DraftTable } from './draft-table';

/** The mapping of old tenants to those of the registry, in a schema that is dropped at the end. */
export const MAPPING = '"adopt"."tenants"';
/** What stands in the mapping where nothing says whose the rows are. */
export const EVERYBODY = 'all rows';

export interface OrderedCopy {
  readonly table: DraftTable;
  /** Columns of the draft that stay null at first, since the rows that they reference come later. */
  readonly later: readonly string[];
}

/** Tables behind those that they reference. Where they go in a circle, keys that may be null are filled at the end. */
export function copyOrder(tables: readonly DraftTable[]): { order: OrderedCopy[]; circle: DraftTable[] } {
  const order: OrderedCopy[] = [];
  const placed = new Set<string>();
  let waiting = [...tables];
  const place = (table: DraftTable, later: readonly string[]): void => {
    order.push({ table, later });
    placed.add(table.name);
    waiting = waiting.filter((other) => other !== table);
  };
  const open = (table: DraftTable): { columns: readonly string[] }[] => targetsOf(table).filter(({ target }) => target !== table.name && !placed.has(target));
  const mayWait = (table: DraftTable): boolean => open(table).every(({ columns }) => columns.some((column) => table.input.columns[column]?.nullable === true));
  while (waiting.length > 0) {
    const free = waiting.filter((table) => open(table).length === 0);
    for (const table of free) place(table, []);
    if (free.length > 0) continue;
    const next = waiting.find(mayWait);
    if (next === undefined) return { order, circle: waiting };
    place(next, open(next).flatMap(({ columns }) => columns.filter((column) => next.input.columns[column]?.nullable === true)));
  }
  return { order, circle: [] };
}

function targetsOf({ input }: DraftTable): { target: string; columns: readonly string[] }[] {
  return [
    ...Object.entries(input.columns).flatMap(([column, { references }]) => (references === undefined ? [] : [{ target: references.slice(0, references.indexOf('.')), columns: [column] }])),
    ...(input.foreignKeys ?? []).map(({ columns, references: { table } }) => ({ target: table, columns })),
  ];
}

/** The rows of one table, each with its tenant. Rows whose tenant is not in the mapping are left behind. */
export function copyOf(table: DraftTable, schema: string, later: readonly string[]): string {
  const { tenancy: { tenancy } } = table;
  const columns = [...table.columns.values()].filter(({ name }) => table.input.columns[name]?.generated === undefined && !later.includes(name));
  const { name, schema: from } = table.existing;
  const values = columns.map(({ existing, cast }) => `o.${ident(existing.name)}${cast === undefined ? '' : `::${cast}`}`);
  const source = `${qualified(from, name)} o`;
  if (tenancy !== 'tenant') return `insert into ${qualified(schema, table.name)} (${identList(columns.map((column) => column.name))})\n  select ${values.join(', ')}\n    from ${source}`;
  return `insert into ${qualified(schema, table.name)} (${identList([TENANT_ID, ...columns.map((column) => column.name)])})\n  select m.tenant_id${values.map((value) => `, ${value}`).join('')}\n    from ${source}${tenantJoin(table)}`;
}

/** From a row of the table, `o`, to its line of the mapping, `m`. */
export function tenantJoin({ tenancy: { path } }: DraftTable): string {
  if (path === undefined) return ` join ${MAPPING} m on m.old = ${literal(EVERYBODY)}`;
  let at = 'o';
  const joins = path.keys.map(({ target, columns, targetColumns }, i) => {
    const next = `p${i + 1}`;
    const point = target?.indexOf('.') ?? 0;
    const on = columns.map((column, k) => `${next}.${ident(targetColumns[k] ?? '')} = ${at}.${ident(column)}`).join(' and ');
    at = next;
    return ` join ${qualified(target?.slice(0, point) ?? '', target?.slice(point + 1) ?? '')} ${next} on ${on}`;
  });
  return `${joins.join('')} join ${MAPPING} m on m.old = ${at}.${ident(path.column)}::text`;
}

/** The keys that stayed null: by the primary key, which both sides have. Undefined where the key is a new column. */
export function fillLater(table: DraftTable, schema: string, later: readonly string[]): string | undefined {
  const byName = new Map([...table.columns.values()].map((column) => [column.name, column]));
  const key = table.input.primaryKey.map((column) => byName.get(column));
  const set = later.map((column) => byName.get(column));
  if (key.some((column) => column === undefined)) return undefined;
  const value = (column: (typeof key)[number]): string => `o.${ident(column?.existing.name ?? '')}${column?.cast === undefined ? '' : `::${column.cast}`}`;
  const tenant = table.tenancy.tenancy === 'tenant';
  return [
    `update ${qualified(schema, table.name)} n set ${set.map((column) => `${ident(column?.name ?? '')} = ${value(column)}`).join(', ')}`,
    `  from ${qualified(table.existing.schema, table.existing.name)} o${tenant ? tenantJoin(table) : ''}`,
    ` where ${[...(tenant ? [`n.${TENANT_ID} = m.tenant_id`] : []), ...key.map((column) => `n.${ident(column?.name ?? '')} = ${value(column)}`)].join(' and ')}`,
  ].join('\n');
}
