import { groupRole, loginRole, maintainerRole, ownerRole, tenantLogin, tenantRole } from '../../declaration/names';
import type { Declaration } from '../../declaration/schema';
import type { Identity } from '../../manifest/format';
import { type DatabasePlan, isTenantScoped, type Placement, readsReference, referenceRole } from './place';

export interface WantedRole {
  readonly login: boolean;
  readonly connectionLimit: number;
  /** A login that may not log in for the time being. @default false */
  readonly suspended?: boolean;
}

/** A member of a role of ours. `options` are what version 16 and later record; version 15 knows `admin` alone. */
export interface WantedMembership {
  readonly role: string;
  readonly member: string;
  readonly inherit: boolean;
  readonly set: boolean;
}

/** What the bootstrap found out about the server and its own login before it plans. */
export interface Capabilities {
  /** For instance 180004. */
  readonly versionNumber: number;
  readonly version: string;
  /** Aurora's own version, with its patch, for instance `17.11.1`. @default - the server is not Aurora */
  readonly auroraVersion?: string;
  /** The login that the bootstrap connected as. */
  readonly login: string;
  readonly loginIsSuperuser: boolean;
  /** Whether the login authenticates by a password, which membership in `rds_iam` would take away from it. */
  readonly loginUsesPassword: boolean;
  readonly hasRdsIam: boolean;
}

/** Everything that is wanted server-wide. */
export interface ServerPlan {
  readonly identity: Identity;
  readonly marker: string;
  readonly capabilities: Capabilities;
  readonly owner: string;
  readonly roles: ReadonlyMap<string, WantedRole>;
  readonly memberships: readonly WantedMembership[];
  readonly databases: readonly DatabasePlan[];
  readonly externalGrants: readonly string[];
}

/** Stands in the comment of everything server-wide that is ours, and of our schemas. */
export const markerOf = ({ platform, environment, declaration }: Identity): string =>
  JSON.stringify({ tenantry: { platform, environment, declaration } });

export function serverPlan(declaration: Declaration, identity: Identity, placements: readonly Placement[], databases: readonly DatabasePlan[], capabilities: Capabilities): ServerPlan {
  const { name } = declaration;
  const owner = ownerRole(name);
  const maintainer = maintainerRole(name);
  const roles = new Map<string, WantedRole>();
  const memberships: WantedMembership[] = [];
  const group = (role: string): void => void roles.set(role, { login: false, connectionLimit: -1 });
  const member = (role: string, of: string, options: { inherit: boolean; set: boolean }): void => void memberships.push({ role, member: of, ...options });

  group(owner);
  group(maintainer);
  member(owner, maintainer, { inherit: true, set: true });
  member(owner, capabilities.login, { inherit: true, set: true });
  member(maintainer, capabilities.login, { inherit: false, set: true });

  for (const [role, declared] of Object.entries(declaration.roles)) {
    const connectionLimit = declared.connectionLimit ?? -1;
    const holder = groupRole(name, role);
    const login = declared.login === 'none' ? undefined : loginRole(name, role);
    group(holder);
    member(holder, capabilities.login, { inherit: false, set: true });
    if (login !== undefined) {
      roles.set(login, { login: true, connectionLimit });
      member(holder, login, { inherit: false, set: true });
      if (declared.login === 'iam' && capabilities.hasRdsIam) member('rds_iam', login, { inherit: true, set: true });
    }
    if (!isTenantScoped(declared)) continue;
    const reference = readsReference(declaration, declared) ? referenceRole(name, role) : undefined;
    if (reference !== undefined) group(reference);
    for (const { key, isolation, registered } of placements) {
      if (isolation === 'row') continue;
      const tenant = tenantRole(name, role, key);
      group(tenant);
      member(tenant, capabilities.login, { inherit: false, set: true });
      if (isolation === 'schema') {
        if (login !== undefined) member(tenant, login, { inherit: false, set: true });
        if (reference !== undefined) member(reference, tenant, { inherit: true, set: false });
      } else if (login !== undefined) {
        const own = tenantLogin(name, role, key);
        roles.set(own, { login: true, connectionLimit, ...(registered?.state === 'suspended' ? { suspended: true } : {}) });
        member(tenant, own, { inherit: false, set: true });
        if (declared.login === 'iam' && capabilities.hasRdsIam) member('rds_iam', own, { inherit: true, set: true });
      }
    }
  }
  return { identity, marker: markerOf(identity), capabilities, owner, roles, memberships, databases, externalGrants: declaration.externalGrants };
}
