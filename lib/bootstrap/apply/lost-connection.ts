import { setTimeout as sleep } from 'node:timers/promises';
import { TenantryError } from '../../core/errors';

/** The server ended the session, or it or the network did so without a word. */
const LOST = /^(08...|57P0[1245]|ECONNRESET|EPIPE|ETIMEDOUT)$/;
const LOST_WORDS = /^(Connection terminated|Client has encountered a connection error|Client was closed)/;
/** A server that is starting answers so, or does not answer yet. */
const NOT_YET = /^(57P03|ECONNREFUSED|ENOENT|ECONNRESET|EPIPE)$/;

const MILLISECONDS_OF_A_RESTART = 15_000;

/** Whether a connection ended in the middle. Whether what was under way was committed is only known when it is looked at again. */
export const isLost = (error: unknown): boolean => !isUnreachable(error) && chain(error).some(({ code, message }) => LOST.test(code ?? '') || LOST_WORDS.test(message));

/** Runs it, again and again while the server restarts. */
export async function whenServerIsBack<T>(run: () => Promise<T>): Promise<T> {
  const until = Date.now() + MILLISECONDS_OF_A_RESTART;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      const notYet = isUnreachable(error) && chain(error).some(({ code }) => NOT_YET.test(code ?? ''));
      if (!notYet || Date.now() > until) throw error;
      await sleep(250);
    }
  }
}

export const connectionLost = (cause: unknown, why: string): TenantryError => new TenantryError('failed', {
  code: 'apply/connection-lost', problem: `The connection to the server was lost${why}. What was committed stays, what was under way is either there as a whole or not at all.`,
  fix: 'Apply again: what is left is planned anew.',
}, { cause });

const isUnreachable = (error: unknown): boolean => TenantryError.is(error) && error.code === 'connect/failed';

type Coded = Error & { readonly code?: string };

function chain(error: unknown): Coded[] {
  const found: Coded[] = [];
  for (let current = error; current instanceof Error && found.length < 10; current = current.cause) found.push(current);
  return found;
}
