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
interface Upgrade {
  /** What is new, with everything below it. */
  readonly creates: readonly string[];
  /** Everything else that the plan holds. */
  readonly changes: readonly string[];
}

const UPGRADE: Readonly<Record<string, Upgrade>> = {
  '0.1.0': {
    creates: ['data/Cluster/Access', 'data/Cluster/Logs/iam-db-auth-error/DataProtection', 'data/Cluster/Logs/postgresql/DataProtection', 'data/Cluster/Monitoring', 'data/EventSubscriptions', 'foundation/Alerts', 'foundation/OsMetrics'],
    changes: [
      // Windows, a security group of its own, and samples every 5 seconds outside development.
      'update data/Cluster/Resource', 'update data/Cluster/Instances/a', 'update data/Cluster/Instances/b',
      // Slow statements, lock waits and what else the alarms count.
      'update data/Cluster/ParameterGroup',
      // Topics, queues and state machines use it.
      'update foundation/Key/Resource', 'update foundation/Key/Replica',
      // The manifest says until when which minor version of the engine is the latest, and how drivers notice a failover.
      'update data/Orders/ManifestObject', 'update data/Orders/ManifestParameter',
    ],
  },
};

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

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
    const { creates, changes } = UPGRADE[release] as Upgrade;
    const planned = (await deployment.plan(now.outdir, { stack })).map((line) => line.replace(` ${environment}-`, ' '));
    const isNew = (line: string): boolean => creates.some((place) => line === `create ${place}` || line.startsWith(`create ${place}/`));
    expect(planned.filter((line) => !isNew(line)).sort(byText)).toEqual(changes.filter((line) => environment !== 'development' || !line.endsWith('Instances/b')).sort(byText));
    expect(creates.filter((place) => !planned.some((line) => line === `create ${place}` || line.startsWith(`create ${place}/`)))).toEqual([]);
  });
});
