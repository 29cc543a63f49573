import { INACTIVE_TENANT, type LibraryFunction, MOVING_TENANT, TENANT_LOCK_SPACE, UNKNOWN_TENANT } from './library';
import { TENANT_SETTING } from './shape';
import { lockTenant } from './tenant-lock';

/** SQLSTATEs that `tenantry.enter_support` raises. */
export const NO_ACCESS = 'TN021';
export const WRONG_ISOLATION_LEVEL = 'TN022';

/** The condition of the policy for support roles, as the server deparses it: asked once a statement. */
export const SUPPORT_FLOOR = '(tenant_id = ( SELECT tenantry.support_tenant() AS support_tenant))';

/**
 * What support roles enter a tenant with. A row of the log that this very transaction wrote is what opens the policy: nobody but the owner can
 * write one, it is not visible to others before the commit, and behind that the transaction is over. `current_setting('role')` is what the
 * session took on by SET ROLE, also inside of a function that runs with the rights of its owner. The tenant's lock keeps its place from being
 * moved or removed under what a break-glass role writes; one that is suspended or archived can be looked into.
 */
export function supportFunctions(grantees: readonly string[]): LibraryFunction[] {
  return [
    {
      name: 'enter_support', arguments: 'IN tenant_key text, IN reason text', types: 'text, text', returns: null, volatility: 'volatile', language: 'plpgsql', grantees,
      body: `
declare
  tenant record;
  access record;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a transaction that enters a tenant is READ COMMITTED, so that an access that ends is noticed at once' using errcode = '${WRONG_ISOLATION_LEVEL}';
  end if;
  select g.id into access from tenantry.access_grants g
   where g.member = session_user and g.role = current_setting('role') and g.revoked_at is null and g.valid_from <= clock_timestamp() and g.valid_until > clock_timestamp()
   order by g.valid_until desc limit 1;
  if not found or coalesce(btrim(reason), '') = '' then
    raise log 'tenantry: % was refused to enter tenant % as %, because %', quote_literal(session_user), quote_nullable(tenant_key), quote_literal(current_setting('role')),
      case when access is null then 'there is no open grant' else 'no reason was given' end;
    raise exception '%', case when access is null then 'you have no open grant of access as role ' || current_setting('role') else 'a reason is needed to enter a tenant' end using errcode = '${NO_ACCESS}';
  end if;
  ${lockTenant(TENANT_LOCK_SPACE, MOVING_TENANT)}
  select t.id, t.state, t.database_name into tenant from tenantry.tenants t where t.key = tenant_key;
  if not found then
    raise exception 'tenant % is not known here', tenant_key using errcode = '${UNKNOWN_TENANT}';
  elsif tenant.state in ('moving', 'offboarding', 'offboarded') then
    raise exception 'tenant % is %', tenant_key, tenant.state using errcode = '${INACTIVE_TENANT}';
  elsif tenant.database_name <> current_database() then
    raise exception 'the rows of tenant % are in database %', tenant_key, tenant.database_name using errcode = '${UNKNOWN_TENANT}';
  end if;
  insert into tenantry.access_log (grant_id, member, role, tenant_id, tenant_key, reason) values (access.id, session_user, current_setting('role'), tenant.id, tenant_key, reason);
  perform set_config('${TENANT_SETTING}', tenant.id::text, true);
  raise log 'tenantry: % entered tenant % as %, grant %, transaction %, reason %', quote_literal(session_user), quote_literal(tenant_key), quote_literal(current_setting('role')), access.id, pg_current_xact_id(), to_json(reason);
end
`,
    },
    {
      name: 'support_tenant', arguments: '', types: '', returns: 'uuid', volatility: 'stable', language: 'sql', grantees,
      body: `
select l.tenant_id from tenantry.access_log l join tenantry.access_grants g on g.id = l.grant_id
 where l.xid = pg_current_xact_id_if_assigned() and l.transaction_at = transaction_timestamp() and l.member = session_user and l.role = current_setting('role')
   and g.member = l.member and g.role = l.role and g.revoked_at is null and g.valid_from <= clock_timestamp() and g.valid_until > clock_timestamp()
 order by l.entered_at desc limit 1
`,
    },
  ];
}
