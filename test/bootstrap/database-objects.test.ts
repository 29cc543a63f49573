import { beforeAll, expect, it } from 'vitest';
import { verify } from '../../lib/bootstrap/verify';
import type { Difference } from '../../lib/bootstrap/plan/difference';
import type { SchemaInput } from '../../lib/declaration';
import { describeServers, startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, linesOf, manifestOf, planOf, refusalOf, sqlstateOf } from './support/platform';

const tenants = { acme: { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database' } } as const;
const NOBODY = "id <> '00000000-0000-0000-0000-000000000000'";

const shop = {
  name: 'shop',
  extensions: { citext: {}, pg_trgm: {}, hstore: { version: '1.8' }, pg_stat_statements: { optional: true } },
  domains: {
    email: { type: 'text', check: "value ~ '@'", comment: 'An address' }, amount: { type: 'numeric(12,2)', check: 'value >= 0' }, code: { type: 'varchar(8)', default: "'none'" },
    label: { type: 'text', nullable: false },
  },
  tables: {
    countries: { tenancy: 'reference', columns: { code: { type: 'char(2)' } }, primaryKey: ['code'], rows: [{ code: 'de' }] },
    customers: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, email: { type: 'email', default: "'nobody@example.invalid'::email", example: "'a@example.invalid'" }, code: { type: 'code' } }, primaryKey: ['id'] },
    orders: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, total: { type: 'amount', check: "total < '1000000'::shop.amount" }, tax: { type: 'integer', default: '0' } }, primaryKey: ['id'] },
  },
  publications: {
    changes: { tables: ['orders', 'countries'], operations: ['insert', 'update'], rowFilter: { orders: NOBODY } },
    sales: { tables: ['orders'], operations: ['insert'], rowFilter: { orders: 'tax >= 0' } },
  },
  roles: { app: { tables: { customers: 'write', orders: 'write', countries: 'read' } } },
} as const satisfies SchemaInput;

