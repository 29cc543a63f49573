import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { addTenant, changeTier, measureUsage, moveTenant, offboardTenant, suspendTenant, resumeTenant } from '../../lib/bootstrap';
import { dropDatabase } from '../../lib/bootstrap/tenants/remove';
import { connectTenants, type TenantSession, trust } from '../../lib/client';
import type { SchemaInput } from '../../lib/declaration';
import type { Isolation } from '../../lib/declaration/types';
import { freshFolder } from '../support/fresh-folder';
import { startTestServer, type TestServer } from '../support/postgres';
import { between, TAKES_THE_LOCK } from './support/between';
import { cutAt } from './support/cut';
import { accessTo, applyTo, expectNothingToDo, forgetful, manifestOf, refusalOf } from './support/platform';

const declarationWith = (columns: object) => ({
  name: 'shop',
  tables: {
    countries: { tenancy: 'reference', columns: { code: { type: 'char(2)' } }, primaryKey: ['code'], rows: [{ code: 'de' }] },
    customers: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, email: { type: 'text' }, country: { type: 'char(2)', default: "'de'", references: 'countries.code' }, ...columns }, primaryKey: ['id'] },
  },
  roles: { app: { login: 'iam', tables: { customers: 'write', countries: 'read' } } },
  tiers: { standard: {}, large: { statementTimeout: '7s' } },
}) satisfies SchemaInput;
const loadedWith = (columns: object = {}) => manifestOf(declarationWith(columns), { tenants: { bolt: { isolation: 'schema' } } });

