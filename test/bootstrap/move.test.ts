import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTenant, moveTenant, verify } from '../../lib/bootstrap';
import { connectTenants, type Tenants, trust } from '../../lib/client';
import type { Isolation } from '../../lib/declaration/types';
import { startTestServer, type TestServer } from '../support/postgres';
import { cutAt } from './support/cut';
import { accessTo, applyTo, expectNothingToDo, forgetful, linesOf, manifestOf, planOf, refusalOf, sqlstateOf } from './support/platform';
import { shopInput } from './support/shop';

const loaded = manifestOf(shopInput, { tenants: { bolt: { isolation: 'row' } } });

/** One story, told in order: each step stands on the one before. */
describe('tenants that are moved', () => {
  let server: TestServer;
  let tenants: Tenants;
  const options = () => ({ access: accessTo(server), loaded, passwords: forgetful });
  const move = (key: string, to: Isolation, more: object = {}) => moveTenant({ ...options(), ...more }, key, to);
  const client = (more: object = {}) => connectTenants(loaded.manifest, { role: 'app', credentials: trust(server), maxConnections: 4, ...more });
  const emails = (by: Tenants, key: string) => by.with(key, async (db) => (await db.query<{ email: string }>('select email from customers order by 1')).rows.map(({ email }) => email));
  const ask = (sql: string, database = 'shop') => server.runAsSuperuser(sql, database);

  beforeAll(async () => {
    server = await startTestServer();
    await applyTo(server, loaded);
    await addTenant(options(), { key: 'acme', isolation: 'row' });
    await addTenant(options(), { key: 'umbrella', isolation: 'row' });
    tenants = client({ staleness: 600_000 });
    await tenants.with('umbrella', (db) => db.query("insert into customers (email) values ('hello@umbrella.example')"));
  });
  afterAll(() => tenants.end());

  it('loses no row, doubles none and serves no stale one, from isolation to isolation, while four programs write', async () => {
    const committed = new Set<string>(['odd\tone\\N']);
    await tenants.with('acme', (db) => db.query("insert into customers (email, name) values (E'odd\\tone\\\\N', null)"));
    const stop = { now: false };
    const stale: string[] = [];
    const writer = async (n: number): Promise<void> => {
      const own = client({ maxConnections: 1, staleness: n % 2 === 0 ? 600_000 : 1 });
      for (let i = 0; !stop.now; i++) {
        const email = `${n}-${i}`;
        await own.with('acme', async (db) => {
          // Long enough that the tenant is closed while it is inside.
          if (n > 1) await db.query('select pg_sleep(0.2)');
          await db.query('with c as (insert into customers (email) values ($1) returning id) insert into orders (customer_id, country, total) select id, \'de\', 1 from c', [email]);
        }, n === 3 ? { isolationLevel: 'repeatable read' } : {});
        committed.add(email);
        const seen = await own.with('acme', (db) => db.query('select from customers where email = $1', [email]), { readOnly: true });
        if (seen.rowCount !== 1) stale.push(email);
      }
      await own.end();
    };
    const writers = [0, 1, 2, 3].map(writer);
    const moved = [];
    for (const to of ['schema', 'database', 'row'] as const) moved.push(await move('acme', to));
    stop.now = true;
    await Promise.all(writers);
    expect(stale).toEqual([]);
    expect(await emails(tenants, 'acme')).toEqual([...committed].sort());
    expect(committed.size).toBeGreaterThan(20);
    expect(await ask("select count(*)::int as orders, count(distinct customer_id)::int as customers from shop.orders where tenant_id = (select id from tenantry.tenants where key = 'acme')")).toEqual([{ orders: committed.size - 1, customers: committed.size - 1 }]);
    expect(moved.map(({ from, to, outcome }) => `${outcome} ${from} ${to}`)).toEqual(['moved row schema', 'moved schema database', 'moved database row']);
    expect(moved.every(({ notServed, milliseconds }) => notServed > 0 && notServed < milliseconds)).toBe(true);
    expect(await emails(tenants, 'umbrella')).toEqual(['hello@umbrella.example']);
    await expectNothingToDo(server, loaded);
    expect((await applyTo(server, loaded)).changes).toEqual([]);
    expect(await ask("select datname from pg_database where datname like 'shop\\_\\_%'")).toEqual([]);
    expect(await ask("select rolname from pg_roles where rolname like '%acme%'")).toEqual([]);
  }, 60_000);

  it('is not entered at the old place by a transaction whose snapshot is older than the move', async () => {
    const [{ version }] = await ask("select version from tenantry.tenants where key = 'acme'") as [{ version: number }];
    const old = await server.connect({ user: 'shop_app_login', database: 'shop' });
    await old.query('begin isolation level repeatable read; select count(*) from pg_class');
    await move('acme', 'schema');
    expect(await sqlstateOf(old.query(`call tenantry.enter('acme', ${version})`))).toBe('TN003');
    await old.query('rollback');
  });

  it('waits for transactions that are inside, names them when they do not end, and serves on; the way back is the isolation that it has', async () => {
    const [{ version }] = await ask("select version from tenantry.tenants where key = 'umbrella'") as [{ version: number }];
    const inside = await server.connect({ user: 'shop_app_login', database: 'shop', applicationName: 'slow' });
    await inside.query(`begin; call tenantry.enter('umbrella', ${version})`);
    const { kind, codes, message } = await refusalOf(move('umbrella', 'database', { drainWait: 100 }));
    expect({ kind, codes }).toEqual({ kind: 'failed', codes: ['tenant/in-use'] });
    expect(message).toMatch(/process \d+ of shop_app_login \(slow\)\. It is served again where it was, and nothing was copied\./);
    await inside.query('rollback');
    expect(await emails(tenants, 'umbrella')).toEqual(['hello@umbrella.example']);
    expect((await refusalOf(move('umbrella', 'schema'))).message).toContain('from row to database.\n\n  End it first: tenantry tenant move umbrella --to database');
    // An apply in between leaves both places as they are.
    expect((await applyTo(server, loaded)).changes).toEqual([]);
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual(['finding tenant/moving shop: tenant umbrella has a second place (database): a move was interrupted; tenantry tenant history umbrella says which, and the same command again ends it']);
    expect(await move('umbrella', 'row')).toMatchObject({ outcome: 'taken back', to: 'row', resumed: true });
    await expectNothingToDo(server, loaded);
    expect(await emails(tenants, 'umbrella')).toEqual(['hello@umbrella.example']);
  });

  it('keeps who waits waiting, and says so when that takes too long', async () => {
    await move('umbrella', 'schema');
    expect(await cutAt('insert into "shop"."customers"', () => move('umbrella', 'row'))).toContain('insert');
    const hasty = client({ connectionTimeout: 300 });
    expect((await refusalOf(emails(hasty, 'umbrella'))).codes).toEqual(['client/moving-tenant']);
    await hasty.end();
    const waiting = emails(tenants, 'umbrella');
    expect(await move('umbrella', 'row')).toMatchObject({ outcome: 'moved', resumed: true });
    expect(await waiting).toEqual(['hello@umbrella.example']);
  });

  it('removes no row that was written into the old place behind the copy', async () => {
    expect(await cutAt('delete from "shop"', () => move('umbrella', 'schema'))).toContain('delete');
    await ask("insert into shop.customers (tenant_id, email) select id, 'around@umbrella.example' from tenantry.tenants where key = 'umbrella'");
    const { codes, message } = await refusalOf(move('umbrella', 'schema'));
    expect(codes).toEqual(['tenant/written-around']);
    expect(message).toContain('customers (2 rows now, 1 then)');
    expect(await emails(tenants, 'umbrella')).toEqual(['hello@umbrella.example']);
    expect(await ask("select email from shop.customers where email like '%@umbrella.example' order by 1")).toEqual([{ email: 'around@umbrella.example' }, { email: 'hello@umbrella.example' }]);
    await ask("delete from shop.customers where email = 'around@umbrella.example'");
    expect(await move('umbrella', 'schema')).toMatchObject({ outcome: 'moved', resumed: true });
    expect(await ask("select email from shop.customers where email like '%@umbrella.example'")).toEqual([]);
    await expectNothingToDo(server, loaded);
  });

  it('refuses to leave a place that holds what nobody declared, and nothing is changed', async () => {
    await ask('create table shop__umbrella.notes (text text)');
    expect((await refusalOf(move('umbrella', 'row'))).message).toContain('would remove what is not declared there: table notes is not declared. Nothing was removed.');
    await ask('drop table shop__umbrella.notes; alter table shop__umbrella.customers add by_hand text');
    expect((await refusalOf(move('umbrella', 'row'))).message).toContain('Columns that are not declared would not be copied: customers.by_hand. Nothing was changed.');
    await ask('alter table shop__umbrella.customers drop by_hand');
    await ask("create function public.note() returns trigger language plpgsql as 'begin return new; end'; create trigger note after insert on shop.orders for each row execute function public.note()");
    expect((await refusalOf(move('umbrella', 'row'))).codes).toEqual(['move/triggers']);
    await ask('drop trigger note on shop.orders; drop function public.note()');
    await expectNothingToDo(server, loaded);
  });

  it('is what a declaration says from then on; one that says what was before names the command', async () => {
    await move('bolt', 'schema');
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual(['refused tenant/isolation shop: tenant bolt has isolation schema, and row is declared; a tenant is moved by copying its rows, never by changing the declaration']);
    const after = manifestOf(shopInput, { tenants: { bolt: { isolation: 'schema' } } });
    await expectNothingToDo(server, after);
    await applyTo(server, after);
    expect((await refusalOf(move('bolt', 'row'))).codes).toEqual(['tenant/apply-first']);
    expect((await verify({ access: accessTo(server), loaded: after })).outcome).toBe('isolated');
    expect((await refusalOf(moveTenant({ ...options(), loaded: after }, 'bolt', 'schema'))).codes).toEqual(['move/there']);
  });
});
