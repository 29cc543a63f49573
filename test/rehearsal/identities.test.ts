import { afterEach, describe, expect, it } from 'vitest';
import { rmSync } from 'node:fs';
import { AWS } from '../../lib/rehearsal/aws/behaviour';
import { IDENTITIES } from '../../lib/rehearsal/aws/identities';
import { Store } from '../../lib/rehearsal/cloud/store';
import { hasUnknown, isObject, type Value, type ValueObject } from '../../lib/rehearsal/protocol/values';
import type { Configuration } from '../../lib/rehearsal/provider/behaviour';
import { emptyOf, fillBlock } from '../../lib/rehearsal/provider/fill';
import { planBlock } from '../../lib/rehearsal/provider/plan';
import { refine } from '../../lib/rehearsal/provider/refine';
import { Bindings } from '../../lib/rehearsal/schema/bindings';
import type { BlockSchema } from '../../lib/rehearsal/schema/schema';
import { freshFolder } from '../support/fresh-folder';

const bindings = Bindings.of('aws', { from: process.cwd() });
const schemas = new Map<string, BlockSchema>();
function schemaOf(type: string): BlockSchema {
  const known = schemas.get(type) ?? refine(bindings.schema('resource', type)?.block as BlockSchema, AWS.knowledge[type], new Set(['id', 'region', 'tags_all']));
  schemas.set(type, known);
  return known;
}

const store = new Store(freshFolder('identities'));
const FRANKFURT: Configuration = { region: 'eu-central-1', account: '111111111111', values: { allowed_account_ids: ['111111111111'] } };

interface Options {
  readonly seed?: string;
  readonly configuration?: Configuration;
}

/** An object as the stand-in makes it of a configuration, and the name that it is stored under. */
function make(type: string, config: ValueObject, { seed = 'seed', configuration = FRANKFURT }: Options = {}): { readonly object: ValueObject; readonly key: string } {
  const schema = schemaOf(type);
  const empty = { ...Object.fromEntries(Object.keys(schema.attributes).map((name) => [name, null])), ...Object.fromEntries(Object.entries(schema.blocks).map(([name, { nesting }]) => [name, nesting === 'single' ? null : nesting === 'map' ? {} : []])) };
  const complete = { ...empty, ...config };
  const planned = planBlock(schema, complete, complete, undefined, AWS.knowledge[type]);
  const context = { type, region: AWS.regionOf(type, {}, configuration), configuration, store };
  const object = fillBlock(schema, planned, (path, of) => AWS.make({ ...context, planned, prior: undefined, seed }, path, of));
  const key = AWS.keyOf({ ...context, object, seed });
  store.create(context.region, type, key, object);
  return { object, key };
}

afterEach(() => rmSync(store.folder, { recursive: true, force: true }));

const HEX = '19b25856e1c150ca834cffc8b59b23ad';
const UUID = '19b25856-e1c1-40ca-a34c-ffc8b59b23ad';
const LETTERS = '4SFTM6CP4POPZG7TEESOG23K4D';

