import { describe, expect, it } from 'vitest';
import { UNKNOWN, unwire, wire } from '../../lib/rehearsal/protocol/values';
import { fillBlock } from '../../lib/rehearsal/provider/fill';
import { planBlock, replacedBy, same } from '../../lib/rehearsal/provider/plan';
import { shapeBlock } from '../../lib/rehearsal/provider/shape';
import type { BlockSchema } from '../../lib/rehearsal/schema/schema';

const disk: BlockSchema = { attributes: { name: { type: 'string', required: true }, size: { type: 'number', optional: true, computed: true } }, blocks: {} };
const schema: BlockSchema = {
  attributes: {
    id: { type: 'string', computed: true }, name: { type: 'string', required: true }, class: { type: 'string', optional: true }, zone: { type: 'string', optional: true, computed: true },
    protect: { type: 'bool', optional: true, computed: true }, groups: { type: ['set', 'string'], optional: true }, secret: { type: 'string', optional: true, writeOnly: true },
  },
  blocks: { disk: { nesting: 'set', minItems: 0, maxItems: 0, block: disk }, scaling: { nesting: 'list', minItems: 0, maxItems: 1, block: disk } },
};
const none = { id: null, name: 'a', class: null, zone: null, protect: null, groups: null, secret: null, disk: [], scaling: [] };
const knowledge = { source: 'test', args: { name: { forceNew: true }, groups: { forceNew: true }, protect: { default: false }, 'scaling.name': { forceNew: true } } };

describe('planning', () => {
  it('makes what the provider sets unknown for a new object, and puts defaults in', () => {
    expect(planBlock(schema, { ...none, secret: 'x' }, { ...none, secret: 'x' }, undefined, knowledge)).toEqual({ ...none, id: UNKNOWN, zone: UNKNOWN, protect: false, secret: null });
  });

  it('keeps what the provider has set, and takes a default again when the argument is taken away', () => {
    const prior = { ...none, id: 'i', zone: 'b', protect: true };
    expect(planBlock(schema, prior, none, prior, knowledge)).toEqual({ ...prior, protect: false });
  });

  it('finds the element of a set again by what is configured, whatever the order', () => {
    const prior = { ...none, id: 'i', disk: [{ name: 'data', size: 5 }, { name: 'log', size: 7 }] };
    const proposed = { ...none, id: 'i', disk: [{ name: 'log', size: null }, { name: 'data', size: null }, { name: 'new', size: null }] };
    expect(planBlock(schema, proposed, proposed, prior, knowledge)['disk']).toEqual([{ name: 'log', size: 7 }, { name: 'data', size: 5 }, { name: 'new', size: UNKNOWN }]);
  });

  it('replaces when a marked argument changes, also inside a block, and not when a set only changes its order', () => {
    const prior = { ...none, id: 'i', groups: ['a', 'b'], scaling: [{ name: 's', size: 1 }] };
    expect(replacedBy(schema, prior, { ...prior, groups: ['b', 'a'], class: 'large' }, knowledge)).toEqual([]);
    expect(replacedBy(schema, prior, { ...prior, name: 'b' }, knowledge)).toEqual(['name']);
    expect(replacedBy(schema, prior, { ...prior, scaling: [{ name: 's', size: 2 }] }, knowledge)).toEqual([]);
    expect(replacedBy(schema, prior, { ...prior, scaling: [{ name: 't', size: 1 }] }, knowledge)).toEqual(['scaling']);
    expect(replacedBy(schema, prior, { ...prior, name: UNKNOWN }, knowledge)).toEqual(['name']);
  });

  it('fills every unknown at apply and keeps what is known', () => {
    expect(fillBlock(schema, { ...none, id: UNKNOWN, zone: UNKNOWN, disk: [{ name: 'data', size: UNKNOWN }] }, (path, type) => (type === 'number' ? 9 : `<${path}>`)))
      .toEqual({ ...none, id: '<id>', zone: '<zone>', disk: [{ name: 'data', size: 9 }] });
  });

  it('brings an old object into the shape of the schema', () => {
    expect(shapeBlock(schema, { name: 'a', gone: 1, disk: [{ name: 'data' }] })).toEqual({ ...none, disk: [{ name: 'data', size: null }] });
  });

  it('treats nothing as equal to what is unknown', () => {
    expect(same('string', UNKNOWN, UNKNOWN)).toBe(false);
    expect(same(['list', 'string'], ['a', 'b'], ['b', 'a'])).toBe(false);
  });
});

describe('values on the wire', () => {
  it('survive both ways: unknown, null, numbers beyond 2^53, text, nested', () => {
    const value = { text: 'ü', none: null, unknown: UNKNOWN, list: [1, -5, 2.5, 2 ** 40], large: 2n ** 60n, inner: { yes: true } };
    expect(unwire(wire(value))).toEqual(value);
  });

  it('reads an unknown value of which something is known as unknown', () => {
    // A fixmap with key "a" and an extension of type 12, as Terraform writes a string that is known not to be null.
    expect(unwire({ msgpack: Uint8Array.from([0x81, 0xa1, 0x61, 0xc7, 0x03, 0x0c, 0x81, 0x01, 0xc2]) })).toEqual({ a: UNKNOWN });
  });
});
