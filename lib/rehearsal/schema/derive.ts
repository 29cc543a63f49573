import { Attribute, Base, Collection, ComplexList, ComplexMap, ComplexObject, Leaf, ProviderBase, anything } from './recording';
import { type AttributeSchema, type BlockSchema, holdsDynamic, type NestedBlockSchema, type TerraformType, type TypeSchema } from './schema';

/** One entry of `synthesizeHclAttributes`. */
interface HclEntry {
  readonly value: unknown;
  readonly isBlock: boolean;
  readonly type: string;
}
type HclStruct = Readonly<Record<string, HclEntry>>;
type Complex = ComplexObject | ComplexList | ComplexMap;

interface Member {
  readonly name: string;
  readonly settable: boolean;
  readonly required: boolean;
  readonly type?: TerraformType;
  readonly complex?: Complex;
}

interface ResourceClass {
  readonly tfResourceType: string;
  new (scope: unknown, id: unknown, config: unknown): Base;
  readonly prototype: { synthesizeHclAttributes(): HclStruct };
}

/** What the exports of a generated module say about their Terraform type, and the provider it belongs to. */
export interface Derived extends TypeSchema {
  readonly providerVersion?: string;
}

/**
 * Derives a schema from a generated module, which was executed against the recording substitute. Names, types, nesting and what is
 * required are exact. Which optional argument the provider may set by itself, what forces replacement, and which values are allowed
 * cannot be seen there: that is knowledge.
 */
export function derive(exports: object): Derived {
  const found = Object.values(exports).find((one): one is ResourceClass => typeof one === 'function' && typeof (one as Partial<ResourceClass>).tfResourceType === 'string' && 'synthesizeHclAttributes' in (one as ResourceClass).prototype);
  if (found === undefined) throw new Error('The module exports no class of a Terraform type.');
  const instance = new found({}, 'x', {});
  const arguments_ = found.prototype.synthesizeHclAttributes.call(anything());
  const providerVersion = instance.config?.terraformGeneratorMetadata?.providerVersion;
  return {
    type: found.tfResourceType,
    block: instance instanceof ProviderBase ? providerBlock(arguments_) : blockOf(instance, arguments_),
    ...(providerVersion === undefined ? {} : { providerVersion }),
  };
}

/** Constructor comments of the generated code outlive compilation for members that are blocks. */
function computedMembers(type: object): ReadonlySet<string> {
  return new Set([...String(type).matchAll(/\/\/ ([a-z0-9_]+) - computed: true, optional: (?:true|false), required: (?:true|false)\s+this\._/g)].map(([, name]) => name as string));
}

const isComplex = (value: unknown): value is Complex => value instanceof ComplexObject || value instanceof ComplexList || value instanceof ComplexMap;
const FRAMEWORK = new Set<object>([Base.prototype, ProviderBase.prototype, ComplexObject.prototype, ComplexList.prototype, ComplexMap.prototype, Object.prototype]);

/** The attributes of a generated class: its getters. What has a setter or `putX` is an argument; without `resetX` it is required. */
function membersOf(instance: object): Member[] {
  const members: Member[] = [];
  for (let prototype = Object.getPrototypeOf(instance) as object; !FRAMEWORK.has(prototype); prototype = Object.getPrototypeOf(prototype) as object) {
    const properties = Object.getOwnPropertyDescriptors(prototype);
    const has = (method: string): boolean => typeof properties[method]?.value === 'function';
    for (const [property, { get, set }] of Object.entries(properties)) {
      if (get === undefined || property === 'internalValue') continue;
      const value: unknown = get.call(instance);
      const title = property.charAt(0).toUpperCase() + property.slice(1);
      if (value instanceof Attribute) {
        const element = Array.isArray(value.type) ? (value.type[1] as TerraformType) : 'dynamic';
        members.push({ name: value.name, type: value.isSet ? ['set', element] : value.type, settable: set !== undefined, required: set !== undefined && !has(`reset${title}`) });
      } else if (isComplex(value)) {
        const settable = has(`put${title}`);
        members.push({ name: value.attribute, complex: value, settable, required: settable && !has(`reset${title}`) });
      }
    }
  }
  return members;
}

/** A map of anything is one value of unknown type. */
const undynamic = (type: TerraformType): TerraformType => (Array.isArray(type) && type[0] === 'map' && type[1] === 'dynamic' ? 'dynamic' : type);

/** @param inside - classes that the member lies in: one that contains itself has no type that could be written down */
function typeOf({ type, complex }: Member, inside: readonly object[] = []): TerraformType {
  if (type !== undefined) return undynamic(type);
  const reference = referenceOf(complex as Complex);
  if (inside.includes(reference.constructor)) return 'dynamic';
  const object: TerraformType = ['object', Object.fromEntries(membersOf(reference).map((member) => [member.name, typeOf(member, [...inside, reference.constructor])]))];
  if (complex instanceof ComplexMap) return ['map', object];
  if (complex instanceof ComplexList) return [complex.wrapsSet ? 'set' : 'list', object];
  return (complex as ComplexObject).index === undefined ? object : [(complex as ComplexObject).fromSet ? 'set' : 'list', object];
}