describeServers('domains, extensions and publications', (major) => {
  let server: TestServer;
  const loaded = manifestOf(shop, { tenants });
  /** What stands whatever is done: 18 has not preloaded what an extension needs, and 15 does not write what publications need. */
  const settings: Readonly<Record<string, string>> = major === 18 ? { wal_level: 'logical' } : { wal_level: 'replica', shared_preload_libraries: 'pg_stat_statements' };
  const always = major === 18 ? [
    'finding extension/missing server: extension pg_stat_statements is optional and missing: whether pg_stat_statements is preloaded cannot be seen, because the login may not read shared_preload_libraries; without it its views answer with an error, and slow statements cannot be found by their statistics. What uses it must do without',
  ] : [
    ...['shop', 'shop__initech'].map((database) => `finding extension/missing ${database}: extension pg_stat_statements is optional and missing: it is not trusted, and only a superuser may install it. What uses it must do without`),
    'finding publication/wal-level server: publications send nothing: wal_level is replica instead of logical; on RDS and Aurora rds.logical_replication in the parameter group sets it, and it takes a restart',
  ];

  beforeAll(async () => {
    server = await startTestServer({ major, settings });
    await run('create role stranger');
    await applyTo(server, loaded);
  });

  const run = (sql: string, database = 'postgres') => server.runAsSuperuser(sql, database);
  const differences = async (of = loaded): Promise<readonly Difference[]> => (await planOf(server, of, { allowOlder: true })).differences;
  const show = (all: readonly Difference[]): string[] => linesOf(all).filter((line) => !always.includes(line));
  const lines = async (of = loaded): Promise<string[]> => show(await differences(of));
  const originsOf = (all: readonly Difference[]): unknown[] => [...new Set(all.flatMap((difference) => (difference.type === 'finding' ? [] : [difference.origin])))];

  it('are made in every database, and a second apply has nothing to do', async () => {
    expect(linesOf((await planOf(server, loaded)).differences).sort()).toEqual([...always].sort());
    const what = `select (select string_agg(extname || ' in ' || extnamespace::regnamespace || ' of ' || pg_get_userbyid(extowner), ', ' order by extname) from pg_extension where extname <> 'plpgsql') as extensions,
                         (select string_agg(pubname || ': ' || schemaname || '.' || tablename, ', ' order by pubname, schemaname, tablename) from pg_publication_tables) as published,
                         (select string_agg(domain_name, ', ' order by domain_name) from information_schema.domains where domain_schema = 'shop') as domains`;
    const extensions = ['citext', 'hstore', 'pg_trgm'].map((name) => `${name} in extensions of shop_owner`).join(', ');
    expect(await run(what, 'shop')).toEqual([{ extensions, domains: 'amount, code, email, label', published: 'changes: shop.countries, changes: shop.orders, changes: shop__globex.orders, sales: shop.orders, sales: shop__globex.orders' }]);
    expect(await run(what, 'shop__initech')).toEqual([{ extensions, domains: 'amount, code, email, label', published: 'changes: shop.countries, changes: shop.orders, sales: shop.orders' }]);
  });

  it.each([['shop', 'shop_app', 'shop', 'acme'], ['shop', 'shop_app__globex', 'shop__globex', 'globex'], ['shop__initech', 'shop_app__initech', 'shop', 'initech']])('a domain refuses values in database %s, as %s', async (database, role, schema, tenant) => {
    const as = `begin; set local role ${role}; select set_config('tenantry.tenant_id', '${String((await run(`select id from tenantry.tenants where key = '${tenant}'`, 'shop'))[0]?.['id'])}', true)`;
    await run(`${as}; insert into ${schema}.customers (email, code) values ('a@example.invalid', extensions.similarity('a', 'b')::text); insert into ${schema}.customers (code) values ('b'); rollback`, database);
    expect(await sqlstateOf(run(`${as}; insert into ${schema}.customers (email) values ('nowhere')`, database))).toBe('23514');
    expect(await sqlstateOf(run(`${as}; create table ${schema}.mine (email shop.email)`, database))).toBe('42501');
  });

  it('another condition of a domain is proved before the old one goes, also for rows that the owner does not see', async () => {
    const stricter = manifestOf({ ...shop, domains: { ...shop.domains, amount: { ...shop.domains.amount, check: 'value >= 10' } } }, { tenants });
    await run("insert into shop__globex.orders (tenant_id, total) select id, 5 from tenantry.tenants where key = 'globex'", 'shop');
    expect(originsOf(await differences(stricter))).toEqual(['pending']);
    expect((await refusalOf(applyTo(server, stricter))).message).toContain('The step “validate amount_next_check of domain amount” failed');
    expect(await run("select conname::text as name, convalidated as validated from pg_constraint where contypid = 'shop.amount'::regtype and contype = 'c' order by 1", 'shop')).toEqual([{ name: 'amount_check', validated: true }, { name: 'amount_next_check', validated: false }]);
    await run('update shop__globex.orders set total = 10', 'shop');
    const left = ['validate amount_next_check of domain amount', 'drop constraint amount_check of domain amount', 'constraint amount_next_check of domain amount becomes amount_check'];
    expect((await lines(stricter)).filter((line) => line.startsWith('shop.'))).toEqual(left.map((line) => `shop.shop: ${line}`));
    await applyTo(server, stricter);
    expect(await lines(stricter)).toEqual([]);
    await applyTo(server, loaded, { allowOlder: true });
    expect(await lines()).toEqual([]);
  });

  it('changes of extensions and of their schema by hand are found by name, and mended or refused', async () => {
    await run(`drop extension citext; drop extension hstore; alter extension pg_trgm set schema public; revoke usage on schema extensions from public; grant create on schema extensions to stranger;
               set role shop_owner; create extension hstore with schema extensions version '1.6'; reset role; create extension seg`, 'shop');
    await run("drop extension pg_trgm; drop extension hstore; create extension pg_trgm with schema extensions version '1.5'; create extension hstore with schema extensions version '1.6'", 'shop__initech');
    const stays = [
      `refused extension/schema shop: extension pg_trgm lies in schema public, and extensions is declared; moving it changes the names by which programs call it, and only a superuser may`, 'finding extension/undeclared shop: extension seg is not declared',
      'finding extension/outdated shop__initech: extension pg_trgm is version 1.5; the server has 1.6', 'refused extension/version shop__initech: extension hstore is version 1.6, and 1.8 is declared; it belongs to postgres',
    ];
    expect(await lines()).toEqual([
      'shop: stranger may no longer CREATE on the schema extensions', 'shop: PUBLIC may USAGE on the schema extensions', 'shop: create extension citext', stays[0], 'shop: update extension hstore from 1.6 to 1.8', ...stays.slice(1),
    ]);
    await applyTo(server, loaded, { allowOlder: true });
    expect(await lines()).toEqual(stays);
    await run('alter extension "pg_trgm" set schema "extensions"; drop extension seg', 'shop');
    await run(`alter extension pg_trgm update; alter extension "hstore" update to '1.8'`, 'shop__initech');
    expect(await lines()).toEqual([]);
  });

  // The versions do not differ in the rest.
  if (major !== 18) return;

  it('a domain that is another type, or of another owner or type, is refused', async () => {
    await run("drop domain shop.label; create type shop.label as enum ('a'); alter domain shop.code owner to stranger", 'shop');
    await run('drop domain shop.label; create domain shop.label as varchar(3) not null; alter domain shop.label owner to shop_owner', 'shop__initech');
    const { codes, message } = await refusalOf(applyTo(server, loaded));
    expect(codes).toEqual(['domain/other-owner', 'domain/other-kind', 'domain/type']);
    expect(message).toContain('alter domain "shop"."code" owner to "shop_owner"');
    expect(message).toContain('Domain label is of character varying(3), and text is declared; PostgreSQL cannot change that.');
    await run('drop type shop.label; alter domain shop.code owner to shop_owner', 'shop');
    await run('drop domain shop.label', 'shop__initech');
    expect(await lines()).toEqual(['shop.shop: create domain label', 'shop__initech.shop: create domain label']);
    await applyTo(server, loaded);
    expect(await lines()).toEqual([]);
  });

  it('a column of a domain that refuses values is not added to a table that is there', async () => {
    const more = manifestOf({ ...shop, tables: { ...shop.tables, customers: { ...shop.tables.customers, columns: { ...shop.tables.customers.columns, other: { type: 'email', nullable: true } } } } }, { tenants });
    expect((await refusalOf(applyTo(server, more))).codes).toEqual(['column/rewrite', 'column/rewrite', 'column/rewrite']);
  });

  it.each<[string, Partial<SchemaInput>, string, string]>([
    ['a default with a constraint behind it', { domains: { code: { type: 'text', default: "'a' not null" } } }, 'domains.code', 'more than one expression'],
    ['a default with a collation behind it', { domains: { code: { type: 'text', default: "'a' collate \"C\"" } } }, 'domains.code', 'more than one expression'],
    ['a check with another one behind it', { domains: { code: { type: 'text', check: 'true) check (false' } } }, 'domains.code.check', 'syntax error'],
    ['a check with a second statement', { domains: { code: { type: 'text', check: 'true); drop table shop.orders; --' } } }, 'domains.code.check', 'cannot insert multiple commands'],
    ['a domain called like a type of PostgreSQL', { domains: { oid: { type: 'text' } } }, 'domains.oid', 'name of a type of PostgreSQL itself'],
    ['a row filter that would make updates fail', { publications: { all: { tables: ['notes'], rowFilter: { notes: "body <> ''" } } } }, 'publications.all.rowFilter.notes', 'uses body, and updates and deletes are published'],
    ['a row filter over a domain', { domains: { code: { type: 'text' } }, publications: { all: { tables: ['notes'], operations: ['insert'], rowFilter: { notes: "code <> ''" } } } }, 'publications.all.rowFilter.notes', 'whose type is a domain'],
    ['a row filter that is volatile', { publications: { all: { tables: ['notes'], operations: ['insert'], rowFilter: { notes: 'random() > 0.5' } } } }, 'publications.all.rowFilter.notes', 'must be marked IMMUTABLE'],
  ])('%s is refused with its place', async (_title, more, at, problem) => {
    const notes = { tenancy: 'tenant', columns: { id: { type: 'uuid' }, body: { type: 'text' }, ...(more.domains?.['code'] === undefined ? {} : { code: { type: 'code' } }) }, primaryKey: ['id'] } as const;
    const { message } = await refusalOf(planOf(server, manifestOf({ name: 'lab', tables: { notes }, ...more })));
    expect(message).toContain(`declaration/expression  at ${at}\n`);
    expect(message).toContain(problem);
  });

  it('what the server cannot have is refused before anything is changed, with the way out', async () => {
    const lab = (extensions: SchemaInput['extensions']) => manifestOf({ name: 'lab', tables: { notes: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } }, extensions });
    const refused = await refusalOf(applyTo(server, lab({ nonsense: {}, hstore: { version: '0.1' }, earthdistance: {}, pg_cron: {}, citext: {} })));
    expect(refused.message).toBe(MISSING);
    await run(`alter role tenantry_bootstrap set "rds.extensions" = 'citext, hstore'; alter role tenantry_bootstrap set "rds.allowed_extensions" = 'hstore'; grant pg_read_all_settings to tenantry_bootstrap`);
    try {
      expect((await lines(lab({ citext: {}, seg: { optional: true }, pg_stat_statements: {} }))).filter((line) => line.includes(' extension'))).toEqual([
        'refused extension/missing server: extension citext is declared, and rds.allowed_extensions does not list it', 'finding extension/missing server: extension seg is optional and missing: the server does not have it. What uses it must do without',
        'refused extension/missing server: extension pg_stat_statements is declared, and the server does not have it',
      ]);
      await run(`alter role tenantry_bootstrap set "rds.extensions" = ''; alter role tenantry_bootstrap set "rds.allowed_extensions" = '*'`);
      expect((await lines(lab({ pg_stat_statements: {} }))).filter((line) => line.includes(' extension'))).toEqual([
        'refused extension/missing server: extension pg_stat_statements is declared, and pg_stat_statements is not in shared_preload_libraries; without it its views answer with an error, and slow statements cannot be found by their statistics',
      ]);
    } finally {
      await run(`alter role tenantry_bootstrap reset all; revoke pg_read_all_settings from tenantry_bootstrap`);
    }
    expect(await run("select from pg_database where datname = 'lab'")).toEqual([]);
    const untrusted = lab({ pageinspect: {}, earthdistance: {}, cube: { schema: 'geometry' } });
    await applyTo(server, untrusted);
    const left = ['refused extension/superuser lab: extension pageinspect is not trusted: only a superuser may install it'];
    expect((await lines(untrusted)).filter((line) => line.includes(' extension pageinspect'))).toEqual(left);
    await run('create extension "pageinspect" with schema "extensions"; create extension if not exists earthdistance with schema extensions', 'lab');
    expect(await lines(untrusted)).toEqual([]);
  });

  it('a tenant that comes later is in the publications, and nothing else is planned for it', async () => {
    const more = manifestOf(shop, { tenants: { ...tenants, hooli: { isolation: 'schema' } } });
    expect((await lines(more)).filter((line) => line.includes('publication') || line.includes('domain') || line.includes('extension'))).toEqual(['shop.shop: publication changes sends shop__hooli.orders', 'shop.shop: publication sales sends shop__hooli.orders']);
    await applyTo(server, more);
    expect(await lines(more)).toEqual([]);
    await run("select pg_create_logical_replication_slot('tap', 'pgoutput')", 'shop');
    await run("set synchronous_commit = on; insert into shop__hooli.orders (tenant_id, total) select id, 1 from tenantry.tenants where key = 'hooli'", 'shop');
    // Past the policies: the superuser stands for a subscriber, who needs REPLICATION alone.
    expect(await run("select count(*) filter (where get_byte(data, 0) = ascii('I'))::int as inserts from pg_logical_slot_get_binary_changes('tap', null, null, 'proto_version', '1', 'publication_names', 'changes')", 'shop')).toEqual([{ inserts: 1 }]);
    await run("select pg_drop_replication_slot('tap')", 'shop');
    const { results, outcome } = await verify({ access: accessTo(server), loaded: more });
    expect(outcome).toBe('isolated');
    expect(new Set(results.filter(({ attack, verdict }) => attack === 'publication' && verdict === 'accepted').map(({ place, table, observed }) => `${place} ${table ?? ''} ${observed}`))).toEqual(new Set(
      ['shop.shop', 'shop.shop__globex', 'shop.shop__hooli', 'shop__initech.shop'].flatMap((place) => ['changes', 'sales'].map((name) => `${place} orders publication ${name}`)),
    ));
  });
});

const CAN_DO_WITHOUT = (name: string): string => `Where the declaration can do without: extensions.${name}.optional: true.`;
const NOT_THERE = 'Install its package on the server, or use an engine that offers it.';
const MISSING = [
  ['Extension nonsense is declared, and the server does not have it.', `${NOT_THERE} ${CAN_DO_WITHOUT('nonsense')}`],
  ['Extension hstore is declared, and the server does not have version 0.1; it has 1.4, 1.5, 1.6, 1.7, 1.8.', `Give extensions.hstore.version one of these, or leave it out. ${CAN_DO_WITHOUT('hstore')}`],
  ['Extension earthdistance is declared, and it requires cube, which is not declared.', `Declare extensions.cube too. ${CAN_DO_WITHOUT('earthdistance')}`],
  ['Extension pg_cron is declared, and the server does not have it.', `${NOT_THERE} ${CAN_DO_WITHOUT('pg_cron')}`],
].map(([problem, fix]) => `extension/missing  at server\n\n  ${problem ?? ''} Nothing was changed.\n\n  ${fix ?? ''}`).join('\n\n');
