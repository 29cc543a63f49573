import { parseDeclaration } from '../../lib/declaration';
import { Engine } from '../../lib/engine';
import { BootstrapRunner, type BootstrapRunnerProps } from '../../lib/bootstrap-runner';
import type { EnvironmentStack } from '../../lib/environment';
import { HaCluster } from '../../lib/ha-cluster';
import { DatabaseNetwork, IMAGE_ENDPOINTS, type IDatabaseNetwork, STANDARD_ENDPOINTS } from '../../lib/network';
import { TenantDatabase } from '../../lib/tenant-database';
import { testStack } from '../support/synth';

export const DIGEST = 'a1b2c3d4'.repeat(8);
export const IMAGE = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/platform/tenantry@sha256:${DIGEST}`;

/** A declaration with a password login for all, and one for each tenant with a database of its own. */
export const shop = parseDeclaration({
  name: 'shop',
  tables: { orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } },
  roles: { app: { login: 'iam', tables: { orders: 'write' } }, batch: { login: 'password', tables: { orders: 'read' } } },
});

export interface Made {
  readonly stack: EnvironmentStack;
  readonly network: IDatabaseNetwork;
  readonly database: TenantDatabase;
  readonly runner: BootstrapRunner;
}

/** A runner with everything that it stands on, in one stack. */
export function make(props: Partial<BootstrapRunnerProps> = {}, environment: Parameters<typeof testStack>[0] = {}, schema = shop): Made {
  const stack = testStack(environment);
  const network = props.network ?? new DatabaseNetwork(stack, 'Network', { endpoints: [...STANDARD_ENDPOINTS, ...IMAGE_ENDPOINTS] });
  const cluster = new HaCluster(stack, 'Cluster', { network, engine: Engine.auroraPostgresql('17') });
  const database = new TenantDatabase(stack, 'Shop', { cluster, schema, tenants: { initech: { isolation: 'database' } } });
  const runner = new BootstrapRunner(stack, 'Runner', { database, network, image: IMAGE, ...props });
  return { stack, network, database, runner };
}
