import type { Construct } from 'constructs';
import { Engine, type Environment, EnvironmentStack, HaCluster, ManifestBucket, TenantDatabase } from 'tenantry';
import type { Foundation } from './foundation';
import { orders } from './orders.schema';

/** The cluster, and the order system on it with a tenant in each isolation mode. */
export class Data extends EnvironmentStack {
  readonly cluster: HaCluster;
  readonly orders: TenantDatabase;

  constructor(scope: Construct, { environment, foundation }: { readonly environment: Environment; readonly foundation: Foundation }) {
    super(scope, 'data', { environment });
    const { key, network, alerts, osMetrics } = foundation;
    this.cluster = new HaCluster(this, 'Cluster', { network, engine: Engine.auroraPostgresql('17'), encryptionKey: key, alerts, osMetrics });
    this.orders = new TenantDatabase(this, 'Orders', {
      cluster: this.cluster,
      schema: orders,
      tenants: {
        acme: { isolation: 'row', displayName: 'Acme, Inc.' },
        globex: { isolation: 'schema', displayName: 'Globex Corporation' },
        initech: { isolation: 'database', displayName: 'Initech', tier: 'enterprise' },
      },
      manifestBucket: new ManifestBucket(this, 'Manifests', { encryptionKey: key }),
    });
  }
}
