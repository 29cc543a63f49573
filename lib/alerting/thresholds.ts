import type { MonitoredDatabase } from './monitored-database';

/** Share of a whole, in per cent, as a threshold. */
export const percentOf = (share: number, whole: (database: MonitoredDatabase) => number) => (database: MonitoredDatabase): number => Math.round((whole(database) * share) / 100);

export const memoryBytes = ({ memory }: MonitoredDatabase): number => memory.toBytes();
export const connectionsMaximum = ({ maxConnections }: MonitoredDatabase): number => maxConnections;
export const largestStorageBytes = ({ largestStorage }: MonitoredDatabase): number => largestStorage.toBytes();
/** What is allocated now; Aurora allocates as it grows, so that only the limit counts. */
export const allocatedStorageBytes = ({ allocatedStorage, largestStorage }: MonitoredDatabase): number => (allocatedStorage ?? largestStorage).toBytes();

export const isAurora = ({ storage }: MonitoredDatabase): boolean => storage === 'aurora';
export const isRds = ({ storage }: MonitoredDatabase): boolean => storage === 'rds';
export const isProvisioned = ({ serverless }: MonitoredDatabase): boolean => serverless === undefined;
export const isPostgresql = ({ language }: MonitoredDatabase): boolean => language === 'postgresql';
export const isMysql = ({ language }: MonitoredDatabase): boolean => language === 'mysql';
export const hasReaders = ({ readers }: MonitoredDatabase): boolean => readers > 0;
/** Storage of RDS that grows by itself up to a declared ceiling. */
export const growsItsStorage = (database: MonitoredDatabase): boolean => isRds(database) && allocatedStorageBytes(database) < largestStorageBytes(database);
/** A silent instance is a fault only where it never stops by itself. */
export const samplesAlways = ({ osMetrics, pauses }: MonitoredDatabase): boolean => osMetrics && !pauses;

/** Whether all of several conditions hold. */
export const all = (...conditions: readonly ((database: MonitoredDatabase) => boolean)[]) => (database: MonitoredDatabase): boolean => conditions.every((holds) => holds(database));

/** The documents that metrics and figures were read in. */
export const SOURCES = {
  recommended: 'Amazon CloudWatch User Guide, Recommended alarms (Amazon RDS)',
  aurora: 'Amazon Aurora User Guide, Amazon CloudWatch metrics for Amazon Aurora',
  rds: 'Amazon RDS User Guide, Amazon CloudWatch metrics for Amazon RDS',
  serverless: 'Amazon Aurora User Guide, Important Amazon CloudWatch metrics for Aurora Serverless v2',
  replication: 'Amazon Aurora User Guide, Replication with Amazon Aurora',
  temporary: 'Amazon Aurora User Guide, Temporary storage limits',
  enhanced: 'Amazon RDS User Guide, OS metrics in Enhanced Monitoring',
  insights: 'Amazon RDS User Guide, Amazon CloudWatch metrics for Performance Insights',
  filters: 'log-metrics.ts, metric filters on the exported logs',
} as const;

/** Where nobody publishes a figure, the figure is ours, and an override changes it. */
export const ownFigure = (metric: string): string => `metric: ${metric}; figure: ours`;
