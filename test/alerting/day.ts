import type { MonitoredDatabase } from '../../lib/alerting/monitored-database';
import type { ResolvedAlarm } from '../../lib/alerting/resolve';
import { MetricStore, type MetricKey, type Sample } from '../support/cloudwatch';

export const MINUTE = 60;
export const HOUR = 3600;
export const DAY = 86_400;
/** A Monday, 00:00 UTC. */
export const MONDAY = Date.UTC(2026, 0, 5) / 1000;
const GIB = 1024 ** 3;

/** Value of a metric at a time, in seconds since Monday; undefined where nothing is published. */
export type Course = (second: number) => number | undefined;

export interface Publication {
  readonly from: number;
  readonly to: number;
  /** Seconds that samples are late, up to what is assumed at most. */
  readonly delay?: (second: number, assumed: number, namespace: string) => number;
  /** When samples are taken: seconds after the beginning of their interval. */
  readonly offset?: number;
}

/** Noise that is the same in every run: -1 to 1. */
const noise = (second: number, seed: number): number => Math.sin(second * 12.9898 + seed * 78.233) * 0.6 + Math.sin(second * 0.731 + seed) * 0.4;
const within = (second: number, from: number, to: number): boolean => second % DAY >= from && second % DAY < to;
/** 0 at night, 1 at two in the afternoon. */
const bustle = (second: number): number => Math.max(0, Math.sin(((second % DAY) / DAY) * 2 * Math.PI - 2.1)) ** 1.5;
const backup = (second: number): boolean => within(second, HOUR, 2 * HOUR);
const spike = (second: number, hour: number, minutes: number): boolean => within(second, hour * HOUR, hour * HOUR + minutes * MINUTE);

type Healthy = (second: number, database: MonitoredDatabase) => number | undefined;
const allocated = ({ allocatedStorage }: MonitoredDatabase): number => allocatedStorage?.toBytes() ?? 0;
const memory = (database: MonitoredDatabase): number => database.memory.toBytes();
/** Used storage: grows by 1 GiB a day, and the nightly job needs 15 GiB for two hours. */
const usedStorage = (second: number): number => 80 * GIB + (second / DAY) * GIB + (within(second, 3 * HOUR, 5 * HOUR) ? 15 * GIB : 0);

/**
 * A day on which nothing is wrong: noise, a peak in the afternoon, a backup at one in the night, a report at three, short spikes, statements that fail now and then,
 * and samples that come late.
 */
