import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds behind which nobody holds a lock any more: what is done under one takes a few. */
const LEFT_BEHIND = 20_000;
/** Milliseconds to wait: time enough for one that was left behind. */
const PATIENCE = 60_000;

/** Thrown where a lock was not to be had. */
export class FileLocked extends Error {
  constructor(readonly lock: string) {
    super(`${lock} is there all the time`);
  }
}

/**
 * Runs `work` while no other process does so for the same file. The lock is a file beside it; one that a killed process left behind is taken away.
 *
 * @param work - is told how to ask whether the lock is still its own, which it is not in a process that was stopped for long
 * @throws FileLocked
 */
export async function whileLocked<T>(file: string, work: (isMine: () => Promise<boolean>) => Promise<T>): Promise<T> {
  const lock = `${file}.lock`;
  const mark = `${process.pid}-${randomBytes(8).toString('hex')}`;
  for (const until = Date.now() + PATIENCE; !(await isTaken(lock, mark)); await sleep(5 + Math.random() * 20)) {
    await takeAway(lock);
    if (Date.now() > until) throw new FileLocked(lock);
  }
  const isMine = async (): Promise<boolean> => (await readFile(lock, 'utf8').catch(() => '')) === mark;
  try {
    return await work(isMine);
  } finally {
    if (await isMine()) await rm(lock, { force: true });
  }
}

async function isTaken(lock: string, mark: string): Promise<boolean> {
  const handle = await open(lock, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return undefined;
    throw error;
  });
  if (handle === undefined) return false;
  await handle.writeFile(mark).finally(() => handle.close());
  return true;
}

/** One that was left behind. Where somebody else was faster, what was taken is a new one, and is put back. */
async function takeAway(lock: string): Promise<void> {
  if (!(await isOld(lock))) return;
  const away = `${lock}.${process.pid}-${randomBytes(4).toString('hex')}`;
  if (!(await rename(lock, away).then(() => true, () => false))) return;
  if (!(await isOld(away))) await link(away, lock).catch(() => undefined);
  await rm(away, { force: true });
}

const isOld = (path: string): Promise<boolean> => stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs > LEFT_BEHIND, () => false);
