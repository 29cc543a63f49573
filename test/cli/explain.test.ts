import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppautoscalingTarget } from '@cdktf/provider-aws/lib/appautoscaling-target';
import { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import { DbProxyTarget } from '@cdktf/provider-aws/lib/db-proxy-target';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import { type App, TerraformOutput } from 'cdktf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CODES } from '../../lib/explain/codes';
import { explainAlarm, explainedAlarms } from '../../lib/explain/explain-alarm';
import { rehearse } from '../../lib/rehearsal';
import { freshFolder } from '../support/fresh-folder';
import { type Json, testStack } from '../support/synth';
import { describeTerraform } from '../support/terraform';
import { tenantry } from './support';

interface AuroraProps {
  readonly classes: Readonly<Record<string, string>>;
  readonly atOnce?: boolean;
  readonly chained?: boolean;
}

/** As HaCluster makes it; instances in order of promotion. */
function aurora(stack: ReturnType<typeof testStack>, name: string, { classes, atOnce = false, chained = false }: AuroraProps): RdsCluster {
  const cluster = new RdsCluster(stack, name, { clusterIdentifier: name, engine: 'aurora-postgresql', masterUsername: 'root', manageMasterUserPassword: true, skipFinalSnapshot: true });
  const instances: RdsClusterInstance[] = [];
  for (const [id, instanceClass] of Object.entries(classes)) {
    instances.push(new RdsClusterInstance(stack, `${name}-${id}`, {
      identifier: `${name}-${id}`, clusterIdentifier: cluster.id, engine: 'aurora-postgresql', instanceClass, promotionTier: instances.length, applyImmediately: atOnce, preferredMaintenanceWindow: 'sun:03:00-sun:04:00', ...(chained ? { dependsOn: [...instances] } : {}),
    }));
  }
  return cluster;
}

const three = (instanceClass: string): Record<string, string> => ({ a: instanceClass, b: instanceClass, c: instanceClass });
const folders: string[] = [];
const synthesized = (make: (stack: ReturnType<typeof testStack>) => unknown, layer = 'data'): string => {
  const stack = testStack({}, layer);
  make(stack);
  const app = stack.node.root as App;
  app.synth();
  folders.push(app.outdir);
  return app.outdir;
};
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));
const explained = async (...args: string[]): Promise<Json[]> => JSON.parse((await tenantry(['explain', 'scaling', ...args, '--format', 'json'])).out).clusters;
const steps = async (...args: string[]): Promise<string[][]> => (await explained(...args)).map(({ steps }: Json) => steps.map(({ title }: Json) => title));
/** Of each step: whether writing goes on, and for how long it may not; null where AWS names no time. */
const seconds = async (...args: string[]): Promise<(number | null)[][]> => (await explained(...args)).map(({ steps }: Json) => steps.map(({ interruption }: Json) => interruption.seconds ?? null));

