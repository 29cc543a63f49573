import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AlarmDefinition, metricsOf } from '../../lib/alerting/alarm-definition';
import { ALARM_CATALOGUE, alarmsFor } from '../../lib/alerting/catalogue';
import { POOL_ALARMS } from '../../lib/alerting/catalogue/pools';
import { detectionOf, ORIGINS } from '../../lib/alerting/detection';
import { resolveAlarms } from '../../lib/alerting/resolve';
import { OUTAGE_CAUSES, SERVICE_DOWN } from '../../lib/alerting/service-down';
import { Duration } from '../../lib/core/duration';
import { Size } from '../../lib/core/size';
import { DATABASE_NAMES, DATABASES } from './databases';

const FOLDER = join(__dirname, '../../lib/alerting');
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

/**
 * Metrics and units of AWS/RDS by engine, as the Amazon Aurora and Amazon RDS User Guides list them ("Amazon CloudWatch metrics for Amazon Aurora", "… for Amazon RDS",
 * "… for Performance Insights"). DBLoad has no unit there but sessions.
 */
const COMMON = { CPUUtilization: 'Percent', FreeableMemory: 'Bytes', DatabaseConnections: 'Count', SwapUsage: 'Bytes', ReadLatency: 'Seconds', WriteLatency: 'Seconds', DBLoad: 'Count' };
const AURORA = { ...COMMON, ACUUtilization: 'Percent', BufferCacheHitRatio: 'Percent', EngineUptime: 'Seconds', FreeLocalStorage: 'Bytes', AuroraReplicaLagMaximum: 'Milliseconds', VolumeBytesUsed: 'Bytes', CommitThroughput: 'Count/Second' };
const RDS = { ...COMMON, FreeStorageSpace: 'Bytes', ReadIOPS: 'Count/Second', WriteIOPS: 'Count/Second', DiskQueueDepth: 'Count', BurstBalance: 'Percent', 'EBSIOBalance%': 'Percent', 'EBSByteBalance%': 'Percent', ReplicaLag: 'Seconds' };
const POSTGRESQL = { MaximumUsedTransactionIDs: 'Count', TransactionLogsDiskUsage: 'Bytes' };
const PUBLISHED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'aurora postgresql': { ...AURORA, ...POSTGRESQL },
  'aurora mysql': { ...AURORA, AuroraVolumeBytesLeftTotal: 'Bytes', RollbackSegmentHistoryListLength: 'Count', BlockedTransactions: 'Count/Second', AbortedClients: 'Count', Queries: 'Count/Second' },
  'rds postgresql': { ...RDS, ...POSTGRESQL, OldestReplicationSlotLag: 'Bytes' },
  'rds mysql': { ...RDS, BinLogDiskUsage: 'Bytes' },
};

