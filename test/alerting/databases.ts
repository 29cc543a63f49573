import type { MonitoredDatabase } from '../../lib/alerting/monitored-database';
import { Duration } from '../../lib/core/duration';
import { Size } from '../../lib/core/size';
import { monitoredDatabase } from './fixture';

const MYSQL_LOGS = { audit: '/aws/rds/cluster/shop/audit', error: '/aws/rds/cluster/shop/error', slowquery: '/aws/rds/cluster/shop/slowquery' };
const objective = { slowStatement: Duration.seconds(0.1), latencyWithin: Duration.seconds(0.1) };
const rds = { storage: 'rds', hasRoles: false, allocatedStorage: Size.gibibytes(200), largestStorage: Size.gibibytes(200), iops: 3000, storageType: 'gp3', osMetrics: true } as const;
const single = { dimension: { name: 'DBInstanceIdentifier', value: 'shop' }, instanceIdentifiers: ['shop'], readers: 0 } as const;

/** One database of each kind that the catalogue tells apart. Each keeps its objective. */
export const DATABASES = {
  'Aurora PostgreSQL': monitoredDatabase({ osMetrics: true, ...objective }),
  'Aurora PostgreSQL, serverless': monitoredDatabase({ osMetrics: true, serverless: { minimum: 1, maximum: 32 }, memory: Size.gibibytes(64), maxConnections: 5000 }),
  'Aurora MySQL': monitoredDatabase({ osMetrics: true, language: 'mysql', logGroupNames: MYSQL_LOGS, ...objective }),
  'RDS PostgreSQL, Multi-AZ instance': monitoredDatabase({ ...rds, ...single }),
  'RDS PostgreSQL, storage that grows': monitoredDatabase({ ...rds, ...single, largestStorage: Size.tebibytes(1) }),
  'RDS MySQL, Multi-AZ cluster': monitoredDatabase({ ...rds, language: 'mysql', instanceIdentifiers: ['shop-instance-1', 'shop-instance-2', 'shop-instance-3'], readers: 2, logGroupNames: MYSQL_LOGS }),
  'RDS PostgreSQL, gp2': monitoredDatabase({ ...rds, ...single, storageType: 'gp2', iops: undefined }),
  'Aurora PostgreSQL that pauses': monitoredDatabase({ osMetrics: true, serverless: { minimum: 0, maximum: 4 }, memory: Size.gibibytes(8), pauses: true, readers: 0, instanceIdentifiers: ['shop-a'], notifyWithin: undefined }),
} satisfies Record<string, MonitoredDatabase>;

export type DatabaseName = keyof typeof DATABASES;
export const DATABASE_NAMES = Object.keys(DATABASES) as DatabaseName[];
