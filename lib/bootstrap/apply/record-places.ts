import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { LIBRARY_SCHEMA } from '../../declaration/names';
import { introspectPlaces } from '../catalog/introspect';
import { type Fingerprint, isSame, minus, NO_ROWS, OTHERS, textOf } from '../catalog/fingerprint';
import { type Known, type KnownPlace, nothingKnown, type Snapshot, snapshotOf } from '../catalog/known-places';
import type { Reading } from '../catalog/reading';
import type { Situation } from '../catalog/situation';
import { finding } from '../kinds/kind';
import { KNOWN_PLACES } from '../model/library-known-places';
import type { DatabasePlan, Place } from '../model/place';
import type { Difference, Finding } from '../plan/difference';
import { diffPlaces } from '../plan/planner';
import { ident } from '../sql/quote';

/** What an apply did. */
export interface Outcome {
  readonly home: Client;
  readonly situation: Situation;
  /** Whether anything was changed at all. */
  readonly changed: boolean;
  /** Tenants whose places were not brought to an end. */
  readonly undone: ReadonlySet<string>;
}

/**
 * Reads schemas of tenants again that were changed, under the locks of the apply, and writes down those in which nothing differs: as long as nobody changes
 * them, they are not read again. What was made rests on no belief.
 *
 * @returns what differs although it was applied
 */
export async function recordPlaces({ home, situation, changed, undone }: Outcome): Promise<Finding[]> {
  const plan = situation.databases.find(({ isHome }) => isHome);
  if (plan === undefined) return [];
  const known = situation.known ?? nothingKnown(plan);
  if (known.wanted.size === 0 && known.recorded.size === 0) return [];
  const after = changed ? await snapshotOf(home, plan, known) : known.before;
  const differing = placesOf(situation.differences, plan);
  const places = plan.places.filter(({ schema }) => known.wanted.has(schema));
  const stays = isAround(known.before, after);
  const isKept = ({ schema }: Place): boolean => situation.known !== undefined && stays && same(known.before.identities, after.identities, schema) && isEqual(known.before.schemas, after.schemas, schema) && !differing.has(schema);
  const kept = places.filter(isKept);
  const again = places.filter((place) => changed && !isKept(place) && differing.has(place.schema) && !undone.has(place.tenant ?? ''));
  const { clean, found } = await readAgain(home, plan, again, stays ? known.reading : new Map(), (place) => same(known.before.identities, after.identities, place.schema) && isSame(rest(known.before, place.schema), rest(after, place.schema)));
  await write(home, plan, known, after, [...kept, ...clean]);
  return found;
}

/** Schemas that anything was said of, or of whose tenants. */
function placesOf(differences: readonly Difference[], { name, places }: DatabasePlan): ReadonlySet<string> {
  const byTenant = new Map(places.map(({ tenant, schema }) => [tenant, schema]));
  return new Set(differences.filter(({ target }) => target === name).flatMap((difference) => [...(difference.place === undefined ? [] : [difference.place]), ...('tenant' in difference && difference.tenant !== undefined ? [byTenant.get(difference.tenant) ?? ''] : [])]));
}

const of = (fingerprints: ReadonlyMap<string, Fingerprint>, schema: string): Fingerprint => fingerprints.get(schema) ?? NO_ROWS;
const isEqual = (a: ReadonlyMap<string, Fingerprint>, b: ReadonlyMap<string, Fingerprint>, schema: string): boolean => isSame(of(a, schema), of(b, schema));
const same = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>, schema: string): boolean => a.get(schema) === b.get(schema);
/** All but the tables that are read. */
const rest = ({ schemas, tables }: Snapshot, schema: string): Fingerprint => minus(of(schemas, schema), of(tables, schema));
/** Whether nobody changed anything outside of tenants' schemas but the tables that the apply changed in all places. */
const isAround = (before: Snapshot, after: Snapshot): boolean => isSame(rest(before, OTHERS), rest(after, OTHERS));

async function readAgain(home: Client, plan: DatabasePlan, places: readonly Place[], reading: Reading, isPartly: (place: Place) => boolean): Promise<{ clean: readonly Place[]; found: Finding[] }> {
  if (places.length === 0) return { clean: [], found: [] };
  const partly: Reading = new Map(places.filter(({ schema }) => (reading.get(schema)?.size ?? 0) > 0).filter(isPartly).map(({ schema }) => [schema, reading.get(schema) as ReadonlySet<string>]));
  const subset = { ...plan, places: [...plan.places.filter(({ kind }) => kind === 'library'), ...places] };
  const live = await introspectPlaces(home, subset, partly).catch((error: unknown) => {
    if (!TenantryError.is(error)) throw error;
    return error;
  });
  // All was applied: that somebody holds a table of one of them just now makes it no failure.
  if (TenantryError.is(live)) return { clean: [], found: [finding({ kind: 'schema', target: plan.name, code: 'apply/not-read-again', summary: `what was applied could not be read again: ${live.complaints[0]?.problem ?? live.message}` })] };
  const differences = diffPlaces(subset, live, partly);
  const differing = placesOf(differences, plan);
  return { clean: places.filter(({ schema }) => !differing.has(schema)), found: told(plan, differences.filter(({ type, place }) => type === 'change' && places.some(({ schema }) => schema === place))) };
}

/** Somebody else changed it meanwhile, or it is not in the power of a statement that ended well. */
const told = ({ name }: DatabasePlan, differences: readonly Difference[]): Finding[] => differences.slice(0, MOST_TOLD).map(({ kind, place, summary }) => finding({
  kind, target: name, ...(place === undefined ? {} : { place }), code: 'apply/not-as-declared', summary: `it was applied, and read again something differs: ${summary}; the next plan shows why`,
}));
const MOST_TOLD = 20;

/** What stood there of others is of no use any more. */
async function write(home: Client, { places: [place] }: DatabasePlan, { wanted, recorded }: Known, after: Snapshot, places: readonly Place[]): Promise<void> {
  const rows = places.map(({ schema }): KnownPlace => ({
    place: schema, wanted: wanted.get(schema) ?? '', fingerprint: textOf(of(after.schemas, schema)), surroundings: textOf(of(after.schemas, OTHERS)), identity: after.identities.get(schema) ?? '', database: textOf(after.database),
  }));
  if (rows.length === recorded.size && rows.every((row) => JSON.stringify(row) === JSON.stringify(recorded.get(row.place)))) return;
  await home.query(`set role ${ident(place?.owner ?? '')}`);
  try {
    const column = (name: keyof KnownPlace): string[] => rows.map((row) => row[name]);
    await home.query(`
      with gone as (delete from ${LIBRARY_SCHEMA}.${KNOWN_PLACES} where place <> all($1))
      insert into ${LIBRARY_SCHEMA}.${KNOWN_PLACES} as k (place, wanted, fingerprint, surroundings, identity, database) select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
      on conflict (place) do update set wanted = excluded.wanted, fingerprint = excluded.fingerprint, surroundings = excluded.surroundings, identity = excluded.identity, database = excluded.database`,
    [column('place'), column('wanted'), column('fingerprint'), column('surroundings'), column('identity'), column('database')]);
  } finally {
    await home.query('reset role').catch(() => undefined);
  }
}
