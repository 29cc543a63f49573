import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { apply, type ApplyResult, plan, verify } from '../../lib/bootstrap';
import { type LoadedManifest, readManifests, selectManifest } from '../../lib/manifest';
import { platform } from '../../stacks/platform';
import { aboutContent, accessTo } from './support/platform';
import { freshFolder } from '../support/fresh-folder';
import { describeServers, startTestServer, type TestServer } from '../support/postgres';

/** What `npm start` shows, from the synthesized staging stack to the verified database. */
describeServers('the reference platform in a database', (major) => {
  let server: TestServer;
  let loaded: LoadedManifest;
  let first: ApplyResult;

  beforeAll(async () => {
    const outdir = freshFolder('out');
    // The whole platform as the cdktf command would write it; test/stacks/platform.test.ts judges the Terraform.
    platform({ outdir }).synth();
    const file = join(outdir, 'stacks', 'staging-data', 'cdk.tf.json');
    expect(existsSync(file)).toBe(true);
    loaded = selectManifest(readManifests(readFileSync(file, 'utf8'), file), undefined, file);
    server = await startTestServer({ major });
    first = await apply({ access: accessTo(server), loaded });
  });

  it('is applied with a change for everything that it declares, and nothing refused', () => {
    expect(first.changes.length).toBeGreaterThan(400);
    expect({ refusals: first.refusals, findings: aboutContent(first.findings) }).toEqual({ refusals: [], findings: [] });
  });

  it('has nothing left to do', async () => {
    expect(aboutContent((await plan({ access: accessTo(server), loaded })).differences)).toEqual([]);
  });

  it('[DBAAS-5.4] [DBS-2.3] [ASM-3.2] keeps tenants apart: every attack is denied or accepted with a reason', async () => {
    const { outcome, summary, accepted, results } = await verify({ access: accessTo(server), loaded });
    expect(results.filter(({ verdict }) => verdict === 'breached' || verdict === 'unknown')).toEqual([]);
    expect(outcome).toBe('isolated');
    expect(summary).toMatchObject({ modes: 3, breached: 0, unknown: 0 });
    expect(summary.denied).toBeGreaterThan(4000);
    for (const { reason, remedy } of accepted) expect([reason, remedy]).not.toContain('');
  });
});
