import type { Place } from '../model/place';
import type { Difference } from '../plan/difference';
import { qualified } from '../sql/quote';
import { compareAcl } from './compare-acl';
import { backupGrantees } from './definition-grantees';
import { type DefinitionKind, forget, keepsRecords, recordsIn } from './definition-record';
import { at, change, kind, NO_WANTS, placeKey, refusal } from './kind';

interface Retired {
  readonly what: DefinitionKind;
  readonly name: string;
  /** As DROP names it; null when it is gone. */
  readonly identity: string | null;
  readonly owner: string | null;
  readonly acl: string | null;
  /** What somebody else made and would be lost with it. */
  readonly dependants: readonly string[];
}

const keysOf = ({ definitions, kind: of }: Place): string[] => [
  ...definitions.functions.map(({ name }) => `${of} function ${name}`), ...definitions.views.map(({ name }) => `${of} view ${name}`), ...definitions.sequences.map(({ name }) => `${of} sequence ${name}`),
  ...[...definitions.triggers].flatMap(([table, triggers]) => triggers.map(({ name }) => `${of} trigger ${table}.${name}`)),
];

/** What the library made and nobody declares any more: triggers, views and functions hold no data and are dropped, a sequence stays. */
export const retired = kind<'place', true, Retired>({
  name: 'retired definition',
  level: 'place',
  compares: ['records', 'owner', 'dependants', 'sequence privileges', 'privileges'],
  query: {
    text: (_scope, live) => (!keepsRecords(live) ? undefined : `
      with recorded as (${recordsIn(live)}),
      gone as (
        select r.* from recorded r join unnest($1::text[], $2::text[]) p(schema, kind) on p.schema = r.place where p.kind || ' ' || r.kind || ' ' || r.name <> all($3)),
      object as (
        select g.place, g.kind, g.name, o.* from gone g left join lateral (
          (select 'pg_catalog.pg_proc'::regclass as class, p.oid, p.oid::regprocedure::text as identity, p.proowner as owner, p.proacl::text as acl
             from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace where g.kind = 'function' and n.nspname = g.place and p.proname = g.name and p.prokind = 'f' order by p.oid limit 1)
          union all
          select 'pg_catalog.pg_class'::regclass, c.oid, c.oid::regclass::text, c.relowner, c.relacl::text
            from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = g.place and c.relname = g.name and (g.kind, c.relkind) in (('view', 'v'), ('sequence', 'S'))
          union all
          select 'pg_catalog.pg_trigger'::regclass, t.oid, format('%I on %s', t.tgname, t.tgrelid::regclass), c.relowner, null
            from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
           where g.kind = 'trigger' and n.nspname = g.place and c.relname || '.' || t.tgname = g.name and not t.tgisinternal) o on true),
      dependant as (
        select distinct o.oid, coalesce(v.relname, t.tgname)::text as name, pg_describe_object(case when v.oid is null then d.classid else 'pg_catalog.pg_class'::regclass end, coalesce(v.oid, d.objid), 0) as label,
               coalesce(vn.nspname || ' view ' || v.relname, tn.nspname || ' trigger ' || tc.relname || '.' || t.tgname) as key
          from object o join pg_catalog.pg_depend d on d.refclassid = o.class and d.refobjid = o.oid and d.deptype in ('n', 'a')
          left join pg_catalog.pg_rewrite w on d.classid = 'pg_catalog.pg_rewrite'::regclass and w.oid = d.objid left join pg_catalog.pg_class v on v.oid = w.ev_class left join pg_catalog.pg_namespace vn on vn.oid = v.relnamespace
          left join pg_catalog.pg_trigger t on d.classid = 'pg_catalog.pg_trigger'::regclass and t.oid = d.objid left join pg_catalog.pg_class tc on tc.oid = t.tgrelid left join pg_catalog.pg_namespace tn on tn.oid = tc.relnamespace
         where v.oid is distinct from o.oid)
      select o.place as schema, o.kind as what, o.name, o.identity, pg_get_userbyid(o.owner)::text as owner, o.acl,
             array(select d.label from dependant d where d.oid = o.oid and not exists (select from recorded r where r.place || ' ' || r.kind || ' ' || r.name = d.key) order by 1) as dependants
        from object o order by array_position(array['trigger', 'view', 'function', 'sequence'], o.kind), o.oid desc`),
    values: ({ plan }) => {
      const places = plan.places.filter((place) => place.kind !== 'library');
      return [places.map(({ schema }) => schema), places.map((place) => place.kind), [...new Set(places.flatMap(keysOf))]];
    },
  },
  read: ({ schema, ...have }) => ({ container: placeKey(schema), key: `${have['what']} ${have['name']}`, have: have as Retired }),
  wants: () => NO_WANTS,
  compare(place, _key, _want, have): Difference[] {
    if (have === undefined || keysOf(place).includes(`${place.kind} ${have.what} ${have.name}`)) return [];
    const { what, name, identity, owner, dependants } = have;
    const where = { ...at(place), kind: what };
    const label = what === 'trigger' ? name.replace(/^(.*)\.(.*)$/, '$2 on $1') : name;
    if (identity === null) return [change({ ...where, action: 'drop', summary: `forget ${what} ${label}`, reason: 'it is not declared, and gone', sql: forget(place, what, name) })];
    if (what === 'sequence') return compareAcl({ ...where, object: `sequence ${qualified(place.schema, name)}`, label: `sequence ${name}`, owner: place.owner, externalGrants: place.externalGrants }, new Map(backupGrantees(place)), have.acl);
    const problem = dependants.length > 0 ? `${dependants.join(', ')} would be lost with it` : owner === place.owner ? undefined : `it belongs to ${owner ?? 'nobody'}`;
    if (problem !== undefined) {
      // It stays for now, and nobody of ours uses it meanwhile.
      const taken = what === 'trigger' || owner !== place.owner ? [] : compareAcl({
        ...where, object: what === 'view' ? `table ${qualified(place.schema, name)}` : `function ${identity}`, label: `${what} ${name}`, owner: place.owner, externalGrants: place.externalGrants, ...(what === 'function' ? { builtIn: 'X' } : {}),
      }, new Map(), have.acl);
      return [...taken, refusal({ ...where, code: `${what}/not-dropped`, summary: `${what} ${label} is not declared any more, but ${problem}`, fix: `Drop ${dependants.length > 0 ? 'or change those first' : `it as ${owner ?? 'its owner'}: drop ${what} ${identity}`}, then apply.` })];
    }
    return [change({ ...where, action: 'drop', lock: what === 'function' ? 'none' : 'AccessExclusive', summary: `drop ${what} ${label}`, reason: 'not declared any more', sql: [`drop ${what} ${identity}`, forget(place, what, name)] })];
  },
});
