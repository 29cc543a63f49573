import { digestOf, triggerSql } from '../model/definition-sql';
import type { WantedTrigger } from '../model/definitions';
import { ident, literal, qualified } from '../sql/quote';
import type { Difference } from '../plan/difference';
import { type DefinitionRecord, originOf, REASONS, record, recordColumns, recordsIn, sha256, stateOf } from './definition-record';
import { isExclusive } from './exclusive-words';
import { at, change, finding, kind, refusal, tableKey, type TableTarget } from './kind';

interface LiveTrigger extends DefinitionRecord {
  readonly what: 'trigger' | 'rule' | 'foreign keys';
  readonly label: string;
  /** `O` where it fires as it was made; `D`, `R` and `A` are disabled, for replication only, and always. */
  readonly enabled: string;
  readonly isConstraint: boolean;
}

const DIGEST = sha256('pg_get_triggerdef(t.oid)');
const ENABLED: Readonly<Record<string, string>> = { D: 'it is disabled', R: 'it fires in replication only', A: 'it fires in replication too' };

/** Triggers by definition and whether they fire; those that nobody declared, rules, and the triggers behind foreign keys where somebody switched them off. */
export const trigger = kind<'table', WantedTrigger, LiveTrigger>({
  name: 'trigger',
  level: 'table',
  compares: ['presence', 'strangers', 'origin', 'definition', 'enabled', 'rules', 'foreign keys'],
  query: {
    text: (_scope, live) => `
           with recorded as (${recordsIn(live)})
           select n.nspname as schema, c.relname as "table", x.what, x.label, x.enabled, x."isConstraint", ${recordColumns('x.digest')}
             from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace cross join
                  lateral (select 'trigger' as what, t.tgname::text as label, t.tgenabled as enabled, t.tgconstraint <> 0 as "isConstraint", ${DIGEST} as digest from pg_catalog.pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal and t.tgparentid = 0
                           union all
                           select 'foreign keys', '', 'D', false, '' from pg_catalog.pg_trigger t where t.tgrelid = c.oid and t.tgisinternal and t.tgenabled <> 'O' group by t.tgrelid
                           union all
                           select 'rule', w.rulename::text, 'O', false, '' from pg_catalog.pg_rewrite w where w.ev_class = c.oid) x
             left join recorded r on x.what = 'trigger' and r.place = n.nspname and r.kind = 'trigger' and r.name = c.relname || '.' || x.label
            where n.nspname = any($1) and c.relkind in ('r', 'p') and (c.relhastriggers or c.relhasrules)`,
    values: (scope) => [scope.schemas],
  },
  read: ({ schema, table, ...have }) => ({ container: tableKey(schema, table), key: `${have['what']} ${have['label']}`, have: have as LiveTrigger }),
  wants: ({ place, table }) => new Map((place.definitions.triggers.get(table.name) ?? []).map((wanted) => [`trigger ${wanted.name}`, wanted])),
  compare(target, _key, want, have): Difference[] {
    const { place, table } = target;
    const where = { ...at(place), kind: 'trigger' };
    if (want !== undefined) return compareWanted(target, want, have);
    if (have === undefined || have.declared !== null) return [];
    if (have.what === 'foreign keys') {
      return [refusal({
        ...where, code: 'trigger/disabled', summary: `foreign keys of ${table.name} are switched off, so that rows without their counterpart come in; only a superuser can switch them on`,
        fix: `As a superuser: alter table ${qualified(place.schema, table.name)} enable trigger all`,
      })];
    }
    if (isExclusive(place, have.what)) return [];
    return [finding({ ...where, code: `${have.what}/undeclared`, summary: `${have.what} ${have.label} on ${table.name} is not declared` })];
  },
});

function compareWanted({ place, table }: TableTarget, want: WantedTrigger, have: LiveTrigger | undefined): Difference[] {
  const where = { ...at(place), kind: 'trigger', lock: 'ShareRowExclusive' } as const;
  const label = `${want.name} on ${table.name}`;
  const on = qualified(place.schema, table.name);
  const make = (create: 'create' | 'create or replace'): string[] => [
    triggerSql(place, table.name, want, create),
    record(place, 'trigger', `${table.name}.${want.name}`, digestOf(triggerSql(place, table.name, want)), { digest: DIGEST, from: `from pg_catalog.pg_trigger t where t.tgrelid = ${literal(on)}::regclass and t.tgname = ${literal(want.name)}` }),
  ];
  if (have === undefined) return [change({ ...where, action: 'create', summary: `create trigger ${label}`, reason: 'declared, not there', sql: make('create') })];
  const state = stateOf(have, digestOf(triggerSql(place, table.name, want)));
  if (state === 'foreign') {
    return [refusal({
      ...at(place), kind: 'trigger', code: 'trigger/not-ours', blocking: true, summary: `trigger ${label} is there already, and this library did not make it`,
      fix: `Drop it, or give it another name: alter trigger ${ident(want.name)} on ${on} rename to …; or rename the declared trigger.`,
    })];
  }
  return [
    ...(state === 'same' ? [] : [change({
      ...where, action: 'alter', summary: `replace trigger ${label}`, reason: REASONS[state], ...originOf(state),
      ...(have.isConstraint ? { lock: 'AccessExclusive', sql: [`drop trigger ${ident(want.name)} on ${on}`, ...make('create')] } : { sql: make('create or replace') }),
    })]),
    ...(have.enabled === 'O' ? [] : [change({ ...where, action: 'alter', summary: `enable trigger ${label}`, reason: ENABLED[have.enabled] ?? have.enabled, sql: `alter table ${on} enable trigger ${ident(want.name)}` })]),
  ];
}
