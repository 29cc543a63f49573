import { Duration } from '../../core/duration';
import type { AlarmDefinition } from '../alarm-definition';
import { OS_METRICS } from '../metric-names';
import type { MonitoredDatabase } from '../monitored-database';
import { all, allocatedStorageBytes, growsItsStorage, isAurora, isMysql, isPostgresql, isProvisioned, isRds, largestStorageBytes, memoryBytes, ownFigure, percentOf, SOURCES } from '../thresholds';
import { constant, minutes, ofReaders, os, rds, TWO_DAYS } from './define';

const DAY_SECONDS = 86_400;
/** What the days are where nothing grows; CloudWatch has no infinity, and drops a point that divides by zero. */
const NEVER_DAYS = 3650;

/** Days until `left` is used up at the rate of the last day; `shrinking` is positive while it does. */
const daysLeft = (left: string, shrinking: string): string => `IF(${shrinking} > 0, (${left}) / (${shrinking}) / ${DAY_SECONDS}, ${NEVER_DAYS})`;

const fixedStorage = all(isRds, (database) => !growsItsStorage(database));
const measuredGrowth = all(growsItsStorage, ({ osMetrics }) => osMetrics);
/** What is used, from what is free and the share that is used: neither tells the size, which changes when the storage grows. */
const USED = '(free * used / (100 - used))';
/** A missing value counts as 0 beside another one, and RDS's arrive last: without them there is no point at all. */
const ceilingLeft = (database: MonitoredDatabase): string => `IF(free > 0, ${largestStorageBytes(database)} - ${USED}, 0)`;

/** Days-to-full alarms have everything in common but what they measure. */
const days = (definition: Pick<AlarmDefinition, 'id' | 'scope' | 'signal' | 'applies' | 'where' | 'source'>): AlarmDefinition => ({
  ...definition,
  severity: 'warning',
  summary: 'At the rate of the last two days the storage is full in less than two weeks.',
  comparison: '<', threshold: constant(14), limit: '14 days', unit: 'Days',
  window: TWO_DAYS,
  missing: 'notBreaching',
  quietInMaintenance: false,
  // At least ten of the fourteen days are left then.
  detectsWithin: Duration.days(4),
});

const LOCAL_STORAGE: AlarmDefinition = {
  id: 'temporary-storage',
  severity: 'warning',
  summary: 'The writer’s own storage, which holds sorts, temporary tables and logs, runs out.',
  scope: 'writer',
  signal: { metric: rds('FreeLocalStorage', 'Minimum') },
  // It has about twice the memory, and AWS recommends 10 to 20 % of it.
  comparison: '<', threshold: percentOf(20, memoryBytes), limit: '10 % of it, which is 20 % of the memory', unit: 'Bytes',
  window: minutes(5),
  missing: 'missing',
  applies: all(isAurora, isProvisioned), where: 'Aurora provisioned',
  quietInMaintenance: false,
  detectsWithin: Duration.minutes(10),
  source: `${SOURCES.recommended}; ${SOURCES.temporary}`,
};

/** A latency of storage that AWS calls worth a look. */
const SLOW_STORAGE_SECONDS = 0.02;

const storageLatency = (id: string, metric: string, what: string): AlarmDefinition => ({
  id,
  severity: 'warning',
  summary: `${what} storage takes longer than 20 milliseconds.`,
  scope: 'writer',
  signal: { metric: rds(metric, 'p90') },
  comparison: '>', threshold: constant(SLOW_STORAGE_SECONDS), limit: '20 ms', unit: 'Seconds',
  window: minutes(15),
  missing: 'missing',
  applies: () => true, where: 'every',
  quietInMaintenance: false,
  detectsWithin: Duration.minutes(20),
  source: `${SOURCES.recommended}, which has 5 minutes: a nightly backup would raise it`,
});

const provisionedIops = ({ iops }: MonitoredDatabase): number => iops ?? 0;
const hasIops = all(isRds, ({ iops }) => iops !== undefined);

