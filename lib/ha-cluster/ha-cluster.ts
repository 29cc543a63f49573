import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import { RdsClusterParameterGroup } from '@cdktf/provider-aws/lib/rds-cluster-parameter-group';
import { Annotations } from 'cdktf';
import { Construct } from 'constructs';
import { logGroup } from '../construct/log-group';
import { trustService } from '../construct/policy-document';
import { Duration } from '../core/duration';
import { EncryptionKey } from '../encryption/encryption-key';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import { Capacity } from '../engine/capacity';
import type { DatabaseEngine } from '../engine/engine';
import type { EngineParameter, TlsVersion } from '../engine/engine-definition';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { Profile } from '../environment/profile';
import type { IDatabaseNetwork } from '../network/database-network-ref';
import type { HaClusterAttributes, IHaCluster } from './ha-cluster-ref';
import { ImportedHaCluster } from './imported-ha-cluster';
import { type BoundTopology, Topology } from './topology';
import { knownZones, LONGEST_CLUSTER, validateHaCluster, warningsOf } from './validate';

/** Figures that the cluster has to keep. */
export interface HaClusterObjectives {
  /**
   * How long writing may be impossible after the writer is lost.
   *
   * @default - the environment's: 60 seconds, and not checked in development
   */
  readonly failoverWithin?: Duration;
}

export interface HaClusterProps {
  readonly network: IDatabaseNetwork;
  /** For instance `Engine.auroraPostgresql('17')`. */
  readonly engine: DatabaseEngine;
  /**
   * How the instances are spread.
   *
   * @default - Aurora with one reader in another zone; in development none
   */
  readonly topology?: Topology;
  /**
   * Size of the instances.
   *
   * @default - serverless, in the range of the environment
   */
  readonly capacity?: Capacity;
  /** @default - those of the environment */
  readonly objectives?: HaClusterObjectives;
  /**
   * Encrypts storage, backups, master secret, logs and query statistics. It cannot be changed later.
   *
   * @default - the key of the stack, made once
   */
  readonly encryptionKey?: IEncryptionKey;
  /**
   * How far automated backups reach back, 1 to 35 days.
   *
   * @default - 35 days in production, 14 in staging, 7 in development
   */
  readonly backupRetention?: Duration;
  /**
   * Connections with less are refused.
   *
   * @default '1.3'
   */
  readonly minimumTls?: TlsVersion;
  /**
   * Settings of the parameter group besides those of the engine's template. They apply at the next restart.
   *
   * @default - the template alone
   */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * Name of the first login; AWS makes its password and keeps it in Secrets Manager.
   *
   * @default 'tenantry_admin'
   */
  readonly masterUsername?: string;
  /**
   * Name in AWS. It cannot be changed later.
   *
   * @default - platform, environment, layer and ids of the constructs
   */
  readonly clusterIdentifier?: string;
}

/** Seconds between two samples of the operating system's metrics. */
const MONITORING_SECONDS = 30;
/** From here Database Insights is of the advanced kind, which needs exactly this much. */
const ADVANCED_INSIGHTS_DAYS = 465;

/** Aurora PostgreSQL with its keys, logs, backups and monitoring, spread so that it keeps its objectives. */
export class HaCluster extends Construct implements IHaCluster {
  /** A cluster that exists. */
  static fromHaClusterAttributes(scope: Construct, id: string, attributes: HaClusterAttributes): IHaCluster {
    return new ImportedHaCluster(scope, id, attributes);
  }

  readonly clusterIdentifier: string;
  readonly clusterResourceId: string;
  readonly endpointAddress: string;
  readonly readerEndpointAddress: string;
  readonly port: number;
  readonly engineName: string;
  readonly engineVersion: string;
  readonly masterUsername: string;
  readonly masterSecretArn: string;
  readonly masterSecretKeyArn: string;
  readonly clientSecurityGroupId: string;
  readonly clusterArn: string;
  readonly resource: RdsCluster;

