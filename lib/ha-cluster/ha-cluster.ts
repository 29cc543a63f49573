import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import { DbParameterGroup } from '@cdktf/provider-aws/lib/db-parameter-group';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import type { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterParameterGroup } from '@cdktf/provider-aws/lib/rds-cluster-parameter-group';
import { Annotations, TerraformResource } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { AlertChannel } from '../alerting/alert-channel';
import type { IAlertChannel } from '../alerting/alert-channel-ref';
import { backupWindowForRegion, MaintenanceWindow } from '../alerting/maintenance-window';
import type { BlindSpot } from '../construct/blind-spot';
import { claimName } from '../construct/claimed-name';
import { isKnown } from '../construct/known';
import { databaseLogGroup } from '../construct/log-group';
import { trustService } from '../construct/policy-document';
import { useQuota } from '../construct/quota';
import { Duration } from '../core/duration';
import { formatComplaint, TenantryError } from '../core/errors';
import { EncryptionKey } from '../encryption/encryption-key';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import type { DatabaseEngine } from '../engine/engine';
import type { EngineParameter, TlsVersion } from '../engine/engine-definition';
import { exposureWarnings } from '../engine/parameters/exposure';
import { pauses, serverlessWarnings } from '../engine/serverless-range';
import { type Environment } from '../environment/environment';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { Profile } from '../environment/profile';
import { DatabaseAccess } from '../network/database-access';
import type { IDatabaseNetwork } from '../network/database-network-ref';
import type { NetworkSource } from '../network/source';
import { makeAurora } from './aurora';
import { checkTarget, pooledWarnings, targetWarnings } from './capacity';
import { chooseTopology } from './choose-topology';
import { type Arguments, conflictsIn } from './conflicts';
import { makeDbInstance } from './db-instance';
import type { Deployment, DeploymentContext } from './deployment';
import type { HaClusterAttributes, IHaCluster } from './ha-cluster-ref';
import type { HaClusterProps } from './ha-cluster-props';
import { ImportedHaCluster } from './imported-ha-cluster';
import { monitoredDatabase } from './monitored';
import { ClusterMonitoring } from './monitoring';
import { withLatencyLogged } from './latency';
import { makeMultiAzCluster } from './multi-az-cluster';
import { type HaClusterObjectives, judgedWith, judgeObjective } from './objectives';
import { ReaderScaling } from './scaling';
import { storageGrowthWarnings } from './scaling/storage';
import { scheduleWarnings } from './scaling/validate';
import { checkProps } from './shape';
import { hasInsights, isSizing, type Sizing, sizingOf } from './sizing';
import { targetKindOf, type Topology } from './topology';
import { plainValues } from './validate-topology';
import { knownZones, longestIdentifier, validateHaCluster, type ValidationContext, warningsOf } from './validate';

interface DeployOptions {
  readonly environment: Environment;
  readonly zones: readonly string[];
  readonly sizing: Sizing;
  readonly parameters: readonly EngineParameter[];
  readonly logGroups: Readonly<Record<string, CloudwatchLogGroup>>;
  readonly maintenanceWindow: MaintenanceWindow;
}

/** What the catalogue watches `latencyWithin` by. */
const LATENCY_ALARMS = ['latency', 'latency-commits'];
const JUDGED = ['aws_rds_cluster', 'aws_rds_cluster_instance', 'aws_db_instance'];

/** With everything that was overridden. */
function argumentsOf(resource: TerraformResource): Arguments {
  const { resource: byType } = resource.toTerraform() as { resource: Record<string, Record<string, Arguments>> };
  return byType[resource.terraformResourceType]?.[resource.friendlyUniqueId] as Arguments;
}

