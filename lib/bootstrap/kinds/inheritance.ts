import { qualified } from '../sql/quote';
import type { Difference } from '../plan/difference';
import { at, change, kind, type LiveCatalog, NO_WANTS, refusal, tableKey } from './kind';

interface LiveRelative {
  readonly relation: 'parent' | 'child';
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  /** Whether the table is attached to a partitioned one. */
  readonly isPartition: boolean;
  /** Whether the owner of our objects can name the other table. */
  readonly inReach: boolean;
}

const RELATIVE = (relation: string, mine: string, other: string): string => `
  select n.nspname as container, c.relname as "table", '${relation}' as relation, on_.nspname as schema, o.relname as name, r.rolname as owner, c.relispartition as "isPartition",
         has_schema_privilege($2, on_.oid, 'usage') as "inReach"
    from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.${mine} join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_class o on o.oid = i.${other} join pg_catalog.pg_namespace on_ on on_.oid = o.relnamespace join pg_catalog.pg_roles r on r.oid = o.relowner
   where n.nspname = any($1) and c.relkind in ('r', 'p')`;

/**
 * A table of ours inherits from no other and none inherits from it: through a parent its rows are read under the parent's policies, and rows
 * of a child are read through it, although none of its keys and policies hold where they lie.
 */
export const inheritance = kind<'table', true, LiveRelative>({
  name: 'inheritance',
  level: 'table',
  compares: ['parents', 'children'],
  query: { text: `${RELATIVE('parent', 'inhrelid', 'inhparent')} union all ${RELATIVE('child', 'inhparent', 'inhrelid')} and not o.relispartition`, values: ({ schemas, owner }) => [schemas, owner] },
  read: ({ container, table, ...have }) => ({ container: tableKey(container, table), key: `${have['relation']} ${have['schema']}.${have['name']}`, have: have as LiveRelative }),
  wants: () => NO_WANTS,
  compare({ place, table }, _key, _want, have): Difference[] {
    if (have === undefined) return [];
    const where = { ...at(place), kind: 'inheritance' };
    const own = qualified(place.schema, table.name);
    const other = qualified(have.schema, have.name);
    const label = `${have.schema}.${have.name}`;
    if (have.relation === 'child') {
      return [refusal({
        ...where, code: 'inheritance/child', summary: `${label}, which belongs to ${have.owner}, inherits from ${table.name}: its rows are read through ${table.name}, and no key or policy of ${table.name} holds for whoever reads or writes them there`,
        fix: `Move its rows into ${own} or elsewhere, then, as ${have.owner} or a superuser: alter table ${other} no inherit ${own}`,
      })];
    }
    if (have.isPartition || !have.inReach) {
      return [refusal({
        ...where, code: 'inheritance/parent', summary: `${table.name} is ${have.isPartition ? 'a partition of' : 'a child of'} ${label}, which belongs to ${have.owner}: through it rows are read under the policies of ${label} instead of its own`,
        fix: `As ${have.isPartition ? have.owner : place.owner} or a superuser: ${have.isPartition ? `alter table ${other} detach partition ${own}` : `alter table ${own} no inherit ${other}`}`,
      })];
    }
    return [change({
      ...where, action: 'alter', lock: 'AccessExclusive', summary: `${table.name} no longer inherits from ${label}`, reason: `through it rows are read under the policies of ${label}`,
      sql: `alter table ${own} no inherit ${other}`,
    })];
  },
});

/** Children of a table that the owner of our objects may not change with it. */
export const foreignChildren = (live: LiveCatalog, table: string, owner: string): { readonly schema: string; readonly name: string; readonly owner: string }[] =>
  [...(live.get('inheritance')?.get(table)?.values() ?? []) as Iterable<LiveRelative>].filter((have) => have.relation === 'child' && !have.isPartition && have.owner !== owner);
