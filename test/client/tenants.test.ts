import { execFileSync } from 'node:child_process';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTenants, type Tenants, trust } from '../../lib/client';
import { COMMIT, freshSession } from '../../lib/client/fresh-session';
import { TenantryError } from '../../lib/core';
import { applyTo, manifestOf } from '../bootstrap/support/platform';
import { shopInput } from '../bootstrap/support/shop';
import { pgbouncerMissing, startPgBouncer } from '../support/pgbouncer';
import { describeServers, startTestServer, type TestServer } from '../support/postgres';

const TENANTS = { acme: { isolation: 'row' }, bolt: { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database' } } as const;
const loaded = manifestOf(shopInput, { tenants: TENANTS });

const addCustomer = (tenants: Tenants, tenant: string, email: string) => tenants.with(tenant, (db) => db.query('insert into customers (email) values ($1)', [email]));
const emails = (tenants: Tenants, tenant: string) => tenants.with(tenant, async (db) => (await db.query<{ email: string }>('select email from customers order by 1')).rows.map(({ email }) => email));

async function messageOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(() => undefined, (thrown: unknown) => thrown);
  if (!TenantryError.is(error)) throw new Error('nothing was refused on purpose', { cause: error });
  return error.message;
}

describeServers('the tenants\' client', (major) => {
  let server: TestServer;
  let tenants: Tenants;

  beforeAll(async () => {
    server = await startTestServer({ major });
    await applyTo(server, loaded);
    tenants = connectTenants(loaded.manifest, { role: 'app', credentials: trust(server), maxConnections: 2 });
    for (const tenant of Object.keys(TENANTS)) await addCustomer(tenants, tenant, `hello@${tenant}.example`);
  });
  afterAll(() => tenants.end());

  it.each(Object.keys(TENANTS))('[ARC-8.5] shows %s its own rows only', async (tenant) => {
    expect(await emails(tenants, tenant)).toEqual([`hello@${tenant}.example`]);
  });

  it('[DBS-2.1] commits what succeeds and rolls back what throws', async () => {
    await expect(tenants.with('acme', async (db) => {
      await db.query("insert into customers (email) values ('lost@acme.example')");
      throw new Error('changed my mind');
    })).rejects.toThrow('changed my mind');
    expect(await emails(tenants, 'acme')).not.toContain('lost@acme.example');
  });

  it('does not report success when the transaction was rolled back, because a failed statement was caught', async () => {
    expect(await messageOf(tenants.with('acme', async (db) => {
      await db.query("insert into customers (email) values ('half@acme.example')");
      await db.query('select 1 / 0').catch(() => undefined);
    }))).toBe('client/rolled-back  at acme\n\n  The transaction was rolled back, because one of its statements failed. Nothing of it was stored.\n\n  Let the error of the statement pass, or take a savepoint before a statement that may fail: savepoint s; … rollback to s.');
    expect(await emails(tenants, 'acme')).toEqual(['hello@acme.example']);
  });

  it('[ARC-8.4] survives a connection that is cut while the work waits for something else', async () => {
    const admin = await server.admin('shop');
    await expect(tenants.with('acme', async (db) => {
      const { rows: [own] } = await db.query<{ pid: number }>('select pg_backend_pid() as pid');
      await admin.query('select pg_terminate_backend($1)', [own?.pid]);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await db.query('select 1');
    })).rejects.toThrow(/terminat|not queryable|Connection/);
    expect(await emails(tenants, 'acme')).toEqual(['hello@acme.example']);
  });

  it('takes another session where the time to be idle of one runs out just as it is used', async () => {
    const one = connectTenants(loaded.manifest, { role: 'app', credentials: trust(server), maxConnections: 1, staleness: 60_000 });
    await server.runAsSuperuser("alter role shop_app_login set idle_session_timeout = '50ms'");
    try {
      for (let round = 0; round < 30; round++) {
        expect(await emails(one, 'acme')).toEqual(['hello@acme.example']);
        // Nothing is heard of it meanwhile.
        const until = performance.now() + 48.5 + round / 10;
        while (performance.now() < until);
      }
    } finally {
      await one.end();
      await server.runAsSuperuser('alter role shop_app_login reset idle_session_timeout');
    }
  });

  it('lives on where a session ends before the program has heard that it began', async () => {
    const one = connectTenants(loaded.manifest, { role: 'app', credentials: trust(server), staleness: 60_000 });
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => void uncaught.push(error);
    let busy = true;
    // Whatever the server says meanwhile comes at once.
    const work = (): void => {
      const until = performance.now() + 30;
      while (performance.now() < until);
      if (busy) setImmediate(work);
    };
    process.on('uncaughtExceptionMonitor', note);
    try {
      await emails(one, 'acme');
      await server.runAsSuperuser("alter role shop_app_login set idle_session_timeout = '5ms'; select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = 'shop_app_login'");
      setImmediate(work);
      await expect(emails(one, 'acme')).rejects.toMatchObject({ message: expect.stringMatching(/terminat|connection error/) });
    } finally {
      busy = false;
      await server.runAsSuperuser('alter role shop_app_login reset idle_session_timeout');
      process.off('uncaughtExceptionMonitor', note);
    }
    expect(uncaught).toEqual([]);
    expect(await emails(one, 'acme')).toEqual(['hello@acme.example']);
    await one.end();
  });

  it.each([['works in', 60_000], ['asks the registry with', 0]])('[ARC-8.4] takes another session where the one that it %s was ended before that', async (_use, staleness) => {
    const one = connectTenants(loaded.manifest, { role: 'app', credentials: trust(server), maxConnections: 1, staleness });
    try {
      await emails(one, 'acme');
      // While another process does it, this one hears of nothing: the session is handed out as if it lived.
      const end = `const { Client } = require('pg'); const c = new Client(${JSON.stringify({ host: server.host, port: server.port, user: server.superuser, database: 'shop' })});
        c.connect().then(() => c.query("select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = 'shop_app_login'")).then(({ rowCount }) => { console.log(rowCount); return c.end(); })`;
      expect(Number(execFileSync(process.execPath, ['-e', end], { encoding: 'utf8' }))).toBeGreaterThan(0);
      expect(await emails(one, 'acme')).toEqual(['hello@acme.example']);
    } finally {
      await one.end();
    }
  });

  it('keeps tenants apart on one connection, also after an error', async () => {
    const one = connectTenants(loaded.manifest, { role: 'app', credentials: trust(server), maxConnections: 1 });
    try {
      for (let i = 0; i < 20; i++) {
        const tenant = i % 2 === 0 ? 'acme' : 'bolt';
        if (i % 5 === 0) await one.with(tenant, (db) => db.query('select 1 / 0')).catch(() => undefined);
        expect(await emails(one, tenant)).toEqual([`hello@${tenant}.example`]);
      }
    } finally {
      await one.end();
    }
  });

  it('needs two round trips for a query: begin and context are one message, and the query follows before its answer', async () => {
    await emails(tenants, 'acme');
    const wire: string[] = [];
    const original = Client.prototype.query;
    Client.prototype.query = function (this: Client, query: string | { readonly text: string }, ...rest: unknown[]) {
      const text = typeof query === 'string' ? query : query.text;
      wire.push(`> ${text}`);
      return (original as (...args: unknown[]) => Promise<unknown>).call(this, query, ...rest).then((result) => {
        wire.push(`< ${text}`);
        return result;
      });
    } as never;
    try {
      await emails(tenants, 'acme');
    } finally {
      Client.prototype.query = original;
    }
    const begin = `${freshSession('tenantry:app', false)};begin;call tenantry.enter('acme', 1, null);set local role "shop_app";set local search_path to "shop", pg_temp`;
    const select = 'select email from customers order by 1';
    expect(wire).toEqual([`> ${begin}`, `> ${select}`, `< ${begin}`, `< ${select}`, `> ${COMMIT}`, `< ${COMMIT}`]);
  });

  it('refuses a tenant that nobody knows, and a key that cannot be one', async () => {
    const text = (key: string): string => `client/unknown-tenant  at ${key}\n\n  There is no tenant ${JSON.stringify(key)}.\n\n  Check the key, or add the tenant: tenantry tenant add KEY --mode row.`;
    expect(await messageOf(tenants.with('nobody', () => Promise.resolve()))).toBe(text('nobody'));
    expect(await messageOf(tenants.with("x'; drop schema shop cascade; --", () => Promise.resolve()))).toBe(text("x'; drop schema shop cascade; --"));
  });

  it('refuses a tenant that is suspended while its place is remembered, and serves it again', async () => {
    const admin = await server.admin('shop');
    await emails(tenants, 'bolt');
    await admin.query("update tenantry.tenants set state = 'suspended' where key = 'bolt'");
    const refused = await messageOf(tenants.with('bolt', () => Promise.resolve()));
    await admin.query("update tenantry.tenants set state = 'active' where key = 'bolt'");
    expect(refused).toBe('client/inactive-tenant  at bolt\n\n  Tenant "bolt" is not active.\n\n  Only an active tenant is served.');
    expect(await emails(tenants, 'bolt')).toEqual(['hello@bolt.example']);
  });

  it('runs none of the statements that followed a context which was refused, and says why', async () => {
    const admin = await server.admin('shop');
    await emails(tenants, 'bolt');
    await admin.query("update tenantry.tenants set state = 'suspended' where key = 'bolt'; create sequence shop.attempts; grant usage on sequence shop.attempts to public");
    let seen: unknown;
    try {
      const refused = await messageOf(tenants.with('bolt', (db) => db.query("select nextval('shop.attempts')").catch((error: unknown) => (seen = error))));
      expect(refused).toMatch(/^client\/inactive-tenant\s+at bolt\n/);
      expect(seen).toMatchObject({ message: refused });
      expect((await admin.query('select is_called from shop.attempts')).rows).toEqual([{ is_called: false }]);
    } finally {
      await admin.query("drop sequence shop.attempts; update tenantry.tenants set state = 'active' where key = 'bolt'");
    }
  });

  it('sends the first statements again, once and in order, where the place has changed since', async () => {
    const admin = await server.admin('shop');
    await emails(tenants, 'bolt');
    await admin.query("update tenantry.tenants set version = version + 1 where key = 'bolt'");
    const [, found] = await tenants.with('bolt', (db) => Promise.all([
      db.query("insert into customers (email) values ('second@bolt.example')"), db.query('select email from customers order by 1'), db.query("delete from customers where email like 'second@%'"),
    ]));
    expect(found.rows).toEqual([{ email: 'hello@bolt.example' }, { email: 'second@bolt.example' }]);
    expect(await emails(tenants, 'bolt')).toEqual(['hello@bolt.example']);
  });

  it('looks a tenant up again whose place has changed since', async () => {
    const admin = await server.admin('shop');
    await emails(tenants, 'acme');
    await admin.query("update tenantry.tenants set version = version + 1 where key = 'acme'");
    expect(await emails(tenants, 'acme')).toEqual(['hello@acme.example']);
  });

  it('fails a query that comes after the work has ended', async () => {
    let escaped: (() => Promise<unknown>) | undefined;
    await tenants.with('acme', (db) => {
      escaped = () => db.query('select * from customers');
      return Promise.resolve();
    });
    expect(await messageOf(escaped?.() ?? Promise.resolve())).toBe(
      'client/session-ended\n\n  A query was made after the work of its transaction had ended.\n\n  Await every query inside the function that is passed to tenants.with.');
  });

  it('[DBAAS-5.4] leaves the login without any privilege outside of a tenant', async () => {
    const login = await server.connect({ user: 'shop_app_login', database: 'shop' });
    await expect(login.query('select * from shop.customers')).rejects.toMatchObject({ code: '42501' });
    await expect(login.query('select * from shop__globex.customers')).rejects.toMatchObject({ code: '42501' });
    await expect(server.connect({ user: 'shop_app_login', database: 'shop__initech' })).rejects.toMatchObject({ code: '42501' });
  });

  it('runs read-only and at an isolation level', async () => {
    await expect(tenants.with('acme', (db) => db.query("insert into customers (email) values ('x')"), { readOnly: true })).rejects.toMatchObject({ code: '25006' });
    const { rows } = await tenants.with('globex', (db) => db.query('show transaction_isolation'), { isolationLevel: 'serializable' });
    expect(rows).toEqual([{ transaction_isolation: 'serializable' }]);
  });

  it('takes no text for an isolation level that is none', async () => {
    const given = 'serializable; set role none' as 'serializable';
    expect(await messageOf(tenants.with('acme', (db) => db.query('select current_user'), { isolationLevel: given }))).toBe(
      'client/isolation-level  at isolationLevel\n\n  "serializable; set role none" is not an isolation level.\n\n  Give one of "read committed", "repeatable read" or "serializable".');
  });

  it('ends a transaction that waits inside others for a connection, instead of waiting for ever', async () => {
    const few = connectTenants(loaded.manifest, { role: 'app', credentials: trust(server), maxConnections: 1, connectionTimeout: 300 });
    try {
      expect(await messageOf(few.with('acme', () => few.with('bolt', (db) => db.query('select 1'))))).toBe(
        'client/no-connection  at bolt\n\n  No connection was to be had for the whole time that a transaction may wait for one: all 1 of the pool were in use, or the server did not answer.\n\n  Open no transaction inside another one, make them shorter, or raise maxConnections or connectionTimeout.');
      expect(await emails(few, 'bolt')).toEqual(['hello@bolt.example']);
    } finally {
      await few.end();
    }
  });

  it.skipIf(pgbouncerMissing !== undefined)(`[ARC-8.3] works through PgBouncer in transaction mode without leaking a context${pgbouncerMissing === undefined ? '' : ` (skipped: ${pgbouncerMissing})`}`, async () => {
    const pooler = await startPgBouncer(server, ['shop_app_login', 'shop_app__initech_login']);
    const pooled = connectTenants(loaded.manifest, { role: 'app', credentials: trust(pooler), maxConnections: 10 });
    try {
      const keys = Object.keys(TENANTS);
      for (const key of keys) await emails(pooled, key);
      // The first contexts are refused, with the query that follows them already on its way.
      await (await server.admin('shop')).query("update tenantry.tenants set version = version + 1 where key = 'acme'");
      const seen = await Promise.all(Array.from({ length: 200 }, async (_, i) => {
        const tenant = keys[i % keys.length] as string;
        return { tenant, found: await emails(pooled, tenant) };
      }));
      for (const { tenant, found } of seen) expect(found).toEqual([`hello@${tenant}.example`]);
    } finally {
      await pooled.end();
    }
  });
});

describe('the role of the tenants\' client', () => {
  it('is named when several could be meant', () => {
    expect(() => connectTenants(loaded.manifest, { credentials: trust({ host: '/nowhere', port: 1 }) })).toThrow(
      "client/role\n\n  Several roles could be meant: app and support.\n\n  Name one: connectTenants(manifest, { role: '…', credentials }).");
    expect(() => connectTenants(loaded.manifest, { role: 'auditor', credentials: trust({ host: '/nowhere', port: 1 }) })).toThrow(
      "client/role\n\n  \"auditor\" is not a tenant-scoped role with a login; those are: app and support.\n\n  Name one: connectTenants(manifest, { role: '…', credentials }).");
  });
});
