import { chmod, chown, lstat, mkdir, mkdtemp, readdir, readlink, realpath, rmdir, symlink, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { TenantryError } from '../core';
import { temporaryFolder, unprivilegedAccount } from './account';
import { type Account, canWrite, run } from './command';

/** Where the data lies and whose it is. */
export interface Place {
  /** The real folder. */
  readonly folder: string;
  readonly account: Account | undefined;
}

/**
 * Finds or makes the folder for the data, owned by the account that the server will run as.
 *
 * Root's own folders cannot be entered by that account. The data then lies in a private folder of the temporary directory, and the
 * folder that was asked for becomes a link to it, so that the same data is found again.
 */
export async function placeData(dataDirectory: string): Promise<Place> {
  const asked = resolve(dataDirectory);
  try {
    await mkdir(dirname(asked), { recursive: true });
    await dropDanglingLink(asked);
    await mkdir(asked, { mode: 0o700 }).catch(ignore('EEXIST'));
    const folder = await realpath(asked);
    const content = await readdir(folder);
    if (content.length > 0 && !content.includes('PG_VERSION')) throw new Error('it holds something else');
    const account = await accountFor(folder, content.length === 0);
    if (await canWrite(folder, account)) return { folder, account };
    if (content.length > 0) throw new Error('it belongs to another user, or a folder above it is closed to others');
    await rmdir(asked);
    return { folder: await placeElsewhere(asked, account), account };
  } catch (error) {
    if (TenantryError.is(error)) throw error;
    throw unusableFolder(asked, error as Error);
  }
}

export function unusableFolder(path: string, cause: Error): TenantryError {
  const complaint = {
    code: 'embedded/data-directory',
    problem: `The server cannot keep its data in ${path}: ${cause.message}.`,
    fix: 'Name another folder, make this one writable, or run the command as the user who made it.',
  };
  return new TenantryError('failed', complaint, { cause });
}

/** Data that exists keeps its owner, so that it can be used by root and by that user in turn. */
async function accountFor(folder: string, empty: boolean): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = await lstat(folder);
  if (uid !== 0 && !empty) return { uid, gid };
  const account = await unprivilegedAccount();
  if (account) await run('chown', ['-R', `${account.uid}:${account.gid}`, folder]);
  return account;
}

async function placeElsewhere(asked: string, account: Account | undefined): Promise<string> {
  const home = await mkdtemp(join(await temporaryFolder(account), homePrefix));
  await chmod(home, 0o711);
  const folder = join(home, 'data');
  await mkdir(folder, { mode: 0o700 });
  if (account) await chown(folder, account.uid, account.gid);
  await symlink(folder, asked);
  return folder;
}

/** A link of ours whose target was cleaned away with the temporary directory. Other people's links are left alone. */
async function dropDanglingLink(asked: string): Promise<void> {
  const found = await lstat(asked).catch(ignore('ENOENT'));
  if (!found?.isSymbolicLink()) return;
  const target = await readlink(asked);
  const gone = (await lstat(target).catch(ignore('ENOENT'))) === undefined;
  if (gone && basename(dirname(target)).startsWith(homePrefix)) await unlink(asked);
}

function ignore(code: string): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (error.code !== code) throw error;
    return undefined;
  };
}

const homePrefix = 'tenantry-data-';
