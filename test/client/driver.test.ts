import { X509Certificate } from 'node:crypto';
import dns from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import tls, { rootCertificates } from 'node:tls';
import { DatabaseError } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectTenants, type Tenants, type TenantsOptions, trust } from '../../lib/client';
import { answers } from '../../lib/client/answers';
import { authoritiesOfPool } from '../../lib/client/authorities';
import { Directory } from '../../lib/client/directory';
import { TenantTransaction } from '../../lib/client/transaction';
import { formatComplaint, TenantryError } from '../../lib/core';
import { checkDriver, detectionOf, FAST_FAILOVER, jdbc, jvm, libpq, parseManifest, SLOWEST_DETECTION, sysctl } from '../../lib/manifest';
import { applyTo, manifestOf } from '../bootstrap/support/platform';
import { type Forwarder, startForwarder } from '../support/forwarder';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';

describe('driver settings', () => {
  it('[DBAAS-6.6] notice a lost server within 10 seconds, whatever a connection does', () => {
    expect(detectionOf(FAST_FAILOVER)).toBe(8);
    expect(SLOWEST_DETECTION).toBe(10);
    expect(detectionOf({ ...FAST_FAILOVER, connectTimeout: 9 }), 'while it is opened').toBe(9);
    expect(detectionOf({ ...FAST_FAILOVER, keepalive: { idle: 3, interval: 2, count: 4 } }), 'while it waits').toBe(11);
    expect(detectionOf({ ...FAST_FAILOVER, tcpUserTimeout: 12 }), 'while it sends').toBe(12);
  });

  it('are refused where that takes longer, or is no whole number of seconds', () => {
    expect(checkDriver(FAST_FAILOVER, 'driver')).toEqual([]);
    expect(checkDriver({ ...FAST_FAILOVER, keepalive: { idle: 5, interval: 2, count: 3 } }, 'driver').map(formatComplaint)).toEqual([`driver/slow-detection  at driver

  A lost server is noticed after 11 seconds, and 10 are allowed: connectTimeout 2, keepalive 5 + 2 × 3 = 11, tcpUserTimeout 8.

  Lower the greatest of the three, or leave driver out for 8 seconds.`]);
    expect(checkDriver({ ...FAST_FAILOVER, dnsTtl: 0.5 }, 'driver').map(({ code, at }) => [code, at])).toEqual([['driver/setting', 'driver.dnsTtl']]);
  });

  it('are told to other drivers in their own words', () => {
    expect(libpq(FAST_FAILOVER)).toBe('connect_timeout=2 keepalives=1 keepalives_idle=2 keepalives_interval=2 keepalives_count=3 tcp_user_timeout=8000 target_session_attrs=primary');
    expect(jdbc(FAST_FAILOVER)).toBe('connectTimeout=2&loginTimeout=2&cancelSignalTimeout=2&tcpKeepAlive=true&targetServerType=primary');
    expect(jvm(FAST_FAILOVER)).toBe('-Dsun.net.inetaddr.ttl=5');
    expect(sysctl(FAST_FAILOVER)).toBe('net.ipv4.tcp_keepalive_time=2 net.ipv4.tcp_keepalive_intvl=2 net.ipv4.tcp_keepalive_probes=3');
  });
});

