import type { Construct } from 'constructs';
import { claimName } from '../construct/claimed-name';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';

/** Names of roles and databases come from the declaration's, so that two of the same name on one cluster would be one. */
export function claimDeclaration(scope: Construct, { clusterIdentifier }: IHaCluster, declaration: string): void {
  claimName(scope, {
    kind: 'declaration',
    name: `${clusterIdentifier}/${declaration}`,
    code: 'tenant-database/declaration-twice',
    problem: (owner) => `The declaration ${JSON.stringify(declaration)} lies on this cluster already, at ${owner}. Its databases, schemas and roles carry its name.`,
    fix: 'Give one of the two declarations another name, or put it on another cluster.',
  });
}
