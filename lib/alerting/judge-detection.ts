import type { Complaint } from '../core/errors';
import { Duration } from '../core/duration';
import { count } from '../core/text';
import type { AlarmDefinition } from './alarm-definition';
import { alarmsFor } from './catalogue';
import { detectionOf, detectionParts, type DetectionParts, sum, type TellingOptions } from './detection';
import type { MonitoredDatabase } from './monitored-database';
import { outageDetection } from './service-down';

/** The longest interval of enhanced monitoring whose alarms tell within a minute. */
export const SAMPLING_FOR_ONE_MINUTE = 5;

const SOURCE = 'Amazon CloudWatch User Guide, Alarm evaluation; lib/alerting/detection.ts';

/**
 * Whether alarms tell as soon as they have to: what is critical within the database's `notifyWithin`, every other within its own bound.
 *
 * @param definitions - those that apply and are not disabled
 */
export function judgeDetection(definitions: readonly AlarmDefinition[], database: MonitoredDatabase, options: TellingOptions = {}): Complaint[] {
  return [...judgeCritical(definitions, database, options), ...judgeOthers(definitions, database, options)];
}

function judgeCritical(definitions: readonly AlarmDefinition[], database: MonitoredDatabase, options: TellingOptions): Complaint[] {
  const { notifyWithin } = database;
  if (notifyWithin === undefined) return [];
  const told = definitions
    .filter(({ severity }) => severity === 'critical')
    .map((definition): Told => ({ id: definition.id, parts: detectionParts(definition, database, options) }));
  const outage = outageDetection(definitions, database);
  if (outage === undefined) return [unnoticed(database, notifyWithin)];
  told.push({ id: 'service-down', parts: outage });
  const shortest = Math.max(...told.map(({ parts }) => sum(parts)));
  return told
    .filter(({ parts }) => sum(parts) > notifyWithin.toSeconds())
    .map(({ id, parts }) => late(id, parts, database, notifyWithin, shortest));
}

interface Told {
  readonly id: string;
  readonly parts: DetectionParts;
}

function late(id: string, parts: DetectionParts, database: MonitoredDatabase, notifyWithin: Duration, shortest: number): Complaint {
  const { osMetrics, monitoringSeconds } = database;
  const ways = [
    ...(osMetrics ? [] : ['Add OsMetrics to a stack of this account:   osMetrics: new OsMetrics(…)']),
    ...(osMetrics && monitoringSeconds > SAMPLING_FOR_ONE_MINUTE ? [`Sample the operating system every ${count(SAMPLING_FOR_ONE_MINUTE, 'second')}, not every ${monitoringSeconds},`] : []),
    `${osMetrics && monitoringSeconds <= SAMPLING_FOR_ONE_MINUTE ? 'Accept' : 'or accept'} it here:   objectives: { notifyWithin: ${Duration.seconds(shortest).toCode()} }`,
  ];
  return {
    code: 'alerting/notice-not-kept',
    problem: `${wanted(database)} ${notifyWithin}, but ${id} tells after ${count(sum(parts), 'second')} at worst:\n${explain(parts)}.`,
    fix: ways.join('\n'),
    source: SOURCE,
  };
}

const wanted = ({ notifyWithinOfEnvironment }: MonitoredDatabase): string => (notifyWithinOfEnvironment === true ? 'The environment wants somebody to be told within' : 'objectives.notifyWithin is');

/** `10 until a period shows it, 30 of periods that breach, 10 until the next evaluation`. */
export function explain({ first, periods, delivery, evaluation, composite }: DetectionParts): string {
  const parts: readonly (readonly [number, string])[] = [[first, 'until a period shows it'], [periods, 'of periods that breach'], [delivery, 'on the way'], [evaluation, 'until the next evaluation'], [composite, 'for the composite alarm']];
  return parts.filter(([seconds]) => seconds > 0).map(([seconds, what]) => `${seconds} ${what}`).join(', ');
}

function unnoticed(database: MonitoredDatabase, notifyWithin: Duration): Complaint {
  const { pauses, notifyWithinOfEnvironment: ofEnvironment = false } = database;
  const leave = ofEnvironment ? 'give the environment profile.notifySeconds: 0' : 'leave notifyWithin out';
  return {
    code: 'alerting/outage-not-noticed',
    problem: `${wanted(database)} ${notifyWithin}, but no alarm tells that this database is down: ${pauses
      ? 'it pauses or is stopped by itself,\nso that its silence is no fault.'
      : 'the samples of its operating\nsystem do not become metrics, and RDS publishes none that says it.'}`,
    fix: pauses ? `Let it never pause (a minimum above 0), or ${leave}.` : `Add OsMetrics to a stack of this account:   osMetrics: new OsMetrics(…)${keptWith(database, notifyWithin)}\nor ${leave}.`,
    source: SOURCE,
  };
}

/** What is refused all the same afterwards is said at once. */
function keptWith(database: MonitoredDatabase, notifyWithin: Duration): string {
  const sampled = { ...database, osMetrics: true };
  const outage = outageDetection(alarmsFor(sampled), sampled);
  return outage === undefined || sum(outage) <= notifyWithin.toSeconds() ? '' : `,\nwhich tells after ${count(sum(outage), 'second')} at worst: give notifyWithin: ${Duration.seconds(sum(outage)).toCode()} besides,`;
}

function judgeOthers(definitions: readonly AlarmDefinition[], database: MonitoredDatabase, options: TellingOptions): Complaint[] {
  return definitions.flatMap((definition): Complaint[] => {
    const { id, detectsWithin, severity } = definition;
    const detection = detectionOf(definition, database, options);
    if (severity === 'critical' || detectsWithin === undefined || !detectsWithin.isShorterThan(detection)) return [];
    return [{
      code: 'alerting/late-warning',
      problem: `${id} is meant to tell within ${detectsWithin}, but tells after ${detection} at worst:\n${explain(detectionParts(definition, database, options))}.`,
      fix: `Sample the operating system at least every minute; it is every ${count(database.monitoringSeconds, 'second')} now.`,
      source: SOURCE,
    }];
  });
}
