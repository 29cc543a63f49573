import { type ParameterRow, REAL, rowsFrom } from './definition';

const { integer, real, boolean, oneOf, list, text } = rowsFrom('MySQL 8.4 Reference Manual, Server System Variables and Replication; AWS, Aurora MySQL configuration parameters and Security with Amazon Aurora MySQL');

const OFF_ON = ['OFF', 'ON'] as const;

/** TLS, logs, replication, and what Aurora adds. */
export const MYSQL_AWS: readonly ParameterRow[] = [
  boolean('require_secure_transport', { cluster: true, booleans: OFF_ON, only: 'aurora' }),
  boolean('require_secure_transport', { only: 'rds' }),
  list('tls_version', ['TLSv1.2', 'TLSv1.3'], { static: true, cluster: true, aws: true }),

  boolean('slow_query_log'),
  real('long_query_time', 0, 31_536_000, { unit: 's' }),
  boolean('log_queries_not_using_indexes'),
  integer('log_throttle_queries_not_using_indexes', 0, 4_294_967_295),
  integer('min_examined_row_limit', 0, REAL),
  boolean('log_slow_admin_statements', { only: 'rds' }),
  boolean('general_log'),
  oneOf('log_output', ['TABLE', 'FILE', 'NONE']),
  integer('log_error_verbosity', 1, 3, { only: 'rds' }),
  boolean('performance_schema', { static: true }),
  integer('performance_schema_digests_size', -1, 1_048_576, { static: true }),
  integer('performance_schema_max_digest_length', 0, 1_048_576, { unit: 'B', static: true }),

  oneOf('binlog_format', ['ROW', 'STATEMENT', 'MIXED', 'OFF'], { static: true, cluster: true, aws: true, only: 'aurora' }),
  oneOf('binlog_format', ['ROW', 'STATEMENT', 'MIXED'], { only: 'rds' }),
  oneOf('binlog_row_image', ['full', 'minimal', 'noblob'], { cluster: true, readOnly: true, only: 'aurora' }),
  oneOf('binlog_row_image', ['full', 'minimal', 'noblob'], { only: 'rds' }),
  oneOf('binlog_row_metadata', ['MINIMAL', 'FULL'], { cluster: true }),
  oneOf('binlog_checksum', ['NONE', 'CRC32'], { cluster: true }),
  boolean('binlog_rows_query_log_events', { cluster: true }),
  integer('binlog_cache_size', 4096, REAL, { unit: 'B' }),
  integer('sync_binlog', 0, 4_294_967_295, { readOnly: true, only: 'aurora' }),
  integer('sync_binlog', 0, 4_294_967_295, { only: 'rds' }),
  boolean('log_bin_trust_function_creators'),
  oneOf('gtid-mode', ['OFF', 'OFF_PERMISSIVE', 'ON_PERMISSIVE', 'ON'], { static: true, cluster: true }),
  oneOf('enforce_gtid_consistency', ['OFF', 'WARN', 'ON'], { static: true, cluster: true }),
  integer('replica_parallel_workers', 0, 1024),
  boolean('replica_preserve_commit_order', { cluster: true }),
  integer('auto_increment_increment', 1, 65_535, { cluster: true }),
  integer('auto_increment_offset', 1, 65_535, { cluster: true }),

  boolean('server_audit_logging', { cluster: true, only: 'aurora' }),
  list('server_audit_events', ['CONNECT', 'QUERY', 'QUERY_DCL', 'QUERY_DDL', 'QUERY_DML', 'TABLE'], { cluster: true, only: 'aurora' }),
  text('server_audit_incl_users', { cluster: true, only: 'aurora' }),
  text('server_audit_excl_users', { cluster: true, only: 'aurora' }),
  boolean('aurora_parallel_query', { static: true, booleans: OFF_ON, only: 'aurora' }),
  boolean('aurora_enhanced_binlog', { static: true, cluster: true, only: 'aurora' }),
  boolean('binlog_backup', { static: true, cluster: true, only: 'aurora' }),
  boolean('binlog_replication_globaldb', { static: true, cluster: true, only: 'aurora' }),
  text('aurora_oom_response', { only: 'aurora' }),
];
