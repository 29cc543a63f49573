import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { homeDatabase, LIBRARY_SCHEMA, ownerRole } from '../../declaration/names';
import type { TenantIsolation } from '../../declaration/types';
import { libraryTablesIn } from '../catalog/library';
import { connect } from '../connect/server-access';
import type { ReachedCell } from './cells';

interface RegistryRow {
  readonly id: string;
  readonly isolation: TenantIsolation;
  readonly server: string | null;
}

/**
 * The home registry decides where a tenant is. A server that the declaration gives to a tenant which is still elsewhere must get no place for it: there would be two,
 * one of them empty.
 *
 * @param planned - whether it is only planned: then the home registry need not know the tenant yet
 * @returns the same, with the id that the tenant has there: it has it on its own server too
 * @throws TenantryError (`refused`) where the tenant is elsewhere, and where the home registry does not know it
 */
export async function refuseUnlessRegistered(home: ReachedCell, cell: ReachedCell, planned = false): Promise<ReachedCell> {
  const { server, tenant, loaded } = cell;
  if (tenant === undefined) return cell;
  const row = await registeredIn(home, tenant);
  if (row?.server === server) return { ...cell, loaded: { ...loaded, tenantId: row.id } };
  if (row === undefined && planned) return cell;
  throw new TenantryError('refused', row === undefined ? {
    code: 'cells/unregistered', at: server, problem: `The registry of ${home.server} does not know yet that tenant ${JSON.stringify(tenant)} has this server for itself. Nothing was changed here.`,
    fix: `Apply ${home.server} first, or with it: tenantry bootstrap apply. Where that was refused, its reasons stand above.`,
  } : {
    code: 'cells/elsewhere', at: server, problem: `The rows of tenant ${JSON.stringify(tenant)} are on ${home.server} (${row.isolation}), as its registry says. Nothing was changed here.`,
    fix: `Set tenants.${tenant}.isolation to '${row.isolation}': no command moves a tenant between servers yet.`,
  });
}

async function registeredIn({ access, loaded }: ReachedCell, tenant: string): Promise<RegistryRow | undefined> {
  const { name } = loaded.manifest.declaration;
  const isThere = await through(access, 'postgres', async (client) =>
    (await client.query('select 1 from pg_catalog.pg_database where datname = $1 and pg_catalog.pg_get_userbyid(datdba) = $2', [homeDatabase(name), ownerRole(name)])).rows.length > 0);
  if (!isThere) return undefined;
  return through(access, homeDatabase(name), async (client) => {
    if (!(await libraryTablesIn(client)).includes('tenants')) return undefined;
    return (await client.query<RegistryRow>(`select id, isolation, to_jsonb(t) ->> 'server' as server from ${LIBRARY_SCHEMA}.tenants t where key = $1`, [tenant])).rows[0];
  });
}

async function through<T>(access: ReachedCell['access'], database: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(access, database);
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
