import { beforeEach, expect, it } from 'vitest';
import { addTenant, verify } from '../../lib/bootstrap';
import { connectTenants, trust } from '../../lib/client';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, expectNothingToDo, linesOf, manifestOf, planOf, refusalOf } from './support/platform';
import { shopInput } from './support/shop';

const tenants = { acme: { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database' } };
const loaded = manifestOf(shopInput, { tenants });

/** The registry decides which tenants there are: what happens when it or a part of it is lost, and what an older version made. */
describeNewest('the registry', (major) => {
  let server: TestServer;
  const superuser = (sql: string, database = 'shop') => server.runAsSuperuser(sql, database);

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

  it('does not give a tenant whose row was lost another id, and says how to put it back', async () => {
    const client = connectTenants(loaded.manifest, { role: 'app', credentials: trust(server) });
    await client.with('acme', (db) => db.query("insert into customers (email) values ('a@acme')"));
    await client.end();
    const admin = await server.admin('shop');
    const { rows: before } = await admin.query('select id, key, isolation, database_name, schema_name, state from tenantry.tenants order by key');
    await admin.query('delete from tenantry.tenants');
    const refused = await refusalOf(applyTo(server, loaded));
    expect(refused.kind).toBe('refused');
    expect(refused.codes).toEqual(Array(4).fill('tenant/unregistered'));
    const { id } = before[0];
    expect(refused.message.split('\n\ntenant/')[0]).toBe([
      'tenant/unregistered  at shop',
      `Tenant acme was registered with the id ${id}, and the registry does not list it any more; registered anew, it would get another id, and its rows would not be seen. Nothing was changed.`,
      `Put it back: insert into tenantry.tenants (id, key, display_name, isolation, tier, state, database_name, schema_name, declared, version) values ('${id}', 'acme', 'acme', 'row', 'standard', 'active', 'shop', 'shop', true, (extract(epoch from clock_timestamp()) / 60)::integer). Where its rows are gone for good: delete from tenantry.tenant_ids where key = 'acme'`,
    ].join('\n\n  '));
    for (const [, statement = ''] of refused.message.matchAll(/Put it back: (.*?\))\. Where/g)) await admin.query(statement);
    // Nobody who remembers the tenant from before is let in by its old version.
    expect(linesOf((await applyTo(server, loaded)).changes)).toEqual(['shop__initech: tenant initech is active, as the home registry says']);
    await expectNothingToDo(server, loaded);
    expect((await admin.query('select id, key, isolation, database_name, schema_name, state from tenantry.tenants order by key')).rows).toEqual(before);
    const again = connectTenants(loaded.manifest, { role: 'app', credentials: trust(server) });
    expect((await again.with('acme', (db) => db.query('select email from customers'))).rows).toEqual([{ email: 'a@acme' }]);
    await again.end();
  });

  it('does not let a lost tenant sign up again, but others', async () => {
    await superuser("delete from tenantry.tenants where key in ('acme', 'signed-up')");
    expect((await refusalOf(addTenant({ access: accessTo(server), loaded }, { key: 'signed-up', isolation: 'row' }))).codes).toEqual(['tenant/unregistered']);
    expect(linesOf((await addTenant({ access: accessTo(server), loaded }, { key: 'hooli', isolation: 'row' })).changes)).toEqual(['shop.shop: register tenant hooli (row)']);
  });

  it('does not follow a tenant to another id or another key', async () => {
    const admin = await server.admin('shop');
    const { rows: [{ id }] } = await admin.query("select id from tenantry.tenants where key = 'acme'");
    await admin.query("update tenantry.tenants set id = '00000000-0000-4000-8000-000000000001' where key = 'acme'");
    expect((await refusalOf(applyTo(server, loaded))).message).toBe(
      `tenant/other-id  at shop\n\n  Tenant acme was registered with the id ${id}, and the registry has 00000000-0000-4000-8000-000000000001; nobody would see the rows from before. Nothing was changed.\n\n  update tenantry.tenants set id = '${id}' where key = 'acme'`);
    await admin.query(`update tenantry.tenants set id = '${id}', key = 'acme-2' where key = 'acme'`);
    expect((await refusalOf(applyTo(server, loaded))).message).toBe(
      `tenant/other-key  at shop\n\n  Tenant acme is called acme-2 in the registry; a key never changes, and its rows would be those of another tenant. Nothing was changed.\n\n  update tenantry.tenants set key = 'acme' where id = '${id}'`);
    await admin.query(`update tenantry.tenants set key = 'acme' where id = '${id}'`);
    await expectNothingToDo(server, loaded);
  });

  it('[DBAAS-5.4] is not called isolated while it leads tenants to the rows of each other, and says how that is mended', async () => {
    const loaded = manifestOf(shopInput, { tenants: { ...tenants, bolt: { isolation: 'row' } } });
    await applyTo(server, loaded);
    const admin = await server.admin('shop');
    const { rows: before } = await admin.query('select key, id from tenantry.tenants order by key');
    for (const [from, to] of [['acme', 'other'], ['bolt', 'acme'], ['other', 'bolt']]) await admin.query('update tenantry.tenants set key = $2 where key = $1', [from, to]);
    const { outcome, results } = await verify({ access: accessTo(server), loaded });
    expect(outcome).toBe('unknown');
    expect(results.filter(({ verdict }) => verdict === 'unknown').map(({ attack, observed }) => `${attack}: ${observed.split(' with the id')[0]}`)).toEqual(['as-declared: tenant acme was registered', 'as-declared: tenant bolt was registered']);
    const refused = await refusalOf(applyTo(server, loaded));
    expect(refused.codes).toEqual(['tenant/other-id', 'tenant/other-id']);
    for (const statement of refused.message.match(/update tenantry\.tenants .*/g) ?? []) await admin.query(statement);
    expect((await admin.query('select key, id from tenantry.tenants order by key')).rows).toEqual(before);
    expect(linesOf((await applyTo(server, loaded)).changes)).toEqual(['shop: tenant acme is called "acme"', 'shop: tenant bolt is called "bolt"']);
    await expectNothingToDo(server, loaded);
  });

  it('does not give a tenant whose row was lost another id, where an older version remembered none', async () => {
    await superuser("drop table tenantry.tenant_ids; delete from tenantry.tenants where key in ('globex', 'initech')");
    const refused = await refusalOf(applyTo(server, loaded));
    expect(refused.codes).toEqual(['tenant/unregistered', 'tenant/unregistered']);
    expect(refused.message).toContain('The place of tenant globex is there, but the registry does not list the tenant; registered anew, it would get another id, and its rows would not be seen. Nothing was changed.');
    expect(refused.message).toContain('with the id that its rows carry: select distinct tenant_id from "shop__globex"."customers"');
  });

  it('remembers the ids of tenants that an older version registered', async () => {
    await superuser('drop table tenantry.tenant_ids');
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual(['shop.tenantry: create table tenant_ids', 'shop.tenantry: remember the ids of 4 tenants']);
    expect((await refusalOf(addTenant({ access: accessTo(server), loaded }, { key: 'hooli', isolation: 'row' }))).codes).toEqual(['tenant/apply-first']);
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
    await superuser("delete from tenantry.tenants where key = 'acme'");
    expect((await refusalOf(applyTo(server, loaded))).codes).toEqual(['tenant/unregistered']);
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
    const late = () => addTenant({ access: accessTo(server), loaded: newer }, { key: 'late', isolation: 'row' });
    await superuser('grant insert on shop.customers to shop_support');
    expect((await refusalOf(late())).codes, 'what all tenants share is not as declared').toEqual(['tenant/apply-first']);
    await superuser('revoke insert on shop.customers from shop_support');
    expect(linesOf((await late()).changes)).toEqual(['shop.shop: register tenant late (row)']);
  });

  it('adds a tenant and nothing else, whatever else differs', async () => {
    await superuser('grant insert on shop.customers to shop_support');
    const result = await addTenant({ access: accessTo(server), loaded }, { key: 'hooli', isolation: 'row', displayName: 'Hooli; drop table "x"' });
    expect(linesOf(result.changes)).toEqual(['shop.shop: register tenant hooli (row)']);
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual(['shop.shop: shop_support may no longer INSERT on customers']);
  });
});
