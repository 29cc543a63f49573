import { listOf } from '../../core/text';
import { ident } from '../sql/quote';
import type { ServerPlan, WantedMembership } from '../model/server';
import type { Difference } from '../plan/difference';
import { change, kind, refusal, serverKey } from './kind';

interface LiveMembership {
  readonly grantor: string;
  readonly admin: boolean;
  readonly inherit: boolean;
  readonly set: boolean;
  /** Whether the role carries our mark. */
  readonly ours: boolean;
}

/** From this version on a membership has options of its own. */
export const OPTIONS_SINCE = 160_000;
const RDS_IAM = 'rds_iam';
const ROOT = 10;
const SEPARATOR = ' > ';

/**
 * Who is a member of a role of ours, and of what our roles are members. From version 16 on a role's creator is an ADMIN member of it,
 * granted by the bootstrap superuser; that one is part of the server and left alone. Roles that are not declared any more keep no member but the bootstrap login.
 */
export const membership = kind<'server', WantedMembership, readonly LiveMembership[]>({
  name: 'membership',
  level: 'server',
  compares: ['presence', 'strangers', 'admin', 'inherit', 'set', 'grantor'],
  query: {
    text: `select r.rolname as role, m.rolname as member,
                  json_agg(json_build_object('grantor', g.rolname, 'admin', a.admin_option,
                    'ours', rd.objoid is not null, 'inherit', coalesce((to_jsonb(a) ->> 'inherit_option')::boolean, true), 'set', coalesce((to_jsonb(a) ->> 'set_option')::boolean, true))) as grants
             from pg_catalog.pg_auth_members a
             join pg_catalog.pg_roles r on r.oid = a.roleid join pg_catalog.pg_roles m on m.oid = a.member join pg_catalog.pg_roles g on g.oid = a.grantor
             left join pg_catalog.pg_shdescription rd on rd.objoid = r.oid and rd.classoid = 'pg_catalog.pg_authid'::regclass and rd.description = $3
             left join pg_catalog.pg_shdescription md on md.objoid = m.oid and md.classoid = 'pg_catalog.pg_authid'::regclass and md.description = $3
            where (r.rolname = any($1) or m.rolname = any($1) or ((rd.objoid is not null or md.objoid is not null) and m.rolname <> $2))
              and not (a.grantor = ${ROOT} and a.admin_option and m.rolname = $2
                       and not coalesce((to_jsonb(a) ->> 'inherit_option')::boolean, true) and not coalesce((to_jsonb(a) ->> 'set_option')::boolean, true))
            group by 1, 2`,
    values: (server) => [[...server.roles.keys()], server.capabilities.login, server.marker],
  },
  read: ({ role, member, grants }) => ({ container: serverKey, key: `${role}${SEPARATOR}${member}`, have: grants as LiveMembership[] }),
  wants: (server) => new Map(server.memberships.map((wanted) => [`${wanted.role}${SEPARATOR}${wanted.member}`, wanted])),
  compare(server, key, want, have): Difference[] {
    const [role = '', member = ''] = key.split(SEPARATOR);
    return want === undefined ? undeclared(server, role, member, have ?? []) : declared(server, want, have ?? []);
  },
});

function declared(server: ServerPlan, want: WantedMembership, have: readonly LiveMembership[]): Difference[] {
  const { role, member } = want;
  const where = { kind: 'membership', target: 'server' };
  const withOptions = server.capabilities.versionNumber >= OPTIONS_SINCE && role !== RDS_IAM;
  const excess = (grants: readonly LiveMembership[]): Difference[] => (server.roles.has(role) ? grants.flatMap((grant) => tooMuch(server, want, grant, withOptions)) : []);
  if (have.some((grant) => !withOptions || (grant.inherit === want.inherit && grant.set === want.set))) return excess(have);
  if (role === RDS_IAM && server.capabilities.versionNumber >= OPTIONS_SINCE && server.capabilities.loginUsesPassword) {
    return [refusal({
      ...where, code: 'membership/iam-lock-out',
      summary: `${member} cannot be made a member of rds_iam by ${server.capabilities.login}, who logs in with a password and administers ${member}: through it ${server.capabilities.login} would become a member too, and rds_iam replaces the password login`,
      fix: `Connect the bootstrap with an IAM token, or let another administrator run: grant rds_iam to ${ident(member)}`,
    })];
  }
  // Granting it again sets the options of the login's own grant.
  return [...excess(have.filter((grant) => grant.admin || grant.grantor !== server.capabilities.login)), change({
    ...where, action: 'grant', actor: 'login', summary: `make ${member} a member of ${role}`, reason: have.length === 0 ? 'declared, not there' : 'its options differ',
    sql: `grant ${ident(role)} to ${ident(member)}${withOptions ? ` with inherit ${want.inherit}, set ${want.set}` : ''}`,
  })];
}

