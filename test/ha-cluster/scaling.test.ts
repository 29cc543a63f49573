import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppautoscalingPolicy } from '@cdktf/provider-aws/lib/appautoscaling-policy';
import { AppautoscalingScheduledAction } from '@cdktf/provider-aws/lib/appautoscaling-scheduled-action';
import { AppautoscalingTarget } from '@cdktf/provider-aws/lib/appautoscaling-target';
import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import type { App } from 'cdktf';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import type { IAlertChannel } from '../../lib/alerting/alert-channel-ref';
import { blindSpotsIn } from '../../lib/construct/blind-spot';
import { TenantryError } from '../../lib/core';
import { Duration } from '../../lib/core/duration';
import { Size } from '../../lib/core/size';
import type { RdsStorage } from '../../lib/engine';
import { ReaderScaling, type ReaderScalingProps, ScaleOn, type ScalingProps } from '../../lib/ha-cluster/scaling';
import { checkStorageGrowth, storageGrowthWarnings } from '../../lib/ha-cluster/scaling/storage';
import { checkScaling, type ScaledCluster } from '../../lib/ha-cluster/scaling/validate';
import { rehearse, type RehearsalReport } from '../../lib/rehearsal';
import { Store } from '../../lib/rehearsal/cloud/store';
import { freshFolder } from '../support/fresh-folder';
import { expectRefusal, type Json, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';
import { describeTerraform } from '../support/terraform';

const WORKING_HOURS = [
  { name: 'morning', at: 'cron(0 7 ? * MON-FRI *)', timezone: 'Europe/Berlin', minimum: 4, maximum: 8 },
  { name: 'evening', at: 'cron(0 20 ? * MON-FRI *)', timezone: 'Europe/Berlin', minimum: 2, maximum: 4 },
];

/** A cluster with a writer and two readers, as its topology makes them. */
function make(scaling: ReaderScalingProps, alerts?: IAlertChannel) {
  const stack = testStack();
  const cluster = new RdsCluster(stack, 'Cluster', { clusterIdentifier: 'shop', engine: 'aurora-postgresql', masterUsername: 'root', manageMasterUserPassword: true, skipFinalSnapshot: true });
  const instances = ['a', 'b', 'c'].map((id) => new RdsClusterInstance(stack, id, { identifier: `shop-${id}`, clusterIdentifier: cluster.id, engine: 'aurora-postgresql', instanceClass: 'db.r8g.large' }));
  return { stack, scaling: new ReaderScaling(stack, 'Scaling', { cluster, clusterIdentifier: 'shop', instances, scaling, ...(alerts === undefined ? {} : { alerts }) }) };
}
const made = (scaling: ReaderScalingProps): SynthesizedStack => synthesizeStack(make(scaling).stack);
const policies = (stack: SynthesizedStack): Json[] => stack.resources(AppautoscalingPolicy).map(({ arguments: { target_tracking_scaling_policy_configuration: policy } }) => policy);

describe('[DBAAS-9.2] readers that come and go', () => {
  const stack = made({ minimum: 2, maximum: 8 });

  it('number between the minimum and the maximum, and the declared ones are there before AWS counts them', () => {
    expect(stack.resource(AppautoscalingTarget)).toEqual({
      service_namespace: 'rds', scalable_dimension: 'rds:cluster:ReadReplicaCount', resource_id: expect.stringMatching(/^cluster:\$\{aws_rds_cluster\.Cluster\.id\}$/), min_capacity: 2, max_capacity: 8,
      depends_on: ['aws_rds_cluster_instance.a', 'aws_rds_cluster_instance.b', 'aws_rds_cluster_instance.c'],
    });
  });

  it('follow the processors of the readers where nothing else is given', () => {
    expect(policies(stack)).toEqual([{ target_value: 60, scale_in_cooldown: 300, scale_out_cooldown: 300, predefined_metric_specification: { predefined_metric_type: 'RDSReaderAverageCPUUtilization' } }]);
  });

  it('are compared by Terraform in every argument, as long as nothing moves them', () => {
    const { stack: plain, scaling } = make({ minimum: 2, maximum: 8 });
    expect([scaling.blindSpots, blindSpotsIn(plain)]).toEqual([[], []]);
    expect(JSON.stringify(synthesizeStack(plain).json)).not.toContain('ignore_changes');
  });
});

describe('[DBAAS-9.3] the metric', () => {
  it('is processor time, connections, or one of the readers or of one\'s own: one policy each, addressed by the metric', () => {
    const stack = made({
      minimum: 2, maximum: 8, cooldown: { out: Duration.minutes(1), in: Duration.minutes(20) },
      on: [ScaleOn.cpu(70), ScaleOn.connections(700), ScaleOn.metric({ name: 'ReadLatency', target: 0.005, statistic: 'Maximum' }), ScaleOn.metric({ namespace: 'Shop', name: 'Reports', target: 12, unit: 'Count' })],
    });
    expect(stack.resources(AppautoscalingPolicy).map(({ address, arguments: { name, policy_type, resource_id } }) => [address.replace(/_[0-9A-F]{8}$/, ''), name, policy_type, resource_id])).toEqual(
      ['connections', 'cpu', 'read-latency', 'reports'].map((id) => [`aws_appautoscaling_policy.Scaling_Policies_${id}`, `shop-${id}`, 'TargetTrackingScaling', expect.stringMatching(/^\$\{aws_appautoscaling_target\.Scaling_[0-9A-F]{8}\.resource_id\}$/)]));
    const cooldown = { scale_out_cooldown: 60, scale_in_cooldown: 1200 };
    expect(policies(stack)).toEqual([
      { target_value: 700, ...cooldown, predefined_metric_specification: { predefined_metric_type: 'RDSReaderAverageDatabaseConnections' } },
      { target_value: 70, ...cooldown, predefined_metric_specification: { predefined_metric_type: 'RDSReaderAverageCPUUtilization' } },
      { target_value: 0.005, ...cooldown, customized_metric_specification: { metric_name: 'ReadLatency', namespace: 'AWS/RDS', statistic: 'Maximum', dimensions: [{ name: 'DBClusterIdentifier', value: 'shop' }, { name: 'Role', value: 'READER' }] } },
      { target_value: 12, ...cooldown, customized_metric_specification: { metric_name: 'Reports', namespace: 'Shop', statistic: 'Average', unit: 'Count', dimensions: [] } },
    ]);
  });
});

describe('a schedule', () => {
  const { stack, scaling } = make({ minimum: 2, maximum: 8, schedule: WORKING_HOURS });
  const synthesized = synthesizeStack(stack);

  it('changes the limits at its times, in its time zone', () => {
    expect(synthesized.resources(AppautoscalingScheduledAction).map(({ address, arguments: { name, schedule, timezone, scalable_target_action } }) => [address.replace(/_[0-9A-F]{8}$/, ''), name, schedule, timezone, scalable_target_action])).toEqual([
      ['aws_appautoscaling_scheduled_action.Scaling_Schedule_evening', 'shop-evening', 'cron(0 20 ? * MON-FRI *)', 'Europe/Berlin', { min_capacity: '2', max_capacity: '4' }],
      ['aws_appautoscaling_scheduled_action.Scaling_Schedule_morning', 'shop-morning', 'cron(0 7 ? * MON-FRI *)', 'Europe/Berlin', { min_capacity: '4', max_capacity: '8' }],
    ]);
  });

  it('moves the limits, so that they are not compared, each with its reason, and nothing else is', () => {
    const ignored = synthesized.all().flatMap(({ address, arguments: { lifecycle } }) => (lifecycle?.ignore_changes ?? []).map((argument: string) => [address.replace(/_[0-9A-F]{8}$/, ''), argument]));
    expect(ignored).toEqual([['aws_appautoscaling_target.Scaling', 'min_capacity'], ['aws_appautoscaling_target.Scaling', 'max_capacity']]);
    expect(blindSpotsIn(stack)).toEqual(scaling.blindSpots);
    expect(scaling.blindSpots).toEqual(['min_capacity', 'max_capacity'].map((argument) => ({
      resource: 'staging-data/Scaling/Resource', argument, reason: 'the schedule changes it, and an apply at noon would take back what the morning asked for', source: 'AWS, Scheduled scaling for Application Auto Scaling',
    })));
  });
});

describe('the maximum', () => {
  it('is told of when it is reached, with what to do', () => {
    class Channel extends Construct implements IAlertChannel {
      topicArn = (severity: string): string => `arn:aws:sns:eu-central-1:123456789012:${severity}`;
    }
    const parent = testStack();
    const cluster = new RdsCluster(parent, 'Cluster', { clusterIdentifier: 'shop', engine: 'aurora-postgresql' });
    new ReaderScaling(parent, 'Scaling', { cluster, clusterIdentifier: 'shop', instances: [], scaling: { minimum: 1, maximum: 6 }, alerts: new Channel(parent, 'Alerts') });
    const stack = synthesizeStack(parent);
    expect(JSON.parse(stack.resource(CloudwatchEventRule).event_pattern)).toEqual({
      'source': ['aws.application-autoscaling'], 'detail-type': ['Application Auto Scaling Scaling Activity State Change'],
      'detail': { serviceNamespace: ['rds'], scalableDimension: ['rds:cluster:ReadReplicaCount'], resourceId: ['cluster:shop'], scaledToMax: [true] },
    });
    const { arn, input_transformer: { input_paths, input_template } } = stack.resource(CloudwatchEventTarget);
    expect(arn).toBe('arn:aws:sns:eu-central-1:123456789012:warning');
    const event = { detail: { newDesiredCapacity: 6, maxCapacity: 6 } };
    const read = (path: string): unknown => path.split('.').slice(1).reduce<Json>((value, key) => value[key], event);
    const text = Object.entries<string>(input_paths).reduce((template, [name, path]) => template.replaceAll(`<${name}>`, String(read(path))), JSON.parse(input_template) as string);
    expect(text).toBe('shop has 6 readers of at most 6: more load is not met by more readers. Raise scaling.readers.maximum (declared: 6), or give the instances a larger class.');
  });
});

describeTerraform('autoscaling, rehearsed', () => {
  it('is valid, comes to rest, and an apply at noon takes nothing back that the schedule has changed', { timeout: 60_000 }, async () => {
    const { stack } = make({ minimum: 2, maximum: 8, on: [ScaleOn.cpu(70), ScaleOn.metric({ namespace: 'Shop', name: 'Reports', target: 12 })], schedule: WORKING_HOURS });
    const app = stack.node.root as App;
    app.synth();
    const folder = freshFolder('autoscaling');
    const run = (until: 'plan' | 'apply'): Promise<RehearsalReport> => rehearse({ from: process.cwd(), dir: app.outdir, store: folder, until });
    const { stacks, schemaOnly } = await run('apply');
    expect([stacks.flatMap(({ differs }) => differs), schemaOnly]).toEqual([[], []]);
    const [file] = new Store(join(folder, 'objects')).files().filter((name) => name.includes('aws_appautoscaling_target')).map((name) => join(folder, 'objects', name)) as [string];
    const target = JSON.parse(readFileSync(file, 'utf8'));
    expect(target).toMatchObject({ resource_id: 'cluster:shop', min_capacity: 2, max_capacity: 8 });
    writeFileSync(file, JSON.stringify({ ...target, min_capacity: 4 }));
    expect((await run('plan')).stacks.flatMap(({ changes }) => changes)).toEqual([]);
    rmSync(app.outdir, { recursive: true });
  });
});

const AURORA: ScaledCluster = { label: 'Aurora PostgreSQL', storage: 'aurora', readers: 2, maxConnections: 1600 };
const refused = (scaling: ScalingProps, cluster: ScaledCluster, codes: string | readonly string[], message: string): void => expectRefusal(() => {
  const complaints = checkScaling(scaling, cluster);
  if (complaints.length > 0) throw new TenantryError('input', complaints);
}, codes, message);
const LIMITS = { minimum: 2, maximum: 8 };

describe('[DBAAS-9.6] scaling refuses', () => {
  it('nothing of what is right', () => {
    expect(checkScaling({ readers: { ...LIMITS, on: [ScaleOn.cpu(60), ScaleOn.connections(1200)], schedule: WORKING_HOURS } }, AURORA)).toEqual([]);
    expect(checkScaling({}, { ...AURORA, storage: 'rds' })).toEqual([]);
  });

  it.each<[string, ScalingProps, Partial<ScaledCluster>, string, string]>([
    ['a minimum below the declared readers, which would fight the topology', { readers: { minimum: 1, maximum: 8 } }, {}, 'ha-cluster/scaling-below-topology', `scaling.readers.minimum is 1, but the topology declares 2 readers, which stay: AWS counts them, and removes only readers that it added itself.

  Give minimum: 2, or declare fewer:   topology: Topology.aurora({ readers: 1 })

  Source: AWS, Amazon Aurora Auto Scaling with Aurora Replicas · tenantry explain ha-cluster/scaling-below-topology`],
    ['no reader at all', { readers: { minimum: 0, maximum: 8 } }, { readers: 0 }, 'ha-cluster/scaling-limits', `scaling.readers.minimum is 0; 1 to 15 are allowed, in whole readers.
  Without a reader there is no metric of readers, and none would ever be added.

  For instance scaling: { readers: { minimum: 1, maximum: 4 } }

  Source: AWS, Amazon Aurora Auto Scaling with Aurora Replicas`],
    ['more readers than Aurora takes', { readers: { minimum: 2, maximum: 16 } }, {}, 'ha-cluster/scaling-limits', `scaling.readers.maximum is 16; 1 to 15 are allowed, in whole readers.

  For instance scaling: { readers: { minimum: 2, maximum: 4 } }

  Source: AWS, Amazon Aurora Auto Scaling with Aurora Replicas`],
    ['limits the wrong way round', { readers: { minimum: 8, maximum: 2 } }, {}, 'ha-cluster/scaling-limits', `scaling.readers.minimum, 8, is above maximum, 2.

  Give maximum: 8 or more.`],
    ['engines of RDS', { readers: LIMITS }, { storage: 'rds', label: 'RDS PostgreSQL' }, 'ha-cluster/scaling-engine', `scaling.readers is given, but RDS PostgreSQL has the instances of its topology and no others: only Aurora adds and removes readers by itself.

  Leave it out, or take an engine of Aurora.

  Source: AWS, Amazon Aurora Auto Scaling with Aurora Replicas`],
    ['scheduled capacity of serverless instances', { capacity: {} } as unknown as ScalingProps, {}, 'ha-cluster/scaling-capacity', `scaling.capacity is given, but Application Auto Scaling knows of Aurora the number of readers alone: no schedule can change the range of a serverless cluster.

  Give the topology a range that holds at all times: serverless: { minimum: 1, maximum: 32 }. It costs what is used, not its maximum.

  Source: AWS, RegisterScalableTarget`],
    ['a target that is always exceeded', { readers: { ...LIMITS, on: ScaleOn.cpu(0) } }, {}, 'ha-cluster/scaling-target', `ScaleOn.cpu(0): 1 to 99 per cent are allowed. Above it a reader is added, which takes minutes, so that there must be room left.

  For instance ScaleOn.cpu(60).`],
    ['a target that is never exceeded', { readers: { ...LIMITS, on: ScaleOn.connections(2000) } }, {}, 'ha-cluster/scaling-target', `ScaleOn.connections(2000): a reader takes 1,600 connections, so that this is never exceeded, and no reader is ever added.

  Give at most 1280, 80 % of them.`],
    ['a part of a connection', { readers: { ...LIMITS, on: ScaleOn.connections(0.5) } }, {}, 'ha-cluster/scaling-target', `ScaleOn.connections(0.5): a whole number of connections of one reader is needed.

  For instance ScaleOn.connections(700).`],
    ['a metric without a target', { readers: { ...LIMITS, on: ScaleOn.metric({ name: 'Reports', target: 0 }) } }, {}, 'ha-cluster/scaling-target', `The target of reports is 0; a number above 0 is needed.

  Give the value that one reader may reach.`],
    ['one metric twice', { readers: { ...LIMITS, on: [ScaleOn.cpu(60), ScaleOn.cpu(70)] } }, {}, 'ha-cluster/scaling-on-twice', `scaling.readers.on follows cpu twice; AWS takes one policy for each metric.

  Leave one of them out.

  Source: AWS, Amazon Aurora Auto Scaling with Aurora Replicas`],
    ['readers that nothing would change', { readers: { ...LIMITS, on: [] } }, {}, 'ha-cluster/scaling-on', `scaling.readers.on is empty and there is no schedule, so that nothing would ever change.

  Leave it out for ScaleOn.cpu(60).`],
    ['a part of a second', { readers: { ...LIMITS, cooldown: { in: Duration.seconds(0.5) } } }, {}, 'ha-cluster/scaling-cooldown', `scaling.readers.cooldown.in is 0.5 seconds; whole seconds are allowed.

  Leave it out for 5 minutes.`],
    ['a schedule that never ends', { readers: { ...LIMITS, schedule: WORKING_HOURS.slice(0, 1) } }, {}, 'ha-cluster/schedule-never-ends', `scaling.readers.schedule has one entry, "morning", and its limits would hold for ever from then on: an entry ends where another one begins.

  Add the entry that takes it back.

  Source: AWS, Scheduled scaling for Application Auto Scaling · tenantry explain ha-cluster/schedule-never-ends`],
  ])('%s', (_name, scaling, cluster, code, text) => refused(scaling, { ...AURORA, ...cluster }, code, `${code}\n\n  ${text}`));

  it('entries of a schedule that cannot be, all at once', () => {
    refused({ readers: { ...LIMITS, schedule: [
      { name: 'Morning', at: '7:00', timezone: 'Europe/Bonn', minimum: 1, maximum: 20 },
      { name: 'noon', at: 'cron(0 12 * * * *)', minimum: 2, maximum: 8 },
      { name: 'noon', at: 'at(2026-02-30T06:00:00)', minimum: 2, maximum: 8 },
    ] } }, AURORA, ['ha-cluster/schedule-name', 'ha-cluster/schedule-at', 'ha-cluster/schedule-timezone', 'ha-cluster/schedule-limits', 'ha-cluster/schedule-at', 'ha-cluster/schedule-at', 'ha-cluster/schedule-twice'], `ha-cluster/schedule-name

  "Morning" cannot be the name of an entry of scaling.readers.schedule: lower-case letters, digits and single hyphens are allowed, at most 40, with a letter in front.

  It becomes part of the address; choose one that stays.

ha-cluster/schedule-at

  scaling.readers.schedule "Morning" is at "7:00": it is neither cron(…) nor at(…).

  For instance at: 'cron(0 7 ? * MON-FRI *)', each working day at 7, or at: 'at(2026-11-27T06:00:00)'.

  Source: AWS, Scheduled scaling for Application Auto Scaling

ha-cluster/schedule-timezone

  scaling.readers.schedule "Morning" has the time zone "Europe/Bonn", which IANA does not know.

  For instance timezone: 'Europe/Berlin'.

ha-cluster/schedule-limits

  scaling.readers.schedule "Morning" goes from 1 to 20 readers; whole numbers within scaling.readers, 2 to 8, are allowed.

  Change the entry, or widen scaling.readers.

ha-cluster/schedule-at

  scaling.readers.schedule "noon" is at "cron(0 12 * * * *)": one of day and weekday must be ?, and the other must not.

  For instance at: 'cron(0 7 ? * MON-FRI *)', each working day at 7, or at: 'at(2026-11-27T06:00:00)'.

  Source: AWS, Scheduled scaling for Application Auto Scaling

ha-cluster/schedule-at

  scaling.readers.schedule "noon" is at "at(2026-02-30T06:00:00)": there is no such moment.

  For instance at: 'cron(0 7 ? * MON-FRI *)', each working day at 7, or at: 'at(2026-11-27T06:00:00)'.

  Source: AWS, Scheduled scaling for Application Auto Scaling

ha-cluster/schedule-twice

  scaling.readers.schedule has two entries "noon".

  The name becomes part of the address; give each its own.`);
  });

  it.each([
    ['cron(0 7 ? * MON-FRI *)', true], ['cron(*/15 8-17 1,15 * ? *)', true], ['cron(0 0 L * ? *)', true], ['cron(0 10 ? * 6#3 2026-2028)', true], ['at(2028-02-29T06:00:00)', true],
    ['cron(60 7 ? * MON *)', false], ['cron(0 24 ? * MON *)', false], ['cron(0 7 ? * MON)', false], ['cron(0 7 ? 13 MON *)', false], ['cron(0 7 ? * MOO *)', false], ['cron(0 7 ? * ? *)', false], ['rate(1 hour)', false],
  ])('of the moments %s: %s', (at, allowed) => {
    const [first, second] = WORKING_HOURS as [typeof WORKING_HOURS[0], typeof WORKING_HOURS[0]];
    expect(checkScaling({ readers: { ...LIMITS, schedule: [{ ...first, at }, second] } }, AURORA).length === 0).toBe(allowed);
  });
});

describe('storage that grows', () => {
  const codesAndFixes = (kind: Parameters<typeof checkStorageGrowth>[0], storage: RdsStorage): (string | undefined)[] => checkStorageGrowth(kind, storage).flatMap(({ problem, fix }) => [problem, fix]);
  const size = Size.gibibytes(1000);

  it.each<[string, Parameters<typeof checkStorageGrowth>[0], RdsStorage, string[]]>([
    ['has a ceiling at least a tenth above', 'multi-az-instance', { size, maximum: Size.gibibytes(1099) }, ['storage.maximum is 1,099 GiB, and storage.size 1,000 GiB; the ceiling has to lie at least 10 % above it.', 'Give maximum: Size.gibibytes(1260), 26 % above it, or more.']],
    ['takes the least ceiling', 'single', { size, maximum: Size.gibibytes(1100) }, []],
    ['needs none', 'multi-az-cluster', { size }, []],
    ['is no matter of a Multi-AZ DB cluster', 'multi-az-cluster', { size, maximum: Size.tebibytes(2) }, ['storage.maximum is 2 TiB, but the storage of a Multi-AZ DB cluster does not grow by itself.', 'Leave it out: an alarm tells days before the storage is full, and storage.size can be raised at any time.']],
    ['ends where RDS ends', 'multi-az-instance', { size, maximum: Size.tebibytes(65) }, ['storage.maximum is 65 TiB; an instance of RDS holds 64 TiB at most.', 'Give maximum: Size.tebibytes(64) or less.']],
    ['grows by whole gibibytes', 'multi-az-instance', { size, maximum: Size.gibibytes(1500.5) }, ['storage.maximum is 1,500.5 GiB; whole gibibytes are allowed.', 'Give maximum: Size.gibibytes(1501).']],
    ['keeps its operations a second', 'multi-az-instance', { size, maximum: Size.tebibytes(4), type: 'io2', iops: 2000 }, ['storage.maximum is 4 TiB with 2000 operations a second; io2 needs 0.5 for each gibibyte of it, 2,048.', 'Give iops: 2048 or more, or a lower maximum.']],
    ['needs none with gp3', 'multi-az-instance', { size, maximum: Size.tebibytes(40), type: 'gp3', iops: 12_000 }, []],
  ])('%s', (_name, kind, storage, expected) => expect(codesAndFixes(kind, storage)).toEqual(expected));

  it('is warned of where RDS would tell of its ceiling at once', () => {
    expect(storageGrowthWarnings({ size, maximum: Size.gibibytes(1259) })).toEqual(['storage.maximum, 1,259 GiB, lies less than 26 % above storage.size, 1,000 GiB: RDS tells at once that the ceiling is near. Give Size.gibibytes(1260) or more. Source: AWS, Managing capacity automatically with Amazon RDS storage autoscaling.']);
    expect(storageGrowthWarnings({ size, maximum: Size.gibibytes(1260) })).toEqual([]);
  });
});
