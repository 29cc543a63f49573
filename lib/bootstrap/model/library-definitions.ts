import type { ShapeTable } from './shape';

const text = (name: string, extra: object = {}) => ({ name, type: 'text', notNull: true, ...extra });

/** What the library made that the server prints in a form of its own. */
export const DEFINITION_LIBRARY_TABLES: readonly ShapeTable[] = [
  {
    name: 'definitions', tenancy: 'shared', comment: 'Functions, triggers, views and sequences that the library made: what was declared, and what the server printed of it',
    columns: [
      text('place', { comment: 'The schema' }), text('kind'), text('name'), text('declared', { comment: 'Digest of the statement that made it' }),
      text('live', { comment: 'Digest of what the server printed right after' }), { name: 'server_major', type: 'integer', notNull: true, comment: 'Another version may print it in another form' },
    ],
    keys: [{ name: 'definitions_pkey', primary: true, columns: ['place', 'kind', 'name'] }],
    checks: [{ name: 'definitions_kind_check', expression: "kind in ('function', 'trigger', 'view', 'sequence')" }],
    foreignKeys: [], indexes: [], rows: [],
  },
];
