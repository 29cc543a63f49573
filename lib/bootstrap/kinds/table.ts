import { ident, identList, literal, qualified } from '../sql/quote';
import type { Place } from '../model/place';
import type { ShapeColumn, ShapeTable } from '../model/shape';
import type { Difference } from '../plan/difference';
import { partitionedBy } from './partitioned';
import { isExclusive } from './exclusive-words';
import { at, change, finding, kind, onceFor, placeKey, refusal } from './kind';
import { lostTable, wasThere } from './lost';

interface LiveTable {
  readonly owner: string;
  readonly relkind: string;
  readonly comment: string | null;
  /** Of a view that does not ask with the rights of whoever reads it, and of a materialized view. */
  readonly readsAsOwner: boolean;
  readonly unlogged: boolean;
  /** A sequence that goes with a column. */
  readonly ofColumn: boolean;
  /** `range created_at`; null where it is not partitioned. */
  readonly partitionedBy: string | null;
  /** The table of the same schema whose partition it is, or a partition of one. */
  readonly partitionOf: string | null;
  /** What logical replication identifies old rows by: `d` is the primary key. */
  readonly replicaIdentity: string;
}

const KINDS: Readonly<Record<string, string>> = { r: 'table', p: 'partitioned table', v: 'view', m: 'materialized view', f: 'foreign table', S: 'sequence' };
const IDENTITIES: Readonly<Record<string, string>> = { n: 'NOTHING', f: 'FULL', i: 'another index' };

/** Tables, views and sequences of a schema. A table that nobody declared is a finding; it is never dropped. */
export const table = kind<'place', ShapeTable, LiveTable>({
  name: 'table',
  level: 'place',
  compares: ['presence', 'strangers', 'kind', 'partitioned', 'owner', 'comment', 'persistence', 'replica identity'],
  query: {
    text: `select n.nspname as schema, c.relname as name, r.rolname as owner, c.relkind, d.description as comment, c.relpersistence = 'u' as unlogged, c.relkind = 'S' and exists (select from pg_catalog.pg_depend w where w.classid = 'pg_catalog.pg_class'::regclass and w.objid = c.oid and w.deptype in ('a', 'i') and w.refobjsubid > 0) as "ofColumn", c.relreplident as "replicaIdentity",
                  (select case k.partstrat when 'r' then 'range' when 'h' then 'hash' else 'list' end || ' ' || coalesce((select string_agg(a.attname, ', ' order by i) from unnest(k.partattrs::int2[]) with ordinality u(attnum, i) join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = u.attnum), '')
                     from pg_catalog.pg_partitioned_table k where k.partrelid = c.oid) as "partitionedBy",
                  case when c.relispartition then (select o.relname from pg_catalog.pg_class o where o.oid = pg_partition_root(c.oid) and o.relnamespace = c.relnamespace) end as "partitionOf",
                  c.relkind = 'm' or (c.relkind = 'v' and not coalesce((select o.option_value::boolean from pg_options_to_table(c.reloptions) o where o.option_name = 'security_invoker'), false)) as "readsAsOwner"
             from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace join pg_catalog.pg_roles r on r.oid = c.relowner
             left join pg_catalog.pg_description d on d.objoid = c.oid and d.classoid = 'pg_catalog.pg_class'::regclass and d.objsubid = 0
            where n.nspname = any($1) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')`,
    values: (scope) => [scope.schemas],
  },
  read: ({ schema, name, ...have }) => ({ container: placeKey(schema), key: name, have: have as LiveTable }),
  wants: (place) => byName(place.tables),
  compare(place, name, want, have): Difference[] {
    const where = { ...at(place), kind: 'table' };
    if (want === undefined) {
      if (have !== undefined && have.partitionOf !== null && place.tables.some((each) => each.name === have.partitionOf)) return [];
      if (place.definitions.views.some((view) => view.name === name) || place.definitions.sequences.some((sequence) => sequence.name === name)) return [];
      if ((have?.relkind === 'v' && isExclusive(place, 'view')) || (have?.relkind === 'S' && !have.ofColumn && isExclusive(place, 'sequence'))) return [];
      return [finding({ ...where, code: 'table/undeclared', summary: `${KINDS[have?.relkind ?? ''] ?? 'relation'} ${name} is not declared${have?.readsAsOwner === true ? `; it reads with the rights of ${have.owner}` : ''}` })];
    }
    if (have === undefined && wasThere(place, name)) return [lostTable(place, name)];
    if (have === undefined) {
      return [change({ ...where, action: 'create', summary: `create table ${name}`, reason: 'declared, not there', sql: createTable(place, want) })];
    }
    if (have.relkind !== 'r' && have.relkind !== 'p') {
      return [refusal({ ...where, code: 'table/other-kind', blocking: true, summary: `${name} is declared as a table, but a ${KINDS[have.relkind] ?? 'relation'} has the name`, fix: `Rename it, or the declared table.` })];
    }
    if (have.owner !== place.owner) {
      return [refusal({
        ...where, code: 'table/other-owner', blocking: true, summary: `table ${name} belongs to ${have.owner}, who is not held back by row-level security in the way that ${place.owner} is`,
        fix: `As ${have.owner} or a superuser: alter table ${qualified(place.schema, name)} owner to ${ident(place.owner)}`,
      })];
    }
    return [
      ...(have.partitionedBy === partitionedBy(want) ? [] : [refusal({
        ...where, code: 'table/partitioned', summary: `${name} is ${have.partitionedBy === null ? 'not partitioned' : `partitioned by ${have.partitionedBy}`}, and ${partitionedBy(want) === null ? 'no partitions are' : `by ${partitionedBy(want)} is`} declared; that cannot be changed where it is`,
        fix: `Declare tables.${name}.partitionBy as it is. Or declare a new table, copy the rows in a migration, and drop the old one.`,
      })]),
      ...(have.comment === (want.comment ?? null) ? [] : [change({ ...where, action: 'alter', lock: 'ShareUpdateExclusive', summary: `comment on table ${name}`, reason: 'the comment differs', sql: comment(place, want) })]),
      ...(have.unlogged ? [unlogged(place, 'table', name)] : []),
      ...(have.replicaIdentity === 'd' ? [] : [finding({ ...where, code: 'table/replica-identity', summary: `the replica identity of ${name} is ${IDENTITIES[have.replicaIdentity] ?? have.replicaIdentity} instead of its primary key` })]),
    ];
  },
});

