import { objectName } from '../../declaration/names';
import { domainCheckName, type ShapeDomain } from '../model/objects';
import type { Place } from '../model/place';
import type { Difference } from '../plan/difference';
import { ident, literal, qualified } from '../sql/quote';
import { compareAcl } from './compare-acl';
import { at, change, finding, kind, NO_WANTS, onceFor, placeKey, refusal } from './kind';

interface LiveCheck {
  readonly expression: string;
  readonly validated: boolean;
}

interface LiveDomain {
  /** `d` for a domain; other types may have the name. */
  readonly type: string;
  readonly owner: string;
  readonly base: string | null;
  readonly notNull: boolean;
  readonly default: string | null;
  readonly comment: string | null;
  readonly acl: string | null;
  /** Where it is not that of the base type. */
  readonly collation: string | null;
  readonly checks: Readonly<Record<string, LiveCheck>>;
}

const KINDS: Readonly<Record<string, string>> = { c: 'the rows of a table', e: 'enum', r: 'range', m: 'multirange', b: 'base type' };

/** Of the condition that takes the place of another one, until it is proved. */
const nextCheckName = (domain: string): string => objectName(domain, 'next_check');

/**
 * Domains of the home schema. A new condition comes as NOT VALID, which locks no table, and is validated behind that, which holds writers of every table
 * with such a column back while it reads them; the old one goes last, so that no value is ever free.
 */
export const domain = kind<'place', ShapeDomain, LiveDomain>({
  name: 'domain',
  level: 'place',
  compares: ['presence', 'kind', 'owner', 'type', 'collation', 'check', 'validated', 'strangers', 'not null', 'default', 'comment', 'privileges'],
  query: {
    text: ({ plan }) => (plan.places.every(({ domains = [] }) => domains.length === 0) ? undefined : `
      select n.nspname as schema, t.typname as name, t.typtype as type, r.rolname as owner, case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end as base, t.typnotnull as "notNull",
             pg_get_expr(t.typdefaultbin, 0) as "default", d.description as comment, t.typacl::text as acl, l.collname as collation,
             (select coalesce(json_object_agg(o.conname, json_build_object('expression', pg_get_expr(o.conbin, 0), 'validated', o.convalidated)), '{}') from pg_catalog.pg_constraint o where o.contypid = t.oid and o.contype = 'c') as checks
        from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace join pg_catalog.pg_roles r on r.oid = t.typowner
        left join pg_catalog.pg_type b on b.oid = t.typbasetype left join pg_catalog.pg_collation l on l.oid = t.typcollation and t.typcollation <> b.typcollation
        left join pg_catalog.pg_description d on d.objoid = t.oid and d.classoid = 'pg_catalog.pg_type'::regclass and d.objsubid = 0
       where n.nspname = any($1) and t.typname = any($2)`),
    values: ({ plan }) => {
      const places = plan.places.filter(({ domains = [] }) => domains.length > 0);
      return [places.map(({ schema }) => schema), [...new Set(places.flatMap(({ domains = [] }) => domains.map(({ name }) => name)))]];
    },
  },
  read: ({ schema, name, ...have }) => ({ container: placeKey(schema), key: name, have: have as LiveDomain }),
  wants: (place) => domainsOf(place),
  compare(place, name, want, have): Difference[] {
    if (want === undefined) return [];
    const where = { ...at(place), kind: 'domain' };
    const alter = `alter domain ${qualified(place.schema, name)}`;
    if (have === undefined) return create(place, want);
    if (have.type !== 'd') {
      return [refusal({ ...where, code: 'domain/other-kind', blocking: true, summary: `${name} is declared as a domain, but a type (${KINDS[have.type] ?? have.type}) has the name`, fix: 'Rename it, or the declared domain.' })];
    }
    if (have.owner !== place.owner) {
      return [refusal({
        ...where, code: 'domain/other-owner', blocking: true, summary: `domain ${name} belongs to ${have.owner}, who can change what values it lets through`,
        fix: `As ${have.owner} or a superuser: ${alter} owner to ${ident(place.owner)}`,
      })];
    }
    if (have.base !== want.type || have.collation !== null) {
      return [refusal({
        ...where, code: 'domain/type', blocking: true, summary: `domain ${name} is of ${have.base ?? ''}${have.collation === null ? '' : ` with the collation ${have.collation}`}, and ${want.type} is declared; PostgreSQL cannot change that`,
        fix: 'Declare a domain of another name, and write a migration that adds columns of it, copies the values and drops the old ones.',
      })];
    }
    return [
      ...checks(place, want, have, alter),
      ...nullability(place, want, have, alter),
      ...(have.default === (want.default ?? null) ? [] : [change({
        ...where, action: 'alter', summary: want.default === undefined ? `drop the default of domain ${name}` : `set the default of domain ${name} to ${want.default}`,
        reason: have.default === null ? 'it has none' : `it is ${have.default}`, sql: `${alter} ${want.default === undefined ? 'drop default' : `set default ${want.default}`}`,
      })]),
      ...(have.comment === (want.comment ?? null) ? [] : [change({ ...where, action: 'alter', summary: `comment on domain ${name}`, reason: 'the comment differs', sql: comment(place, want) })]),
      ...privileges(place, name, have.acl),
    ];
  },
});

