import type { Complaint } from '../core/errors';
import type { DatabaseEngine } from './engine';

/**
 * From here the end of standard support is near: AWS gives users six months to leave a major version that it deprecates (Amazon RDS FAQs), and that is about what
 * the test of an upgrade, its rehearsal on a copy and a date for it take.
 */
export const NEAR_END_OF_SUPPORT_DAYS = 180;

/** Where a major version stands. `days` are those that are left, or that have gone by. */
export type Support =
  | { readonly state: 'supported' | 'unknown' }
  | { readonly state: 'near' | 'past'; readonly on: string; readonly days: number };

/** @param today - `2026-11-21`, so that the answer does not depend on when it is asked for */
export function supportOf({ endOfSupport }: Pick<DatabaseEngine, 'endOfSupport'>, today: string): Support {
  if (endOfSupport === undefined) return { state: 'unknown' };
  const days = Math.round((Date.parse(endOfSupport) - Date.parse(today)) / 86_400_000);
  if (days < 0) return { state: 'past', on: endOfSupport, days: -days };
  return days <= NEAR_END_OF_SUPPORT_DAYS ? { state: 'near', on: endOfSupport, days } : { state: 'supported' };
}

/** What a user should know of it; nothing while there is nothing to do. Extended support is paid for by the hour, and off unless it is asked for. */
export function describeSupport(engine: Pick<DatabaseEngine, 'label' | 'major' | 'endOfSupport' | 'successors'>, today: string): Complaint | undefined {
  const support = supportOf(engine, today);
  if (support.state !== 'near' && support.state !== 'past') return undefined;
  const name = `${engine.label} ${engine.major}`;
  const newest = engine.successors.at(-1);
  return {
    code: support.state === 'near' ? 'engine/support-ends' : 'engine/support-ended',
    problem: support.state === 'near'
      ? `Standard support of ${name} ends on ${support.on}, in ${support.days} days. Extended support is off, so that AWS then upgrades the database by itself, on that day or shortly after.`
      : `Standard support of ${name} ended on ${support.on}. Extended support is off, so that AWS makes no new database of it, and upgrades one that exists by itself.`,
    fix: newest === undefined ? 'No later version is known here: upgrade tenantry first.' : `Upgrade to a version that you have tested: ${engine.successors.join(', ')}.`,
    source: 'AWS, CreateDBCluster, EngineLifecycleSupport, and Creating a DB cluster with RDS Extended Support',
  };
}
