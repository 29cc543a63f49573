import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { describe, inject } from 'vitest';
import { type EmbeddedServer, startEmbedded } from '../../lib/embedded';
import { afterFile } from './after-file';

export type Major = 15 | 16 | 17 | 18;

interface ServerMajor {
  readonly major: Major;
  /** @default - the npm package */
  readonly binaries?: string;
  /** Why it cannot be started here. */
  readonly missing?: string;
}

const debian15 = '/usr/lib/postgresql/15/bin';

/** `npm run test:postgres` names one version and its programs, `16=/folder/bin`: everything runs on that one then. */
const [, chosen, chosenBinaries] = /^(\d+)=(.+)$/.exec(process.env['TENANTRY_POSTGRES'] ?? '') ?? [];

/** The versions that are tested. One that is not installed is there too, with the reason. */
export const serverMajors: readonly ServerMajor[] = chosen !== undefined ? [{ major: Number(chosen) as Major, binaries: chosenBinaries }] : [
  { major: 18 },
  { major: 15, binaries: debian15, missing: existsSync(join(debian15, 'initdb')) ? undefined : `${debian15} is not installed` },
];
const [{ major: usual } = { major: 18 as Major }] = serverMajors;

/** A group of tests for each version. Those of a version that is missing are counted as skipped, with the reason in the title. */
export function describeServers(title: string, tests: (major: Major) => void): void {
  for (const { major, missing } of serverMajors) {
    const name = `${title}, PostgreSQL ${major}`;
    if (missing === undefined) describe(name, () => tests(major));
    else describe.skip(`${name} (skipped: ${missing})`, () => tests(major));
  }
}

/** Whether it is the version that everything runs on: what differs little between versions runs on no other. */
export const isUsual = (major: Major): boolean => major === usual;

/** A group of tests for the newest version, or the one that `npm run test:postgres` names: where versions do not differ, or do not often enough to run it on each every time. */
export function describeNewest(title: string, tests: (major: Major) => void): void {
  describe(`${title}, PostgreSQL ${usual}`, () => tests(usual));
}

export interface ConnectOptions {
  /** @default - the bootstrap login */
  readonly user?: string;
  /** @default postgres */
  readonly database?: string;
  readonly applicationName?: string;
}

export interface TestServer extends EmbeddedServer {
  readonly major: Major;
  readonly dataDirectory: string;
  /** A connected client, which is ended with the server at the latest. */
  connect(options?: ConnectOptions): Promise<Client>;
  /** The same as the superuser: to look at everything, and to break things on purpose. */
  admin(database?: string): Promise<Client>;
  /** Runs SQL as the superuser through a connection of its own, and gives back the rows of the last statement. */
  runAsSuperuser<T extends object = Record<string, unknown>>(sql: string, database?: string): Promise<T[]>;
  /** Makes a database of the bootstrap login and returns its name. */
  createDatabase(name?: string): Promise<string>;
  /** Address for `--database-url`. */
  url(options?: ConnectOptions): string;
}

export interface TestServerOptions {
  /** @default - the first that is tested, which is 18 */
  readonly major?: Major;
  /** More settings of the server. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Losing a test's data to a power failure is no loss. */
const careless = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', jit: 'off' };

let number = 0;

/** Starts an empty server for the test file, which is stopped after its last test. Call it in `beforeAll`. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { major, binaries } = findMajor(options.major ?? usual);
  const dataDirectory = join(inject('serverFolder'), `server-${process.pid}-${(number += 1)}`);
  // Keeps the owner, which is not us when we are root.
  execFileSync('cp', ['-a', await template(major, binaries), dataDirectory]);
  const embedded = await startEmbedded({ dataDirectory, binaries, settings: { ...careless, ...options.settings } });
  const server = new Running(embedded, major, dataDirectory);
  afterFile(() => server.stop());
  return server;
}

function findMajor(major: Major): ServerMajor {
  const found = serverMajors.find((candidate) => candidate.major === major);
  if (!found) throw new Error(`PostgreSQL ${major} is not tested`);
  if (found.missing) throw new Error(`PostgreSQL ${major}: ${found.missing}. Wrap the tests in describeServers`);
  return found;
}

/** An initialised data directory, made once a run. */
async function template(major: Major, binaries?: string): Promise<string> {
  const folder = join(inject('serverFolder'), `template-${major}`);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}-${process.pid}`;
  const server = await startEmbedded({ dataDirectory: fresh, binaries, settings: careless });
  await server.stop();
  try {
    renameSync(fresh, folder);
  } catch {
    // Another test file was faster.
    rmSync(fresh, { recursive: true });
  }
  return folder;
}

class Running implements TestServer {
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly superuser: 'postgres';
  readonly bootstrapUser: 'tenantry_bootstrap';
  readonly #embedded: EmbeddedServer;
  readonly #clients: Client[] = [];

  constructor(
    embedded: EmbeddedServer,
    readonly major: Major,
    readonly dataDirectory: string,
  ) {
    this.host = embedded.host;
    this.port = embedded.port;
    this.version = embedded.version;
    this.superuser = embedded.superuser;
    this.bootstrapUser = embedded.bootstrapUser;
    this.#embedded = embedded;
  }

  async connect({ user = this.bootstrapUser, database = 'postgres', applicationName }: ConnectOptions = {}): Promise<Client> {
    const client = new Client({ host: this.host, port: this.port, user, database, application_name: applicationName });
    // Tests end connections on purpose, and an error of an idle client would end the test process.
    client.on('error', () => undefined);
    await client.connect();
    this.#clients.push(client);
    return client;
  }

  admin(database?: string): Promise<Client> {
    return this.connect({ user: this.superuser, database });
  }

  async runAsSuperuser<T extends object>(sql: string, database?: string): Promise<T[]> {
    const admin = await this.admin(database);
    try {
      const result: unknown = await admin.query(sql);
      return ((Array.isArray(result) ? result[result.length - 1] : result) as { rows: T[] }).rows;
    } finally {
      await admin.end();
    }
  }

  async createDatabase(name = `test_${(number += 1)}`): Promise<string> {
    const client = await this.connect();
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
    await client.end();
    return name;
  }

  url({ user = this.bootstrapUser, database = 'postgres' }: ConnectOptions = {}): string {
    const address = new URLSearchParams({ host: this.host, port: String(this.port) });
    return `postgresql://${encodeURIComponent(user)}@/${encodeURIComponent(database)}?${address.toString()}`;
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.#clients.splice(0).map((client) => client.end()));
    await this.#embedded.stop();
    rmSync(this.dataDirectory, { recursive: true, force: true });
  }
}
