import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createColors } from 'picocolors';
import { apply, type Evidence, verify } from '../../bootstrap';
import { trust } from '../../bootstrap/connect/credentials';
import { TenantryError } from '../../core/errors';
import { count } from '../../core/text';
import { cellsOf, type LoadedManifest, readManifests } from '../../manifest';
import { coverageText, verdictsText } from '../output/verify-text';
import type { Streams } from '../streams';

const OUTCOMES: Readonly<Record<Evidence['outcome'], string>> = { isolated: 'holds', breached: 'BREACHED', unknown: 'unknown' };

/**
 * Bootstraps each manifest of the outputs on a PostgreSQL of its own, as the pipeline would on the cluster, and attacks the isolation.
 * The servers and their data are gone afterwards.
 *
 * @returns whether every isolation held
 */
export async function bootstrapEmbedded(outputs: unknown, streams: Streams, format: 'text' | 'json'): Promise<boolean> {
  let isolated = true;
  const manifests = manifestsIn(outputs);
  if (manifests.length === 0) throw new TenantryError('failed', { code: 'rehearsal/no-manifest', at: '--bootstrap', problem: 'No stack puts a manifest out, so there is no database to bootstrap.', fix: 'Declare a TenantDatabase, rehearse the stack that has one, or leave --bootstrap out.' });
  // Each server of a manifest is one of its own, so that those which tenants have for themselves are too.
  for (const { loaded, tenant } of manifests.flatMap(cellsOf)) {
    const { summary, changes, outcome } = await bootstrapOne(loaded);
    const { manifest } = loaded;
    isolated &&= outcome === 'isolated';
    (format === 'json' ? streams.err : streams.out).write(`  bootstrap   ${manifest.environment} ${manifest.declaration.name}${tenant === undefined ? '' : `, server ${manifest.home}`}: ${count(changes, 'change')}; isolation ${OUTCOMES[outcome]}: ${summary}\n`);
  }
  return isolated;
}

function manifestsIn(outputs: unknown): LoadedManifest[] {
  const text = JSON.stringify(outputs);
  return text.includes('tenantry/manifest@') ? readManifests(text, 'the outputs') : [];
}

async function bootstrapOne(loaded: LoadedManifest): Promise<{ changes: number; outcome: Evidence['outcome']; summary: string }> {
  const { startEmbedded } = await import('../../embedded/index.js');
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-bootstrap-'));
  try {
    const server = await startEmbedded({ dataDirectory: join(folder, 'postgres') });
    try {
      const { manifest } = loaded;
      const declared = manifest.servers[manifest.home];
      if (declared === undefined) throw new Error(`manifest without server ${manifest.home}`);
      const access = await trust(server)({ name: manifest.home, server: declared, user: server.bootstrapUser });
      // The home's server is gone by now, and nobody asks it which id the tenant has.
      const { changes } = await apply({ access, loaded: loaded.cell === undefined ? loaded : { ...loaded, tenantId: randomUUID() } });
      const { outcome, summary } = await verify({ access, loaded });
      return { changes: changes.length, outcome, summary: `${coverageText(summary)}, ${verdictsText(summary, createColors(false))}` };
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
