import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AWS_KNOWLEDGE } from '../../lib/rehearsal/aws/knowledge';
import { UNKNOWN, type Value, type ValueObject } from '../../lib/rehearsal/protocol/values';
import type { ArgumentKnowledge } from '../../lib/rehearsal/provider/knowledge';
import { invalidArguments } from '../../lib/rehearsal/provider/validate';
import { Bindings } from '../../lib/rehearsal/schema/bindings';
import type { BlockSchema, TerraformType } from '../../lib/rehearsal/schema/schema';
import { Terraform, withoutTerraform } from './support/terraform';

const text = { type: 'string', optional: true } as const;
const number = { type: 'number', optional: true } as const;
const inner: BlockSchema = { attributes: { size: number, kind: text, other: text }, blocks: {} };
const schema: BlockSchema = {
  attributes: { name: text, prefix: text, size: number, zones: { type: ['set', 'string'], optional: true }, rules: { type: ['set', ['object', { port: 'number' }]], optional: true }, secret: text, policy: text },
  blocks: { disk: { nesting: 'list', minItems: 0, maxItems: 0, block: inner }, part: { nesting: 'set', minItems: 0, maxItems: 0, block: inner }, one: { nesting: 'single', minItems: 0, maxItems: 0, block: inner } },
};
const nothing = { name: null, prefix: null, size: null, zones: null, rules: null, secret: null, policy: null, disk: [], part: [], one: null };
const disk = (more: ValueObject): ValueObject => ({ size: null, kind: null, other: null, ...more });

/** Each fault as `summary | detail | address`. */
function faults(args: Readonly<Record<string, ArgumentKnowledge>>, config: ValueObject): string[] {
  return invalidArguments(schema, { source: 'test', args }, { ...nothing, ...config }).map(({ summary, detail, steps }) => [summary, detail, steps.map((step) => Object.values(step)[0] as string | number).join('.')].filter((part) => part !== '').join(' | '));
}

describe('values', () => {
  it.each<[string, ArgumentKnowledge, Value, string | undefined]>([
    ['enumeration of texts', { enum: ['a', 'b c'] }, 'd', 'expected name to be one of ["a" "b c"], got d'],
    ['enumeration, allowed', { enum: ['a', 'b c'] }, 'b c', undefined],
    ['length', { length: [1, 3] }, 'abcd', 'expected length of name to be in the range (1 - 3), got abcd'],
    ['length in bytes', { length: [null, 3] }, '🐘', 'expected length of name to be at most (3), got 🐘'],
    ['least length', { length: [2, null] }, 'a', 'expected length of name to be at least (2), got a'],
    ['pattern', { pattern: '^[a-z]+$' }, 'A', 'expected value of name to match regular expression "^[a-z]+$", got A'],
    ['JSON', { format: 'json' }, '{"Version": top secret}', '"name" contains an invalid JSON'],
    ['JSON, allowed', { format: 'json' }, '{}', undefined],
    ['a secret', { sensitive: true, length: [8, null] }, 'hunter2', 'expected length of name to be at least (8), got (sensitive value)'],
    ['a write-only secret', { writeOnly: true, enum: ['a'] }, 'hunter2', 'expected name to be one of ["a"], got (sensitive value)'],
    ['unknown', { enum: ['a'], pattern: 'a', length: [1, 1] }, UNKNOWN, undefined],
    ['not set', { enum: ['a'], pattern: 'a', length: [1, 1] }, null, undefined],
  ])('text: %s', (_title, known, value, expected) => {
    expect(faults({ name: known }, { name: value })).toEqual(expected === undefined ? [] : [`${expected} | name`]);
  });

  it.each<[string, ArgumentKnowledge, Value, string | undefined]>([
    ['range', { range: [0, 35] }, 99, 'expected size to be in the range (0 - 35), got 99'],
    ['range, at its ends', { range: [0, 35] }, 35, undefined],
    ['least', { range: [1, null] }, 0, 'expected size to be at least (1), got 0'],
    ['most', { range: [null, 35] }, 36, 'expected size to be at most (35), got 36'],
    ['beside the range', { range: [7, 30], alsoAllowed: [0] }, 0, undefined],
    ['nor beside the range', { range: [7, 30], alsoAllowed: [0] }, 3, 'expected size to be in the range (7 - 30) or one of [0], got 3'],
    ['enumeration', { enum: [60, 600] }, 61, 'expected size to be one of [60 600], got 61'],
    ['unknown', { range: [0, 1] }, UNKNOWN, undefined],
  ])('number: %s', (_title, known, value, expected) => {
    expect(faults({ size: known }, { size: value })).toEqual(expected === undefined ? [] : [`${expected} | size`]);
  });

  it('looks into lists, sets, single blocks and attributes that are written like blocks', () => {
    const range = { range: [0, 9] } as const;
    expect(faults({ 'disk.size': range }, { disk: [disk({ size: 1 }), disk({ size: 10 })] })).toEqual(['expected disk.1.size to be in the range (0 - 9), got 10 | disk.1.size']);
    expect(faults({ 'part.size': range }, { part: [disk({ size: 10 })] })).toEqual(['expected part.0.size to be in the range (0 - 9), got 10 | part']);
    expect(faults({ 'one.size': range }, { one: disk({ size: 10 }) })).toEqual(['expected one.size to be in the range (0 - 9), got 10 | one.size']);
    expect(faults({ 'rules.port': range }, { rules: [{ port: 10 }] })).toEqual(['expected rules.0.port to be in the range (0 - 9), got 10 | rules']);
    expect(faults({ zones: { enum: ['a'] } }, { zones: ['a', 'b', UNKNOWN] })).toEqual(['expected zones.1 to be one of ["a"], got b | zones']);
    expect(faults({ 'disk.size': range, 'one.size': range }, { disk: UNKNOWN, one: UNKNOWN })).toEqual([]);
  });

  it('counts the elements of attributes', () => {
    expect(faults({ zones: { maxItems: 1 } }, { zones: ['a', 'b'] })).toEqual(['Too many list items | Attribute zones supports 1 item maximum, but config has 2 declared. | zones']);
    expect(faults({ zones: { minItems: 2 } }, { zones: ['a'] })).toEqual(['Not enough list items | Attribute zones requires 2 item minimum, but config has only 1 declared. | zones']);
    expect(faults({ zones: { minItems: 2, maxItems: 2 } }, { zones: UNKNOWN })).toEqual([]);
  });
});

