import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IDENTITIES } from '../../lib/rehearsal/aws/identities';
import { AWS_KNOWLEDGE } from '../../lib/rehearsal/aws/knowledge';
import { RULES } from '../../lib/rehearsal/aws/rules';
import type { ArgumentKnowledge } from '../../lib/rehearsal/provider/knowledge';
import { refine } from '../../lib/rehearsal/provider/refine';
import { Bindings } from '../../lib/rehearsal/schema/bindings';
import type { AttributeSchema, BlockSchema, NestedBlockSchema, TerraformType } from '../../lib/rehearsal/schema/schema';

const bindings = Bindings.of('aws', { from: process.cwd() });
const derived = new Map<string, BlockSchema | undefined>();
function blockOf(type: string): BlockSchema | undefined {
  if (!derived.has(type)) derived.set(type, bindings.schema('resource', type)?.block);
  return derived.get(type);
}
const entries = Object.entries(AWS_KNOWLEDGE).flatMap(([type, { args }]) => Object.entries(args).map(([path, known]) => ({ type, path, known, at: `${type}.${path}` })));

interface Found {
  /** Of an attribute, or of a member of one that is an object. */
  readonly type?: TerraformType;
  readonly attribute?: AttributeSchema;
  readonly block?: NestedBlockSchema;
}

/** What the bindings have at a path. */
function find(block: BlockSchema, [name = '', ...rest]: readonly string[]): Found | undefined {
  const attribute = block.attributes[name];
  if (attribute !== undefined) return rest.length === 0 ? { type: attribute.type, attribute } : member(attribute.type, rest);
  const nested = block.blocks[name];
  if (nested === undefined) return undefined;
  return rest.length === 0 ? { block: nested } : find(nested.block, rest);
}
function member(type: TerraformType, path: readonly string[]): Found | undefined {
  const [name = '', ...rest] = path;
  if (!Array.isArray(type)) return undefined;
  if (type[0] !== 'object') return member(type[1] as TerraformType, path);
  const found = (type[1] as Readonly<Record<string, TerraformType>>)[name];
  return found === undefined ? undefined : rest.length === 0 ? { type: found } : member(found, rest);
}
const at = ({ type, path }: { readonly type: string; readonly path: string }): Found | undefined => find(blockOf(type) as BlockSchema, path.split('.'));

/** Of a list or set, its elements. */
const elementOf = (type: TerraformType | undefined): TerraformType | undefined => (Array.isArray(type) && (type[0] === 'list' || type[0] === 'set') ? elementOf(type[1] as TerraformType) : type);

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile() && entry.name.endsWith('.ts')).map((entry) => join(entry.parentPath, entry.name));
}

