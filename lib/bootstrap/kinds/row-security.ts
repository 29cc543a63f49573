import { qualified } from '../sql/quote';
import type { Difference } from '../plan/difference';
import { at, change, kind, tableKey } from './kind';

interface LiveSwitches {
  readonly enabled: boolean;
  readonly forced: boolean;
}

const ON: ReadonlyMap<string, boolean> = new Map([['switches', true]]);
const OFF: ReadonlyMap<string, boolean> = new Map([['switches', false]]);

/** Row-level security is on, and forced, so that it holds for the owner too, on every table with rows of tenants; on others, which have no policies, it is off. */
export const rowSecurity = kind<'table', boolean, LiveSwitches>({
  name: 'row security',
  level: 'table',
  compares: ['enabled', 'forced'],
  query: {
    text: `select n.nspname as schema, c.relname as "table", c.relrowsecurity as enabled, c.relforcerowsecurity as forced
             from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = any($1) and c.relkind in ('r', 'p')`,
    values: (scope) => [scope.schemas],
  },
  read: ({ schema, table, enabled, forced }) => ({ container: tableKey(schema, table), key: 'switches', have: { enabled, forced } }),
  wants: ({ table }) => (table.tenancy === 'tenant' ? ON : OFF),
  compare({ place, table }, _key, want = false, have): Difference[] {
    const enabled = have?.enabled ?? false;
    const forced = have?.forced ?? false;
    const switches = [...(enabled === want ? [] : [`${want ? 'enable' : 'disable'} row level security`]), ...(forced === want ? [] : [`${want ? '' : 'no '}force row level security`])];
    if (switches.length === 0) return [];
    return [change({
      ...at(place), kind: 'row security', action: 'alter', lock: 'AccessExclusive', summary: `${switches.join(', ')} on ${table.name}`,
      reason: have === undefined ? 'declared, not there' : want ? 'it is off' : `its rows are of no tenant, and nobody would see them`, sql: `alter table ${qualified(place.schema, table.name)} ${switches.join(', ')}`,
    })];
  },
});
