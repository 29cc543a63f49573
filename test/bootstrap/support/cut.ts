import { Client } from 'pg';

type Query = (...given: unknown[]) => unknown;

/** Statements that change nothing that outlasts them: what is cut off in front of one is as if cut off behind the one before. */
const READS = /^\s*(select (?!pg_terminate)|commit$|rollback|set |reset role|begin isolation level repeatable read read only|begin read only|begin; set local search_path|create temporary|declare |fetch |close |with (?!interrupted|former|registered))/;

class Cut extends Error {}

/**
 * Runs `work` and cuts all of its connections in front of a message, by its number or by what it holds, as SIGKILL does: what the process knew is lost, and the server
 * sees its sessions end.
 *
 * @returns the message, or undefined where it ended before it came to that
 */
export async function cutAt(message: number | string, work: () => Promise<unknown>): Promise<string | undefined> {
  const { query, connect } = Client.prototype;
  const clients = new Set<Client>();
  let sent = 0;
  let at: string | undefined;
  const isOurs = (client: Client): boolean => (client as unknown as { connectionParameters: { application_name?: string } }).connectionParameters.application_name === 'tenantry';
  Client.prototype.query = function (this: Client, ...given: unknown[]) {
    if (!isOurs(this)) return (query as unknown as Query).apply(this, given);
    if (at !== undefined) return Promise.reject(new Cut(at));
    clients.add(this);
    const [first] = given as [string | { text?: string; submit?: unknown }];
    const text = typeof first === 'string' ? first : first.submit === undefined ? first.text ?? '' : 'select 1';
    sent += READS.test(text) ? 0 : 1;
    if (typeof message === 'string' ? !text.includes(message) : READS.test(text) || sent !== message) return (query as unknown as Query).apply(this, given);
    at = text;
    for (const client of clients) (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    return Promise.reject(new Cut(text));
  } as typeof query;
  Client.prototype.connect = function (this: Client, ...given: unknown[]) {
    return at !== undefined && isOurs(this) ? Promise.reject(new Cut(at)) : (connect as unknown as Query).apply(this, given);
  } as typeof connect;
  try {
    await work();
    if (at !== undefined) throw new Error(`It ended well, although it was cut off at ${at}`);
  } catch (error) {
    if (at === undefined) throw error;
  } finally {
    Client.prototype.query = query;
    Client.prototype.connect = connect;
  }
  return at;
}
