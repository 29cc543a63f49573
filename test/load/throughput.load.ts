import { spawn } from 'node:child_process';
import { chownSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { applyTo, manifestOf } from '../bootstrap/support/platform';
import { shopInput } from '../bootstrap/support/shop';
import { freshFolder } from '../support/fresh-folder';
import { pgbouncerMissing, startPgBouncer } from '../support/pgbouncer';
import { startTestServer, type TestServer } from '../support/postgres';

const PGBENCH = '/usr/lib/postgresql/15/bin/pgbench';
const missing = existsSync(PGBENCH) ? pgbouncerMissing : `${PGBENCH} is not installed`;
const TENANTS = 100;
const SECONDS = 20;
const CLIENTS = 10_000;

/** What tenants.with sends, in as few messages: the context, an insert under row-level security, the end. */
const WRITE = `\\set n random(1, ${TENANTS})
begin \\; call tenantry.enter('t' || :n, 1, null) \\; set local role shop_app \\; set local search_path to shop, pg_temp \\; insert into customers (email) values (gen_random_uuid()::text) \\; commit;
`;
const READ = `\\set n random(1, ${TENANTS})
begin \\; call tenantry.enter('t' || :n, 1, null) \\; set local role shop_app \\; set local search_path to shop, pg_temp \\; select count(*) from customers where email = 'nobody' \\; commit;
`;

describe.skipIf(missing !== undefined)(`[DBS-4.3] the bootstrapped schema under load${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let server: TestServer;

  beforeAll(async () => {
    // Each commit reaches the disk, as in production.
    server = await startTestServer({ settings: { max_connections: '200', shared_buffers: '256MB', max_wal_size: '4GB', fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' } });
    await applyTo(server, manifestOf(shopInput, { tenants: Object.fromEntries(Array.from({ length: TENANTS }, (_, i) => [`t${i + 1}`, { isolation: 'row' }])) }));
  });

  it('writes under row-level security: 5,000 transactions a second, or what the machine gives', async () => {
    const { tps, failed, output } = await pgbench(server, WRITE, ['-c', '64', '-j', '2', '-T', String(SECONDS)]);
    console.log(`  ${tps.toFixed(0)} write transactions a second, ${failed} failed (goal 5,000)`);
    expect(failed, output).toBe(0);
  });

  it(`keeps ${CLIENTS.toLocaleString('en-US')} client connections through PgBouncer`, async () => {
    const pooler = await startPgBouncer(server, ['shop_app_login'], { default_pool_size: 32, max_client_conn: CLIENTS + 100, query_wait_timeout: 0, listen_backlog: 4_096 });
    const { tps, failed, clients, output } = await pgbench(pooler, READ, ['-c', String(CLIENTS), '-j', '2', '-t', '5']);
    console.log(`  ${clients} clients, ${tps.toFixed(0)} transactions a second, ${failed} failed`);
    expect({ clients, failed }, output).toEqual({ clients: CLIENTS, failed: 0 });
    await pooler.stop();
  });

  async function pgbench({ host, port }: { readonly host: string; readonly port: number }, script: string, options: readonly string[]): Promise<{ tps: number; failed: number; clients: number; output: string }> {
    const file = join(freshFolder('pgbench'), 'script.sql');
    writeFileSync(file, script);
    // As the server's user, who can enter the folder of its socket.
    const { uid, gid } = statSync(server.host);
    if (process.getuid?.() === 0) chownSync(file, uid, gid);
    const output = await new Promise<string>((resolve, reject) => {
      const child = spawn('/bin/sh', ['-c', `ulimit -n 20000 2>/dev/null; exec ${PGBENCH} "$@"`, 'sh', '-n', '-f', file, ...options, '-h', host, '-p', String(port), '-U', 'shop_app_login', 'shop'],
        { stdio: ['ignore', 'pipe', 'pipe'], ...(process.getuid?.() === 0 ? { uid, gid } : {}) });
      let text = '';
      child.stdout.on('data', (data: Buffer) => (text += data.toString()));
      child.stderr.on('data', (data: Buffer) => (text += data.toString()));
      child.on('error', reject);
      child.on('close', () => resolve(text));
    });
    const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? NaN);
    return { tps: number(/tps = ([\d.]+)/), failed: number(/number of failed transactions: (\d+)/), clients: number(/number of clients: (\d+)/), output };
  }
});
