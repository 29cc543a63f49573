import { describe, expect, it } from 'vitest';
import { ALARM_CATALOGUE, alarmsFor } from '../../lib/alerting/catalogue';
import { detectionOf, detectionParts, evaluationInterval, readable } from '../../lib/alerting/detection';
import { judgeDetection } from '../../lib/alerting/judge-detection';
import type { MonitoredDatabase } from '../../lib/alerting/monitored-database';
import { formatComplaint } from '../../lib/core';
import { Duration } from '../../lib/core/duration';
import { DATABASE_NAMES, DATABASES } from './databases';
import { monitoredDatabase } from './fixture';

const QUIET = { waitPeriod: 1 };
const definition = (id: string) => ALARM_CATALOGUE.find((one) => one.id === id)!;
const judged = (more: Partial<MonitoredDatabase>, without: string[] = []): string[] => {
  const database = monitoredDatabase({ osMetrics: true, ...more });
  return judgeDetection(alarmsFor(database).filter(({ id }) => !without.includes(id)), database, { quiet: QUIET }).map(formatComplaint);
};

describe('the time until somebody is told', () => {
  it.each(DATABASE_NAMES)('[DBAAS-4.2] is kept by every alarm of %s: a minute for what is critical, its own bound for every other', (name) => {
    const database = DATABASES[name];
    expect(judgeDetection(alarmsFor(database), database, { quiet: QUIET })).toEqual([]);
  });

  const database = monitoredDatabase({ osMetrics: true });

  it.each([
    // Five seconds between samples, periods of ten: the newest of three may be empty though the instance lives.
    ['instance-silent', { first: 10, periods: 30, delivery: 0, evaluation: 10, composite: 6 }],
    ['memory-exhausted', { first: 10, periods: 20, delivery: 15, evaluation: 10, composite: 0 }],
    // A maximum above its threshold shows the fault with the first sample.
    ['connections', { first: 60, periods: 300, delivery: 60, evaluation: 60, composite: 0 }],
    ['connections-refused', { first: 60, periods: 60, delivery: 60, evaluation: 60, composite: 5 }],
    // The newest sum lacks the lines that have not arrived: it counts in the next period.
    ['failed-logins', { first: 60, periods: 300, delivery: 300, evaluation: 60, composite: 0 }],
    // The rate of a day is right when the day before was one of growth too; more than a day is evaluated by the hour.
    ['volume-days', { first: 90_000, periods: 172_800, delivery: 60, evaluation: 3600, composite: 0 }],
  ])('%s', (id, parts) => {
    expect(detectionParts(definition(id), database, { quiet: QUIET })).toEqual(parts);
  });

  it('quiet in maintenance costs its wait at all times', () => {
    expect(detectionOf(definition('instance-silent'), database, {}).toSeconds()).toBe(50);
    expect(detectionOf(definition('instance-silent'), database, { quiet: QUIET }).toSeconds()).toBe(56);
  });

  it.each([[1, '50 seconds'], [5, '50 seconds'], [10, '80 seconds'], [15, '85 seconds'], [30, '4 minutes'], [60, '6 minutes']])('samples every %i s: %s until an instance is known to be silent', (monitoringSeconds, expected) => {
    expect(detectionOf(definition('instance-silent'), monitoredDatabase({ osMetrics: true, monitoringSeconds })).toString()).toBe(expected);
  });

  it.each([[10, 3, 10], [30, 2, 10], [60, 5, 60], [86_400, 1, 60], [86_400, 2, 3600]])('%i s × %i are evaluated every %i s', (period, evaluationPeriods, seconds) => {
    expect(evaluationInterval({ period, evaluationPeriods })).toBe(seconds);
  });

  it.each([[50, '50 seconds'], [121, '3 minutes'], [7201, '3 hours'], [172_801, '3 days']])('%i s are read as %s', (seconds, text) => {
    expect(readable(seconds).toString()).toBe(text);
  });

  it('only warnings and notes have a bound of their own, and each has one', () => {
    for (const { id, severity, detectsWithin } of ALARM_CATALOGUE) expect([id, detectsWithin === undefined]).toEqual([id, severity === 'critical']);
  });
});

