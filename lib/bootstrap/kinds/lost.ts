import { homeDatabase } from '../../declaration/names';
import type { DatabasePlan, Place } from '../model/place';
import { lostName } from '../model/place-content';
import type { Refusal } from '../plan/difference';
import { at, refusal } from './kind';

/** What is gone although it held rows was changed by hand since, whatever is declared now. */
const LOST = { origin: 'drift' } as const;
const ANEW = 'Where nobody needs what was in it: tenantry bootstrap apply --recreate';

/** The database of a tenant that was served from it. Where it was renamed, or another server is meant, an empty one in its place would look like the tenant's. */
export function lostDatabase({ name, tenants }: DatabasePlan): Refusal {
  const [tenant] = tenants;
  return refusal({
    ...LOST, kind: 'database', code: 'tenant/lost-place', target: 'server', lost: lostName(name), ...ofTenant(tenant?.key), summary: `database ${name} held the rows of tenant ${tenant?.key ?? ''}, and is gone; made anew, it would be empty`,
    fix: `Restore it from a backup under that name, or rename it back. ${ANEW} ${lostName(name)} makes it anew, empty.${removing(tenant?.key)}`,
  });
}

/** The home database, beside which databases of tenants are still there. */
export const lostHome = (declaration: string, others: readonly string[]): Refusal => refusal({
  ...LOST, kind: 'database', code: 'database/lost', blocking: true, target: 'server', lost: lostName(homeDatabase(declaration)),
  summary: `database ${homeDatabase(declaration)} is gone, and databases of its tenants are there (${others.slice(0, 5).join(', ')}); made anew, it would be empty, and nobody would know which tenants there are`,
  fix: `Restore it from a backup under that name, or rename it back. ${ANEW} ${lostName(homeDatabase(declaration))} makes it anew, empty.`,
});

export const lostSchema = (place: Place): Refusal => lost(place, place.tenant === undefined ? 'schema/lost' : 'tenant/lost-place', 'schema', lostName(place.database, place.schema),
  `the schema ${place.schema} held rows${place.tenant === undefined ? '' : ` of tenant ${place.tenant}`}, and is gone; made anew, it would be empty`, removing(place.kind === 'schema' ? place.tenant : undefined));

export const lostTable = (place: Place, table: string): Refusal => lost(place, 'table/lost', 'table', lostName(place.database, place.schema, table),
  `table ${table} held rows, and is gone; made anew, it would be empty`, ' Or take it out of the declaration.');

export const lostColumn = (place: Place, table: string, column: string): Refusal => lost(place, 'column/lost', 'column', lostName(place.database, place.schema, table, column),
  `column ${table}.${column} held values, and is gone; made anew, it would hold none`, ' Or take it out of the declaration.');

/** Whether a table, or one of its columns, was there once. */
export const wasThere = ({ kept }: Place, table: string, column?: string): boolean =>
  kept !== undefined && Object.hasOwn(kept, table) && (column === undefined || kept[table]?.includes(column) === true);

/** What all tenants share is refused as a whole; what one tenant has to itself is left as it is. */
export const holding = (place: Place): Pick<Refusal, 'tenant' | 'blocking' | 'holds'> =>
  ({ ...ofTenant(place.tenant), ...(place.kind === 'row' ? { blocking: true } : { holds: place.kind === 'database' ? 'database' : 'place' }) });

function lost(place: Place, code: string, kind: string, name: string, summary: string, otherwise: string): Refusal {
  return refusal({
    ...LOST, ...at(place), ...holding(place), kind, code, lost: name, summary,
    fix: `Restore it from a backup, or rename it back. ${ANEW} ${name} makes it anew, empty.${otherwise}`,
  });
}

const ofTenant = (tenant: string | undefined): { tenant?: string } => (tenant === undefined ? {} : { tenant });
const removing = (tenant: string | undefined): string => (tenant === undefined ? '' : ` Or remove the tenant: tenantry tenant offboard ${tenant} --confirm ${tenant} --no-archive`);
