import type { Construct } from 'constructs';
import { backupWindowForRegion, checkWindows, MaintenanceWindow } from '../alerting/maintenance-window';
import { isKnown } from '../construct/known';
import { Duration } from '../core/duration';
import { type Complaint, Complaints, formatComplaint, TenantryError } from '../core/errors';
import { describeFlaws } from '../core/postgresql-versions';
import { shown } from '../core/shown';
import { listOf } from '../core/text';
import type { DatabaseEngine } from '../engine/engine';
import type { EngineParameter } from '../engine/engine-definition';
import { describeSupport } from '../engine/support';
import type { Environment } from '../environment/environment';
import { checkTarget } from './capacity';
import type { HaClusterProps } from './ha-cluster-props';
import { checkLatency } from './latency';
import { type HaClusterObjectives, judgedWith, judgeObjective } from './objectives';
import { checkScaling } from './scaling/validate';
import { limitsOf, type Sizing } from './sizing';
import { readersOf, targetKindOf, type Topology } from './topology';
import { checkTopology } from './validate-topology';

export interface ValidationContext {
  readonly props: HaClusterProps;
  /** Of the database. */
  readonly identifier: string;
  readonly environment: Environment;
  readonly topology: Topology;
  readonly sizing: Sizing;
  readonly zones: readonly string[];
  /** Those of the environment filled in. */
  readonly objectives: HaClusterObjectives;
  readonly masterUsername: string;
  readonly fixedParameters: readonly EngineParameter[];
}

const RETENTION = { min: Duration.days(1), max: Duration.days(35) };
const IDENTIFIER = /^[a-z](-?[0-9a-z])*$/;
const MAX_IDENTIFIER = 63;
/** RDS makes names of instances out of the cluster's: `-a10` here, `-instance-1` by itself. */
const LONGEST_CLUSTER = MAX_IDENTIFIER - '-a10'.length;
const LONGEST_MULTI_AZ_CLUSTER = MAX_IDENTIFIER - '-instance-1'.length;

/** Instances are spread over the zones, and named after them. */
export function knownZones(scope: Construct, zones: readonly string[]): readonly string[] {
  // Once each: an imported network may name a zone for each of its subnets.
  if (zones.length > 0 && zones.every((zone) => isKnown(zone) && /^[a-z0-9-]+[a-z]$/.test(zone))) return [...new Set(zones)];
  throw new TenantryError('input', {
    code: 'ha-cluster/zones',
    at: scope.node.path,
    problem: `The network ${zones.length === 0 ? 'has no zone' : 'gives zones that are not known by name'}; instances are spread over its zones and named after them.`,
    fix: "Give the imported network its zones: zones: ['eu-central-1a', 'eu-central-1b']",
  });
}

export function validateHaCluster(scope: Construct, context: ValidationContext): void {
  const complaints = new Complaints();
  for (const check of [checkVersion, checkSnapshot, checkTopology, checkObjectives, checkCapacity, checkReaderScaling, checkRetention, checkTimes, checkPort, checkNames, checkParameters]) {
    for (const complaint of check(context)) complaints.add({ at: scope.node.path, ...complaint });
  }
  complaints.throwIfAny();
}

/** What a snapshot brings along cannot be changed, and another value replaces the database. */
function checkSnapshot({ props: { snapshotIdentifier, masterUsername }, topology }: ValidationContext): Complaint[] {
  if (snapshotIdentifier === undefined) return [];
  if (topology.kind === 'multi-az-cluster') {
    return [{ code: 'ha-cluster/snapshot-topology', problem: 'snapshotIdentifier is given, but the provider restores no Multi-AZ DB cluster: it leaves the class of its instances out, and AWS refuses that.', fix: 'Leave it out; restore with aws rds restore-db-cluster-from-snapshot, and import the cluster.', source: 'hashicorp/terraform-provider-aws#26773' }];
  }
  return masterUsername !== undefined ? [] : [{ code: 'ha-cluster/snapshot-username', problem: 'snapshotIdentifier is given without masterUsername: the first login comes out of the snapshot, and the next plan would replace the database for another name.', fix: "Give the name that it has there:   masterUsername: 'postgres'", source: 'hashicorp/aws, aws_rds_cluster, master_username' }];
}

