import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { LIBRARY_SCHEMA, TENANT_ID } from '../../declaration/names';
import { type LiveCatalog, placeKey, refusal } from '../kinds/kind';
import type { DatabasePlan, Place } from '../model/place';
import { markerOf } from '../model/server';
import type { Refusal } from '../plan/difference';
import { qualified } from '../sql/quote';
import type { Library, Registered } from './library';

/**
 * The registry is made before anything else: tables without it mean that it was lost. Going on would take the rights from every tenant
 * that signed up at run time, and give the declared ones new ids.
 *
 * @throws TenantryError (`refused`)
 */
export async function refuseLostRegistry(home: Client, library: Library, schema: string): Promise<void> {
  if (library.hasRegistry) return;
  const { rows } = await home.query('select 1 from pg_namespace where nspname = $1', [schema]);
  if (rows.length === 0) return;
  throw new TenantryError('refused', {
    code: 'registry/lost', at: `database ${home.database ?? ''}`, problem: `The schema ${schema} is there, but the registry of tenants (${LIBRARY_SCHEMA}.tenants) is not. Without it nobody knows which tenants there are and which ids their rows carry. Nothing was changed.`,
    fix: `Restore ${LIBRARY_SCHEMA}.tenants from a backup, then try again.`,
  });
}

/**
 * Places of tenants that the registry does not list, although a place is only ever made together with its row there. Registered anew, such
 * a tenant would get another id, and nobody would see its rows.
 */
export function unregisteredPlaces(databases: readonly DatabasePlan[], registered: readonly Registered[], live: ReadonlyMap<string, LiveCatalog>): Refusal[] {
  const known = new Set(registered.map(({ key }) => key));
  return databases.flatMap((database) => database.places.filter(({ tenant }) => tenant !== undefined && !known.has(tenant))
    .filter((place) => isThere(place, live.get(database.name)))
    .map((place) => refusal({
      code: 'tenant/unregistered', kind: 'tenant', blocking: true, target: database.name, place: place.schema,
      summary: `the place of tenant ${place.tenant} is there, but the registry does not list the tenant; registered anew, it would get another id, and its rows would not be seen`,
      fix: `Put its row back into ${LIBRARY_SCHEMA}.tenants of the home database, with the id that its rows carry: select distinct ${TENANT_ID} from ${qualified(place.schema, place.tables[0]?.name ?? '')}`,
    })));
}

/** A schema is made in one transaction with its row; a database comes first, and lists its tenant itself when its tables are made. */
function isThere(place: Place, live: LiveCatalog | undefined): boolean {
  if (live === undefined) return false;
  return place.kind === 'schema' ? hasOurMark(place, live) : live.get('tenant')?.get(place.database)?.has(place.tenant ?? '') === true;
}

function hasOurMark(place: Place, live: LiveCatalog): boolean {
  const found = live.get('schema')?.get(placeKey(place.schema))?.get('schema') as { readonly comment: string | null } | undefined;
  return found?.comment === markerOf(place.identity);
}
