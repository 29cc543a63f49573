import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readStacks, selectStacks } from '../../lib/rehearsal/run/application';
import { at, inRegions, type WrittenStack, writeStacks } from './support/stacks';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function stacksOf(stacks: Readonly<Record<string, WrittenStack>>) {
  const folder = mkdtempSync(join(tmpdir(), 'stacks-'));
  folders.push(folder);
  return readStacks(writeStacks(folder, stacks));
}
const empty = { configuration: inRegions('eu-central-1') };

describe('stacks of an application', () => {
  it('come behind those that they read from', () => {
    expect(stacksOf({ a: { ...empty, dependencies: ['b'] }, b: { ...empty, dependencies: ['c'] }, c: empty, d: empty }).map(({ name }) => name)).toEqual(['c', 'd', 'b', 'a']);
  });

  it('are refused when they read from each other', () => {
    expect(() => stacksOf({ a: { ...empty, dependencies: ['b'] }, b: { ...empty, dependencies: ['a'] } })).toThrow('rehearsal/cycle  at a\n\n  The stacks a and b read from each other, so that none can be the first.\n\n  Move what one of them reads into a stack that both read from.');
  });

  it('are refused when one reads from a stack that is not there', () => {
    expect(() => stacksOf({ data: { ...empty, dependencies: ['foundation'] } })).toThrow('rehearsal/no-stack  at data\n\n  The stack data reads from the stack "foundation", which is not there; there are data.\n\n  Synthesize both in one application.');
  });

  it('are selected by a pattern, together with those that they read from', () => {
    const stacks = stacksOf({ 'prod-net': empty, 'prod-data': { ...empty, dependencies: ['prod-net'] }, 'dev-data': empty });
    expect(selectStacks(stacks, '*-data').map(({ name }) => name)).toEqual(['dev-data', 'prod-net', 'prod-data']);
    expect(() => selectStacks(stacks, 'stage-*')).toThrow('No stack is called "stage-*"; there are dev-data, prod-net and prod-data.');
  });

  it('keep the construct path of each block', () => {
    expect(stacksOf({ a: { configuration: { ...inRegions('eu-central-1'), resource: { aws_vpc: { v: at('a/Net/Vpc', {}) } } } } })[0]?.configuration.resource?.['aws_vpc']?.['v']).toMatchObject({ '//': { metadata: { path: 'a/Net/Vpc' } } });
  });
});
