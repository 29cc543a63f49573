import { describe, expect, it } from 'vitest';
import { type Rule, standard, SynthesizedStack, verdictOf } from '../../policies';
import type { Json } from '../support/synth';
import { change, goodJson, verdictOn } from './fixture';

const CLUSTER = 'aws_rds_cluster';

interface Break {
  readonly what: string;
  readonly stage?: 'development' | 'staging';
  /** Returns the address that must be named. */
  readonly by: (json: Json) => string;
  readonly finding: string;
}
const argument = (type: string, name: string, value: unknown, finding: string, address?: (broken: string) => string, stage?: Break['stage']): Break => ({
  what: `${type}.${name} = ${JSON.stringify(value)}`, by: (json) => (address ?? ((broken) => broken))(change(json, type, name, value)), finding, stage,
});
const named = (type: string) => (): string => expect.stringMatching(new RegExp(`^${type}\\.`));

/** For each rule: what breaks it, and what it cannot tell. */
const RULES: Record<string, { readonly passes: number; readonly breaks: readonly Break[]; readonly unknown: readonly [type: string, name: string, value?: unknown][] }> = {
  'backups-retained': {
    passes: 1,
    breaks: [argument(CLUSTER, 'backup_retention_period', 34, 'too-short'), argument(CLUSTER, 'backup_retention_period', 6, 'too-short', undefined, 'staging'), argument(CLUSTER, 'backup_retention_period', undefined, 'too-short'), argument(CLUSTER, 'delete_automated_backups', undefined, 'deleted-with-database'), argument(CLUSTER, 'delete_automated_backups', true, 'deleted-with-database')],
    unknown: [[CLUSTER, 'backup_retention_period'], [CLUSTER, 'delete_automated_backups']],
  },
  'deletion-protected': {
    passes: 1,
    breaks: [argument(CLUSTER, 'deletion_protection', false, 'not-protected'), argument(CLUSTER, 'deletion_protection', undefined, 'not-protected', undefined, 'staging'), argument(CLUSTER, 'skip_final_snapshot', true, 'no-final-snapshot'), argument(CLUSTER, 'final_snapshot_identifier', undefined, 'no-snapshot-name')],
    unknown: [[CLUSTER, 'deletion_protection'], [CLUSTER, 'skip_final_snapshot']],
  },
  'engine-supported': {
    passes: 1,
    breaks: [{ what: 'an ended MySQL 8.0', by: (json) => { change(json, CLUSTER, 'engine', 'mysql'); return change(json, CLUSTER, 'engine_version', '8.0'); }, finding: 'ended' }],
    unknown: [[CLUSTER, 'engine'], [CLUSTER, 'engine_version'], [CLUSTER, 'engine_version', '9.6']],
  },
  'iam-authentication': {
    passes: 1,
    breaks: [argument(CLUSTER, 'iam_database_authentication_enabled', false, 'off'), argument(CLUSTER, 'iam_database_authentication_enabled', undefined, 'off')],
    unknown: [[CLUSTER, 'iam_database_authentication_enabled']],
  },
  'logs-kept': {
    passes: 5,
    breaks: [
      argument('aws_cloudwatch_log_group', 'retention_in_days', undefined, 'no-retention'), argument('aws_cloudwatch_log_group', 'retention_in_days', 0, 'no-retention'), argument('aws_cloudwatch_log_group', 'kms_key_id', undefined, 'no-key'),
      argument(CLUSTER, 'enabled_cloudwatch_logs_exports', [], 'no-export'), argument(CLUSTER, 'enabled_cloudwatch_logs_exports', ['upgrade'], 'group-missing'), argument(CLUSTER, 'depends_on', [], 'group-later'),
    ],
    unknown: [['aws_cloudwatch_log_group', 'retention_in_days'], ['aws_cloudwatch_log_group', 'kms_key_id'], [CLUSTER, 'cluster_identifier']],
  },
  'master-password-managed': {
    passes: 1,
    breaks: [argument(CLUSTER, 'master_password', 'hunter2', 'in-state'), argument(CLUSTER, 'manage_master_user_password', undefined, 'none'), argument(CLUSTER, 'manage_master_user_password', false, 'none')],
    unknown: [[CLUSTER, 'manage_master_user_password']],
  },
  'no-open-ingress': {
    passes: 10,
    breaks: [
      argument('aws_vpc_security_group_ingress_rule', 'cidr_ipv4', '0.0.0.0/0', 'open'), argument('aws_vpc_security_group_ingress_rule', 'cidr_ipv4', '128.0.0.0/1', 'open'), argument('aws_vpc_security_group_ingress_rule', 'cidr_ipv6', '::/0', 'open'),
      argument('aws_security_group', 'ingress', [{ cidr_blocks: ['10.0.0.0/8', '0.0.0.0/0'] }], 'open'), argument('aws_default_security_group', 'ingress', [{ ipv6_cidr_blocks: ['::/0'] }], 'open'),
    ],
    unknown: [['aws_vpc_security_group_ingress_rule', 'cidr_ipv4'], ['aws_security_group', 'ingress'], ['aws_security_group', 'ingress', [{ cidr_blocks: ['${var.x}'] }]]],
  },
  'no-public-access': {
    passes: 6,
    breaks: [
      argument('aws_rds_cluster_instance', 'publicly_accessible', true, 'public'), argument('aws_subnet', 'map_public_ip_on_launch', true, 'public'),
      argument('aws_s3_bucket_public_access_block', 'block_public_policy', false, 'public', named('aws_s3_bucket')), argument('aws_s3_bucket_public_access_block', 'restrict_public_buckets', undefined, 'public', named('aws_s3_bucket')),
    ],
    unknown: [['aws_rds_cluster_instance', 'publicly_accessible'], ['aws_rds_cluster_instance', 'publicly_accessible', undefined], ['aws_subnet', 'map_public_ip_on_launch']],
  },
  'storage-encrypted': {
    passes: 3,
    breaks: [
      argument(CLUSTER, 'storage_encrypted', false, 'not-encrypted'), argument(CLUSTER, 'storage_encrypted', undefined, 'not-encrypted'), argument(CLUSTER, 'kms_key_id', undefined, 'no-key'), argument(CLUSTER, 'kms_key_id', 'alias/aws/rds', 'aws-key'),
      argument('aws_s3_object', 'kms_key_id', undefined, 'no-key'), argument('aws_s3_bucket_server_side_encryption_configuration', 'rule', [{ apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } }], 'not-encrypted', named('aws_s3_bucket')),
    ],
    unknown: [[CLUSTER, 'storage_encrypted'], [CLUSTER, 'kms_key_id'], [CLUSTER, 'kms_key_id', '${aws_iam_role.Cluster_MonitoringRole_D0596223.arn}']],
  },
  'tags-complete': {
    passes: 2,
    breaks: [argument('aws_vpc', 'tags', { owner: 'somebody else' }, 'overridden')],
    unknown: [['aws_vpc', 'tags']],
  },
  'tls-required': {
    passes: 1,
    breaks: [
      argument(CLUSTER, 'db_cluster_parameter_group_name', undefined, 'no-parameter-group'),
      argument('aws_rds_cluster_parameter_group', 'parameter', [{ name: 'rds.force_ssl', value: '0' }, { name: 'ssl_min_protocol_version', value: 'TLSv1.3' }], 'not-forced', named(CLUSTER)),
      argument('aws_rds_cluster_parameter_group', 'parameter', [{ name: 'ssl_min_protocol_version', value: 'TLSv1.3' }], 'not-forced', named(CLUSTER)),
      argument('aws_rds_cluster_parameter_group', 'parameter', [{ name: 'rds.force_ssl', value: '1' }, { name: 'ssl_min_protocol_version', value: 'TLSv1.2' }], 'below-1.3', named(CLUSTER)),
      argument('aws_rds_cluster_parameter_group', 'parameter', [{ name: 'rds.force_ssl', value: '1' }, { name: 'rds.force_ssl', value: '0' }, { name: 'ssl_min_protocol_version', value: 'TLSv1.3' }], 'not-forced', named(CLUSTER)),
    ],
    unknown: [[CLUSTER, 'db_cluster_parameter_group_name'], [CLUSTER, 'db_cluster_parameter_group_name', 'default.aurora-postgresql17'], ['aws_rds_cluster_parameter_group', 'family'], ['aws_rds_cluster_parameter_group', 'parameter', [{ name: 'rds.force_ssl', value: '${var.x}' }]]],
  },
};
const EMPTY = new SynthesizedStack('empty', {});

