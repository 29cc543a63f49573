import { qualified } from '../sql/quote';
import type { Difference } from '../plan/difference';
import { at, finding, kind, NO_WANTS, refusal, tableKey } from './kind';

interface LiveTrigger {
  readonly what: 'trigger' | 'rule' | 'foreign keys';
  readonly label: string;
}

/** Triggers and rules that nobody declared, and the triggers behind foreign keys where somebody switched them off. */
export const trigger = kind<'table', true, LiveTrigger>({
  name: 'trigger',
  level: 'table',
  query: {
    text: `select n.nspname as schema, c.relname as "table", x.what, x.label
             from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace,
                  lateral (select 'trigger' as what, t.tgname::text as label from pg_catalog.pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal
                           union all
                           select 'foreign keys', '' from pg_catalog.pg_trigger t where t.tgrelid = c.oid and t.tgisinternal and t.tgenabled <> 'O' group by t.tgrelid
                           union all
                           select 'rule', r.rulename::text from pg_catalog.pg_rewrite r where r.ev_class = c.oid) x
            where n.nspname = any($1) and c.relkind = 'r' and (c.relhastriggers or c.relhasrules)`,
    values: (scope) => [scope.schemas],
  },
  read: ({ schema, table, what, label }) => ({ container: tableKey(schema, table), key: `${what} ${label}`, have: { what, label } }),
  wants: () => NO_WANTS,
  compare({ place, table }, _key, _want, have): Difference[] {
    if (have === undefined) return [];
    const where = { ...at(place), kind: 'trigger' };
    if (have.what === 'foreign keys') {
      return [refusal({
        ...where, code: 'trigger/disabled', summary: `foreign keys of ${table.name} are switched off, so that rows without their counterpart come in; only a superuser can switch them on`,
        fix: `As a superuser: alter table ${qualified(place.schema, table.name)} enable trigger all`,
      })];
    }
    return [finding({ ...where, code: `${have.what}/undeclared`, summary: `${have.what} ${have.label} on ${table.name} is not declared` })];
  },
});
