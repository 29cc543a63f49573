import { CloudwatchCompositeAlarm } from '@cdktf/provider-aws/lib/cloudwatch-composite-alarm';
import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { describe, expect, it } from 'vitest';
import { MaintenanceQuiet, MaintenanceWindow, type Weekday } from '../../lib/alerting';
import { backupWindowForRegion, checkWindows } from '../../lib/alerting/maintenance-window';
import { formatComplaint } from '../../lib/core/errors';
import { Duration } from '../../lib/core/duration';
import { expectRefusal, type Json, synthesizeStack, testStack } from '../support/synth';
import { DATABASES } from './databases';

const DATABASE = { dimension: { name: 'DBClusterIdentifier', value: 'shop' } } as const;

describe('a maintenance window', () => {
  it('is written as RDS takes it', () => {
    expect(MaintenanceWindow.weekly('sunday', '03:00').toString()).toBe('sun:03:00-sun:04:00');
    expect(MaintenanceWindow.weekly('monday', '00:00', Duration.minutes(30)).toString()).toBe('mon:00:00-mon:00:30');
    expect(MaintenanceWindow.weekly('sunday', '23:45', Duration.hours(1)).toString()).toBe('sun:23:45-mon:00:45');
    expect(MaintenanceWindow.weekly('tuesday', '12:30', Duration.minutes(23 * 60 + 59)).toString()).toBe('tue:12:30-wed:12:29');
  });

  it.each([
    ['eu-central-1', 'sun:02:00-sun:03:00', '00:00-01:00'],
    ['us-east-1', 'sun:08:00-sun:09:00', '06:00-07:00'],
    ['us-gov-west-1', 'sun:11:00-sun:12:00', '09:00-10:00'],
    ['ap-northeast-1', 'sat:18:00-sat:19:00', '16:00-17:00'],
    ['ap-southeast-2', 'sat:17:00-sat:18:00', '15:00-16:00'],
    ['ap-south-1', 'sat:22:00-sat:23:00', '20:00-21:00'],
    ['me-central-1', 'sat:23:00-sun:00:00', '21:00-22:00'],
    ['xx-new-1', 'sun:03:00-sun:04:00', '01:00-02:00'],
  ])('lies in the night of %s where none is given, after the backup', (region, maintenance, backup) => {
    expect([MaintenanceWindow.forRegion(region).toString(), backupWindowForRegion(region)]).toEqual([maintenance, backup]);
    expect(checkWindows(MaintenanceWindow.forRegion(region), backupWindowForRegion(region))).toEqual([]);
  });

  it('refuses what is no window, all at once', () => {
    expectRefusal(() => MaintenanceWindow.weekly('someday' as Weekday, '3:00', Duration.minutes(29)), ['maintenance-window/day', 'maintenance-window/start', 'maintenance-window/length'], `maintenance-window/day

  "someday" is not a day of the week.

  Give monday, tuesday, wednesday, thursday, friday, saturday or sunday.

maintenance-window/start

  "3:00" is not a time of the day: 00:00 to 23:59, in UTC.

  For instance '03:00'.

maintenance-window/length

  A maintenance window of 29 minutes is given; it takes whole minutes, at least 30 minutes and less than a day.

  Leave it out for 60 minutes.

  Source: AWS, CreateDBCluster, PreferredMaintenanceWindow and PreferredBackupWindow`);
  });

  it.each([['24:00', 60], ['03:60', 60]])('refuses a start at %s', (start) => {
    expect(() => MaintenanceWindow.weekly('monday', start)).toThrow('is not a time of the day');
  });

  it.each([24 * 60, 60.5])('refuses %d minutes', (minutes) => {
    expect(() => MaintenanceWindow.weekly('monday', '03:00', Duration.minutes(minutes))).toThrow('maintenance-window/length');
  });

  it.each([
    ['sunday', '03:00', '02:00-03:00', false], ['sunday', '03:00', '04:00-05:00', false], ['sunday', '03:00', '02:01-03:01', true], ['sunday', '03:00', '03:59-04:30', true],
    ['sunday', '03:00', '23:30-03:30', true], ['sunday', '23:30', '00:00-00:30', true], ['sunday', '23:30', '00:30-01:00', false], ['monday', '00:15', '23:45-00:16', true], ['monday', '00:15', '23:45-00:15', false],
  ] as const)('on %s at %s overlaps the backup at %s: %s', (day, start, backup, overlaps) => {
    expect(MaintenanceWindow.weekly(day, start).overlaps(backup)).toBe(overlaps);
  });

  it('refuses a backup in it, and says when it may begin', () => {
    expect(checkWindows(MaintenanceWindow.weekly('sunday', '03:00'), '02:30-03:30').map(formatComplaint)).toEqual([`maintenance-window/overlaps-backup

  The maintenance window sun:03:00-sun:04:00 overlaps the backup window 02:30-03:30, which is every day; RDS refuses that.

  Begin maintenance when the backup window has ended: MaintenanceWindow.weekly('sunday', '03:30')

  Source: AWS, CreateDBCluster, PreferredMaintenanceWindow and PreferredBackupWindow`]);
    expect(checkWindows(MaintenanceWindow.weekly('sunday', '03:30'), '02:30-03:30')).toEqual([]);
    expect(checkWindows(MaintenanceWindow.weekly('sunday', '03:00'), '${TfToken[TOKEN.1]}')).toEqual([]);
  });

  it.each(['01:00', '1:00-2:00', '01:00-01:29', '01:00-25:00', ''])('refuses %j as a backup window', (backup) => {
    expect(checkWindows(MaintenanceWindow.weekly('sunday', '03:00'), backup).map(formatComplaint)).toEqual([`maintenance-window/backup-window

  The backup window is ${JSON.stringify(backup)}; hh:mm-hh:mm in UTC is needed, of at least 30 minutes.

  For instance '01:00-02:00'.

  Source: AWS, CreateDBCluster, PreferredMaintenanceWindow and PreferredBackupWindow`]);
  });
});

