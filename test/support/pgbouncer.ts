import { chownSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { temporaryFolder } from '../../lib/embedded/account';
import { supervise, type Supervised } from '../../lib/embedded/supervise';
import { afterFile } from './after-file';
import { freshFolder } from './fresh-folder';
import type { TestServer } from './postgres';

const program = '/usr/sbin/pgbouncer';
const port = 6432;

/** Why no PgBouncer can be started here; undefined when it can. */
export const pgbouncerMissing = existsSync(program) ? undefined : `${program} is not installed`;

export interface PgBouncer {
  /** Folder of its Unix socket. */
  readonly host: string;
  readonly port: number;
  connect(options?: { readonly user?: string; readonly database?: string }): Promise<Client>;
  /** Address for `--database-url`. */
  url(options?: { readonly user?: string; readonly database?: string }): string;
  stop(): Promise<void>;
}

/**
 * Starts an idle PgBouncer in transaction mode in front of a server. It lets in the server's two users and those that are named, without
 * a password. It is stopped after the last test of the file.
 */
export async function startPgBouncer(server: TestServer, otherUsers: readonly string[] = [], settings: Readonly<Record<string, number>> = {}): Promise<PgBouncer> {
  if (pgbouncerMissing !== undefined) throw new Error(`${pgbouncerMissing}. Skip the tests with pgbouncerMissing as the reason`);
  // The same user as the server's, who alone can enter the folder of its socket.
  const { uid, gid } = statSync(server.host);
  const account = process.getuid?.() === 0 ? { uid, gid } : undefined;
  const socketFolder = mkdtempSync(join(await temporaryFolder(account), 'tenantry-pooler-'));
  const folder = freshFolder('pgbouncer');
  const users = [server.bootstrapUser, server.superuser, ...otherUsers];
  writeFileSync(join(folder, 'users.txt'), users.map((user) => `"${user.replaceAll('"', '""')}" ""\n`).join(''));
  writeFileSync(join(folder, 'pgbouncer.ini'), configuration(server, folder, socketFolder, settings));
  for (const path of account ? [socketFolder, join(folder, 'users.txt'), join(folder, 'pgbouncer.ini')] : []) chownSync(path, uid, gid);
  const log = join(folder, 'log');
  const output = openSync(log, 'a');
  const pooler = supervise([program, join(folder, 'pgbouncer.ini')], socketFolder, output, account);
  closeSync(output);
  await listening(pooler, socketFolder, log);
  const running = handle(pooler, socketFolder, server);
  afterFile(() => running.stop());
  return running;
}

function configuration(server: TestServer, folder: string, socketFolder: string, settings: Readonly<Record<string, number>>): string {
  return `[databases]
* = host=${server.host} port=${server.port}

[pgbouncer]
listen_addr =
listen_port = ${port}
unix_socket_dir = ${socketFolder}
auth_type = trust
auth_file = ${join(folder, 'users.txt')}
pool_mode = transaction
ignore_startup_parameters = extra_float_digits
${Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`).join('')}`;
}

async function listening(pooler: Supervised, socketFolder: string, log: string): Promise<void> {
  for (let waited = 0; waited < 10_000 && !pooler.hasEnded(); waited += 20) {
    if (await accepts(join(socketFolder, `.s.PGSQL.${port}`))) return;
    await sleep(20);
  }
  pooler.end();
  throw new Error(`PgBouncer did not start:\n${readFileSync(log, 'utf8')}`);
}

/** The socket is there a moment before anybody listens. */
const accepts = (path: string): Promise<boolean> => new Promise((resolve) => {
  const socket = createConnection(path, () => {
    socket.destroy();
    resolve(true);
  });
  socket.on('error', () => resolve(false));
});

function handle(pooler: Supervised, host: string, server: TestServer): PgBouncer {
  const clients: Client[] = [];
  return {
    host,
    port,
    connect: async ({ user = server.bootstrapUser, database = 'postgres' } = {}) => {
      const client = new Client({ host, port, user, database });
      client.on('error', () => undefined);
      await client.connect();
      clients.push(client);
      return client;
    },
    url: ({ user = server.bootstrapUser, database = 'postgres' } = {}) =>
      `postgresql://${encodeURIComponent(user)}@/${encodeURIComponent(database)}?${new URLSearchParams({ host, port: String(port) }).toString()}`,
    stop: async () => {
      await Promise.allSettled(clients.splice(0).map((client) => client.end()));
      pooler.end();
      await pooler.ended;
    },
  };
}
