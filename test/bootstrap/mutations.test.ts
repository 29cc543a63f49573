import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KINDS } from '../../lib/bootstrap/kinds/registry';
import { mutations } from './mutations/mutations';
import { casesOf, mutationTests, roundsOf } from './support/mutations';

/** The newest version knows every property. */
const all = casesOf(mutations, 18);

it('each property that a kind compares is changed by hand, and no other is', () => {
  const changed = (kind: string): string[] => [...new Set(all.filter((mutation) => mutation.kind === kind).map(({ property }) => property))].sort();
  const kinds = new Set([...KINDS.map(({ name }) => name), ...Object.keys(mutations)]);
  expect(Object.fromEntries([...kinds].map((kind) => [kind, changed(kind)]))).toEqual(Object.fromEntries(KINDS.map(({ name, compares }) => [name, [...compares].sort()])));
});

it('every change is in one round, and there are 80 or more', () => {
  const titles = (cases: readonly { readonly kind: string; readonly title: string }[]): string[] => cases.map(({ kind, title }) => `${kind}: ${title}`).sort();
  expect(titles(roundsOf(all).flat())).toEqual(titles(all));
  expect(new Set(titles(all)).size).toBe(all.length);
  expect(all.length).toBeGreaterThanOrEqual(80);
});

it('the README lists what each kind compares', () => {
  const table = ['| kind | compared |', '|---|---|', ...KINDS.map(({ name, compares }) => `| ${name} | ${compares.join(', ')} |`)].join('\n');
  expect(readFileSync(join(__dirname, '../../lib/bootstrap/README.md'), 'utf8')).toContain(table);
});

mutationTests('hand-made changes [ARC-5.2] [DBAAS-5.2] [DBS-3.3]', mutations);
