import type { ShapeColumn } from '../model/shape';
import type { Change } from '../plan/difference';
import { TENANT_ID } from '../../declaration/names';
import { TENANT_SETTING } from '../model/shape';
import { dollarQuoted, ident, literal, qualified } from '../sql/quote';
import { at, change, type TableTarget } from './kind';

/** Pages that one transaction fills: 1 MB of a table. */
const PAGES = 128;

/** What rows that are there get where the column must have a value: as declared, or the default where that is another one for each row. */
export const backfillOf = ({ notNull, backfill, default: value, defaultPerRow }: ShapeColumn): string | undefined =>
  (notNull ? backfill ?? (defaultPerRow === true ? value : undefined) : undefined);

/**
 * Gives every row a value, page after page, each part in a transaction of its own: no row is locked for long, and what was filled stays filled when it is
 * interrupted. As the maintainer, since the owner sees no rows.
 */
export function fillBatches(target: TableTarget, column: ShapeColumn, expression: string): Change[] {
  const { place, table, partitions } = target;
  // A page is one of a partition: a partitioned table has none itself.
  const parts = partitions === undefined ? [{ schema: place.schema, name: table.name }] : partitions.children.filter(({ relkind }) => relkind === 'r');
  return parts.map((part) => fillPages(target, column, expression, qualified(part.schema, part.name), partitions === undefined ? '' : `, in ${part.name}`));
}

function fillPages(target: TableTarget, { name }: ShapeColumn, expression: string, of: string, where: string): Change {
  const { place, table } = target;
  return change({
    ...at(place), kind: 'column', action: 'load', actor: 'maintainer', stage: 'outside', lock: 'none', hazard: 'scan', summary: `give every row a value for ${table.name}.${name}${where}`, reason: 'rows that were there have none',
    sql: `do ${dollarQuoted(`
declare
  tenantry_page bigint := 0;
  tenantry_pages bigint := pg_relation_size(${literal(of)}::regclass) / current_setting('block_size')::bigint;
  tenantry_tenant uuid;
begin
  while tenantry_page <= tenantry_pages loop
    ${filling(target, of, name, expression, `ctid >= format('(%s,0)', tenantry_page)::tid and ctid < format('(%s,0)', tenantry_page + ${PAGES})::tid and ${ident(name)} is null`)}
    commit;
    tenantry_page := tenantry_page + ${PAGES};
  end loop;
end`)}`,
  });
}

/** Rows that came without a value while the others were filled: from here on the check keeps such ones out. */
export const fillRest = (target: TableTarget, { name }: ShapeColumn, expression: string): Change => change({
  ...at(target.place), kind: 'column', action: 'load', actor: 'maintainer', stage: 'after', lock: 'none', hazard: 'scan', summary: `give rows that came meanwhile a value for ${target.table.name}.${name}`, reason: 'they came before null was refused',
  sql: wakesTriggers(target) ? `do ${dollarQuoted(`declare tenantry_tenant uuid; begin ${filling(target, wholeOf(target), name, expression, `${ident(name)} is null`)} end`)}` : filling(target, wholeOf(target), name, expression, `${ident(name)} is null`).slice(0, -1),
});

const wholeOf = ({ place, table }: TableTarget): string => qualified(place.schema, table.name);
const wakesTriggers = ({ place, table }: TableTarget): boolean => table.tenancy === 'tenant' && (place.definitions.triggers.get(table.name) ?? []).length > 0;

/** Statements that fill some rows. What declared triggers write then belongs to the tenant of the row, as at any other time: it is done for one tenant after the other. */
function filling(target: TableTarget, of: string, column: string, expression: string, where: string): string {
  const update = `update ${of} set ${ident(column)} = (${expression}) where ${where}`;
  if (!wakesTriggers(target)) return `${update};`;
  return `for tenantry_tenant in select distinct ${TENANT_ID} from ${of} where ${where} loop
      perform set_config('${TENANT_SETTING}', tenantry_tenant::text, true);
      ${update} and ${TENANT_ID} = tenantry_tenant;
    end loop;
    perform set_config('${TENANT_SETTING}', '', true);`;
}
