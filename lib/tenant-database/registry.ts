import type { Construct, IConstruct } from 'constructs';
import { TenantryError } from '../core/errors';
import { EnvironmentStack } from '../environment/environment-stack';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';

/** Per app: which construct has which declaration on which cluster. */
const taken = new WeakMap<IConstruct, Map<string, string>>();

/** Names of roles and databases come from the declaration's, so that two of the same name on one cluster would be one. */
export function claimDeclaration(scope: Construct, cluster: IHaCluster, declaration: string): void {
  const claims = taken.get(scope.node.root) ?? new Map<string, string>();
  taken.set(scope.node.root, claims);
  const { account, region } = EnvironmentStack.of(scope).environment;
  // The same identifier in another account or region is another cluster.
  const claim = [account, region, cluster.clusterIdentifier, declaration].join('/');
  const other = claims.get(claim);
  if (other !== undefined) {
    throw new TenantryError('input', {
      code: 'tenant-database/declaration-twice',
      at: scope.node.path,
      problem: `The declaration ${JSON.stringify(declaration)} lies on this cluster already, at ${other}. Its databases, schemas and roles carry its name.`,
      fix: 'Give one of the two declarations another name, or put it on another cluster.',
    });
  }
  claims.set(claim, scope.node.path);
}
