import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { addTenant, changeTier, measureUsage, suspendTenant, tenantHistory } from '../../lib/bootstrap';
import { connectTenants, type Tenants, trust } from '../../lib/client';
import { tenantry } from '../cli/support';
import { freshFolder } from '../support/fresh-folder';
import { describeServers, serverMajors, startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, expectNothingToDo, forgetful, linesOf, manifestOf, planOf, refusalOf } from './support/platform';
import { shopInput } from './support/shop';

const tiers = {
  standard: { statementTimeout: '250ms', lockTimeout: '100ms', workMem: '8MB', poolSize: 2, storageQuota: '1MB' },
  large: { connectionLimit: 2, idleInTransactionSessionTimeout: '150ms', tempFileLimit: '100kB', workMem: '64kB' },
  free: {},
} as const;
const inTiers = (input: typeof tiers | { readonly standard: object; readonly large?: object }) => manifestOf({ ...shopInput, tiers: input }, {
  tenants: { acme: { isolation: 'row' }, umbrella: { isolation: 'row', tier: 'free' }, globex: { isolation: 'schema' }, initech: { isolation: 'database', tier: 'large' } },
});
const loaded = inTiers(tiers);
const byNumber = (a: number, b: number): number => a - b;
const SLEEP = 'select pg_sleep(0.5)';

