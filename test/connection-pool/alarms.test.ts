import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { DbEventSubscription } from '@cdktf/provider-aws/lib/db-event-subscription';
import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { POOL_ALARMS, type PoolAlarmDefinition } from '../../lib/alerting';
import { ConnectionPool, type ConnectionPoolProps, PoolAuth } from '../../lib/connection-pool';
import { Engine } from '../../lib/engine';
import { HaCluster } from '../../lib/ha-cluster';
import { importedChannel } from '../alerting/fixture';
import { CloudWatch, MetricStore, type Sample } from '../support/cloudwatch';
import { expectRefusal, importedNetwork, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';

const PROXY = 'shop-staging-data-pool';
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONDAY = Date.UTC(2026, 0, 5) / 1000;

function make(props: Partial<ConnectionPoolProps> = {}): SynthesizedStack {
  const stack = testStack();
  const cluster = HaCluster.fromHaClusterAttributes(stack, 'Cluster', { clusterIdentifier: 'shop', clusterResourceId: 'cluster-ABC', securityGroupId: 'sg-db', clientSecurityGroupId: 'sg-clients' });
  new ConnectionPool(stack, 'Pool', { cluster, network: importedNetwork(stack), auth: PoolAuth.iam(), alerts: importedChannel(stack), ...props });
  return synthesizeStack(stack);
}

type Course = (second: number) => number | undefined;
const WHOLE = { ProxyName: PROXY };
const WRITER = { ...WHOLE, TargetGroup: 'default', TargetRole: 'READ_WRITE' };
const READERS = { ...WRITER, TargetRole: 'READ_ONLY' };
const at = (second: number, hour: number, minutes: number): boolean => second % DAY >= hour * HOUR && second % DAY < hour * HOUR + minutes * MINUTE;

interface Published {
  readonly name: string;
  readonly dimensions: Record<string, string>;
  readonly course: Course;
}

/** A day on which nothing is wrong: a failover of two minutes at three in the night, bursts at nine and at noon, a login that is refused now and then, nobody from two to three. */
const HEALTHY: Readonly<Record<string, Published>> = {
  available: { name: 'AvailabilityPercentage', dimensions: WRITER, course: (t) => (at(t, 3, 2) ? 20 : 100) },
  readersAvailable: { name: 'AvailabilityPercentage', dimensions: READERS, course: (t) => (at(t, 3, 2) ? 40 : 100) },
  refused: { name: 'ClientConnectionsSetupFailedAuth', dimensions: WHOLE, course: (t) => (t % (11 * MINUTE) === 0 ? 2 : 0) },
  failed: { name: 'DatabaseConnectionsSetupFailed', dimensions: WHOLE, course: (t) => (at(t, 3, 2) ? 30 : 0) },
  lent: { name: 'DatabaseConnectionsCurrentlyBorrowed', dimensions: WRITER, course: (t) => (at(t, 9, 3) ? 800 : 200 + 300 * Math.max(0, Math.sin((t / DAY) * 2 * Math.PI))) },
  most: { name: 'MaxDatabaseConnectionsAllowed', dimensions: WRITER, course: () => 800 },
  lentByReaders: { name: 'DatabaseConnectionsCurrentlyBorrowed', dimensions: READERS, course: () => 100 },
  mostOfReaders: { name: 'MaxDatabaseConnectionsAllowed', dimensions: READERS, course: () => 1600 },
  wait: { name: 'DatabaseConnectionsBorrowLatency', dimensions: WHOLE, course: (t) => (at(t, 2, 60) ? undefined : at(t, 3, 2) ? 20_000_000 : at(t, 12, 1) ? 3_000_000 : 900) },
};

/** Two readers of the writer's size: what runs out on one side is less than half of the whole. */
const FAULTS: Readonly<Record<string, Readonly<Record<string, Course>>>> = {
  'pool-unavailable': { available: () => 0 },
  'pool-readers-unavailable': { readersAvailable: () => 0 },
  'pool-logins': { refused: () => 5 },
  'pool-databases': { failed: () => 1 },
  'pool-connections': { lent: () => 730 },
  'pool-readers-connections': { lentByReaders: () => 1500 },
  'pool-wait': { wait: () => 1_500_000 },
};

/** By the minute, `offset` seconds after it, seen up to a minute later. */
function publish(fault: Readonly<Record<string, Course>>, { onset, to, offset, delay }: { readonly onset: number; readonly to: number; readonly offset: number; readonly delay: number }): MetricStore {
  const store = new MetricStore();
  for (const [key, { name, dimensions, course }] of Object.entries(HEALTHY)) {
    const samples: Sample[] = [];
    for (let second = offset; second <= to; second += MINUTE) {
      const value = second >= onset && fault[key] !== undefined ? fault[key](second) : course(second);
      if (value !== undefined) samples.push({ time: MONDAY + second, value, arrival: MONDAY + second + delay });
    }
    store.put({ namespace: 'AWS/RDS', name, dimensions }, samples);
  }
  return store;
}

describe('the alarms of a connection pool', () => {
  let stack: SynthesizedStack;
  beforeAll(() => {
    stack = make({ readOnlyEndpoint: true });
  });

  it.each(POOL_ALARMS)('$id is told in time, whenever its fault begins, and tells the topic of its severity', ({ id, severity, detectsWithin }) => {
    const alarmName = `${PROXY}-${id}`;
    for (const [phase, offset, delay] of [[0, 0, 60], [1, 0, 60], [30, 59, 60], [59, 30, 5]] as const) {
      const onset = 21 * HOUR + phase;
      const cloudWatch = new CloudWatch(stack, publish(FAULTS[id]!, { onset, to: 22 * HOUR, offset, delay }), (name) => name === alarmName);
      cloudWatch.run({ from: MONDAY + 19 * HOUR, to: MONDAY + 22 * HOUR });
      const on = cloudWatch.firstAlarm(alarmName)! - MONDAY - onset;
      expect([on > 0, on <= detectsWithin.toSeconds()], `${on} seconds`).toEqual([true, true]);
      expect(cloudWatch.told.find(({ state }) => state === 'ALARM')?.topics).toEqual([`arn:aws:sns:eu-central-1:123456789012:${severity}`]);
    }
  });

  it('stay quiet through a healthy day with a failover, and where nobody has used the pool yet', () => {
    const cloudWatch = new CloudWatch(stack, publish({}, { onset: Infinity, to: DAY, offset: 7, delay: 60 }), (name) => name.startsWith(PROXY));
    cloudWatch.run({ from: MONDAY + 10 * MINUTE, to: MONDAY + DAY });
    expect(cloudWatch.metricAlarms.map(({ name }) => name)).toHaveLength(POOL_ALARMS.length);
    expect(cloudWatch.told.filter(({ state }) => state === 'ALARM')).toEqual([]);
    const unused = new CloudWatch(stack, new MetricStore(), (name) => name.startsWith(PROXY));
    unused.run({ from: MONDAY, to: MONDAY + HOUR });
    expect(unused.told.filter(({ state }) => state === 'ALARM')).toEqual([]);
  });

  it('[ASM-6.4] stand with those of its databases, go where theirs go, and together tell of connections that run out in the pool, in a database and of one login', () => {
    const both = testStack();
    const network = importedNetwork(both);
    const cluster = new HaCluster(both, 'Cluster', { network, engine: Engine.auroraPostgresql('17'), alerts: importedChannel(both) });
    new ConnectionPool(both, 'Pool', { cluster, network, auth: PoolAuth.iam() });
    const synthesized = synthesizeStack(both);
    const alarms = new Map(synthesized.resources(CloudwatchMetricAlarm).map(({ arguments: json }) => [json.alarm_name as string, json]));
    const names = ['shop-staging-data-pool-pool-connections', 'shop-staging-data-pool-pool-wait', 'shop-staging-data-cluster-connections', 'shop-staging-data-cluster-connections-refused', 'shop-staging-data-cluster-connection-limits'];
    expect(names.filter((name) => !alarms.has(name))).toEqual([]);
    expect(alarms.get(names[0]!)?.alarm_actions).toEqual(['arn:aws:sns:eu-central-1:123456789012:warning']);
    expect(synthesized.addresses().filter((address) => address.includes('AlertChannel'))).toEqual([]);
    // Nothing that happens to a pool is critical, so that it takes no subscription of the account.
    expect(synthesized.resources(DbEventSubscription).map(({ arguments: { source_type } }) => source_type as string).sort()).toEqual(['db-cluster', 'db-instance']);
    expect(synthesized.resources(CloudwatchEventRule).filter(({ arguments: { event_pattern } }) => event_pattern.includes('RDS DB Proxy Event')).map(({ arguments: { name } }) => name as string).sort()).toEqual(['shop-staging-data-pool-events-unlisted', 'shop-staging-data-pool-events-warning']);
  });

  it('take another figure, or are left out with a reason; what is no alarm of a pool is refused', () => {
    const changed = make({ alarms: { 'pool-wait': { threshold: 5_000_000 }, 'pool-logins': { disabled: 'the firewall counts them' } }, runbooks: 'https://runbooks.example.com/pools' });
    const alarms = changed.resources(CloudwatchMetricAlarm).map(({ arguments: json }) => json);
    // Without an address of readers there is nothing to say of them.
    expect(alarms.map(({ alarm_name }) => alarm_name as string).sort()).toEqual(['pool-connections', 'pool-databases', 'pool-unavailable', 'pool-wait'].map((id) => `${PROXY}-${id}`));
    expect(alarms.find(({ alarm_name }) => alarm_name === `${PROXY}-pool-wait`)).toMatchObject({ threshold: 5_000_000, alarm_description: 'Programs wait for a connection of the pool. Limit: a second (5000000 Microseconds). Runbook: https://runbooks.example.com/pools#pool-wait' });
    expectRefusal(() => make({ alarms: { 'pool-wit': { threshold: 1 }, 'pool-logins': { disabled: ' ' }, 'pool-readers-connections': { threshold: 80 }, 'pool-connections': { threshold: 8000 }, 'pool-databases': 5 as never } }),
      ['alerting/unknown-alarm', 'alerting/no-reason', 'alerting/alarm-not-there', 'alerting/threshold', 'alerting/override'], `alerting/unknown-alarm  at staging-data/Pool/Alarms

  An override names the alarm pool-wit, which the catalogue does not have.

  Did you mean pool-wait?

alerting/no-reason  at staging-data/Pool/Alarms

  An override disables the alarm pool-logins without a reason.

  Say why:   'pool-logins': { disabled: '…' }

alerting/alarm-not-there  at staging-data/Pool/Alarms

  An override names the alarm pool-readers-connections, which is not made here: it is for pools with readOnlyEndpoint.

  Leave the override out.

alerting/threshold  at staging-data/Pool/Alarms

  An override gives the alarm pool-connections the threshold 8000; it takes a number from 0 to 100, in Percent.

  Leave it out for 90.

alerting/override  at staging-data/Pool/Alarms

  An override of the alarm pool-databases is 5; either a threshold is allowed, or a reason to leave it out.

  'pool-databases': { threshold: 1 }   or   'pool-databases': { disabled: '…' }`);
  });

  it('stand in the README as they are, with the time that they take at most', () => {
    const told = ({ window: { period, datapoints } }: PoolAlarmDefinition): string => `${(MINUTE + period * datapoints + (period > MINUTE ? period : MINUTE) + MINUTE) / MINUTE} minutes`;
    const row = (alarm: PoolAlarmDefinition): string => {
      const { id, role, severity, metrics, comparison, limit, window: { datapoints, evaluationPeriods, period }, missing } = alarm;
      return `| [\`${id}\`](../alerting/RUNBOOKS.md#${id}) | ${role ?? 'all'} | ${severity} | ${Object.values(metrics).map(({ name, statistic }) => `\`${name}\` ${statistic}`).join(', ')} | ${comparison} ${limit} | ${datapoints} of ${evaluationPeriods} × ${period / MINUTE} min | ${told(alarm)} | ${missing} |`;
    };
    expect(readFileSync('lib/connection-pool/README.md', 'utf8')).toContain(`|---|---|---|---|---|---|---|---|\n${POOL_ALARMS.map(row).join('\n')}\n\n`);
    for (const alarm of POOL_ALARMS) expect(parseInt(told(alarm), 10), alarm.id).toBeLessThanOrEqual(alarm.detectsWithin.toSeconds() / MINUTE);
  });
});
