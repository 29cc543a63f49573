import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type ApplyOptions, passwordFile, refuseUnlessRegistered, resumeTenant, suspendTenant } from '../../lib/bootstrap';
import { connectTenants, type Credentials, fromEnvironment, fromFile, type Tenants, trust } from '../../lib/client';
import { cellsOf, type LoadedManifest } from '../../lib/manifest';
import { accessTo, applyTo, manifestOf, refusalOf } from '../bootstrap/support/platform';
import { shopInput } from '../bootstrap/support/shop';
import { startForwarder } from '../support/forwarder';
import { freshFolder } from '../support/fresh-folder';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';

/** What the last deployment said, and the one after it, which gives hooli a cluster of its own too. */
const loaded = manifestOf(shopInput, { tenants: { acme: { isolation: 'row' }, hooli: { isolation: 'schema' }, umbrella: { isolation: 'cluster' } } });
const later = manifestOf(shopInput, { tenants: { acme: { isolation: 'row' }, hooli: { isolation: 'cluster' }, umbrella: { isolation: 'cluster' } } });
const partsOf = (whole: LoadedManifest) => cellsOf(whole).map((cell) => cell.loaded) as [LoadedManifest, LoadedManifest];
const [home, cell] = partsOf(loaded);

const add = (tenants: Tenants, tenant: string) => tenants.with(tenant, (db) => db.query('insert into customers (email) values ($1)', [`hello@${tenant}.example`]));
const emails = (tenants: Tenants, tenant: string) => tenants.with(tenant, async (db) => (await db.query<{ email: string }>('select email from customers order by 1')).rows.map(({ email }) => email));
const where = (tenants: Tenants, tenant: string) => tenants.with(tenant, async (db) => (await db.query<{ place: string }>("select session_user || ' @ ' || current_database() as place")).rows[0]?.place);

