import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compilerErrors } from '../support/compile';

const fixture = join(__dirname, '../types/declaration.types.ts');

it('wrong names do not compile, and row types come out of the declaration [DBS-2.1]', () => {
  expect(compilerErrors(fixture)).toEqual([]);
  expect(readFileSync(fixture, 'utf8').match(/@ts-expect-error --/g)?.length).toBeGreaterThanOrEqual(18);
});
