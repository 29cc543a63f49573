import { LONGEST_REASON, LONGEST_REASON_BYTES, UNREADABLE } from '../../declaration/access-reason';
import { literal } from '../sql/quote';
import { INACTIVE_TENANT, type LibraryFunction, MOVING_TENANT, TENANT_LOCK_SPACE, UNKNOWN_TENANT } from './library';
import { TENANT_SETTING } from './shape';
import { lockTenant } from './tenant-lock';

/** SQLSTATEs that `tenantry.enter_support` raises. */
export const NO_ACCESS = 'TN021';
export const WRONG_ISOLATION_LEVEL = 'TN022';

/** A reason that is longer than what is kept, or that would look like something else where it is shown. */
export const BAD_REASON = 'TN023';

/**
 * The condition of the policy for support roles in a schema, as the server deparses it: asked once a statement. A tenant opens the schema in which
 * it lies, and no other: else its rows could be written where nobody looks for them.
 */
export const supportFloor = (schema: string): string => `(tenant_id = ( SELECT tenantry.support_tenant(${literal(schema)}::text) AS support_tenant))`;

/** Names with types of functions of an older version, which policies call until an apply changes them. */
export const FORMER_SUPPORT_FUNCTIONS: readonly string[] = ['support_tenant()'];

/**
 * What support roles enter a tenant with. A row of the log that this very transaction wrote is what opens the policy: nobody but the owner can
 * write one, it is not visible to others before the commit, and behind that the transaction is over. `current_setting('role')` is what the
 * session took on by SET ROLE, also inside of a function that runs with the rights of its owner. The tenant's lock keeps its place from being
 * moved or removed under what a break-glass role writes; one that is suspended or archived can be looked into. What the caller gives is looked at
 * before anything is written, and no more of it than a name can have goes into messages.
 */
export function supportFunctions(grantees: readonly string[]): LibraryFunction[] {
  return [
    {
      name: 'enter_support', arguments: 'IN tenant_key text, IN reason text', types: 'text, text', returns: null, volatility: 'volatile', language: 'plpgsql', grantees,
      body: `
declare
  tenant record;
  access record;
  refused text;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a transaction that enters a tenant is READ COMMITTED, so that an access that ends is noticed at once' using errcode = '${WRONG_ISOLATION_LEVEL}';
  end if;
  select g.id into access from tenantry.access_grants g
   where g.member = session_user and g.role = current_setting('role') and g.revoked_at is null and g.valid_from <= clock_timestamp() and g.valid_until > clock_timestamp()
   order by g.valid_until desc limit 1;
  refused := case when not found then 'there is no open grant' when octet_length(reason) > ${LONGEST_REASON_BYTES} or length(reason) > ${LONGEST_REASON} then 'its reason is too long' when coalesce(btrim(reason), '') = '' then 'no reason was given'
    when reason ~ '${UNREADABLE}' then 'its reason holds control characters' end;
  if refused is not null then
    raise log 'tenantry: % was refused to enter tenant % as %, because %', quote_literal(session_user), quote_nullable(regexp_replace(left(tenant_key, 63), '${UNREADABLE}', '?', 'g')), quote_literal(current_setting('role')), refused;
    if access is null then
      raise exception 'you have no open grant of access as role %', current_setting('role') using errcode = '${NO_ACCESS}';
    elsif refused = 'no reason was given' then
      raise exception 'a reason is needed to enter a tenant' using errcode = '${NO_ACCESS}';
    end if;
    raise exception 'a reason to enter a tenant has ${LONGEST_REASON} characters at most, and is one line without control characters' using errcode = '${BAD_REASON}';
  end if;
  ${lockTenant(TENANT_LOCK_SPACE, MOVING_TENANT)}
  select t.id, t.state, t.database_name into tenant from tenantry.tenants t where t.key = tenant_key;
  if not found then
    raise exception 'tenant % is not known here', left(tenant_key, 63) using errcode = '${UNKNOWN_TENANT}';
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
      name: 'support_tenant', arguments: 'place_schema text', types: 'text', returns: 'uuid', volatility: 'stable', language: 'sql', grantees,
      body: `
select l.tenant_id from tenantry.access_log l join tenantry.access_grants g on g.id = l.grant_id join tenantry.tenants t on t.id = l.tenant_id and t.schema_name = place_schema
 where l.xid = pg_current_xact_id_if_assigned() and l.transaction_at = transaction_timestamp() and l.member = session_user and l.role = current_setting('role')
   and g.member = l.member and g.role = l.role and g.revoked_at is null and g.valid_from <= clock_timestamp() and g.valid_until > clock_timestamp()
 order by l.entered_at desc limit 1
`,
    },
  ];
}
