/*
 * A substitute for the module `cdktf` that the generated classes of a provider package are executed against. The package carries no
 * schema: names, types and nesting show only in what its code does. Getters tell the type of an attribute, `synthesizeHclAttributes`
 * the arguments and their nesting.
 */
import type { TerraformType } from './schema';

const ORIGIN = Symbol('origin');

interface Origin {
  readonly parent: Origin | undefined;
  readonly property: string;
  readonly reads: Map<string, number>;
}

/** How often a name may come back on the way down: a structure that contains itself (a rule of rules) would never end. */
const REPEATS = 2;

const repeats = (origin: Origin, property: string): number => (origin.property === property ? 1 : 0) + (origin.parent === undefined ? 0 : repeats(origin.parent, property));

/** A value that answers every property with another such value, and counts how often each was read. */
export function anything(parent?: Origin, property = ''): object {
  const origin: Origin = { parent, property, reads: new Map() };
  const children = new Map<string, object>();
  return new Proxy(() => undefined, {
    get(_target, name) {
      if (name === ORIGIN) return origin;
      if (typeof name === 'symbol') return undefined;
      origin.reads.set(name, (origin.reads.get(name) ?? 0) + 1);
      if (repeats(origin, name) > REPEATS) return undefined;
      const child = children.get(name) ?? (name === 'internalValue' ? anything(parent, property) : anything(origin, name));
      children.set(name, child);
      return child;
    },
  });
}

/**
 * `x === undefined ? null : f(x)` reads `x` twice. The generator writes it only inside attributes that are written like blocks
 * (`ingress` of a security group), which must be served as attributes.
 */
function readTwice(value: unknown): boolean {
  const origin = value !== null && (typeof value === 'object' || typeof value === 'function') ? (value as { [ORIGIN]?: Origin })[ORIGIN] : undefined;
  return origin?.parent !== undefined && (origin.parent.reads.get(origin.property) ?? 0) > 1;
}

/** An argument of a simple type. */
export class Leaf {
  constructor(readonly type: TerraformType, readonly guarded: boolean) {}
}

/** An argument that is a list or map of others. */
export class Collection {
  constructor(readonly kind: 'list' | 'map', readonly element: unknown, readonly guarded: boolean) {}
}

/** What a getter returns: an attribute with its type. */
export class Attribute {
  isSet = false;
  constructor(readonly name: string, readonly type: TerraformType) {}
}

export class Base {
  readonly config: { readonly terraformGeneratorMetadata?: { readonly providerName: string; readonly providerVersion: string } } | undefined;
  constructor(_scope: unknown, _id: unknown, config?: Base['config']) {
    this.config = config;
  }
}
export class ProviderBase extends Base {}
export class ComplexObject {
  constructor(readonly parent: unknown, readonly attribute: string, readonly fromSet: boolean, readonly index?: unknown) {}
}
export class ComplexList {
  declare get: (index: number) => object;
  constructor(readonly parent: unknown, readonly attribute: string, readonly wrapsSet: boolean) {}
}
export class ComplexMap {
  declare get: (key: string) => object;
  constructor(readonly parent: unknown, readonly attribute: string) {}
}

const GETTERS: Readonly<Record<string, TerraformType>> = {
  getStringAttribute: 'string',
  getNumberAttribute: 'number',
  getBooleanAttribute: 'bool',
  getListAttribute: ['list', 'string'],
  getNumberListAttribute: ['list', 'number'],
  getStringMapAttribute: ['map', 'string'],
  getNumberMapAttribute: ['map', 'number'],
  getBooleanMapAttribute: ['map', 'bool'],
  getAnyMapAttribute: ['map', 'dynamic'],
  interpolationForAttribute: 'dynamic',
};
for (const prototype of [Base.prototype, ComplexObject.prototype] as object[]) {
  for (const [method, type] of Object.entries(GETTERS)) Object.defineProperty(prototype, method, { value: (name: string) => new Attribute(name, type) });
}

const leaf = (type: TerraformType) => (value: unknown) => (value === undefined ? undefined : new Leaf(type, readTwice(value)));
const collection = (kind: 'list' | 'map') => (element: (value: unknown) => unknown) =>
  (value: unknown) => (value === undefined ? undefined : new Collection(kind, element(value), readTwice(value)));
/** A class whose construction gives the attribute that it stands for. */
const attributeClass = (type: TerraformType) => function attribute(_parent: unknown, name: string) { return new Attribute(name, type); };
const mapClasses = (element: TerraformType) => ({ one: attributeClass(['map', element]), list: attributeClass(['list', ['map', element]]) });
const maps = { String: mapClasses('string'), Number: mapClasses('number'), Boolean: mapClasses('bool'), Any: mapClasses('dynamic') };

const known: Record<string, unknown> = {
  TerraformResource: Base, TerraformDataSource: Base, TerraformProvider: ProviderBase, ImportableResource: class {},
  ComplexObject, ComplexList, ComplexMap,
  ...Object.fromEntries(Object.entries(maps).flatMap(([name, { one, list }]) => [[`${name}Map`, one], [`${name}MapList`, list]])),
  canInspect: (value: unknown) => value !== undefined,
  isComplexElement: () => false,
  Tokenization: { isResolvable: () => false },
  Fn: {
    tolist(value: unknown) {
      if (value instanceof Attribute) value.isSet = true;
      return value;
    },
  },
  Token: new Proxy({}, { get: () => (value: unknown) => value }),
  stringToHclTerraform: leaf('string'),
  numberToHclTerraform: leaf('number'),
  booleanToHclTerraform: leaf('bool'),
  anyToHclTerraform: leaf('dynamic'),
  listMapperHcl: collection('list'),
  hashMapperHcl: collection('map'),
};

/** The substitute itself. A mapper that is not known here yields a value of unknown type. */
export const recordingCdktf: object = new Proxy(known, { get: (target, name: string) => target[name] ?? leaf('dynamic') });
