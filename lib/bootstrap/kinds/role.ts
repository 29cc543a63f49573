import { ident, literal } from '../sql/quote';
import type { ServerPlan, WantedRole } from '../model/server';
import type { Difference } from '../plan/difference';
import { change, finding, kind, refusal, serverKey } from './kind';
import { OPTIONS_SINCE } from './membership';

interface LiveRole {
  readonly login: boolean;
  readonly inherit: boolean;
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly createDb: boolean;
  readonly replication: boolean;
  readonly bypassRls: boolean;
  readonly connectionLimit: number;
  /** Whether its password is valid up to some day only. */
  readonly expires: boolean;
  readonly comment: string | null;
  /** Of one that is not declared: whether the login of the bootstrap may change it, from version 16 on. It is dear to ask of thousands. */
  readonly administered: boolean;
}

/** What a role of ours must never have: each of these leads around row-level security. The login of the bootstrap cannot always take it away. */
const DANGEROUS = { superuser: 'SUPERUSER', bypassRls: 'BYPASSRLS', replication: 'REPLICATION' } as const;
const WITHDRAWABLE = { createRole: 'NOCREATEROLE', createDb: 'NOCREATEDB' } as const;

export const role = kind<'server', WantedRole, LiveRole>({
  name: 'role',
  level: 'server',
  compares: ['presence', 'strangers', 'comment', 'login', 'inherit', 'connection limit', 'valid until', 'createrole', 'createdb', 'superuser', 'bypassrls', 'replication'],
  query: {
    text: `select rolname as name, rolcanlogin as login, rolinherit as inherit, rolsuper as superuser, rolcreaterole as "createRole",
                  rolcreatedb as "createDb", rolreplication as replication, rolbypassrls as "bypassRls", rolconnlimit as "connectionLimit",
                  coalesce(rolvaliduntil <> 'infinity', false) as expires, d.description as comment, case when rolname = any($1) then true else pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION') end as administered
             from pg_catalog.pg_roles r
             left join pg_catalog.pg_shdescription d on d.objoid = r.oid and d.classoid = 'pg_catalog.pg_authid'::regclass
            where rolname = any($1) or d.description = $2`,
    values: (server) => [[...server.roles.keys()], server.marker],
  },
  read: ({ name, ...have }) => ({ container: serverKey, key: name, have: have as LiveRole }),
  wants: (server) => server.roles,
  compare(server, name, want, have): Difference[] {
    const where = { kind: 'role', target: 'server' };
    if (want === undefined) {
      const retired = finding({ ...where, code: 'role/undeclared', summary: `role ${name} carries our mark but is not declared; it holds no privilege on declared objects` });
      if (have?.login !== true) return [retired];
      if (!mayAlter(server, have)) {
        return [refusal({
          ...where, code: 'role/dangerous-attribute', summary: `role ${name} is not declared any more and may log in, and has ${have.superuser ? DANGEROUS.superuser : DANGEROUS.replication}, so that only a superuser can change it`,
          fix: `As a superuser: alter role ${ident(name)} nologin nosuperuser noreplication nobypassrls`,
        })];
      }
      if (!have.administered && server.capabilities.versionNumber >= OPTIONS_SINCE) {
        return [refusal({
          ...where, code: 'role/not-ours-to-alter', summary: `role ${name} is not declared any more and may log in, and ${server.capabilities.login} does not administer it`, fix: `As a superuser, or as who made it: alter role ${ident(name)} nologin`,
        }), retired];
      }
      return [change({ ...where, action: 'alter', actor: 'login', summary: `alter role ${name} NOLOGIN`, reason: 'it is not declared any more', sql: `alter role ${ident(name)} NOLOGIN` }), retired];
    }
    if (have === undefined) {
      return [change({
        ...where, action: 'create', actor: 'login', reason: 'declared, not there',
        summary: want.login ? `create login ${name}` : `create role ${name}`,
        sql: [`create role ${ident(name)} ${attributes(want)}`, `comment on role ${ident(name)} is ${literal(server.marker)}`],
      })];
    }
    if (have.comment !== server.marker) {
      return [refusal({
        ...where, code: 'role/foreign', blocking: true, summary: `role ${name} exists and is not ours: ${have.comment === null ? 'it carries no mark of this library' : `its comment is ${have.comment}`}`,
        fix: `Rename one of the two. If it is meant to be this declaration's, take it over with: comment on role ${ident(name)} is ${literal(server.marker)}`,
      })];
    }
    const differences: Difference[] = [];
    const wrong: string[] = [];
    if (have.login !== mayLogIn(want)) wrong.push(mayLogIn(want) ? 'LOGIN' : 'NOLOGIN');
    if (have.inherit !== inherits(want)) wrong.push(inherits(want) ? 'INHERIT' : 'NOINHERIT');
    if (have.connectionLimit !== want.connectionLimit) wrong.push(`CONNECTION LIMIT ${want.connectionLimit}`);
    if (have.expires) wrong.push("VALID UNTIL 'infinity'");
    for (const [attribute, sql] of Object.entries(WITHDRAWABLE)) if (have[attribute as keyof typeof WITHDRAWABLE]) wrong.push(sql);
    if (wrong.length > 0 && mayAlter(server, have)) {
      differences.push(change({
        ...where, action: 'alter', actor: 'login', summary: `alter role ${name} ${wrong.join(' ')}`, reason: 'its attributes differ',
        sql: `alter role ${ident(name)} ${wrong.join(' ')}`,
      }));
    }
    for (const [attribute, sql] of Object.entries(DANGEROUS)) {
      if (!have[attribute as keyof typeof DANGEROUS]) continue;
      differences.push(server.capabilities.loginIsSuperuser
        ? change({ ...where, action: 'alter', actor: 'login', summary: `alter role ${name} NO${sql}`, reason: `${sql} leads around row-level security`, sql: `alter role ${ident(name)} NO${sql}` })
        : refusal({
            ...where, code: 'role/dangerous-attribute', summary: `role ${name} has ${sql}, which leads around row-level security; only a superuser can take it away`,
            fix: `As a superuser: alter role ${ident(name)} NO${sql}`,
          }));
    }
    return differences;
  },
});

/** A role that was made a superuser, and before version 16 one with REPLICATION, is a superuser's alone to alter: the rest waits until that is taken back. */
const mayAlter = ({ capabilities: { loginIsSuperuser, versionNumber } }: ServerPlan, { superuser, replication }: LiveRole): boolean =>
  loginIsSuperuser || !(superuser || (replication && versionNumber < OPTIONS_SINCE));

const mayLogIn = ({ login, suspended }: WantedRole): boolean => login && suspended !== true;

/** A tenant's own login, which no other tenant has, inherits. */
const inherits = ({ login, inherits: own }: WantedRole): boolean => !login || own === true;

/** Logins do not inherit: they take on a group's privileges by SET ROLE, one tenant at a time. */
function attributes(want: WantedRole): string {
  const limit = want.connectionLimit === -1 ? '' : ` connection limit ${want.connectionLimit}`;
  return `${mayLogIn(want) ? 'login' : 'nologin'} ${inherits(want) ? 'inherit' : 'noinherit'} nosuperuser nocreatedb nocreaterole noreplication nobypassrls${limit}`;
}
