import type { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TENANT_LOCK_SPACE } from '../../lib/bootstrap/model/library';
import { drain } from '../../lib/bootstrap/tenants/drain';
import { connectTenants, type Tenants, trust } from '../../lib/client';
import { applyTo, manifestOf, sqlstateOf } from '../bootstrap/support/platform';
import { describeServers, startTestServer, type TestServer } from '../support/postgres';

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

  const one = (tenant: string, sql: string) => tenants.with(tenant, async (db) => Object.values((await db.query<Record<string, unknown>>(sql)).rows[0] ?? {}));

  beforeAll(async () => {
    server = await startTestServer({ major });
    await applyTo(server, loaded);
    tenants = connectTenants(loaded.manifest, { credentials: trust(server), maxConnections: 1, staleness: 0 });
    for (const tenant of ['acme', 'bolt', 'globex']) await one(tenant, `insert into notes (text) values ('of ${tenant}')`);
  });
  afterAll(() => tenants.end());

  it.each(LEFT)('keeps nothing for the next: %s', async (_what, leave, look, expected) => {
    const pid = await one('bolt', 'select pg_backend_pid()');
    await one('acme', leave);
    expect(await one('bolt', look)).toEqual(expected);
    expect(await one('globex', 'select text from notes')).toEqual(['of globex']);
    expect(await one('bolt', 'select pg_backend_pid()'), 'the control: it is the same session').toEqual(pid);
    await one('bolt', "delete from notes where text = 'more'");
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
});
