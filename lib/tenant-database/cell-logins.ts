import { Construct } from 'constructs';
import { loginRole, tenantLogin } from '../declaration/names';
import type { Declaration } from '../declaration/schema';
import { contextKeyName, contextOf, hasOwnLogins } from '../declaration/tenant-context';
import { LoginPolicy } from './login-policy';
import { LoginSecret } from './login-secret';
import type { TenantCell } from './tenant-clusters';

/** Everything that lets programs log in on the cluster that one tenant has for itself. */
export interface CellLogins {
  /** By role of the declaration. */
  readonly policies: ReadonlyMap<string, LoginPolicy>;
  /** By login. */
  readonly secrets: ReadonlyMap<string, LoginSecret>;
}

/**
 * Makes one policy for each role, which opens this cluster alone: the tenant's own login and, where it is shared elsewhere, the one that asks the registry there.
 * Each login with a password has a secret, and contexts are signed with a key, that no other cluster knows.
 */
export function makeCellLogins({ tenant, cluster, place, encryptionKey }: TenantCell, declaration: Declaration): CellLogins {
  const { name } = declaration;
  const policies = new Map<string, LoginPolicy>();
  const secrets = new Map<string, LoginSecret>();
  const passwords = new Construct(place, 'Passwords');
  const keep = (login: string, description?: string): LoginSecret => {
    const secret = new LoginSecret(passwords, login, { declaration: `${name}/${tenant}`, login, encryptionKey: encryptionKey(), ...(description === undefined ? {} : { description }) });
    secrets.set(login, secret);
    return secret;
  };
  const contextKey = contextOf(declaration) === 'signed' ? keep(contextKeyName(name), `Key that tenant contexts of ${name} are signed with on the cluster of ${tenant}`) : undefined;
  for (const [role, declared] of Object.entries(declaration.roles)) {
    if (declared.login === 'none') continue;
    const withSecret = (login: string) => ({ login, ...(declared.login === 'password' ? { secret: keep(login) } : {}) });
    const shared = hasOwnLogins(declaration, declared) ? undefined : withSecret(loginRole(name, role));
    const own = declared.scope === 'tenant' ? withSecret(tenantLogin(name, role, tenant)) : undefined;
    const login = own ?? shared;
    if (login === undefined) continue;
    policies.set(role, new LoginPolicy(place, role, {
      cluster, ...login, ...(own === undefined || shared === undefined ? {} : { directory: shared }), ...(own === undefined || contextKey === undefined ? {} : { contextKey }),
    }));
  }
  return { policies, secrets };
}
