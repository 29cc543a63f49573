import type { NetConnectOpts, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answers } from './answers';

/** A connection to a server. */
export interface Watched {
  readonly stream: Socket;
  /** Messages that were sent and not answered. */
  readonly unanswered: number;
  /** Milliseconds since 1970 when the oldest of these was sent. */
  readonly askedAt: number;
}

export interface Patience {
  /** Milliseconds of silence before the server is asked whether it is there. */
  readonly idle: number;
  /** Milliseconds that it has for an answer, and between two questions. */
  readonly interval: number;
  /** Questions without an answer behind which it is lost. */
  readonly count: number;
}

interface Heard {
  bytes: number;
  at: number;
}

/**
 * Notices that a server is gone which took its connections along without a word. Keepalive of Node.js gives up after `idle` and ten more seconds, and does not watch over a connection on
 * which something was sent; TCP itself takes a quarter of an hour for that.
 *
 * A statement may take as long as it likes: while it does, the server that it was sent to is asked on another connection, at the same address, whether it is there. The name may lead
 * elsewhere by now. Only where nothing answers, all connections to that address are closed.
 */
export class PeerWatch {
  readonly #patience: Patience;
  readonly #watched = new Map<Watched, Heard>();
  readonly #asking = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  add(connection: Watched): void {
    this.#watched.set(connection, { bytes: connection.stream.bytesRead, at: Date.now() });
    this.#timer ??= setInterval(() => this.#look(), Math.min(this.#patience.idle, this.#patience.interval) / 4).unref();
  }

  remove(connection: Watched): void {
    this.#watched.delete(connection);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    for (const [connection] of this.#watched) {
      if (connection.unanswered === 0) continue;
      const place = placeOf(connection.stream);
      if (place === undefined || this.#asking.has(place.key) || Date.now() - this.#heardAt(connection) < this.#patience.idle) continue;
      this.#asking.add(place.key);
      void this.#ask(place.key, place.address).finally(() => this.#asking.delete(place.key));
    }
  }

  /** When something came on it last; before that, when an answer was first waited for. */
  #heardAt(connection: Watched): number {
    const heard = this.#watched.get(connection);
    if (heard === undefined) return Date.now();
    const { bytesRead } = connection.stream;
    if (bytesRead !== heard.bytes) Object.assign(heard, { bytes: bytesRead, at: Date.now() });
    return Math.max(heard.at, connection.askedAt);
  }

  async #ask(key: string, address: NetConnectOpts): Promise<void> {
    const { interval, count } = this.#patience;
    const started = Date.now();
    for (let failed = 0; failed < count;) {
      const asked = Date.now();
      const answered = await answers(address, interval);
      if (answered) for (const [connection, heard] of this.#watched) if (isAt(connection, key)) heard.at = Date.now();
      // Whichever connection something comes on: the server is there.
      if (answered || [...this.#watched.keys()].some((connection) => isAt(connection, key) && this.#saidSomething(connection, started))) return;
      failed += 1;
      await sleep(Math.max(0, interval - (Date.now() - asked)), undefined, { ref: false });
    }
    const silence = Math.round((this.#patience.idle + interval * count) / 1000);
    for (const connection of [...this.#watched.keys()]) {
      if (isAt(connection, key)) connection.stream.destroy(new Error(`Connection terminated: the server has said nothing for ${silence} s, and does not answer`));
    }
  }

  #saidSomething(connection: Watched, since: number): boolean {
    const heard = this.#watched.get(connection);
    this.#heardAt(connection);
    return heard !== undefined && heard.at > since;
  }
}

function placeOf(stream: Socket): { readonly key: string; readonly address: NetConnectOpts } | undefined {
  const { remoteAddress: host, remotePort: port } = stream;
  return host === undefined || port === undefined ? undefined : { key: `${host} ${port}`, address: { host, port } };
}

const isAt = ({ stream }: Watched, key: string): boolean => placeOf(stream)?.key === key;
