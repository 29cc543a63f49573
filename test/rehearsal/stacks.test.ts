import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStacks, selectStacks } from '../../lib/rehearsal/run/application';
import { fulfils } from '../../lib/rehearsal/run/provider-version';
import { standInsFor } from '../../lib/rehearsal/run/stand-ins';
import { expressionsIn } from '../../lib/rehearsal/run/usage';
import { workspaceIn, writeOverride } from '../../lib/rehearsal/run/workspace';
import { freshFolder } from '../support/fresh-folder';
import { at, inRegions, type WrittenStack, writeStacks } from './support/stacks';

function stacksOf(stacks: Readonly<Record<string, WrittenStack>>) {
  const folder = freshFolder('stacks');
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

  it('are refused when there are none, and when they are no JSON', () => {
    const folder = freshFolder('stacks');
    expect(() => readStacks(writeStacks(folder, {}))).toThrow(`rehearsal/no-stacks  at ${folder}\n\n  The application has no stack, so there is nothing to rehearse.\n\n  Add a stack to the application.`);
    writeFileSync(join(folder, 'manifest.json'), 'stacks {');
    expect(() => readStacks(folder)).toThrow(`rehearsal/not-json  at ${join(folder, 'manifest.json')}\n\n  The file is no JSON.\n\n  Synthesize again, and without --hcl.`);
  });

  it('read the state that they mean, also where no bucket tells two apart', () => {
    const organisation = (name: string) => ({ hostname: 'terraform.example', organization: 'acme', workspaces: { name } });
    const own = (name: string, more: object = {}): WrittenStack => ({ configuration: { terraform: { backend: { remote: organisation(name) } }, ...more } });
    const reading = (name: string): WrittenStack => own('reader', { data: { terraform_remote_state: { other: { backend: 'remote', config: organisation(name) } } } });
    const sourceIn = (stacks: Readonly<Record<string, WrittenStack>>): string => {
      const all = stacksOf(stacks);
      const folder = freshFolder('stacks');
      writeOverride(workspaceIn(folder, folder), all.find(({ name }) => name === 'reader')!, all, folder);
      const { data } = JSON.parse(readFileSync(join(folder, 'rehearsal_override.tf.json'), 'utf8')) as { data: { terraform_remote_state: { other: { config: { path: string } } } } };
      return basename(data.terraform_remote_state.other.config.path);
    };
    expect(sourceIn({ a: own('first'), b: own('second'), reader: reading('second') })).toBe('b.tfstate');
    expect(() => sourceIn({ a: own('first'), b: own('second'), reader: reading('third') })).toThrow('The stack reads the state "other", which none of the stacks here writes.');
  });

  it('keep the construct path of each block', () => {
    expect(stacksOf({ a: { configuration: { ...inRegions('eu-central-1'), resource: { aws_vpc: { v: at('a/Net/Vpc', {}) } } } } })[0]?.configuration.resource?.['aws_vpc']?.['v']).toMatchObject({ '//': { metadata: { path: 'a/Net/Vpc' } } });
  });
});

describe('expressions of a text', () => {
  it('end where their brace does, and are none behind another dollar', () => {
    expect(expressionsIn('${a} and ${jsonencode({"x" = {"y" = 1}, "z" = b.c.d})}')).toEqual(['${a}', '${jsonencode({"x" = {"y" = 1}, "z" = b.c.d})}']);
    expect(expressionsIn('$${a.b.c} costs 5 $')).toEqual([]);
  });
});

describe('the version of a provider', () => {
  it.each([
    ['6.25.0', true], ['= 6.25.0', true], ['6.25.1', false], ['~> 6.0', true], ['~> 6.25.0', true], ['~> 6.24.0', false], ['~> 5.0', false], ['>= 6.0, < 7.0', true], ['>= 6.26', false], ['!= 6.25.0', false], ['> 6.3', true], ['<= 6.25', true], ['6.25.0-beta1', undefined], ['newest', undefined],
  ])('6.25.0 against %j: %j', (constraint, expected) => {
    expect(fulfils('6.25.0', constraint)).toBe(expected);
  });

  it('must be the one that the bindings describe', () => {
    const other = { configuration: { terraform: { required_providers: { aws: { source: 'hashicorp/aws', version: '~> 5.0' } } } } };
    expect(() => standInsFor(stacksOf({ one: other }), process.cwd(), [])).toThrow('rehearsal/version  at one\n\n  The stack asks for hashicorp/aws "~> 5.0", and the installed bindings describe 6.25.0: the rehearsal would check it against another version\'s arguments.\n\n  Install the bindings of that version, or ask for the version that they describe.');
  });
});
