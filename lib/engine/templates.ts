import { Duration } from '../core/duration';
import type { EngineParameter } from './parameters/value';

/**
 * From here a statement is slow, logged and counted: a second is what people wait without losing their thought (Nielsen, Response Times: The Three Important
 * Limits), and a busy database does not drown its log in what takes longer. The alarm on slow statements reads it from the engine, so that log and alarm cannot differ.
 */
const SLOW_STATEMENT = Duration.seconds(1);

const dynamic = (name: string, value: string): EngineParameter => ({ name, value, applyMethod: 'immediate' });
const atRestart = (name: string, value: string): EngineParameter => ({ name, value, applyMethod: 'pending-reboot' });

/** What protects connections and passwords. */
export const POSTGRESQL_FIXED = ['password_encryption', 'rds.accepted_password_auth_method', 'rds.force_ssl'] as const;
export const MYSQL_FIXED = ['require_secure_transport'] as const;

/** The reasons stand in the README of this folder, and a test keeps both together. */
export const postgresqlTemplate = (major: number): EngineParameter[] => [
  dynamic('log_autovacuum_min_duration', '10000'),
  // A list since 18; before, a switch.
  dynamic('log_connections', major >= 18 ? 'all' : '1'),
  dynamic('log_disconnections', '1'),
  dynamic('log_lock_waits', '1'),
  dynamic('log_min_duration_statement', String(SLOW_STATEMENT.toSeconds() * 1000)),
  dynamic('log_parameter_max_length', '0'),
  dynamic('log_temp_files', '10240'),
  dynamic('password_encryption', 'scram-sha-256'),
  dynamic('rds.accepted_password_auth_method', 'scram'),
  dynamic('rds.force_autovacuum_logging_level', 'warning'),
  dynamic('rds.force_ssl', '1'),
  atRestart('shared_preload_libraries', 'pg_stat_statements'),
  dynamic('track_io_timing', '1'),
];

/** @param on - how the engine writes it for `require_secure_transport` */
export const mysqlTemplate = (on: '1' | 'ON'): EngineParameter[] => [
  dynamic('innodb_print_all_deadlocks', '1'),
  dynamic('log_output', 'FILE'),
  dynamic('long_query_time', String(SLOW_STATEMENT.toSeconds())),
  dynamic('require_secure_transport', on),
  dynamic('slow_query_log', '1'),
];
