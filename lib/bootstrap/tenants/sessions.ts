import type { Client } from 'pg';

export interface Sessions {
  /** Ended by us. */
  readonly ended: number;
  /** Still connected: the bootstrap login may not end them, or they were still ending. */
  readonly left: number;
}

/** Milliseconds that a session has to end. */
const PATIENCE = 2_000;

/**
 * Ends the sessions of logins where the bootstrap login may, as a member of pg_signal_backend or a superuser. Who made a role may not do that
 * by itself, and becoming a member of the login would carry `rds_iam` over to the bootstrap.
 *
 * @param database - only those to that one
 */
export async function endSessions(client: Client, logins: readonly string[], database?: string): Promise<Sessions> {
  if (logins.length === 0) return { ended: 0, left: 0 };
  const { rows: [stopped] } = await client.query<{ ended: number }>(
    `with open as materialized (select pid from pg_catalog.pg_stat_activity where usename = any($1) and ($2::text is null or datname = $2) and (pg_has_role('pg_signal_backend', 'usage') or pg_has_role(usesysid, 'usage')))
     select count(*) filter (where pg_terminate_backend(pid, ${PATIENCE}))::int as ended from open`, [logins, database ?? null]);
  const { rows: [still] } = await client.query<{ left: number }>('select count(*)::int as left from pg_catalog.pg_stat_activity where usename = any($1) and ($2::text is null or datname = $2)', [logins, database ?? null]);
  return { ended: stopped?.ended ?? 0, left: still?.left ?? 0 };
}
