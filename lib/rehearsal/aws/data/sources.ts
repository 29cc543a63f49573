import type { ObjectContext, Refusal } from '../../provider/behaviour';
import { isObject, type Value, type ValueObject } from '../../protocol/values';
import { locationOf, type Location } from '../location';
import { elementsOf, text } from '../rules/rules';
import { awsKeyId, hex } from '../template';
import { policyDocument } from './policy-document';

export interface Query extends ObjectContext {
  readonly config: ValueObject;
}
type Source = (query: Query, location: Location) => ValueObject | Refusal | undefined;

const AVAILABLE_ZONES = ['a', 'b', 'c'];
/** Ids of zones begin with a short form of the region: `euc1-az1`. https://docs.aws.amazon.com/ram/latest/userguide/working-with-az-ids.html */
function zonePrefix(region: string): string {
  const parts = region.split('-');
  const number = parts.pop() ?? '';
  const [area = '', ...directions] = parts;
  return `${area}${directions.map((direction) => direction.replace(/(north|south)(east|west)/, (_match, a: string, b: string) => a.charAt(0) + b.charAt(0)).replace(/^([a-z])[a-z]{2,}$/, '$1')).join('')}${number}`;
}

const suffixOf = (partition: string): string => (partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com');
const missing = (summary: string, detail = 'It is not in the store of the rehearsal: no stack has made it yet.'): Refusal => ({ summary, detail });
const stored = ({ store, region }: Query, type: string, matches: (object: ValueObject) => boolean): ValueObject | undefined => store.list(type, region).find(matches);
const given = (value: Value | undefined): value is string => typeof value === 'string' && value !== '';

/** Names of filters in the words of EC2, and what they stand for. A filter that is not known leaves the question to a placeholder. */
const FILTERS: Readonly<Record<string, string>> = { 'vpc-id': 'vpc_id', 'subnet-id': 'id', 'cidr-block': 'cidr_block', cidr: 'cidr_block', 'availability-zone': 'availability_zone' };
function matcher(config: ValueObject): ((object: ValueObject) => boolean) | undefined {
  const filters = elementsOf(config['filter']).map(({ name, values }) => ({ name: text(name), values: Array.isArray(values) ? (values as readonly Value[]) : [] }));
  const tags = isObject(config['tags']) ? config['tags'] : {};
  if (filters.some(({ name }) => !name.startsWith('tag:') && !Object.hasOwn(FILTERS, name))) return undefined;
  const tagOf = (object: ValueObject, key: string): Value => (isObject(object['tags_all']) ? object['tags_all'][key] ?? null : null);
  return (object) => Object.entries(tags).every(([key, value]) => tagOf(object, key) === value)
    && filters.every(({ name, values }) => values.includes(name.startsWith('tag:') ? tagOf(object, name.slice(4)) : object[FILTERS[name] as string] ?? null));
}

function keyOf(query: Query, location: Location, name: string): ValueObject | undefined {
  const wanted = name.startsWith('arn:') ? name.slice(name.lastIndexOf(':') + 1).replace(/^key\//, '') : name;
  if (wanted.startsWith('alias/aws/')) {
    const id = awsKeyId(wanted.slice('alias/aws/'.length), location.region, location.account);
    return { id, key_id: id, arn: `arn:${location.partition}:kms:${location.region}:${location.account}:key/${id}`, key_manager: 'AWS' };
  }
  const alias = wanted.startsWith('alias/') ? stored(query, 'aws_kms_alias', (one) => one['name'] === wanted) : undefined;
  const id = alias === undefined ? wanted : text(alias['target_key_arn']).split('/').pop();
  return ['aws_kms_key', 'aws_kms_replica_key'].map((type) => stored(query, type, (one) => one['key_id'] === id)).find((one) => one !== undefined);
}

/** Data sources with an answer of their own. The others are answered by placeholders, with a warning. */
export const SOURCES: Readonly<Record<string, Source>> = {
  aws_caller_identity: (_query, { account, partition }) => ({ id: account, account_id: account, arn: `arn:${partition}:iam::${account}:user/rehearsal`, user_id: `AIDA${hex(account, 17).toUpperCase()}` }),
  aws_partition: (_query, { partition }) => ({ id: partition, partition, dns_suffix: suffixOf(partition), reverse_dns_prefix: partition === 'aws-cn' ? 'cn.com.amazonaws' : 'com.amazonaws' }),
  aws_region: ({ config }, { region, partition }) => {
    const name = text(config['region']) || text(config['name']) || region;
    return { id: name, name, region: name, description: name, endpoint: `ec2.${name}.${suffixOf(partition)}` };
  },
  aws_availability_zones: ({ config }, { region }) => {
    const excluded = [config['exclude_names'], config['exclude_zone_ids']].flatMap((list) => (Array.isArray(list) ? (list as readonly Value[]) : []));
    const zones = AVAILABLE_ZONES.map((letter, i) => ({ name: `${region}${letter}`, id: `${zonePrefix(region)}-az${i + 1}` })).filter(({ name, id }) => !excluded.includes(name) && !excluded.includes(id));
    return { id: region, names: zones.map(({ name }) => name), zone_ids: zones.map(({ id }) => id), group_names: [region] };
  },
  aws_iam_policy_document: ({ config }) => {
    const document = policyDocument(config);
    return 'json' in document ? { ...document, id: String(Number.parseInt(hex(text(document['json']), 8), 16)) } : document;
  },
  aws_ssm_parameter: (query) => {
    const name = text(query.config['name']);
    // AWS's own public parameters.
    if (name.startsWith('/aws/')) return undefined;
    const found = stored(query, 'aws_ssm_parameter', (one) => one['name'] === name);
    if (found === undefined) return missing(`reading SSM Parameter (${name}): couldn't find resource`);
    return { ...found, value: found['value'] ?? found['insecure_value'] ?? null, insecure_value: found['type'] === 'SecureString' ? null : found['insecure_value'] ?? found['value'] ?? null, with_decryption: true };
  },
  aws_kms_key: (query, location) => {
    const name = text(query.config['key_id']);
    const found = keyOf(query, location, name);
    if (found === undefined) return missing(`reading KMS Key (${name}): NotFoundException: Key '${name}' does not exist`);
    return { key_manager: 'CUSTOMER', key_state: 'Enabled', enabled: true, key_usage: 'ENCRYPT_DECRYPT', key_spec: 'SYMMETRIC_DEFAULT', customer_master_key_spec: 'SYMMETRIC_DEFAULT', origin: 'AWS_KMS', ...found, aws_account_id: location.account };
  },
  aws_kms_alias: (query, location) => {
    const name = text(query.config['name']);
    const key = keyOf(query, location, name);
    if (key === undefined) return missing(`reading KMS Alias (${name}): empty result`);
    const { region, account, partition } = location;
    const arn = `arn:${partition}:kms:${region}:${account}:${name}`;
    return { id: arn, arn, name, target_key_id: key['key_id'] ?? null, target_key_arn: key['arn'] ?? null };
  },
  aws_vpc: (query) => {
    const { config } = query;
    const matches = matcher(config);
    if (matches === undefined || config['default'] === true) return undefined;
    const found = query.store.list('aws_vpc', query.region).filter((one) => (!given(config['id']) || one['id'] === config['id']) && (!given(config['cidr_block']) || one['cidr_block'] === config['cidr_block']) && matches(one));
    if (found.length > 1) return missing('multiple EC2 VPCs matched; use additional constraints to reduce matches to a single EC2 VPC', `${found.length} VPCs of the store match.`);
    return found[0] === undefined ? missing('no matching EC2 VPC found') : { ...found[0], default: false, state: 'available' };
  },
  aws_subnets: (query) => {
    const matches = matcher(query.config);
    return matches === undefined ? undefined : { id: query.region, ids: query.store.list('aws_subnet', query.region).filter(matches).map((one) => one['id'] ?? null) };
  },
  aws_secretsmanager_secret: (query) => {
    const { name, arn } = query.config;
    // Secrets of the database service are kept by it.
    if (text(arn).includes(':secret:rds!') || text(name).startsWith('rds!')) return undefined;
    const found = stored(query, 'aws_secretsmanager_secret', (one) => one['arn'] === arn || one['name'] === name);
    return found === undefined ? missing(`reading Secrets Manager Secret (${text(arn) || text(name)}): couldn't find resource`) : { ...found };
  },
  aws_secretsmanager_secret_version: (query) => {
    const wanted = text(query.config['secret_id']);
    if (wanted.includes('rds!')) return undefined;
    const secret = stored(query, 'aws_secretsmanager_secret', (one) => one['arn'] === wanted || one['name'] === wanted);
    const found = secret === undefined ? undefined : stored(query, 'aws_secretsmanager_secret_version', (one) => one['secret_id'] === secret['arn'] || one['secret_id'] === secret['name']);
    if (found === undefined) return missing(`reading Secrets Manager Secret Version (${wanted}|AWSCURRENT): couldn't find resource`);
    return { ...found, id: `${wanted}|AWSCURRENT`, version_stage: 'AWSCURRENT' };
  },
  aws_rds_cluster: (query) => {
    const name = text(query.config['cluster_identifier']);
    const found = stored(query, 'aws_rds_cluster', (one) => one['cluster_identifier'] === name);
    return found === undefined ? missing(`reading RDS Cluster (${name}): couldn't find resource`) : { ...found };
  },
};

export function answer(query: Query): ValueObject | Refusal | undefined {
  const found = SOURCES[query.type]?.(query, locationOf(query.region, query.configuration));
  return found === undefined || 'summary' in found ? found : { ...found, region: found['region'] ?? query.region };
}
