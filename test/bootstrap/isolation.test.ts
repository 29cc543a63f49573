import type { Client } from 'pg';
import { beforeAll, expect, it } from 'vitest';
import { describeServers, startTestServer, type TestServer } from '../support/postgres';
import { applyTo, manifestOf, sqlstateOf } from './support/platform';
import { shop } from './support/shop';

const CUSTOMER = '10000000-0000-4000-8000-000000000001';
const OTHER = '10000000-0000-4000-8000-000000000002';

interface Where {
  readonly tenant: string;
  readonly role: string;
  readonly login: string;
  readonly database: string;
  readonly schema: string;
}

const acme: Where = { tenant: 'acme', role: 'shop_app', login: 'shop_app_login', database: 'shop', schema: 'shop' };
const umbrella: Where = { ...acme, tenant: 'umbrella' };
const globex: Where = { ...acme, tenant: 'globex', role: 'shop_app__globex', schema: 'shop__globex' };
const hooli: Where = { ...acme, tenant: 'hooli', role: 'shop_app__hooli', schema: 'shop__hooli' };
const initech: Where = { tenant: 'initech', role: 'shop_app__initech', login: 'shop_app__initech_login', database: 'shop__initech', schema: 'shop' };
const vandelay: Where = { tenant: 'vandelay', role: 'shop_app__vandelay', login: 'shop_app__vandelay_login', database: 'shop__vandelay', schema: 'shop' };

