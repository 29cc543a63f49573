import { chmodSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

/** An empty folder for one test, removed with everything else at the end of the run. Servers that run as another user can enter it. */
export const freshFolder = (name = 'folder'): string => freshIn(inject('runFolder'), name);

/** The same for the data of a server that the test starts itself. */
export const freshServerFolder = (): string => freshIn(inject('serverFolder'), 'data');

function freshIn(parent: string, name: string): string {
  const folder = mkdtempSync(join(parent, `${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}
