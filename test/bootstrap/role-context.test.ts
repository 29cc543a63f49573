import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { addTenant, passwordFile, resumeTenant, suspendTenant } from '../../lib/bootstrap';
import { connectTenants, type Tenants, trust } from '../../lib/client';
import type { SchemaInput } from '../../lib/declaration';
import { freshFolder } from '../support/fresh-folder';
import { describeServers, startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, linesOf, manifestOf, planOf, refusalOf } from './support/platform';

const TENANTS = { acme: { isolation: 'row' }, 'bolt-eu': { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database' } } as const;
const ALL = [...Object.keys(TENANTS), 'late', 'later'];
const declaration = {
  name: 'desk', tenantContext: 'role',
  tables: {
    notes: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, text: { type: 'text' } }, primaryKey: ['id'] },
    kinds: { tenancy: 'reference', columns: { name: { type: 'text' } }, primaryKey: ['name'], rows: [{ name: 'letter' }] },
  },
  roles: { app: { login: 'password', tables: { notes: 'write', kinds: 'read' } }, auditor: { scope: 'all', login: 'password', tables: { notes: 'read' } } },
} as const satisfies SchemaInput;
const loaded = manifestOf(declaration, { tenants: TENANTS });

describeServers('a role for each tenant', (major) => {
  let server: TestServer;
  let tenants: Tenants;
  const file = join(freshFolder('roles'), 'passwords.json');
  const passwords = passwordFile(file);
  const ids = new Map<string, string>();

  const pending = async (of = loaded) => linesOf((await planOf(server, of, { passwords })).differences);
  const connect = (): Tenants => connectTenants(loaded.manifest, { credentials: trust(server), maxConnections: 2 });
  const texts = (tenant: string) => tenants.with(tenant, async (db) => (await db.query<{ text: string }>('select text from notes')).rows.map(({ text }) => text));
  const superuser = <T extends object>(sql: string, database = 'desk') => server.runAsSuperuser<T>(sql, database);
  /** What a program with the login of a tenant gets from statements, the last of which reads: rows, or the SQLSTATE. */
  const as = async (tenant: string, statements: readonly string[], database = 'desk'): Promise<unknown> => {
    const login = await server.connect({ user: `desk_app__${tenant}_login`, database });
    try {
      let rows: unknown[] = [];
      await login.query('begin');
      for (const sql of statements) rows = (await login.query<object>(sql)).rows.map((row) => Object.values(row).join());
      return rows;
    } catch (error) {
      return (error as { code?: string }).code;
    } finally {
      await login.end();
    }
  };
  const read = 'select text from desk.notes';

  beforeAll(async () => {
    server = await startTestServer({ major });
    await applyTo(server, loaded, { passwords });
    await addTenant({ access: accessTo(server), loaded, passwords }, { key: 'late', isolation: 'row' });
    await addTenant({ access: accessTo(server), loaded, passwords }, { key: 'later', isolation: 'schema' });
    for (const row of await superuser<{ key: string; id: string }>('select key, id from tenantry.tenants')) ids.set(row.key, row.id);
    tenants = connect();
    for (const tenant of ALL) await tenants.with(tenant, (db) => db.query('insert into notes (text) values ($1)', [`of ${tenant}`]));
    return () => tenants.end();
  }, 60_000);

  it('shows each tenant its own rows, in every isolation, also those that were added later', async () => {
    for (const tenant of ALL) expect(await texts(tenant), tenant).toEqual([`of ${tenant}`]);
    expect(await tenants.with('acme', async (db) => (await db.query('select name from kinds')).rows)).toEqual([{ name: 'letter' }]);
    expect(await pending()).toEqual([]);
    expect(linesOf((await applyTo(server, loaded, { passwords })).changes)).toEqual([]);
  });

  it('has a login of each tenant and none that several share', async () => {
    const logins = (await superuser<{ name: string }>("select rolname as name from pg_roles where rolcanlogin and rolname like 'desk%' order by 1")).map(({ name }) => name);
    expect(logins).toEqual([...ALL.map((tenant) => `desk_app__${tenant.replace('-', '_')}_login`), 'desk_auditor_login'].sort());
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8'))).sort()).toEqual(logins);
  });

  it('takes the tenant from the role and from no setting, so that a login cannot become another tenant', async () => {
    const mine = 'set local role desk_app__acme';
    const theirs = `select set_config('tenantry.tenant_id', '${ids.get('bolt-eu')}', true)`;
    expect(await as('acme', [mine, read]), 'the control').toEqual(['of acme']);
    expect(await as('bolt_eu', ['set local role desk_app__bolt_eu', read]), 'a hyphen in the key').toEqual(['of bolt-eu']);
    expect(await as('acme', [mine, theirs, read])).toEqual(['of acme']);
    expect(await as('acme', ["call tenantry.enter('bolt-eu', 1)"]), 'neither its lock nor its tier').toBe('TN001');
    expect(await as('acme', ["select key from (select 'acme' as key, p.* from tenantry.placement('acme') p union all select 'bolt', p.* from tenantry.placement('bolt-eu') p) all_of_them"]), 'where another tenant is').toEqual(['acme']);
    expect(await as('acme', [mine, 'reset role', 'set local role desk_app__bolt_eu', read])).toBe('42501');
    expect(await as('acme', ['set local role desk_app__globex', 'select text from desk__globex.notes'])).toBe('42501');
    expect(await as('acme', [theirs, ...(major >= 16 ? [] : ['set local role desk_app']), read]), 'without a tenant').toEqual(major >= 16 ? '42501' : []);
    expect(await as('acme', ["select tenantry.tenant_of('desk_app__bolt_eu')"])).toEqual(['']);
    expect(await as('acme', [mine, "select tenantry.tenant_of('desk_app__acme')"])).toBe('42501');
    expect(await as('acme', [mine, `insert into desk.notes (tenant_id, text) values ('${ids.get('bolt-eu')}', 'planted')`])).toBe('42501');
  });

  it("keeps every tenant's policies when the login of one of them drops what its roles own, which would take them out of all policies", async () => {
    const policies = () => superuser("select polrelid::regclass::text as table, polname, array(select r::regrole::text from unnest(polroles) r order by 1) as roles from pg_policy order by 1, 2");
    const before = await policies();
    for (const [tenant, role] of [['acme', 'desk_app'], ['late', 'desk_app__late, desk_app'], ['late', 'desk_app cascade']] as const) expect([role, await as(tenant, [`set role desk_app__${tenant}`, `drop owned by ${role}`])]).toEqual([role, '42501']);
    const auditor = await server.connect({ user: 'desk_auditor_login', database: 'desk' });
    await expect(auditor.query('set role desk_auditor; drop owned by desk_auditor')).rejects.toMatchObject({ code: '42501' });
    await auditor.end();
    expect(await as('initech', ['set role desk_app__initech', 'drop owned by desk_app__initech'], 'desk__initech')).toBe('42501');
    expect(await policies()).toEqual(before);
    expect(await pending()).toEqual([]);
  });

  it('is found in the registry by an index', async () => {
    const admin = await server.admin('desk');
    await admin.query("set enable_seqscan = off; begin; select tenantry.tenant_of('desk_app__acme')");
    expect((await admin.query("select pg_stat_get_xact_numscans('tenantry.tenants_key_key'::regclass)::int as scans")).rows).toEqual([{ scans: 1 }]);
    await admin.end();
  });

  it('keeps the logins of a suspended tenant out, whatever its isolation', async () => {
    const suspended = ['acme', 'globex', 'initech'];
    const fresh = connect();
    try {
      for (const tenant of suspended) {
        expect((await suspendTenant({ access: accessTo(server), loaded }, tenant)).logins).toEqual([`desk_app__${tenant}_login`]);
        expect((await refusalOf(fresh.with(tenant, () => Promise.resolve()))).codes, tenant).toEqual(['client/inactive-tenant']);
      }
    } finally {
      await fresh.end();
    }
    expect(await pending()).toEqual([]);
    for (const tenant of suspended) await resumeTenant({ access: accessTo(server), loaded }, tenant);
    expect(await pending()).toEqual([]);
  });

  it('needs a place for the passwords of a tenant that signs up, and gives no login away that another tenant has', async () => {
    const refused = (await addTenant({ access: accessTo(server), loaded }, { key: 'homeless', isolation: 'row' })).refusals;
    expect(refused.map(({ code, summary }) => `${code} ${summary.split(':')[0]}`)).toEqual(['password/no-store desk_app__homeless_login has no password']);
    const bootstrap = await server.connect();
    await bootstrap.query('grant desk_app__acme to desk_app__homeless_login');
    await bootstrap.end();
    expect(await pending()).toContain('server: desk_app__homeless_login is no longer a member of desk_app__acme');
    await applyTo(server, loaded, { passwords });
    expect(await pending()).toEqual([]);
    expect(await as('homeless', ['set local role desk_app__acme'])).toBe('42501');
  });

  it('is switched to from a shared login, which loses all that it had', async () => {
    const plain = manifestOf({ ...declaration, name: 'old', tenantContext: 'plain' }, { tenants: TENANTS });
    const own = manifestOf({ ...declaration, name: 'old' }, { tenants: TENANTS });
    await applyTo(server, plain, { passwords });
    const shared = connectTenants(plain.manifest, { credentials: trust(server) });
    for (const tenant of Object.keys(TENANTS)) await shared.with(tenant, (db) => db.query('insert into notes (text) values ($1)', [`of ${tenant}`]));
    const lines = linesOf((await applyTo(server, own, { passwords })).changes);
    expect(lines).toEqual(expect.arrayContaining(['server: old_app_login is no longer a member of old_app', 'server: old_app_login may no longer CONNECT on database old', 'old.old: alter policy tenantry_floor on notes', 'old__initech.old: alter policy tenantry_floor on notes']));
    for (const tenant of ['acme', 'globex']) await expect(shared.with(tenant, (db) => db.query('select 1 from notes'))).rejects.toThrow();
    await shared.end();
    const each = connectTenants(own.manifest, { credentials: trust(server) });
    for (const tenant of Object.keys(TENANTS)) expect(await each.with(tenant, async (db) => (await db.query('select text from notes')).rows), tenant).toEqual([{ text: `of ${tenant}` }]);
    await each.end();
    expect(await pending(own)).toEqual(['finding role/undeclared server: role old_app_login carries our mark but is not declared; it holds no privilege on declared objects']);
  });
});
