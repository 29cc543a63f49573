import type { Client } from 'pg';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { SchemaInput } from '../../lib/declaration';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { applyTo, emptyServer, expectNothingToDo, linesOf, manifestOf, planOf, refusalOf } from './support/platform';

const ID = '10000000-0000-4000-8000-000000000001';

const version1 = {
  name: 'shop',
  tables: {
    customers: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, email: { type: 'text' } }, primaryKey: ['id'] },
    orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, customer_id: { type: 'uuid' }, total: { type: 'integer' } }, primaryKey: ['id'] },
  },
  roles: { app: { login: 'iam', tables: { customers: 'write', orders: 'write' } } },
} as const satisfies SchemaInput;

type Tables = Record<string, SchemaInput['tables'][string]>;
const { customers, orders } = version1.tables;
const version2 = (tables: Tables): ReturnType<typeof manifestOf> => manifestOf({ ...version1, tables: { ...version1.tables, ...tables } }, { tenants });
const tenants = { acme: { isolation: 'row' }, globex: { isolation: 'schema' } };

describeNewest('tables that have rows', (major) => {
  let server: TestServer;
  let admin: Client;

  beforeAll(async () => {
    server = await startTestServer({ major });
  });

  beforeEach(async () => {
    await emptyServer(server);
    await applyTo(server, manifestOf(version1, { tenants }));
    admin = await server.admin('shop');
    const { rows: [{ id }] } = await admin.query(`select id from tenantry.tenants where key = 'acme'`);
    await admin.query(`
      insert into shop.customers values ('${id}', '${ID}', 'a@acme'), ('${id}', gen_random_uuid(), 'b@acme');
      insert into shop.orders values ('${id}', '${ID}', '${ID}', 5), ('${id}', gen_random_uuid(), '${ID}', 7)`);
  });

  const both = (line: string): string[] => [`shop.shop: ${line}`, `shop.shop__globex: ${line}`];

  it.each<[string, Tables, string[]]>([
    ['a nullable column', { orders: { ...orders, columns: { ...orders.columns, note: { type: 'text', nullable: true, comment: "it's" } } } }, ['add column orders.note text']],
    ['a required column with a default', { orders: { ...orders, columns: { ...orders.columns, state: { type: 'text', default: "'new'" } } } }, ['add column orders.state text']],
    ['a check', { orders: { ...orders, columns: { ...orders.columns, total: { type: 'integer', check: 'total > 0' } } } }, ['add check orders_total_check on orders', 'validate orders_total_check on orders']],
    ['an index', { orders: { ...orders, indexes: [['total']] } }, ['create index orders_total_idx on orders']],
    ['a unique key', { customers: { ...customers, unique: [['email']] } }, ['build the unique index customers_email_key on customers', 'add unique key customers_email_key on customers']],
    ['a foreign key', { orders: { ...orders, columns: { ...orders.columns, customer_id: { type: 'uuid', references: 'customers.id' } } } },
      ['add foreign key orders_customer_id_fkey on orders', 'validate orders_customer_id_fkey on orders', 'create index orders_customer_id_idx on orders']],
    ['a new table that references one that is there', { payments: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, order_id: { type: 'uuid', references: 'orders.id' } }, primaryKey: ['id'] } }, []],
    ['a new table that references a new unique key of one that is there', {
      customers: { ...customers, unique: [['email']] }, letters: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, email: { type: 'text', references: 'customers.email' } }, primaryKey: ['id'] },
    }, []],
  ])('get %s while they are in use [ARC-2.2]', async (_title, tables, lines) => {
    const loaded = version2(tables);
    const planned = linesOf((await planOf(server, loaded)).differences).filter((line) => !line.endsWith('write down what the place holds'));
    if (lines.length > 0) expect([...planned].sort()).toEqual(lines.flatMap(both).sort());
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
    expect((await admin.query(`select count(*)::int as n from pg_constraint where not convalidated`)).rows).toEqual([{ n: 0 }]);
    expect((await admin.query('select count(*)::int as n from shop.orders')).rows).toEqual([{ n: 2 }]);
  });

  it('get a NOT NULL only when no row breaks it [ARC-2.1]', async () => {
    const nullable = version2({ orders: { ...orders, columns: { ...orders.columns, note: { type: 'text', nullable: true } } } });
    const required = version2({ orders: { ...orders, columns: { ...orders.columns, note: { type: 'text' } } } });
    await applyTo(server, nullable);
    const { codes, message } = await refusalOf(applyTo(server, required));
    expect(codes).toEqual(['apply/statement']);
    expect(message).toBe([
      'apply/statement  at shop.shop',
      '  The step “look for null in orders.note” failed: check constraint "tenantry_note_not_null" of relation "orders" is violated by some row (SQLSTATE 23514).\n  Statement: alter table "shop"."orders" validate constraint "tenantry_note_not_null"',
      '  Mend the cause and apply again: what was done before stays, what was not is planned anew.',
    ].join('\n\n'));
    await admin.query(`update shop.orders set note = ''`);
    await applyTo(server, required);
    await expectNothingToDo(server, required);
  });

  it('do not get a required column without a default: nothing at all is changed', async () => {
    const loaded = version2({ orders: { ...orders, columns: { ...orders.columns, total: { type: 'integer', check: 'total > 0' }, state: { type: 'text' } } } });
    const { codes, kind, message } = await refusalOf(applyTo(server, loaded));
    expect({ codes, kind }).toEqual({ codes: ['column/required', 'column/required'], kind: 'refused' });
    const complaint = 'column/required  at shop\n\n  Orders.state is declared NOT NULL without a default, and rows that are there would have no value. Nothing was changed.\n\n  Give tables.orders.columns.state a default, a backfill for the rows that are there, or nullable: true.';
    expect(message).toBe(`${complaint}\n\n${complaint}`);
    await expectNothingToDo(server, manifestOf(version1, { tenants }));
  });

  it('are not rewritten under an exclusive lock for a default that is another one for each row', async () => {
    const loaded = version2({ orders: { ...orders, columns: { ...orders.columns, public_id: { type: 'uuid', nullable: true, default: 'gen_random_uuid()' } } } });
    const { codes, message } = await refusalOf(applyTo(server, loaded));
    expect(codes).toEqual(['column/rewrite', 'column/rewrite']);
    expect(message.split('\n\n').slice(0, 3).join('\n\n')).toBe(
      'column/rewrite  at shop\n\n  Orders.public_id has a default that is another one for each row, and adding it would rewrite the table under an exclusive lock. Nothing was changed.\n\n  Declare it NOT NULL: rows that are there are given a value in batches then. Or declare it without a default first.');
    await expectNothingToDo(server, manifestOf(version1, { tenants }));
  });

  it('do not get a foreign key over a row without its counterpart: the maintainer sees every row [ARC-2.1] [ASM-7.4]', async () => {
    await admin.query(`update shop.orders set customer_id = gen_random_uuid() where total = 7`);
    const loaded = version2({ orders: { ...orders, columns: { ...orders.columns, customer_id: { type: 'uuid', references: 'customers.id' } } } });
    const { codes, message } = await refusalOf(applyTo(server, loaded));
    expect(codes).toEqual(['apply/statement']);
    expect(message).toMatch(/^apply\/statement {2}at shop\.shop\n\n {2}The step “validate orders_customer_id_fkey on orders” failed: insert or update on table "orders" violates foreign key constraint "orders_customer_id_fkey" \(SQLSTATE 23503\)\.\n/);
    expect(message, 'values of rows').not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
    expect(linesOf((await planOf(server, loaded)).differences)).toContain('shop.shop: validate orders_customer_id_fkey on orders');
    await admin.query(`delete from shop.orders where total = 7`);
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it('do not get a unique key over equal values, and the values are not told', async () => {
    await admin.query(`update shop.customers set email = 'same@acme'`);
    const loaded = version2({ customers: { ...customers, unique: [['email']] } });
    const { codes, message } = await refusalOf(applyTo(server, loaded));
    expect(codes).toEqual(['apply/statement']);
    expect(message).toBe([
      'apply/statement  at shop.shop',
      '  The step “build the unique index customers_email_key on customers” failed: could not create unique index "customers_email_key" (SQLSTATE 23505).\n  Statement: create unique index concurrently "customers_email_key" on "shop"."customers" ("tenant_id", "email")',
      '  Mend the cause and apply again: what was done before stays, what was not is planned anew.',
    ].join('\n\n'));
    await admin.query(`update shop.customers set email = id::text`);
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it('wait for a transaction that holds them, name it when it takes too long, and go on behind it [ARC-2.2]', async () => {
    const loaded = version2({ orders: { ...orders, columns: { ...orders.columns, note: { type: 'text', nullable: true } }, indexes: [['total']] } });
    const holder = await server.connect({ user: 'postgres', database: 'shop', applicationName: 'a report' });
    await holder.query('begin; update shop.orders set total = total + 1');
    const { codes, message } = await refusalOf(applyTo(server, loaded));
    expect(codes).toEqual(['apply/lock-timeout']);
    expect(message.replace(/process \d+/g, 'process N')).toBe([
      'apply/lock-timeout  at shop.shop',
      '  The step “add column orders.note text” failed: canceling statement due to lock timeout (SQLSTATE 55P03).\n  Holding locks there: process N of postgres (a report).\n  Statement: alter table "shop"."orders" add column "note" text',
      '  Wait until those transactions end, or end them, and apply again: what was done before stays, what was not is planned anew.',
    ].join('\n\n'));
    await holder.query('rollback');
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it('get an index although a first try was interrupted [ARC-2.2]', async () => {
    const loaded = version2({ orders: { ...orders, indexes: [['total']] } });
    const holder = await server.connect({ user: 'postgres', database: 'shop' });
    await holder.query('begin; update shop.orders set total = total + 1');
    const applied = applyTo(server, loaded);
    // The first build waits for this transaction, gives up and leaves an invalid index behind.
    await until(async () => (await admin.query(`select from pg_index where not indisvalid`)).rowCount === 1);
    await until(async () => (await admin.query(`select from pg_stat_activity where query ilike 'create index concurrently%' and state = 'active'`)).rowCount === 0);
    await holder.query('rollback');
    await applied;
    await expectNothingToDo(server, loaded);
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
