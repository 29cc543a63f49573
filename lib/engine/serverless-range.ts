import type { Complaint } from '../core/errors';
import { Duration } from '../core/duration';
import { shown } from '../core/shown';
import { Size } from '../core/size';
import { holdsToken } from '../core/tokens';
import { type PauseContext, pauseBlockers } from './auto-pause';
import type { InstanceHardware } from './instance-size';
import { defaultMaxConnections } from './max-connections';
import { toBoolean } from './parameters/value';
import { neededRelease, type SizedEngine } from './sized-engine';

/** What each instance of Aurora Serverless v2 grows and shrinks in, with the load. In Aurora capacity units (ACU): about 2 GiB of memory each, with CPU and network to match. */
export interface ServerlessRange {
  /**
   * 0 to 256 in steps of 0.5; 0 pauses an instance that nobody is connected to. An instance grows the faster, the larger it is, and loses what it has cached when it shrinks: AWS
   * recommends 2 and more with Performance Insights, and enough to hold what is read often.
   */
  readonly minimum: number;
  /** 1 to 256 in steps of 0.5. The default limit of connections follows from it, and a change of that needs a restart. */
  readonly maximum: number;
  /**
   * How long nobody is connected before an instance with a minimum of 0 pauses: 5 minutes to 1 day. The first connection after it waits for about 15 seconds, and for 30 or
   * longer after a day.
   *
   * @default - 5 minutes
   */
  readonly pauseAfter?: Duration;
}

/** What a range is judged with. What is left out is not there. */
export interface ServerlessContext extends PauseContext {
  /** @default - rules that depend on the engine are not judged */
  readonly engine?: SizedEngine;
  /** Whether Performance Insights or Database Insights is on. */
  readonly insights?: boolean;
}

const ACU = { lowest: 0, highest: 256, step: 0.5, gibibytes: 2, perVcpu: 4 };
const LOWEST_MAXIMUM = 1;
export const PAUSE = { shortest: Duration.minutes(5), longest: Duration.days(1) };
/** The limit of connections that PostgreSQL has with a minimum of 0 or 0.5. */
const CAPPED = { minimum: 0.5, connections: 2000 };
/** The first release of each series of Aurora that can have the range; later series can. */
const FIRST = {
  pauses: ['16.3', '15.7', '3.08'],
  large: { above: 128, releases: ['16.1', '15.5', '3.06'] },
  any: ['16.1', '15.2', '3.02'],
};
const RECOMMENDED = { insights: 2, globalPrimary: 8 };
const SOURCE = 'AWS, Aurora user guide, Aurora serverless capacity';
const CHOOSING = 'AWS, Aurora user guide, Choosing the minimum capacity';

/** Everything that is wrong with a range, by itself and for what it is used with. */
export function checkServerless(range: ServerlessRange, context: ServerlessContext = {}): Complaint[] {
  const late = checkKnown(range);
  return late.length > 0 ? late : [...checkSteps(range), ...checkPause(range), ...checkEngine(range, context), ...checkBlockers(range, context)];
}

/** What is worth knowing about a range that works. */
export function serverlessWarnings({ minimum, maximum }: ServerlessRange, { engine, insights, globalCluster, parameters = {} }: ServerlessContext = {}): string[] {
  const warnings: string[] = [];
  if (minimum === maximum) warnings.push(`The range is ${minimum} to ${maximum} ACU, so that nothing scales; AWS finds that appropriate for tests alone. (${CHOOSING})`);
  if (insights === true && minimum > 0 && minimum < RECOMMENDED.insights) warnings.push(`The minimum is ${minimum} ACU; AWS recommends ${RECOMMENDED.insights} and more where Performance Insights or Database Insights is on. (${CHOOSING})`);
  if (globalCluster === 'primary' && minimum < RECOMMENDED.globalPrimary) warnings.push(`The minimum is ${minimum} ACU; AWS recommends ${RECOMMENDED.globalPrimary} and more for the primary cluster of a global database. (${CHOOSING})`);
  if (engine !== undefined) {
    const range = { minimum, maximum };
    const [capped, uncapped] = [range, { ...range, minimum: 1 }].map((one) => serverlessMaxConnections(one, engine, declaredConnections(parameters)).toLocaleString('en-US'));
    if (capped !== uncapped) warnings.push(`The minimum is ${minimum} ACU, so that max_connections is ${capped} at most; from a minimum of 1 on it is about ${uncapped}. (${CHOOSING})`);
  }
  if (minimum === 0 && schedules(parameters)) warnings.push('The cluster pauses, and jobs inside the database (pg_cron, the event scheduler) are skipped while it does: AWS does not wake it for them. (AWS, Aurora user guide, auto-pause)');
  return warnings;
}

/**
 * What `max_connections` of an instance in this range comes to, or a little less: the default follows from the maximum, whatever the capacity is at the moment.
 *
 * @param declared - what the parameters say, instead of the default
 */
export function serverlessMaxConnections({ minimum, maximum }: ServerlessRange, engine: SizedEngine, declared?: number): number {
  const connections = declared ?? defaultMaxConnections(engine, memoryOf(maximum));
  return engine.language === 'postgresql' && minimum <= CAPPED.minimum ? Math.min(connections, CAPPED.connections) : connections;
}

/** The least that a range has to be widened for this limit of connections by default; undefined where none has it. */
export function rangeFor(limit: number, { minimum, maximum }: ServerlessRange, engine: SizedEngine): ServerlessRange | undefined {
  const steps = Array.from({ length: (ACU.highest - maximum) / ACU.step + 1 }, (_, i) => maximum + i * ACU.step);
  const ranges = [minimum, Math.max(minimum, LOWEST_MAXIMUM)].flatMap((lowest) => steps.map((highest) => ({ minimum: lowest, maximum: highest })));
  return ranges.find((range) => serverlessMaxConnections(range, engine) >= limit);
}

