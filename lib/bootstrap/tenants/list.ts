import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { homeDatabase, LIBRARY_SCHEMA, ownerRole } from '../../declaration/names';
import type { TenantIsolation } from '../../declaration/types';
import type { LoadedManifest } from '../../manifest/read';
import { libraryTablesIn } from '../catalog/library';
import { refuseOtherServer } from '../cells/own-server';
import { connect, type ServerAccess } from '../connect/server-access';
import type { TenantState } from '../model/library';

/** A tenant as the registry has it. */
export interface ListedTenant {
  readonly key: string;
  readonly displayName: string;
  readonly isolation: TenantIsolation;
  readonly tier: string;
  readonly state: TenantState;
  /** When it was suspended or resumed last, else when it was made. */
  readonly since: Date;
  /** Who suspended or resumed it last; null where nobody ever did. */
  readonly by: string | null;
  /** Whether it stands in code; else it signed up at run time. */
  readonly declared: boolean;
  readonly database: string;
  readonly schema: string;
  /** The server that the tenant has for itself, by its name in the manifest; null for one on the home's. */
  readonly server: string | null;
}

/**
 * The tenants of a declaration, by key. Waits for no lock and changes nothing.
 *
 * @throws TenantryError (`refused`) where the declaration was never applied
 */
export async function listTenants({ access, loaded }: { readonly access: ServerAccess; readonly loaded: LoadedManifest }): Promise<ListedTenant[]> {
  const { name } = loaded.manifest.declaration;
  const isThere = await through(access, 'postgres', async (client) =>
    (await client.query('select 1 from pg_catalog.pg_database where datname = $1 and pg_catalog.pg_get_userbyid(datdba) = $2', [homeDatabase(name), ownerRole(name)])).rows.length > 0);
  if (!isThere) throw neverApplied(name);
  return through(access, homeDatabase(name), async (client) => {
    if (!(await libraryTablesIn(client)).includes('tenants')) throw neverApplied(name);
    await refuseOtherServer(client, loaded);
    // A registry that an older version made lacks the columns that say since when.
    const { rows } = await client.query<ListedTenant>(`
      select key, display_name as "displayName", isolation, tier, state, coalesce((to_jsonb(t) ->> 'state_since')::timestamptz, created_at) as since, to_jsonb(t) ->> 'state_by' as by,
             declared, database_name as database, schema_name as schema, to_jsonb(t) ->> 'server' as server
        from ${LIBRARY_SCHEMA}.tenants t order by key collate "C"`);
    return rows;
  });
}

/** Nothing was made here yet, so that there is no registry to ask. */
export const neverApplied = (declaration: string): TenantryError => new TenantryError('refused', {
  code: 'tenant/apply-first', at: declaration, problem: `The declaration was never applied here: the server has no registry of its tenants.`, fix: 'Check which server is meant, or run tenantry bootstrap apply with this manifest first.',
});

async function through<T>(access: ServerAccess, database: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(access, database);
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
