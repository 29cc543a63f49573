import type { Client } from 'pg';
import { beforeAll, expect, it } from 'vitest';
import { addTenant } from '../../lib/bootstrap/tenants/add';
import type { SchemaInput } from '../../lib/declaration';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, expectNothingToDo, linesOf, manifestOf, planOf, refusalOf } from './support/platform';

const declaration: SchemaInput = {
  name: 'shop', tables: { orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } }, roles: { app: { login: 'iam', tables: { orders: 'write' } } },
};
const loaded = manifestOf(declaration, { tenants: { acme: { isolation: 'row' }, initech: { isolation: 'database' } } });

const notCompared = (database: string): string => `finding database/closed server: what is in database ${database} is not compared, because it lets nobody in`;
const noLimit = (database: string): string => `server: database ${database} has no connection limit`;
const allowed = (database: string): string => `server: allow connections to database ${database}`;

describeNewest('a database that lets nobody in', (major) => {
  let server: TestServer;
  let admin: Client;

  beforeAll(async () => {
    server = await startTestServer({ major });
    admin = await server.admin();
    await applyTo(server, loaded);
    // A tenant that the manifest does not know, with roles of its own: only the registry tells that they are not too many.
    await addTenant({ access: accessTo(server), loaded }, { key: 'hooli', isolation: 'schema', tier: 'standard' });
  });

  it.each(['shop', 'shop__initech'])('for its connection limit (%s) is named in the plan and opened by the apply, which then sees what is in it', async (database) => {
    const inside = await server.admin(database);
    await inside.query('alter table shop.orders disable row level security');
    await inside.end();
    await admin.query(`alter database ${database} connection limit 0`);
    const plan = await planOf(server, loaded);
    expect(linesOf(plan.differences)).toEqual([noLimit(database), notCompared(database)]);
    const { changes } = await applyTo(server, loaded);
    expect(linesOf(changes)).toEqual([noLimit(database), `${database}.shop: enable row level security on orders`]);
    await expectNothingToDo(server, loaded);
  });

  it.each(['shop', 'shop__initech'])('because connections are not allowed (%s) is named in the plan and opened by the apply', async (database) => {
    await admin.query(`alter database ${database} allow_connections false`);
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual([allowed(database), notCompared(database)]);
    expect(linesOf((await applyTo(server, loaded)).changes)).toEqual([allowed(database)]);
    await expectNothingToDo(server, loaded);
  });

  it('is opened by the apply of a reviewed plan, and nothing else is done that the plan did not list', async () => {
    const inside = await server.admin('shop__initech');
    await inside.query('alter table shop.orders disable row level security');
    await inside.end();
    await admin.query('alter database shop__initech connection limit 0');
    const { fingerprint } = await planOf(server, loaded);
    expect((await refusalOf(applyTo(server, loaded, { reviewed: fingerprint }))).codes).toEqual(['apply/plan-changed']);
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual(['shop__initech.shop: enable row level security on orders']);
    await applyTo(server, loaded);
    await admin.query('alter database shop__initech connection limit 0');
    await applyTo(server, loaded, { reviewed: (await planOf(server, loaded)).fingerprint });
    await expectNothingToDo(server, loaded);
  });

  it('keeps no other tenant from signing up', async () => {
    await admin.query('alter database shop__initech connection limit 0');
    await addTenant({ access: accessTo(server), loaded }, { key: 'umbrella', isolation: 'schema', tier: 'standard' });
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual([noLimit('shop__initech'), notCompared('shop__initech')]);
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it('is compared when its limit is not reached', async () => {
    await admin.query('alter database shop__initech connection limit 50');
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual([noLimit('shop__initech')]);
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it('because a DROP DATABASE was interrupted is refused with the way out', async () => {
    await admin.query(`update pg_database set datconnlimit = -2 where datname = 'shop__initech'`);
    expect((await refusalOf(applyTo(server, loaded))).message).toBe(
      'database/invalid  at server\n\n  Database shop__initech is invalid: a DROP DATABASE of it was interrupted, and some of its files may be gone. Nothing was changed.\n\n  Restore it from a backup. Where nobody needs what was in it, drop it as its owner: drop database "shop__initech"');
    await admin.query(`update pg_database set datconnlimit = -1 where datname = 'shop__initech'`);
    await expectNothingToDo(server, loaded);
  });
});
