import type { MonitoredDatabase } from '../../lib/alerting/monitored-database';
import { type Course, DAY } from './day';

const GIB = 1024 ** 3;
const TIB = 1024 * GIB;
type Fault = Readonly<Record<string, (database: MonitoredDatabase) => Course>>;

const stays = (value: number) => (): Course => () => value;
const ofMemory = (share: number) => (database: MonitoredDatabase): Course => () => database.memory.toBytes() * share;
const ofStorage = (share: number) => (database: MonitoredDatabase): Course => () => (database.allocatedStorage?.toBytes() ?? 0) * share;
const gone = (): Course => () => undefined;
/** Storage that has grown to 1 TiB, of which this much is used. */
const grown = (used: Course): Fault => ({
  FreeStorageSpace: () => (second) => TIB - used(second)!,
  FileSystemUsed: () => (second) => (100 * used(second)!) / TIB,
});

/**
 * By alarm, metrics as they are from the beginning of its fault on; the time of the courses begins with it. They are just beyond the limit, so that a period shows
 * the fault only when it holds nothing else.
 */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'instance-silent': { Heartbeat: gone },
  'memory-exhausted': { MemoryAvailable: ofMemory(0.019) },
  'storage-full': { FileSystemUsed: stays(97) },
  'overload': { LoadPerVCPU: stays(4.1) },
  'io-wait': { CPUWait: stays(31) },
  'cpu': { CPUUtilization: stays(91) },
  'cpu-readers': { CPUUtilization: stays(91) },
  'memory': { FreeableMemory: ofMemory(0.049) },
  'memory-readers': { FreeableMemory: ofMemory(0.049) },
  'memory-rds': { FreeableMemory: ofMemory(0.099) },
  'swap': { SwapUsage: ofMemory(0.11) },
  'swap-readers': { SwapUsage: ofMemory(0.11) },
  'connections': { DatabaseConnections: ({ maxConnections }) => () => 0.91 * maxConnections },
  'connections-readers': { DatabaseConnections: ({ maxConnections }) => () => 0.91 * maxConnections },
  'capacity': { ACUUtilization: stays(91) },
  'capacity-readers': { ACUUtilization: stays(91) },
  'load': { DBLoad: ({ vcpu }) => () => 1.1 * vcpu },
  'cache-hits': { BufferCacheHitRatio: stays(79) },
  'storage': { FreeStorageSpace: ofStorage(0.099) },
  'storage-ceiling': grown(() => 0.91 * TIB),
  'storage-days': { FreeStorageSpace: () => (second) => 120 * GIB - (second / DAY) * 8 * GIB },
  'storage-ceiling-days': grown((second) => 84 * GIB + (second / DAY) * 62 * GIB),
  'volume': { VolumeBytesUsed: stays(103 * TIB) },
  'volume-days': { VolumeBytesUsed: () => (second) => 3 * TIB + (second / DAY) * 8.5 * TIB },
  'volume-left-days': { AuroraVolumeBytesLeftTotal: () => (second) => 125 * TIB - (second / DAY) * 8.5 * TIB },
  'temporary-storage': { FreeLocalStorage: ofMemory(0.19) },
  'temporary-storage-readers': { FreeLocalStorage: ofMemory(0.19) },
  'read-latency': { ReadLatency: stays(0.021) },
  'write-latency': { WriteLatency: stays(0.021) },
  'iops': { ReadIOPS: stays(1500), WriteIOPS: stays(1250) },
  'disk-queue': { DiskQueueDepth: stays(61) },
  'burst-balance': { BurstBalance: stays(19) },
  'storage-credits': { 'EBSIOBalance%': stays(9) },
  'throughput-credits': { 'EBSByteBalance%': stays(9) },
  'writer-down': { EngineUptime: gone },
  'replica-lag': { AuroraReplicaLagMaximum: stays(1100) },
  'replica-lag-rds': { ReplicaLag: stays(61) },
  'replication-slot': { OldestReplicationSlotLag: ofStorage(0.11) },
  'transaction-logs': { TransactionLogsDiskUsage: stays(51 * GIB) },
  'binary-logs': { BinLogDiskUsage: ofStorage(0.21) },
  'transaction-ids': { MaximumUsedTransactionIDs: stays(1.01e9) },
  'history-list': { RollbackSegmentHistoryListLength: stays(1.01e6) },
  'blocked-transactions': { BlockedTransactions: stays(5.1) },
  'aborted-clients': { AbortedClients: stays(21) },
  'connections-refused': { ConnectionsExhausted: stays(1) },
  'connection-limits': { ConnectionLimits: stays(4) },
  'slow-statements': { SlowStatements: stays(6) },
  // 40 a second are 2,400 a minute, of which 5 % are 120.
  'latency': { SlowStatements: stays(121), Queries: stays(40) },
  'latency-commits': { SlowStatements: stays(121), CommitThroughput: stays(40) },
  'failed-logins': { FailedLogins: stays(4) },
  'permission-denied': { PermissionDenied: stays(2) },
  'deadlocks': { Deadlocks: stays(1) },
  'out-of-memory': { OutOfMemory: stays(1) },
  // One every five minutes or so, at any time of them.
  'errors': { Errors: stays(0.21) },
};