function quietAlarm(window: MaintenanceWindow): Json {
  const stack = testStack();
  new MaintenanceQuiet(stack, 'Quiet', { window, database: DATABASE });
  return synthesizeStack(stack).resource(CloudwatchMetricAlarm);
}

/** The value of the alarm's own expressions for the minute that begins at a time; `clock` is a period, of which only the time matters. */
function valueAt(alarm: Json, time: Date): number {
  const functions: Record<string, unknown> = {
    DAY: () => ((time.getUTCDay() + 6) % 7) + 1, HOUR: () => time.getUTCHours(), MINUTE: () => time.getUTCMinutes(), IF: (condition: boolean, then: number, otherwise: number) => (condition ? then : otherwise), clock: null,
  };
  for (const { id, expression } of alarm.metric_query as Json[]) {
    if (expression === undefined) continue;
    const code = (expression as string).replaceAll(' AND ', ' && ').replaceAll(' OR ', ' || ');
    // What else stands in it is not known here, and throws.
    functions[id] = new Function(...Object.keys(functions), `return ${code}`)(...Object.values(functions));
  }
  const { id } = (alarm.metric_query as Json[]).find(({ return_data }) => return_data === true);
  return functions[id] as number;
}

describe('the alarm of a maintenance window', () => {
  it.each([
    ['sunday', '03:00', 60], ['sunday', '23:30', 60], ['monday', '00:02', 30], ['wednesday', '12:00', 23 * 60], ['sunday', '23:00', 60],
  ] as const)('rings from five minutes before %s %s for %d minutes, in two weeks minute by minute, and at no other time', (day, start, minutes) => {
    const window = MaintenanceWindow.weekly(day, start, Duration.minutes(minutes));
    const alarm = quietAlarm(window);
    // 2026-11-23 is a Monday.
    const monday = Date.UTC(2026, 10, 23);
    const [hour, minute] = start.split(':').map(Number);
    const first = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].indexOf(day) * 1440 + (hour ?? 0) * 60 + (minute ?? 0);
    const rings = (at: number): boolean => [-10080, 0, 10080].some((week) => at >= first + week - 5 && at < first + week + minutes);
    const wrong = Array.from({ length: 14 * 1440 }, (_, at) => at).filter((at) => (valueAt(alarm, new Date(monday + at * 60_000)) >= alarm.threshold) !== rings(at % 10080));
    expect(wrong).toEqual([]);
  });

  it('has a clock of the database, decides in one minute, and is OK without data: it cannot keep alarms quiet for ever', () => {
    const alarm = quietAlarm(MaintenanceWindow.weekly('sunday', '03:00'));
    expect(alarm).toMatchObject({ alarm_name: 'shop-maintenance', comparison_operator: 'GreaterThanOrEqualToThreshold', threshold: 1, evaluation_periods: 1, datapoints_to_alarm: 1, treat_missing_data: 'notBreaching' });
    expect(alarm.metric_query[0]).toEqual({ id: 'clock', return_data: false, metric: { namespace: 'AWS/RDS', metric_name: 'CPUUtilization', dimensions: { DBClusterIdentifier: 'shop' }, period: 60, stat: 'SampleCount' } });
    expect(alarm.alarm_description).toBe('In ALARM while AWS may maintain shop (sun:03:00-sun:04:00 UTC, and 5 minutes before). It keeps other alarms quiet and is no fault.');
    expect(Object.keys(alarm).filter((key) => key.endsWith('_actions'))).toEqual([]);
  });

  it('has the clock of an instance where AWS publishes nothing of the cluster as a whole', () => {
    const stack = testStack();
    new MaintenanceQuiet(stack, 'Quiet', { window: MaintenanceWindow.weekly('sunday', '03:00'), database: DATABASES['RDS MySQL, Multi-AZ cluster'] });
    new MaintenanceQuiet(stack, 'Aurora', { window: MaintenanceWindow.weekly('sunday', '03:00'), database: DATABASES['Aurora MySQL'] });
    expect(synthesizeStack(stack).resources(CloudwatchMetricAlarm).map(({ arguments: { metric_query: [clock] } }) => clock.metric.dimensions)).toEqual([{ DBClusterIdentifier: 'shop' }, { DBInstanceIdentifier: 'shop-instance-1' }]);
  });

  it('is a suppressor that delays no alarm at other times by more than a second', () => {
    const stack = testStack();
    const { suppressor } = new MaintenanceQuiet(stack, 'Quiet', { window: MaintenanceWindow.weekly('sunday', '03:00'), database: DATABASE, alarmName: 'calm' });
    new CloudwatchCompositeAlarm(stack, 'Composite', { alarmName: 'composite', alarmRule: 'ALARM(other)', actionsSuppressor: suppressor });
    const synthesized = synthesizeStack(stack);
    expect(synthesized.resource(CloudwatchCompositeAlarm).actions_suppressor).toEqual({ alarm: `\${${synthesized.resources(CloudwatchMetricAlarm)[0]?.address}.alarm_name}`, wait_period: 1, extension_period: 120 });
    expect(synthesized.resource(CloudwatchMetricAlarm).alarm_name).toBe('calm');
  });
});
