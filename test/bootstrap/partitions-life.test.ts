import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTenant, archiveTenant, measureUsage, moveTenant, offboardTenant } from '../../lib/bootstrap';
import { connectTenants, type Tenants, trust } from '../../lib/client';
import type { Isolation } from '../../lib/declaration/types';
import { startTestServer, type TestServer } from '../support/postgres';
import { freshFolder } from '../support/fresh-folder';
import { metering } from './support/metering';
import { accessTo, applyTo, expectNothingToDo, forgetful, linesOf, manifestOf, planOf } from './support/platform';
import { verified } from './verify/support/verified';

// Rows are not moved to or from shared tables that have triggers.
const { triggers: _triggers, ...events } = metering.tables.events;
const loaded = manifestOf({ ...metering, tables: { ...metering.tables, events } }, { tenants: { globex: { isolation: 'schema' }, initech: { isolation: 'database' } } });

/** One story, told in order: each step stands on the one before. */
describe('tenants with partitioned tables', () => {
  let server: TestServer;
  let tenants: Tenants;
  const ask = (sql: string, database = 'shop') => server.runAsSuperuser(sql, database);
  const options = () => ({ access: accessTo(server), loaded, passwords: forgetful });

  beforeAll(async () => {
    server = await startTestServer();
    await applyTo(server, loaded);
    for (const key of ['acme', 'bolt']) await addTenant(options(), { key, isolation: 'row' });
    tenants = connectTenants(loaded.manifest, { role: 'app', credentials: trust(server), maxConnections: 4, staleness: 1 });
  });
  afterAll(() => tenants.end());

  it('are isolated, by every attack, but where somebody opened a partition', async () => {
    await ask("alter table shop.events_default disable row level security; grant select on shop.events_default to shop_app; create table shop__globex.below partition of shop__globex.events for values from (minvalue) to ('2001-01-01'); grant insert on shop__globex.below to shop_clerk__globex");
    const failed = (await verified(server, loaded)).results.filter(({ verdict, attack }) => (verdict === 'breached' || verdict === 'unknown') && attack !== 'as-declared');
    expect(failed.map(({ attack, place, table, role, observed }) => [attack, place, table, role, observed].join(' '))).toEqual([
      'unguarded-child shop.shop events shop_app shop.events_default', 'unguarded-child shop.shop__globex events shop_clerk__globex shop__globex.below',
    ]);
    await ask('alter table shop__globex.events detach partition shop__globex.below; drop table shop__globex.below');
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it('are measured by their partitions, and moved with their rows, each to a partition of its time, and back', async () => {
    // Made by hand, for rows that are older than the table: a new place gets partitions for them too.
    await ask("create table shop.old partition of shop.events for values from ('2024-02-01') to ('2024-03-15'); alter table shop.old owner to shop_owner");
    await applyTo(server, loaded);
    for (const key of ['acme', 'bolt']) {
      await tenants.with(key, async (db) => {
        await db.query("insert into events (at, author, unit, amount) select t::timestamptz, gen_random_uuid(), 'kWh', 3 from unnest(array['2024-02-20', '2024-03-01', '2024-04-01', now()::text]) t");
        await db.query("insert into readings select current_setting('tenantry.tenant_id')::uuid, n, n from generate_series(1, 1200) n");
        await db.query('insert into remarks (event, event_at) select id, at from events');
      });
    }
    const [one, other] = (await measureUsage(options())).filter(({ isolation }) => isolation === 'row');
    expect([one?.rows, other?.rows, one?.bytes === other?.bytes, (one?.bytes ?? 0) > 100_000]).toEqual([1208, 1208, true, true]);
    const where = async (schema: string, database = 'shop') => (await ask(`select c.relname || ' ' || count(*) as w from ${schema}.events e join pg_class c on c.oid = e.tableoid where tenant_id = (select id from tenantry.tenants where key = 'acme') group by c.relname order by 1`, database)).map(({ w }) => w);
    const month = `events_p${new Date().toISOString().slice(0, 7).replace('-', '_')} 1`;
    const move = (to: Isolation) => moveTenant(options(), 'acme', to);
    expect(await where('shop')).toEqual(['events_default 1', month, 'old 2']);
    expect(await move('schema')).toMatchObject({ outcome: 'moved', rows: 1208 });
    expect(await where('shop__acme')).toEqual(['events_default 1', 'events_p20240201 2', month]);
    expect((await ask("select count(*)::int as n from shop.readings")).map(({ n }) => n)).toEqual([1200]);
    await move('database');
    expect(await where('shop', 'shop__acme')).toEqual(['events_default 1', 'events_p20240201 2', month]);
    await move('row');
    expect(await where('shop')).toEqual(['events_default 1', month, 'old 2']);
    expect(await tenants.with('bolt', (db) => db.query('select from readings')).then(({ rowCount }) => rowCount)).toBe(1200);
    expect(linesOf((await planOf(server, loaded)).differences).filter((line) => !line.startsWith('finding partition/default-rows shop.shop: '))).toEqual([]);
  });

  it('are archived and off-boarded, and nobody else loses a row', async () => {
    const folder = freshFolder('partitions');
    expect((await archiveTenant(options(), 'acme', join(folder, 'first'))).rows).toBe(1208);
    const { certificate } = await offboardTenant({ ...options(), confirm: 'acme', archive: join(folder, 'acme') }, 'acme');
    expect(certificate.searched.found).toEqual([]);
    expect(certificate.removed.rows.reduce((sum, { rows }) => sum + rows, 0)).toBe(1208);
    expect(await tenants.with('bolt', async (db) => [(await db.query('select from readings')).rowCount, (await db.query('select from events')).rowCount])).toEqual([1200, 4]);
    expect(linesOf((await planOf(server, loaded)).differences).filter((line) => !line.startsWith('finding partition/default-rows shop.shop: '))).toEqual([]);
  });
});
