import { AppautoscalingPolicy } from '@cdktf/provider-aws/lib/appautoscaling-policy';
import { AppautoscalingTarget } from '@cdktf/provider-aws/lib/appautoscaling-target';
import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import { DbParameterGroup } from '@cdktf/provider-aws/lib/db-parameter-group';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterEndpoint } from '@cdktf/provider-aws/lib/rds-cluster-endpoint';
import { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import { RdsClusterParameterGroup } from '@cdktf/provider-aws/lib/rds-cluster-parameter-group';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { describe, expect, it } from 'vitest';
import { OsMetrics } from '../../lib/alerting';
import { blindSpotsIn } from '../../lib/construct/blind-spot';
import { Duration } from '../../lib/core/duration';
import { Size } from '../../lib/core/size';
import { Engine, InstanceSize } from '../../lib/engine';
import { HaCluster, type HaClusterProps, ScaleOn, Topology } from '../../lib/ha-cluster';
import { refused } from '../support/refused';
import { expectRefusal, importedNetwork, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';

const R8G = InstanceSize.of('db.r8g.large');
const RDS = { engine: Engine.postgresql('17'), objectives: { failoverWithin: Duration.minutes(2) } };
const storage = { size: Size.gibibytes(500), iops: 12_000 };

function make(props: Partial<HaClusterProps>, osMetrics = false): { readonly cluster: HaCluster; readonly stack: SynthesizedStack } {
  const stack = testStack();
  const cluster = new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), engine: Engine.auroraPostgresql('17'), ...(osMetrics ? { osMetrics: OsMetrics.fromOsMetricsAttributes(stack, 'OsMetrics') } : {}), ...props });
  return { cluster, stack: synthesizeStack(stack) };
}

describe('Aurora', () => {
  const { cluster, stack } = make({
    topology: Topology.aurora({ readers: 3, instance: R8G, furtherReaders: InstanceSize.of('db.r8g.2xlarge'), promotionOrder: ['b'], storage: 'io-optimized', endpoints: { reports: { members: ['c', 'a2'] }, rest: { except: ['c'] } } }),
  });
  const instances = stack.resources(RdsClusterInstance);
  const addressOf = (id: string): string | undefined => instances.find(({ arguments: { identifier } }) => identifier === `shop-staging-data-cluster-${id}`)?.address;

  it('[DBAAS-6.1] [DBAAS-6.4] promotes in the order that is given; the first two have the size of the writer', () => {
    expect(instances.map(({ arguments: { identifier, promotion_tier, instance_class } }) => `${identifier.split('-').at(-1)} ${promotion_tier} ${instance_class}`).sort()).toEqual(['a 1 db.r8g.large', 'a2 3 db.r8g.2xlarge', 'b 0 db.r8g.large', 'c 2 db.r8g.2xlarge']);
    expect(stack.resource(RdsCluster)).toMatchObject({ storage_type: 'aurora-iopt1', engine_mode: 'provisioned' });
  });

  it('makes and changes the writer and the first reader one after the other, and the others behind them', () => {
    const before = Object.fromEntries(instances.map(({ address, arguments: { depends_on } }) => [address, depends_on.filter((one: string) => one.startsWith('aws_rds_cluster_instance'))]));
    expect(before).toEqual({ [addressOf('a') as string]: [], [addressOf('b') as string]: [addressOf('a')], [addressOf('c') as string]: [addressOf('b')], [addressOf('a2') as string]: [addressOf('b')] });
  });

  it('[DBAAS-6.5] [DBS-3.2] gives readers addresses of their own, by their names', () => {
    expect(stack.resources(RdsClusterEndpoint).map(({ arguments: { cluster_endpoint_identifier, custom_endpoint_type, static_members, excluded_members } }) => [cluster_endpoint_identifier, custom_endpoint_type, static_members, excluded_members])).toEqual([
      ['shop-staging-data-cluster-reports', 'READER', [`\${${addressOf('c')}.id}`, `\${${addressOf('a2')}.id}`], undefined], ['shop-staging-data-cluster-rest', 'READER', undefined, [`\${${addressOf('c')}.id}`]],
    ]);
    expectRefusal(() => cluster.endpoint('report'), 'ha-cluster/no-endpoint', `ha-cluster/no-endpoint  at staging-data/Cluster

  There is no endpoint "report"; there are reports, rest.

  Give the topology endpoints: { report: { members: [ … ] } }`);
  });

  it('[ARC-1.2] [ASM-6.1] counts the statements that miss the objective, because the parameter group logs them', () => {
    const { stack: with100 } = make({ objectives: { latencyWithin: Duration.milliseconds(100) } });
    expect(with100.resource(RdsClusterParameterGroup).parameter).toContainEqual({ name: 'log_min_duration_statement', value: '100', apply_method: 'immediate' });
    const alarmed = (of: SynthesizedStack): number => of.addresses().filter((address) => /^aws_cloudwatch_metric_alarm\..*_Alarms_latency(-\w+)*_[0-9A-F]+$/.test(address)).length;
    expect([alarmed(with100), alarmed(make({}).stack)]).toEqual([1, 0]);
    expectRefusal(() => make({ objectives: { latencyWithin: Duration.milliseconds(100) }, parameters: { log_min_duration_statement: 500 } }), 'ha-cluster/latency-not-watched', `ha-cluster/latency-not-watched  at staging-data/Cluster

  objectives.latencyWithin is 100 milliseconds, but log_min_duration_statement is another figure, so that the statements that miss the objective are not the ones that are logged and counted.

  Leave log_min_duration_statement out of the parameters: it becomes 100.

  Source: AWS, Amazon CloudWatch metrics for Amazon RDS and for Amazon Aurora`);
    expectRefusal(() => make({ ...RDS, topology: Topology.multiAzInstance({ instance: R8G, storage }), objectives: { ...RDS.objectives, latencyWithin: Duration.seconds(1) } }), 'ha-cluster/latency-not-watched', `ha-cluster/latency-not-watched  at staging-data/Cluster

  objectives.latencyWithin is 1 second, but RDS PostgreSQL publishes no number of statements or commits, so that nobody knows what 95 % of them are.

  Leave the objective out: the alarm slow-statements counts the slow ones. Or take an engine of Aurora.

  Source: AWS, Amazon CloudWatch metrics for Amazon RDS and for Amazon Aurora`);
  });
});

