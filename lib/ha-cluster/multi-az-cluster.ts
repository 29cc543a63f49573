import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import type { InstanceClass } from '../engine/instance-size';
import { clusterArguments, madeFromSnapshot } from './cluster-arguments';
import type { Deployment, DeploymentContext } from './deployment';
import type { MultiAzClusterTopology } from './topology';

/** RDS makes and names the three instances. Source: AWS, Multi-AZ DB cluster deployments. */
const INSTANCES = [1, 2, 3];

export function makeMultiAzCluster(context: DeploymentContext, { storage }: MultiAzClusterTopology, instance: InstanceClass): Deployment {
  const { scope, identifier, monitoring } = context;
  const resource = new RdsCluster(scope, 'Resource', {
    ...clusterArguments(context),
    dbClusterInstanceClass: instance.name,
    allocatedStorage: storage.size.toGibibytes(),
    storageType: storage.type ?? 'gp3',
    ...(storage.iops === undefined ? {} : { iops: storage.iops }),
    monitoringInterval: monitoring.seconds,
    monitoringRoleArn: monitoring.roleArn,
    dependsOn: [...context.logGroups, monitoring.attachment],
  });
  return {
    resource,
    arn: resource.arn,
    resourceId: resource.clusterResourceId,
    endpointAddress: resource.endpoint,
    readerEndpointAddress: resource.readerEndpoint,
    masterSecretArn: resource.masterUserSecret.get(0).secretArn,
    instanceIdentifiers: INSTANCES.map((n) => `${identifier}-instance-${n}`),
    watched: [resource],
    endpoints: new Map(),
    blindSpots: madeFromSnapshot(resource, context),
  };
}
