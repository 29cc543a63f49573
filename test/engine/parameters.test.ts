import { Lazy } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { formatComplaint } from '../../lib/core/errors';
import { type DatabaseEngine, Engine, type ParameterValues } from '../../lib/engine';

const aurora = Engine.auroraPostgresql('17');
const rds = Engine.postgresql('17');
const mysql = Engine.mysql('8.4');

const PG_RESOURCES = 'Source: PostgreSQL, Resource Consumption and Connections; AWS, DescribeDBClusterParameters';
const PG_LOGS = 'Source: PostgreSQL, Error Reporting and Logging, Run-time Statistics, auto_explain and pg_stat_statements; AWS, DescribeDBClusterParameters';
const PG_AWS = 'Source: AWS, DescribeDBClusterParameters; Aurora PostgreSQL parameters; Working with parameters on your RDS for PostgreSQL DB instance';
const MYSQL = 'Source: MySQL 8.4 Reference Manual, Server System Variables and Replication; AWS, Aurora MySQL configuration parameters and Security with Amazon Aurora MySQL';
const INNODB = 'Source: MySQL 8.4 Reference Manual, InnoDB Startup Options and System Variables; AWS, Aurora MySQL configuration parameters';

const texts = (engine: DatabaseEngine, values: ParameterValues, group?: 'cluster' | 'instance'): string => engine.checkParameters(values, group).map(formatComplaint).join('\n\n');