/** One story, told in order: each step stands on the one before. */
describeServers('tiers of tenants', (major) => {
  /** What does not depend on the version. */
  const once = major === serverMajors[0]?.major ? it : () => undefined;
  let server: TestServer;
  const options = () => ({ access: accessTo(server), loaded });
  const ask = (sql: string, database = 'shop') => server.runAsSuperuser(sql, database);
  const using = async <T>(use: (tenants: Tenants) => Promise<T>, more: { maxConnections?: number; connectionTimeout?: number; staleness?: number } = {}): Promise<T> => {
    const tenants = connectTenants(loaded.manifest, { role: 'app', credentials: trust(server), ...more });
    return use(tenants).finally(() => tenants.end());
  };
  const codeOf = (run: Promise<unknown>): Promise<string | undefined> => run.then(() => 'accepted', (error: { code?: string }) => error.code);
  const limits = (tenants: Tenants, key: string) => tenants.with(key, async (db) =>
    (await db.query("select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock, current_setting('work_mem') as memory, pg_backend_pid() as pid")).rows[0] as { statement: string; lock: string; memory: string; pid: number });

  beforeAll(async () => {
    server = await startTestServer({ major });
    await applyTo(server, loaded);
  });

  it('refuse what only a superuser can allow, once and with the statement, and keep the rest', async () => {
    expect((await planOf(server, loaded)).differences.filter(({ type }) => type !== 'finding')).toEqual([expect.objectContaining({
      code: 'tier/temp-file-limit', summary: 'tempFileLimit of tier large is not kept: the owner may not set the parameter', fix: 'As a superuser: grant set on parameter temp_file_limit to "shop_owner". Then apply again.',
    })]);
    await ask('grant set on parameter temp_file_limit to shop_owner');
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it('[DBS-2.4] limit what each tenant may use, and not what the others may', async () => {
    await using(async (tenants) => {
      expect(await Promise.all(['acme', 'globex', 'umbrella', 'initech'].map((key) => codeOf(tenants.with(key, (db) => db.query(SLEEP)))))).toEqual(['57014', '57014', 'accepted', 'accepted']);
      expect(await limits(tenants, 'acme')).toMatchObject({ statement: '250ms', lock: '100ms', memory: '8MB' });
      expect(await limits(tenants, 'umbrella')).toMatchObject({ statement: '0', lock: '0', memory: '4MB' });
      const admin = await server.admin('shop');
      await admin.query('begin; lock table shop.orders');
      expect(await codeOf(tenants.with('acme', (db) => db.query('select from orders')))).toBe('55P03');
      await admin.query('rollback');
      // Its sort does not fit into the memory of its tier, nor into the temporary files that it may write.
      const sort = 'select i::text as value from generate_series(1, 20000) i order by value offset 20000';
      expect(await Promise.all(['initech', 'umbrella'].map((key) => codeOf(tenants.with(key, (db) => db.query(sort)))))).toEqual(['53400', 'accepted']);
      expect(await codeOf(tenants.with('initech', async (db) => {
        await db.query('select 1');
        await new Promise((resolve) => setTimeout(resolve, 400));
        await db.query('select 1');
      }))).not.toBe('accepted');
    });
    const user = 'shop_app__initech_login';
    const open = [await server.connect({ user, database: 'shop__initech' }), await server.connect({ user, database: 'shop__initech' })];
    expect(await codeOf(server.connect({ user, database: 'shop__initech' }))).toBe('53300');
    expect((await open[0]?.query('show work_mem'))?.rows).toEqual([{ work_mem: '64kB' }]);
    await Promise.all(open.map((client) => client.end()));
    await using(async (tenants) => {
      let [running, most] = [0, 0];
      const work = (seconds: number) => async (db: { query(text: string): Promise<unknown> }): Promise<void> => {
        most = Math.max(most, running += 1);
        await db.query(`select pg_sleep(${seconds})`);
        running -= 1;
      };
      await Promise.all(Array.from({ length: 6 }, () => tenants.with('acme', work(0.02))));
      expect(most).toBe(2);
      // Long enough for six connections to be made on a busy machine.
      await Promise.all(Array.from({ length: 6 }, () => tenants.with('umbrella', work(0.3))));
      expect(most).toBe(6);
    });
  });

  once('let transactions of a tenant in by turns, those of others at once, and say who had to wait too long', async () => {
    await using(async (tenants) => {
      const order: number[] = [];
      const nap = (n: number) => (db: { query(text: string): Promise<unknown> }) => db.query('select pg_sleep(0.1)').then(() => order.push(n));
      const all = Promise.all([0, 1, 2, 3].map((n) => tenants.with('acme', nap(n))));
      await tenants.with('umbrella', (db) => db.query('select 1').then(() => order.push(9)));
      await all;
      expect([order[0], order.slice(1, 3).sort(byNumber), order.slice(3).sort(byNumber)]).toEqual([9, [0, 1], [2, 3]]);
      const nested = tenants.with('acme', () => tenants.with('acme', () => tenants.with('acme', (db) => db.query('select 1'))));
      expect((await refusalOf(nested)).message).toBe([
        'client/no-connection  at acme', '', '  No connection was to be had for the whole time that a transaction may wait for one: the tier of acme allows 2 at a time, and all were in use.', '',
        '  Open no transaction inside another one, make them shorter, raise connectionTimeout, or give the tenant a tier with a greater poolSize: tenantry tenant tier KEY TIER.',
      ].join('\n'));
      expect(await codeOf(tenants.with('acme', (db) => db.query('select 1')))).toBe('accepted');
    }, { connectionTimeout: 600, maxConnections: 5 });
  });

  it('are changed without a deployment: on live sessions with the next transaction, also of own logins, in the ledger, and an apply leaves it', async () => {
    await using(async (tenants) => {
      const [before, own] = [await limits(tenants, 'acme'), await limits(tenants, 'initech')];
      expect(await changeTier(options(), 'acme', 'free')).toMatchObject({ key: 'acme', tier: 'free', was: 'standard', logins: [] });
      expect(await changeTier(options(), 'initech', 'standard')).toMatchObject({ was: 'large', logins: ['shop_app__initech_login', 'shop_support__initech_login'] });
      expect(await limits(tenants, 'acme')).toEqual({ ...before, statement: '0', lock: '0', memory: '4MB' });
      expect(await limits(tenants, 'initech')).toEqual({ ...own, statement: '250ms', lock: '100ms', memory: '8MB' });
      let running = 0;
      await Promise.all(Array.from({ length: 4 }, () => tenants.with('acme', async (db) => {
        running += 1;
        while (running < 4) await db.query('select pg_sleep(0.01)');
      })));
    }, { maxConnections: 4, staleness: 50 });
    expect(await ask("select rolconnlimit as connections, array(select unnest(rolconfig) order by 1) as settings from pg_roles where rolname = 'shop_app__initech_login'")).toEqual([{ connections: -1, settings: ['lock_timeout=100ms', 'statement_timeout=250ms', 'work_mem=8192kB'] }]);
    expect((await changeTier(options(), 'acme', 'free')).was).toBe('free');
    expect((await tenantHistory(options(), 'acme')).map(({ operation, state, detail }) => [operation, state, detail])).toEqual([
      ['add', 'done', { isolation: 'row', tier: 'standard' }], ['tier', 'done', { from: 'standard', to: 'free' }],
    ]);
    const refused = [
      'refused tenant/tier shop: tenant acme has tier free, and standard is declared; the registry decides the tier of a tenant that exists',
      'refused tenant/tier shop: tenant initech has tier standard, and large is declared; the registry decides the tier of a tenant that exists',
    ];
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual(refused);
    expect((await applyTo(server, loaded)).changes).toEqual([]);
    await changeTier(options(), 'acme', 'standard');
    await changeTier(options(), 'initech', 'large');
    await expectNothingToDo(server, loaded);
  });

  it('are refused where they are not declared, not applied yet, or the tenant is unknown', async () => {
    expect((await refusalOf(changeTier(options(), 'acme', 'larg'))).message).toBe('tenants/unknown-tier  at tenants.acme.tier\n\n  There is no tier "larg"; the tiers are standard, large and free.\n\n  Did you mean "large"?');
    expect((await refusalOf(addTenant({ ...options(), passwords: forgetful }, { key: 'hooli', isolation: 'row', tier: 'gold' }))).codes).toEqual(['tenants/unknown-tier']);
    expect((await refusalOf(changeTier(options(), 'acmee', 'free'))).codes).toEqual(['tenant/unknown']);
    const late = inTiers({ ...tiers, standard: { ...tiers.standard, transactionTimeout: '1min' } });
    const refused = 'refused tier/transaction-timeout server: transactionTimeout of tier standard is not kept: PostgreSQL knows it from version 17 on, and this is ';
    expect(linesOf((await planOf(server, late)).differences).map((line) => (line.startsWith(refused) ? refused : line))).toEqual([
      ...(major < 17 ? [refused] : []), 'shop.tenantry: tier standard: transaction_timeout 60000', 'shop__initech.tenantry: tier standard: transaction_timeout 60000',
    ]);
    expect((await refusalOf(changeTier({ ...options(), loaded: manifestOf({ ...shopInput, tiers: { huge: {} } }) }, 'acme', 'huge'))).message).toContain('The tier "huge" is declared, and no apply has made it yet.');
  });

  once('are mended where they were changed by hand, in each database', async () => {
    await ask("update tenantry.tiers set work_mem = 999999, pool_size = null where name = 'standard'; insert into tenantry.tiers values ('secret')");
    await ask("delete from tenantry.tiers where name = 'large'; update tenantry.tenants set tier = 'free'", 'shop__initech');
    await ask("alter role shop_app__initech_login connection limit 99; alter role shop_app__initech_login reset work_mem; alter role shop_app__initech_login set statement_timeout = '1h'");
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual([
      'server: alter role shop_app__initech_login CONNECTION LIMIT 2', 'server: role shop_app__initech_login sets work_mem to 64kB', 'server: role shop_app__initech_login no longer sets statement_timeout',
      'shop.tenantry: tier standard: pool_size 2, work_mem 8192', 'shop.tenantry: remove tier secret',
      'shop__initech.tenantry: make tier large', 'shop__initech: tenant initech has tier large, as the home registry says',
    ]);
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  once('stay while tenants have them, though they are declared no more', async () => {
    const fewer = manifestOf({ ...shopInput, tiers: { standard: tiers.standard, large: tiers.large } }, { tenants: { acme: { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database', tier: 'large' } } });
    expect(linesOf((await planOf(server, fewer)).differences)).toEqual([
      'refused tier/in-use shop: tier free is not declared any more, and 1 tenant has it; its transactions keep its limits',
      'finding tenant/vanished shop: tenant umbrella was declared and is not any more; it stays as it is', 'shop__initech.tenantry: remove tier free',
    ]);
  });

  once('have a quota, which is measured: 2 where it is exceeded', async () => {
    const manifest = join(freshFolder('tiers'), 'manifest.json');
    writeFileSync(manifest, JSON.stringify(loaded.manifest));
    const run = (...args: string[]) => tenantry(['tenant', ...args, '--manifest', manifest, '--database-url', server.url()]);
    expect((await run('usage', 'acme')).code).toBe(0);
    await using((tenants) => tenants.with('umbrella', (db) => db.query("insert into customers (email) select 'umbrella' || i || '@example.com' from generate_series(1, 8000) i")));
    const [{ whole }] = await ask("select pg_total_relation_size('shop.customers')::int as whole") as [{ whole: number }];
    const [alone] = await measureUsage(options(), 'umbrella');
    expect(alone).toMatchObject({ method: 'rows', rows: 8000, quota: null });
    expect(Math.abs((alone?.bytes ?? 0) / whole - 1)).toBeLessThan(0.2);
    await changeTier(options(), 'umbrella', 'standard');
    const { code, out } = await run('usage', 'umbrella');
    expect({ code, out: out.replace(/\d+(\.\d)? (MB|%)/g, 'N $2').split('\n').map((line) => line.trim().split(/ {2,}/)) }).toEqual({
      code: 2, out: [[''], ['key', 'mode', 'tier', 'used', 'quota', 'used of it', 'measured as'], ['umbrella', 'row', 'standard', 'N MB', 'N MB', 'N %', 'share of 8000 rows (estimate)'], ['']],
    });
    const all = await run('usage', '--format', 'json');
    expect(all.code).toBe(2);
    const document = JSON.parse(all.out) as { format: string; tenants: { key: string; method: string; bytes: number; exceeded: boolean; percent: number | null }[] };
    expect([document.format, document.tenants.map(({ key, method, exceeded }) => [key, method, exceeded])]).toEqual(['tenantry/usage@1', [['acme', 'rows', false], ['globex', 'schema', false], ['initech', 'database', false], ['umbrella', 'rows', true]]]);
    const [{ schema, database }] = await ask("select sum(pg_total_relation_size(oid))::int as schema, pg_database_size('shop__initech')::int as database from pg_class where relnamespace = 'shop__globex'::regnamespace and relkind = 'r'") as [{ schema: number; database: number }];
    expect(document.tenants.slice(1, 3).map(({ bytes }) => bytes)).toEqual([schema, database]);
    expect(await ask('select tenant_key as key, bytes::int, percent::float from tenantry.usage() order by 1')).toEqual(document.tenants.map(({ key, bytes, percent }) => ({ key, bytes, percent })));
    expect((await run('tier', 'umbrella', 'free')).out).toMatch(/^\n {2}tenant umbrella has tier free; it was standard {3}\d+\.\d s\n$/);
    expect((await run('usage')).code).toBe(0);
    expect((await run('tier', 'umbrella', 'fre')).code).toBe(64);
    expect((await run('usage', 'umbrela')).code).toBe(3);
  });

  once('[DBAAS-2.5] is in the ledger with everything else that was done with a tenant: what, when, by whom, after which apply', async () => {
    await addTenant({ ...options(), passwords: forgetful }, { key: 'hooli', isolation: 'schema', tier: 'free' });
    await suspendTenant(options(), 'hooli');
    const [{ generation }] = await ask('select max(generation)::int as generation from tenantry.applies') as [{ generation: number }];
    const history = await tenantHistory(options(), 'hooli');
    expect(history).toEqual([
      { id: expect.any(String), tenant: 'hooli', tenantId: expect.any(String), operation: 'add', step: null, state: 'done', detail: { isolation: 'schema', tier: 'free' }, generation, startedAt: expect.any(Date), finishedAt: expect.any(Date), actor: expect.stringMatching(/^tenantry_bootstrap \(/) },
      { id: expect.any(String), tenant: 'hooli', tenantId: expect.any(String), operation: 'suspend', step: null, state: 'done', detail: {}, generation, startedAt: expect.any(Date), finishedAt: expect.any(Date), actor: expect.stringMatching(/^tenantry_bootstrap \(/) },
    ]);
    const login = await server.connect({ user: 'shop_app_login', database: 'shop' });
    for (const sql of ['select from tenantry.tenant_operations', 'delete from tenantry.tenant_operations', 'select tenantry.usage()', 'update tenantry.tiers set work_mem = 1']) expect(await codeOf(login.query(sql))).toBe('42501');
    await expectNothingToDo(server, loaded);
  });

  once('need an apply where an older version made the library', async () => {
    await ask('drop table tenantry.tenant_operations, tenantry.tiers, tenantry.tenant_usage');
    const first = { codes: ['tenant/apply-first'] };
    expect(await refusalOf(addTenant({ ...options(), passwords: forgetful }, { key: 'acorn', isolation: 'row', tier: 'free' }))).toMatchObject(first);
    expect(await refusalOf(suspendTenant(options(), 'acme'))).toMatchObject(first);
    expect(await refusalOf(changeTier(options(), 'acme', 'free'))).toMatchObject(first);
    expect(await refusalOf(measureUsage(options()))).toMatchObject(first);
    expect(await tenantHistory(options(), 'acme')).toEqual([]);
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });
});
