import { beforeAll, expect, it } from 'vitest';
import { addTenant, grantAccess, verify } from '../../lib/bootstrap';
import type { SchemaInput } from '../../lib/declaration';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { deskInput, deskPlaces, deskTenants } from './support/desk';
import { accessTo, aboutContent, applyTo, forgetful, linesOf, manifestOf, planOf, refusalOf, sqlstateOf } from './support/platform';

const id = { type: 'uuid', default: 'gen_random_uuid()' } as const;
const text = { type: 'text' } as const;

/** The help desk as it was, with more tables, roles and settings. */
const before = manifestOf({
  ...deskInput,
  externalGrants: ['reporting'],
  tables: {
    ...deskInput.tables,
    letters: { tenancy: 'tenant', columns: { id, body: text, secret: text }, primaryKey: ['id'] },
    codes: { tenancy: 'reference', columns: { code: text }, primaryKey: ['code'], rows: [{ code: 'x' }] },
    notices: { tenancy: 'shared', columns: { name: text }, primaryKey: ['name'] },
  },
  roles: {
    ...deskInput.roles,
    app: { ...deskInput.roles.app, tables: { ...deskInput.roles.app.tables, letters: 'write', codes: 'read' } },
    auditor: { scope: 'all', tables: { notes: 'read', letters: { select: ['id', 'body'] }, notices: 'read' } },
    helpdesk: { kind: 'support', tables: { notes: 'read', countries: 'read', letters: 'read' } },
    clerk: { login: 'password', tables: { notes: 'read', letters: 'read' } },
    visitor: { kind: 'support', tables: { notes: 'read' } },
  },
  views: { bodies: { query: 'select id, body from notes', read: ['app'] } },
  tiers: { standard: { statementTimeout: '20s', workMem: '8MB' } },
} satisfies SchemaInput, { tenants: deskTenants });

const { settings: _settings, ...app } = deskInput.roles.app;
const { settings: _of, ...deploy } = deskInput.roles.deploy;
const after = manifestOf({ ...deskInput, externalGrants: ['reporting'], roles: { ...deskInput.roles, app, deploy }, tiers: { standard: { workMem: '8MB' } } } satisfies SchemaInput, { tenants: deskTenants });