/** A database with its keys, network, logs, backups and monitoring, spread so that it keeps its objectives. */
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
  readonly targetKind: 'cluster' | 'instance';
  readonly pausesWhenIdle: boolean;
  readonly securityGroupId: string;
  readonly clientSecurityGroupId: string;
  readonly clusterArn: string;
  readonly topology: Topology;
  /** What the cluster has to keep, those of the environment filled in. */
  readonly objectives: HaClusterObjectives;
  /** Whether clients and sources of the network may connect. */
  readonly admitsNetwork: boolean;
  /** Its security groups. */
  readonly access: DatabaseAccess;
  readonly network: IDatabaseNetwork;
  readonly minimumTls: TlsVersion;
  /** Where its alarms and events go. */
  readonly alerts: IAlertChannel;
  /** What Terraform does not compare, and why. */
  readonly blindSpots: readonly BlindSpot[];
  /** Its alarms, events and counters. */
  readonly monitoring: ClusterMonitoring;
  /** An `aws_db_instance` where the topology is one instance, with a standby or without; else an `aws_rds_cluster`. */
  readonly resource: RdsCluster | DbInstance;
  readonly #deployment: Deployment;
  readonly #pools: IConstruct[] = [];
  readonly #validation: ValidationContext;

  constructor(scope: Construct, id: string, given: HaClusterProps) {
    super(scope, id);
    checkProps(this, given);
    const props = withLatencyLogged(given);
    const { environment } = EnvironmentStack.of(this);
    const { profile } = environment;
    const { engine, network } = props;
    const zones = knownZones(this, network.zones);
    this.topology = chooseTopology(this, props.topology, engine, profile);
    const sizing = this.#sizing(engine, profile);
    this.objectives = objectivesOf(props.objectives, profile);
    this.network = network;
    this.minimumTls = props.minimumTls ?? '1.3';
    const fixedParameters = engine.fixedParameters(this.minimumTls);
    this.masterUsername = props.masterUsername ?? 'tenantry_admin';
    this.clusterIdentifier = props.clusterIdentifier ?? physicalName(this, { max: longestIdentifier(this.topology) });
    const validation: ValidationContext = {
      props, identifier: this.clusterIdentifier, environment, topology: this.topology, sizing, zones, objectives: this.objectives, masterUsername: this.masterUsername, fixedParameters,
    };
    this.#validation = validation;
    validateHaCluster(this, validation);
    if (isKnown(this.clusterIdentifier)) claimName(this, { kind: 'database', name: this.clusterIdentifier, code: 'ha-cluster/identifier-taken', fix: 'Give one of them another clusterIdentifier before it is made, or ids that differ in more than case and punctuation.' });
    for (const warning of allWarnings(validation)) Annotations.of(this).addWarning(warning);
    this.node.addValidation({ validate: () => [...this.#keptWithItsPools(validation), ...this.#conflicts(engine)] });

    this.engineName = engine.name;
    this.engineVersion = engine.version;
    this.port = props.port ?? (engine.language === 'mysql' ? engine.defaultPort : network.port);
    this.targetKind = targetKindOf(this.topology);
    this.pausesWhenIdle = sizing.capacity.kind === 'serverless' && pauses(sizing.capacity.range);
    this.access = new DatabaseAccess(this, 'Access', {
      network, port: this.port, name: this.clusterIdentifier,
      ...(props.sources === undefined ? {} : { sources: props.sources }),
      ...(props.admitsNetwork === undefined ? {} : { admitsNetwork: props.admitsNetwork }),
    });
    this.admitsNetwork = this.access.securityGroupIds.includes(network.securityGroupId);
    this.securityGroupId = this.access.securityGroupId;
    this.clientSecurityGroupId = this.access.clientSecurityGroupId;
    this.masterSecretKeyArn = (props.encryptionKey ?? EncryptionKey.forStack(this)).encryptionKeyArn;
    const maintenanceWindow = props.maintenanceWindow ?? MaintenanceWindow.forRegion(environment.region);
    const logGroups = this.#makeLogGroups(engine, props.encryptionKey ?? EncryptionKey.forStack(this));
    this.#deployment = this.#deploy(props, { environment, zones, sizing, parameters: engine.parameterGroup(props.parameters ?? {}, this.minimumTls), logGroups, maintenanceWindow });
    const { resource, arn, resourceId, endpointAddress, readerEndpointAddress, masterSecretArn, blindSpots } = this.#deployment;
    this.resource = resource;
    this.clusterArn = arn;
    this.clusterResourceId = resourceId;
    this.endpointAddress = endpointAddress;
    this.readerEndpointAddress = readerEndpointAddress;
    this.masterSecretArn = masterSecretArn;
    this.alerts = props.alerts ?? AlertChannel.forStack(this);
    this.#useQuotas(props);
    const readerScaling = this.#scaleReaders(props);
    this.blindSpots = [...blindSpots, ...(readerScaling?.blindSpots ?? [])];
    this.monitoring = new ClusterMonitoring(this, 'Monitoring', {
      ...props, alerts: this.alerts, maintenanceWindow, logGroups, watched: this.#deployment.watched,
      database: monitoredDatabase({ validation, identifier: this.clusterIdentifier, deployment: this.#deployment, logGroups, osMetrics: props.osMetrics, autoscaled: readerScaling !== undefined }),
    });
    this.#refuseUnwatchedLatency(engine);
  }

  /** Lets somebody connect besides the members of `clientSecurityGroupId`. @param name - stays, because it is part of the rule's address */
  admit(name: string, source: NetworkSource): void {
    this.access.admit(name, source);
  }

  /** Address of an endpoint that the topology names. @throws TenantryError (`input`) where there is none of this name */
  endpoint(name: string): string {
    const address = this.#deployment.endpoints.get(name);
    if (address !== undefined) return address;
    throw new TenantryError('input', { code: 'ha-cluster/no-endpoint', at: this.node.path, problem: `There is no endpoint ${JSON.stringify(name)}; there are ${[...this.#deployment.endpoints.keys()].join(', ') || 'none'}.`, fix: `Give the topology endpoints: { ${name}: { members: [ … ] } }` });
  }

  attachPool(pool: IConstruct): void {
    this.#pools.push(pool);
    if (this.#pools.length === 1) for (const warning of pooledWarnings(this.#validation)) Annotations.of(this).addWarning(warning);
  }

  /** What a pool helps to keep is judged when everything is made. */
  #keptWithItsPools(validation: ValidationContext): string[] {
    const pooled = this.#pools.length > 0;
    const objective = judgeObjective('scalingInterruption', judgedWith(validation, pooled), true);
    return [...objective, ...checkTarget(validation, pooled)].map((complaint) => formatComplaint({ at: this.node.path, ...complaint }));
  }

  /** What the typed properties cannot say, but the escape hatch can. */
  #conflicts(engine: DatabaseEngine): string[] {
    return this.node.findAll().filter((node): node is TerraformResource => TerraformResource.isTerraformResource(node) && JUDGED.includes(node.terraformResourceType)).flatMap((resource) =>
      conflictsIn(argumentsOf(resource), { kind: this.topology.kind, engine }).map((complaint) => formatComplaint({ at: resource.node.path, ...complaint })));
  }

  #sizing(engine: DatabaseEngine, profile: Profile): Sizing {
    const sizing = sizingOf(this.topology, engine, profile);
    if (isSizing(sizing)) return sizing;
    throw new TenantryError('input', sizing.map((complaint) => ({ at: this.node.path, ...complaint })));
  }

  /** RDS would make the log groups itself, without encryption and for ever, if they were not there first. */
  #makeLogGroups(engine: DatabaseEngine, key: IEncryptionKey): Record<string, CloudwatchLogGroup> {
    const logs = new Construct(this, 'Logs');
    return Object.fromEntries(engine.logExports.map((log) => [log, databaseLogGroup(logs, log, `/aws/rds/${this.targetKind}/${this.clusterIdentifier}/${log}`, key)]));
  }

  #deploy(props: HaClusterProps, { environment, zones, sizing, parameters, logGroups, maintenanceWindow }: DeployOptions): Deployment {
    const { engine, network } = props;
    const context: DeploymentContext = {
      scope: this, identifier: this.clusterIdentifier, engine, profile: environment.profile, zones, port: this.port,
      subnetGroupName: network.subnetGroupName, securityGroupIds: this.access.securityGroupIds, keyArn: this.masterSecretKeyArn, masterUsername: this.masterUsername,
      backupRetentionDays: props.backupRetention?.toDays() ?? environment.profile.backupRetentionDays,
      parameterGroupName: this.#makeParameterGroup(engine, props.clusterIdentifier, parameters), logGroups: Object.values(logGroups), monitoring: this.#makeMonitoring(environment),
      insights: hasInsights(sizing),
      windows: { maintenance: maintenanceWindow.toString(), backup: props.backupWindow ?? backupWindowForRegion(environment.region) },
      allowMajorVersionUpgrade: props.allowMajorVersionUpgrade ?? false, ...(props.snapshotIdentifier === undefined ? {} : { snapshotIdentifier: props.snapshotIdentifier }),
    };
    const { topology } = this;
    const { capacity } = sizing;
    if (topology.kind === 'aurora') return makeAurora(context, topology, sizing);
    if (capacity.kind === 'serverless') throw new Error(`a serverless ${topology.kind}`);
    return topology.kind === 'multi-az-cluster' ? makeMultiAzCluster(context, topology, capacity.instance) : makeDbInstance(context, topology, capacity.instance);
  }

  /** An objective that nothing watches would be none. */
  #refuseUnwatchedLatency(engine: DatabaseEngine): void {
    const { latencyWithin } = this.objectives;
    if (latencyWithin === undefined || this.monitoring.alarms.resolved.some(({ definition: { id } }) => LATENCY_ALARMS.includes(id))) return;
    const [setting = '', value = ''] = Object.entries(engine.slowStatementFrom(latencyWithin)).flatMap(([name, limit]) => [name, String(limit)]);
    throw new TenantryError('input', {
      code: 'ha-cluster/latency-not-watched', at: this.node.path,
      problem: engine.storage === 'aurora'
        ? `objectives.latencyWithin is ${latencyWithin}, but ${setting} is another figure, so that the statements that miss the objective are not the ones that are logged and counted.`
        : `objectives.latencyWithin is ${latencyWithin}, but ${engine.label} publishes no number of statements or commits, so that nobody knows what 95 % of them are.`,
      fix: engine.storage === 'aurora' ? `Leave ${setting} out of the parameters: it becomes ${value}.` : 'Leave the objective out: the alarm slow-statements counts the slow ones. Or take an engine of Aurora.',
      source: 'AWS, Amazon CloudWatch metrics for Amazon RDS and for Amazon Aurora',
    });
  }

  #useQuotas({ scaling }: HaClusterProps): void {
    const declared = this.#deployment.instanceIdentifiers.length;
    useQuota(this, 'DB instances', Math.max(declared, 1 + (scaling?.readers?.maximum ?? 0)));
    if (this.targetKind === 'cluster') useQuota(this, 'DB clusters', 1);
    useQuota(this, this.targetKind === 'cluster' ? 'DB cluster parameter groups' : 'parameter groups', 1);
  }

  #scaleReaders({ scaling }: HaClusterProps): ReaderScaling | undefined {
    const { aurora } = this.#deployment;
    if (aurora === undefined || scaling?.readers === undefined) return undefined;
    return new ReaderScaling(this, 'Scaling', { ...aurora, clusterIdentifier: this.clusterIdentifier, scaling: scaling.readers, alerts: this.alerts });
  }

  #makeMonitoring({ account, partition, profile }: Environment): DeploymentContext['monitoring'] {
    const role = new IamRole(this, 'MonitoringRole', { name: physicalName(this, { max: 64, suffix: 'monitoring' }), assumeRolePolicy: trustService('monitoring.rds.amazonaws.com', account) });
    const attachment = new IamRolePolicyAttachment(this, 'MonitoringPolicy', { role: role.name, policyArn: `arn:${partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole` });
    return { seconds: profile.monitoringSeconds, roleArn: role.arn, attachment };
  }

  #makeParameterGroup(engine: DatabaseEngine, clusterIdentifier: string | undefined, parameters: readonly EngineParameter[]): string {
    const settings = {
      // A family cannot be changed: the group of a new major version is another one, made before the old one goes. A cluster that keeps its
      // name keeps its group, also when the construct gets another id.
      name: clusterIdentifier === undefined ? physicalName(this, { max: 200, suffix: engine.parameterGroupFamily }) : `${clusterIdentifier}-${engine.parameterGroupFamily}`,
      family: engine.parameterGroupFamily,
      // It cannot be changed either, so it says nothing that the name does not.
      description: `TLS, passwords and logging of ${engine.name} ${engine.major}`,
      parameter: parameters.map(({ name, value, applyMethod }) => ({ name, value, applyMethod })),
      lifecycle: { createBeforeDestroy: true },
    };
    return (this.targetKind === 'cluster' ? new RdsClusterParameterGroup(this, 'ParameterGroup', settings) : new DbParameterGroup(this, 'ParameterGroup', settings)).name;
  }
}

