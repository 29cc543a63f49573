import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterEndpoint } from '@cdktf/provider-aws/lib/rds-cluster-endpoint';
import { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import { Construct } from 'constructs';
import { clusterArguments, madeFromSnapshot, placesOfCluster } from './cluster-arguments';
import type { Deployment, DeploymentContext } from './deployment';
import type { Sizing } from './sizing';
import { auroraInstances, type AuroraTopology } from './topology';

/** The cluster, its instances and the endpoints over some of them. */
export function makeAurora(context: DeploymentContext, topology: AuroraTopology, { capacity, furtherReaders }: Sizing): Deployment {
  const { scope, identifier, engine, profile, monitoring, windows } = context;
  const resource = new RdsCluster(scope, 'Resource', {
    ...clusterArguments(context),
    engineMode: 'provisioned',
    // Named in both cases: left out, the way back to the standard would be no change (hashicorp/terraform-provider-aws#41825).
    storageType: topology.storage === 'io-optimized' ? 'aurora-iopt1' : 'aurora',
    serverlessv2ScalingConfiguration: capacity.kind === 'serverless'
      ? { minCapacity: capacity.range.minimum, maxCapacity: capacity.range.maximum, secondsUntilAutoPause: capacity.pauseSeconds }
      : undefined,
  });
  const place = new Construct(scope, 'Instances');
  const instances = auroraInstances(topology, context.zones);
  const made: RdsClusterInstance[] = [];
  for (const { id, zone, promotionTier, follows } of instances) {
    const ofOwnSize = follows ? undefined : furtherReaders;
    // The first one that is there becomes the writer. And a plan that changes all of them restarts the first two, which take each other's place, one after the other.
    const before = made[Math.min(made.length, 2) - 1];
    made.push(new RdsClusterInstance(place, id, {
      identifier: `${identifier}-${id}`,
      clusterIdentifier: resource.id,
      engine: engine.name,
      instanceClass: capacity.kind === 'serverless' ? 'db.serverless' : (ofOwnSize ?? capacity.instance).name,
      availabilityZone: zone,
      promotionTier,
      publiclyAccessible: false,
      copyTagsToSnapshot: true,
      // A pinned minor version would differ from what AWS raised it to, in every plan.
      autoMinorVersionUpgrade: !engine.pinned,
      monitoringInterval: monitoring.seconds,
      monitoringRoleArn: monitoring.roleArn,
      preferredMaintenanceWindow: windows.maintenance,
      applyImmediately: !profile.changesWait,
      dependsOn: [monitoring.attachment, ...(before === undefined ? [] : [before])],
    }));
  }
  return {
    ...placesOfCluster(resource),
    instanceIdentifiers: instances.map(({ id }) => `${identifier}-${id}`),
    watched: [resource, ...made],
    aurora: { cluster: resource, instances: made },
    endpoints: makeEndpoints(scope, resource, topology, context),
    blindSpots: madeFromSnapshot(resource, context),
  };
}

function makeEndpoints(scope: Construct, { id: clusterIdentifier }: RdsCluster, { endpoints = {} }: AuroraTopology, { identifier }: DeploymentContext): Map<string, string> {
  if (Object.keys(endpoints).length === 0) return new Map();
  const place = new Construct(scope, 'Endpoints');
  const instances = scope.node.findChild('Instances');
  const named = (ids: readonly string[]): string[] => ids.map((id) => (instances.node.findChild(id) as RdsClusterInstance).id);
  return new Map(Object.entries(endpoints).map(([name, { members, except }]) => [name, new RdsClusterEndpoint(place, name, {
    clusterIdentifier,
    clusterEndpointIdentifier: `${identifier}-${name}`,
    customEndpointType: 'READER',
    ...(members === undefined ? { excludedMembers: named(except) } : { staticMembers: named(members) }),
  }).endpoint]));
}
