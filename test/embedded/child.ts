import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { isRunning } from '../../lib/embedded/in-use';
import { programOf } from '../support/program';

export interface Child {
  readonly process: ChildProcess;
  /** Settles when the server is ready; rejects with what was written to standard error when it did not start. */
  readonly ready: Promise<{ host: string; port: number; uid: number }>;
  /** Settles when the process has ended, with everything that it wrote. */
  readonly ended: Promise<{ code: number | null; output: string; errors: string }>;
}

export interface ChildOptions {
  readonly then?: 'wait' | 'stop' | 'forget';
  readonly binaries?: string;
  readonly account?: { readonly uid: number; readonly gid: number };
  readonly environment?: Readonly<Record<string, string>>;
}

/** A process of its own that owns a server. */
export function ownServer(dataDirectory: string, options: ChildOptions = {}): Child {
  const args = [programOf(join(__dirname, 'keep-server.ts')), dataDirectory, options.then ?? 'wait'];
  if (options.binaries !== undefined) args.push(options.binaries);
  const child = spawn(process.execPath, args, {
    ...options.account,
    cwd: resolve(__dirname, '../..'),
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (errors += chunk));
  const ended = new Promise<{ code: number | null; output: string; errors: string }>((done) => {
    child.on('close', (code) => done({ code, output, errors }));
  });
  const ready = new Promise<{ host: string; port: number; uid: number }>((done, fail) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (output.includes('\n')) done(JSON.parse(output.slice(0, output.indexOf('\n'))));
    });
    child.on('error', fail);
    child.on('close', () => fail(new Error(errors)));
  });
  ready.catch(() => undefined);
  return { process: child, ready, ended };
}

/** The main process of the server on a data directory. */
export function serverProcess(dataDirectory: string): number {
  return Number(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/** Whether the process ends in time. */
export async function endsSoon(pid: number): Promise<boolean> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (!isRunning(pid)) return true;
    await sleep(20);
  }
  return false;
}
