import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder, unprivilegedAccount } from '../../lib/embedded/account';
import { type Account, canWrite } from '../../lib/embedded/command';
import { isRunning } from '../../lib/embedded/in-use';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder for everything that this test run writes. Removed at its end. */
    runFolder: string;
    /** Folder for the data of its servers. Removed at its end. */
    serverFolder: string;
  }
}

const prefix = 'tenantry-test-';
const MEMORY = '/dev/shm';
/** What the servers of a run need at the same time is about a tenth of it. */
const ROOM = 4 * 2 ** 30;

interface Folders {
  readonly runFolder: string;
  readonly serverFolder: string;
}

/** Each project of the configuration asks for them, from a module of its own. */
const shared = globalThis as { tenantryTestFolders?: Promise<Folders> };

/** Makes the folders of this run, and removes those of runs that were killed. */
export default async function setup(project: { provide(key: keyof Folders, value: string): void }): Promise<() => void> {
  shared.tenantryTestFolders ??= makeFolders();
  const { runFolder, serverFolder } = await shared.tenantryTestFolders;
  project.provide('runFolder', runFolder);
  project.provide('serverFolder', serverFolder);
  return () => {
    for (const folder of new Set([runFolder, serverFolder])) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}

async function makeFolders(): Promise<Folders> {
  // The servers run as another user when the tests run as root, and must reach it.
  const account = await unprivilegedAccount();
  const runFolder = freshIn(await temporaryFolder(account));
  const serverFolder = (await hasRoom(MEMORY, account)) ? freshIn(MEMORY) : runFolder;
  // Whatever a test or a program that it calls leaves in the temporary directory goes too.
  const temporary = join(runFolder, 't');
  mkdirSync(temporary);
  chmodSync(temporary, 0o1777);
  process.env.TMPDIR = temporary;
  return { runFolder, serverFolder };
}

function freshIn(parent: string): string {
  for (const name of readdirSync(parent)) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    try {
      rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 5 });
    } catch {
      // It is another user's.
    }
  }
  const folder = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
  chmodSync(folder, 0o755);
  return folder;
}

/** Making a database is hundreds of files: in memory that takes a tenth of the time. Not where memory is short, as in a container by default. */
async function hasRoom(folder: string, account?: Account): Promise<boolean> {
  if (!(await canWrite(folder, account))) return false;
  const { bavail, bsize } = statfsSync(folder);
  return Math.min(bavail * bsize, freemem() / 2, (process.constrainedMemory() || Infinity) / 2) >= ROOM;
}
