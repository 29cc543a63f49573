import type { ChildProcess } from 'node:child_process';

/** How long a program may take to end by itself. */
const GRACE = 5000;

/** Ends a program that leads a group of its own, and whatever it has started: first as Ctrl-C does, then for good. */
export function endGroup(child: ChildProcess): void {
  const send = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // It has ended.
    }
  };
  send('SIGINT');
  const timer = setTimeout(() => send('SIGKILL'), GRACE);
  child.once('close', () => clearTimeout(timer));
}