/** Whether what was read under a declared table's name is no table of ours: nothing can be said about its columns, constraints and privileges. */
export const isInTheWay = (have: unknown, { owner }: Place): boolean => have !== undefined && (!['r', 'p'].includes((have as LiveTable).relkind) || (have as LiveTable).owner !== owner);

/** Of a table, or of a partition, which may be so by itself. */
export const unlogged = (place: Place, of: string, name: string): Difference => refusal({
  ...at(place), kind: of, code: 'table/unlogged', summary: `table ${name} is UNLOGGED: it is empty after a crash and on every replica, and in no backup; making it ordinary writes the whole table anew`,
  fix: `As ${place.owner}, at a time when the table may be locked: alter table ${qualified(place.schema, name)} set logged`,
});

const byName = onceFor((tables: readonly ShapeTable[]): ReadonlyMap<string, ShapeTable> => new Map(tables.map((shape) => [shape.name, shape])));

function createTable(place: Place, shape: ShapeTable): string[] {
  const parts = [
    ...shape.columns.map(columnDefinition),
    ...shape.keys.map((key) => `constraint ${ident(key.name)} ${key.primary ? 'primary key' : 'unique'} (${identList(key.columns)})`),
    ...shape.checks.map((check) => `constraint ${ident(check.name)} check (${check.expression})`),
  ];
  const comments = shape.columns.filter((column) => column.comment !== undefined)
    .map((column) => `comment on column ${qualified(place.schema, shape.name)}.${ident(column.name)} is ${literal(column.comment ?? '')}`);
  const by = shape.partitionBy === undefined ? '' : ` partition by ${shape.partitionBy.strategy} (${ident(shape.partitionBy.column)})`;
  return [
    `create table ${qualified(place.schema, shape.name)} (\n  ${parts.join(',\n  ')}\n)${by}`,
    ...(shape.comment === undefined ? [] : [comment(place, shape)]),
    ...comments,
  ];
}

export function columnDefinition(column: ShapeColumn): string {
  const value = column.generated !== undefined ? ` generated always as (${column.generated}) stored` : column.default !== undefined ? ` default ${column.default}` : '';
  return `${ident(column.name)} ${column.type}${column.notNull ? ' not null' : ''}${value}`;
}

const comment = (place: Place, shape: ShapeTable): string =>
  `comment on table ${qualified(place.schema, shape.name)} is ${shape.comment === undefined ? 'null' : literal(shape.comment)}`;
