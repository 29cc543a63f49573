import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TenantryError } from '../../core/errors';
import { listOf } from '../../core/text';
import { endGroup } from './end-group';

/** A synthesized stack. */
export interface SynthesizedStack {
  readonly name: string;
  readonly constructPath: string;
  /** Folder that holds its `cdk.tf.json`. */
  readonly folder: string;
  /** Names of the stacks that it reads from. */
  readonly dependencies: readonly string[];
  /** Content of its `cdk.tf.json`. */
  readonly configuration: StackConfiguration;
  /** What its constructs warned of while it was synthesized: the synthesizer writes it beside the stacks, and prints nothing. */
  readonly warnings: readonly SynthesisWarning[];
}

export interface SynthesisWarning {
  readonly constructPath: string;
  readonly message: string;
}

export type Blocks = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

/** The parts of a synthesized stack that a rehearsal looks at. */
export interface StackConfiguration {
  readonly '//'?: { readonly outputs?: unknown };
  readonly terraform?: { readonly required_providers?: Readonly<Record<string, { readonly source?: string; readonly version?: string }>>; readonly backend?: Readonly<Record<string, unknown>> };
  readonly resource?: Blocks;
  readonly data?: Blocks;
  readonly output?: Readonly<Record<string, unknown>>;
  readonly module?: Readonly<Record<string, unknown>>;
  readonly locals?: Readonly<Record<string, unknown>>;
  readonly provider?: Readonly<Record<string, unknown>>;
  readonly import?: readonly { readonly to: string; readonly id: string }[];
}

/** Milliseconds that an application may take to synthesize. */
const TIME_LIMIT = 600_000;

/**
 * Runs the application, as `cdktf synth` would, and leaves what it synthesizes in a folder.
 *
 * @param command - the `app` of cdktf.json
 * @throws TenantryError (`failed`) when it does not end well
 */
async function synthesize(command: string, from: string, folder: string, context: unknown, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const environment = { ...process.env, CDKTF_OUTDIR: folder, CDKTF_CONTEXT_JSON: JSON.stringify(context ?? {}) };
  // A group of its own: the command is a shell, and what that starts must end with it.
  const child = spawn(command, { cwd: from, shell: true, env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const abort = (): void => endGroup(child);
  const timer = setTimeout(abort, TIME_LIMIT);
  signal?.addEventListener('abort', abort, { once: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-8000)));
  const code = await new Promise<number | null>((done, failed) => child.on('error', failed).on('close', done)).finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  });
  signal?.throwIfAborted();
  if (code !== 0) {
    throw new TenantryError('failed', { code: 'rehearsal/synth', at: command, problem: `The application ended with ${code === null ? 'a signal' : `exit code ${code}`} before it was synthesized:\n${output.trim()}`, fix: 'Mend what it says; cdktf synth must succeed first.' });
  }
}

/** How the stacks are come by. */
export interface ApplicationOptions {
  /** Folder of the application. @default - the working directory */
  readonly from?: string;
  /** Command that synthesizes the application. @default - the `app` of cdktf.json */
  readonly app?: string;
  /** Folder that the application was synthesized into already; it is not run then. */
  readonly dir?: string;
  /** Ends what is running. */
  readonly signal?: AbortSignal;
}

/**
 * The folder that an application is synthesized into: the given one, or after it was run, a fresh one.
 *
 * @throws TenantryError `input` when there is no application, `failed` when it does not synthesize
 */
export async function synthesizedFolder({ from = '.', app, dir, signal }: ApplicationOptions, fresh: string): Promise<string> {
  if (dir !== undefined) return resolve(from, dir);
  const found = applicationOf(from);
  const command = app ?? found?.app;
  const before = resolve(from, 'cdktf.out');
  if (command === undefined && existsSync(join(before, 'manifest.json'))) return before;
  if (command === undefined) throw new TenantryError('input', { code: 'rehearsal/no-app', at: resolve(from), problem: 'There is no cdktf.json with an app here, and no cdktf.out.', fix: 'Run it in the folder of the application, or give --app "npx tsx main.ts" or --dir cdktf.out.' });
  await synthesize(command, resolve(from), fresh, found?.context, signal);
  return fresh;
}

