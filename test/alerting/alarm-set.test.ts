import { CloudwatchCompositeAlarm } from '@cdktf/provider-aws/lib/cloudwatch-composite-alarm';
import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { TerraformResource, Token } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { AlarmSet, type AlarmSetProps } from '../../lib/alerting/alarm-set';
import { alarmsFor } from '../../lib/alerting/catalogue';
import { MaintenanceQuiet } from '../../lib/alerting/maintenance-quiet';
import { MaintenanceWindow } from '../../lib/alerting/maintenance-window';
import type { MonitoredDatabase } from '../../lib/alerting/monitored-database';
import { Duration } from '../../lib/core/duration';
import { CloudWatch, MetricStore } from '../support/cloudwatch';
import { expectRefusal, type Json, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';
import { DATABASE_NAMES, DATABASES } from './databases';
import { DAY, healthy, HOUR, MINUTE, MONDAY, publish } from './day';
import { importedChannel } from './fixture';

const AURORA = DATABASES['Aurora PostgreSQL'];
const topic = (severity: string): string[] => [`arn:aws:sns:eu-central-1:123456789012:${severity}`];

interface Made {
  readonly stack: SynthesizedStack;
  readonly set: AlarmSet;
  readonly alarm: (name: string) => Json;
}

function make(database: MonitoredDatabase, { window, ...more }: Partial<AlarmSetProps> & { readonly window?: MaintenanceWindow } = {}): Made {
  const stack = testStack();
  const quiet = window === undefined ? undefined : new MaintenanceQuiet(stack, 'Quiet', { window, database }).suppressor;
  const set = new AlarmSet(stack, 'Alarms', { database, alerts: importedChannel(stack), quiet, ...more });
  const synthesized = synthesizeStack(stack);
  const all = [CloudwatchMetricAlarm, CloudwatchCompositeAlarm].flatMap((type) => synthesized.resources(type));
  return { stack: synthesized, set, alarm: (name) => all.find(({ arguments: json }) => json.alarm_name === name)?.arguments };
}

const refused = (more: Partial<AlarmSetProps>, codes: string | string[], message: string): void => expectRefusal(() => make(AURORA, more), codes, message);

describe('AlarmSet', () => {
  const aurora = make(AURORA);

  it('makes the alarms that the catalogue has for the database, under stable names', () => {
    expect([...aurora.set.alarms.keys()].sort()).toEqual([
      'cache-hits', 'connection-limits', 'connections', 'connections-readers', 'connections-refused', 'cpu', 'cpu-readers', 'deadlocks', 'errors', 'failed-logins',
      'instance-silent/a', 'instance-silent/b', 'io-wait/a', 'io-wait/b', 'latency-commits', 'load/a', 'load/b', 'memory', 'memory-exhausted/a', 'memory-exhausted/b', 'memory-readers',
      'out-of-memory', 'overload/a', 'overload/b', 'permission-denied', 'read-latency', 'replica-lag', 'slow-statements', 'swap', 'swap-readers', 'temporary-storage', 'temporary-storage-readers',
      'transaction-ids', 'transaction-logs', 'volume', 'volume-days', 'write-latency', 'writer-down',
    ]);
    expect(aurora.stack.resources(CloudwatchMetricAlarm)).toHaveLength(aurora.set.alarms.size);
  });

  it('an alarm says what is the matter, from where on, and what to do', () => {
    expect(aurora.alarm('shop-connections')).toEqual({
      alarm_name: 'shop-connections',
      alarm_description: 'The writer will soon refuse connections. Limit: 90 % of max_connections (1440 Count). What to do: npx tenantry explain connections',
      namespace: 'AWS/RDS', metric_name: 'DatabaseConnections', dimensions: { DBClusterIdentifier: 'shop', Role: 'WRITER' }, statistic: 'Maximum', period: 60,
      comparison_operator: 'GreaterThanThreshold', threshold: 1440, evaluation_periods: 5, datapoints_to_alarm: 5, treat_missing_data: 'missing',
      alarm_actions: topic('warning'), ok_actions: topic('warning'),
    });
  });

  it('metric maths tells the days until the storage is full', () => {
    const { metric_query: queries, threshold } = aurora.alarm('shop-volume-days');
    expect({ queries, threshold }).toEqual({
      queries: [
        { id: 'used', metric: { namespace: 'AWS/RDS', metric_name: 'VolumeBytesUsed', dimensions: { DBClusterIdentifier: 'shop' }, period: 86_400, stat: 'Average' }, return_data: false },
        { id: 'result', expression: 'IF(RATE(used) > 0, (140737488355328 - used) / (RATE(used)) / 86400, 3650)', label: '14 days', return_data: true },
      ],
      threshold: 14,
    });
  });

  it('a percentile is an extended statistic, whatever the number of samples', () => {
    const { extended_statistic, statistic, evaluate_low_sample_count_percentiles } = aurora.alarm('shop-read-latency');
    expect({ extended_statistic, statistic, evaluate_low_sample_count_percentiles }).toEqual({ extended_statistic: 'p90', statistic: undefined, evaluate_low_sample_count_percentiles: 'evaluate' });
  });

  it('what is counted in logs has no dimension', () => {
    const { namespace, metric_name, dimensions } = aurora.alarm('shop-failed-logins');
    expect({ namespace, metric_name, dimensions }).toEqual({ namespace: 'Tenantry/Logs/shop', metric_name: 'FailedLogins', dimensions: undefined });
  });

  it('readers are watched by their role, and never one by one', () => {
    for (const { arguments: { alarm_name: name, dimensions } } of aurora.stack.resources(CloudwatchMetricAlarm).filter(({ arguments: json }) => json.alarm_name.includes('-readers'))) {
      expect([name, dimensions]).toEqual([name, { DBClusterIdentifier: 'shop', Role: 'READER' }]);
    }
    expect([...make({ ...AURORA, readers: 0 }).set.alarms.keys()].filter((key) => key.includes('readers'))).toEqual([]);
  });

  it.each(DATABASE_NAMES)('%s: processors, memory, storage and connections are watched', (name) => {
    const ids = alarmsFor(DATABASES[name]).map(({ id }) => id);
    expect(ids).toContain('cpu');
    expect(ids).toContain('connections');
    expect(ids.some((id) => id.startsWith('memory'))).toBe(true);
    expect(ids).toContain('read-latency');
    expect(ids).toContain('write-latency');
    expect(ids.filter((id) => /^(storage|volume)/.test(id)).length).toBeGreaterThan(0);
  });

  it('on RDS each instance is watched, since each can become the writer', () => {
    const names = make(DATABASES['RDS MySQL, Multi-AZ cluster']).stack.resources(CloudwatchMetricAlarm).filter(({ arguments: json }) => json.metric_name === 'CPUUtilization');
    expect(names.map(({ arguments: { alarm_name, dimensions } }) => [alarm_name, dimensions])).toEqual([1, 2, 3].map((i) => [`shop-cpu-instance-${i}`, { DBInstanceIdentifier: `shop-instance-${i}` }]));
  });

  it('a single instance has the names of a cluster', () => {
    const { alarm, set } = make(DATABASES['RDS PostgreSQL, Multi-AZ instance']);
    expect(alarm('shop-cpu').dimensions).toEqual({ DBInstanceIdentifier: 'shop' });
    expect(set.alarms.has('instance-silent')).toBe(true);
  });

  it('where a database pauses, nothing that is missing is a fault', () => {
    const { stack, set } = make(DATABASES['Aurora PostgreSQL that pauses']);
    expect(new Set(stack.resources(CloudwatchMetricAlarm).map(({ arguments: json }) => json.treat_missing_data))).toEqual(new Set(['notBreaching']));
    expect(set.serviceDown).toBeDefined();
    const cloudWatch = new CloudWatch(stack, new MetricStore());
    cloudWatch.run({ from: MONDAY, to: MONDAY + HOUR });
    expect(new Set(cloudWatch.changes.map(({ state }) => state))).toEqual(new Set(['OK']));
  });

  it('with topics of the severity, and the critical ones by name', () => {
    expect(aurora.alarm('shop-instance-silent-a').alarm_actions).toEqual(topic('critical'));
    expect(aurora.set.telling.critical).toEqual(['shop-instance-silent-a', 'shop-instance-silent-b', 'shop-memory-exhausted-a', 'shop-memory-exhausted-b', 'shop-service-down']);
    expect(aurora.set.telling.warning).not.toContain('shop-writer-down');
  });

  it('come after the instances and go before them, because one that is not there is silent', () => {
    const stack = testStack();
    const instance = new TerraformResource(stack, 'Instance', { terraformResourceType: 'aws_rds_cluster_instance' });
    new AlarmSet(stack, 'Alarms', { database: AURORA, alerts: importedChannel(stack), dependsOn: [instance] });
    const alarms = synthesizeStack(stack).resources(CloudwatchMetricAlarm);
    expect(alarms.filter(({ arguments: json }) => json.depends_on?.[0] !== 'aws_rds_cluster_instance.Instance')).toEqual([]);
  });

  it('addresses do not depend on what else there is', () => {
    const addresses = (made: Made): string[] => made.stack.addresses().filter((address) => address.startsWith('aws_cloudwatch_metric_alarm.'));
    const three = addresses(make({ ...AURORA, instanceIdentifiers: ['shop-c', 'shop-a', 'shop-b'] }, { window: MaintenanceWindow.weekly('sunday', '03:00') }));
    expect(three).toEqual(expect.arrayContaining(addresses(aurora)));
  });
});

describe('overrides', () => {
  it('change a threshold, and leave an alarm out', () => {
    const { alarm, set } = make(AURORA, { overrides: { 'cpu': { threshold: 75 }, 'load': { disabled: 'Batches run all day.' } }, runbooks: 'https://wiki.example.com/databases' });
    expect(alarm('shop-cpu').threshold).toBe(75);
    expect(alarm('shop-cpu').alarm_description).toBe('The processors of the writer have been busy for minutes. Limit: 90 % (75 Percent). Runbook: https://wiki.example.com/databases#cpu');
    expect([...set.alarms.keys()].filter((key) => key.startsWith('load'))).toEqual([]);
  });

  it('a threshold that only Terraform knows is not checked', () => {
    const threshold = Token.asNumber('${var.threshold}');
    expect(make(AURORA, { overrides: { cpu: { threshold } } }).alarm('shop-cpu').threshold).toBe('${var.threshold}');
  });

  it('are refused, all at once', () => {
    refused({ overrides: { 'conections': { threshold: 1 }, 'storage': { threshold: 1 }, 'cpu': { threshold: -1 }, 'load': { disabled: ' ' } } }, ['alerting/unknown-alarm', 'alerting/alarm-not-there', 'alerting/threshold', 'alerting/no-reason'], `alerting/unknown-alarm  at staging-data/Alarms

  An override names the alarm conections, which the catalogue does not have.

  Did you mean connections?

alerting/alarm-not-there  at staging-data/Alarms

  An override names the alarm storage, which is not made here: it is for RDS with storage of a fixed size.

  Leave the override out.

alerting/threshold  at staging-data/Alarms

  An override gives the alarm cpu the threshold -1; it takes a number from 0 to 100, in Percent.

  Leave it out for 90.

alerting/no-reason  at staging-data/Alarms

  An override disables the alarm load without a reason.

  Say why:   'load': { disabled: '…' }`);
  });

  it('an alarm that resembles none', () => {
    refused({ overrides: { xyz: { threshold: 1 } } }, 'alerting/unknown-alarm', `alerting/unknown-alarm  at staging-data/Alarms

  An override names the alarm xyz, which the catalogue does not have.

  The README of lib/alerting prints all of them.`);
  });

  it('those that leave nothing to tell of an outage are warned of, where no objective refuses them', () => {
    const disabled = { disabled: 'Another program watches it.' };
    const warnings = (overrides: AlarmSetProps['overrides']): unknown[] => make({ ...AURORA, osMetrics: false, notifyWithin: undefined }, { overrides }).set.node.metadata.filter(({ type }) => type === '@cdktf/warn').map(({ data }) => data);
    expect(warnings({ 'writer-down': disabled, 'cpu': { threshold: 80 } })).toEqual(['No alarm is left that tells when this database is down. Disabled: writer-down.']);
    expect(warnings({ cpu: disabled })).toEqual([]);
  });

  it('OsMetrics is not the way out where it would be refused all the same', () => {
    expectRefusal(() => make({ ...AURORA, osMetrics: false, notifyWithin: Duration.seconds(10) }, { overrides: { 'writer-down': { disabled: 'x' } } }), 'alerting/outage-not-noticed', `alerting/outage-not-noticed  at staging-data/Alarms

  objectives.notifyWithin is 10 seconds, but no alarm tells that this database is down: the samples of its operating
  system do not become metrics, and RDS publishes none that says it.

  Add OsMetrics to a stack of this account:   osMetrics: new OsMetrics(…),
  which tells after 55 seconds at worst: give notifyWithin: Duration.seconds(55) besides,
  or leave notifyWithin out.

  Source: Amazon CloudWatch User Guide, Alarm evaluation; lib/alerting/detection.ts`);
  });

  it('an objective that is not kept is refused with them', () => {
    expectRefusal(() => make({ ...AURORA, notifyWithin: Duration.seconds(50) }), ['alerting/notice-not-kept', 'alerting/notice-not-kept'], `alerting/notice-not-kept  at staging-data/Alarms

  objectives.notifyWithin is 50 seconds, but memory-exhausted tells after 55 seconds at worst:
  10 until a period shows it, 20 of periods that breach, 15 on the way, 10 until the next evaluation.

  Accept it here:   objectives: { notifyWithin: Duration.seconds(55) }

  Source: Amazon CloudWatch User Guide, Alarm evaluation; lib/alerting/detection.ts · tenantry explain alerting/notice-not-kept

alerting/notice-not-kept  at staging-data/Alarms

  objectives.notifyWithin is 50 seconds, but service-down tells after 55 seconds at worst:
  10 until a period shows it, 30 of periods that breach, 10 until the next evaluation, 5 for the composite alarm.

  Accept it here:   objectives: { notifyWithin: Duration.seconds(55) }

  Source: Amazon CloudWatch User Guide, Alarm evaluation; lib/alerting/detection.ts · tenantry explain alerting/notice-not-kept`);
  });
});

describe('the composite alarm service-down', () => {
  const { set, stack } = make(AURORA);
  const wanted = set.resolved.filter(({ definition: { id } }) => ['instance-silent', 'writer-down', 'connections-refused'].includes(id));
  const names = [...wanted.map(({ alarmName }) => alarmName), 'shop-service-down'];
  const ONSET = 12 * HOUR + 7;

  /** What is told of `service-down`, in seconds after the beginning; from then on these metrics are as given. */
  function told(fault: (metric: string, instance: string | undefined) => number | undefined | 'healthy'): number | undefined {
    const store = publish(wanted, AURORA, (metric, { dimensions }) => {
      const usual = healthy(metric, AURORA);
      return (second) => {
        const value = second < ONSET ? 'healthy' : fault(metric, dimensions.DBInstanceIdentifier);
        return value === 'healthy' ? usual(second) : value;
      };
    }, { from: 11 * HOUR, to: ONSET + 20 * MINUTE, offset: 2 });
    const cloudWatch = new CloudWatch(stack, store, (name) => names.includes(name));
    cloudWatch.run({ from: MONDAY + 11.5 * HOUR, to: MONDAY + 12 * HOUR + 10 * MINUTE, phase: 3 });
    const at = cloudWatch.firstTold('shop-service-down');
    return at === undefined ? undefined : at - MONDAY - ONSET;
  }

  it('has a rule of all causes', () => {
    expect(stack.resource(CloudwatchCompositeAlarm).alarm_rule.replaceAll(/\$\{aws_cloudwatch_metric_alarm\.Alarms_([a-z-]+)_[0-9A-F]+\.alarm_name\}|\$\{aws_cloudwatch_metric_alarm\.Alarms_([a-z-]+)_([a-z])_[0-9A-F]+\.alarm_name\}/g, '$1$2 $3')).toBe(
      '(ALARM("instance-silent-of a") AND ALARM("instance-silent-of b")) OR ALARM("writer-down ") OR ALARM("connections-refused ")',
    );
    expect(stack.resource(CloudwatchCompositeAlarm).alarm_description).toBe('The service is down: no instance sends samples, or no writer runs, or new connections are refused. What to do: npx tenantry explain service-down');
  });

  it('[DBAAS-4.2] is told within a minute when all instances are gone', () => {
    const seconds = told((metric) => (metric === 'Heartbeat' || metric === 'EngineUptime' ? undefined : 'healthy'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
  });

  it('not when one of two is gone', () => {
    expect(told((metric, instance) => (metric === 'Heartbeat' && instance === 'shop-a' ? undefined : 'healthy'))).toBeUndefined();
  });

  it('within six minutes when the engine of the writer does not run, though its machine does', () => {
    expect(told((metric) => (metric === 'EngineUptime' ? 0 : 'healthy'))).toBeLessThanOrEqual(365);
  });

  it('within four minutes when connections are refused', () => {
    expect(told((metric) => (metric === 'ConnectionsExhausted' ? 3 : 'healthy'))).toBeLessThanOrEqual(245);
  });

  it('of a single instance', () => {
    expect(make(DATABASES['RDS PostgreSQL, Multi-AZ instance']).stack.resource(CloudwatchCompositeAlarm).alarm_rule).toMatch(/^ALARM\("[^"]*instance-silent[^"]*"\) OR ALARM\("[^"]*connections-refused[^"]*"\)$/);
  });
});

describe('maintenance', () => {
  const window = MaintenanceWindow.weekly('monday', '03:00');
  const { set, stack, alarm } = make(AURORA, { window });
  const SILENT = 'shop-instance-silent-a-outside-maintenance';
  const names = ['shop-instance-silent-a', SILENT, 'shop-maintenance', 'shop-cpu'];
  const wanted = set.resolved.filter(({ alarmName }) => names.includes(alarmName));

  it('what is quiet then tells through a composite alarm, and nothing else does', () => {
    expect(alarm('shop-instance-silent-a').alarm_actions).toBeUndefined();
    expect(alarm(SILENT).alarm_actions).toEqual(topic('critical'));
    expect(alarm('shop-cpu').alarm_actions).toEqual(topic('warning'));
    expect(set.telling.critical).toContain(SILENT);
    const quiet = stack.resources(CloudwatchCompositeAlarm).filter(({ arguments: json }) => json.actions_suppressor !== undefined).map(({ arguments: json }) => json.alarm_name);
    expect(new Set(quiet)).toEqual(new Set(['shop-cache-hits', 'shop-errors', 'shop-instance-silent-a', 'shop-instance-silent-b', 'shop-replica-lag'].map((name) => `${name}-outside-maintenance`)));
  });

  /** An instance that is gone for six minutes, twice: in the window and outside. */
  function told(): { alarm: string; minute: number }[] {
    const gone = (second: number): boolean => [3 * HOUR + 600, 5 * HOUR].some((from) => second >= from && second < from + 360);
    const store = publish(wanted, AURORA, (metric) => {
      const usual = healthy(metric, AURORA);
      return (second) => (metric === 'Heartbeat' && gone(second) ? undefined : metric === 'CPUUtilization' && gone(second) ? 99 : usual(second));
    }, { from: 2 * HOUR, to: 6 * HOUR });
    store.put({ namespace: 'AWS/RDS', name: 'CPUUtilization', dimensions: { DBClusterIdentifier: 'shop' } }, []);
    const cloudWatch = new CloudWatch(stack, store, (name) => names.includes(name));
    cloudWatch.run({ from: MONDAY + 2.5 * HOUR, to: MONDAY + 5.5 * HOUR });
    return cloudWatch.told.filter(({ state }) => state === 'ALARM').map(({ alarm: name, time }) => ({ alarm: name, minute: Math.floor(((time - MONDAY) % DAY) / MINUTE) }));
  }

  it('quiets a silent instance, not busy processors, and ends with the window', () => {
    expect(told()).toEqual([{ alarm: 'shop-cpu', minute: 196 }, { alarm: SILENT, minute: 300 }, { alarm: 'shop-cpu', minute: 306 }]);
  });
});
