import { readFile } from 'node:fs/promises';
import { fromIam, fromSecretsManager, fromUrls, trust } from '../bootstrap/connect/credentials';
import { firstStore, passwordFile, type PasswordStore, type ReachedCell, refuseOneServerTwice, secretsManagerStore, type ServerAccess } from '../bootstrap';
import { TenantryError } from '../core/errors';
import { listOf } from '../core/text';
import { type Cell, cellsOf, fetchManifest, type LoadedManifest, readManifests, selectManifest } from '../manifest';
import { isPlaceInAws } from '../manifest/place';

/** The options that say which declaration is meant and how to reach its server. */
export interface TargetOptions {
  /** A file, or a place in AWS. */
  readonly manifest?: string;
  readonly database?: string;
  readonly databaseUrl?: readonly string[];
  readonly embedded?: boolean;
  readonly iam?: string;
  readonly ca?: string;
  /** Where passwords of logins go that have no secret. */
  readonly passwords?: string;
  /** Name of the server that is meant, where tenants have servers for themselves. */
  readonly server?: string;
}

/** A server that is reached. */
export interface Target {
  readonly access: ServerAccess;
  readonly loaded: LoadedManifest;
  /** Where the passwords of logins are kept. @default - nobody said where */
  readonly passwords?: PasswordStore;
}

/** The options that every command on a database has. */
export interface CommonOptions extends TargetOptions {
  readonly format: 'text' | 'json';
}

/** Of commands that change something. */
export interface LockOptions {
  /** Seconds. */
  readonly lockWait: number;
}

/** Where `--embedded` keeps its data, below the working directory. */
export const EMBEDDED_DATA = '.tenantry/postgres';
/** Where the passwords of its logins go. */
const EMBEDDED_PASSWORDS = '.tenantry/passwords.json';

export async function loadManifest({ manifest, database }: Pick<TargetOptions, 'manifest' | 'database'>): Promise<LoadedManifest> {
  if (manifest === undefined) {
    throw new TenantryError('input', {
      code: 'cli/no-manifest', at: '--manifest', problem: 'It is not said which manifest is meant.',
      fix: 'Give --manifest FILE, with the file that cdktf deploy --outputs-file wrote, or --manifest ssm:PARAMETER; TENANTRY_MANIFEST in the environment says the same.',
    });
  }
  const text = isPlaceInAws(manifest) ? await fetchManifest(manifest) : await readText(manifest, '--manifest');
  return selectManifest(readManifests(text, manifest), database, manifest);
}

/** Reads the manifest, opens the way to one of its servers, and closes it again behind `use`: the home's, unless `--server` names another one. */
export async function withTarget<T>(options: TargetOptions, use: (target: Target) => Promise<T>): Promise<T> {
  return reach(options, (cells) => [cellNamed(cells, options.server)], ([cell]) => use(cell));
}

/** The same for what is done with one tenant: where the manifest declares a server of its own for it, that one is meant. */
export async function withTenantTarget<T>(options: TargetOptions, tenant: string, use: (target: Target) => Promise<T>): Promise<T> {
  return reach(options, (cells) => [options.server === undefined ? cells.find((cell) => cell.tenant === tenant) ?? cells[0] : cellNamed(cells, options.server)], ([cell]) => use(cell));
}

/** Servers that are reached, the home's first. */
export type ReachedCells = readonly [ReachedCell, ...ReachedCell[]];

/**
 * Reads the manifest and opens the way to all of its servers, or to the one that `--server` names and the home's, whose registry says who is where.
 *
 * @param use - is given them, and what picks those that are asked for
 */
export async function withCells<T>(options: TargetOptions, use: (cells: ReachedCells, asked: (cells: ReachedCells) => readonly ReachedCell[]) => Promise<T>): Promise<T> {
  const { server } = options;
  return reach(options, ([home, ...others]) => (server === undefined ? [home, ...others] : server === home.server ? [home] : [home, cellNamed([home, ...others], server)]), (cells) => {
    refuseOneServerTwice(cells);
    return use(cells, (all) => (server === undefined ? all : all.filter((cell) => cell.server === server)));
  });
}