export const STORAGE: readonly AlarmDefinition[] = [
  {
    id: 'storage',
    severity: 'warning',
    summary: 'The storage is nearly full, and it does not grow by itself.',
    scope: 'writer',
    signal: { metric: rds('FreeStorageSpace', 'Minimum') },
    comparison: '<', threshold: percentOf(10, allocatedStorageBytes), limit: '10 % of the allocated storage', unit: 'Bytes',
    window: minutes(5),
    missing: 'missing',
    applies: fixedStorage, where: 'RDS with storage of a fixed size',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(10),
    source: SOURCES.recommended,
  },
  {
    id: 'storage-ceiling',
    severity: 'warning',
    summary: 'The storage has nearly grown to its ceiling.',
    scope: 'instances',
    signal: {
      metrics: { free: rds('FreeStorageSpace', 'Minimum'), used: os(OS_METRICS.fileSystem, 'Maximum') },
      expression: ceilingLeft,
    },
    comparison: '<', threshold: percentOf(10, largestStorageBytes), limit: '10 % of the ceiling', unit: 'Bytes',
    window: minutes(15),
    missing: 'missing',
    applies: measuredGrowth, where: 'RDS with storage that grows, with OsMetrics',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(20),
    source: ownFigure(`${SOURCES.rds}; ${SOURCES.enhanced}`),
  },
  {
    id: 'volume',
    severity: 'warning',
    summary: 'The volume has grown to most of what Aurora allows.',
    scope: 'cluster',
    signal: { metric: rds('VolumeBytesUsed', 'Average') },
    comparison: '>', threshold: percentOf(80, largestStorageBytes), limit: '80 % of the largest volume', unit: 'Bytes',
    window: { period: 3600, datapoints: 1, evaluationPeriods: 1 },
    missing: 'notBreaching',
    applies: isAurora, where: 'Aurora',
    quietInMaintenance: false,
    detectsWithin: Duration.hours(2),
    source: ownFigure(SOURCES.aurora),
  },
  days({
    id: 'storage-days', scope: 'writer',
    signal: { metrics: { free: rds('FreeStorageSpace', 'Average') }, expression: () => daysLeft('free', '-RATE(free)'), derivative: true },
    applies: fixedStorage, where: 'RDS with storage of a fixed size',
    source: ownFigure(SOURCES.rds),
  }),
  days({
    id: 'storage-ceiling-days', scope: 'instances',
    signal: {
      metrics: { free: rds('FreeStorageSpace', 'Average'), used: os(OS_METRICS.fileSystem, 'Average') },
      expression: (database) => daysLeft(`${largestStorageBytes(database)} - ${USED}`, `RATE(${USED})`), derivative: true,
    },
    applies: measuredGrowth, where: 'RDS with storage that grows, with OsMetrics',
    source: ownFigure(`${SOURCES.rds}; ${SOURCES.enhanced}`),
  }),
  days({
    id: 'volume-days', scope: 'cluster',
    signal: { metrics: { used: rds('VolumeBytesUsed', 'Average') }, expression: (database) => daysLeft(`${largestStorageBytes(database)} - used`, 'RATE(used)'), derivative: true },
    applies: all(isAurora, isPostgresql), where: 'Aurora PostgreSQL',
    source: ownFigure(SOURCES.aurora),
  }),
  days({
    id: 'volume-left-days', scope: 'cluster',
    signal: { metrics: { left: rds('AuroraVolumeBytesLeftTotal', 'Average') }, expression: () => daysLeft('left', '-RATE(left)'), derivative: true },
    applies: all(isAurora, isMysql), where: 'Aurora MySQL',
    source: ownFigure(SOURCES.aurora),
  }),
  LOCAL_STORAGE,
  ofReaders(LOCAL_STORAGE, { summary: 'A reader’s own storage, which holds sorts, temporary tables and logs, runs out.', statistic: 'Minimum' }),
  storageLatency('read-latency', 'ReadLatency', 'A read from'),
  storageLatency('write-latency', 'WriteLatency', 'A write to'),
  {
    id: 'iops',
    severity: 'warning',
    summary: 'The storage does nearly as many operations a second as were bought.',
    scope: 'writer',
    signal: { metrics: { r: rds('ReadIOPS', 'Average'), w: rds('WriteIOPS', 'Average') }, expression: () => 'r + w' },
    comparison: '>', threshold: percentOf(90, provisionedIops), limit: '90 % of the IOPS', unit: 'Count/Second',
    // The newest minutes may have one of the two metrics only.
    window: minutes(30, 32),
    missing: 'missing',
    applies: hasIops, where: 'RDS with declared IOPS',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(35),
    source: ownFigure(SOURCES.rds),
  },
  {
    id: 'disk-queue',
    severity: 'warning',
    summary: 'So many operations wait for the storage that each takes longer than 20 milliseconds.',
    scope: 'writer',
    signal: { metric: rds('DiskQueueDepth', 'Average') },
    // Little's law: what waits is what arrives in a second times how long it stays.
    comparison: '>', threshold: (database) => provisionedIops(database) * SLOW_STORAGE_SECONDS, limit: '20 ms at the bought IOPS', unit: 'Count',
    window: minutes(15),
    missing: 'missing',
    applies: hasIops, where: 'RDS with declared IOPS',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(20),
    source: ownFigure(SOURCES.rds),
  },
  {
    id: 'burst-balance',
    severity: 'warning',
    summary: 'The volume has used up most of its burst credits, and slows down to its baseline.',
    scope: 'writer',
    signal: { metric: rds('BurstBalance', 'Average') },
    comparison: '<', threshold: constant(20), limit: '20 %', unit: 'Percent',
    window: minutes(15),
    missing: 'notBreaching',
    applies: all(isRds, ({ storageType }) => storageType === 'gp2'), where: 'RDS on gp2',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(20),
    source: ownFigure(SOURCES.rds),
  },
  {
    id: 'storage-credits',
    severity: 'warning',
    summary: 'The instance has used up its burst of I/O operations, and slows down to its baseline.',
    scope: 'writer',
    signal: { metric: rds('EBSIOBalance%', 'Average') },
    comparison: '<', threshold: constant(10), limit: '10 %', unit: 'Percent',
    window: minutes(3),
    // Only classes that burst publish it.
    missing: 'notBreaching',
    applies: isRds, where: 'RDS',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(10),
    source: SOURCES.recommended,
  },
  {
    id: 'throughput-credits',
    severity: 'warning',
    summary: 'The instance has used up its burst of throughput to storage, and slows down to its baseline.',
    scope: 'writer',
    signal: { metric: rds('EBSByteBalance%', 'Average') },
    comparison: '<', threshold: constant(10), limit: '10 %', unit: 'Percent',
    window: minutes(3),
    missing: 'notBreaching',
    applies: isRds, where: 'RDS',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(10),
    source: SOURCES.recommended,
  },
];