function checkVersion({ props: { engine, allowMajorVersionUpgrade }, topology }: ValidationContext): Complaint[] {
  if (topology.kind === 'multi-az-cluster' && engine.pinned) {
    return [{ code: 'ha-cluster/pinned-version', problem: `The version is ${engine.version}, but nothing here keeps AWS from raising the minor version of a Multi-AZ DB cluster: the next plan would lower it again, which AWS refuses.`, fix: `Give ${JSON.stringify(engine.major)}.`, source: 'AWS, CreateDBCluster, AutoMinorVersionUpgrade; hashicorp/aws 6.25, aws_rds_cluster' }];
  }
  if (topology.kind === 'multi-az-cluster' && engine.language === 'mysql' && allowMajorVersionUpgrade === true) {
    return [{ code: 'ha-cluster/major-upgrade', problem: `AWS upgrades no Multi-AZ DB cluster of ${engine.label} to another major version in place.`, fix: 'Leave allowMajorVersionUpgrade out, and move to another cluster.', source: 'AWS, Upgrading a DB instance engine version' }];
  }
  if (engine.flaws.length === 0) return [];
  const { names, mendedIn } = describeFlaws(Number(engine.major), engine.flaws);
  return [{
    code: 'ha-cluster/isolation-flaw',
    problem: `${engine.name} ${engine.version} does not keep tenants apart: ${names}.`,
    fix: `Give ${JSON.stringify(mendedIn)} or later, or ${JSON.stringify(engine.major)} to have AWS choose the minor version and raise it.`,
    source: [...new Set(engine.flaws.map(({ source }) => source))].join('; '),
  }];
}

/** Versions that are behind, or near their end. @param today - `2026-11-21` */
export function warningsOf(engine: DatabaseEngine, today: string): string[] {
  const { name, version, major, lifecycle, isBehindLatest } = engine;
  const support = describeSupport(engine, today);
  return [
    ...(isBehindLatest ? [`${name} is pinned to ${version}, behind ${lifecycle?.latestMinor}, the latest that is known until ${lifecycle?.knownUntil}: fixes in between are missing. Raise it, or give ${JSON.stringify(major)} to have AWS choose the minor version.`] : []),
    ...(support === undefined ? [] : [formatComplaint(support)]),
  ];
}

/** What a topology keeps whether a pool stands in front or not; what a pool helps with is judged again when it is known whether there is one. */
function checkObjectives(context: ValidationContext): Complaint[] {
  const { engine, objectives = {} } = context.props;
  const cluster = judgedWith(context, true);
  return [
    ...(['failoverWithin', 'zoneLossRpo', 'scalingInterruption'] as const).flatMap((name) => judgeObjective(name, cluster, objectives[name] !== undefined)),
    ...checkLatency(engine, objectives.latencyWithin),
  ];
}

const checkCapacity = (context: ValidationContext): Complaint[] => checkTarget(context, true);

const checkReaderScaling = ({ props: { scaling, engine, parameters }, topology, sizing: { capacity } }: ValidationContext): Complaint[] =>
  checkScaling(scaling, { label: engine.label, storage: engine.storage, readers: readersOf(topology), topology, maxConnections: limitsOf(capacity, engine, parameters).maxConnections });