describe('a Multi-AZ DB cluster', () => {
  const { cluster, stack } = make({ ...RDS, topology: Topology.multiAzCluster({ instance: InstanceSize.of('db.r6gd.large'), storage }) });

  it('is one resource: RDS makes three instances, monitored as the cluster says', () => {
    expect(stack.resource(RdsCluster)).toMatchObject({
      engine: 'postgres', db_cluster_instance_class: 'db.r6gd.large', allocated_storage: 500, storage_type: 'gp3', iops: 12_000, monitoring_interval: 5, performance_insights_enabled: true, manage_master_user_password: true,
    });
    for (const wrong of ['engine_mode', 'serverlessv2_scaling_configuration', 'availability_zones']) expect(stack.resource(RdsCluster)).not.toHaveProperty(wrong);
    expect(stack.resources(RdsClusterInstance)).toEqual([]);
    expect([cluster.targetKind, cluster.pausesWhenIdle, stack.resource(RdsClusterParameterGroup).family]).toEqual(['cluster', false, 'postgres17']);
  });
});

describe('a DB instance', () => {
  const { cluster, stack } = make({ ...RDS, topology: Topology.multiAzInstance({ instance: R8G, storage: { ...storage, maximum: Size.tebibytes(1), throughput: 600 } }) });

  it('has a standby, storage that grows up to its ceiling, and a parameter group of instances', () => {
    expect(stack.resource(DbInstance)).toMatchObject({
      engine: 'postgres', engine_version: '17', multi_az: true, allocated_storage: 500, max_allocated_storage: 1024, iops: 12_000, storage_throughput: 600, storage_encrypted: true, publicly_accessible: false,
      deletion_protection: true, skip_final_snapshot: false, auto_minor_version_upgrade: true, manage_master_user_password: true, engine_lifecycle_support: 'open-source-rds-extended-support-disabled', enabled_cloudwatch_logs_exports: ['iam-db-auth-error', 'postgresql', 'upgrade'],
    });
    expect(stack.resource(DbParameterGroup).family).toBe('postgres17');
    expect(cluster.targetKind).toBe('instance');
    expect(stack.addresses().filter((address) => address.startsWith('aws_cloudwatch_log_group')).length).toBe(3);
    expect(JSON.stringify(stack.json.resource.aws_cloudwatch_log_group)).toContain('/aws/rds/instance/shop-staging-data-cluster/postgresql');
  });
});

