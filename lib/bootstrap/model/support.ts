import { createHash } from 'node:crypto';
import { groupRole } from '../../declaration/names';
import type { Declaration } from '../../declaration/schema';
import { millisecondsOf } from '../../declaration/units';

/** A row of `tenantry.access_grants`: access of one person for a time. `role` is the database's role. */
export interface AccessGrant {
  readonly id: string;
  readonly member: string;
  readonly role: string;
  readonly reason: string;
  readonly until: Date;
  readonly declared: boolean;
  readonly revoked: boolean;
}

/** What the home registry knows of grants, and what of their members is there. */
export interface SupportState {
  /** The server's clock. */
  readonly now: Date;
  readonly grants: readonly AccessGrant[];
  /** Logins that are there, of all that a grant names. */
  readonly logins: ReadonlySet<string>;
}

export const NO_SUPPORT: SupportState = { now: new Date(0), grants: [], logins: new Set() };

/** A grant that is wanted, or that is declared and cannot be given. */
export interface WantedAccess {
  readonly grant: AccessGrant;
  readonly problem?: { readonly code: string; readonly summary: string; readonly fix: string };
}

const DEFAULT_MAX_DURATION = '8h';
export const maxDurationOf = ({ roles }: Declaration, role: string): string => roles[role]?.maxDuration ?? DEFAULT_MAX_DURATION;

/** Every grant that is open now or should be: those that were made at run time as they are, those that are declared unless somebody revoked them. */
export function wantedAccess(declaration: Declaration, { now, grants, logins }: SupportState): WantedAccess[] {
  const known = new Map(grants.map((grant) => [grant.id, grant]));
  const supports = new Set(Object.entries(declaration.roles).filter(([, { kind }]) => kind === 'support').map(([role]) => groupRole(declaration.name, role)));
  const declared = (declaration.supportAccess ?? []).map(({ role, ...entry }): WantedAccess => {
    const grant = { ...entry, until: new Date(entry.until), role: groupRole(declaration.name, role), declared: true, revoked: false };
    const id = idOf(declaration.name, grant);
    return withProblem(declaration, role, { ...grant, id, revoked: known.get(id)?.revoked ?? false }, known.has(id), now, logins);
  });
  const ids = new Set(declared.map(({ grant }) => grant.id));
  const made = grants.filter(({ id, declared: inCode, member, role }) => !inCode && !ids.has(id) && logins.has(member) && supports.has(role)).map((grant) => ({ grant }));
  return [...declared, ...made].filter(({ grant: { revoked, until } }) => !revoked && until > now);
}

/** Those that are in force. */
export const openAccess = (declaration: Declaration, support: SupportState): AccessGrant[] =>
  wantedAccess(declaration, support).filter(({ problem }) => problem === undefined).map(({ grant }) => grant);

function withProblem(declaration: Declaration, role: string, grant: AccessGrant, isKnown: boolean, now: Date, logins: ReadonlySet<string>): WantedAccess {
  const { member, until } = grant;
  if (!logins.has(member)) {
    return {
      grant, problem: {
        code: 'access/no-login', summary: `${member} is to have access as ${grant.role}, and is no login that access can be granted to`,
        fix: 'Name a login that is there, of a person: not one of this library, of the bootstrap or of a superuser.',
      },
    };
  }
  const longest = maxDurationOf(declaration, role);
  if (isKnown || until.getTime() - now.getTime() <= (millisecondsOf(longest) ?? 0)) return { grant };
  return { grant, problem: { code: 'access/too-long', summary: `access of ${member} as ${grant.role} is declared until ${until.toISOString()}, and ${longest} at most are allowed`, fix: `Name an earlier end, or set roles.${role}.maxDuration.` } };
}

/** The same for the same entry, so that an apply finds what it made, and who changes an entry makes another one. */
function idOf(declaration: string, { member, role, reason, until }: Omit<AccessGrant, 'id'>): string {
  const hex = createHash('sha256').update(JSON.stringify(['tenantry access grant', declaration, member, role, reason, until.toISOString()])).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const instant = (date: Date): string => date.toISOString().slice(0, 16).replace('T', ' ');

/** How the access of members ended that may still be members: `<role> > <member>`. */
export function endedAccess({ now, grants }: SupportState): Map<string, string> {
  const ended = [...grants].filter(({ revoked, until }) => revoked || until <= now).sort((a, b) => a.until.getTime() - b.until.getTime());
  return new Map(ended.map(({ role, member, revoked, until }) => [`${role} > ${member}`, revoked ? 'the access was revoked' : `the access ended on ${instant(until)} UTC`]));
}

/** As if none had ended yet: what ends by itself was not changed by hand. */
export const beforeAnyEnded = (support: SupportState): SupportState => ({ ...support, now: new Date(0) });
