import type { Complaint } from '../core/errors';
import { nearest } from '../core/text';
import { holdsToken } from '../core/tokens';
import { ALARM_CATALOGUE } from './catalogue';
import type { MonitoredDatabase } from './monitored-database';
import type { AlarmOverride, AlarmOverrides } from './resolve';

/** What is wrong with the overrides of a database's alarms. */
export const checkOverrides = (overrides: AlarmOverrides, database: MonitoredDatabase): Complaint[] =>
  Object.entries(overrides).flatMap(([id, override]) => checkOverride(id, override, database) ?? []);

function checkOverride(id: string, override: AlarmOverride, database: MonitoredDatabase): Complaint | undefined {
  const definition = ALARM_CATALOGUE.find((candidate) => candidate.id === id);
  if (definition === undefined) {
    const near = nearest(id, ALARM_CATALOGUE.map((candidate) => candidate.id));
    return {
      code: 'alerting/unknown-alarm',
      problem: `An override names the alarm ${id}, which the catalogue does not have.`,
      fix: near === undefined ? 'The README of lib/alerting prints all of them.' : `Did you mean ${near}?`,
    };
  }
  if (!definition.applies(database)) {
    return {
      code: 'alerting/alarm-not-there',
      problem: `An override names the alarm ${id}, which this database does not have: it is for ${definition.where}.`,
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
    problem: `An override gives the alarm ${id} the threshold ${threshold}; it takes a number from 0, in ${definition.unit}.`,
    fix: `Leave it out for ${definition.threshold(database)}.`,
  };
}
