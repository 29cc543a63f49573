import { beforeAll, expect, it } from 'vitest';
import type { DatabasePlan } from '../../../lib/bootstrap/model/place';
import { ATTACKS, type Evidence } from '../../../lib/bootstrap/verify';
import { fingerprintsOf } from '../../../lib/bootstrap/verify/classes';
import { describeServers, startTestServer, type TestServer } from '../../support/postgres';
import { applyTo, manifestOf } from '../support/platform';
import { shop } from '../support/shop';
import { tenants } from './support/breaks';
import { expectIsolated, verified } from './support/verified';

const SECRET = 'nobody may read this';
const TABLES = ['customers', 'orders', 'countries', 'flags'];

/** What isolation rests on, changed for hooli and not for globex. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'a schema': 'grant usage on schema shop__hooli to shop_app',
  'a table': 'alter table shop__hooli.orders no force row level security',
  'a column': 'grant select (email) on shop__hooli.customers to shop_app',
  'a default': "alter table shop__hooli.orders alter note set default 'x'",
  'a policy': 'alter policy tenantry_floor on shop__hooli.orders using (true)',
  'a constraint': 'alter table shop__hooli.orders add check (total < 1000)',
  'an index': 'create index on shop__hooli.orders (tax)',
  'a trigger': 'create trigger t before update on shop__hooli.orders for each row execute function suppress_redundant_updates_trigger()',
  'a view': 'create view shop__globex.v as select 1 as one; create view shop__hooli.v as select 2 as one',
  'a rule': 'create rule r as on insert to shop__hooli.orders do also nothing',
  'a child': 'create table public.child () inherits (shop__hooli.orders)',
  'a function': 'create function shop__hooli.f() returns integer language sql as $$ select 1 $$',
  'a publication': 'create publication p for table shop__hooli.orders',
};

describeServers('[DBAAS-5.4] [DBS-2.3] [ASM-3.2] the isolation is proved', (major) => {
  let server: TestServer;
  let evidence: Evidence;
  const loaded = manifestOf(shop, { tenants });

  const places = async (): Promise<{ database: string; schema: string }[]> => {
    const schemas = await server.runAsSuperuser<{ schema: string }>("select nspname as schema from pg_namespace where nspname like 'shop%' order by 1", 'shop');
    return [...schemas.map(({ schema }) => ({ database: 'shop', schema })), { database: 'shop__initech', schema: 'shop' }];
  };

  /** Everything that a verification could leave behind. */
  const census = async (): Promise<unknown[]> => {
    const found: unknown[] = [];
    for (const { database, schema } of await places()) {
      for (const table of schema.includes('__') ? TABLES.slice(0, 2) : database === 'shop' ? TABLES : TABLES.slice(0, 3)) {
        found.push([database, schema, table, ...await server.runAsSuperuser(`select count(*)::int as rows, md5(coalesce(string_agg(t::text, ',' order by t::text), '')) as digest from ${schema}.${table} t`, database)]);
      }
      found.push(await server.runAsSuperuser(`select (select count(*)::int from pg_class) as relations, (select count(*)::int from pg_proc) as functions, (select count(*)::int from pg_policy) as policies, (select count(*)::int from pg_largeobject_metadata) as "largeObjects",
        (select count(*)::int from pg_roles) as roles, (select count(*)::int from pg_publication) as publications, (select count(*)::int from tenantry.tenants) as tenants, (select md5(string_agg(relacl::text, ',' order by oid)) from pg_class) as acls`, database));
    }
    return found;
  };

  beforeAll(async () => {
    server = await startTestServer({ major });
    await applyTo(server, loaded);
    for (const { database, schema } of await places()) {
      await server.runAsSuperuser(`
        insert into ${schema}.customers (tenant_id, id, email) select t, gen_random_uuid(), '${SECRET} ' || n from unnest(array['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']::uuid[]) t, generate_series(1, 3) n;
        insert into ${schema}.orders (tenant_id, customer_id, country, total, note) select tenant_id, id, 'de', 10, '${SECRET}' from ${schema}.customers`, database);
    }
    const before = await census();
    evidence = await verified(server, loaded);
    expect(await census(), 'nothing remains').toEqual(before);
  }, 120_000);

  it('in each mode, as a bootstrap login that is no superuser', () => {
    expectIsolated(evidence);
    expect(evidence.server).toEqual({ version: expect.stringContaining(String(major)), login: 'tenantry_bootstrap', loginIsSuperuser: false, minorVersion: expect.objectContaining({ flaws: [] }) });
    for (const mode of ['row', 'schema', 'database'] as const) {
      expect(evidence.results.filter((result) => result.mode === mode && result.verdict === 'denied').length, mode).toBeGreaterThan(150);
    }
    expect(evidence.summary).toMatchObject({ tables: 4, modes: 3, breached: 0, unknown: 0 });
  });

  it('every attack of the registry was tried, and what counts as denied had a control', () => {
    expect(new Set(evidence.results.map(({ attack }) => attack))).toEqual(new Set(ATTACKS.map(({ id }) => id)));
    expect(ATTACKS.length).toBeGreaterThan(60);
    expect(evidence.results.filter(({ verdict, control, expected, observed }) => verdict === 'denied' && (control === '' || expected === '' || observed === ''))).toEqual([]);
  });

  it('what is accepted says why and what to do', () => {
    expect(evidence.accepted.map(({ attack }) => attack)).toEqual([
      'connect', 'change-own-login', 'shared-login', 'switch-context', 'catalog-names', 'large-object-list', 'large-object-create', 'notify', 'advisory-lock', 'activity', 'lock-table', 'explain-estimates', 'read-without-context',
    ]);
    expect(evidence.accepted.filter(({ reason, remedy }) => reason === '' || remedy === '')).toEqual([]);
    expect(evidence.accepted.find(({ attack }) => attack === 'switch-context')?.reason).toContain('SQL injection in the application role can switch the tenant');
  });

  it('only shared tables let the context be switched, and only a shared database shares locks and channels', () => {
    const accepted = (attack: string): string[] => [...new Set(evidence.results.filter((result) => result.attack === attack && result.verdict === 'accepted').map(({ mode }) => mode))];
    expect(accepted('switch-context')).toEqual(['row']);
    expect(accepted('explain-estimates')).toEqual(['row']);
    expect(accepted('notify')).toEqual(['row', 'schema']);
    expect(accepted('advisory-lock')).toEqual(['row', 'schema']);
    expect(evidence.results.filter(({ attack, verdict }) => attack === 'shared-login' && verdict === 'denied').map(({ role }) => role)).toEqual(['shop_app__initech_login', 'shop_support__initech_login', 'shop_auditor_login']);
  });

  it('only roles of scope all see other tenants, and they write nothing', () => {
    const across = evidence.results.filter(({ verdict, reason = '' }) => verdict === 'accepted' && reason.includes("scope 'all'"));
    expect([...new Set(across.map(({ role }) => role))]).toEqual(['shop_auditor']);
    expect(across.filter(({ attack }) => /insert|update|delete|merge|move|steal/.test(attack))).toEqual([]);
  });

  it('the evidence has no contents of rows, no ids and no names of tenants that were made up', () => {
    const text = JSON.stringify(evidence);
    expect(text).not.toContain(SECRET);
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/);
    expect(text).not.toMatch(/password=|SCRAM/);
  });

  it('two runs say the same, apart from the time', async () => {
    const again = await verified(server, loaded);
    expect({ ...again, startedAt: '', milliseconds: 0 }).toEqual({ ...evidence, startedAt: '', milliseconds: 0 });
  });

  it('tenants with the same catalog make one class', () => {
    expect(evidence.classes.map(({ mode, tenants: n, attacked }) => [mode, n, attacked])).toEqual([['schema', 2, ['globex', 'hooli']], ['database', 1, ['initech']]]);
  });

  it('a tenant in whose catalog something else stands is of another class', async () => {
    const admin = await server.admin('shop');
    const places = ['globex', 'hooli'].map((tenant) => ({ tenant, schema: `shop__${tenant}` }));
    const classes = async (sql: string): Promise<number> => {
      await admin.query(`begin; ${sql}`);
      const fingerprints = await fingerprintsOf(admin, { places } as unknown as DatabasePlan);
      await admin.query('rollback');
      return new Set(fingerprints.values()).size;
    };
    expect(await classes('select 1')).toBe(1);
    const missed: string[] = [];
    for (const [what, sql] of Object.entries(DIFFERENT)) if (await classes(sql) !== 2) missed.push(what);
    expect(missed, 'changes that nobody would notice').toEqual([]);
    await admin.end();
  });

  it('no role or login of an application is needed: those of the declaration are never logged in', async () => {
    const rows = await server.runAsSuperuser("select rolname from pg_roles where rolname like 'shop%' and rolname not like '%login' and rolcanlogin", 'shop');
    expect(rows).toEqual([]);
  });
});
