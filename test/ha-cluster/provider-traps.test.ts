import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import { Token } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { Duration } from '../../lib/core/duration';
import { Size } from '../../lib/core/size';
import { Engine, InstanceSize } from '../../lib/engine';
import { HaCluster, type HaClusterProps, ScaleOn, Topology } from '../../lib/ha-cluster';
import { DatabaseNetwork } from '../../lib/network';
import { expectRefusal, importedNetwork, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';

const R8G = InstanceSize.of('db.r8g.large');
const R6GD = InstanceSize.of('db.r6gd.large');
const aurora = Engine.auroraPostgresql('17');
const postgresql = Engine.postgresql('17');
const twoMinutes = { failoverWithin: Duration.minutes(2) };
const cluster = (gibibytes: number): Pick<HaClusterProps, 'engine' | 'topology'> => ({ engine: postgresql, topology: Topology.multiAzCluster({ instance: R6GD, storage: { size: Size.gibibytes(gibibytes) } }) });
const instance = (gibibytes: number): Pick<HaClusterProps, 'engine' | 'topology' | 'objectives'> => ({ engine: postgresql, objectives: twoMinutes, topology: Topology.multiAzInstance({ instance: R8G, storage: { size: Size.gibibytes(gibibytes) } }) });

function make(props: Partial<HaClusterProps>): { made: HaCluster; synthesized: SynthesizedStack; warnings: string[] } {
  const stack = testStack({ stage: 'production' });
  const made = new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), engine: aurora, ...props });
  return { made, warnings: made.node.metadata.filter(({ type }) => /warn/i.test(type)).map(({ data }) => String(data)), synthesized: synthesizeStack(stack) };
}

describe('what the provider reads back is what is declared', () => {
  it('operations of a Multi-AZ DB cluster: those that come with gp3 where RDS takes them, else they are not compared', () => {
    const [small, large] = [make(cluster(100)), make(cluster(400))];
    expect([small, large].map(({ synthesized }) => synthesized.resource(RdsCluster)).map(({ iops, lifecycle }) => [iops, lifecycle?.ignore_changes])).toEqual([[undefined, ['iops']], [12_000, undefined]]);
    expect([small, large].map(({ made }) => made.blindSpots.map(({ argument }) => argument))).toEqual([['iops'], []]);
  });

  it('operations and throughput of an instance from 400 GiB on, so that it can grow past them', () => {
    expect([instance(100), instance(400)].map((props) => make(props).synthesized.resource(DbInstance)).map(({ iops, storage_throughput }) => [iops, storage_throughput])).toEqual([[undefined, undefined], [12_000, 500]]);
  });

  it('the standard storage of Aurora is named, so that there is a way back to it', () => {
    expect((['standard', 'io-optimized'] as const).map((storage) => make({ topology: Topology.aurora({ readers: 1, storage }) }).synthesized.resource(RdsCluster).storage_type)).toEqual(['aurora', 'aurora-iopt1']);
  });
});

it('an upgrade of the major version does not wait, so that the old parameter group can go', () => {
  const of = (props: Partial<HaClusterProps>): unknown => make(props).synthesized.resource(RdsCluster).apply_immediately;
  expect([of({}), of({ allowMajorVersionUpgrade: true }), make({ ...instance(100), allowMajorVersionUpgrade: true }).synthesized.resource(DbInstance).apply_immediately]).toEqual([false, true, true]);
});

it('Multi-AZ DB clusters keep no backups of what was deleted: no point in time comes of them', () => {
  expect([make(cluster(100)), make({})].map(({ synthesized }) => synthesized.resource(RdsCluster).delete_automated_backups)).toEqual([true, false]);
});

it('max_connections of the parameters is what alarms and autoscaling go by', () => {
  const topology = Topology.aurora({ readers: 1, instance: R8G });
  const threshold = (value: number): number => make({ topology, parameters: { max_connections: value } }).synthesized.resources(CloudwatchMetricAlarm).find(({ address }) => /Alarms_connections_/.test(address))?.arguments.threshold;
  expect([200, 5000].map(threshold)).toEqual([180, 4500]);
  expect(() => make({ topology, parameters: { max_connections: 5000 }, scaling: { readers: { minimum: 1, maximum: 3, on: ScaleOn.connections(2000) } } })).not.toThrow();
  expect(() => make({ topology, parameters: { max_connections: 100 }, scaling: { readers: { minimum: 1, maximum: 3, on: ScaleOn.connections(200) } } })).toThrow('a reader takes 100 connections');
});

