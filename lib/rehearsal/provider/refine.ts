import type { AttributeSchema, BlockSchema, NestedBlockSchema } from '../schema/schema';
import type { ArgumentKnowledge, TypeKnowledge } from './knowledge';

/**
 * A schema with what is known beyond the bindings: which arguments the provider may set, which are secret, how many blocks there may be.
 *
 * @param assumed - arguments that are taken as set by the provider although nothing is known of them: those of a type without
 * knowledge that some expression refers to
 */
export function refine(block: BlockSchema, knowledge: TypeKnowledge | undefined, assumed: ReadonlySet<string> = new Set()): BlockSchema {
  return refineBlock(block, '', (path) => ({ ...(assumed.has(path) ? { optionalComputed: true } : {}), ...knowledge?.args[path] }));
}

function refineBlock({ attributes, blocks }: BlockSchema, prefix: string, of: (path: string) => ArgumentKnowledge): BlockSchema {
  return {
    attributes: Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, refineAttribute(attribute, of(prefix + name))])),
    blocks: Object.fromEntries(Object.entries(blocks).map(([name, nested]) => [name, refineNested(nested, of(prefix + name), refineBlock(nested.block, `${prefix}${name}.`, of))])),
  };
}

function refineAttribute(attribute: AttributeSchema, known: ArgumentKnowledge): AttributeSchema {
  return {
    ...attribute,
    ...(attribute.optional === true && (known.optionalComputed === true || known.default !== undefined) ? { computed: true } : {}),
    ...(known.sensitive === true ? { sensitive: true } : {}),
    // Terraform refuses a write-only attribute that is computed.
    ...(known.writeOnly === true ? { writeOnly: true, computed: false } : {}),
  };
}

/** Terraform refuses limits on single and map blocks. */
function refineNested(nested: NestedBlockSchema, known: ArgumentKnowledge, block: BlockSchema): NestedBlockSchema {
  if (nested.nesting === 'single' || nested.nesting === 'map') return { ...nested, block };
  // The provider's SDK ignores a least number of blocks that are optional.
  const minItems = known.required === true ? 1 : nested.minItems === 0 ? 0 : known.minItems ?? nested.minItems;
  return { ...nested, block, minItems, maxItems: known.maxItems ?? nested.maxItems };
}
