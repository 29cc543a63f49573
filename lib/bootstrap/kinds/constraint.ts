import { ident, identList, qualified } from '../sql/quote';
import type { ShapeCheck, ShapeForeignKey, ShapeKey, ShapeTable } from '../model/shape';
import type { OnDelete } from '../../declaration/types';
import type { Difference } from '../plan/difference';
import { notNullCheckName } from './column';
import { isExclusive } from './exclusive-words';
import { at, change, finding, inPlaces, kind, onceFor, refusal, tableKey, type TableTarget } from './kind';
import { notOfAnotherTable } from './not-of-another-table';
import { addToPartitions, attachedParts, buildOnPartitions } from './partitioned-index';

interface LiveConstraint {
  readonly type: 'p' | 'u' | 'c' | 'f' | 'x';
  readonly validated: boolean;
  readonly columns: readonly string[];
  /** The condition of a check. */
  readonly expression: string | null;
  readonly targetSchema: string | null;
  readonly target: string | null;
  readonly targetColumns: readonly string[] | null;
  readonly onDelete: string;
  readonly setNullColumns: readonly string[] | null;
  readonly deferrable: boolean;
  /** False for NOT ENFORCED, which 18 knows. */
  readonly enforced: boolean;
  /** Whether a foreign key says nothing about updates and partly null values, and a unique key lets null values differ. */
  readonly plain: boolean;
  /** Of a key of a partitioned table that is not complete: the partitions that have their part. @default - it is complete, or of no partitioned table */
  readonly attached: readonly string[] | null;
}

type Want = { readonly type: 'key'; readonly key: ShapeKey } | { readonly type: 'check'; readonly check: ShapeCheck } | { readonly type: 'foreignKey'; readonly foreignKey: ShapeForeignKey };

const ON_DELETE: Readonly<Record<OnDelete, { letter: string; sql: string }>> = {
  noAction: { letter: 'a', sql: '' }, restrict: { letter: 'r', sql: ' on delete restrict' }, cascade: { letter: 'c', sql: ' on delete cascade' }, setNull: { letter: 'n', sql: ' on delete set null' },
};

/**
 * Primary keys, unique keys, checks and foreign keys, compared by what they say. On a table that has rows they come as NOT VALID first
 * and are validated behind that; foreign keys by the maintainer, since a forced policy hides every row from the owner.
 */
