import { Duration } from '../../core/duration';
import type { AlarmDefinition, Signal } from '../alarm-definition';
import { logFiltersOf } from '../log-filters';
import { LOG_METRICS } from '../metric-names';
import type { MonitoredDatabase } from '../monitored-database';
import { all, isAurora, isMysql, isPostgresql, ownFigure, SOURCES } from '../thresholds';
import { always, constant, fiveMinutes, log, minutes, rds } from './define';

/** Whether something of the exported logs is counted under this name. */
const isCounted = (signal: Signal) => ({ language, logGroupNames }: MonitoredDatabase): boolean => {
  const counted = logFiltersOf(language, Object.keys(logGroupNames)).map(({ metric }): string => LOG_METRICS[metric]);
  return Object.values('metric' in signal ? [signal.metric] : signal.metrics).every(({ origin, name }) => origin !== 'log' || counted.includes(name));
};

const counted = (definition: Pick<AlarmDefinition, 'id' | 'summary' | 'signal' | 'window'> & Partial<AlarmDefinition> & { readonly atLeast: number; readonly per: string }): AlarmDefinition => {
  const { atLeast, per, applies = always, where = 'every', ...rest } = definition;
  return {
    severity: 'warning',
    scope: 'logs',
    comparison: '>=', threshold: constant(atLeast), limit: `${atLeast} in ${per}`, unit: 'Count',
    // What does not happen is not counted.
    missing: 'notBreaching',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(15),
    source: ownFigure(SOURCES.filters),
    ...rest,
    applies: all(isCounted(rest.signal), applies), where: where === 'every' ? 'every that exports this log' : `${where} that exports this log`,
  };
};

/** So few statements a minute say nothing about 95 % of them. */
const FEWEST_STATEMENTS = 60;
/** The logs show only what is slower than the parameter group's threshold: it has to be the objective. */
const slowCounts = ({ latencyWithin, slowStatement }: MonitoredDatabase): boolean => latencyWithin !== undefined && slowStatement.toSeconds() === latencyWithin.toSeconds();

/** Share of slow statements, in per cent of what `rate` counts by the second, all instances together. */
const latency = (id: string, summary: string, rate: string, applies: (database: MonitoredDatabase) => boolean, where: string): AlarmDefinition => counted({
  id, summary, atLeast: 0, per: '',
  signal: {
    metrics: { slow: log(LOG_METRICS.slowStatements, 'Sum'), rate: rds(rate, 'Sum') },
    // The rate is a sample a minute of each instance; their sum, by the second.
    expression: () => `IF(60 * rate >= ${FEWEST_STATEMENTS}, 100 * slow / (60 * rate), 0)`,
  },
  comparison: '>', threshold: constant(5), limit: '5 % of the statements', unit: 'Percent',
  // In the newest minutes the lines may not have been counted yet.
  window: minutes(5, 7),
  detectsWithin: Duration.minutes(10),
  applies: all(slowCounts, applies), where: `${where} with latencyWithin,`,
  source: `95 % within the objective, as requirements state it; ${SOURCES.aurora}; ${SOURCES.filters}`,
});

/** What the databases' logs tell, by the minute. */
export const LOGS: readonly AlarmDefinition[] = [
  counted({
    id: 'connections-refused', summary: 'The database refuses connections: all are taken.', atLeast: 1, per: 'a minute',
    signal: { metric: log(LOG_METRICS.connectionsExhausted, 'Sum') }, window: minutes(1),
    detectsWithin: Duration.minutes(5), toldBy: 'service-down',
  }),
  counted({
    id: 'connection-limits', summary: 'A login or a database has as many connections as it may and gets no more; others are served.', atLeast: 20, per: '5 minutes',
    signal: { metric: log(LOG_METRICS.connectionLimits, 'Sum') }, window: fiveMinutes(1),
  }),
  counted({
    id: 'slow-statements', summary: 'Many statements take longer than the parameter group calls slow.', atLeast: 30, per: '5 minutes, twice',
    signal: { metric: log(LOG_METRICS.slowStatements, 'Sum') }, window: fiveMinutes(2), detectsWithin: Duration.minutes(20),
  }),
  latency('latency', 'More than 5 % of the statements take longer than the objective.', 'Queries', all(isAurora, isMysql), 'Aurora MySQL'),
  latency('latency-commits', 'The statements that take longer than the objective are more than 5 % of the transactions.', 'CommitThroughput', all(isAurora, isPostgresql), 'Aurora PostgreSQL'),
  counted({
    id: 'failed-logins', summary: 'Many logins fail: a wrong password after a rotation, or somebody tries.', atLeast: 20, per: '5 minutes',
    signal: { metric: log(LOG_METRICS.failedLogins, 'Sum') }, window: fiveMinutes(1),
  }),
  counted({
    id: 'permission-denied', summary: 'Statements are refused for want of a privilege: a broken release, or somebody tries.', atLeast: 10, per: '5 minutes',
    signal: { metric: log(LOG_METRICS.permissionDenied, 'Sum') }, window: fiveMinutes(1),
  }),
  counted({
    id: 'deadlocks', summary: 'Transactions deadlock again and again.', atLeast: 5, per: '5 minutes',
    signal: { metric: log(LOG_METRICS.deadlocks, 'Sum') }, window: fiveMinutes(1),
  }),
  counted({
    id: 'out-of-memory', summary: 'A statement or the server got no memory.', atLeast: 1, per: 'a minute',
    signal: { metric: log(LOG_METRICS.outOfMemory, 'Sum') }, window: minutes(1), detectsWithin: Duration.minutes(5),
  }),
  counted({
    id: 'errors', summary: 'The server reports faults of its own: processes that ended, a panic, errors of storage.', atLeast: 1, per: '5 minutes',
    signal: { metric: log(LOG_METRICS.errors, 'Sum') }, window: fiveMinutes(1), quietInMaintenance: true,
    // MySQL calls more an error than PostgreSQL's crashes and panics.
    threshold: (database) => (isMysql(database) ? 5 : 1), limit: '1 in 5 minutes; 5 of MySQL',
  }),
];