const HEALTHY: Readonly<Record<string, Healthy>> = {
  Heartbeat: () => 1,
  MemoryAvailable: (t, database) => memory(database) * (spike(t, 3, 1) ? 0.03 : 0.2 + 0.02 * noise(t, 1)),
  FileSystemUsed: (t, database) => (100 * usedStorage(t)) / allocated(database),
  LoadPerVCPU: (t) => (spike(t, 3, 1) ? 5 : 0.3 + bustle(t) + 0.1 * noise(t, 2)),
  CPUWait: (t) => (spike(t, 3, 5) ? 50 : backup(t) ? 15 : 3 + noise(t, 3)),
  CPUUtilization: (t) => (spike(t, 12, 3) ? 97 : Math.min(100, 12 + 60 * bustle(t) + (backup(t) ? 15 : 0) + 5 * noise(t, 4))),
  FreeableMemory: (t, database) => memory(database) * (spike(t, 3, 10) ? 0.03 : 0.22 - 0.08 * bustle(t) + 0.01 * noise(t, 5)),
  SwapUsage: (t, database) => memory(database) * (0.01 + 0.005 * noise(t, 6)),
  DatabaseConnections: (t, { maxConnections }) => maxConnections * (spike(t, 9, 3) ? 0.95 : 0.2 + 0.5 * bustle(t) + 0.02 * noise(t, 7)),
  ACUUtilization: (t) => (spike(t, 12, 5) ? 100 : 10 + 65 * bustle(t) + 4 * noise(t, 8)),
  DBLoad: (t, { vcpu }) => (t % 7 === 3 ? undefined : vcpu * (spike(t, 12, 8) ? 1.8 : 0.1 + 0.7 * bustle(t))),
  BufferCacheHitRatio: (t) => (spike(t, 3, 20) ? 70 : 97 + noise(t, 9)),
  FreeStorageSpace: (t, database) => allocated(database) - usedStorage(t),
  VolumeBytesUsed: (t) => 3 * 1024 * GIB + (t / DAY) * 20 * GIB,
  AuroraVolumeBytesLeftTotal: (t) => 125 * 1024 * GIB - (t / DAY) * 20 * GIB,
  FreeLocalStorage: (t, database) => memory(database) * (spike(t, 3, 3) ? 0.15 : 1.8 - 0.8 * bustle(t)),
  ReadLatency: (t) => (spike(t, 1, 12) ? 0.03 : 0.001 + 0.002 * bustle(t)),
  WriteLatency: (t) => (spike(t, 1, 12) ? 0.025 : 0.002 + 0.003 * bustle(t)),
  ReadIOPS: (t) => (spike(t, 1, 25) ? 2000 : 300 + 900 * bustle(t)),
  WriteIOPS: (t) => (spike(t, 1, 25) ? 1200 : 200 + 500 * bustle(t)),
  DiskQueueDepth: (t) => (spike(t, 1, 12) ? 80 : 1 + 5 * bustle(t)),
  BurstBalance: (t) => (backup(t) ? 100 - (60 * ((t % DAY) - HOUR)) / HOUR : 100),
  'EBSIOBalance%': (t) => (spike(t, 3, 2) ? 5 : 99),
  'EBSByteBalance%': (t) => (spike(t, 3, 2) ? 5 : 99),
  EngineUptime: (t) => 90_000 + t,
  AuroraReplicaLagMaximum: (t) => (spike(t, 3, 4) ? 4000 : 20 + 15 * noise(t, 10)),
  ReplicaLag: (t) => (spike(t, 3, 9) ? 90 : 0.5 + 0.4 * noise(t, 11)),
  OldestReplicationSlotLag: (t) => (spike(t, 3, 4) ? 30 * GIB : 0.1 * GIB),
  TransactionLogsDiskUsage: (t) => (spike(t, 3, 4) ? 60 * GIB : 2 * GIB),
  BinLogDiskUsage: (t) => (spike(t, 3, 14) ? 45 * GIB : 3 * GIB),
  MaximumUsedTransactionIDs: (t) => 150e6 + 50e6 * ((t % DAY) / DAY),
  RollbackSegmentHistoryListLength: (t) => (spike(t, 3, 4) ? 2e6 : 2000 + 1000 * noise(t, 12)),
  BlockedTransactions: (t) => (spike(t, 3, 4) ? 12 : 0.2),
  AbortedClients: (t) => (spike(t, 9, 5) ? 80 : 1),
  Queries: (t) => 10 + 400 * bustle(t),
  CommitThroughput: (t) => 5 + 150 * bustle(t),
  SlowStatements: (t) => (spike(t, 3, 5) ? 9 : bustle(t) > 0.9 ? 3 : 0),
  FailedLogins: (t) => (spike(t, 9, 1) ? 12 : 0),
  PermissionDenied: (t) => (spike(t, 9, 1) ? 5 : 0),
  Deadlocks: (t) => (spike(t, 14, 1) ? 3 : 0),
  ConnectionsExhausted: () => 0,
  ConnectionLimits: (t) => (spike(t, 9, 1) ? 12 : 0),
  OutOfMemory: () => 0,
  Errors: (t, { language }) => (language === 'mysql' && spike(t, 3, 1) ? 2 : 0),
};

export function healthy(name: string, database: MonitoredDatabase): Course {
  const course = HEALTHY[name];
  if (course === undefined) throw new Error(`What is a healthy ${name}?`);
  return (second) => course(second, database);
}

/** Samples of a metric, as its publisher takes and delivers them: `lib/alerting/detection.ts`. */
function samplesOf(namespace: string, course: Course, monitoringSeconds: number, { from, to, delay = (_, assumed) => assumed, offset = 0 }: Publication): Sample[] {
  const os = namespace === 'Tenantry/OS';
  const interval = os ? monitoringSeconds : MINUTE;
  const samples: Sample[] = [];
  for (let taken = Math.ceil(from / interval) * interval + (offset % interval); taken < to; taken += interval) {
    const value = course(taken);
    if (value === undefined) continue;
    // RDS and log filters tell of a minute when it is over.
    const [time, ready, assumed] = os ? [taken, taken, 15] : [taken - (offset % interval), taken - (offset % interval) + MINUTE, 60];
    samples.push({ time: MONDAY + time, value, arrival: MONDAY + ready + delay(taken, assumed, namespace) });
  }
  return samples;
}

/** What CloudWatch holds of the metrics of some alarms. */
export function publish(alarms: readonly ResolvedAlarm[], database: MonitoredDatabase, courseOf: (name: string, metric: MetricKey) => Course, publication: Publication): MetricStore {
  const store = new MetricStore();
  const done = new Set<string>();
  // What looks at days sees no difference.
  const monitoringSeconds = alarms.every(({ window: { period } }) => period === DAY) ? MINUTE : database.monitoringSeconds;
  for (const metric of alarms.flatMap(({ metrics }) => metrics)) {
    const key = `${metric.namespace}|${metric.name}|${JSON.stringify(metric.dimensions)}`;
    if (done.has(key)) continue;
    done.add(key);
    store.put(metric, samplesOf(metric.namespace, courseOf(metric.name, metric), monitoringSeconds, publication));
  }
  return store;
}
