import { LIBRARY_SCHEMA, TENANT_ID } from '../../declaration/names';
import type { TenantContext } from '../../declaration/tenant-context';
import type { PasswordPlace } from '../connect/password-store';
import { literal } from '../sql/quote';
import type { LibraryFunction } from './library';
import { type ShapeTable, TENANT_FLOOR } from './shape';

/** The setting that carries a signed context: `tenant id|expiry|signature`, the expiry in seconds since 1970, the signature in hexadecimal. */
export const CONTEXT_SETTING = 'tenantry.context';
/** SQLSTATEs of a context that no valid key has signed, and of one that was signed too long ago. */
export const FORGED_CONTEXT = 'TN011';
export const EXPIRED_CONTEXT = 'TN012';

export const CONTEXT_KEYS = 'context_keys';

/** What the floor asks. In a sub-select it is evaluated once a statement instead of once a row. */
const FLOORS: Readonly<Record<TenantContext, string>> = {
  plain: TENANT_FLOOR,
  signed: `${TENANT_ID} = (select ${LIBRARY_SCHEMA}.current_tenant())`,
  role: `${TENANT_ID} = (select ${LIBRARY_SCHEMA}.tenant_of(current_user))`,
};
export const floorFor = (context: TenantContext): string => FLOORS[context];

/** Functions that a floor calls, as they are called. While forms are made canonical a temporary one stands for each: before the first apply there is none. */
export const FLOOR_FUNCTIONS = [{ call: `${LIBRARY_SCHEMA}.current_tenant(`, twin: 'pg_temp.current_tenant(', arguments: '' }, { call: `${LIBRARY_SCHEMA}.tenant_of(`, twin: 'pg_temp.tenant_of(', arguments: 'role_name name' }] as const;

export const CONTEXT_KEYS_TABLE: ShapeTable = {
  name: CONTEXT_KEYS, tenancy: 'shared', comment: 'Keys that tenant contexts are signed with, as the two blocks that HMAC makes of one. Nobody but the owner may read them',
  columns: [
    { name: 'id', type: 'uuid', notNull: true, default: 'gen_random_uuid()' },
    { name: 'inner_block', type: 'bytea', notNull: true }, { name: 'outer_block', type: 'bytea', notNull: true },
    { name: 'location', type: 'text', notNull: true, comment: 'Where programs find it' },
    { name: 'version', type: 'text', notNull: false, comment: 'Of the secret, where it has versions' },
    { name: 'valid_until', type: 'timestamptz', notNull: false, comment: 'Null is the key that programs sign with; one that it follows is valid until then' },
    { name: 'made_at', type: 'timestamptz', notNull: true, default: 'now()' },
  ],
  keys: [{ name: 'context_keys_pkey', primary: true, columns: ['id'] }],
  checks: [{ name: 'context_keys_block_check', expression: 'length(inner_block) = 64 and length(outer_block) = 64' }], foreignKeys: [], indexes: [], rows: [],
};

/** What is known of a key without the key. */
export interface ContextKeyFacts {
  readonly id: string;
  readonly digest: string;
  readonly location: string;
  readonly until: string | null;
}

/** The keys that a database must hold. The home database makes them, those of tenants repeat it. */
export interface WantedContextKeys {
  readonly keys: readonly ContextKeyFacts[];
  /** Why a new one has to be made. @default - it need not */
  readonly reason?: string;
  /** Where a new one is kept. @default - nobody knows */
  readonly place?: PasswordPlace;
}

/** A key that is known to be kept is never replaced by one in a file that happens to be given. */
export function wantedContextKeys(keys: readonly ContextKeyFacts[], place: PasswordPlace | undefined): WantedContextKeys {
  const current = keys.filter(({ until }) => until === null);
  const reason = current.length === 0 ? (keys.length === 0 ? 'none was made yet' : 'the last one was given an end')
    : current.length > 1 || place === undefined ? undefined
      : place.declared ? (current[0]?.location === place.location ? undefined : `it was kept in ${current[0]?.location}, and the manifest names ${place.location}`)
        : place.empty && current[0]?.location === place.location ? 'its file does not hold it any more' : undefined;
  return { keys, ...(reason === undefined ? {} : { reason }), ...(place === undefined ? {} : { place }) };
}

export const CONTEXT_KEY_FACTS = `select id::text as id, encode(sha256(inner_block || outer_block), 'hex') as digest, location, valid_until::text as until from ${LIBRARY_SCHEMA}.${CONTEXT_KEYS} order by id`;

/**
 * What the floor calls. PUBLIC may execute them: policies call them as whoever queries, and a privilege for each tenant would grow with their number. Roles
 * of tenants may not use the schema, so that they cannot call them by name; what they say is about the caller alone.
 */
export function contextFunctions(context: TenantContext, declaration: string): LibraryFunction[] {
  const common = { returns: 'uuid', volatility: 'stable', language: 'plpgsql', grantees: [''] } as const;
  if (context === 'signed') return [{ ...common, name: 'current_tenant', arguments: '', types: '', body: verifying(declaration) }];
  if (context === 'role') return [{ ...common, name: 'tenant_of', arguments: 'role_name name', types: 'name', body: mapping(declaration) }];
  return [];
}

/** Names with types of functions that a context needs and others do not: they go when the context is another one. */
export const CONTEXT_FUNCTIONS: readonly string[] = ['current_tenant()', 'tenant_of(role_name name)'];

/**
 * HMAC-SHA-256 by what PostgreSQL has built in. What is compared was hashed once more, so that how long that takes tells nothing of the right signature.
 * The search ends with the key that fits; what none has signed is compared with all. A signature has 64 characters and one in front of it; the rest is what was
 * signed, and nothing else is read. What is not signed is never cast: it would fail by another SQLSTATE. There are few expressions, because each is made ready
 * anew in each transaction.
 */
const verifying = (declaration: string): string => `
declare
  context constant text := current_setting('${CONTEXT_SETTING}', true);
  genuine boolean;
begin
  select true into genuine
    from ${LIBRARY_SCHEMA}.${CONTEXT_KEYS} k
   where (k.valid_until is null or k.valid_until > transaction_timestamp())
     and sha256(convert_to(encode(sha256(k.outer_block || sha256(k.inner_block || convert_to(${literal(`${declaration}|`)} || left(context, -65), 'UTF8'))), 'hex'), 'UTF8')) = sha256(convert_to(right(context, 64), 'UTF8'));
  if genuine then
    if to_timestamp(split_part(left(context, -65), '|', 2)::bigint) > transaction_timestamp() then
      return left(context, 36)::uuid;
    end if;
    raise exception 'the tenant context had expired when the transaction began' using errcode = '${EXPIRED_CONTEXT}';
  elsif context <> '' then
    raise exception 'the tenant context is not signed with a valid key' using errcode = '${FORGED_CONTEXT}';
  end if;
  return null;
end
`;

/** A tenant's key stands in the names of its roles behind the first two underscores, with an underscore for each hyphen. */
const mapping = (declaration: string): string => `
declare
  -- A name has a collation of its own, which variables take over and the index has not.
  wanted constant text collate pg_catalog."default" := replace(substr(role_name, strpos(role_name, '__') + 2), '_', '-');
  tenant uuid;
begin
  if starts_with(role_name, ${literal(`${declaration}_`)}) and strpos(role_name, '__') > 0 and pg_has_role(session_user, role_name, 'member') then
    select t.id into tenant from ${LIBRARY_SCHEMA}.tenants t where t.key = wanted;
  end if;
  return tenant;
end
`;
