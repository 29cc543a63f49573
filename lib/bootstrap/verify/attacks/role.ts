import { LIBRARY_SCHEMA } from '../../../declaration/names';
import { LIBRARY_TABLES } from '../../model/library';
import { kindOf, SECRET_TABLES } from '../../model/role-kinds';
import { ident, qualified } from '../../sql/quote';
import type { Attack, RoleTarget } from '../attack';
import { REFUSED } from './table-attack';
import { roleStatement } from './role-attack';

/** A number that no server has come to. */
const LARGE_OBJECT = 4_294_900_001;

const APPLY = 'tenantry bootstrap apply takes back privileges that are not declared.';

const powerless = (id: string, title: string, why: string, sql: (t: RoleTarget) => readonly string[], remedy: string = APPLY): Attack<'role'> => roleStatement({
  id, title, why, denial: REFUSED, sql, breach: ({ role, database }) => ({ reason: `The role ${role.grantee} could do it in database ${database.name}: ${title.charAt(0).toLowerCase()}${title.slice(1)}.`, remedy }),
});

/** What a role could make or change for itself to get around its limits. */
export const roleAttacks: readonly Attack<'role'>[] = [
  powerless('create-in-schema', 'Create a table or a function in the schema', 'Others would run into it in place of what they meant', ({ place: { schema } }) => [
    `create table ${qualified(schema, 'tenantry_probe')} ()`, `create function ${qualified(schema, 'tenantry_probe')}() returns int language sql as 'select 1'`, `create view ${qualified(schema, 'tenantry_probe')} as select 1`,
  ]),
  powerless('create-in-public', 'Create a table in another schema', 'public is on everybody’s search path by default', () => ['create table public.tenantry_probe ()', `create table ${qualified(LIBRARY_SCHEMA, 'tenantry_probe')} ()`, 'create schema tenantry_probe']),
  powerless('create-temporary', 'Create a temporary object that hides another', 'Temporary objects come first on a search path, before the tables of the library’s functions', () => [
    'create temporary table tenants (id int)', "create function pg_temp.tenantry_probe() returns int language sql as 'select 1'",
  ]),
  powerless('server-files', 'Read files or run programs on the server', 'The files of the server hold every database', () => [
    "copy (select 1) to program 'true'", "copy (select 1) to '/tmp/tenantry_probe'", "select pg_read_file('PG_VERSION')", "select pg_ls_dir('.')", "select lo_import('/etc/hostname')",
  ], 'Revoke membership in pg_read_server_files, pg_write_server_files and pg_execute_server_program, and EXECUTE on the functions.'),
  powerless('change-roles', 'Create a role or change one', 'A role of one’s own could have any privilege', ({ role }) => [
    'create role tenantry_probe', `alter role ${ident(role.grantee)} bypassrls`, `alter role ${ident(role.grantee)} superuser`, `alter role ${ident(role.grantee)} createrole`,
  ], 'Take CREATEROLE and SUPERUSER away from the role.'),
  powerless('change-server', 'Change settings of the server, or of replication', 'Settings switch triggers and checks off for everybody', ({ database }) => [
    "set local session_replication_role = replica", 'set local lo_compat_privileges = on', "set local log_statement = 'none'", `alter database ${ident(database.name)} set row_security = off`, 'load \'auto_explain\'',
  ], 'Revoke what was granted ON PARAMETER, and the ownership of the database.'),
  powerless('change-catalog', 'Write the system catalog', 'Row-level security is a flag in a catalog table', () => ['update pg_catalog.pg_class set relrowsecurity = false where false', 'delete from pg_catalog.pg_policy where false']),
  powerless('open-connections', 'Make a foreign server or a publication', 'They carry rows out of the database, or connect as somebody else', () => [
    'create foreign data wrapper tenantry_probe', 'create publication tenantry_probe',
  ]),
  powerless('read-passwords', 'Read the passwords of roles', 'With a verifier one can log in as somebody else', () => ['select 1 from pg_catalog.pg_authid limit 1', 'select 1 from pg_catalog.pg_user_mapping limit 1', 'select subconninfo from pg_catalog.pg_subscription limit 1']),
  powerless('library-tables', 'Read or write the registry and the ledger', 'The registry holds every tenant’s name and place, and decides who is served', ({ role: { declaration } }) => LIBRARY_TABLES.flatMap(({ name }) => {
    const table = qualified(LIBRARY_SCHEMA, name);
    return [...(kindOf(declaration) === 'backup' && !SECRET_TABLES.has(name) ? [] : [`select 1 from ${table} limit 1`]), `insert into ${table} default values`, `delete from ${table} where false`, `update ${table} set ${ident(LIBRARY_TABLES.find((t) => t.name === name)?.columns[0]?.name ?? '')} = default where false`];
  })),
  roleStatement({
    id: 'library-functions', title: 'Call the library’s functions as a group role', why: 'They set the tenant, and say where tenants are; only a login may call them, before it takes on a role', denial: REFUSED,
    sql: () => [`select 1 from ${LIBRARY_SCHEMA}.placement('tenantry-probe')`, `call ${LIBRARY_SCHEMA}.enter('tenantry-probe', 0)`],
    controls: async (session, { database }) => {
      const rows = await session.ask<{ there: boolean }>({ sql: `select count(*) > 0 as there from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = $1 and p.proname in ('enter', 'placement')`, values: [LIBRARY_SCHEMA] });
      return [{ text: 'the functions are there', held: rows[0]?.there === true || database.connectors.length === 0 }];
    },
    breach: ({ role }) => ({ reason: `The role ${role.grantee} may call functions of the schema ${LIBRARY_SCHEMA}.`, remedy: APPLY }),
  }),
  roleStatement({
    id: 'become-somebody', title: 'Become the superuser with SET SESSION AUTHORIZATION', why: 'It changes who the session is, not only as whom it acts', denial: REFUSED,
    inapplicable: ({ server }) => (server.plan.capabilities.loginIsSuperuser ? 'the bootstrap login is a superuser, who may do this in any role; see role-paths for the logins of applications' : undefined),
    sql: ({ place, server }) => [`set local session authorization ${ident(place.owner)}`, `set local session authorization ${ident([...server.roles.values()].find(({ superuser }) => superuser)?.name ?? place.owner)}`],
    breach: ({ role }) => ({ reason: `A session of ${role.grantee} can change who it is.`, remedy: 'Take SUPERUSER away from the login.' }),
  }),
  roleStatement({
    id: 'large-object-content', title: 'Read another’s large object', why: 'Large objects have no row-level security', denial: { sqlstates: ['42501'] },
    // Made and given away in the same message, and gone with the savepoint.
    sql: ({ place, role }) => [`set local role ${ident(place.maintainer)}; select lo_from_bytea(${LARGE_OBJECT}::oid, 'x'); set local role ${ident(role.grantee)}; select 1 where lo_get(${LARGE_OBJECT}::oid) is not null`],
    breach: ({ role }) => ({ reason: `The role ${role.grantee} reads large objects of others: lo_compat_privileges is on, or the role has too much power.`, remedy: 'Set lo_compat_privileges to off.' }),
  }),
];
