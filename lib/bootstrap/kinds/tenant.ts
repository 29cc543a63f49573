import { homeDatabase, homeSchema, LIBRARY_SCHEMA, tenantPlace } from '../../declaration/names';
import { serverOfTenant } from '../../manifest/cells';
import { literal } from '../sql/quote';
import type { TenantState } from '../model/library';
import { type DatabasePlan, type Placement, tierOf } from '../model/place';
import { finishOfTenantSql, firstVersionSql, recordSql } from '../tenants/operations';
import type { Difference } from '../plan/difference';
import { change, finding, kind, placeKey, refusal } from './kind';
import { rememberIds } from './tenant-id';

/** A row of the registry. */
export interface RegisteredTenant {
  readonly id: string;
  readonly isolation: Placement['isolation'];
  readonly displayName: string;
  readonly tier: string;
  readonly state: TenantState;
  /** Rises with each change of place or state. */
  readonly version: number;
  readonly declared: boolean;
  readonly databaseName: string;
  readonly schemaName: string;
  /** Of one with a cluster of its own. */
  readonly server: string | null;
}

/** Carries the id and the version that the home registry made to the registry of a tenant's own database. */
export const NEW_TENANT_SETTING = 'tenantry.new_tenant_id';
export const NEW_VERSION_SETTING = 'tenantry.new_tenant_version';

/**
 * Tenants in the registry. The registry owns what exists: a declaration creates a tenant, and neither moves nor removes one.
 * A tenant becomes active with the last statement of its place, so that an active one never lacks anything.
 */
export const tenant = kind<'database', Placement, RegisteredTenant>({
  name: 'tenant',
  level: 'database',
  compares: ['presence', 'state', 'place', 'version', 'tier', 'display name', 'declared'],
  query: {
    text: ({ only }, live) => (live.get('table')?.get(placeKey(LIBRARY_SCHEMA))?.has('tenants') === true
      ? `select current_database() as database, key, id, isolation, display_name as "displayName", tier, state, version, declared, database_name as "databaseName", schema_name as "schemaName", to_jsonb(t) ->> 'server' as server from ${LIBRARY_SCHEMA}.tenants t${only === undefined ? '' : ' where key = $1'}` : undefined),
    values: ({ only }) => (only === undefined ? [] : [only]),
  },
  read: ({ database, key, ...have }) => ({ container: database, key, have: have as RegisteredTenant }),
  wants: (database) => new Map(database.tenants.map((placement) => [placement.key, placement])),
  compare(database, key, want, have): Difference[] {
    const where = { kind: 'tenant', target: database.name };
    if (want === undefined) return [];
    if (have === undefined) return register(database, want);
    const differences: Difference[] = [];
    if (have.state === 'provisioning') differences.push(activate(database, want));
    const { databaseName, schemaName } = placeOf(database, want);
    const server = serverOf(want);
    if (have.server !== server) {
      differences.push(change({
        ...where, action: 'alter', summary: `tenant ${key} is on ${server === null ? 'this server' : `server ${server}`}`, reason: `the registry leads to ${have.server === null ? 'this server' : `server ${have.server}`}`,
        sql: `update ${LIBRARY_SCHEMA}.tenants set server = ${server === null ? 'null' : literal(server)}, updated_at = now() where key = ${literal(key)}`,
      }));
    }
    if (have.databaseName !== databaseName || have.schemaName !== schemaName) {
      differences.push(change({
        ...where, action: 'alter', summary: `tenant ${key} is in ${databaseName}.${schemaName}`, reason: `the registry leads to ${have.databaseName}.${have.schemaName}`,
        sql: `update ${LIBRARY_SCHEMA}.tenants set database_name = ${literal(databaseName)}, schema_name = ${literal(schemaName)}, updated_at = now() where key = ${literal(key)}`,
      }));
    }
    if (!database.isHome) return [...differences, ...followHome(database, want, have)];
    if (have.declared && !want.declared) {
      differences.push(finding({ ...where, code: 'tenant/vanished', summary: `tenant ${key} was declared and is not any more; it stays as it is` }));
    }
    if (want.secondIsolation !== undefined) {
      differences.push(finding({ ...where, code: 'tenant/moving', summary: `tenant ${key} has a second place (${want.secondIsolation}): a move was interrupted; tenantry tenant history ${key} says which, and the same command again ends it` }));
    }
    if (want.wantedIsolation !== undefined) {
      differences.push(refusal({
        ...where, code: 'tenant/isolation', summary: `tenant ${key} has isolation ${have.isolation}, and ${want.wantedIsolation} is declared; a tenant is moved by copying its rows, never by changing the declaration`,
        fix: want.isolation === 'cluster' || want.wantedIsolation === 'cluster'
          ? `Set tenants.${key}.isolation to '${have.isolation}'. No command moves a tenant between servers yet: declare it under another key there, and carry its rows over from an archive (tenantry tenant archive ${key} --out FOLDER).`
          : `tenantry tenant move ${key} --to ${want.wantedIsolation} moves it. Or set tenants.${key}.isolation to '${have.isolation}'.`,
      }));
    }
    if (have.tier !== want.tier) {
      differences.push(refusal({ ...where, code: 'tenant/tier', summary: `tenant ${key} has tier ${have.tier}, and ${want.tier} is declared; the registry decides the tier of a tenant that exists`, fix: `tenantry tenant tier ${key} ${want.tier} changes it at once. Or set tenants.${key}.tier to '${have.tier}'.` }));
    }
    if (want.declared && (have.displayName !== want.displayName || !have.declared)) {
      differences.push(change({
        ...where, action: 'alter', summary: `tenant ${key} is called ${JSON.stringify(want.displayName)}`, reason: have.declared ? `it is called ${JSON.stringify(have.displayName)}` : 'it is declared now',
        sql: `update ${LIBRARY_SCHEMA}.tenants set display_name = ${literal(want.displayName)}, declared = true, updated_at = now() where key = ${literal(key)}`,
      }));
    }
    return differences;
  },
});