it('the first login of a snapshot may have any name', () => {
  expect(make({ snapshotIdentifier: 'before', masterUsername: 'postgres' }).synthesized.resource(RdsCluster).master_username).toBe('postgres');
});

it('a job inside a database that pauses is warned about', () => {
  const { warnings } = make({ topology: Topology.aurora({ readers: 1, serverless: { minimum: 0, maximum: 4 } }), parameters: { shared_preload_libraries: 'pg_stat_statements,pg_cron' } });
  expect(warnings.some((warning) => warning.includes('pg_cron'))).toBe(true);
});

it('a zone that a network names twice is one', () => {
  const stack = testStack({ stage: 'production' });
  const network = DatabaseNetwork.fromDatabaseNetworkAttributes(stack, 'Network', { vpcId: 'vpc-1', subnetGroupName: 'databases', subnetIds: ['subnet-1', 'subnet-2', 'subnet-3'], zones: ['eu-central-1a', 'eu-central-1a', 'eu-central-1b'], securityGroupId: 'sg-1', clientSecurityGroupId: 'sg-2' });
  new HaCluster(stack, 'Cluster', { network, engine: aurora });
  expect(synthesizeStack(stack).resources(RdsClusterInstance).map(({ arguments: { availability_zone } }) => availability_zone)).toEqual(['eu-central-1a', 'eu-central-1b']);
});

it.each<[string, Partial<HaClusterProps>, string, string]>([
  ['a snapshot without the name of its first login', { snapshotIdentifier: 'before' }, 'ha-cluster/snapshot-username', `snapshotIdentifier is given without masterUsername: the first login comes out of the snapshot, and the next plan would replace the database for another name.

  Give the name that it has there:   masterUsername: 'postgres'

  Source: hashicorp/aws, aws_rds_cluster, master_username`],
  ['a Multi-AZ DB cluster out of a snapshot', { ...cluster(100), snapshotIdentifier: 'before', masterUsername: 'app' }, 'ha-cluster/snapshot-topology', `snapshotIdentifier is given, but the provider restores no Multi-AZ DB cluster: it leaves the class of its instances out, and AWS refuses that.

  Leave it out; restore with aws rds restore-db-cluster-from-snapshot, and import the cluster.

  Source: hashicorp/terraform-provider-aws#26773`],
  ['a pinned minor version that AWS raises', { ...cluster(100), engine: Engine.postgresql('17.11') }, 'ha-cluster/pinned-version', `The version is 17.11, but nothing here keeps AWS from raising the minor version of a Multi-AZ DB cluster: the next plan would lower it again, which AWS refuses.

  Give "17".

  Source: AWS, CreateDBCluster, AutoMinorVersionUpgrade; hashicorp/aws 6.25, aws_rds_cluster`],
  ['an upgrade that there is not', { ...cluster(100), engine: Engine.mysql('8.4'), allowMajorVersionUpgrade: true }, 'ha-cluster/major-upgrade', `AWS upgrades no Multi-AZ DB cluster of RDS MySQL to another major version in place.

  Leave allowMajorVersionUpgrade out, and move to another cluster.

  Source: AWS, Upgrading a DB instance engine version`],
  ['a number of readers that only Terraform knows', { topology: Topology.aurora({ readers: Token.asNumber({ ref: 1 }), instance: R8G }) }, 'ha-cluster/readers', `readers is a number that only Terraform knows, and each reader has an address of its own.

  Give the number itself, from the data of the environment for instance.`],
  ['an endpoint whose address would be too long', { clusterIdentifier: 'a'.repeat(58), topology: Topology.aurora({ readers: 1, instance: R8G, endpoints: { reports: { members: ['b'] } } }) }, 'ha-cluster/endpoint-name', `The endpoint would be called ${'a'.repeat(58)}-reports, 66 characters; its name begins an address of the internet, where 63 are allowed.

  Give it a shorter name, or the cluster a shorter clusterIdentifier before it is made.

  Source: RFC 1035, 2.3.4`],
])('refuses %s', (_, props, code, text) => {
  expectRefusal(() => make(props), code, `${code}  at production-data/Cluster

  ${text}`);
});
