import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, unprivilegedAccount } from '../../lib/embedded/account';
import { isRunning } from '../../lib/embedded/in-use';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder for everything that this test run writes. Removed at its end. */
    runFolder: string;
  }
}

const prefix = 'tenantry-test-';

/** Makes the folder of this run, and removes those of runs that were killed. */
export default async function setup(project: { provide(key: 'runFolder', value: string): void }): Promise<() => void> {
  // The servers run as another user when the tests run as root, and must reach it.
  const parent = await temporaryFolder(await unprivilegedAccount());
  for (const name of readdirSync(parent)) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (owner !== undefined && !isRunning(Number(owner))) rmSync(join(parent, name), { recursive: true, force: true });
  }
  const folder = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
  chmodSync(folder, 0o755);
  project.provide('runFolder', folder);
  // Whatever a test or a program that it calls leaves in the temporary directory goes too.
  const temporary = join(folder, 't');
  mkdirSync(temporary);
  chmodSync(temporary, 0o1777);
  process.env.TMPDIR = temporary;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
