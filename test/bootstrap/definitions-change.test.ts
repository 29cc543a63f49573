import { beforeAll, describe, expect, it } from 'vitest';
import { addTenant } from '../../lib/bootstrap/tenants/add';
import { verify } from '../../lib/bootstrap/verify';
import { startTestServer, type TestServer } from '../support/postgres';
import { definitions } from './support/definitions';
import { accessTo, applyTo, expectNothingToDo, forgetful, linesOf, manifestOf, planOf, refusalOf } from './support/platform';
import { tenants } from './support/shop';

const with_ = (more: object): ReturnType<typeof manifestOf> => manifestOf({ ...definitions, ...more }, { tenants });
const { functions, views, sequences, tables } = definitions;
const loaded = with_({});
const noted = { ...tables, orders: { ...tables.orders, columns: { ...tables.orders.columns, note: { type: 'text', nullable: true } } } };
/** Behind the change that adds a column. */
const later = (more: object): ReturnType<typeof manifestOf> => with_({ tables: noted, ...more });

describe('a declaration that changes', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });

  const run = (sql: string, database = 'shop') => server.runAsSuperuser(sql, database);
  const inHome = (lines: readonly string[]): string[] => lines.filter((line) => /shop\.shop: /.test(line));

  it('is applied to tables that are there, by a version that knew no definitions', async () => {
    const { functions: _functions, views: _views, sequences: _sequences, ...rest } = definitions;
    const before = manifestOf({ ...rest, tables: { ...tables, orders: { ...tables.orders, triggers: {} } } }, { tenants });
    await applyTo(server, before);
    await run('drop table tenantry.definitions');
    const { changes } = await applyTo(server, loaded);
    expect([...new Set(changes.map(({ kind, action }) => `${action} ${kind}`))].sort()).toEqual(['create function', 'create sequence', 'create table', 'create trigger', 'create view', 'grant function', 'grant grant', 'grant sequence', 'grant view', 'revoke function', 'validate function']);
    expect(changes.filter(({ kind }) => kind === 'grant').map(({ summary }) => summary)).toEqual(['shop_dump may SELECT on definitions']);
    expect(changes.filter(({ kind }) => kind === 'table').map(({ summary }) => summary)).toEqual(['create table definitions']);
    await expectNothingToDo(server, loaded);
  });

  it('a tenant that comes later has them too', async () => {
    await addTenant({ access: accessTo(server), loaded, passwords: forgetful }, { key: 'umbrella', isolation: 'schema' });
    const [row] = await run("select (select count(*)::int from pg_proc where pronamespace = 'shop__umbrella'::regnamespace) as functions, (select count(*)::int from tenantry.definitions where place = 'shop__umbrella') as records");
    expect(row).toEqual({ functions: 5, records: 10 });
    await expectNothingToDo(server, loaded);
  });

  it('the verification sends its rows through the triggers, and reads through the views', async () => {
    const evidence = await verify({ access: accessTo(server), loaded });
    expect(evidence.results.filter(({ verdict }) => verdict === 'unknown' || verdict === 'breached')).toEqual([]);
    const through = evidence.results.filter(({ attack }) => attack === 'declared-view').map(({ place, table, role, verdict }) => `${place} ${table} ${role} ${verdict}`);
    expect(through).toContain('shop.shop open_orders shop_app denied');
    expect(through).toContain('shop.shop__globex open_orders shop_app__globex denied');
    expect(through).toContain('shop__initech.shop open_orders shop_app__initech denied');
    expect(through).toContain('shop.shop open_orders shop_auditor accepted');
    expect(through).toContain('shop.shop big_orders shop_auditor denied');
    expect(evidence.results.filter(({ attack, verdict }) => attack === 'declared-definer' && verdict !== 'not applicable').map(({ place, verdict, observed }) => `${place} ${verdict} ${observed}`)).toEqual(['shop.shop accepted function is_on']);
    expect(evidence.results.filter(({ attack, verdict }) => attack === 'definer-function' && verdict !== 'denied')).toEqual([]);
  });

  it('a view that reads with the rights of somebody who sees everything is a breach', async () => {
    await run('alter view shop.open_orders set (security_invoker = false); alter view shop.open_orders owner to postgres');
    const { results } = await verify({ access: accessTo(server), loaded });
    expect(results.filter(({ attack, verdict, place }) => attack === 'declared-view' && verdict === 'breached' && place === 'shop.shop').map(({ table, role }) => `${table} ${role}`)).toEqual(['open_orders shop_app', 'big_orders shop_app']);
    await run('alter view shop.open_orders owner to shop_owner');
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it('a trigger that refuses the probe rows leaves its table unknown, with the reason', async () => {
    const refusing = with_({ functions: { ...functions, log: { ...functions.log, body: "begin raise exception 'no'; end" } } });
    await applyTo(server, refusing);
    const { results } = await verify({ access: accessTo(server), loaded: refusing });
    const [row] = results.filter(({ attack, table, place }) => attack === 'probe-row' && table === 'orders' && place === 'shop.shop');
    expect(row).toMatchObject({ verdict: 'unknown', reason: 'No probe row can be made: it was refused with SQLSTATE P0001.' });
    await applyTo(server, loaded, { allowOlder: true });
  });

  it('is brought about in one apply: a column and a view of it, views behind views, another result, another trigger', async () => {
    await run('insert into shop.flags select g::text, true from generate_series(1, 3) g; select nextval(\'shop.numbers\')');
    const changed = with_({
      tables: { ...tables, orders: { ...tables.orders, columns: noted.orders.columns, triggers: { touch: { ...tables.orders.triggers.touch, events: ['update'] }, log: { ...tables.orders.triggers.log, function: 'note' } } } },
      functions: { ...functions, names: { ...functions.names, returns: 'text', body: 'select c.name from countries c where c.code = wanted' }, note: { returns: 'trigger', body: 'begin return null; end' } },
      views: { ...views, open_orders: { ...views.open_orders, query: "select note, total, id from orders where status = 'new'" } },
      sequences: { ...sequences, numbers: { ...sequences.numbers, increment: 7 } },
    });
    const { changes } = await applyTo(server, changed, { allowOlder: true });
    expect(inHome(linesOf(changes))).toEqual([
      'shop.shop: add column orders.note text',
      'shop.shop: alter sequence numbers',
      'shop.shop: replace function names',
      'shop.shop: create function note',
      'shop.shop: PUBLIC may no longer EXECUTE on function note',
      'shop.shop: replace view open_orders',
      'shop.shop: check the body of function names',
      'shop.shop: replace trigger touch on orders',
      'shop.shop: replace trigger log on orders',
      'shop.shop: write down what the place holds',
    ]);
    await expectNothingToDo(server, changed);
    const [row] = await run("set role shop_app; select nextval('shop.numbers')::int as next, shop.names('de') as name, (select count(*)::int from shop.big_orders) as big");
    expect(row, 'the sequence goes on, and grants are there').toEqual({ next: 1047, name: 'Germany', big: 0 });
    await applyTo(server, later({}), { allowOlder: true });
    await expectNothingToDo(server, later({}));
  });

  it('what is not declared any more is dropped, but for sequences and what somebody else uses', async () => {
    await run('create view shop.report as select * from shop.where_from');
    const { is_on: _on, log: _log, names: _names, ...fewer } = functions;
    const less = later({ functions: fewer, views: { open_orders: views.open_orders }, sequences: {}, tables: { ...noted, orders: { ...noted.orders, triggers: { touch: tables.orders.triggers.touch } } } });
    const { differences } = await planOf(server, less, { allowOlder: true });
    expect(inHome(linesOf(differences)).sort()).toEqual([
      ...['big_orders', 'where_from'].map((name) => `finding table/undeclared shop.shop: view ${name} is not declared`), 'finding table/undeclared shop.shop: sequence numbers is not declared',
      'finding table/undeclared shop.shop: view report is not declared; it reads with the rights of postgres', 'finding table/undeclared shop.shop: sequence tickets is not declared',
    ].concat([
      'shop.shop: drop trigger log on orders', 'refused view/not-dropped shop.shop: view where_from is not declared any more, but view shop.report would be lost with it', 'shop.shop: drop view big_orders',
      'shop.shop: drop function is_on', 'shop.shop: drop function log', 'shop.shop: drop function names', 'shop.shop: shop_app may no longer USAGE on sequence numbers', 'shop.shop: shop_app may no longer SELECT on view where_from',
    ]).sort());
    await applyTo(server, less, { allowOlder: true });
    await run('drop view shop.report');
    await applyTo(server, later({}), { allowOlder: true });
    await expectNothingToDo(server, later({}));
  });

  it('a function whose arguments change is refused where somebody uses it, and is no second one', async () => {
    const other = later({ functions: { ...functions, total_of: { ...functions.total_of, arguments: [{ name: 'order_id', type: 'text' }], body: 'select total from orders where id::text = order_id' } } });
    const { differences } = await planOf(server, other, { allowOlder: true });
    expect(inHome(linesOf(differences))).toEqual(['refused function/in-use shop.shop: the arguments or the result of function total_of differ, so that it has to be dropped and made anew, and view shop.open_orders would be lost']);
  });

  it('a view that somebody else reads keeps its columns', async () => {
    await run('create view shop.report as select id from shop.open_orders');
    const more = later({ views: { ...views, open_orders: { ...views.open_orders, query: "select id, country, total, total_of(id) as again, touched from orders where status = 'new'" } } });
    expect(inHome(linesOf((await applyTo(server, more, { allowOlder: true })).changes))).toEqual(['shop.shop: replace view open_orders']);
    const fewer = later({ views: { ...views, open_orders: { ...views.open_orders, query: 'select total, id from orders' } } });
    expect((await refusalOf(applyTo(server, fewer, { allowOlder: true }))).message).toContain('cannot drop columns from view');
    await run('drop view shop.report');
    await applyTo(server, later({}), { allowOlder: true });
    await expectNothingToDo(server, later({}));
  });

  it('a body may hold the quote of bodies', async () => {
    const quoting = later({ functions: { ...functions, quoting: { returns: 'text', body: "select '$tenantry$; drop table shop.orders; $tenantry_1$'" } } });
    await applyTo(server, quoting, { allowOlder: true });
    expect(await run('select shop.quoting() as text')).toEqual([{ text: '$tenantry$; drop table shop.orders; $tenantry_1$' }]);
    await expectNothingToDo(server, quoting);
  });

  it('what somebody else made under a wanted name is refused, and stays', async () => {
    await run(`set role shop_owner; create function shop.late() returns int language sql as 'select 7'; create view shop.late_view as select 7 as seven; create sequence shop.late_numbers start 70;
      create trigger late before delete on shop.logs for each row execute function shop.touch()`);
    const late = later({
      functions: { ...functions, late: { returns: 'integer', body: 'select 1' } }, views: { ...views, late_view: { query: 'select 1 as seven' } }, sequences: { ...sequences, late_numbers: {} },
      tables: { ...noted, logs: { ...tables.logs, triggers: { late: { timing: 'before', events: ['delete'], function: 'touch' } } } },
    });
    const { codes } = await refusalOf(applyTo(server, late, { allowOlder: true }));
    expect(codes).toEqual(['sequence/not-ours', 'function/not-ours', 'view/not-ours', 'trigger/not-ours']);
    expect(await run('select shop.late(), (select seven from shop.late_view), nextval(\'shop.late_numbers\')::int as next')).toEqual([{ late: 7, seven: 7, next: 70 }]);
    await run('drop function shop.late(); drop view shop.late_view; drop sequence shop.late_numbers; drop trigger late on shop.logs');
    await applyTo(server, late, { allowOlder: true });
    await expectNothingToDo(server, late);
  });

  it.each([
    ['a second statement in a query', { views: { v: { query: 'select 1; drop table shop.orders' } } }, 'views.v.query'],
    ['something behind a query', { views: { v: { query: 'select 1) x, (select 2' } } }, 'views.v'],
    ['a bracket that is closed early in a default', { functions: { f: { arguments: [{ name: 'a', type: 'integer', default: "0) returns integer language sql security definer as 'select 1' --" }], returns: 'integer', body: 'select 1' } } }, 'functions.f.arguments.0.default'],
    ['a bracket that is closed early in a condition', { tables: { ...noted, logs: { ...tables.logs, triggers: { t: { timing: 'before', events: ['insert'], when: 'true) execute function shop.log() --', function: 'touch' } } } } }, 'tables.logs.triggers.t.when'],
    ['a comment that is left open', { views: { v: { query: 'select 1 /* and no more' } } }, 'views.v.query'],
  ])('%s is not run', async (_title, more, at) => {
    const bad = later({ ...more, functions: { ...functions, ...('functions' in more ? more.functions : {}) }, views: { ...views, ...('views' in more ? more.views : {}) } });
    const { message } = await refusalOf(applyTo(server, bad, { allowOlder: true }));
    expect(message.split('\n')[0]).toBe(`declaration/definition  at ${at}`);
    expect(await run("select to_regclass('shop.orders') is not null as there")).toEqual([{ there: true }]);
  });
});
