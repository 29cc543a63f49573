import type { Complaint } from '../../core/errors';
import type { Catalog, Usage } from '../provider/catalog';
import type { Knowledge } from '../provider/knowledge';
import type { SynthesizedStack } from './application';

/** An expression's reference to an attribute of a resource. */
interface Reference {
  readonly type: string;
  readonly name: string;
  readonly attribute: string;
  /** Construct path of the block that holds the expression. */
  readonly from: string;
}

const REFERENCE = /(?<![\w.])((?!data\.)[a-z][a-z0-9]*_[a-z0-9_]+)\.([A-Za-z_][\w-]*)(?:\[[^\]]*\])?\.([a-z_][a-z0-9_]*)/g;

/** What stacks use of one provider: types, and the attributes that expressions refer to. Types that only a state still holds are added by the caller. */
export function usageOf(stacks: readonly SynthesizedStack[], provider: string, more: readonly string[]): Usage {
  const types = new Set(more.filter((type) => type.startsWith(`${provider}_`)));
  const references: Record<string, Set<string>> = {};
  for (const stack of stacks) {
    for (const type of [...Object.keys(stack.configuration.resource ?? {}), ...Object.keys(stack.configuration.data ?? {})]) if (type.startsWith(`${provider}_`)) types.add(type);
    for (const { type, attribute } of referencesOf(stack)) (references[type] ??= new Set()).add(attribute);
  }
  const made = new Set([...more, ...stacks.flatMap(({ configuration }) => Object.keys(configuration.resource ?? {}))]);
  return { types: [...types].sort(), onlyRead: [...types].filter((type) => !made.has(type)).sort(), references: Object.fromEntries(Object.entries(references).map(([type, attributes]) => [type, [...attributes].sort()])) };
}

/** The construct path that the synthesizer wrote beside a block. */
export function constructPathOf(block: unknown): string | undefined {
  const { metadata } = ((block as { '//'?: unknown } | null)?.['//'] ?? {}) as { metadata?: { path?: unknown } };
  return typeof metadata?.path === 'string' ? metadata.path : undefined;
}

/**
 * References to arguments that are never set and that the provider does not set either: they are null, in AWS as here. For a type of
 * which only the schema is known it is not known whether the provider sets it; these are warnings.
 */
export function neverSet(stack: SynthesizedStack, catalog: Catalog, knowledge: Knowledge): { readonly refused: readonly Complaint[]; readonly warnings: readonly Complaint[] } {
  const refused = new Map<string, Complaint>();
  const warnings = new Map<string, Complaint>();
  for (const { type, name, attribute, from } of referencesOf(stack)) {
    const block = stack.configuration.resource?.[type]?.[name];
    const schema = catalog.find('resource', type)?.attributes[attribute];
    if (block === undefined || schema === undefined || schema.optional !== true || Object.hasOwn(block, attribute)) continue;
    const target = constructPathOf(block) ?? `${type}.${name}`;
    const key = `${from} ${target} ${attribute}`;
    if (knowledge[type] === undefined) {
      warnings.set(key, { code: 'rehearsal/assumed', at: from, problem: `${attribute} of ${target} is read but never set. Of ${type} only the schema is known, so it is taken as set by the provider.`, fix: 'Look it up in the documentation of the provider.' });
    } else if (schema.computed !== true) {
      refused.set(key, { code: 'rehearsal/never-set', at: from, problem: `${attribute} of ${target} (${type}) is read here, but it is never set, and the provider does not set it either: the value is null.`, fix: `Set ${attribute} there, or read another attribute.` });
    }
  }
  return { refused: [...refused.values()], warnings: [...warnings.values()] };
}

function referencesOf({ name: stack, configuration }: SynthesizedStack): Reference[] {
  const found: Reference[] = [];
  const scan = (value: unknown, from: string): void => {
    if (typeof value === 'string') {
      for (const expression of expressionsIn(value)) for (const [, type, name, attribute] of expression.matchAll(REFERENCE)) found.push({ type: type as string, name: name as string, attribute: attribute as string, from });
    } else if (typeof value === 'object' && value !== null) {
      for (const part of Object.values(value)) scan(part, from);
    }
  };
  for (const blocks of [configuration.resource, configuration.data]) {
    for (const [type, named] of Object.entries(blocks ?? {})) for (const [name, block] of Object.entries(named)) scan(block, constructPathOf(block) ?? `${stack}: ${type}.${name}`);
  }
  for (const part of [configuration.locals, configuration.module, configuration.provider]) for (const block of [part ?? {}].flat().flatMap((one) => Object.values(one))) scan(block, constructPathOf(block) ?? stack);
  for (const [name, block] of Object.entries(configuration.output ?? {})) scan(block, constructPathOf(block) ?? `${stack}: output ${name}`);
  return found;
}

/** The expressions of a text, to the brace that closes each. Where a dollar stands before it, `${` is text. */
export function expressionsIn(text: string): string[] {
  const found: string[] = [];
  for (let at = text.indexOf('${'); at >= 0; at = text.indexOf('${', at)) {
    const isText = text[at - 1] === '$';
    let end = at + 2;
    for (let depth = 1; end < text.length && depth > 0; end++) depth += text[end] === '{' ? 1 : text[end] === '}' ? -1 : 0;
    if (!isText) found.push(text.slice(at, end));
    at = isText ? at + 2 : end;
  }
  return found;
}
