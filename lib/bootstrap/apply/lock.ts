import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';

/** First key of the advisory locks of this library: the bytes of "tnty". */
const SPACE = 0x746e7479;

export type LockName = 'server' | 'database';
const KEYS: Readonly<Record<LockName, number>> = { server: 1, database: 2 };

/**
 * Takes a lock that the session holds until it is released or ends. It is tried again and again, never waited for in the server: a
 * statement that waits there keeps a snapshot, and a concurrent index build of the holder would wait for that one in turn.
 *
 * @param patience - milliseconds
 * @throws TenantryError (`failed`) that names the holder
 */
export async function acquire(client: Client, name: LockName, patience: number): Promise<void> {
  const until = Date.now() + patience;
  for (let pause = 25; ; pause = Math.min(pause * 1.5, 500)) {
    const { rows: [row] } = await client.query('select pg_try_advisory_lock($1, $2) as taken', [SPACE, KEYS[name]]);
    if (row.taken) return;
    if (Date.now() >= until) throw await held(client, name, patience);
    await sleep(pause * (0.75 + Math.random() / 2));
  }
}

export async function release(client: Client, name: LockName): Promise<void> {
  await client.query('select pg_advisory_unlock($1, $2)', [SPACE, KEYS[name]]);
}

async function held(client: Client, name: LockName, patience: number): Promise<TenantryError> {
  const { rows: [holder] } = await client.query(
    `select a.pid, a.usename, a.application_name, extract(epoch from now() - a.backend_start)::int as seconds
       from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'advisory' and l.classid = $1 and l.objid = $2 and l.granted and l.database = (select oid from pg_catalog.pg_database where datname = current_database())`, [SPACE, KEYS[name]]);
  return new TenantryError('failed', {
    code: 'apply/locked', at: name === 'server' ? 'server' : `database ${client.database ?? ''}`,
    problem: `Another apply has held the lock for longer than ${Math.round(patience / 1000)} s${holder === undefined ? '' : `: process ${holder.pid} of ${holder.usename} (${holder.application_name ?? 'its application name is hidden'})${holder.seconds === null ? '' : `, connected for ${holder.seconds} s`}`}.`,
    fix: `Wait until it ends and try again, or give more time with --lock-wait SECONDS.${holder === undefined ? '' : ` Where that process is no apply, end it as an administrator: select pg_terminate_backend(${holder.pid})`}`,
  });
}
