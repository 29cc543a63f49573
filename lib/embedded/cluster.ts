import { chown, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TenantryError } from '../core';
import type { Binaries } from './binaries';
import { run } from './command';
import { isRunning } from './in-use';
import { type Place, unusableFolder } from './place';

/** The user that initdb makes. */
export const superuser = 'postgres';

/** The login that bootstraps: what a master user may do on RDS, and no more. */
export const bootstrapUser = 'tenantry_bootstrap';

/** Makes a data directory with its roles where there is none. All or nothing: it is made beside its place and then moved. */
export async function ensureCluster(place: Place, binaries: Binaries, options: { readonly sync: boolean }): Promise<void> {
  const { folder } = place;
  if (await hasData(folder, binaries)) return;
  const parent = dirname(folder);
  const prefix = `.${basename(folder)}.new-`;
  await dropLeftovers(parent, prefix);
  const fresh = await mkdtemp(join(parent, `${prefix}${process.pid}-`));
  try {
    if (place.account) await chown(fresh, place.account.uid, place.account.gid);
    await initialise(fresh, place, binaries, options);
    await rename(fresh, folder);
  } catch (error) {
    // Where another process was faster, its data serves as well.
    if (TenantryError.is(error)) throw error;
    if (!(await hasData(folder, binaries))) throw unusableFolder(folder, error as Error);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function hasData(folder: string, binaries: Binaries): Promise<boolean> {
  const version = await readFile(join(folder, 'PG_VERSION'), 'utf8').then((text) => text.trim(), () => undefined);
  if (version === undefined) return false;
  if (Number(version) === binaries.major) return true;
  throw new TenantryError('failed', {
    code: 'embedded/other-version',
    problem: `${folder} holds data of PostgreSQL ${version}; the server at hand is PostgreSQL ${binaries.version}, which cannot read it.`,
    fix: `To start with an empty server: mv ${folder} ${folder}-${version}\nTo keep the content, dump it with PostgreSQL ${version} first.`,
  });
}

async function initialise(fresh: string, { account }: Place, binaries: Binaries, options: { readonly sync: boolean }): Promise<void> {
  const initdb = await run(binaries.initdb, initdbArguments(fresh, binaries.major, options.sync), account);
  if (initdb.code !== 0) throw initialisationFailed('initdb', initdb.output);
  // The single-user mode needs no socket, and so no server to wait for and stop again.
  const role = `CREATE ROLE ${bootstrapUser} LOGIN NOSUPERUSER CREATEDB CREATEROLE\n`;
  const flags = ['--single', '-D', fresh, '-c', 'exit_on_error=on', '-c', `fsync=${options.sync ? 'on' : 'off'}`, 'postgres'];
  const single = await run(binaries.postgres, flags, account, role);
  if (single.code !== 0) throw initialisationFailed('CREATE ROLE', single.output);
}

function initdbArguments(folder: string, major: number, sync: boolean): string[] {
  const locale = major >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'] : ['--locale=C'];
  const common = ['-D', folder, '-U', superuser, '--encoding=UTF8', '--data-checksums', '--auth-local=trust', '--auth-host=reject'];
  return [...common, ...locale, ...(sync ? [] : ['--no-sync'])];
}

function initialisationFailed(step: string, output: string): TenantryError {
  // A container that was started with a bare number as its user.
  const unknownUser = /could not look up effective user ID/.test(output);
  return new TenantryError('failed', {
    code: 'embedded/initdb-failed',
    problem: `The embedded PostgreSQL could not make its data directory (${step}):\n${output.split('\n').slice(-10).join('\n')}`,
    fix: unknownUser ? 'Run the command as a user that has a name in /etc/passwd, or as root.' : undefined,
  });
}

/** What processes that were killed at the wrong moment left behind. */
async function dropLeftovers(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const owner = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
    if (Number.isInteger(owner) && !isRunning(owner)) await rm(join(parent, name), { recursive: true, force: true });
  }
}
