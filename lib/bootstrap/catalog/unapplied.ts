import { TenantryError } from '../../core/errors';
import { placeName, tenantPlacesOf } from '../apply/tenant-result';
import { unitsOf } from '../apply/unit';
import type { Difference } from '../plan/difference';
import type { Situation } from './situation';

/**
 * What is done with the place of a tenant rests on what the manifest says of it, so that must have been applied: as the last one, and to the end, or at least
 * to this tenant and to what all share. Another tenant that an apply failed for is in nobody's way. An apply of the same manifest that was interrupted behind
 * that made nothing else: a move makes a place by an apply of its own.
 *
 * @throws TenantryError (`refused`)
 */
export function refuseUnapplied(situation: Pick<Situation, 'ledger' | 'libraryIsBehind' | 'differences' | 'databases'>, declaration: string, digest: string, key: string): void {
  const { ledger, libraryIsBehind } = situation;
  const isLast = ledger[0]?.manifestDigest === digest && !libraryIsBehind;
  if (isLast && ledger.find(({ outcome }) => outcome === 'done')?.manifestDigest === digest) return;
  const left = isLast ? leftFor(situation, declaration, key) : [];
  if (isLast && left.length === 0) return;
  throw new TenantryError('refused', {
    code: 'tenant/apply-first', at: key, problem: `The manifest is not the one that was applied last, or no apply of it ended well${left.length === 0 ? '' : ` for this tenant and what all share: ${left.slice(0, 5).map(({ summary }) => summary).join('; ')}${left.length > 5 ? `; and ${left.length - 5} more` : ''}`}.`,
    fix: 'Run tenantry bootstrap apply with this manifest first, or give the manifest of the last apply.',
  });
}

/** What an apply that failed did not come to, of all that this tenant rests on. */
function leftFor({ differences, databases }: Pick<Situation, 'differences' | 'databases'>, declaration: string, key: string): Difference[] {
  const { units, shared } = unitsOf(declaration, databases, differences.filter((difference) => difference.type === 'change'));
  const tenants = new Map(tenantPlacesOf(databases).map((place) => [placeName(place), place.tenant]));
  const concerns = ({ target, place }: Difference): boolean => [undefined, key].includes(place === undefined ? undefined : tenants.get(placeName({ database: target, schema: place })));
  return [
    ...differences.filter((difference) => difference.type === 'refusal' && difference.blocking === true && concerns(difference)),
    ...shared, ...units.filter(({ tenant }) => tenant === key).flatMap(({ changes, final }) => [...changes, ...final]),
  ];
}
