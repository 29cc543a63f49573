import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { SUPERUSER_SETTINGS } from '../model/role-settings';
import type { Capabilities } from '../model/server';
import { connect, type ServerAccess } from './server-access';

const OLDEST_SUPPORTED = 150_000;

/**
 * Finds out what the server is and what the login may do.
 *
 * @throws TenantryError (`refused`) when the server is too old, or the login cannot create roles and databases
 */
export async function probe(client: Client, access: ServerAccess): Promise<Capabilities> {
  const { rows: [row] } = await client.query(`
    select current_setting('server_version_num')::int as "versionNumber", current_setting('server_version') as version, current_user as login, rolsuper as superuser,
           rolcreaterole as "createRole", rolcreatedb as "createDb", exists (select from pg_catalog.pg_roles where rolname = 'rds_iam') as "hasRdsIam",
           to_regprocedure('pg_catalog.aurora_version()') is not null as "isAurora",
           array(select name from unnest($1::text[]) name where has_parameter_privilege(current_user, name, 'SET')) as settable
      from pg_catalog.pg_roles where rolname = current_user`, [SUPERUSER_SETTINGS]);
  if (row.versionNumber < OLDEST_SUPPORTED) {
    throw new TenantryError('refused', { code: 'connect/version', problem: `The server is PostgreSQL ${row.version}; 15 or later is needed, for security_invoker views and SET NULL of single columns.`, fix: 'Upgrade the server.' });
  }
  if (!row.superuser && !(row.createRole && row.createDb)) {
    throw new TenantryError('refused', {
      code: 'connect/privileges', problem: `${row.login} may not create ${row.createRole ? 'databases' : row.createDb ? 'roles' : 'roles and databases'}.`,
      fix: `Use the master login of the cluster, or as an administrator: alter role "${row.login}" createrole createdb`,
    });
  }
  const aurora = row.isAurora ? { auroraVersion: (await client.query('select pg_catalog.aurora_version()::text as version')).rows[0].version as string } : {};
  return { versionNumber: row.versionNumber, version: row.version, ...aurora, login: row.login, loginIsSuperuser: row.superuser, loginUsesPassword: access.method === 'password', hasRdsIam: row.hasRdsIam, settable: row.settable };
}

/**
 * Refuses a connection pooler: session locks, `CREATE DATABASE` and concurrent builds need a server process of their own. A pooler shows
 * when the process that answers is not the one that the connection was opened with, or when two connections share one.
 */
export async function refusePooler(first: Client, access: ServerAccess, database: string): Promise<void> {
  const second = await connect(access, database);
  try {
    const pids = await Promise.all([first, second].map(async (client) => (await client.query('select pg_backend_pid() as pid')).rows[0].pid as number));
    const announced = [first, second].map((client) => (client as unknown as { processID: number | null }).processID);
    if (pids[0] !== pids[1] && pids.every((pid, i) => pid === announced[i])) return;
  } finally {
    await second.end();
  }
  throw new TenantryError('refused', {
    code: 'connect/pooler', at: `${access.host}:${access.port}`, problem: 'A connection pooler is in between: its connections share or change server processes, and the locks that keep two applies apart would not hold.',
    fix: 'Connect to the server itself: the cluster endpoint instead of the proxy, or the port of PostgreSQL instead of that of PgBouncer.',
  });
}
