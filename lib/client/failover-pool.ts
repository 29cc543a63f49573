import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientConfig, Pool, type PoolClient, type PoolConfig } from 'pg';
import { TenantryError } from '../core/errors';
import type { DriverSettings } from '../manifest/driver';
import { isAway, isPassing, ServerSilent, StandbyServer } from './ended';
import { PeerWatch, type Watched } from './watch';

/** Milliseconds before the next attempt to connect, at first and at most. */
const PAUSE = { first: 50, longest: 500 };

/** What all pools of a program know of one server. */
export class ServerHealth {
  readonly watch: PeerWatch;
  /** Connections of an earlier one lead to a server that was left, and are of no use any more. */
  generation = 0;
  /** Whether it has ever let us in: an address that never did is a mistake, and one that did comes back. */
  wasReached = false;

  constructor(readonly name: string, readonly driver: DriverSettings) {
    const { idle, interval, count } = driver.keepalive;
    this.watch = new PeerWatch({ idle: idle * 1000, interval: interval * 1000, count });
  }
}

/** The driver's own connection; its events are those of the protocol. */
type Wire = EventEmitter & { stream: Socket };

/** A connection that counts what the server still owes, and knows what it said about itself. */
class WatchedClient extends Client implements Watched {
  readonly #health: ServerHealth;
  readonly #generation: number;
  readonly #reported = new Map<string, string>();
  #unanswered = 0;
  #askedAt = 0;

  constructor(config: ClientConfig, health: ServerHealth) {
    super(config);
    this.#health = health;
    this.#generation = health.generation;
    this.#answersWithin(health.driver.connectTimeout);
    this.#wire.on('parameterStatus', ({ parameterName, parameterValue }: Record<string, string>) => void this.#reported.set(parameterName as string, parameterValue as string));
    this.#wire.on('readyForQuery', () => {
      this.#unanswered = Math.max(0, this.#unanswered - 1);
      this.#askedAt = Date.now();
    });
    this.once('connect', () => health.watch.add(this));
    this.once('end', () => health.watch.remove(this));
  }

  get #wire(): Wire {
    return (this as unknown as { connection: Wire }).connection;
  }

  /** Until the server asks who we are, or lets us in: from there the time that a password takes is ours, and not the server's. */
  #answersWithin(seconds: number): void {
    const timer = setTimeout(() => this.stream.destroy(new ServerSilent(`it did not answer within ${seconds} s`)), seconds * 1000).unref();
    const stop = (): void => clearTimeout(timer);
    for (const event of ['authenticationOk', 'authenticationCleartextPassword', 'authenticationMD5Password', 'authenticationSASL', 'errorMessage', 'end']) this.#wire.once(event, stop);
  }

  get stream(): Socket {
    return this.#wire.stream;
  }

  get unanswered(): number {
    return this.#unanswered;
  }

  get askedAt(): number {
    return this.#askedAt;
  }

  get isOutdated(): boolean {
    return this.#generation < this.#health.generation;
  }

  /** As the server said when the connection was opened, without being asked. Undefined behind a pooler that does not pass it on. */
  get isStandby(): boolean | undefined {
    const said = this.#reported.get('in_hot_standby');
    return said === undefined ? undefined : said === 'on';
  }

  get takesWrites(): boolean {
    const { targetSessionAttrs } = this.#health.driver;
    if (targetSessionAttrs === 'any') return true;
    return this.isStandby !== true && (targetSessionAttrs === 'primary' || this.#reported.get('default_transaction_read_only') !== 'on');
  }

  /** Another server writes now: every connection that leads to this one is left, and none that was opened since. */
  leave(): void {
    if (!this.isOutdated) this.#health.generation += 1;
  }

  /** It is the pool's again: nobody waits for anything. */
  settle(): void {
    this.#unanswered = 0;
  }

  // The driver's declaration has an overload for each of its forms.
  override query(...args: never): never {
    if (this.#unanswered === 0) this.#askedAt = Date.now();
    this.#unanswered += 1;
    return super.query(...(args as [string])) as never;
  }
}

/** Whether the server of a connection turned out to be a standby; the connections to it are left then. */
export function leaveStandby(client: PoolClient): boolean {
  const isStandby = client instanceof WatchedClient && client.isStandby === true;
  if (isStandby) (client as unknown as WatchedClient).leave();
  return isStandby;
}

/**
 * Connections to whichever server the name leads to. While none lets us in, as in a failover, it keeps trying for as long as a transaction may wait: each attempt looks the name up anew. Nothing
 * has been sent by then, so nothing can be done twice.
 */
export class FailoverPool extends Pool {
  readonly #health: ServerHealth;
  readonly #patience: number;

  /** @param config - `connectionTimeoutMillis` is how long a transaction may wait for a connection in all */
  constructor(config: PoolConfig & { readonly connectionTimeoutMillis: number }, health: ServerHealth) {
    super({
      ...config,
      keepAlive: true, keepAliveInitialDelayMillis: health.driver.keepalive.idle * 1000,
      Client: class extends WatchedClient {
        constructor(given: ClientConfig = {}) {
          super(given, health);
        }
      },
      verify: (client, done) => {
        const { takesWrites, isStandby } = client as unknown as WatchedClient;
        done(takesWrites ? undefined : new StandbyServer(isStandby === true));
      },
    });
    this.#health = health;
    this.#patience = config.connectionTimeoutMillis;
    this.on('release', (_error, client) => (client as unknown as WatchedClient).settle());
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void): void;
  override connect(callback?: (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void): Promise<PoolClient> | void {
    const found = this.#take(() => super.connect());
    if (callback === undefined) return found;
    found.then((client) => callback(undefined, client, (release) => client.release(release as Error | boolean | undefined)), (error: Error) => callback(error, undefined, () => undefined));
  }

  async #take(next: () => Promise<PoolClient>): Promise<PoolClient> {
    const until = Date.now() + this.#patience;
    for (let pause = PAUSE.first; ; pause = Math.min(pause * 1.5, PAUSE.longest)) {
      try {
        const client = await next();
        this.#health.wasReached = true;
        if (!(client as unknown as WatchedClient).isOutdated) return client;
        client.release(true);
        continue;
      } catch (error) {
        if (!isPassing(error) && !(this.#health.wasReached && isAway(error))) throw error;
        if (Date.now() >= until) throw noServer(this.#health.name, this.#patience, error as Error);
      }
      await sleep(Math.min(pause * (0.75 + Math.random() / 2), until - Date.now()));
    }
  }
}

const noServer = (server: string, patience: number, error: Error): TenantryError => new TenantryError('failed', {
  code: 'client/no-server', at: server, problem: `No server that takes writes let us in for ${patience / 1000} s, as long as a transaction may wait. The last one said: ${error.message}. Nothing was done.`,
  fix: 'Try again later. Where a failover takes longer than that, raise connectionTimeout.',
}, { cause: error });
