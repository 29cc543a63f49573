import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/** Files of this repository that a file loads, directly or not. */
function loaded(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles) {
    if (!fileName.startsWith('.')) continue;
    const path = join(dirname(file), fileName);
    const found = [`${path}.ts`, join(path, 'index.ts')].find((candidate) => existsSync(candidate));
    if (found !== undefined) loaded(relative('.', found), seen);
  }
  return seen;
}
const standIn = (file: string): string[] => [...loaded(file)].filter((path) => path.startsWith('lib/rehearsal/'));

describe('targets', () => {
  it('with the real provider load nothing of the stand-in', () => {
    expect(standIn('test/targets/provider.ts')).toEqual([]);
    expect(standIn('test/targets/programs.ts')).toEqual([]);
    // The rehearsal does, so that the search finds what is there.
    expect(standIn('test/targets/rehearsal.ts')).toContain('lib/rehearsal/cloud/store.ts');
  });
});
