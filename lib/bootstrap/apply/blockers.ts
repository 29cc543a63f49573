import type { Client } from 'pg';

/** The sessions that hold locks on tables of these schemas, the longest transaction first: one of them was in the way. */
export async function blockersIn(client: Client, schemas: readonly string[]): Promise<string[]> {
  const { rows } = await client.query(
    `select distinct a.pid, a.usename, a.application_name as application, a.state, extract(epoch from now() - a.xact_start)::int as seconds
       from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid join pg_catalog.pg_class c on c.oid = l.relation join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where l.granted and l.locktype = 'relation' and n.nspname = any($1) and a.pid <> pg_backend_pid() order by seconds desc nulls last limit 5`, [schemas]).catch(() => ({ rows: [] }));
  return rows.map((row) => `process ${row.pid} of ${row.usename}${row.application === '' ? '' : ` (${row.application})`}${row.state === null ? '' : `, ${row.state}, in a transaction for ${row.seconds} s`}`);
}
