import { contextOf, hasOwnLogins, tenantLoginsRole } from '../../../declaration/tenant-context';
import { isPlatformRole } from '../../kinds/membership';
import { ident } from '../../sql/quote';
import { type Attack, attack, DENIED, type Finding, type ServerTarget } from '../attack';
import { isAgainstIsolation } from '../../model/harmful-settings';
import { judgeCatalog } from '../judge';
import { applicationRoles, powersOf, reachable } from '../server-facts';

const there = ({ server }: ServerTarget, role: string) => ({ text: 'the catalog lists the role', held: server.roles.has(role) });

/** What every role may become, by the declaration: the closure of the declared memberships. */
function declaredPaths({ plan }: ServerTarget['server']): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  for (const { member, role } of plan.memberships) paths.set(member, [...(paths.get(member) ?? []), role]);
  return paths;
}

export const serverAttacks: readonly Attack<'server'>[] = [
  attack<'server'>({
    id: 'role-powers', title: 'Find a role that row-level security does not hold', why: 'SUPERUSER, BYPASSRLS and REPLICATION lead around it; CREATEROLE and CREATEDB lead to more', level: 'server', expected: DENIED,
    run: (_session, target) => Promise.resolve([...applicationRoles(target.server), target.server.plan.owner, target.server.maintainer].map((role) => judgeCatalog({
      role, bad: powersOf(target.server.roles.get(role)), expected: 'no such attribute', control: there(target, role),
      breach: { reason: `The role ${role} has ${powersOf(target.server.roles.get(role)).join(' and ')}.`, remedy: `As a superuser: alter role ${ident(role)} ${powersOf(target.server.roles.get(role)).map((power) => `no${power.toLowerCase()}`).join(' ')}` },
    }))),
  }),
  attack<'server'>({
    id: 'role-paths', title: 'Become a role that is not one’s own', why: 'SET ROLE to the owner, the maintainer, another tenant’s role or a role with BYPASSRLS opens everything', level: 'server', expected: DENIED,
    run: (_session, target) => {
      const { server } = target;
      const declared = declaredPaths(server);
      return Promise.resolve(applicationRoles(server).map((role) => {
        const allowed = reachable(role, declared);
        const beyond = [...reachable(role, server.memberOf)].filter((other) => !allowed.has(other) && !(server.plan.externalGrants.includes(other) && powersOf(server.roles.get(other)).length === 0)).sort();
        return judgeCatalog({
          role, bad: beyond, expected: 'only the declared roles can be reached', control: there(target, role),
          breach: { reason: `The role ${role} can become ${beyond.map((other) => describe(server, other)).join(', ')}.`, remedy: `revoke ${beyond.map(ident).join(', ')} from ${ident(role)}, or from the role in between` },
        });
      }));
    },
  }),
  attack<'server'>({
    id: 'undeclared-members', title: 'Become a role of ours from outside', why: 'Who is a member of a tenant’s role reads that tenant’s rows', level: 'server', expected: DENIED,
    run: (_session, { server }) => {
      const ours = new Set(server.plan.roles.keys());
      const { login } = server.plan.capabilities;
      const strangers = [...server.roles.values()].filter((role) => !ours.has(role.name) && role.name !== login && !role.superuser && !isPlatformRole(role.name) && !server.plan.externalGrants.includes(role.name));
      const declared = declaredPaths(server);
      const bad = strangers.flatMap(({ name }) => {
        const allowed = reachable(name, declared);
        return [...reachable(name, server.memberOf)].filter((role) => ours.has(role) && !allowed.has(role)).map((role) => ({ name, role }));
      });
      const control = { text: 'the catalog lists memberships', held: server.memberOf.size > 0 };
      if (bad.length === 0) return Promise.resolve([judgeCatalog({ bad: [], expected: 'no member that is not declared', control, breach: { reason: '', remedy: '' } })]);
      return Promise.resolve(bad.map(({ name, role }) => judgeCatalog({
        role, bad: [name], expected: 'no member that is not declared', control, breach: { reason: `${name}, which is not declared, can become ${role}.`, remedy: `revoke ${ident(role)} from ${ident(name)}, or list ${name} in externalGrants` },
      })));
    },
  }),
  attack<'server'>({
    id: 'connect', title: 'Connect to another database', why: 'CONNECT is what keeps logins out of other tenants’ databases', level: 'server', expected: DENIED,
    run: async (session, target) => {
      const { plan } = target.server;
      const logins = applicationRoles(target.server).filter((role) => plan.roles.get(role)?.login === true);
      const inCommon = loginsInCommon(target);
      const ours = new Set(plan.databases.map(({ name }) => name));
      const rows = await session.ask<{ login: string; database: string }>({
        sql: "select r.rolname::text as login, d.datname::text as database from pg_roles r cross join pg_database d where r.rolname = any($1) and d.datallowconn and has_database_privilege(r.oid, d.oid, 'connect') order by 1, 2", values: [logins],
      });
      return logins.flatMap((login): Finding[] => {
        const common = (target.server.memberOf.get(login) ?? []).filter((role) => inCommon.has(role));
        const own = new Set(plan.databases.filter(({ connectors }) => [login, ...common].some((role) => connectors.includes(role))).map(({ name }) => name));
        const open = rows.filter((row) => row.login === login).map(({ database }) => database);
        const bad = open.filter((database) => ours.has(database) && !own.has(database));
        const strange = open.filter((database) => !ours.has(database));
        const found: Finding = judgeCatalog({
          role: login, bad, expected: 'only to its own', control: { text: 'it may connect to its own', held: [...own].every((database) => open.includes(database)) },
          breach: { reason: `The login ${login} may connect to ${bad.join(', ')}.`, remedy: `revoke connect on database ${bad.map(ident).join(', ')} from ${ident(login)}, public` },
        });
        const others = strange.filter((database) => database !== 'template0');
        if (others.length === 0) return [found];
        return [found, {
          role: login, verdict: 'accepted', expected: 'only to its own', observed: others.join(', '), control: 'it may connect to its own',
          reason: `Logins may connect to databases that are not of this declaration (${others.join(', ')}), as PUBLIC may; there they can make temporary tables.`,
          remedy: `As the owner of each: ${others.map((database) => `revoke connect, temporary on database ${ident(database)} from public`).join('; ')}`,
        }];
      });
    },
  }),
  attack<'server'>({
    id: 'planted-setting', title: 'Start every session with a setting of one’s own choice', why: 'ALTER ROLE … SET can plant a tenant context that a request without one would use', level: 'server', expected: DENIED,
    run: async (session, { server }) => {
      const names = applicationRoles(server);
      const databases = server.plan.databases.map(({ name }) => name);
      const rows = await session.ask<{ role: string | null; database: string | null; settings: string[] }>({
        sql: `select r.rolname::text as role, d.datname::text as database, s.setconfig as settings from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole left join pg_database d on d.oid = s.setdatabase
               where (r.rolname = any($1) or s.setrole = 0) and (d.datname = any($2) or s.setdatabase = 0) order by 1, 2`, values: [names, databases],
      });
      const bad = rows.map((row) => ({ ...row, settings: row.settings.flatMap((item) => { const [name = '', ...value] = item.split('='); return isAgainstIsolation(name, value.join('=')) ? [name] : []; }) })).filter(({ settings }) => settings.length > 0);
      const control = { text: 'the catalog of settings is readable', held: true };
      if (bad.length === 0) return [judgeCatalog({ bad: [], expected: 'no such setting', control, breach: { reason: '', remedy: '' } })];
      return bad.map(({ role, database, settings }) => {
        const where = [...(role === null ? [] : [`role ${role}`]), ...(database === null ? [] : [`database ${database}`])].join(' in ');
        return judgeCatalog({
          ...(role === null ? {} : { role }), bad: settings, expected: 'no such setting', control,
          breach: { reason: `Sessions of ${where} start with ${settings.join(', ')} set.`, remedy: settings.map((name) => `alter ${role === null ? `database ${ident(database ?? '')}` : `role ${ident(role)}`}${role !== null && database !== null ? ` in database ${ident(database)}` : ''} reset ${name}`).join('; ') },
        });
      });
    },
  }),
  attack<'server'>({
    id: 'change-own-login', title: 'Change one’s own login', why: 'A role may change its own password and its own defaults, and so lock others out', level: 'server', expected: () => ({ verdict: 'accepted', ...OWN_LOGIN }),
    inapplicable: ({ server }) => (applicationRoles(server).some((role) => server.plan.roles.get(role)?.login === true) ? undefined : 'nobody logs in'),
    run: () => Promise.resolve([{ verdict: 'accepted', expected: 'a role may not change itself', observed: 'PostgreSQL allows it to every role', control: 'as documented: ALTER ROLE', ...OWN_LOGIN }]),
  }),
  attack<'server'>({
    id: 'shared-login', title: 'Leave the role of one tenant for that of another', why: 'RESET ROLE goes back to the login, which may become each of its roles', level: 'server',
    expected: (mode, context) => (mode === 'database' || context !== 'plain' ? { verdict: 'denied' } : { verdict: 'accepted', ...SHARED_LOGIN }),
    run: (_session, target) => {
      const { plan } = target.server;
      const logins = applicationRoles(target.server).filter((role) => plan.roles.get(role)?.login === true);
      const inCommon = loginsInCommon(target);
      return Promise.resolve(logins.map((login): Finding => {
        const tenantRoles = (target.server.memberOf.get(login) ?? []).filter((role) => plan.roles.has(role) && !inCommon.has(role));
        const base = { role: login, expected: 'it becomes one role', control: 'the catalog lists its memberships', observed: `${tenantRoles.length} ${tenantRoles.length === 1 ? 'role' : 'roles'}` };
        if (plan.memberships.some(({ role, member }) => role === plan.owner && member === login)) return { ...base, verdict: 'accepted', ...MIGRATOR };
        if (tenantRoles.length === 0) return { ...base, verdict: 'unknown', reason: `The login ${login} is a member of no role.`, remedy: 'Apply first: tenantry bootstrap apply.' };
        if (contextOf(target.declaration) === 'signed') return { ...base, verdict: 'denied', expected: 'a role alone opens no row', control: `${base.control}; other-tenant-role tries each kind of them` };
        return tenantRoles.length === 1 ? { ...base, verdict: 'denied' } : { ...base, verdict: 'accepted', ...SHARED_LOGIN };
      }));
    },
  }),
];

