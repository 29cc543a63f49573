import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SchemaInput } from '../../lib/declaration';
import { manifestText } from '../../lib/manifest';
import { manifestOf } from '../bootstrap/support/platform';
import { freshFolder } from '../support/fresh-folder';
import { startTestServer, type TestServer } from '../support/postgres';
import { type Ended, entryPointMissing, startEntryPoint } from './support/entry-point';

const orders = { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } as const;
const declared: SchemaInput = { name: 'shop', tables: { orders }, roles: { app: { login: 'iam', tables: { orders: 'write' } } } };
const tenants = { acme: { isolation: 'row' }, globex: { isolation: 'row' } };

/** What a container is: an environment, no terminal, no file that can be written, and signals. */
describe.skipIf(entryPointMissing !== undefined)(`the command line in a container${entryPointMissing === undefined ? '' : ` (skipped: ${entryPointMissing})`}`, () => {
  let server: TestServer;
  let admin: Client;
  let manifest: string;
  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => startEntryPoint([...args, '--database-url', server.url()], { TENANTRY_MANIFEST: manifest, ...env });
  const sessions = async (): Promise<number> => (await admin.query("select from pg_stat_activity where application_name = 'tenantry'")).rowCount ?? 0;
  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    for (let i = 0; i < 100; i += 1) {
      if (await holds()) return;
      await sleep(100);
    }
    throw new Error(`not within 10 s: ${what}`);
  };

  beforeAll(async () => {
    server = await startTestServer();
    admin = await server.admin();
    manifest = join(freshFolder('manifest'), 'manifest.json');
    writeFileSync(manifest, manifestText(manifestOf(declared, { tenants }).manifest), { mode: 0o644 });
  });

  it('is stopped by SIGTERM while it waits for another apply, at once, and changes nothing', async () => {
    const other = await server.connect();
    // The lock of the server, as an apply takes it.
    await other.query('select pg_advisory_lock($1, 1)', [0x746e7479]);
    const started = run(['bootstrap', 'apply', '--lock-wait', '60']);
    await until('it waits', async () => (await sessions()) > 0);
    await sleep(500);
    const from = Date.now();
    started.child.kill('SIGTERM');
    expect(await started.ended).toEqual({ code: 143, signal: null, out: '', err: 'Stopped by SIGTERM. What was committed stays, the rest is rolled back; the next run goes on from there.\n' });
    expect(Date.now() - from).toBeLessThan(3000);
    await until('its connections are gone', async () => (await sessions()) === 0);
    await other.end();
    expect((await admin.query("select from pg_database where datname = 'shop'")).rowCount).toBe(0);
  }, 60_000);

  it('is stopped while it acts, and the next run ends what it began [DBAAS-2.2]', async () => {
    expect(await run(['bootstrap', 'apply', '--skip-verify']).ended).toMatchObject({ code: 0, err: '' });
    writeFileSync(manifest, manifestText(manifestOf({ ...declared, tables: { orders: { ...orders, columns: { ...orders.columns, note: { type: 'text', nullable: true } } } } }, { tenants }).manifest));
    const home = await server.admin('shop');
    const columns = async (): Promise<number> => (await home.query("select from information_schema.columns where table_schema = 'shop' and table_name = 'orders' and column_name = 'note'")).rowCount ?? 0;
    const outcomes = async (): Promise<string[]> => (await home.query('select outcome from tenantry.applies order by generation')).rows.map(({ outcome }) => outcome);
    await home.query('begin; lock table shop.orders in access share mode');
    const started = run(['bootstrap', 'apply']);
    await until('it waits for the table', async () => (await admin.query("select from pg_stat_activity where application_name = 'tenantry' and wait_event_type = 'Lock'")).rowCount === 1);
    started.child.kill('SIGTERM');
    expect(await started.ended).toMatchObject({ code: 143, signal: null, out: '' });
    await until('its connections are gone', async () => (await sessions()) === 0);
    await home.query('commit');
    expect([await columns(), await outcomes()]).toEqual([0, ['done', 'running']]);
    expect(await run(['bootstrap', 'apply', '--evidence', '-']).ended).toMatchObject({ code: 0, signal: null, err: '' });
    expect([await columns(), await outcomes()]).toEqual([1, ['done', 'interrupted', 'done']]);
    await home.end();
  }, 90_000);

  const evidenceIn = ({ out }: Ended): Record<string, unknown> => JSON.parse(out.slice(out.indexOf('\n{\n')));

  it('puts the evidence on standard output where it was told to, and says nothing else of files', async () => {
    const ended = await run(['bootstrap', 'apply'], { TENANTRY_EVIDENCE: '-' }).ended;
    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(ended.out).toContain('  evidence    below\n');
    expect(evidenceIn(ended)).toMatchObject({ format: 'tenantry/evidence@1', outcome: 'isolated' });
  }, 60_000);

  it('does not lose a verification because no file can be written', async () => {
    const ended = await run(['bootstrap', 'verify']).ended;
    expect(ended).toMatchObject({ code: 0, err: 'The evidence cannot be written below .tenantry (EACCES), and is on standard output.\n' });
    expect(evidenceIn(ended)).toMatchObject({ format: 'tenantry/evidence@1', outcome: 'isolated' });
  }, 60_000);

  it('writes the evidence to a folder that it is given, and adds it to the document of an apply otherwise', async () => {
    const apply = await run(['bootstrap', 'apply', '--format', 'json', '--evidence', '-']).ended;
    expect(JSON.parse(apply.out)).toMatchObject({ format: 'tenantry/apply@1', verification: { outcome: 'isolated', evidence: { format: 'tenantry/evidence@1' } } });
    const volume = freshFolder('volume');
    chmodSync(volume, 0o777);
    const file = join(volume, 'evidence.json');
    const verify = await run(['bootstrap', 'verify'], { TENANTRY_EVIDENCE: file }).ended;
    expect(verify).toMatchObject({ code: 0, err: '' });
    expect(verify.out).toContain(`  evidence    ${file}\n`);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ outcome: 'isolated' });
    expect(readdirSync(volume)).toEqual(['evidence.json']);
  }, 60_000);

  it('keeps its exit codes: 3 for a breach, 64 for what is not there, 1 for a server that does not answer', async () => {
    const home = await server.admin('shop');
    await home.query('alter table shop.orders disable row level security');
    expect((await run(['bootstrap', 'verify']).ended).code).toBe(3);
    expect((await run(['bootstrap', 'plan']).ended).code).toBe(2);
    await home.query('alter table shop.orders enable row level security');
    await home.end();
    const nowhere = await run(['bootstrap', 'plan'], { TENANTRY_MANIFEST: '/nowhere.json' }).ended;
    expect(nowhere).toMatchObject({ code: 64, err: expect.stringContaining('"/nowhere.json" cannot be read: there is no such file.') });
    const unreachable = await startEntryPoint(['bootstrap', 'plan', '--database-url', 'postgresql://me@127.0.0.1:1'], { TENANTRY_MANIFEST: manifest }).ended;
    expect(unreachable).toMatchObject({ code: 1, err: expect.stringMatching(/^connect\/failed/) });
    expect(existsSync(join('/', '.tenantry'))).toBe(false);
  }, 60_000);
});
