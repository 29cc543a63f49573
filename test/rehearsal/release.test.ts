import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { platform } from '../../stacks/platform';
import { describeTerraform } from '../support/terraform';
import { Deployment, freshOutput } from './support/versions';

/** What each release synthesized from the reference platform of its time. */
const RELEASES = join('test', 'fixtures', 'releases');

/**
 * What the plan of an upgrade shows in each environment, as the notes of the release say it. Everything else is a surprise for who has
 * deployed it, and fails.
 */
const UPGRADE: Readonly<Record<string, readonly string[]>> = {
  // The manifest says until when which minor version of the engine is the latest.
  '0.1.0': ['update data/Orders/ManifestObject', 'update data/Orders/ManifestParameter'],
};

describeTerraform('an upgrade from a release', () => {
  it('has an expectation for each release, and no release holds a path of a machine', () => {
    expect(readdirSync(RELEASES).sort()).toEqual(Object.keys(UPGRADE).sort());
    for (const release of Object.keys(UPGRADE)) {
      const stacks = readdirSync(join(RELEASES, release, 'stacks'));
      expect(stacks).toContain('production-data');
      for (const stack of stacks) {
        const { terraform } = JSON.parse(readFileSync(join(RELEASES, release, 'stacks', stack, 'cdk.tf.json'), 'utf8')) as { terraform: { backend: { local?: { path: string } } } };
        expect(terraform.backend.local?.path ?? '../').toMatch(/^\.\.\//);
      }
      expect(existsSync(join(RELEASES, release, 'manifest.json'))).toBe(true);
    }
  });

  it.each(Object.keys(UPGRADE).flatMap((release) => ['development', 'production'].map((environment) => [release, environment] as const)))('%s, %s: exactly what the notes say', async (release, environment) => {
    const deployment = new Deployment();
    const stack = `${environment}-*`;
    await deployment.deploy(join(RELEASES, release), stack);
    const now = platform({ outdir: freshOutput() });
    now.synth();
    expect(await deployment.plan(now.outdir, { stack })).toEqual((UPGRADE[release] ?? []).map((line) => line.replace(' ', ` ${environment}-`)));
  });
});
