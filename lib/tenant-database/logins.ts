import { Construct } from 'constructs';
import { loginRole, tenantLogin } from '../declaration/names';
import type { Declaration } from '../declaration/schema';
import type { Tenants } from '../declaration/tenants';
import { EncryptionKey } from '../encryption/encryption-key';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';
import { LoginPolicy } from './login-policy';
import { LoginSecret } from './login-secret';

/** Everything that lets programs log in, by login. */
export interface Logins {
  readonly policies: ReadonlyMap<string, LoginPolicy>;
  readonly secrets: ReadonlyMap<string, LoginSecret>;
}

export interface LoginsProps {
  readonly cluster: IHaCluster;
  readonly declaration: Declaration;
  readonly tenants: Tenants;
  /** @default - the key of the stack, made once */
  readonly encryptionKey?: IEncryptionKey;
}

/** Makes the policy of each login, and the secret of each that has a password: the shared logins, and those of tenants with a database of their own. */
export function makeLogins(scope: Construct, { cluster, declaration, tenants, encryptionKey }: LoginsProps): Logins {
  const policies = new Map<string, LoginPolicy>();
  const secrets = new Map<string, LoginSecret>();
  const passwords = new Construct(scope, 'Passwords');
  const make = (place: Construct, role: string, login: string): void => {
    const secret = declaration.roles[role]?.login !== 'password' ? undefined
      : new LoginSecret(passwords, login, { declaration: declaration.name, login, encryptionKey: encryptionKey ?? EncryptionKey.forStack(scope) });
    if (secret !== undefined) secrets.set(login, secret);
    policies.set(login, new LoginPolicy(place, role, { cluster, login, ...(secret === undefined ? {} : { secret }) }));
  };
  const withLogin = Object.entries(declaration.roles).filter(([, { login }]) => login !== 'none');
  const shared = new Construct(scope, 'Logins');
  const own = new Construct(scope, 'Tenants');
  for (const [role] of withLogin) make(shared, role, loginRole(declaration.name, role));
  for (const [tenant, { isolation }] of Object.entries(tenants)) {
    if (isolation !== 'database') continue;
    const place = new Construct(own, tenant);
    for (const [role, { scope: sees }] of withLogin) if (sees === 'tenant') make(place, role, tenantLogin(declaration.name, role, tenant));
  }
  return { policies, secrets };
}
