import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { TENANT_LOCK_SPACE } from '../model/library';
import { SECOND_LOCK } from '../model/tenant-lock';

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Waits until every transaction that entered a tenant has ended. Nobody enters it any more, so that who has had its lock alone for a moment knows
 * that nobody is inside. The lock is tried again and again: a session that waited for it would keep others from entering where two tenants share one.
 *
 * @returns the sessions that were still inside after `patience` milliseconds, none when all have left
 */
export async function drain(client: Client, key: string, patience: number): Promise<string[]> {
  for (const until = Date.now() + patience; ; await sleep(20)) {
    const { rows: [row] } = await client.query<{ taken: boolean }>('select pg_try_advisory_xact_lock($1, hashtext($2)) as taken', [TENANT_LOCK_SPACE, key]);
    if (row?.taken === true && (await takesSecondLock(client))) return [];
    if (Date.now() >= until) break;
  }
  const { rows } = await client.query<{ pid: number; user: string | null; application: string | null; seconds: number | null }>(
    `select l.pid, a.usename as user, a.application_name as application, extract(epoch from now() - a.xact_start)::int as seconds
       from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
      where ((l.locktype = 'advisory' and l.classid = $1 and l.objid = (hashtext($2)::bigint & 4294967295)::oid and l.objsubid = 2)
             or (l.locktype = 'relation' and l.relation = '${SECOND_LOCK}'::regclass and l.mode = 'RowShareLock')) and l.granted
        and l.database = (select oid from pg_catalog.pg_database where datname = current_database()) order by a.xact_start limit 5`, [TENANT_LOCK_SPACE, key]);
  return rows.map(({ pid, user, application, seconds }) => `process ${pid} of ${user ?? 'a prepared transaction'}${application === null || application === '' ? '' : ` (${application})`}${seconds === null ? '' : `, in a transaction for ${seconds} s`}`);
}

/** Those whom somebody kept from the tenant's lock hold this one. */
const takesSecondLock = (client: Client): Promise<boolean> => client.query(`do $$ begin lock table ${SECOND_LOCK} in exclusive mode nowait; end $$`).then(() => true, (error: { code?: string }) => {
  if (error.code === LOCK_NOT_AVAILABLE) return false;
  throw error;
});

export const stillInside = (key: string, inside: readonly string[], what: string): TenantryError => new TenantryError('failed', {
  code: 'tenant/in-use', at: key, problem: `Transactions of tenant ${JSON.stringify(key)} did not end in time: ${inside.length === 0 ? 'the last one ended just now' : inside.join('; ')}. ${what}`,
  fix: 'Wait until they end, or end them, and run the command again; --drain-wait SECONDS gives them more time.',
});