/** Each with the whole message. */
const REFUSED: readonly (readonly [string, DatabaseEngine, ParameterValues, string])[] = [
  ['a mistyped name', aurora, { wrok_mem: 65536 }, `engine/parameter-unknown

  The catalogue of Aurora PostgreSQL 17 has no parameter "wrok_mem".

  Did you mean "work_mem"?
  One that exists all the same is set with its apply method:
    parameters: { wrok_mem: { value: "65536", applyMethod: 'pending-reboot' } }

  tenantry explain engine/parameter-unknown`],
  ['a name that is near none', aurora, { 'my.own': 'x' }, `engine/parameter-unknown

  The catalogue of Aurora PostgreSQL 17 has no parameter "my.own".

  One that exists all the same is set with its apply method:
    parameters: { 'my.own': { value: "x", applyMethod: 'pending-reboot' } }

  tenantry explain engine/parameter-unknown`],
  ['a parameter of another engine', aurora, { max_wal_size: 4096 }, `engine/parameter-unknown

  The catalogue of Aurora PostgreSQL 17 has no parameter "max_wal_size"; that of RDS PostgreSQL has.

  Did you mean "max_wal_senders"?
  One that exists all the same is set with its apply method:
    parameters: { max_wal_size: { value: "4096", applyMethod: 'pending-reboot' } }

  tenantry explain engine/parameter-unknown`],
  ['a parameter of another version', aurora, { old_snapshot_threshold: 60 }, `engine/parameter-unknown

  The catalogue of Aurora PostgreSQL 17 has no parameter "old_snapshot_threshold"; that of Aurora PostgreSQL 15 and 16 and RDS PostgreSQL has.

  One that exists all the same is set with its apply method:
    parameters: { old_snapshot_threshold: { value: "60", applyMethod: 'pending-reboot' } }

  tenantry explain engine/parameter-unknown`],
  ['a name of every object', aurora, { constructor: 1, toString: 'x' }, `engine/parameter-unknown

  The catalogue of Aurora PostgreSQL 17 has no parameter "constructor".

  One that exists all the same is set with its apply method:
    parameters: { constructor: { value: "1", applyMethod: 'pending-reboot' } }

  tenantry explain engine/parameter-unknown

engine/parameter-unknown

  The catalogue of Aurora PostgreSQL 17 has no parameter "toString".

  One that exists all the same is set with its apply method:
    parameters: { toString: { value: "x", applyMethod: 'pending-reboot' } }

  tenantry explain engine/parameter-unknown`],
  ['a value below the range', aurora, { work_mem: 32 }, `engine/parameter-range

  parameters.work_mem is 32 kB; 64 to 2,147,483,647 kB are allowed.

  ${PG_RESOURCES}`],
  ['a range that AWS has made narrower', aurora, { max_standby_streaming_delay: -1 }, `engine/parameter-range

  parameters.max_standby_streaming_delay is -1 ms; 1,000 to 30,000 ms are allowed.

  Source: PostgreSQL, Vacuuming, Write Ahead Log and Replication; AWS, DescribeDBClusterParameters`],
  ['a range without an end', mysql, { innodb_buffer_pool_size: 1024 }, `engine/parameter-range

  parameters.innodb_buffer_pool_size is 1024 B; 5,242,880 B or more is allowed.

  ${INNODB}`],
  ['a fraction where a whole number is needed', rds, { max_connections: 100.5 }, `engine/parameter-type

  parameters.max_connections is 100.5; a whole number is needed.

  ${PG_RESOURCES}`],
  ['a unit, with the number to give', aurora, { work_mem: '64MB' }, `engine/parameter-type

  parameters.work_mem is "64MB"; a whole number of kB is needed.

  parameters: { work_mem: 65536 }

  ${PG_RESOURCES}`],
  ['a time with a unit, with the number to give', aurora, { idle_in_transaction_session_timeout: '5 min' }, `engine/parameter-type

  parameters.idle_in_transaction_session_timeout is "5 min"; a whole number of ms is needed.

  parameters: { idle_in_transaction_session_timeout: 300000 }

  ${PG_RESOURCES}`],
  ['a text where a number is needed', mysql, { long_query_time: 'fast' }, `engine/parameter-type

  parameters.long_query_time is "fast"; a number of s is needed.

  ${MYSQL}`],
  ['no number at all', aurora, { work_mem: NaN, statement_timeout: true }, `engine/parameter-type

  parameters.work_mem is NaN; a whole number of kB is needed.

  ${PG_RESOURCES}

engine/parameter-type

  parameters.statement_timeout is true; a whole number of ms is needed.

  ${PG_RESOURCES}`],
  ['something that is neither true nor false', aurora, { log_lock_waits: 'often' }, `engine/parameter-type

  parameters.log_lock_waits is "often"; true or false is needed.

  ${PG_LOGS}`],
  ['a switch where a text is needed', aurora, { timezone: true }, `engine/parameter-type

  parameters.timezone is true; a text is needed.

  ${PG_RESOURCES}`],
  ['a word that is not one of those', aurora, { log_statement: 'dll' }, `engine/parameter-value

  parameters.log_statement is "dll"; none, ddl, mod and all are allowed.

  Did you mean "ddl"?

  ${PG_LOGS}`],
  ['one word of a list', aurora, { shared_preload_libraries: 'pg_stat_statements,pg_kron' }, `engine/parameter-value

  parameters.shared_preload_libraries is "pg_stat_statements,pg_kron", with "pg_kron"; auto_explain, orafce, pgaudit, pg_similarity, pg_stat_statements, pg_hint_plan, pg_prewarm, plprofiler, pglogical, pg_cron, pg_tle, pg_bigm and pg_transport are allowed.

  Did you mean "pg_cron"?

  ${PG_AWS}`],
  ['the only word there is', aurora, { 'pgaudit.role': 'auditor' }, `engine/parameter-value

  parameters["pgaudit.role"] is "auditor"; rds_pgaudit is allowed.

  ${PG_AWS}`],
  ['what AWS keeps to itself', aurora, { log_line_prefix: '%m' }, `engine/parameter-read-only

  parameters.log_line_prefix is given, but log_line_prefix of Aurora PostgreSQL 17 is AWS's own: it cannot be set.

  Remove it.

  ${PG_LOGS}`],
  ['a formula of a text', aurora, { search_path: '{DBInstanceClassMemory/2}' }, `engine/parameter-formula

  parameters.search_path is "{DBInstanceClassMemory/2}", a formula; AWS computes integers and booleans, and search_path is a text.

  Give the value itself.

  ${PG_RESOURCES}`],
  ['a formula with a mistyped variable', aurora, { work_mem: 'GREATEST({DBInstanceMemory/32768},65536)' }, `engine/parameter-formula

  parameters.work_mem is "GREATEST({DBInstanceMemory/32768},65536)", a formula with "DBInstanceMemory"; it may be made of DBInstanceClassMemory, AllocatedStorage, EndPointPort, DBInstanceVCPU, GREATEST, LEAST, SUM and log.

  Did you mean "DBInstanceClassMemory"?

  ${PG_RESOURCES}`],
  ['a variable that only PostgreSQL has', mysql, { innodb_purge_threads: '{DBInstanceVCPU}' }, `engine/parameter-formula

  parameters.innodb_purge_threads is "{DBInstanceVCPU}", a formula with "DBInstanceVCPU"; it may be made of DBInstanceClassMemory, AllocatedStorage, EndPointPort, GREATEST, LEAST, SUM and log.

  ${INNODB}`],
];

describe('[DBAAS-1.5] parameters of an engine are checked: refused is', () => {
  it.each(REFUSED)('%s', (_title, engine, values, message) => {
    expect(texts(engine, values)).toBe(message);
  });

  it('what belongs to the whole cluster, in the parameters of an instance', () => {
    expect(texts(aurora, { 'rds.force_ssl': true, work_mem: 64 }, 'instance')).toBe(`engine/parameter-scope

  parameters["rds.force_ssl"] is given for an instance, but Aurora PostgreSQL 17 has rds.force_ssl for the whole cluster only.

  Give it to the parameters of the cluster.

  ${PG_AWS}`);
    expect(texts(rds, { 'rds.force_ssl': true }, 'instance')).toBe('');
  });
});

