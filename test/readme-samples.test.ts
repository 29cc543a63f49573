import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as cdktf from 'cdktf';
import { type Command, CommanderError } from 'commander';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as tenantry from '../lib';
import { command } from '../lib/cli/program';
import * as declaration from '../lib/declaration';
import { freshFolder } from './support/fresh-folder';
import { Given } from './support/readme-given';
import { complaintsOf, placeOf, readmes, runSample, type Sample, samplesOf } from './support/readme-samples';
import { synthesize } from './support/synth';

/** What the samples of a README take for granted: members of `Given`. Everything else they import themselves. */
const GIVEN: Readonly<Record<string, readonly (keyof Given)[]>> = {
  'README.md': ['manifest', 'ca'],
  'lib/alerting/README.md': ['stack'],
  'lib/bootstrap-runner/README.md': ['stack', 'shop'],
  'lib/client/README.md': ['manifest', 'ca', 'id'],
  'lib/connection-pool/README.md': ['stack', 'network', 'cluster', 'shop'],
  'lib/encryption/README.md': ['stack', 'network', 'engine'],
  'lib/environment/README.md': ['app'],
  'lib/ha-cluster/README.md': ['stack', 'network'],
  'lib/ha-cluster/scaling/README.md': ['stack', 'network'],
  'lib/network/README.md': ['stack'],
  'lib/tenant-database/README.md': ['stack', 'network', 'engine', 'cluster', 'shop'],
  'policies/README.md': ['app'],
};

/** READMEs whose samples are also run, and what they make is synthesized. */
const RUN = ['lib/alerting', 'lib/bootstrap-runner', 'lib/connection-pool', 'lib/declaration', 'lib/encryption', 'lib/engine', 'lib/environment', 'lib/ha-cluster', 'lib/ha-cluster/scaling', 'lib/network', 'lib/tenant-database'].map((folder) => `${folder}/README.md`);

const preambleOf = (readme: string): string => (GIVEN[readme] === undefined ? '' : `import { given } from 'readme-given'; const { ${GIVEN[readme].join(', ')} } = given;`);
const all = readmes().flatMap((readme) => samplesOf(readme));
const samples = all.filter(({ language }) => language === 'ts').map((sample) => ({ sample, place: placeOf(sample) }));
const commands = all.filter(({ language }) => language === 'sh').flatMap((sample) => sample.code.replaceAll('\\\n', '  ').split('\n').map((line, i) => ({ place: placeOf({ ...sample, line: sample.line + i }), line: line.replace(/\s#.*$/, '').trim() })))
  .filter(({ line }) => /^npx tenantry\b/.test(line));

describe('the samples of the READMEs', () => {
  const broken: Sample = { readme: 'lib/README.md', language: 'ts', line: 7, code: "import { Engine } from 'tenantry';\n\nEngine.auroraPostgresql(17);\nimport 'tenantry/core';\n" };
  let complaints: Map<Sample, string[]>;
  const folder = process.cwd();

  beforeAll(() => {
    complaints = complaintsOf([...samples.map(({ sample }) => sample), broken], Object.fromEntries(readmes().map((readme) => [readme, preambleOf(readme)])));
  });
  afterEach(() => process.chdir(folder));

  it('are found', () => {
    expect(samples.length).toBeGreaterThan(10);
    expect(Object.keys(GIVEN).concat(RUN).filter((readme) => !samples.some(({ sample }) => sample.readme === readme))).toEqual([]);
  });

  it('are reported with path and line where they break', () => {
    expect(complaints.get(broken)).toEqual([
      "lib/README.md:9 Argument of type 'number' is not assignable to parameter of type 'string'.",
      "lib/README.md:10 Cannot find module 'tenantry/core' or its corresponding type declarations.",
    ]);
  });

  it.each(samples)('compile: $place', ({ sample }) => {
    expect(complaints.get(sample)).toEqual([]);
  });

  it.each(samples.filter(({ sample }) => RUN.includes(sample.readme)))('synthesize: $place', ({ sample }) => {
    const given = new Given();
    const environment = all.find(({ readme, language }) => readme === sample.readme && language === 'json');
    if (environment !== undefined) {
      process.chdir(freshFolder('readme'));
      mkdirSync('environments');
      writeFileSync(join('environments', 'production.json'), environment.code);
    }
    runSample(sample, preambleOf(sample.readme), { tenantry, 'tenantry/declaration': declaration, cdktf, 'readme-given': { given } });
    const names: readonly string[] = GIVEN[sample.readme] ?? [];
    if (names.includes('stack')) expect(synthesize(cdktf.App.of(given.stack))['staging-data']?.all().length).toBeGreaterThan(0);
    if (names.includes('app')) expect(Object.keys(synthesize(given.app))).toEqual(['production-data']);
  });
});

describe('the commands of the READMEs', () => {
  it('are found', () => {
    expect(commands.length).toBeGreaterThan(5);
  });

  it.each(commands)('are ones that the program knows: $place $line', ({ line }) => {
    expect(parse(line)).toBe('understood');
  });

  it('are refused where they are not', () => {
    expect(parse('npx tenantry bootstrap aply --manifest x')).toContain("unknown command 'aply'");
    expect(parse('npx tenantry bootstrap plan --manifest x --manifests y')).toContain("unknown option '--manifests'");
    expect(parse('npx tenantry tenant add hooli --mode rows --manifest x')).toContain("argument 'rows' is invalid");
    expect(parse('npx tenantry')).toContain('Usage: tenantry');
  });
});

/** The words of a line, as a shell would part them. */
const words = (line: string): string[] => [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare ?? '');

/** Parses a command line as the program does, without doing what it says. */
function parse(line: string): string {
  let output = '';
  let understood = false;
  const write = (text: string): boolean => ((output += text), true);
  const program = command({ out: { write }, err: { write } } as never, () => undefined);
  const disarm = (some: Command): void => {
    if (some.commands.length === 0) some.action(() => void (understood = true));
    some.commands.forEach((sub) => disarm(sub));
  };
  disarm(program);
  try {
    program.parse(words(line).slice(2), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
  }
  return understood ? 'understood' : output;
}
