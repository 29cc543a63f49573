import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { programOf } from '../../support/program';
import type { ChildTask } from './apply-child';

export interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly output: string;
}

/** Runs an apply in a process of its own. */
export function applyInChild(task: ChildTask): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [programOf(join(__dirname, 'apply-child.ts')), JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ signal, code, output }));
  });
}
