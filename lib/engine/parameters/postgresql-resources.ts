import { INT, type ParameterRow, rowsFrom } from './definition';

const { integer, real, oneOf, boolean, text } = rowsFrom('PostgreSQL, Resource Consumption and Connections; AWS, DescribeDBClusterParameters');

/** Memory, connections, time-outs, worker processes and locks. */
export const POSTGRESQL_RESOURCES: readonly ParameterRow[] = [
  integer('shared_buffers', 128, 1_073_741_823, { unit: '8kB', static: true, aws: true, only: 'aurora' }),
  integer('shared_buffers', 16, 1_073_741_823, { unit: '8kB', static: true, only: 'rds' }),
  integer('effective_cache_size', 1, INT, { unit: '8kB' }),
  integer('work_mem', 64, INT, { unit: 'kB' }),
  real('hash_mem_multiplier', 1, 1000),
  integer('maintenance_work_mem', 1024, INT, { unit: 'kB', until: 16 }),
  integer('maintenance_work_mem', 64, INT, { unit: 'kB', since: 17 }),
  integer('logical_decoding_work_mem', 64, INT, { unit: 'kB' }),
  integer('temp_buffers', 100, 1_073_741_823, { unit: '8kB' }),
  integer('temp_file_limit', -1, INT, { unit: 'kB' }),
  integer('max_stack_depth', 100, INT, { unit: 'kB' }),
  oneOf('huge_pages', ['on', 'off'], { static: true, cluster: true, aws: true, readOnly: true, only: 'aurora' }),
  oneOf('huge_pages', ['on', 'off', 'try'], { static: true, only: 'rds' }),

  integer('max_connections', 6, 262_143, { static: true, aws: true }),
  integer('superuser_reserved_connections', 0, 262_143, { static: true, readOnly: true }),
  integer('authentication_timeout', 1, 600, { unit: 's' }),
  integer('tcp_keepalives_idle', 0, INT, { unit: 's' }),
  integer('tcp_keepalives_interval', 0, INT, { unit: 's' }),
  integer('tcp_keepalives_count', 0, INT),
  integer('client_connection_check_interval', 0, INT, { unit: 'ms' }),
  text('listen_addresses', { static: true, readOnly: true }),
  integer('port', 1, 65_535, { static: true, cluster: true, readOnly: true }),

  integer('statement_timeout', 0, INT, { unit: 'ms' }),
  integer('lock_timeout', 0, INT, { unit: 'ms', only: 'rds' }),
  integer('idle_in_transaction_session_timeout', 0, INT, { unit: 'ms' }),
  integer('idle_session_timeout', 0, INT, { unit: 'ms' }),
  integer('transaction_timeout', 0, INT, { unit: 'ms', only: 'rds', since: 17 }),

  integer('max_worker_processes', 0, 262_143, { static: true }),
  integer('max_parallel_workers', 0, 1024),
  integer('max_parallel_workers_per_gather', 0, 1024),
  integer('max_parallel_maintenance_workers', 0, 1024),
  integer('effective_io_concurrency', 0, 1000, { readOnly: true, only: 'aurora' }),
  integer('effective_io_concurrency', 0, 1000, { only: 'rds' }),
  integer('maintenance_io_concurrency', 0, 1000, { readOnly: true, only: 'aurora' }),
  integer('maintenance_io_concurrency', 0, 1000, { only: 'rds' }),

  integer('deadlock_timeout', 1, INT, { unit: 'ms' }),
  integer('max_locks_per_transaction', 10, INT, { static: true }),
  integer('max_pred_locks_per_transaction', 10, INT, { static: true }),
  integer('max_prepared_transactions', 0, 262_143, { static: true, cluster: true }),

  boolean('row_security'),
  text('search_path'),
  text('timezone', { cluster: true }),
  text('datestyle', { cluster: true }),
  text('client_encoding', { cluster: true }),
  text('default_tablespace', { cluster: true }),
  oneOf('default_toast_compression', ['pglz', 'lz4'], { cluster: true }),
  oneOf('default_transaction_isolation', ['serializable', 'repeatable read', 'read committed', 'read uncommitted']),
  boolean('default_transaction_read_only'),
  oneOf('session_replication_role', ['origin', 'replica', 'local']),
];
