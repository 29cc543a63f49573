import type { Declaration } from '../../declaration/schema';
import type { FunctionDeclaration, SequenceDeclaration, TriggerDeclaration, ViewDeclaration } from '../../declaration/schema-definitions';
import type { Tenancy } from '../../declaration/types';

type Named<T> = T & { readonly name: string };
export type WantedFunction = Named<FunctionDeclaration>;
export type WantedView = Named<ViewDeclaration>;
export type WantedSequence = Named<SequenceDeclaration>;
export type WantedTrigger = Named<TriggerDeclaration>;

/** Functions, views and sequences of a place, and the triggers of its tables. Views come behind those that they read. */
export interface PlaceDefinitions {
  readonly functions: readonly WantedFunction[];
  readonly views: readonly WantedView[];
  readonly sequences: readonly WantedSequence[];
  /** By table. */
  readonly triggers: ReadonlyMap<string, readonly WantedTrigger[]>;
}

export const NO_DEFINITIONS: PlaceDefinitions = { functions: [], views: [], sequences: [], triggers: new Map() };

/** Whose tables lie in a place of each kind. */
const TENANCIES: Readonly<Record<'row' | 'schema' | 'database', readonly Tenancy[]>> = { row: ['tenant', 'reference', 'shared'], schema: ['tenant'], database: ['tenant', 'reference'] };

const known = new WeakMap<Declaration, Map<string, PlaceDefinitions>>();

/** What is declared for the places of one kind. They share it. */
export function definitionsOf(declaration: Declaration, kind: keyof typeof TENANCIES): PlaceDefinitions {
  let kinds = known.get(declaration);
  if (kinds === undefined) known.set(declaration, kinds = new Map());
  let definitions = kinds.get(kind);
  if (definitions === undefined) kinds.set(kind, definitions = compute(declaration, TENANCIES[kind]));
  return definitions;
}

function compute({ functions = {}, views = {}, sequences = {}, tables }: Declaration, tenancies: readonly Tenancy[]): PlaceDefinitions {
  const here = <T extends { readonly tenancy?: Tenancy | undefined }>(part: Readonly<Record<string, T>>): Named<T>[] =>
    Object.entries(part).filter(([, { tenancy = 'tenant' }]) => tenancies.includes(tenancy)).map(([name, declared]) => ({ ...declared, name }));
  return {
    functions: here(functions), views: inOrder(here(views)), sequences: here(sequences),
    triggers: new Map(Object.entries(tables).filter(([, { tenancy }]) => tenancies.includes(tenancy))
      .map(([table, { triggers = {} }]) => [table, Object.entries(triggers).map(([name, declared]) => ({ ...declared, name }))] as const).filter(([, triggers]) => triggers.length > 0)),
  };
}

/** A view whose query has the name of another one in it comes behind that one; a word that only looks like it does no harm. */
function inOrder(views: readonly WantedView[]): WantedView[] {
  const words = new Map(views.map(({ name, query }) => [name, new Set(query.toLowerCase().match(/[a-z_][a-z0-9_]*/g) ?? [])]));
  const ordered: WantedView[] = [];
  const visited = new Set<string>();
  const visit = (view: WantedView): void => {
    if (visited.has(view.name)) return;
    visited.add(view.name);
    for (const other of views) if (words.get(view.name)?.has(other.name) === true) visit(other);
    ordered.push(view);
  };
  views.forEach(visit);
  return ordered;
}
