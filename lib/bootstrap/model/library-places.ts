import type { ShapeTable } from './shape';

export const PLACE_CONTENTS = 'place_contents';

/** What each place of a database was made with. */
export const PLACE_LIBRARY_TABLES: readonly ShapeTable[] = [
  {
    name: PLACE_CONTENTS, tenancy: 'shared', comment: 'Tables and columns that each place was made with: what is gone of them held rows, and is not made anew without being asked for',
    columns: [{ name: 'place', type: 'text', notNull: true, comment: 'The schema' }, { name: 'tables', type: 'jsonb', notNull: true, comment: 'Names of columns by table' }],
    keys: [{ name: 'place_contents_pkey', primary: true, columns: ['place'] }], checks: [], foreignKeys: [], indexes: [], rows: [],
  },
];
