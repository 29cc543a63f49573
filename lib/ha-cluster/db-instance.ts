import { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import { ignoreChanges } from '../construct/blind-spot';
import type { InstanceClass } from '../engine/instance-size';
import { declaredIops, declaredThroughput } from '../engine/rds-storage';
import { type Deployment, type DeploymentContext, appliesAtOnce, insightsOf, NO_EXTENDED_SUPPORT, protectionOf } from './deployment';
import type { MultiAzInstanceTopology, SingleTopology } from './topology';

/** An instance of RDS, with a standby in another zone or without. */
export function makeDbInstance(context: DeploymentContext, { kind, storage }: MultiAzInstanceTopology | SingleTopology, instance: InstanceClass): Deployment {
  const { scope, identifier, engine, monitoring, windows } = context;
  const resource = new DbInstance(scope, 'Resource', {
    identifier,
    engine: engine.name,
    engineVersion: engine.version,
    engineLifecycleSupport: NO_EXTENDED_SUPPORT,
    ...(context.allowMajorVersionUpgrade ? { allowMajorVersionUpgrade: true } : {}),
    autoMinorVersionUpgrade: !engine.pinned,
    instanceClass: instance.name,
    multiAz: kind === 'multi-az-instance',
    allocatedStorage: storage.size.toGibibytes(),
    ...(storage.maximum === undefined ? {} : { maxAllocatedStorage: storage.maximum.toGibibytes() }),
    storageType: storage.type ?? 'gp3',
    iops: declaredIops(storage),
    storageThroughput: declaredThroughput(storage),
    port: context.port,
    publiclyAccessible: false,
    dbSubnetGroupName: context.subnetGroupName,
    vpcSecurityGroupIds: [...context.securityGroupIds],
    parameterGroupName: context.parameterGroupName,
    storageEncrypted: true,
    kmsKeyId: context.keyArn,
    username: context.masterUsername,
    manageMasterUserPassword: true,
    masterUserSecretKmsKeyId: context.keyArn,
    iamDatabaseAuthenticationEnabled: engine.iamAuthentication,
    enabledCloudwatchLogsExports: [...engine.logExports],
    ...protectionOf(context),
    backupRetentionPeriod: context.backupRetentionDays,
    backupWindow: windows.backup,
    maintenanceWindow: windows.maintenance,
    monitoringInterval: monitoring.seconds,
    monitoringRoleArn: monitoring.roleArn,
    ...insightsOf(context),
    ...(context.snapshotIdentifier === undefined ? {} : { snapshotIdentifier: context.snapshotIdentifier }),
    applyImmediately: appliesAtOnce(context),
    dependsOn: [...context.logGroups, monitoring.attachment],
  });
  return {
    resource,
    arn: resource.arn,
    resourceId: resource.resourceId,
    endpointAddress: resource.address,
    // The standby cannot be read.
    readerEndpointAddress: resource.address,
    masterSecretArn: resource.masterUserSecret.get(0).secretArn,
    instanceIdentifiers: [identifier],
    watched: [resource],
    endpoints: new Map(),
    blindSpots: context.snapshotIdentifier === undefined ? [] : [ignoreChanges(resource, {
      argument: 'snapshot_identifier', reason: 'it is read once, when the instance is made; another one would replace the instance', source: 'hashicorp/aws, aws_db_instance',
    })],
  };
}
