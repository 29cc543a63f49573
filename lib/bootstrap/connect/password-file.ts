import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { TenantryError } from '../../core/errors';
import { FileLocked, whileLocked } from './file-lock';
import type { PasswordStore } from './password-store';
import { fieldOf } from './secret-field';

/** The text of a file of passwords: JSON, `{ "<login>": "<password>" }`. */
export async function readPasswords(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new TenantryError('input', { code: 'connect/password-file', at: path, problem: `The file cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'no reason given'}.`, fix: 'Check the path and who may read it.' }, { cause: error });
  }
}

/** How a file names a login of a server that one tenant has for itself: logins of the same name on other servers have other passwords. */
export const loginOnServer = (server: string, login: string): string => `${server}/${login}`;

/**
 * Keeps passwords in a file that only its owner may read: what `fromFile` reads. It is replaced as a whole, so that a reader never sees half of it.
 *
 * @param server - name of a server that one tenant has for itself. @default - the home's
 */
export function passwordFile(path: string, server?: string): PasswordStore {
  const file = resolve(path);
  const entryOf = (login: string): string => (server === undefined ? login : loginOnServer(server, login));
  return {
    place: async (login) => ({ location: file, declared: false, empty: fieldOf(await textOf(file), entryOf(login)) === undefined }),
    async keep({ login, password }) {
      // Another apply may keep a password at the same time: neither may lose the other's.
      while (!(await update(file, (entries) => ({ ...entries, [entryOf(login)]: password }))));
      return undefined;
    },
  };
}

/** A file that is not there yet is empty. */
async function textOf(file: string): Promise<string> {
  try {
    return await readPasswords(file);
  } catch (error) {
    if (((error as Error).cause as NodeJS.ErrnoException).code === 'ENOENT') return '{}';
    throw error;
  }
}

/** Other entries are kept as they are; a file that is something else is not overwritten. */
function entriesOf(text: string, file: string): object {
  try {
    const entries = JSON.parse(text) as unknown;
    if (typeof entries === 'object' && entries !== null && !Array.isArray(entries)) return entries;
  } catch {
    // What the parser says would repeat a part of the text.
  }
  throw new TenantryError('input', { code: 'connect/password-file', at: file, problem: 'The file is no JSON object of logins and passwords, and is not overwritten.', fix: 'Name another file, or move this one away.' });
}

/** @returns false where somebody else may have changed the file meanwhile */
async function update(file: string, change: (entries: object) => object): Promise<boolean> {
  try {
    await mkdir(dirname(file), { recursive: true });
    // A link stays one.
    const target = await realpath(file).catch(() => file);
    return await whileLocked(target, async (isMine) => {
      const text = `${JSON.stringify(change(entriesOf(await textOf(file), file)), null, 2)}\n`;
      return replace(target, text, isMine);
    });
  } catch (error) {
    if (TenantryError.is(error)) throw error;
    if (error instanceof FileLocked) {
      throw new TenantryError('failed', { code: 'password/not-kept', at: file, problem: `Another process keeps writing into the file: ${error.lock} is there all the time. No password was set.`, fix: 'Wait until it ends and apply again. Where there is none, remove that file.' }, { cause: error });
    }
    throw new TenantryError('failed', { code: 'password/not-kept', at: file, problem: `The file cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'no reason given'}. No password was set.`, fix: 'Check the path and who may write there, and apply again.' }, { cause: error });
  }
}

async function replace(target: string, text: string, isMine: () => Promise<boolean>): Promise<boolean> {
  const fresh = `${target}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    const handle = await open(fresh, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const mine = await isMine();
    if (mine) await rename(fresh, target);
    return mine;
  } finally {
    await rm(fresh, { force: true });
  }
}
