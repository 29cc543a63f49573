import { DatabaseError, type PoolClient, type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';
import { TenantryError } from '../core/errors';
import { isEnded } from './ended';
import type { Message } from './entering';
import { leaveStandby } from './failover-pool';
import { COMMIT, ROLLBACK } from './fresh-session';
import { commitUnknown, connectionLost, READ_ONLY, readOnlyServer, wasNotSent } from './lost';

/** The database as one tenant sees it, for the length of one transaction. */
export interface TenantSession {
  /** Runs one statement; a text that holds several is refused (42601). Values go as parameters, never into the text. */
  query<Row extends QueryResultRow = QueryResultRow>(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>>;
}

/** A connection at the tenant's place, and what begins the transaction there. */
export interface Entrance {
  readonly client: PoolClient;
  readonly database: string;
  readonly messages: readonly Message[];
}

export interface TransactionSteps {
  /** Where the tenant is, as far as is known. Throws for a tenant that is not served. */
  find(): Promise<Entrance>;
  /** What the server's refusal of the context means: the error to throw, or undefined to look the tenant up again. */
  refused(error: unknown, attempt: number, entrance: Entrance): Error | undefined;
}

/**
 * One transaction of a tenant. It does not wait for the answer to its first message: the first statements follow at once. Where the server
 * refuses the context, the transaction has failed, so that it runs none of them (25P02); they are sent again at the tenant's new place.
 */
export class TenantTransaction implements TenantSession {
  readonly #steps: TransactionSteps;
  readonly #entered: Promise<Entrance>;
  /** Where statements are sent; none while the tenant is looked up again. */
  #entrance: Entrance | undefined;
  #open = true;
  /** What a statement failed with, because the connection had gone, or its server takes no writes any more. */
  #lost: { readonly error: unknown; readonly means: TenantryError } | undefined;

  static async begin(steps: TransactionSteps): Promise<TenantTransaction> {
    return new TenantTransaction(steps, await steps.find());
  }

  private constructor(steps: TransactionSteps, entrance: Entrance) {
    this.#steps = steps;
    this.#entrance = entrance;
    this.#entered = this.#enter(entrance);
    this.#entered.catch(ignore);
  }

  async query<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<QueryResult<Row>> {
    if (!this.#open) {
      throw new TenantryError('failed', { code: 'client/session-ended', problem: 'A query was made after the work of its transaction had ended.', fix: 'Await every query inside the function that is passed to tenants.with.' });
    }
    const entrance = this.#entrance;
    const sent = entrance === undefined ? undefined : send<Row>(entrance, text, values);
    sent?.catch(ignore);
    const entered = await this.#entered;
    const answer = sent !== undefined && entered === entrance ? sent : send<Row>(entered, text, values);
    return answer.catch((error: Error & { code?: string }) => {
      if (isEnded(error)) this.#lost ??= { error, means: connectionLost(error) };
      else if (error.code === READ_ONLY && leaveStandby(entered.client)) this.#lost ??= { error, means: readOnlyServer(error) };
      throw error;
    });
  }

  /** @returns false where a statement failed, so that nothing can be committed */
  async commit(): Promise<boolean> {
    this.#open = false;
    const { client } = await this.#entered;
    // What statements say of the connection from here on, they say with the commit on its way behind them.
    const lost = this.#lost;
    return client.query(COMMIT).then(() => true, (error: Error & { code?: string }) => {
      if (error.code === FAILED_TRANSACTION) return false;
      if (isEnded(error)) throw lost?.means ?? (wasNotSent(error) ? connectionLost(error) : commitUnknown(error));
      // Only what the server says is its answer.
      if (!(error instanceof DatabaseError)) throw commitUnknown(error);
      throw error;
    });
  }

  /** The same error, or what it means for the transaction where that is known to be more. */
  explain(error: unknown): unknown {
    return this.#lost !== undefined && this.#lost.error === error ? this.#lost.means : error;
  }

  /** Gives the connection back; rolls back what was not committed. */
  async end(committed: boolean): Promise<void> {
    this.#open = false;
    const entered = await this.#entered.catch(ignore);
    if (entered === undefined) return;
    if (committed) entered.client.release();
    else await rollBack(entered.client);
  }

  async #enter(first: Entrance): Promise<Entrance> {
    let entrance = first;
    for (let attempt = 1; ; attempt++) {
      const { client, messages } = entrance;
      try {
        const answers = messages.map((message) => (typeof message === 'string' ? client.query(message) : client.query(message.text, [...message.values])));
        // What comes behind a refused one is refused with it: the first says why.
        for (const answer of answers) answer.catch(ignore);
        for (const answer of answers) await answer;
        return (this.#entrance = entrance);
      } catch (error) {
        this.#entrance = undefined;
        await rollBack(client);
        const refusal = this.#steps.refused(error, attempt, entrance);
        if (refusal !== undefined && isEnded(refusal)) this.#lost = { error: refusal, means: connectionLost(refusal) };
        if (refusal !== undefined) throw refusal;
      }
      entrance = await this.#steps.find();
    }
  }
}

/** One statement, also where there are no values: the driver would send several in one message then, and SQL that got into the text could end the transaction and begin another one. */
function send<Row extends QueryResultRow>({ client }: Entrance, text: string, values: readonly unknown[]): Promise<QueryResult<Row>> {
  const statement: QueryConfig & { readonly queryMode: 'extended' } = { text, values: [...values], queryMode: 'extended' };
  return client.query<Row>(statement);
}

/** SQLSTATE of a statement in a transaction in which one failed before. */
const FAILED_TRANSACTION = '25P02';

/** What is not waited for now is told by what is waited for later. */
const ignore = (): undefined => undefined;

async function rollBack(client: PoolClient): Promise<void> {
  let broken: Error | undefined;
  await client.query(ROLLBACK).catch((failure: Error) => (broken = failure));
  client.release(broken);
}
