import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';

/** First key of the advisory locks of this library: the bytes of "tnty". */
const SPACE = 0x746e7479;

type LockName = 'server' | 'database' | 'lane';
const KEYS: Readonly<Record<LockName, number>> = { server: 1, database: 2, lane: 3 };

interface Lock {
  readonly client: Client;
  readonly name: LockName;
}

/** Thrown through what runs under the locks, so that it is started anew. */
class Busy extends Error {
  constructor(readonly lock: Lock) {
    super('Another session holds a lock.');
  }
}

/**
 * The locks of one apply: first that of the server, then one for each database. Whoever finds one taken keeps none: an apply that waits
 * for its database is in nobody else's way. They are tried again and again, never waited for in the server: a statement that waits
 * there keeps a snapshot, and a concurrent index build of the holder would wait for that one in turn. A session's end releases its locks.
 */
export class ApplyLocks {
  readonly #until: number;
  #held: Lock[] = [];

  /** @param patience - milliseconds to wait for all locks together, from now on */
  constructor(readonly patience: number) {
    this.#until = Date.now() + patience;
  }

  /**
   * Runs `look` under the server's lock. Where it meets a database whose lock is taken, every lock is released, and once that one is free
   * it runs again from its start.
   *
   * @throws TenantryError (`failed`) that names the holder of the lock that was in the way
   */
  async take<T>(maintenance: Client, look: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        await this.#try({ client: maintenance, name: 'server' });
        return await look();
      } catch (error) {
        if (!(error instanceof Busy)) throw error;
        for (const lock of this.#held.splice(0).reverse()) await release(lock);
        await this.#untilFree(error.lock);
      }
    }
  }

  /** Takes the lock of a database, for `look` alone. */
  async takeDatabase(client: Client): Promise<void> {
    await this.#try({ client, name: 'database' });
  }

  /** Takes the lock of a database that was made under the server's lock. No other apply knows of it, so that no lock is given up. */
  async takeNewDatabase(client: Client): Promise<void> {
    const lock: Lock = { client, name: 'database' };
    while (!(await tryLock(lock))) await this.#untilFree(lock);
    this.#held.push(lock);
  }

  /**
   * Marks one more session as working in a database whose lock this apply holds: until it ends, nobody else gets that lock, also when the
   * session that holds it ended before.
   *
   * @param holder - the session that holds it; it must still live when the mark is there
   */
  async takeLane(client: Client, holder: Client): Promise<void> {
    for (let tries = 0; ; tries++) {
      const { rows: [row] } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock_shared($1, $2) as taken', [SPACE, KEYS.lane]);
      if (row?.taken === true) return void await holder.query('select 1');
      const lock: Lock = { client, name: 'lane' };
      if (tries > 100) throw held(lock, await holderOf(lock), 0);
      await sleep(20);
    }
  }

  /** The server's lock is not needed any more, those of the databases are. */
  async releaseServer(): Promise<void> {
    const [server, ...databases] = this.#held;
    if (server === undefined) return;
    await release(server);
    this.#held = databases;
  }

  async #try(lock: Lock): Promise<void> {
    if (!(await tryLock(lock))) throw new Busy(lock);
    this.#held.push(lock);
    if (lock.name !== 'database') return;
    // What is left of an apply that was killed may still be working in it.
    const { rows: [row] } = await lock.client.query<{ free: boolean }>('select case when pg_try_advisory_lock($1, $2) then pg_advisory_unlock($1, $2) else false end as free', [SPACE, KEYS.lane]);
    if (row?.free !== true) throw new Busy({ client: lock.client, name: 'lane' });
  }

  async #untilFree(lock: Lock): Promise<void> {
    for (let pause = 25; ; pause = Math.min(pause * 1.5, 500)) {
      const left = this.#until - Date.now();
      if (left <= 0) throw held(lock, await holderOf(lock), this.patience);
      await sleep(Math.min(pause * (0.75 + Math.random() / 2), left));
      if ((await holderOf(lock)) === undefined) return;
    }
  }
}

async function tryLock({ client, name }: Lock): Promise<boolean> {
  const { rows: [row] } = await client.query('select pg_try_advisory_lock($1, $2) as taken', [SPACE, KEYS[name]]);
  return row.taken;
}

async function release({ client, name }: Lock): Promise<void> {
  await client.query('select pg_advisory_unlock($1, $2)', [SPACE, KEYS[name]]);
}

interface Holder {
  readonly pid: number;
  readonly user: string | null;
  readonly application: string | null;
  readonly seconds: number | null;
}

async function holderOf({ client, name }: Lock): Promise<Holder | undefined> {
  const { rows: [holder] } = await client.query<Holder>(
    `select l.pid, a.usename as "user", a.application_name as application, extract(epoch from now() - a.backend_start)::int as seconds
       from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'advisory' and l.classid = $1 and l.objid = $2 and l.objsubid = 2 and l.granted and l.database = (select oid from pg_catalog.pg_database where datname = current_database())`, [SPACE, KEYS[name]]);
  return holder;
}

function held({ client, name }: Lock, holder: Holder | undefined, patience: number): TenantryError {
  return new TenantryError('failed', {
    code: 'apply/locked', at: name === 'server' ? 'server' : `database ${client.database ?? ''}`,
    problem: `The lock that keeps applies apart was not to be had within ${Math.round(patience / 1000)} s${holder === undefined ? '' : `: process ${holder.pid} of ${holder.user ?? 'a login that is hidden'} (${holder.application ?? 'its application name is hidden'}) holds it${holder.seconds === null ? '' : `, connected for ${holder.seconds} s`}`}.`,
    fix: `Wait until it ends and try again, or give more time with --lock-wait SECONDS.${holder === undefined ? '' : ` Where that process is no apply, end it as an administrator: select pg_terminate_backend(${holder.pid})`}`,
  });
}