/** The `app` and `context` of cdktf.json. */
function applicationOf(from: string): { readonly app: string; readonly context: unknown } | undefined {
  const file = join(from, 'cdktf.json');
  if (!existsSync(file)) return undefined;
  const { app, context, terraformModules } = readJson(file) as { app?: unknown; context?: object; terraformModules?: readonly (string | { readonly source?: string })[] };
  if (typeof app !== 'string') return undefined;
  // Where local modules lie is told to the application, as cdktf synth does.
  const local = (terraformModules ?? []).map((module) => (typeof module === 'string' ? module : module.source ?? '')).filter((source) => /^\.{1,2}\//.test(source));
  return { app, context: { ...(local.length === 0 ? {} : { cdktfRelativeModules: local }), ...context } };
}

/**
 * The stacks of a folder that an application was synthesized into, each behind those that it reads from.
 *
 * @param ran - the application has just been run, to fill the folder
 * @throws TenantryError (`input`) when there are none, or a stack reads from one that is not there, or two read from each other
 */
export function readStacks(folder: string, ran = false): SynthesizedStack[] {
  const file = join(folder, 'manifest.json');
  if (!existsSync(file)) {
    if (ran) throw new TenantryError('input', { code: 'rehearsal/no-stacks', at: '--app', problem: 'The application ended well, and synthesized nothing.', fix: 'Call app.synth() at its end, and give its App no outdir of its own.' });
    throw new TenantryError('input', { code: 'rehearsal/no-stacks', at: folder, problem: 'The folder holds no manifest.json, so nothing was synthesized into it.', fix: 'Run cdktf synth first, or leave --dir out to have the application run.' });
  }
  const { stacks } = readJson(file) as { stacks: Record<string, { name: string; constructPath: string; workingDirectory: string; synthesizedStackPath: string; dependencies: string[]; annotations?: readonly Annotation[] }> };
  const read = Object.values(stacks).map(({ name, constructPath, workingDirectory, synthesizedStackPath, dependencies, annotations = [] }) => ({
    name, constructPath, dependencies, folder: join(folder, workingDirectory), configuration: readJson(join(folder, synthesizedStackPath)) as StackConfiguration, warnings: warningsIn(annotations),
  }));
  if (read.length === 0) throw new TenantryError('input', { code: 'rehearsal/no-stacks', at: folder, problem: 'The application has no stack, so there is nothing to rehearse.', fix: 'Add a stack to the application.' });
  return inOrder(read);
}

interface Annotation extends SynthesisWarning {
  readonly level: string;
}

const warningsIn = (annotations: readonly Annotation[]): SynthesisWarning[] => annotations.filter(({ level }) => level.endsWith('/warn')).map(({ constructPath, message }) => ({ constructPath, message }));

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new TenantryError('input', { code: 'rehearsal/not-json', at: file, problem: 'The file is no JSON.', fix: 'Synthesize again, and without --hcl.' }, { cause: error });
  }
}

function inOrder(stacks: readonly SynthesizedStack[]): SynthesizedStack[] {
  const ordered: SynthesizedStack[] = [];
  const names = new Set(stacks.map(({ name }) => name));
  for (const { name, constructPath, dependencies } of stacks) {
    const absent = dependencies.find((dependency) => !names.has(dependency));
    if (absent !== undefined) throw new TenantryError('input', { code: 'rehearsal/no-stack', at: constructPath, problem: `The stack ${name} reads from the stack ${JSON.stringify(absent)}, which is not there; there are ${listOf([...names])}.`, fix: 'Synthesize both in one application.' });
  }
  let left = [...stacks].sort((a, b) => (a.name < b.name ? -1 : 1));
  while (left.length > 0) {
    const ready = left.filter(({ dependencies }) => dependencies.every((dependency) => ordered.some(({ name }) => name === dependency)));
    if (ready.length === 0) throw new TenantryError('input', { code: 'rehearsal/cycle', at: left[0]?.constructPath, problem: `The stacks ${listOf(left.map(({ name }) => name))} read from each other, so that none can be the first.`, fix: 'Move what one of them reads into a stack that both read from.' });
    ordered.push(...ready);
    left = left.filter((stack) => !ready.includes(stack));
  }
  return ordered;
}

/**
 * The stacks that a pattern selects, and those that they read from.
 *
 * @param glob - `*` stands for any number of characters
 */
export function selectStacks(stacks: readonly SynthesizedStack[], glob: string): SynthesizedStack[] {
  const pattern = new RegExp(`^${glob.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);
  const selected = new Set(stacks.filter(({ name }) => pattern.test(name)).map(({ name }) => name));
  if (selected.size === 0) throw new TenantryError('input', { code: 'rehearsal/stack', at: '--stack', problem: `No stack is called ${JSON.stringify(glob)}; there are ${listOf(stacks.map(({ name }) => name))}.`, fix: 'Give one of them, or a pattern such as "staging-*".' });
  for (const { name, dependencies } of [...stacks].reverse()) if (selected.has(name)) dependencies.forEach((dependency) => selected.add(dependency));
  return stacks.filter(({ name }) => selected.has(name));
}
