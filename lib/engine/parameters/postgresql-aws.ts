import { INT, ON_OFF, type ParameterRow, rowsFrom } from './definition';

const { integer, boolean, oneOf, list, text } = rowsFrom('AWS, DescribeDBClusterParameters; Aurora PostgreSQL parameters; Working with parameters on your RDS for PostgreSQL DB instance');

const LEVELS = ['disabled', 'debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'info', 'notice', 'warning', 'error', 'log', 'fatal', 'panic'];
const LIBRARIES = ['auto_explain', 'orafce', 'pgaudit', 'pg_similarity', 'pg_stat_statements', 'pg_hint_plan', 'pg_prewarm', 'plprofiler', 'pglogical', 'pg_cron', 'pg_tle', 'pg_bigm', 'pg_transport'];
const CLASSES = ['ddl', 'function', 'misc', 'read', 'role', 'write'];

/** What AWS adds to PostgreSQL, what it decides about it, and extensions that do not come with the server. */
export const POSTGRESQL_AWS: readonly ParameterRow[] = [
  boolean('rds.force_ssl', { cluster: true }),
  oneOf('ssl_min_protocol_version', ['TLSv1.2', 'TLSv1.3'], { cluster: true, aws: true }),
  oneOf('ssl_max_protocol_version', ['TLSv1.2', 'TLSv1.3'], { cluster: true, aws: true }),
  oneOf('password_encryption', ['md5', 'scram-sha-256'], { cluster: true }),
  oneOf('rds.accepted_password_auth_method', ['md5+scram', 'scram'], { cluster: true }),
  boolean('rds.restrict_password_commands', { static: true, cluster: true }),
  integer('rds.rds_superuser_reserved_connections', 0, 262_143, { static: true }),
  text('rds.allowed_extensions'),
  text('rds.extensions', { cluster: true, readOnly: true }),

  list('shared_preload_libraries', LIBRARIES, { static: true, aws: true }),
  boolean('rds.adaptive_autovacuum', { cluster: true }),
  oneOf('rds.force_autovacuum_logging_level', LEVELS, { cluster: true }),
  oneOf('rds.force_admin_logging_level', LEVELS),
  integer('rds.log_retention_period', 1440, 10_080, { unit: 'min' }),
  integer('rds.pg_stat_ramdisk_size', 0, 8196, { unit: 'MB', static: true }),
  boolean('rds.logical_replication', { static: true, cluster: true }),

  boolean('rds.enable_plan_management', { static: true, cluster: true, only: 'aurora' }),
  integer('rds.global_db_rpo', 20, INT, { unit: 's', cluster: true, only: 'aurora' }),
  integer('rds.logical_decoding_work_disk', -1, INT, { only: 'aurora' }),
  integer('rds.logical_wal_cache', -1, 262_143, { unit: '8kB', static: true, only: 'aurora' }),
  oneOf('rds.babelfish_status', ['on', 'off', 'datatypesonly'], { static: true, cluster: true, only: 'aurora' }),
  boolean('apg_ccm_enabled', { cluster: true, only: 'aurora' }),
  oneOf('apg_plan_mgmt.capture_plan_baselines', ['manual', 'automatic', 'off'], { only: 'aurora' }),
  boolean('apg_plan_mgmt.use_plan_baselines', { booleans: ['false', 'true'], only: 'aurora' }),

  list('pgaudit.log', [...CLASSES, 'none', 'all', ...CLASSES.map((name) => `-${name}`)]),
  boolean('pgaudit.log_catalog'),
  oneOf('pgaudit.log_level', ['debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'info', 'notice', 'warning', 'log']),
  boolean('pgaudit.log_parameter'),
  boolean('pgaudit.log_relation'),
  boolean('pgaudit.log_statement_once'),
  oneOf('pgaudit.role', ['rds_pgaudit']),

  text('cron.database_name', { static: true }),
  boolean('cron.log_run', { static: true, booleans: ON_OFF }),
  boolean('cron.log_statement', { static: true, booleans: ON_OFF }),
  integer('cron.max_running_jobs', 0, 100, { static: true }),
];
