import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Client } from 'pg';
import { beforeAll, expect, it, vi } from 'vitest';
import { addTenant, type ApplyResult, passwordFile } from '../../lib/bootstrap';
import { signContext } from '../../lib/bootstrap/sql/hmac';
import { connectTenants, fromFile, type Tenants, trust } from '../../lib/client';
import type { SchemaInput } from '../../lib/declaration';
import { freshFolder } from '../support/fresh-folder';
import { pgbouncerMissing, startPgBouncer } from '../support/pgbouncer';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, linesOf, manifestOf, planOf, refusalOf, sqlstateOf } from './support/platform';

const TENANTS = { acme: { isolation: 'row' }, bolt: { isolation: 'row' }, globex: { isolation: 'schema' }, hooli: { isolation: 'schema' }, initech: { isolation: 'database' } } as const;
const ALL = [...Object.keys(TENANTS), 'late', 'later'];
const declaration = {
  name: 'desk', tenantContext: 'signed',
  tables: { notes: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, text: { type: 'text' } }, primaryKey: ['id'] } },
  roles: { app: { login: 'iam', tables: { notes: 'write' } } },
} as const satisfies SchemaInput;
const loaded = manifestOf(declaration, { tenants: TENANTS });
const KEY = 'desk_context_key';

describeNewest('a signed tenant context', (major) => {
  let server: TestServer;
  const file = join(freshFolder('signed'), 'passwords.json');
  const store = passwordFile(file);
  let sent: unknown[][];
  let first: ApplyResult;
  const ids = new Map<string, string>();

  const key = (): string => JSON.parse(readFileSync(file, 'utf8'))[KEY];
  const sign = (tenant: string, seconds = 60, by = key(), name = 'desk'): string => signContext(by, name, ids.get(tenant) ?? '', Math.floor(Date.now() / 1000) + seconds);
  const pending = async (passwords: typeof store | undefined = store) => linesOf((await planOf(server, loaded, { passwords })).differences);
  const converge = async () => linesOf((await applyTo(server, loaded, { passwords: store })).changes);
  const client = (): Tenants => connectTenants(loaded.manifest, { credentials: trust(server), contextKey: fromFile(file), maxConnections: 2 });
  const using = async <T>(work: (tenants: Tenants) => Promise<T>): Promise<T> => {
    const tenants = client();
    try {
      return await work(tenants);
    } finally {
      await tenants.end();
    }
  };
  const texts = (tenants: Tenants, tenant: string) => tenants.with(tenant, async (db) => (await db.query<{ text: string }>('select text from notes order by 1')).rows.map(({ text }) => text));
  const superuser = <T extends object>(sql: string, database = 'desk') => server.runAsSuperuser<T>(sql, database);
  /** What a program finds that has the shared login and anything that SQL can say: rows, or the SQLSTATE. */
  const as = async (role: string, context: string | undefined, sql: string, then = ''): Promise<unknown> => {
    const login = await server.connect({ user: 'desk_app_login', database: 'desk' });
    try {
      await login.query(`begin; set local role ${role}`);
      if (context !== undefined) await login.query("select set_config('tenantry.context', $1, true)", [context]);
      if (then !== '') await login.query(then);
      return (await login.query(sql)).rows.map((row: object) => Object.values(row).join());
    } catch (error) {
      return (error as { code?: string }).code;
    } finally {
      await login.end();
    }
  };
  const notes = (context: string | undefined, then?: string, role = 'desk_app', schema = 'desk') => as(role, context, `select text from ${schema}.notes`, then);

  beforeAll(async () => {
    server = await startTestServer({ major, settings: { log_statement: 'ddl', log_min_messages: 'info' } });
    const query = vi.spyOn(Client.prototype, 'query');
    first = await applyTo(server, loaded, { passwords: store });
    sent = query.mock.calls;
    query.mockRestore();
    expect(first.refusals).toEqual([]);
    await addTenant({ access: accessTo(server), loaded }, { key: 'late', isolation: 'row' });
    await addTenant({ access: accessTo(server), loaded }, { key: 'later', isolation: 'database' });
    for (const row of await superuser<{ key: string; id: string }>('select key, id from tenantry.tenants')) ids.set(row.key, row.id);
    await using(async (tenants) => {
      for (const tenant of ALL) await tenants.with(tenant, (db) => db.query('insert into notes (text) values ($1), ($1)', [`of ${tenant}`]));
    });
  }, 60_000);

  it('shows each tenant its own rows, in every isolation, also those that were added later', async () => {
    await using(async (tenants) => {
      for (const tenant of ALL) expect(await texts(tenants, tenant), tenant).toEqual([`of ${tenant}`, `of ${tenant}`]);
    });
    expect(await pending()).toEqual([]);
    expect(await converge()).toEqual([]);
  });

  it('cannot be switched, forged, tampered with, prolonged or used again by whoever has the login', async () => {
    expect(await notes(sign('acme')), 'the control').toEqual(['of acme', 'of acme']);
    const [, expiry = '', signature = ''] = sign('acme').split('|');
    const plain = (tenant: string): string => `select set_config('tenantry.tenant_id', '${ids.get(tenant)}', true)`;
    expect(await notes(sign('acme'), plain('bolt'))).toEqual(['of acme', 'of acme']);
    expect(await notes(undefined, plain('bolt'))).toEqual([]);
    expect(await notes('')).toEqual([]);
    expect(await notes(`${ids.get('bolt')}|${expiry}|${signature}`)).toBe('TN011');
    expect(await notes(`${ids.get('bolt')}|${expiry}|`)).toBe('TN011');
    expect(await notes(ids.get('bolt'))).toBe('TN011');
    expect(await notes(sign('bolt', 60, 'a guess'))).toBe('TN011');
    expect(await notes(sign('bolt', 60, key(), 'another declaration'))).toBe('TN011');
    expect(await notes(sign('bolt', -1))).toBe('TN012');
    const [tenant = '', , old = ''] = sign('bolt', -1).split('|');
    expect(await notes(`${tenant}|${Number(expiry) + 60}|${old}`)).toBe('TN011');
    for (const garbage of ['x', '|', 'é'.repeat(70), `${'9'.repeat(36)}|9|${signature}`]) expect(await notes(garbage), garbage).toBe('TN011');
    expect(await notes(`${sign('acme').slice(0, -65)}9${sign('acme').slice(-64)}`), 'what stands in front of the signature is not read').toEqual(['of acme', 'of acme']);
    expect(await as('desk_app', sign('acme'), `insert into desk.notes (tenant_id, text) values ('${ids.get('bolt')}', 'planted')`)).toBe('42501');
  });

  it('holds where a login takes on another tenant’s role', async () => {
    expect(await notes(sign('globex'), '', 'desk_app__globex', 'desk__globex'), 'the control').toEqual(['of globex', 'of globex']);
    expect(await notes(sign('hooli'), 'reset role; set local role desk_app__globex', 'desk_app__hooli', 'desk__globex')).toEqual([]);
    expect(await notes(undefined, '', 'desk_app__globex', 'desk__globex')).toEqual([]);
  });

  it('is judged by the start of the transaction, which may last longer', async () => {
    const login = await server.connect({ user: 'desk_app_login', database: 'desk' });
    await login.query('begin; set local role desk_app');
    await login.query("select set_config('tenantry.context', $1, true)", [sign('acme', 1)]);
    await login.query('select pg_sleep(2)');
    expect((await login.query('select text from desk.notes')).rows).toHaveLength(2);
    await login.query('commit');
    await login.end();
  });

  it('goes as a parameter behind the first message, so that no other session of the login reads it in a statement', async () => {
    const wire: [string, unknown][] = [];
    await using(async (tenants) => {
      await texts(tenants, 'acme');
      const query = vi.spyOn(Client.prototype, 'query').mockImplementation(function (this: Client, ...args: unknown[]) {
        const [sent] = args as [string | { text: string }];
        wire.push([typeof sent === 'string' ? sent : sent.text, args[1]]);
        return (original as (...given: unknown[]) => unknown).apply(this, args);
      });
      await texts(tenants, 'acme');
      query.mockRestore();
    });
    expect(wire.map(([text]) => text.split(';')[0])).toEqual(['begin isolation level read committed', 'call tenantry.enter($1, $2, $3)', 'set local role "desk_app"', 'select text from notes order by 1', 'set constraints all immediate']);
    expect(wire[1]?.[1]).toEqual(['acme', '1', expect.stringMatching(new RegExp(`^${ids.get('acme')}\\|\\d{10}\\|[0-9a-f]{64}$`))]);
  });

  it.skipIf(pgbouncerMissing !== undefined)(`[ARC-8.3] works through PgBouncer in transaction mode: clients that take turns in one session of the server see their own tenant${pgbouncerMissing === undefined ? '' : ` (skipped: ${pgbouncerMissing})`}`, async () => {
    const pooler = await startPgBouncer(server, ['desk_app_login'], { default_pool_size: 1 });
    const keys = ['acme', 'bolt', 'globex', 'late'];
    const clients = keys.map(() => connectTenants(loaded.manifest, { credentials: trust(pooler), contextKey: fromFile(file), maxConnections: 1 }));
    try {
      const pids = new Set<number>();
      const seen = await Promise.all(clients.flatMap((own, n) => Array.from({ length: 25 }, (_, i) => {
        const tenant = keys[(n + i) % keys.length] ?? '';
        return own.with(tenant, async (db) => {
          const { rows } = await db.query<{ text: string; pid: number }>('select text, pg_backend_pid() as pid from notes');
          for (const { pid } of rows) pids.add(pid);
          // What is left to the next one where it can be: the role, the context beyond the transaction, a lock.
          await db.query("select set_config('tenantry.context', current_setting('tenantry.context'), false), set_config('role', 'desk_app', false), pg_advisory_lock(47)");
          if (i % 5 === 0) await db.query('select 1 / 0');
          return rows.map(({ text }) => text);
        }).then((texts) => [tenant, ...new Set(texts)], (error: { code?: string }) => [tenant, error.code]);
      })));
      expect(seen.filter(([tenant, what, ...more]) => (what !== `of ${tenant}` && what !== '22012') || more.length > 0)).toEqual([]);
      expect(seen.filter(([, what]) => what === '22012')).toHaveLength(keys.length * 5);
      expect(pids.size, 'the control: all in one session').toBe(1);
      const idle = await pooler.connect({ user: 'desk_app_login', database: 'desk' });
      expect((await idle.query('select current_user as role')).rows, 'what was left keeps no role').toEqual([{ role: 'desk_app_login' }]);
      await expect(idle.query('select text from desk.notes'), 'whatever context was left').rejects.toMatchObject({ code: '42501' });
    } finally {
      await Promise.all(clients.map((own) => own.end()));
      await pooler.stop();
    }
  });

  it('is served in a database that an older version made as that did it', async () => {
    await superuser("alter procedure tenantry.enter(text, integer, text) rename to enter_aside; create or replace procedure tenantry.enter(tenant_key text, placement_version integer) language plpgsql security definer set search_path = pg_catalog, pg_temp as 'begin end'");
    try {
      await using(async (tenants) => expect((await Promise.all(['acme', 'bolt', 'globex'].map((tenant) => texts(tenants, tenant)))).flat()).toEqual(['acme', 'acme', 'bolt', 'bolt', 'globex', 'globex'].map((tenant) => `of ${tenant}`)));
    } finally {
      await superuser('alter procedure tenantry.enter_aside rename to enter');
    }
    expect(await converge()).toEqual(['desk.tenantry: replace function enter']);
  });

  it('[DBAAS-5.1] has a key that is kept in a file that only its owner reads, and in the database as blocks that nobody may read', async () => {
    expect(key()).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const shown = JSON.stringify(first);
    const statements = sent.map(([text]) => (typeof text === 'string' ? text : inspect(text))).join('\n');
    const [row] = await superuser<{ inner: string; kept: string }>("select encode(inner_block, 'hex') as inner, k::text as kept from tenantry.context_keys k");
    const log = readFileSync(`${server.dataDirectory}.log`, 'utf8');
    expect(JSON.stringify(sent.map(([, values]) => values)), 'the control: the blocks were sent as a parameter').toContain(row?.inner);
    for (const text of [shown, statements, log]) expect([text.includes(key()), text.includes(row?.inner ?? '')]).toEqual([false, false]);
    expect(row?.kept).not.toContain(key());
    for (const role of ['desk_app', 'desk_app_login']) {
      expect(await as(role, sign('acme'), 'select inner_block from tenantry.context_keys')).toBe('42501');
      expect(await as(role, sign('acme'), "insert into tenantry.context_keys (inner_block, outer_block, location) values ('', '', '')")).toBe('42501');
    }
    expect(await as('desk_app', sign('acme'), 'select tenantry.current_tenant()')).toBe('42501');
    expect(await as('desk_app_login', sign('acme'), 'select tenantry.current_tenant()'), 'a login learns what it knows').toEqual([ids.get('acme')]);
  });

  it('keeps its key when it is not said where one would be kept, and makes another when the file has lost it', async () => {
    const before = key();
    expect(await pending(undefined)).toEqual([]);
    writeFileSync(file, '{}');
    const databases = ['desk__initech', 'desk__later'];
    const made = ['desk.tenantry: make a new key that contexts are signed with', ...databases.map((name) => `${name}.tenantry: copy the keys that contexts are signed with`)];
    expect(await pending()).toEqual(made);
    expect(await converge()).toEqual(made);
    expect(key()).not.toBe(before);
    expect(await converge()).toEqual([]);
    expect(await notes(sign('acme')), 'the new one').toHaveLength(2);
    expect(await notes(sign('acme', 60, before)), 'the one before, for an hour').toHaveLength(2);
    await using(async (tenants) => expect(await texts(tenants, 'initech')).toHaveLength(2));
  });

  it('has its key rotated by giving it an end, with both valid until then, and revoked by deleting it', async () => {
    const before = key();
    await superuser("delete from tenantry.context_keys where valid_until is not null; update tenantry.context_keys set valid_until = now() + interval '10 minutes'");
    expect((await converge())[0]).toBe('desk.tenantry: make a new key that contexts are signed with');
    const second = key();
    expect([await notes(sign('acme', 60, before)), await notes(sign('acme'))]).toEqual([['of acme', 'of acme'], ['of acme', 'of acme']]);
    await superuser("update tenantry.context_keys set valid_until = now() - interval '1 second' where valid_until is not null");
    expect(await notes(sign('acme', 60, before)), 'its time is over').toBe('TN011');
    await using(async (tenants) => {
      await texts(tenants, 'acme');
      await superuser('delete from tenantry.context_keys');
      await converge();
      expect(await notes(sign('acme', 60, second))).toBe('TN011');
      expect(await sqlstateOf(texts(tenants, 'acme')), 'a program that has not heard of it').toBe('TN011');
      expect(await texts(tenants, 'acme'), 'and asks then').toHaveLength(2);
    });
    expect(await pending()).toEqual([]);
  });

  it('is mended where somebody changed it by hand: keys of a tenant’s database, what verifies, who may call and read, the floor', async () => {
    await superuser("update tenantry.context_keys set inner_block = sha256('x') || sha256('y'); alter policy tenantry_floor on desk.notes using (tenant_id = current_setting('tenantry.tenant_id')::uuid)", 'desk__initech');
    await superuser(`create or replace function tenantry.current_tenant() returns uuid stable security definer set search_path = pg_catalog, pg_temp language plpgsql as 'begin return split_part(current_setting(''tenantry.context''), ''|'', 1)::uuid; end';
      revoke execute on function tenantry.current_tenant() from public; grant select on tenantry.context_keys to desk_app_login`);
    const lines = [
      'desk.tenantry: desk_app_login may no longer SELECT on context_keys', 'desk.tenantry: replace function current_tenant', 'desk.tenantry: PUBLIC may EXECUTE on function current_tenant',
      'desk__initech.desk: alter policy tenantry_floor on notes', 'desk__initech.tenantry: copy the keys that contexts are signed with',
    ];
    expect(await pending()).toEqual(lines);
    expect(await converge()).toEqual(lines);
    expect(await pending()).toEqual([]);
    await using(async (tenants) => expect([await texts(tenants, 'acme'), await texts(tenants, 'initech')].flat()).toHaveLength(4));
  });

  it('refuses a key that somebody added, and to be declared where nobody says where the key goes', async () => {
    await superuser("insert into tenantry.context_keys (inner_block, outer_block, location) select inner_block, outer_block, 'mine' from tenantry.context_keys where valid_until is null");
    expect(await pending()).toEqual([expect.stringMatching(/^refused context-key\/several desk\.tenantry: 2 keys without an end/), ...['initech', 'later'].map((tenant) => `desk__${tenant}.tenantry: copy the keys that contexts are signed with`)]);
    await superuser("delete from tenantry.context_keys where location = 'mine'");
    expect(await pending()).toEqual([]);
    const nowhere = manifestOf({ ...declaration, name: 'nowhere' });
    expect(await refusalOf(applyTo(server, nowhere, { passwords: undefined }))).toMatchObject({ kind: 'refused', codes: ['context-key/no-store'] });
    expect(await superuser("select 1 from pg_database where datname = 'nowhere'"), 'nothing was made').toEqual([]);
  });

  it('is switched to and from in one transaction a place: programs of the other context are let in nowhere', async () => {
    const plain = manifestOf({ ...declaration, tenantContext: 'plain' }, { tenants: TENANTS });
    const lines = ['desk.desk: alter policy tenantry_floor on notes', ...['desk__globex', 'desk__hooli'].map((schema) => `desk.${schema}: alter policy tenantry_floor on notes`), ...['initech', 'later'].map((tenant) => `desk__${tenant}.desk: alter policy tenantry_floor on notes`)];
    const change = async (to: typeof loaded) => linesOf((await applyTo(server, to, { passwords: store, allowOlder: true })).changes);
    const withoutKey = () => connectTenants(plain.manifest, { credentials: trust(server) });
    const seen = async (tenants: Tenants) => {
      try {
        return (await Promise.all(ALL.map((tenant) => texts(tenants, tenant).catch((error: { code?: string }) => [error.code])))).map((rows) => rows.length);
      } finally {
        await tenants.end();
      }
    };
    expect(await seen(withoutKey()), 'unsigned, while contexts are signed').toEqual(ALL.map(() => 0));
    const toPlain = await change(plain);
    expect(toPlain.filter((line) => !line.includes('drop function'))).toEqual(lines);
    expect(toPlain.filter((line) => line.includes('drop function'))).toEqual(['desk', 'desk__initech', 'desk__later'].map((database) => `${database}.tenantry: drop function current_tenant`));
    expect(linesOf((await planOf(server, plain, { passwords: store })).differences)).toEqual([]);
    expect([await seen(withoutKey()), await seen(client())], 'signed ones are good there too, so that programs can be changed first').toEqual([ALL.map(() => 2), ALL.map(() => 2)]);
    const toSigned = await change(loaded);
    expect(toSigned.filter((line) => line.includes('policy'))).toEqual(lines);
    expect(toSigned.filter((line) => line.includes('key')), 'the key is the one that it was').toEqual([]);
    expect(linesOf((await planOf(server, loaded, { passwords: store, allowOlder: true })).differences)).toEqual([]);
    expect([await seen(withoutKey()), await seen(client())]).toEqual([ALL.map(() => 0), ALL.map(() => 2)]);
  });
});

const original = Client.prototype.query;
