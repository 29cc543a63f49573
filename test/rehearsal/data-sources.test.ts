import { afterEach, describe, expect, it } from 'vitest';
import { policyDocument } from '../../lib/rehearsal/aws/data/policy-document';
import { answer } from '../../lib/rehearsal/aws/data/sources';
import { Store } from '../../lib/rehearsal/cloud/store';
import type { ValueObject } from '../../lib/rehearsal/protocol/values';
import { freshFolder } from '../support/fresh-folder';
import { Terraform, withoutTerraform } from './support/terraform';

describe('aws_iam_policy_document', () => {
  const json = (config: ValueObject): string => (policyDocument(config) as { minified_json: string }).minified_json;
  const refused = (config: ValueObject): unknown => policyDocument(config);

  it.each<[string, ValueObject, string]>([
    ['nothing but its version', {}, '{"Version":"2012-10-17"}'],
    ['members in order, lists in reverse order, a single element as text', { policy_id: 'p', statement: [{ resources: ['*'], sid: 'One', actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'] }] },
      '{"Version":"2012-10-17","Id":"p","Statement":[{"Sid":"One","Effect":"Allow","Action":["s3:PutObject","s3:GetObject","s3:DeleteObject"],"Resource":"*"}]}'],
    ['everybody', { statement: [{ effect: 'Deny', not_actions: ['a:b'], not_resources: ['x'], principals: [{ type: '*', identifiers: ['*'] }] }] },
      '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":"a:b","NotResource":"x","Principal":"*"}]}'],
    ['everybody with an account', { statement: [{ principals: [{ type: 'AWS', identifiers: ['*'] }] }] }, '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"}}]}'],
    ['principals by type', { statement: [{ principals: [{ type: 'Service', identifiers: ['rds.amazonaws.com'] }, { type: 'AWS', identifiers: ['1', '2'] }], not_principals: [{ type: 'AWS', identifiers: ['3'] }] }] },
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["2","1"],"Service":"rds.amazonaws.com"},"NotPrincipal":{"AWS":"3"}}]}'],
    ['conditions by test and variable, their values in order', { statement: [{ condition: [{ test: 'StringLike', variable: 's3:prefix', values: ['b', 'a'] }, { test: 'Bool', variable: 'aws:SecureTransport', values: ['true'] }, { test: 'StringLike', variable: 's3:prefix', values: ['&{aws:username}/*'] }] }] },
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Condition":{"Bool":{"aws:SecureTransport":"true"},"StringLike":{"s3:prefix":["b","a","${aws:username}/*"]}}}]}'],
    ['what HTML would read, as Go writes it', { statement: [{ resources: ['a<b>&c'] }] }, '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"a\\u003cb\\u003e\\u0026c"}]}'],
    ['documents that are merged: Sids overwritten, version and id taken over', {
      source_policy_documents: ['{"Version":"2008-10-17","Id":"s","Statement":[{"Sid":"A","Effect":"Allow","Action":"a:a","Resource":["*"]},{"Effect":"Allow","Action":"b:b"}]}'], statement: [{ sid: 'A', actions: ['c:c'] }],
      override_policy_documents: ['{"Statement":[{"Sid":"B","Effect":"Deny","Principal":"*","Action":"d:d","Condition":{"Bool":{"k":true}}}]}'],
    }, '{"Version":"2012-10-17","Id":"s","Statement":[{"Sid":"A","Effect":"Allow","Action":"c:c"},{"Effect":"Allow","Action":"b:b"},{"Sid":"B","Effect":"Deny","Action":"d:d","Principal":"*","Condition":{"Bool":{"k":"true"}}}]}'],
  ])('%s', (_title, config, expected) => {
    expect(json(config)).toBe(expected);
  });

  it('refuses two statements with one Sid, and what is no document', () => {
    expect(refused({ statement: [{ sid: 'A' }, { sid: 'A' }] })).toEqual({ summary: 'writing IAM Policy Document: duplicate Sid (A). Remove the Sid or ensure the Sid is unique.', detail: '' });
    expect(refused({ source_policy_documents: ['{"Statement":[{"Sid":"A"}]}', '{"Statement":[{"Sid":"A"}]}'] })).toEqual({ summary: 'writing IAM Policy Document: merging source document 1: duplicate Sid (A) in source_policy_documents (statement 0). Remove the Sid or ensure Sids are unique.', detail: '' });
    expect(refused({ override_policy_documents: ['hunter2'] })).toEqual({ summary: 'writing IAM Policy Document: merging override document 0: it is no JSON', detail: '' });
  });
});

describe('zones and partitions', () => {
  const ask = (type: string, region: string, config: ValueObject = {}): unknown => answer({ type, region, config, configuration: { region, values: {} }, store: new Store(freshFolder('none')) });

  it.each([['eu-central-1', 'euc1'], ['us-east-1', 'use1'], ['ap-southeast-2', 'apse2'], ['ap-northeast-1', 'apne1'], ['me-south-1', 'mes1'], ['us-gov-west-1', 'usgw1'], ['cn-north-1', 'cnn1']])('of %s are %s-az1 and so on', (region, prefix) => {
    expect(ask('aws_availability_zones', region)).toEqual({ id: region, region, group_names: [region], names: [`${region}a`, `${region}b`, `${region}c`], zone_ids: [`${prefix}-az1`, `${prefix}-az2`, `${prefix}-az3`] });
  });

  it('leave out what is excluded', () => {
    expect(ask('aws_availability_zones', 'eu-central-1', { exclude_names: ['eu-central-1a'], exclude_zone_ids: ['euc1-az3'] })).toMatchObject({ names: ['eu-central-1b'], zone_ids: ['euc1-az2'] });
  });

  it('have suffixes of their own in China', () => {
    expect(ask('aws_partition', 'cn-north-1')).toMatchObject({ partition: 'aws-cn', dns_suffix: 'amazonaws.com.cn', reverse_dns_prefix: 'cn.com.amazonaws' });
    expect(ask('aws_region', 'cn-north-1')).toMatchObject({ name: 'cn-north-1', endpoint: 'ec2.cn-north-1.amazonaws.com.cn' });
  });
});

describe.skipIf(withoutTerraform !== undefined)(`data sources${withoutTerraform ?? ''}`, () => {
  const running: Terraform[] = [];
  afterEach(() => running.splice(0).forEach((one) => one.close()));
  const start = async (...types: string[]): Promise<Terraform> => {
    const terraform = await Terraform.start(types);
    running.push(terraform);
    return terraform;
  };

  it('answer from the provider, from what was made, and in the region of their alias', async () => {
    const terraform = await start('aws_caller_identity', 'aws_region', 'aws_partition', 'aws_availability_zones', 'aws_iam_policy_document', 'aws_ssm_parameter', 'aws_kms_key', 'aws_kms_alias', 'aws_vpc', 'aws_subnet', 'aws_subnets', 'aws_secretsmanager_secret', 'aws_secretsmanager_secret_version', 'aws_rds_cluster');
    const after = (...resources: string[]): object => ({ depends_on: resources });
    const outputs = (values: Readonly<Record<string, string>>): Record<string, object> => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value: `\${${value}}`, sensitive: false }]));
    terraform.write({
      provider: { aws: [{ region: 'eu-central-1', allowed_account_ids: ['111111111111'], default_tags: [{ tags: { platform: 'orders' } }] }, { alias: 'west', region: 'eu-west-1' }] },
      resource: {
        aws_ssm_parameter: { a: { name: '/a', type: 'String', value: 'one' } },
        aws_kms_key: { a: { description: 'ours' } },
        aws_kms_alias: { a: { name: 'alias/a', target_key_id: '${aws_kms_key.a.key_id}' } },
        aws_vpc: { a: { cidr_block: '10.0.0.0/16', tags: { Name: 'a' } }, b: { cidr_block: '10.1.0.0/16', tags: { Name: 'b' } } },
        aws_subnet: { a: { vpc_id: '${aws_vpc.a.id}', cidr_block: '10.0.1.0/24' }, b: { vpc_id: '${aws_vpc.b.id}', cidr_block: '10.1.1.0/24' } },
        aws_secretsmanager_secret: { a: { name: 'a' } },
        aws_secretsmanager_secret_version: { a: { secret_id: '${aws_secretsmanager_secret.a.id}', secret_string: 'x' } },
        aws_rds_cluster: { a: { cluster_identifier: 'a', engine: 'aurora-postgresql', master_username: 'root', manage_master_user_password: true, skip_final_snapshot: true } },
      },
      data: {
        aws_caller_identity: { a: {} }, aws_partition: { a: {} }, aws_availability_zones: { a: { state: 'available' } },
        aws_region: { a: {}, b: { provider: 'aws.west' } },
        aws_iam_policy_document: { a: { statement: [{ actions: ['kms:Decrypt'], resources: ['${aws_kms_key.a.arn}'] }] } },
        aws_ssm_parameter: { a: { name: '/a', ...after('aws_ssm_parameter.a') } },
        aws_kms_key: { a: { key_id: 'alias/a', ...after('aws_kms_alias.a') } },
        aws_kms_alias: { a: { name: 'alias/a', ...after('aws_kms_alias.a') }, rds: { name: 'alias/aws/rds' } },
        aws_vpc: { a: { tags: { Name: 'a', platform: 'orders' }, ...after('aws_vpc.a', 'aws_vpc.b') } },
        aws_subnets: { a: { filter: [{ name: 'vpc-id', values: ['${aws_vpc.a.id}'] }], ...after('aws_subnet.a', 'aws_subnet.b') } },
        aws_secretsmanager_secret: { a: { name: 'a', ...after('aws_secretsmanager_secret.a') } },
        aws_secretsmanager_secret_version: { a: { secret_id: '${data.aws_secretsmanager_secret.a.id}', ...after('aws_secretsmanager_secret_version.a') } },
        aws_rds_cluster: { a: { cluster_identifier: 'a', ...after('aws_rds_cluster.a') } },
      },
      output: {
        ...outputs({
          identity: 'data.aws_caller_identity.a.account_id', partition: 'data.aws_partition.a.dns_suffix', zones: 'data.aws_availability_zones.a.names', region: 'data.aws_region.a.region', west: 'data.aws_region.b.region',
          document: 'jsondecode(data.aws_iam_policy_document.a.json).Statement[0].Resource == aws_kms_key.a.arn', key: 'data.aws_kms_key.a.arn == aws_kms_key.a.arn', alias: 'data.aws_kms_alias.a.target_key_arn == aws_kms_key.a.arn', managed: 'data.aws_kms_alias.rds.target_key_arn',
          vpc: 'data.aws_vpc.a.id == aws_vpc.a.id', subnets: 'join(",", data.aws_subnets.a.ids) == aws_subnet.a.id', secret: 'data.aws_secretsmanager_secret.a.arn == aws_secretsmanager_secret.a.arn', cluster: 'data.aws_rds_cluster.a.endpoint == aws_rds_cluster.a.endpoint',
          master: 'data.aws_rds_cluster.a.master_user_secret[0].secret_arn == aws_rds_cluster.a.master_user_secret[0].secret_arn',
        }),
        parameter: { value: '${nonsensitive(data.aws_ssm_parameter.a.value)}' }, version: { value: '${nonsensitive(data.aws_secretsmanager_secret_version.a.secret_string)}' },
      },
    });
    const { diagnostics, outputs: known } = await terraform.apply();
    expect(diagnostics).toEqual([]);
    expect(known).toEqual({
      identity: '111111111111', partition: 'amazonaws.com', zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'], region: 'eu-central-1', west: 'eu-west-1', document: true, key: true, alias: true,
      managed: expect.stringMatching(/^arn:aws:kms:eu-central-1:111111111111:key\/[0-9a-f-]{36}$/), vpc: true, subnets: true, secret: true, cluster: true, master: true, parameter: 'one', version: 'x',
    });
    expect(await terraform.actions()).toEqual({});
    expect(await terraform.destroy()).toEqual([]);
    expect(terraform.store.files()).toEqual([]);
  });

  it('are refused where there is nothing, and said to be made up where there is no rule', async () => {
    const terraform = await start('aws_ssm_parameter', 'aws_kms_key', 'aws_vpc', 'aws_secretsmanager_secret', 'aws_rds_cluster', 'aws_ami', 'aws_iam_policy_document');
    terraform.write({
      data: {
        aws_ssm_parameter: { a: { name: '/a' }, public: { name: '/aws/service/ami-amazon-linux-latest/al2023' } }, aws_kms_key: { a: { key_id: 'alias/a' } }, aws_vpc: { a: { id: 'vpc-1' } }, aws_secretsmanager_secret: { a: { name: 'a' } }, aws_rds_cluster: { a: { cluster_identifier: 'a' } },
        aws_ami: { a: { most_recent: true } }, aws_iam_policy_document: { a: { statement: [{ sid: 'A' }, { sid: 'A' }] } },
      },
    });
    const none = 'It is not in the store of the rehearsal: no stack has made it yet.';
    const made = 'The rehearsal has no rule for this data source. What it answers is a placeholder.';
    expect((await terraform.plan()).diagnostics.map(({ severity, address, summary, detail }) => [severity, address, summary, detail])).toEqual([
      ['warning', 'data.aws_ami.a', 'aws_ami: the answer is made up', made],
      ['error', 'data.aws_iam_policy_document.a', 'writing IAM Policy Document: duplicate Sid (A). Remove the Sid or ensure the Sid is unique.', ''],
      ['error', 'data.aws_kms_key.a', "reading KMS Key (alias/a): NotFoundException: Key 'alias/a' does not exist", none],
      ['error', 'data.aws_rds_cluster.a', "reading RDS Cluster (a): couldn't find resource", none],
      ['error', 'data.aws_secretsmanager_secret.a', "reading Secrets Manager Secret (a): couldn't find resource", none],
      ['error', 'data.aws_ssm_parameter.a', "reading SSM Parameter (/a): couldn't find resource", none],
      ['warning', 'data.aws_ssm_parameter.public', 'aws_ssm_parameter: the answer is made up', made],
      ['error', 'data.aws_vpc.a', 'no matching EC2 VPC found', none],
    ]);
  });
});
