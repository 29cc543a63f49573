import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import { DbParameterGroup } from '@cdktf/provider-aws/lib/db-parameter-group';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterParameterGroup } from '@cdktf/provider-aws/lib/rds-cluster-parameter-group';
import { describe, expect, it } from 'vitest';
import { Duration } from '../../lib/core/duration';
import { NEXT_MINOR_RELEASES, POSTGRESQL_LIFECYCLES } from '../../lib/core/postgresql-versions';
import { Size } from '../../lib/core/size';
import { listOf } from '../../lib/core/text';
import { type DatabaseEngine, describeSupport, Engine, type EngineDefinition, InstanceSize, supportOf } from '../../lib/engine';
import { HaCluster, Topology } from '../../lib/ha-cluster';
import { expectRefusal, importedNetwork, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';

const README = readFileSync(join(__dirname, '../../lib/engine/README.md'), 'utf8');

/** Every major version that there is. */
const ALL: readonly DatabaseEngine[] = [
  ...['15', '16', '17', '18'].map((version) => Engine.auroraPostgresql(version)), ...['14', '15', '16', '17', '18'].map((version) => Engine.postgresql(version)),
  ...['8.0', '8.4'].map((version) => Engine.auroraMysql(version)), ...['8.0', '8.4'].map((version) => Engine.mysql(version)),
];
const named = ALL.map((engine) => [`${engine.label} ${engine.major}`, engine] as const);
const template = (engine: DatabaseEngine): Record<string, string> => Object.fromEntries(engine.parameters.map(({ name, value, applyMethod }) => [name, `${value} ${applyMethod}`]));

const POSTGRESQL = {
  log_autovacuum_min_duration: '10000 immediate', log_connections: '1 immediate', log_disconnections: '1 immediate', log_lock_waits: '1 immediate', log_min_duration_statement: '1000 immediate',
  log_parameter_max_length: '0 immediate', log_temp_files: '10240 immediate', password_encryption: 'scram-sha-256 immediate', 'rds.accepted_password_auth_method': 'scram immediate',
  'rds.force_autovacuum_logging_level': 'warning immediate', 'rds.force_ssl': '1 immediate', shared_preload_libraries: 'pg_stat_statements pending-reboot', track_io_timing: '1 immediate',
};
const MYSQL = { innodb_print_all_deadlocks: '1 immediate', log_output: 'FILE immediate', long_query_time: '1 immediate', require_secure_transport: '1 immediate', slow_query_log: '1 immediate' };

describe('[DBAAS-1.4] each engine has a template of its own', () => {
  it.each(named.filter(([, { language }]) => language === 'postgresql'))('%s', (_name, engine) => {
    expect(template(engine)).toEqual({ ...POSTGRESQL, ...(engine.major === '18' ? { log_connections: 'all immediate' } : {}) });
    expect([engine.minimumTls('1.2'), engine.minimumTls('1.3')]).toEqual([{ name: 'ssl_min_protocol_version', value: 'TLSv1.2', applyMethod: 'immediate' }, { name: 'ssl_min_protocol_version', value: 'TLSv1.3', applyMethod: 'immediate' }]);
    expect(engine.fixedParameters('1.3').map(({ name }) => name)).toEqual(['password_encryption', 'rds.accepted_password_auth_method', 'rds.force_ssl', 'ssl_min_protocol_version']);
  });

  it.each(named.filter(([, { language }]) => language === 'mysql'))('%s', (_name, engine) => {
    expect(template(engine)).toEqual({ ...MYSQL, ...(engine.storage === 'aurora' ? { require_secure_transport: 'ON immediate' } : {}) });
    expect([engine.minimumTls('1.2'), engine.minimumTls('1.3')]).toEqual([{ name: 'tls_version', value: 'TLSv1.2,TLSv1.3', applyMethod: 'pending-reboot' }, { name: 'tls_version', value: 'TLSv1.3', applyMethod: 'pending-reboot' }]);
    expect(engine.fixedParameters('1.2').map(({ name, value }) => `${name}=${value}`)).toEqual([engine.storage === 'aurora' ? 'require_secure_transport=ON' : 'require_secure_transport=1', 'tls_version=TLSv1.2,TLSv1.3']);
  });

  it('with what the engine is, and where its logs go', () => {
    const facts = [Engine.auroraPostgresql('17'), Engine.auroraMysql('8.4'), Engine.postgresql('17'), Engine.mysql('8.4')].map((engine) => [engine.name, engine.label, engine.language, engine.storage, engine.parameterGroupFamily, engine.defaultPort, engine.iamAuthentication, engine.maxUsernameLength, engine.logExports.join(' ')]);
    expect(facts).toEqual([
      ['aurora-postgresql', 'Aurora PostgreSQL', 'postgresql', 'aurora', 'aurora-postgresql17', 5432, true, 63, 'iam-db-auth-error postgresql'],
      ['aurora-mysql', 'Aurora MySQL', 'mysql', 'aurora', 'aurora-mysql8.4', 3306, true, 16, 'error iam-db-auth-error slowquery'],
      ['postgres', 'RDS PostgreSQL', 'postgresql', 'rds', 'postgres17', 5432, true, 63, 'iam-db-auth-error postgresql upgrade'],
      ['mysql', 'RDS MySQL', 'mysql', 'rds', 'mysql8.4', 3306, true, 16, 'error iam-db-auth-error slowquery'],
    ]);
    for (const engine of ALL) expect(engine.reservedUsernames).toEqual(expect.arrayContaining(['rdsadmin', 'rdsrepladmin', 'tenantry']));
  });

  it('which its own catalogue takes as it stands', () => {
    for (const engine of ALL) {
      const all = [...engine.parameters, engine.minimumTls('1.3'), engine.minimumTls('1.2')];
      expect(engine.checkParameters(Object.fromEntries(all.map(({ name, value }) => [name, value]))), engine.label).toEqual([]);
      for (const { name, applyMethod } of all) expect(applyMethod, `${engine.label} ${engine.major}: ${name}`).toBe(engine.parameterCatalogue.get(name)?.static === true ? 'pending-reboot' : 'immediate');
    }
  });

  it('whose reasons stand in the README', () => {
    const rows = README.slice(README.indexOf('## The template'), README.indexOf('## Parameters')).split('\n').filter((line) => line.startsWith('| `'));
    const told = rows.flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    for (const engine of ALL) expect(told).toEqual(expect.arrayContaining([...engine.parameters.map(({ name }) => name), engine.minimumTls('1.3').name]));
    for (const line of rows) expect(line.split('|')[3]?.trim().length, line).toBeGreaterThan(10);
  });
});

describe('slow statements', () => {
  it('are those of a second, unless the user says something else', () => {
    for (const engine of ALL) expect(engine.slowStatement(), engine.label).toEqual(Duration.seconds(1));
    expect([Engine.postgresql('17').slowStatement({ log_min_duration_statement: 250 }), Engine.mysql('8.4').slowStatement({ long_query_time: '0.5' }), Engine.mysql('8.4').slowStatement({ long_query_time: { value: '3', applyMethod: 'immediate' } })]).toEqual([Duration.seconds(0.25), Duration.seconds(0.5), Duration.seconds(3)]);
  });

  it('can be those of another length, in the unit of the engine', () => {
    expect([Engine.postgresql('17').slowStatementFrom(Duration.seconds(0.25)), Engine.auroraMysql('8.4').slowStatementFrom(Duration.seconds(0.25))]).toEqual([{ log_min_duration_statement: 250 }, { long_query_time: 0.25 }]);
    for (const engine of ALL) expect(engine.slowStatement(engine.slowStatementFrom(Duration.minutes(1))), engine.label).toEqual(Duration.seconds(60));
  });

  it('are none where their log is off, and the template\'s where only Terraform knows', () => {
    expect(Engine.auroraPostgresql('17').slowStatement({ log_min_duration_statement: -1 })).toBeUndefined();
    expect(Engine.auroraPostgresql('17').slowStatement({ log_min_duration_statement: '${TfToken[TOKEN.1]}' })).toEqual(Duration.seconds(1));
  });
});

describe('the end of standard support', () => {
  const aurora = Engine.auroraPostgresql('15');

  it('is judged by a day that is given', () => {
    expect(['2027-09-01', '2027-09-02', '2028-02-29', '2028-03-01'].map((today) => supportOf(aurora, today))).toEqual([
      { state: 'supported' }, { state: 'near', on: '2028-02-29', days: 180 }, { state: 'near', on: '2028-02-29', days: 0 }, { state: 'past', on: '2028-02-29', days: 1 },
    ]);
    expect(supportOf({ endOfSupport: undefined }, '2026-11-21')).toEqual({ state: 'unknown' });
    expect(ALL.filter((engine) => supportOf(engine, '2026-11-21').state !== 'supported').map(({ label, major }) => `${label} ${major}`)).toEqual(['RDS PostgreSQL 14', 'RDS MySQL 8.0']);
  });

  it('is told with what AWS does then, and what to do before', () => {
    expect(describeSupport(aurora, '2027-09-01')).toBeUndefined();
    expect(describeSupport(Engine.postgresql('14'), '2026-11-21')).toEqual({
      code: 'engine/support-ends',
      problem: 'Standard support of RDS PostgreSQL 14 ends on 2027-02-28, in 99 days. Extended support is off, so that AWS then upgrades the database by itself, on that day or shortly after.',
      fix: 'Upgrade to a version that you have tested: 15, 16, 17, 18.',
      source: 'AWS, CreateDBCluster, EngineLifecycleSupport, and Creating a DB cluster with RDS Extended Support',
    });
    expect(describeSupport(Engine.mysql('8.0.46'), '2026-11-21')).toMatchObject({
      code: 'engine/support-ended',
      problem: 'Standard support of RDS MySQL 8.0 ended on 2026-07-31. Extended support is off, so that AWS makes no new database of it, and upgrades one that exists by itself.',
      fix: 'Upgrade to a version that you have tested: 8.4.',
    });
    expect(describeSupport(Engine.mysql('8.4'), '2029-08-01')?.fix).toBe('No later version is known here: upgrade tenantry first.');
  });

  it('stands in the README as in the code, with the latest minor version', () => {
    const day = (iso: string): string => new Date(`${iso}T00:00:00Z`).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
    for (const { label, major, lifecycle } of ALL) expect(README).toContain(`| ${label} | ${major} | ${lifecycle?.latestMinor} | ${day(lifecycle?.knownUntil ?? '')} | ${day(lifecycle?.endOfSupport ?? '')} |`);
    const community = Object.values(POSTGRESQL_LIFECYCLES).map(({ latestMinor }) => latestMinor);
    expect(readFileSync(join(__dirname, '../../lib/bootstrap/README.md'), 'utf8').replace(/\s+/g, ' ')).toContain(`the community's: ${listOf(community)}, known until ${day(NEXT_MINOR_RELEASES)}`);
  });
});

const instance = InstanceSize.of('db.r8g.large');
const storage = { size: Size.gibibytes(400) };
const DEPLOYMENTS = {
  'Aurora PostgreSQL': [Engine.auroraPostgresql('17'), Topology.aurora({ readers: 1 })],
  'RDS PostgreSQL, Multi-AZ DB cluster': [Engine.postgresql('17'), Topology.multiAzCluster({ instance: InstanceSize.of('db.r6gd.large'), storage })],
  'RDS PostgreSQL, Multi-AZ DB instance': [Engine.postgresql('17'), Topology.multiAzInstance({ instance, storage })],
  'Aurora MySQL': [Engine.auroraMysql('8.4'), Topology.aurora({ readers: 1 })],
  'RDS MySQL, Multi-AZ DB cluster': [Engine.mysql('8.4'), Topology.multiAzCluster({ instance: InstanceSize.of('db.r6gd.large'), storage })],
  'RDS MySQL, Multi-AZ DB instance': [Engine.mysql('8.4'), Topology.multiAzInstance({ instance, storage })],
} as const;
type Deployment = keyof typeof DEPLOYMENTS;
function deployed(name: Deployment): SynthesizedStack {
  const [{ name: engine, version }, topology] = DEPLOYMENTS[name];
  const stack = testStack({ stage: 'development' });
  // Asked for again, as every synthesis does.
  new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), engine: Engine.of(engine, version), topology });
  return synthesizeStack(stack);
}
const existing = new Map<Deployment, SynthesizedStack>();
/** The stack as it is before another engine is registered, made once. */
function before(name: Deployment): SynthesizedStack {
  const stack = existing.get(name) ?? deployed(name);
  existing.set(name, stack);
  return stack;
}
/** What one is made of, and in which parameter group: engine, version, family and the settings with their apply methods. */
function made(name: Deployment): { readonly database: unknown; readonly group: unknown; readonly settings: Record<string, string> } {
  const stack = before(name);
  const [database] = [...stack.resources(RdsCluster), ...stack.resources(DbInstance)];
  const [group] = [...stack.resources(RdsClusterParameterGroup), ...stack.resources(DbParameterGroup)];
  const settings = (group?.arguments.parameter as { name: string; value: string; apply_method: string }[]).map((one) => [one.name, `${one.value} ${one.apply_method}`]);
  return {
    database: [database?.type, database?.arguments.engine, database?.arguments.engine_version, database?.arguments.enabled_cloudwatch_logs_exports.join(' ')],
    group: [group?.type, group?.arguments.family],
    settings: Object.fromEntries(settings) as Record<string, string>,
  };
}

