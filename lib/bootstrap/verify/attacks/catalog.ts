import { LIBRARY_SCHEMA } from '../../../declaration/names';
import { publishedTables } from '../../kinds/publication';
import { granteesOf } from '../../model/role-kinds';
import { ident, literal, qualified } from '../../sql/quote';
import { type Attack, attack, DENIED, type Finding, type PlaceTarget } from '../attack';
import { judge, judgeCatalog } from '../judge';
import { declaredDefiners } from './declared';
import { applicationRoles } from '../server-facts';
import type { ProbeSession } from '../session';

const SYSTEM = "n.nspname <> 'information_schema' and n.nspname !~ '^pg_'";
const notOfExtension = (catalog: string, oid: string): string => `not exists (select from pg_depend e where e.classid = ${literal(catalog)}::regclass and e.objid = ${oid} and e.deptype = 'e')`;

/** One result for each object that is found, or one that says that there is none. */
async function none(session: ProbeSession, t: PlaceTarget, fields: { readonly sql: string; readonly values: readonly unknown[]; readonly expected: string; readonly reason: (row: Row) => string; readonly remedy: (row: Row) => string; readonly table?: (row: Row) => string | undefined }) {
  const [rows, [tables]] = await Promise.all([
    session.ask<Row>({ sql: fields.sql, values: fields.values }), session.ask<{ n: number }>({ sql: "select count(*)::int as n from pg_class where relnamespace = $1::regnamespace and relkind in ('r', 'p')", values: [ident(t.place.schema)] }),
  ]);
  const control = { text: 'the catalog lists the tables of the place', held: (tables?.n ?? 0) > 0 };
  if (rows.length === 0) return [judgeCatalog({ bad: [], expected: fields.expected, control, breach: { reason: '', remedy: '' } })];
  return rows.map((row) => {
    const table = fields.table?.(row);
    return judgeCatalog({ bad: [row.object], expected: fields.expected, control, breach: { reason: fields.reason(row), remedy: fields.remedy(row) }, ...(row.role === undefined ? {} : { role: row.role }), ...(table === undefined ? {} : { table }) });
  });
}

interface Row {
  readonly object: string;
  readonly role?: string;
  readonly owner?: string;
  readonly what?: string;
  readonly drop?: string;
  readonly table?: string;
}

/** The roles whose reach counts in a place: those that act there, and the logins, which act there until they take on a role. */
const rolesOf = (t: PlaceTarget): string[] => {
  const here = new Set([...t.place.roles, ...t.place.referenceReaders].map(({ grantee }) => grantee));
  return applicationRoles(t.server).filter((role) => here.has(role) || t.database.connectors.includes(role));
};

/** Schemas that this place answers for: its own, and for the first place of a database those that nobody manages. */
const schemasOf = (t: PlaceTarget): { readonly own: string; readonly managed: readonly string[] } => {
  const first = t.database.places.find(({ kind }) => kind !== 'library');
  return { own: first?.schema === t.place.schema ? '*' : t.place.schema, managed: t.database.places.map(({ schema }) => schema) };
};

const inScope = "($2 = n.nspname or ($2 = '*' and (n.nspname = $3 or n.nspname <> all($4))))";

