import type { WantedView } from '../model/definitions';
import { digestOf, inPlace, viewSql } from '../model/definition-sql';
import type { Place } from '../model/place';
import type { Difference } from '../plan/difference';
import { ident, literal, qualified } from '../sql/quote';
import { compareAcl } from './compare-acl';
import { granteesOf } from './definition-grantees';
import { type DefinitionRecord, originOf, REASONS, record, recordColumns, recordsIn, sha256, stateOf } from './definition-record';
import { at, change, kind, placeKey, refusal } from './kind';

interface LiveView extends DefinitionRecord {
  readonly relkind: string;
  readonly owner: string;
  /** Whether it reads with the rights of whoever asks. */
  readonly invoker: boolean;
  readonly barrier: boolean;
  readonly acl: string | null;
  /** Privileges on single columns, by column. */
  readonly columnAcls: Readonly<Record<string, string>>;
  /** Views that read it, also by way of others. */
  readonly readers: readonly { readonly schema: string; readonly name: string }[];
  /** Whatever else would be lost with it. */
  readonly others: readonly string[];
}

const option = (name: string): string => `coalesce((select o.option_value::boolean from pg_options_to_table(c.reloptions) o where o.option_name = '${name}'), false)`;
const DIGEST = sha256(`pg_get_viewdef(c.oid) || coalesce((select o.option_value from pg_options_to_table(c.reloptions) o where o.option_name = 'check_option'), '')`);

/** Views of the places. They read with the rights of whoever asks; what the server prints of one is compared with what it printed when it was made. */
export const view = kind<'place', WantedView, LiveView>({
  name: 'view',
  level: 'place',
  compares: ['presence', 'origin', 'owner', 'query', 'check option', 'security_invoker', 'security_barrier', 'privileges', 'column privileges'],
  query: {
    text: ({ plan }, live) => (plan.places.every(({ definitions }) => definitions.views.length === 0) ? undefined : `
      with recursive recorded as (${recordsIn(live)}),
      reads(source, reader) as (
        select distinct s.oid, w.ev_class from pg_catalog.pg_class s join pg_catalog.pg_namespace n on n.oid = s.relnamespace
          join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = s.oid and d.classid = 'pg_catalog.pg_rewrite'::regclass join pg_catalog.pg_rewrite w on w.oid = d.objid
         where s.relkind = 'v' and w.ev_class <> s.oid and n.nspname not in ('pg_catalog', 'information_schema')),
      closure(source, reader) as (select source, reader from reads union select c.source, r.reader from closure c join reads r on r.source = c.reader)
      select n.nspname as schema, c.relname as name, c.relkind, o.rolname as owner, ${option('security_invoker')} as invoker, ${option('security_barrier')} as barrier, c.relacl::text as acl,
             (select coalesce(json_object_agg(a.attname, a.attacl::text), '{}') from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attacl is not null) as "columnAcls",
             (select coalesce(json_agg(json_build_object('schema', rn.nspname, 'name', rc.relname)), '[]') from closure x join pg_catalog.pg_class rc on rc.oid = x.reader join pg_catalog.pg_namespace rn on rn.oid = rc.relnamespace where x.source = c.oid) as readers,
             array(select pg_describe_object(d.classid, d.objid, d.objsubid) from pg_catalog.pg_depend d
                    where d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = c.oid and d.deptype in ('n', 'a') and d.classid <> 'pg_catalog.pg_rewrite'::regclass order by 1) as others,
             ${recordColumns(`case c.relkind when 'v' then ${DIGEST} else '' end`)}
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace join pg_catalog.pg_roles o on o.oid = c.relowner
        left join recorded r on r.place = n.nspname and r.kind = 'view' and r.name = c.relname and c.relkind = 'v'
       where n.nspname = any($1) and (c.relkind = 'v' or c.relname = any($2))`),
    values: ({ plan }) => [plan.places.filter((place) => place.kind !== 'library').map(({ schema }) => schema), [...new Set(plan.places.flatMap(({ definitions }) => definitions.views.map(({ name }) => name)))]],
  },
  read: ({ schema, name, ...have }) => ({ container: placeKey(schema), key: name, have: have as LiveView }),
  wants: (place) => new Map(place.definitions.views.map((wanted) => [wanted.name, wanted])),
  compare(place, name, want, have): Difference[] {
    // What nobody declared is found as a relation, and dropped where it was ours.
    if (want === undefined) return [];
    const where = { ...at(place), kind: 'view' };
    if (have === undefined) return [change({ ...where, action: 'create', summary: `create view ${name}`, reason: 'declared, not there', sql: make(place, want) }), ...grants(place, want, undefined)];
    const state = stateOf(have, declaredDigest(place, want));
    if (state === 'foreign') {
      return [refusal({
        ...where, code: 'view/not-ours', blocking: true, summary: `${name} is declared as a view, but ${have.relkind === 'v' ? 'a view that this library did not make' : 'another relation'} has the name`, fix: 'Rename or drop it, or rename the declared view.',
      })];
    }
    if (have.owner !== place.owner) {
      return [refusal({ ...where, code: 'view/other-owner', blocking: true, summary: `view ${name} belongs to ${have.owner}`, fix: `As ${have.owner} or a superuser: alter view ${qualified(place.schema, name)} owner to ${ident(place.owner)}` })];
    }
    if (state !== 'same') return replace(place, want, have, state);
    const barrier = want.securityBarrier ?? false;
    const options = have.invoker && have.barrier === barrier ? [] : [change({
      ...where, action: 'alter', lock: 'AccessExclusive', summary: `alter view ${name}`, reason: have.invoker ? `it is ${have.barrier ? 'a' : 'no'} security barrier` : `it reads with the rights of ${have.owner}`,
      sql: `alter view ${qualified(place.schema, name)} set (security_invoker = true, security_barrier = ${barrier})`,
    })];
    return [...options, ...grants(place, want, have)];
  },
});

