import { beforeEach, expect, it } from 'vitest';
import { parseDatabaseUrl } from '../../lib/bootstrap';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, expectNothingToDo, linesOf, manifestOf, planOf, refusalOf } from './support/platform';

const id = { type: 'uuid', default: 'gen_random_uuid()' } as const;
const items = { tenancy: 'tenant', columns: { id, note: { type: 'text', nullable: true }, since: { type: 'timestamptz', default: "'2020-01-01 12:00:00+00'" } }, primaryKey: ['id'] } as const;
const version1 = { name: 'ord', tables: { items }, roles: { app: { login: 'iam', tables: { items: 'write' } }, support: { tables: { items: 'read' }, masked: ['items.note'] } } } as const;
const tenants = { acme: { isolation: 'row' } };

/** What could keep an apply from reaching the declared state, or make it fail again and again. */
describeNewest('an apply ends where it should', (major) => {
  let server: TestServer;
  const superuser = (sql: string, database = 'ord') => server.runAsSuperuser(sql, database);

  beforeEach(async () => {
    server = await startTestServer({ major });
    await applyTo(server, manifestOf(version1, { tenants }));
  });

  it('when a manifest brings a reference table, a foreign key to it and a tenant with a schema at once', async () => {
    const colours = { tenancy: 'reference', columns: { code: { type: 'text' } }, primaryKey: ['code'], rows: [{ code: 'red' }] } as const;
    const loaded = manifestOf({ ...version1, tables: { colours, items: { ...items, columns: { ...items.columns, colour: { type: 'text', nullable: true, references: 'colours.code' } } } } }, { tenants: { ...tenants, b: { isolation: 'schema' } } });
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it('[DBAAS-2.2] with no active tenant that lacks anything, when a later step fails', async () => {
    const codes = { tenancy: 'reference', columns: { id: { type: 'integer' }, code: { type: 'text' } }, primaryKey: ['id'] } as const;
    await applyTo(server, manifestOf({ ...version1, tables: { codes, items } }, { tenants }));
    await superuser("insert into ord.codes values (1, 'x'), (2, 'x')");
    const columns = { ...items.columns, code: { type: 'text', nullable: true, references: 'codes.code' } } as const;
    const loaded = manifestOf({ ...version1, tables: { codes: { ...codes, unique: [['code']] }, items: { ...items, columns } } }, { tenants: { ...tenants, b: { isolation: 'schema' } } });
    expect((await refusalOf(applyTo(server, loaded))).codes).toEqual(['apply/statement']);
    const admin = await server.admin('ord');
    expect((await admin.query("select state from tenantry.tenants where key = 'b'")).rows).toEqual([]);
    await admin.query('delete from ord.codes where id = 2');
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
    expect((await admin.query("select state from tenantry.tenants where key = 'b'")).rows).toEqual([{ state: 'active' }]);
  });

  it('without what a failed NOT NULL left behind', async () => {
    await superuser("insert into ord.items (tenant_id) select id from tenantry.tenants");
    const strict = manifestOf({ ...version1, tables: { items: { ...items, columns: { ...items.columns, note: { type: 'text' } } } }, roles: {} }, { tenants });
    expect((await refusalOf(applyTo(server, strict))).codes).toEqual(['apply/statement']);
    const back = manifestOf({ ...version1, externalGrants: ['somebody'] }, { tenants });
    expect(linesOf((await planOf(server, back)).differences).filter((line) => line.includes('constraint'))).toEqual(['ord.ord: drop constraint tenantry_note_not_null on items']);
    await applyTo(server, back);
    await expectNothingToDo(server, back);
    await superuser("insert into ord.items (tenant_id) select id from tenantry.tenants");
  });

  it('whatever the database or the login is set to', async () => {
    await superuser("alter database ord set timezone = 'Asia/Tokyo'; alter database ord set datestyle = 'German'; alter role tenantry_bootstrap set statement_timeout = '1ms'");
    const changes = linesOf((await planOf(server, manifestOf(version1, { tenants }))).differences).filter((line) => line.includes('default'));
    expect(changes).toEqual([]);
    if (major >= 16) await superuser("alter role tenantry_bootstrap set createrole_self_grant = 'set, inherit'");
    const loaded = manifestOf(version1, { tenants: { ...tenants, big: { isolation: 'database' } } });
    await applyTo(server, loaded);
    expect(linesOf((await planOf(server, loaded)).differences.filter(({ type }) => type !== 'finding'))).toEqual([]);
  });

  it('after a column with grants of its own was dropped', async () => {
    await superuser('alter table ord.items drop column since');
    const { since: _since, ...columns } = items.columns;
    const loaded = manifestOf({ ...version1, tables: { items: { ...items, columns } } }, { tenants });
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it('without touching an index of another table that has the name', async () => {
    await superuser('set role ord_owner; create table ord.other (x int); create unique index items_note_idx on ord.other (x)');
    const loaded = manifestOf({ ...version1, tables: { items: { ...items, indexes: [['note']] } } }, { tenants });
    const { message } = await refusalOf(applyTo(server, loaded));
    expect(message).toContain('index "ord"."items_note_idx" belongs to another table; rename it');
    const admin = await server.admin('ord');
    expect((await admin.query("select to_regclass('ord.items_note_idx') is not null as there")).rows).toEqual([{ there: true }]);
  });

  it('with a refusal where only another grantor can take a privilege back', async () => {
    const loaded = manifestOf({ ...version1, externalGrants: ['monitor'] }, { tenants });
    await superuser('create role monitor; create role stranger; grant usage on schema ord to monitor');
    await applyTo(server, loaded);
    await superuser('grant select on ord.items to monitor with grant option; set role monitor; grant select on ord.items to stranger');
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual(['refused grant/by-another ord.ord: stranger may SELECT on items, granted by monitor, whose privileges are left alone']);
  });

  it('refuses an older manifest also after many generations', async () => {
    const newer = manifestOf({ ...version1, externalGrants: ['somebody'] }, { tenants });
    await applyTo(server, newer);
    await superuser(`insert into tenantry.applies (generation, manifest_digest, outcome, actor, library_version, finished_at) select g, '${newer.digest}', 'done', 'x', '0', now() from generate_series(10, 2000) g`);
    expect((await refusalOf(applyTo(server, manifestOf(version1, { tenants })))).codes).toEqual(['manifest/older']);
  });

  it('when the result of a function of the library was changed by hand', async () => {
    await superuser('drop function tenantry.placement(text); set role ord_owner; create function tenantry.placement(tenant_key text) returns int language sql as $$ select 1 $$');
    const loaded = manifestOf(version1, { tenants });
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it('with a default that only a session of an application can evaluate', async () => {
    const loaded = manifestOf({ ...version1, tables: { items, visits: { tenancy: 'tenant', columns: { id, by: { type: 'text', default: "current_setting('app.user')" } }, primaryKey: ['id'] } } }, { tenants });
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it('has one fingerprint for one plan, however the catalog lists things', async () => {
    await superuser('set role ord_owner; create table ord.z1 (x int); create table ord.z2 (x int)');
    const { fingerprint } = await planOf(server, manifestOf(version1, { tenants }));
    await superuser('alter table ord.z1 set (fillfactor = 50)');
    expect((await planOf(server, manifestOf(version1, { tenants }))).fingerprint).toBe(fingerprint);
  });

  it('takes tenants out of a role that is not declared any more', async () => {
    const colours = { tenancy: 'reference', columns: { code: { type: 'text' } }, primaryKey: ['code'], rows: [{ code: 'red' }] } as const;
    const readers = { ...version1.roles, app: { login: 'iam', tables: { items: 'write', colours: 'read' } } } as const;
    const both = { tenants: { ...tenants, b: { isolation: 'schema' } } };
    await applyTo(server, manifestOf({ ...version1, tables: { items, colours }, roles: readers }, both));
    const without = manifestOf({ ...version1, tables: { items, colours } }, both);
    const { changes, refusals } = await applyTo(server, without);
    expect(linesOf(changes)).toContain('server: ord_app__b is no longer a member of ord_app_reference');
    expect(refusals).toEqual([]);
    expect(linesOf((await planOf(server, without)).differences)).toEqual(['finding role/undeclared server: role ord_app_reference carries our mark but is not declared; it holds no privilege on declared objects']);
  });

  it('takes a login out of rds_iam that is no longer declared for IAM', async () => {
    await superuser('create role rds_iam; grant rds_iam to tenantry_bootstrap with admin option', 'postgres');
    await applyTo(server, manifestOf(version1, { tenants }));
    const loaded = manifestOf({ ...version1, roles: { ...version1.roles, app: { login: 'password', tables: { items: 'write' } } } }, { tenants });
    await applyTo(server, loaded);
    const admin = await server.admin();
    expect((await admin.query("select pg_has_role('ord_app_login', 'rds_iam', 'member') as member")).rows).toEqual([{ member: false }]);
  });
});

it('a URL without a password counts as a password login off the local machine, and where PGPASSWORD is set', () => {
  const method = (url: string) => parseDatabaseUrl(url).access.method;
  expect([method('postgresql://me@db.example.com'), method('postgresql://me@localhost')]).toEqual(['password', 'trust']);
  process.env['PGPASSWORD'] = 'x';
  try {
    expect(method('postgresql://me@localhost')).toBe('password');
  } finally {
    delete process.env['PGPASSWORD'];
  }
  expect(accessTo({ host: '/s', port: 1, bootstrapUser: 'tenantry_bootstrap' }).method).toBe('trust');
});
