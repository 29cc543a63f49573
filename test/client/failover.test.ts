import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { connectTenants, type Tenants, trust } from '../../lib/client';
import { TenantryError } from '../../lib/core';
import { applyTo, manifestOf } from '../bootstrap/support/platform';
import { type Forwarder, startForwarder } from '../support/forwarder';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { killServer, makeSynchronous, promote, startStandby } from '../support/standby';

const loaded = manifestOf({
  name: 'desk', tables: { notes: { tenancy: 'tenant', columns: { id: { type: 'integer' }, run: { type: 'uuid', default: 'gen_random_uuid()' } }, primaryKey: ['id', 'run'] } }, roles: { app: { login: 'iam', tables: { notes: 'write' } } },
}, { tenants: { acme: { isolation: 'row' } } });
const WRITERS = 4;

describeNewest('a failover', (major) => {
  let primary: TestServer;
  let standby: Awaited<ReturnType<typeof startStandby>>;
  let name: Forwarder;
  let tenants: Tenants;

  beforeAll(async () => {
    primary = await startTestServer({ major, settings: { synchronous_commit: 'on' } });
    await applyTo(primary, loaded);
    standby = await startStandby(primary, { settings: { fsync: 'off' } });
    await makeSynchronous(primary);
    name = await startForwarder(primary);
    tenants = connectTenants(loaded.manifest, { credentials: trust(name), maxConnections: WRITERS });
  });
  afterAll(async () => {
    await tenants.end();
    await name.close();
    await standby.stop();
  });

  it('is refused as the place of writes while it is a standby', async () => {
    const onStandby = connectTenants(loaded.manifest, { credentials: trust(standby), connectionTimeout: 300 });
    const error: unknown = await onStandby.with('acme', (db) => db.query('select 1')).catch((thrown: unknown) => thrown);
    await onStandby.end();
    expect((error as Error).message).toBe(`client/no-server  at main

  No server that takes writes let us in for 0.3 s, as long as a transaction may wait. The last one said: it is a standby, which takes no writes. Nothing was done.

  Try again later. Where a failover takes longer than that, raise connectionTimeout.`);
  });

  it('is named where a write meets a standby all the same, and the connections to it are left', async () => {
    const other = await startForwarder(standby);
    const reading = connectTenants(loaded.manifest, { credentials: trust(other), driver: { targetSessionAttrs: 'any' }, maxConnections: 1 });
    const write = (): Promise<unknown> => reading.with('acme', (db) => db.query('update notes set id = 0 where id = 0'));
    await expect(write()).rejects.toThrow(`client/read-only-server

  The server has become a standby, which takes no writes. Nothing of the transaction was stored, and the connections to it are left.

  Run it again: the next transaction looks for the server that has taken over.`);
    other.moveTo(primary);
    // Somebody sets the clock back meanwhile.
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => performance.timeOrigin + performance.now() - 3_600_000);
    await write().finally(() => clock.mockRestore());
    await reading.end();
    await other.close();
  });

  it('[DBAAS-6.2] loses no write that was confirmed, doubles none, and fails none that had not begun', async () => {
    const confirmed: number[] = [];
    const failed: { id: number; code: string }[] = [];
    let id = 0;
    let writing = true;
    const times: number[] = [];
    const writer = async (): Promise<void> => {
      while (writing) {
        const mine = (id += 1);
        await tenants.with('acme', (db) => db.query('insert into notes (id) values ($1)', [mine])).then(() => void (confirmed.push(mine), times.push(Date.now())), (error: unknown) => {
          if (!TenantryError.is(error)) throw new Error('an error without a name', { cause: error });
          failed.push({ id: mine, code: error.code });
        });
      }
    };
    const writers = Array.from({ length: WRITERS }, writer);
    await new Promise((resolve) => setTimeout(resolve, 400));
    const before = confirmed.length;
    killServer(primary.dataDirectory);
    await promote(standby);
    name.moveTo(standby);
    const until = Date.now() + 10_000;
    while (confirmed.length < before + 100 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    writing = false;
    await Promise.all(writers);

    expect(before, 'the control: there were writes before').toBeGreaterThan(20);
    expect(confirmed.length, 'there are writes behind').toBeGreaterThan(before + 50);
    const stored = await tenants.with('acme', async (db) => (await db.query<{ id: number }>('select id from notes order by id')).rows.map((row) => row.id));
    expect(stored, 'none is there twice').toEqual([...new Set(stored)]);
    const unknown = failed.filter(({ code }) => code === 'client/commit-unknown').map((call) => call.id);
    expect(confirmed.filter((one) => !stored.includes(one)), 'every confirmed one is there').toEqual([]);
    expect(stored.filter((one) => !confirmed.includes(one) && !unknown.includes(one)), 'of those that failed for certain, none is').toEqual([]);
    expect(failed.filter(({ code }) => !['client/commit-unknown', 'client/connection-lost'].includes(code))).toEqual([]);
    expect(failed.length, 'only those that were under way have failed').toBeLessThanOrEqual(WRITERS);
    expect(Math.max(...times.slice(1).map((time, i) => time - (times[i] as number))), 'milliseconds without a write').toBeLessThan(10_000);
  });
});
