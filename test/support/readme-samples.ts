import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export const ROOT = join(__dirname, '..', '..');

/** A fenced block of a README. */
export interface Sample {
  readonly readme: string;
  readonly language: string;
  /** Of its first line of code, as an editor counts. */
  readonly line: number;
  readonly code: string;
}

/** The repository's own READMEs. */
export const readmes = (): string[] => ['README.md', ...['lib', 'policies', 'stacks', 'examples', 'test'].flatMap((folder) =>
  (readdirSync(join(ROOT, folder), { recursive: true }) as string[]).filter((file) => /(^|\/)README\.md$/.test(file)).map((file) => join(folder, file)).sort())];

export const samplesOf = (readme: string, text = readFileSync(join(ROOT, readme), 'utf8')): Sample[] =>
  [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(({ index, 1: language = '', 2: code = '' }) => ({ readme, language, code, line: text.slice(0, index).split('\n').length + 1 }));

export const placeOf = ({ readme, line }: Sample): string => `${readme}:${line}`;

/** The library as a user may import it: what package.json exports, by its source. */
const exported = (): Record<string, string[]> => {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { exports: Record<string, string | { types: string }> };
  return Object.fromEntries(Object.entries(exports).flatMap(([entry, target]) => (typeof target === 'string' ? [] : [
    [entry.replace('.', 'tenantry'), [join(ROOT, target.types.replace('./dist/', '').replace('.d.ts', '.ts'))]],
  ])));
};

/**
 * What the compiler says of each sample, with the README's path and line: one program for all of them. Each is a module of its own, beside its README.
 *
 * @param given - a line for each README that declares what its samples take for granted
 */
export function complaintsOf(samples: readonly Sample[], given: Readonly<Record<string, string>>): Map<Sample, string[]> {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')) as { config: { compilerOptions: object } };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  // The line of a module is the README's: what is given stands on the first one, which is the title.
  const files = new Map(samples.map((sample) => [join(ROOT, sample.readme.replace(/README\.md$/, `sample-${sample.line}.mts`)), { sample, text: `${given[sample.readme] ?? ''}${'\n'.repeat(sample.line - 1)}${sample.code}` }]));
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.getSourceFile = (path, language, ...rest) => {
    const file = files.get(path);
    return file === undefined ? getSourceFile(path, language, ...rest) : ts.createSourceFile(path, file.text, language, true);
  };
  const paths = { ...exported(), 'readme-given': [join(__dirname, 'readme-given.ts')] };
  const program = ts.createProgram([...files.keys()], { ...options, paths, noEmit: true, noUnusedLocals: false, noUnusedParameters: false, noUncheckedSideEffectImports: true, types: ['node'] }, host);
  return new Map([...files].map(([path, { sample }]) => {
    const source = program.getSourceFile(path);
    return [sample, [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(({ file, start = 0, messageText }) =>
      `${sample.readme}:${(file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)];
  }));
}

/** Runs a sample, with these modules to import. */
export function runSample({ code }: Sample, given: string, modules: Readonly<Record<string, unknown>>): void {
  const { outputText } = ts.transpileModule(`${given}\n${code}`, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } });
  const load = (name: string): unknown => {
    if (name in modules) return modules[name];
    throw new Error(`The sample imports ${name}, which is not at hand.`);
  };
  (new Function('require', 'exports', outputText) as (require: typeof load, exports: object) => void)(load, {});
}
