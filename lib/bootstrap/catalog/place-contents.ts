import type { Client } from 'pg';
import { LIBRARY_SCHEMA } from '../../declaration/names';
import { PLACE_CONTENTS } from '../model/library-places';
import type { PlaceContent, RecordedContents } from '../model/place-content';
import { literal } from '../sql/quote';

/** Reads what is written down of the places of a database. Most hold the same, which is said once. */
export async function readPlaceContents(client: Client): Promise<RecordedContents> {
  const { rows: [table] } = await client.query<{ isThere: boolean }>(`select pg_catalog.to_regclass('${LIBRARY_SCHEMA}.${PLACE_CONTENTS}') is not null as "isThere"`);
  if (table?.isThere !== true) return new Map();
  const { rows } = await client.query<{ places: string[]; tables: PlaceContent }>(`select array_agg(place) as places, tables from ${LIBRARY_SCHEMA}.${PLACE_CONTENTS} group by tables`);
  return new Map(rows.flatMap(({ places, tables }) => places.map((place) => [place, tables] as const)));
}

/** Forgets what is written down of a schema that is removed. */
export const forgetPlaceContent = (schema: string): string => `delete from ${LIBRARY_SCHEMA}.${PLACE_CONTENTS} where place = ${literal(schema)}`;
