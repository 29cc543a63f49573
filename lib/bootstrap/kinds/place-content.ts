import { isDeepStrictEqual } from 'node:util';
import { LIBRARY_SCHEMA } from '../../declaration/names';
import { PLACE_CONTENTS } from '../model/library-places';
import type { DatabasePlan, Place } from '../model/place';
import type { PlaceContent } from '../model/place-content';
import type { ShapeTable } from '../model/shape';
import type { Difference } from '../plan/difference';
import { literal } from '../sql/quote';
import { change, kind, onceFor } from './kind';

/**
 * What a place was made with is written down in the transaction that makes it: schemas, tables and columns that are gone since held rows, and are refused by
 * their kinds instead of being made anew. What was read of it stands in the places themselves.
 */
export const placeContent = kind<'database', PlaceContent, true>({
  name: 'place content',
  level: 'database',
  compares: ['record'],
  query: { text: () => undefined, values: () => [] },
  read: () => { throw new Error('place content has no query of its own'); },
  wants: (database) => new Map([...placesOf(database)].map(([schema, { tables }]) => [schema, contentOf(tables)])),
  compare(database, schema, want): Difference[] {
    const place = placesOf(database).get(schema);
    if (want === undefined || place === undefined || isSame(place.recorded, want)) return [];
    return [change({
      kind: 'place content', target: place.database, place: schema, action: 'alter', summary: 'write down what the place holds', reason: place.recorded === undefined ? 'nothing is written down' : 'other tables or columns are declared now',
      origin: 'pending', sql: `insert into ${LIBRARY_SCHEMA}.${PLACE_CONTENTS} (place, tables) values (${literal(schema)}, ${literal(JSON.stringify(want))}) on conflict (place) do update set tables = excluded.tables`,
    })];
  },
});

const placesOf = onceFor((database: DatabasePlan): ReadonlyMap<string, Place> => new Map(database.places.filter(({ kind: of }) => of !== 'library').map((place) => [place.schema, place])));

const contentOf = onceFor((tables: readonly ShapeTable[]): PlaceContent => Object.fromEntries(tables.map(({ name, columns }) => [name, columns.map((column) => column.name).sort()])));

/** Thousands of places share what is written down of them, and what is declared. */
const known = new WeakMap<PlaceContent, { readonly want: PlaceContent; readonly same: boolean }>();
function isSame(recorded: PlaceContent | undefined, want: PlaceContent): boolean {
  if (recorded === undefined) return false;
  const before = known.get(recorded);
  if (before?.want === want) return before.same;
  const same = isDeepStrictEqual(recorded, want);
  known.set(recorded, { want, same });
  return same;
}
