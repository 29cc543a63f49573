import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Client } from 'pg';
import { LIBRARY_SCHEMA } from '../../declaration/names';
import { DEFINITIONS } from '../kinds/definition-record';
import { onceFor } from '../kinds/kind';
import { isPlatformRole } from '../kinds/membership';
import type { TenantState } from '../model/library';
import { KNOWN_PLACES } from '../model/library-known-places';
import type { DatabasePlan, Place, Placement } from '../model/place';
import type { ShapeTable } from '../model/shape';
import { transaction } from '../tenants/rows';
import { type Fingerprint, fingerprintOfDatabase, fingerprintsOfSchemas, fingerprintsOfTables, NO_ROWS, OTHERS, parseFingerprint, textOf } from './fingerprint';
import { EVERYTHING, type Reading } from './reading';
import { isSameButTables, wantedDigest } from './wanted-digest';

/** What is written down of a schema that was read and was as declared. */
export interface KnownPlace {
  readonly place: string;
  readonly wanted: string;
  readonly fingerprint: string;
  readonly surroundings: string;
  readonly identity: string;
  readonly database: string;
}

/** Fingerprints at one time. */
export interface Snapshot {
  readonly database: Fingerprint;
  /** By schema; of everything outside of tenants' schemas under `OTHERS`. */
  readonly schemas: ReadonlyMap<string, Fingerprint>;
  /** Of the tables that are read of known places, also of those of the home schema. */
  readonly tables: ReadonlyMap<string, Fingerprint>;
  /** Of server, database, roles and what is written down of definitions, by schema. */
  readonly identities: ReadonlyMap<string, string>;
}

/** What need not be read of the home database, and what that rests on. */
export interface Known {
  readonly reading: Reading;
  /** What was there before anything was read. */
  readonly before: Snapshot;
  readonly recorded: ReadonlyMap<string, KnownPlace>;
  /** What is wanted, by schema, of those that can be known. */
  readonly wanted: ReadonlyMap<string, string>;
  /** The tables that are read of known places. */
  readonly tables: readonly string[];
}

export interface KnownOptions {
  readonly home: Client;
  readonly plan: DatabasePlan;
  readonly libraryTables: readonly string[];
  /** What was wanted by what was applied last. */
  readonly formerly: () => Promise<DatabasePlan | undefined>;
  /** A tenant whose place is read whatever is known of it. @default - none */
  readonly except?: string;
  /** Whether everything is read, whatever is known. */
  readonly none: boolean;
  /** Whether what is found out is written down, so that fingerprints are needed also where nothing is written down yet. */
  readonly records: boolean;
}

/** Finds out which schemas of tenants are as they were when they were read and nothing differed. Undefined where nothing is known, and nothing will be. */
export async function knowPlaces({ home, plan, libraryTables, formerly, except, none, records }: KnownOptions): Promise<Known | undefined> {
  const places = plan.places.filter((place) => place.tenant !== except && canBeKnown(place, plan));
  const recorded = none || places.length === 0 || !libraryTables.includes(KNOWN_PLACES) ? new Map<string, KnownPlace>() : await readKnown(home);
  if (places.length === 0 || (recorded.size === 0 && !records)) return undefined;
  const wanted = wantedIn(places);
  const identities = await identitiesOf(home, places, libraryTables.includes(DEFINITIONS));
  const [database, schemas] = await transaction(home, IN_ONE_SNAPSHOT, async () => {
    const whole = await fingerprintOfDatabase(home);
    return [whole, fromRecords(recorded, places, textOf(whole)) ?? await fingerprintsOfSchemas(home, schemasIn(plan))] as const;
  });
  const unchanged = places.filter(({ schema }) => isUnchanged(recorded.get(schema), schema, { schemas, identities }));
  const otherwise = unchanged.filter(({ schema }) => recorded.get(schema)?.wanted !== wanted.get(schema));
  const former = otherwise.length === 0 ? undefined : await formerly();
  const reading = new Map<string, ReadonlySet<string>>(unchanged.filter((place) => !otherwise.includes(place)).map(({ schema }) => [schema, NO_TABLES]));
  const before = new Map(former?.places.map((place) => [place.schema, place]));
  for (const place of otherwise) {
    const was = before.get(place.schema);
    const tables = was === undefined || wantedDigest(was) !== recorded.get(place.schema)?.wanted ? undefined : changedTables(was, place);
    if (tables !== undefined) reading.set(place.schema, tables);
  }
  const tables = [...new Set([...reading.values()].flatMap((some) => [...some]))];
  const parts = records ? await readTables(home, plan, partlyRead(reading), tables) : new Map<string, Fingerprint>();
  return { reading: reading.size === 0 ? EVERYTHING : reading, before: { database, schemas, tables: parts, identities }, recorded, wanted, tables };
}

