import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdktf';
import { Environment } from 'tenantry';
import { enforcePolicies } from 'tenantry/policies';
import { beforeAll, describe, expect, it } from 'vitest';
import { Data } from '../../stacks/data';
import { Foundation } from '../../stacks/foundation';
import { tenantry } from '../cli/support';
import { freshFolder } from '../support/fresh-folder';
import { startTestServer } from '../support/postgres';
import { describeTerraform } from '../support/terraform';
import { type Program, programs, stacksIn, TIME_LIMIT } from './programs';
import { awsAccount, emulator } from './provider';
import { rehearsal } from './rehearsal';
import type { Target, Workplace } from './target';

const DATABASE = process.env['TENANTRY_DATABASE_URL'];
const development = JSON.parse(readFileSync(join('stacks', 'environments', 'development.json'), 'utf8')) as object;

/** The development environment of the reference platform, under a name that no other run has. */
function synthesize(platform: string, account: string): string {
  const app = new App({ outdir: join(freshFolder('synthesized'), 'cdktf.out') });
  const environment = Environment.parse({ ...development, platform, account });
  new Data(app, { environment, foundation: new Foundation(app, { environment }) });
  enforcePolicies(app);
  app.synth();
  return app.outdir;
}

/** The path that a pipeline takes, with the programs as they are. Each step is tried also when one before it failed: what was made must go. */
function suite(target: Target, program: Program): void {
  const platform = `t${randomBytes(4).toString('hex')}`;
  const unreachable = DATABASE === undefined && !target.localDatabase ? ' (skipped: the database is in isolated subnets, and TENANTRY_DATABASE_URL names no way to it)' : '';
  // A space is part of it.
  const folder = (): string => join(freshFolder('deployment'), 'a deployment');
  let workplace: Workplace;
  let synthesized: string;
  let outputs: string;

  beforeAll(async () => {
    synthesized = synthesize(platform, target.account);
    const place = folder();
    workplace = await target.prepare(synthesized, place, platform);
    outputs = join(place, 'outputs.json');
  });

  it('[DBAAS-2.1] deploys', async () => {
    expect(await workplace.objects()).toEqual([]);
    await program.deploy(workplace, stacksIn(workplace), outputs);
    expect((await workplace.objects()).filter((object) => object.includes(platform))).not.toEqual([]);
  }, TIME_LIMIT);

  it.skipIf(unreachable !== '')(`bootstraps from the outputs, and attacks the isolation${unreachable}`, async () => {
    const url = DATABASE ?? (await startTestServer()).url();
    const evidence = join(freshFolder('evidence'), 'evidence.json');
    expect(await tenantry(['bootstrap', 'apply', '--manifest', outputs, '--database-url', url, '--evidence', evidence])).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(readFileSync(evidence, 'utf8'))).toMatchObject({ outcome: 'isolated' });
  }, TIME_LIMIT);

  it('plans no change after that', async () => {
    for (const stack of stacksIn(workplace)) expect(await program.plan(workplace, stack)).toContain('No changes. Your infrastructure matches the configuration.');
  }, TIME_LIMIT);

  it('destroys, and leaves nothing; what was synthesized is as it was', async () => {
    await program.destroy(workplace, stacksIn(workplace));
    expect(await workplace.objects()).toEqual([]);
    const stacks = stacksIn(workplace);
    for (const stack of stacks) {
      expect(existsSync(join(workplace.output, 'stacks', stack, '.terraform.lock.hcl'))).toBe(true);
      expect(existsSync(join(synthesized, 'stacks', stack, '.terraform.lock.hcl'))).toBe(false);
    }
  }, TIME_LIMIT);
}

describeTerraform('the deployment of the reference platform', () => {
  for (const target of [rehearsal, emulator, awsAccount]) {
    for (const program of target.missing === undefined ? programs : programs.slice(0, 1)) {
      const missing = target.missing ?? program.missing;
      const title = `${program.name}, target ${target.name}`;
      if (missing === undefined) describe(title, () => suite(target, program));
      else describe.skip(`${title} (skipped: ${missing})`, () => suite(target, program));
    }
  }
});