/** What leads past the tables’ own row-level security, by way of somebody else’s rights. */
export const catalogAttacks: readonly Attack<'place'>[] = [
  attack<'place'>({
    id: 'view-of-another', title: 'Read through a view, a materialized view or a foreign table', why: 'They read with the rights of their owner, or hold a copy: policies do not hold for who asks', level: 'place', expected: DENIED,
    run: (session, t) => none(session, t, {
      expected: 'no such object that a role may use', values: [rolesOf(t), schemasOf(t).own, t.place.schema, schemasOf(t).managed, t.place.owner],
      sql: `select distinct on (object) n.nspname || '.' || c.relname as object, r.rolname::text as role, pg_get_userbyid(c.relowner)::text as owner,
                   case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'foreign table' end as what,
                   (select tc.relname::text from pg_rewrite w join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass and d.refobjid <> c.oid
                      join pg_class tc on tc.oid = d.refobjid join pg_namespace tn on tn.oid = tc.relnamespace where w.ev_class = c.oid and tn.nspname = $3 limit 1) as "table"
              from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join pg_roles r
             where c.relkind in ('v', 'm', 'f') and ${SYSTEM} and ${inScope} and ${notOfExtension('pg_class', 'c.oid')} and r.rolname = any($1)
               and has_schema_privilege(r.oid, n.oid, 'usage') and (has_any_column_privilege(r.oid, c.oid, 'select, insert, update') or has_table_privilege(r.oid, c.oid, 'delete'))
               and not (c.relkind = 'v' and (coalesce(c.reloptions, '{}') && array['security_invoker=true', 'security_invoker=on', 'security_invoker=1', 'security_invoker=yes'] or pg_get_userbyid(c.relowner) = $5))
             order by object, role`,
      table: ({ table }) => table ?? undefined,
      reason: ({ object, what, owner, role }) => `The role ${role} may use the ${what} ${object}, which ${what === 'view' ? `reads with the rights of ${owner}` : 'has no row-level security'}.`,
      remedy: ({ object, what, role }) => (what === 'view' ? `alter view ${object} set (security_invoker = true), or revoke all on ${object} from ${role}` : `revoke all on ${object} from ${role}`),
    }),
  }),
  attack<'place'>({
    id: 'definer-function', title: 'Call a function that runs with another’s rights', why: 'SECURITY DEFINER runs as its owner, and PUBLIC may execute new functions', level: 'place', expected: DENIED,
    run: (session, t) => none(session, t, {
      expected: 'no such function that a role may call', values: [rolesOf(t), schemasOf(t).own, t.place.schema, schemasOf(t).managed, declaredDefiners(t), t.place.owner],
      sql: `select distinct on (object) p.oid::regprocedure::text as object, r.rolname::text as role, pg_get_userbyid(p.proowner)::text as owner
              from pg_proc p join pg_namespace n on n.oid = p.pronamespace cross join pg_roles r
             where p.prosecdef and not (p.oid = any(select to_regprocedure(f) from unnest($5::text[]) f) and pg_get_userbyid(p.proowner) = $6) and ${SYSTEM} and ${inScope} and ${notOfExtension('pg_proc', 'p.oid')} and r.rolname = any($1)
               and has_schema_privilege(r.oid, n.oid, 'usage') and has_function_privilege(r.oid, p.oid, 'execute') order by object, role`,
      reason: ({ object, owner, role }) => `The role ${role} may call ${object}, which runs with the rights of ${owner}.`, remedy: ({ object, role }) => `revoke execute on function ${object} from public, ${role}, or make it security invoker`,
    }),
  }),
  attack<'place'>({
    id: 'leakproof-function', title: 'Use a function that says it is leakproof', why: 'A LEAKPROOF function is evaluated before the policy, on other tenants’ rows', level: 'place', expected: DENIED,
    inapplicable: firstOnly,
    run: (session, t) => none(session, t, {
      expected: 'no LEAKPROOF function but PostgreSQL’s own', values: [],
      sql: `select p.oid::regprocedure::text as object, pg_get_userbyid(p.proowner)::text as owner from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.proleakproof and ${SYSTEM} and ${notOfExtension('pg_proc', 'p.oid')} order by 1`,
      reason: ({ object }) => `${object} is LEAKPROOF: in a predicate it sees rows before row-level security takes them away.`, remedy: ({ object }) => `As a superuser: alter function ${object} not leakproof`,
    }),
  }),
  attack<'place'>({
    id: 'unguarded-child', title: 'Read a partition or an inheriting table directly', why: 'Policies of the parent do not hold for who reads a child directly', level: 'place', expected: DENIED,
    run: (session, t) => none(session, t, {
      expected: 'every child of a tenant table is guarded as its parent is, or no role may use it', values: [rolesOf(t), t.place.schema, t.place.tables.filter(({ tenancy }) => tenancy === 'tenant').map(({ name }) => name), t.place.floor, granteesOf(t.place, 'backup')],
      sql: `with recursive below as (
              select p.oid as root, h.inhrelid as child from pg_class p join pg_namespace n on n.oid = p.relnamespace join pg_inherits h on h.inhparent = p.oid where n.nspname = $2 and p.relname = any($3)
              union select b.root, h.inhrelid from below b join pg_inherits h on h.inhparent = b.child)
            select distinct on (object) cn.nspname || '.' || c.relname as object, r.rolname::text as role, p.relname::text as "table"
              from below b join pg_class p on p.oid = b.root join pg_class c on c.oid = b.child join pg_namespace cn on cn.oid = c.relnamespace cross join pg_roles r
             where r.rolname = any($1)
               and not (c.relrowsecurity and c.relforcerowsecurity and exists (select from pg_policy o where o.polrelid = c.oid and not o.polpermissive and o.polcmd = '*' and pg_get_expr(o.polqual, o.polrelid) = $4 and (o.polroles = '{0}' or r.oid = any(o.polroles))))
               and not (c.relrowsecurity and c.relforcerowsecurity and r.rolname = any($5) and not has_any_column_privilege(r.oid, c.oid, 'insert, update') and not has_table_privilege(r.oid, c.oid, 'delete, truncate'))
               and has_schema_privilege(r.oid, cn.oid, 'usage') and (has_any_column_privilege(r.oid, c.oid, 'select, insert, update') or has_table_privilege(r.oid, c.oid, 'delete, truncate')) order by object, role`,
      table: ({ table }) => table, reason: ({ object, table, role }) => `${object} holds rows of ${table ?? ''} and is not guarded as its parent is; the role ${role} may use it directly.`, remedy: ({ object, role }) => `revoke all on ${object} from ${role}, or enable and force row-level security on it, with the policies of the parent`,
    }),
  }),
  attack<'place'>({
    id: 'undeclared-table', title: 'Use a table that nobody declared', why: 'Its rows may be tenants’ rows, and nothing holds roles back', level: 'place', expected: DENIED,
    run: (session, t) => none(session, t, {
      expected: 'no such table that a role may use, unless it is a backup that reads it', values: [rolesOf(t), t.place.schema, t.place.tables.map(({ name }) => name), granteesOf(t.place, 'backup')],
      sql: `select distinct on (object) n.nspname || '.' || c.relname as object, r.rolname::text as role from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join pg_roles r
             where n.nspname = $2 and c.relkind in ('r', 'p') and c.relname <> all($3) and not c.relispartition and not exists (select from pg_inherits h where h.inhrelid = c.oid) and r.rolname = any($1)
               and has_schema_privilege(r.oid, n.oid, 'usage') and ((has_any_column_privilege(r.oid, c.oid, 'select') and r.rolname <> all($4)) or has_any_column_privilege(r.oid, c.oid, 'insert, update') or has_table_privilege(r.oid, c.oid, 'delete, truncate')) order by object, role`,
      reason: ({ object, role }) => `The role ${role} may use ${object}, which is not declared: nothing says whose rows it holds.`, remedy: ({ object, role }) => `Declare the table, or: revoke all on ${object} from ${role}`,
    }),
  }),
  attack<'place'>({
    id: 'login-privileges', title: 'Use the tables as the login itself, or as anybody', why: 'A login that needs no SET ROLE needs no tenant either; PUBLIC is every role of the server', level: 'place', expected: DENIED,
    run: (session, t) => none(session, t, {
      expected: 'neither a login nor PUBLIC holds a privilege on the tables', values: [applicationRoles(t.server).filter((role) => t.server.plan.roles.get(role)?.login === true), t.place.schema],
      sql: `select distinct n.nspname || '.' || c.relname as object, coalesce(r.rolname::text, 'public') as role, c.relname::text as "table"
              from pg_class c join pg_namespace n on n.oid = c.relnamespace
              cross join lateral (select a.grantee from aclexplode(c.relacl) a union all select a.grantee from pg_attribute t, aclexplode(t.attacl) a where t.attrelid = c.oid) g left join pg_roles r on r.oid = g.grantee
             where n.nspname = $2 and c.relkind in ('r', 'p') and (g.grantee = 0 or r.rolname = any($1)) order by object, role`,
      table: ({ table }) => table, reason: ({ object, role }) => `${role === 'public' ? 'PUBLIC' : `The login ${role}`} holds privileges on ${object}.`, remedy: ({ object, role }) => `revoke all on ${object} from ${role}`,
    }),
  }),
  attack<'place'>({
    id: 'publication', title: 'Read the tables by logical replication', why: 'Logical decoding asks no policy', level: 'place', expected: DENIED,
    run: async (session, t) => {
      const tenants = t.place.tables.filter(({ tenancy }) => tenancy === 'tenant').map(({ name }) => name);
      const declared = publishedTables(t.database, t.place.schema).filter(({ table }) => tenants.includes(table));
      const found = await none(session, t, {
        expected: 'no publication of a tenant table that is not declared, unless by a row filter', values: [t.place.schema, tenants, declared.map(({ publication, table }) => `${publication} ${table}`)],
        sql: `select pubname::text as object, tablename::text as "table" from pg_publication_tables where schemaname = $1 and rowfilter is null and pubname || ' ' || tablename <> all($3)
                 and exists (select from pg_class c join pg_class r on r.oid = case when c.relispartition then pg_partition_root(c.oid) else c.oid end where c.relnamespace = quote_ident($1)::regnamespace and c.relname = tablename and r.relname = any($2)) order by 1, 2`,
        table: ({ table }) => table, reason: ({ object, table }) => `The publication ${object} sends the rows of all tenants in ${table ?? ''} to its subscribers.`,
        remedy: ({ object, table }) => `alter publication ${ident(object)} drop table ${qualified(t.place.schema, table ?? '')}, or give it a row filter; as a superuser where it is for all tables`,
      });
      return [...found, ...declared.map(({ publication, table }): Finding => ({
        table, verdict: 'accepted', expected: 'no publication of a tenant table', observed: `publication ${publication}`, control: 'the publication is declared', ...PUBLISHED,
      }))];
    },
  }),
  attack<'place'>({
    id: 'new-object', title: 'Use what the owner makes next', why: 'Default privileges open tables and functions that nobody has looked at yet', level: 'place', expected: DENIED,
    async run(session, t) {
      const name = qualified(t.place.schema, 'tenantry_probe');
      const make = `create table ${name} (); create function ${name}() returns int language sql as 'select 1'`;
      const [control, outcome] = await Promise.all([session.attempt({ as: t.place.owner, sql: `${make}; select 1` }), session.attempt({
        as: t.place.owner,
        sql: `${make}; select 1 from (select relowner as owner, coalesce(relacl, acldefault('r', relowner)) as acl from pg_class where oid = ${literal(name)}::regclass
                       union all select proowner, coalesce(proacl, acldefault('f', proowner)) from pg_proc where oid = ${literal(`${name}()`)}::regprocedure) o, aclexplode(o.acl) a where a.grantee <> o.owner`,
      })]);
      return [judge({
        denial: { empty: true }, outcome, controls: [{ text: 'the owner made a table and a function', held: control.rows === 1 }],
        breach: { reason: `What ${t.place.owner} creates in ${t.place.schema} is open to others by default privileges.`, remedy: 'tenantry bootstrap apply takes back default privileges of the owner.' },
      })];
    },
  }),
  attack<'place'>({
    id: 'floor-policy', title: 'Find a floor that lets rows through', why: 'The restrictive policy is what no other policy can widen', level: 'place', expected: DENIED,
    run: (_session, { place, facts }) => Promise.resolve(place.tables.filter(({ tenancy }) => tenancy === 'tenant').flatMap((table) => {
      const scoped = place.roles.filter(({ declaration }) => declaration.scope === 'tenant').map(({ grantee }) => grantee);
      const there = facts.table(place.schema, table.name);
      if (scoped.length === 0 || there === undefined) return [];
      const floors = there.policies.filter(({ permissive, command, using, check }) => !permissive && command === '*' && using === place.floor && check === place.floor);
      const without = scoped.filter((role) => !floors.some(({ roles }) => roles.includes(role) || roles.includes('public')));
      return [judgeCatalog({
        table: table.name, bad: without.map((role) => `no floor for ${role}`), expected: 'a restrictive policy holds every tenant-scoped role to the current tenant', control: { text: 'the catalog lists the table', held: true },
        breach: { reason: `No restrictive policy of ${qualified(place.schema, table.name)} holds ${without.join(', ')} to the current tenant.`, remedy: 'tenantry bootstrap apply restores the policies.' },
      })];
    })),
  }),
  attack<'place'>({
    id: 'library-search-path', title: 'Hide a table from the library’s functions', why: 'A temporary table of the caller would stand in for the registry', level: 'place', expected: DENIED, inapplicable: firstOnly,
    run: async (session, t) => {
      const rows = await session.ask<{ name: string; pinned: boolean }>({
        sql: `select p.oid::regprocedure::text as name, coalesce(p.proconfig, '{}') @> array['search_path=pg_catalog, pg_temp'] as pinned from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = $1 and p.prosecdef order by 1`, values: [LIBRARY_SCHEMA],
      });
      return [judgeCatalog({
        bad: rows.filter(({ pinned }) => !pinned).map(({ name }) => name), expected: 'search_path is pinned, with pg_temp last', control: { text: 'the functions are there', held: rows.length > 0 },
        breach: { reason: `A function of the schema ${LIBRARY_SCHEMA} has no pinned search_path.`, remedy: `tenantry bootstrap apply restores the library's functions; one that is not the library's: alter function … set search_path = pg_catalog, pg_temp (database ${t.database.name})` },
      })];
    },
  }),
  attack<'place'>({
    id: 'replication-slot', title: 'Find somebody who decodes the changes of all tenants', why: 'Logical decoding asks no policy', level: 'place', inapplicable: firstOnly,
    expected: DENIED,
    run: async (session, t) => {
      const rows = await session.ask<{ name: string }>({ sql: "select slot_name::text as name from pg_replication_slots where slot_type = 'logical' and database = $1 order by 1", values: [t.database.name] });
      if (rows.length === 0) return [{ verdict: 'denied', expected: 'no logical replication slot', observed: 'no logical replication slot', control: 'the view of slots is readable' }];
      return [{
        verdict: 'accepted', expected: 'no logical replication slot', observed: rows.map(({ name }) => name).join(', '), control: 'the view of slots is readable',
        reason: 'A logical replication slot decodes the rows of all tenants for its consumer.', remedy: 'Drop the slot if nobody of yours made it: select pg_drop_replication_slot(name).',
      }];
    },
  }),
];

const PUBLISHED = {
  reason: 'A declared publication sends the rows of all tenants in the table: logical replication asks no policy, and whoever subscribes reads them all.',
  remedy: 'Treat its subscribers, and every login with REPLICATION, as administrators; give the publication a row filter, or leave the table out where that is too much.',
};

function firstOnly(t: PlaceTarget): string | undefined {
  return t.database.places.find(({ kind }) => kind !== 'library')?.schema === t.place.schema ? undefined : 'it is asked once a database';
}

