import { createHash } from 'node:crypto';
import { TenantryError } from '../../core/errors';
import { homeDatabase } from '../../declaration/names';
import { type FailedTenant, readFailedTenants } from '../apply/tenant-result';
import { unitsOf } from '../apply/unit';
import type { LedgerEntry } from '../catalog/library';
import { type Situation, type SituationOptions, withSituation } from '../catalog/situation';
import type { Difference } from './difference';

/** What would be done to a server, and what would not. */
export interface Plan {
  readonly declaration: string;
  readonly address: string;
  /** The server, where one tenant has it for itself. @default - it is the home's */
  readonly cell?: string;
  readonly serverVersion: string;
  readonly tenants: number;
  readonly differences: readonly Difference[];
  /** Whether something was changed by hand since the last apply. */
  readonly drifted: boolean;
  readonly lastApply?: LedgerEntry;
  /** Tenants that the last apply which came to them failed for, and that are still not as declared. */
  readonly failedTenants: readonly FailedTenant[];
  /** Identifies the differences; `apply --plan` applies nothing else. */
  readonly fingerprint: string;
}

/**
 * Compares what is declared with what is there, and changes nothing.
 *
 * @throws TenantryError (`refused`) for a manifest that is older than the one that was applied last
 */
export async function plan(options: Omit<SituationOptions, 'locks'> & { readonly allowOlder?: boolean }): Promise<Plan> {
  return withSituation({ ...options, withOrigins: true }, async (situation) => {
    const { ledger, differences, capabilities, placements } = situation;
    if (options.allowOlder !== true) refuseOlder(ledger, options.loaded.digest);
    const lastApply = ledger.find(({ outcome }) => outcome === 'done');
    return {
      declaration: options.loaded.manifest.declaration.name, address: options.loaded.manifest.address, ...(options.loaded.cell === undefined ? {} : { cell: options.loaded.cell }), serverVersion: capabilities.version, tenants: placements.length,
      differences, drifted: differences.some((difference) => difference.type !== 'finding' && difference.origin === 'drift'), ...(lastApply === undefined ? {} : { lastApply }), fingerprint: fingerprintOf(differences), failedTenants: await failedTenants(situation, options.loaded.manifest.declaration.name),
    };
  });
}

/** One that is as declared by now was mended by hand. */
async function failedTenants({ connections, databases, differences }: Situation, declaration: string): Promise<FailedTenant[]> {
  const { units } = unitsOf(declaration, databases, differences.filter((difference) => difference.type === 'change'));
  const home = connections.get(homeDatabase(declaration));
  if (home === undefined || units.length === 0) return [];
  const left = new Set(units.map(({ tenant }) => tenant));
  return (await readFailedTenants(home)).filter(({ tenant }) => left.has(tenant));
}

/** Findings are not part of it, nor where a difference comes from, and the order in which the catalog lists things does not count. */
export const fingerprintOf = (differences: readonly Difference[]): string =>
  createHash('sha256').update(differences.filter(({ type }) => type !== 'finding').map((difference) => JSON.stringify({ ...difference, origin: undefined })).sort().join('\n')).digest('hex');

/** A manifest that was applied, and then another one, is older, also where that one did not end well: applying it would take back what came after. */
export function refuseOlder(ledger: readonly LedgerEntry[], digest: string): void {
  const [last] = ledger;
  const earlier = ledger.find(({ manifestDigest }) => manifestDigest === digest);
  if (last === undefined || earlier === undefined || last.manifestDigest === digest) return;
  throw new TenantryError('refused', {
    code: 'manifest/older', problem: `This manifest was applied as generation ${earlier.generation}; generation ${last.generation} came from another one, on ${last.startedAt.toISOString()}${last.outcome === 'done' ? '' : `, and is ${last.outcome}`}.`,
    fix: 'Give the manifest of the last deployment, or --allow-older to go back to this one.',
  });
}