describe('[DBAAS-1.5] parameters of an engine are taken', () => {
  const settings = (engine: DatabaseEngine, values: ParameterValues): string[] => {
    expect(texts(engine, values)).toBe('');
    const names = Object.keys(values);
    return engine.parameterGroup(values, '1.3').filter(({ name }) => names.includes(name)).map(({ name, value, applyMethod }) => `${name}=${value} ${applyMethod}`);
  };

  it('at the ends of their ranges, as numbers and as texts', () => {
    expect(settings(aurora, { work_mem: 64, temp_file_limit: -1, 'auto_explain.sample_rate': '0.5', idle_session_timeout: '2147483647' })).toEqual([
      'auto_explain.sample_rate=0.5 immediate', 'idle_session_timeout=2147483647 immediate', 'temp_file_limit=-1 immediate', 'work_mem=64 immediate',
    ]);
  });

  it('in the spelling that AWS answers, or every plan would show a change', () => {
    expect(settings(aurora, { log_duration: true, autovacuum: 'OFF', enable_sort: 0, 'cron.log_run': false, 'apg_plan_mgmt.use_plan_baselines': true, 'pg_stat_statements.track': 'all', synchronous_commit: false, 'pgaudit.log': 'DDL, role' })).toEqual([
      'apg_plan_mgmt.use_plan_baselines=true immediate', 'autovacuum=0 immediate', 'cron.log_run=off pending-reboot', 'enable_sort=0 immediate', 'log_duration=1 immediate', 'pg_stat_statements.track=ALL immediate',
      'pgaudit.log=ddl,role immediate', 'synchronous_commit=off immediate',
    ]);
    expect(settings(Engine.auroraMysql('8.4'), { event_scheduler: true, aurora_parallel_query: 'on', binlog_format: 'row', innodb_strict_mode: false })).toEqual([
      'aurora_parallel_query=ON pending-reboot', 'binlog_format=ROW pending-reboot', 'event_scheduler=ON immediate', 'innodb_strict_mode=0 immediate',
    ]);
  });

  it('with a restart where they are static, and instead of what the template says', () => {
    expect(settings(aurora, { max_connections: 500, shared_preload_libraries: 'pg_stat_statements,pgaudit', log_min_duration_statement: 250 })).toEqual([
      'log_min_duration_statement=250 immediate', 'max_connections=500 pending-reboot', 'shared_preload_libraries=pg_stat_statements,pgaudit pending-reboot',
    ]);
    const names = aurora.parameterGroup({ log_min_duration_statement: 250 }, '1.3').map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort());
    expect(aurora.needsReboot(['work_mem', 'max_connections', 'rds.logical_replication', 'unheard_of'])).toEqual(['max_connections', 'rds.logical_replication', 'unheard_of']);
  });

  it('as formulas of integers and booleans', () => {
    const formulas = { shared_buffers: '{DBInstanceClassMemory/32768}', maintenance_work_mem: 'greatest({DBInstanceClassMemory/63963136*1024},65536)', autovacuum_vacuum_cost_limit: 'GREATEST({log(DBInstanceClassMemory/21474836480)*600},200)', wal_compression: 'on', jit: '{DBInstanceVCPU} > 2' };
    expect(settings(rds, formulas)).toEqual([
      'autovacuum_vacuum_cost_limit=GREATEST({log(DBInstanceClassMemory/21474836480)*600},200) immediate', 'jit={DBInstanceVCPU} > 2 immediate', 'maintenance_work_mem=greatest({DBInstanceClassMemory/63963136*1024},65536) immediate',
      'shared_buffers={DBInstanceClassMemory/32768} pending-reboot', 'wal_compression=on immediate',
    ]);
  });

  it('as they are where they are raw, whatever the catalogue says', () => {
    expect(settings(aurora, { recovery_prefetch: { value: 'try', applyMethod: 'pending-reboot' }, work_mem: { value: '1', applyMethod: 'immediate' } })).toEqual(['recovery_prefetch=try pending-reboot', 'work_mem=1 immediate']);
  });

  it('unchecked where only Terraform knows them, with the apply method of the parameter', () => {
    const text = Lazy.stringValue({ produce: () => 'x' });
    const number = Lazy.numberValue({ produce: () => 4 });
    expect(settings(aurora, { work_mem: number, log_statement: text, max_connections: text })).toEqual([`log_statement=${text} immediate`, `max_connections=${text} pending-reboot`, `work_mem=${number} immediate`]);
  });
});
