import type { Place } from '../model/place';

/** The database roles that stand for declared ones in a place, with their privileges. */
export function granteesOf(place: Place, roles: readonly string[] = [], letters: string): Map<string, string> {
  return new Map(place.roles.filter(({ name }) => roles.includes(name)).map(({ grantee }) => [grantee, letters]));
}

/** A dump reads how far a sequence is. */
export const backupGrantees = (place: Place): [string, string][] => place.roles.filter(({ declaration }) => declaration.kind === 'backup').map(({ grantee }) => [grantee, 'r']);
