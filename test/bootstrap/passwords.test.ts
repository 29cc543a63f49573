import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Client } from 'pg';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { addTenant, type ApplyResult, passwordFile, type PasswordStore } from '../../lib/bootstrap';
import { scramVerifier } from '../../lib/bootstrap/sql/scram';
import { connectTenants, fromFile, type Tenants } from '../../lib/client';
import type { SchemaInput } from '../../lib/declaration';
import type { LoadedManifest } from '../../lib/manifest';
import { freshFolder } from '../support/fresh-folder';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { requirePasswords } from '../support/scram';
import { accessTo, applyTo, linesOf, manifestOf, planOf, refusalOf, sqlstateOf } from './support/platform';

const TENANTS = { acme: { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database' } } as const;
const vault = (login: 'iam' | 'password' = 'password') => ({
  name: 'vault',
  tables: { notes: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, text: { type: 'text' } }, primaryKey: ['id'] } },
  roles: { app: { login, tables: { notes: 'write' } }, auditor: { login: 'password', scope: 'all', tables: { notes: 'read' } }, api: { login: 'iam', tables: { notes: 'read' } } },
} as const satisfies SchemaInput);
const LOGINS = ['vault_app__initech_login', 'vault_app_login', 'vault_auditor_login'];
const VERIFIER = /SCRAM-SHA-256/;

