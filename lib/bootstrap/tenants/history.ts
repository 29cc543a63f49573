import { TenantryError } from '../../core/errors';
import { nearest } from '../../core/text';
import { homeDatabase, ownerRole } from '../../declaration/names';
import type { LoadedManifest } from '../../manifest/read';
import { libraryTablesIn } from '../catalog/library';
import { connect, type ServerAccess } from '../connect/server-access';
import { listTenants } from './list';
import { operationsOf, type TenantOperation } from './operations';

/**
 * What was done with a tenant, the oldest first, also where the tenant is gone. Waits for no lock and changes nothing.
 *
 * @throws TenantryError (`refused`) where the declaration was never applied, and for a tenant that nothing is known of
 */
export async function tenantHistory({ access, loaded }: { readonly access: ServerAccess; readonly loaded: LoadedManifest }, key: string): Promise<TenantOperation[]> {
  const { name } = loaded.manifest.declaration;
  const tenants = await listTenants({ access, loaded });
  const home = await connect(access, homeDatabase(name));
  try {
    const operations = (await libraryTablesIn(home)).includes('tenant_operations') ? await operationsOf(home, ownerRole(name), key) : [];
    if (operations.length > 0 || tenants.some((tenant) => tenant.key === key)) return operations;
  } finally {
    await home.end().catch(() => undefined);
  }
  throw unknownTenant(key, tenants.map((tenant) => tenant.key));
}

export function unknownTenant(key: string, known: readonly string[]): TenantryError {
  const like = nearest(key, known);
  return new TenantryError('refused', {
    code: 'tenant/unknown', at: key, problem: `There is no tenant ${JSON.stringify(key)}.`, fix: `${like === undefined ? '' : `Did you mean ${like}? `}tenantry tenant list shows all.`,
  });
}