describe('tenantry explain scaling, of stacks', () => {
  it('[DBAAS-9.1] changes further readers, then the one that takes the writer\'s place, then fails over, then the old writer', async () => {
    const { code, out, err } = await tenantry(['explain', 'scaling', '--dir', synthesized((stack) => aurora(stack, 'shop', { classes: three('db.r8g.large'), atOnce: true })), '--stack', 'staging-*']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.replace(/-chdir=\S+\/stacks/g, '-chdir=STACKS')).toBe(`
  staging-data/shop   shop, Aurora, 3 instances of db.r8g.large

  1  ask which instance is the writer; the steps behind take it to be shop-a, the first in order of promotion
       aws rds describe-db-clusters --db-cluster-identifier shop --query 'DBClusters[0].DBClusterMembers[?IsClusterWriter].DBInstanceIdentifier' --output text
     Nothing is interrupted.

  2  reader shop-c gets the new class
       terraform -chdir=STACKS/staging-data apply -target='aws_rds_cluster_instance.shop-c'
     Writing goes on. Reading: connections to this reader are lost, and the reader endpoint gives others.
     Back: give it db.r8g.large again in the declaration, and do the same.

  3  reader shop-b gets the new class
       terraform -chdir=STACKS/staging-data apply -target='aws_rds_cluster_instance.shop-b'
     Writing goes on. Reading: connections to this reader are lost, and the reader endpoint gives others.
     Back: give it db.r8g.large again in the declaration, and do the same.

  4  shop-b takes the writer's place
       aws rds failover-db-cluster --db-cluster-identifier shop --target-db-instance-identifier shop-b
       aws rds wait db-cluster-available --db-cluster-identifier shop
     Writing fails, usually for less than 60 seconds and often for less than 30. Reading: is interrupted as long.
     Back: the same command with shop-a.

  5  old writer shop-a, now a reader, gets the new class
       terraform -chdir=STACKS/staging-data apply -target='aws_rds_cluster_instance.shop-a'
     Writing goes on. Reading: connections to this reader are lost, and the reader endpoint gives others.
     Back: give it db.r8g.large again in the declaration, and do the same.

  – First give the class in the declaration, and synthesize: then tenantry explain scaling --plan writes it into each
    command.
  – Go on only when the instance is available with its new class, which Terraform waits for. A step that fails leaves
    the others as they are, and the cluster serves on.
  Sources: AWS, Modifying a DB instance in a DB cluster; AWS, Fault tolerance for an Aurora DB cluster

`);
  });

  it.each([['changes wait for the maintenance window', { atOnce: false }], ['instances depend on each other, so that -target takes others along', { atOnce: true, chained: true }]])('goes past Terraform where %s', async (_why, props) => {
    const [cluster] = await explained('--dir', synthesized((stack) => aurora(stack, 'shop', { classes: { a: 'db.r8g.large', b: 'db.r8g.large' }, ...props })));
    expect(cluster.steps.map(({ commands }: Json) => commands[0].replace(/-chdir=\S+/, '-chdir=STACK'))).toEqual([
      expect.stringContaining('describe-db-clusters'),
      "aws rds modify-db-instance --db-instance-identifier shop-b --db-instance-class '<class>' --apply-immediately",
      'aws rds failover-db-cluster --db-cluster-identifier shop --target-db-instance-identifier shop-b',
      "aws rds modify-db-instance --db-instance-identifier shop-a --db-instance-class '<class>' --apply-immediately",
      'terraform -chdir=STACK apply',
    ]);
    expect(cluster.notes.includes('Changes wait for the maintenance window, sun:03:00-sun:04:00 UTC, in which AWS would change the instances in an order of its own: the steps do not wait for it.')).toBe(!props.atOnce);
  });

  it('knows what AWS does itself with every other kind, and what no time is described for', async () => {
    const dir = synthesized((stack) => {
      aurora(stack, 'alone', { classes: { a: 'db.r8g.large' } });
      aurora(stack, 'serverless', { classes: three('db.serverless') });
      new RdsCluster(stack, 'three', { clusterIdentifier: 'three', engine: 'postgres', dbClusterInstanceClass: 'db.r8gd.large', allocatedStorage: 100, applyImmediately: true });
      new DbInstance(stack, 'two', { identifier: 'two', instanceClass: 'db.r8g.large', multiAz: true });
      new DbInstance(stack, 'one', { identifier: 'one', instanceClass: 'db.r8g.large', applyImmediately: true });
    });
    expect(await steps('--dir', dir)).toEqual([
      ['writer alone-a gets the new class: it has no reader to take its place', 'Terraform finds done what it would have done'],
      ['another range: capacity changes in place, within its range at any time'],
      ['all three instances of three get the new class, by AWS itself'],
      ['the instance of one gets the new class, by AWS itself'],
      ['standby, then instance, of two get the new class, by AWS itself'],
    ]);
    expect(await seconds('--dir', dir)).toEqual([[null, 0], [0], [35], [null], [120]]);
    expect((await explained('--dir', dir))[1].notes).toEqual(['With another maximum, max_connections and others follow only when an instance restarts: aws rds reboot-db-instance, of readers first; then a failover, and the old writer. Else Aurora does it in the next maintenance window.']);
    // Left out, a change waits.
    expect((await explained('--dir', dir)).map(({ name, atOnce }) => [name, atOnce])).toEqual([['staging-data/alone', false], ['staging-data/serverless', false], ['staging-data/three', true], ['staging-data/one', true], ['staging-data/two', false]]);
  });

  it('sees a proxy in front, and autoscaling', async () => {
    const dir = synthesized((stack) => {
      const cluster = aurora(stack, 'shop', { classes: { a: 'db.r8g.large', b: 'db.r8g.large' } });
      new DbProxyTarget(stack, 'Target', { dbProxyName: 'p', targetGroupName: 'default', dbClusterIdentifier: cluster.clusterIdentifier });
      new AppautoscalingTarget(stack, 'Scaling', { serviceNamespace: 'rds', scalableDimension: 'rds:cluster:ReadReplicaCount', resourceId: `cluster:${cluster.id}`, minCapacity: 1, maxCapacity: 4 });
    });
    const [cluster] = await explained('--dir', dir);
    expect(cluster).toMatchObject({ pooled: true, autoscaled: true, stack: 'staging-data', name: 'staging-data/shop' });
    expect(cluster.steps[2].interruption.writing).toBe('waits at the proxy, often for less than 30 seconds and usually for less than 60');
    expect(cluster.notes.at(-1)).toBe('Readers of autoscaling are in no plan: those that are there keep their class, and new ones get that of the writer.');
  });

  it('has nothing to say of stacks without a database', async () => {
    const { code, out } = await tenantry(['explain', 'scaling', '--dir', synthesized((stack) => new TerraformOutput(stack, 'o', { value: 1 }))]);
    expect({ code, out }).toEqual({ code: 0, out: '\n  No database is declared in these stacks.\n\n' });
  });
});

