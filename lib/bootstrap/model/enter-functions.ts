import { INACTIVE_TENANT, type LibraryFunction, MOVED_TENANT, MOVING_TENANT, TENANT_LOCK_SPACE, UNKNOWN_TENANT } from './library';
import { TENANT_SETTING } from './shape';
import { CONTEXT_SETTING } from './tenant-context';
import { lockTenant } from './tenant-lock';
import { SET_TIER_LIMITS } from './tier';

/**
 * The registry's row is read behind the tenant's lock, so that what was changed under that lock is seen. A transaction whose snapshot is older than its lock
 * does not see it; asking for the row's lock tells it apart, and is taken back at once, so that nobody waits for it.
 */
const REFUSE_OLD_SNAPSHOT = `if current_setting('transaction_isolation') in ('repeatable read', 'serializable') and current_setting('transaction_read_only') = 'off' then
      begin
        perform from tenantry.tenants t where t.key = tenant_key for share;
        raise exception using errcode = 'TN000';
      exception
        when sqlstate 'TN000' then null;
        when serialization_failure then raise exception 'tenant % was moved', tenant_key using errcode = '${MOVED_TENANT}';
      end;
    end if;`;

/**
 * What clients enter a tenant with. Each transaction does so, and each expression of it is made ready anew in each transaction: there are few. The session's
 * own advisory locks, which a tenant before may have left, go here, because that costs a tenth of what a query of its own does.
 *
 * A signed context is taken along whatever the declaration says, so that programs can be changed before it.
 *
 * @param answers - about which tenants it answers: a condition on the row `t` of the registry. @default - all
 * @param limited - whether any tier limits transactions; where none does, it need not look
 */
export function enterFunctions(users: readonly string[], answers?: string, limited = true): LibraryFunction[] {
  const also = answers === undefined ? '' : ` and ${answers}`;
  const common = { name: 'enter', returns: null, volatility: 'volatile', language: 'plpgsql', grantees: users } as const;
  return [
    {
      ...common, arguments: 'IN tenant_key text, IN placement_version integer, IN context text', types: 'text, integer, text',
      body: `
declare
  entered text;
  tenant record;${limited ? `
  tenant_tier text;
  limits record;` : ''}
begin
  if pg_advisory_unlock_all() is null or not (pg_try_advisory_xact_lock_shared(${TENANT_LOCK_SPACE}, hashtext(tenant_key)) and current_setting('transaction_isolation') = 'read committed') then
    ${lockTenant(TENANT_LOCK_SPACE, MOVING_TENANT)}
    ${REFUSE_OLD_SNAPSHOT}
  end if;
  select set_config('${TENANT_SETTING}', t.id::text, true)${limited ? ', t.tier' : ''} into entered${limited ? ', tenant_tier' : ''} from tenantry.tenants t where t.key = tenant_key and t.version = placement_version and t.state = 'active' and t.server is null${also};
  if not found then
    select t.state, t.version into tenant from tenantry.tenants t where t.key = tenant_key${also};
    if not found then
      raise exception 'tenant % is not known here', tenant_key using errcode = '${UNKNOWN_TENANT}';
    elsif tenant.version = placement_version and tenant.state <> 'active' then
      raise exception 'tenant % is %', tenant_key, tenant.state using errcode = '${INACTIVE_TENANT}';
    end if;
    raise exception 'tenant % was moved', tenant_key using errcode = '${MOVED_TENANT}';
  end if;
  if context is not null then
    entered := set_config('${CONTEXT_SETTING}', context, true);
  end if;${limited ? `
  ${SET_TIER_LIMITS}` : ''}
end
`,
    },
    // What clients of an older version call.
    { ...common, arguments: 'IN tenant_key text, IN placement_version integer', types: 'text, integer', body: `
begin
  call tenantry.enter(tenant_key, placement_version, null);
end
` },
  ];
}
