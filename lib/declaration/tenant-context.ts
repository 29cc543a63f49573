import { z } from 'zod';
import type { Complaint } from '../core/errors';
import { groupRole } from './names';
import type { Declaration, RoleDeclaration } from './schema';

/**
 * How the database knows which tenant a transaction acts for.
 *
 * - `plain`: a setting of the transaction. It costs next to nothing; SQL injection in the application's role can switch it
 * - `signed`: a setting that the client signs (HMAC-SHA-256, with an expiry) and that PostgreSQL verifies. Only who holds the key can switch it
 * - `role`: the role that the transaction acts as. Each tenant has a login of its own for each tenant-scoped role, in every isolation; no setting counts
 */
export type TenantContext = 'plain' | 'signed' | 'role';

export const tenantContext = z.enum(['plain', 'signed', 'role']);

export const contextOf = ({ tenantContext: declared }: Pick<Declaration, 'tenantContext'>): TenantContext => declared ?? 'plain';

/** Whether each tenant has a login of its own for the role, and no login is shared. */
export const hasOwnLogins = (declaration: Pick<Declaration, 'tenantContext'>, role: RoleDeclaration): boolean =>
  contextOf(declaration) === 'role' && role.scope === 'tenant' && role.login !== 'none';

/** Under this name the key that signs contexts is kept and asked for, beside the passwords of logins; those end with `_login`. */
export const contextKeyName = (declaration: string): string => `${declaration}_context_key`;

/** With a role per tenant, the tenants' logins have in common what this role may: connect to the home database and ask the registry. */
export const tenantLoginsRole = (declaration: string, role: string): string => `${groupRole(declaration, role)}_logins`;

/** With a role per tenant there are more roles of the library's own. */
export function checkTenantContext(declaration: Declaration): Complaint[] {
  if (contextOf(declaration) !== 'role') return [];
  return Object.keys(declaration.roles).filter((name) => name.endsWith('_logins')).map((name) => ({
    code: 'declaration/reserved-name', at: `roles.${name}`, problem: `With tenantContext 'role' the library makes a role ${JSON.stringify(groupRole(declaration.name, name))} itself.`, fix: 'Choose another name.',
  }));
}