describe('ids and ARNs', () => {
  it.each<[string, ValueObject, string, string?]>([
    ['aws_vpc', { cidr_block: '10.0.0.0/16' }, `vpc-${HEX.slice(0, 17)}`, `arn:aws:ec2:eu-central-1:111111111111:vpc/vpc-${HEX.slice(0, 17)}`],
    ['aws_subnet', { vpc_id: 'vpc-1' }, `subnet-${HEX.slice(0, 17)}`, `arn:aws:ec2:eu-central-1:111111111111:subnet/subnet-${HEX.slice(0, 17)}`],
    ['aws_security_group', { name: 'a' }, `sg-${HEX.slice(0, 17)}`, `arn:aws:ec2:eu-central-1:111111111111:security-group/sg-${HEX.slice(0, 17)}`],
    ['aws_flow_log', { vpc_id: 'vpc-1' }, `fl-${HEX.slice(0, 17)}`, `arn:aws:ec2:eu-central-1:111111111111:vpc-flow-log/fl-${HEX.slice(0, 17)}`],
    ['aws_sqs_queue', { name: 'a', kms_master_key_id: 'k' }, 'https://sqs.eu-central-1.amazonaws.com/111111111111/a', 'arn:aws:sqs:eu-central-1:111111111111:a'],
    ['aws_kms_key', {}, UUID, `arn:aws:kms:eu-central-1:111111111111:key/${UUID}`],
    ['aws_kms_key', { multi_region: true }, `mrk-${HEX}`, `arn:aws:kms:eu-central-1:111111111111:key/mrk-${HEX}`],
    ['aws_kms_replica_key', { primary_key_arn: 'arn:aws:kms:eu-west-1:1:key/mrk-1' }, 'mrk-1', 'arn:aws:kms:eu-central-1:111111111111:key/mrk-1'],
    ['aws_kms_alias', { name: 'alias/a', target_key_id: UUID }, 'alias/a', 'arn:aws:kms:eu-central-1:111111111111:alias/a'],
    ['aws_kms_alias', { target_key_id: UUID }, `alias/${HEX.slice(0, 26)}`, `arn:aws:kms:eu-central-1:111111111111:alias/${HEX.slice(0, 26)}`],
    ['aws_rds_cluster', { cluster_identifier: 'a', engine: 'aurora-postgresql' }, 'a', 'arn:aws:rds:eu-central-1:111111111111:cluster:a'],
    ['aws_rds_cluster', { cluster_identifier_prefix: 'a-', engine: 'aurora-postgresql' }, `a-${HEX.slice(0, 26)}`, `arn:aws:rds:eu-central-1:111111111111:cluster:a-${HEX.slice(0, 26)}`],
    ['aws_rds_cluster', { engine: 'aurora-postgresql' }, `tf-${HEX.slice(0, 26)}`, `arn:aws:rds:eu-central-1:111111111111:cluster:tf-${HEX.slice(0, 26)}`],
    ['aws_rds_global_cluster', { global_cluster_identifier: 'a' }, 'a', 'arn:aws:rds::111111111111:global-cluster:a'],
    ['aws_db_instance', { identifier: 'a', instance_class: 'db.t4g.micro' }, `db-${LETTERS}`, 'arn:aws:rds:eu-central-1:111111111111:db:a'],
    ['aws_iam_role', { name: 'a', assume_role_policy: '{}' }, 'a', 'arn:aws:iam::111111111111:role/a'],
    ['aws_iam_policy', { name: 'a', path: '/b/', policy: '{}' }, 'arn:aws:iam::111111111111:policy/b/a', 'arn:aws:iam::111111111111:policy/b/a'],
    ['aws_iam_role_policy', { name: 'a', role: 'r', policy: '{}' }, 'r:a'],
    ['aws_secretsmanager_secret', { name: 'a' }, `arn:aws:secretsmanager:eu-central-1:111111111111:secret:a-${LETTERS.slice(0, 6)}`, `arn:aws:secretsmanager:eu-central-1:111111111111:secret:a-${LETTERS.slice(0, 6)}`],
    ['aws_ssm_parameter', { name: '/a/b', type: 'String', value: 'x' }, '/a/b', 'arn:aws:ssm:eu-central-1:111111111111:parameter/a/b'],
    ['aws_ssm_parameter', { name: 'a', type: 'String', value: 'x' }, 'a', 'arn:aws:ssm:eu-central-1:111111111111:parameter/a'],
    ['aws_s3_bucket', { bucket: 'a' }, 'a', 'arn:aws:s3:::a'],
    ['aws_s3_object', { bucket: 'a', key: 'b/c.json' }, 'a/b/c.json', 'arn:aws:s3:::a/b/c.json'],
    ['aws_sns_topic', { name: 'a' }, 'arn:aws:sns:eu-central-1:111111111111:a', 'arn:aws:sns:eu-central-1:111111111111:a'],
    ['aws_backup_vault', { name: 'a' }, 'a', 'arn:aws:backup:eu-central-1:111111111111:backup-vault:a'],
    ['aws_ecs_service', { name: 'a', cluster: 'arn:aws:ecs:eu-central-1:1:cluster/c' }, 'arn:aws:ecs:eu-central-1:111111111111:service/c/a', 'arn:aws:ecs:eu-central-1:111111111111:service/c/a'],
    ['aws_budgets_budget', { name: 'a', budget_type: 'COST', time_unit: 'MONTHLY' }, '111111111111:a', 'arn:aws:budgets::111111111111:budget/a'],
    ['aws_codebuild_project', { name: 'a', service_role: 'r' }, 'arn:aws:codebuild:eu-central-1:111111111111:project/a', 'arn:aws:codebuild:eu-central-1:111111111111:project/a'],
  ])('%s %j', (type, config, id, arn) => {
    const { object } = make(type, config);
    expect([object['id'], object['arn']]).toEqual([id, arn]);
  });

  it('lie in the partition, region and account of the provider', () => {
    const { object } = make('aws_sns_topic', { name: 'a' }, { configuration: { region: 'us-gov-west-1', values: {} } });
    expect(object['arn']).toBe('arn:aws-us-gov:sns:us-gov-west-1:123456789012:a');
  });

  it('are the same for the same seed and others for another', () => {
    const vpc = (seed: string): Value | undefined => make('aws_vpc', { cidr_block: '10.0.0.0/16' }, { seed }).object['id'];
    expect(vpc('one')).toBe(vpc('one'));
    expect(vpc('one')).not.toBe(vpc('two'));
  });

  it('are stored under what the service tells objects apart by', () => {
    const key = (type: string, config: ValueObject): string => make(type, config).key;
    expect(key('aws_db_instance', { identifier: 'a', instance_class: 'db.t4g.micro' })).toBe('a');
    expect(key('aws_route_table_association', { subnet_id: 'subnet-1', route_table_id: 'rtb-1' })).toBe('subnet-1/rtb-1');
    expect(key('aws_route_table_association', { gateway_id: 'igw-1', route_table_id: 'rtb-1' })).toBe(`rtbassoc-${HEX.slice(0, 17)}`);
    expect(key('aws_appautoscaling_target', { resource_id: 'r', service_namespace: 'rds', scalable_dimension: 'd', min_capacity: 1, max_capacity: 2 })).toBe('rds/r/d');
    expect([make('aws_ecs_task_definition', { family: 'f', container_definitions: '[]' }), make('aws_ecs_task_definition', { family: 'f', container_definitions: '[]' })].map(({ object }) => object['revision'])).toEqual([1, 2]);
  });

  it('exist for every type of the knowledge, and leave nothing unknown', () => {
    const faults = Object.keys(AWS.knowledge).flatMap((type) => {
      const { attributes } = schemaOf(type);
      const required = Object.entries(attributes).filter(([, { required }]) => required === true).map(([name, { type: of }]): [string, Value] => [name, emptyOf(of, name.endsWith('arn') ? 'arn:aws:x:y:1:z' : 'given')]);
      const { object } = make(type, Object.fromEntries(required));
      const isMissing = (name: string): boolean => attributes[name] !== undefined && (typeof object[name] !== 'string' || object[name] === '');
      return [...(hasUnknown(object) ? [`${type}: unknown`] : []), ...['id', 'arn'].filter(isMissing).map((name) => `${type}: ${name}`), ...(attributes['arn']?.computed === true && IDENTITIES[type]?.attributes?.['arn'] === undefined ? [`${type}: placeholder of an ARN`] : [])];
    });
    expect(faults).toEqual([]);
  });
});

