import { beforeAll, describe, expect, it } from 'vitest';
import { moveTenant } from '../../lib/bootstrap';
import { connectTenants, trust } from '../../lib/client';
import { accessTo, applyTo, forgetful, manifestOf } from '../bootstrap/support/platform';
import { shop, tenants } from '../bootstrap/support/shop';
import { pgbouncerMissing, startPgBouncer } from '../support/pgbouncer';
import { startTestServer, type TestServer } from '../support/postgres';

const CLIENTS = 50;
const TRANSACTIONS = 1_000;
const everyone = { ...tenants, bolt: { isolation: 'row' }, hooli: { isolation: 'schema' } } as const;

describe.skipIf(pgbouncerMissing !== undefined)(`[ARC-8.3] ${CLIENTS} clients with ${TRANSACTIONS} transactions each, through PgBouncer in transaction mode${pgbouncerMissing === undefined ? '' : ` (skipped: ${pgbouncerMissing})`}`, () => {
  let server: TestServer;
  const loaded = manifestOf(shop, { tenants: everyone });

  beforeAll(async () => {
    server = await startTestServer({ settings: { max_connections: '200' } });
    await applyTo(server, loaded);
    const direct = connectTenants(loaded.manifest, { role: 'app', credentials: trust(server) });
    for (const key of Object.keys(everyone)) await direct.with(key, (db) => db.query('insert into customers (email) values ($1)', [`hello@${key}`]));
    await direct.end();
  });

  it.each([1, 20])('see their own tenant only, with %i connections of the server', async (size) => {
    const pooler = await startPgBouncer(server, ['shop_app_login', 'shop_app__initech_login'], { default_pool_size: size, max_client_conn: 1_000, query_wait_timeout: 0 });
    const keys = Object.keys(everyone);
    const leaks: string[] = [];
    const started = Date.now();
    await Promise.all(Array.from({ length: CLIENTS }, async (_, client) => {
      // A client of its own, as a process would have: one connection to the pooler for each database.
      const own = connectTenants(loaded.manifest, { role: 'app', credentials: trust(pooler), maxConnections: 1 });
      try {
        for (let i = 0; i < TRANSACTIONS; i++) {
          const tenant = keys[(client + i) % keys.length] as string;
          // Every tenth one fails, so that a context that is left behind would be one of a transaction that was rolled back.
          const fails = i % 10 === 9;
          const seen = await own.with(tenant, async (db) => {
            const { rows } = await db.query<{ email: string; path: string }>("select email, current_setting('search_path') as path from customers");
            if (fails) await db.query('select 1 / 0');
            return rows;
          }).catch((error: { code?: string }) => (fails && error.code === '22012' ? 'failed' : Promise.reject(error as Error)));
          if (seen !== 'failed' && (seen.length !== 1 || seen[0]?.email !== `hello@${tenant}`)) leaks.push(`${tenant} saw ${JSON.stringify(seen)}`);
        }
      } finally {
        await own.end();
      }
    }));
    expect(leaks).toEqual([]);
    console.log(`  ${CLIENTS * TRANSACTIONS} transactions, pool size ${size}: ${((CLIENTS * TRANSACTIONS) / ((Date.now() - started) / 1000)).toFixed(0)} a second`);

    // What remains in the sessions of the server when nobody is in them.
    const idle = await pooler.connect({ user: 'shop_app_login', database: 'shop' });
    for (let i = 0; i < 40; i++) {
      const { rows } = await idle.query("select coalesce(nullif(current_setting('tenantry.tenant_id', true), ''), 'none') as tenant, current_user as role");
      expect(rows).toEqual([{ tenant: 'none', role: 'shop_app_login' }]);
    }
    await pooler.stop();
  });

  it('lose no row and see no stale one while their tenant moves from isolation to isolation', async () => {
    const pooler = await startPgBouncer(server, ['shop_app_login', 'shop_app__hooli_login'], { default_pool_size: 3, max_client_conn: 1_000, query_wait_timeout: 0, server_idle_timeout: 600 });
    const unpinned = manifestOf(shop, { tenants });
    const admin = await server.admin();
    // As the master user of RDS is: the pooler keeps connections to a database that the tenant has left.
    await admin.query('grant pg_signal_backend to tenantry_bootstrap');
    await admin.end();
    await applyTo(server, unpinned);
    const committed = new Set(['hello@hooli']);
    const stale: string[] = [];
    const stop = { now: false };
    const writers = Array.from({ length: 8 }, async (_, n) => {
      const own = connectTenants(unpinned.manifest, { role: 'app', credentials: trust(pooler), maxConnections: 1 });
      for (let i = 0; !stop.now; i++) {
        const email = `${n}-${i}`;
        await own.with('hooli', (db) => db.query('insert into customers (email) values ($1)', [email]));
        committed.add(email);
        const seen = await own.with('hooli', (db) => db.query('select from customers where email = $1', [email]));
        if (seen.rowCount !== 1) stale.push(email);
      }
      await own.end();
    });
    const moved: string[] = [];
    try {
      for (const to of ['row', 'database', 'schema', 'database', 'row'] as const) moved.push((await moveTenant({ access: accessTo(server), loaded: unpinned, passwords: forgetful }, 'hooli', to)).outcome);
    } finally {
      stop.now = true;
      await Promise.all(writers);
    }
    expect({ moved, stale }).toEqual({ moved: Array.from({ length: 5 }, () => 'moved'), stale: [] });
    const direct = connectTenants(unpinned.manifest, { role: 'app', credentials: trust(server) });
    expect((await direct.with('hooli', (db) => db.query<{ email: string }>('select email from customers'))).rows.map(({ email }) => email).sort()).toEqual([...committed].sort());
    await direct.end();
    await pooler.stop();
  });
});
