import type { ShapeTable } from './shape';

export const KNOWN_PLACES = 'known_places';

const text = (name: string, comment?: string) => ({ name, type: 'text', notNull: true, ...(comment === undefined ? {} : { comment }) });

/** Schemas of tenants that were read and were as declared: as long as nothing is changed there, they need not be read again. */
export const KNOWN_PLACES_TABLE: ShapeTable = {
  name: KNOWN_PLACES, tenancy: 'shared', comment: 'Schemas of tenants that were read as a whole and in which nothing differed: what has the same fingerprints still is not read again',
  columns: [
    text('place', 'The schema'), text('wanted', 'Digest of what was wanted there, and of the version of the library that compared it'), text('fingerprint', "Of the schema's rows in the catalog"),
    text('surroundings', 'Of all that lies outside of schemas of tenants'), text('identity', 'Digest of the server, the database, the roles that have privileges in the schema, and what is written down of definitions there'), text('database', 'Of the whole database'),
  ],
  keys: [{ name: 'known_places_pkey', primary: true, columns: ['place'] }], checks: [], foreignKeys: [], indexes: [], rows: [],
};