function typeOfArgument(value: unknown, entryType: string): TerraformType {
  if (value instanceof Leaf) return value.type;
  if (value instanceof Collection) {
    const element = typeOfArgument(value.element, '');
    return value.kind === 'map' ? ['map', element] : [entryType === 'set' ? 'set' : 'list', element];
  }
  if (typeof value !== 'object' || value === null) return 'dynamic';
  return ['object', Object.fromEntries(Object.entries(value as HclStruct).map(([name, entry]) => [name, typeOfArgument(entry.value, entry.type)]))];
}

/** The arguments inside a block, or nothing where the value is no block. */
function structOf(value: unknown): HclStruct | undefined {
  const inner = value instanceof Collection ? value.element : value;
  return inner instanceof Leaf || inner instanceof Collection || typeof inner !== 'object' || inner === null ? undefined : (inner as HclStruct);
}
const isAttributeInDisguise = (struct: HclStruct): boolean => Object.values(struct).some(({ value }) => (value instanceof Leaf || value instanceof Collection) && value.guarded);

function blockOf(instance: object, struct: HclStruct | undefined, inside: readonly object[] = []): BlockSchema {
  const computed = computedMembers(instance.constructor);
  const attributes: Record<string, AttributeSchema> = {};
  const blocks: Record<string, NestedBlockSchema> = {};
  for (const member of membersOf(instance)) {
    const { name, complex } = member;
    const entry = struct?.[name];
    const settable = { [member.required ? 'required' : 'optional']: true };
    if (complex === undefined) {
      attributes[name] = member.settable ? { type: undynamic(entry === undefined ? member.type as TerraformType : typeOfArgument(entry.value, entry.type)), ...settable } : { type: typeOf(member), computed: true };
      continue;
    }
    if (!member.settable || entry === undefined) {
      attributes[name] = { type: typeOf(member), computed: true };
      continue;
    }
    const inner = structOf(entry.value);
    if (!entry.isBlock || computed.has(name) || (inner !== undefined && isAttributeInDisguise(inner))) {
      attributes[name] = { type: typeOf(member), ...settable, ...(computed.has(name) ? { computed: true } : {}) };
      continue;
    }
    if (inside.includes(referenceOf(complex).constructor)) {
      attributes[name] = { type: 'dynamic', ...settable };
      continue;
    }
    const nested = nestedBlock(complex, member.required, inner, inside);
    // A list or map block with a part of unknown type travels as one such value, and a set block may not have one: it is served as an attribute.
    if (nested.nesting !== 'single' && blockHoldsDynamic(nested.block)) attributes[name] = { type: 'dynamic', ...settable };
    else blocks[name] = nested;
  }
  return { attributes, blocks };
}

/** An object of the class that describes one element. */
const referenceOf = (complex: Complex): object => (complex instanceof ComplexList ? complex.get(0) : complex instanceof ComplexMap ? complex.get('k') : complex);

function nestedBlock(complex: Complex, required: boolean, struct: HclStruct | undefined, inside: readonly object[]): NestedBlockSchema {
  const reference = referenceOf(complex);
  const block = blockOf(reference, struct, [...inside, reference.constructor]);
  // Terraform refuses limits on map blocks.
  if (complex instanceof ComplexMap) return { nesting: 'map', minItems: 0, maxItems: 0, block };
  if (complex instanceof ComplexObject && complex.index === undefined) return { nesting: 'single', minItems: 0, maxItems: 0, block };
  const isSet = complex instanceof ComplexList ? complex.wrapsSet : complex.fromSet;
  return { nesting: isSet ? 'set' : 'list', minItems: required ? 1 : 0, maxItems: complex instanceof ComplexObject ? 1 : 0, block };
}

const blockHoldsDynamic = ({ attributes, blocks }: BlockSchema): boolean =>
  Object.values(attributes).some(({ type }) => holdsDynamic(type)) || Object.values(blocks).some(({ block }) => blockHoldsDynamic(block));

/** The class of a provider has no typed getters; what is required inside its blocks is only in its type declarations. */
function providerBlock(struct: HclStruct): BlockSchema {
  const attributes: Record<string, AttributeSchema> = {};
  const blocks: Record<string, NestedBlockSchema> = {};
  for (const [name, { value, isBlock, type }] of Object.entries(struct)) {
    const inner = structOf(value);
    if (name === 'alias') continue;
    if (!isBlock || inner === undefined) attributes[name] = { type: typeOfArgument(value, type), optional: true };
    else blocks[name] = { nesting: type === 'struct' ? 'single' : type === 'set' ? 'set' : 'list', minItems: 0, maxItems: 0, block: providerBlock(inner) };
  }
  return { attributes, blocks };
}