describe('the verifier of a password', () => {
  it('is the one of RFC 7677, in the form of PostgreSQL', () => {
    // The RFC's own example: user "user", password "pencil", 4096 iterations.
    expect(scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=');
  });
});

describeNewest('passwords of logins', (major) => {
  let server: TestServer;
  const folder = freshFolder('passwords');
  const file = join(folder, 'deep', 'passwords.json');
  const store = passwordFile(file);
  const loaded = reachable(manifestOf(vault(), { tenants: TENANTS }));
  const progress: string[] = [];
  let sent: unknown[][];
  let first: ApplyResult;

  /** The manifest's server is the test's, so that a program finds its way with nothing but manifest and credentials. */
  function reachable({ manifest, digest }: LoadedManifest): LoadedManifest {
    return { digest, manifest: { ...manifest, servers: { main: { ...manifest.servers.main!, get host() { return server.host; }, get port() { return server.port; } } } } };
  }
  const passwords = (): Record<string, string> => JSON.parse(readFileSync(file, 'utf8'));
  const converge = (from = loaded, to: PasswordStore | null = store) => applyTo(server, from, { passwords: to ?? undefined });
  const pending = async (from = loaded, to: PasswordStore | null = store) => linesOf((await planOf(server, from, { passwords: to ?? undefined })).differences.filter(({ kind }) => kind !== 'server version'));
  const superuser = <T extends object>(sql: string, database = 'vault') => server.runAsSuperuser<T>(sql, database);
  const log = (): string => readFileSync(`${server.dataDirectory}.log`, 'utf8');
  /** What the server says to a login with this password: `let in`, or the SQLSTATE. */
  const knock = async (user: string, password: string | undefined, database = 'vault'): Promise<string | undefined> => {
    const client = new Client({ host: server.host, port: server.port, user, database, password: password ?? '' });
    return sqlstateOf(client.connect()).then(async (state) => (state === 'accepted' ? client.end().then(() => 'let in') : state));
  };
  const expectSettled = async (from = loaded): Promise<void> => {
    const before = passwords();
    expect(linesOf((await converge(from)).changes)).toEqual([]);
    expect(passwords()).toEqual(before);
    for (const login of LOGINS) expect(await knock(login, before[login], login.includes('initech') ? 'vault__initech' : 'vault'), login).toBe('let in');
  };

  beforeAll(async () => {
    server = await startTestServer({ major, settings: { log_statement: 'ddl', log_min_messages: 'info' } });
    await requirePasswords(server);
    await superuser(`create role rds_iam; ${major >= 16 ? 'grant rds_iam to tenantry_bootstrap with admin option' : ''}`, 'postgres');
    const query = vi.spyOn(Client.prototype, 'query');
    await passwordFile(file).keep({ login: 'somebody', password: 'of-another-program', database: 'x' });
    first = await applyTo(server, loaded, { passwords: store, access: accessTo(server, { method: 'iam' }), onProgress: (_done, _total, what) => progress.push(what) });
    sent = query.mock.calls;
    query.mockRestore();
    expect(first.refusals).toEqual([]);
  });

  it('[DBAAS-5.1] are made, kept in a file that only its owner reads, and let exactly these logins in', async () => {
    const made = passwords();
    expect(Object.keys(made).sort()).toEqual(['somebody', ...LOGINS]);
    expect(made.somebody).toBe('of-another-program');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const login of LOGINS) expect(made[login]).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(new Set(LOGINS.map((login) => made[login])).size).toBe(3);
    expect(await knock('vault_app_login', made.vault_auditor_login)).toBe('28P01');
    expect(await knock('vault_api_login', made.vault_app_login), 'an IAM login has none').toBe('28P01');
    await expectSettled();
  });

  it('stand in no plan, no result, no progress and no statement, and the server’s log has neither them nor their verifiers', async () => {
    const made = Object.values(passwords());
    const shown = JSON.stringify([first, progress]);
    const texts = sent.map(([text]) => (typeof text === 'string' ? text : inspect(text))).join('\n');
    const values = JSON.stringify(sent.map(([, given]) => given));
    expect(shown).toContain("alter role %I password %L");
    expect(progress).toContain('set a new password of vault_app_login');
    expect(values.match(/SCRAM-SHA-256\$/g), 'the control: they were sent').toHaveLength(6);
    for (const secret of made) expect([shown, texts, values, log()].map((text) => text.includes(secret))).toEqual([false, false, false, false]);
    expect([shown, texts, log()].map((text) => VERIFIER.test(text))).toEqual([false, false, false]);
    expect(log(), 'the control: statements are logged').toContain('create role "vault_app_login"');
    const written = JSON.stringify(await superuser('select * from tenantry.passwords'));
    expect([...made, 'SCRAM'].filter((secret) => written.includes(secret))).toEqual([]);
  });

  it('are written down with the role that they were set for', async () => {
    const rows = await superuser('select login, role_oid = login::regrole as same, location, version, set_at > now() - interval $$10 min$$ as recent from tenantry.passwords order by 1');
    expect(rows).toEqual(LOGINS.map((login) => ({ login, same: true, location: file, version: null, recent: true })));
  });

  it('[ARC-8.5] let the tenants’ client in, and one that is rotated is used by the next connection', async () => {
    const tenants: Tenants = connectTenants(loaded.manifest, { role: 'app', credentials: fromFile(file), maxConnections: 2 });
    try {
      const user = async (tenant: string) => (await tenants.with(tenant, (db) => db.query<{ u: string }>('select session_user as u'))).rows[0]?.u;
      expect([await user('acme'), await user('globex'), await user('initech')]).toEqual(['vault_app_login', 'vault_app_login', 'vault_app__initech_login']);
      await superuser(`alter role vault_app_login password 'rotated'`);
      const inside = tenants.with('acme', () => sqlstateOf(user('globex')));
      expect(await inside, 'the control: a second connection needs the new one').toBe('28P01');
      await store.keep({ login: 'vault_app_login', password: 'rotated', database: 'vault' });
      expect(await tenants.with('acme', () => user('globex'))).toBe('vault_app_login');
      expect(await pending(), 'a rotation is not drift').toEqual([]);
    } finally {
      await tenants.end();
    }
  });

  it('are made anew for a login that was dropped, or dropped and made by hand, and for no other', async () => {
    const before = passwords();
    await superuser('drop owned by vault_auditor_login', 'vault__initech');
    await superuser('drop owned by vault_auditor_login; drop role vault_auditor_login');
    expect((await pending()).filter((line) => line.includes('password'))).toEqual(['vault.tenantry: set a new password of vault_auditor_login']);
    await converge();
    const between = passwords();
    expect(between).toEqual({ ...before, vault_auditor_login: expect.not.stringMatching(before.vault_auditor_login!) });
    await expectSettled();

    const [{ comment }] = await superuser<{ comment: string }>(`select shobj_description('vault_auditor_login'::regrole, 'pg_authid') as comment`) as [{ comment: string }];
    await superuser('drop owned by vault_auditor_login', 'vault__initech');
    await superuser(`drop owned by vault_auditor_login; drop role vault_auditor_login; set role tenantry_bootstrap; create role vault_auditor_login login noinherit; comment on role vault_auditor_login is '${comment}'`);
    await converge();
    expect(passwords()).toEqual({ ...before, vault_auditor_login: expect.not.stringMatching(between.vault_auditor_login!) });
    await expectSettled();
  });

  it('[ARC-8.4] converge after an interruption between keeping and setting one', async () => {
    await superuser(`delete from tenantry.passwords where login = 'vault_app_login'`);
    const dying: PasswordStore = { ...store, keep: async (entry) => store.keep(entry).then(() => Promise.reject(new Error('the machine is gone'))) };
    await expect(converge(loaded, dying)).rejects.toThrow('the machine is gone');
    expect(await knock('vault_app_login', passwords().vault_app_login), 'the control: it is kept and not in force').toBe('28P01');
    expect(await superuser(`select outcome from tenantry.applies order by generation desc limit 1`)).toEqual([{ outcome: 'failed' }]);
    await converge();
    await expectSettled();
  });

  it('are neither in the error nor in the log when they cannot be set, nothing is written down, and what is kept stays in force', async () => {
    const before = passwords();
    await superuser(`delete from tenantry.passwords where login = 'vault_app_login'; alter role vault_app_login superuser`);
    const error: unknown = await converge().then(() => undefined, (thrown: unknown) => thrown);
    const told = inspect(error, { depth: 10, showHidden: true });
    expect(told).toContain('The step “set a new password of vault_app_login” failed');
    expect(told).toContain('SQLSTATE 42501');
    expect(told).not.toMatch(VERIFIER);
    expect(told).toContain("Statement: do $$begin execute format('alter role %I password %L', 'vault_app_login'");
    expect(told).not.toContain(passwords().vault_app_login);
    expect(log()).not.toMatch(VERIFIER);
    expect(passwords()).toEqual(before);
    expect(await knock('vault_app_login', before.vault_app_login)).toBe('let in');
    expect(await superuser(`select login from tenantry.passwords where login = 'vault_app_login'`)).toEqual([]);
    await superuser('alter role vault_app_login nosuperuser');
    await converge();
    await expectSettled();
  });

  it('go when a role changes to IAM, and come back with it', async () => {
    const before = passwords();
    const iam = reachable(manifestOf(vault('iam'), { tenants: TENANTS }));
    const access = accessTo(server, { method: 'iam' });
    const { changes } = await applyTo(server, iam, { passwords: store, access });
    expect(linesOf(changes)).toEqual([
      'server: make vault_app_login a member of rds_iam', 'server: make vault_app__initech_login a member of rds_iam',
      'vault.tenantry: vault_app__initech_login has no password any more', 'vault.tenantry: vault_app_login has no password any more',
    ]);
    expect(await knock('vault_app_login', before.vault_app_login)).toBe('28P01');
    expect(await superuser(`select rolname from pg_authid where rolname like 'vault%' and rolpassword is not null`)).toEqual([{ rolname: 'vault_auditor_login' }]);
    await applyTo(server, loaded, { passwords: store, access, allowOlder: true });
    await expectSettled();
    expect(passwords().vault_app_login).not.toBe(before.vault_app_login);
    expect(passwords().vault_auditor_login).toBe(before.vault_auditor_login);
  });

  it('are refused where nobody says where to keep them, and nothing else is', async () => {
    const tenant = { key: 'hooli', isolation: 'database' } as const;
    const { refusals } = await addTenant({ access: accessTo(server), loaded }, tenant);
    expect(refusals).toEqual([{
      type: 'refusal', kind: 'password', code: 'password/no-store', target: 'vault', place: 'tenantry',
      summary: 'vault_app__hooli_login has no password: none was set yet, and nobody says where a new one would be kept',
      fix: 'Give a file for it with --passwords FILE. A secret is used where the manifest names one for this login and the connection goes to the address in the manifest; a tenant gets one when it is declared in code and deployed.',
    }]);
    expect(await pending(loaded, null)).toEqual([expect.stringMatching(/^refused password\/no-store vault\.tenantry: vault_app__hooli_login/)]);
    expect(await knock('vault_app__hooli_login', '', 'vault__hooli')).not.toBe('let in');
    expect((await converge(loaded, null)).refusals).toHaveLength(1);
    expect(linesOf((await converge()).changes)).toEqual(['vault.tenantry: set a new password of vault_app__hooli_login']);
    expect(await knock('vault_app__hooli_login', passwords().vault_app__hooli_login, 'vault__hooli')).toBe('let in');
    await expectSettled();
  });

  it('of a file that was lost are made anew; another file that is given changes nothing', async () => {
    expect(await pending(loaded, passwordFile(join(folder, 'other.json')))).toEqual([]);
    const { vault_auditor_login: lost, ...rest } = passwords();
    writeFileSync(file, JSON.stringify(rest));
    expect(await pending()).toEqual(['vault.tenantry: set a new password of vault_auditor_login']);
    await converge();
    expect(passwords()).toEqual({ ...rest, vault_auditor_login: expect.not.stringMatching(lost!) });
    await expectSettled();
  });

  it('never replace a file that is something else, nor set what could not be kept', async () => {
    await superuser(`delete from tenantry.passwords where login = 'vault_auditor_login'`);
    const mine = join(folder, 'mine.txt');
    writeFileSync(mine, 's3cret notes');
    const { message } = await refusalOf(converge(loaded, passwordFile(mine)));
    expect(message).toBe(`connect/password-file  at ${mine}\n\n  The file is no JSON object of logins and passwords, and is not overwritten.\n\n  Name another file, or move this one away.`);
    expect(readFileSync(mine, 'utf8')).toBe('s3cret notes');
    const { codes } = await refusalOf(converge(loaded, passwordFile(join(mine, 'below.json'))));
    expect(codes).toEqual(['connect/password-file']);
    expect(await knock('vault_auditor_login', passwords().vault_auditor_login), 'the old one is still in force').toBe('let in');
    rmSync(mine);
    await converge();
    await expectSettled();
  });
});
