import { afterAll, beforeAll, expect, it } from 'vitest';
import { listTenants, resumeTenant, suspendTenant, verify } from '../../lib/bootstrap';
import { connectTenants, type Tenants, trust } from '../../lib/client';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, expectNothingToDo, linesOf, manifestOf, planOf, refusalOf } from './support/platform';
import { shopInput, tenants as declared } from './support/shop';

const KEYS = ['acme', 'globex', 'initech'] as const;
const OWN_LOGINS = ['shop_app__initech_login', 'shop_support__initech_login'];
const loaded = manifestOf(shopInput, { tenants: { ...declared, umbrella: { isolation: 'row' } } });

/** One story, told in order: each step stands on the one before. */
describeNewest('tenants that are suspended and resumed', (major) => {
  let server: TestServer;
  let tenants: Tenants;
  let beforeTheFirstApply: string[];
  const options = () => ({ access: accessTo(server), loaded });
  const suspend = (key: string) => suspendTenant(options(), key);
  const resume = (key: string) => resumeTenant(options(), key);
  const serves = (by: Tenants, key: string) => by.with(key, async (db) => (await db.query<{ email: string }>('select email from customers')).rows.map(({ email }) => email));
  const refusedBy = async (by: Tenants, key: string) => (await refusalOf(serves(by, key))).codes;
  const ask = (sql: string, database = 'shop') => server.runAsSuperuser(sql, database);
  const fresh = async <T>(use: (client: Tenants) => Promise<T>): Promise<T> => {
    const client = connectTenants(loaded.manifest, { role: 'app', credentials: trust(server), maxConnections: 1 });
    return use(client).finally(() => client.end());
  };

  beforeAll(async () => {
    server = await startTestServer({ major });
    beforeTheFirstApply = [(await refusalOf(listTenants(options()))).message, (await refusalOf(suspend('acme'))).message];
    await applyTo(server, loaded);
    tenants = connectTenants(loaded.manifest, { role: 'app', credentials: trust(server), maxConnections: 1, staleness: 600_000 });
    for (const key of [...KEYS, 'umbrella']) await tenants.with(key, (db) => db.query('insert into customers (email) values ($1)', [`hello@${key}.example`]));
  });
  afterAll(() => tenants.end());

  it('are neither listed nor suspended where nothing was ever applied', () => {
    const message = 'tenant/apply-first  at shop\n\n  The declaration was never applied here: the server has no registry of its tenants.\n\n  Check which server is meant, or run tenantry bootstrap apply with this manifest first.';
    expect(beforeTheFirstApply).toEqual([message, message]);
  });

  it('refuses a tenant that nobody knows, one that is served already, and says what can be done', async () => {
    expect(await refusalOf(suspend('acmee'))).toEqual({
      kind: 'refused', codes: ['tenant/unknown'], message: 'tenant/unknown  at acmee\n\n  There is no tenant "acmee".\n\n  Did you mean acme? tenantry tenant list shows all.',
    });
    expect((await refusalOf(resume('acme'))).message).toBe('tenant/state  at acme\n\n  The tenant "acme" is active; only one that is suspended or archived can be resumed.\n\n  There is nothing to do: it is served.');
  });

  it.each(KEYS)('serves %s no more at once, also where its place is remembered, and the others on', async (key) => {
    expect(await suspend(key)).toMatchObject({ key, state: 'suspended', isolation: declared[key].isolation, logins: key === 'initech' ? OWN_LOGINS : [] });
    expect(await refusedBy(tenants, key)).toEqual(['client/inactive-tenant']);
    expect(await fresh((client) => refusedBy(client, key))).toEqual(['client/inactive-tenant']);
    expect(await serves(tenants, 'umbrella')).toEqual(['hello@umbrella.example']);
    expect((await refusalOf(suspend(key))).message).toContain(`  The tenant "${key}" is suspended; only one that is active can be suspended.\n\n  There is nothing to do: it is not served. tenantry tenant resume ${key} serves it again.`);
  });

  it('lets no login of the tenant in, and counts those that are in', async () => {
    for (const user of OWN_LOGINS) await expect(server.connect({ user, database: 'shop__initech' })).rejects.toMatchObject({ code: '28000' });
    await resume('initech');
    const live = await server.connect({ user: 'shop_app__initech_login', database: 'shop__initech' });
    // A pool closes what is idle for ten seconds.
    await serves(tenants, 'initech');
    expect((await suspend('initech')).sessions).toEqual({ ended: 0, left: 2 });
    await expect(live.query("call tenantry.enter('initech', 1)")).rejects.toMatchObject({ code: 'TN003' });
    await expect(live.query("call tenantry.enter('initech', 4)")).rejects.toMatchObject({ code: 'TN002', message: 'tenant initech is suspended' });
  });

  it('ends its sessions where the bootstrap login may, and says why a new one of a program is refused', async () => {
    await resume('initech');
    const live = await server.connect({ user: 'shop_app__initech_login', database: 'shop__initech' });
    await serves(tenants, 'initech');
    await ask('grant pg_signal_backend to tenantry_bootstrap');
    expect((await suspend('initech')).sessions).toMatchObject({ left: 0 });
    await ask('revoke pg_signal_backend from tenantry_bootstrap');
    await expect(live.query('select 1')).rejects.toThrow();
    expect(await refusedBy(tenants, 'initech')).toEqual(['client/inactive-tenant']);
  });

  it('is what an apply wants: nothing to do, suspended behind it, and isolated', async () => {
    await expectNothingToDo(server, loaded);
    expect((await applyTo(server, loaded)).changes).toEqual([]);
    for (const key of KEYS) expect(await refusedBy(tenants, key)).toEqual(['client/inactive-tenant']);
    const evidence = await verify({ access: accessTo(server), loaded });
    expect({ outcome: evidence.outcome, unknown: evidence.results.filter(({ verdict }) => verdict === 'unknown' || verdict === 'breached') }).toEqual({ outcome: 'isolated', unknown: [] });
    expect(evidence.classes.flatMap(({ attacked }) => attacked)).toEqual(['globex', 'initech']);
  });

  it('mends a login that was let in by hand, and a registry of its own that says something else', async () => {
    await ask(`alter role ${OWN_LOGINS[0]} login`);
    await ask("update tenantry.tenants set state = 'active', version = 1", 'shop__initech');
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual([
      'server: alter role shop_app__initech_login NOLOGIN', 'shop__initech: tenant initech is suspended, as the home registry says',
    ]);
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
    await ask(`drop owned by ${OWN_LOGINS[1]}; drop role ${OWN_LOGINS[1]}; delete from tenantry.tenants`, 'shop__initech');
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
    expect(await ask(`select rolcanlogin, rolinherit from pg_roles where rolname in ('${OWN_LOGINS.join("', '")}')`)).toEqual(Array(2).fill({ rolcanlogin: false, rolinherit: false }));
  });

  it('is not half done: the home registry says no first and yes last, and what was interrupted is carried to its end', async () => {
    const registries = async () => [...await ask("select state, version from tenantry.tenants where key = 'initech'"), ...await ask('select state, version from tenantry.tenants', 'shop__initech')];
    const [{ version }] = await registries() as [{ version: number }];
    const hindered = async (database: string, state: string, run: () => Promise<unknown>): Promise<void> => {
      await ask(`alter table tenantry.tenants add constraint hindrance check (state <> '${state}') not valid`, database);
      const { codes } = await refusalOf(run());
      await ask('alter table tenantry.tenants drop constraint hindrance', database);
      expect(codes).toEqual(['apply/statement']);
    };
    await hindered('shop', 'active', () => resume('initech'));
    expect(await registries()).toEqual([{ state: 'suspended', version }, { state: 'active', version: version + 1 }]);
    expect(await fresh((client) => refusedBy(client, 'initech'))).toEqual(['client/inactive-tenant']);
    await expect(server.connect({ user: 'shop_app__initech_login', database: 'shop__initech' })).rejects.toMatchObject({ code: '28000' });
    await resume('initech');
    expect(await registries()).toEqual([{ state: 'active', version: version + 1 }, { state: 'active', version: version + 1 }]);
    await hindered('shop__initech', 'suspended', () => suspend('initech'));
    expect(await registries()).toEqual([{ state: 'suspended', version: version + 2 }, { state: 'active', version: version + 1 }]);
    expect(await fresh((client) => refusedBy(client, 'initech'))).toEqual(['client/inactive-tenant']);
    await suspend('initech');
    expect(await registries()).toEqual([{ state: 'suspended', version: version + 2 }, { state: 'suspended', version: version + 2 }]);
  });

  it('is refused where the database lets nobody in', async () => {
    await ask('alter database shop__initech connection limit 0');
    expect((await refusalOf(resume('initech'))).message).toBe('database/closed  at database shop__initech\n\n  The database shop__initech lets nobody in, so that its registry cannot be changed. Nothing was changed.\n\n  Run tenantry bootstrap apply first: it opens the database.');
    await ask('alter database shop__initech connection limit -1');
  });

  it('lists who is served, since when and by whom', async () => {
    const listed = await listTenants(options());
    expect(listed.map(({ key, isolation, state, tier, declared: inCode, database, schema }) => [key, isolation, state, tier, inCode, `${database}.${schema}`])).toEqual([
      ['acme', 'row', 'suspended', 'standard', true, 'shop.shop'], ['globex', 'schema', 'suspended', 'standard', true, 'shop.shop__globex'],
      ['initech', 'database', 'suspended', 'standard', true, 'shop__initech.shop'], ['umbrella', 'row', 'active', 'standard', true, 'shop.shop'],
    ]);
    const [{ made }] = await ask("select created_at as made from tenantry.tenants where key = 'umbrella'") as [{ made: Date }];
    expect(listed.map(({ by }) => by?.split(' ')[0])).toEqual(['tenantry_bootstrap', 'tenantry_bootstrap', 'tenantry_bootstrap', undefined]);
    expect(listed[3]?.since).toEqual(made);
    expect(listed[0]?.since.getTime()).toBeGreaterThan(made.getTime());
  });

  it('needs an apply where the registry is of an older version, and the list does not', async () => {
    await ask('alter table tenantry.tenants drop state_since, drop state_by');
    expect((await listTenants(options())).map(({ state, by }) => [state, by])).toEqual([['suspended', null], ['suspended', null], ['suspended', null], ['active', null]]);
    expect((await refusalOf(resume('acme'))).message).toBe('tenant/apply-first  at shop\n\n  The registry does not keep yet what this version writes into it when a tenant is suspended or resumed.\n\n  Run tenantry bootstrap apply with this manifest first.');
    expect((await applyTo(server, loaded)).changes.map(({ kind }) => kind)).toContain('column');
  });

  it.each(KEYS)('serves %s again with all of its rows', async (key) => {
    expect(await resume(key)).toMatchObject({ key, state: 'active', sessions: { ended: 0, left: 0 } });
    expect(await serves(tenants, key)).toEqual([`hello@${key}.example`]);
    expect(await fresh((client) => serves(client, key))).toEqual([`hello@${key}.example`]);
  });

  it('leaves no trace behind that an apply would see', async () => {
    await expectNothingToDo(server, loaded);
  });
});
