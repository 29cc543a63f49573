import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { LIBRARY_SCHEMA, TENANT_ID } from '../../declaration/names';
import type { TenantIsolation } from '../../declaration/types';
import { type LiveCatalog, placeKey, refusal } from '../kinds/kind';
import { placeOf, serverOf } from '../kinds/tenant';
import { type LostTenant, lostTenants } from '../kinds/tenant-id';
import type { DatabasePlan, Place } from '../model/place';
import { markerOf } from '../model/server';
import type { Refusal } from '../plan/difference';
import { literal, qualified } from '../sql/quote';
import { LATE_VERSION } from '../tenants/operations';
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
 * Tenants that were registered once and that the registry does not list any more, or not under the id that their rows carry. Registered anew,
 * such a tenant would get another id, and nobody would see its rows.
 *
 * @param only - the one tenant that is being added, whatever became of the others. @default - all
 */
export function refuseLostTenants(databases: readonly DatabasePlan[], registered: readonly Registered[], live: ReadonlyMap<string, LiveCatalog>, only?: string): Refusal[] {
  const home = databases.find(({ isHome }) => isHome);
  if (home !== undefined && only !== undefined && lacksLibraryTables(home, live.get(home.name))) return [applyFirst(home, only)];
  const lost = home === undefined ? [] : lostTenants(home, live.get(home.name)).filter(({ key }) => only === undefined || key === only);
  const remembered = new Set(lost.map(({ key }) => key));
  return [...lost.map((tenant) => ofRemembered(home as DatabasePlan, tenant)), ...unregisteredPlaces(databases, registered, live).filter(({ tenant }) => !remembered.has(tenant)).map(({ refused }) => refused)];
}

/** As after an upgrade of the library. A tenant is registered in tables that only an apply makes. */
const lacksLibraryTables = ({ places }: DatabasePlan, live: LiveCatalog | undefined): boolean => places.filter(({ kind }) => kind === 'library')
  .some(({ schema, tables }) => tables.some(({ name }) => live?.get('table')?.get(placeKey(schema))?.has(name) !== true));

const applyFirst = (home: DatabasePlan, key: string): Refusal => refusal({
  code: 'tenant/apply-first', kind: 'tenant', blocking: true, target: home.name, summary: `tenant ${key} cannot be registered yet: this version of the library keeps tables that are not there`,
  fix: 'Run tenantry bootstrap apply with this manifest first.',
});

function ofRemembered(home: DatabasePlan, lost: LostTenant): Refusal {
  const { key, id, listedId, listedKey } = lost;
  const where = { kind: 'tenant', blocking: true, target: home.name } as const;
  const registry = `${LIBRARY_SCHEMA}.tenants`;
  if (listedId !== null) {
    return refusal({
      ...where, code: 'tenant/other-id', summary: `tenant ${key} was registered with the id ${id}, and the registry has ${listedId}; nobody would see the rows from before`,
      // Where two were swapped, the other one has the id still.
      fix: `${listedKey === null ? '' : `update ${registry} set id = gen_random_uuid() where id = ${literal(id)}; `}update ${registry} set id = ${literal(id)} where key = ${literal(key)}`,
    });
  }
  if (listedKey !== null) {
    return refusal({
      ...where, code: 'tenant/other-key', summary: `tenant ${key} is called ${listedKey} in the registry; a key never changes, and its rows would be those of another tenant`,
      fix: `update ${registry} set key = ${literal(key)} where id = ${literal(id)}`,
    });
  }
  return refusal({
    ...where, code: 'tenant/unregistered', summary: `tenant ${key} was registered with the id ${id}, and the registry does not list it any more; registered anew, it would get another id, and its rows would not be seen`,
    fix: `Put it back: ${insertOf(home, lost)}. Where its rows are gone for good: delete from ${LIBRARY_SCHEMA}.tenant_ids where key = ${literal(key)}`,
  });
}

function insertOf(home: DatabasePlan, { key, id, isolation }: LostTenant): string {
  const placement = home.tenants.find((tenant) => tenant.key === key) ?? { key, isolation: isolation as TenantIsolation, displayName: key, tier: 'standard', declared: false };
  const { databaseName, schemaName } = placeOf(home, { ...placement, isolation: isolation as TenantIsolation });
  const server = serverOf({ key, isolation: isolation as TenantIsolation });
  const values = [id, key, placement.displayName, isolation, placement.tier, 'active', databaseName, schemaName].map(literal);
  return `insert into ${LIBRARY_SCHEMA}.tenants (id, key, display_name, isolation, tier, state, database_name, schema_name, declared, version${server === null ? '' : ', server'}) values (${values.join(', ')}, ${placement.declared}, ${LATE_VERSION}${server === null ? '' : `, ${literal(server)}`})`;
}

/** Where an older version remembered no id: places that the registry does not list, although a place is only ever made together with its row there. */
function unregisteredPlaces(databases: readonly DatabasePlan[], registered: readonly Registered[], live: ReadonlyMap<string, LiveCatalog>): { readonly tenant: string; readonly refused: Refusal }[] {
  const known = new Set(registered.map(({ key }) => key));
  return databases.flatMap((database) => database.places.flatMap((place) => {
    const { tenant } = place;
    if (tenant === undefined || known.has(tenant) || !isThere(place, live.get(database.name))) return [];
    return [{ tenant, refused: refusal({
      code: 'tenant/unregistered', kind: 'tenant', blocking: true, target: database.name, place: place.schema,
      summary: `the place of tenant ${tenant} is there, but the registry does not list the tenant; registered anew, it would get another id, and its rows would not be seen`,
      fix: `Put its row back into ${LIBRARY_SCHEMA}.tenants of the home database, with the id that its rows carry: select distinct ${TENANT_ID} from ${qualified(place.schema, place.tables[0]?.name ?? '')}`,
    }) }];
  }));
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
