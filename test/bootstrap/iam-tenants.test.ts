import { beforeAll, expect, it } from 'vitest';
import { addTenant, moveTenant, offboardTenant, suspendTenant } from '../../lib/bootstrap';
import { connectTenants, type Credentials, trust } from '../../lib/client';
import type { SchemaInput } from '../../lib/declaration';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, expectNothingToDo, linesOf, manifestOf, refusalOf } from './support/platform';

const declaration = {
  name: 'desk', tenantContext: 'role',
  tables: { notes: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, text: { type: 'text' } }, primaryKey: ['id'] } },
  roles: { app: { login: 'iam', tables: { notes: 'write' } }, reader: { login: 'iam', tables: { notes: 'read' } }, job: { tables: { notes: 'read' } } },
} as const satisfies SchemaInput;
const loaded = manifestOf(declaration, { tenants: { acme: { isolation: 'row' } } });
const LATE = { late: 'row', 'late-s': 'schema', 'late-d': 'database' } as const;

describeNewest('tenants that sign up, where each has IAM logins of its own', (major) => {
  let server: TestServer;
  const options = () => ({ access: accessTo(server, { method: 'iam' }), loaded });
  const ask = (sql: string) => server.runAsSuperuser(sql);
  const inIam = async (): Promise<unknown[]> => (await ask("select m.member::regrole::text as name from pg_auth_members m where roleid = 'rds_iam'::regrole and m.member <> 'tenantry_bootstrap'::regrole order by 1")).map(({ name }) => name);
  const loginsOf = (key: string): string[] => ['app', 'reader'].map((role) => `desk_${role}__${key.replace('-', '_')}_login`);
  const sorted = (names: readonly string[]): string[] => [...names].sort();

  beforeAll(async () => {
    server = await startTestServer({ major });
    await ask(`create role rds_iam; ${major >= 16 ? 'grant rds_iam to tenantry_bootstrap with admin option' : ''}`);
    await applyTo(server, loaded, options());
  });

  it('get a login for each role that logs in, which IAM lets in, with the sign-up itself', async () => {
    for (const [key, isolation] of Object.entries(LATE)) {
      const { changes, refusals } = await addTenant(options(), { key, isolation });
      expect(linesOf(refusals), key).toEqual([]);
      for (const login of loginsOf(key)) expect(linesOf(changes), key).toContain(`server: make ${login} a member of rds_iam`);
    }
    expect(await inIam()).toEqual(sorted(['acme', ...Object.keys(LATE)].flatMap(loginsOf)));
    expect(await ask("select count(*)::int as n from pg_authid where rolpassword is not null and rolname like 'desk%'")).toEqual([{ n: 0 }]);
    await expectNothingToDo(server, loaded);
  });

  it('are served through their own login, and no other one is asked for', async () => {
    const asked = new Set<string>();
    const credentials: Credentials = (request) => { asked.add(request.user); return trust(server)(request); };
    for (const role of ['app', 'reader']) {
      const tenants = connectTenants(loaded.manifest, { credentials, role });
      for (const key of Object.keys(LATE)) {
        const seen = await tenants.with(key, async (db) => {
          if (role === 'app') await db.query('insert into notes (text) values ($1)', [`of ${key}`]);
          return (await db.query('select session_user::text as login, (select string_agg(text, $1) from notes) as texts', [','])).rows;
        });
        expect(seen).toEqual([{ login: loginsOf(key)[role === 'app' ? 0 : 1], texts: `of ${key}` }]);
      }
      await tenants.end();
    }
    expect(sorted([...asked])).toEqual(sorted(Object.keys(LATE).flatMap(loginsOf)));
  });

  it('keep their logins when they are moved, are kept out while suspended, and lose them for good', async () => {
    await moveTenant(options(), 'late', 'schema');
    await suspendTenant(options(), 'late-s');
    const tenants = connectTenants(loaded.manifest, { credentials: trust(server), role: 'app' });
    expect(await tenants.with('late', async (db) => (await db.query('select text from notes')).rows)).toEqual([{ text: 'of late' }]);
    expect((await refusalOf(tenants.with('late-s', () => Promise.resolve()))).codes).toEqual(['client/inactive-tenant']);
    await tenants.end();
    for (const key of Object.keys(LATE)) await offboardTenant({ ...options(), confirm: key, archive: false }, key);
    expect(await inIam()).toEqual(loginsOf('acme'));
    expect(await ask("select rolname from pg_roles where rolname like '%late%'")).toEqual([]);
    await expectNothingToDo(server, loaded);
  });
});
