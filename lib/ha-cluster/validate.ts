import type { Construct } from 'constructs';
import { isKnown } from '../construct/known';
import { Duration } from '../core/duration';
import { type Complaint, Complaints, TenantryError } from '../core/errors';
import { describeFlaws, minorVersionIn } from '../core/postgresql-versions';
import { listOf } from '../core/text';
import type { DatabaseEngine } from '../engine/engine';
import type { EngineParameter } from '../engine/engine-definition';
import type { HaClusterProps } from './ha-cluster';
import type { BoundTopology } from './topology';

export interface ValidationContext {
  readonly props: HaClusterProps;
  readonly topology: BoundTopology;
  readonly zones: readonly string[];
  readonly failoverWithin: Duration | undefined;
  readonly masterUsername: string;
  readonly fixedParameters: readonly EngineParameter[];
}

const RETENTION = { min: Duration.days(1), max: Duration.days(35) };
const IDENTIFIER = /^[a-z](-?[0-9a-z])*$/;
const MAX_IDENTIFIER = 63;
/** RDS makes names of instances out of the cluster's. */
const LONGEST_CLUSTER = MAX_IDENTIFIER - '-a10'.length;

/** Instances are spread over the zones, and named after them. */
export function knownZones(scope: Construct, zones: readonly string[]): readonly string[] {
  if (zones.length > 0 && zones.every((zone) => isKnown(zone) && /^[a-z0-9-]+[a-z]$/.test(zone))) return zones;
  throw new TenantryError('input', {
    code: 'ha-cluster/zones',
    at: scope.node.path,
    problem: `The network ${zones.length === 0 ? 'has no zone' : 'gives zones that are not known by name'}; instances are spread over its zones and named after them.`,
    fix: "Give the imported network its zones: zones: ['eu-central-1a', 'eu-central-1b']",
  });
}

export function validateHaCluster(scope: Construct, context: ValidationContext): void {
  const complaints = new Complaints();
  for (const check of [checkVersion, checkObjectives, checkZones, checkRetention, checkNames, checkParameters]) {
    for (const complaint of check(context)) complaints.add({ at: scope.node.path, ...complaint });
  }
  complaints.throwIfAny();
}

function checkVersion({ props: { engine } }: ValidationContext): Complaint[] {
  if (engine.flaws.length === 0) return [];
  const { names, mendedIn } = describeFlaws(Number(engine.major), engine.flaws);
  return [{
    code: 'ha-cluster/isolation-flaw',
    problem: `${engine.name} ${engine.version} does not keep tenants apart: ${names}.`,
    fix: `Give ${JSON.stringify(mendedIn)} or later, or ${JSON.stringify(engine.major)} to have AWS choose the minor version and raise it.`,
    source: [...new Set(engine.flaws.map(({ source }) => source))].join('; '),
  }];
}

/** What is worth knowing of a cluster that is made all the same. */
export function warningsOf({ name, version, major, lifecycle }: DatabaseEngine): string[] {
  const [pinned, latest] = [minorVersionIn(version), minorVersionIn(lifecycle?.latestMinor ?? '')];
  if (pinned === undefined || latest === undefined || pinned.minor >= latest.minor) return [];
  return [`${name} is pinned to ${version}, behind ${lifecycle?.latestMinor}, the latest that is known until ${lifecycle?.knownUntil}: fixes in between are missing. Raise it, or give ${JSON.stringify(major)} to have AWS choose the minor version.`];
}

function checkObjectives({ topology, failoverWithin, props }: ValidationContext): Complaint[] {
  const { failover } = topology;
  if (failoverWithin === undefined || !failoverWithin.isShorterThan(failover.within)) return [];
  const given = props.objectives?.failoverWithin === undefined ? 'The environment needs a failover within' : 'objectives.failoverWithin is';
  const accept = `objectives: { failoverWithin: ${failover.within.toCode()} }`;
  return [{
    code: 'ha-cluster/failover-not-kept',
    problem: `${given} ${failoverWithin}, but ${failover.because}.`,
    fix: topology.readers === 0
      ? `Add a reader in another zone:   topology: Topology.aurora({ readers: 1 })\nor accept it here:              ${accept}`
      : `Accept it here:   ${accept}`,
    source: failover.source,
  }];
}

function checkZones({ topology, zones }: ValidationContext): Complaint[] {
  const used = new Set(topology.instances.map(({ zone }) => zone));
  if (topology.readers === 0 || used.size > 1) return [];
  return [{ code: 'ha-cluster/one-zone', problem: `The network has only the zone ${listOf(zones)}, so that a reader would fall with the writer.`, fix: 'Give the network a subnet in another zone.' }];
}

function checkRetention({ props: { backupRetention } }: ValidationContext): Complaint[] {
  if (backupRetention === undefined) return [];
  const wrong = backupRetention.isShorterThan(RETENTION.min) || RETENTION.max.isShorterThan(backupRetention) || !Number.isInteger(backupRetention.toDays());
  return wrong ? [{ code: 'ha-cluster/backup-retention', problem: `backupRetention is ${backupRetention}; RDS keeps automated backups for whole days, ${RETENTION.min} to ${RETENTION.max}.`, fix: 'For longer, copy them to a backup vault.', source: 'AWS, CreateDBCluster' }] : [];
}

function checkNames({ props, masterUsername }: ValidationContext): Complaint[] {
  const complaints: Complaint[] = [];
  const { clusterIdentifier, engine } = props;
  if (isKnown(clusterIdentifier) && (!IDENTIFIER.test(clusterIdentifier) || clusterIdentifier.length > LONGEST_CLUSTER)) {
    complaints.push({ code: 'ha-cluster/identifier', problem: `clusterIdentifier is ${JSON.stringify(clusterIdentifier)}; lower-case letters, digits and single hyphens are allowed, at most ${LONGEST_CLUSTER}, with a letter in front.`, fix: 'Leave it out for a name made of platform, environment, layer and construct.' });
  }
  if (isKnown(masterUsername) && (!/^[a-z][a-z0-9_]{0,62}$/.test(masterUsername) || engine.reservedUsernames.includes(masterUsername))) {
    complaints.push({ code: 'ha-cluster/master-username', problem: `masterUsername is ${JSON.stringify(masterUsername)}; lower-case letters, digits and _ are allowed, at most 63, with a letter in front, and ${listOf(engine.reservedUsernames)} are taken.`, fix: 'Leave it out, or choose another name before the cluster is made: it cannot be changed.' });
  }
  return complaints;
}

function checkParameters({ props: { parameters }, fixedParameters }: ValidationContext): Complaint[] {
  return Object.entries(parameters ?? {}).flatMap(([name, value]): Complaint[] => {
    const fixed = fixedParameters.find((parameter) => parameter.name === name);
    return fixed === undefined ? [] : [{ code: 'ha-cluster/fixed-parameter', problem: `parameters.${name} is ${JSON.stringify(value)}, but it is always ${JSON.stringify(fixed.value)} here: it protects connections and passwords.`, fix: `Remove it${fixed.value.startsWith('TLS') ? "; for old clients: minimumTls: '1.2'" : ''}.` }];
  });
}

export { LONGEST_CLUSTER };
