import { Client } from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { TENANT_LOCK_SPACE } from '../../lib/bootstrap/model/library';
import { drain } from '../../lib/bootstrap/tenants/drain';
import { connectTenants, type Tenants, trust } from '../../lib/client';
import { applyTo, linesOf, manifestOf, sqlstateOf } from '../bootstrap/support/platform';
import { describeServers, startTestServer, type TestServer } from '../support/postgres';

const original = Client.prototype.query;
const loaded = manifestOf({
  name: 'desk', tables: { notes: { tenancy: 'tenant', columns: { text: { type: 'text' } }, primaryKey: ['text'] } }, roles: { app: { login: 'iam', tables: { notes: 'write' } } },
}, { tenants: { acme: { isolation: 'row' }, bolt: { isolation: 'row' }, globex: { isolation: 'schema' } } });

/** What SQL that got into the transaction of acme can do, and what bolt would find in the same session behind it. */
const LEFT = [
  ['a role', "select set_config('role', 'desk_app', false)", 'select 1', [1]],
  ['row security off', 'set row_security = off', 'select count(*)::int from notes', [1]],
  ['read-only transactions', 'set session characteristics as transaction read only', "insert into notes values (default, 'more') on conflict do nothing returning 1", [1]],
  ['a time-out', 'set statement_timeout = 1', 'select pg_sleep(0.05) is not null', [true]],
  ['a setting that policies ask for', "select set_config('app.user_id', 'somebody', false)", "select coalesce(current_setting('app.user_id', true), '')", ['']],
  ['another way to read literals', 'set standard_conforming_strings = off', 'show standard_conforming_strings', ['on']],
  ['rows', 'declare kept cursor with hold for select text from notes', "select count(*)::int from pg_cursors where name = 'kept'", [0]],
  ['statements', "prepare kept as select 'of acme'", 'select count(*)::int from pg_prepared_statements', [0]],
  ['locks', 'select pg_advisory_lock(47)', "select count(*)::int from pg_locks where locktype = 'advisory' and objid = 47", [0]],
  ['an ear', 'listen kept', 'select count(*)::int from pg_listening_channels()', [0]],
] as const;

