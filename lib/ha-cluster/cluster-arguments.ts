import type { RdsCluster, RdsClusterConfig } from '@cdktf/provider-aws/lib/rds-cluster';
import type { BlindSpot } from '../construct/blind-spot';
import { ignoreChanges } from '../construct/blind-spot';
import { appliesAtOnce, type Deployment, type DeploymentContext, insightsOf, NO_EXTENDED_SUPPORT, protectionOf } from './deployment';

/** What every `aws_rds_cluster` has, of Aurora or of RDS. */
export const clusterArguments = (context: DeploymentContext): RdsClusterConfig => ({
  clusterIdentifier: context.identifier,
  engine: context.engine.name,
  engineVersion: context.engine.version,
  engineLifecycleSupport: NO_EXTENDED_SUPPORT,
  ...(context.allowMajorVersionUpgrade ? { allowMajorVersionUpgrade: true } : {}),
  port: context.port,
  dbSubnetGroupName: context.subnetGroupName,
  vpcSecurityGroupIds: [...context.securityGroupIds],
  dbClusterParameterGroupName: context.parameterGroupName,
  storageEncrypted: true,
  kmsKeyId: context.keyArn,
  masterUsername: context.masterUsername,
  manageMasterUserPassword: true,
  masterUserSecretKmsKeyId: context.keyArn,
  iamDatabaseAuthenticationEnabled: context.engine.iamAuthentication,
  enabledCloudwatchLogsExports: [...context.engine.logExports],
  ...protectionOf(context),
  backupRetentionPeriod: context.backupRetentionDays,
  preferredBackupWindow: context.windows.backup,
  preferredMaintenanceWindow: context.windows.maintenance,
  ...insightsOf(context),
  ...(context.snapshotIdentifier === undefined ? {} : { snapshotIdentifier: context.snapshotIdentifier }),
  applyImmediately: appliesAtOnce(context),
  dependsOn: [...context.logGroups],
});

/** Where an `aws_rds_cluster` is found, of Aurora or of RDS. */
export const placesOfCluster = (resource: RdsCluster) => ({
  resource,
  arn: resource.arn,
  resourceId: resource.clusterResourceId,
  endpointAddress: resource.endpoint,
  readerEndpointAddress: resource.readerEndpoint,
  masterSecretArn: resource.masterUserSecret.get(0).secretArn,
} as const satisfies Partial<Deployment>);

/** A cluster is made from its snapshot once: later the provider would replace it for another name of one. */
export const madeFromSnapshot = (resource: RdsCluster, { snapshotIdentifier }: DeploymentContext): BlindSpot[] => (snapshotIdentifier === undefined ? [] : [ignoreChanges(resource, {
  argument: 'snapshot_identifier', reason: 'it is read once, when the cluster is made; another one would replace the cluster', source: 'hashicorp/aws, aws_rds_cluster',
})]);