it('every rule of the pack is tried here', () => {
  expect(Object.keys(RULES).sort()).toEqual(standard.map(({ id }) => id));
});

describe.each(standard.map((rule) => [rule.id, rule] as const))('%s', (id, rule: Rule) => {
  const { passes, breaks, unknown } = RULES[id] as (typeof RULES)[string];

  it(`passes what keeps it: ${rule.requires}`, () => {
    expect(verdictOn(goodJson(), rule)).toEqual({ verdict: 'pass', checked: passes });
  });

  it.each(breaks.map((one) => [`${one.what}${one.stage === undefined ? '' : ` in ${one.stage}`} is ${one.finding}`, one] as const))('finds: %s', (_, { by, finding, stage }) => {
    const json = goodJson(stage);
    const address = by(json);
    expect(verdictOn(json, rule)).toMatchObject({ verdict: 'findings', findings: expect.arrayContaining([expect.objectContaining({ address, finding })]) });
  });

  it.each(unknown.map(([type, name, ...value]) => [`${type}.${name}`, type, name, value.length === 0 ? '${var.unknown}' : value[0]] as const))('does not guess: %s', (_, type, name, value) => {
    const json = goodJson();
    change(json, type, name, value);
    expect(verdictOn(json, rule).verdict).toBe('unknown');
  });

  it('is not applicable to an empty stack', () => {
    expect(verdictOf(rule.check(EMPTY, new Date('2026-11-21')))).toEqual({ verdict: 'not applicable' });
  });
});