describe('the alarm catalogue', () => {
  it('has each id once, in the form of an anchor', () => {
    const ids = ALARM_CATALOGUE.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z]+(-[a-z]+)*$/.test(id) || id === SERVICE_DOWN)).toEqual([]);
  });

  it.each(DATABASE_NAMES)('asks of %s only what AWS publishes for its engine, in its unit', (name) => {
    const database = DATABASES[name];
    const published = PUBLISHED[`${database.storage} ${database.language}`]!;
    for (const definition of alarmsFor(database)) {
      for (const { origin, name: metric } of Object.values(metricsOf(definition))) {
        if (origin !== 'rds') continue;
        expect(published[metric], `${definition.id}: ${metric}`).toBeDefined();
        if ('metric' in definition.signal) expect([definition.id, definition.unit]).toEqual([definition.id, published[metric]]);
      }
    }
  });

  it.each(DATABASE_NAMES)('of %s is what CloudWatch takes', (name) => {
    const alarms = resolveAlarms(DATABASES[name]);
    expect(new Set(alarms.map(({ alarmName }) => alarmName)).size).toBe(alarms.length);
    for (const { key, window: { period, datapoints, evaluationPeriods }, metrics, expression, threshold } of alarms) {
      expect([10, 20, 30].includes(period) || period % 60 === 0, key).toBe(true);
      // Only what is stored in high resolution has points between the minutes.
      if (period < 60) expect(metrics.map(({ namespace }) => namespace), key).toEqual(metrics.map(() => 'Tenantry/OS'));
      expect(datapoints, key).toBeLessThanOrEqual(evaluationPeriods);
      // PutMetricAlarm: a day for periods below an hour, seven days for others.
      expect(period * evaluationPeriods, key).toBeLessThanOrEqual(period < 3600 ? 86_400 : 604_800);
      expect(expression?.length ?? 0, key).toBeLessThanOrEqual(1024);
      expect(metrics.length, key).toBeLessThanOrEqual(10);
      for (const { id } of metrics) expect(id).toMatch(/^[a-z][A-Za-z0-9_]*$/);
      expect(Number.isFinite(threshold) && threshold >= 0, key).toBe(true);
    }
  });

  it('a sum over minutes has one more period than has to breach, because the newest is not complete', () => {
    for (const alarm of DATABASE_NAMES.flatMap((name) => resolveAlarms(DATABASES[name]))) {
      if (alarm.window.period <= 60 || !alarm.metrics.some(({ statistic }) => statistic === 'Sum')) continue;
      expect(alarm.window.evaluationPeriods, alarm.key).toBeGreaterThan(alarm.window.datapoints);
    }
  });

  it('what lies between two checkpoints is no pile of logs, however small the storage is', () => {
    const thresholds = (gibibytes: number) => resolveAlarms({ ...DATABASES['RDS PostgreSQL, Multi-AZ instance'], allocatedStorage: Size.gibibytes(gibibytes), largestStorage: Size.gibibytes(gibibytes) })
      .filter(({ key }) => ['replication-slot', 'transaction-logs'].includes(key)).map(({ threshold }) => threshold / 1024 ** 3);
    expect([thresholds(20), thresholds(500)]).toEqual([[4, 4], [50, 50]]);
  });

  it('an instance of another size has thresholds of its own, and an alarm of all readers rings for none that is well', () => {
    const thresholds = (gibibytes: number): Record<string, number> => {
      const database = { ...DATABASES['Aurora PostgreSQL'], instanceIdentifiers: ['shop-a', 'shop-b', 'shop-c'], readers: 2, otherSizes: { 'shop-c': { vcpu: gibibytes / 8, memory: Size.gibibytes(gibibytes), maxConnections: 100 * gibibytes } } };
      return Object.fromEntries(resolveAlarms(database).map(({ key, threshold, definition: { unit } }) => [key, unit === 'Bytes' ? Math.round((100 * threshold) / 1024 ** 3) / 100 : threshold]));
    };
    // The writer and the first reader have 16 GiB, 2 vCPU and 1,600 connections.
    expect(thresholds(64)).toMatchObject({ 'memory-exhausted/a': 0.32, 'memory-exhausted/c': 1.28, 'load/b': 2, 'load/c': 8, 'memory': 0.8, 'memory-readers': 0.8, 'connections': 1440, 'connections-readers': 5760, 'swap-readers': 6.4 });
    expect(thresholds(8)).toMatchObject({ 'memory-exhausted/a': 0.32, 'memory-exhausted/c': 0.16, 'load/b': 2, 'load/c': 1, 'memory': 0.8, 'memory-readers': 0.4, 'connections': 1440, 'connections-readers': 1440, 'swap-readers': 1.6 });
  });

  it('tells nothing critical by what comes by the minute', () => {
    for (const definition of ALARM_CATALOGUE.filter(({ severity }) => severity === 'critical')) {
      expect(Object.values(metricsOf(definition)).map(({ origin }) => origin), definition.id).toEqual(['os']);
    }
  });

  it('a latency is measured only where the log shows what is slower than the objective', () => {
    const ids = (slow: number): string[] => alarmsFor({ ...DATABASES['Aurora PostgreSQL'], slowStatement: Duration.seconds(slow) }).map(({ id }) => id).filter((id) => id.startsWith('latency'));
    expect([ids(0.1), ids(1)]).toEqual([['latency-commits'], []]);
  });

  it('what service-down stands for is in it', () => {
    expect(OUTAGE_CAUSES.map(({ id }) => id).filter((id) => !ALARM_CATALOGUE.some((one) => one.id === id))).toEqual([]);
    expect(ALARM_CATALOGUE.filter(({ toldBy }) => toldBy === SERVICE_DOWN).map(({ id }) => id).filter((id) => !OUTAGE_CAUSES.some((cause) => cause.id === id))).toEqual([]);
  });
});

