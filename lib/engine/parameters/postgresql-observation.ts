import { INT, type ParameterRow, rowsFrom } from './definition';

const { integer, real, boolean, oneOf, list, text } = rowsFrom('PostgreSQL, Error Reporting and Logging, Run-time Statistics, auto_explain and pg_stat_statements; AWS, DescribeDBClusterParameters');

const LEVELS = ['debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'info', 'notice', 'warning', 'error', 'log', 'fatal'];

/** What is logged and counted, by the server and by the extensions that come with it. */
export const POSTGRESQL_OBSERVATION: readonly ParameterRow[] = [
  boolean('log_connections', { until: 17 }),
  list('log_connections', ['receipt', 'authentication', 'authorization', 'setup_durations', 'all'], { since: 18, aws: true }),
  boolean('log_disconnections'),
  boolean('log_hostname'),
  oneOf('log_statement', ['none', 'ddl', 'mod', 'all']),
  boolean('log_duration'),
  integer('log_min_duration_statement', -1, INT, { unit: 'ms' }),
  integer('log_min_duration_sample', -1, INT, { unit: 'ms' }),
  real('log_statement_sample_rate', 0, 1),
  real('log_transaction_sample_rate', 0, 1, { cluster: true }),
  integer('log_parameter_max_length', -1, 1_073_741_823, { unit: 'B' }),
  integer('log_parameter_max_length_on_error', -1, 1_073_741_823, { unit: 'B' }),
  oneOf('log_error_verbosity', ['terse', 'default', 'verbose']),
  oneOf('log_min_messages', LEVELS, { aws: true }),
  oneOf('log_min_error_statement', [...LEVELS, 'panic']),
  boolean('log_lock_waits'),
  integer('log_temp_files', -1, INT, { unit: 'kB' }),
  integer('log_autovacuum_min_duration', -1, INT, { unit: 'ms', cluster: true }),
  boolean('log_checkpoints', { only: 'rds' }),
  boolean('log_replication_commands'),
  integer('log_rotation_age', 10, 1440, { unit: 'min', aws: true, only: 'aurora' }),
  integer('log_rotation_size', 50_000, 1_000_000, { unit: 'kB', aws: true, only: 'aurora' }),
  text('log_line_prefix', { readOnly: true, only: 'aurora' }),
  text('log_timezone', { readOnly: true }),

  boolean('track_activities'),
  integer('track_activity_query_size', 100, 1_048_576, { unit: 'B', static: true }),
  boolean('track_counts'),
  oneOf('track_functions', ['none', 'pl', 'all']),
  boolean('track_io_timing'),
  boolean('track_wal_io_timing', { cluster: true }),
  oneOf('compute_query_id', ['auto', 'on'], { cluster: true, aws: true }),

  integer('pg_stat_statements.max', 100, 1_073_741_823, { static: true }),
  oneOf('pg_stat_statements.track', ['NONE', 'TOP', 'ALL'], { aws: true }),
  boolean('pg_stat_statements.track_utility'),
  boolean('pg_stat_statements.track_planning'),
  boolean('pg_stat_statements.save'),
  integer('auto_explain.log_min_duration', -1, INT, { unit: 'ms' }),
  boolean('auto_explain.log_analyze'),
  boolean('auto_explain.log_buffers'),
  oneOf('auto_explain.log_format', ['text', 'xml', 'json', 'yaml']),
  boolean('auto_explain.log_nested_statements'),
  boolean('auto_explain.log_timing'),
  boolean('auto_explain.log_verbose'),
  real('auto_explain.sample_rate', 0, 1),
];