/** Those of the environment where none are given; a figure of 0 there is none. */
function objectivesOf(given: HaClusterObjectives = {}, profile: Profile): HaClusterObjectives {
  const ofEnvironment = (seconds: number): Duration | undefined => (seconds === 0 ? undefined : Duration.seconds(seconds));
  const failoverWithin = given.failoverWithin ?? ofEnvironment(profile.failoverSeconds);
  const notifyWithin = given.notifyWithin ?? ofEnvironment(profile.notifySeconds);
  return { ...given, ...(failoverWithin === undefined ? {} : { failoverWithin }), ...(notifyWithin === undefined ? {} : { notifyWithin }) };
}

/** What is worth knowing of a cluster that is made all the same. */
function allWarnings(validation: ValidationContext): string[] {
  const { props, topology, objectives } = validation;
  return [
    ...warningsOf(props.engine, new Date().toISOString().slice(0, 10)), ...targetWarnings(validation), ...rangeWarnings(topology, props),
    ...(topology.kind === 'aurora' ? [] : storageGrowthWarnings(topology.storage)), ...noticeWarnings(props, objectives),
    ...exposureWarnings(props.engine, props.parameters ?? {}), ...scheduleWarnings(props.scaling),
  ];
}

/** About a range that was given; that of the environment is chosen knowingly. */
function rangeWarnings(topology: Topology, { engine, parameters = {} }: HaClusterProps): string[] {
  if (topology.kind !== 'aurora' || topology.serverless === undefined) return [];
  return serverlessWarnings(topology.serverless, { engine, insights: true, parameters: plainValues(parameters) });
}

/** The environment promises it, and not everything that it takes is there. */
function noticeWarnings({ osMetrics, objectives }: HaClusterProps, { notifyWithin }: HaClusterObjectives): string[] {
  if (osMetrics !== undefined || objectives?.notifyWithin !== undefined || notifyWithin === undefined) return [];
  return [`The environment wants somebody to be told within ${notifyWithin} that a database is down, and without metrics of the operating system nothing tells so soon. Give osMetrics: new OsMetrics(…), once for each account and region.`];
}