describe('groups of arguments', () => {
  const both = (known: ArgumentKnowledge): Record<string, ArgumentKnowledge> => ({ name: known, prefix: known });

  it('refuses what conflicts, once for both directions', () => {
    const conflict = { name: { conflictsWith: ['prefix'] }, prefix: { conflictsWith: ['name'] } };
    expect(faults(conflict, { name: 'a', prefix: 'b' })).toEqual(['Conflicting configuration arguments | "name": conflicts with prefix | name']);
    expect(faults(conflict, { name: 'a', prefix: UNKNOWN })).toEqual([]);
    expect(faults(conflict, { name: UNKNOWN, prefix: 'b' })).toEqual([]);
    expect(faults(conflict, { prefix: 'b' })).toEqual([]);
    expect(faults({ disk: { conflictsWith: ['name'] } }, { disk: [], name: 'a' })).toEqual([]);
    expect(faults({ 'disk.kind': { conflictsWith: ['disk.other'] } }, { disk: [disk({ kind: 'a' }), disk({ kind: 'a', other: 'b' })] })).toEqual(['Conflicting configuration arguments | "disk.1.kind": conflicts with disk.1.other | disk.1.kind']);
    expect(faults({ 'disk.kind': { conflictsWith: ['name'] } }, { disk: [disk({ kind: 'a' })], name: 'b' })).toEqual(['Conflicting configuration arguments | "disk.0.kind": conflicts with name | disk.0.kind']);
  });

  it('wants exactly one, or at least one', () => {
    const group = ['name', 'prefix'];
    expect(faults(both({ exactlyOneOf: group }), {})).toEqual(['Invalid combination of arguments | "name": one of `name,prefix` must be specified | name']);
    expect(faults(both({ exactlyOneOf: group }), { name: 'a', prefix: 'b' })).toEqual(['Invalid combination of arguments | "name": only one of `name,prefix` can be specified, but `name,prefix` were specified. | name']);
    expect(faults(both({ exactlyOneOf: group }), { name: UNKNOWN })).toEqual([]);
    expect(faults(both({ exactlyOneOf: group }), { name: UNKNOWN, prefix: 'b' })).toEqual([]);
    expect(faults(both({ atLeastOneOf: group }), {})).toEqual(['Missing required argument | "name": one of `name,prefix` must be specified | name']);
    expect(faults(both({ atLeastOneOf: group }), { name: 'a', prefix: 'b' })).toEqual([]);
    // A group inside a block is asked for where the block is.
    const inBlock = { 'disk.kind': { exactlyOneOf: ['disk.kind', 'disk.other'] } };
    expect(faults(inBlock, {})).toEqual([]);
    expect(faults(inBlock, { disk: [disk({ kind: 'a' }), disk({})] })).toEqual(['Invalid combination of arguments | "disk.1.kind": one of `disk.1.kind,disk.1.other` must be specified | disk.1.kind']);
  });

  it('wants what belongs together', () => {
    const known = { name: { requiredWith: ['prefix'] } };
    expect(faults(known, { name: 'a' })).toEqual(['Missing required argument | "name": all of `name,prefix` must be specified | name']);
    expect(faults(known, { name: 'a', prefix: UNKNOWN })).toEqual([]);
    expect(faults(known, { prefix: 'a' })).toEqual([]);
  });
});

