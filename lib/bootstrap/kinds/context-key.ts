import { contextKeyName } from '../../declaration/tenant-context';
import { LIBRARY_SCHEMA } from '../../declaration/names';
import type { DatabasePlan } from '../model/place';
import { CONTEXT_KEY_FACTS, CONTEXT_KEYS, type ContextKeyFacts, type WantedContextKeys } from '../model/tenant-context';
import type { Difference } from '../plan/difference';
import { change, kind, placeKey, refusal } from './kind';

const NAME = 'context key';
const TABLE = `${LIBRARY_SCHEMA}.${CONTEXT_KEYS}`;

/** Carries the blocks of a new key, and where the key is kept, into the statements of the step. */
export const NEW_CONTEXT_KEY_SETTING = 'tenantry.new_context_key';
/** Carries the home database's keys into a tenant's own database. */
export const CONTEXT_KEYS_SETTING = 'tenantry.home_context_keys';

/** How long programs that have not heard of a new key may sign with the one before. */
const OVERLAP = '1 hour';

/** Keys that tenant contexts are signed with. The home database's is made like a password: kept first, and then set; tenants' own databases repeat it. */
export const contextKey = kind<'database', WantedContextKeys, readonly ContextKeyFacts[]>({
  name: NAME,
  level: 'database',
  compares: ['presence', 'number', 'location', 'copies'],
  query: {
    text: ({ plan }, live) => (plan.contextKeys !== undefined && live.get('table')?.get(placeKey(LIBRARY_SCHEMA))?.has(CONTEXT_KEYS) === true
      ? `select current_database() as database, coalesce(json_agg(k), '[]') as keys from (${CONTEXT_KEY_FACTS}) k` : undefined),
    values: () => [],
  },
  read: ({ database, keys }) => ({ container: database, key: NAME, have: keys as ContextKeyFacts[] }),
  wants: ({ contextKeys }) => new Map(contextKeys === undefined ? [] : [[NAME, contextKeys]]),
  compare(database, _key, want, have = []): Difference[] {
    if (want === undefined) return [];
    return database.isHome ? make(database, want, have) : copy(database, want, have);
  },
});

const where = (database: DatabasePlan) => ({ kind: NAME, target: database.name, place: LIBRARY_SCHEMA });

function make(home: DatabasePlan, { reason, place }: WantedContextKeys, have: readonly ContextKeyFacts[]): Difference[] {
  const current = have.filter(({ until }) => until === null).length;
  if (current > 1) {
    return [refusal({
      ...where(home), code: 'context-key/several', summary: `${current} keys without an end sign contexts, and one is made at a time: somebody else added the others`,
      fix: `Delete those that nobody knows, or all of them, and apply again: delete from ${TABLE}. Programs sign with a new key when they next ask for it.`,
    })];
  }
  if (reason === undefined) return [];
  const login = contextKeyName(home.places[0]?.identity.declaration ?? '');
  if (place === undefined) {
    return [refusal({
      ...where(home), code: 'context-key/no-store', blocking: true, summary: `contexts are to be signed, and there is no key: ${reason}, and nobody says where a new one would be kept`,
      fix: `Give a file for it with --passwords FILE. A secret is used where the manifest names one for ${login} and the connection goes to the address in the manifest.`,
    })];
  }
  const key = `current_setting('${NEW_CONTEXT_KEY_SETTING}')::json`;
  return [change({
    ...where(home), action: 'create', stage: 'after', summary: 'make a new key that contexts are signed with', reason, contextKey: { login, database: home.name },
    sql: [
      `delete from ${TABLE} where valid_until <= now()`,
      `update ${TABLE} set valid_until = now() + interval '${OVERLAP}' where valid_until is null`,
      `insert into ${TABLE} (inner_block, outer_block, location, version) select decode(j ->> 'inner', 'hex'), decode(j ->> 'outer', 'hex'), j ->> 'location', j ->> 'version' from (select ${key} as j) k`,
      `reset ${NEW_CONTEXT_KEY_SETTING}`,
    ],
  })];
}

function copy(database: DatabasePlan, { reason, keys }: WantedContextKeys, have: readonly ContextKeyFacts[]): Difference[] {
  const facts = (of: readonly ContextKeyFacts[]): string => JSON.stringify(of.map(({ id, digest, location, until }) => [id, digest, location, until]));
  if (reason === undefined && facts(keys) === facts(have)) return [];
  return [change({
    ...where(database), action: 'load', summary: 'copy the keys that contexts are signed with', reason: have.length === 0 ? 'none are there' : reason === undefined ? 'they are others than those of the home database' : 'a new one is made',
    sql: [`delete from ${TABLE}`, `insert into ${TABLE} select * from json_populate_recordset(null::${TABLE}, current_setting('${CONTEXT_KEYS_SETTING}')::json)`, `reset ${CONTEXT_KEYS_SETTING}`],
  })];
}
