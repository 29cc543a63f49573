import { isObject, type Value, type ValueObject } from '../protocol/values';
import type { BlockSchema, TerraformType } from '../schema/schema';

/** Brings a stored object into the shape of a schema: members that it does not have are dropped, missing ones are null or empty. */
export function shapeBlock({ attributes, blocks }: BlockSchema, value: ValueObject): ValueObject {
  const shaped: Record<string, Value> = {};
  for (const [name, { type }] of Object.entries(attributes)) shaped[name] = shapeValue(type, value[name]);
  for (const [name, { nesting, block }] of Object.entries(blocks)) {
    const part = value[name];
    if (nesting === 'single') shaped[name] = isObject(part) ? shapeBlock(block, part) : null;
    else if (nesting === 'map') shaped[name] = Object.fromEntries(Object.entries(isObject(part) ? part : {}).map(([key, element]) => [key, shapeBlock(block, element as ValueObject)]));
    else shaped[name] = (Array.isArray(part) ? part : []).map((element) => shapeBlock(block, element as ValueObject));
  }
  return shaped;
}

function shapeValue(type: TerraformType, value: Value | undefined): Value {
  if (value === null || value === undefined) return null;
  if (type === 'dynamic') return isObject(value) && 'type' in value && 'value' in value ? [Buffer.from(JSON.stringify(value['type'])), value['value'] ?? null] : value;
  if (typeof type === 'string') return value;
  if (type[0] === 'object') {
    const of = isObject(value) ? value : {};
    return Object.fromEntries(Object.entries(type[1]).map(([name, part]) => [name, shapeValue(part, of[name])]));
  }
  const element = type[1];
  if (type[0] === 'map') return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shapeValue(element, part)])) : null;
  return Array.isArray(value) ? value.map((part) => shapeValue(element, part)) : null;
}

/** A value as JSON can hold it. What is dynamic becomes `{ type, value }`, as in a state. */
export function plain(value: Value): Value {
  if (Array.isArray(value)) {
    const [first, second] = value as readonly Value[];
    if (value.length === 2 && first instanceof Uint8Array) return { type: JSON.parse(Buffer.from(first).toString('utf8')) as Value, value: plain(second ?? null) };
    return value.map(plain);
  }
  if (typeof value === 'bigint') return value.toString();
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)])) : value;
}