describe('an objective that the catalogue cannot keep is refused', () => {
  it('with samples every 15 seconds', () => {
    expect(judged({ monitoringSeconds: 15 })).toEqual([`alerting/notice-not-kept

  objectives.notifyWithin is 60 seconds, but instance-silent tells after 91 seconds at worst:
  15 until a period shows it, 60 of periods that breach, 10 until the next evaluation, 6 for the composite alarm.

  Sample the operating system every 5 seconds, not every 15,
  or accept it here:   objectives: { notifyWithin: Duration.seconds(91) }

  Source: Amazon CloudWatch User Guide, Alarm evaluation; lib/alerting/detection.ts · tenantry explain alerting/notice-not-kept`, `alerting/notice-not-kept

  objectives.notifyWithin is 60 seconds, but memory-exhausted tells after 70 seconds at worst:
  15 until a period shows it, 30 of periods that breach, 15 on the way, 10 until the next evaluation.

  Sample the operating system every 5 seconds, not every 15,
  or accept it here:   objectives: { notifyWithin: Duration.seconds(91) }

  Source: Amazon CloudWatch User Guide, Alarm evaluation; lib/alerting/detection.ts · tenantry explain alerting/notice-not-kept`, `alerting/notice-not-kept

  objectives.notifyWithin is 60 seconds, but service-down tells after 90 seconds at worst:
  15 until a period shows it, 60 of periods that breach, 10 until the next evaluation, 5 for the composite alarm.

  Sample the operating system every 5 seconds, not every 15,
  or accept it here:   objectives: { notifyWithin: Duration.seconds(91) }

  Source: Amazon CloudWatch User Guide, Alarm evaluation; lib/alerting/detection.ts · tenantry explain alerting/notice-not-kept`]);
  });

  it('and the shortest one that it names is kept', () => {
    expect(judged({ monitoringSeconds: 15, notifyWithin: Duration.seconds(91) })).toEqual([]);
    expect(judged({ monitoringSeconds: 15, notifyWithin: Duration.seconds(90) })).toHaveLength(1);
  });

  it('shorter than the fastest sampling allows', () => {
    expect(judged({ monitoringSeconds: 1, notifyWithin: Duration.seconds(30) })[0]).toBe(`alerting/notice-not-kept

  objectives.notifyWithin is 30 seconds, but instance-silent tells after 56 seconds at worst:
  10 until a period shows it, 30 of periods that breach, 10 until the next evaluation, 6 for the composite alarm.

  Accept it here:   objectives: { notifyWithin: Duration.seconds(56) }

  Source: Amazon CloudWatch User Guide, Alarm evaluation; lib/alerting/detection.ts · tenantry explain alerting/notice-not-kept`);
  });

  it('without OsMetrics: RDS tells by the minute that a writer is gone', () => {
    expect(judged({ osMetrics: false })).toEqual([`alerting/notice-not-kept

  objectives.notifyWithin is 60 seconds, but service-down tells after 365 seconds at worst:
  60 until a period shows it, 240 of periods that breach, 60 until the next evaluation, 5 for the composite alarm.

  Add OsMetrics to a stack of this account:   osMetrics: new OsMetrics(…)
  or accept it here:   objectives: { notifyWithin: Duration.seconds(365) }

  Source: Amazon CloudWatch User Guide, Alarm evaluation; lib/alerting/detection.ts · tenantry explain alerting/notice-not-kept`]);
  });

  it('without OsMetrics on RDS, where nothing tells it', () => {
    expect(judged({ ...DATABASES['RDS PostgreSQL, Multi-AZ instance'], osMetrics: false })).toEqual([`alerting/outage-not-noticed

  objectives.notifyWithin is 60 seconds, but no alarm tells that this database is down: the samples of its operating
  system do not become metrics, and RDS publishes none that says it.

  Add OsMetrics to a stack of this account:   osMetrics: new OsMetrics(…)
  or leave notifyWithin out.

  Source: Amazon CloudWatch User Guide, Alarm evaluation; lib/alerting/detection.ts`]);
  });

  it('of a database that pauses', () => {
    expect(judged({ pauses: true })).toEqual([`alerting/outage-not-noticed

  objectives.notifyWithin is 60 seconds, but no alarm tells that this database is down: it pauses or is stopped by itself,
  so that its silence is no fault.

  Let it never pause (a minimum above 0), or leave notifyWithin out.

  Source: Amazon CloudWatch User Guide, Alarm evaluation; lib/alerting/detection.ts`]);
    // To leave out what nobody gave is no way out.
    expect(judged({ pauses: true, notifyWithinOfEnvironment: true })).toEqual([`alerting/outage-not-noticed

  The environment wants somebody to be told within 60 seconds, but no alarm tells that this database is down: it pauses or is stopped by itself,
  so that its silence is no fault.

  Let it never pause (a minimum above 0), or give the environment profile.notifySeconds: 0.

  Source: Amazon CloudWatch User Guide, Alarm evaluation; lib/alerting/detection.ts`]);
  });

  it('when the alarms that tell of an outage are disabled', () => {
    expect(judged({}, ['instance-silent', 'writer-down'])[0]).toMatch(/^alerting\/outage-not-noticed\n/);
  });

  it('a warning that comes later than it is meant to', () => {
    expect(judged({ monitoringSeconds: 300, notifyWithin: undefined })).toEqual([`alerting/late-warning

  overload is meant to tell within 6 minutes, but tells after 9 minutes at worst:
  300 until a period shows it, 120 of periods that breach, 15 on the way, 60 until the next evaluation.

  Sample the operating system at least every minute; it is every 300 seconds now.

  Source: Amazon CloudWatch User Guide, Alarm evaluation; lib/alerting/detection.ts`, `alerting/late-warning

  io-wait is meant to tell within 15 minutes, but tells after 17 minutes at worst:
  300 until a period shows it, 600 of periods that breach, 15 on the way, 60 until the next evaluation.

  Sample the operating system at least every minute; it is every 300 seconds now.

  Source: Amazon CloudWatch User Guide, Alarm evaluation; lib/alerting/detection.ts`]);
  });

  it('and where nothing is promised, nothing is refused', () => {
    expect(judged({ osMetrics: false, notifyWithin: undefined })).toEqual([]);
  });
});
