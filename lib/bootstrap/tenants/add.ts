import { TenantryError } from '../../core/errors';
import { checkTenantKeys } from '../../declaration/tenants';
import type { Isolation } from '../../declaration/types';
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
export async function addTenant(options: Pick<ApplyOptions, 'access' | 'loaded' | 'lockWait' | 'onProgress'>, tenant: NewTenant): Promise<ApplyResult> {
  const { key, isolation } = tenant;
  const complaints = checkTenantKeys([key]);
  if (complaints.length > 0) throw new TenantryError('input', complaints);
  return apply({ ...options, additional: { key, isolation, displayName: tenant.displayName ?? key, tier: tenant.tier ?? 'standard', declared: false } });
}
