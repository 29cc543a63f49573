import { tmpdir } from 'node:os';
import { TenantryError } from '../core';
import { type Account, canWrite, run } from './command';

/** The account for the server's processes: nobody's when we are root, which PostgreSQL refuses; otherwise our own. */
export async function unprivilegedAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all([run('id', ['-u', 'nobody']), run('id', ['-g', 'nobody'])]);
  const account = { uid: Number(uid.output), gid: Number(gid.output) };
  // A container may know the user's name and yet lack its number.
  if (uid.code === 0 && gid.code === 0 && (await run('/bin/sh', ['-c', ':'], account)).code === 0) return account;
  throw new TenantryError('failed', {
    code: 'embedded/no-account',
    problem: 'PostgreSQL does not run as root, and this system has no user "nobody" to run it as.',
    fix: 'Run the command as an ordinary user.',
  });
}

/** A folder for temporary files that the account can write in. Short enough for the path of a socket below it. */
export async function temporaryFolder(account?: Account): Promise<string> {
  for (const folder of [tmpdir(), '/tmp', '/var/tmp']) {
    if (Buffer.byteLength(folder) <= longestFolder && (await canWrite(folder, account))) return folder;
  }
  throw new TenantryError('failed', {
    code: 'embedded/no-temporary-folder',
    problem: `The server needs a folder for its socket, and can write neither in ${tmpdir()} nor in /tmp.`,
    fix: `Set TMPDIR to a folder that every user can write in, of at most ${longestFolder} bytes.`,
  });
}

// The address of a Unix socket holds 103 bytes on macOS and 107 on Linux; `/tenantry-4194304-XXXXXX/.s.PGSQL.5432` takes 38 of them.
const longestFolder = 65;
