import { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import { Lazy, TerraformOutput } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { Duration } from '../../lib/core/duration';
import { AlertChannel, OsMetrics } from '../../lib/alerting';
import { ConnectionPool, PoolAuth } from '../../lib/connection-pool';
import { Engine, InstanceSize } from '../../lib/engine';
import { HaCluster, type HaClusterAttributes, type HaClusterProps, Topology } from '../../lib/ha-cluster';
import { DatabaseNetwork } from '../../lib/network';
import { expectRefusal, importedNetwork, synthesizeStack, testStack } from '../support/synth';

function refused(props: Partial<HaClusterProps>, codes: string | readonly string[], message: string, environment: Parameters<typeof testStack>[0] = { stage: 'production' }): void {
  const stack = testStack(environment);
  expectRefusal(() => new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), engine: Engine.auroraPostgresql('17'), ...props }), codes, message);
}

describe('a topology that cannot keep its objective', () => {
  const MESSAGE = `ha-cluster/failover-not-kept  at production-data/Cluster

  objectives.failoverWithin is 60 seconds, but this topology has no second instance:
  Aurora creates a new one first, which takes minutes.

  Add a reader in another zone:   topology: Topology.aurora({ readers: 1 })
  or accept it here:              objectives: { failoverWithin: Duration.minutes(10) }

  Source: AWS, Aurora fault tolerance · tenantry explain ha-cluster/failover-not-kept`;

  it('is refused, with the reason and two ways out', () => {
    refused({ topology: Topology.aurora({ readers: 0 }), objectives: { failoverWithin: Duration.seconds(60) } }, 'ha-cluster/failover-not-kept', MESSAGE);
  });

  it('is refused by the objective of the environment where none is given', () => {
    refused({ topology: Topology.aurora({ readers: 0 }) }, 'ha-cluster/failover-not-kept', MESSAGE.replace('objectives.failoverWithin is', 'The environment needs a failover within'));
  });

  it('is refused where nothing so fast is described', () => {
    refused({ objectives: { failoverWithin: Duration.seconds(20) } }, 'ha-cluster/failover-not-kept', `ha-cluster/failover-not-kept  at production-data/Cluster

  objectives.failoverWithin is 20 seconds, but promoting a reader of Aurora
  takes less than 60 seconds "typically", in the words of AWS, and less than 30 only "often".

  Accept it here:   objectives: { failoverWithin: Duration.seconds(60) }

  Source: AWS, Aurora fault tolerance · tenantry explain ha-cluster/failover-not-kept`);
  });

  it.each([
    [0, Duration.minutes(10)], [1, Duration.seconds(60)], [2, Duration.minutes(1)],
  ])('both ways out lead out: %d readers, %s', (readers, failoverWithin) => {
    const stack = testStack({ stage: 'production' });
    new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), engine: Engine.auroraPostgresql('17'), topology: Topology.aurora({ readers }), objectives: { failoverWithin } });
    expect(synthesizeStack(stack).resources(RdsClusterInstance)).toHaveLength(readers + 1);
  });

});