  constructor(scope: Construct, id: string, props: HaClusterProps) {
    super(scope, id);
    const { environment } = EnvironmentStack.of(this);
    const { profile } = environment;
    const { engine, network } = props;
    const zones = knownZones(this, network.zones);
    const topology = (props.topology ?? Topology.aurora({ readers: profile.readers })).bind(zones);
    const failoverWithin = props.objectives?.failoverWithin ?? (profile.failoverSeconds === 0 ? undefined : Duration.seconds(profile.failoverSeconds));
    const fixedParameters = [...engine.parameters, engine.minimumTls(props.minimumTls ?? '1.3')];
    this.masterUsername = props.masterUsername ?? 'tenantry_admin';
    validateHaCluster(this, { props, topology, zones, failoverWithin, masterUsername: this.masterUsername, fixedParameters });
    for (const warning of warningsOf(engine)) Annotations.of(this).addWarning(warning);

    this.clusterIdentifier = props.clusterIdentifier ?? physicalName(this, { max: LONGEST_CLUSTER });
    this.engineName = engine.name;
    this.engineVersion = engine.version;
    this.port = network.port;
    this.clientSecurityGroupId = network.clientSecurityGroupId;
    const key = props.encryptionKey ?? EncryptionKey.forStack(this);
    const capacity = props.capacity ?? Capacity.serverless({ minimum: profile.minimumCapacity, maximum: profile.maximumCapacity });
    const logs = new Construct(this, 'Logs');
    // RDS would make the log groups itself, without encryption and for ever, if they were not there first.
    const logGroups = engine.logExports.map((log) => logGroup(logs, log, `/aws/rds/cluster/${this.clusterIdentifier}/${log}`, key));

    this.resource = new RdsCluster(this, 'Resource', {
      clusterIdentifier: this.clusterIdentifier,
      engine: engine.name,
      engineVersion: engine.version,
      engineMode: 'provisioned',
      engineLifecycleSupport: 'open-source-rds-extended-support-disabled',
      port: this.port,
      dbSubnetGroupName: network.subnetGroupName,
      vpcSecurityGroupIds: [network.securityGroupId],
      dbClusterParameterGroupName: this.#makeParameterGroup(engine, props.clusterIdentifier, [...fixedParameters, ...Object.entries(props.parameters ?? {}).map(([name, value]): EngineParameter => ({ name, value, applyMethod: 'pending-reboot' }))]).name,
      storageEncrypted: true,
      kmsKeyId: key.encryptionKeyArn,
      masterUsername: this.masterUsername,
      manageMasterUserPassword: true,
      masterUserSecretKmsKeyId: key.encryptionKeyArn,
      iamDatabaseAuthenticationEnabled: true,
      enabledCloudwatchLogsExports: [...engine.logExports],
      ...protectionOf(profile, this.clusterIdentifier),
      backupRetentionPeriod: props.backupRetention?.toDays() ?? profile.backupRetentionDays,
      copyTagsToSnapshot: true,
      databaseInsightsMode: profile.insightsDays >= ADVANCED_INSIGHTS_DAYS ? 'advanced' : 'standard',
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: key.encryptionKeyArn,
      performanceInsightsRetentionPeriod: profile.insightsDays,
      serverlessv2ScalingConfiguration: capacity.kind === 'serverless'
        ? { minCapacity: capacity.minimum, maxCapacity: capacity.maximum, secondsUntilAutoPause: capacity.pauseAfter?.toSeconds() }
        : undefined,
      applyImmediately: !profile.changesWait,
      dependsOn: logGroups,
    });
    this.clusterArn = this.resource.arn;
    this.clusterResourceId = this.resource.clusterResourceId;
    this.endpointAddress = this.resource.endpoint;
    this.readerEndpointAddress = this.resource.readerEndpoint;
    this.masterSecretKeyArn = key.encryptionKeyArn;
    this.masterSecretArn = this.resource.masterUserSecret.get(0).secretArn;
    this.#makeInstances(topology, capacity, engine, !profile.changesWait);
  }

  #makeInstances(topology: BoundTopology, capacity: Capacity, engine: DatabaseEngine, applyImmediately: boolean): void {
    const { account, partition } = EnvironmentStack.of(this).environment;
    const role = new IamRole(this, 'MonitoringRole', { name: physicalName(this, { max: 64, suffix: 'monitoring' }), assumeRolePolicy: trustService('monitoring.rds.amazonaws.com', account) });
    const attachment = new IamRolePolicyAttachment(this, 'MonitoringPolicy', { role: role.name, policyArn: `arn:${partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole` });
    const instances = new Construct(this, 'Instances');
    for (const { id, zone, promotionTier } of topology.instances) {
      new RdsClusterInstance(instances, id, {
        identifier: `${this.clusterIdentifier}-${id}`,
        clusterIdentifier: this.resource.id,
        engine: engine.name,
        instanceClass: capacity.kind === 'serverless' ? 'db.serverless' : capacity.instanceClass,
        availabilityZone: zone,
        promotionTier,
        publiclyAccessible: false,
        copyTagsToSnapshot: true,
        // A pinned minor version would differ from what AWS raised it to, in every plan.
        autoMinorVersionUpgrade: !engine.pinned,
        monitoringInterval: MONITORING_SECONDS,
        monitoringRoleArn: role.arn,
        applyImmediately,
        dependsOn: [attachment],
      });
    }
  }

  #makeParameterGroup(engine: DatabaseEngine, clusterIdentifier: string | undefined, parameters: readonly EngineParameter[]): RdsClusterParameterGroup {
    return new RdsClusterParameterGroup(this, 'ParameterGroup', {
      // A family cannot be changed: the group of a new major version is another one, made before the old one goes. A cluster that keeps its
      // name keeps its group, also when the construct gets another id.
      name: clusterIdentifier === undefined ? physicalName(this, { max: 200, suffix: engine.parameterGroupFamily }) : `${clusterIdentifier}-${engine.parameterGroupFamily}`,
      family: engine.parameterGroupFamily,
      // It cannot be changed either, so it says nothing that the name does not.
      description: `TLS, passwords and logging of ${engine.name} ${engine.major}`,
      parameter: [...parameters].sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ name, value, applyMethod }) => ({ name, value, applyMethod })),
      lifecycle: { createBeforeDestroy: true },
    });
  }
}

function protectionOf(profile: Profile, clusterIdentifier: string): { deletionProtection: boolean; skipFinalSnapshot: boolean; finalSnapshotIdentifier: string; deleteAutomatedBackups: boolean } {
  return {
    deletionProtection: profile.deletionProtection,
    skipFinalSnapshot: !profile.finalSnapshot,
    // Always there: it must lie in the state before a destroy can use it.
    finalSnapshotIdentifier: `${clusterIdentifier}-final`,
    deleteAutomatedBackups: !profile.keepAutomatedBackups,
  };
}
