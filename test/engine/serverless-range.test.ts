import { Token } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { Duration } from '../../lib/core/duration';
import { TenantryError } from '../../lib/core/errors';
import { pauseBlockers, type PauseContext } from '../../lib/engine/auto-pause';
import { checkServerless, type ServerlessContext, serverlessHardware, serverlessMaxConnections, type ServerlessRange, serverlessWarnings } from '../../lib/engine/serverless-range';
import { expectRefusal } from '../support/synth';
import { auroraMysql, auroraPostgresql, rdsPostgresql } from './sized';

const refuse = (range: ServerlessRange, context?: ServerlessContext) => (): void => {
  const complaints = checkServerless(range, context);
  if (complaints.length > 0) throw new TenantryError('input', complaints);
};
const CAPACITY = 'Source: AWS, Aurora user guide, Aurora serverless capacity';

describe('a serverless range', () => {
  it.each<ServerlessRange>([
    { minimum: 0, maximum: 1 }, { minimum: 0.5, maximum: 256 }, { minimum: 8, maximum: 8 }, { minimum: 0, maximum: 4, pauseAfter: Duration.minutes(5) }, { minimum: 0, maximum: 4, pauseAfter: Duration.hours(24) },
  ])('may be %j', (range) => {
    expect(checkServerless(range, { engine: auroraPostgresql('17.5') })).toEqual([]);
  });

  it.each<[string, ServerlessRange, readonly string[], string]>([
    ['quarter steps, with both ends outside', { minimum: 0.25, maximum: 512 }, ['engine/capacity', 'engine/capacity'], `engine/capacity\n\n  minimum is 0.25 ACU; 0 to 256 in steps of 0.5 are allowed.\n\n  ${CAPACITY}\n\nengine/capacity\n\n  maximum is 512 ACU; 1 to 256 in steps of 0.5 are allowed.\n\n  ${CAPACITY}`],
    ['a maximum of 0.5', { minimum: 0.5, maximum: 0.5 }, ['engine/capacity'], `engine/capacity\n\n  maximum is 0.5 ACU; 1 to 256 in steps of 0.5 are allowed.\n\n  ${CAPACITY}`],
    ['what is upside down', { minimum: 8, maximum: 4 }, ['engine/capacity'], `engine/capacity\n\n  minimum, 8 ACU, is above maximum, 4 ACU.\n\n  ${CAPACITY}`],
    ['a pause that never comes', { minimum: 1, maximum: 4, pauseAfter: Duration.minutes(10) }, ['engine/pause'], 'engine/pause\n\n  pauseAfter is given, but only a minimum of 0 ACU pauses, and it is 1.\n\n  Give minimum: 0, or leave pauseAfter out.'],
    ['a pause after a minute', { minimum: 0, maximum: 4, pauseAfter: Duration.minutes(1) }, ['engine/pause'], 'engine/pause\n\n  pauseAfter is 1 minute; 5 minutes to 1 day are allowed, in whole seconds.\n\n  Source: AWS, Aurora user guide, auto-pause timeout interval'],
    ['a pause after two days', { minimum: 0, maximum: 4, pauseAfter: Duration.days(2) }, ['engine/pause'], 'engine/pause\n\n  pauseAfter is 2 days; 5 minutes to 1 day are allowed, in whole seconds.\n\n  Source: AWS, Aurora user guide, auto-pause timeout interval'],
    ['figures that only Terraform knows', { minimum: Token.asNumber({ ref: 1 }), maximum: Token.asNumber({ ref: 2 }) }, ['engine/capacity-unknown', 'engine/capacity-unknown'], `engine/capacity-unknown

  minimum is a number that only Terraform knows, and whether the cluster pauses must be known at synthesis.

  Give the number itself, from the data of the environment for instance.

engine/capacity-unknown

  maximum is a number that only Terraform knows, and limits of connections and thresholds of alarms must be known at synthesis.

  Give the number itself, from the data of the environment for instance.`],
  ])('may not be %s', (_, range, codes, message) => {
    expectRefusal(refuse(range), codes, message);
  });

  it.each<[string, ServerlessRange, ServerlessContext['engine'] & object, string]>([
    ['an engine of RDS', { minimum: 1, maximum: 4 }, rdsPostgresql(), `RDS PostgreSQL has no serverless instances; Aurora has.\n\n  Give a class:   instance: InstanceSize.of('db.m8g.large')`],
    ['0 ACU before 16.3', { minimum: 0, maximum: 4 }, auroraPostgresql('16.2'), 'A minimum of 0 ACU needs Aurora PostgreSQL 16.3 or later, and 16.2 is given.\n\n  Give a later version, or minimum: 0.5'],
    ['0 ACU before 3.08 of MySQL', { minimum: 0, maximum: 4 }, auroraMysql('8.0.mysql_aurora.3.07.1'), 'A minimum of 0 ACU needs Aurora MySQL 3.08 or later, and 8.0.mysql_aurora.3.07.1 is given.\n\n  Give a later version, or minimum: 0.5'],
    ['more than 128 ACU before 15.5', { minimum: 1, maximum: 128.5 }, auroraPostgresql('15.4'), 'A maximum of 128.5 ACU needs Aurora PostgreSQL 15.5 or later, and 15.4 is given.\n\n  Give a later version, or maximum: 128'],
    ['any range before 15.2', { minimum: 0, maximum: 256 }, auroraPostgresql('15.1'), 'A serverless range needs Aurora PostgreSQL 15.2 or later, and 15.1 is given.\n\n  Give a later version, or a class of instances.'],
  ])('is refused with %s', (_, range, engine, text) => {
    expectRefusal(refuse(range, { engine }), 'engine/serverless', `engine/serverless\n\n  ${text}\n\n  ${CAPACITY}`);
  });

  it('is not judged by a minor version that AWS chooses', () => {
    expect(checkServerless({ minimum: 0, maximum: 256 }, { engine: auroraPostgresql('15') })).toEqual([]);
  });
});

