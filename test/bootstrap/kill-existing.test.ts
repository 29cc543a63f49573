import type { Client } from 'pg';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { Change } from '../../lib/bootstrap/plan/difference';
import type { SchemaInput } from '../../lib/declaration';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import type { Kill } from './support/apply-child';
import { type Applied, expectNothingHalfVisible, generations, killedApply, leftToDo, removeAll, until, untilForgotten } from './support/killed';
import { applyTo, lineOf, manifestOf, planOf } from './support/platform';

const CUSTOMER = '10000000-0000-4000-8000-000000000001';

/** Each version has a column, a check, an index and a foreign key more than the one before. */
function versionOf(name: string, n: number, indexes: SchemaInput['tables'][string]['indexes'] = []): SchemaInput {
  const each = <Value>(entry: (i: number) => [string, Value]): Record<string, Value> => Object.fromEntries(Array.from({ length: n }, (_, i) => entry(i + 1)));
  return {
    name,
    tables: {
      customers: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] },
      orders: {
        tenancy: 'tenant', primaryKey: ['id'], checks: each((i) => [`total_${i}`, `total > -${i}`]), indexes: [...indexes, ...Array.from({ length: n }, (_, i) => [`amount_${i + 1}`])],
        columns: {
          id: { type: 'uuid' }, total: { type: 'integer' },
          ...each((i) => [`amount_${i}`, { type: 'integer', default: String(i) }]),
          ...each((i) => [`customer_${i}`, { type: 'uuid', nullable: true, references: 'customers.id' }]),
        },
      },
    },
    roles: { app: { login: 'iam', tables: { customers: 'write', orders: 'write' } } },
  };
}

const row = { acme: { isolation: 'row' } } as const;
const withInitech = { ...row, initech: { isolation: 'database' } } as const;

/** What a message holds, and the line of the plan that is left in front of it and done behind it. */
type Point = readonly [holds: string, line?: string];

/** The messages that change something, in their order. N stands for the version. */
const toTables: readonly Point[] = [
  ['insert into tenantry.applies'],
  ['add column "amount_N"', 'shop.shop: add column orders.amount_N integer'],
  ['drop index concurrently if exists "shop"."orders_amount_N_idx"'],
  ['create index concurrently "orders_amount_N_idx"', 'shop.shop: create index orders_amount_N_idx on orders'],
  ['drop index concurrently if exists "shop"."orders_customer_N_idx"'],
  ['create index concurrently "orders_customer_N_idx"', 'shop.shop: create index orders_customer_N_idx on orders'],
  ['validate constraint "orders_total_N_check"', 'shop.shop: validate orders_total_N_check on orders'],
  ['add constraint "orders_customer_N_fkey"', 'shop.shop: add foreign key orders_customer_N_fkey on orders'],
  ['validate constraint "orders_customer_N_fkey"', 'shop.shop: validate orders_customer_N_fkey on orders'],
  ['insert into tenantry.canonical_forms'],
  ['update tenantry.applies set outcome = $2'],
];
const toTenant: readonly Point[] = [
  ['create role "clinic_app__initech"', 'server: create role clinic_app__initech'],
  ['create database "clinic__initech"', 'server: create database clinic__initech'],
  ['comment on database "clinic__initech"', 'server: mark database clinic__initech as ours'],
  ['on database "clinic__initech" from public', 'server: PUBLIC may no longer TEMPORARY, CONNECT on database clinic__initech'],
  ['grant CONNECT on database "clinic__initech"', 'server: clinic_app__initech_login may CONNECT on database clinic__initech'],
  ['insert into tenantry.applies'],
  ["'clinic__initech', 'clinic', 'provisioning'", 'clinic.clinic: register tenant initech (database)'],
  ['create schema "tenantry"', 'clinic__initech.tenantry: create table tenants'],
  ['create schema "clinic"', 'clinic__initech.clinic: create table orders'],
  ["set state = 'active'", 'clinic: activate tenant initech'],
  ['update tenantry.applies set outcome = $2'],
];

