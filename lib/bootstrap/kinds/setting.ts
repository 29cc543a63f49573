import { ident, literal } from '../sql/quote';
import type { Difference } from '../plan/difference';
import { isHarmful, shownValue } from '../model/harmful-settings';
import { isSameValue, knownSince, managedKey, SUPERUSER_SETTINGS, type WantedSetting } from '../model/role-settings';
import type { ServerPlan } from '../model/server';
import { change, finding, kind, refusal, serverKey } from './kind';

interface LiveSetting {
  /** Empty for a setting of a database alone, or of every role. */
  readonly role: string;
  /** Empty for a setting in every database. */
  readonly database: string;
  readonly name: string;
  readonly value: string;
  /** Whether the login, or the owner for a database, may take it back: not what is a superuser's, nor a parameter of the library's or an extension's own. */
  readonly resettable: boolean;
}

const keyOf = (role: string, database: string, name: string): string => JSON.stringify([role, database, name]);

/**
 * What sessions of our logins start with by ALTER ROLE … SET; and what that, and ALTER DATABASE … SET, left behind for roles and databases of ours. What the last apply
 * set, or a tier decides about, goes when it is declared no more. What somebody else set is a finding, unless it is harmful.
 */
export const setting = kind<'server', WantedSetting, LiveSetting>({
  name: 'setting',
  level: 'server',
  compares: ['presence', 'strangers', 'value'],
  query: {
    text: `select coalesce(r.rolname, '') as role, coalesce(d.datname, '') as database, split_part(c.item, '=', 1) as name, substr(c.item, strpos(c.item, '=') + 1) as value,
                  strpos(split_part(c.item, '=', 1), '.') = 0 and coalesce((select p.context = 'user' or (p.context = 'superuser' and s.setrole <> 0 and has_parameter_privilege(p.name, 'SET')) from pg_catalog.pg_settings p where lower(p.name) = lower(split_part(c.item, '=', 1))), true) as resettable
             from pg_catalog.pg_db_role_setting s left join pg_catalog.pg_roles r on r.oid = s.setrole left join pg_catalog.pg_database d on d.oid = s.setdatabase, unnest(s.setconfig) c(item)
            where r.rolname = any($1) or (s.setrole = 0 and (d.datname = any($2) or s.setdatabase = 0))`,
    values: (server) => [[...server.roles.keys()], server.databases.map(({ name }) => name)],
  },
  read: (row) => ({ container: serverKey, key: keyOf(row['role'], row['database'], row['name']), have: row as LiveSetting }),
  wants: (server) => new Map(server.settings.map((wanted) => [keyOf(wanted.role, '', wanted.name), wanted])),
  compare(server, _key, want, have): Difference[] {
    if (want !== undefined) return declared(server, want, have);
    if (have === undefined) return [];
    const { role, database, name, value } = have;
    const where = { kind: 'setting', target: 'server' };
    if (role === '' && database === '') return isHarmful(name, value) ? [ofEveryRole(where, name, value)] : [];
    const whose = role === '' ? `database ${database}` : `role ${role}${database === '' ? '' : ` in ${database}`}`;
    const overrides = database !== '' && server.settings.some((wanted) => wanted.role === role && wanted.name === name);
    const managed = database === '' && server.managedSettings.has(managedKey(role, name));
    if (!isHarmful(name, value) && !overrides && !managed) return [finding({ ...where, code: 'setting/undeclared', summary: `${whose} sets ${name}, which is not declared` })];
    const alter = role === '' ? `alter database ${ident(database)}` : `alter role ${ident(role)}${database === '' ? '' : ` in database ${ident(database)}`}`;
    if (!have.resettable && !server.capabilities.loginIsSuperuser) {
      return [refusal({
        ...where, code: 'setting/not-ours-to-reset', summary: `${whose} sets ${name}, so that every session starts with ${shownValue(value)}; only a superuser can take it back`,
        fix: `As a superuser: ${alter} reset ${name}`,
      })];
    }
    return [change({
      ...where, action: 'revoke', summary: `${whose} no longer sets ${name}`, reason: overrides ? 'it would take the place of what is declared' : managed ? 'neither its role nor its tier declares it' : `every session would start with ${shownValue(value)}`, actor: role === '' ? 'owner' : 'login',
      sql: `${alter} reset ${name}`,
    })];
  },
});

function declared(server: ServerPlan, { role, name, value }: WantedSetting, have: LiveSetting | undefined): Difference[] {
  if (have !== undefined && isSameValue(name, have.value, value)) return [];
  const where = { kind: 'setting', target: 'server' };
  const { versionNumber, settable, login } = server.capabilities;
  if (versionNumber < knownSince(name)) {
    return [refusal({
      ...where, code: 'setting/version', summary: `role ${role} is to set ${name}, which PostgreSQL knows from version ${Math.floor(knownSince(name) / 10_000)} on`, fix: 'Remove it from the settings of the role, or upgrade the server.',
    })];
  }
  const sql = `alter role ${ident(role)} set ${name} = ${literal(value)}`;
  if (SUPERUSER_SETTINGS.includes(name) && !settable.includes(name)) {
    return [refusal({
      ...where, code: 'setting/not-ours-to-set', summary: `role ${role} is to set ${name} to ${value}, which ${login} may not do for want of SET on the parameter`,
      fix: `As a superuser, once: grant set on parameter ${name} to ${ident(login)}; or each time: ${sql}`,
    })];
  }
  return [change({ ...where, action: have === undefined ? 'create' : 'alter', actor: 'login', summary: `role ${role} sets ${name} to ${value}`, reason: have === undefined ? 'declared, not there' : `it is ${shownValue(have.value)}`, sql })];
}

/** It is not ours, and concerns other databases too. */
const ofEveryRole = (where: { kind: string; target: string }, name: string, value: string): Difference => refusal({
  ...where, code: 'setting/of-every-role', summary: `every role sets ${name}, so that every session starts with ${shownValue(value)}; only a superuser can take it back`,
  fix: `As a superuser: alter role all reset ${name}`,
});
