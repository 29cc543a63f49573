import type { LiveCatalog } from '../kinds/kind';
import type { ServerPlan } from '../model/server';
import type { Difference } from '../plan/difference';
import { withMovingPeriods } from '../plan/moving-periods';
import { diffDatabase, diffServer } from '../plan/planner';
import { type AppliedState, identityOfRefusal } from './last-applied';
import { EVERYTHING, type Reading } from './reading';
import type { Wanted } from './wanted';

/** What is there. */
export interface Live {
  readonly server: LiveCatalog;
  /** By name; none for a database that is not there. */
  readonly databases: ReadonlyMap<string, LiveCatalog>;
  /** What was read of the home database. The others are read as a whole. */
  readonly reading: Reading;
}

/** Stands for a database that nothing is said about: it is somebody else's, lets nobody in, or held rows and is gone. */
export const UNSEEN: LiveCatalog = new Map();
const NOTHING_THERE: LiveCatalog = new Map();

/** What differs, on the server and in each database. @param before - tells what was changed by hand from what is declared since. */
export function differencesOf({ server, databases }: Wanted, live: Live, before?: Wanted): Difference[] {
  const differences = diffServer(server, live.server, before?.server);
  const former = new Map(before === undefined ? [] : withMovingPeriods(before.databases, live.databases).map((database) => [database.name, database]));
  for (const database of withMovingPeriods(databases, live.databases)) {
    const there = live.databases.get(database.name) ?? NOTHING_THERE;
    if (there === UNSEEN) continue;
    for (const difference of diffDatabase(database, there, before === undefined ? undefined : former.get(database.name) ?? 'nothing', database.isHome ? live.reading : EVERYTHING)) differences.push(difference);
  }
  return differences;
}

/** What is wanted of the server besides the rest, as far as it is read: roles with their memberships and settings. */
export const besides = (server: ServerPlan, rest: ServerPlan): ServerPlan => ({ ...server, roles: new Map([...server.roles].filter(([role]) => !rest.roles.has(role))), marker: '' });

/** What the last apply refused already is not as declared, but nobody changed it since. */
export const stillRefused = ({ refused }: AppliedState, difference: Difference): Difference =>
  (difference.type === 'refusal' && refused.has(identityOfRefusal(difference)) ? { ...difference, origin: 'pending' } : difference);

export function without(all: readonly Difference[], some: readonly Difference[]): Difference[] {
  if (some.length === 0) return [...all];
  const known = new Set(some.map((difference) => JSON.stringify(difference)));
  return all.filter((difference) => !known.has(JSON.stringify(difference)));
}
