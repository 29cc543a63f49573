import { setTimeout as sleep } from 'node:timers/promises';
import { TenantryError } from '../core/errors';
import type { Directory, TenantPlacement } from './directory';

/** How often in all a transaction that meets a tenant's place closing asks again. */
export const MOST_ATTEMPTS = 50;

const LONGEST_PAUSE = 250;

/**
 * Where the tenant is. One that is being moved is served nowhere for a moment: it is asked for again until it is at its new place.
 *
 * @param patience - milliseconds to wait for that
 * @throws TenantryError (`failed`) when it takes longer
 */
export async function placementOf(directory: Directory, tenant: string, patience: number): Promise<TenantPlacement | undefined> {
  const until = Date.now() + patience;
  for (let pause = 10; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
    const placement = await directory.find(tenant);
    if (placement?.state !== 'moving') return placement;
    directory.forget(tenant);
    const left = until - Date.now();
    if (left <= 0) throw tooLong(tenant, patience);
    await sleep(Math.min(pause * (0.75 + Math.random() / 2), left));
  }
}

const tooLong = (tenant: string, patience: number): TenantryError => new TenantryError('failed', {
  code: 'client/moving-tenant', at: tenant, problem: `Tenant ${JSON.stringify(tenant)} is being moved, and is not at its new place after ${patience / 1000} s, as long as a transaction may wait. Nothing was done.`,
  fix: 'Try again later, or raise connectionTimeout. Where the move was interrupted, the same command again ends it: tenantry tenant history KEY shows it.',
});
