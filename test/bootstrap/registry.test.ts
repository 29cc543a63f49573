import { beforeEach, expect, it } from 'vitest';
import { addTenant } from '../../lib/bootstrap';
import { connectTenants, trust } from '../../lib/client';
import { describeServers, startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, expectNothingToDo, linesOf, manifestOf, planOf, refusalOf } from './support/platform';
import { shopInput } from './support/shop';

const tenants = { acme: { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database' } };
const loaded = manifestOf(shopInput, { tenants });

/** The registry decides which tenants there are: what happens when it or a part of it is lost, and what an older version made. */
describeServers('the registry', (major) => {
  let server: TestServer;
  const superuser = async (sql: string, database = 'shop'): Promise<void> => {
    const admin = await server.admin(database);
    await admin.query(sql);
    await admin.end();
  };

  beforeEach(async () => {
    server = await startTestServer({ major });
    await applyTo(server, loaded);
    await addTenant({ access: accessTo(server), loaded }, { key: 'signed-up', isolation: 'schema' });
  });

  it('is not made anew over tables whose registry was lost', async () => {
    await superuser('drop table tenantry.tenants');
    const refused = await refusalOf(applyTo(server, loaded));
    expect({ kind: refused.kind, message: refused.message }).toEqual({
      kind: 'refused',
      message: 'registry/lost  at database shop\n\n  The schema shop is there, but the registry of tenants (tenantry.tenants) is not. Without it nobody knows which tenants there are and which ids their rows carry. Nothing was changed.\n\n  Restore tenantry.tenants from a backup, then try again.',
    });
  });

  it('does not give a tenant whose row was lost another id', async () => {
    await superuser("delete from tenantry.tenants where key in ('globex', 'initech')");
    const refused = await refusalOf(applyTo(server, loaded));
    expect(refused.codes).toEqual(['tenant/unregistered', 'tenant/unregistered']);
    expect(refused.message).toContain('The place of tenant globex is there, but the registry does not list the tenant; registered anew, it would get another id, and its rows would not be seen. Nothing was changed.');
    expect(refused.message).toContain('with the id that its rows carry: select distinct tenant_id from "shop__globex"."customers"');
  });

  it('keeps tenants that signed up when a table of the library is missing, as after an upgrade', async () => {
    await superuser('drop table tenantry.verifications; drop table tenantry.canonical_forms');
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual(['shop.tenantry: create table verifications', 'shop.tenantry: create table canonical_forms']);
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
    const client = connectTenants(loaded.manifest, { role: 'app', credentials: trust(server) });
    expect((await client.with('signed-up', (db) => db.query('select count(*)::int as n from customers'))).rows).toEqual([{ n: 0 }]);
    await client.end();
  });

  it('counts a newer manifest also when its apply did not end', async () => {
    const newer = manifestOf(shopInput, { tenants: { ...tenants, hooli: { isolation: 'row' } } });
    await applyTo(server, newer);
    await superuser("update tenantry.applies set outcome = 'failed' where generation = (select max(generation) from tenantry.applies)");
    expect((await refusalOf(applyTo(server, loaded))).codes).toEqual(['manifest/older']);
    expect((await refusalOf(addTenant({ access: accessTo(server), loaded: newer }, { key: 'late', isolation: 'row' }))).codes).toEqual(['tenant/apply-first']);
  });

  it('adds a tenant and nothing else, whatever else differs', async () => {
    await superuser('grant insert on shop.customers to shop_support');
    const result = await addTenant({ access: accessTo(server), loaded }, { key: 'hooli', isolation: 'row', displayName: 'Hooli; drop table "x"' });
    expect(linesOf(result.changes)).toEqual(['shop.shop: register tenant hooli (row)']);
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual(['shop.shop: shop_support may no longer INSERT on customers']);
  });
});
