import { TenantryError } from '../../core/errors';
import type { Situation } from './situation';

/**
 * What is done with the place of a tenant rests on what the manifest says of it, so that must have been applied. An apply of the same manifest that was
 * interrupted behind that made nothing else: a move makes a place by an apply of its own.
 *
 * @throws TenantryError (`refused`)
 */
export function refuseUnapplied({ ledger, libraryIsBehind }: Pick<Situation, 'ledger' | 'libraryIsBehind'>, digest: string, key: string): void {
  if (ledger[0]?.manifestDigest === digest && ledger.find(({ outcome }) => outcome === 'done')?.manifestDigest === digest && !libraryIsBehind) return;
  throw new TenantryError('refused', {
    code: 'tenant/apply-first', at: key, problem: 'The manifest is not the one that was applied last, or no apply of it ended well.', fix: 'Run tenantry bootstrap apply with this manifest first, or give the manifest of the last apply.',
  });
}
