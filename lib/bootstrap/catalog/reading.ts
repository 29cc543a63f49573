import { type DatabaseScope, type Kind, type LiveCatalog, placeKey } from '../kinds/kind';
import { partitionedBy } from '../kinds/partitioned';
import type { DatabasePlan, Place } from '../model/place';
import { markerOf } from '../model/server';

/**
 * Which tables are read in places that are known: they were as declared, nothing was changed there since, and these tables are all that is declared
 * otherwise now. Where there are none, the place is not read at all. Places that it does not name are read as a whole.
 */
export type Reading = ReadonlyMap<string, ReadonlySet<string>>;

export const EVERYTHING: Reading = new Map();

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- see the registry
type AnyKind = Kind<any, any, any>;

const TABLE = 'table';
const SCHEMA = 'schema';

/** Whether what a kind says of a place is read. Relations of a place are read one by one, everything else of it as a whole. */
export function isRead(reading: Reading, kind: Pick<AnyKind, 'name' | 'level' | 'everyTime'>, place: Pick<Place, 'schema'>): boolean {
  const tables = kind.everyTime === true ? undefined : reading.get(place.schema);
  return tables === undefined || (tables.size > 0 && (kind.level === 'table' || kind.name === TABLE));
}

/** The tables that a kind is read of; undefined for all of them. */
export const tablesRead = (reading: Reading, kind: Pick<AnyKind, 'everyTime'>, place: Pick<Place, 'schema'>): ReadonlySet<string> | undefined => (kind.everyTime === true ? undefined : reading.get(place.schema));

/** A query of a kind: what it asks about, and of which tables alone. */
export interface Part {
  readonly scope: DatabaseScope;
  readonly tables?: readonly string[];
}

/** What a kind is asked for a database: of places that are read as a whole, and of some tables of the others. */
export function partsOf(reading: Reading, kind: AnyKind, scope: DatabaseScope): Part[] {
  if (kind.level === 'database' || reading.size === 0) return [{ scope }];
  const { plan } = scope;
  const of = (places: readonly Place[]): DatabaseScope => ({ ...scope, plan: { ...plan, places }, schemas: places.map(({ schema }) => schema) });
  const whole = plan.places.filter((place) => tablesRead(reading, kind, place) === undefined);
  const others = plan.places.filter((place) => tablesRead(reading, kind, place) !== undefined && isRead(reading, kind, place));
  return [
    ...(whole.length === 0 ? [] : [{ scope: of(whole) }]),
    ...(others.length === 0 ? [] : [{ scope: of(others), tables: [...new Set(others.flatMap(({ schema }) => [...reading.get(schema) ?? []]))] }]),
  ];
}

/** Asks for some tables alone. The server takes the condition into the query. */
export const ofTables = (kind: AnyKind, text: string, parameter: number): string => `select * from (${text}) of_all where "${kind.name === TABLE ? 'name' : 'table'}" = any($${parameter})`;

/** Adds what is known of places that were not read: that they are there and ours, and have the tables that are not read. */
export function addKnown(live: Map<string, Map<string, Map<string, unknown>>>, reading: Reading, { places }: DatabasePlan): LiveCatalog {
  const containers = (kind: string): Map<string, Map<string, unknown>> => live.get(kind) ?? live.set(kind, new Map()).get(kind) as Map<string, Map<string, unknown>>;
  for (const { schema, identity, owner, tables } of places) {
    const read = reading.get(schema);
    if (read === undefined) continue;
    containers(SCHEMA).set(placeKey(schema), new Map([['schema', { owner, comment: markerOf(identity), acl: null }]]));
    const relations = containers(TABLE).get(placeKey(schema)) ?? new Map<string, unknown>();
    for (const table of tables) if (!read.has(table.name)) relations.set(table.name, { owner, relkind: table.partitionBy === undefined ? 'r' : 'p', partitionedBy: partitionedBy(table) });
    containers(TABLE).set(placeKey(schema), relations);
  }
  return live;
}
