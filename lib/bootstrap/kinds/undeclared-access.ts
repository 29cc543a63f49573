import type { Place } from '../model/place';
import { argumentTypes } from '../model/definition-sql';
import { kindOf } from '../model/role-kinds';
import { markerOf } from '../model/server';
import type { Difference } from '../plan/difference';
import { parseAcl } from './acl';
import { compareAcl } from './compare-acl';
import { recordsIn } from './definition-record';
import { FORMER_FUNCTIONS } from './function';
import { at, kind, NO_WANTS, placeKey, refusal } from './kind';

interface Live {
  readonly what: 'table' | 'view' | 'materialized view' | 'foreign table' | 'sequence' | 'function';
  /** Without the schema; of a function with its arguments. */
  readonly name: string;
  /** As GRANT names it. */
  readonly object: string;
  readonly column: string | null;
  readonly owner: string;
  readonly acl: string;
  /** Of those who have privileges: roles that carry our mark, declared or not, and PUBLIC as the empty name. */
  readonly ours: readonly string[];
  readonly login: string;
}

const functionKeys = ({ kind: of, functions, definitions }: Place): string[] => [
  ...functions.map(({ name, types }) => `${of} ${name}(${types.replaceAll(', ', ',')})`), ...definitions.functions.map((wanted) => `${of} ${wanted.name}(${argumentTypes(wanted).join(',')})`),
];
const declaredIn = (place: Place): string[] => [...place.tables, ...place.definitions.views, ...place.definitions.sequences].map(({ name }) => `${place.kind} ${name}`);
const isDeclared = (place: Place, { what, name }: Live): boolean => (what === 'function' ? functionKeys(place) : declaredIn(place)).includes(`${place.kind} ${name}`);

const notOfExtension = (catalog: string, oid: string): string => `not exists (select from pg_catalog.pg_depend e where e.classid = 'pg_catalog.${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`;

/**
 * What our roles may do with objects in our schemas that nobody declares, or nobody declares any more: nothing. The objects stay with their rows and policies, and what others hold
 * on them stays too; a backup that reads a table goes on reading it. Views that ask with the reader's own rights and functions that run with them lead to
 * nothing that the caller does not reach anyway, and are left alone. Definitions of the library's own are taken back where they are retired.
 */