const NO_TABLES: ReadonlySet<string> = new Set();
const IN_ONE_SNAPSHOT = 'begin isolation level repeatable read read only';
const schemasIn = ({ places }: DatabasePlan): string[] => places.filter(({ kind }) => kind === 'schema').map(({ schema }) => schema);
const partlyRead = (reading: Reading): string[] => [...reading].filter(([, tables]) => tables.size > 0).map(([schema]) => schema);
const wantedIn = (places: readonly Place[]): ReadonlyMap<string, string> => new Map(places.map((place) => [place.schema, wantedDigest(place)]));

/** What is known of a database that was not there. */
export const nothingKnown = (plan: DatabasePlan): Known => ({
  reading: EVERYTHING, before: { database: NO_ROWS, schemas: new Map(), tables: new Map(), identities: new Map() }, recorded: new Map(), wanted: wantedIn(plan.places.filter((place) => canBeKnown(place, plan))), tables: [],
});

/** Looks at the same once more. */
export async function snapshotOf(home: Client, plan: DatabasePlan, known: Known): Promise<Snapshot> {
  const places = plan.places.filter(({ schema }) => known.wanted.has(schema));
  const identities = await identitiesOf(home, places);
  return transaction(home, IN_ONE_SNAPSHOT, async () => ({
    identities, database: await fingerprintOfDatabase(home), schemas: await fingerprintsOfSchemas(home, schemasIn(plan)), tables: await readTables(home, plan, partlyRead(known.reading), known.tables),
  }));
}

const readTables = (home: Client, { places }: DatabasePlan, schemas: readonly string[], tables: readonly string[]): Promise<ReadonlyMap<string, Fingerprint>> =>
  (tables.length === 0 ? Promise.resolve(new Map()) : fingerprintsOfTables(home, schemas, tables, places.find(({ kind }) => kind === 'row')?.schema ?? ''));

/** Schemas of tenants that nobody is moving or removing. */
const canBeKnown = ({ kind, tenant, leaving }: Place, { tenants }: DatabasePlan): boolean =>
  kind === 'schema' && tenant !== undefined && leaving !== true && settledIn(tenants).has(tenant);

const settledIn = onceFor((tenants: readonly Placement[]): ReadonlySet<string> => new Set(tenants.filter(({ registered, secondIsolation }) => secondIsolation === undefined && !UNSETTLED.has(registered?.state ?? 'active')).map(({ key }) => key)));
const UNSETTLED: ReadonlySet<TenantState> = new Set(['moving', 'archived', 'offboarding', 'offboarded']);

async function readKnown(home: Client): Promise<ReadonlyMap<string, KnownPlace>> {
  const { rows } = await home.query<KnownPlace>(`select place, wanted, fingerprint, surroundings, identity, database from ${LIBRARY_SCHEMA}.${KNOWN_PLACES}`);
  return new Map(rows.map((row) => [row.place, row]));
}

/** Where nothing at all was changed in the database, what is written down is what would be found. */
function fromRecords(recorded: ReadonlyMap<string, KnownPlace>, places: readonly Place[], database: string): ReadonlyMap<string, Fingerprint> | undefined {
  const rows = places.map(({ schema }) => recorded.get(schema));
  const [first] = rows;
  if (first === undefined || rows.some((row) => row?.database !== database || row.surroundings !== first.surroundings)) return undefined;
  return new Map([[OTHERS, parseFingerprint(first.surroundings)], ...places.map(({ schema }) => [schema, parseFingerprint(recorded.get(schema)?.fingerprint ?? '')] as const)]);
}