/** Roles that hold what all logins of tenants may do, and nothing of a tenant. */
const loginsInCommon = ({ declaration }: ServerTarget): Set<string> => new Set(Object.entries(declaration.roles).filter(([, role]) => hasOwnLogins(declaration, role)).map(([role]) => tenantLoginsRole(declaration.name, role)));

const OWN_LOGIN = {
  reason: 'A role may change its own password, and settings that its later sessions start with; PostgreSQL cannot forbid it. Planted settings are found by the next verification.', remedy: "Declare login: 'iam', so that a password is of no use, and verify regularly.",
};
const MIGRATOR = {
  reason: 'The login is declared as a migrator: it takes on the owner and the maintainer, and with them every table and every row. What it puts on tables (a policy, a trigger, a function) runs with the rights of the bootstrap login as soon as that works with them.', remedy: 'Treat it like the bootstrap login: give it to nothing but migrations, with IAM tokens, and let nobody else reach it.',
};
const SHARED_LOGIN = {
  reason: 'One login takes on the roles of several tenants: between them the boundary is cooperative, and SQL injection can cross it with RESET ROLE.', remedy: "Give tenants that need a hard boundary isolation 'database', where each has a login of its own.",
};

function describe(server: ServerTarget['server'], role: string): string {
  const powers = powersOf(server.roles.get(role));
  return powers.length === 0 ? role : `${role} (${powers.join(', ')})`;
}

