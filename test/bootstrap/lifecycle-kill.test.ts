import { beforeAll, describe, expect, it } from 'vitest';
import { addTenant, moveTenant, offboardTenant } from '../../lib/bootstrap';
import { connectTenants, type TenantSession, trust } from '../../lib/client';
import type { SchemaInput } from '../../lib/declaration';
import type { Isolation } from '../../lib/declaration/types';
import { startTestServer, type TestServer } from '../support/postgres';
import { cutAt } from './support/cut';
import { accessTo, applyTo, expectNothingToDo, forgetful, linesOf, manifestOf } from './support/platform';

const declaration = {
  name: 'shop',
  tables: {
    customers: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, email: { type: 'text' } }, primaryKey: ['id'] },
    orders: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, customer_id: { type: 'uuid', references: 'customers.id' } }, primaryKey: ['id'] },
  },
  roles: { app: { login: 'iam', tables: { customers: 'write', orders: 'write' } } },
} satisfies SchemaInput;
const loaded = manifestOf(declaration, { tenants: { bolt: { isolation: 'row' } } });

/** Each step of what a command does, by a part of its first statement: it is cut off in front of that, and so behind the step before. */
const MOVES: readonly (readonly [Isolation, Isolation, readonly string[]])[] = [
  ['row', 'schema', ['create schema', "state = 'moving'", 'insert into "shop__acme"."orders"', "isolation = 'schema', database_name", 'delete from "shop"."orders"', 'second_isolation = null']],
  ['schema', 'database', ['create database', "step = 'copied'", "isolation = 'database', database_name", 'drop table "shop__acme"."customers"', 'revoke "']],
  ['database', 'row', ["state = 'moving'", 'insert into "shop"."orders"', 'allow_connections false', 'drop database', 'drop role']],
];
const OFFBOARDINGS: readonly (readonly [Isolation, readonly string[]])[] = [
  ['row', ["state = 'offboarding'", "step = 'remove'", 'delete from "shop"."customers"', "state = 'offboarded'"]],
  ['schema', ['drop schema', 'drop role']],
  ['database', ['allow_connections false', 'drop database', "step = 'search'"]],
];

describe('tenants that are moved and off-boarded, interrupted at each step', () => {
  let server: TestServer;
  const options = () => ({ access: accessTo(server), loaded, passwords: forgetful });
  const ask = (sql: string) => server.runAsSuperuser(sql, 'shop');
  const within = <T>(key: string, work: (db: TenantSession) => Promise<T>): Promise<T> => {
    const tenants = connectTenants(loaded.manifest, { credentials: trust(server), maxConnections: 1 });
    return tenants.with(key, work).finally(() => tenants.end());
  };
  const add = async (key: string, isolation: Isolation): Promise<void> => {
    await addTenant(options(), { key, isolation });
    await within(key, (db) => db.query("with c as (insert into customers (email) values ('a'), ('b') returning id) insert into orders (customer_id) select id from c"));
  };
  const rowsOf = (key: string) => within(key, async (db) => (await db.query('select email from customers join orders on customer_id = customers.id order by 1')).rows);

  beforeAll(async () => {
    server = await startTestServer();
    await applyTo(server, loaded);
    await add('acme', 'row');
  });

  it.each(MOVES)('goes on from there when a tenant moves from %s to %s, also with an apply in between', async (from, to, steps) => {
    for (const [n, step] of steps.entries()) {
      expect(await cutAt(step, () => moveTenant(options(), 'acme', to)), step).toContain(step);
      const between = n % 2 === 1 ? (await applyTo(server, loaded)).changes : [];
      const [{ isolation }] = await ask("select isolation from tenantry.tenants where key = 'acme'") as [{ isolation: Isolation }];
      if (isolation === to) {
        expect(await rowsOf('acme')).toEqual([{ email: 'a' }, { email: 'b' }]);
        expect(linesOf(between).filter((line) => !line.startsWith('server: allow connections')), 'what is gone of the old place is not made anew').toEqual([]);
      }
      // Before the switch the way back is open; behind it the way forward is the only one.
      const back = isolation === from && n % 3 === 2;
      expect(await moveTenant(options(), 'acme', back ? from : to)).toMatchObject({ outcome: back ? 'taken back' : 'moved', resumed: true });
      expect(await rowsOf('acme')).toEqual([{ email: 'a' }, { email: 'b' }]);
      expect(await ask("select count(*)::int as orders from shop.orders where tenant_id = (select id from tenantry.tenants where key = 'acme')"), step).toEqual([{ orders: (back ? from : to) === 'row' ? 2 : 0 }]);
      expect(await ask("select 1 from tenantry.tenant_operations where state = 'running' union all select 1 from tenantry.tenants where second_isolation is not null")).toEqual([]);
      if (!back && n < steps.length - 1) await moveTenant(options(), 'acme', from);
    }
    await expectNothingToDo(server, loaded);
  }, 120_000);

  it.each(OFFBOARDINGS)('goes on from there when a %s tenant is off-boarded, also with an apply in between', async (isolation, steps) => {
    for (const [n, step] of steps.entries()) {
      const key = `${isolation}-${n}`;
      await add(key, isolation);
      await rowsOf('bolt');
      const offboard = () => offboardTenant({ ...options(), confirm: key, archive: false }, key);
      expect(await cutAt(step, offboard), step).toContain(step);
      if (n % 2 === 0) await applyTo(server, loaded);
      expect(await offboard()).toMatchObject({ already: false, rows: 4, certificate: { searched: { found: [] } } });
      expect(await ask(`select 1 from tenantry.tenant_operations where state = 'running' union all select 1 from pg_roles where rolname like '%${isolation}_${n}%' union all select 1 from pg_database where datname like '%${isolation}_${n}'`)).toEqual([]);
    }
    await expectNothingToDo(server, loaded);
  }, 120_000);
});
