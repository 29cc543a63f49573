import { Client } from 'pg';

type Query = (...given: unknown[]) => Promise<unknown>;

/** The message by which a command takes the lock of the server: in front of it, it holds no lock. */
export const TAKES_THE_LOCK = 'select pg_try_advisory_lock($1, $2) as taken';

/**
 * Runs `work`, and `meanwhile` once, in front of the nth message that holds a text, as if somebody else had been faster there.
 *
 * @param key - of a lock, where the message takes one
 */
export async function between<T>({ message, n = 1, key }: { readonly message: string; readonly n?: number; readonly key?: number }, meanwhile: () => Promise<unknown>, work: () => Promise<T>): Promise<T> {
  const { query } = Client.prototype;
  const send = query as unknown as Query;
  let seen = 0;
  Client.prototype.query = function (this: Client, ...given: unknown[]) {
    const [first, values] = given as [string | { text?: string }, unknown[] | undefined];
    const text = typeof first === 'string' ? first : first.text ?? '';
    const isMeant = seen < n && text.includes(message) && (key === undefined || values?.[1] === key);
    if (!isMeant || ++seen < n) return send.apply(this, given);
    return meanwhile().then(() => send.apply(this, given));
  } as typeof query;
  try {
    return await work();
  } finally {
    Client.prototype.query = query;
  }
}
