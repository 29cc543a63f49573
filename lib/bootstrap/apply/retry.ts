import { setTimeout as sleep } from 'node:timers/promises';

interface ServerError extends Error {
  readonly code?: string;
  readonly schema?: string;
}

/** How often a step is tried at most. */
export const ATTEMPTS = 6;

/** Errors that say that somebody else was in the way, and that a second try can succeed. */
export function isTransient(error: unknown): boolean {
  const { code, schema, message = '' } = error as ServerError;
  switch (code) {
    case '55P03': // lock_not_available: the lock time-out
    case '40P01': // deadlock_detected
    case '40001': // serialization_failure
    case '55006': // object_in_use: somebody is connected to the template or the database
      return true;
    case '23505': // unique_violation, in the catalog: two sessions created the same thing
      return schema === 'pg_catalog';
    case 'XX000':
      return message.includes('tuple concurrently');
    default:
      return false;
  }
}

/** Tries again, with growing and irregular pauses, what failed because somebody else was in the way. */
export async function withRetry<T>(attempt: (n: number) => Promise<T>): Promise<T> {
  for (let n = 1; ; n++) {
    try {
      return await attempt(n);
    } catch (error) {
      if (n >= ATTEMPTS || !isTransient(error)) throw error;
      await sleep(100 * 2 ** n * (0.5 + Math.random()));
    }
  }
}