export function placeOf(database: DatabasePlan, { key, isolation }: Placement): { databaseName: string; schemaName: string } {
  const declaration = database.places[0]?.identity.declaration ?? '';
  return {
    databaseName: isolation === 'database' || isolation === 'cluster' ? tenantPlace(declaration, key) : homeDatabase(declaration),
    schemaName: isolation === 'schema' ? tenantPlace(declaration, key) : homeSchema(declaration),
  };
}

/** The server that a tenant has for itself is named after it. Null for one whose place is here. */
export const serverOf = ({ key, isolation }: Pick<Placement, 'key' | 'isolation'>): string | null => (isolation === 'cluster' ? serverOfTenant(key) : null);

function register(database: DatabasePlan, want: Placement): Difference[] {
  // A place of its own can have steps behind its transaction, and other databases behind that.
  const later = database.isHome && want.isolation !== 'row' && want.isolation !== 'cluster';
  const { databaseName, schemaName } = placeOf(database, want);
  const values = {
    key: literal(want.key), display_name: literal(want.displayName), isolation: literal(want.isolation), tier: literal(tierOf(want)), declared: String(want.declared),
    database_name: literal(databaseName), schema_name: literal(schemaName),
    ...(want.isolation === 'cluster' ? { server: literal(serverOfTenant(want.key)) } : {}),
    state: literal(later ? 'provisioning' : 'active'),
    ...(want.idIsGiven === true && database.isHome ? { id: `current_setting('${NEW_TENANT_SETTING}')::uuid` } : {}),
    ...(database.isHome ? { version: firstVersionSql(want.key) } : { id: `current_setting('${NEW_TENANT_SETTING}')::uuid`, ...(stateOf(want) === undefined ? { version: `coalesce(nullif(current_setting('${NEW_VERSION_SETTING}', true), ''), '1')::integer` } : { version: String(want.registered?.version), state: literal(want.registered?.state ?? '') }) }),
  };
  const insert = `insert into ${LIBRARY_SCHEMA}.tenants (${Object.keys(values).join(', ')}) values (${Object.values(values).join(', ')})`;
  const registered = change({
    kind: 'tenant', target: database.name, place: schemaName, action: 'create', summary: `register tenant ${want.key} (${want.isolation})`, reason: want.declared ? 'declared, not there' : 'it signs up',
    sql: database.isHome ? `with registered as (${insert} returning key, id, isolation), remembered as (${rememberIds('registered')}) ${recordSql({ tenant: want.key, operation: 'add', detail: { isolation: want.isolation, tier: want.tier } }, later ? 'running' : 'done', 'registered')} on conflict do nothing` : insert,
  });
  return later ? [registered, activate(database, want)] : [registered];
}

/** What a tenant's own registry repeats. While the home registry makes the tenant, its own one is ahead. */
const stateOf = ({ registered }: Placement): Placement['registered'] => (registered?.state === 'provisioning' ? undefined : registered);

/** The home registry says whether a tenant is served, and its own one is asked when it is entered. */
function followHome(database: DatabasePlan, want: Placement, have: RegisteredTenant): Difference[] {
  const { state, version, tier } = stateOf(want) ?? have;
  const retiered = have.tier === tier ? [] : [change({
    kind: 'tenant', target: database.name, action: 'alter', summary: `tenant ${want.key} has tier ${tier}, as the home registry says`, reason: `its own registry says ${have.tier}`, sql: copyTier(want.key, tier),
  })];
  // Nobody enters a place that is moved to or from, whatever its version.
  if (have.state === state && (have.version === version || state === 'moving')) return retiered;
  return [...retiered, change({
    kind: 'tenant', target: database.name, action: 'alter', summary: `tenant ${want.key} is ${state}, as the home registry says`, reason: `its own registry says ${have.state}, version ${have.version}, and not ${version}`,
    sql: copyState(want.key, state, version),
  })];
}

export const copyState = (key: string, state: TenantState, version: number): string =>
  `update ${LIBRARY_SCHEMA}.tenants set state = ${literal(state)}, version = ${version}, updated_at = now() where key = ${literal(key)}`;

export const copyTier = (key: string, tier: string): string =>
  `update ${LIBRARY_SCHEMA}.tenants set tier = ${literal(tier)}, updated_at = now() where key = ${literal(key)}`;

const activate = (database: DatabasePlan, want: Placement): Difference => change({
  kind: 'tenant', target: database.name, tenant: want.key, action: 'alter', stage: 'final', summary: `activate tenant ${want.key}`, reason: 'everything of it is there',
  sql: [`update ${LIBRARY_SCHEMA}.tenants set state = 'active', updated_at = now() where key = ${literal(want.key)}`, ...(database.isHome ? [finishOfTenantSql(want.key, 'add')] : [])],
});
