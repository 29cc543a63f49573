import { Duration } from '../../core/duration';
import type { AlarmDefinition, AlarmWindow, MetricUse } from '../alarm-definition';
import { fiveMinutes, minutes, rds } from './define';

/** What connections of a pool lead to. */
export type PoolRole = 'writer' | 'readers';

/** An alarm of a connection pool. RDS Proxy publishes its metrics by the minute and nothing sooner, so that none tells within `notifyWithin`: each has a bound of its own. */
export interface PoolAlarmDefinition extends Pick<AlarmDefinition, 'id' | 'severity' | 'summary' | 'comparison' | 'limit' | 'unit' | 'missing' | 'source'> {
  readonly metrics: Readonly<Record<string, MetricUse>>;
  /** In CloudWatch's metric maths, over the keys of `metrics`. @default - the only metric itself */
  readonly expression?: string;
  /** Of connections that lead to the writer or to the readers alone; readers only where the pool has an address of them. @default - of the whole proxy, all its addresses and databases together */
  readonly role?: PoolRole;
  readonly threshold: number;
  readonly window: AlarmWindow;
  /** The most that its detection may take. */
  readonly detectsWithin: Duration;
}

const METRICS = 'Amazon Aurora User Guide, Monitoring RDS Proxy metrics with Amazon CloudWatch';
const ownFigure = `metric: ${METRICS}; figure: ours`;

const unavailable = {
  metrics: { m: rds('AvailabilityPercentage', 'Average') },
  comparison: '<', threshold: 50, limit: '50 % of a minute', unit: 'Percent', window: minutes(3),
  // The metric comes after the first connection: a pool that nobody has used yet is not down.
  missing: 'missing', detectsWithin: Duration.minutes(6), source: ownFigure,
} as const satisfies Partial<PoolAlarmDefinition>;

/** By role: the sum over writer and readers would hide that one of them has none left. */
const lent = {
  metrics: { lent: rds('DatabaseConnectionsCurrentlyBorrowed', 'Sum'), most: rds('MaxDatabaseConnectionsAllowed', 'Sum') },
  expression: 'IF(most > 0, 100 * lent / most, 0)',
  comparison: '>=', threshold: 90, limit: '90 % of those that it may open', unit: 'Percent', window: minutes(5),
  missing: 'notBreaching', detectsWithin: Duration.minutes(10), source: ownFigure,
} as const satisfies Partial<PoolAlarmDefinition>;

/** Every alarm of a connection pool. The README of lib/connection-pool prints it. */
export const POOL_ALARMS: readonly PoolAlarmDefinition[] = [
  { ...unavailable, id: 'pool-unavailable', role: 'writer', severity: 'critical', summary: 'Programs that connect through the pool do not reach the writer, for longer than a failover takes.' },
  { ...unavailable, id: 'pool-readers-unavailable', role: 'readers', severity: 'warning', summary: 'Programs that read through the pool do not reach a reader.' },
  {
    id: 'pool-logins', severity: 'warning', summary: 'Many programs fail to log in to the pool: a password or a policy that changed, no TLS, or somebody tries.',
    metrics: { m: rds('ClientConnectionsSetupFailedAuth', 'Sum') },
    comparison: '>=', threshold: 20, limit: '20 in 5 minutes', unit: 'Count', window: fiveMinutes(1),
    missing: 'notBreaching', detectsWithin: Duration.minutes(15), source: ownFigure,
  },
  {
    id: 'pool-databases', severity: 'warning', summary: 'The pool fails to connect to the databases: its secret, its role, its security group, or no connection is left.',
    metrics: { m: rds('DatabaseConnectionsSetupFailed', 'Sum') },
    comparison: '>=', threshold: 1, limit: '1 in a minute', unit: 'Count', window: minutes(5),
    missing: 'notBreaching', detectsWithin: Duration.minutes(10), source: ownFigure,
  },
  { ...lent, id: 'pool-connections', role: 'writer', severity: 'warning', summary: 'Nearly all connections to the writer that the pool may open are lent. Who comes next waits, and is refused after borrowTimeout.' },
  { ...lent, id: 'pool-readers-connections', role: 'readers', severity: 'warning', summary: 'Nearly all connections to the readers that the pool may open are lent. Who comes next waits, and is refused after borrowTimeout.' },
  {
    id: 'pool-wait', severity: 'warning', summary: 'Programs wait for a connection of the pool.',
    metrics: { m: rds('DatabaseConnectionsBorrowLatency', 'Average') },
    comparison: '>=', threshold: 1_000_000, limit: 'a second', unit: 'Microseconds', window: minutes(3),
    missing: 'notBreaching', detectsWithin: Duration.minutes(10), source: ownFigure,
  },
];
