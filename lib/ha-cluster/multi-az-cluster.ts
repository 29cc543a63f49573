import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { type BlindSpot, ignoreChanges } from '../construct/blind-spot';
import type { InstanceClass } from '../engine/instance-size';
import { declaredIops } from '../engine/rds-storage';
import { clusterArguments, placesOfCluster } from './cluster-arguments';
import type { Deployment, DeploymentContext } from './deployment';
import type { ClusterStorageProps, MultiAzClusterTopology } from './topology';

/** RDS makes and names the three instances. Source: AWS, Multi-AZ DB cluster deployments. */
const INSTANCES = [1, 2, 3];

export function makeMultiAzCluster(context: DeploymentContext, { storage }: MultiAzClusterTopology, instance: InstanceClass): Deployment {
  const { scope, identifier, monitoring } = context;
  const resource = new RdsCluster(scope, 'Resource', {
    ...clusterArguments(context),
    dbClusterInstanceClass: instance.name,
    allocatedStorage: storage.size.toGibibytes(),
    storageType: storage.type ?? 'gp3',
    iops: declaredIops(storage),
    // AWS brings no point in time of a deleted one back, whatever is kept.
    deleteAutomatedBackups: true,
    monitoringInterval: monitoring.seconds,
    monitoringRoleArn: monitoring.roleArn,
    dependsOn: [...context.logGroups, monitoring.attachment],
  });
  return {
    ...placesOfCluster(resource),
    instanceIdentifiers: INSTANCES.map((n) => `${identifier}-instance-${n}`),
    watched: [resource],
    endpoints: new Map(),
    blindSpots: ofSmallStorage(resource, storage),
  };
}

/** RDS refuses operations for gp3 below 400 GiB, and answers with what comes with it: each plan would take them away again, and the apply of that fails. */
const ofSmallStorage = (resource: RdsCluster, storage: ClusterStorageProps): BlindSpot[] => (declaredIops(storage) !== undefined ? [] : [ignoreChanges(resource, {
  argument: 'iops', reason: 'RDS answers with the operations that come with gp3 of this size, and refuses to be given them', source: 'hashicorp/terraform-provider-aws#41203',
})]);