describeTerraform('tenantry explain scaling, of a plan that Terraform made', () => {
  let file = '';
  const planned = (change: (plan: Json) => void): string => {
    const plan = JSON.parse(readFileSync(file, 'utf8'));
    change(plan);
    const changed = join(freshFolder('plan'), 'plan.json');
    writeFileSync(changed, JSON.stringify(plan));
    return changed;
  };
  const instancesIn = (plan: Json): Json[] => plan.resource_changes.filter(({ type }: Json) => type === 'aws_rds_cluster_instance');

  beforeAll(async () => {
    const store = freshFolder('store');
    const keep = join(freshFolder('work'), 'kept');
    const dir = (instanceClass: string): string => synthesized((stack) => {
      aurora(stack, 'shop', { classes: three(instanceClass), atOnce: true });
      aurora(stack, 'other', { classes: { a: 'db.r8g.large' } });
      new DbInstance(stack, 'one', { identifier: 'one', engine: 'postgres', instanceClass: instanceClass, allocatedStorage: 100, username: 'root', manageMasterUserPassword: true, skipFinalSnapshot: true });
    });
    await rehearse({ from: process.cwd(), dir: dir('db.r8g.large'), store, until: 'apply' });
    await rehearse({ from: process.cwd(), dir: dir('db.r8g.2xlarge'), store, keep, until: 'plan' });
    file = join(keep, 'plans', 'staging-data.json');
  }, 60_000);

  it('[DBAAS-9.1] names exactly the instances that it changes, with their classes, and the writer that it has read', async () => {
    const plan = planned((json) => instancesIn(json).forEach(({ change: { before } }) => (before.writer = before.identifier === 'shop-b')));
    expect(await steps('--plan', plan)).toEqual([
      ['reader shop-c gets db.r8g.2xlarge instead of db.r8g.large', 'reader shop-a gets db.r8g.2xlarge instead of db.r8g.large', 'shop-a takes the writer\'s place', 'old writer shop-b, now a reader, gets db.r8g.2xlarge instead of db.r8g.large'],
      ['the instance of one gets db.r8g.2xlarge instead of db.r8g.large, by AWS itself'],
    ]);
    const [shop, one] = await explained('--plan', plan);
    expect(shop.steps[0].commands).toEqual(["terraform apply -target='aws_rds_cluster_instance.shop-c'"]);
    expect([shop.atOnce, one.atOnce, one.notes]).toEqual([true, false, ['AWS does it in the maintenance window, sun:04:00-sun:04:30 UTC: the command returns at once, and nothing has happened yet.']]);
  });

  it('does not fail over when only readers change, and not to one that keeps its old class', async () => {
    const keeps = (...kept: string[]) => planned((json) => instancesIn(json).filter(({ change }) => kept.includes(change.before.identifier)).forEach(({ change }) => (change.after.instance_class = change.before.instance_class)));
    expect((await steps('--plan', keeps('shop-a')))[0]).toEqual(['reader shop-c gets db.r8g.2xlarge instead of db.r8g.large', 'reader shop-b gets db.r8g.2xlarge instead of db.r8g.large']);
    expect((await steps('--plan', keeps('shop-b')))[0]).toEqual(['reader shop-c gets db.r8g.2xlarge instead of db.r8g.large', 'shop-c takes the writer\'s place', 'old writer shop-a, now a reader, gets db.r8g.2xlarge instead of db.r8g.large']);
  });

  it('says so when no instance gets another class: one that is replaced is another instance', async () => {
    const { out } = await tenantry(['explain', 'scaling', '--plan', planned((json) => json.resource_changes.forEach(({ change }: Json) => (change.actions = ['delete', 'create'])))]);
    expect(out).toBe('\n  No instance gets another class in this plan.\n\n');
  });
});