/**
 * What an instance has at the maximum of its range. AWS names about 2 GiB for an ACU, and no vCPU: a vCPU is counted for four ACU, as memory-optimized classes have it and as
 * AWS's own sizing guide does (aws/agent-toolkit-for-aws, serverless advisory).
 */
export const serverlessHardware = ({ maximum }: ServerlessRange): InstanceHardware => ({ vcpu: Math.max(1, Math.floor(maximum / ACU.perVcpu)), memory: memoryOf(maximum) });

/** Whether instances of this range pause. */
export const pauses = ({ minimum }: ServerlessRange): boolean => minimum === 0;

/** Nothing for what is no capacity: that is complained about where the range is checked. */
const memoryOf = (acu: number): Size => Size.gibibytes(acu > 0 && acu <= ACU.highest ? acu * ACU.gibibytes : 0);

const checkKnown = (range: ServerlessRange): Complaint[] => (['minimum', 'maximum'] as const).filter((name) => holdsToken(range[name])).map((name) => ({
  code: 'engine/capacity-unknown',
  problem: `${name} is a number that only Terraform knows, and ${name === 'minimum' ? 'whether the cluster pauses' : 'limits of connections and thresholds of alarms'} must be known at synthesis.`,
  fix: 'Give the number itself, from the data of the environment for instance.',
}));

function checkSteps({ minimum, maximum }: ServerlessRange): Complaint[] {
  const code = 'engine/capacity';
  const complaints: Complaint[] = [];
  if (!isCapacity(minimum, ACU.lowest)) complaints.push({ code, problem: `minimum is ${shown(minimum)} ACU; ${ACU.lowest} to ${ACU.highest} in steps of ${ACU.step} are allowed.`, source: SOURCE });
  if (!isCapacity(maximum, LOWEST_MAXIMUM)) complaints.push({ code, problem: `maximum is ${shown(maximum)} ACU; ${LOWEST_MAXIMUM} to ${ACU.highest} in steps of ${ACU.step} are allowed.`, source: SOURCE });
  if (complaints.length === 0 && minimum > maximum) complaints.push({ code, problem: `minimum, ${minimum} ACU, is above maximum, ${maximum} ACU.`, source: SOURCE });
  return complaints;
}

const isCapacity = (value: unknown, lowest: number): boolean => typeof value === 'number' && value >= lowest && value <= ACU.highest && Number.isInteger(value / ACU.step);

function checkPause({ minimum, pauseAfter }: ServerlessRange): Complaint[] {
  if (pauseAfter === undefined) return [];
  const code = 'engine/pause';
  if (minimum !== 0) return [{ code, problem: `pauseAfter is given, but only a minimum of 0 ACU pauses, and it is ${minimum}.`, fix: 'Give minimum: 0, or leave pauseAfter out.' }];
  if (!pauseAfter.isShorterThan(PAUSE.shortest) && !PAUSE.longest.isShorterThan(pauseAfter) && Number.isInteger(pauseAfter.toSeconds())) return [];
  return [{ code, problem: `pauseAfter is ${pauseAfter}; ${PAUSE.shortest} to ${PAUSE.longest} are allowed, in whole seconds.`, source: 'AWS, Aurora user guide, auto-pause timeout interval' }];
}

function checkEngine({ minimum, maximum }: ServerlessRange, { engine }: ServerlessContext): Complaint[] {
  if (engine === undefined) return [];
  const code = 'engine/serverless';
  if (engine.storage !== 'aurora') return [{ code, problem: `${engine.label} has no serverless instances; Aurora has.`, fix: "Give a class:   instance: InstanceSize.of('db.m8g.large')", source: SOURCE }];
  const since = (releases: readonly string[], what: string, fix: string): Complaint[] => {
    const needed = neededRelease(engine, releases);
    return needed === undefined ? [] : [{ code, problem: `${what} needs ${engine.label} ${needed} or later, and ${engine.version} is given.`, fix, source: SOURCE }];
  };
  const any = since(FIRST.any, 'A serverless range', 'Give a later version, or a class of instances.');
  if (any.length > 0) return any;
  return [
    ...(minimum === 0 ? since(FIRST.pauses, 'A minimum of 0 ACU', 'Give a later version, or minimum: 0.5') : []),
    ...(maximum > FIRST.large.above ? since(FIRST.large.releases, `A maximum of ${maximum} ACU`, `Give a later version, or maximum: ${FIRST.large.above}`) : []),
  ];
}

function checkBlockers(range: ServerlessRange, context: ServerlessContext): Complaint[] {
  if (!pauses(range)) return [];
  return pauseBlockers(context).map(({ blocker, because, remedy }) => ({
    code: 'engine/pause-blocked',
    problem: `minimum is 0 ACU, but ${blocker} never lets the cluster pause: ${because}. AWS reports no error; instances stay awake and are billed.`,
    fix: `${remedy},\nor give a minimum that is meant:   minimum: 0.5`,
    source: 'AWS, Aurora user guide, Situations where Aurora serverless does not auto-pause',
  }));
}

type Parameters = NonNullable<PauseContext['parameters']>;

function declaredConnections({ max_connections: declared }: Parameters): number | undefined {
  return declared === undefined || !/^\d+$/.test(String(declared)) ? undefined : Number(declared);
}

const schedules = ({ shared_preload_libraries: libraries = '', event_scheduler: events = '' }: Parameters): boolean => String(libraries).includes('pg_cron') || toBoolean(events) === true;