describe('the question whether a server is there', () => {
  it('is answered before TLS is, and goes on to that, since a server logs who leaves before it', async () => {
    const heard: number[] = [];
    const listener = createServer((socket) => socket.on('error', () => undefined).on('data', (bytes) => void (heard.push(bytes[0] as number) === 1 ? socket.write('S') : socket.destroy()))).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    expect(await answers({ host: '127.0.0.1', port }, 1_000)).toBe(true);
    const deadline = Date.now() + 1_000;
    while (heard.length < 2 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    // The length of an SSLRequest, and the type of a record that begins a handshake. (RFC 8446, 5.1.)
    expect(heard).toEqual([0, 22]);
    await new Promise((resolve) => listener.close(resolve));
  });
});

describe('a commit', () => {
  it('is unknown wherever something else than the server says that it failed', async () => {
    const failed = (error: Error) => TenantTransaction.begin({
      find: () => Promise.resolve({ client: { query: (text: string) => (text.endsWith('commit') ? Promise.reject(error) : Promise.resolve()) } as never, database: 'desk', messages: ['begin'] }), refused: () => undefined,
    }).then((transaction) => transaction.commit());
    await expect(failed(Object.assign(new Error('write ENETDOWN'), { code: 'ENETDOWN' }))).rejects.toMatchObject({ code: 'client/commit-unknown' });
    await expect(failed(Object.assign(new DatabaseError('no', 2, 'error'), { code: '23503' }))).rejects.toMatchObject({ code: '23503' });
  });
});

describe('the directory', () => {
  it('asks three times where its connections end, and says in words that nothing was done', async () => {
    const ended = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    let left = 2;
    const query = () => (left-- > 0 ? Promise.reject(ended) : Promise.resolve([{ rows: [{ id: 'mine' }] }]));
    const directory = new Directory(() => Promise.resolve({ query } as never), 0, '');
    expect(await directory.find('acme')).toMatchObject({ id: 'mine' });
    left = 3;
    await expect(directory.find('acme')).rejects.toMatchObject({ code: 'client/connection-lost', cause: ended });
  });
});

describe('the authorities of a pool', () => {
  it('are those of the databases and Amazon\'s own, which vouch for RDS Proxy, and no others', () => {
    const names = (pem: string | undefined) => (pem ?? '').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)?.map((one) => /CN=(.*)$/.exec(new X509Certificate(one).subject)?.[1]);
    expect(names(authoritiesOfPool(undefined))).toBeUndefined();
    expect(names(authoritiesOfPool(rootCertificates[0]))?.slice(1)).toEqual(['Amazon Root CA 1', 'Amazon Root CA 2', 'Amazon Root CA 3', 'Amazon Root CA 4']);
    expect(authoritiesOfPool('given')).toMatch(/^given\n/);
  });
});

const loaded = manifestOf({
  name: 'desk', tables: { notes: { tenancy: 'tenant', columns: { text: { type: 'text' } }, primaryKey: ['text'] } }, roles: { app: { login: 'iam', tables: { notes: 'write' } } },
}, { tenants: { acme: { isolation: 'row' } } });
const write = (tenants: Tenants, text: string) => tenants.with('acme', (db) => db.query('insert into notes (text) values ($1)', [text]));
/** Notices within 2 seconds. */
const QUICK = { keepalive: { idle: 1, interval: 1, count: 1 } };

