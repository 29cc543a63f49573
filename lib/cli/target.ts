import { readFile } from 'node:fs/promises';
import { fromIam, fromSecretsManager, fromUrls, trust } from '../bootstrap/connect/credentials';
import type { ServerAccess } from '../bootstrap';
import { TenantryError } from '../core/errors';
import { listOf } from '../core/text';
import { type LoadedManifest, readManifests, selectManifest } from '../manifest';

/** The options that say which declaration is meant and how to reach its server. */
export interface TargetOptions {
  readonly manifest: string;
  readonly database?: string;
  readonly databaseUrl?: readonly string[];
  readonly embedded?: boolean;
  readonly iam?: string;
  readonly ca?: string;
}

/** The options that every command on a database has. */
export interface CommonOptions extends TargetOptions {
  readonly format: 'text' | 'json';
  /** Seconds. */
  readonly lockWait: number;
}

/** Where `--embedded` keeps its data, below the working directory. */
export const EMBEDDED_DATA = '.tenantry/postgres';

/** Reads the manifest, opens the way to its server, and closes it again behind `use`. */
export async function withTarget<T>(options: TargetOptions, use: (access: ServerAccess, loaded: LoadedManifest) => Promise<T>): Promise<T> {
  const ways = [...(options.embedded === true ? ['--embedded'] : []), ...((options.databaseUrl ?? []).length > 0 ? ['--database-url'] : []), ...(options.iam === undefined ? [] : ['--iam'])];
  if (ways.length > 1) {
    throw new TenantryError('input', { code: 'cli/two-servers', at: ways[0], problem: `Both ${listOf(ways.slice(0, 2))} are given.`, fix: 'Give one of the two.' });
  }
  const loaded = selectManifest(readManifests(await readText(options.manifest, '--manifest'), options.manifest), options.database, options.manifest);
  if (options.embedded === true) {
    const { startEmbedded } = await import('../embedded/index.js');
    const server = await startEmbedded({ dataDirectory: EMBEDDED_DATA });
    try {
      return await use(await trust(server)(requestFor(loaded, server.bootstrapUser)), loaded);
    } finally {
      await server.stop();
    }
  }
  const ca = options.ca === undefined ? {} : { ca: await readText(options.ca, '--ca') };
  const urls = options.databaseUrl ?? [];
  const credentials = urls.length > 0 ? fromUrls(urls, ca) : options.iam === undefined ? fromSecretsManager(ca) : fromIam(ca);
  return use(await credentials(requestFor(loaded, options.iam)), loaded);
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