type Cells = readonly [Cell, ...Cell[]];

function cellNamed(cells: Cells, server: string | undefined): Cell {
  const found = server === undefined ? cells[0] : cells.find((cell) => cell.server === server);
  if (found !== undefined) return found;
  throw new TenantryError('input', { code: 'cli/server', at: '--server', problem: `There is no server ${JSON.stringify(server)} in the manifest; there are ${listOf(cells.map((cell) => cell.server))}.`, fix: 'Give one of these names, or leave --server out for all of them.' });
}

async function reach<T>(options: TargetOptions, pick: (cells: Cells) => Cells, use: (cells: ReachedCells) => Promise<T>): Promise<T> {
  const ways = [...(options.embedded === true ? ['--embedded'] : []), ...((options.databaseUrl ?? []).length > 0 ? ['--database-url'] : []), ...(options.iam === undefined ? [] : ['--iam'])];
  if (ways.length > 1) {
    throw new TenantryError('input', { code: 'cli/two-servers', at: ways[0], problem: `Both ${listOf(ways.slice(0, 2))} are given.`, fix: 'Give one of the two.' });
  }
  const cells = pick(cellsOf(await loadManifest(options)) as unknown as Cells);
  if (options.embedded === true) return embedded(cells, options, use);
  const ca = options.ca === undefined ? {} : { ca: await readText(options.ca, '--ca') };
  const urls = options.databaseUrl ?? [];
  const credentials = urls.length > 0 ? fromUrls(urls, ca) : options.iam === undefined ? fromSecretsManager(ca) : fromIam(ca);
  const reached: ReachedCell[] = [];
  for (const cell of cells) reached.push(targetOf(await credentials(requestFor(cell.loaded, options.iam)), cell, options.passwords));
  return use(reached as unknown as ReachedCells);
}

/** A PostgreSQL of its own for each server. */
async function embedded<T>(cells: Cells, options: TargetOptions, use: (cells: ReachedCells) => Promise<T>): Promise<T> {
  const { startEmbedded } = await import('../embedded/index.js');
  const started: Awaited<ReturnType<typeof startEmbedded>>[] = [];
  try {
    const reached: ReachedCell[] = [];
    for (const cell of cells) {
      const server = await startEmbedded({ dataDirectory: cell.tenant === undefined ? EMBEDDED_DATA : `${EMBEDDED_DATA}-${cell.server}` });
      started.push(server);
      reached.push(targetOf(await trust(server)(requestFor(cell.loaded, server.bootstrapUser)), cell, options.passwords ?? EMBEDDED_PASSWORDS));
    }
    return await use(reached as unknown as ReachedCells);
  } finally {
    await Promise.all(started.map((server) => server.stop()));
  }
}

/**
 * The secrets of the manifest hold the passwords of the server that it names. On any other one, a copy for instance, the same logins have
 * other passwords, which must never go there.
 */
function targetOf(access: ServerAccess, cell: Cell, file: string | undefined): ReachedCell {
  const { server } = requestFor(cell.loaded);
  const stores = [...(access.host === server.host && access.port === Number(server.port) ? [secretsManagerStore(server)] : []), ...(file === undefined ? [] : [passwordFile(file, cell.loaded.cell)])];
  return { ...cell, access, ...(stores.length === 0 ? {} : { passwords: firstStore(stores) }) };
}

function requestFor({ manifest }: LoadedManifest, user?: string) {
  const server = manifest.servers[manifest.home];
  if (server === undefined) throw new Error(`manifest without server ${manifest.home}`);
  return { name: manifest.home, server, user: user ?? server.masterUsername };
}

/** The text of a file that an option names. */
export async function readText(file: string, option: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TenantryError('input', {
      code: 'cli/file', at: option, problem: `${JSON.stringify(file)} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'access is denied' : String(code)}.`,
      fix: option === '--manifest' ? 'Give the file that cdktf deploy --outputs-file wrote, a manifest, or cdktf.out/stacks/<stack>/cdk.tf.json.' : 'Check the path.',
    }, { cause: error });
  }
}
