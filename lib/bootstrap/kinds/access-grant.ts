import { LIBRARY_SCHEMA } from '../../declaration/names';
import type { AccessGrant, WantedAccess } from '../model/support';
import { literal } from '../sql/quote';
import type { Difference } from '../plan/difference';
import { change, kind, placeKey, refusal } from './kind';

const TABLE = `${LIBRARY_SCHEMA}.access_grants`;

/**
 * Access of people for a time. The home registry owns those that were made at run time and knows of each that was revoked; code adds those that are
 * declared; databases of tenants repeat both, because the policies there ask them. One that has ended by itself needs no change of its row.
 */
export const accessGrant = kind<'database', WantedAccess, AccessGrant>({
  name: 'access grant',
  level: 'database',
  compares: ['presence', 'strangers', 'terms'],
  query: {
    text: (_scope, live) => (live.get('table')?.get(placeKey(LIBRARY_SCHEMA))?.has('access_grants') === true
      ? `select current_database() as database, id, member, role, reason, valid_until as until, declared, revoked_at is not null as revoked from ${TABLE}
          where (revoked_at is null and valid_until > now()) or id = any($1::uuid[])` : undefined),
    values: ({ plan }) => [plan.access.map(({ grant }) => grant.id)],
  },
  read: ({ database, ...have }) => ({ container: database, key: have['id'], have: have as AccessGrant }),
  wants: (database) => new Map(database.access.map((wanted) => [wanted.grant.id, wanted])),
  compare(database, id, want, have): Difference[] {
    const where = { kind: 'access grant', target: database.name, place: LIBRARY_SCHEMA };
    if (want === undefined) {
      return have === undefined || have.revoked ? [] : [change({ ...where, action: 'revoke', summary: `access of ${have.member} as ${have.role} ends`, reason: database.isHome ? 'not declared' : 'the home registry knows no such grant', sql: endGrant(id, "'apply'") })];
    }
    const { grant, problem } = want;
    if (problem !== undefined) return database.isHome ? [refusal({ ...where, ...problem })] : [];
    const summary = `${grant.member} has access as ${grant.role} until ${grant.until.toISOString()}`;
    if (have === undefined) return [change({ ...where, action: 'grant', summary, reason: grant.declared ? 'declared, not there' : 'granted, not there', sql: insertGrant(grant, "'declaration'") })];
    const { member, role, reason, until, declared, revoked } = grant;
    const same = have.member === member && have.role === role && have.reason === reason && have.until.getTime() === until.getTime() && have.declared === declared && have.revoked === revoked;
    return same ? [] : [change({
      ...where, action: 'alter', summary, reason: 'the grant says something else',
      sql: `update ${TABLE} set member = ${literal(member)}, role = ${literal(role)}, reason = ${literal(reason)}, valid_until = ${literal(until.toISOString())}, declared = ${declared}, revoked_at = null, revoked_by = null where id = ${literal(id)}`,
    })];
  },
});

/** @param by - SQL of who grants it */
export const insertGrant = ({ id, member, role, reason, until, declared }: AccessGrant, by: string): string =>
  `insert into ${TABLE} (id, member, role, reason, valid_until, granted_by, declared) values (${literal(id)}, ${literal(member)}, ${literal(role)}, ${literal(reason)}, ${literal(until.toISOString())}, ${by}, ${declared})`;

export const endGrant = (id: string, by: string): string => `update ${TABLE} set revoked_at = clock_timestamp(), revoked_by = ${by} where id = ${literal(id)} and revoked_at is null`;