describeServers('a session that tenants use one after another', (major) => {
  let server: TestServer;
  let tenants: Tenants;
  /** Asks the registry where the tenant is before each transaction, in the same session. */
  let asking: Tenants;

  const one = (tenant: string, sql: string, by = tenants) => by.with(tenant, async (db) => Object.values((await db.query<Record<string, unknown>>(sql)).rows[0] ?? {}));

  beforeAll(async () => {
    server = await startTestServer({ major });
    await applyTo(server, loaded);
    tenants = connectTenants(loaded.manifest, { credentials: trust(server), maxConnections: 1, staleness: 600_000 });
    asking = connectTenants(loaded.manifest, { credentials: trust(server), maxConnections: 1, staleness: 0 });
    for (const tenant of ['acme', 'bolt', 'globex']) await one(tenant, `insert into notes (text) values ('of ${tenant}')`);
  });
  afterAll(() => Promise.all([tenants.end(), asking.end()]));

  it.each(LEFT)('keeps nothing for the next: %s', async (_what, leave, look, expected) => {
    for (const by of [tenants, asking]) {
      const pid = await one('bolt', 'select pg_backend_pid()', by);
      await one('acme', leave, by);
      expect(await one('bolt', look, by)).toEqual(expected);
      expect(await one('globex', 'select text from notes', by)).toEqual(['of globex']);
      expect(await one('bolt', 'select pg_backend_pid()', by), 'the control: it is the same session').toEqual(pid);
      await one('bolt', "delete from notes where text = 'more'", by);
      await one('acme', 'select pg_advisory_unlock_all()', by);
    }
  });

  it('runs nothing for a tenant as the one before left it, also where the first message of its transaction is cut off', async () => {
    await one('acme', `select set_config('role', 'desk_app', false), set_config('search_path', 'desk', false), set_config('tenantry.tenant_id', current_setting('tenantry.tenant_id'), false)`);
    const query = vi.spyOn(Client.prototype, 'query').mockImplementation(function (this: Client, ...args: unknown[]) {
      // What another session of the login brings about with pg_cancel_backend, at the worst moment.
      const cut = typeof args[0] === 'string' && args[0].includes('tenantry.enter') ? ['select 1 / 0'] : args;
      return (original as (...given: unknown[]) => unknown).apply(this, cut);
    });
    try {
      expect(await sqlstateOf(one('bolt', "insert into notes (text) values ('of bolt, where it does not belong')"))).toBe('22012');
    } finally {
      query.mockRestore();
    }
    expect(await server.runAsSuperuser("select text from desk.notes where text like '%not belong' union all select current_setting('is_superuser')", 'desk'), 'the control: who asks sees all').toEqual([{ text: 'on' }]);
  });

  it('commits as the transaction asked for', async () => {
    const query = vi.spyOn(Client.prototype, 'query').mockImplementation(function (this: Client, ...args: unknown[]) {
      const [text] = args;
      const asked = typeof text === 'string' && text.endsWith(';commit') && !text.includes('reset all') ? `${text.slice(0, -'commit'.length)}do $$ begin assert current_setting('synchronous_commit') = 'local'; end $$;commit` : text;
      return (original as (...given: unknown[]) => unknown).apply(this, [asked, ...args.slice(1)]);
    });
    try {
      await tenants.with('acme', (db) => db.query('set local synchronous_commit = local'));
      expect(query.mock.calls.filter(([text]) => typeof text === 'string' && text.endsWith(';commit'))).toHaveLength(1);
      await expect(tenants.with('acme', (db) => db.query('set local synchronous_commit = on')), 'the control').rejects.toMatchObject({ code: 'P0004' });
    } finally {
      query.mockRestore();
    }
  });

  it('commits nothing of a transaction whose last checks fail, and takes back what it set', async () => {
    const failed = tenants.with('acme', async (db) => {
      await db.query("select set_config('app.user_id', 'somebody', false)");
      await db.query('select 1 / 0').catch(() => undefined);
    });
    await expect(failed).rejects.toMatchObject({ code: 'client/rolled-back' });
    expect(await one('bolt', "select coalesce(current_setting('app.user_id', true), '')")).toEqual(['']);
  });

  it('takes one statement at a time, so that what gets into its text cannot end the transaction', async () => {
    expect(await sqlstateOf(one('acme', "select 1; commit; set role desk_app; select set_config('tenantry.tenant_id', 'x', false)"))).toBe('42601');
    expect(await sqlstateOf(one('acme', 'select $1'))).not.toBe('accepted');
  });

  it('is served also while somebody keeps the advisory lock of the tenant; a move waits for it all the same', async () => {
    const [bolt, mover]: Client[] = await Promise.all([server.connect({ user: 'desk_app_login', database: 'desk' }), server.connect({ database: 'desk' })]);
    await bolt?.query('select pg_advisory_lock($1, hashtext($2))', [TENANT_LOCK_SPACE, 'bolt']);
    expect(await one('bolt', 'select text from notes')).toEqual(['of bolt']);
    expect(await tenants.with('bolt', async (db) => (await db.query('select text from notes')).rows, { readOnly: true, isolationLevel: 'repeatable read' })).toEqual([{ text: 'of bolt' }]);
    await tenants.with('bolt', async (db) => {
      await db.query('select 1');
      expect(await drain(mover as Client, 'bolt', 0), 'the lock is kept').toHaveLength(2);
      await bolt?.query('select pg_advisory_unlock_all()');
      expect(await drain(mover as Client, 'bolt', 50), 'somebody is inside').toEqual([expect.stringMatching(/^process \d+ of desk_app_login \(tenantry:app\)/)]);
    });
    expect(await drain(mover as Client, 'bolt', 1_000)).toEqual([]);
  });

  it('is served, and used by one after another, also in a database that an older version made, until the next apply', async () => {
    await server.runAsSuperuser(`drop procedure tenantry.enter(text, integer, text); create or replace procedure tenantry.enter(tenant_key text, placement_version integer) language plpgsql security definer set search_path = pg_catalog, pg_temp
      as $$ begin perform set_config('tenantry.tenant_id', (select id::text from tenantry.tenants where key = tenant_key), true); end $$`, 'desk');
    await one('acme', 'select pg_advisory_lock(47)');
    expect(await Promise.all(['bolt', 'globex'].map((tenant) => one(tenant, 'select text from notes')))).toEqual([['of bolt'], ['of globex']]);
    expect(await one('bolt', "select count(*)::int from pg_locks where locktype = 'advisory' and objid = 47")).toEqual([0]);
    expect(linesOf((await applyTo(server, loaded)).changes)).toEqual(['desk.tenantry: create function enter', 'desk.tenantry: PUBLIC may no longer EXECUTE on function enter', 'desk.tenantry: desk_app_login may EXECUTE on function enter', 'desk.tenantry: replace function enter']);
    expect(linesOf((await applyTo(server, loaded)).changes)).toEqual([]);
    expect(await one('bolt', 'select text from notes'), 'what it called is there still').toEqual(['of bolt']);
  });
});