const declaredDigest = (place: Place, want: WantedView): string => digestOf(viewSql(place, want));

/** What a view that is there already loses its place to. Views of ours that read it are made anew behind it. */
function replace(place: Place, want: WantedView, have: LiveView, state: 'pending' | 'reprint' | 'drift'): Difference[] {
  const { views } = place.definitions;
  const readers = views.filter(({ name }) => have.readers.some((reader) => reader.schema === place.schema && reader.name === name));
  const strangers = [...have.readers.filter(({ schema, name }) => schema !== place.schema || !views.some((view_) => view_.name === name)).map(({ schema, name }) => `${schema}.${name}`), ...have.others];
  const base = { ...at(place), kind: 'view', action: 'alter', lock: 'AccessExclusive', summary: `replace view ${want.name}`, ...originOf(state) } as const;
  if (strangers.length > 0) {
    return [
      change({ ...base, reason: `${REASONS[state]}; ${strangers.join(', ')} would be lost with it, so that columns can only be added to it`, sql: make(place, want, 'create or replace') }), ...grants(place, want, have),
    ];
  }
  const again = [want, ...readers].flatMap((made) => [...make(place, made), ...sqlOf(grants(place, made, undefined))]);
  return [change({ ...base, reason: REASONS[state], sql: [...[...readers].reverse(), want].map(({ name }) => `drop view ${qualified(place.schema, name)}`).concat(again) }), ...grants(place, want, have)];
}

function make(place: Place, want: WantedView, create: 'create' | 'create or replace' = 'create'): string[] {
  return [
    ...inPlace(place, viewSql(place, want, create)),
    record(place, 'view', want.name, declaredDigest(place, want), { digest: DIGEST, from: `from pg_catalog.pg_class c where c.oid = ${literal(qualified(place.schema, want.name))}::regclass` }),
  ];
}

function grants(place: Place, want: WantedView, have: LiveView | undefined): Difference[] {
  const target = { ...at(place), kind: 'view', object: `table ${qualified(place.schema, want.name)}`, label: `view ${want.name}`, owner: place.owner, externalGrants: place.externalGrants };
  return [
    ...compareAcl(target, granteesOf(place, want.read, 'r'), have?.acl),
    ...Object.entries(have?.columnAcls ?? {}).flatMap(([column, acl]) => compareAcl({ ...target, label: `${want.name}.${column}`, columns: [column] }, new Map(), acl)),
  ];
}

const sqlOf = (differences: readonly Difference[]): string[] => differences.flatMap((difference) => (difference.type === 'change' ? difference.sql : []));
