import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { CloudwatchLogMetricFilter } from '@cdktf/provider-aws/lib/cloudwatch-log-metric-filter';
import type { Client } from 'pg';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { AlarmSet } from '../../lib/alerting/alarm-set';
import { LogMetrics } from '../../lib/alerting/log-metrics';
import { LOG_METRICS } from '../../lib/alerting/metric-names';
import { databaseLogGroup } from '../../lib/construct/log-group';
import { EncryptionKey } from '../../lib/encryption';
import { CloudWatch, MetricStore } from '../support/cloudwatch';
import { matchesPattern } from '../support/cloudwatch/filter-pattern';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { type Json, synthesizeStack, testStack } from '../support/synth';
import { importedChannel, monitoredDatabase } from './fixture';

function filters(language: 'postgresql' | 'mysql', logs: readonly string[]): Json[] {
  const stack = testStack();
  const key = EncryptionKey.fromEncryptionKeyAttributes(stack, 'Key', { encryptionKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/k' });
  const logGroups = Object.fromEntries(logs.map((log) => [log, databaseLogGroup(stack, log, `/aws/rds/cluster/shop/${log}`, key)]));
  new LogMetrics(stack, 'LogMetrics', { database: monitoredDatabase({ language }), logGroups });
  const json = synthesizeStack(stack);
  const nameOf = new Map(json.resources(CloudwatchLogGroup).map(({ address, arguments: { name } }) => [`\${${address}.name}`, name]));
  return json.resources(CloudwatchLogMetricFilter).map(({ arguments: args }) => ({ ...args, log: nameOf.get(args.log_group_name) }));
}

/** Names of the synthesized alarms that go on when lines come at these seconds, which their metrics show a minute later. */
function alarmsOf(lines: readonly { readonly line: string; readonly at: number }[]): string[] {
  const stack = testStack();
  new AlarmSet(stack, 'Alarms', { database: monitoredDatabase(), alerts: importedChannel(stack) });
  const all = filters('postgresql', ['postgresql']);
  const store = new MetricStore();
  for (const metric of new Set(all.map(({ metric_transformation: { name } }) => name as string))) {
    const ofMetric = all.filter(({ metric_transformation: { name } }) => name === metric);
    store.put({ namespace: ofMetric[0].metric_transformation.namespace, name: metric, dimensions: {} }, lines.flatMap(({ line, at }) => ofMetric.map(({ pattern, metric_transformation: { value, default_value } }) => (
      { time: START + at, value: Number(matchesPattern(pattern, line) ? value : default_value), arrival: START + at + 60 }))));
  }
  const cloudWatch = new CloudWatch(synthesizeStack(stack), store, (name) => LOG_ALARMS.test(name));
  cloudWatch.run({ from: START - 3600, to: START + 3600 });
  return [...new Set(cloudWatch.changes.filter(({ state }) => state === 'ALARM').map(({ alarm }) => alarm))];
}
/** A whole hour. */
const START = 1_800_000_000;
/** Those that rest on the logs alone. */
const LOG_ALARMS = /^shop-(slow-statements|failed-logins|permission-denied|deadlocks|connections-refused|connection-limits|out-of-memory|errors)$/;

/** What the synthesized filters of one log count in its lines, by metric; each line at most once for a metric. */
function counted(all: readonly Json[], log: string, lines: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of lines) {
    const metrics = all.filter((filter) => filter.log === `/aws/rds/cluster/shop/${log}` && matchesPattern(filter.pattern, line)).map(({ metric_transformation: { name } }) => name as string);
    expect(metrics, `counted twice: ${line}`).toEqual([...new Set(metrics)]);
    for (const name of metrics) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('metrics from logs', () => {
  const postgresql = filters('postgresql', ['postgresql', 'iam-db-auth-error']);

  it('count matching lines in a namespace of the cluster, because a line does not name it, and 0 for the others', () => {
    expect(postgresql.find(({ name }) => name === 'shop-deadlocks')).toMatchObject({
      log: '/aws/rds/cluster/shop/postgresql', pattern: '"ERROR:  deadlock detected"', metric_transformation: { namespace: 'Tenantry/Logs/shop', name: 'Deadlocks', value: '1', default_value: '0', unit: 'Count' },
    });
    for (const { metric_transformation: { dimensions } } of postgresql) expect(dimensions).toBeUndefined();
  });

  it('make every metric that the catalogue may name', () => {
    const made = (all: readonly Json[]) => [...new Set(all.map(({ metric_transformation: { name } }) => name as string))].sort();
    expect(made(postgresql)).toEqual(Object.values(LOG_METRICS).sort());
    expect(made(filters('mysql', ['audit', 'error', 'slowquery']))).toEqual(Object.values(LOG_METRICS).filter((name) => name !== LOG_METRICS.permissionDenied && name !== LOG_METRICS.connectionLimits).sort());
  });

  it('are there for the logs that are exported, and count a failed login in one of two', () => {
    expect(filters('postgresql', [])).toEqual([]);
    expect(filters('mysql', ['error']).map(({ name }) => name)).toEqual(['shop-connections-exhausted', 'shop-deadlocks', 'shop-errors', 'shop-failed-logins', 'shop-out-of-memory']);
    expect(filters('mysql', ['audit', 'error']).map(({ name }) => name)).toEqual(['shop-connections-exhausted', 'shop-deadlocks', 'shop-errors', 'shop-failed-logins-audit', 'shop-out-of-memory']);
  });

  it('know the lines of MySQL', () => {
    const all = filters('mysql', ['audit', 'error', 'slowquery']);
    expect(counted(all, 'slowquery', ['# Time: 2026-11-21T10:00:00.000000Z\n# User@Host: app[app] @  [10.0.0.1]  Id:     8\n# Query_time: 2.000212  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1\nSET timestamp=1763719200;\nselect sleep(2);'])).toEqual({ SlowStatements: 1 });
    expect(counted(all, 'audit', ['20261121 10:00:00,ip-10-0-0-1,app,10.0.0.1,12,0,FAILED_CONNECT,,,1045', '20261121 10:00:00,ip-10-0-0-1,app,10.0.0.1,13,0,CONNECT,,,0'])).toEqual({ FailedLogins: 1 });
    expect(counted(all, 'error', [
      '2026-11-21T10:00:00.000000Z 0 [Note] [MY-012468] [InnoDB] Transactions deadlock detected, dumping detailed information.',
      '2026-11-21T10:00:00.000000Z 0 [ERROR] [MY-010934] [Server] Out of memory (Needed 4194304 bytes)',
      '2026-11-21T10:00:00.000000Z 0 [Warning] [MY-010055] [Server] IP address could not be resolved',
      '2026-11-21T10:00:00.000000Z 9 [Note] [MY-010914] [Server] Too many connections',
    ])).toEqual({ Deadlocks: 1, OutOfMemory: 1, Errors: 1, ConnectionsExhausted: 1 });
  });

  it('know the lines of PostgreSQL that no test can cause', () => {
    const line = (text: string) => `2026-11-21 10:00:00 UTC:10.0.0.1(40000):app@shop:[1234]:${text}`;
    expect(counted(postgresql, 'postgresql', [line('ERROR:  out of memory'), line('FATAL:  PAM authentication failed for user "app"'), line('PANIC:  could not write to file "pg_wal/xlogtemp.1": No space left on device'), line('FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "app", database "shop", no encryption'), line('FATAL:  sorry, too many clients already'), line('FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute')]))
      .toEqual({ OutOfMemory: 1, FailedLogins: 2, Errors: 1, ConnectionsExhausted: 2 });
  });

  describeNewest('lines of a real server', () => {
    let server: TestServer;
    let folder: string;
    const lines = (): string[] => readdirSync(folder).sort().flatMap((name) => readFileSync(join(folder, name), 'utf8').split(/\n(?!\t)/)).filter((line) => line !== '');

    beforeAll(async () => {
      server = await startTestServer({ settings: {
        logging_collector: 'on', log_filename: 'server.log', log_line_prefix: '%t:%r:%u@%d:[%p]:', log_min_duration_statement: '200ms', log_duration: 'on', deadlock_timeout: '50ms', log_connections: 'on',
      } });
      folder = join(server.dataDirectory, 'log');
      await server.runAsSuperuser("create table secret (id int, tenant text); insert into secret values (1, 'a'), (2, 'a'); create role app login password 'p' connection limit 2; create role reader login password 'p'; create table open (id int); alter table open enable row level security; grant all on open to app; create table pair (id int primary key, n int); insert into pair values (1, 0), (2, 0); grant all on pair to reader");
    });

    let step = 0;
    /** What is logged of something that is done, and of nothing before it. A line at its end tells that the log, which another process writes, has arrived there. */
    async function linesOf(what: () => Promise<unknown>): Promise<string[]> {
      const before = lines().length;
      await what();
      const end = `end of step ${(step += 1)}`;
      await server.runAsSuperuser(`do $$ begin raise log '${end}'; end $$`);
      await vi.waitFor(() => expect(lines().some((line) => line.endsWith(`LOG:  ${end}`))).toBe(true), { timeout: 10_000 });
      return lines().slice(before);
    }
    const logged = async (what: () => Promise<unknown>): Promise<Record<string, number>> => counted(postgresql, 'postgresql', await linesOf(what));
    const refused = (client: Client, sql: string): Promise<void> => client.query(sql).then(() => { throw new Error(`not refused: ${sql}`); }, () => undefined);

    it('count a statement that takes longer than the threshold, sent plainly or with parameters, and no fast one', async () => {
      const client = await server.admin();
      expect(await logged(() => client.query('select pg_sleep(0.3)'))).toEqual({ SlowStatements: 1 });
      expect(await logged(() => client.query('select pg_sleep($1)', [0.3]))).toEqual({ SlowStatements: 1 });
      expect(await logged(() => client.query('select 1'))).toEqual({});
      expect(lines().some((line) => /LOG: {2}duration: [\d.]+ ms$/.test(line)), 'log_duration writes of fast ones too').toBe(true);
    });

    it('count a statement that is refused for want of a privilege', async () => {
      const app = await server.connect({ user: 'app' });
      expect(await logged(() => refused(app, 'select * from secret'))).toEqual({ PermissionDenied: 1 });
      expect(await logged(() => refused(app, 'insert into open values (1)'))).toEqual({ PermissionDenied: 1 });
      expect(await logged(() => refused(app, 'drop table secret'))).toEqual({ PermissionDenied: 1 });
      expect(await logged(() => refused(app, 'create role x'))).toEqual({ PermissionDenied: 1 });
      expect(await logged(() => refused(app, 'select 1 / 0'))).toEqual({});
      await app.end();
    });

    it('[DBAAS-5.3] raise an alarm when statements are refused again and again, and not for one less', async () => {
      const app = await server.connect({ user: 'app' });
      const denied = await linesOf(async () => {
        for (let i = 0; i < 10; i++) await refused(app, 'select * from secret');
      });
      expect(counted(postgresql, 'postgresql', denied)).toEqual({ PermissionDenied: 10 });
      expect(alarmsOf(denied.map((line) => ({ line, at: 60 })))).toEqual(['shop-permission-denied']);
      const first = denied.findIndex((line) => line.includes('permission denied'));
      expect(alarmsOf(denied.filter((_, i) => i !== first).map((line) => ({ line, at: 60 })))).toEqual([]);
      await app.end();
    });

    it('[DBAAS-11.6] raise an alarm when statements are slow for ten minutes, and not when they are fast', async () => {
      const client = await server.admin();
      const slow = await linesOf(() => client.query('select pg_sleep(0.3)'));
      const fast = await linesOf(() => client.query('select 1'));
      const every20Seconds = (lines: readonly string[]) => Array.from({ length: 60 }, (_, i) => lines.map((line) => ({ line, at: 20 * i }))).flat();
      expect(alarmsOf(every20Seconds([...slow, ...slow]))).toEqual(['shop-slow-statements']);
      expect(alarmsOf(every20Seconds([...fast, ...fast]))).toEqual([]);
    });

    it('count a deadlock once', async () => {
      const [one, two] = [await server.connect({ user: 'reader' }), await server.connect({ user: 'reader' })];
      expect(await logged(async () => {
        await Promise.all([one, two].map((client) => client.query('begin')));
        await one.query('update pair set n = 1 where id = 1');
        await two.query('update pair set n = 1 where id = 2');
        await Promise.allSettled([one.query('update pair set n = 1 where id = 2'), two.query('update pair set n = 1 where id = 1')]);
      })).toMatchObject({ Deadlocks: 1 });
      await Promise.all([one, two].map((client) => client.end()));
    });

    it('count connections that one login may not have, which are no sign that the service is down', async () => {
      const open = [await server.connect({ user: 'app' }), await server.connect({ user: 'app' })];
      const refusals = await linesOf(() => expect(server.connect({ user: 'app' })).rejects.toThrow('too many connections'));
      expect(counted(postgresql, 'postgresql', refusals)).toEqual({ ConnectionLimits: 1 });
      expect(alarmsOf(Array.from({ length: 25 }, () => refusals.map((line) => ({ line, at: 60 }))).flat())).toEqual(['shop-connection-limits']);
      await Promise.all(open.map((client) => client.end()));
    });
  });
});
