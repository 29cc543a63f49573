import { constants } from 'node:os';
import type { Streams } from './streams';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** What a shell says of a command that a signal ended. */
export const codeOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

/**
 * Runs a command that Ctrl-C and the end of a container stop at once: connections end with the process, and the server rolls back what was not committed.
 * As the first process of a container it would not even notice SIGTERM without a handler.
 */
export async function stoppable(streams: Streams, command: () => Promise<number>): Promise<number> {
  return withSignal(async (signal) => {
    const stopped = new Promise<number>((resolve) => signal.addEventListener('abort', () => resolve(codeOf(signal.reason as NodeJS.Signals)), { once: true }));
    const code = await Promise.race([command(), stopped]);
    if (signal.aborted) streams.err.write(`Stopped by ${String(signal.reason)}. What was committed stays, the rest is rolled back; the next run goes on from there.\n`);
    return code;
  });
}

/** Hands on the first signal, as the reason of an abort; the second one ends the process. */
export async function withSignal<T>(use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const listener = (signal: NodeJS.Signals): void => stop.abort(signal);
  for (const signal of SIGNALS) process.once(signal, listener);
  try {
    return await use(stop.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, listener);
  }
}
