import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { beforeAll, describe, expect, it } from 'vitest';
import { addTenant, archiveTenant, forgetTenant, offboardTenant, resumeTenant } from '../../lib/bootstrap';
import type { Archive } from '../../lib/bootstrap/tenants/archive-files';
import { connectTenants, trust } from '../../lib/client';
import { freshFolder } from '../support/fresh-folder';
import { startTestServer, type TestServer } from '../support/postgres';
import { tenantry } from '../cli/support';
import { cutAt } from './support/cut';
import { accessTo, applyTo, expectNothingToDo, forgetful, manifestOf, refusalOf } from './support/platform';
import { shopInput } from './support/shop';

const loaded = manifestOf(shopInput, { tenants: { bolt: { isolation: 'schema' } } });
const MODES = ['row', 'schema', 'database'] as const;

/** One story, told in order: each step stands on the one before. */
describe('tenants that are archived and off-boarded', () => {
  let server: TestServer;
  const folder = freshFolder('offboard');
  const ids = new Map<string, string>();
  const options = () => ({ access: accessTo(server), loaded, passwords: forgetful });
  const offboard = (key: string, archive: string | false = join(folder, key)) => offboardTenant({ ...options(), confirm: key, archive }, key);
  const within = async <T>(key: string, sql: string): Promise<T[]> => {
    const tenants = connectTenants(loaded.manifest, { role: 'app', credentials: trust(server), maxConnections: 1 });
    return tenants.with(key, async (db) => (await db.query(sql)).rows as T[]).finally(() => tenants.end());
  };
  const ask = (sql: string, database = 'shop') => server.runAsSuperuser(sql, database);
  const add = async (key: string, isolation: (typeof MODES)[number]): Promise<void> => {
    await addTenant(options(), { key, isolation, displayName: 'A Person' });
    await within(key, "with c as (insert into customers (email, name) values (E'a\\tb', null), ('ü\\N', 'x') returning id) insert into orders (customer_id, country, total) select id, 'de', 1.50 from c");
    ids.set(key, (await ask(`select id from tenantry.tenants where key = '${key}'`))[0]?.['id'] as string);
  };

  beforeAll(async () => {
    server = await startTestServer();
    await applyTo(server, loaded);
    for (const mode of MODES) await add(mode, mode);
    await add('umbrella', 'row');
  });

  it('writes an archive that nobody else may read, that can be checked, and that can be loaded', async () => {
    const { archive, rows } = await archiveTenant(options(), 'umbrella', join(folder, 'umbrella-1'));
    expect(rows).toBe(4);
    const at = (file: string): string => join(folder, 'umbrella-1', file);
    expect(JSON.parse(readFileSync(at('archive.json'), 'utf8')) as Archive).toEqual(archive);
    expect(archive).toMatchObject({ format: 'tenantry/archive@1', tenant: 'umbrella', tenantId: ids.get('umbrella'), isolation: 'row', manifestDigest: loaded.digest });
    expect(archive.tables.map(({ table, rows: n, columns }) => [table, n, columns.map(({ name }) => name).join()])).toEqual([['customers', 2, 'tenant_id,id,email,name,created_at'], ['orders', 2, 'tenant_id,id,customer_id,referrer_id,country,total,note']]);
    for (const { file, sha256, bytes } of archive.tables) {
      expect([createHash('sha256').update(readFileSync(at(file))).digest('hex'), statSync(at(file)).size, statSync(at(file)).mode & 0o777]).toEqual([sha256, bytes, 0o600]);
    }
    const [customers] = archive.tables;
    const admin = await server.admin('shop');
    await admin.query(`create temporary table restored (${customers?.columns.map(({ name, type }) => `${name} ${type}`).join(', ')})`);
    await pipeline(createReadStream(at('customers.copy')), admin.query(copyFrom('copy restored from stdin')));
    expect((await admin.query('select email from (select tenant_id, id, email, name, created_at from restored intersect select tenant_id, id, email, name, created_at from shop.customers) both_have order by 1')).rows).toEqual([{ email: 'a\tb' }, { email: 'ü\\N' }]);
    await admin.end();
    expect((await refusalOf(within('umbrella', 'select'))).codes).toEqual(['client/inactive-tenant']);
    await expectNothingToDo(server, loaded);
    await resumeTenant(options(), 'umbrella');
    expect(await within('umbrella', 'select from orders')).toHaveLength(2);
    expect(await refusalOf(archiveTenant(options(), 'umbrella', join(folder, 'umbrella-1')))).toMatchObject({ kind: 'input', codes: ['archive/folder'] });
    expect(await within('umbrella', 'select from orders')).toHaveLength(2);
  });

  it('removes a tenant only when its key is given twice, it is not declared, and nothing in its place is somebody else\'s', async () => {
    expect(await refusalOf(offboardTenant({ ...options(), confirm: 'rows', archive: false }, 'row'))).toMatchObject({ kind: 'input', codes: ['offboard/confirm'] });
    expect(await refusalOf(offboard('bolt', false))).toMatchObject({ kind: 'refused', codes: ['offboard/declared'] });
    await ask('create table shop__schema.notes (text text)');
    expect(await refusalOf(offboard('schema', false))).toMatchObject({ kind: 'refused', codes: ['tenant/foreign-objects'] });
    await ask('drop table shop__schema.notes');
    await ask('create table public.notes (text text)', 'shop__database');
    expect((await refusalOf(offboard('database', false))).message).toContain('relation public.notes');
    await ask('drop table public.notes', 'shop__database');
    for (const mode of MODES) expect(await within(mode, 'select from customers')).toHaveLength(2);
  });

  it('removes no row that was written behind the archive', async () => {
    expect(await cutAt('delete from "shop"."orders"', () => offboard('row'))).toContain('delete');
    await ask(`insert into shop.customers (tenant_id, email) values ('${ids.get('row')}', 'late@example')`);
    expect((await refusalOf(offboard('row'))).codes).toEqual(['tenant/written-around']);
    expect((await refusalOf(within('row', 'select'))).codes).toEqual(['client/inactive-tenant']);
    expect(await ask(`select from shop.customers where tenant_id = '${ids.get('row')}'`)).toHaveLength(3);
    expect(await ask(`select from shop.orders where tenant_id = '${ids.get('row')}'`), 'of the other tables neither').toHaveLength(2);
    await ask("delete from shop.customers where email = 'late@example'");
  });

  it.each(MODES)('leaves nothing of a %s tenant, and its certificate says what is true', async (mode) => {
    const { certificate, rows, already } = await offboard(mode);
    const schema = mode === 'schema' ? 'shop__schema' : 'shop';
    const database = mode === 'database' ? 'shop__database' : 'shop';
    expect({ rows, already }).toEqual({ rows: 4, already: false });
    expect(certificate).toMatchObject({
      format: 'tenantry/certificate@1', tenant: mode, tenantId: ids.get(mode), isolation: mode, keys: { shredded: 'none' }, archive: { folder: join(folder, mode) }, searched: { found: [] },
      removed: {
        rows: ['customers', 'orders'].map((table) => ({ database, schema, table, rows: 2 })), schemas: mode === 'schema' ? [schema] : [], databases: mode === 'database' ? [database] : [],
        roles: mode === 'row' ? [] : ['shop_app', 'shop_support'].flatMap((role) => [`${role}__${mode}`, ...(mode === 'database' ? [`${role}__${mode}_login`] : [])]),
      },
    });
    expect(JSON.parse(readFileSync(join(folder, mode, 'archive.json'), 'utf8'))).toMatchObject({ operation: certificate.operation, tables: certificate.archive?.tables });
    // What it says was searched is all that there is.
    const tables = await ask("select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname like 'shop%' and relname in ('customers', 'orders')");
    expect(certificate.searched.tables).toBe(tables.length + (mode === 'database' ? 0 : 2));
    for (const table of ['customers', 'orders']) expect(await ask(`select from shop.${table} where tenant_id = '${ids.get(mode)}'`)).toEqual([]);
    expect(await ask(`select 1 from pg_database where datname = 'shop__${mode}' union all select 1 from pg_namespace where nspname = 'shop__${mode}' union all select 1 from pg_roles where rolname like '%\\_\\_${mode}%'`)).toEqual([]);
    expect(await ask(`select state, display_name, second_isolation from tenantry.tenants where key = '${mode}'`)).toEqual([{ state: 'offboarded', display_name: '', second_isolation: null }]);
    await expectNothingToDo(server, loaded);
    expect(await offboard(mode)).toMatchObject({ already: true, certificate });
    expect(await within('umbrella', 'select from orders')).toHaveLength(2);
  });

  it('keeps the key until it is forgotten', async () => {
    expect((await refusalOf(addTenant(options(), { key: 'row', isolation: 'row' }))).codes).toEqual(['tenant/offboarded']);
    expect((await refusalOf(forgetTenant({ ...options(), confirm: 'umbrella' }, 'umbrella'))).codes).toEqual(['tenant/state']);
    await forgetTenant({ ...options(), confirm: 'row' }, 'row');
    await add('row', 'row');
    expect(await ask("select count(distinct tenant_id)::int as ids from tenantry.tenant_operations where tenant_key = 'row'")).toEqual([{ ids: 2 }]);
    await expectNothingToDo(server, loaded);
  });

  it('gives no certificate while a row of the tenant lies elsewhere', async () => {
    await ask(`insert into shop__bolt.customers (tenant_id, email) values ('${ids.get('row')}', 'astray@example')`);
    expect((await refusalOf(offboard('row', false))).message).toContain('Rows of the tenant are left: shop.shop__bolt.customers (1).');
    await ask('delete from shop__bolt.customers');
    expect(await offboard('row', false)).toMatchObject({ already: false, rows: 4, certificate: { archive: null } });
  });

  it('are moved and off-boarded from the command line', async () => {
    const manifest = join(folder, 'manifest.json');
    writeFileSync(manifest, JSON.stringify(loaded.manifest));
    const target = ['--manifest', manifest, '--database-url', server.url(), '--passwords', join(folder, 'passwords.json')];
    expect((await tenantry(['bootstrap', 'apply', '--skip-verify', ...target])).code).toBe(0);
    const moved = await tenantry(['tenant', 'move', 'umbrella', '--to', 'schema', ...target]);
    expect({ ...moved, out: moved.out.replaceAll(/\d+\.\d s/g, '0.1 s') }).toEqual({ code: 0, err: '', out: '\n  tenant umbrella was moved from row to schema   0.1 s\n  4 rows, equal at both places; not served for 0.1 s\n' });
    expect((await tenantry(['tenant', 'move', 'umbrella', '--to', 'schema', ...target])).code).toBe(3);
    expect((await tenantry(['tenant', 'offboard', 'umbrella', '--confirm', 'umbrella', ...target])).code).toBe(64);
    expect((await tenantry(['tenant', 'offboard', 'umbrella', '--confirm', 'umbrell', '--no-archive', ...target])).code).toBe(64);
    const file = join(folder, 'certificates', 'umbrella.json');
    const removed = await tenantry(['tenant', 'offboard', 'umbrella', '--confirm', 'umbrella', '--archive', join(folder, 'umbrella-2'), '--certificate', file, ...target]);
    expect({ ...removed, out: removed.out.replaceAll(/\d+\.\d s/g, '0.1 s').replaceAll(folder, '') }).toEqual({
      code: 0, err: '', out: '\n  tenant umbrella is off-boarded: 4 rows removed   0.1 s\n  nothing of it was found in 4 tables of 1 database\n  certificate /certificates/umbrella.json\n  archive     /umbrella-2\n',
    });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ format: 'tenantry/certificate@1', tenant: 'umbrella', isolation: 'schema' });
    expect((await tenantry(['tenant', 'forget', 'umbrella', '--confirm', 'umbrella', ...target])).code).toBe(0);
  });
});
