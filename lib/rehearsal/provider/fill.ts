import { isObject, Unknown, type Value, type ValueObject } from '../protocol/values';
import type { BlockSchema, TerraformType } from '../schema/schema';

/** Makes the value of an attribute that the provider sets; the path is written with dots. */
export type Maker = (path: string, type: TerraformType) => Value;

/** Gives every unknown part of a planned object its value. What is known stays. */
export function fillBlock({ attributes, blocks }: BlockSchema, planned: ValueObject, make: Maker, prefix = ''): ValueObject {
  const filled: Record<string, Value> = {};
  for (const [name, { type }] of Object.entries(attributes)) filled[name] = fillValue(type, planned[name] ?? null, make, prefix + name);
  for (const [name, { nesting, block }] of Object.entries(blocks)) {
    const value = planned[name] ?? null;
    const path = `${prefix}${name}.`;
    const fill = (part: Value): Value => (isObject(part) ? fillBlock(block, part, make, path) : part);
    if (value instanceof Unknown) filled[name] = nesting === 'single' ? null : nesting === 'map' ? {} : [];
    else if (Array.isArray(value)) filled[name] = value.map(fill);
    else if (nesting === 'map' && isObject(value)) filled[name] = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fill(part)]));
    else filled[name] = fill(value);
  }
  return filled;
}

function fillValue(type: TerraformType, value: Value, make: Maker, path: string): Value {
  if (value instanceof Unknown) return make(path, type);
  if (value === null || typeof type === 'string') return value;
  if (type[0] === 'object') {
    const object = isObject(value) ? value : {};
    return Object.fromEntries(Object.entries(type[1]).map(([name, part]) => [name, fillValue(part, object[name] ?? null, make, `${path}.${name}`)]));
  }
  const element = type[1];
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fillValue(element, part, make, path)]));
  return Array.isArray(value) ? value.map((part) => fillValue(element, part, make, path)) : value;
}

/** A value of a type when nothing better is known: text is given, everything else is empty. */
export function emptyOf(type: TerraformType, text: string): Value {
  if (type === 'string' || type === 'dynamic') return text;
  if (type === 'number') return 0;
  if (type === 'bool') return false;
  if (type[0] === 'map') return {};
  return type[0] === 'object' ? Object.fromEntries(Object.entries(type[1]).map(([name, part]) => [name, emptyOf(part, text)])) : [];
}
