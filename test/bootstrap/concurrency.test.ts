import { beforeAll, expect, it } from 'vitest';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { applyInChild } from './support/child';
import { applyTo, expectNothingToDo, manifestOf, refusalOf } from './support/platform';
import { shopInput, tenants } from './support/shop';

describeNewest('applies at the same time', (major) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ major });
  });

  it('eight of two declarations, from processes of their own and from this one, all end well [DBS-2.1]', async () => {
    const clinic = { ...shopInput, name: 'clinic' };
    const [shop, hospital] = [manifestOf(shopInput, { tenants }), manifestOf(clinic, { tenants })];
    const inProcess = [shop, hospital, shop, hospital].map((loaded) => applyTo(server, loaded).then(() => 'done', (error: Error) => error.message));
    const { host, port, bootstrapUser } = server;
    const inChildren = [shopInput, clinic, shopInput, clinic].map((declaration) => applyInChild({ host, port, bootstrapUser, declaration, manifest: { tenants } }).then(({ code, output }) => (code === 0 ? 'done' : output)));
    expect(await Promise.all([...inProcess, ...inChildren])).toEqual(Array(8).fill('done'));
    for (const [database, loaded] of [['shop', shop], ['clinic', hospital]] as const) {
      await expectNothingToDo(server, loaded);
      const admin = await server.admin(database);
      const { rows } = await admin.query('select generation::int, outcome, changes > 0 as changed from tenantry.applies order by 1');
      expect(rows).toEqual([1, 2, 3, 4].map((generation) => ({ generation, outcome: 'done', changed: generation === 1 })));
    }
  });

  it('one that waits too long says who holds the lock', async () => {
    const loaded = manifestOf({ ...shopInput, name: 'late' }, { tenants });
    const holder = await server.connect({ applicationName: 'the other one' });
    await holder.query(`select pg_advisory_lock(${0x746e7479}, 1)`);
    const { codes, kind, message } = await refusalOf(applyTo(server, loaded, { lockWait: 50 }));
    expect({ codes, kind }).toEqual({ codes: ['apply/locked'], kind: 'failed' });
    expect(message.replace(/process \d+/, 'process N').replace(/backend\(\d+\)/, 'backend(N)').replace(/\d+ s\.$/m, 'N s.')).toBe(
      'apply/locked  at server\n\n  The lock that keeps applies apart was not to be had within 0 s: process N of tenantry_bootstrap (the other one) holds it, connected for N s.\n\n  Wait until it ends and try again, or give more time with --lock-wait SECONDS. Where that process is no apply, end it as an administrator: select pg_terminate_backend(N)');
    await holder.end();
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });
});
