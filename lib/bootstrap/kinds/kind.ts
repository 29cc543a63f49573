import type { DatabasePlan, Place } from '../model/place';
import type { ServerPlan } from '../model/server';
import type { ShapeTable } from '../model/shape';
import type { Change, Difference, Finding, Refusal } from '../plan/difference';
import type { Partitions } from './partitioned';

/** What a catalog query of a database asks about. */
export interface DatabaseScope {
  readonly plan: DatabasePlan;
  readonly schemas: readonly string[];
  readonly owner: string;
  /** The one tenant of the registry that is asked about. @default - all */
  readonly only?: string;
}

/** What is there: objects by kind, container and key. */
export type LiveCatalog = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, unknown>>>;

/** A table in a place. `isNew`: it is not there yet, so that CREATE TABLE makes its columns, keys and checks at once. */
export interface TableTarget {
  readonly place: Place;
  readonly table: ShapeTable;
  readonly isNew: boolean;
  /** Tables, by `tableKey`, that are there and get a key outside of the transaction: what references them comes behind that. */
  readonly gettingKeys: ReadonlySet<string>;
  /** @default - it is not partitioned, or not there yet */
  readonly partitions?: Partitions;
}

interface Containers {
  server: ServerPlan;
  database: DatabasePlan;
  place: Place;
  table: TableTarget;
}

/** An object as the catalog query found it: in which container, under which key. */
export interface Found<Have> {
  readonly container: string;
  readonly key: string;
  readonly have: Have;
}

/**
 * One kind of catalog object. A kind says what the declaration wants, reads what is there with one query for a whole server or
 * database, and turns each difference into statements. Planner, runner, drift and reports know nothing else about it.
 */
export interface Kind<Level extends keyof Containers = keyof Containers, Want = unknown, Have = unknown> {
  readonly name: string;
  /** What an object of this kind lies in. */
  readonly level: Level;
  /** The one query and its parameters; its rows go through `read`. A row with an array as `schema` stands for one in each of those. A text of undefined asks nothing, since what it would ask about is not there. */
  readonly query: { readonly text: string | ((scope: Level extends 'server' ? ServerPlan : DatabaseScope, live: LiveCatalog) => string | undefined); readonly values: (scope: Level extends 'server' ? ServerPlan : DatabaseScope) => readonly unknown[]; /** Who asks: nobody else sees rows of tenants. @default - the login */ readonly as?: 'maintainer' };
  readonly read: (row: Row) => Found<Have>;
  /** Whether it reads what no row of the catalog shows, such as the last value of a sequence, or looks at the clock: it is read also where nothing was changed. @default false */
  readonly everyTime?: true;
  /**
   * What `compare` looks at, in PostgreSQL's own words where it has them: `presence` is whether what is declared is there, `strangers` what is there
   * and not declared. The tests change each by hand; a property without such a test fails them.
   */
  readonly compares: readonly string[];
  readonly wants: (container: Containers[Level]) => ReadonlyMap<string, Want>;
  /** `want` is undefined for what nobody declared, `have` for what is not there. */
  readonly compare: (container: Containers[Level], key: string, want: Want | undefined, have: Have | undefined) => readonly Difference[];
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- rows of the catalog are typed by the query that reads them
export type Row = Record<string, any>;

/** Key of the container that a catalog row belongs to. */
export const serverKey = 'server';
export const placeKey = (schema: string): string => schema;
export const tableKey = (schema: string, table: string): string => `${schema}.${table}`;

type ChangeFields = Omit<Change, 'type' | 'hazard' | 'lock' | 'stage' | 'actor' | 'sql'> & Partial<Pick<Change, 'hazard' | 'lock' | 'stage' | 'actor'>> & { readonly sql: string | readonly string[] };

export const change = ({ sql, ...fields }: ChangeFields): Change => ({
  type: 'change', hazard: 'none', lock: 'none', stage: 'transaction', actor: 'owner', ...fields, sql: typeof sql === 'string' ? [sql] : sql,
});
export const refusal = (fields: Omit<Refusal, 'type'>): Refusal => ({ type: 'refusal', ...fields });
export const finding = (fields: Omit<Finding, 'type'>): Finding => ({ type: 'finding', ...fields });

/**
 * Asks for rows that are equal but for their `schema` once: objects are mostly the same from place to place, and there may be thousands of places.
 *
 * @param columns - every other column of the query: what is not named is left out
 */
export function inPlaces(columns: readonly string[], text: string): string {
  const list = columns.map((name) => `"${name}"`).join(', ');
  return `select array_agg(schema) as schema, ${list} from (${text}) found group by ${list}`;
}

/** Where a difference of a place is. */
export const at = (place: Place): { target: string; place: string } => ({ target: place.database, place: place.schema });

/** Identifies a kind and keeps its types together. */
export const kind = <Level extends keyof Containers, Want, Have>(definition: Kind<Level, Want, Have>): Kind<Level, Want, Have> => definition;

/** Computes once for each object what depends on that object alone: thousands of places share their tables. */
export function onceFor<Key extends object, Value>(compute: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    let entry = known.get(key);
    if (entry === undefined) known.set(key, entry = { value: compute(key) });
    return entry.value;
  };
}

export const NO_WANTS: ReadonlyMap<string, never> = new Map<string, never>();
