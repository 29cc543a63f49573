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
})), 'The README of lib/alerting prints all of them.');

/**
 * What is wrong with overrides of these alarms.
 *
 * @param printed - where all of them are listed
 */
export const complaintsAbout = (overrides: AlarmOverrides, alarms: readonly Overridable[], printed: string): Complaint[] =>
  Object.entries(overrides).flatMap(([id, override]) => checkOverride(id, override, alarms, printed) ?? []);

function checkOverride(id: string, override: AlarmOverride, alarms: readonly Overridable[], printed: string): Complaint | undefined {
  const alarm = alarms.find((candidate) => candidate.id === id);
  if (alarm === undefined) {
    const near = nearest(id, alarms.map((candidate) => candidate.id));
    return {
      code: 'alerting/unknown-alarm',
      problem: `An override names the alarm ${id}, which the catalogue does not have.`,
      fix: near === undefined ? printed : `Did you mean ${near}?`,
    };
  }
  if (alarm.onlyFor !== undefined) {
    return {
      code: 'alerting/alarm-not-there',
      problem: `An override names the alarm ${id}, which is not made here: it is for ${alarm.onlyFor}.`,
      fix: 'Leave the override out.',
    };
  }
  const parts = typeof override === 'object' ? (['threshold', 'disabled'] as const).filter((part) => part in override) : [];
  if (parts.length !== 1) {
    return {
      code: 'alerting/override',
      problem: `An override of the alarm ${id} is ${JSON.stringify(override)}; either a threshold is allowed, or a reason to leave it out.`,
      fix: `'${id}': { threshold: ${alarm.usual()} }   or   '${id}': { disabled: '…' }`,
    };
  }
  if ('disabled' in override) {
    return typeof override.disabled === 'string' && override.disabled.trim() !== '' ? undefined : {
      code: 'alerting/no-reason',
      problem: `An override disables the alarm ${id} without a reason.`,
      fix: `Say why:   '${id}': { disabled: '…' }`,
    };
  }
  const { threshold } = override;
  const most = alarm.unit === 'Percent' ? 100 : Number.MAX_VALUE;
  return holdsToken(threshold) || (typeof threshold === 'number' && threshold >= 0 && threshold <= most) ? undefined : {
    code: 'alerting/threshold',
    problem: `An override gives the alarm ${id} the threshold ${JSON.stringify(threshold)}; it takes a number from 0${most === 100 ? ' to 100' : ''}, in ${alarm.unit}.`,
    fix: `Leave it out for ${alarm.usual()}.`,
  };
}
