import { isKnown, isLeftToTerraform } from '../../construct/known';
import type { Complaint } from '../../core/errors';
import { shown } from '../../core/shown';
import { count, listOf } from '../../core/text';
import { topologyCode } from '../alternatives';
import type { Topology } from '../topology';
import { ScaleOn } from './scale-on';
import type { ReaderScalingProps, ScalingProps, ScheduledReaders } from './scaling-props';
import { isPast, isTimezone, scheduleProblem } from './schedule';

/** What is scaled. */
export interface ScaledCluster {
  /** The engine, for people. */
  readonly label: string;
  readonly storage: 'aurora' | 'rds';
  /** Readers of the topology. */
  readonly readers: number;
  /** To be written with other readers. @default - one of Aurora with nothing but readers */
  readonly topology?: Topology;
  /** That one instance takes. @default - not known, and not checked */
  readonly maxConnections?: number;
}

/** Source: AWS, Amazon Aurora Auto Scaling with Aurora Replicas. */
const LIMITS = { lowest: 1, highest: 15 };
const SOURCE = 'AWS, Amazon Aurora Auto Scaling with Aurora Replicas';
const PERCENT = { lowest: 1, highest: 99 };
const NAME = /^[a-z](-?[a-z0-9]){0,39}$/;

/** What the readers follow, as a list. */
export const policiesOf = ({ on = ScaleOn.cpu(60) }: ReaderScalingProps): readonly ScaleOn[] => (Array.isArray(on) ? (on as readonly ScaleOn[]) : [on as ScaleOn]);

