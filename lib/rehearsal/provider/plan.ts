import { canonical, isObject, Unknown, UNKNOWN, type Value, type ValueObject } from '../protocol/values';
import type { AttributeSchema, BlockSchema, NestedBlockSchema, TerraformType } from '../schema/schema';
import type { ArgumentKnowledge, TypeKnowledge } from './knowledge';

const of = (knowledge: TypeKnowledge | undefined, path: string): ArgumentKnowledge => knowledge?.args[path] ?? {};

/** Whether two values of a type are equal. The order of a set means nothing, and what is unknown equals nothing. */
export function same(type: TerraformType, a: Value, b: Value): boolean {
  if (a instanceof Unknown || b instanceof Unknown) return false;
  if (Array.isArray(type) && type[0] === 'set' && Array.isArray(a) && Array.isArray(b)) return a.map(canonical).sort().join() === b.map(canonical).sort().join();
  return canonical(a) === canonical(b);
}

/**
 * What Terraform proposes, completed: defaults are put in, what the provider sets is unknown for a new object and for a new block.
 * Terraform has put in the prior values already where nothing is configured.
 *
 * @param config - what is configured: a default takes the place of an argument that was taken away
 */
export function planBlock(schema: BlockSchema, proposed: ValueObject, config: Value | undefined, prior: Value | undefined, knowledge?: TypeKnowledge, prefix = ''): ValueObject {
  const configured = isObject(config) ? config : {};
  const before = isObject(prior) ? prior : undefined;
  const planned: Record<string, Value> = {};
  for (const [name, attribute] of Object.entries(schema.attributes)) {
    planned[name] = planAttribute(attribute, proposed[name] ?? null, configured[name] ?? null, before === undefined, of(knowledge, prefix + name));
  }
  for (const [name, nested] of Object.entries(schema.blocks)) {
    planned[name] = planNested(nested, proposed[name] ?? null, configured[name], before?.[name], knowledge, `${prefix}${name}.`);
  }
  return planned;
}

function planAttribute(attribute: AttributeSchema, proposed: Value, configured: Value, fresh: boolean, known: ArgumentKnowledge): Value {
  if (attribute.writeOnly === true) return null;
  if (configured === null && known.default !== undefined) return known.default;
  return proposed === null && attribute.computed === true && fresh ? UNKNOWN : proposed;
}

function planNested({ nesting, block }: NestedBlockSchema, proposed: Value, config: Value | undefined, prior: Value | undefined, knowledge: TypeKnowledge | undefined, prefix: string): Value {
  const plan = (value: Value, configured: Value | undefined, before: Value | undefined): Value => (isObject(value) ? planBlock(block, value, configured, before, knowledge, prefix) : value);
  if (proposed === null || proposed instanceof Unknown) return proposed;
  if (nesting === 'single') return plan(proposed, config, prior);
  if (nesting === 'map') {
    const configured = isObject(config) ? config : {};
    const before = isObject(prior) ? prior : {};
    return Object.fromEntries(Object.entries(isObject(proposed) ? proposed : {}).map(([key, value]) => [key, plan(value, configured[key], before[key])]));
  }
  const elements = Array.isArray(proposed) ? (proposed as readonly Value[]) : [];
  const configured = Array.isArray(config) ? (config as readonly Value[]) : [];
  const before = Array.isArray(prior) ? (prior as readonly Value[]) : [];
  if (nesting === 'list') return elements.map((value, i) => plan(value, configured[i], before[i]));
  return planSet(block, elements, before, (value) => plan(value, value, undefined));
}

/** Terraform matches the elements of a set only roughly, so that they are matched again: what is configured is equal, what is not is taken from before. */
function planSet(block: BlockSchema, elements: readonly Value[], prior: readonly Value[], fresh: (value: Value) => Value): Value {
  const left = [...prior];
  return elements.map((value) => {
    if (!isObject(value)) return value;
    let at = left.findIndex((one) => canonical(one) === canonical(value));
    if (at < 0) at = left.findIndex((one) => isObject(one) && completeFrom(block, value, one) !== undefined);
    const [match] = at < 0 ? [] : left.splice(at, 1);
    return isObject(match) ? completeFrom(block, value, match) ?? value : fresh(value);
  });
}

