import type { LogMetric } from './metric-names';
import type { MonitoredDatabase } from './monitored-database';

/**
 * One pattern that is searched for in one exported log.
 *
 * A pattern is either terms that all have to be there (`"a" "b"`), some of which must not (`-"c"`), or terms of which one has to be there (`?"a" ?"b"`). CloudWatch
 * ignores the latter where they are mixed with the former, so that one metric may have several filters. Each term is an exact phrase in quotation marks; letters' case counts.
 *
 * Source: Amazon CloudWatch Logs User Guide, Filter pattern syntax for metric filters.
 */
export interface LogFilter {
  /** Part of the filter's name and of its address in the state. It never changes once released. */
  readonly id: string;
  readonly metric: LogMetric;
  readonly log: string;
  readonly pattern: string;
  /** Where the text of the line comes from. */
  readonly source: string;
  /** Counts what another log counts too, so it is left out where that one is exported. @default - always there */
  readonly unless?: string;
}

/** As the server says it with lc_messages in English and log_error_verbosity below verbose, which are the defaults. */
const POSTGRESQL = 'PostgreSQL, src/backend';
const MYSQL = 'MySQL 8.0 Error Message Reference';
const AUDIT = 'Amazon Aurora User Guide, Advanced Auditing; MariaDB audit plugin';

/** A statement or a step of it that took longer than log_min_duration_statement; not the line that log_duration writes for every statement. */
const slow = (step: string): LogFilter => ({ id: `slow-${step}`, metric: 'slowStatements', log: 'postgresql', pattern: `"LOG:  duration: " " ms  ${step}"`, source: POSTGRESQL });

const FILTERS: Readonly<Record<MonitoredDatabase['language'], readonly LogFilter[]>> = {
  postgresql: [
    // With the extended protocol parsing, binding and executing are measured one by one.
    slow('statement'), slow('parse'), slow('bind'), slow('execute'),
    // RDS asks PAM where a login has rds_iam: an IAM token that is no good ends there.
    { id: 'failed-logins', metric: 'failedLogins', log: 'postgresql', pattern: '?"FATAL:  password authentication failed for user" ?"FATAL:  PAM authentication failed for user" ?"FATAL:  no pg_hba.conf entry for"', source: POSTGRESQL },
    { id: 'permission-denied', metric: 'permissionDenied', log: 'postgresql', pattern: '?"ERROR:  permission denied " ?"FATAL:  permission denied " ?"ERROR:  must be owner of " ?"ERROR:  new row violates row-level security policy "', source: `${POSTGRESQL}: errors of SQLSTATE 42501` },
    { id: 'deadlocks', metric: 'deadlocks', log: 'postgresql', pattern: '"ERROR:  deadlock detected"', source: POSTGRESQL },
    { id: 'connections-exhausted', metric: 'connectionsExhausted', log: 'postgresql', pattern: '?"FATAL:  remaining connection slots are reserved" ?"FATAL:  sorry, too many clients already"', source: POSTGRESQL },
    { id: 'connection-limits', metric: 'connectionLimits', log: 'postgresql', pattern: '"FATAL:  too many connections for "', source: POSTGRESQL },
    { id: 'out-of-memory', metric: 'outOfMemory', log: 'postgresql', pattern: '?"ERROR:  out of memory" ?"FATAL:  out of memory" ?"was terminated by signal 9"', source: POSTGRESQL },
    { id: 'errors', metric: 'errors', log: 'postgresql', pattern: '?"PANIC:  " ?"was terminated by signal "', source: POSTGRESQL },
  ],
  mysql: [
    { id: 'slow-statements', metric: 'slowStatements', log: 'slowquery', pattern: '"# Query_time: "', source: 'MySQL 8.0 Reference Manual, The Slow Query Log' },
    { id: 'failed-logins-audit', metric: 'failedLogins', log: 'audit', pattern: '",FAILED_CONNECT,"', source: AUDIT },
    { id: 'failed-logins', metric: 'failedLogins', log: 'error', pattern: '"Access denied for user"', source: `${MYSQL}: needs log_error_verbosity 3`, unless: 'audit' },
    { id: 'deadlocks', metric: 'deadlocks', log: 'error', pattern: '"Transactions deadlock detected"', source: `${MYSQL}: needs innodb_print_all_deadlocks` },
    { id: 'connections-exhausted', metric: 'connectionsExhausted', log: 'error', pattern: '"Too many connections"', source: MYSQL },
    { id: 'out-of-memory', metric: 'outOfMemory', log: 'error', pattern: '"Out of memory"', source: MYSQL },
    { id: 'errors', metric: 'errors', log: 'error', pattern: '"[ERROR]"', source: MYSQL },
  ],
};

/** The filters of what a database exports. What is not exported is not counted, and its metric has no data. */
export function logFiltersOf(language: MonitoredDatabase['language'], logs: readonly string[]): readonly LogFilter[] {
  return FILTERS[language].filter(({ log, unless }) => logs.includes(log) && (unless === undefined || !logs.includes(unless)));
}
