import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string | undefined;

/** A file for an asset, which is copied while the app is synthesized. It goes when the process ends. */
export function temporaryFile(name: string, bytes: Buffer): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'tenantry-asset-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}