function checkRetention({ props: { backupRetention } }: ValidationContext): Complaint[] {
  if (backupRetention === undefined) return [];
  const wrong = backupRetention.isShorterThan(RETENTION.min) || RETENTION.max.isShorterThan(backupRetention) || !Number.isInteger(backupRetention.toDays());
  return wrong ? [{ code: 'ha-cluster/backup-retention', problem: `backupRetention is ${backupRetention}; RDS keeps automated backups for whole days, ${RETENTION.min} to ${RETENTION.max}.`, fix: 'For longer, copy them to a backup vault.', source: 'AWS, CreateDBCluster' }] : [];
}

const checkTimes = ({ props: { maintenanceWindow, backupWindow }, environment: { region } }: ValidationContext): Complaint[] =>
  (maintenanceWindow === undefined && backupWindow === undefined ? [] : checkWindows(maintenanceWindow ?? MaintenanceWindow.forRegion(region), backupWindow ?? backupWindowForRegion(region)));

/** Source: AWS, CreateDBCluster, Port. */
const PORTS = { lowest: 1150, highest: 65_535 };

const checkPort = ({ props: { port } }: ValidationContext): Complaint[] => (!isKnown(port) || (Number.isInteger(port) && port >= PORTS.lowest && port <= PORTS.highest) ? [] : [{
  code: 'ha-cluster/port', problem: `port is ${shown(port)}; RDS takes ${PORTS.lowest} to ${PORTS.highest}.`, fix: 'Leave it out for the port of the network.', source: 'AWS, CreateDBCluster',
}]);

export const longestIdentifier = ({ kind }: Topology): number => (kind === 'multi-az-cluster' ? LONGEST_MULTI_AZ_CLUSTER : LONGEST_CLUSTER);

function checkNames({ props, topology, masterUsername }: ValidationContext): Complaint[] {
  const complaints: Complaint[] = [];
  const { clusterIdentifier, engine, snapshotIdentifier } = props;
  const longest = longestIdentifier(topology);
  if (isKnown(clusterIdentifier) && (!IDENTIFIER.test(clusterIdentifier) || clusterIdentifier.length > longest)) {
    complaints.push({ code: 'ha-cluster/identifier', problem: `clusterIdentifier is ${JSON.stringify(clusterIdentifier)}; lower-case letters, digits and single hyphens are allowed, at most ${longest}, with a letter in front.`, fix: 'Leave it out for a name made of platform, environment, layer and construct.' });
  }
  // That of a snapshot is as it is.
  if (snapshotIdentifier === undefined && isKnown(masterUsername) && !isUsername(masterUsername, engine)) {
    complaints.push({
      code: 'ha-cluster/master-username',
      problem: `masterUsername is ${JSON.stringify(masterUsername)}; lower-case letters, digits and _ are allowed, at most ${engine.maxUsernameLength}, with a letter in front, and ${listOf(engine.reservedUsernames)} are taken.`,
      fix: 'Leave it out, or choose another name before the cluster is made: it cannot be changed.',
    });
  }
  return complaints;
}

const isUsername = (name: string, { maxUsernameLength, reservedUsernames }: DatabaseEngine): boolean => /^[a-z][a-z0-9_]*$/.test(name) && name.length <= maxUsernameLength && !reservedUsernames.includes(name);

function checkParameters({ props: { parameters = {}, engine }, topology, fixedParameters }: ValidationContext): Complaint[] {
  const fixed = Object.entries(parameters).flatMap(([name, value]): Complaint[] => {
    const always = fixedParameters.find((parameter) => parameter.name === name);
    return always === undefined ? [] : [{ code: 'ha-cluster/fixed-parameter', problem: `parameters.${name} is ${shown(value)}, but it is always ${JSON.stringify(always.value)} here: it protects connections and passwords.`, fix: `Remove it${always.value.startsWith('TLS') ? "; for old clients: minimumTls: '1.2'" : ''}.` }];
  });
  const own = Object.entries(parameters).filter(([name]) => !fixedParameters.some((parameter) => parameter.name === name));
  return [...fixed, ...engine.checkParameters(Object.fromEntries(own), targetKindOf(topology))];
}
