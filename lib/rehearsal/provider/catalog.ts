import type { WireBlock, WireSchema } from '../protocol/provider-service';
import type { Bindings } from '../schema/bindings';
import type { BlockSchema } from '../schema/schema';
import type { Knowledge } from './knowledge';
import { refine } from './refine';

/** The types that an application uses, and what its expressions refer to. */
export interface Usage {
  readonly types: readonly string[];
  /** Those of them that are only read, as data sources. @default - none */
  readonly onlyRead?: readonly string[];
  /** By type, the attributes that some expression refers to. */
  readonly references: Readonly<Record<string, readonly string[]>>;
}

/** The schemas that are served: those of the bindings, with what is known beyond them. */
export class Catalog {
  private readonly refined = new Map<string, BlockSchema | undefined>();
  private readonly used: Set<string>;

  constructor(
    private readonly bindings: Bindings,
    private readonly knowledge: Knowledge,
    private readonly usage: Usage,
  ) {
    this.used = new Set(usage.types);
  }

  /** Types that are served. */
  get types(): readonly string[] {
    return [...this.used].sort();
  }

  /** Serves more types, for instance those of modules, which are there only when Terraform has fetched them. Those of other providers are passed over. */
  serve(types: readonly string[]): void {
    for (const type of types) if (type.startsWith(`${this.bindings.provider}_`)) this.used.add(type);
  }

  get provider(): BlockSchema {
    return this.bindings.schema('provider', this.bindings.provider)?.block ?? { attributes: {}, blocks: {} };
  }

  /** @throws Error when the type was not offered */
  schema(kind: 'resource' | 'data', type: string): BlockSchema {
    const schema = this.find(kind, type);
    if (schema === undefined) throw new Error(`The bindings have no ${kind === 'data' ? 'data source' : 'resource'} ${type}.`);
    return schema;
  }

  find(kind: 'resource' | 'data', type: string): BlockSchema | undefined {
    const key = `${kind} ${type}`;
    if (!this.refined.has(key)) {
      const block = this.bindings.schema(kind, type)?.block;
      this.refined.set(key, block === undefined ? undefined : kind === 'data' ? assumeAll(block) : refine(block, this.knowledge[type], this.assumed(type, block)));
    }
    return this.refined.get(key);
  }

  /** Resource types that are served by their schema alone. */
  schemaOnly(): string[] {
    return this.types.filter((type) => this.usage.onlyRead?.includes(type) !== true && this.knowledge[type] === undefined && this.find('resource', type) !== undefined);
  }

  /** Of a type without knowledge: what every object has, and what somebody reads. */
  private assumed(type: string, { attributes }: BlockSchema): ReadonlySet<string> {
    const everywhere = ['id', 'region', 'tags_all'];
    if (this.knowledge[type] !== undefined) return new Set(everywhere);
    const prefixes = Object.keys(attributes).filter((name) => name.endsWith('_prefix') && attributes[name.slice(0, -7)] !== undefined);
    return new Set([...everywhere, ...prefixes, ...prefixes.map((name) => name.slice(0, -7)), ...(this.usage.references[type] ?? [])]);
  }
}

/** Whatever is not asked of a data source is answered by it. */
const assumeAll = ({ attributes, blocks }: BlockSchema): BlockSchema => ({
  attributes: Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, attribute.optional === true ? { ...attribute, computed: true } : attribute])),
  blocks,
});

const NESTING = { single: 1, list: 2, set: 3, map: 4 } as const;

/** A schema as the protocol has it. */
export const wireSchema = (block: BlockSchema): WireSchema => ({ version: 0, block: wireBlock(block) });

function wireBlock({ attributes, blocks }: BlockSchema): WireBlock {
  return {
    attributes: Object.entries(attributes).map(([name, { type, required, optional, computed, sensitive, writeOnly }]) => ({
      name, type: Buffer.from(JSON.stringify(type)), required: required === true, optional: optional === true, computed: computed === true, sensitive: sensitive === true, write_only: writeOnly === true,
    })),
    block_types: Object.entries(blocks).map(([name, { nesting, minItems, maxItems, block }]) => ({ type_name: name, nesting: NESTING[nesting], min_items: minItems, max_items: maxItems, block: wireBlock(block) })),
  };
}