describe('a pause', () => {
  const blocked: readonly (readonly [PauseContext, string, string, string])[] = [
    [{ proxy: true }, 'the RDS Proxy', 'it keeps a connection open to every instance', 'Take the ConnectionPool away'],
    [{ parameters: { 'rds.logical_replication': 1 } }, 'logical replication', 'rds.logical_replication is 1, and its connection is checked all the time', 'Take rds.logical_replication out of the parameters'],
    [{ parameters: { 'rds.logical_replication': 'on' } }, 'logical replication', 'rds.logical_replication is "on", and its connection is checked all the time', 'Take rds.logical_replication out of the parameters'],
    [{ parameters: { binlog_format: 'ROW' } }, 'binary log replication', 'binlog_format is "ROW"', "Give parameters: { binlog_format: 'OFF' }"],
    [{ zeroEtl: true }, 'the zero-ETL integration', 'it reads the changes of the writer', 'Take the integration away'],
    [{ globalCluster: 'primary' }, 'the global database', 'the primary cluster has to follow the others', 'Take the cluster out of the global database'],
    [{ globalCluster: 'secondary' }, 'the global database', 'the secondary cluster has to follow the others', 'Take the cluster out of the global database'],
  ];

  it.each(blocked)('is refused with %j, and the way out is named', (context, blocker, because, remedy) => {
    expectRefusal(refuse({ minimum: 0, maximum: 4 }, context), 'engine/pause-blocked', `engine/pause-blocked

  minimum is 0 ACU, but ${blocker} never lets the cluster pause: ${because}. AWS reports no error; instances stay awake and are billed.

  ${remedy},
  or give a minimum that is meant:   minimum: 0.5

  Source: AWS, Aurora user guide, Situations where Aurora serverless does not auto-pause · tenantry explain engine/pause-blocked`);
    expect(checkServerless({ minimum: 0.5, maximum: 4 }, context)).toEqual([]);
  });

  it('is blocked by all of them at once', () => {
    expect(pauseBlockers({ proxy: true, zeroEtl: true, globalCluster: 'primary' }).map(({ blocker }) => blocker)).toEqual(['the RDS Proxy', 'the zero-ETL integration', 'the global database']);
  });

  it.each<PauseContext>([{}, { proxy: false, zeroEtl: false }, { parameters: { 'rds.logical_replication': 0, binlog_format: 'OFF', work_mem: 1 } }, { parameters: { 'rds.logical_replication': 'off' } }, { parameters: { 'rds.logical_replication': false } }, { parameters: { binlog_format: Token.asString({ ref: 1 }), 'rds.logical_replication': Token.asNumber({ ref: 2 }) } }])('is not blocked by %j', (context) => {
    expect(pauseBlockers(context)).toEqual([]);
  });
});

