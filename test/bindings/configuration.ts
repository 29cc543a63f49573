import type { ArgumentKnowledge, TypeKnowledge } from '../../lib/rehearsal/provider/knowledge';
import type { BlockSchema, TerraformType } from '../../lib/rehearsal/schema/schema';

/** Texts of many forms: the first that the knowledge allows is taken. */
const TEXTS = ['name', 'name-1', 'Name1', '1', '10.0.0.0/16', 'arn:aws:iam::123456789012:role/name', '123456789012', 'name@example.com', 'https://example.com/name', 'eu-central-1', '/name', '{}', '00:00-01:00', '2030-01-01T00:00:00Z', 'name.example.com', 'alias/name', 'rate(1 day)', 'aurora-postgresql', 'aws:service:action', 'lambda:InvokeFunction', '00000000-0000-4000-8000-000000000000'];

/** What rules of the provider ask for beyond single arguments, also when it is to be destroyed. */
const RULES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  aws_cloudtrail_event_data_store: { termination_protection_enabled: false },
  aws_db_instance: { skip_final_snapshot: true },
  aws_docdb_cluster: { skip_final_snapshot: true },
  aws_rds_cluster: { skip_final_snapshot: true },
  aws_kinesis_stream: { shard_count: 1 },
  aws_lambda_function: { handler: 'index.handler', runtime: 'nodejs22.x' },
};

/** A configuration of a type with its required arguments, and those that the knowledge says one of is needed. */
export function requiredArguments(type: string, schema: BlockSchema, knowledge: TypeKnowledge | undefined, index: number): Record<string, unknown> {
  return { ...block(schema, '', (path) => knowledge?.args[path] ?? {}, index), ...RULES[type] };
}

function block({ attributes, blocks }: BlockSchema, prefix: string, known: (path: string) => ArgumentKnowledge, index: number): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, { type, required }] of Object.entries(attributes)) if (required === true) values[name] = value(type, known(prefix + name), index);
  for (const [name, { nesting, minItems, block: inner }] of Object.entries(blocks)) {
    if (minItems > 0 || known(prefix + name).required === true) values[name] = nesting === 'map' ? { key: block(inner, `${prefix}${name}.`, known, index) } : Array.from({ length: Math.max(1, known(prefix + name).minItems ?? 1) }, () => block(inner, `${prefix}${name}.`, known, index));
  }
  for (const [name, { type }] of Object.entries(attributes)) {
    const { exactlyOneOf, atLeastOneOf } = known(prefix + name);
    const [group = []] = [exactlyOneOf, atLeastOneOf].filter((one) => one !== undefined);
    const own = group.map((path) => path.slice(prefix.length)).filter((path) => attributes[path] !== undefined);
    // The simplest of them: one that needs no other.
    const [simple] = own.filter((path) => known(prefix + path).requiredWith === undefined);
    if (group.length > 0 && simple === name && !own.some((path) => path in values)) values[name] = value(type, known(prefix + name), index);
  }
  return values;
}

function value(type: TerraformType, known: ArgumentKnowledge, index: number): unknown {
  if (type === 'bool') return true;
  if (type === 'number') return number(known);
  if (type === 'string') return text(known, index);
  if (type === 'dynamic') return { key: 'value' };
  if (type[0] === 'map') return { key: value(type[1], {}, index) };
  if (type[0] === 'object') return Object.fromEntries(Object.entries(type[1] as Record<string, TerraformType>).map(([name, part]) => [name, value(part, {}, index)]));
  return [value(type[1], known, index)];
}

function number({ enum: allowed, range = [null, null] }: ArgumentKnowledge): unknown {
  return allowed?.[0] ?? range[0] ?? Math.min(1, range[1] ?? 1);
}

function text({ enum: allowed, length = [null, null], pattern, format }: ArgumentKnowledge, index: number): unknown {
  if (format === 'json') return '{}';
  if (allowed !== undefined) return allowed[0];
  const fits = (candidate: string): boolean => candidate.length >= (length[0] ?? 0) && candidate.length <= (length[1] ?? Infinity) && (pattern === undefined || new RegExp(pattern).test(candidate));
  const padded = (candidate: string): string => candidate.padEnd(length[0] ?? 0, 'x');
  return [`name${index}`, `name-${index}`, `name_${index}`, ...TEXTS, ...TEXTS.map(padded)].find(fits) ?? `name${index}`;
}
