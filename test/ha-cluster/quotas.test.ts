import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { DatabaseEvents } from '../../lib/alerting/database-events';
import { ConnectionPool, PoolAuth } from '../../lib/connection-pool';
import { useQuota } from '../../lib/construct/quota';
import { Duration } from '../../lib/core/duration';
import { Size } from '../../lib/core/size';
import { Engine, InstanceSize } from '../../lib/engine';
import { Environment, EnvironmentStack } from '../../lib/environment';
import { HaCluster, type HaClusterProps, Topology } from '../../lib/ha-cluster';
import { DatabaseNetwork } from '../../lib/network';
import { importedChannel, monitoredDatabase } from '../alerting/fixture';
import { importedNetwork, testStack } from '../support/synth';

const SOURCE = 'What is there already is not counted. Source: Amazon RDS User Guide, Quotas in Amazon RDS.';
const quotaWarnings = (construct: Construct): unknown[] => construct.node.findAll().flatMap(({ node: { metadata, path } }) =>
  metadata.filter(({ data }) => String(data).includes('the application makes')).map(({ data }) => `${path}: ${data}`));

function clusters(stack: EnvironmentStack, ...all: readonly Partial<HaClusterProps>[]): void {
  const network = importedNetwork(stack);
  const alerts = importedChannel(stack);
  all.forEach((props, i) => new HaCluster(stack, `Cluster${i}`, { network, alerts, engine: Engine.auroraPostgresql('17'), ...props }));
}
const instance = InstanceSize.of('db.r8g.large');

describe('[DBAAS-9.6] what AWS gives an account in a region', () => {
  it('is counted over the databases of an application, with the readers that scaling may add, and warned of once where it ends', () => {
    const stack = testStack();
    const scaled = { topology: Topology.aurora({ readers: 1, instance }), scaling: { readers: { minimum: 1, maximum: 15 } } };
    const standbys = { engine: Engine.postgresql('17'), topology: Topology.multiAzCluster({ instance: InstanceSize.of('db.r6gd.large'), storage: { size: Size.gibibytes(100) } }) };
    const alone = { engine: Engine.postgresql('17'), topology: Topology.multiAzInstance({ instance, storage: { size: Size.gibibytes(100) } }), objectives: { failoverWithin: Duration.minutes(5) } };
    // 16, 32, 35, 36 … 40, and 41.
    clusters(stack, scaled, scaled, standbys, alone, { topology: Topology.aurora({ readers: 3, instance }) });
    expect(quotaWarnings(stack)).toEqual([]);
    const more = (id: string): HaCluster => new HaCluster(stack, id, { network: stack.node.findChild('Network') as never, alerts: stack.node.findChild('Alerts') as never, ...alone });
    more('Last');
    expect(quotaWarnings(stack)).toEqual([`staging-data/Last: With this the application makes 41 DB instances in the account 123456789012, eu-central-1. AWS gives 40 unless it was asked for more: Service Quotas, Amazon RDS, before the apply. ${SOURCE}`]);
    more('Further');
    expect(quotaWarnings(stack)).toHaveLength(1);
  });

  it('is another one in another account or region', () => {
    const stack = testStack();
    const environment = Environment.of({ stage: 'staging', platform: 'shop', region: 'eu-west-1', recoveryRegion: 'eu-north-1', account: '123456789012', owner: 'shop-team', costCentre: '4711', state: { backend: 'local' }, name: 'west' });
    const west = new EnvironmentStack(stack.node.root, 'data', { environment });
    for (const one of [stack, west]) useQuota(one, 'DB instances', 40);
    expect([stack, west].flatMap(quotaWarnings)).toEqual([]);
    useQuota(west, 'DB instances', 1);
    expect([stack, west].flatMap(quotaWarnings)).toEqual([expect.stringMatching(/^west-data: .* 41 DB instances in the account 123456789012, eu-west-1\./)]);
  });

  it('is told of clusters, pools, networks and channels too; what AWS does not raise is not to be asked for', () => {
    const stack = testStack();
    useQuota(stack, 'proxies', 20);
    useQuota(stack, 'event subscriptions', 18);
    useQuota(stack, 'DB subnet groups', 50);
    useQuota(stack, 'DB clusters', 40);
    useQuota(stack, 'DB cluster parameter groups', 50);
    clusters(stack, { topology: Topology.aurora({ readers: 1, instance }) });
    const cluster = stack.node.findChild('Cluster0') as HaCluster;
    new ConnectionPool(stack, 'Pool', { cluster, network: cluster.network, auth: PoolAuth.iam() });
    new DatabaseEvents(stack, 'Events', { alerts: importedChannel(stack, 'Team'), database: monitoredDatabase() });
    new DatabaseNetwork(stack, 'Fresh');
    const asked = (what: string, most: number): string => `With this the application makes ${most + 1} ${what} in the account 123456789012, eu-central-1. AWS gives ${most} unless it was asked for more: Service Quotas, Amazon RDS, before the apply. ${SOURCE}`;
    expect(quotaWarnings(stack).map(String).sort()).toEqual([
      `staging-data/Cluster0: ${asked('DB clusters', 40)}`,
      `staging-data/Cluster0: With this the application makes 51 DB cluster parameter groups in the account 123456789012, eu-central-1. AWS gives 50, and no more when it is asked: use several accounts. ${SOURCE}`,
      `staging-data/EventSubscriptions/Team/Events: ${asked('event subscriptions', 20)}`,
      `staging-data/Fresh: ${asked('DB subnet groups', 50)}`,
      `staging-data/Pool: ${asked('proxies', 20)}`,
    ].sort());
  });
});
