import type { ExclusiveKind } from '../../declaration/exclusive';
import type { Place } from '../model/place';
import type { Difference, Lock } from '../plan/difference';
import { ident } from '../sql/quote';
import { notNullCheckName } from './column';
import { recordsIn } from './definition-record';
import { isExclusive } from './exclusive-words';
import { at, change, kind, NO_WANTS, placeKey, refusal } from './kind';

interface Stranger {
  readonly what: ExclusiveKind;
  readonly label: string;
  /** The statement that drops it. */
  readonly drop: string;
  readonly owner: string;
  /** What uses it and stays, so that it would be lost with it. */
  readonly dependants: readonly string[];
}

const LOCKS: Readonly<Record<ExclusiveKind, Lock>> = { index: 'AccessExclusive', constraint: 'AccessExclusive', trigger: 'AccessExclusive', rule: 'AccessExclusive', view: 'AccessExclusive', function: 'none', sequence: 'AccessExclusive' };

/** What is declared in places of a kind: the same in all of them. */
function declaredIn({ kind: of, tables, definitions }: Place): string[] {
  return [
    ...tables.flatMap(({ name, columns, keys, checks, foreignKeys, indexes }) => [
      ...[...indexes, ...keys].map((index) => `index ${name}.${index.name}`),
      ...[...keys, ...checks, ...foreignKeys].map((constraint) => `constraint ${name}.${constraint.name}`), ...columns.map((column) => `constraint ${name}.${notNullCheckName(column.name)}`),
      ...(definitions.triggers.get(name) ?? []).map((trigger) => `trigger ${name}.${trigger.name}`),
    ]),
    ...definitions.views.map(({ name }) => `view ${name}`), ...definitions.functions.map(({ name }) => `function ${name}`), ...definitions.sequences.map(({ name }) => `sequence ${name}`),
  ].map((object) => `${of} ${object}`);
}

const CLASS = (name: string): string => `'pg_catalog.${name}'::regclass`;

/** Objects of a declared table lie in `on_table`, others in the schema. `also` is what belongs to the object and others may use. */
const OBJECTS = `
  select ${CLASS('pg_class')} as class, i.oid, 'index' as what, t.relname || '.' || i.relname as name, i.relname || ' on ' || t.relname as label, format('drop index %I.%I', t.schema, i.relname) as "drop", i.relowner as owner, t.schema, array[]::oid[] as also
    from on_table t join pg_catalog.pg_index x on x.indrelid = t.oid join pg_catalog.pg_class i on i.oid = x.indexrelid
   where not exists (select from pg_catalog.pg_constraint c where c.conindid = i.oid and c.contype in ('p', 'u', 'x')) and not i.relispartition
  union all
  select ${CLASS('pg_constraint')}, c.oid, 'constraint', t.relname || '.' || c.conname, c.conname || ' on ' || t.relname, format('alter table %I.%I drop constraint %I', t.schema, t.relname, c.conname), t.relowner, t.schema, case when c.contype in ('p', 'u', 'x') then array[c.conindid] else '{}' end
    from on_table t join pg_catalog.pg_constraint c on c.conrelid = t.oid where c.contype in ('p', 'u', 'c', 'f', 'x') and c.conislocal and c.conparentid = 0
  union all
  select ${CLASS('pg_trigger')}, g.oid, 'trigger', t.relname || '.' || g.tgname, g.tgname || ' on ' || t.relname, format('drop trigger %I on %I.%I', g.tgname, t.schema, t.relname), t.relowner, t.schema, '{}'
    from on_table t join pg_catalog.pg_trigger g on g.tgrelid = t.oid where not g.tgisinternal and g.tgparentid = 0
  union all
  select ${CLASS('pg_rewrite')}, w.oid, 'rule', t.relname || '.' || w.rulename, w.rulename || ' on ' || t.relname, format('drop rule %I on %I.%I', w.rulename, t.schema, t.relname), t.relowner, t.schema, '{}'
    from on_table t join pg_catalog.pg_rewrite w on w.ev_class = t.oid
  union all
  select ${CLASS('pg_class')}, c.oid, case c.relkind when 'v' then 'view' else 'sequence' end, c.relname, c.relname, format(case c.relkind when 'v' then 'drop view %I.%I' else 'drop sequence %I.%I' end, n.nspname, c.relname), c.relowner, n.nspname, array[c.reltype]
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace join place p on p.schema = n.nspname
   where c.relkind in ('v', 'S') and not exists (select from pg_catalog.pg_depend d where d.classid = ${CLASS('pg_class')} and d.objid = c.oid and d.deptype in ('a', 'i') and d.refobjsubid > 0 and c.relkind = 'S')
  union all
  select ${CLASS('pg_proc')}, f.oid, 'function', f.proname, f.proname || '(' || pg_get_function_identity_arguments(f.oid) || ')', 'drop routine ' || f.oid::regprocedure, f.proowner, n.nspname, '{}'
    from pg_catalog.pg_proc f join pg_catalog.pg_namespace n on n.oid = f.pronamespace join place p on p.schema = n.nspname`;

/**
 * Indexes, constraints, triggers, rules, views, functions and sequences that nobody declared, where their kind is declared exclusive. None of them goes with CASCADE: what
 * uses one goes first when nobody declared it either, and else keeps it. What belongs to an extension, to a column or to a table that is not declared stays.
 */
