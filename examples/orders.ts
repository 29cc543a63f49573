// An order system that has to survive the loss of a zone and may be told of any fault within a minute. Run it: npx tsx examples/orders.ts
import { App } from 'cdktf';
import {
  AlertChannel, AlertTarget, ConnectionPool, DatabaseNetwork, defineSchema, Duration, EncryptionKey, Engine, Environment, EnvironmentStack, HaCluster, InstanceSize, OsMetrics, PoolAuth, ScaleOn, Size, TenantDatabase, Topology,
} from 'tenantry';

const orders = defineSchema({
  name: 'orders',
  tables: {
    orders: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, total: { type: 'numeric(12,2)', check: 'total >= 0', example: '1' } }, primaryKey: ['id'] },
  },
  roles: { app: { login: 'iam', tables: { orders: 'write' } } },
});

const app = new App();
const environment = Environment.of({
  stage: 'production', platform: 'orders', region: 'eu-central-1', recoveryRegion: 'eu-west-1', account: '123456789012', owner: 'orders-team', costCentre: '4712',
  state: { backend: 's3', bucket: 'orders-state', kmsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-4000-8000-000000000001' },
});
const stack = new EnvironmentStack(app, 'all', { environment });
const network = new DatabaseNetwork(stack, 'Network');
const alerts = new AlertChannel(stack, 'Alerts', {
  critical: [AlertTarget.email('on-call@example.com')],
  warning: [AlertTarget.email('orders-team@example.com')],
  escalation: [{ after: Duration.minutes(15), targets: [AlertTarget.email('head-of-orders@example.com')] }],
});
const osMetrics = new OsMetrics(stack, 'OsMetrics', { alerts });

const cluster = new HaCluster(stack, 'Cluster', {
  network, alerts, osMetrics,
  engine: Engine.auroraPostgresql('17'),
  topology: Topology.aurora({ readers: 2, instance: InstanceSize.atLeast({ vcpu: 4, memory: Size.gibibytes(32) }), endpoints: { reports: { members: ['c'] } } }),
  objectives: {
    failoverWithin: Duration.seconds(60), zoneLossRpo: Duration.seconds(0), notifyWithin: Duration.seconds(60), scalingInterruption: Duration.seconds(30), latencyWithin: Duration.milliseconds(100),
  },
  target: { storage: Size.tebibytes(10), connections: 2_000 },
  scaling: { readers: { minimum: 2, maximum: 6, on: ScaleOn.cpu(60) } },
});
// Without it, a change of size would interrupt for longer than the objective allows.
const pool = new ConnectionPool(stack, 'Pool', { cluster, network, auth: PoolAuth.iam() });

new TenantDatabase(stack, 'Orders', {
  cluster, pool,
  schema: orders,
  tenants: { acme: { isolation: 'row' }, umbrella: { isolation: 'cluster' } },
  // A tenant with a cluster of its own, which nobody else of the network may connect to.
  tenantCluster: (scope) => new HaCluster(scope, 'Cluster', {
    network, alerts, osMetrics, admitsNetwork: false, engine: Engine.auroraPostgresql('17'), encryptionKey: new EncryptionKey(scope, 'Key'),
  }),
});
app.synth();