function isUnchanged(row: KnownPlace | undefined, schema: string, { schemas, identities }: Pick<Snapshot, 'schemas' | 'identities'>): boolean {
  const fingerprint = schemas.get(schema);
  return row !== undefined && fingerprint !== undefined && row.fingerprint === textOf(fingerprint) && row.surroundings === textOf(schemas.get(OTHERS) ?? NO_ROWS) && row.identity === identities.get(schema);
}

/** The tables that are declared otherwise. Undefined where more than that is, or where other objects hang on tables: on one that is not declared any more, privileges. */
function changedTables(was: Place, place: Place): ReadonlySet<string> | undefined {
  if (place.exclusive !== undefined || !isSameButTables(was, place)) return undefined;
  const changed = changedIn(was.tables, place.tables);
  if (changed.size > 0 && !hasSameTables(was, place)) return undefined;
  return changed.size === 0 || [...was.tables, ...place.tables].some(({ name, partitionBy }) => partitionBy !== undefined && changed.has(name)) ? undefined : changed;
}

const namesOf = onceFor((tables: readonly ShapeTable[]): string => JSON.stringify(tables.map(({ name }) => name).sort()));
const hasSameTables = (a: Place, b: Place): boolean => namesOf(a.tables) === namesOf(b.tables);

const compared = new WeakMap<readonly ShapeTable[], WeakMap<readonly ShapeTable[], ReadonlySet<string>>>();
function changedIn(was: readonly ShapeTable[], tables: readonly ShapeTable[]): ReadonlySet<string> {
  const others = compared.get(was) ?? new WeakMap<readonly ShapeTable[], ReadonlySet<string>>();
  compared.set(was, others);
  let changed = others.get(tables);
  if (changed === undefined) {
    const [before, now] = [was, tables].map((list) => new Map(list.map((table) => [table.name, table])));
    others.set(tables, changed = new Set([...new Set([...before?.keys() ?? [], ...now?.keys() ?? []])].filter((name) => !isDeepStrictEqual(before?.get(name), now?.get(name)))));
  }
  return changed;
}

/**
 * Names of roles stand in privileges, policies and owners by their numbers, and are read as names: renamed, they would be others'. What was written down of
 * definitions, by which they are compared, is in no catalog either.
 */
async function identitiesOf(home: Client, places: readonly Place[], hasRecords = true): Promise<ReadonlyMap<string, string>> {
  const names = new Map(places.map((place) => [place.schema, rolesOf(place)]));
  const { rows } = await home.query<{ name: string; oid: string }>(
    "select rolname::text as name, oid::text from pg_catalog.pg_roles where rolname = any($1) or rolname ~ '^rds' order by 1", [[...new Set([...names.values()].flat())]]);
  const { rows: [server] } = await home.query<{ server: string }>("select current_setting('server_version_num') || ' ' || (select oid from pg_catalog.pg_database where datname = current_database()) as server");
  const oids = new Map(rows.map(({ name, oid }) => [name, oid]));
  const { rows: records } = hasRecords ? await home.query<{ place: string; sum: string }>(`select place, sum(hash_record_extended(d, 0))::text as sum from ${LIBRARY_SCHEMA}.${DEFINITIONS} d group by place`) : { rows: [] };
  const written = new Map(records.map(({ place, sum }) => [place, sum]));
  const platform = rows.filter(({ name }) => isPlatformRole(name)).map(({ name, oid }) => `${name} ${oid}`);
  return new Map([...names].map(([schema, roles]) => [schema, createHash('sha256').update(JSON.stringify([server?.server, platform, roles.map((role) => [role, oids.get(role)]), written.get(schema)])).digest('hex')]));
}

const rolesOf = ({ owner, maintainer, roles, referenceReaders, schemaUsers, externalGrants }: Place): string[] =>
  [...new Set([owner, maintainer, ...[...roles, ...referenceReaders].map(({ grantee }) => grantee), ...schemaUsers, ...externalGrants])].sort();
