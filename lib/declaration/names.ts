import { createHash } from 'node:crypto';

/** PostgreSQL stores at most this many bytes of a name and cuts off the rest without an error (NAMEDATALEN - 1). */
export const MAX_IDENTIFIER = 63;

export const IDENTIFIER = /^[a-z_][a-z0-9_]*$/;
export const TENANT_KEY = /^[a-z][a-z0-9-]{0,30}$/;
const MAX_TENANT_KEY = 31;

/** The column that the library puts in front of every key of a `tenant` table. */
export const TENANT_ID = 'tenant_id';
/** The schema that holds the library's own tables and functions, in every database that it manages. */
export const LIBRARY_SCHEMA = 'tenantry';

/** Longest declaration name: `<name>__<tenant key>` must stay a PostgreSQL name. */
export const MAX_DECLARATION_NAME = MAX_IDENTIFIER - 2 - MAX_TENANT_KEY;
/** `<declaration>_<role>__<tenant key>_login` is the longest role name that is made of a declaration's and a role's. */
export const MAX_DECLARATION_AND_ROLE = MAX_IDENTIFIER - '_'.length - '__'.length - MAX_TENANT_KEY - '_login'.length;

/** The same for a role that sees all tenants: `<declaration>_<role>_login`. */
export const MAX_DECLARATION_AND_ALL_ROLE = MAX_IDENTIFIER - '_'.length - '_login'.length;

/** A tenant's key as it stands in names: PostgreSQL names are written without quotes when they hold no hyphen. */
export const keyInNames = (tenant: string): string => tenant.replaceAll('-', '_');

export const homeDatabase = (declaration: string): string => declaration;
export const homeSchema = (declaration: string): string => declaration;
/** The schema of a `schema` tenant, and the database of a `database` tenant. */
export const tenantPlace = (declaration: string, tenant: string): string => `${declaration}__${keyInNames(tenant)}`;

export const ownerRole = (declaration: string): string => `${declaration}_owner`;
export const maintainerRole = (declaration: string): string => `${declaration}_maintainer`;
export const groupRole = (declaration: string, role: string): string => `${declaration}_${role}`;
export const loginRole = (declaration: string, role: string): string => `${groupRole(declaration, role)}_login`;
/** Holds the privileges of a tenant-scoped role in the schema or database of one tenant. */
export const tenantRole = (declaration: string, role: string, tenant: string): string => `${groupRole(declaration, role)}__${keyInNames(tenant)}`;
/** The login of a tenant that has a database of its own. */
export const tenantLogin = (declaration: string, role: string, tenant: string): string => `${tenantRole(declaration, role, tenant)}_login`;

/**
 * Name of a constraint or an index: the parts joined by `_`. One that PostgreSQL would cut off is shortened here,
 * with a hash of the whole, so that two long names never become one.
 */
export function objectName(...parts: readonly string[]): string {
  const whole = parts.join('_');
  if (Buffer.byteLength(whole) <= MAX_IDENTIFIER) return whole;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 8);
  return `${whole.slice(0, MAX_IDENTIFIER - 9)}_${hash}`;
}