describe('tenantry explain refuses', () => {
  const unknown = (code: string, fix: string): string => `explain/unknown  at ${code}\n\n  There is no explanation of "${code}": what is wrong, and what to do, stands in the error itself.\n\n  ${fix}\n`;

  it.each<[string, readonly string[], string]>([
    ['a folder without stacks', ['scaling', '--dir', '.ci'], 'explain/no-stacks  at .ci\n\n  The folder holds no manifest.json, so nothing was synthesized into it.\n\n  Run cdktf synth first, or name the folder: --dir cdktf.out\n'],
    ['a file that is no plan', ['scaling', '--plan', 'package.json'], 'explain/not-a-plan  at package.json\n\n  The file is not a plan of Terraform as JSON.\n\n  terraform plan -out plan.bin && terraform show -json plan.bin > plan.json\n'],
    ['a file that is not there', ['scaling', '--plan', 'nowhere.json'], 'explain/no-file  at nowhere.json\n\n  There is no such file.\n'],
    ['a file that is no JSON', ['scaling', '--plan', 'README.md'], 'explain/not-json  at README.md\n\n  The file is no JSON.\n\n  A plan becomes JSON by: terraform show -json plan.bin > plan.json\n'],
    ['a plan and stacks', ['scaling', '--plan', 'plan.json', '--stack', 'x'], 'explain/plan-or-stacks  at --stack\n\n  A plan holds the databases that it changes, and of one stack only.\n\n  Leave out --stack, or --plan.\n'],
    ['a code that is nearly one', ['ha-cluster/failover-not-keept'], unknown('ha-cluster/failover-not-keept', 'Did you mean: tenantry explain ha-cluster/failover-not-kept')],
    ['a code without its module', ['target-connections'], unknown('target-connections', 'Did you mean: tenantry explain engine/target-connections')],
    ['what is no code', ['toString'], unknown('toString', `Explained are scaling, the alarms of lib/alerting/RUNBOOKS.md, and these codes: ${Object.keys(CODES).join(', ')}.`)],
    ['an alarm that is nearly one', ['cpuu'], unknown('cpuu', 'Did you mean: tenantry explain cpu')],
  ])('%s', async (_name, args, message) => {
    expect(await tenantry(['explain', ...args])).toEqual({ code: 64, out: '', err: message });
  });

  it('a stack that is not there', async () => {
    const dir = synthesized((stack) => aurora(stack, 'shop', { classes: three('db.r8g.large') }));
    expect(await tenantry(['explain', 'scaling', '--dir', dir, '--stack', 'production-*'])).toEqual({ code: 64, out: '', err: `explain/no-stack  at ${dir}\n\n  No stack is called "production-*"; there are staging-data.\n\n  Give --stack one of them, or leave it out.\n` });
  });
});

