import type { Client } from 'pg';
import { beforeAll, expect, it } from 'vitest';
import type { SchemaInput, Tenancy } from '../../lib/declaration';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { applyTo, expectNothingToDo, linesOf, manifestOf, planOf, refusalOf } from './support/platform';

const tenants = { acme: { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database' } };
const plain = { columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } as const;
type Table = SchemaInput['tables'][string];

const original = { rows_: { ...plain, tenancy: 'tenant' }, codes: { ...plain, tenancy: 'reference' }, flags: { ...plain, tenancy: 'shared' } } as const;
const TABLE_OF = { tenant: 'rows_', reference: 'codes', shared: 'flags' } as const;

const declared = (changed: Readonly<Record<string, Table>> = {}): ReturnType<typeof manifestOf> => manifestOf({
  name: 'shop', tables: { ...original, ...changed }, roles: { app: { tables: { rows_: 'read', codes: 'read' } }, ops: { scope: 'all', tables: { flags: 'read' } } },
}, { tenants });

const VISIBLE = 'its rows would lose their tenant, and be visible to';
const consequences: Readonly<Record<string, string>> = {
  'tenant shared': `${VISIBLE} every role that may read the table`, 'tenant reference': `${VISIBLE} all tenants`,
  'shared tenant': 'its rows have no tenant, and nobody would see them', 'reference tenant': 'its rows have no tenant, and nobody would see them',
  'shared reference': 'rows of the platform would become visible to all tenants, and tenants with a database of their own would have none of them',
  'reference shared': 'tenants with a schema or a database of their own would no longer see its rows',
};

/** Whose rows a table holds is decided when it is made. */
describeNewest('the tenancy of a table', (major) => {
  let server: TestServer;
  let admin: Client;

  beforeAll(async () => {
    server = await startTestServer({ major });
    await applyTo(server, declared());
    await expectNothingToDo(server, declared());
    admin = await server.admin('shop');
  });

  const guards = async (): Promise<unknown> => (await admin.query(
    `select relname, relrowsecurity, relforcerowsecurity, relacl::text, (select count(*) from pg_policy where polrelid = c.oid) from pg_class c where relnamespace = 'shop'::regnamespace and relkind = 'r' order by 1`)).rows;

  it('never changes: each of the six ways is one refusal with its reason and the way out, and nothing is done', async () => {
    const before = await guards();
    for (const was of Object.keys(TABLE_OF) as Tenancy[]) {
      for (const wanted of Object.keys(TABLE_OF) as Tenancy[]) {
        if (was === wanted) continue;
        const table = TABLE_OF[was];
        const loaded = declared({ [table]: { ...plain, tenancy: wanted } });
        const problem = `table ${table} was made with tenancy ${was}, and ${wanted} is declared; ${consequences[`${was} ${wanted}`]}`;
        expect(linesOf((await planOf(server, loaded)).differences).filter((line) => line.startsWith('refused table') || new RegExp(`(^| )shop\\.shop: .*\\b${table}\\b`).test(line))).toEqual([`refused table/tenancy shop.shop: ${problem}`]);
        expect((await refusalOf(applyTo(server, loaded))).message).toBe([
          'table/tenancy  at shop', `T${problem.slice(1)}. Nothing was changed.`,
          `Set tables.${table}.tenancy back to '${was}'. To have its rows under another tenancy, declare a new table beside it, copy into it what belongs there by a migration, and drop the old one by hand.`,
        ].join('\n\n  '));
        expect(await guards()).toEqual(before);
      }
    }
  });

  it('never changes, also where the column that holds the tenant is declared', async () => {
    const loaded = declared({ rows_: { tenancy: 'shared', columns: { tenant_id: { type: 'uuid' }, id: { type: 'uuid' } }, primaryKey: ['id'] } });
    expect((await refusalOf(applyTo(server, loaded))).codes).toEqual(['table/tenancy']);
  });

  it('is seen by what only the table of a tenant has, where an older version made it', async () => {
    await admin.query('drop table tenantry.table_tenancies');
    const refusalsOf = async (table: string, tenancy: Tenancy): Promise<string[]> => linesOf((await planOf(server, declared({ [table]: { ...plain, tenancy } }))).differences).filter((line) => line.startsWith('refused '));
    expect(await refusalsOf('rows_', 'shared')).toEqual([`refused table/tenancy shop.shop: table rows_ was made with tenancy tenant, and shared is declared; ${VISIBLE} every role that may read the table`]);
    expect(await refusalsOf('flags', 'tenant')).toEqual(['refused table/tenancy shop.shop: table flags has no tenant_id, so that its tenancy is reference or shared, and tenant is declared; its rows have no tenant, and nobody would see them']);
    expect(linesOf((await planOf(server, declared())).differences)).toEqual(['shop.tenantry: create table table_tenancies', 'shop.shop: write down whose rows 3 tables hold']);
    await applyTo(server, declared());
    await expectNothingToDo(server, declared());
  });

  it('keeps drift apart from a change of the declaration: what was dropped by hand comes back', async () => {
    await admin.query('drop policy tenantry_floor on shop.rows_; alter table shop.rows_ no force row level security, disable row level security');
    await applyTo(server, declared());
    await expectNothingToDo(server, declared());
  });

  it('names the tenants that cannot reach a shared table on which a role of theirs has rights', async () => {
    const loaded = manifestOf({ name: 'shop', tables: original, roles: { app: { tables: { flags: 'read', codes: 'read' } }, ops: { scope: 'all', tables: { flags: 'write' } } } }, { tenants });
    const finding = 'finding role/shared-table shop: role app has rights on flags, a shared table, which lies in the home schema alone: globex, initech, with a schema or a database of their own, cannot reach it';
    expect(linesOf((await planOf(server, loaded)).differences).filter((line) => line.includes('role/shared-table'))).toEqual([finding]);
    await applyTo(server, loaded);
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual([finding]);
  });

  it('is another one for a table that was dropped by hand', async () => {
    const loaded = declared({ flags: { ...plain, tenancy: 'tenant' } });
    await admin.query('drop table shop.flags');
    expect((await refusalOf(applyTo(server, loaded))).codes).toEqual(['table/lost']);
    await applyTo(server, loaded, { recreate: ['shop.shop.flags'] });
    await expectNothingToDo(server, loaded);
    expect((await refusalOf(applyTo(server, declared(), { allowOlder: true }))).codes).toEqual(['table/tenancy']);
  });
});
