import { CloudwatchLogMetricFilter } from '@cdktf/provider-aws/lib/cloudwatch-log-metric-filter';
import { describe, expect, it } from 'vitest';
import { AlarmSet } from '../../lib/alerting/alarm-set';
import { ALARM_CATALOGUE } from '../../lib/alerting/catalogue';
import { detectionParts, sum } from '../../lib/alerting/detection';
import { LogMetrics } from '../../lib/alerting/log-metrics';
import type { ResolvedAlarm, ResolvedMetric } from '../../lib/alerting/resolve';
import { CloudWatch } from '../support/cloudwatch';
import { type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';
import { DATABASE_NAMES, type DatabaseName, DATABASES } from './databases';
import { DAY, healthy, HOUR, MINUTE, MONDAY, publish } from './day';
import { FAULTS } from './faults';
import { importedChannel } from './fixture';

interface Watched {
  readonly stack: SynthesizedStack;
  readonly resolved: readonly ResolvedAlarm[];
}

const made = new Map<DatabaseName, Watched>();
function watched(name: DatabaseName): Watched {
  const before = made.get(name);
  if (before !== undefined) return before;
  const stack = testStack();
  const { resolved } = new AlarmSet(stack, 'Alarms', { database: DATABASES[name], alerts: importedChannel(stack) });
  const now = { stack: synthesizeStack(stack), resolved };
  made.set(name, now);
  return now;
}

/** The first database that has the alarm. */
const databaseWith = (id: string): DatabaseName => DATABASE_NAMES.find((name) => ALARM_CATALOGUE.some((one) => one.id === id && one.applies(DATABASES[name])))!;

/** Seconds after whole minutes of the fault, of samples and of evaluations; share of the longest delay that RDS and others take; how far an alarm looks back, which AWS does not publish. */
const CASES = [[0, 0, 0, 1, 1, 2], [1, 0, 9, 0.1, 1, 1], [7, 4, 5, 1, 0.1, 5], [29, 1, 0, 1, 1, 1], [30, 59, 9, 1, 1, 5], [59, 30, 3, 1, 1, 2]] as const;

/** When the alarm is on, in seconds after the fault; undefined when it does not come. */
function detected(id: string): (number | undefined)[] {
  const name = databaseWith(id);
  const database = DATABASES[name];
  const { stack, resolved } = watched(name);
  const alarm = resolved.find(({ definition }) => definition.id === id)!;
  const { period, evaluationPeriods } = alarm.window;
  const limit = sum(detectionParts(alarm.definition, database));
  const fault = FAULTS[id]!;
  return CASES.map(([onsetPhase, offset, phase, ofRds, ofOthers, evaluationRangeMore]) => {
    const history = Math.ceil(((evaluationPeriods + evaluationRangeMore + 1) * period + HOUR) / HOUR) * HOUR;
    const onset = 20 * HOUR + history + onsetPhase;
    const store = publish([alarm], database, (metric) => {
      const [usual, faulty] = [healthy(metric, database), fault[metric]!(database)];
      return (second) => (second < onset ? usual(second) : faulty(second - onset));
    }, { from: 20 * HOUR, to: onset + limit + period, offset, delay: (_, assumed, namespace) => assumed * (namespace === 'AWS/RDS' ? ofRds : ofOthers) });
    const cloudWatch = new CloudWatch(stack, store, (alarmName) => alarmName === alarm.alarmName);
    cloudWatch.run({ from: MONDAY + onset - onsetPhase - HOUR, to: MONDAY + Math.ceil((onset + limit) / 10) * 10 + 10, phase, evaluationRangeMore });
    const at = cloudWatch.firstAlarm(alarm.alarmName);
    return at === undefined ? undefined : at - MONDAY - onset;
  });
}

/** Whether the fault raises the alarm in time, whatever the phases. */
function expectInTime(id: string): void {
  const parts = detectionParts(ALARM_CATALOGUE.find((one) => one.id === id)!, DATABASES[databaseWith(id)]);
  const limit = sum(parts) - parts.composite;
  const times = detected(id);
  for (const time of times) {
    expect(time, `${id}: ${times.join(', ')} of ${limit}`).toBeGreaterThan(0);
    expect(time, `${id}: ${times.join(', ')} of ${limit}`).toBeLessThanOrEqual(limit);
  }
  // And it is no empty bound: one comes close to it.
  expect(Math.max(...times.map(Number)), `${id}: ${times.join(', ')} of ${limit}`).toBeGreaterThan(limit * 0.6);
}

/** Rows that all of their alarms show together. */
const DAYS = ['storage-days', 'storage-ceiling-days', 'volume-days', 'volume-left-days'];
const CONNECTIONS = ['connections', 'connections-readers', 'connections-refused'];

describe('a fault raises its alarm within the time that is computed for it', () => {
  it('there is a fault for each alarm, and each alarm is had by a database', () => {
    expect(Object.keys(FAULTS).sort()).toEqual(ALARM_CATALOGUE.map(({ id }) => id).sort());
    expect(ALARM_CATALOGUE.filter(({ id }) => databaseWith(id) === undefined)).toEqual([]);
  });

  it.each(ALARM_CATALOGUE.map(({ id }) => id).filter((id) => ![...DAYS, ...CONNECTIONS, 'slow-statements'].includes(id)))('%s', expectInTime);

  it(`[ASM-4.2] storage that will be full in days: ${DAYS.join(', ')}`, () => {
    DAYS.forEach(expectInTime);
  });

  it(`[ASM-4.1] slow statements and connections: slow-statements, ${CONNECTIONS.join(', ')}`, () => {
    ['slow-statements', ...CONNECTIONS].forEach(expectInTime);
  });

  it.each(['Aurora PostgreSQL', 'Aurora MySQL'] as const)('[DBAAS-11.6] %s: a filter on its log counts what the alarm on slow statements looks at', (name) => {
    const database = DATABASES[name];
    const stack = testStack();
    new LogMetrics(stack, 'LogMetrics', { database, logGroups: Object.fromEntries(Object.entries(database.logGroupNames).map(([log, group]) => [log, { name: group }])) });
    const { resolved } = watched(name);
    const [{ namespace, name: metric, dimensions, statistic }] = resolved.find(({ key }) => key === 'slow-statements')!.metrics as [ResolvedMetric];
    const filters = synthesizeStack(stack).resources(CloudwatchLogMetricFilter).map(({ arguments: json }) => json).filter((json) => json.metric_transformation.name === metric);
    expect(filters.length).toBeGreaterThan(0);
    for (const filter of filters) expect(filter).toMatchObject({ metric_transformation: { namespace, value: '1' }, log_group_name: expect.stringMatching(/postgresql|slowquery/) });
    expect({ dimensions, statistic }).toEqual({ dimensions: {}, statistic: 'Sum' });
    expectInTime('slow-statements');
  });
});

describe('a healthy day raises none', () => {
  /** Samples come late now and then: those of the operating system as late as silence allows. */
  const late = (second: number, assumed: number): number => (second % DAY >= 16 * HOUR && second % DAY < 16 * HOUR + 5 * MINUTE ? (assumed === 15 ? 24 : 119) : assumed * (0.3 + 0.7 * Math.abs(Math.sin(second))));

  it.each(DATABASE_NAMES.filter((name) => ALARM_CATALOGUE.some(({ id }) => databaseWith(id) === name)))('%s', (name) => {
    const database = DATABASES[name];
    const { stack, resolved } = watched(name);
    // Each alarm once: instances, and databases of another kind, have the same day.
    const one = [...new Map([...resolved].reverse().map((alarm) => [alarm.definition.id, alarm])).values()].filter(({ definition: { id } }) => databaseWith(id) === name);
    const store = publish(one, database, (metric, { dimensions }) => {
      const usual = healthy(metric, database);
      // At one in the afternoon a reader is added, and is busy until its cache is warm.
      if (dimensions.Role !== 'READER' || metric !== 'CPUUtilization') return usual;
      return (second) => (second % DAY >= 13 * HOUR && second % DAY < 13 * HOUR + 12 * MINUTE ? 96 : usual(second));
    }, { from: 0, to: DAY, delay: late, offset: 3 });
    const cloudWatch = new CloudWatch(stack, store, (name) => one.some(({ alarmName }) => alarmName === name));
    cloudWatch.run({ from: MONDAY + HOUR / 2, to: MONDAY + DAY - 10, phase: 4 });
    expect(cloudWatch.changes.filter(({ state }) => state === 'ALARM')).toEqual([]);
    expect(cloudWatch.told.filter(({ state }) => state !== 'OK')).toEqual([]);
  });

  it.each(['Aurora PostgreSQL', 'Aurora MySQL', 'RDS PostgreSQL, Multi-AZ instance', 'RDS PostgreSQL, storage that grows'] as const)('nor does a week of %s, of what looks at days', (name) => {
    const database = DATABASES[name];
    const { stack, resolved } = watched(name);
    const days = resolved.filter(({ window: { period } }) => period === DAY);
    expect(days).toHaveLength(1);
    const store = publish(days, database, (metric) => healthy(metric, database), { from: 0, to: 7 * DAY });
    const cloudWatch = new CloudWatch(stack, store, (alarm) => days.some(({ alarmName }) => alarmName === alarm));
    cloudWatch.run({ from: MONDAY + 4 * DAY, to: MONDAY + 7 * DAY });
    expect(cloudWatch.changes.map(({ state }) => state)).toEqual(['OK']);
  });
});
