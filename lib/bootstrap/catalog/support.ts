import type { Client } from 'pg';
import { LIBRARY_SCHEMA } from '../../declaration/names';
import type { Declaration } from '../../declaration/schema';
import { type AccessGrant, NO_SUPPORT, type SupportState } from '../model/support';

/** Reads who has access to tenants' rows, by the home registry. A declaration without a support role asks nothing. */
export async function readSupport(declaration: Declaration, home: Client | undefined, maintenance: Client, libraryTables: readonly string[]): Promise<SupportState> {
  if (!Object.values(declaration.roles).some(({ kind }) => kind === 'support')) return NO_SUPPORT;
  const grants = home === undefined || !libraryTables.includes('access_grants') ? [] : (await home.query<AccessGrant>(`
    select id, member, role, reason, valid_until as until, declared, revoked_at is not null as revoked from ${LIBRARY_SCHEMA}.access_grants g
     where valid_until > now() or exists (select from pg_catalog.pg_auth_members where pg_get_userbyid(roleid) = g.role and pg_get_userbyid(member) = g.member) order by id`)).rows;
  const members = [...new Set([...grants, ...declaration.supportAccess ?? []].map(({ member }) => member))];
  const { rows: [there] } = await maintenance.query<{ now: Date; logins: string[] }>(`select now(), ${LOGINS} as logins`, [members]);
  return { now: there?.now ?? new Date(), grants, logins: new Set(there?.logins) };
}

/** SQL: of the names in $1, the logins that access can be granted to: not the library's own, not superusers, not the one that asks. */
export const LOGINS = `array(select rolname::text from pg_catalog.pg_roles where rolname = any($1) and rolcanlogin and not rolsuper and rolname <> current_user
  and coalesce(shobj_description(oid, 'pg_authid'), '') not like '{"tenantry":%')`;