describe('what AWS sets', () => {
  const KEY = /^arn:aws:kms:eu-central-1:111111111111:key\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/;

  it('on an Aurora cluster: port of the engine, master secret, default key, zones, endpoints', () => {
    const { object } = make('aws_rds_cluster', { cluster_identifier: 'a', engine: 'aurora-postgresql', engine_version: '17', manage_master_user_password: true, storage_encrypted: true });
    expect(object).toMatchObject({
      port: 5432, engine_version_actual: '17', availability_zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'], allocated_storage: 1, backup_retention_period: 1, cluster_members: [], storage_encrypted: true, cluster_identifier_prefix: '',
      endpoint: `a.cluster-${HEX.slice(0, 12)}.eu-central-1.rds.amazonaws.com`, reader_endpoint: `a.cluster-ro-${HEX.slice(0, 12)}.eu-central-1.rds.amazonaws.com`, cluster_resource_id: `cluster-${LETTERS}`,
      master_user_secret: [{ kms_key_id: expect.stringMatching(KEY), secret_arn: `arn:aws:secretsmanager:eu-central-1:111111111111:secret:rds!cluster-${UUID}-${LETTERS.slice(0, 6)}`, secret_status: 'active' }],
    });
    expect(object['kms_key_id']).toMatch(KEY);
    const [secret] = object['master_user_secret'] as readonly Value[];
    expect(isObject(secret) && secret['kms_key_id']).not.toBe(object['kms_key_id']);
  });

  it('depends on what is given', () => {
    const other = make('aws_rds_cluster', { cluster_identifier: 'b', engine: 'aurora-mysql', manage_master_user_password: true, master_user_secret_kms_key_id: 'arn:aws:kms:eu-central-1:1:key/2' }).object;
    expect(other).toMatchObject({ port: 3306, kms_key_id: '', storage_encrypted: false, master_user_secret: [{ kms_key_id: 'arn:aws:kms:eu-central-1:1:key/2' }] });
    expect(make('aws_rds_cluster', { cluster_identifier: 'c', engine: 'aurora-mysql', port: 4000, master_username: 'a', master_password_wo: 'b' }).object).toMatchObject({ port: 4000, master_user_secret: [] });
    expect(make('aws_sns_topic_subscription', { topic_arn: 'arn:t', protocol: 'email', endpoint: 'a@b.example' }).object).toMatchObject({ pending_confirmation: true });
    expect(make('aws_s3_object', { bucket: 'a', key: 'b', kms_key_id: 'arn:aws:kms:eu-central-1:1:key/2' }).object).toMatchObject({ server_side_encryption: 'aws:kms' });
  });

  it('comes from other objects: an instance has its cluster\'s port, a default group is that of its VPC, a subnet group lies where its subnets do', () => {
    const cluster = make('aws_rds_cluster', { cluster_identifier: 'a', engine: 'aurora-postgresql', engine_version: '17', storage_encrypted: true, kms_key_id: 'arn:aws:kms:eu-central-1:1:key/2' }).object;
    expect(make('aws_rds_cluster_instance', { cluster_identifier: 'a', identifier: 'a-1', engine: 'aurora-postgresql', instance_class: 'db.serverless' }).object).toMatchObject({ port: cluster['port'], engine_version: '17', engine_version_actual: '17', storage_encrypted: true, kms_key_id: 'arn:aws:kms:eu-central-1:1:key/2' });
    const vpc = make('aws_vpc', { cidr_block: '10.0.0.0/16' }).object;
    expect(make('aws_default_security_group', { vpc_id: vpc['id'] as string }, { seed: 'other' }).object['id']).toBe(vpc['default_security_group_id']);
    const subnet = make('aws_subnet', { vpc_id: vpc['id'] as string }).object;
    expect(make('aws_db_subnet_group', { name: 'g', subnet_ids: [subnet['id'] as string] }).object['vpc_id']).toBe(vpc['id']);
  });

  it('is a text that shows it, or empty, where nothing is known', () => {
    const { object } = make('aws_db_snapshot_copy', { source_db_snapshot_identifier: 'a', target_db_snapshot_identifier: 'b' });
    expect(object).toMatchObject({ allocated_storage: 0, encrypted: false });
    expect(object['engine_version']).toMatch(/^engine-version-[0-9a-f]{12}$/);
  });

  it('keeps the braces of a text of its own', () => {
    expect(make('aws_flow_log', { vpc_id: 'vpc-1' }).object['log_format']).toBe('${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}');
  });
});
