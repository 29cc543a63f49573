import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compilerErrors } from '../support/compile';

const fixture = join(__dirname, '../types/ha-cluster.types.ts');

it('what a topology, a size or an objective cannot be does not compile', () => {
  expect(compilerErrors(fixture)).toEqual([]);
  expect(readFileSync(fixture, 'utf8').match(/@ts-expect-error --/g)?.length).toBeGreaterThanOrEqual(24);
});