describeNewest('the tenants\' client, and a tenant with a cluster of its own', (major) => {
  const folder = freshFolder('cluster-tenants');
  const asked: string[] = [];
  const opened: Tenants[] = [];
  let main: TestServer;
  let umbrella: TestServer;
  let tenants: Tenants;
  const credentials: Credentials = (request) => {
    asked.push(`${request.name}: ${request.user}`);
    return trust(request.name === 'main' ? main : umbrella)(request);
  };
  const connect = (manifest: LoadedManifest, options: Partial<Parameters<typeof connectTenants>[1]> = {}): Tenants => {
    opened.push(connectTenants(manifest.manifest, { role: 'app', credentials, ...options }));
    return opened[opened.length - 1] as Tenants;
  };

  const applyToCell = async (ofHome: LoadedManifest, ofCell: LoadedManifest, options: Partial<ApplyOptions> = {}): Promise<unknown> => {
    const registered = await refuseUnlessRegistered({ server: 'main', access: accessTo(main), loaded: ofHome }, { server: 'umbrella', tenant: 'umbrella', access: accessTo(umbrella), loaded: ofCell });
    return applyTo(umbrella, registered.loaded, options);
  };

  beforeAll(async () => {
    main = await startTestServer({ major });
    umbrella = await startTestServer({ major });
    await applyTo(main, home);
    tenants = connect(loaded);
  });
  afterAll(() => Promise.all(opened.map((one) => one.end())));

  it('says what is missing, where only the home was applied', async () => {
    expect(await refusalOf(emails(tenants, 'umbrella'))).toEqual({
      kind: 'refused', codes: ['client/inactive-tenant'], message: 'client/inactive-tenant  at umbrella\n\n  The server that tenant "umbrella" has for itself lets this program not in: role "shop_app_login" does not exist.\n\n'
        + '  Where nothing of the tenant is there yet, tenantry bootstrap apply makes it. Else check that the credentials are those of this server: its logins have other passwords than the same ones elsewhere.',
    });
  });

  it('finds it on its own server, by its own login and with credentials of that server, by the same line as any other', async () => {
    await applyToCell(home, cell);
    asked.length = 0;
    for (const tenant of ['acme', 'umbrella']) await add(tenants, tenant);
    expect([await emails(tenants, 'acme'), await emails(tenants, 'umbrella')]).toEqual([['hello@acme.example'], ['hello@umbrella.example']]);
    expect([await where(tenants, 'acme'), await where(tenants, 'umbrella')]).toEqual(['shop_app_login @ shop', 'shop_app__umbrella_login @ shop__umbrella']);
    // The registry on both was asked before.
    expect(asked).toEqual(['umbrella: shop_app__umbrella_login']);
    expect(await main.runAsSuperuser('select email from shop.customers', 'shop')).toEqual([{ email: 'hello@acme.example' }]);
  });

  it('lets nobody enter it at home, and no login of one server is one of the other', async () => {
    const client = await main.connect({ user: 'shop_app_login', database: 'shop' });
    await expect(client.query("call tenantry.enter('umbrella', 1, null)")).rejects.toMatchObject({ code: 'TN003', message: 'tenant umbrella was moved' });
    for (const [server, user] of [[main, 'shop_app__umbrella_login'], [umbrella, 'shop_app__hooli_login']] as const) await expect(server.connect({ user, database: 'shop' })).rejects.toMatchObject({ code: '28000' });
    expect(await umbrella.runAsSuperuser("select key from tenantry.tenants", 'shop')).toEqual([{ key: 'umbrella' }]);
  });

  it('heeds at once what the registry on its own server says', async () => {
    const there = { access: accessTo(umbrella), loaded: cell };
    await suspendTenant(there, 'umbrella');
    expect((await refusalOf(emails(tenants, 'umbrella'))).codes).toEqual(['client/inactive-tenant']);
    expect(await emails(tenants, 'acme')).toEqual(['hello@acme.example']);
    await resumeTenant(there, 'umbrella');
    expect(await emails(tenants, 'umbrella')).toEqual(['hello@umbrella.example']);
  });

  it('serves it while the shared server is away, to a program that knew it and to one that starts then', async () => {
    let isAway = false;
    const unless: Credentials = (request) => (isAway && request.name === 'main' ? Promise.resolve({ host: '127.0.0.1', port: 1, user: request.user, method: 'trust' }) : credentials(request));
    const known = connect(loaded, { credentials: unless, staleness: 0 });
    expect(await emails(known, 'umbrella')).toEqual(['hello@umbrella.example']);
    isAway = true;
    const fresh = connect(loaded, { credentials: unless, connectionTimeout: 5_000 });
    expect(await emails(fresh, 'umbrella')).toEqual(['hello@umbrella.example']);
    await expect(emails(fresh, 'acme')).rejects.toThrow();
    expect(await emails(known, 'umbrella')).toEqual(['hello@umbrella.example']);
  });

  it('waits once for a shared server that says nothing at all, and not for ever again', async () => {
    const silent = await startForwarder(main);
    silent.freeze();
    const fresh = connect(loaded, { credentials: (request) => trust(request.name === 'main' ? silent : umbrella)(request), connectionTimeout: 1_100, driver: { connectTimeout: 1 } });
    expect(await emails(fresh, 'umbrella')).toEqual(['hello@umbrella.example']);
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => performance.timeOrigin + performance.now() + 60_000);
    const started = performance.now();
    expect(await emails(fresh, 'umbrella')).toEqual(['hello@umbrella.example']);
    clock.mockRestore();
    expect(performance.now() - started, 'a minute later').toBeLessThan(400);
    await silent.close();
  });

  it('believes the home registry where the manifest is ahead of it, or behind', async () => {
    await add(tenants, 'hooli');
    expect(await emails(connect(later), 'hooli')).toEqual(['hello@hooli.example']);
    const older = connect(manifestOf(shopInput, { tenants: { acme: { isolation: 'row' } } }));
    expect((await refusalOf(emails(older, 'umbrella'))).message).toBe('client/unknown-server  at umbrella\n\n  Tenant "umbrella" is on server "umbrella", which the manifest of this program does not name.\n\n  Give it the manifest of the last deployment.');
    expect(await emails(older, 'acme')).toEqual(['hello@acme.example']);
  });

  it('looks for it again where its own server does not serve it any more', async () => {
    const have = (columns: string): Promise<unknown> => main.runAsSuperuser(`update tenantry.tenants set ${columns} where key = 'umbrella'`, 'shop');
    const there = { access: accessTo(umbrella), loaded: cell };
    const patient = connect(loaded, { staleness: 600_000 });
    expect(await emails(patient, 'umbrella')).toEqual(['hello@umbrella.example']);
    await suspendTenant(there, 'umbrella');
    await have("isolation = 'row', server = null, database_name = 'shop'");
    expect((await refusalOf(emails(patient, 'umbrella'))).codes).toEqual(['client/inactive-tenant']);
    expect(await emails(patient, 'umbrella')).toEqual([]);
    await have("isolation = 'cluster', server = 'umbrella', database_name = 'shop__umbrella'");
    await resumeTenant(there, 'umbrella');
  });

  it('is not served from the server of a tenant that had its key before', async () => {
    const changeId = (id: string): Promise<unknown> => main.runAsSuperuser(`update tenantry.tenants set id = ${id} where key = 'umbrella'`, 'shop');
    await changeId('gen_random_uuid()');
    expect((await refusalOf(emails(connect(loaded), 'umbrella'))).message).toBe('client/other-tenant  at umbrella\n\n  The server that tenant "umbrella" has for itself knows it under another id than the home registry: what is there may be another tenant\'s.\n\n  tenantry bootstrap plan says what is there.');
    await changeId("(select id from tenantry.tenant_ids where key = 'umbrella')");
    expect(await emails(connect(loaded), 'umbrella')).toEqual(['hello@umbrella.example']);
  });

  it('has passwords of its own in the environment', async () => {
    const of = async (name: string) => (await fromEnvironment({ TENANTRY_PASSWORD_SHOP_BATCH_LOGIN: 'of all', TENANTRY_PASSWORD_UMBRELLA_SHOP_BATCH_LOGIN: 'of one' })({ name, server: loaded.manifest.servers[name] as never, user: 'shop_batch_login' })).password?.();
    expect([await of('main'), await of('umbrella')]).toEqual(['of all', 'of one']);
  });

  it.each(['signed', 'role'] as const)('serves it where the tenant context is %s, with the key of its own server', async (tenantContext) => {
    const file = join(folder, `${tenantContext}.json`);
    const whole = manifestOf({ ...shopInput, name: `${tenantContext}_shop`, tenantContext }, { tenants: { acme: { isolation: 'row' }, umbrella: { isolation: 'cluster' } } });
    const [ofHome, ofCell] = partsOf(whole);
    await applyTo(main, ofHome, { passwords: passwordFile(file) });
    await applyToCell(ofHome, ofCell, { passwords: passwordFile(file, 'umbrella') });
    const client = connect(whole, { contextKey: fromFile(file) });
    for (const tenant of ['acme', 'umbrella']) await add(client, tenant);
    expect([await emails(client, 'acme'), await emails(client, 'umbrella')]).toEqual([['hello@acme.example'], ['hello@umbrella.example']]);
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    const logins = [`${tenantContext}_shop_auditor_login`, ...(tenantContext === 'signed' ? ['signed_shop_context_key'] : [])];
    expect(Object.keys(kept).sort()).toEqual([...logins, ...logins.map((login) => `umbrella/${login}`)].sort());
    for (const login of logins) expect(kept[login]).not.toBe(kept[`umbrella/${login}`]);
    if (tenantContext === 'role') return;
    // A key that is given as text is that of the home.
    const byText = connect(whole, { contextKey: kept['signed_shop_context_key'] ?? '' });
    expect(await emails(byText, 'acme')).toEqual(['hello@acme.example']);
    expect((await refusalOf(emails(byText, 'umbrella'))).codes).toEqual(['client/context-key']);
  });
});
