import { describe, expect, it } from 'vitest';
import { Bindings } from '../../lib/rehearsal/schema/bindings';
import { derive } from '../../lib/rehearsal/schema/derive';
import { Base, ComplexList, ComplexObject, recordingCdktf } from '../../lib/rehearsal/schema/recording';

const cdktf = recordingCdktf as { stringToHclTerraform(value: unknown): unknown; listMapperHcl(element: (value: never) => unknown): (value: unknown) => unknown };
const bindings = Bindings.of('aws', { from: process.cwd() });
const schema = (type: string, kind: 'resource' | 'data' = 'resource') => {
  const found = bindings.schema(kind, type);
  if (found === undefined) throw new Error(`no ${type}`);
  return found.block;
};

describe('schema derived from the bindings', () => {
  it('knows the provider that the bindings were generated for', () => {
    expect(bindings.providerVersion).toBe('6.25.0');
  });

  it('tells required, optional and computed apart', () => {
    const { attributes } = schema('aws_subnet');
    expect(attributes['vpc_id']).toEqual({ type: 'string', required: true });
    expect(attributes['map_public_ip_on_launch']).toEqual({ type: 'bool', optional: true });
    expect(attributes['owner_id']).toEqual({ type: 'string', computed: true });
  });

  it('tells lists, sets and maps apart', () => {
    const { attributes } = schema('aws_rds_cluster');
    expect(attributes['vpc_security_group_ids']?.type).toEqual(['set', 'string']);
    expect(attributes['tags']?.type).toEqual(['map', 'string']);
    expect(schema('aws_security_group').attributes['ingress']?.type).toMatchObject(['set', ['object', { cidr_blocks: ['list', 'string'] }]]);
  });

  it('serves attributes that are written like blocks as attributes', () => {
    expect(schema('aws_security_group').attributes['ingress']).toMatchObject({ optional: true, computed: true });
    expect(schema('aws_security_group').blocks['ingress']).toBeUndefined();
    expect(schema('aws_route_table').attributes['route']).toMatchObject({ optional: true, computed: true });
  });

  it('nests blocks, with how many there may be where the bindings say so', () => {
    const { blocks } = schema('aws_rds_cluster');
    expect(blocks['serverlessv2_scaling_configuration']).toMatchObject({ nesting: 'list', minItems: 0, maxItems: 1, block: { attributes: { max_capacity: { type: 'number', required: true } } } });
    expect(blocks['timeouts']).toMatchObject({ nesting: 'single' });
    expect(schema('aws_s3_bucket_versioning').blocks['versioning_configuration']).toMatchObject({ minItems: 1, maxItems: 1 });
  });

  it('serves a block with a part of unknown type as one attribute of unknown type', () => {
    expect(schema('aws_wafv2_web_acl').attributes['rule']).toEqual({ type: 'dynamic', optional: true });
  });

  it('reads what a data source answers', () => {
    expect(schema('aws_caller_identity', 'data').attributes['account_id']).toEqual({ type: 'string', computed: true });
    expect(schema('aws_iam_policy_document', 'data').blocks['statement']?.block.blocks['principals']).toMatchObject({ nesting: 'set' });
  });

  it('reads the arguments of the provider itself, without its alias', () => {
    const { attributes, blocks } = bindings.schema('provider', 'aws')?.block ?? { attributes: {}, blocks: {} };
    expect(attributes['region']).toEqual({ type: 'string', optional: true });
    expect(attributes['alias']).toBeUndefined();
    expect(blocks['default_tags']?.block.attributes['tags']?.type).toEqual(['map', 'string']);
  });

  it('knows no type that the bindings do not have', () => {
    expect(bindings.schema('resource', 'aws_no_such_thing')).toBeUndefined();
  });

  it('knows no type of another provider, however its name ends', () => {
    expect(bindings.schema('resource', 'tls_kms_key')).toBeUndefined();
    // As short as the name of the provider: what is left names no folder.
    expect(bindings.schema('resource', 'k8s_')).toBeUndefined();
  });

  it('names the package when the application has no bindings of a provider', () => {
    expect(() => Bindings.of('azurerm', { from: process.cwd() })).toThrow('rehearsal/no-bindings  at azurerm\n\n  The application has no bindings of the provider "azurerm": @cdktf/provider-azurerm or @cdktn/provider-azurerm is needed to derive its schema.\n\n  npm install --save-dev @cdktf/provider-azurerm');
  });
});

describe('a structure that contains itself', () => {
  /** What the generator writes for a rule whose statement holds rules; shortened to what the derivation looks at. */
  function toHcl(rule: { name: unknown; inner: { internalValue: never } } | undefined): unknown {
    if (rule === undefined) return rule;
    return { name: { value: cdktf.stringToHclTerraform(rule.name), isBlock: false, type: 'simple' }, inner: { value: cdktf.listMapperHcl(toHcl)(rule.inner), isBlock: true, type: 'list' } };
  }
  class Rule extends ComplexObject {
    _inner?: Rules;
    get name(): unknown { return (this as unknown as { getStringAttribute(name: string): unknown }).getStringAttribute('name'); }
    set name(_value: unknown) { /* settable */ }
    get inner(): Rules { return (this._inner ??= new Rules(this, 'inner', false)); }
    putInner(): void { /* settable */ }
    resetInner(): void { /* optional */ }
  }
  class Rules extends ComplexList {
    override get = (index: number): Rule => new Rule(this, this.attribute, false, index);
  }
  class Thing extends Base {
    static readonly tfResourceType = 'aws_thing';
    readonly _rule = new Rules(this, 'rule', false);
    get rule(): Rules { return this._rule; }
    putRule(): void { /* settable */ }
    synthesizeHclAttributes(): unknown { return { rule: { value: cdktf.listMapperHcl(toHcl)(this._rule), isBlock: true, type: 'list' } }; }
  }

  it('ends: the part that repeats is of unknown type, so that the whole is one attribute', () => {
    expect(derive({ Thing })).toEqual({ type: 'aws_thing', block: { attributes: { rule: { type: 'dynamic', required: true } }, blocks: {} } });
  });
});