export const constraint = kind<'table', Want, LiveConstraint>({
  name: 'constraint',
  level: 'table',
  compares: ['presence', 'strangers', 'columns', 'expression', 'references', 'on delete', 'set null columns', 'on update', 'match', 'nulls not distinct', 'deferrable', 'validated', 'enforced'],
  query: {
    text: inPlaces(['table', 'name', 'type', 'validated', 'deferrable', 'enforced', 'plain', 'columns', 'expression', 'targetSchema', 'target', 'targetColumns', 'onDelete', 'setNullColumns', 'attached'], `select n.nspname::text as schema, c.relname as "table", o.conname as name, o.contype as type, o.convalidated as validated, o.condeferrable as deferrable,
                  coalesce((to_jsonb(o) ->> 'conenforced')::boolean, true) as enforced,
                  case o.contype when 'f' then o.confupdtype = 'a' and o.confmatchtype = 's' when 'u' then not x.indnullsnotdistinct else true end as plain,
                  array(select (select a.attname::text from pg_catalog.pg_attribute a where a.attrelid = o.conrelid and a.attnum = k.attnum) from unnest(o.conkey) with ordinality k(attnum, i) order by k.i) as columns,
                  case when o.contype = 'c' then pg_get_expr(o.conbin, o.conrelid) end as expression,
                  nullif(tn.nspname, n.nspname) as "targetSchema", t.relname as target,
                  case when o.contype = 'f' then array(select (select a.attname::text from pg_catalog.pg_attribute a where a.attrelid = o.confrelid and a.attnum = k.attnum) from unnest(o.confkey) with ordinality k(attnum, i) order by k.i) end as "targetColumns",
                  o.confdeltype as "onDelete",
                  case when o.confdelsetcols is not null then array(select a.attname::text from unnest(o.confdelsetcols) k(attnum) join pg_catalog.pg_attribute a on a.attrelid = o.conrelid and a.attnum = k.attnum) end as "setNullColumns",
                  case when o.contype in ('p', 'u') then ${attachedParts('o.conindid', 'c.relkind')} end as attached
             from pg_catalog.pg_constraint o join pg_catalog.pg_class c on c.oid = o.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
             left join pg_catalog.pg_index x on x.indexrelid = o.conindid and o.contype = 'u'
             left join pg_catalog.pg_class t on t.oid = o.confrelid left join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
            where n.nspname = any($1) and c.relkind in ('r', 'p') and o.contype in ('p', 'u', 'c', 'f', 'x') and not exists (select from pg_catalog.pg_constraint p where p.oid = o.conparentid and p.conrelid = o.conrelid)`),
    values: (scope) => [scope.schemas],
  },
  // Most targets lie in the schema of their table: said so, they are equal in all places.
  read: ({ schema, table, name, ...have }) => ({ container: tableKey(schema, table), key: name, have: (have['target'] === null || have['targetSchema'] !== null ? have : { ...have, targetSchema: schema }) as LiveConstraint }),
  wants: ({ table }) => constraintsOf(table),
  compare(target, name, want, have): Difference[] {
    const where = { ...at(target.place), kind: 'constraint' };
    const label = `${name} on ${target.table.name}`;
    if (want === undefined) {
      const helped = target.table.columns.find((column) => notNullCheckName(column.name) === name);
      if (helped === undefined) return isExclusive(target.place, 'constraint') ? [] : [finding({ ...where, code: 'constraint/undeclared', summary: `constraint ${label} is not declared` })];
      // It stands on the way to NOT NULL; where that is no longer declared, it is left over.
      return helped.notNull ? [] : [change({ ...where, action: 'drop', lock: 'AccessExclusive', summary: `drop constraint ${label}`, reason: `${helped.name} may be null`, sql: `alter table ${qualified(target.place.schema, target.table.name)} drop constraint ${ident(name)}` })];
    }
    if (have !== undefined && equal(target, want, have)) {
      if (have.attached !== null && want.type === 'key') return keyOnPartitions(target, want.key, 'it is not complete: its build did not end', have.attached);
      return have.validated ? [] : [validate(target, name, 'it is there, but not validated: rows from before may break it')];
    }
    if (have === undefined) return add(target, name, want, 'declared, not there');
    if (want.type === 'key') {
      return [refusal({
        ...where, code: 'constraint/key', summary: `${label} is over (${have.columns.join(', ')})${have.deferrable ? ', deferrable' : ''}${have.plain ? '' : ', with null values that are equal'}, and (${want.key.columns.join(', ')}) is declared; other foreign keys and the identity of rows rest on it`,
        fix: 'Write a migration that builds the new key beside the old one.',
      })];
    }
    const drop = change({ ...where, action: 'drop', lock: 'AccessExclusive', summary: `drop constraint ${label}`, reason: 'it says something else than declared', sql: `alter table ${qualified(target.place.schema, target.table.name)} drop constraint ${ident(name)}` });
    return [drop, ...add(target, name, want, 'it said something else')];
  },
});

const constraintsOf = onceFor((table: ShapeTable): ReadonlyMap<string, Want> => new Map<string, Want>([
  ...table.keys.map((key) => [key.name, { type: 'key', key }] as const),
  ...table.checks.map((check) => [check.name, { type: 'check', check }] as const),
  ...table.foreignKeys.map((foreignKey) => [foreignKey.name, { type: 'foreignKey', foreignKey }] as const),
]));

const same = (a: readonly string[], b: readonly string[] | null): boolean => b !== null && a.length === b.length && a.every((item, i) => item === b[i]);
const targetSchema = ({ place }: TableTarget, key: ShapeForeignKey): string => (key.targetTenancy === 'reference' ? place.referenceSchema : place.schema);

function equal(target: TableTarget, want: Want, have: LiveConstraint): boolean {
  if (have.deferrable || !have.enforced || !have.plain) return false;
  switch (want.type) {
    case 'key': return have.type === (want.key.primary ? 'p' : 'u') && same(want.key.columns, have.columns);
    case 'check': return have.type === 'c' && have.expression === want.check.expression;
    case 'foreignKey': {
      const key = want.foreignKey;
      return have.type === 'f' && have.targetSchema === targetSchema(target, key) && have.target === key.target && same(key.columns, have.columns)
        && same(key.targetColumns, have.targetColumns) && have.onDelete === ON_DELETE[key.onDelete].letter
        && (key.onDelete !== 'setNull' || same(key.setNullColumns, have.setNullColumns));
    }
  }
}

