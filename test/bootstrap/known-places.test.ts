import { beforeAll, beforeEach, expect, it } from 'vitest';
import { verify } from '../../lib/bootstrap/verify';
import type { LoadedManifest } from '../../lib/manifest';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, emptyServer, linesOf, manifestOf, planOf } from './support/platform';
import { type ReadPlaces, readPlacesOf, withQueries } from './support/read-places';
import { shopInput } from './support/shop';

const KEYS = ['globex', 'hooli', 'umbrella'];
const SCHEMAS = KEYS.map((key) => `shop__${key}`);
const tenants = { acme: { isolation: 'row' }, ...Object.fromEntries(KEYS.map((key) => [key, { isolation: 'schema' }])) } as const;

/** With columns more in `orders`. */
const withColumns = (...added: string[]): LoadedManifest => {
  const { orders, ...others } = shopInput.tables;
  return manifestOf({ ...shopInput, domains: { label: { type: 'text', check: "value <> ''" } }, functions: { half: { arguments: [{ name: 'n', type: 'integer' }], returns: 'integer', body: 'begin return n / 2; end', language: 'plpgsql' } }, tables: { ...others, customers: { ...others.customers, columns: { ...others.customers.columns, title: { type: 'label', nullable: true } } }, orders: { ...orders, columns: { ...orders.columns, ...Object.fromEntries(added.map((column) => [column, { type: 'text', nullable: true }])) } } } } as never, { tenants });
};
const first = withColumns();
const NOTHING: ReadPlaces = { whole: [], partly: [] };