describe('a cluster of an engine', () => {
  it('[DBAAS-1.1] is PostgreSQL of Aurora, or of RDS as a Multi-AZ cluster or instance', () => {
    const settings = { ...POSTGRESQL, ssl_min_protocol_version: 'TLSv1.3 immediate' };
    expect(made('Aurora PostgreSQL')).toEqual({ database: ['aws_rds_cluster', 'aurora-postgresql', '17', 'iam-db-auth-error postgresql'], group: ['aws_rds_cluster_parameter_group', 'aurora-postgresql17'], settings });
    const rds = ['postgres', '17', 'iam-db-auth-error postgresql upgrade'];
    expect(made('RDS PostgreSQL, Multi-AZ DB cluster')).toEqual({ database: ['aws_rds_cluster', ...rds], group: ['aws_rds_cluster_parameter_group', 'postgres17'], settings });
    expect(made('RDS PostgreSQL, Multi-AZ DB instance')).toEqual({ database: ['aws_db_instance', ...rds], group: ['aws_db_parameter_group', 'postgres17'], settings });
  });

  it('[DBAAS-1.2] is MySQL of Aurora, or of RDS as a Multi-AZ cluster or instance', () => {
    const settings = { ...MYSQL, tls_version: 'TLSv1.3 pending-reboot' };
    const logs = 'error iam-db-auth-error slowquery';
    expect(made('Aurora MySQL')).toEqual({ database: ['aws_rds_cluster', 'aurora-mysql', '8.4', logs], group: ['aws_rds_cluster_parameter_group', 'aurora-mysql8.4'], settings: { ...settings, require_secure_transport: 'ON immediate' } });
    expect(made('RDS MySQL, Multi-AZ DB cluster')).toEqual({ database: ['aws_rds_cluster', 'mysql', '8.4', logs], group: ['aws_rds_cluster_parameter_group', 'mysql8.4'], settings });
    expect(made('RDS MySQL, Multi-AZ DB instance')).toEqual({ database: ['aws_db_instance', 'mysql', '8.4', logs], group: ['aws_db_parameter_group', 'mysql8.4'], settings });
  });
});