describe('HaCluster refuses', () => {
  it('a reader in the zone of the writer', () => {
    const stack = testStack();
    const network = DatabaseNetwork.fromDatabaseNetworkAttributes(stack, 'Network', { zones: ['eu-central-1a'], subnetGroupName: 'g', securityGroupId: 'sg-1', clientSecurityGroupId: 'sg-2' });
    expectRefusal(() => new HaCluster(stack, 'Cluster', { network, engine: Engine.auroraPostgresql('17') }), 'ha-cluster/one-zone', `ha-cluster/one-zone  at staging-data/Cluster

  The network has only the zone eu-central-1a, so that a reader would fall with the writer.

  Give the network a subnet in another zone.`);
  });

  it('a network that does not say its zones', () => {
    const stack = testStack();
    const network = DatabaseNetwork.fromDatabaseNetworkAttributes(stack, 'Network', { subnetGroupName: 'g', securityGroupId: 'sg-1', clientSecurityGroupId: 'sg-2' });
    expectRefusal(() => new HaCluster(stack, 'Cluster', { network, engine: Engine.auroraPostgresql('17') }), 'database-network/missing-attribute', `database-network/missing-attribute  at staging-data/Network

  zones of this imported DatabaseNetwork is needed, and it was not given.

  Give it: DatabaseNetwork.fromDatabaseNetworkAttributes(…, { zones: … })`);
  });

  it.each([[[], 'has no zone'], [[Lazy.stringValue({ produce: () => 'x' })], 'gives zones that are not known by name']])('a network whose zones are not known: %#', (zones, problem) => {
    const stack = testStack();
    const network = DatabaseNetwork.fromDatabaseNetworkAttributes(stack, 'Network', { zones, subnetGroupName: 'g', securityGroupId: 'sg-1', clientSecurityGroupId: 'sg-2' });
    expectRefusal(() => new HaCluster(stack, 'Cluster', { network, engine: Engine.auroraPostgresql('17') }), 'ha-cluster/zones', `ha-cluster/zones  at staging-data/Cluster

  The network ${problem}; instances are spread over its zones and named after them.

  Give the imported network its zones: zones: ['eu-central-1a', 'eu-central-1b']`);
  });

  it('everything that is wrong, at once', () => {
    refused({ backupRetention: Duration.hours(12), clusterIdentifier: 'Shop--1', masterUsername: 'rdsadmin', parameters: { 'rds.force_ssl': '0', 'ssl_min_protocol_version': 'TLSv1' } }, [
      'ha-cluster/backup-retention', 'ha-cluster/identifier', 'ha-cluster/master-username', 'ha-cluster/fixed-parameter', 'ha-cluster/fixed-parameter',
    ], `ha-cluster/backup-retention  at production-data/Cluster

  backupRetention is 12 hours; RDS keeps automated backups for whole days, 1 day to 35 days.

  For longer, copy them to a backup vault.

  Source: AWS, CreateDBCluster

ha-cluster/identifier  at production-data/Cluster

  clusterIdentifier is "Shop--1"; lower-case letters, digits and single hyphens are allowed, at most 59, with a letter in front.

  Leave it out for a name made of platform, environment, layer and construct.

ha-cluster/master-username  at production-data/Cluster

  masterUsername is "rdsadmin"; lower-case letters, digits and _ are allowed, at most 63, with a letter in front, and admin, postgres, rdsadmin, rdsproxyadmin, rdsrepladmin, rdstopmgr, rds_superuser, rds_iam and tenantry are taken.

  Leave it out, or choose another name before the cluster is made: it cannot be changed.

ha-cluster/fixed-parameter  at production-data/Cluster

  parameters.rds.force_ssl is "0", but it is always "1" here: it protects connections and passwords.

  Remove it.

ha-cluster/fixed-parameter  at production-data/Cluster

  parameters.ssl_min_protocol_version is "TLSv1", but it is always "TLSv1.3" here: it protects connections and passwords.

  Remove it; for old clients: minimumTls: '1.2'.`);
  });

  it.each([[Duration.days(36), '36 days'], [Duration.hours(36), '36 hours']])('backups for %s', (backupRetention, text) => {
    refused({ backupRetention }, 'ha-cluster/backup-retention', `ha-cluster/backup-retention  at production-data/Cluster

  backupRetention is ${text}; RDS keeps automated backups for whole days, 1 day to 35 days.

  For longer, copy them to a backup vault.

  Source: AWS, CreateDBCluster`);
  });
});

