import { groupRole, loginRole, maintainerRole, ownerRole, tenantLogin, tenantRole } from '../../declaration/names';
import type { Declaration } from '../../declaration/schema';
import { hasOwnLogins, tenantLoginsRole } from '../../declaration/tenant-context';
import type { Identity } from '../../manifest/format';
import { kindOf } from './role-kinds';
import { isClosed, seatsOf } from './seats';
import { managedKey, settingsOf, type WantedSetting } from './role-settings';
import { endedAccess, openAccess, type SupportState } from './support';
import { type DatabasePlan, isTenantScoped, type Placement, readsReference, referenceRole, tierOf } from './place';
import { TIER_PARAMETERS, type TierRow, tierSettings, tiersOf } from './tier';

export interface WantedRole {
  readonly login: boolean;
  readonly connectionLimit: number;
  /** A login that may not log in for the time being. @default false */
  readonly suspended?: boolean;
  /** Whether a login has the privileges of what it is a member of without taking it on: on version 15 that is said of the member alone. @default false */
  readonly inherits?: boolean;
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
  /** Settings of superusers that the login may give to roles all the same. */
  readonly settable: readonly string[];
}

/** Everything that is wanted server-wide. */
export interface ServerPlan {
  readonly identity: Identity;
  readonly marker: string;
  readonly capabilities: Capabilities;
  readonly owner: string;
  readonly roles: ReadonlyMap<string, WantedRole>;
  readonly memberships: readonly WantedMembership[];
  /** Settings that sessions of a login start with; of two for the same one, the last counts. */
  readonly settings: readonly WantedSetting[];
  /** The declared tiers, by name. */
  readonly tiers: ReadonlyMap<string, TierRow>;
  /** Settings of logins, by `managedKey`, that are taken back where they are not declared: a tier decides about them, or the last apply set them. */
  readonly managedSettings: ReadonlySet<string>;
  /** Members of support roles whose access has ended, and how, by role and member. */
  readonly endedAccess: ReadonlyMap<string, string>;
  readonly databases: readonly DatabasePlan[];
  readonly externalGrants: readonly string[];
}

/** Stands in the comment of everything server-wide that is ours, and of our schemas. */
export const markerOf = ({ platform, environment, declaration }: Identity): string =>
  JSON.stringify({ tenantry: { platform, environment, declaration } });

/** @param former - what was declared when the last apply ended well. @default - nothing is known of it */
export function serverPlan(declaration: Declaration, identity: Identity, placements: readonly Placement[], databases: readonly DatabasePlan[], capabilities: Capabilities, support: SupportState, former?: Declaration): ServerPlan {
  const { name } = declaration;
  const tiers = tiersOf(declaration);
  const ofTiers = new Map<string, WantedSetting[]>();
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
    const login = declared.login === 'none' ? undefined : loginRole(name, role);
    const holders = kindOf(declared) === 'migrator' ? [owner, maintainer] : [groupRole(name, role)];
    for (const holder of holders) {
      if (roles.has(holder)) continue;
      group(holder);
      member(holder, capabilities.login, { inherit: false, set: true });
    }
    const own = hasOwnLogins(declaration, declared);
    if (own) group(tenantLoginsRole(name, role));
    if (login !== undefined && !own) {
      roles.set(login, { login: true, connectionLimit });
      for (const holder of holders) member(holder, login, { inherit: false, set: true });
      if (declared.login === 'iam' && capabilities.hasRdsIam) member('rds_iam', login, { inherit: true, set: true });
    }
    if (!isTenantScoped(declared)) continue;
    const reference = readsReference(declaration, declared) ? referenceRole(name, role) : undefined;
    if (reference !== undefined) group(reference);
    for (const placement of seatsOf(placements)) {
      const { key, isolation } = placement;
      if (isolation === 'row' && !own) continue;
      const tenant = tenantRole(name, role, key);
      group(tenant);
      member(tenant, capabilities.login, { inherit: false, set: true });
      if (isolation === 'row') member(groupRole(name, role), tenant, { inherit: true, set: false });
      if (isolation === 'schema') {
        if (login !== undefined && !own) member(tenant, login, { inherit: false, set: true });
        if (reference !== undefined) member(reference, tenant, { inherit: true, set: false });
      }
      if (login !== undefined && (own || isolation === 'database')) {
        const tenants = tenantLogin(name, role, key);
        const tier = tiers.get(tierOf(placement));
        ofTiers.set(tenants, tierSettings(tier, tenants, capabilities));
        roles.set(tenants, { login: true, connectionLimit: tier?.connection_limit ?? connectionLimit, ...(own ? { inherits: true } : {}), ...(isClosed(placement) ? { suspended: true } : {}) });
        member(tenant, tenants, { inherit: false, set: true });
        if (own) member(tenantLoginsRole(name, role), tenants, { inherit: true, set: false });
        if (declared.login === 'iam' && capabilities.hasRdsIam) member('rds_iam', tenants, { inherit: true, set: true });
      }
    }
  }
  for (const key of new Set(openAccess(declaration, support).map((access) => JSON.stringify([access.role, access.member])))) {
    const [role, person] = JSON.parse(key) as [string, string];
    member(role, person, { inherit: false, set: true });
  }
  const settingsIn = (of: Declaration): WantedSetting[] => Object.entries(of.roles).filter(([, declared]) => declared.settings !== undefined).flatMap(([role, declared]) =>
    [loginRole(name, role), ...placements.map(({ key }) => tenantLogin(name, role, key))].filter((login) => roles.get(login)?.login === true).flatMap((login) => settingsOf(declared, login)));
  const settings = settingsIn(declaration);
  const decidedByTier = new Set([...(declaration.tiers === undefined ? [] : TIER_PARAMETERS), ...(former === undefined ? [] : limitedBy(tiersOf(former)))]);
  const managedSettings = new Set([
    ...[...ofTiers.keys()].flatMap((login) => [...decidedByTier].map((parameter) => managedKey(login, parameter))),
    ...(former === undefined ? [] : settingsIn(former)).map((setting) => managedKey(setting.role, setting.name)),
  ]);
  return { identity, marker: markerOf(identity), capabilities, owner, roles, memberships, settings: [...settings, ...[...ofTiers.values()].flat()], tiers, managedSettings, endedAccess: endedAccess(support), databases, externalGrants: declaration.externalGrants };
}

const limitedBy = (tiers: ReadonlyMap<string, TierRow>): string[] => TIER_PARAMETERS.filter((parameter) => [...tiers.values()].some((row) => row[parameter] !== null));