describeNewest('the tenants\' client', (major) => {
  let server: TestServer;
  const open: { close(): Promise<void> }[] = [];

  const reach = async (address?: Parameters<typeof startForwarder>[1]): Promise<Forwarder> => {
    const forwarder = await startForwarder(server, address);
    open.push(forwarder);
    return forwarder;
  };
  const client = (address: { host: string; port: number }, options: Partial<TenantsOptions> = {}): Tenants => {
    const tenants = connectTenants(loaded.manifest, { credentials: trust(address), staleness: 600_000, driver: QUICK, ...options });
    open.push({ close: () => tenants.end() });
    return tenants;
  };
  const timed = async <T>(work: Promise<T>): Promise<[seconds: number, error: unknown]> => {
    const started = Date.now();
    const error: unknown = await work.then(() => undefined, (thrown: unknown) => thrown);
    return [(Date.now() - started) / 1000, error];
  };
  const texts = () => server.runAsSuperuser<{ text: string }>('select text from desk.notes', 'desk').then((rows) => rows.map(({ text }) => text));

  beforeAll(async () => {
    server = await startTestServer({ major });
    await applyTo(server, loaded);
  });
  afterAll(() => Promise.all(open.reverse().map((one) => one.close())));

  it.concurrent('[DBAAS-6.6] notices a server that is gone without a word while a statement waits for its answer, and says what became of the transaction', async () => {
    const name = await reach();
    const tenants = client(name);
    const [seconds, error] = await timed(tenants.with('acme', async (db) => {
      await db.query("insert into notes (text) values ('half')");
      name.freeze();
      await db.query('select 1');
    }));
    expect(seconds).toBeGreaterThan(1.9);
    expect(seconds, 'detection, and a quarter of a second between two looks').toBeLessThan(4);
    expect(TenantryError.is(error) ? error.message : error).toBe(`client/connection-lost

  The connection was terminated before the commit was sent: Connection terminated: the server has said nothing for 2 s, and does not answer. Nothing of the transaction was stored.

  Run it again: the next transaction has another connection, to whichever server has taken over.`);
    expect(await texts()).not.toContain('half');
  });

  it.concurrent('does not say that nothing was stored where it cannot know: the commit was on its way', async () => {
    const name = await reach();
    const tenants = client(name);
    const [, error] = await timed(tenants.with('acme', async (db) => {
      await db.query("insert into notes (text) values ('unknown')");
      name.freeze('answers');
    }));
    expect(TenantryError.is(error) ? error.message : error).toBe(`client/commit-unknown

  The connection was terminated while the commit was under way: Connection terminated: the server has said nothing for 2 s, and does not answer. Whether the transaction was stored is not known.

  Look whether it was before you run it again. A row with a key that the program chose, and insert … on conflict do nothing, can be written twice.`);
    expect(await texts(), 'this time it was').toContain('unknown');
  });

  it.concurrent('nor where a statement that nobody waited for was on its way with it', async () => {
    const name = await reach();
    const [, error] = await timed(client(name).with('acme', async (db) => {
      await db.query('select 1');
      name.freeze('answers');
      db.query("insert into notes (text) values ('not waited for')").catch(() => undefined);
    }));
    expect((error as TenantryError).code).toBe('client/commit-unknown');
    expect(await texts(), 'this time it was').toContain('not waited for');
  });

  it.concurrent('lets a statement take its time: the server is asked meanwhile, and answers', async () => {
    const name = await reach();
    const tenants = client(name, { maxConnections: 1 });
    await tenants.with('acme', (db) => db.query('select 1'));
    const before = name.accepted;
    const [seconds, error] = await timed(tenants.with('acme', (db) => db.query('select pg_sleep(2.7)')));
    expect(error).toBeUndefined();
    expect(seconds).toBeGreaterThan(2.6);
    expect(name.accepted - before, 'it was asked').toBeGreaterThanOrEqual(1);
  });

  it.concurrent('tries again elsewhere where nothing of a transaction had begun: the name leads to another server by now', async () => {
    const old = await reach();
    const next = await reach({ host: '127.0.0.2', port: old.port });
    let address = '127.0.0.1';
    const original = dns.lookup as (...args: unknown[]) => void;
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((name: string, ...others: [unknown, (error: null, found: { address: string; family: number }[]) => void]) => (name === 'localhost' ? others[1](null, [{ address, family: 4 }]) : original(name, ...others))) as never);
    const tenants = client({ host: 'localhost', port: old.port }, { maxConnections: 1 });
    await write(tenants, 'at the old one');
    old.freeze();
    address = '127.0.0.2';
    const [seconds, error] = await timed(write(tenants, 'at the next one'));
    expect(error).toBeUndefined();
    expect(seconds).toBeLessThan(5);
    lookup.mockRestore();
    expect(next.accepted).toBeGreaterThan(0);
    expect(await texts()).toEqual(expect.arrayContaining(['at the old one', 'at the next one']));
  });

  it.concurrent('waits for a server that has let it in before, and does not for one that never has', async () => {
    const name = await reach();
    const tenants = client(name, { connectionTimeout: 600 });
    await write(tenants, 'first');
    const pid = await tenants.with('acme', async (db) => (await db.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid);
    await server.runAsSuperuser(`select pg_terminate_backend(${pid}, 5000)`);
    name.moveTo({ host: '/nowhere', port: 1 });
    const [seconds, error] = await timed(write(tenants, 'away'));
    expect(seconds).toBeGreaterThan(0.4);
    expect((error as TenantryError).code).toBe('client/no-server');
    setTimeout(() => name.moveTo(server), 200);
    expect((await timed(write(tenants, 'back')))[1]).toBeUndefined();

    const [soon, refused] = await timed(write(client({ host: '127.0.0.1', port: 1 }), 'never'));
    expect(soon).toBeLessThan(0.4);
    expect((refused as { code?: string }).code).toBe('ECONNREFUSED');
  });

  it.concurrent('gives back a connection that nobody uses', async () => {
    const tenants = client(await reach(), { idleTimeout: 50 });
    const pid = await tenants.with('acme', async (db) => (await db.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid);
    const isThere = async () => (await server.runAsSuperuser(`select from pg_stat_activity where pid = ${pid}`)).length > 0;
    for (const until = Date.now() + 3_000; await isThere() && Date.now() < until;) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await isThere()).toBe(false);
  });

  it.concurrent('asks a server again that does not answer, as one that is paused does not: each time for as long as the settings say', async () => {
    const name = await reach();
    name.freeze();
    const [seconds, error] = await timed(write(client(name, { connectionTimeout: 2_500, driver: { connectTimeout: 1 } }), 'asleep'));
    expect(seconds).toBeGreaterThan(1.9);
    expect(name.accepted).toBeGreaterThan(1);
    expect((error as Error).message).toContain('The last one said: it did not answer within 1 s.');
  });

  it('says of a server that is none of those that are looked for why it is not', async () => {
    await server.runAsSuperuser('alter role desk_app_login set default_transaction_read_only = on');
    const [, error] = await timed(write(client(await reach(), { connectionTimeout: 200, driver: { targetSessionAttrs: 'read-write' } }), 'never'));
    await server.runAsSuperuser('alter role desk_app_login reset default_transaction_read_only');
    expect((error as TenantryError).message).toContain('The last one said: transactions of this login are read-only there unless they ask for more. Nothing was done.');
  });

  it('goes to the pool that the manifest names, and asks for credentials of it', async () => {
    const pooled = parseManifest({ ...loaded.manifest, servers: { main: { ...loaded.manifest.servers['main'], pool: { host: 'pool.example', port: 6543 }, driver: FAST_FAILOVER } } }, 'test');
    const asked: unknown[] = [];
    const tenants = connectTenants(pooled, {
      credentials: ({ server: { host, port }, user }) => {
        asked.push([host, port, user]);
        return Promise.resolve({ host: server.host, port: server.port, user, method: 'trust' });
      },
    });
    await tenants.with('acme', (db) => db.query('select 1'));
    await tenants.end();
    expect(asked).toEqual([['pool.example', 6543, 'desk_app_login']]);
  });

  it('trusts what a pool shows, which the authorities of the databases do not vouch for; without a pool those alone', async () => {
    const listener = createServer((socket) => socket.on('error', () => undefined).once('data', () => socket.write('S'))).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    open.push({ close: () => new Promise((resolve) => listener.close(() => resolve())) });
    const { port } = listener.address() as AddressInfo;
    vi.spyOn(dns, 'lookup').mockImplementation(((_name: string, _options: unknown, done: (error: null, found: { address: string; family: number }[]) => void) => done(null, [{ address: '127.0.0.1', family: 4 }])) as never);
    const secure = vi.spyOn(tls, 'connect').mockImplementation(() => {
      throw new Error('seen');
    });
    const pool = { host: 'pool.example', port };
    const used = async (server: object): Promise<unknown> => {
      const { main } = loaded.manifest.servers;
      const tenants = connectTenants(parseManifest({ ...loaded.manifest, servers: { main: { ...main, host: 'db.example', port, ...server } } }, 'test'), {
        credentials: ({ server: { host }, user }) => Promise.resolve({ host, port, user, method: 'trust', ca: 'given' }),
      });
      await expect(write(tenants, 'never')).rejects.toThrow('seen');
      await tenants.end();
      return secure.mock.lastCall?.[0];
    };
    try {
      expect(await used({ pool })).toMatchObject({ ca: authoritiesOfPool('given'), servername: 'pool.example', rejectUnauthorized: true });
      expect(await used({})).toMatchObject({ ca: 'given', servername: 'db.example', rejectUnauthorized: true });
    } finally {
      vi.restoreAllMocks();
    }
  });
});
