import { groupRole, LIBRARY_SCHEMA } from '../../declaration/names';
import type { Declaration } from '../../declaration/schema';
import { hasOwnLogins } from '../../declaration/tenant-context';
import { literal } from '../sql/quote';

/**
 * Anybody can hold an advisory lock, a table's only who has a privilege on it. Where somebody keeps a tenant's advisory lock, its transactions share the lock of
 * this table instead, which nothing else takes for long, and who closes the tenant's place takes both alone.
 */
export const SECOND_LOCK = `${LIBRARY_SCHEMA}.table_tenancies`;

/** First statements of `enter`. Who closes a place writes that into the registry before it takes the locks: what is read behind them is true until the transaction ends. */
export const lockTenant = (space: number, sqlstate: string): string => `if not pg_try_advisory_xact_lock_shared(${space}, hashtext(tenant_key)) then
    begin
      lock table ${SECOND_LOCK} in row share mode nowait;
    exception
      when lock_not_available then raise exception 'tenant % is being moved', tenant_key using errcode = '${sqlstate}';
    end;
  end if;`;

/**
 * Where each tenant has logins of its own, the registry answers a login about its own tenant alone: as a condition on the row `t` of the registry.
 *
 * @returns undefined where logins are shared, which have to ask about every tenant
 */
export function ownTenantOnly(declaration: Pick<Declaration, 'name' | 'roles' | 'tenantContext'>): string | undefined {
  const roles = Object.entries(declaration.roles).filter(([, role]) => hasOwnLogins(declaration, role)).map(([role]) => `${literal(`${groupRole(declaration.name, role)}__`)} || replace(t.key, '-', '_')`);
  return roles.length === 0 ? undefined : `exists (select from pg_catalog.pg_roles r where r.rolname in (${roles.join(', ')}) and pg_has_role(session_user, r.oid, 'member'))`;
}
