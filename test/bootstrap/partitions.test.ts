import type { Client } from 'pg';
import { beforeAll, expect, it } from 'vitest';
import { describeServers, isUsual, startTestServer, type TestServer } from '../support/postgres';
import type { Change, Refusal } from '../../lib/bootstrap/plan/difference';
import { aboutContent, applyTo, lineOf, linesOf, manifestOf, planOf, refusalOf, sqlstateOf } from './support/platform';
import { metering } from './support/metering';

const NOVEMBER = new Date('2026-11-21T10:00:00Z');
const FEBRUARY = new Date('2027-02-01T00:00:00Z');
const tenants = { acme: { isolation: 'row' }, bolt: { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database' } };
const PLACES = ['shop.shop', 'shop.shop__globex', 'shop__initech.shop'];
/** What guards a partition that somebody made, in the order of the plan. */
const GUARD = (table: string): string[] => [
  `enable row level security, force row level security on ${table}`, ...['tenantry_floor', 'tenantry_maintainer', 'tenantry_all_tenants', 'tenantry_backup', 'tenantry_access', 'own'].map((policy) => `create policy ${policy} on ${table}`),
  `shop_dump may SELECT on ${table}`,
].map((line) => `shop.shop: ${line}`);

/** One story for each version, told in order: each step stands on the one before. */
describeServers('partitions', (major) => {
  let server: TestServer;
  let shop: Client;
  let acme: string;
  let bolt: string;
  let now = manifestOf(metering, { tenants });
  const apply = (asOf = NOVEMBER) => applyTo(server, now, { asOf });
  const plan = async (asOf = NOVEMBER) => aboutContent((await planOf(server, now, { asOf })).differences);
  const lines = async (asOf = NOVEMBER) => linesOf(await plan(asOf));
  const partitions = async (table: string, schema = 'shop', database = 'shop') => (await server.runAsSuperuser(
    `select c.relname || ' ' || pg_get_expr(c.relpartbound, c.oid) as p from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = '${schema}.${table}'::regclass order by 1`, database)).map(({ p }) => p);

  beforeAll(async () => {
    server = await startTestServer({ major });
    await apply();
    shop = await server.admin('shop');
    await shop.query("set timezone = 'UTC'");
    const { rows } = await shop.query("select id from tenantry.tenants where key in ('acme', 'bolt') order by key");
    [acme, bolt] = rows.map(({ id }) => id as string) as [string, string];
  });

  it('are made with their table, in every place [SVC-5.1]', async () => {
    expect(await lines()).toEqual([]);
    const time = (from: string, to: string): string => `FOR VALUES FROM ('${from}') TO ('${to}')`;
    for (const [database, schema] of [['shop', 'shop'], ['shop', 'shop__globex'], ['shop__initech', 'shop']] as const) {
      expect(await partitions('events', schema, database)).toEqual([
        'events_default DEFAULT', `events_p2026_11 ${time('2026-11-01 00:00:00+00', '2026-12-01 00:00:00+00')}`, `events_p2026_12 ${time('2026-12-01 00:00:00+00', '2027-01-01 00:00:00+00')}`,
        `events_p2027_01 ${time('2027-01-01 00:00:00+00', '2027-02-01 00:00:00+00')}`,
      ]);
      expect(await partitions('readings', schema, database)).toEqual([0, 1, 2].map((n) => `readings_h${n} FOR VALUES WITH (modulus 3, remainder ${n})`));
    }
    expect(await partitions('visits')).toEqual(['visits_default DEFAULT', `visits_p20261116 ${time('2026-11-16', '2026-11-23')}`]);
  });

  it('of tables that are in use get columns, keys, indexes, checks and foreign keys, each for itself', async () => {
    await shop.query(`insert into shop.people select t, gen_random_uuid() from unnest(array['${acme}', '${bolt}']::uuid[]) t;
      insert into shop.events (tenant_id, at, author, unit, amount) select tenant_id, t, gen_random_uuid(), 'kWh', 5 from shop.people, unnest(array['2026-11-05', '2026-12-05', '2027-01-31']::timestamptz[]) t`);
    const { events } = metering.tables;
    now = manifestOf({ ...metering, tables: { ...metering.tables, events: {
      ...events, columns: { ...events.columns, code: { type: 'uuid', default: 'gen_random_uuid()' }, owner: { type: 'uuid', default: 'gen_random_uuid()', backfill: 'author' }, author: { ...events.columns.author, check: 'author is not null' }, other: { type: 'uuid', nullable: true, references: 'people.id' } },
      unique: [...events.unique, ['code', 'at']], indexes: [...events.indexes, ['twice', 'at']],
    } } }, { tenants });
    const planned = (await plan()).filter((difference) => difference.type === 'change' && difference.target === 'shop' && difference.place === 'shop').map((difference) => difference as Change);
    const behind = (what: string): Change[] => planned.filter(({ summary }) => summary.includes(what));
    const parts = ['events_default', 'events_p2026_11', 'events_p2026_12', 'events_p2027_01'];
    expect(behind('index events_twice_at_idx').map(({ sql }) => sql[sql.length - 1])).toEqual([
      'create index if not exists "events_twice_at_idx" on only "shop"."events" ("tenant_id", "twice", "at")', ...parts.map((part) => `alter index "shop"."events_twice_at_idx" attach partition "shop"."${part}_tenant_id_twice_at_idx"`),
    ]);
    expect(planned.filter(({ lock, hazard, sql }) => hazard === 'scan' && lock === 'AccessExclusive' && !sql.some((text) => text.includes('concurrently'))).map(lineOf)).toEqual([]);
    expect(behind('events.code, in').map(({ summary }) => summary)).toEqual(parts.map((part) => `give every row a value for events.code, in ${part}`));
    await apply();
    expect(await lines()).toEqual([]);
    expect(await server.runAsSuperuser('select count(*)::int as rows, count(distinct code)::int as codes, bool_and(owner = author) as owned, count(distinct tableoid)::int as partitions from shop.events', 'shop')).toEqual([{ rows: 6, codes: 6, owned: true, partitions: 3 }]);
    expect(await server.runAsSuperuser('select count(*)::int as n from pg_constraint where not convalidated union all select count(*)::int from pg_index where not indisvalid', 'shop')).toEqual([{ n: 0 }, { n: 0 }]);
  });

  it('get the rest of an index where a run was interrupted, and a key', async () => {
    await shop.query(`set role shop_owner; drop index shop.events_twice_at_idx; create index events_twice_at_idx on only shop.events (tenant_id, twice, at);
      create index events_default_tenant_id_twice_at_idx on shop.events_default (tenant_id, twice, at); alter index shop.events_twice_at_idx attach partition shop.events_default_tenant_id_twice_at_idx;
      create index events_p2026_11_tenant_id_twice_at_idx on shop.events_p2026_11 (tenant_id, twice, at);
      alter table shop.events drop constraint events_code_at_key; alter table only shop.events add constraint events_code_at_key unique (tenant_id, code, at); reset role`);
    const rest = ['events_p2026_11', 'events_p2026_12', 'events_p2027_01'];
    expect(await lines()).toEqual([...['events_default', ...rest].map((part) => `shop.shop: add unique key events_code_at_key on events, in ${part}`), ...rest.map((part) => `shop.shop: create index events_twice_at_idx on events, in ${part}`)]);
    await apply();
    expect(await lines()).toEqual([]);
  });

  if (!isUsual(major)) return;

  it('show a role nothing by themselves, and their table shows the rows of the current tenant', async () => {
    const app = await server.connect({ user: 'shop_app_login', database: 'shop' });
    const asAcme = async (sql: string) => {
      try {
        await app.query("begin; call tenantry.enter('acme', 1); set local role shop_app; set local search_path = shop");
        return (await app.query(sql)).rows;
      } finally {
        await app.query('rollback');
      }
    };
    expect(await asAcme('select distinct tenant_id from events')).toEqual([{ tenant_id: acme }]);
    expect(await asAcme("insert into events (at, author, unit) values ('2026-12-24', gen_random_uuid(), 'kWh') returning tenant_id, tableoid::regclass::text as in")).toEqual([{ tenant_id: acme, in: 'events_p2026_12' }]);
    for (const sql of ['select from events_p2026_12', 'insert into events_p2026_12 default values', 'update events_p2026_12 set amount = 1', 'delete from events_default']) expect(await sqlstateOf(asAcme(sql)), sql).toBe('42501');
    // Somebody opens a partition: the policies hold there too.
    await shop.query('grant select on shop.events_p2026_12 to shop_app');
    expect(await asAcme('select distinct tenant_id from events_p2026_12')).toEqual([{ tenant_id: acme }]);
    expect(await lines()).toEqual(['shop.shop: shop_app may no longer SELECT on events_p2026_12']);
    expect((await plan())[0]).toMatchObject({ origin: 'drift' });
    await apply();
    expect(await lines()).toEqual([]);
    expect(await sqlstateOf(asAcme('select from events_p2026_12'))).toBe('42501');
  });

  it('of a time to come are made by each later apply, and that is no drift', async () => {
    await shop.query('delete from shop.events_default');
    // Who writes meanwhile is not waited for.
    const writer = await server.admin('shop');
    await writer.query(`begin; insert into shop.events (tenant_id, at, author, unit) values ('${acme}', '2027-01-01', gen_random_uuid(), 'kWh')`);
    const differences = await plan(FEBRUARY);
    expect(linesOf(differences)).toEqual(PLACES.flatMap((place) => ['events_p2027_02', 'events_p2027_03', 'events_p2027_04'].map((name) => `${place}: create partition ${name} of events`)
      .concat(place === 'shop.shop' ? ['shop.shop: create partition visits_p20270201 of visits'] : [])));
    expect(new Set(differences.filter(({ type }) => type === 'change').map((difference) => (difference as Change).origin))).toEqual(new Set(['pending']));
    await apply(FEBRUARY);
    await writer.query('rollback');
    expect(await lines(FEBRUARY)).toEqual([]);
    expect(await lines()).toEqual([]);
    // Time goes on to the end of the partitions that are there, and no further.
    expect(await lines(new Date('2027-02-28T23:59:59Z'))).toEqual(['shop.shop: create partition visits_p20270222 of visits']);
    // One that comes while an index is half built has its part already.
    await shop.query('set role shop_owner; drop index shop.events_twice_at_idx; create index events_twice_at_idx on only shop.events (tenant_id, twice, at); reset role');
    const march = new Date('2027-03-01T00:00:00Z');
    await apply(march);
    expect(await lines(march)).toEqual([]);
  });

  it('whose rows lie in the default partition are refused, with the way out', async () => {
    await shop.query(`insert into shop.events (tenant_id, at, author, unit, amount, note) values ('${acme}', '2027-06-15', gen_random_uuid(), 'kWh', 7, 'late'), ('${bolt}', '2030-01-01', gen_random_uuid(), 'kWh', 1, null)`);
    await shop.query("insert into shop.remarks (tenant_id, event, event_at) select tenant_id, id, at from shop.events where note = 'late'");
    const june = new Date('2027-06-01T00:00:00Z');
    const [created, others] = [(await lines(june)).filter((line) => line.startsWith('shop.shop: create partition events')), (await lines(june)).filter((line) => /^(refused|finding)/.test(line))];
    expect(created).toEqual(['shop.shop: create partition events_p2027_07 of events', 'shop.shop: create partition events_p2027_08 of events']);
    expect(others).toEqual([
      'refused partition/rows-in-default shop.shop: partition events_p2027_06 of events cannot be made: rows of its time lie in the default partition',
      expect.stringMatching(/^finding partition\/default-rows shop.shop: the default partition of events holds rows/),
    ]);
    await apply(june);
    const refusal = (await plan(june)).find((difference) => difference.type === 'refusal') as Refusal;
    expect(refusal.origin).toBe('pending');
    await shop.query(/(begin; .*; commit);/.exec(refusal.fix)?.[1] ?? '');
    expect(await lines(june)).toEqual([expect.stringContaining('remarks_event_event_at_fkey'), expect.stringContaining('remarks_event_event_at_fkey'), ...GUARD('events_p2027_06'), others[1]]);
    await apply(june);
    expect(await lines(june)).toEqual([others[1]]);
    // What references them with ON DELETE CASCADE is still there.
    expect(await server.runAsSuperuser('select count(*)::int as n from shop.remarks join shop.events_p2027_06 e on e.id = event', 'shop')).toEqual([{ n: 1 }]);
    expect(await server.runAsSuperuser('select amount, twice, note from shop.events_p2027_06', 'shop')).toEqual([{ amount: 7, twice: 14, note: 'late' }]);
    await shop.query('delete from shop.events_default; delete from shop.events_p2027_06');
  });

  it('that somebody made by hand are guarded, and filled up where they leave a part of a time', async () => {
    await shop.query(`create table shop."by ""Hand" (like shop.events including defaults including generated including constraints); alter table shop."by ""Hand" owner to shop_owner; grant all on shop."by ""Hand" to public, shop_app; grant select (note) on shop."by ""Hand" to shop_clerk;
      alter table shop.events attach partition shop."by ""Hand" for values from ('2027-09-01') to ('2027-09-10 12:00');
      create table shop.many partition of shop.events for values from ('2028-01-01') to ('2028-04-01') partition by range (at); create table shop.kwh partition of shop.many for values from ('2028-01-01') to ('2028-04-01'); alter table shop.many owner to shop_owner; alter table shop.kwh owner to shop_owner`);
    const before = new Date('2027-07-31T00:00:00Z');
    expect((await lines(before)).filter((line) => !line.includes('visits'))).toEqual([
      'shop.shop: create partition events_p20270910t120000 of events', ...GUARD('by "Hand').slice(0, 7),
      ...['PUBLIC', 'shop_app'].map((who) => expect.stringMatching(new RegExp(`^shop.shop: ${who} may no longer INSERT, SELECT, UPDATE, DELETE, .* on by "Hand$`))),
      'shop.shop: shop_dump may SELECT on by "Hand', 'shop.shop: shop_clerk may no longer SELECT on by "Hand.note', ...GUARD('kwh'), ...GUARD('many'),
      ...PLACES.slice(1).map((place) => `${place}: create partition events_p2027_09 of events`),
    ]);
    await apply(before);
    expect(await lines(before)).toEqual([]);
  });

  it('that cannot be guarded, or hold what is not read any more, are refused, and the rest is applied', async () => {
    await shop.query(`create schema others; create table others.far partition of shop.events for values from ('2031-01-01') to ('2032-01-01'); alter table others.far owner to shop_owner;
      create table shop.theirs partition of shop.events for values from ('2032-01-01') to ('2033-01-01'); alter table shop.events detach partition shop.events_p2027_08;
      delete from shop.readings; drop table shop.readings_h1; alter table shop.readings detach partition shop.readings_h2; drop policy tenantry_floor on shop.kwh`);
    const before = new Date('2027-07-31T00:00:00Z');
    await apply(before);
    const refused = (await plan(before)).filter((difference) => difference.type === 'refusal');
    expect(refused.map((refusal) => `${lineOf(refusal)} (${refusal.origin ?? ''})`)).toEqual([
      'refused partition/detached shop.shop: events_p2027_08 is there and is no partition of events for its time: rows in it are not read through events (pending)',
      'refused partition/schema shop.shop: partition others.far of events lies in a schema that is not managed: it is not guarded as events is (pending)',
      'refused partition/owner shop.shop: partition theirs of events belongs to postgres: it cannot be guarded as events is, nor changed with it (pending)',
      'refused partition/lost shop.shop: partition readings_h1 of readings is gone, with the rows of one in 3 tenants; made anew, it would be empty (pending)',
      'refused partition/detached shop.shop: readings_h2 is there and is no partition of readings for its tenants: rows in it are not read through readings (pending)',
    ]);
    // What PostgreSQL would do to the partition of somebody else's too, and refuse in the middle, is refused before.
    const { events } = metering.tables;
    const former = now;
    now = manifestOf({ ...metering, tables: { ...metering.tables, events: { ...events, columns: { ...events.columns, more: { type: 'text', nullable: true } } } } }, { tenants });
    expect((await refusalOf(apply(before))).message).toContain('shop.theirs belongs to postgres');
    now = former;
    // The ways out lead out.
    const ways = [
      'alter table "shop"."events" attach partition "shop"."events_p2027_08" for values from (\'2027-08-01 00:00:00+00\') to (\'2027-09-01 00:00:00+00\')', 'alter table "others"."far" set schema "shop"', 'alter table "shop"."theirs" owner to "shop_owner"',
      'create table "shop"."readings_h1" partition of "shop"."readings" for values with (modulus 3, remainder 1)', 'alter table "shop"."readings" attach partition "shop"."readings_h2" for values with (modulus 3, remainder 2)',
    ];
    for (const [i, way] of ways.entries()) {
      expect(refused[i]?.fix).toContain(way);
      await shop.query(`${refused[i]?.fix.includes('superuser') === true ? '' : 'set role shop_owner; '}${way}; reset role`);
    }
    await apply(before);
    expect(await lines(before)).toEqual([]);
  });

  it('are declared in the same way as they are there, or that is refused', async () => {
    const { partitionBy: _partitionBy, ...plain } = metering.tables.readings;
    const { people } = metering.tables;
    now = manifestOf({ ...metering, tables: { ...metering.tables, readings: plain, people: { ...people, partitionBy: { hash: 2 } } } }, { tenants });
    const found = await plan(new Date('2027-07-31T00:00:00Z'));
    expect(linesOf(found).filter((line) => line.startsWith('refused ') && line.includes(' shop.shop: '))).toEqual([
      'refused table/partitioned shop.shop: people is not partitioned, and by hash tenant_id is declared; that cannot be changed where it is',
      'refused table/partitioned shop.shop: readings is partitioned by hash tenant_id, and no partitions are declared; that cannot be changed where it is',
    ]);
    now = manifestOf({ ...metering, tables: { ...metering.tables, readings: { ...plain, partitionBy: { hash: 4 } } } }, { tenants });
    expect((await lines(new Date('2027-07-31T00:00:00Z'))).filter((line) => line.startsWith('refused ') && line.includes(' shop.shop: '))).toEqual([
      'refused partition/hash shop.shop: the rows of readings are spread over 3 partitions in another way than the 4 that are declared; another number moves every row',
    ]);
  });
});
