import type { PathStep } from '../protocol/provider-service';
import { isObject, type Value, type ValueObject } from '../protocol/values';
import type { BlockSchema, TerraformType } from '../schema/schema';

/** One place of a configuration where an argument may stand. */
export interface Place {
  /** Null where it is not set. */
  readonly value: Value;
  /** As the provider names it: `rule.0.status`. */
  readonly label: string;
  /** Address of the place. An element of a set has none of its own, so that it ends there. */
  readonly steps: readonly PathStep[];
  /** What the argument stands in, and how that is named: `rule.0.`, or nothing at the top. */
  readonly parent: ValueObject;
  readonly parentLabel: string;
}

interface Position {
  readonly label: string;
  readonly steps: readonly PathStep[];
  /** Below an element of a set. */
  readonly inSet?: boolean;
}

/** All places where an argument of a nested path may stand: one for each block that is there. Parts that are unknown have none. */
export function places(schema: BlockSchema, config: ValueObject, path: string): Place[] {
  return within(schema, config, path.split('.'), { label: '', steps: [] });
}

function within(schema: BlockSchema, value: ValueObject, [name = '', ...rest]: readonly string[], at: Position): Place[] {
  const part = value[name] ?? null;
  const here = step(at, name);
  if (rest.length === 0) return [{ value: part, label: here.label, steps: here.steps, parent: value, parentLabel: at.label }];
  const attribute = schema.attributes[name];
  if (attribute !== undefined) return inside(attribute.type, part, rest, here);
  const nested = schema.blocks[name];
  if (nested === undefined) return [];
  return elements(nested.nesting, part, here).flatMap(({ element, position }) => (isObject(element) ? within(nested.block, element, rest, dotted(position)) : []));
}

/** Arguments that are written like blocks and are attributes. */
function inside(type: TerraformType, value: Value, path: readonly string[], at: Position): Place[] {
  if (!Array.isArray(type)) return [];
  if (type[0] !== 'object') return elements(type[0] as 'list' | 'set' | 'map', value, at).flatMap(({ element, position }) => inside(type[1] as TerraformType, element, path, position));
  const members = type[1] as Readonly<Record<string, TerraformType>>;
  return isObject(value) ? within({ attributes: Object.fromEntries(Object.entries(members).map(([name, member]) => [name, { type: member }])), blocks: {} }, value, path, dotted(at)) : [];
}

function elements(nesting: 'single' | 'list' | 'set' | 'map', value: Value, at: Position): { readonly element: Value; readonly position: Position }[] {
  if (nesting === 'single') return [{ element: value, position: at }];
  if (nesting === 'map') return Object.entries(isObject(value) ? value : {}).map(([key, element]) => ({ element, position: { label: `${at.label}.${key}`, steps: at.inSet === true ? at.steps : [...at.steps, { element_key_string: key }], inSet: at.inSet } }));
  const list = Array.isArray(value) ? (value as readonly Value[]) : [];
  const inSet = at.inSet === true || nesting === 'set';
  return list.map((element, i) => ({ element, position: { label: `${at.label}.${i}`, steps: inSet ? at.steps : [...at.steps, { element_key_int: i }], inSet } }));
}

const step = ({ label, steps, inSet }: Position, name: string): Position => ({ label: `${label}${name}`, steps: inSet === true ? steps : [...steps, { attribute_name: name }], inSet });
const dotted = (at: Position): Position => ({ ...at, label: `${at.label}.` });
