import { privilegesOf } from '../../../declaration/column-access';
import { type Attack, attack, type Expected, type RoleTarget } from '../attack';
import { type Acceptance, judge } from '../judge';
import { literal, qualified } from '../../sql/quote';
import { readable } from './context';
import { roleStatement } from './role-attack';

/** Several tenants use one database: of these things PostgreSQL keeps one a database, or one a server, and nothing can part them. */
const ofDatabase = ({ mode }: RoleTarget): string | undefined => (mode === 'database' ? 'the tenant has the database to itself' : undefined);

const shared = (id: string, title: string, why: string, sql: (t: RoleTarget) => string, risk: Acceptance, everywhere = false): Attack<'role'> => ({
  ...roleStatement({ id, title, why, denial: { empty: true, sqlstates: ['42501'] }, sql: (t) => [sql(t)], accepted: () => risk, breach: () => risk, ...(everywhere ? {} : { inapplicable: ofDatabase }) }),
  expected: (mode): Expected => (everywhere || mode !== 'database' ? { verdict: 'accepted', ...risk } : { verdict: 'denied' }),
});

const OWN_DATABASE = "Give tenants that must not share it isolation 'database'";

const ESTIMATES: Acceptance = {
  reason: 'EXPLAIN shows estimates that are made from the rows of all tenants of a table; PostgreSQL cannot hide them.', remedy: "Give tenants whose numbers must not be guessed isolation 'schema' or 'database'.",
};

const mayLock = ({ role }: RoleTarget, table: string): boolean => {
  const { w, d } = privilegesOf(role.declaration.tables[table] ?? {});
  return w !== undefined || d !== undefined;
};

/** What can be seen or held across tenants and is accepted, each with its reason and a remedy. */
export const sharedAttacks: readonly Attack<'role'>[] = [
  shared('catalog-names', 'Read the names of other tenants in the catalog', 'Schemas, databases and roles are called after tenants', () => "select 1 from pg_catalog.pg_roles union all select 1 from pg_catalog.pg_database limit 1", {
    reason: 'Names of databases, schemas and roles are visible to every role of the server, and tenants’ keys stand in them; so are the number of rows and the size of every table of the same database.',
    remedy: 'Use keys that say nothing about who the tenant is; the display name is only in the registry. Give tenants that must not be seen a server of their own.',
  }, true),
  shared('large-object-list', 'List the large objects', 'The list has no row-level security', () => 'select 1 where has_table_privilege(\'pg_catalog.pg_largeobject_metadata\', \'select\')', {
    reason: 'The list of large objects is visible to every role of a database; their content is not.', remedy: `Keep files outside of the database. ${OWN_DATABASE}.`,
  }),
  shared('large-object-create', 'Create a large object', 'It takes space that no table shows', () => 'select lo_create(0)', {
    reason: 'Every role may create large objects, and so fill the disk, until EXECUTE on lo_create is revoked from PUBLIC, which needs a superuser.', remedy: `As a superuser, in each database: revoke execute on function lo_create(oid), lo_creat(integer), lo_from_bytea(oid, bytea) from public. ${OWN_DATABASE}.`,
  }, true),
  shared('notify', 'Send and hear notifications', 'A channel is common to the whole database', () => 'listen tenantry_probe; notify tenantry_probe; select 1', {
    reason: 'NOTIFY and LISTEN ask no privilege: who knows the name of a channel hears what tenants send on it.', remedy: `Send ids and nothing else, or use a queue table. ${OWN_DATABASE}.`,
  }),
  shared('advisory-lock', 'Hold an advisory lock', 'Locks are common to the whole database', () => "select 1 where pg_try_advisory_xact_lock(hashtextextended('tenantry probe', 1))", {
    reason: 'Advisory locks ask no privilege: who knows a key can hold it, also the one that keeps two applies apart, and make others wait; and who takes very many uses up the memory for locks of the whole server.',
    remedy: `Let nobody wait for an advisory lock without a time limit. As a superuser, where no program needs them, in each database and in postgres: revoke EXECUTE on the pg_advisory_lock functions from PUBLIC, and grant it to the owner and the bootstrap login. ${OWN_DATABASE}.`,
  }),
  shared('activity', 'See the statements of others who use the same login', 'The text of a statement can hold values', () => 'select 1 from pg_catalog.pg_stat_activity limit 1', {
    reason: 'Sessions of one login see each other’s statements, after RESET ROLE, and can end each other: tenants that share a login can see what the others ask, and cut them off.', remedy: `Pass values as parameters, which are not shown. ${OWN_DATABASE}, where each has a login of its own.`,
  }),
  shared('lock-table', 'Lock the whole table', 'A lock stops the tenants that share it', (t) => {
    // By the catalog: to try it would stop everybody for a moment.
    const tables = t.place.tables.filter(({ name, tenancy }) => tenancy === 'tenant' && mayLock(t, name)).map(({ name }) => `${literal(qualified(t.place.schema, name))}::regclass`);
    return tables.length === 0 ? 'select 1 where false' : `select 1 from unnest(array[${tables.join(', ')}]) c(oid) where has_table_privilege(c.oid, 'update, delete') limit 1`;
  }, { reason: 'A role that may update a table may also lock it as a whole, and so stop the tenants that share it.', remedy: `Set lock_timeout and statement_timeout for the logins. ${OWN_DATABASE.replace('database', 'schema')}.` }),
  attack<'role'>({
    id: 'explain-estimates', title: 'Ask the planner for estimates', why: 'Estimates are made from the rows of all tenants', level: 'role',
    inapplicable: ({ mode }) => (mode === 'row' ? undefined : 'the tables hold one tenant’s rows'), expected: () => ({ verdict: 'accepted', ...ESTIMATES }),
    async run(session, t) {
      const table = readable(t);
      if (table === undefined) return [];
      const outcome = await session.attempt({ as: t.role.grantee, context: t.own, sql: `explain select from ${qualified(t.place.schema, table.name)}` });
      return [judge({ denial: { sqlstates: ['42501'] }, outcome, controls: [], accepted: ESTIMATES, breach: ESTIMATES, role: t.role.grantee })];
    },
  }),
];