export const undeclaredAccess = kind<'place', true, Live>({
  name: 'undeclared access',
  level: 'place',
  compares: ['table privileges', 'column privileges', 'sequence privileges', 'view privileges', 'function privileges', 'owner'],
  query: {
    text: (_scope, live) => `
      with recorded as (${recordsIn(live)}), place as (select * from unnest($1::text[], $2::text[]) p(schema, kind)),
      ours as (select 0::oid as oid, '' as name union all
               select r.oid, r.rolname from pg_catalog.pg_roles r join pg_catalog.pg_shdescription d on d.objoid = r.oid and d.classoid = 'pg_catalog.pg_authid'::regclass where d.description = $3),
      relation as (
        select c.oid, p.schema, c.relname, c.relkind, c.relowner, c.relacl, format('table %I.%I', p.schema, c.relname) as object, case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table' end as what
          from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace join place p on p.schema = n.nspname
         where c.relkind in ('r', 'p', 'v', 'm', 'f') and p.kind || ' ' || c.relname <> all($4) and ${notOfExtension('pg_class', 'c.oid')}
           and not (c.relkind = 'v' and (coalesce((select o.option_value::boolean from pg_options_to_table(c.reloptions) o where o.option_name = 'security_invoker'), false) or exists (select from recorded w where w.place = p.schema and w.kind = 'view' and w.name = c.relname)))
           and not (c.relispartition and exists (select from pg_partition_ancestors(c.oid) a(oid) join pg_catalog.pg_class t on t.oid = a.oid and t.relnamespace = c.relnamespace where p.kind || ' ' || t.relname = any($4)))),
      object as (
        select schema, what, relname::text as name, object, null as "column", relowner as owner, relacl as acl from relation where relacl is not null
        union all
        select r.schema, r.what, r.relname, r.object, a.attname, r.relowner, a.attacl from relation r join pg_catalog.pg_attribute a on a.attrelid = r.oid where a.attacl is not null and not a.attisdropped
        union all
        select distinct on (s.oid) r.schema, 'sequence', s.relname, format('sequence %I.%I', sn.nspname, s.relname), null, s.relowner, s.relacl
          from relation r join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = r.oid and d.refobjsubid > 0 and d.classid = 'pg_catalog.pg_class'::regclass and d.deptype in ('a', 'i')
          join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_catalog.pg_namespace sn on sn.oid = s.relnamespace where s.relacl is not null
           and not exists (select from recorded w where w.place = sn.nspname and w.kind = 'sequence' and w.name = s.relname)
        union all
        select p.schema, 'sequence', s.relname, format('sequence %I.%I', p.schema, s.relname), null, s.relowner, s.relacl
          from pg_catalog.pg_class s join pg_catalog.pg_namespace n on n.oid = s.relnamespace join place p on p.schema = n.nspname
         where s.relkind = 'S' and s.relacl is not null and p.kind || ' ' || s.relname <> all($4) and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = s.oid and d.deptype in ('a', 'i', 'e'))
           and not exists (select from recorded w where w.place = p.schema and w.kind = 'sequence' and w.name = s.relname)
        union all
        select p.schema, 'function', f.label, 'routine ' || f.identity, null, f.proowner, f.acl
          from (select q.pronamespace, q.proowner, q.oid::regprocedure::text as identity, q.proname, coalesce(q.proacl, acldefault('f', q.proowner)) as acl,
                       q.proname || '(' || array_to_string(array(select format_type(t, null) from unnest(q.proargtypes) with ordinality a(t, i) order by i), ',') || ')' as label
                  from pg_catalog.pg_proc q where q.prosecdef and ${notOfExtension('pg_proc', 'q.oid')}) f
          join pg_catalog.pg_namespace n on n.oid = f.pronamespace join place p on p.schema = n.nspname
         where p.kind || ' ' || f.label <> all($5) and not exists (select from recorded w where w.place = p.schema and w.kind = 'function' and w.name = f.proname))
      select o.schema, o.what, o.name, o.object, o."column", pg_get_userbyid(o.owner)::text as owner, o.acl::text as acl, x.ours, current_user::text as login
        from object o cross join lateral (select array_agg(distinct m.name::text) as ours from aclexplode(o.acl) a join ours m on m.oid = a.grantee where a.grantee <> o.owner) x where x.ours is not null`,
    values: ({ plan }) => {
      const [first] = plan.places;
      return [
        plan.places.map(({ schema }) => schema), plan.places.map((place) => place.kind), first === undefined ? '' : markerOf(first.identity), [...new Set(plan.places.flatMap(declaredIn))],
        [...new Set([...plan.places.flatMap(functionKeys), ...FORMER_FUNCTIONS.map((name) => `library ${name}`)])],
      ];
    },
  },
  read: ({ schema, ...have }) => ({ container: placeKey(schema), key: JSON.stringify([have['what'], have['name'], have['column']]), have: have as Live }),
  wants: () => NO_WANTS,
  compare(place, _key, _want, have): Difference[] {
    if (have === undefined || isDeclared(place, have)) return [];
    const { what, name, object, column, owner, acl, ours, login } = have;
    const where = { ...at(place), kind: what === 'function' ? 'function' : 'grant' };
    const label = `${what} ${name}${column === null ? '' : `.${column}`}`;
    const actor = owner === place.owner ? 'owner' : owner === place.maintainer ? 'maintainer' : owner === login ? 'login' : undefined;
    const grants = parseAcl(acl);
    const backups = new Set(place.roles.filter(({ declaration }) => kindOf(declaration) === 'backup').map(({ grantee }) => grantee));
    const kept = what === 'function' ? [] : grants.filter(({ grantee, privileges }) => backups.has(grantee) && privileges.includes('r')).map(({ grantee }) => [grantee, 'r'] as const);
    const found = compareAcl({
      ...where, object, label, owner, externalGrants: [...place.externalGrants, ...grants.map(({ grantee }) => grantee).filter((grantee) => !ours.includes(grantee))],
      ...(column === null ? {} : { columns: [column] }), ...(actor === undefined ? {} : { actor }),
    }, new Map(kept), acl);
    const revoked = found.flatMap((difference) => (difference.type === 'change' && difference.action === 'revoke' ? [{ ...difference, reason: `the ${what} is not declared` }] : []));
    const refused = found.filter(({ type }) => type === 'refusal');
    if (actor !== undefined || revoked.length === 0) return [...revoked, ...refused];
    return [refusal({
      ...where, code: 'grant/undeclared', summary: `${[...ours].sort().map((role) => (role === '' ? 'PUBLIC' : role)).join(', ')} may use ${label}, which is not declared and belongs to ${owner}, who alone can take that back`,
      fix: `As ${owner} or a superuser: ${revoked.flatMap(({ sql }) => sql).join('; ')}. Or declare it, or move it out of the schema.`,
    }), ...refused];
  },
});
