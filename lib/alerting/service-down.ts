import type { AlarmDefinition } from './alarm-definition';
import { COMPOSITE_SECONDS, detectionParts, type DetectionParts, sum } from './detection';
import type { MonitoredDatabase } from './monitored-database';

/** One way for the service to be down, by the alarm that shows it. */
export interface OutageCause {
  readonly id: string;
  /** With several alarms of one id, an alarm for each instance: whether all have to be on. */
  readonly every: boolean;
  /** Whether nobody is served then; otherwise only new clients are not. */
  readonly total: boolean;
  readonly meaning: string;
}

export const SERVICE_DOWN = 'service-down';

/** Why the composite alarm `service-down` is on: any of these. */
export const OUTAGE_CAUSES: readonly OutageCause[] = [
  { id: 'instance-silent', every: true, total: true, meaning: 'no instance sends samples' },
  { id: 'writer-down', every: true, total: true, meaning: 'no writer runs' },
  { id: 'connections-refused', every: false, total: false, meaning: 'new connections are refused' },
];

/**
 * How soon a total outage is told: by the fastest of the causes that show it, since each of them does.
 *
 * @returns undefined where none of the alarms would show it
 */
export function outageDetection(definitions: readonly AlarmDefinition[], database: MonitoredDatabase): DetectionParts | undefined {
  const total = OUTAGE_CAUSES.filter((cause) => cause.total).map(({ id }) => id);
  return definitions
    .filter(({ id }) => total.includes(id))
    .map((definition): DetectionParts => ({ ...detectionParts(definition, database), composite: COMPOSITE_SECONDS }))
    .sort((a, b) => sum(a) - sum(b))[0];
}

/**
 * The rule of the composite alarm.
 *
 * @param alarms - by id of the definition, names of the alarms that exist
 * @returns undefined where there is none of them
 */
export function serviceDownRule(alarms: ReadonlyMap<string, readonly string[]>): string | undefined {
  const ways = OUTAGE_CAUSES.flatMap(({ id, every }) => {
    const states = (alarms.get(id) ?? []).map(inAlarm);
    if (states.length === 0) return [];
    return states.length === 1 ? states : [`(${states.join(every ? ' AND ' : ' OR ')})`];
  });
  return ways.length === 0 ? undefined : ways.join(' OR ');
}

export const inAlarm = (alarmName: string): string => `ALARM("${alarmName}")`;