describe('the knowledge of hashicorp/aws', () => {
  const bindings = Bindings.of('aws', { from: process.cwd() });
  const beyond = ({ enum: values, range, length }: ArgumentKnowledge): Value | undefined => {
    if (values !== undefined) return typeof values[0] === 'number' ? -987 : 'no such value';
    if (range !== undefined) return range[1] === null ? Number(range[0]) - 1 : range[1] + 1;
    return typeof length?.[1] === 'number' ? 'a'.repeat(length[1] + 1) : undefined;
  };

  function build(block: BlockSchema, [name = '', ...rest]: readonly string[], value: Value): ValueObject {
    const empty: Record<string, Value> = { ...Object.fromEntries(Object.keys(block.attributes).map((one) => [one, null])), ...Object.fromEntries(Object.entries(block.blocks).map(([one, { nesting }]) => [one, nesting === 'single' ? null : nesting === 'map' ? {} : []])) };
    const attribute = block.attributes[name];
    const nested = block.blocks[name];
    if (attribute !== undefined) return { ...empty, [name]: wrap(attribute.type, rest, value) };
    if (nested === undefined) return empty;
    const element = build(nested.block, rest, value);
    return { ...empty, [name]: nested.nesting === 'single' ? element : nested.nesting === 'map' ? { key: element } : [element] };
  }
  function wrap(type: TerraformType, path: readonly string[], value: Value): Value {
    if (!Array.isArray(type)) return value;
    if (type[0] === 'object') return { [path[0] ?? '']: wrap((type[1] as Record<string, TerraformType>)[path[0] ?? ''] ?? 'string', path.slice(1), value) };
    return type[0] === 'map' ? { key: wrap(type[1] as TerraformType, path, value) } : [wrap(type[1] as TerraformType, path, value)];
  }

  it('refuses a value beyond every enumeration, range and length in it, at its path', () => {
    let tried = 0;
    const accepted = Object.entries(AWS_KNOWLEDGE).flatMap(([type, knowledge]) => {
      const { block } = bindings.schema('resource', type) ?? {};
      if (block === undefined) return [];
      return Object.entries(knowledge.args).flatMap(([path, known]) => {
        const value = beyond(known);
        if (value === undefined) return [];
        tried += 1;
        const found = invalidArguments(block, { ...knowledge, args: { [path]: known } }, build(block, path.split('.'), value));
        return found.some(({ summary, steps }) => summary.startsWith('expected ') && (steps[0] as { attribute_name?: string }).attribute_name === path.split('.')[0]) ? [] : [`${type}.${path}`];
      });
    });
    expect(accepted).toEqual([]);
    expect(tried).toBeGreaterThan(700);
  });
});

