import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import { TerraformOutput } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { OsMetrics } from '../../lib/alerting';
import type { MonitoredDatabase } from '../../lib/alerting/monitored-database';
import { Duration } from '../../lib/core/duration';
import { Size } from '../../lib/core/size';
import { Engine, InstanceSize } from '../../lib/engine';
import type { EnvironmentStack } from '../../lib/environment';
import { HaCluster, type HaClusterProps, Topology } from '../../lib/ha-cluster';
import { importedNetwork, type Json, type ResourceClass, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';

const gib = Size.gibibytes;
const R8G = InstanceSize.of('db.r8g.large');
const LARGE = { vcpu: 2, memory: gib(16) };
const POSTGRESQL_LOGS = ['iam-db-auth-error', 'postgresql'];
const ofAurora = { storage: 'aurora', hasRoles: true, largestStorage: Size.tebibytes(128), insights: true } as const;
const ofRds = { storage: 'rds', hasRoles: false, pauses: false } as const;
const IN_STAGING = { monitoringSeconds: 5, osMetrics: false, slowStatement: Duration.seconds(1) };

type Expected = Omit<MonitoredDatabase, 'logGroupNames' | 'dimension' | 'instanceIdentifiers' | 'otherSizes'> & {
  readonly dimension: MonitoredDatabase['dimension']['name'];
  /** Behind the identifier of the cluster. */
  readonly instances: readonly string[];
  readonly otherSizes?: MonitoredDatabase['otherSizes'];
  readonly logs: readonly string[];
};
type Case = readonly [props: (stack: EnvironmentStack) => Pick<HaClusterProps, 'engine'> & Partial<HaClusterProps>, expected: Expected];

/** What the catalogue has to know, by construct and environment. */
const CASES: Readonly<Record<'staging' | 'development', Readonly<Record<string, Case>>>> = {
  staging: {
    Serverless: [
      (stack) => ({ engine: Engine.auroraPostgresql('17'), topology: Topology.aurora({ readers: 1, serverless: { minimum: 1, maximum: 16 } }), osMetrics: OsMetrics.fromOsMetricsAttributes(stack, 'OsMetrics') }),
      {
        ...ofAurora, ...IN_STAGING, language: 'postgresql', dimension: 'DBClusterIdentifier', instances: ['-a', '-b'], readers: 1, vcpu: 4, memory: gib(32), maxConnections: 3358, serverless: { minimum: 1, maximum: 16 },
        pauses: false, osMetrics: true, logs: POSTGRESQL_LOGS, notifyWithin: Duration.seconds(60), notifyWithinOfEnvironment: true,
      },
    ],
    Provisioned: [
      () => ({
        engine: Engine.auroraPostgresql('17'), topology: Topology.aurora({ readers: 3, instance: R8G, furtherReaders: InstanceSize.of('db.r8g.2xlarge') }), parameters: { max_connections: 500 },
        objectives: { latencyWithin: Duration.milliseconds(100) },
      }),
      {
        ...ofAurora, ...IN_STAGING, language: 'postgresql', dimension: 'DBClusterIdentifier', instances: ['-a', '-b', '-c', '-a2'], readers: 3, ...LARGE, maxConnections: 500, pauses: false,
        otherSizes: Object.fromEntries(['-c', '-a2'].map((id) => [id, { vcpu: 8, memory: gib(64), maxConnections: 500 }])),
        logs: POSTGRESQL_LOGS, slowStatement: Duration.seconds(0.1), latencyWithin: Duration.milliseconds(100),
      },
    ],
    Standbys: [
      () => ({ engine: Engine.postgresql('17'), topology: Topology.multiAzCluster({ instance: InstanceSize.of('db.r6gd.large'), storage: { size: gib(500), type: 'io2', iops: 5000 } }) }),
      {
        ...ofRds, ...IN_STAGING, language: 'postgresql', dimension: 'DBClusterIdentifier', instances: ['-instance-1', '-instance-2', '-instance-3'], readers: 2, ...LARGE, maxConnections: 1663,
        allocatedStorage: gib(500), largestStorage: gib(500), storageType: 'io2', iops: 5000, insights: true, logs: [...POSTGRESQL_LOGS, 'upgrade'],
      },
    ],
    Standby: [
      () => ({ engine: Engine.postgresql('17'), objectives: { failoverWithin: Duration.minutes(2) }, topology: Topology.multiAzInstance({ instance: R8G, storage: { size: gib(500), iops: 13_000, maximum: Size.tebibytes(1) } }) }),
      {
        ...ofRds, ...IN_STAGING, language: 'postgresql', dimension: 'DBInstanceIdentifier', instances: [''], readers: 0, ...LARGE, maxConnections: 1663,
        allocatedStorage: gib(500), largestStorage: Size.tebibytes(1), storageType: 'gp3', iops: 13_000, insights: true, logs: [...POSTGRESQL_LOGS, 'upgrade'],
      },
    ],
  },
  development: {
    // Nobody knows which readers autoscaling will have added: one is enough for alarms by role.
    Autoscaled: [
      () => ({ engine: Engine.auroraMysql('8.4'), scaling: { readers: { minimum: 1, maximum: 3 } } }),
      {
        ...ofAurora, language: 'mysql', dimension: 'DBClusterIdentifier', instances: ['-a'], readers: 1, vcpu: 1, memory: gib(8), maxConnections: 135, serverless: { minimum: 0, maximum: 4 }, pauses: true,
        monitoringSeconds: 30, osMetrics: false, logs: ['error', 'iam-db-auth-error', 'slowquery'], slowStatement: Duration.seconds(1),
      },
    ],
    // A class without query statistics, and gp3 with the operations that come with it.
    Alone: [
      () => ({ engine: Engine.mysql('8.4'), topology: Topology.single({ instance: InstanceSize.of('db.t4g.micro'), storage: { size: gib(20) } }) }),
      {
        ...ofRds, language: 'mysql', dimension: 'DBInstanceIdentifier', instances: [''], readers: 0, vcpu: 2, memory: gib(1), maxConnections: 57, allocatedStorage: gib(20), largestStorage: gib(20), storageType: 'gp3', iops: 3000,
        insights: false, monitoringSeconds: 30, osMetrics: false, logs: ['error', 'iam-db-auth-error', 'slowquery'], slowStatement: Duration.seconds(1),
      },
    ],
  },
};

describe.each(Object.entries(CASES))('in %s', (stage, cases) => {
  const stack = testStack({ stage: stage as keyof typeof CASES });
  const network = importedNetwork(stack);
  const clusters = Object.fromEntries(Object.entries(cases).map(([id, [props]]) => [id, new HaCluster(stack, id, { network, ...props(stack) })]));
  for (const [id, { monitoring }] of Object.entries(clusters)) new TerraformOutput(stack, `logs${id}`, { value: monitoring.database.logGroupNames }).overrideLogicalId(`logs${id}`);
  const synthesized = synthesizeStack(stack);
  const under = (of: SynthesizedStack, path: string, type: ResourceClass): { readonly address: string; readonly arguments: Json }[] => of.resources(type).filter(({ address }) => address.startsWith(`${type.tfResourceType}.${path}`));

  it.each(Object.entries(cases))('the catalogue is told everything of %s', (id, [, { dimension, instances, otherSizes, logs, ...expected }]) => {
    const identifier = `shop-${stage}-data-${id.toLowerCase()}`;
    const { logGroupNames, ...told } = (clusters[id] as HaCluster).monitoring.database;
    expect(told).toEqual({
      ...expected, dimension: { name: dimension, value: identifier }, instanceIdentifiers: instances.map((suffix) => `${identifier}${suffix}`),
      ...(otherSizes === undefined ? {} : { otherSizes: Object.fromEntries(Object.entries(otherSizes).map(([suffix, size]) => [`${identifier}${suffix}`, size])) }),
    });
    expect(Object.keys(logGroupNames)).toEqual(logs);
    expect(Object.values(synthesized.json.output[`logs${id}`].value)).toEqual(under(synthesized, `${id}_Logs`, CloudwatchLogGroup).map(({ address }) => `\${${address}.name}`));
  });

  it.each(Object.keys(cases))('every alarm of %s comes after the database and each instance of it', (id) => {
    const watched = [RdsCluster, RdsClusterInstance, DbInstance].flatMap((type) => under(synthesized, `${id}_`, type)).map(({ address }) => address);
    const alarms = under(synthesized, `${id}_Monitoring_Alarms`, CloudwatchMetricAlarm);
    expect(alarms.length).toBeGreaterThan(5);
    for (const { address, arguments: { depends_on } } of alarms) expect(new Set(depends_on), address).toEqual(new Set(watched));
  });
});
