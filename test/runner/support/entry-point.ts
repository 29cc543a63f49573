import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freshFolder } from '../../support/fresh-folder';
import { programOf } from '../../support/program';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until standard output and standard error hold a text. */
  says(text: string): Promise<void>;
}

const MAIN = join(__dirname, '..', '..', '..', 'lib', 'cli', 'main.ts');
/** A user without rights of any kind; root would not notice a folder that cannot be written. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Why it cannot run as that user here; undefined when it can. */
export const entryPointMissing = process.getuid?.() !== 0 || openToAll(__dirname) ? undefined : 'the repository lies where only root can read';

function openToAll(folder: string): boolean {
  return (statSync(folder).mode & 0o001) !== 0 && (dirname(folder) === folder || openToAll(dirname(folder)));
}

/** A folder in which the entry point can write nothing. */
export function readOnlyFolder(): string {
  const folder = freshFolder('read-only');
  chmodSync(folder, 0o555);
  return folder;
}

/** Runs the command line as a container does: told everything by its environment, without a terminal, as a user who can write nowhere near it. */
export const startEntryPoint = (args: readonly string[], env: NodeJS.ProcessEnv, onText?: (text: string) => void): Started => start(process.execPath, [programOf(MAIN), ...args], env, onText);

/** The same by a shell, in which `tenantry` is the command line. */
export const startShell = (command: string, env: NodeJS.ProcessEnv, onText?: (text: string) => void): Started =>
  start('/bin/sh', ['-c', `tenantry() { exec "${process.execPath}" "${programOf(MAIN)}" "$@"; }; ${command}`], env, onText);

function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv, onText: (text: string) => void = () => undefined): Started {
  const cwd = readOnlyFolder();
  const child = spawn(program, args, {
    cwd, ...NOBODY, stdio: ['ignore', 'pipe', 'pipe'],
    env: { HOME: cwd, TMPDIR: cwd, NODE_NO_WARNINGS: '1', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...env },
  });
  let out = '';
  let err = '';
  const waiting: (() => void)[] = [];
  const heard = (data: string): void => {
    onText(data);
    for (const look of waiting) look();
  };
  child.stdout?.setEncoding('utf8').on('data', (data: string) => heard(((out += data), data)));
  child.stderr?.setEncoding('utf8').on('data', (data: string) => heard(((err += data), data)));
  const ended = new Promise<Ended>((resolve, reject) => child.on('error', reject).on('close', (code, signal) => resolve({ code, signal, out, err })));
  const says = (text: string): Promise<void> => new Promise((resolve, reject) => {
    const look = (): void => void ((out + err).includes(text) && resolve());
    waiting.push(look);
    look();
    void ended.then(() => reject(new Error(`It ended without ${JSON.stringify(text)}:\n${out}\n${err}`)));
  });
  return { child, ended, says };
}
