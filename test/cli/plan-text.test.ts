import { expect, it } from 'vitest';
import type { Plan } from '../../lib/bootstrap';
import { planText } from '../../lib/cli/output/plan-text';
import { colorsFor } from '../../lib/cli/streams';

type Change = Extract<Plan['differences'][number], { type: 'change' }>;

const change = (kind: string, summary: string, fields: Partial<Change> = {}): Change =>
  ({ type: 'change', kind, target: 'shop', place: 'shop', action: 'create', summary, reason: '', sql: ['select'], actor: 'owner', stage: 'main', lock: 'Share', hazard: 'none', ...fields }) as Change;
const textOf = (...differences: Change[]): string[] => planText(
  { declaration: 'shop', address: 'a', serverVersion: '18.4', tenants: 1, differences, failedTenants: [], drifted: false, fingerprint: '' }, 'staging', colorsFor({ out: { write: () => true, isTTY: false }, err: { write: () => true, isTTY: false }, env: {} }),
).split('\n').map((line) => line.trim().replace(/ {2,}/g, '  ')).filter((line) => /^[+~]|statement/.test(line));

const record = change('place content', 'write down what the place holds', { action: 'alter', lock: 'none' });

it('a plan tells other changes without what is written down of places, and counts it', () => {
  expect(textOf(change('column', 'add column a.b text'), record)).toEqual(['+ column  add column a.b text  Share, ms', '2 changes in 2 statements, 1 of them to write down what places hold. Nothing is lost. Longest lock: milliseconds.']);
  expect(textOf(record)).toEqual(['~ place content  write down what the place holds  no lock', '1 change in 1 statement. Nothing is lost. No table is locked.']);
});

it('a plan tells in one line what is done in each partition, and whether who uses a default partition waits', () => {
  const inParts = (place: string, ...parts: string[]) => parts.map((part) => change('index', `create index i on a, in ${part}`, { place, hazard: 'scan' }));
  expect(textOf(...inParts('shop', 'a_p1', 'a_p2'), ...inParts('shop__x', 'a_p1', 'a_p3'), ...inParts('shop__y', 'a_p1'))).toEqual([
    '+ index  create index i on a, in 2 partitions  Share, reads the table  × 2', '+ index  create index i on a, in a_p1  Share, reads the table', '2 changes in 5 statements. Nothing is lost. Longest lock: while a table is read, without blocking reads or writes.',
  ]);
  expect(textOf(change('partition', 'create partition a_p3 of a', { hazard: 'scan', lock: 'AccessExclusive' }))[1]).toContain('Longest lock: while a default partition is read, which whoever reads or writes there waits for.');
});