describe('the runbooks', () => {
  const anchors = [...read('RUNBOOKS.md').matchAll(/^## (.+)$/gm)].map(([, title]) => title!);

  it('have a section for each alarm, and no other', () => {
    expect([...anchors].sort()).toEqual([SERVICE_DOWN, ...[...ALARM_CATALOGUE, ...POOL_ALARMS].map(({ id }) => id)].sort());
  });

  it('each says what it means, where to look and what to do', () => {
    for (const section of read('RUNBOOKS.md').split(/^## /m).slice(1)) {
      expect(section).toMatch(/^- \*\*Means\*\* .+\n- \*\*Look\*\*.+\n(- \*\*Do\*\* .+)?/m);
      expect(section, section.split('\n')[0]).toMatch(/\*\*Do\*\* |\*\*do\*\* as /);
    }
  });

  it('refer to sections that exist', () => {
    const links = [...read('RUNBOOKS.md').matchAll(/\]\(#([^)]+)\)/g)].map(([, target]) => target!);
    expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
  });
});

describe('the README prints', () => {
  const readme = read('README.md');
  const first = (definition: AlarmDefinition) => DATABASES[DATABASE_NAMES.find((name) => definition.applies(DATABASES[name]))!];
  const seconds = (value: number): string => (value % 86_400 === 0 ? `${value / 86_400} d` : value % 3600 === 0 ? `${value / 3600} h` : value % 60 === 0 ? `${value / 60} min` : `${value} s`);

  function row(definition: AlarmDefinition): string {
    const database = first(definition);
    const { window: { period, datapoints, evaluationPeriods } } = resolveAlarms(database).find(({ definition: { id } }) => id === definition.id)!;
    const metrics = Object.values(metricsOf(definition)).map(({ name, statistic }) => `\`${name}\` ${statistic}`).join(', ');
    const told = definition.toldBy === undefined ? definition.severity : `by \`${definition.toldBy}\``;
    const detection = detectionOf(definition, database, { quiet: { waitPeriod: 1 } }).toString();
    return `| [\`${definition.id}\`](RUNBOOKS.md#${definition.id}) | ${told} | ${definition.where} | ${metrics} | ${definition.comparison} ${definition.limit} | ${datapoints} of ${evaluationPeriods} × ${seconds(period)} | ${detection} | ${definition.quietInMaintenance ? 'yes' : ''} | ${definition.missing} |`;
  }

  it('the whole catalogue, with the time until somebody is told', () => {
    const table = ['| alarm | severity | for | metrics | on | when | told after at most | quiet in maintenance | missing data |', '|---|---|---|---|---|---|---|---|---|', ...ALARM_CATALOGUE.map(row)].join('\n');
    expect(readme).toContain(`\n${table}\n\n`);
  });

  it('what the time is made of', () => {
    const at = (origin: keyof typeof ORIGINS): string => String(ORIGINS[origin].delivery);
    expect(readme).toContain(`| AWS/RDS | 60 s | ${at('rds')} s |\n| logs | as they come | ${at('log')} s |\n| operating system | the interval of enhanced monitoring | ${at('os')} s |\n`);
  });
});
