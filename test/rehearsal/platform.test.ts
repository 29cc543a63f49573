import { join } from 'node:path';
import type { App } from 'cdktf';
import { expect, it } from 'vitest';
import { RunnerCompute } from '../../lib/bootstrap-runner';
import { rehearse, type RehearsalReport } from '../../lib/rehearsal';
import { Store } from '../../lib/rehearsal/cloud/store';
import { platform } from '../../stacks/platform';
import { make } from '../bootstrap-runner/fixture';
import { tenantry } from '../cli/support';
import { freshFolder } from '../support/fresh-folder';
import { describeTerraform } from '../support/terraform';

/** What every stack of this repository must show: it closes, comes to rest, and is gone afterwards. */
const shown = ({ stacks, schemaOnly, warnings }: RehearsalReport): typeof closes => ({
  steps: [...new Set(stacks.map(({ steps }) => steps.map(({ step }) => step).join(', ')))], unsettled: stacks.flatMap(({ differs }) => differs), creates: stacks.every(({ changes }) => changes.length > 0 && changes.every(({ action }) => action === 'create')), schemaOnly: [...schemaOnly],
  warnings: warnings.map(({ at, problem }) => `${at}: ${problem.split(':')[0]}`),
});
const closes: { steps: string[]; unsettled: unknown[]; creates: boolean; schemaOnly: string[]; warnings: string[] } = { steps: ['validate, plan, apply, second plan, destroy'], unsettled: [], creates: true, schemaOnly: [], warnings: [] };

describeTerraform('the stacks of this repository, rehearsed', () => {
  // Development is deployed by `cdktf deploy` in test/targets, staging rehearsed by `npm start`; what differs between them is a table with a test of its own.
  it('[ARC-9.6] the stacks of the reference platform in production close, come to rest and are destroyed', { timeout: 120_000 }, async () => {
    const outdir = freshFolder('platform');
    const keep = freshFolder('work');
    platform({ outdir }).synth();
    const report = await rehearse({ from: process.cwd(), dir: outdir, keep, stack: 'production-*' });
    expect(report.stacks.map(({ name }) => name)).toEqual(['production-foundation', 'production-data']);
    expect(shown(report)).toEqual(closes);
    expect(new Store(join(keep, 'store', 'objects')).files()).toEqual([]);
    // What protects data refuses to go: the rehearsal had to free it first.
    expect(report.stacks.filter(({ lifted }) => lifted.some(({ argument }) => argument === 'deletion_protection')).map(({ name }) => name)).toEqual(['production-data']);
  });

  it('accounts have names of their own: what every account may have once is there in two environments', { timeout: 60_000 }, async () => {
    const outdir = freshFolder('accounts');
    platform({ outdir }).synth();
    const { stacks } = await rehearse({ from: process.cwd(), dir: outdir, stack: '*-foundation', until: 'apply' });
    expect(stacks.map(({ name }) => name)).toEqual(['development-foundation', 'production-foundation', 'staging-foundation']);
  });

  it.each([['Fargate', RunnerCompute.fargate()], ['CodeBuild', RunnerCompute.codeBuild()]])('a stack with a bootstrap runner on %s closes too', { timeout: 60_000 }, async (_name, compute) => {
    const { stack } = make({ compute });
    const app = stack.node.root as App;
    app.synth();
    expect(shown(await rehearse({ from: process.cwd(), dir: app.outdir }))).toEqual({ ...closes, warnings: [
      expect.stringMatching(/^staging-data\/Cluster: The environment wants somebody to be told within 60 seconds .* Give osMetrics$/),
      'staging-data/AlertChannel: Nobody is told of what is critical', 'staging-data/AlertChannel: Nobody is told of what is warning',
    ] });
  });

  it('the example becomes a deployment and a database whose isolation holds', { timeout: 120_000 }, async () => {
    const { code, out, err } = await tenantry(['rehearse', '--app', 'npx tsx examples/bookings.ts', '--bootstrap', 'embedded']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/bootstrap {3}development bookings: \d+ changes; isolation holds: \d+ attacks × 2 tables × 4 roles × 1 mode, \d+ denied, \d+ accepted, \d+ not applicable\n/);
    expect(out).toMatch(/development-all {3}valid · \d+ to create · applied · second plan empty · destroyed/);
  });
});