describeNewest('an apply to what is in use', (major) => {
  let server: TestServer;
  let admin: Client;
  let n = 0;

  beforeAll(async () => {
    server = await startTestServer({ major });
    admin = await server.admin();
    for (const name of ['shop', 'clinic']) await applyTo(server, manifestOf(versionOf(name, 0), { tenants: row }));
    const home = await server.admin('shop');
    await home.query(`insert into shop.customers select id, '${CUSTOMER}' from tenantry.tenants; insert into shop.orders select id, gen_random_uuid(), n from tenantry.tenants, generate_series(1, 100) n`);
    await home.end();
  });

  beforeEach(async () => {
    await removeAll(admin, ['clinic__initech'], '^clinic_.*__initech');
    const home = await server.admin('clinic');
    for (const table of ['tenant_ids', 'tenants']) await home.query(`delete from tenantry.${table} where key = 'initech'`);
    await home.end();
  });

  /** Every point on each version: in front of it on the one, and behind it on the other. */
  const killsOf = (points: readonly Point[]): (readonly [Kill['when'], string, string | undefined, boolean])[] => {
    const begun = points.findIndex(([holds]) => holds === 'insert into tenantry.applies');
    return points.map(([holds, line], i) => {
      const when = (i % 2 === 0) === (major === 18) ? 'behind' : 'before';
      const passed = when === 'behind' ? i : i - 1;
      return [when, holds, line, begun <= passed && passed < points.length - 1];
    });
  };

  it.each(killsOf(toTables))('that changes tables with rows, killed %s “%s”: all or nothing of a transaction is there, and the next one converges [DBAAS-2.2] [ARC-2.2]', async (when, holds, line, isRunning) => {
    n += 1;
    const next: Applied = { declaration: versionOf('shop', n), manifest: { tenants: row } };
    const { differences } = await planOf(server, manifestOf(next.declaration, next.manifest));
    const together = differences.filter((difference): difference is Change => difference.type === 'change' && difference.stage === 'transaction').map(lineOf);
    expect(together).toEqual([`shop.shop: add column orders.amount_${n} integer`, `shop.shop: add column orders.customer_${n} uuid`, `shop.shop: add check orders_total_${n}_check on orders`, 'shop.shop: write down what the place holds']);
    const left = await killedAt(next, { when, message: holds.replace('_N', `_${n}`) }, line?.replace('_N', `_${n}`));
    expect([[], together], 'what is left of a transaction').toContainEqual(left.filter((of) => together.includes(of)));
    await expectConverged(next, isRunning);
    await expectRows();
  });

  it.each(killsOf(toTenant))('that makes the database of a tenant, killed %s “%s”: the tenant is active only when nothing is missing, and the next one converges [DBAAS-2.2]', async (when, holds, line, isRunning) => {
    const next: Applied = { declaration: versionOf('clinic', 0), manifest: { tenants: withInitech } };
    const left = await killedAt(next, { when, message: holds }, line);
    await expectNothingHalfVisible(server, admin, 'clinic', left);
    await expectConverged(next, isRunning);
  });

  it.each([
    ['a transaction of a place', 'shop', 'shop', 'lock table shop.orders in access share mode', 'add column "amount_N"', 'add column orders.amount_N integer', true],
    ['an index', 'shop', 'shop', 'update shop.orders set total = total', 'create index concurrently "orders_total_idx"', 'create index orders_total_idx on orders', true],
    ['a database', 'clinic', 'postgres', 'lock table pg_catalog.pg_database in share mode', 'create database "clinic__initech"', 'create database clinic__initech', false],
  ])('that is gone while the server still makes %s: the next one waits for that, finds it done and converges [DBAAS-2.2] [ARC-2.2]', async (what, name, database, lock, holds, line, isRunning) => {
    n += 1;
    const next: Applied = name === 'clinic' ? { declaration: versionOf(name, 0), manifest: { tenants: withInitech } }
      : { declaration: versionOf(name, n, what === 'an index' ? [['total']] : []), manifest: { tenants: row } };
    if (what === 'an index') await applyTo(server, manifestOf(versionOf(name, n), next.manifest));
    const holder = await server.admin(database);
    await holder.query(`begin; ${lock}`);
    const killed = await killedApply(server, next, { when: 'behind', message: holds.replace('_N', `_${n}`) }, '60s');
    await until('the server to work on it', async () => (await admin.query(`select from pg_stat_activity where application_name = 'tenantry' and wait_event_type = 'Lock' and starts_with($1, query)`, [killed?.message])).rowCount === 1);
    await expectConvergesOnce(next, holder, line.replace('_N', `_${n}`), isRunning);
    await holder.end();
    await expectRows();
  });

  async function expectConvergesOnce(next: Applied, holder: Client, line: string, isRunning: boolean): Promise<void> {
    const earlier = await generations(server, admin, next.declaration.name, 'interrupted');
    let ended = false;
    const applied = applyTo(server, manifestOf(next.declaration, next.manifest)).finally(() => (ended = true));
    await until('the next apply to look for the lock', async () => (await admin.query(`select from pg_stat_activity where application_name = 'tenantry' and query like '%pg_locks%'`)).rowCount === 1);
    expect(ended, 'whether the next apply ended').toBe(false);
    await holder.query('rollback');
    const { changes } = await applied;
    expect(changes.map(({ summary }) => summary)).not.toContain(line);
    expect(await leftToDo(server, next)).toEqual([]);
    expect(await generations(server, admin, next.declaration.name, 'interrupted')).toHaveLength(earlier.length + (isRunning ? 1 : 0));
  }

  /** What is left to do behind the kill, once the server noticed it. */
  async function killedAt(next: Applied, kill: Kill, line: string | undefined): Promise<string[]> {
    const killed = await killedApply(server, next, kill);
    if (killed === undefined) throw new Error(`There was no message with ${kill.message}.`);
    await untilForgotten(admin, killed);
    const left = await leftToDo(server, next);
    if (line !== undefined) expect(left.includes(line), `“${line}” is left`).toBe(kill.when === 'before');
    return left;
  }

  async function expectConverged(next: Applied, isRunning: boolean): Promise<void> {
    const { name } = next.declaration;
    const [running, earlier] = [await generations(server, admin, name, 'running'), await generations(server, admin, name, 'interrupted')];
    expect(running).toHaveLength(isRunning ? 1 : 0);
    await applyTo(server, manifestOf(next.declaration, next.manifest));
    expect(await leftToDo(server, next)).toEqual([]);
    expect(await generations(server, admin, name, 'interrupted')).toEqual([...earlier, ...running]);
    expect(await generations(server, admin, name, 'running')).toEqual([]);
  }

  async function expectRows(): Promise<void> {
    const home = await server.admin('shop');
    const { rows } = await home.query(`
      select count(*)::int as orders, (select count(*)::int from pg_constraint where not convalidated) as "notValidated", (select count(*)::int from pg_index where not indisvalid) as "invalid" from shop.orders`);
    expect(rows).toEqual([{ orders: 100, notValidated: 0, invalid: 0 }]);
    await home.end();
  }
});