describe('another engine', () => {
  const other: EngineDefinition = {
    name: 'other-sql', language: 'mysql', storage: 'rds', defaultPort: 1234, reservedUsernames: [], tls: { parameter: 'tls', values: { '1.2': 'a', '1.3': 'b' } },
    versions: { 17: { parameterGroupFamily: 'other17', parameters: [{ name: 'p', value: 'v', applyMethod: 'pending-reboot' }], logExports: ['log'] } },
  };
  it('[DBAAS-1.3] leaves existing stacks of every engine as they are, byte for byte', () => {
    const all = Object.keys(DEPLOYMENTS) as Deployment[];
    const stacks = all.map((name) => before(name).text);
    Engine.register(other);
    expect(all.map((name) => deployed(name).text)).toEqual(stacks);
    const added = Engine.of('other-sql', '17.0');
    expect(added).toMatchObject({ label: 'other-sql', parameterGroupFamily: 'other17', defaultPort: 1234, lifecycle: undefined, endOfSupport: undefined, flaws: [], iamAuthentication: false, isBehindLatest: false });
    expect([added.checkParameters({ anything: 1 }), added.slowStatement(), added.fixedParameters('1.3').map(({ name }) => name)]).toEqual([[], undefined, ['p', 'tls']]);
    expect(added.parameterGroup({ anything: true }, '1.2').map(({ name, value, applyMethod }) => `${name}=${value} ${applyMethod}`)).toEqual(['anything=true pending-reboot', 'p=v pending-reboot', 'tls=a immediate']);
  });

  it('cannot take the place of one that stacks depend on', () => {
    expectRefusal(() => Engine.register({ ...other, name: 'aurora-postgresql' }), 'engine/registered', `engine/registered

  There is an engine "aurora-postgresql" already.

  Existing stacks depend on it; choose another name.`);
  });
});
