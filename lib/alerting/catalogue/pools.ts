import { Duration } from '../../core/duration';
import type { AlarmDefinition, AlarmWindow, MetricUse } from '../alarm-definition';
import { fiveMinutes, minutes, rds } from './define';

/** An alarm of a connection pool. RDS Proxy publishes its metrics by the minute and nothing sooner, so that none tells within `notifyWithin`: each has a bound of its own. */
export interface PoolAlarmDefinition extends Pick<AlarmDefinition, 'id' | 'severity' | 'summary' | 'comparison' | 'limit' | 'unit' | 'missing' | 'source'> {
  /** Of the whole proxy, all its addresses and databases together. */
  readonly metrics: Readonly<Record<string, MetricUse>>;
  /** In CloudWatch's metric maths, over the keys of `metrics`. @default - the only metric itself */
  readonly expression?: string;
  /** Only its side that leads to the writer: a dimension that the metric cannot do without. */
  readonly writerOnly?: true;
  readonly threshold: number;
  readonly window: AlarmWindow;
  /** The most that its detection may take. */
  readonly detectsWithin: Duration;
}

const METRICS = 'Amazon Aurora User Guide, Monitoring RDS Proxy metrics with Amazon CloudWatch';
const ownFigure = `metric: ${METRICS}; figure: ours`;

/** Every alarm of a connection pool. The README of lib/connection-pool prints it. */
export const POOL_ALARMS: readonly PoolAlarmDefinition[] = [
  {
    id: 'pool-unavailable', severity: 'critical', summary: 'Programs that connect through the pool do not reach the writer, for longer than a failover takes.',
    metrics: { m: rds('AvailabilityPercentage', 'Average') }, writerOnly: true,
    comparison: '<', threshold: 50, limit: '50 % of a minute', unit: 'Percent', window: minutes(3),
    // The metric comes after the first connection: a pool that nobody has used yet is not down.
    missing: 'missing', detectsWithin: Duration.minutes(6), source: ownFigure,
  },
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
  {
    id: 'pool-connections', severity: 'warning', summary: 'Nearly all connections that the pool may open are lent. Who comes next waits, and is refused after borrowTimeout.',
    metrics: { lent: rds('DatabaseConnectionsCurrentlyBorrowed', 'Sum'), most: rds('MaxDatabaseConnectionsAllowed', 'Sum') },
    expression: 'IF(most > 0, 100 * lent / most, 0)',
    comparison: '>=', threshold: 90, limit: '90 % of those that it may open', unit: 'Percent', window: minutes(5),
    missing: 'notBreaching', detectsWithin: Duration.minutes(10), source: ownFigure,
  },
  {
    id: 'pool-wait', severity: 'warning', summary: 'Programs wait for a connection of the pool.',
    metrics: { m: rds('DatabaseConnectionsBorrowLatency', 'Average') },
    comparison: '>=', threshold: 1_000_000, limit: 'a second', unit: 'Microseconds', window: minutes(3),
    missing: 'notBreaching', detectsWithin: Duration.minutes(10), source: ownFigure,
  },
];