describe('an explained alarm', () => {
  it('says what it means, where to look and what to do, and what holds for all', async () => {
    expect(await tenantry(['explain', 'cpu-readers'])).toEqual({ code: 0, err: '', out: `
  cpu-readers

  Means  as cpu, of the busiest reader, for a quarter of an hour: longer than a new reader needs to warm up.
  Look   whether all readers are busy, or one: connections stay with the reader that they were opened to.
  Do     more readers, or a lower target of autoscaling. One only: shorter lives of connections in the pool.

  First of all, whatever rings: is service-down on too? Then begin there. \`aws cloudwatch describe-alarms --state-value
  ALARM --alarm-name-prefix <identifier>\` lists what else is on, and \`aws rds describe-events --source-identifier
  <identifier> --source-type db-cluster --duration 60\` what RDS did.

` });
    expect(JSON.parse((await tenantry(['explain', 'cpu', '--format', 'json'])).out)).toMatchObject({ format: 'tenantry/explain@1', topic: 'alarm', alarm: 'cpu', steps: [{ title: 'Means' }, { title: 'Look' }, { title: 'Do' }] });
  });

  it.each([['shop-production-data-cluster-cpu', 'cpu'], ['shop-production-data-cluster-cpu-readers', 'cpu-readers'], ['shop-cpu-storage', 'storage'], ['shop-memory-outside-maintenance', 'memory'], ['shop-latency-cpu-a', 'cpu'], ['shop-temporary-storage', 'temporary-storage']])('is found by its name in CloudWatch: %s', (name, id) => {
    expect(explainAlarm(name)?.alarm).toBe(id);
  });

  it('is each that has a runbook, without marks', () => {
    const explained = explainedAlarms().map((id) => explainAlarm(id));
    expect(explained.map((one) => one?.alarm)).toEqual(readFileSync('lib/alerting/RUNBOOKS.md', 'utf8').match(/(?<=^## ).*$/gm));
    expect(explained.filter((one) => one === undefined || one.steps.length < 2 || one.steps[0]?.title !== 'Means' || one.steps.some(({ text }) => text === '' || /\]\(|\*\*/.test(text)))).toEqual([]);
  });
});

describe('an explained code', () => {
  const sources = readdirSync('lib', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !name.startsWith('explain') && name !== 'core/explained-codes.ts').map((name) => readFileSync(join('lib', name), 'utf8')).join('\n');

  it.each(Object.keys(CODES))('%s is one that errors have', (code) => expect(sources).toContain(`'${code}'`));

  it('says what it means, why, and what to do', async () => {
    expect((await tenantry(['explain', 'ha-cluster/scaling-below-topology'])).out).toBe(`
  ha-cluster/scaling-below-topology

  scaling.readers.minimum is smaller than the number of readers that the topology declares.

  Declared readers belong to Terraform, and the others to autoscaling: AWS counts both, and removes only what it added.
  A smaller minimum would say something that never happens, and a declared reader that AWS removed would come back with
  each apply.

  – Raise the minimum to the number of declared readers.
  – Declare as few readers as failover needs, and leave the rest to autoscaling.

  Source: AWS, Amazon Aurora Auto Scaling with Aurora Replicas

`);
    expect(JSON.parse((await tenantry(['explain', 'engine/pause-blocked', '--format', 'json'])).out)).toMatchObject({ format: 'tenantry/explain@1', topic: 'code', code: 'engine/pause-blocked', ways: [expect.any(String), expect.any(String)] });
  });
});