export const exclusive = kind<'place', true, Stranger>({
  name: 'exclusive',
  level: 'place',
  compares: ['strangers', 'owner', 'dependants'],
  query: {
    text: ({ plan }, live) => (plan.places.every((place) => place.exclusive === undefined) ? undefined : `
      with recursive recorded as (${recordsIn(live)}), place as (select * from unnest($1::text[], $2::text[]) p(schema, kind)),
      on_table as (
        select c.oid, c.relname, c.relowner, n.nspname as schema from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace join place p on p.schema = n.nspname
         where c.relkind in ('r', 'p') and p.kind || ' ' || c.relname = any($3)),
      object as materialized (
        select o.* from (${OBJECTS}) o join place p using (schema)
         where o.what = any($5) and p.kind || ' ' || o.what || ' ' || o.name <> all($4)
           and not exists (select from recorded r where r.place = o.schema and r.kind = o.what and r.name = o.name)
           and not exists (select from pg_catalog.pg_depend e where e.classid = o.class and e.objid = o.oid and e.deptype = 'e')),
      edge as materialized (
        select distinct o.class, o.oid, coalesce(case when v.relkind = 'v' then v.oid end, d.objid) as by, case when v.relkind = 'v' then ${CLASS('pg_class')} else d.classid end as by_class,
               case when v.relkind in ('v', 'm') then pg_describe_object(${CLASS('pg_class')}, v.oid, 0) else pg_describe_object(d.classid, d.objid, d.objsubid) end as label
          from object o join pg_catalog.pg_depend d on d.deptype in ('n', 'a') and (d.refclassid = o.class and d.refobjid = o.oid or d.refobjid = any(o.also) and d.refclassid in (${CLASS('pg_class')}, ${CLASS('pg_type')}))
          left join pg_catalog.pg_rewrite w on d.classid = ${CLASS('pg_rewrite')} and w.oid = d.objid left join pg_catalog.pg_class v on v.oid = w.ev_class and v.relkind in ('v', 'm')
         where v.oid is distinct from o.oid),
      kept(class, oid) as (
        select o.class, o.oid from object o join pg_catalog.pg_class i on o.what = 'index' and i.oid = o.oid join pg_catalog.pg_index x on x.indexrelid = i.oid and x.indisreplident
        union
        select o.class, o.oid from object o where pg_get_userbyid(o.owner) <> $6
        union
        select e.class, e.oid from edge e where not exists (select from object o where o.class = e.by_class and o.oid = e.by)
        union
        select e.class, e.oid from kept k join edge e on e.by_class = k.class and e.by = k.oid),
      step(class, oid, n) as (select class, oid, 0 from object union select e.class, e.oid, s.n + 1 from step s join edge e on e.by_class = s.class and e.by = s.oid where s.n < 100)
      select o.schema, o.what, o.label, o."drop", pg_get_userbyid(o.owner)::text as owner,
             array(select e.label from edge e where e.class = o.class and e.oid = o.oid
                      and (not exists (select from object b where b.class = e.by_class and b.oid = e.by) or exists (select from kept k where k.class = e.by_class and k.oid = e.by))
                   union select 'the replica identity of its table' from pg_catalog.pg_index x where o.what = 'index' and x.indexrelid = o.oid and x.indisreplident order by 1) as dependants
        from object o join (select class, oid, max(n) as n from step group by class, oid) s using (class, oid)
       order by s.n, array_position($7::text[], o.what), o.label`),
    values: ({ plan, owner }) => {
      const places = plan.places.filter((place) => place.exclusive !== undefined);
      const kinds = [...new Map(places.map((place) => [place.kind, place])).values()];
      return [
        places.map(({ schema }) => schema), places.map((place) => place.kind), kinds.flatMap(({ kind: of, tables }) => tables.map(({ name }) => `${of} ${name}`)), kinds.flatMap(declaredIn),
        places[0]?.exclusive ?? [], owner, ['constraint', 'trigger', 'rule', 'view', 'function', 'index', 'sequence'],
      ];
    },
  },
  read: ({ schema, ...have }) => ({ container: placeKey(schema), key: `${have['what']} ${have['label']}`, have: have as Stranger }),
  wants: () => NO_WANTS,
  compare(place, _key, _want, have): Difference[] {
    if (have === undefined || !isExclusive(place, have.what)) return [];
    const { what, label, drop, owner, dependants } = have;
    const where = { ...at(place), kind: what };
    const refuse = (problem: string, code: string, fix: string): Difference => refusal({ ...where, code, summary: `${what} ${label} is not declared, and ${what}s are declared exclusive, but ${problem}`, fix });
    if (owner !== place.owner) return [refuse(`it belongs to ${owner}`, `${what}/other-owner`, `As ${owner} or a superuser: ${drop}`)];
    if (dependants.length > 0) return [refuse(`${dependants.join(', ')} would be lost with it`, `${what}/exclusive-in-use`, `Declare it, or drop or change first what uses it, then apply. As ${ident(place.owner)}: ${drop}`)];
    return [change({ ...where, action: 'drop', lock: LOCKS[what], summary: `drop ${what} ${label}`, reason: `not declared, and ${what}s are declared exclusive`, sql: drop })];
  },
});
