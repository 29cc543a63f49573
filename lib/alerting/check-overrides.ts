import type { Complaint } from '../core/errors';
import { nearest } from '../core/text';
import { holdsToken } from '../core/tokens';
import { ALARM_CATALOGUE } from './catalogue';
import type { MonitoredDatabase } from './monitored-database';
import type { AlarmOverride, AlarmOverrides } from './resolve';

/** An alarm as overrides see it. */
export interface Overridable {
  readonly id: string;
  readonly unit: string;
  /** The threshold where none is given. */
  readonly usual: () => number;
  /** Whose it is, in words. @default - it is there */
  readonly onlyFor?: string;
}

/** What is wrong with the overrides of a database's alarms. */
export const checkOverrides = (overrides: AlarmOverrides, database: MonitoredDatabase): Complaint[] => complaintsAbout(overrides, ALARM_CATALOGUE.map((definition): Overridable => ({
  id: definition.id, unit: definition.unit, usual: () => definition.threshold(database), ...(definition.applies(database) ? {} : { onlyFor: definition.where }),
})));

/** What is wrong with overrides of these alarms. */
export const complaintsAbout = (overrides: AlarmOverrides, alarms: readonly Overridable[]): Complaint[] =>
  Object.entries(overrides).flatMap(([id, override]) => checkOverride(id, override, alarms) ?? []);

function checkOverride(id: string, override: AlarmOverride, alarms: readonly Overridable[]): Complaint | undefined {
  const alarm = alarms.find((candidate) => candidate.id === id);
  if (alarm === undefined) {
    const near = nearest(id, alarms.map((candidate) => candidate.id));
    return {
      code: 'alerting/unknown-alarm',
      problem: `An override names the alarm ${id}, which the catalogue does not have.`,
      fix: near === undefined ? 'The README of lib/alerting prints all of them.' : `Did you mean ${near}?`,
    };
  }
  if (alarm.onlyFor !== undefined) {
    return {
      code: 'alerting/alarm-not-there',
      problem: `An override names the alarm ${id}, which this database does not have: it is for ${alarm.onlyFor}.`,
      fix: 'Leave the override out.',
    };
  }
  if ('disabled' in override) {
    return override.disabled.trim() !== '' ? undefined : {
      code: 'alerting/no-reason',
      problem: `An override disables the alarm ${id} without a reason.`,
      fix: `Say why:   '${id}': { disabled: '…' }`,
    };
  }
  const { threshold } = override;
  return holdsToken(threshold) || (Number.isFinite(threshold) && threshold >= 0) ? undefined : {
    code: 'alerting/threshold',
    problem: `An override gives the alarm ${id} the threshold ${threshold}; it takes a number from 0, in ${alarm.unit}.`,
    fix: `Leave it out for ${alarm.usual()}.`,
  };
}
