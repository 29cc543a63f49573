import type { Construct } from 'constructs';
import { TenantryError } from '../core/errors';
import { listOf } from '../core/text';
import { tokenPaths } from '../core/tokens';
import type { Declaration } from '../declaration/schema';
import type { Tenants } from '../declaration/tenants';
import { Engine } from '../engine/engine';
import { EnvironmentStack } from '../environment/environment-stack';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';
import { type Manifest, MANIFEST_FORMAT, manifestSchema } from '../manifest/format';
import type { Logins } from './logins';

/** Name of the only server that a tenant database has until tenants have clusters of their own. */
const SERVER = 'main';

export interface ManifestSource {
  readonly cluster: IHaCluster;
  readonly declaration: Declaration;
  readonly tenants: Tenants;
  readonly logins: Logins;
}

/** What the bootstrap is told about a tenant database. */
export function manifestOf(scope: Construct, { cluster, declaration, tenants, logins }: ManifestSource): Manifest {
  const { environment } = EnvironmentStack.of(scope);
  const lifecycle = Engine.lifecycleOf(cluster.engineName, cluster.engineVersion);
  return manifestSchema.parse({
    format: MANIFEST_FORMAT,
    platform: environment.platform,
    environment: environment.name,
    address: scope.node.path,
    declaration,
    tenants,
    servers: {
      [SERVER]: {
        host: cluster.endpointAddress,
        readerHost: cluster.readerEndpointAddress,
        port: cluster.port,
        engine: cluster.engineName,
        engineVersion: cluster.engineVersion,
        ...(lifecycle === undefined ? {} : { lifecycle }),
        region: environment.region,
        resourceId: cluster.clusterResourceId,
        masterUsername: cluster.masterUsername,
        masterSecretArn: cluster.masterSecretArn,
        ...(logins.secrets.size === 0 ? {} : { loginSecrets: Object.fromEntries([...logins.secrets].map(([login, { secretArn }]) => [login, secretArn])) }),
      },
    },
    home: SERVER,
  } satisfies Manifest);
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