describe.skipIf(withoutTerraform !== undefined)(`terraform validate${withoutTerraform ?? ''}`, () => {
  let terraform: Terraform;
  beforeAll(async () => {
    terraform = await Terraform.start(['aws_rds_cluster', 'aws_vpc_security_group_ingress_rule', 'aws_iam_role', 'aws_ssm_parameter', 'aws_cloudwatch_metric_alarm', 'aws_secretsmanager_secret', 'aws_sns_topic', 'aws_kms_key', 'aws_vpc']);
  });
  afterAll(() => terraform.close());

  it('reports every fault at its line, in the words that users of the provider know, and no secret', async () => {
    terraform.write({
      resource: {
        aws_rds_cluster: { a: { engine: 'aurora', backup_retention_period: 99, master_password: 'hunter2', manage_master_user_password: true, preferred_backup_window: '25:00-26:00', serverlessv2_scaling_configuration: { min_capacity: 300, max_capacity: 1 }, cluster_identifier: 'two--hyphens' } },
        aws_vpc_security_group_ingress_rule: { a: { security_group_id: 'sg-1', ip_protocol: 'tcp', from_port: 5432, to_port: 70000 } },
        aws_iam_role: { a: { name: 'x'.repeat(65), assume_role_policy: '{"Version": ', max_session_duration: 60 } },
        aws_ssm_parameter: { a: { name: 'a', type: 'SecureString', insecure_value: 'x' } },
        aws_cloudwatch_metric_alarm: { a: { alarm_name: 'a', metric_name: 'CPUUtilization', namespace: 'AWS/RDS', evaluation_periods: 1, comparison_operator: 'GreaterThan', period: 60, threshold: 1 } },
        aws_secretsmanager_secret: { a: { name: 'a', recovery_window_in_days: 3 } },
        aws_sns_topic: { a: { name: 'orders', fifo_topic: true } },
      },
    });
    expect((await terraform.validate()).map(({ address, summary, detail, line }) => [address, detail === '' ? summary : `${summary}: ${detail}`, line])).toEqual([
      ['aws_cloudwatch_metric_alarm.a', 'One of `statistic` or `extended_statistic` must be set for a cloudwatch metric alarm', '"metric_name": "CPUUtilization",'],
      ['aws_cloudwatch_metric_alarm.a', 'expected comparison_operator to be one of ["GreaterThanOrEqualToThreshold" "GreaterThanThreshold" "LessThanThreshold" "LessThanOrEqualToThreshold" "LessThanLowerOrGreaterThanUpperThreshold" "LessThanLowerThreshold" "GreaterThanUpperThreshold"], got GreaterThan', '"comparison_operator": "GreaterThan",'],
      ['aws_iam_role.a', '"assume_role_policy" contains an invalid JSON', '"assume_role_policy": "{\\"Version\\": ",'],
      ['aws_iam_role.a', `expected length of name to be in the range (1 - 64), got ${'x'.repeat(65)}`, `"name": "${'x'.repeat(65)}",`],
      ['aws_iam_role.a', 'expected max_session_duration to be in the range (3600 - 43200), got 60', '"max_session_duration": 60'],
      ['aws_rds_cluster.a', 'Conflicting configuration arguments: "manage_master_user_password": conflicts with master_password', '"manage_master_user_password": true,'],
      ['aws_rds_cluster.a', 'expected backup_retention_period to be at most (35), got 99', '"backup_retention_period": 99,'],
      ['aws_rds_cluster.a', 'expected serverlessv2_scaling_configuration.0.min_capacity to be in the range (0 - 256), got 300', '"min_capacity": 300,'],
      ['aws_rds_cluster.a', 'expected value of cluster_identifier to match regular expression "^(?!.*--)[a-z][0-9a-z-]*(?<!-)$", got two--hyphens', '"cluster_identifier": "two--hyphens"'],
      ['aws_rds_cluster.a', 'expected value of engine to match regular expression "^(aurora-mysql|aurora-postgresql|mysql|postgres|custom-.*)$", got aurora', '"engine": "aurora",'],
      ['aws_rds_cluster.a', 'expected value of preferred_backup_window to match regular expression "^([01]\\\\d|2[0-3]):[0-5]\\\\d-([01]\\\\d|2[0-3]):[0-5]\\\\d$", got 25:00-26:00', '"preferred_backup_window": "25:00-26:00",'],
      ['aws_secretsmanager_secret.a', 'expected recovery_window_in_days to be in the range (7 - 30) or one of [0], got 3', '"recovery_window_in_days": 3'],
      ['aws_sns_topic.a', 'invalid topic name: orders: The name of a FIFO topic, and of no other, ends with .fifo.', '"name": "orders",'],
      ['aws_ssm_parameter.a', 'invalid value for "insecure_value": cannot be used with type "SecureString"', '"insecure_value": "x"'],
      ['aws_vpc_security_group_ingress_rule.a', 'Invalid combination of arguments: "cidr_ipv4": one of `cidr_ipv4,cidr_ipv6,prefix_list_id,referenced_security_group_id` must be specified', '}'],
      ['aws_vpc_security_group_ingress_rule.a', 'expected to_port to be in the range (-1 - 65535), got 70000', '"to_port": 70000'],
    ]);
  });

  it('passes over what is unknown yet', async () => {
    terraform.write({
      resource: {
        aws_kms_key: { a: { deletion_window_in_days: 7 } },
        aws_vpc: { a: { cidr_block: '10.0.0.0/16' } },
        aws_rds_cluster: { a: { engine: 'aurora-postgresql', kms_key_id: '${aws_kms_key.a.arn}', cluster_identifier: '${aws_vpc.a.id}', master_username: '${aws_kms_key.a.key_id}' } },
        aws_vpc_security_group_ingress_rule: { a: { security_group_id: '${aws_vpc.a.default_security_group_id}', ip_protocol: 'tcp', cidr_ipv4: '${aws_vpc.a.cidr_block}' } },
      },
    });
    expect(await terraform.validate()).toEqual([]);
  });
});
