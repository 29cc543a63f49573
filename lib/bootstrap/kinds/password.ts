import { LIBRARY_SCHEMA } from '../../declaration/names';
import type { WantedPassword } from '../model/password-login';
import type { DatabasePlan } from '../model/place';
import type { Difference } from '../plan/difference';
import { ident, literal } from '../sql/quote';
import { change, kind, placeKey, refusal } from './kind';

/** What is written down about the password of a login. */
interface Recorded {
  readonly location: string;
  /** Whether the role is still the one that the password was set for. */
  readonly role: 'same' | 'another' | 'gone';
}

/** Carries the verifier of a new password, and where the password is kept, into the statements of the step. */
export const NEW_PASSWORD_SETTING = 'tenantry.new_password';
const NEW_PASSWORD = `current_setting('${NEW_PASSWORD_SETTING}')::json`;
const TABLE = `${LIBRARY_SCHEMA}.passwords`;

/**
 * Passwords of logins. What is live cannot be read, neither here nor on RDS: that one was set is written down in the home database, in the
 * transaction that sets it. A row that is missing, or that speaks of an earlier role of the name, means that a password has to be made.
 */
export const password = kind<'database', WantedPassword, Recorded>({
  name: 'password',
  level: 'database',
  compares: ['presence', 'strangers', 'role', 'location'],
  query: {
    text: ({ plan, only }, live) => (plan.isHome && live.get('table')?.get(placeKey(LIBRARY_SCHEMA))?.has('passwords') === true
      ? `select current_database() as database, p.login, p.location, case when r.oid is null then 'gone' when r.oid = p.role_oid then 'same' else 'another' end as role
           from ${TABLE} p left join pg_catalog.pg_roles r on r.rolname = p.login${only === undefined ? '' : ' where p.login = any($1)'}` : undefined),
    values: ({ plan, only }) => (only === undefined || !plan.isHome ? [] : [plan.passwords.map(({ login }) => login)]),
  },
  read: ({ database, login, ...have }) => ({ container: database, key: login, have: have as Recorded }),
  wants: (database) => new Map(database.passwords.map((wanted) => [wanted.login, wanted])),
  compare(database, login, want, have): Difference[] {
    if (want === undefined) return have === undefined ? [] : [withdraw(database, login, have)];
    const reason = reasonToSet(want, have);
    if (reason === undefined) return [];
    if (want.place === undefined) {
      return [refusal({
        ...where(database), code: 'password/no-store', summary: `${login} has no password: ${reason}, and nobody says where a new one would be kept`,
        fix: 'Give a file for it with --passwords FILE. A secret is used where the manifest names one for this login and the connection goes to the address in the manifest; a tenant gets one when it is declared in code and deployed.',
      })];
    }
    return [set(database, want, reason)];
  },
});

const where = (database: DatabasePlan) => ({ kind: 'password', target: database.name, place: LIBRARY_SCHEMA });

/** A password that is known to be kept is never replaced by one in a file that happens to be given. */
function reasonToSet({ place }: WantedPassword, have: Recorded | undefined): string | undefined {
  if (have === undefined) return 'none was set yet';
  if (have.role !== 'same') return 'the role was made anew';
  if (place === undefined) return undefined;
  if (place.declared) return have.location === place.location ? undefined : `it was kept in ${have.location}, and the manifest names ${place.location}`;
  return place.empty && have.location === place.location ? 'its file does not hold it any more' : undefined;
}

/**
 * The verifier stands in no text of a statement that is sent: the server keeps those in its log, in pg_stat_activity and in pg_stat_statements. An
 * error is raised anew, because the context of the first one would repeat the statement.
 */
function set(home: DatabasePlan, { login, database }: WantedPassword, reason: string): Difference {
  return change({
    ...where(home), action: 'alter', stage: 'after', actor: 'login', summary: `set a new password of ${login}`, reason, password: { login, database },
    sql: [
      `do $$begin execute format('alter role %I password %L', ${literal(login)}, ${NEW_PASSWORD} ->> 'verifier'); exception when others then raise exception using errcode = sqlstate, message = sqlerrm; end$$`,
      asOwner(home),
      `insert into ${TABLE} (login, role_oid, location, version) select rolname, oid, ${NEW_PASSWORD} ->> 'location', ${NEW_PASSWORD} ->> 'version' from pg_catalog.pg_roles where rolname = ${literal(login)} on conflict (login) do update set role_oid = excluded.role_oid, location = excluded.location, version = excluded.version, set_at = now()`,
      `reset ${NEW_PASSWORD_SETTING}`,
    ],
  });
}

function withdraw(database: DatabasePlan, login: string, have: Recorded): Difference {
  const forget = `delete from ${TABLE} where login = ${literal(login)}`;
  return have.role === 'same'
    ? change({
        ...where(database), action: 'revoke', stage: 'after', actor: 'login', summary: `${login} has no password any more`, reason: 'it is not declared to log in with one',
        sql: [`alter role ${ident(login)} password null`, asOwner(database), forget],
      })
    : change({ ...where(database), action: 'drop', stage: 'after', summary: `forget the password of ${login}`, reason: `the role is ${have.role === 'gone' ? 'gone' : 'another one now'}`, sql: forget });
}

const asOwner = ({ places: [place] }: DatabasePlan): string => `set local role ${ident(place?.owner ?? '')}`;
