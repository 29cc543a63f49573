import type { App } from 'cdktf';
import { DatabaseNetwork, type DatabaseNetworkProps, Engine, Environment, EnvironmentStack, HaCluster, type HaClusterProps, type SchemaInput, TenantDatabase, type TenantInput, Topology } from 'tenantry';
import { parseDeclaration } from '../../../lib/declaration/parse';
import type { EnvironmentInput } from '../../../lib/environment/environment-data';

export const ENVIRONMENT: EnvironmentInput = { stage: 'staging', platform: 'shop', region: 'eu-central-1', recoveryRegion: 'eu-west-1', account: '123456789012', owner: 'shop-team', costCentre: '4711', state: { backend: 'local' } };

export const tables: SchemaInput['tables'] = {
  customers: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, name: { type: 'text' } }, primaryKey: ['id'] },
  orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, total: { type: 'integer' } }, primaryKey: ['id'] },
};
/** One that logs in by tokens, and one with a password, which has secrets. */
export const roles = {
  app: { login: 'iam', tables: { orders: 'write' } },
  jobs: { login: 'password', tables: { orders: 'read' } },
} satisfies SchemaInput['roles'];
export const tenants = {
  acme: { isolation: 'row', displayName: 'Acme' },
  globex: { isolation: 'schema', displayName: 'Globex' },
  initech: { isolation: 'database', displayName: 'Initech' },
} satisfies Record<string, TenantInput>;

/** What a version of the shop has that the first one has not. */
export interface ShopVersion {
  readonly environment?: Partial<EnvironmentInput>;
  readonly network?: DatabaseNetworkProps;
  readonly cluster?: Partial<HaClusterProps>;
  /** Id of the cluster's construct. */
  readonly clusterId?: string;
  readonly readers?: number;
  readonly tables?: SchemaInput['tables'];
  readonly roles?: SchemaInput['roles'];
  readonly tenants?: Readonly<Record<string, TenantInput>>;
  /** Whatever else the stack holds. */
  readonly more?: (stack: EnvironmentStack, cluster: HaCluster) => void;
}

/** A whole platform in one stack, `staging-shop`. */
export const shop = (version: ShopVersion = {}) => (app: App): void => {
  const stack = new EnvironmentStack(app, 'shop', { environment: Environment.of({ ...ENVIRONMENT, ...version.environment }) });
  const network = new DatabaseNetwork(stack, 'Network', version.network);
  const cluster = new HaCluster(stack, version.clusterId ?? 'Cluster', { network, engine: Engine.auroraPostgresql('16'), ...(version.readers === undefined ? {} : { topology: Topology.aurora({ readers: version.readers }) }), ...version.cluster });
  const schema = parseDeclaration({ name: 'shop', tables: version.tables ?? tables, roles: version.roles ?? roles });
  new TenantDatabase(stack, 'Shop', { cluster, schema, tenants: version.tenants ?? tenants });
  version.more?.(stack, cluster);
};

/** The same in the other order. */
export const reversed = <T>(all: Readonly<Record<string, T>>): Record<string, T> => Object.fromEntries(Object.entries(all).reverse());

/** All but one, and another one in its place if it is renamed. */
export const without = <T>(all: Readonly<Record<string, T>>, gone: string, renamed?: string): Record<string, T> =>
  Object.fromEntries(Object.entries(all).flatMap(([name, one]) => (name !== gone ? [[name, one]] : renamed === undefined ? [] : [[renamed, one]])));
