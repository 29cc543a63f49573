import { parseTenants, type TenantDeclaration } from '../../declaration/tenants';
import type { Isolation } from '../../declaration/types';
import { refuseOnOwnCluster } from './own-cluster';
import { apply, type ApplyOptions, type ApplyResult } from '../apply/apply';

export interface NewTenant {
  readonly key: string;
  readonly isolation: Isolation;
  /** @default - the key */
  readonly displayName?: string;
  /** @default 'standard' */
  readonly tier?: string;
}

/**
 * Adds a tenant at run time, without a deployment: makes its place and registers it. Nothing else is changed, whatever else differs.
 *
 * @throws TenantryError `input` for a key that cannot be one, `refused` for one that is taken
 */
export async function addTenant(options: Pick<ApplyOptions, 'access' | 'loaded' | 'passwords' | 'lockWait' | 'onProgress'>, tenant: NewTenant): Promise<ApplyResult> {
  const { key, isolation } = tenant;
  refuseOnOwnCluster(options.loaded, 'add', key);
  const { displayName, tier } = parseTenants({ [key]: { isolation, displayName: tenant.displayName, tier: tenant.tier } }, options.loaded.manifest.declaration)[key] as TenantDeclaration;
  return apply({ ...options, additional: { key, isolation, displayName: displayName ?? key, tier, declared: false } });
}
