import type { Construct } from 'constructs';
import { TenantryError } from '../core/errors';
import { listOf } from '../core/text';
import { tokenPaths } from '../core/tokens';
import type { Declaration } from '../declaration/schema';
import type { Tenants } from '../declaration/tenants';
import { Engine } from '../engine/engine';
import { EnvironmentStack } from '../environment/environment-stack';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';
import { serverOfTenant } from '../manifest/cells';
import { type Manifest, MANIFEST_FORMAT, manifestSchema, type ManifestServer } from '../manifest/format';
import type { Logins } from './logins';
import { type WayIn, wayInOf } from './pool';
import { HOME_SERVER } from './servers';
import type { TenantCluster } from './tenant-database-ref';

export interface ManifestSource {
  readonly cluster: IHaCluster;
  readonly declaration: Declaration;
  readonly tenants: Tenants;
  readonly logins: Logins;
  /** How programs get to the shared cluster, and how fast they notice that one is lost. */
  readonly wayIn: WayIn;
  /** The clusters that tenants have for themselves, with their logins. */
  readonly cells: readonly (TenantCluster & { readonly logins: Pick<Logins, 'secrets'> })[];
}

/** What the bootstrap is told about a tenant database. */
export function manifestOf(scope: Construct, { cluster, declaration, tenants, logins, wayIn, cells }: ManifestSource): Manifest {
  const { environment } = EnvironmentStack.of(scope);
  return manifestSchema.parse({
    format: MANIFEST_FORMAT,
    platform: environment.platform,
    environment: environment.name,
    address: scope.node.path,
    declaration,
    tenants,
    servers: {
      [HOME_SERVER]: { ...serverOf(scope, cluster, logins), ...wayInOf(wayIn) },
      ...Object.fromEntries(cells.map(({ tenant, cluster: own, logins: theirs }) => [serverOfTenant(tenant), { ...serverOf(scope, own, theirs), ...wayInOf({ driver: wayIn.driver }) }])),
    },
    home: HOME_SERVER,
  } satisfies Manifest);
}

function serverOf(scope: Construct, cluster: IHaCluster, { secrets }: Pick<Logins, 'secrets'>): ManifestServer {
  const lifecycle = Engine.lifecycleOf(cluster.engineName, cluster.engineVersion);
  return {
    host: cluster.endpointAddress,
    readerHost: cluster.readerEndpointAddress,
    port: cluster.port,
    engine: cluster.engineName,
    engineVersion: cluster.engineVersion,
    ...(lifecycle === undefined ? {} : { lifecycle }),
    region: EnvironmentStack.of(scope).environment.region,
    resourceId: cluster.clusterResourceId,
    masterUsername: cluster.masterUsername,
    masterSecretArn: cluster.masterSecretArn,
    ...(secrets.size === 0 ? {} : { loginSecrets: Object.fromEntries([...secrets].map(([login, { secretArn }]) => [login, secretArn])) }),
  };
}

/**
 * A declaration is data. Text in it that looks like a reference of CDKTF would become one.
 *
 * @throws TenantryError (`input`) that names the places
 */
export function refuseTokens(scope: Construct, data: unknown): void {
  const paths = tokenPaths(data);
  if (paths.length === 0) return;
  throw new TenantryError('input', {
    code: 'tenant-database/reference-in-declaration',
    at: scope.node.path,
    problem: `${listOf(paths)} ${paths.length === 1 ? 'holds' : 'hold'} a value that only Terraform knows. A declaration and its tenants are plain data, the same in every environment.`,
    fix: 'Write the value itself.',
  });
}
