import type { Client, QueryResult } from 'pg';
import { ident, literal } from '../sql/quote';
import { type Entering, PLAIN } from './entering';

/** What came of a statement: an SQLSTATE, or the number of rows that it read or wrote (null for statements that count none). */
export interface Outcome {
  readonly sqlstate?: string;
  /** The constraint that refused, where one did. */
  readonly constraint?: string;
  readonly rows: number | null;
}

export interface Attempt {
  /** @default - the login itself */
  readonly as?: string;
  /** Value of the tenant context. @default - none is set */
  readonly context?: string;
  readonly sql: string;
}

const SAVEPOINT = 'tenantry_attack';

/** Short: a verification never keeps anybody waiting, and rather ends with `unknown`. */
const LIMITS = "set local lock_timeout = '500ms'; set local statement_timeout = '10s'; set local transaction_read_only = off; set local row_security = on; set local search_path = pg_catalog";

/**
 * One transaction that is rolled back. Every attempt is one message that first goes back to the savepoint, so that attempts neither see
 * nor undo each other; with a pipelined connection they are sent without waiting for one another.
 */
export class ProbeSession {
  /** How attempts enter a tenant. Set anew for each place. */
  entering: Entering = PLAIN;

  constructor(readonly client: Client) {}

  /** @param settings - what the policies ask for, besides the tenant */
  async begin(settings: ReadonlyMap<string, string> = new Map()): Promise<void> {
    await this.client.query([`begin; ${LIMITS}`, ...[...settings].map(([name, value]) => `select set_config(${literal(name)}, ${literal(value)}, true)`)].join('; '));
  }

  /** What was made until now is what each attempt finds. */
  async keep(): Promise<void> {
    await this.client.query(`reset role; savepoint ${SAVEPOINT}`);
  }

  async end(): Promise<void> {
    await this.client.query('rollback');
    await this.client.query('deallocate all');
  }

  async attempt(attempt: Attempt): Promise<Outcome> {
    try {
      return { rows: last(await this.client.query(message(this.entering, attempt))).rowCount };
    } catch (error) {
      const { code, constraint, message: text } = error as Error & { code?: string; constraint?: string };
      if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) throw error;
      // Stopped by us while it waited for our data: it was let in.
      if (code === '57014' && text.includes('COPY from stdin failed')) return { rows: null };
      return { sqlstate: code, rows: null, ...(constraint === undefined ? {} : { constraint }) };
    }
  }

  /** The rows of a question about the catalog. */
  async ask<T>({ as, sql, values = [] }: { readonly as?: string; readonly sql: string; readonly values?: readonly unknown[] }): Promise<T[]> {
    // Sent at once: between the two, the error of another attempt would end the transaction for the second.
    const [, { rows }] = await Promise.all([this.client.query(message(this.entering, { as, sql: '' })), this.client.query(sql, [...values])]);
    return rows as T[];
  }
}

function message(entering: Entering, { as, context, sql }: Attempt): string {
  return [
    `rollback to savepoint ${SAVEPOINT}`, as === undefined ? 'set local role none' : `set local role ${ident(as)}`,
    ...(context === undefined ? [] : entering(as, context)), ...(sql === '' ? [] : [sql]),
  ].join('; ');
}

/** A message of several statements has one result each. */
function last(result: QueryResult | QueryResult[]): QueryResult {
  return Array.isArray(result) ? result[result.length - 1] as QueryResult : result;
}

/** Lets the connection send messages without waiting for the answers to earlier ones. */
export function pipelined(client: Client): Client {
  (client as unknown as { pipeline: boolean }).pipeline = true;
  return client;
}
