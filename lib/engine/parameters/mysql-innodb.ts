import { type ParameterRow, REAL, rowsFrom } from './definition';

const { integer, real, boolean, oneOf, text } = rowsFrom('MySQL 8.4 Reference Manual, InnoDB Startup Options and System Variables; AWS, Aurora MySQL configuration parameters');

/** The storage engine. Aurora has its own storage below it, so that what is about log files and writing threads is AWS's there. */
export const MYSQL_INNODB: readonly ParameterRow[] = [
  // MySQL resizes it while it runs. AWS publishes no apply type for it, and a restart that was not needed harms less than an apply that fails.
  integer('innodb_buffer_pool_size', 5_242_880, REAL, { unit: 'B', static: true }),
  integer('innodb_log_buffer_size', 1_048_576, 4_294_967_295, { unit: 'B', static: true, only: 'rds' }),
  integer('innodb_redo_log_capacity', 8_388_608, 549_755_813_888, { unit: 'B', only: 'rds', since: 8.4 }),
  oneOf('innodb_flush_log_at_trx_commit', ['0', '1', '2'], { only: 'rds' }),
  oneOf('innodb_flush_log_at_trx_commit', ['0', '1', '2'], { cluster: true, readOnly: true, only: 'aurora' }),
  integer('innodb_io_capacity', 100, REAL, { only: 'rds' }),
  integer('innodb_io_capacity_max', 100, REAL, { only: 'rds' }),
  integer('innodb_read_io_threads', 1, 64, { static: true, only: 'rds' }),
  integer('innodb_read_io_threads', 1, 64, { static: true, readOnly: true, only: 'aurora' }),
  integer('innodb_write_io_threads', 1, 64, { static: true, only: 'rds' }),
  real('innodb_max_dirty_pages_pct', 0, 99.999, { only: 'rds' }),
  integer('innodb_lru_scan_depth', 100, REAL),
  oneOf('innodb_page_size', ['4096', '8192', '16384', '32768', '65536'], { static: true, cluster: true, readOnly: true }),
  integer('innodb_open_files', 10, 2_147_483_647, { static: true }),

  integer('innodb_lock_wait_timeout', 1, 1_073_741_824, { unit: 's' }),
  boolean('innodb_deadlock_detect'),
  boolean('innodb_print_all_deadlocks'),
  boolean('innodb_rollback_on_timeout', { static: true, cluster: true }),
  oneOf('innodb_autoinc_lock_mode', ['0', '1', '2'], { static: true, cluster: true }),
  boolean('innodb_strict_mode', { cluster: true }),
  boolean('innodb_file_per_table', { cluster: true }),
  boolean('innodb_adaptive_hash_index', { cluster: true }),
  integer('innodb_purge_threads', 1, 32, { static: true, cluster: true }),
  integer('innodb_max_purge_lag', 0, 4_294_967_295),
  integer('innodb_online_alter_log_max_size', 65_536, REAL, { unit: 'B', cluster: true }),
  integer('innodb_sort_buffer_size', 65_536, 67_108_864, { unit: 'B', static: true }),
  integer('innodb_ft_min_token_size', 0, 16, { static: true, cluster: true }),
  integer('innodb_ft_max_token_size', 10, 84, { static: true, cluster: true }),
  boolean('innodb_stats_persistent'),
  boolean('innodb_stats_auto_recalc'),
  integer('innodb_stats_persistent_sample_pages', 1, REAL),
  text('innodb_monitor_enable'),
];
