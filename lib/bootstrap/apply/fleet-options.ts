import { Complaints, TenantryError } from '../../core/errors';
import { listOf } from '../../core/text';
import type { Situation } from '../catalog/situation';
import { type FleetOptions, MOST_CONCURRENCY } from './fleet';

export function refuseFleetOptions({ concurrency = 1, maxFailures = 0 }: FleetOptions): void {
  const complaints = new Complaints();
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MOST_CONCURRENCY) {
    complaints.add({ code: 'apply/concurrency', at: 'concurrency', problem: `It is ${concurrency}, and whole numbers from 1 to ${MOST_CONCURRENCY} are allowed: more connections wait for each other in the catalog.`, fix: 'Leave it out, or give another number.' });
  }
  if (!Number.isInteger(maxFailures) || maxFailures < 0) {
    complaints.add({ code: 'apply/max-failures', at: 'maxFailures', problem: `It is ${maxFailures}, and whole numbers from 0 are allowed.`, fix: 'Leave it out, or give another number.' });
  }
  complaints.throwIfAny();
}

/** A canary that does not exist, or has no place of its own, would let everybody through. */
export function refuseUnknownCanary(canary: readonly string[] = [], { placements }: Situation): void {
  const isolations = new Map(placements.map(({ key, isolation }) => [key, isolation]));
  const wrong = canary.filter((key) => (isolations.get(key) ?? 'row') === 'row');
  if (wrong.length === 0) return;
  const able = placements.filter(({ isolation }) => isolation !== 'row').map(({ key }) => key);
  throw new TenantryError('input', wrong.map((key) => ({
    code: 'apply/canary', at: `canary ${JSON.stringify(key)}`,
    problem: isolations.has(key) ? 'This tenant has no schema or database of its own: it shares the home schema, which changes before all others anyway.' : 'There is no such tenant. Nothing was changed.',
    fix: able.length === 0 ? 'Leave it out: no tenant has a schema or a database of its own.' : `Give one that has a place of its own, such as ${listOf(able.slice(0, 3), 'or')}.`,
  })));
}
