import { LIBRARY_SCHEMA } from '../../declaration/names';
import type { DatabasePlan } from '../model/place';
import type { Difference } from '../plan/difference';
import { change, kind, type LiveCatalog, NO_WANTS, placeKey } from './kind';

const NAME = 'tenant id';
const UNKNOWN = '';

/** A tenant whose id is remembered, and that the registry does not list under it. */
export interface LostTenant {
  readonly key: string;
  /** What its rows carry. */
  readonly id: string;
  readonly isolation: string;
  /** The id that the registry has for the key now. */
  readonly listedId: string | null;
  /** The key that the registry has for the id now. */
  readonly listedKey: string | null;
}

interface Unremembered {
  /** Tenants of the registry whose ids are not remembered: an older version registered them. */
  readonly unknown: number;
}

/** Appends to what is remembered. It is never changed, so that it outlives the registry's row. */
export const rememberIds = (source: string): string =>
  `insert into ${LIBRARY_SCHEMA}.tenant_ids (key, id, isolation) select key, id, isolation from ${source}`;

/** The ids of tenants, remembered beside the registry: rows are found by nothing else. What is lost is refused before anything is planned. */
export const tenantId = kind<'database', true, LostTenant | Unremembered>({
  name: NAME,
  level: 'database',
  compares: ['presence'],
  query: {
    text: ({ plan, only }, live) => (plan.isHome ? differing(live, only !== undefined) : undefined),
    values: ({ only }) => (only === undefined ? [] : [only]),
  },
  read: ({ database, ...have }) => ({ container: database, key: have['key'], have: have as LostTenant | Unremembered }),
  wants: () => NO_WANTS,
  compare(database, _key, _want, have): Difference[] {
    if (have === undefined || !('unknown' in have) || have.unknown === 0) return [];
    return [change({
      kind: NAME, target: database.name, place: LIBRARY_SCHEMA, action: 'create', summary: `remember the ids of ${have.unknown} tenants`, reason: 'they were registered by an older version',
      sql: `${rememberIds(`${LIBRARY_SCHEMA}.tenants`)} on conflict (key) do nothing`,
    })];
  },
});

/** What the registry lost, as far as it is remembered. */
export const lostTenants = (database: DatabasePlan, live: LiveCatalog | undefined): LostTenant[] =>
  [...live?.get(NAME)?.get(database.name)?.values() ?? []].filter((have): have is LostTenant => (have as { id: string | null }).id !== null);

/** One row for each tenant that is lost, and one for all that are not remembered; of one tenant alone where that is asked for. */
function differing(live: LiveCatalog, one: boolean): string | undefined {
  const tables = live.get('table')?.get(placeKey(LIBRARY_SCHEMA));
  if (tables?.has('tenants') !== true) return undefined;
  const head = `select current_database() as database, '${UNKNOWN}' as key, null::uuid as id, null as isolation, null::uuid as "listedId", null as "listedKey", count(*)::int as unknown from ${LIBRARY_SCHEMA}.tenants t`;
  const of = (row: string, word: string): string => (one ? ` ${word} ${row}.key = $1` : '');
  if (!tables.has('tenant_ids')) return `${head}${of('t', 'where')}`;
  return `${head} where not exists (select from ${LIBRARY_SCHEMA}.tenant_ids i where i.key = t.key)${of('t', 'and')}
          union all
          select current_database(), i.key, i.id, i.isolation, t.id, (select o.key from ${LIBRARY_SCHEMA}.tenants o where o.id = i.id), 0
            from ${LIBRARY_SCHEMA}.tenant_ids i left join ${LIBRARY_SCHEMA}.tenants t on t.key = i.key where t.id is distinct from i.id${of('i', 'and')} order by key`;
}