/** One story, told in order: others come in between where a command holds no lock. */
describe('moves and off-boardings that others come between', () => {
  let server: TestServer;
  let loaded = loadedWith();
  const folder = freshFolder('races');
  const options = (of = loaded) => ({ access: accessTo(server), loaded: of, passwords: forgetful });
  const move = (key: string, to: Isolation, of = loaded) => moveTenant(options(of), key, to);
  const offboard = (key: string, archive: string | false = false) => offboardTenant({ ...options(), confirm: key, archive }, key);
  const ask = (sql: string, database = 'shop') => server.runAsSuperuser(sql, database);
  const within = <T>(key: string, work: (db: TenantSession) => Promise<T>): Promise<T> => {
    const tenants = connectTenants(loaded.manifest, { credentials: trust(server), maxConnections: 1, connectionTimeout: 2_000 });
    return tenants.with(key, work).finally(() => tenants.end());
  };
  const emails = (key: string) => within(key, async (db) => (await db.query<{ email: string }>('select email from customers order by 1')).rows.map(({ email }) => email));
  const add = async (key: string, isolation: Isolation): Promise<void> => {
    await addTenant(options(), { key, isolation });
    await within(key, (db) => db.query("insert into customers (email) values ('a'), ('b')"));
  };

  beforeAll(async () => {
    server = await startTestServer();
    await applyTo(server, loaded);
    await add('acme', 'row');
  });

  it('a tenant that is suspended behind the first step stays suspended, whichever way the move ends', async () => {
    const suspended = between({ message: TAKES_THE_LOCK, key: 1, n: 3 }, () => suspendTenant(options(), 'acme'), () => move('acme', 'schema'));
    expect((await refusalOf(suspended)).codes).toEqual(['tenant/state']);
    expect((await refusalOf(emails('acme'))).codes).toEqual(['client/inactive-tenant']);
    expect(await move('acme', 'row')).toMatchObject({ outcome: 'taken back' });
    expect(await ask("select state from tenantry.tenants where key = 'acme'")).toEqual([{ state: 'suspended' }]);
    await resumeTenant(options(), 'acme');
    expect(await emails('acme')).toEqual(['a', 'b']);
    await expectNothingToDo(server, loaded);
  });

  it('a tenant whose rows do not fit at its new place is served again at the old one', async () => {
    await ask("insert into shop.countries values ('xx'); update shop.customers set country = 'xx' where email = 'a'");
    expect((await refusalOf(move('acme', 'database'))).codes).toEqual(['move/copy']);
    expect(await emails('acme')).toEqual(['a', 'b']);
    await ask("update shop.customers set country = 'de'; delete from shop.countries where code = 'xx'");
    expect(await move('acme', 'database')).toMatchObject({ outcome: 'moved', resumed: true });
    await move('acme', 'row');
  });

  it('a tier that is changed meanwhile holds at the new place', async () => {
    await between({ message: TAKES_THE_LOCK, key: 1, n: 3 }, () => changeTier(options(), 'acme', 'large'), () => move('acme', 'database'));
    expect(await within('acme', async (db) => (await db.query('show statement_timeout')).rows)).toEqual([{ statement_timeout: '7s' }]);
    await expectNothingToDo(server, loaded);
    await move('acme', 'row');
  });

  it('a row that is written around while the old place is emptied is not left behind unseen', async () => {
    const around = (): Promise<unknown> => ask("insert into shop.customers (tenant_id, email) select id, 'around' from tenantry.tenants where key = 'acme'");
    const refused = await refusalOf(between({ message: 'delete from "shop"."customers"' }, around, () => move('acme', 'schema')));
    expect(refused.codes).toEqual(['tenant/written-around']);
    expect(refused.message).toContain('These tables do not hold what was copied, although the tenant is not served there: customers.');
    expect(await emails('acme'), 'it is served at its new place').toEqual(['a', 'b']);
    expect((await refusalOf(move('acme', 'schema'))).codes).toEqual(['tenant/written-around']);
    expect(await ask("delete from shop.customers where email = 'around' returning 1 as one")).toEqual([{ one: 1 }]);
    expect(await move('acme', 'schema')).toMatchObject({ outcome: 'moved', resumed: true });
    await move('acme', 'row');
  });

  it('a schema of somebody else that is in the way is not dropped by taking the move back', async () => {
    await ask('create schema shop__acme authorization shop_owner; set role shop_owner; create table shop__acme.precious (text text)');
    expect((await refusalOf(move('acme', 'schema'))).codes).toContain('schema/foreign');
    const back = await move('acme', 'row').then(({ outcome }) => outcome, (error: Error) => error.message);
    expect(await ask("select to_regclass('shop__acme.precious') is not null as there")).toEqual([{ there: true }]);
    expect(back).toBe('taken back');
    await ask('drop schema shop__acme cascade');
    await expectNothingToDo(server, loaded);
  });

  it('a column that a newer manifest brings meanwhile is not lost', async () => {
    const newer = loadedWith({ points: { type: 'integer', nullable: true } });
    const between2 = async (): Promise<void> => {
      await applyTo(server, newer);
      await ask("update shop.customers set points = 7 where email = 'a'");
    };
    expect((await refusalOf(between({ message: TAKES_THE_LOCK, key: 1, n: 3 }, between2, () => move('acme', 'schema')))).codes).toEqual(['tenant/apply-first']);
    loaded = newer;
    expect(await move('acme', 'schema')).toMatchObject({ outcome: 'moved', resumed: true });
    expect(await within('acme', async (db) => (await db.query('select email, points from customers order by 1')).rows)).toEqual([{ email: 'a', points: 7 }, { email: 'b', points: null }]);
  });

  it('a move, and an off-boarding, that were interrupted behind the copy end with the next manifest too', async () => {
    await add('late', 'row');
    expect(await cutAt('delete from "shop"', () => offboard('late', join(folder, 'late')))).toContain('delete');
    expect(await cutAt('drop table "shop__acme"', () => move('acme', 'row'))).toContain('drop');
    loaded = loadedWith({ points: { type: 'integer', nullable: true }, level: { type: 'integer', default: '1' } });
    await applyTo(server, loaded);
    expect(await move('acme', 'row')).toMatchObject({ outcome: 'moved', resumed: true });
    expect(await emails('acme')).toEqual(['a', 'b']);
    expect(await offboard('late', join(folder, 'late'))).toMatchObject({ rows: 2 });
    await expectNothingToDo(server, loaded);
  });

  it('a database is not dropped while somebody is connected; sessions of the tenant that a pooler keeps are ended where that is allowed', async () => {
    await add('pooled', 'database');
    const admin = await server.admin('shop__pooled');
    const client = await server.connect({ database: 'shop__pooled' });
    const maintenance = await server.connect({});
    const place = { isolation: 'database', database: 'shop__pooled', schema: 'shop' } as const;
    const { codes, message } = await refusalOf(dropDatabase({ client, place, tables: [], tenantId: '', owner: 'shop_owner', maintainer: 'shop_maintainer', known: {} }, maintenance, maintenance, [], 200));
    expect(codes).toEqual(['tenant/connected']);
    expect(message).toContain('(postgres)');
    for (const one of [admin, client, maintenance]) await one.end();
    const idle = await server.connect({ user: 'shop_app__pooled_login', database: 'shop__pooled' });
    await ask('grant pg_signal_backend to tenantry_bootstrap');
    expect(await move('pooled', 'row')).toMatchObject({ outcome: 'moved' });
    await expect(idle.query('select 1')).rejects.toThrow();
    await ask('revoke pg_signal_backend from tenantry_bootstrap');
    expect(await emails('pooled')).toEqual(['a', 'b']);
    await offboard('pooled');
  });

  it('two of the same: the one that comes later says that the other one ended it', async () => {
    const both = between({ message: TAKES_THE_LOCK, key: 1, n: 4 }, () => move('acme', 'schema'), () => move('acme', 'schema'));
    expect((await refusalOf(both)).codes).toEqual(['move/ended']);
    const back = between({ message: TAKES_THE_LOCK, key: 1, n: 3 }, () => move('acme', 'schema'), () => move('acme', 'row'));
    expect((await refusalOf(back)).codes).toEqual(['move/ended']);
    expect(await emails('acme')).toEqual(['a', 'b']);
    await add('twice', 'row');
    expect(await between({ message: TAKES_THE_LOCK, key: 1, n: 2 }, () => offboard('twice'), () => offboard('twice'))).toMatchObject({ rows: 2, already: true });
    await expectNothingToDo(server, loaded);
  });

  it('an off-boarding is resumed with the archive that it was begun with, or is given one as long as nothing was counted', async () => {
    await add('kept', 'row');
    expect(await cutAt("state = 'offboarding'", () => offboard('kept'))).toContain('offboarding');
    expect(await offboard('kept', join(folder, 'kept'))).toMatchObject({ certificate: { archive: { folder: join(folder, 'kept') } } });
    await add('other', 'row');
    expect(await cutAt('delete from "shop"', () => offboard('other'))).toContain('delete');
    expect((await refusalOf(offboard('other', join(folder, 'other')))).codes).toEqual(['offboard/other-archive']);
    expect(await offboard('other')).toMatchObject({ rows: 2, certificate: { archive: null } });
  });

  it('rows that are changed or added behind the count are not removed; those that a rewrite of the table only moves are, however many there are', async () => {
    const of = (key: string): string => `(select id from tenantry.tenants where key = '${key}')`;
    const removing = (key: string, meanwhile: string) => between({ message: 'begin isolation level repeatable read; ' }, () => ask(meanwhile), () => offboard(key));
    const count = async (key: string) => (await ask(`select from shop.customers where tenant_id = ${of(key)}`)).length;
    for (const key of ['hooli', 'initech', 'wayne']) await add(key, 'row');
    expect((await refusalOf(removing('hooli', `update shop.customers set email = 'c' where tenant_id = ${of('hooli')} and email = 'a'`))).codes).toEqual(['tenant/written-around']);
    expect((await refusalOf(removing('initech', `insert into shop.customers (tenant_id, email) values (${of('initech')}, 'c')`))).codes).toEqual(['tenant/written-around']);
    expect([await count('hooli'), await count('initech')]).toEqual([2, 3]);
    await ask(`update shop.customers set email = 'a' where email = 'c' and tenant_id = ${of('hooli')}; delete from shop.customers where email = 'c'`);
    expect([(await offboard('hooli')).rows, (await offboard('initech')).rows], 'as they were counted again').toEqual([2, 2]);
    await within('wayne', (db) => db.query("insert into customers (email) select 'x' from generate_series(1, 3000)"));
    expect((await removing('wayne', 'vacuum full shop.customers')).rows).toBe(3_002);
    expect([await count('wayne'), await emails('acme')]).toEqual([0, expect.arrayContaining(['a', 'b'])]);
  });

  it('no certificate is made where a table cannot be searched, and what was off-boarded is not measured', async () => {
    await add('last', 'row');
    await ask('create table shop.imported (tenant_id uuid)');
    const { codes, message } = await refusalOf(offboard('last'));
    expect(codes).toEqual(['offboard/not-searched']);
    expect(message).toContain('shop.shop.imported');
    await ask('drop table shop.imported');
    expect(await offboard('last')).toMatchObject({ already: false });
    expect((await measureUsage(options())).map(({ key }) => key)).toEqual(['acme', 'bolt']);
    expect((await refusalOf(measureUsage(options(), 'last'))).codes).toEqual(['tenant/offboarded']);
  });
});
