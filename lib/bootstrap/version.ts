import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Version of this package, from the nearest package.json above this file: it lies at another depth when compiled. */
export const VERSION: string = nearestVersion(__dirname);

function nearestVersion(folder: string): string {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string; version?: string };
    if (name === 'tenantry' && version !== undefined) return version;
  } catch {
    // No package.json here: look further up.
  }
  return dirname(folder) === folder ? '0.0.0' : nearestVersion(dirname(folder));
}