describeNewest('schemas of tenants that are as they were', (major) => {
  let server: TestServer;
  const read = (loaded: LoadedManifest = first, options: Parameters<typeof planOf>[2] = {}): Promise<ReadPlaces> => readPlacesOf(() => planOf(server, loaded, options));
  const lines = async (loaded: LoadedManifest = first, options: Parameters<typeof planOf>[2] = {}): Promise<string[]> => linesOf((await planOf(server, loaded, options)).differences);
  const byHand = (sql: string): Promise<unknown> => server.runAsSuperuser(sql, 'shop');

  beforeAll(async () => {
    server = await startTestServer({ major });
  });

  beforeEach(async () => {
    await emptyServer(server);
    await applyTo(server, first);
  });

  it('are not read, and a plan of them is empty', async () => {
    expect(await read()).toEqual(NOTHING);
    expect(await lines()).toEqual([]);
    expect(await readPlacesOf(() => applyTo(server, first))).toEqual(NOTHING);
    expect(await read(first, { fullRead: true })).toEqual({ whole: SCHEMAS, partly: [] });
    expect(await readPlacesOf(() => verify({ access: accessTo(server), loaded: first }))).toEqual({ whole: SCHEMAS, partly: [] });
    const { rows } = await (await server.admin('shop')).query("select rolname from pg_roles where rolname like 'shop%' and rolname <> 'shop_owner' and has_table_privilege(oid, 'tenantry.known_places', 'insert, update, delete') and not pg_has_role(oid, 'shop_owner', 'usage')");
    expect(rows).toEqual([]);
  });

  it('are read where something was changed, and nowhere else', async () => {
    await byHand('alter table shop__hooli.orders no force row level security');
    expect(await read()).toEqual({ whole: ['shop__hooli'], partly: [] });
    expect(await lines()).toEqual(['shop.shop__hooli: force row level security on orders']);
    await applyTo(server, first);
    expect(await read()).toEqual(NOTHING);
    // A table of a session, one that is filled anew, and a new tenant are outside of them.
    await byHand('create temporary table aside (x int); truncate shop.flags');
    expect(await read()).toEqual(NOTHING);
    await applyTo(server, first, { additional: { key: 'wayne', isolation: 'schema', displayName: 'Wayne', tier: 'standard', declared: false } });
    expect(await read()).toEqual({ whole: ['shop__wayne'], partly: [] });
    await applyTo(server, first);
    expect(await read()).toEqual(NOTHING);
  });

  it('are read in the table that is declared otherwise, and are known again when that was applied', async () => {
    const more = withColumns('one');
    expect(await read(more)).toEqual({ whole: [], partly: SCHEMAS });
    expect((await lines(more)).filter((line) => line.includes('column'))).toEqual(['shop', ...SCHEMAS].map((schema) => `shop.${schema}: add column orders.one text`));
    expect(await readPlacesOf(() => applyTo(server, more))).toEqual({ whole: [], partly: SCHEMAS });
    expect(await read(more)).toEqual(NOTHING);
    expect(await lines(more, { fullRead: true })).toEqual([]);
    await byHand('alter table shop__globex.orders drop column note');
    expect((await lines(more))[0]).toContain('shop.shop__globex');
    expect(await read(more)).toEqual({ whole: ['shop__globex'], partly: [] });
  });

  it('are read when what they are printed by was changed elsewhere', async () => {
    await byHand("create type public.mood as enum ('glad')");
    for (const [by, back] of [
      ['alter role shop_app__hooli rename to shop_app__hoodi', 'alter role shop_app__hoodi rename to shop_app__hooli'],
      ['alter domain shop.label rename to tag', 'alter domain shop.tag rename to label'],
      ['alter table shop.countries rename code to iso', 'alter table shop.countries rename iso to code'],
      ['alter table shop.countries set schema public', 'alter table public.countries set schema shop'],
      ["alter type public.mood rename value 'glad' to 'sad'", "alter type public.mood rename value 'sad' to 'glad'"],
      ['alter language plpgsql rename to other', 'alter language other rename to plpgsql'],
      ["update tenantry.definitions set live = 'x' || live where place = 'shop__hooli'", "update tenantry.definitions set live = substr(live, 2) where place = 'shop__hooli'"],
      ['alter extension plpgsql add type public.mood', 'alter extension plpgsql drop type public.mood'],
      ['create function public.stranger() returns int language sql as $$select 1$$', 'drop function public.stranger()'],
    ] as const) {
      await applyTo(server, first);
      expect(await byHand('select place from tenantry.known_places'), by).toHaveLength(SCHEMAS.length);
      await byHand(by);
      let known: string[] = [];
      expect((await readPlacesOf(async () => (known = await lines()))).whole, by).toContain('shop__hooli');
      expect(known, by).toEqual(await lines(first, { fullRead: true }));
      await byHand(back);
    }
  });

  it('are read where changes of two rows make up for each other in their transaction ids', async () => {
    const [early, late] = [await server.admin('shop'), await server.admin('shop')];
    const orders = 'alter table shop__hooli.orders alter column';
    const begin = 'begin; select pg_current_xact_id()';
    // Columns beside each other, of which the first one has an even number with that of the table.
    const { rows: [{ one, two } = { one: '', two: '' }] } = await early.query<{ one: string; two: string }>("select o.attname as one, t.attname as two from pg_attribute o join pg_attribute t on t.attrelid = o.attrelid and t.attnum = o.attnum + 1 where o.attrelid = 'shop__hooli.orders'::regclass and o.attnum = 2 + o.attrelid::bigint % 2");
    await early.query(begin);
    await byHand(`${orders} ${one} set statistics 5`);
    await byHand(`${orders} ${two} set statistics 5`);
    await late.query(begin);
    await applyTo(server, first);
    expect(await read()).toEqual(NOTHING);
    await early.query(`grant select (${one}) on shop__hooli.orders to public; commit`);
    await late.query(`${orders} ${two} set statistics 6; commit`);
    await Promise.all([early.end(), late.end()]);
    expect(await lines()).toEqual([`shop.shop__hooli: PUBLIC may no longer SELECT on orders.${one}`]);
  });

  it('are read as a whole where a table is not declared any more', async () => {
    const drafts = { drafts: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } };
    const input = (more: object): LoadedManifest => manifestOf({ ...first.manifest.declaration, tables: { ...first.manifest.declaration.tables, ...more } }, { tenants });
    await applyTo(server, input(drafts));
    expect(await read(input(drafts))).toEqual(NOTHING);
    expect(await read(first, { allowOlder: true })).toEqual({ whole: SCHEMAS, partly: [] });
    expect(await lines(first, { allowOlder: true })).toEqual(await lines(first, { allowOlder: true, fullRead: true }));
    expect(await lines(first, { allowOlder: true })).toContain('finding table/undeclared shop.shop__hooli: table drafts is not declared');
  });

  it('are not known where somebody changed something during the apply, or it was interrupted before it was written down', async () => {
    let done = false;
    const meddle = (before: RegExp, sql: string) => (text: string): Promise<void> | undefined => {
      if (done || !before.test(text)) return undefined;
      done = true;
      return byHand(sql).then(() => undefined);
    };
    let found: readonly { readonly code: string; readonly place?: string }[] = [];
    await withQueries(meddle(/add column "one"/, 'alter table shop__globex.customers no force row level security; create view shop__hooli.peek as select 1 as x'), async () => (found = (await applyTo(server, withColumns('one'))).findings));
    expect(found.map(({ code, place }) => `${code} ${place ?? ''}`)).toContain('apply/not-as-declared shop__globex');
    expect(done).toBe(true);
    expect(await lines(withColumns('one'))).toEqual(['finding table/undeclared shop.shop__hooli: view peek is not declared; it reads with the rights of postgres', 'shop.shop__globex: force row level security on customers'].sort((a, b) => Number(a.startsWith('shop')) - Number(b.startsWith('shop'))));
    expect(await read(withColumns('one'))).toEqual({ whole: ['shop__globex', 'shop__hooli'], partly: [] });

    await byHand('drop view shop__hooli.peek');
    await applyTo(server, withColumns('one'));
    expect(await read(withColumns('one'))).toEqual(NOTHING);
    const broken = withQueries((text) => (/insert into tenantry\.known_places/.test(text) ? Promise.reject(new Error('the end')) : undefined), () => applyTo(server, withColumns('one', 'two')));
    await expect(broken).rejects.toThrow('the end');
    expect(await read(withColumns('one', 'two'))).toEqual({ whole: SCHEMAS, partly: [] });
    expect(await lines(withColumns('one', 'two'))).toEqual([]);
    await applyTo(server, withColumns('one', 'two'));
    expect(await read(withColumns('one', 'two'))).toEqual(NOTHING);

  });

  it('are applied also when somebody holds a table while they are read again', async () => {
    const holder = await server.admin('shop');
    let step = 0;
    let codes: string[] = [];
    await withQueries((text) => {
      if (step === 0 && text.includes('add column "one"')) step = 1;
      if (step !== 1 || !text.includes('hashtextextended')) return undefined;
      step = 2;
      return holder.query('begin; lock table shop__hooli.orders in access exclusive mode').then(() => undefined);
    }, async () => (codes = (await applyTo(server, withColumns('one'))).findings.map(({ code }) => code)));
    expect(codes).toContain('apply/not-read-again');
    await holder.end();
    expect(await read(withColumns('one'))).toEqual({ whole: SCHEMAS, partly: [] });
    expect(await lines(withColumns('one'))).toEqual([]);
  });

  it('are not known in a database that was copied', async () => {
    const { rows: [{ comment } = { comment: '' }] } = await (await server.admin()).query<{ comment: string }>("select shobj_description(oid, 'pg_database') as comment from pg_database where datname = 'shop'");
    await server.runAsSuperuser('alter database shop rename to shop_before');
    await server.runAsSuperuser('create database shop template shop_before owner shop_owner');
    await server.runAsSuperuser(`comment on database shop is '${comment}'`);
    expect(await read()).toEqual({ whole: SCHEMAS, partly: [] });
  });

  it('stay known with two applies at one time', async () => {
    const [one, two] = [withColumns('one'), withColumns('one')];
    await Promise.all([applyTo(server, one), applyTo(server, two)]);
    expect(await lines(one, { fullRead: true })).toEqual([]);
    expect(await read(one)).toEqual(NOTHING);
  });
});
