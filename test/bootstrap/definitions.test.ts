import { beforeAll, expect, it } from 'vitest';
import type { SchemaInput } from '../../lib/declaration';
import { describeServers, startTestServer, type TestServer } from '../support/postgres';
import { definitions } from './support/definitions';
import { applyTo, expectNothingToDo, linesOf, manifestOf, planOf, refusalOf } from './support/platform';
import { tenants } from './support/shop';

const loadedOf = (declaration: SchemaInput) => manifestOf(declaration, { tenants });
const loaded = loadedOf(definitions);

describeServers('functions, triggers, views and sequences', (major) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ major });
    const admin = await server.admin();
    await admin.query('create role stranger');
    await applyTo(server, loaded);
  });

  const run = (sql: string, database = 'shop') => server.runAsSuperuser(sql, database);

  /** The lines of the plan, after an apply that mends everything. */
  const mended = async (sql: string, of = loaded): Promise<string[]> => {
    await run(sql);
    const { differences } = await planOf(server, of);
    await applyTo(server, of);
    await expectNothingToDo(server, of);
    return differences.map((difference) => `${linesOf([difference])[0]}${difference.type === 'change' ? ` (${difference.reason})` : ''}`).filter((line) => !line.startsWith('undefined'));
  };

  it.each([['acme', 'shop', 'shop', 'shop_app'], ['globex', 'shop', 'shop__globex', 'shop_app__globex'], ['initech', 'shop__initech', 'shop', 'shop_app__initech']])('work for %s, and need no second apply', async (tenant, database, schema, role) => {
    await expectNothingToDo(server, loaded);
    const [result] = await run(`
      begin; select set_config('tenantry.tenant_id', (select id::text from tenantry.tenants where key = '${tenant}'), true); set local role ${role}; set local search_path = pg_temp;
      insert into ${schema}.orders (id, country, total) values ('00000000-0000-4000-8000-000000000001', 'de', 150), ('00000000-0000-4000-8000-000000000002', 'de', 50);
      update ${schema}.orders set total = total; update ${schema}.orders set total = 160 where total = 150;
      select (select count(*)::int from ${schema}.big_orders) as big, (select max(again) from ${schema}.open_orders)::int as again, ${schema}.new_orders()::int as new, (select name from ${schema}.names('de')) as name,
             (select array_agg(touched order by touched) from ${schema}.orders) as touched, (select array_agg(what) from ${schema}.logs) as logs, nextval('${schema}.numbers')::int as number, ${schema}.total_of('00000000-0000-4000-8000-000000000001', 2)::int as twice`, database);
    expect(result).toEqual({ big: 1, again: 160, new: 2, name: 'Germany', touched: [0, 1], logs: ['INSERT', 'INSERT'], number: 1000, twice: 320 });
  });

  it('lie where their tables are', async () => {
    const where = (database: string) => run(`select array_agg(n.nspname || '.' || name) as names from (
      select pronamespace as ns, proname::text as name from pg_proc union all select relnamespace, relname::text from pg_class where relkind in ('v', 'S')) x join pg_namespace n on n.oid = ns where n.nspname like 'shop%'`, database).then(([row]) => (row?.['names'] as string[]).sort());
    const everywhere = (schema: string): string[] => ['big_orders', 'log', 'names', 'new_orders', 'numbers', 'open_orders', 'total_of', 'touch'].map((name) => `${schema}.${name}`);
    expect(await where('shop')).toEqual([...everywhere('shop'), 'shop.is_on', 'shop.tickets', 'shop.where_from', ...everywhere('shop__globex')].sort());
    expect(await where('shop__initech')).toEqual([...everywhere('shop'), 'shop.where_from'].sort());
  });

  it('who draws from a sequence does not see how far it is, and a dump does', async () => {
    const can = (role: string) => run(`select has_sequence_privilege('${role}', 'shop.numbers', 'usage') as usage, has_sequence_privilege('${role}', 'shop.numbers', 'select, update') as others`).then(([row]) => row);
    expect([await can('shop_app'), await can('shop_auditor'), await can('shop_dump')]).toEqual([{ usage: true, others: false }, { usage: false, others: false }, { usage: false, others: true }]);
  });

  it('a definer function reads what its caller may not', async () => {
    const [result] = await run(`begin; insert into shop.flags values ('x', true); set local role shop_app; select shop.is_on('x') as "on"`);
    expect(result).toEqual({ on: true });
  });

  it('each property that was changed by hand is found by name and mended, and nothing else', async () => {
    expect(await mended(`
      create or replace function shop.new_orders() returns bigint language sql stable set search_path = shop, pg_temp as 'select 0::bigint';
      alter function shop.total_of(uuid, numeric) volatile;
      alter function shop__globex.total_of(uuid, numeric) security definer;
      alter function shop.names(char) set search_path = public;
      alter function shop__globex.names(char) leakproof;
      alter function shop__globex.new_orders() cost 7;
      grant execute on function shop.touch() to public;
      revoke execute on function shop__globex.touch() from shop_owner; grant execute on function shop__globex.touch() to shop_owner;
      revoke execute on function shop.is_on(text) from shop_app; alter function shop.is_on(text) security invoker;
      alter function shop__globex.log() reset search_path;
      drop function shop.names(char);
      alter table shop.orders disable trigger touch; alter table shop__globex.orders enable always trigger touch;
      drop trigger log on shop.orders;
      drop trigger log on shop__globex.orders; create trigger log after insert on shop__globex.orders for each row execute function shop__globex.log();
      create or replace view shop.open_orders as select id, country, total, total as again from shop.orders;
      alter view shop.open_orders reset (security_barrier);
      alter view shop__globex.open_orders set (security_invoker = false);
      grant select, insert on shop.where_from to shop_auditor; grant select ("is") on shop.where_from to stranger;
      drop view shop__globex.big_orders;
      revoke select on shop.big_orders from shop_app;
      alter sequence shop.numbers increment 3 cycle; grant select on sequence shop__globex.numbers to shop_app__globex;
      alter sequence shop.tickets owned by shop.flags.name; alter sequence shop.tickets as bigint;
    `)).toEqual([
      'shop.shop: alter sequence numbers (its increment is 3, cycle is true)',
      'shop.shop: alter sequence tickets (it would be dropped with shop.flags.name)',
      'shop.shop: alter sequence tickets (its type is bigint, its smallest value is -9223372036854775808)',
      'shop.shop__globex: shop_app__globex may no longer SELECT on sequence numbers (not declared)',
      'shop.shop: replace function new_orders (its body differs)',
      'shop.shop: replace function total_of (its volatility differs)',
      'shop.shop: create function names (declared, not there)',
      'shop.shop: PUBLIC may no longer EXECUTE on function names (not declared)',
      'shop.shop: shop_app may EXECUTE on function names (declared, not there)',
      'shop.shop: PUBLIC may no longer EXECUTE on function touch (not declared)',
      'shop.shop: replace function is_on (it is SECURITY INVOKER)',
      'shop.shop: shop_app may EXECUTE on function is_on (declared, not there)',
      'shop.shop__globex: replace function new_orders (its definition differs)',
      'shop.shop__globex: replace function total_of (it is SECURITY DEFINER)',
      'shop.shop__globex: replace function names (it is LEAKPROOF)',
      'shop.shop__globex: replace function log (its settings differ)',
      'shop.shop: replace view open_orders (its definition differs)',
      'shop.shop: shop_app may SELECT on view big_orders (declared, not there)',
      'shop.shop: shop_auditor may no longer INSERT, SELECT on view where_from (not declared)',
      'shop.shop: stranger may no longer SELECT on where_from.is (not declared)',
      'shop.shop__globex: alter view open_orders (it reads with the rights of shop_owner)',
      'shop.shop__globex: create view big_orders (declared, not there)',
      'shop.shop__globex: shop_app__globex may SELECT on view big_orders (declared, not there)',
      'shop.shop: check the body of function new_orders (what it names is there now)',
      'shop.shop: check the body of function total_of (what it names is there now)',
      'shop.shop: check the body of function names (what it names is there now)',
      'shop.shop: check the body of function is_on (what it names is there now)',
      'shop.shop__globex: check the body of function new_orders (what it names is there now)',
      'shop.shop__globex: check the body of function total_of (what it names is there now)',
      'shop.shop__globex: check the body of function names (what it names is there now)',
      'shop.shop: enable trigger touch on orders (it is disabled)',
      'shop.shop: create trigger log on orders (declared, not there)',
      'shop.shop__globex: enable trigger touch on orders (it fires in replication too)',
      'shop.shop__globex: replace trigger log on orders (its definition differs)',
    ]);
  });

  it('what lies beside them stays a finding: an overload, a trigger, a view, a sequence', async () => {
    await run(`create function shop.total_of(text) returns int language sql as 'select 1'; create trigger extra before insert on shop.orders for each row execute function shop.touch();
      create view shop.extra as select 1; create sequence shop.more`);
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual([
      'finding table/undeclared shop.shop: view extra is not declared; it reads with the rights of postgres',
      'finding table/undeclared shop.shop: sequence more is not declared',
      'finding function/undeclared shop.shop: function total_of(text) is not declared',
      'finding trigger/undeclared shop.shop: trigger extra on orders is not declared',
    ]);
    await applyTo(server, loaded);
    await run('drop function shop.total_of(text); drop trigger extra on shop.orders; drop view shop.extra; drop sequence shop.more');
    await expectNothingToDo(server, loaded);
  });

  it('another owner is refused, with the way back', async () => {
    await run('alter function shop.touch() owner to stranger; alter view shop.where_from owner to stranger; alter sequence shop.numbers owner to stranger');
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual([
      'refused sequence/other-owner shop.shop: sequence numbers belongs to stranger',
      'refused function/other-owner shop.shop: function touch() belongs to stranger',
      'refused view/other-owner shop.shop: view where_from belongs to stranger',
    ]);
    const { codes, message } = await refusalOf(applyTo(server, loaded));
    expect(codes).toEqual(['sequence/other-owner', 'function/other-owner', 'view/other-owner']);
    for (const [, fix = ''] of message.matchAll(/superuser: (alter .*)$/gm)) await run(fix);
    await expectNothingToDo(server, loaded);
  });

  it('what another version of the server printed is made anew, and is no drift', async () => {
    await run("update tenantry.definitions set live = 'printed in another form', server_major = 14 where place = 'shop' and name in ('open_orders', 'touch', 'orders.touch')");
    const { differences } = await planOf(server, loaded, { withOrigins: true });
    expect(differences.flatMap((difference) => (difference.type === 'change' ? [`${difference.summary} ${difference.origin}`] : []))).toEqual([
      'replace function touch pending', 'replace view open_orders pending', 'replace trigger touch on orders pending',
    ]);
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });
});