/** What is wrong with the scaling of a cluster. */
export function checkScaling(scaling: ScalingProps | undefined, cluster: ScaledCluster): Complaint[] {
  if (scaling === undefined) return [];
  const complaints: Complaint[] = [];
  if (scaling.capacity !== undefined) {
    complaints.push({
      code: 'ha-cluster/scaling-capacity', problem: 'scaling.capacity is given, but Application Auto Scaling knows of Aurora the number of readers alone: no schedule can change the range of a serverless cluster.',
      fix: 'Give the topology a range that holds at all times: serverless: { minimum: 1, maximum: 32 }. It costs what is used, not its maximum.', source: 'AWS, RegisterScalableTarget',
    });
  }
  const { readers } = scaling;
  if (readers === undefined) return complaints;
  if (cluster.storage === 'rds') {
    complaints.push({
      code: 'ha-cluster/scaling-engine', problem: `scaling.readers is given, but ${cluster.label} has the instances of its topology and no others: only Aurora adds and removes readers by itself.`,
      fix: 'Leave it out, or take an engine of Aurora.', source: SOURCE,
    });
    return complaints;
  }
  return [...complaints, ...checkLimits(readers, cluster), ...checkPolicies(readers, cluster), ...checkCooldown(readers), ...checkSchedule(readers)];
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= LIMITS.lowest && value <= LIMITS.highest;

function checkLimits({ minimum, maximum }: ReaderScalingProps, { readers, topology }: ScaledCluster): Complaint[] {
  const code = 'ha-cluster/scaling-limits';
  const wrong = Object.entries({ minimum, maximum }).flatMap(([name, value]): Complaint[] => {
    if (isLeftToTerraform(value)) return [{ code, problem: `scaling.readers.${name} is a value that only Terraform knows, and a limit that nobody can check is none.`, fix: 'Give it as a number.' }];
    if (isCount(value)) return [];
    const why = value === 0 && name === 'minimum' ? '\nWithout a reader there is no metric of readers, and none would ever be added.' : '';
    return [{
      code, problem: `scaling.readers.${name} is ${shown(value)}; ${LIMITS.lowest} to ${LIMITS.highest} are allowed, in whole readers.${why}`,
      fix: `For instance scaling: { readers: { minimum: ${Math.max(readers, 1)}, maximum: ${Math.max(readers, 4)} } }`, source: SOURCE,
    }];
  });
  if (wrong.length > 0) return wrong;
  if (minimum > maximum) return [{ code, problem: `scaling.readers.minimum, ${minimum}, is above maximum, ${maximum}.`, fix: `Give maximum: ${minimum} or more.` }];
  if (minimum >= readers) return [];
  return [{
    code: 'ha-cluster/scaling-below-topology',
    problem: `scaling.readers.minimum is ${minimum}, but the topology declares ${count(readers, 'reader')}, which stay: AWS counts them, and removes only readers that it added itself.`,
    fix: `Give minimum: ${readers}${maximum < readers ? ` and maximum: ${readers} or more` : ''}${maximum < readers ? ',\n' : ', '}or declare fewer:   ${topologyCode({ kind: 'aurora', ...topology, readers: minimum } as Topology)}`, source: SOURCE,
  }];
}

function checkPolicies(scaling: ReaderScalingProps, { maxConnections }: ScaledCluster): Complaint[] {
  const policies = policiesOf(scaling);
  if (policies.length === 0 && (scaling.schedule ?? []).length === 0) {
    return [{ code: 'ha-cluster/scaling-on', problem: 'scaling.readers.on is empty and there is no schedule, so that nothing would ever change.', fix: 'Leave it out for ScaleOn.cpu(60).' }];
  }
  const twice = policies.map(({ id }) => id).filter((id, i, all) => all.indexOf(id) !== i);
  return [
    ...[...new Set(twice)].map((id): Complaint => ({ code: 'ha-cluster/scaling-on-twice', problem: `scaling.readers.on follows ${id} twice; AWS takes one policy for each metric.`, fix: 'Leave one of them out.', source: SOURCE })),
    ...policies.flatMap((policy) => checkTarget(policy, maxConnections)),
  ];
}

function checkTarget({ id, target, predefined, metric }: ScaleOn, maxConnections: number | undefined): Complaint[] {
  const code = 'ha-cluster/scaling-target';
  if (metric !== undefined && !/^[\w.:/# -]{1,255}$/.test(metric.name)) return [{ code: 'ha-cluster/scaling-metric', problem: `${JSON.stringify(metric.name)} cannot be the name of a metric.`, fix: "For instance ScaleOn.metric({ name: 'CPUUtilization', target: 60 })." }];
  if (!isKnown(target)) return [];
  if (predefined === 'RDSReaderAverageCPUUtilization' && !(target >= PERCENT.lowest && target <= PERCENT.highest)) {
    return [{ code, problem: `ScaleOn.cpu(${shown(target)}): ${PERCENT.lowest} to ${PERCENT.highest} per cent are allowed. Above it a reader is added, which takes minutes, so that there must be room left.`, fix: 'For instance ScaleOn.cpu(60).' }];
  }
  if (predefined === 'RDSReaderAverageDatabaseConnections' && (!Number.isInteger(target) || target < 1)) {
    return [{ code, problem: `ScaleOn.connections(${shown(target)}): a whole number of connections of one reader is needed.`, fix: 'For instance ScaleOn.connections(700).' }];
  }
  if (predefined === 'RDSReaderAverageDatabaseConnections' && maxConnections !== undefined && target >= maxConnections) {
    return [{ code, problem: `ScaleOn.connections(${target}): a reader takes ${maxConnections.toLocaleString('en-US')} connections, so that this is never exceeded, and no reader is ever added.`, fix: `Give at most ${Math.floor(maxConnections * 0.8)}, 80 % of them.` }];
  }
  return metric !== undefined && !(Number.isFinite(target) && target > 0) ? [{ code, problem: `The target of ${id} is ${shown(target)}; a number above 0 is needed.`, fix: 'Give the value that one reader may reach.' }] : [];
}

function checkCooldown({ cooldown = {} }: ReaderScalingProps): Complaint[] {
  return Object.entries(cooldown).flatMap(([direction, time]): Complaint[] => (time === undefined || Number.isInteger(time.toSeconds()) ? [] : [{
    code: 'ha-cluster/scaling-cooldown', problem: `scaling.readers.cooldown.${direction} is ${time.toString()}; whole seconds are allowed.`, fix: 'Leave it out for 5 minutes.',
  }]));
}

function checkSchedule({ schedule = [], minimum, maximum }: ReaderScalingProps): Complaint[] {
  if (schedule.length === 0) return [];
  const names = schedule.map(({ name }) => name);
  const complaints = schedule.flatMap((entry) => checkEntry(entry, { minimum, maximum }));
  for (const name of new Set(names.filter((one, i) => names.indexOf(one) !== i))) complaints.push({ code: 'ha-cluster/schedule-twice', problem: `scaling.readers.schedule has two entries ${JSON.stringify(name)}.`, fix: 'The name becomes part of the address; give each its own.' });
  complaints.push(...checkMoments(schedule));
  if (schedule.length === 1) {
    complaints.push({
      code: 'ha-cluster/schedule-never-ends', problem: `scaling.readers.schedule has one entry, ${JSON.stringify(names[0])}, and its limits would hold for ever from then on: an entry ends where another one begins.`,
      fix: 'Add the entry that takes it back.', source: 'AWS, Scheduled scaling for Application Auto Scaling',
    });
  }
  return complaints;
}

/** Application Auto Scaling does not say which of two would be the last. */
function checkMoments(schedule: readonly ScheduledReaders[]): Complaint[] {
  const momentOf = ({ at, timezone = 'UTC' }: ScheduledReaders): string => `${at.trim()} ${timezone}`;
  const known = schedule.filter(({ at }) => isKnown(at));
  return [...new Set(known.map(momentOf))].flatMap((moment): Complaint[] => {
    const entries = known.filter((entry) => momentOf(entry) === moment);
    const [{ at, timezone = 'UTC' }] = entries as [ScheduledReaders];
    if (new Set(entries.map(({ minimum, maximum }) => `${minimum} ${maximum}`)).size < 2) return [];
    return [{
      code: 'ha-cluster/schedule-conflict',
      problem: `scaling.readers.schedule gives ${listOf(entries.map(({ name, minimum, maximum }) => `${shown(name)} ${shown(minimum)} to ${shown(maximum)} readers`))} at the same moment, ${at} in ${isLeftToTerraform(timezone) ? 'a time zone that only Terraform knows' : timezone}: nobody knows which of them holds from then on.`,
      fix: 'Leave all but one of them out, or give them other moments.',
    }];
  });
}

/** What is worth knowing of a schedule that is allowed. */
export function scheduleWarnings({ readers }: ScalingProps = {}, now: Date = new Date()): string[] {
  return (readers?.schedule ?? []).filter(({ at }) => isKnown(at) && isPast(at, now)).map(({ name, at }) =>
    `scaling.readers.schedule ${JSON.stringify(name)} is at ${at}, which is past: it changes nothing any more. Take it out, or give it another moment.`);
}

function checkEntry({ name, at, timezone, ...limits }: ScheduledReaders, allowed: { readonly minimum: number; readonly maximum: number }): Complaint[] {
  const where = `scaling.readers.schedule ${shown(name)}`;
  const complaints: Complaint[] = [];
  if (!isKnown(name) || !NAME.test(name)) complaints.push({ code: 'ha-cluster/schedule-name', problem: `${shown(name)} cannot be the name of an entry of scaling.readers.schedule: lower-case letters, digits and single hyphens are allowed, at most 40, with a letter in front.`, fix: 'It becomes part of the address; choose one that stays.' });
  const problem = isKnown(at) ? scheduleProblem(at) : undefined;
  if (problem !== undefined) complaints.push({ code: 'ha-cluster/schedule-at', problem: `${where} is at ${JSON.stringify(at)}: ${problem}.`, fix: "For instance at: 'cron(0 7 ? * MON-FRI *)', each working day at 7, or at: 'at(2026-11-27T06:00:00)'.", source: 'AWS, Scheduled scaling for Application Auto Scaling' });
  if (isKnown(timezone) && !isTimezone(timezone)) complaints.push({ code: 'ha-cluster/schedule-timezone', problem: `${where} has the time zone ${JSON.stringify(timezone)}, which IANA does not know.`, fix: "For instance timezone: 'Europe/Berlin'." });
  const { minimum, maximum } = limits;
  const within = [minimum, maximum].every((limit) => isKnown(limit) && isCount(limit)) && minimum <= maximum && minimum >= allowed.minimum && maximum <= allowed.maximum;
  if (!within) {
    const [from, to] = [minimum, maximum].map((limit) => (isLeftToTerraform(limit) ? 'an unknown number' : shown(limit)));
    complaints.push({
      code: 'ha-cluster/schedule-limits', problem: `${where} goes from ${from} to ${to} readers; whole numbers within scaling.readers, ${allowed.minimum} to ${allowed.maximum}, are allowed.`,
      fix: 'Change the entry, or widen scaling.readers.',
    });
  }
  return complaints;
}
