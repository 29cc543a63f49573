import { Construct } from 'constructs';
import type { IConnectionPool } from '../connection-pool/connection-pool-ref';
import { loginRole, tenantLogin } from '../declaration/names';
import type { Declaration } from '../declaration/schema';
import { contextKeyName, contextOf, hasOwnLogins } from '../declaration/tenant-context';
import type { Tenants } from '../declaration/tenants';
import { EncryptionKey } from '../encryption/encryption-key';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';
import { LoginPolicy } from './login-policy';
import { LoginSecret } from './login-secret';
import { tenantPlace } from './tenant-clusters';

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
  /** @default - programs connect to the cluster itself */
  readonly pool?: IConnectionPool | undefined;
}

/** Makes the policy of each login, and the secret of each that has a password: the shared logins, and those that tenants have of their own. Besides, the secret of the key that contexts are signed with. */
export function makeLogins(scope: Construct, { cluster, declaration, tenants, encryptionKey, pool }: LoginsProps): Logins {
  const policies = new Map<string, LoginPolicy>();
  const secrets = new Map<string, LoginSecret>();
  const passwords = new Construct(scope, 'Passwords');
  const keep = (login: string, description?: string): LoginSecret => {
    const secret = new LoginSecret(passwords, login, { declaration: declaration.name, login, encryptionKey: encryptionKey ?? EncryptionKey.forStack(scope), ...(description === undefined ? {} : { description }) });
    secrets.set(login, secret);
    return secret;
  };
  const contextKey = contextOf(declaration) === 'signed' ? keep(contextKeyName(declaration.name), `Key that tenant contexts of ${declaration.name} are signed with`) : undefined;
  const make = (place: Construct, role: string, login: string): void => {
    const declared = declaration.roles[role];
    const secret = declared?.login === 'password' ? keep(login) : undefined;
    // A role that sees all tenants enters none.
    const key = declared?.scope === 'tenant' ? contextKey : undefined;
    policies.set(login, new LoginPolicy(place, role, { cluster, login, ...(pool === undefined ? {} : { pool }), ...(secret === undefined ? {} : { secret }), ...(key === undefined ? {} : { contextKey: key }) }));
  };
  const withLogin = Object.entries(declaration.roles).filter(([, { login }]) => login !== 'none');
  const shared = new Construct(scope, 'Logins');
  // Those with a cluster of their own have it here as well.
  if (scope.node.tryFindChild('Tenants') === undefined) new Construct(scope, 'Tenants');
  for (const [role, declared] of withLogin) if (!hasOwnLogins(declaration, declared)) make(shared, role, loginRole(declaration.name, role));
  for (const [tenant, { isolation }] of Object.entries(tenants)) {
    if (isolation === 'cluster' || (isolation !== 'database' && contextOf(declaration) !== 'role')) continue;
    const place = tenantPlace(scope, tenant);
    for (const [role, { scope: sees }] of withLogin) if (sees === 'tenant') make(place, role, tenantLogin(declaration.name, role, tenant));
  }
  return { policies, secrets };
}
