import { Duration } from '../../core/duration';
import type { AlarmDefinition } from '../alarm-definition';
import type { MonitoredDatabase } from '../monitored-database';
import { all, allocatedStorageBytes, hasReaders, isAurora, isMysql, isPostgresql, isRds, ownFigure, percentOf, SOURCES } from '../thresholds';
import { constant, minutes, rds } from './define';

/** Aurora keeps old logs in its volume, which is large: what is too much is an amount. */
const AURORA_LOGS_BYTES = 50 * 1024 ** 3;
/**
 * So much may lie between two checkpoints, which is no pile, and a tenth of a small storage is less: Amazon RDS User Guide, "Importing data into PostgreSQL on Amazon
 * RDS", recommends this max_wal_size. A slot within max_wal_size is "properly sized" ("Working with read replicas for Amazon RDS for PostgreSQL").
 */
const CHECKPOINT_LOGS_BYTES = 4 * 1024 ** 3;
const rdsLogsBytes = (database: MonitoredDatabase): number => Math.max(percentOf(10, allocatedStorageBytes)(database), CHECKPOINT_LOGS_BYTES);
const logsBytes = (database: MonitoredDatabase): number => (isAurora(database) ? AURORA_LOGS_BYTES : rdsLogsBytes(database));

export const REPLICATION: readonly AlarmDefinition[] = [
  {
    id: 'writer-down',
    severity: 'warning',
    summary: 'The cluster has no writer whose engine runs.',
    scope: 'writer',
    // Missing points become real ones: the evaluation range of a missing metric is not published.
    signal: { metrics: { up: rds('EngineUptime', 'Average') }, expression: () => 'FILL(up, 0)', absence: true },
    comparison: '<=', threshold: constant(0), limit: '0 seconds', unit: 'Seconds',
    // The two newest minutes may not have arrived; AWS recommends 2, which would take them for an outage.
    window: minutes(4),
    missing: 'breaching',
    applies: all(isAurora, ({ pauses }) => !pauses), where: 'Aurora that does not pause',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(7),
    toldBy: 'service-down',
    source: SOURCES.recommended,
  },
  {
    id: 'replica-lag',
    severity: 'warning',
    summary: 'A reader shows data that is more than a second old.',
    scope: 'writer',
    signal: { metric: rds('AuroraReplicaLagMaximum', 'Maximum') },
    comparison: '>', threshold: constant(1000), limit: '1 second', unit: 'Milliseconds',
    window: minutes(5),
    missing: 'notBreaching',
    applies: all(isAurora, hasReaders), where: 'Aurora with readers',
    quietInMaintenance: true,
    detectsWithin: Duration.minutes(10),
    source: `${SOURCES.replication}: usually much less than 100 ms; ten times that is ours`,
  },
  {
    id: 'replica-lag-rds',
    severity: 'warning',
    summary: 'A readable standby is more than a minute behind the writer.',
    scope: 'instances',
    signal: { metric: rds('ReplicaLag', 'Maximum') },
    comparison: '>', threshold: constant(60), limit: '60 seconds', unit: 'Seconds',
    window: minutes(10),
    missing: 'notBreaching',
    applies: all(isRds, hasReaders), where: 'RDS with readable standbys',
    quietInMaintenance: true,
    detectsWithin: Duration.minutes(15),
    source: SOURCES.recommended,
  },
  {
    id: 'replication-slot',
    severity: 'warning',
    summary: 'A consumer of a replication slot is far behind: its log fills the storage.',
    scope: 'writer',
    signal: { metric: rds('OldestReplicationSlotLag', 'Maximum') },
    comparison: '>', threshold: rdsLogsBytes, limit: '10 % of the allocated storage, 4 GiB at least', unit: 'Bytes',
    window: minutes(5),
    // Without a slot there is no such metric.
    missing: 'notBreaching',
    applies: all(isRds, isPostgresql), where: 'RDS PostgreSQL',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(10),
    source: ownFigure(SOURCES.rds),
  },
  {
    id: 'transaction-logs',
    severity: 'warning',
    summary: 'Transaction logs pile up: a replication slot, an archiver or a long transaction holds them.',
    scope: 'writer',
    signal: { metric: rds('TransactionLogsDiskUsage', 'Maximum') },
    comparison: '>', threshold: logsBytes, limit: '10 % of the allocated storage, 4 GiB at least; 50 GiB on Aurora', unit: 'Bytes',
    window: minutes(5),
    missing: 'notBreaching',
    applies: isPostgresql, where: 'PostgreSQL',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(10),
    source: ownFigure(`${SOURCES.rds}; ${SOURCES.aurora}`),
  },
  {
    id: 'binary-logs',
    severity: 'warning',
    summary: 'Binary logs pile up: a replica is behind, or they are kept too long.',
    scope: 'writer',
    signal: { metric: rds('BinLogDiskUsage', 'Maximum') },
    comparison: '>', threshold: percentOf(20, allocatedStorageBytes), limit: '20 % of the allocated storage', unit: 'Bytes',
    window: minutes(15),
    missing: 'notBreaching',
    applies: all(isRds, isMysql), where: 'RDS MySQL',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(20),
    source: ownFigure(SOURCES.rds),
  },
];