/** One story: each step stands on the one before. */
describeNewest('what is taken out of the declaration [DBAAS-5.2]', (major) => {
  let server: TestServer;
  const ask = (sql: string, database = 'desk') => server.runAsSuperuser(sql, database);
  const count = async (sql: string, database = 'desk'): Promise<unknown> => (await ask(`select count(*)::int as n from ${sql}`, database))[0]?.['n'];

  beforeAll(async () => {
    server = await startTestServer({ major });
    await ask('create role reporting; create role anna login noinherit', 'postgres');
    await applyTo(server, before);
    await addTenant({ access: accessTo(server), loaded: before, passwords: forgetful }, { key: 'hooli', isolation: 'schema' });
    await grantAccess({ access: accessTo(server), loaded: before }, { member: 'anna', role: 'visitor', for: '1h', reason: 'ticket 7' });
    for (const [tenant, [database, schema]] of Object.entries(deskPlaces)) {
      await ask(`insert into ${schema}.letters (tenant_id, body, secret) select id, 'x', 'y' from tenantry.tenants where key = '${tenant}'`, database);
    }
    await ask(`grant select on desk.letters to reporting; grant usage on schema desk to reporting; create view public.of_bodies with (security_invoker = true) as select * from desk.bodies`);
    expect(linesOf((await planOf(server, before)).differences)).toEqual([]);
  });

  it('is planned as a change of the declaration, named by role and object in every place', async () => {
    const { differences, drifted } = await planOf(server, after);
    expect(drifted, 'nobody changed anything by hand').toBe(false);
    const lines = linesOf(differences);
    const lettersOf = (place: string, tenant = '') => [
      `${place}: desk_app${tenant} may no longer INSERT, SELECT, UPDATE, DELETE on table letters`, `${place}: desk_clerk${tenant} may no longer SELECT on table letters`, `${place}: desk_helpdesk may no longer SELECT on table letters`,
      ...['tenant_id', 'id', 'body'].map((column) => `${place}: desk_auditor may no longer SELECT on table letters.${column}`),
    ];
    expect(lines.filter((line) => line.includes('letters') && !line.startsWith('finding')).sort()).toEqual([
      ...lettersOf('desk.desk'), ...lettersOf('desk.desk__globex', '__globex'), ...lettersOf('desk.desk__hooli', '__hooli'), ...lettersOf('desk__initech.desk', '__initech'),
    ].sort());
    expect(lines).toEqual(expect.arrayContaining([
      'desk.desk: desk_app_reference may no longer SELECT on table codes', 'desk__initech.desk: desk_app__initech may no longer SELECT on table codes', 'desk.desk: desk_auditor may no longer SELECT on table notices',
      'desk.desk: desk_app may no longer SELECT on view bodies', 'server: alter role desk_clerk_login NOLOGIN', 'server: alter role desk_clerk__initech_login NOLOGIN',
      'server: desk_clerk_login is no longer a member of desk_clerk', 'server: anna is no longer a member of desk_visitor',
    ]));
    expect(lines.filter((line) => line.includes(' no longer sets ')).sort()).toEqual([
      ...['desk_app__initech_login', 'desk_app_login'].map((login) => `server: role ${login} no longer sets default_transaction_isolation`), ...['desk_app__initech_login', 'desk_app_login', 'desk_clerk__initech_login'].map((login) => `server: role ${login} no longer sets statement_timeout`),
      ...['idle_in_transaction_session_timeout', 'lock_timeout', 'work_mem'].map((name) => `server: role desk_deploy_login no longer sets ${name}`),
    ].filter((line) => !line.includes('desk_clerk')).sort());
  });

  it('leaves rows, policies and what others hold, and nobody of ours gets at it; a second apply has nothing to do', async () => {
    await ask("alter role desk_app_login set timezone = 'Europe/Berlin'; create view desk.asking with (security_invoker = true) as select body from desk.notes; alter view desk.asking owner to desk_owner; grant select on desk.asking to desk_app");
    await applyTo(server, after);
    const rest = linesOf((await planOf(server, after)).differences);
    expect(rest.filter((line) => !line.startsWith('finding'))).toEqual(['refused view/not-dropped desk.desk: view bodies is not declared any more, but view public.of_bodies would be lost with it']);
    expect(await ask("select has_table_privilege('desk_app', 'desk.asking', 'select') as may"), 'a view that asks with the rights of the reader shows nothing more').toEqual([{ may: true }]);
    expect(rest, 'somebody else set it').toContain('finding setting/undeclared server: role desk_app_login sets TimeZone, which is not declared');
    for (const [tenant, [database, schema]] of Object.entries(deskPlaces)) {
      expect(await count(`${schema}.letters`, database), tenant).toBe(1);
      expect(await ask(`select relrowsecurity and relforcerowsecurity as forced, (select count(*)::int from pg_policy where polrelid = c.oid) > 2 as policies from pg_class c where oid = '${schema}.letters'::regclass`, database)).toEqual([{ forced: true, policies: true }]);
      expect(await ask(`select distinct r.rolname::text as role from pg_class c, aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee where c.oid = '${schema}.letters'::regclass and a.grantee <> c.relowner
        union select r.rolname::text from pg_attribute t, aclexplode(t.attacl) a join pg_roles r on r.oid = a.grantee where t.attrelid = '${schema}.letters'::regclass order by 1`, database)).toEqual([...(tenant === 'acme' ? [{ role: 'reporting' }] : []), { role: 'desk_dump' }].sort((a, b) => a.role.localeCompare(b.role)));
    }
    await expect(server.connect({ user: 'desk_clerk_login', database: 'postgres' })).rejects.toMatchObject({ code: '28000' });
    expect(await ask("select from pg_auth_members where pg_get_userbyid(roleid) like 'desk_clerk%' and pg_get_userbyid(member) <> 'tenantry_bootstrap'")).toEqual([]);
    expect(await ask("select setconfig from pg_db_role_setting s join pg_roles r on r.oid = s.setrole where rolname like 'desk%' and rolname not like 'desk_clerk%' order by rolname")).toEqual([{ setconfig: ['work_mem=8192kB'] }, { setconfig: ['TimeZone=Europe/Berlin'] }]);
  });

  it('a tenant that signs up behind that has nothing of it either, and every place is isolated', async () => {
    await addTenant({ access: accessTo(server), loaded: after, passwords: forgetful }, { key: 'stark', isolation: 'schema' });
    await addTenant({ access: accessTo(server), loaded: after, passwords: forgetful }, { key: 'wayne', isolation: 'row' });
    await ask('drop view public.of_bodies; drop view desk.asking');
    await applyTo(server, after);
    expect(aboutContent((await planOf(server, after)).differences).filter(({ type }) => type !== 'finding')).toEqual([]);
    const { outcome, results } = await verify({ access: accessTo(server), loaded: after });
    expect({ outcome, not: results.filter(({ verdict }) => verdict === 'unknown' || verdict === 'breached') }).toEqual({ outcome: 'isolated', not: [] });
  });

  it('comes back with its rows when it is declared again', async () => {
    await applyTo(server, before, { allowOlder: true });
    expect(linesOf((await planOf(server, before)).differences).filter((line) => !line.startsWith('finding setting/undeclared'))).toEqual([]);
    const client = await server.connect({ user: 'desk_app_login', database: 'desk' });
    const [tenant] = await ask("select id from tenantry.tenants where key = 'acme'");
    await client.query(`begin; set local role desk_app; select set_config('tenantry.tenant_id', '${tenant?.['id']}', true)`);
    expect((await client.query('select body, secret from desk.letters')).rows).toEqual([{ body: 'x', secret: 'y' }]);
    await client.end();
    expect(await sqlstateOf(server.connect({ user: 'desk_clerk_login', database: 'desk' }).then((again) => again.end()))).toBe('accepted');
  });

  it('a column that a role was never to see is not given to it by taking the column out', async () => {
    const notes = deskInput.tables.notes;
    const withHint = (masked: boolean) => manifestOf({
      ...deskInput, externalGrants: ['reporting'],
      tables: { ...deskInput.tables, notes: masked ? { ...notes, columns: { ...notes.columns, hint: { type: 'text', nullable: true } } } : notes },
      roles: { ...deskInput.roles, reader: { tables: { notes: 'read' }, ...(masked ? { masked: ['notes.hint'] } : {}) } },
    } satisfies SchemaInput, { tenants: deskTenants });
    await applyTo(server, withHint(true), { allowOlder: true });
    const { codes, message } = await refusalOf(applyTo(server, withHint(false)));
    expect(codes).toEqual(['grant/unmasked']);
    expect(message).toContain('Column notes.hint was masked for role reader and is not declared any more, but it is still there');
    for (const [database, schema] of Object.values(deskPlaces)) await ask(`alter table ${schema}.notes drop column hint`, database);
    await ask('alter table desk__hooli.notes drop column hint; alter table desk__stark.notes drop column hint');
    await applyTo(server, withHint(false));
  });
});
