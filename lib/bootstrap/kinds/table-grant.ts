import { accessOf } from '../model/access';
import type { Place } from '../model/place';
import type { ShapeTable } from '../model/shape';
import { ident, qualified } from '../sql/quote';
import type { Difference } from '../plan/difference';
import { privilegeList } from './acl';
import { compareAcl } from './compare-acl';
import { kind, tableKey } from './kind';

const TABLE = 'table';
const COLUMN = 'column:';

/** Privileges on tables and on their columns: exactly those that are declared. */
export const tableGrant = kind<'table', ReadonlyMap<string, string>, string | null>({
  name: 'grant',
  level: 'table',
  compares: ['table privileges', 'column privileges', 'grant options', 'grantors'],
  query: {
    text: `select n.nspname as schema, c.relname as "table", null as "column", c.relacl::text as acl
             from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = any($1) and c.relkind in ('r', 'p')
            union all
           select n.nspname, c.relname, a.attname, a.attacl::text
             from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where n.nspname = any($1) and c.relkind in ('r', 'p') and a.attacl is not null and a.attnum > 0 and not a.attisdropped`,
    values: (scope) => [scope.schemas],
  },
  read: ({ schema, table, column, acl }) => ({ container: tableKey(schema, table), key: column === null ? TABLE : `${COLUMN}${column}`, have: acl }),
  wants({ place, table }) {
    const access = accessOf(place, table);
    return new Map([[TABLE, access.table] as const, ...[...access.columns].map(([column, grants]) => [`${COLUMN}${column}`, grants] as const)]);
  },
  compare({ place, table }, key, want, have): Difference[] {
    const column = key.startsWith(COLUMN) ? key.slice(COLUMN.length) : undefined;
    const differences = compareAcl({
      kind: 'grant', target: place.database, place: place.schema, object: `table ${qualified(place.schema, table.name)}`, label: column === undefined ? table.name : `${table.name}.${column}`,
      ...(column === undefined ? {} : { columns: [column] }), owner: place.owner, externalGrants: place.externalGrants,
    }, want ?? new Map(), have);
    return column === undefined ? differences.map((difference) => keepingColumns(place, table, difference)) : differences;
  },
});

/** Who loses a privilege on a table loses it on every column too, also where it was granted for the column by itself: those come back behind it. */
function keepingColumns(place: Place, table: ShapeTable, difference: Difference): Difference {
  if (difference.type !== 'change' || difference.action !== 'revoke') return difference;
  const again = [...accessOf(place, table).columns].flatMap(([column, grants]) => [...grants]
    .filter(([grantee]) => difference.sql.some((sql) => sql.endsWith(` from ${ident(grantee)} cascade`)))
    .map(([grantee, letters]) => `grant ${[...letters].map((letter) => `${privilegeList(letter)} (${ident(column)})`).join(', ')} on table ${qualified(place.schema, table.name)} to ${ident(grantee)}`));
  return { ...difference, sql: [...difference.sql, ...again] };
}