describe('rules that depend on the stage', () => {
  it.each(['backups-retained', 'deletion-protected'])('%s cannot tell without one', (id) => {
    const rule = standard.find((one) => one.id === id) as Rule;
    const stack = new SynthesizedStack('plain', { resource: { aws_rds_cluster: { a: { backup_retention_period: 35, deletion_protection: true } } } });
    expect(verdictOf(rule.check(stack, new Date('2026-11-21')))).toEqual({
      verdict: 'unknown', unknown: [{ address: 'aws_rds_cluster.a', verdict: 'unknown', problem: 'The stack does not say which environment it belongs to (default tag "stage" of its provider).' }],
    });
  });

  it('development may lose its database', () => {
    expect(verdictOn(goodJson('development'), standard.find(({ id }) => id === 'deletion-protected') as Rule)).toEqual({ verdict: 'not applicable' });
  });
});

it('tags-complete finds a provider without its tags', () => {
  const rule = standard.find(({ id }) => id === 'tags-complete') as Rule;
  const stack = new SynthesizedStack('plain', { provider: { aws: [{ region: 'x', default_tags: [{ tags: { platform: 'a', environment: 'b', stage: 'staging', owner: '', 'managed-by': 'c' } }] }, { alias: 'other' }] } });
  expect(verdictOf(rule.check(stack, new Date('2026-11-21')))).toMatchObject({
    verdict: 'findings', findings: [
      { address: 'provider.aws', finding: 'missing', problem: 'default_tags has no owner, cost-centre.' },
      { address: 'provider.aws.other', finding: 'missing', problem: 'default_tags has no platform, environment, stage, owner, cost-centre, managed-by.' },
    ],
  });
});

describe('an RDS instance that was not made with this library', () => {
  const provider = { aws: [{ default_tags: [{ tags: { stage: 'production' } }] }] };
  const verdicts = (instance: Json, rest: Json = {}): Record<string, string> => Object.fromEntries(standard.map((rule) => {
    const verdict = verdictOf(rule.check(new SynthesizedStack('plain', { provider, resource: { aws_db_instance: { db: instance }, ...rest } }), new Date('2026-11-21')));
    return [rule.id, verdict.verdict === 'findings' ? verdict.findings.map(({ finding }) => finding).join() : verdict.verdict];
  }));

  it('with nothing but what RDS needs breaks nearly all', () => {
    expect(verdicts({ identifier: 'db', engine: 'postgres', instance_class: 'db.t4g.micro', username: 'root', password: 'hunter2' })).toEqual({
      'backups-retained': 'too-short,deleted-with-database', 'deletion-protected': 'not-protected,no-snapshot-name', 'engine-supported': 'unknown', 'iam-authentication': 'off', 'logs-kept': 'no-export', 'master-password-managed': 'in-state',
      'no-open-ingress': 'not applicable', 'no-public-access': 'unknown', 'storage-encrypted': 'not-encrypted', 'tags-complete': 'missing', 'tls-required': 'no-parameter-group',
    });
  });

  it('passes when it is made well', () => {
    const kms_key_id = 'arn:aws:kms:eu-central-1:123456789012:key/k';
    expect(verdicts({
      identifier: 'db', engine: 'postgres', engine_version: '17', backup_retention_period: 35, delete_automated_backups: false, deletion_protection: true, final_snapshot_identifier: 'db-final', iam_database_authentication_enabled: true,
      enabled_cloudwatch_logs_exports: ['postgresql'], depends_on: ['aws_cloudwatch_log_group.log'], password_wo: '${ephemeral.x.y.z}', publicly_accessible: false, storage_encrypted: true, kms_key_id, parameter_group_name: '${aws_db_parameter_group.pg.name}',
    }, {
      aws_cloudwatch_log_group: { log: { name: '/aws/rds/instance/db/postgresql', retention_in_days: 30, kms_key_id } },
      aws_db_parameter_group: { pg: { family: 'postgres17', parameter: [{ name: 'rds.force_ssl', value: '1' }, { name: 'ssl_min_protocol_version', value: 'TLSv1.3' }] } },
    })).toMatchObject(Object.fromEntries(standard.filter(({ id }) => !['tags-complete', 'no-open-ingress'].includes(id)).map(({ id }) => [id, 'pass'])));
  });
});