/** The element, completed from a prior one that it describes, or nothing where it describes another one. */
function completeFrom(block: BlockSchema, wanted: ValueObject, prior: ValueObject): ValueObject | undefined {
  const complete: Record<string, Value> = {};
  for (const [name, { type, computed }] of Object.entries(block.attributes)) {
    const value = wanted[name] ?? null;
    if (value === null && computed === true) complete[name] = prior[name] ?? null;
    else if (same(type, value, prior[name] ?? null)) complete[name] = value;
    else return undefined;
  }
  for (const [name, nested] of Object.entries(block.blocks)) {
    const value = wanted[name] ?? null;
    const before = prior[name] ?? null;
    if (!Array.isArray(value) || !Array.isArray(before)) {
      if (canonical(value) !== canonical(before)) return undefined;
      complete[name] = value;
      continue;
    }
    const parts = completeAll(nested, value as readonly Value[], before as readonly Value[]);
    if (parts === undefined) return undefined;
    complete[name] = parts;
  }
  return complete;
}

function completeAll({ nesting, block }: NestedBlockSchema, wanted: readonly Value[], prior: readonly Value[]): Value[] | undefined {
  if (wanted.length !== prior.length) return undefined;
  const left = [...prior];
  const complete: Value[] = [];
  for (const value of wanted) {
    const matches = (one: Value | undefined): ValueObject | undefined => (isObject(value) && isObject(one) ? completeFrom(block, value, one) : undefined);
    const at = nesting === 'list' ? 0 : left.findIndex((one) => matches(one) !== undefined);
    const match = matches(left[at]);
    if (match === undefined) return undefined;
    left.splice(at, 1);
    complete.push(match);
  }
  return complete;
}

/** The arguments whose change replaces the object, and that do change. */
export function replacedBy(schema: BlockSchema, prior: ValueObject, planned: ValueObject, knowledge: TypeKnowledge | undefined): string[] {
  const forceNew = new Set(Object.entries(knowledge?.args ?? {}).filter(([, { forceNew }]) => forceNew === true).map(([path]) => path));
  return Object.keys(planned).filter((name) => {
    const type = schema.attributes[name]?.type;
    if (type !== undefined) return forceNew.has(name) && !same(type, prior[name] ?? null, planned[name] ?? null);
    return blockReplaces(schema.blocks[name] as NestedBlockSchema, name, prior[name] ?? null, planned[name] ?? null, forceNew);
  });
}

/** A block replaces when it appears or disappears and is marked so, or when a marked argument inside it differs. */
function blockReplaces({ nesting, block }: NestedBlockSchema, path: string, prior: Value, planned: Value, forceNew: ReadonlySet<string>): boolean {
  if (forceNew.has(path) && !same([nesting === 'set' ? 'set' : 'list', 'dynamic'], prior, planned)) return true;
  if (![...forceNew].some((one) => one.startsWith(`${path}.`))) return false;
  const projection = (value: Value): string => {
    const elements = (Array.isArray(value) ? value : value === null ? [] : [value]) as readonly Value[];
    const parts = elements.map((element) => canonical(marked(block, path, element, forceNew)));
    return (nesting === 'set' ? parts.sort() : parts).join();
  };
  return projection(prior) !== projection(planned);
}

/** What is left of a block when only arguments that replace are looked at. */
function marked(block: BlockSchema, path: string, value: Value, forceNew: ReadonlySet<string>): Value {
  if (!isObject(value)) return null;
  const parts: Record<string, Value> = {};
  for (const name of Object.keys(block.attributes)) if (forceNew.has(`${path}.${name}`)) parts[name] = value[name] ?? null;
  for (const [name, nested] of Object.entries(block.blocks)) {
    const inner = value[name];
    const elements = (Array.isArray(inner) ? inner : inner === null || inner === undefined ? [] : [inner]) as readonly Value[];
    if ([...forceNew].some((one) => one.startsWith(`${path}.${name}`))) parts[name] = elements.map((element) => marked(nested.block, `${path}.${name}`, element, forceNew));
  }
  return parts;
}