describe('an imported cluster', () => {
  const ALL = {
    clusterIdentifier: 'shop', clusterResourceId: 'cluster-ABC', endpointAddress: 'w.example', readerEndpointAddress: 'r.example', engineVersion: '17', masterUsername: 'root', masterSecretArn: 'arn:s', clientSecurityGroupId: 'sg-2',
  };

  it('gives what it was given, and makes nothing', () => {
    const stack = testStack();
    const cluster = HaCluster.fromHaClusterAttributes(stack, 'Cluster', ALL);
    for (const name of Object.keys(ALL) as (keyof typeof ALL)[]) expect(cluster[name]).toBe(ALL[name]);
    expect([cluster.port, cluster.engineName]).toEqual([5432, 'aurora-postgresql']);
    expect([cluster.network, cluster.minimumTls, cluster.alerts]).toEqual([undefined, undefined, undefined]);
    expect(synthesizeStack(stack).addresses()).toEqual([]);
  });

  it('tells its pools of its network, its TLS and where alarms go, as far as it was told', () => {
    const stack = testStack();
    const given = { network: importedNetwork(stack), minimumTls: '1.2', alerts: AlertChannel.fromAlertChannelAttributes(stack, 'Alerts', {}) } as const;
    const { network, minimumTls, alerts } = HaCluster.fromHaClusterAttributes(stack, 'Cluster', { ...ALL, ...given });
    expect([network === given.network, minimumTls, alerts === given.alerts]).toEqual([true, '1.2', true]);
  });

  it('listens where its engine does, unless it was told where', () => {
    const portOf = (attributes: HaClusterAttributes): number => HaCluster.fromHaClusterAttributes(testStack(), 'Cluster', { ...ALL, ...attributes }).port;
    expect(['aurora-postgresql', 'postgres', 'aurora-mysql', 'mysql'].map((engineName) => portOf({ engineName }))).toEqual([5432, 5432, 3306, 3306]);
    expect([portOf({ engineName: 'aurora-mysql', port: 3307 }), portOf({ engineName: 'docdb', port: 27_017 })]).toEqual([3307, 27_017]);
    for (const engineName of ['docdb', Lazy.stringValue({ produce: () => '${data.aws_rds_cluster.x.engine}' })]) {
      expectRefusal(() => portOf({ engineName }), 'ha-cluster/missing-attribute', `ha-cluster/missing-attribute  at staging-data/Cluster

  port of this imported HaCluster is needed, and it was not given.

  Give it: HaCluster.fromHaClusterAttributes(…, { port: … })`);
    }
  });

  it.each(Object.keys(ALL) as (keyof typeof ALL)[])('names %s when it is missing and needed', (name) => {
    const cluster = HaCluster.fromHaClusterAttributes(testStack(), 'Cluster', { ...ALL, [name]: undefined });
    expectRefusal(() => cluster[name], 'ha-cluster/missing-attribute', `ha-cluster/missing-attribute  at staging-data/Cluster

  ${name} of this imported HaCluster is needed, and it was not given.

  Give it: HaCluster.fromHaClusterAttributes(…, { ${name}: … })`);
  });

  it('gives what a made one has', () => {
    const stack = testStack();
    const cluster = new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), engine: Engine.auroraPostgresql('17') });
    const imported = HaCluster.fromHaClusterAttributes(stack, 'Imported', cluster);
    for (const [id, from] of [['made', cluster], ['imported', imported]] as const) new TerraformOutput(stack, id, { value: Object.keys(ALL).map((name) => from[name as keyof typeof ALL]) }).overrideLogicalId(id);
    const { made, imported: again } = synthesizeStack(stack).json.output;
    expect(again).toEqual(made);
  });
});

describe('what a pool helps to keep is judged when everything is made', () => {
  function synthesized(props: Pick<HaClusterProps, 'objectives' | 'target'>, pooled: boolean): { readonly error: string; readonly warnings: readonly unknown[] } {
    const stack = testStack();
    const network = importedNetwork(stack);
    const cluster = new HaCluster(stack, 'Cluster', { network, osMetrics: OsMetrics.fromOsMetricsAttributes(stack, 'OsMetrics'), engine: Engine.auroraPostgresql('17'), topology: Topology.aurora({ readers: 1, instance: InstanceSize.of('db.r8g.large') }), ...props });
    if (pooled) new ConnectionPool(stack, 'Pool', { cluster, network, auth: PoolAuth.iam() });
    const warnings = (): unknown[] => cluster.node.metadata.filter(({ type }) => type === '@cdktf/warn').map(({ data }) => data);
    try {
      synthesizeStack(stack);
      return { error: '', warnings: warnings() };
    } catch (error) {
      return { error: (error as Error).message, warnings: warnings() };
    }
  }

  it('[DBAAS-9.4] another size with less than 30 seconds of interruption needs a pool', () => {
    const objectives = { scalingInterruption: Duration.seconds(30) };
    expect(synthesized({ objectives }, false).error).toContain(`ha-cluster/scaling-not-kept  at staging-data/Cluster

  objectives.scalingInterruption is 30 seconds, but the writer changes place once,
  which takes less than 60 seconds "typically", in the words of AWS, where clients follow by DNS.

  Put a pool in front:   new ConnectionPool(this, 'Pool', { cluster, … })
  or accept it here:     objectives: { scalingInterruption: Duration.seconds(60) }`);
    expect(synthesized({ objectives }, true)).toEqual({ error: '', warnings: [] });
  });

  it('more connections than an instance has need one too, and a warning says what pins them', () => {
    const target = { connections: 10_000 };
    expect(synthesized({ target }, false).error).toContain('engine/target-connections  at staging-data/Cluster\n\n  target.connections is 10,000, but an instance of Aurora PostgreSQL on db.r8g.large has ');
    const { error, warnings } = synthesized({ target }, true);
    expect(error).toBe('');
    expect(warnings).toEqual([expect.stringMatching(/^target\.connections is 10,000 over about 1,\d{3} connections of the database: .* RDS Proxy pins the sessions of tenants\.with/)]);
  });
});
