import { qualified } from '../sql/quote';
import type { Difference } from '../plan/difference';
import { at, change, kind, NO_WANTS, tableKey } from './kind';

interface LiveSwitches {
  readonly enabled: boolean;
  readonly forced: boolean;
}

const ON: ReadonlyMap<string, true> = new Map([['switches', true]]);

/** Row-level security is on, and forced, so that it holds for the owner too, on every table with rows of tenants. */
export const rowSecurity = kind<'table', true, LiveSwitches>({
  name: 'row security',
  level: 'table',
  query: {
    text: `select n.nspname as schema, c.relname as "table", c.relrowsecurity as enabled, c.relforcerowsecurity as forced
             from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = any($1) and c.relkind = 'r'`,
    values: (scope) => [scope.schemas],
  },
  read: ({ schema, table, enabled, forced }) => ({ container: tableKey(schema, table), key: 'switches', have: { enabled, forced } }),
  wants: ({ table }) => (table.tenancy === 'tenant' ? ON : NO_WANTS),
  compare({ place, table }, _key, want, have): Difference[] {
    if (want === undefined) return [];
    const enable = have?.enabled !== true;
    const force = have?.forced !== true;
    if (!enable && !force) return [];
    const switches = [...(enable ? ['enable row level security'] : []), ...(force ? ['force row level security'] : [])];
    return [change({
      ...at(place), kind: 'row security', action: 'alter', lock: 'AccessExclusive', summary: `${switches.join(', ')} on ${table.name}`,
      reason: have === undefined ? 'declared, not there' : 'it is off', sql: `alter table ${qualified(place.schema, table.name)} ${switches.join(', ')}`,
    })];
  },
});
