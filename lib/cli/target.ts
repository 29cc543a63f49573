import { readFile } from 'node:fs/promises';
import { fromIam, fromSecretsManager, fromUrls, trust } from '../bootstrap/connect/credentials';
import { firstStore, passwordFile, type PasswordStore, secretsManagerStore, type ServerAccess } from '../bootstrap';
import { TenantryError } from '../core/errors';
import { listOf } from '../core/text';
import { fetchManifest, type LoadedManifest, readManifests, selectManifest } from '../manifest';
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

/** Reads the manifest, opens the way to its server, and closes it again behind `use`. */
export async function withTarget<T>(options: TargetOptions, use: (target: Target) => Promise<T>): Promise<T> {
  const ways = [...(options.embedded === true ? ['--embedded'] : []), ...((options.databaseUrl ?? []).length > 0 ? ['--database-url'] : []), ...(options.iam === undefined ? [] : ['--iam'])];
  if (ways.length > 1) {
    throw new TenantryError('input', { code: 'cli/two-servers', at: ways[0], problem: `Both ${listOf(ways.slice(0, 2))} are given.`, fix: 'Give one of the two.' });
  }
  const loaded = await loadManifest(options);
  if (options.embedded === true) {
    const { startEmbedded } = await import('../embedded/index.js');
    const server = await startEmbedded({ dataDirectory: EMBEDDED_DATA });
    try {
      return await use(targetOf(await trust(server)(requestFor(loaded, server.bootstrapUser)), loaded, options.passwords ?? EMBEDDED_PASSWORDS));
    } finally {
      await server.stop();
    }
  }
  const ca = options.ca === undefined ? {} : { ca: await readText(options.ca, '--ca') };
  const urls = options.databaseUrl ?? [];
  const credentials = urls.length > 0 ? fromUrls(urls, ca) : options.iam === undefined ? fromSecretsManager(ca) : fromIam(ca);
  return use(targetOf(await credentials(requestFor(loaded, options.iam)), loaded, options.passwords));
}

/**
 * The secrets of the manifest hold the passwords of the server that it names. On any other one, a copy for instance, the same logins have
 * other passwords, which must never go there.
 */
function targetOf(access: ServerAccess, loaded: LoadedManifest, file: string | undefined): Target {
  const { server } = requestFor(loaded);
  const stores = [...(access.host === server.host && access.port === Number(server.port) ? [secretsManagerStore(server)] : []), ...(file === undefined ? [] : [passwordFile(file)])];
  return { access, loaded, ...(stores.length === 0 ? {} : { passwords: firstStore(stores) }) };
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
