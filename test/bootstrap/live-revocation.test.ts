import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { grantAccess, revokeAccess } from '../../lib/bootstrap';
import { startTestServer, type TestServer } from '../support/postgres';
import { deskInput } from './support/desk';
import { accessTo, applyTo, manifestOf, sqlstateOf } from './support/platform';

const declared = (roles: object = {}) => manifestOf({ ...deskInput, roles: { ...deskInput.roles, ...roles } }, { tenants: { acme: { isolation: 'row' } } });
const loaded = declared();

/** Sessions stay open the whole time, and run what they prepared before. The server's own clock tells when the change was committed. */
describe('a permission that is taken away, on a session that is connected', () => {
  let server: TestServer;
  let admin: Client;
  let acme: string;

  beforeAll(async () => {
    server = await startTestServer({ settings: { track_commit_timestamp: 'on' } });
    await applyTo(server, loaded);
    admin = await server.admin('desk');
    await admin.query("create role anna login; insert into desk.notes (tenant_id, body) select id, 'a note' from tenantry.tenants");
    acme = (await admin.query('select id from tenantry.tenants')).rows[0].id;
  });

  /** Runs it again and again until it ends otherwise, and gives back the milliseconds from the commit to the answer of the first statement that was stopped, and how. */
  async function untilStopped(run: () => Promise<string>, change: () => Promise<unknown>, committed: string): Promise<{ milliseconds: number; after: string; before: string }> {
    const before = await run();
    let changing = true;
    let failed: unknown;
    const changed = change().catch((error: unknown) => (failed = error)).finally(() => (changing = false));
    let idle = 0;
    for (let after = before; idle < 50; idle += changing ? 0 : 1) {
      after = await run();
      const at = Date.now();
      if (after === before) {
        await sleep(5);
        continue;
      }
      await changed;
      const { rows: [{ commit }] } = await admin.query(`select extract(epoch from pg_xact_commit_timestamp(${committed})) * 1000 as commit`);
      return { milliseconds: Math.max(0, at - Number(commit)), after, before };
    }
    throw new Error('it went on', { cause: failed });
  }

  /** A transaction that ends with what the server says. */
  const asking = (client: Client, start: string, question: string) => async (): Promise<string> => {
    try {
      await client.query(start);
      return `${(await client.query({ name: 'asked', text: question })).rowCount} rows`;
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      await client.query('rollback');
    }
  };

  it('[DBAAS-5.7] a table, a membership and an access stop the next statement within 30 s of the commit', async ({ annotate }) => {
    const app = await server.connect({ user: 'desk_app_login', database: 'desk' });
    const inApp = asking(app, `begin; set local role desk_app; set local tenantry.tenant_id = '${acme}'`, 'select from desk.notes');
    const table = await untilStopped(inApp, () => applyTo(server, declared({ app: { ...deskInput.roles.app, tables: { countries: 'read' } } })), "(select xmin from pg_class where oid = 'desk.notes'::regclass)");
    expect(table).toMatchObject({ before: '1 rows', after: '42501' });
    await applyTo(server, loaded, { allowOlder: true });

    await admin.query('create table public.changes (what text)');
    const membership = await untilStopped(inApp, () => admin.query("begin; set local role tenantry_bootstrap; revoke desk_app from desk_app_login; set local role none; insert into public.changes values ('membership'); commit"), "(select xmin from public.changes)");
    expect(membership).toMatchObject({ before: '1 rows', after: '42501' });

    await grantAccess({ access: accessTo(server), loaded }, { member: 'anna', role: 'helpdesk', for: '1h', reason: 'x' });
    const anna = await server.connect({ user: 'anna', database: 'desk' });
    await anna.query("begin; set local role desk_helpdesk; call tenantry.enter_support('acme', 'x')");
    // Within one transaction: it was let in, and is stopped all the same.
    const access = await untilStopped(async () => `${(await anna.query({ name: 'asked', text: 'select from desk.notes' })).rowCount} rows`, () => revokeAccess({ access: accessTo(server), loaded }, 'anna'), "(select xmin from tenantry.access_grants)");
    expect(access).toMatchObject({ before: '1 rows', after: '0 rows' });
    await anna.query('rollback');
    expect(await sqlstateOf(anna.query('set role desk_helpdesk'))).toBe('42501');

    const measured = { table: table.milliseconds, membership: membership.milliseconds, access: access.milliseconds };
    await annotate(`Milliseconds from the commit to the first statement that was stopped: ${Object.entries(measured).map(([what, milliseconds]) => `${what} ${Math.ceil(milliseconds)}`).join(', ')}`);
    expect(Object.entries(measured).filter(([, milliseconds]) => milliseconds > 30_000)).toEqual([]);
  });
});
