import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Client } from 'pg';
import { beforeAll, expect, it } from 'vitest';
import { verify } from '../../lib/bootstrap';
import { describeServers, startTestServer, type TestServer } from '../support/postgres';
import { deskInput, deskPlaces, deskTenants } from './support/desk';
import { accessTo, applyTo, expectNothingToDo, linesOf, manifestOf, planOf, sqlstateOf } from './support/platform';

const PG_DUMP = '/usr/lib/postgresql/15/bin/pg_dump';
const loaded = manifestOf(deskInput, { tenants: deskTenants });

describeServers('kinds of roles and their settings', (major) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ major });
    await applyTo(server, loaded);
    for (const [tenant, [database, schema]] of Object.entries(deskPlaces)) {
      const admin = await server.admin(database);
      await admin.query(`insert into ${schema}.notes (tenant_id, body) select id, $1 from tenantry.tenants where key = $2`, [`note of ${tenant}`, tenant]);
      await admin.end();
    }
    await ask("insert into desk.flags values ('beta')");
  });

  const ask = (sql: string, database = 'desk') => server.runAsSuperuser(sql, database);
  const as = async <T>(user: string, database: string, use: (client: Client) => Promise<T>): Promise<T> => {
    const client = await server.connect({ user, database });
    return use(client).finally(() => client.end());
  };

  it('converge, and every place is isolated', async () => {
    await expectNothingToDo(server, loaded);
    const { outcome, results } = await verify({ access: accessTo(server), loaded });
    expect({ outcome, not: results.filter(({ verdict }) => verdict === 'unknown' || verdict === 'breached') }).toEqual({ outcome: 'isolated', not: [] });
  });

  it('a migrator takes on the owner and the maintainer in each database, and has no right of its own', async () => {
    for (const [database, schema] of Object.values(deskPlaces)) {
      await as('desk_deploy_login', database, async (client) => {
        expect(await sqlstateOf(client.query(`select from ${schema}.notes`))).toBe('42501');
        expect(await sqlstateOf(client.query(`create table ${schema}.extra ()`))).toBe('42501');
        await client.query('set role desk_owner');
        await client.query(`create table ${schema}.extra (); drop table ${schema}.extra`);
        expect((await client.query(`select from ${schema}.notes`)).rowCount, 'the owner is blind').toBe(0);
        await client.query('set role desk_maintainer');
        expect((await client.query(`select from ${schema}.notes`)).rowCount).toBe(1);
        await client.query('reset role');
        expect(await sqlstateOf(client.query('set role desk_app'))).toBe('42501');
      });
    }
    expect(await ask("select rolname from pg_roles where rolname like 'desk_deploy%'")).toEqual([{ rolname: 'desk_deploy_login' }]);
  });

  it('a backup role reads every row and writes none', async () => {
    for (const [database, schema] of Object.values(deskPlaces)) {
      await as('desk_dump_login', database, async (client) => {
        await client.query('set role desk_dump');
        expect((await client.query(`select from ${schema}.notes`)).rowCount).toBe(1);
        expect((await client.query('select from tenantry.tenants')).rowCount).toBe(database === 'desk' ? 3 : 1);
        for (const sql of [`insert into ${schema}.notes (tenant_id, body) values (gen_random_uuid(), 'x')`, `update ${schema}.notes set body = ''`, `delete from ${schema}.notes`, `truncate ${schema}.notes`, 'delete from tenantry.access_log', 'create temporary table x ()', 'set role desk_maintainer']) {
          expect([sql, await sqlstateOf(client.query(sql))]).toEqual([sql, '42501']);
        }
        expect(await sqlstateOf(client.query(`set row_security = off; select from ${schema}.notes`))).toBe('42501');
      });
    }
  });

  it.skipIf(major !== 15 || !existsSync(PG_DUMP))(`pg_dump as the backup role has the rows of all tenants, and fails without its switch${existsSync(PG_DUMP) ? (major === 15 ? '' : ' (skipped: pg_dump 15 reads no newer server)') : ' (skipped: pg_dump 15 is not installed)'}`, async () => {
    const dump = (database: string, ...options: string[]) => promisify(execFile)(PG_DUMP, ['-h', server.host, '-p', String(server.port), '-U', 'desk_dump_login', '--role', 'desk_dump', '--exclude-table', 'tenantry.context_keys', ...options, database]);
    const home = (await dump('desk', '--enable-row-security')).stdout;
    const own = (await dump('desk__initech', '--enable-row-security')).stdout;
    expect(['note of acme', 'note of globex', 'beta', 'de\n', 'initech'].filter((text) => !home.includes(text))).toEqual([]);
    expect(own).toContain('note of initech');
    await expect(dump('desk')).rejects.toThrow(/query would be affected by row-level security policy for table "notes"/);
  });

  it('gives the declared settings to the logins alone, in force from their next session on', async () => {
    const shown = (user: string, database: string, name: string) => as(user, database, async (client) => (await client.query(`show ${name}`)).rows[0][name] as string);
    expect(await shown('desk_app_login', 'desk', 'statement_timeout')).toBe('30s');
    expect(await shown('desk_app__initech_login', 'desk__initech', 'default_transaction_isolation')).toBe('repeatable read');
    expect(await shown('desk_deploy_login', 'desk', 'work_mem')).toBe('64MB');
    expect(await shown('desk_dump_login', 'desk', 'lock_timeout')).toBe('0');
    expect((await ask("select setrole::regrole::text as role from pg_db_role_setting order by 1")).map(({ role }) => role)).toEqual(['desk_app__initech_login', 'desk_app_login', 'desk_deploy_login']);
  });

  const byHand: readonly (readonly [title: string, sql: string, plan: readonly string[]])[] = [
    ['another value', "alter role desk_app_login set statement_timeout = '1h'", ['server: role desk_app_login sets statement_timeout to 30s']],
    ['a setting that is gone', 'alter role desk_deploy_login reset work_mem', ['server: role desk_deploy_login sets work_mem to 64MB']],
    ['the same value, written in another way', "alter role desk_deploy_login set idle_in_transaction_session_timeout = '600000'", []],
    ['a value in one database, which would win', "alter role desk_app_login in database desk set statement_timeout = '1h'", ['server: role desk_app_login in desk no longer sets statement_timeout']],
    ['a login of the backup that may write', 'grant insert on desk.notes to desk_dump', ['desk.desk: desk_dump may no longer INSERT on notes']],
    ['a table that the backup cannot read', 'revoke select on tenantry.tenants from desk_dump', ['desk.tenantry: desk_dump may SELECT on tenants']],
    ['a policy of the backup that is gone', 'drop policy tenantry_backup on desk__globex.notes', ['desk.desk__globex: create policy tenantry_backup on notes']],
    ['a policy of the backup that lets it write', 'drop policy tenantry_backup on desk.notes; create policy tenantry_backup on desk.notes to desk_dump using (true)', ['desk.desk: replace policy tenantry_backup on notes']],
    ['a policy of the support roles that opens', 'alter policy tenantry_support on desk.notes using (true)', ['desk.desk: alter policy tenantry_support on notes']],
    ['a function that support roles rest on', "create or replace function tenantry.support_tenant(place_schema text) returns uuid language sql stable security definer set search_path = pg_catalog, pg_temp as 'select gen_random_uuid()'", ['desk.tenantry: replace function support_tenant']],
    ['a migrator that inherits', 'alter role desk_deploy_login inherit', ['server: alter role desk_deploy_login NOINHERIT']],
    ['a migrator that lost the owner', 'set role tenantry_bootstrap; revoke desk_owner from desk_deploy_login', ['server: make desk_deploy_login a member of desk_owner']],
    ['a migrator that lost CONNECT', 'revoke connect on database desk__initech from desk_deploy_login', ['server: desk_deploy_login may CONNECT on database desk__initech']],
  ];

  it('finds each change that was made by hand by its name, and mends it', async () => {
    for (const [, sql] of byHand) await ask(sql);
    const sorted = (lines: readonly string[]): string[] => [...lines].sort((a, b) => a.localeCompare(b));
    expect(sorted(linesOf((await planOf(server, loaded)).differences))).toEqual(sorted(byHand.flatMap(([, , plan]) => plan)));
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it('refuses a setting that the login may not give, with the statement, until a superuser allows it', async () => {
    const wanting = manifestOf({ ...deskInput, roles: { ...deskInput.roles, app: { ...deskInput.roles.app, settings: { ...deskInput.roles.app.settings, tempFileLimit: '1GB', transactionTimeout: '1min' } } } }, { tenants: deskTenants });
    const logins = ['desk_app_login', 'desk_app__initech_login'];
    const refused = logins.map((login) => `refused setting/not-ours-to-set server: role ${login} is to set temp_file_limit to 1GB, which tenantry_bootstrap may not do for want of SET on the parameter`);
    const unknown = logins.map((login) => `refused setting/version server: role ${login} is to set transaction_timeout, which PostgreSQL knows from version 17 on`);
    const lines = linesOf((await planOf(server, wanting)).differences);
    expect(lines.filter((line) => line.includes('temp_file_limit'))).toEqual(refused);
    expect(lines.filter((line) => line.includes('transaction_timeout'))).toEqual(major < 17 ? unknown : logins.map((login) => `server: role ${login} sets transaction_timeout to 1min`));
    await ask('grant set on parameter temp_file_limit to tenantry_bootstrap');
    await applyTo(server, wanting);
    expect(linesOf((await planOf(server, wanting)).differences)).toEqual(major < 17 ? unknown : []);
    expect(await as('desk_app_login', 'desk', async (client) => (await client.query('show temp_file_limit')).rows)).toEqual([{ temp_file_limit: '1GB' }]);
  });
});
