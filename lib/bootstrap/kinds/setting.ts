import { ident, literal } from '../sql/quote';
import type { Difference } from '../plan/difference';
import { change, finding, kind, NO_WANTS, refusal, serverKey } from './kind';

interface LiveSetting {
  /** Empty for a setting of a database alone, or of every role. */
  readonly role: string;
  /** Empty for a setting in every database. */
  readonly database: string;
  readonly name: string;
  readonly value: string;
}

/** Settings that a session starts with and that would enter a tenant, take on a role or find other objects by themselves. */
const HARMFUL = /^(tenantry\..*|role|search_path|row_security|session_authorization|session_replication_role)$/i;

/** What ALTER ROLE … SET and ALTER DATABASE … SET left behind for roles and databases of ours. None is declared. */
export const setting = kind<'server', true, LiveSetting>({
  name: 'setting',
  level: 'server',
  query: {
    text: `select coalesce(r.rolname, '') as role, coalesce(d.datname, '') as database, split_part(c.item, '=', 1) as name, substr(c.item, strpos(c.item, '=') + 1) as value
             from pg_catalog.pg_db_role_setting s left join pg_catalog.pg_roles r on r.oid = s.setrole left join pg_catalog.pg_database d on d.oid = s.setdatabase, unnest(s.setconfig) c(item)
            where r.rolname = any($1) or (s.setrole = 0 and (d.datname = any($2) or s.setdatabase = 0))`,
    values: (server) => [[...server.roles.keys()], server.databases.map(({ name }) => name)],
  },
  read: (row) => ({ container: serverKey, key: JSON.stringify([row.role, row.database, row.name]), have: row as LiveSetting }),
  wants: () => NO_WANTS,
  compare(server, _key, _want, have): Difference[] {
    if (have === undefined) return [];
    const { role, database, name, value } = have;
    const where = { kind: 'setting', target: 'server' };
    if (role === '' && database === '') return HARMFUL.test(name) ? [ofEveryRole(where, name, value)] : [];
    const whose = role === '' ? `database ${database}` : `role ${role}${database === '' ? '' : ` in ${database}`}`;
    if (!HARMFUL.test(name)) return [finding({ ...where, code: 'setting/undeclared', summary: `${whose} sets ${name}, which is not declared` })];
    const alter = role === '' ? `alter database ${ident(database)}` : `alter role ${ident(role)}${database === '' ? '' : ` in database ${ident(database)}`}`;
    if (name.includes('.') && !server.capabilities.loginIsSuperuser) {
      return [refusal({
        ...where, code: 'setting/not-ours-to-reset', summary: `${whose} sets ${name}, so that every session starts with ${literal(value)}; only a superuser can take it back`,
        fix: `As a superuser: ${alter} reset ${name}`,
      })];
    }
    return [change({
      ...where, action: 'revoke', summary: `${whose} no longer sets ${name}`, reason: `every session would start with ${literal(value)}`, actor: role === '' ? 'owner' : 'login',
      sql: `${alter} reset ${name}`,
    })];
  },
});

/** It is not ours, and concerns other databases too. */
const ofEveryRole = (where: { kind: string; target: string }, name: string, value: string): Difference => refusal({
  ...where, code: 'setting/of-every-role', summary: `every role sets ${name}, so that every session starts with ${literal(value)}; only a superuser can take it back`,
  fix: `As a superuser: alter role all reset ${name}`,
});