describeServers('tenants on a server', (major) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ major });
    await applyTo(server, manifestOf(shop, {
      tenants: {
        acme: { isolation: 'row' }, umbrella: { isolation: 'row' }, globex: { isolation: 'schema' }, hooli: { isolation: 'schema' }, initech: { isolation: 'database' }, vandelay: { isolation: 'database' },
      },
    }));
    for (const where of [acme, umbrella, globex, hooli, initech, vandelay]) {
      await inTenant(where, async (client) => {
        await client.query('insert into customers (id, email) values ($1, $2), ($3, $4)', [CUSTOMER, `a@${where.tenant}`, OTHER, `b@${where.tenant}`]);
        await client.query(`insert into orders (customer_id, referrer_id, country, total) values ($1, $2, 'de', 100)`, [CUSTOMER, OTHER]);
      }, 'commit');
    }
  });

  /** One transaction of a tenant, as the tenants' client would open it. */
  async function inTenant<T>(where: Where, work: (client: Client) => Promise<T>, end: 'commit' | 'rollback' = 'rollback', begin = 'begin'): Promise<T> {
    const client = await server.connect({ user: where.login, database: where.database });
    try {
      await client.query(`${begin}; call tenantry.enter('${where.tenant}', 1); set local role ${where.role}; set local search_path to ${where.schema}, shop, pg_temp`);
      const result = await work(client);
      await client.query(end);
      return result;
    } finally {
      await client.end();
    }
  }

  const attempt = (where: Where, sql: string): Promise<string | undefined> => inTenant(where, (client) => sqlstateOf(client.query(sql)));

  it.each([acme, umbrella, globex, hooli, initech, vandelay])('$tenant sees its own rows alone, and the reference rows [DBAAS-5.4] [DBS-2.3]', async (where) => {
    const seen = await inTenant(where, async (client) => ({
      emails: (await client.query('select email from customers order by 1')).rows.map(({ email }) => email as string),
      orders: (await client.query('select total, tax, country from orders')).rows,
      countries: (await client.query('select count(*)::int as n from countries')).rows[0].n as number,
    }));
    expect(seen).toEqual({ emails: [`a@${where.tenant}`, `b@${where.tenant}`], orders: [{ total: '100.00', tax: '19.00', country: 'de' }], countries: 2 });
  });

  it.each([acme, globex, initech])('$tenant cannot write a row of another tenant, nor take one over', async (where) => {
    expect(await attempt(where, `insert into customers (tenant_id, email) values (gen_random_uuid(), 'x')`)).toBe('42501');
    expect(await attempt(where, 'update customers set tenant_id = gen_random_uuid()')).toBe('42501');
    expect(await attempt(where, 'truncate orders')).toBe('42501');
    expect(await attempt(where, 'create table shop.x ()')).toBe('42501');
    expect(await attempt(where, 'insert into countries values (\'xx\', \'x\')')).toBe('42501');
    expect(await attempt(where, 'select * from shop.flags')).toBe(where === initech ? '42P01' : '42501');
  });

  it('a session outside of any tenant sees nothing and writes nothing', async () => {
    const client = await server.connect({ user: 'shop_app_login', database: 'shop' });
    expect(await sqlstateOf(client.query('select * from shop.customers')), 'the login itself').toBe('42501');
    await client.query('begin; set local role shop_app');
    expect((await client.query('select * from shop.customers')).rows).toEqual([]);
    expect(await sqlstateOf(client.query(`insert into shop.customers (email) values ('x')`))).toBe('42501');
    await client.query('rollback');
    await client.query(`begin; call tenantry.enter('acme', 1); commit; begin; set local role shop_app`);
    expect((await client.query('select * from shop.customers')).rows, 'the context ended with its transaction').toEqual([]);
  });

  it.each([
    ['one that is unknown', 'nobody', 1, 'TN001'], ['one that was moved', 'acme', 2, 'TN003'],
  ])('the context of a tenant is refused: %s', async (_title, tenant, version, code) => {
    const client = await server.connect({ user: 'shop_app_login', database: 'shop' });
    expect(await sqlstateOf(client.query(`call tenantry.enter('${tenant}', ${version})`))).toBe(code);
  });

  it('a tenant’s schema and database are closed to the roles of the others [DBS-2.3]', async () => {
    for (const [where, schema] of [[acme, 'shop__globex'], [globex, 'shop__hooli'], [hooli, 'shop__globex']] as const) {
      expect(await attempt(where, `select * from ${schema}.customers`), `${where.tenant} in ${schema}`).toBe('42501');
    }
    expect(await attempt(globex, 'select * from shop.customers'), 'the rows of row tenants').toBe('42501');
    for (const [user, database] of [['shop_app_login', 'shop__initech'], ['shop_app__initech_login', 'shop'], ['shop_app__initech_login', 'shop__vandelay']] as const) {
      expect(await sqlstateOf(server.connect({ user, database })), `${user} to ${database}`).toBe('42501');
    }
    const client = await server.connect({ user: 'shop_app__initech_login', database: 'shop__initech' });
    expect(await sqlstateOf(client.query('set role shop_app__vandelay'))).toBe('42501');
    expect(await sqlstateOf(client.query('set role shop_app'))).toBe('42501');
  });

  it('the owner sees no rows, the maintainer and the role of all tenants see all [DBAAS-5.2]', async () => {
    const client = await server.connect({ database: 'shop' });
    const seen = async (role: string): Promise<unknown> => (await client.query(`set role ${role}; select count(*)::int as n from shop.customers`) as unknown as { rows: { n: number }[] }[])[1]?.rows[0]?.n;
    expect({ owner: await seen('shop_owner'), maintainer: await seen('shop_maintainer'), auditor: await seen('shop_auditor') }).toEqual({ owner: 0, maintainer: 4, auditor: 4 });
    expect(await sqlstateOf(client.query('delete from shop.customers')), 'the auditor writes').toBe('42501');
  });

  it('a masked column cannot be read, the others can [ARC-5.2]', async () => {
    const support = { ...acme, role: 'shop_support', login: 'shop_support_login' };
    expect(await attempt(support, 'select email from customers')).toBe('42501');
    expect(await attempt(support, 'select * from customers')).toBe('42501');
    expect(await attempt(support, 'select id, name from customers')).toBe('accepted');
    expect(await attempt(support, `select id from customers where email = 'a@acme'`)).toBe('42501');
    expect(await attempt(support, `update orders set note = 'x'`), 'append is not write').toBe('42501');
  });

  it.each([acme, globex, initech])('the rules of the data hold for $tenant [DBS-2.1] [ARC-2.1] [ASM-7.1] [ARC-2.5]', async (where) => {
    const order = (fields: string, values: string): string => `insert into orders (customer_id, country, total${fields}) values ('${CUSTOMER}', 'de', 1${values})`;
    expect(await attempt(where, order('', ''))).toBe('accepted');
    expect(await attempt(where, `insert into customers (email) values (null)`), 'NOT NULL').toBe('23502');
    expect(await attempt(where, `update orders set total = -1`), 'a check').toBe('23514');
    expect(await attempt(where, order(', note', `, '${'x'.repeat(1000)}'`)), 'a check of the table').toBe('23514');
    expect(await attempt(where, `insert into customers (email) values ('a@${where.tenant}')`), 'a unique key').toBe('23505');
    expect(await attempt(where, order(', referrer_id', ', gen_random_uuid()')), 'a foreign key').toBe('23503');
    expect(await attempt(where, `update orders set country = 'xx'`), 'a foreign key to a reference table').toBe('23503');
    expect(await attempt(where, order(', tax', ', 1')), 'a generated column').toBe('428C9');
    expect(await attempt(where, order(', total_', ', 1')), 'a column that there is not').toBe('42703');
  });

  it('one tenant’s unique values and keys say nothing about another’s', async () => {
    expect(await attempt(acme, `insert into customers (email) values ('a@umbrella')`)).toBe('accepted');
    const foreign = await inTenant(umbrella, async (client) => (await client.query(`insert into customers (email) values ('only@umbrella') returning id`)).rows[0].id as string, 'commit');
    expect(await attempt(acme, `insert into orders (customer_id, country, total) values ('${foreign}', 'de', 1)`), 'a row that is there, but another’s').toBe('23503');
    await inTenant(umbrella, (client) => client.query(`delete from customers where id = '${foreign}'`), 'commit');
  });

  it('a delete clears the declared column alone, or takes the row with it [ARC-2.1]', async () => {
    await inTenant(acme, async (client) => {
      await client.query('delete from customers where id = $1', [OTHER]);
      expect((await client.query('select tenant_id is not null as kept, referrer_id, customer_id from orders')).rows).toEqual([{ kept: true, referrer_id: null, customer_id: CUSTOMER }]);
      await client.query('delete from customers where id = $1', [CUSTOMER]);
      expect((await client.query('select from orders')).rowCount).toBe(0);
    });
    expect(await inTenant(umbrella, async (client) => (await client.query('select from orders')).rowCount)).toBe(1);
  });

  it('two sessions of different tenants run side by side, and two writers of one row one after the other [DBS-2.1] [ASM-7.3]', async () => {
    await inTenant(acme, async (first) => {
      await first.query(`update customers set name = 'first'`);
      await inTenant(umbrella, async (second) => {
        await second.query(`set local lock_timeout = '1s'; update customers set name = 'second'`);
        expect((await second.query('select distinct name from customers')).rows).toEqual([{ name: 'second' }]);
      });
      expect(await inTenant(acme, async (third) => {
        await third.query(`set local lock_timeout = '200ms'`);
        return sqlstateOf(third.query(`update customers set name = 'third'`));
      }), 'the row is locked').toBe('55P03');
      expect((await first.query('select distinct name from customers')).rows).toEqual([{ name: 'first' }]);
    });
    const lost = await inTenant(acme, async (first) => {
      await first.query('select * from customers');
      await inTenant(acme, (second) => second.query(`update customers set name = 'second'`), 'commit');
      return sqlstateOf(first.query(`update customers set name = 'first'`));
    }, 'rollback', 'begin isolation level repeatable read');
    expect(lost, 'a lost update').toBe('40001');
  });
});