describe('growth', () => {
  const { stack } = make({ topology: Topology.aurora({ readers: 1, serverless: { minimum: 1, maximum: 16 } }), scaling: { readers: { minimum: 1, maximum: 5, on: [ScaleOn.cpu(60), ScaleOn.connections(700)] } } });
  const alarms = (of: SynthesizedStack): string[] => of.resources(CloudwatchMetricAlarm).map(({ arguments: { alarm_name } }) => (alarm_name as string).replace('shop-staging-data-cluster-', ''));

  it('[ARC-1.1] [ASM-6.2] more load is met by readers that come, and by capacity in place: nothing restarts', () => {
    expect(stack.resource(AppautoscalingTarget)).toMatchObject({ scalable_dimension: 'rds:cluster:ReadReplicaCount', min_capacity: 1, max_capacity: 5 });
    expect(stack.resources(AppautoscalingPolicy).map(({ arguments: { target_tracking_scaling_policy_configuration: { target_value } } }) => target_value as number).sort((a, b) => a - b)).toEqual([60, 700]);
    expect(stack.resource(RdsCluster).serverlessv2_scaling_configuration).toEqual({ min_capacity: 1, max_capacity: 16 });
    expect(() => make({ topology: Topology.aurora({ readers: 1, serverless: { minimum: 1, maximum: 16 } }), objectives: { scalingInterruption: Duration.seconds(0) } })).not.toThrow();
  });

  it('[ARC-1.4] an alarm tells before storage, capacity or connections end, and what can grow does', () => {
    expect(alarms(stack)).toEqual(expect.arrayContaining(['capacity', 'capacity-readers', 'connections', 'connections-readers', 'volume', 'volume-days']));
    const fixed = Topology.multiAzInstance({ instance: R8G, storage });
    expect(alarms(make({ ...RDS, topology: fixed }).stack)).toEqual(expect.arrayContaining(['connections', 'storage', 'storage-days']));
    const { stack: instance } = make({ ...RDS, objectives: { ...RDS.objectives, notifyWithin: Duration.minutes(2) }, topology: { ...fixed, storage: { ...storage, maximum: Size.tebibytes(1) } } }, true);
    expect(alarms(instance)).toEqual(expect.arrayContaining(['connections', 'storage-ceiling', 'storage-ceiling-days']));
    expect(instance.resource(DbInstance)).toMatchObject({ allocated_storage: 500, max_allocated_storage: 1024 });
  });
});

describe('a zone', () => {
  const objectives = { zoneLossRpo: Duration.seconds(0) };

  it('[DBAAS-6.3] takes nothing with it where a commit waits for another zone; a topology without that is refused', () => {
    const stack = testStack({ stage: 'development' });
    const network = importedNetwork(stack);
    const add = (id: string, props: Pick<HaClusterProps, 'engine' | 'topology'>): HaCluster => new HaCluster(stack, id, { network, objectives, ...props });
    add('Aurora', { engine: Engine.auroraPostgresql('17'), topology: Topology.aurora({ readers: 0 }) });
    add('Standbys', { engine: RDS.engine, topology: Topology.multiAzCluster({ instance: InstanceSize.of('db.r6gd.large'), storage }) });
    add('Standby', { engine: RDS.engine, topology: Topology.multiAzInstance({ instance: R8G, storage }) });
    const made = synthesizeStack(stack);
    const written = [...made.resources(RdsCluster), ...made.resources(DbInstance)].map(({ arguments: { engine, storage_type, db_cluster_instance_class, multi_az } }) => ({ engine, storage_type, db_cluster_instance_class, multi_az }));
    expect(written).toEqual([
      // Six copies in three zones, whatever instances there are.
      { engine: 'aurora-postgresql', storage_type: 'aurora' },
      { engine: 'postgres', storage_type: 'gp3', db_cluster_instance_class: 'db.r6gd.large' },
      { engine: 'postgres', storage_type: 'gp3', multi_az: true },
    ]);
    expect(refused(() => add('Alone', { engine: RDS.engine, topology: Topology.single({ instance: R8G, storage }) }))?.complaints.map(({ code }) => code)).toEqual(['ha-cluster/zone-loss-not-kept']);
  });
});

