import { chmodSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

/** An empty folder for one test, removed with everything else at the end of the run. Servers that run as another user can enter it. */
export function freshFolder(name = 'folder'): string {
  const folder = mkdtempSync(join(inject('runFolder'), `${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}
