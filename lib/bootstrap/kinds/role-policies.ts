import type { Place } from '../model/place';
import { granteesOf } from '../model/role-kinds';
import { supportFloor } from '../model/support-functions';
import type { WantedPolicy } from './policy';

export const BACKUP_POLICY = 'tenantry_backup';
export const SUPPORT_POLICY = 'tenantry_support';

/** Policies of the roles that are no application's: a backup reads all rows, support those of the tenant that its transaction has entered. */
export function rolePolicies(place: Place): (readonly [string, WantedPolicy])[] {
  const backups = granteesOf(place, 'backup');
  const supporters = granteesOf(place, 'support');
  const floor = supportFloor(place.schema);
  return [
    ...(backups.length === 0 ? [] : [[BACKUP_POLICY, { permissive: true, command: 'r', roles: backups, using: 'true', check: null }] as const]),
    ...(supporters.length === 0 ? [] : [[SUPPORT_POLICY, { permissive: true, command: '*', roles: supporters, using: floor, check: floor }] as const]),
  ];
}