/** A member's rights are those of all grants together: one that gives more than declared is as good as the only one. */
function tooMuch(server: ServerPlan, { role, member, inherit, set }: WantedMembership, grant: LiveMembership, withOptions: boolean): Difference[] {
  const { login, loginIsSuperuser } = server.capabilities;
  const where = { kind: 'membership', target: 'server' };
  const more = [
    ...(grant.admin ? ['ADMIN'] : []), ...(withOptions && grant.inherit && !inherit ? ['INHERIT'] : []), ...(withOptions && grant.set && !set ? ['SET'] : []),
  ];
  if (more.length === 0) return [];
  if (withOptions && grant.grantor !== login && !loginIsSuperuser) {
    return [notOurs(where, `${member} is a member of ${role} with ${listOf(more)}, granted by ${grant.grantor}, which is not declared; ${login} may not revoke it`, grant.grantor, `revoke ${ident(role)} from ${ident(member)}`)];
  }
  const by = withOptions ? ` granted by ${ident(grant.grantor)} cascade` : ' cascade';
  return [change({
    ...where, action: 'revoke', actor: 'login', summary: `${member} is a member of ${role} without ${listOf(more)}`, reason: 'not declared',
    sql: more.map((option) => `revoke ${option} option for ${ident(role)} from ${ident(member)}${by}`),
  })];
}

const notOurs = (where: { kind: string; target: string }, summary: string, grantor: string, sql: string): Difference =>
  refusal({ ...where, code: 'membership/not-ours-to-revoke', summary, fix: `As ${grantor} or a superuser: ${sql}` });

function undeclared(server: ServerPlan, role: string, member: string, have: readonly LiveMembership[]): Difference[] {
  if (server.externalGrants.includes(member) || server.externalGrants.includes(role)) return [];
  if (!server.roles.has(member) && isPlatformRole(member)) return [];
  const retired = !server.roles.has(role) && !server.roles.has(member);
  const where = { kind: 'membership', target: 'server' };
  const { login, loginIsSuperuser, versionNumber } = server.capabilities;
  return have.flatMap((grant): Difference[] => {
    const canRevoke = loginIsSuperuser || grant.grantor === login || (versionNumber < OPTIONS_SINCE && (server.roles.has(role) || role === RDS_IAM || grant.ours));
    // What a role that may not log in is a member of leads nowhere.
    if (retired && (!canRevoke || (!grant.ours && role !== RDS_IAM))) return [];
    return [canRevoke
      ? change({
          ...where, action: 'revoke', actor: 'login', summary: `${member} is no longer a member of ${role}`, reason: server.endedAccess.get(`${role}${SEPARATOR}${member}`) ?? 'not declared',
          sql: `revoke ${ident(role)} from ${ident(member)}${versionNumber >= OPTIONS_SINCE ? ` granted by ${ident(grant.grantor)} cascade` : ''}`,
        })
      : notOurs(where, `${member} is a member of ${role}, granted by ${grant.grantor}, which is not declared; ${login} may not revoke it`, grant.grantor, `revoke ${ident(role)} from ${ident(member)}`)];
  });
}

/** Roles that the platform or PostgreSQL manages. */
export const isPlatformRole = (name: string): boolean => name.startsWith('rds') || name.startsWith('pg_');