describe('thresholds', () => {
  const thresholdOf = (of: SynthesizedStack, name: string): unknown => of.resources(CloudwatchMetricAlarm).find(({ arguments: { alarm_name } }) => alarm_name === `shop-staging-data-cluster-${name}`)?.arguments.threshold;

  it('come from the connections that the parameters set, not from the default', () => {
    const connections = (parameters: HaClusterProps['parameters']): unknown => thresholdOf(make({ topology: Topology.aurora({ readers: 1, instance: R8G }), ...(parameters === undefined ? {} : { parameters }) }).stack, 'connections');
    expect(connections({ max_connections: 200 })).toBe(180);
    expect(connections({ max_connections: '{DBInstanceClassMemory/9531392}' })).toBe(connections(undefined));
  });

  it('come from the size that a further reader has', () => {
    const topology = Topology.aurora({ readers: 2, instance: InstanceSize.of('db.r8g.4xlarge'), furtherReaders: R8G });
    const { stack } = make({ topology }, true);
    const memory = ['a', 'b', 'c'].map((id) => thresholdOf(stack, `memory-exhausted-${id}`) as number);
    expect(memory[0]).toBe(memory[1]);
    expect((memory[0] as number) / (memory[2] as number)).toBeCloseTo(8);
  });
});

describe('every cluster', () => {
  it('is in a group of its own, and in that of the network unless it is closed to it', () => {
    const groups = (props: Partial<HaClusterProps>): unknown => {
      const { stack } = make(props);
      const own = stack.resources(SecurityGroup).find(({ arguments: { name } }) => name.endsWith('-databases'))?.address;
      return stack.resource(RdsCluster).vpc_security_group_ids.map((id: string) => (id === `\${${own}.id}` ? 'own' : id));
    };
    expect([groups({}), groups({ admitsNetwork: false })]).toEqual([['own', 'sg-1'], ['own']]);
  });

  it('hides from the search for drift what it lists as a blind spot, and nothing else', () => {
    const ignored = ({ cluster, stack }: ReturnType<typeof make>): unknown => ({
      listed: cluster.blindSpots.map(({ resource, argument }) => `${resource} ${argument}`).sort(), all: blindSpotsIn(cluster).length,
      inTerraform: stack.all().flatMap(({ arguments: { lifecycle } }) => (lifecycle?.ignore_changes ?? []) as string[]).sort((a, b) => (a < b ? -1 : 1)),
    });
    expect(ignored(make({}))).toEqual({ listed: [], all: 0, inTerraform: [] });
    expect(ignored(make({ snapshotIdentifier: 'before-the-move', masterUsername: 'postgres' }))).toEqual({ listed: ['staging-data/Cluster/Resource snapshot_identifier'], all: 1, inTerraform: ['snapshot_identifier'] });
    const schedule = [{ name: 'day', at: 'cron(0 7 * * ? *)', minimum: 2, maximum: 6 }, { name: 'night', at: 'cron(0 19 * * ? *)', minimum: 1, maximum: 6 }];
    expect(ignored(make({ scaling: { readers: { minimum: 1, maximum: 6, schedule } } }))).toEqual({ listed: ['staging-data/Cluster/Scaling/Resource max_capacity', 'staging-data/Cluster/Scaling/Resource min_capacity'], all: 2, inTerraform: ['max_capacity', 'min_capacity'] });
  });

  it('listens where the network says, MySQL on its own port, and each where it is told', () => {
    const port = (props: Partial<HaClusterProps>): unknown => make(props).stack.resource(RdsCluster).port;
    expect([port({}), port({ engine: Engine.auroraMysql('8.4') }), port({ port: 6432 })]).toEqual([5432, 3306, 6432]);
    expectRefusal(() => make({ port: 80 }), 'ha-cluster/port', 'ha-cluster/port  at staging-data/Cluster\n\n  port is 80; RDS takes 1150 to 65535.\n\n  Leave it out for the port of the network.\n\n  Source: AWS, CreateDBCluster');
  });

  it('is upgraded to another major version only where that is said', () => {
    expect([make({}).stack.resource(RdsCluster).allow_major_version_upgrade, make({ allowMajorVersionUpgrade: true }).stack.resource(RdsCluster).allow_major_version_upgrade]).toEqual([undefined, true]);
  });
});
