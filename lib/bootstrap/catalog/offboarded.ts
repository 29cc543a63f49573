import { homeDatabase } from '../../declaration/names';
import { refusal } from '../kinds/kind';
import type { TenantState } from '../model/library';
import type { Placement } from '../model/place';
import type { Refusal } from '../plan/difference';
import type { Manifest } from '../../manifest/format';
import type { Registered } from './library';

/** A tenant whose place is removed, or was: nothing of it is made anew. */
export const isGone = (state: TenantState): boolean => state === 'offboarding' || state === 'offboarded';

/** Keys of tenants that were off-boarded stay taken: what is written down under a key is of one tenant. */
export function refuseOffboarded({ declaration, tenants }: Manifest, registered: readonly Registered[], added?: string): Refusal[] {
  return registered.filter(({ key, state }) => isGone(state) && (added === undefined ? Object.hasOwn(tenants, key) : key === added)).map(({ key, state }) => refusal({
    code: 'tenant/offboarded', kind: 'tenant', target: homeDatabase(declaration.name), ...(added === undefined ? {} : { blocking: true }),
    summary: state === 'offboarded' ? `tenant ${key} was off-boarded, and its key stays taken` : `tenant ${key} is being off-boarded`,
    fix: state === 'offboarded' ? `Take another key. Or run tenantry tenant forget ${key} --confirm ${key}: then the key is free, and what was done with the tenant stays in the ledger.` : `Run tenantry tenant offboard ${key} --confirm ${key} again: it goes on where it ended.`,
  }));
}

/** A tenant as it is where its second place is not wanted. */
export const withoutSecondPlace = (placements: readonly Placement[], key: string): Placement[] => placements.map((placement) => {
  if (placement.key !== key) return placement;
  const { secondIsolation: _second, ...rest } = placement;
  return rest;
});
