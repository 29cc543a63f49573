import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { beforeAll, expect, it } from 'vitest';
import type { SchemaInput } from '../../lib/declaration';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { applyTo, expectNothingToDo, manifestOf, refusalOf } from './support/platform';

const declarationOf = (name: string): SchemaInput => ({
  name, tables: { orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } }, roles: { app: { login: 'iam', tables: { orders: 'write' } } },
});
const tenants = { acme: { isolation: 'row' }, initech: { isolation: 'database' } } as const;

const SPACE = 0x746e7479;
const [SERVER, DATABASE] = [1, 2];

describeNewest('the locks of an apply', (major) => {
  let server: TestServer;
  let admin: Client;
  const shop = manifestOf(declarationOf('shop'), { tenants });

  beforeAll(async () => {
    server = await startTestServer({ major });
    admin = await server.admin();
    await applyTo(server, shop);
  });

  async function hold(key: number | undefined, database = 'postgres'): Promise<{ pid: number; letGo: () => Promise<void> }> {
    const holder = await server.connect({ database, applicationName: 'the other one' });
    const { rows: [{ pid }] } = await holder.query('select pg_backend_pid() as pid, pg_advisory_lock($1, $2)', [SPACE, key]);
    return { pid, letGo: () => holder.end() };
  }

  /** An apply waits as soon as it is connected to a database whose lock is taken, and holds none itself. */
  const waitsAt = (database: string): Promise<void> => until(async () => (await admin.query(
    `select from pg_stat_activity where application_name = 'tenantry' and datname = $1 and not exists (select from pg_locks l join pg_stat_activity a using (pid) where l.locktype = 'advisory' and a.application_name = 'tenantry')`, [database])).rowCount === 1);

  it.each([['shop', 'clinic'], ['shop__initech', 'school']])('are all let go while the one of %s is taken, so that %s goes on [DBS-2.1]', async (database, name) => {
    const other = manifestOf(declarationOf(name), { tenants });
    const holder = await hold(DATABASE, database);
    let ended = false;
    const waiting = applyTo(server, shop, { lockWait: 20_000 }).finally(() => (ended = true));
    await waitsAt(database);
    await applyTo(server, other, { lockWait: 5_000 });
    await expectNothingToDo(server, other);
    expect(ended, 'whether the one that waits ended').toBe(false);
    await holder.letGo();
    const { changes } = await waiting;
    expect(changes).toEqual([]);
    expect((await admin.query(`select from pg_locks where locktype = 'advisory'`)).rowCount).toBe(0);
  });

  it('are kept by sessions that do nothing for longer than the server lets a session be idle', async () => {
    const holder = await hold(DATABASE, 'shop__initech');
    await admin.query(`alter role tenantry_bootstrap set idle_session_timeout = '200ms'`);
    try {
      const waiting = applyTo(server, shop, { lockWait: 20_000 });
      await waitsAt('shop__initech');
      await sleep(600);
      await holder.letGo();
      expect((await waiting).changes).toEqual([]);
    } finally {
      await admin.query('alter role tenantry_bootstrap reset idle_session_timeout');
    }
  });

  it('are taken in the right order once more when the database is free, and what happened meanwhile is seen', async () => {
    const wider = manifestOf(declarationOf('shop'), { tenants: { ...tenants, globex: { isolation: 'schema' } } });
    const holder = await hold(DATABASE, 'shop');
    const waiting = Array.from({ length: 3 }, () => applyTo(server, wider, { lockWait: 20_000 }));
    await until(async () => (await admin.query(`select from pg_stat_activity where application_name = 'tenantry' and datname = 'shop'`)).rowCount === 3);
    await holder.letGo();
    const changed = (await Promise.all(waiting)).map(({ changes }) => changes.length > 0);
    expect(changed.filter((some) => some)).toEqual([true]);
    await expectNothingToDo(server, wider);
  });

  it.each(['shop', 'shop__initech'])('name who holds the one of %s when that takes too long', async (database) => {
    const holder = await hold(DATABASE, database);
    const { codes, kind, message } = await refusalOf(applyTo(server, shop, { lockWait: 600 }));
    expect({ codes, kind }).toEqual({ codes: ['apply/locked'], kind: 'failed' });
    expect(message.replace(/connected for \d+ s/, 'connected for N s')).toBe([
      `apply/locked  at database ${database}`,
      `  The lock that keeps applies apart was not to be had within 1 s: process ${holder.pid} of tenantry_bootstrap (the other one) holds it, connected for N s.`,
      `  Wait until it ends and try again, or give more time with --lock-wait SECONDS. Where that process is no apply, end it as an administrator: select pg_terminate_backend(${holder.pid})`,
    ].join('\n\n'));
    await holder.letGo();
  });

  it('are waited for within one time, not each', async () => {
    const [first, second] = [await hold(SERVER), await hold(DATABASE, 'shop')];
    const started = Date.now();
    const refused = refusalOf(applyTo(server, shop, { lockWait: 3_000 }));
    await sleep(2_000);
    await first.letGo();
    expect((await refused).message).toContain(`at database shop\n\n  The lock that keeps applies apart was not to be had within 3 s: process ${second.pid} `);
    expect(Date.now() - started).toBeLessThan(4_500);
    await second.letGo();
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await condition()); tries++) {
    if (tries > 250) throw new Error('It never came to wait.');
    await sleep(20);
  }
}
