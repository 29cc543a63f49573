import { beforeAll, expect, it } from 'vitest';
import type { SchemaInput } from '../../lib/declaration';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { applyTo, expectNothingToDo, manifestOf, refusalOf } from './support/platform';

const nasty = `a'b"c\\d\n$$e$tenantry$;--%{x}\${y}\u{1F600}`;
const longest = 'x'.repeat(63);

const odd = {
  name: 'select',
  externalGrants: ['monitor "x"'],
  tables: {
    select: {
      tenancy: 'tenant', comment: nasty,
      columns: {
        order: { type: 'text', comment: nasty, default: `'it''s; drop table x; --'` }, user: { type: 'text', nullable: true, check: `"user" <> 'a''b'`, references: 'table.group' },
        [longest]: { type: 'integer', nullable: true, unique: true }, end: { type: 'integer', generated: `length("order")` },
      },
      primaryKey: ['order'], indexes: [{ columns: ['user', longest], where: `"user" is not null` }], checks: { [longest]: `"${longest}" > 0` },
    },
    table: { tenancy: 'reference', columns: { group: { type: 'text' }, value: { type: 'text', nullable: true } }, primaryKey: ['group'], rows: [{ group: 'a', value: nasty }, { group: `b'`, value: null }] },
    [longest]: { tenancy: 'tenant', columns: { [longest]: { type: 'text' } }, primaryKey: [longest], indexes: [[longest]] },
  },
  roles: { from: { login: 'iam', tables: { select: 'write', table: 'read', [longest]: 'append' } }, all: { scope: 'all', tables: { select: 'read' }, masked: [`select.${longest}`] } },
} as SchemaInput;

describeNewest('odd names and texts', (major) => {
  let server: TestServer;
  const loaded = manifestOf(odd, { tenants: { end: { isolation: 'row', displayName: nasty }, 'a--b': { isolation: 'schema', displayName: nasty }, user: { isolation: 'database', displayName: nasty } } });

  beforeAll(async () => {
    server = await startTestServer({ major });
    await (await server.admin()).query('create role "monitor ""x"""');
    await applyTo(server, loaded);
  });

  it('are created, and found again as they were declared', async () => {
    await expectNothingToDo(server, loaded);
    const admin = await server.admin('select');
    expect((await admin.query(`select obj_description('"select"."select"'::regclass) as comment, col_description('"select"."select"'::regclass, 2) as column`)).rows).toEqual([{ comment: nasty, column: nasty }]);
    expect((await admin.query('select display_name from tenantry.tenants')).rows).toEqual(Array(3).fill({ display_name: nasty }));
    expect((await admin.query('select "group", value from "select"."table" order by 1')).rows).toEqual([{ group: 'a', value: nasty }, { group: `b'`, value: null }]);
    expect((await admin.query(`select max(length(conname)) as n from pg_constraint where connamespace = '"select"'::regnamespace`)).rows).toEqual([{ n: 63 }]);
    await admin.query('grant select on "select"."select" to "monitor ""x"""; alter default privileges for role select_owner grant select on tables to "monitor ""x"""');
    await expectNothingToDo(server, loaded);
  });

  it('can be used by a tenant', async () => {
    const client = await server.connect({ user: 'select_from_login', database: 'select' });
    await client.query(`begin; call tenantry.enter('a--b', 1); set local role select_from__a__b`);
    const { rows } = await client.query(`insert into select__a__b."select" ("user") values ('a') returning "order", "end"`);
    expect(rows).toEqual([{ order: `it's; drop table x; --`, end: 22 }]);
    await client.query('rollback');
  });
});

describeNewest('what a declaration says in SQL', (major) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ major });
  });

  const declare = (column: object): ReturnType<typeof manifestOf> => manifestOf({ name: 'shop', tables: { orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, total: { type: 'integer', ...column } }, primaryKey: ['id'] } } });

  it.each([
    [{ check: 'totl > 0' }, 'declaration/expression  at tables.orders: check orders_total_check\n\n  PostgreSQL does not accept "totl > 0": column "totl" does not exist.'],
    [{ default: '1) , add column x int default (2' }, undefined],
    [{ check: 'true); drop table x; --' }, undefined],
    [{ check: 'true), add column extra int check (true' }, 'declaration/expression  at tables.orders\n\n  One of the expressions of this table is more than one expression: it adds columns or constraints of its own.'],
    [{ default: `'x'` }, 'declaration/expression  at tables.orders.columns.total.default\n\n  PostgreSQL does not accept "\'x\'": invalid input syntax for type integer: "x".'],
    [{ generated: 'random()::int' }, 'declaration/expression  at tables.orders.columns.total.generated\n\n  PostgreSQL does not accept "random()::int": generation expression is not immutable.'],
  ])('is refused with its place when the server does not accept it: %j', async (column, message) => {
    const refusal = await refusalOf(applyTo(server, declare(column)));
    expect({ codes: refusal.codes, kind: refusal.kind }).toEqual({ codes: ['declaration/expression'], kind: 'input' });
    if (message !== undefined) expect(refusal.message.startsWith(message)).toBe(true);
    const admin = await server.admin();
    expect((await admin.query(`select from pg_database where datname = 'shop'`)).rowCount).toBe(0);
    await admin.end();
  });
});
