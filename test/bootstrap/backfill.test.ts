import type { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseDeclaration, type SchemaInput } from '../../lib/declaration';
import { startTestServer, type TestServer } from '../support/postgres';
import { applyTo, expectNothingToDo, linesOf, manifestOf, planOf, refusalOf } from './support/platform';

const base = {
  name: 'shop',
  tables: { orders: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, total: { type: 'integer' } }, primaryKey: ['id'] } },
  roles: { app: { login: 'none', tables: { orders: 'write' } } },
} as const satisfies SchemaInput;

const tenants = { acme: { isolation: 'row' }, globex: { isolation: 'schema' } };
type Columns = SchemaInput['tables'][string]['columns'];
const withColumns = (columns: Columns): SchemaInput => ({ ...base, tables: { orders: { ...base.tables.orders, columns: { ...base.tables.orders.columns, ...columns } } } });
const ROWS = 40_000;

describe('[ARC-2.2] rows that are there get a value for a new column', () => {
  let server: TestServer;
  let admin: Client;

  beforeAll(async () => {
    server = await startTestServer();
    await applyTo(server, manifestOf(base, { tenants }));
    admin = await server.admin('shop');
    await admin.query(`insert into shop.orders (tenant_id, total) select (select id from tenantry.tenants where key = 'acme'), i from generate_series(1, ${ROWS}) i`);
    await admin.query(`insert into shop__globex.orders (tenant_id, total) select (select id from tenantry.tenants where key = 'globex'), 7`);
  });

  it('in batches, each in a transaction of its own, by an expression over the row', async () => {
    const loaded = manifestOf(withColumns({ band: { type: 'text', backfill: "case when total > 100 then '$tenantry$ large' else 'small' end" } }), { tenants });
    expect(linesOf((await planOf(server, loaded)).differences).filter((line) => line.startsWith('shop.shop:'))).toEqual([
      'shop.shop: add column orders.band text', 'shop.shop: give every row a value for orders.band', 'shop.shop: refuse null in orders.band from now on',
      'shop.shop: give rows that came meanwhile a value for orders.band', 'shop.shop: look for null in orders.band', 'shop.shop: orders.band is NOT NULL', 'shop.shop: write down what the place holds',
    ]);
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
    const { rows } = await admin.query('select band, count(*)::int, count(distinct xmin::text)::int as transactions from shop.orders group by 1 order by 1');
    expect(rows.map(({ band, count }) => [band, count])).toEqual([['$tenantry$ large', ROWS - 100], ['small', 100]]);
    expect(rows[0].transactions, 'more than one transaction').toBeGreaterThan(1);
    expect((await admin.query('select band from shop__globex.orders')).rows).toEqual([{ band: 'small' }]);
  });

  it('by its default, where that is another one for each row', async () => {
    const loaded = manifestOf(withColumns({ band: { type: 'text', backfill: "'x'" }, public_id: { type: 'uuid', default: 'gen_random_uuid()' } }), { tenants });
    const filenode = async (): Promise<string> => (await admin.query("select relfilenode from pg_class where oid = 'shop.orders'::regclass")).rows[0].relfilenode;
    const before = await filenode();
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
    expect((await admin.query('select count(distinct public_id)::int as different from shop.orders')).rows).toEqual([{ different: ROWS }]);
    expect(await filenode(), 'the table was not rewritten').toBe(before);
  });

  it('also when rows come without one meanwhile, and goes on where an apply was stopped', async () => {
    const declared = { band: { type: 'text', backfill: "'x'" }, public_id: { type: 'uuid', default: 'gen_random_uuid()' }, region: { type: 'text', backfill: 'total::text' } } as const;
    const loaded = manifestOf(withColumns(declared), { tenants });
    await admin.query(`alter table shop.orders add region text; update shop.orders set region = 'by hand' where total < 5`);
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
    expect((await admin.query("select count(*) filter (where region = 'by hand')::int as kept, count(*) filter (where region = total::text)::int as filled from shop.orders")).rows).toEqual([{ kept: 4, filled: ROWS - 4 }]);
  });

  it('or the apply says which column has none, and what was filled stays', async () => {
    const loaded = manifestOf(withColumns({ band: { type: 'text', backfill: "'x'" }, public_id: { type: 'uuid', default: 'gen_random_uuid()' }, region: { type: 'text' }, size: { type: 'text', backfill: "case when total < 39000 then 'known' end" } }), { tenants });
    const { codes, message } = await refusalOf(applyTo(server, loaded));
    expect(codes).toEqual(['apply/statement']);
    expect(message).toContain('The step “give rows that came meanwhile a value for orders.size” failed');
    expect((await admin.query('select count(size)::int as filled from shop.orders')).rows).toEqual([{ filled: 38_999 }]);
    await applyTo(server, manifestOf(withColumns({ band: { type: 'text', backfill: "'x'" }, public_id: { type: 'uuid', default: 'gen_random_uuid()' }, region: { type: 'text' }, size: { type: 'text', backfill: "'unknown'" } }), { tenants }));
    expect((await admin.query('select size, count(*)::int from shop.orders group by 1 order by 1')).rows).toEqual([{ size: 'known', count: 38_999 }, { size: 'unknown', count: ROWS - 38_999 }]);
  });

  it('only by an expression that is one, and only where a value is needed', async () => {
    const refused = async (backfill: string): Promise<string> => (await refusalOf(planOf(server, manifestOf(withColumns({ other: { type: 'text', backfill } }), { tenants })))).message;
    expect(await refused("'a'), total = (0")).toContain('PostgreSQL does not accept "\'a\'), total = (0"');
    expect(await refused("'a')) is null), add constraint more check (((true")).toContain('at tables.orders.columns.other.backfill');
    expect(await refused("'a'; drop table shop.orders")).toContain('PostgreSQL does not accept');
    expect(await refused('(select max(total)::text from shop.orders)')).toContain('cannot use subquery');
    await expect(refusalOf((async () => parseDeclaration(withColumns({ other: { type: 'text', nullable: true, backfill: "'a'" } })))())).resolves.toMatchObject({ codes: ['declaration/backfill'] });
  });
});