const domainsOf = onceFor((place: Place): ReadonlyMap<string, ShapeDomain> => (place.domains === undefined ? NO_WANTS : new Map(place.domains.map((want) => [want.name, want]))));

function create(place: Place, want: ShapeDomain): Difference[] {
  const definition = [
    `create domain ${qualified(place.schema, want.name)} as ${want.type}`, ...(want.default === undefined ? [] : [`default ${want.default}`]), ...(want.notNull ? ['not null'] : []),
    ...(want.check === undefined ? [] : [`constraint ${ident(domainCheckName(want.name))} check (${want.check})`]),
  ].join(' ');
  return [
    change({ ...at(place), kind: 'domain', action: 'create', summary: `create domain ${want.name}`, reason: 'declared, not there', sql: [definition, ...(want.comment === undefined ? [] : [comment(place, want)])] }),
  ];
}

const comment = (place: Place, want: ShapeDomain): string => `comment on domain ${qualified(place.schema, want.name)} is ${want.comment === undefined ? 'null' : literal(want.comment)}`;

/** Nobody but the owner makes objects of it; columns and values need no privilege. */
const privileges = (place: Place, name: string, acl: string | null): Difference[] =>
  compareAcl({ ...at(place), kind: 'domain', object: `domain ${qualified(place.schema, name)}`, label: `domain ${name}`, owner: place.owner, externalGrants: place.externalGrants, builtIn: 'U' }, new Map(), acl);

function checks(place: Place, want: ShapeDomain, have: LiveDomain, alter: string): Difference[] {
  const where = { ...at(place), kind: 'domain' } as const;
  const name = domainCheckName(want.name);
  const next = nextCheckName(want.name);
  const [now, coming] = [have.checks[name], have.checks[next]];
  const drop = (check: string, reason: string, stage: 'transaction' | 'after' = 'transaction'): Difference =>
    change({ ...where, action: 'drop', stage, summary: `drop constraint ${check} of domain ${want.name}`, reason, sql: `${alter} drop constraint ${ident(check)}` });
  const add = (check: string, reason: string): Difference =>
    change({ ...where, action: 'create', summary: `add check ${check} to domain ${want.name}`, reason, sql: `${alter} add constraint ${ident(check)} check (${want.check}) not valid` });
  const validate = (check: string, reason: string): Difference =>
    change({ ...where, action: 'validate', stage: 'after', lock: 'Share', hazard: 'scan', summary: `validate ${check} of domain ${want.name}`, reason, sql: `${alter} validate constraint ${ident(check)}` });
  const rename = (): Difference => change({ ...where, action: 'alter', stage: 'after', summary: `constraint ${next} of domain ${want.name} becomes ${name}`, reason: 'the old one is gone', sql: `${alter} rename constraint ${ident(next)} to ${ident(name)}` });
  const undeclared = Object.keys(have.checks).filter((check) => check !== name && check !== next)
    .map((check) => finding({ ...where, code: 'domain/constraint-undeclared', summary: `constraint ${check} of domain ${want.name} is not declared` }));
  if (want.check === undefined) return [...[...(now === undefined ? [] : [name]), ...(coming === undefined ? [] : [next])].map((check) => drop(check, 'not declared any more')), ...undeclared];
  if (now?.expression === want.check) {
    return [...(coming === undefined ? [] : [drop(next, 'it was to take the place of the other one, which is declared again')]), ...(now.validated ? [] : [validate(name, 'it is there, but not validated: values from before may break it')]), ...undeclared];
  }
  const isComing = coming?.expression === want.check;
  if (now === undefined && !isComing) {
    return [...(coming === undefined ? [] : [drop(next, 'it says something else than declared')]), add(name, 'declared, not there'), validate(name, 'added without looking at the values that are there'), ...undeclared];
  }
  return [
    ...(coming === undefined || isComing ? [] : [drop(next, 'it says something else than declared')]),
    ...(isComing ? [] : [add(next, 'another condition is declared')]),
    ...(isComing && coming.validated ? [] : [validate(next, 'added without looking at the values that are there')]),
    ...(now === undefined ? [] : [drop(name, 'it says something else than declared', 'after')]),
    rename(), ...undeclared,
  ];
}

function nullability(place: Place, want: ShapeDomain, have: LiveDomain, alter: string): Difference[] {
  if (want.notNull === have.notNull) return [];
  const where = { ...at(place), kind: 'domain', action: 'alter' } as const;
  return [want.notNull
    ? change({ ...where, stage: 'after', lock: 'Share', hazard: 'scan', summary: `domain ${want.name} refuses null`, reason: 'declared not nullable', sql: `${alter} set not null` })
    : change({ ...where, summary: `domain ${want.name} lets null through`, reason: 'declared nullable', sql: `${alter} drop not null` })];
}
