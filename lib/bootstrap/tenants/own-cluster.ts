import { TenantryError } from '../../core/errors';
import { homeDatabase, LIBRARY_SCHEMA, maintainerRole } from '../../declaration/names';
import type { LoadedManifest } from '../../manifest/read';
import { actor, type ApplyOptions } from '../apply/apply';
import { inTransaction } from '../apply/execute';
import { ApplyLocks } from '../apply/lock';
import { withSituation } from '../catalog/situation';
import { change } from '../kinds/kind';
import { literal } from '../sql/quote';
import { homeOf } from './state';
import { recordSql } from './operations';

const WAYS = {
  add: { what: 'no other tenant is added there', fix: 'Leave the server out: the tenant is added at home.' },
  move: { what: 'it is moved neither there nor away from there', fix: 'No command moves a tenant between servers yet. To carry its rows over: tenantry tenant archive KEY --out FOLDER, and declare it under another key.' },
  offboard: {
    what: 'its cluster goes with the deployment that removes it from the code, and its rows with that',
    fix: 'Keep its rows, where they are wanted: tenantry tenant archive KEY --out FOLDER\nThen remove it from the code and deploy. tenantry tenant forget KEY --confirm KEY frees its key.',
  },
} as const;

/**
 * What is not done on a server that one tenant has for itself.
 *
 * @throws TenantryError (`refused`) where the manifest is that of such a server
 */
export function refuseOnOwnCluster({ cell }: LoadedManifest, operation: keyof typeof WAYS, key: string): void {
  if (cell === undefined) return;
  const { what, fix } = WAYS[operation];
  throw new TenantryError('refused', {
    code: 'tenant/own-cluster', at: key, problem: `${cell} is the server that tenant ${JSON.stringify(cell)} has for itself: ${what}.`, fix: fix.replaceAll('KEY', key),
  });
}

/**
 * Frees the key of a tenant that had a cluster of its own, where no code declares it any more. What was done with it stays in the ledger.
 *
 * @returns whether the tenant is one of those
 * @throws TenantryError (`refused`) while it is declared: its cluster is there still
 */
export async function forgetOwnCluster({ access, loaded, lockWait }: Pick<ApplyOptions, 'access' | 'loaded' | 'lockWait'>, key: string): Promise<boolean> {
  return withSituation({ access, loaded, locks: new ApplyLocks(lockWait ?? 300_000) }, async (situation) => {
    if (situation.placements.find((placement) => placement.key === key)?.isolation !== 'cluster') return false;
    const { declaration: { name }, tenants } = loaded.manifest;
    if (Object.hasOwn(tenants, key)) {
      throw new TenantryError('refused', {
        code: 'tenant/own-cluster', at: `tenants.${key}`, problem: `The tenant ${JSON.stringify(key)} is declared, with a cluster of its own that holds its rows.`,
        fix: `Remove it from the code and deploy that, which removes the cluster; apply (tenantry bootstrap apply), and then run this command with the new manifest.`,
      });
    }
    const home = await homeOf(situation, name);
    const actors = { owner: situation.server.owner, maintainer: maintainerRole(name) };
    await inTransaction({ client: home, actors, places: [], prepare: () => Promise.resolve(), onProgress: () => undefined }, [change({
      kind: 'tenant', action: 'alter', reason: 'asked for', target: homeDatabase(name), summary: `tenant ${key} is forgotten`,
      sql: [
        recordSql({ tenant: key, operation: 'offboard', step: 'forget', detail: {}, actor: actor(situation) }, 'done'),
        `delete from ${LIBRARY_SCHEMA}.tenants where key = ${literal(key)}`, `delete from ${LIBRARY_SCHEMA}.tenant_ids where key = ${literal(key)}`,
      ],
    })]);
    return true;
  });
}