describe('connections of a serverless range', () => {
  // As AWS prints them by the maximum: [maximum, Aurora MySQL, Aurora PostgreSQL].
  it.each([[1, 90, 189], [4, 135, 823], [8, 1000, 1669], [16, 2000, 3360], [32, 3000, 5000], [64, 4000, 5000], [128, 5000, 5000], [192, 6000, 5000], [256, 6000, 5000]])('with a maximum of %i ACU are at most what AWS prints', (maximum, mysql, postgresql) => {
    const range = { minimum: 1, maximum };
    expect(serverlessMaxConnections(range, auroraMysql())).toBe(maximum === 1 ? 45 : mysql);
    const counted = serverlessMaxConnections(range, auroraPostgresql());
    expect(counted).toBeLessThanOrEqual(postgresql);
    expect(counted).toBeGreaterThan(postgresql * 0.95);
  });

  it('are 2,000 at most where PostgreSQL may shrink to half an ACU, whatever the parameters say', () => {
    expect([0, 0.5, 1].map((minimum) => serverlessMaxConnections({ minimum, maximum: 128 }, auroraPostgresql()))).toEqual([2000, 2000, 5000]);
    expect(serverlessMaxConnections({ minimum: 0.5, maximum: 128 }, auroraPostgresql(), 4000)).toBe(2000);
    expect(serverlessMaxConnections({ minimum: 1, maximum: 128 }, auroraPostgresql(), 4000)).toBe(4000);
    expect(serverlessMaxConnections({ minimum: 0, maximum: 128 }, auroraMysql())).toBe(5000);
  });

  it('comes with the hardware of the maximum', () => {
    const { vcpu, memory } = serverlessHardware({ minimum: 0, maximum: 32 });
    expect([vcpu, `${memory}`]).toEqual([8, '64 GiB']);
    expect(serverlessHardware({ minimum: 0, maximum: 2 }).vcpu).toBe(1);
  });
});

describe('what is worth knowing about a range', () => {
  it.each<[ServerlessRange, ServerlessContext, readonly string[]]>([
    [{ minimum: 2, maximum: 16 }, { engine: auroraPostgresql(), insights: true }, []],
    [{ minimum: 0, maximum: 8 }, { engine: auroraPostgresql(), insights: true }, []],
    [{ minimum: 4, maximum: 4 }, {}, ['The range is 4 to 4 ACU, so that nothing scales; AWS finds that appropriate for tests alone. (AWS, Aurora user guide, Choosing the minimum capacity)']],
    [{ minimum: 1, maximum: 8 }, { insights: true }, ['The minimum is 1 ACU; AWS recommends 2 and more where Performance Insights or Database Insights is on. (AWS, Aurora user guide, Choosing the minimum capacity)']],
    [{ minimum: 4, maximum: 8 }, { globalCluster: 'primary' }, ['The minimum is 4 ACU; AWS recommends 8 and more for the primary cluster of a global database. (AWS, Aurora user guide, Choosing the minimum capacity)']],
    [{ minimum: 0.5, maximum: 128 }, { engine: auroraPostgresql() }, ['The minimum is 0.5 ACU, so that max_connections is 2,000 at most; from a minimum of 1 on it is about 5,000. (AWS, Aurora user guide, Choosing the minimum capacity)']],
    [{ minimum: 0.5, maximum: 128 }, { engine: auroraPostgresql(), parameters: { max_connections: 3000 } }, ['The minimum is 0.5 ACU, so that max_connections is 2,000 at most; from a minimum of 1 on it is about 3,000. (AWS, Aurora user guide, Choosing the minimum capacity)']],
    [{ minimum: 0.5, maximum: 128 }, { engine: auroraPostgresql(), parameters: { max_connections: 1500 } }, []],
    [{ minimum: 0.5, maximum: 128 }, { engine: auroraMysql() }, []],
    [{ minimum: 0, maximum: 8 }, { parameters: { shared_preload_libraries: 'pg_stat_statements,pg_cron' } }, ['The cluster pauses, and jobs inside the database (pg_cron, the event scheduler) are skipped while it does: AWS does not wake it for them. (AWS, Aurora user guide, auto-pause)']],
  ])('%j with %j', (range, context, warnings) => {
    expect(serverlessWarnings(range, context)).toEqual(warnings);
  });
});