function add(target: TableTarget, name: string, want: Want, reason: string): Difference[] {
  const { place, table, isNew } = target;
  const where = { ...at(place), kind: 'constraint', action: 'create', reason } as const;
  const alter = `alter table ${qualified(place.schema, table.name)} add constraint ${ident(name)}`;
  if (want.type === 'foreignKey') {
    const key = want.foreignKey;
    const foreignKey = `foreign key (${identList(key.columns)}) references ${qualified(targetSchema(target, key), key.target)} (${identList(key.targetColumns)})${ON_DELETE[key.onDelete].sql}${key.onDelete === 'setNull' ? ` (${identList(key.setNullColumns)})` : ''}`;
    const sql = `${alter} ${foreignKey}`;
    const summary = `add foreign key ${name} on ${table.name}`;
    if ((isNew ? table.partitionBy : target.partitions) !== undefined) {
      if (!isNew) return addToPartitions(target, key, foreignKey, summary, reason);
      const later = target.gettingKeys.has(tableKey(targetSchema(target, key), key.target));
      return [change({ ...where, actor: 'maintainer', ...(later ? { stage: 'after' } : {}), lock: 'ShareRowExclusive', summary, sql })];
    }
    return isNew && !target.gettingKeys.has(tableKey(targetSchema(target, key), key.target))
      ? [change({ ...where, actor: 'maintainer', lock: 'ShareRowExclusive', summary, sql })]
      : [change({ ...where, actor: 'maintainer', stage: 'after', lock: 'ShareRowExclusive', summary, sql: `${sql} not valid` }), validate(target, name, 'added without looking at the rows that are there')];
  }
  if (isNew) return [];
  if (want.type === 'check') {
    return [
      change({ ...where, lock: 'AccessExclusive', summary: `add check ${name} on ${table.name}`, sql: `${alter} check (${want.check.expression}) not valid` }),
      validate(target, name, 'added without looking at the rows that are there'),
    ];
  }
  if (target.partitions !== undefined) return keyOnPartitions(target, want.key, reason);
  const key = want.key;
  const index = qualified(place.schema, name);
  return [
    change({
      ...where, stage: 'outside', lock: 'ShareUpdateExclusive', hazard: 'scan', summary: `build the unique index ${name} on ${table.name}`,
      sql: [notOfAnotherTable(target, name), `drop index concurrently if exists ${index}`, `create unique index concurrently ${ident(name)} on ${qualified(place.schema, table.name)} (${identList(key.columns)})`],
    }),
    change({ ...where, stage: 'outside', lock: 'AccessExclusive', summary: `add ${key.primary ? 'primary key' : 'unique key'} ${name} on ${table.name}`, sql: `${alter} ${key.primary ? 'primary key' : 'unique'} using index ${ident(name)}` }),
  ];
}

const validate = ({ place, table }: TableTarget, name: string, reason: string): Difference => change({
  ...at(place), kind: 'constraint', action: 'validate', actor: 'maintainer', stage: 'after', lock: 'ShareUpdateExclusive', hazard: 'scan',
  summary: `validate ${name} on ${table.name}`, reason, sql: `alter table ${qualified(place.schema, table.name)} validate constraint ${ident(name)}`,
});

/** @param attached - the partitions that have their part of it already */
const keyOnPartitions = (target: TableTarget, { name, columns, primary }: ShapeKey, reason: string, attached?: readonly string[]): Difference[] => buildOnPartitions(
  target, { name, columns, unique: true, key: primary ? 'primary key' : 'unique' }, { kind: 'constraint', reason, summary: `add ${primary ? 'primary key' : 'unique key'} ${name} on ${target.table.name}` }, attached);

/** Whether a key that was read can be referenced. */
export const isReadyKey = (have: unknown): boolean => have !== undefined && ((have as LiveConstraint).attached ?? null) === null;
