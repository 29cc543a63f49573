import type { Client } from 'pg';
import type { ApplyLocks } from '../apply/lock';
import { type LiveDatabase, reopening } from '../kinds/database';
import { finding, type LiveCatalog, serverKey } from '../kinds/kind';
import type { Change, Difference } from '../plan/difference';

/** The connection limit is reached; the database is invalid. */
const CLOSED_STATES = new Set(['53300', '55000']);
const NO_LIMIT = -1;

/** Connections to databases, which stay open where the server is looked at again. */
export interface Connecting {
  readonly maintenance: Client;
  readonly connectTo: (database: string) => Promise<Client>;
  readonly opened: Map<string, Client>;
}

/** The databases of the wanted names: which of them can be looked into, and which cannot, since they are somebody else's or let nobody in. */
export class ReachedDatabases {
  /** To those that can be looked into, by name. */
  readonly connections = new Map<string, Client>();
  /** Ours that let nobody in: what is in them is seen once that is mended. */
  readonly closed = new Set<string>();
  /** That they are there is a difference of the server, and there is nothing to say about what is in them. */
  readonly #somebodyElses = new Set<string>();

  /** @param locks - taken of each before anything of it is read. Undefined where nothing is applied */
  constructor(private readonly owner: string, private readonly connecting: Connecting, private readonly locks: ApplyLocks | undefined) {}

  async reach(names: readonly string[]): Promise<void> {
    const { maintenance, opened, connectTo } = this.connecting;
    const { rows } = await maintenance.query('select datname, pg_get_userbyid(datdba) = $2 as ours, datallowconn as "allowsConnections", datconnlimit as "connectionLimit" from pg_database where datname = any($1) order by 1', [names, this.owner]);
    for (const { datname, ours, ...limits } of rows) {
      if (!ours) {
        this.#somebodyElses.add(datname);
        continue;
      }
      const client = opened.get(datname) ?? await unlessClosed(limits, () => connectTo(datname));
      if (client === undefined) {
        this.closed.add(datname);
        continue;
      }
      opened.set(datname, client);
      this.connections.set(datname, client);
      await this.locks?.takeDatabase(client);
    }
  }

  /** Whether there is one of this name, whosever it is. */
  has(name: string): boolean {
    return this.connections.has(name) || this.closed.has(name) || this.#somebodyElses.has(name);
  }

  /** What has to be made before those that let nobody in can be looked into. */
  reopening(liveServer: LiveCatalog): Change[] {
    return [...this.closed].flatMap((name) => reopening(name, liveServer.get('database')?.get(serverKey)?.get(name) as LiveDatabase));
  }

  notCompared(): Difference[] {
    return [...this.closed].map((name) => finding({ code: 'database/closed', kind: 'database', target: 'server', summary: `what is in database ${name} is not compared, because it lets nobody in` }));
  }
}

async function unlessClosed({ allowsConnections, connectionLimit }: { allowsConnections: boolean; connectionLimit: number }, connectTo: () => Promise<Client>): Promise<Client | undefined> {
  if (!allowsConnections) return undefined;
  try {
    return await connectTo();
  } catch (error) {
    if (connectionLimit === NO_LIMIT || !CLOSED_STATES.has(((error as Error).cause as { code?: string } | undefined)?.code ?? '')) throw error;
    return undefined;
  }
}