describe('knowledge of hashicorp/aws', () => {
  it('is of types and arguments that the installed bindings have', () => {
    expect(Object.keys(AWS_KNOWLEDGE).filter((type) => blockOf(type) === undefined)).toEqual([]);
    expect(entries.filter((entry) => at(entry) === undefined).map((entry) => entry.at)).toEqual([]);
    const groups = ({ conflictsWith = [], exactlyOneOf = [], atLeastOneOf = [], requiredWith = [] }: ArgumentKnowledge): string[] => [...conflictsWith, ...exactlyOneOf, ...atLeastOneOf, ...requiredWith];
    expect(entries.flatMap(({ type, at: from, known }) => groups(known).filter((path) => at({ type, path }) === undefined).map((path) => `${from} → ${path}`))).toEqual([]);
  });

  it('covers every resource type that the library creates, and has an identity for every type', () => {
    const used = new Set(['lib', 'stacks', 'examples'].flatMap(filesIn).flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/@cdktf\/provider-aws\/lib\/([a-z0-9-]+)'/g)].map(([, name]) => name as string)));
    const resources = [...used].filter((name) => name !== 'provider' && !name.startsWith('data-')).map((name) => `aws_${name.replaceAll('-', '_')}`);
    expect(resources.length).toBeGreaterThan(30);
    expect(resources.filter((type) => AWS_KNOWLEDGE[type] === undefined)).toEqual([]);
    expect(Object.keys(AWS_KNOWLEDGE).filter((type) => IDENTITIES[type] === undefined)).toEqual([]);
    expect(Object.keys(IDENTITIES).filter((type) => AWS_KNOWLEDGE[type] === undefined)).toEqual([]);
    expect(Object.keys(RULES).filter((type) => AWS_KNOWLEDGE[type] === undefined)).toEqual([]);
  });

  it('names its source, and holds nothing that is not used', () => {
    const members = new Set(['source', 'commit', 'args']);
    const facts = new Set<string>(['forceNew', 'optionalComputed', 'default', 'sensitive', 'writeOnly', 'enum', 'range', 'alsoAllowed', 'length', 'pattern', 'format', 'required', 'minItems', 'maxItems', 'conflictsWith', 'exactlyOneOf', 'atLeastOneOf', 'requiredWith'] satisfies (keyof ArgumentKnowledge)[]);
    expect(Object.entries(AWS_KNOWLEDGE).filter(([, type]) => !/^internal\/service\/[a-z0-9]+\/[a-z0-9_]+\.go$/.test(type.source)).map(([type, { source }]) => `${type}: ${source}`)).toEqual([]);
    expect(Object.entries(AWS_KNOWLEDGE).flatMap(([type, of]) => Object.keys(of).filter((key) => !members.has(key)).map((key) => `${type}.${key}`))).toEqual([]);
    expect(entries.flatMap((entry) => Object.keys(entry.known).filter((key) => !facts.has(key)).map((key) => `${entry.at}: ${key}`))).toEqual([]);
    expect(entries.filter(({ known }) => Object.keys(known).length === 0).map((entry) => entry.at)).toEqual([]);
  });

  it('says of an argument only what its type allows', () => {
    const misplaced = entries.flatMap((entry) => {
      const { known } = entry;
      const { type, attribute, block } = at(entry) ?? {};
      const element = elementOf(type);
      const isText = element === 'string';
      const isNumber = element === 'number';
      const wrong = (key: keyof ArgumentKnowledge, allowed: boolean): string[] => (known[key] === undefined || allowed ? [] : [`${entry.at}: ${key}`]);
      return [
        ...wrong('optionalComputed', attribute?.optional === true), ...wrong('default', attribute?.optional === true && (typeof known.default === 'boolean' ? 'bool' : typeof known.default) === attribute.type),
        ...wrong('sensitive', attribute !== undefined), ...wrong('writeOnly', attribute?.optional === true), ...wrong('forceNew', attribute !== undefined || block !== undefined),
        ...wrong('enum', (isText || isNumber) && (known.enum ?? []).every((value) => typeof value === element)), ...wrong('range', isNumber), ...wrong('alsoAllowed', known.range !== undefined), ...wrong('length', isText), ...wrong('pattern', isText), ...wrong('format', isText), ...wrong('required', block !== undefined && block.minItems === 0),
        ...['minItems', 'maxItems'].flatMap((key) => wrong(key as 'minItems', (block !== undefined && ['list', 'set'].includes(block.nesting)) || (Array.isArray(type) && type[0] !== 'object'))),
        ...['exactlyOneOf', 'atLeastOneOf'].flatMap((key) => wrong(key as 'exactlyOneOf', known[key as 'exactlyOneOf']?.includes(entry.path) === true)),
      ];
    });
    expect(misplaced).toEqual([]);
  });

  it('holds patterns that are regular expressions', () => {
    const patterns = entries.flatMap(({ known, at: where }) => (known.pattern === undefined ? [] : [[where, known.pattern] as const]));
    expect(patterns.length).toBeGreaterThan(100);
    const isProse = (pattern: string): boolean => {
      try {
        new RegExp(pattern);
        // Words with spaces between them, outside of a class of characters.
        return / [a-z]+ /.test(pattern.replaceAll(/\[[^\]]*\]/g, '')) || !/[\^$(\\[]/.test(pattern);
      } catch {
        return true;
      }
    };
    expect(patterns.filter(([, pattern]) => isProse(pattern))).toEqual([]);
  });

  it('accepts its own defaults', () => {
    const refused = entries.filter(({ known }) => known.default !== undefined && known.enum !== undefined && !known.enum.includes(known.default as string));
    expect(refused.map((entry) => entry.at)).toEqual([]);
    const outOfRange = entries.filter(({ known: { default: value, range, alsoAllowed = [] } }) => typeof value === 'number' && range !== undefined && !alsoAllowed.includes(value) && ((range[0] !== null && value < range[0]) || (range[1] !== null && value > range[1])));
    expect(outOfRange.map((entry) => entry.at)).toEqual([]);
  });
});

describe('a schema with what is known', () => {
  const refined = (type: string): BlockSchema => refine(blockOf(type) as BlockSchema, AWS_KNOWLEDGE[type]);

  it('marks what the provider may set, what is secret and what is never kept', () => {
    const { attributes, blocks } = refined('aws_rds_cluster');
    expect(attributes['port']).toEqual({ type: 'number', optional: true, computed: true });
    expect(attributes['deletion_protection']).toEqual({ type: 'bool', optional: true });
    expect(attributes['skip_final_snapshot']).toEqual({ type: 'bool', optional: true, computed: true });
    expect(attributes['master_password']).toEqual({ type: 'string', optional: true, sensitive: true });
    expect(attributes['master_password_wo']).toEqual({ type: 'string', optional: true, sensitive: true, writeOnly: true, computed: false });
    expect(blocks['serverlessv2_scaling_configuration']?.block.attributes['seconds_until_auto_pause']).toEqual({ type: 'number', optional: true, computed: true });
  });

  it('limits how many blocks there may be', () => {
    const { blocks } = refined('aws_codebuild_project');
    const limits = Object.entries(AWS_KNOWLEDGE['aws_codebuild_project']?.args ?? {}).filter(([path, { maxItems }]) => !path.includes('.') && maxItems !== undefined && blocks[path] !== undefined);
    expect(limits.length).toBeGreaterThan(0);
    for (const [path, { maxItems }] of limits) expect(blocks[path]?.maxItems).toBe(maxItems);
    expect(refined('aws_backup_restore_testing_plan').blocks['recovery_point_selection']).toMatchObject({ minItems: 1, maxItems: 1 });
    // A least number of optional blocks is ignored by the provider's SDK.
    expect(refine({ attributes: {}, blocks: { part: { nesting: 'list', minItems: 0, maxItems: 0, block: { attributes: {}, blocks: {} } } } }, { source: 'test', args: { part: { minItems: 2 } } }).blocks['part']).toMatchObject({ minItems: 0 });
  });
});
