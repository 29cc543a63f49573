import { ident, qualified } from '../sql/quote';
import type { LibraryFunction } from '../model/library';
import type { Place } from '../model/place';
import type { Difference } from '../plan/difference';
import { compareAcl } from './compare-acl';
import { FORMER_SUPPORT_FUNCTIONS } from '../model/support-functions';
import { CONTEXT_FUNCTIONS } from '../model/tenant-context';
import { ATTRIBUTE_COLUMNS, type FunctionAttributes } from './function-attributes';
import { at, change, finding, kind, placeKey, refusal } from './kind';

interface LiveFunction extends FunctionAttributes {
  /** Tables that nobody declares, whose policies call it; of functions of another tenant context. */
  readonly callers: readonly string[];
}

const SEARCH_PATH = 'pg_catalog, pg_temp';
/** What policies asked before: they go once none of ours asks them any more. */
const FORMER = [...CONTEXT_FUNCTIONS, ...FORMER_SUPPORT_FUNCTIONS];
/** The same, with the types of arguments alone. */
export const FORMER_FUNCTIONS: readonly string[] = FORMER.map((name) => name.replace(/(?<=[(,])\w+ /g, ''));
const whyFormer = (name: string): string => (CONTEXT_FUNCTIONS.includes(name) ? 'the tenant context is another one now' : 'another one took its place');
const keyOf = ({ name, arguments: args }: LibraryFunction): string => `${name}(${args})`;

/** Functions and procedures of the library's schema: its own are compared by definition, others are findings. */
export const functions = kind<'place', LibraryFunction, LiveFunction>({
  name: 'function',
  level: 'place',
  compares: ['presence', 'strangers', 'owner', 'result', 'body', 'language', 'definer', 'leakproof', 'volatility', 'search_path', 'privileges'],
  query: {
    text: `select n.nspname as schema, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name, r.rolname as owner, ${ATTRIBUTE_COLUMNS},
                  case when p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' = any($2) then array(
                    select distinct cn.nspname || '.' || c.relname from pg_catalog.pg_depend d join pg_catalog.pg_policy y on y.oid = d.objid join pg_catalog.pg_class c on c.oid = y.polrelid join pg_catalog.pg_namespace cn on cn.oid = c.relnamespace
                     where d.classid = 'pg_catalog.pg_policy'::regclass and d.refclassid = 'pg_catalog.pg_proc'::regclass and d.refobjid = p.oid and not (cn.nspname = any($3) and c.relname = any($4)) order by 1) else '{}' end as callers
             from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace join pg_catalog.pg_roles r on r.oid = p.proowner join pg_catalog.pg_language l on l.oid = p.prolang
            where n.nspname = any($1)`,
    values: ({ plan, schemas }) => {
      const library = plan.places.filter((place) => place.kind === 'library');
      const stale = FORMER.filter((name) => !library.some((place) => place.functions.some((wanted) => keyOf(wanted) === name)));
      return [library.map(({ schema }) => schema), stale, schemas, [...new Set(plan.places.flatMap(({ tables }) => tables.filter(({ tenancy }) => tenancy === 'tenant').map(({ name }) => name)))]];
    },
  },
  read: ({ schema, name, ...have }) => ({ container: placeKey(schema), key: name, have: have as LiveFunction }),
  wants: (place) => new Map(place.functions.map((wanted) => [keyOf(wanted), wanted])),
  compare(place, name, want, have): Difference[] {
    const where = { ...at(place), kind: 'function' };
    if (want === undefined && place.kind === 'library' && FORMER.includes(name) && have?.owner === place.owner) {
      if (have.callers.length > 0) return [finding({ ...where, code: 'function/left-behind', summary: `function ${name} stays, although ${whyFormer(name)}: policies of tables that nobody declares ask it (${have.callers.join(', ')})` })];
      return [change({ ...where, action: 'drop', stage: 'final', summary: `drop function ${name.split('(')[0] ?? ''}`, reason: whyFormer(name), sql: `drop function ${ident(place.schema)}.${name}` })];
    }
    if (want === undefined) return [finding({ ...where, code: 'function/undeclared', summary: `function ${name} is not declared${have?.definer === true ? `; it runs with the rights of ${have.owner}` : ''}` })];
    const grants = (acl: string | null | undefined): Difference[] => compareAcl(
      { ...where, object: `routine ${qualified(place.schema, want.name)}(${want.types})`, label: `function ${want.name}`, owner: place.owner, externalGrants: place.externalGrants, builtIn: 'X' },
      new Map(want.grantees.map((grantee) => [grantee, 'X'])), acl,
    );
    if (have === undefined) return [change({ ...where, action: 'create', summary: `create function ${want.name}`, reason: 'declared, not there', sql: [definition(place, want), ...(want.grantees.includes('') ? [`grant execute on routine ${qualified(place.schema, want.name)}(${want.types}) to public`] : [])] }), ...grants(undefined)];
    if (have.owner !== place.owner) {
      return [refusal({ ...where, code: 'function/other-owner', blocking: true, summary: `function ${name} belongs to ${have.owner}`, fix: `As ${have.owner} or a superuser: drop function ${qualified(place.schema, want.name)}(${want.arguments})` })];
    }
    if (have.returns !== want.returns) {
      const drop = `drop routine ${qualified(place.schema, want.name)}(${want.types})`;
      return [change({ ...where, action: 'alter', summary: `replace function ${want.name}`, reason: 'its result differs', sql: [drop, definition(place, want)] }), ...grants(undefined)];
    }
    const equal = have.body === want.body && have.language === want.language && have.definer && !have.leakproof
      && have.volatility === want.volatility.charAt(0) && have.config?.join() === `search_path=${SEARCH_PATH}`;
    return [...(equal ? [] : [change({ ...where, action: 'alter', summary: `replace function ${want.name}`, reason: 'its definition differs', sql: definition(place, want) })]), ...grants(have.acl)];
  },
});

function definition(place: Place, want: LibraryFunction): string {
  const head = want.returns === null ? 'procedure' : 'function';
  const result = want.returns === null ? '' : ` returns ${want.returns} ${want.volatility} not leakproof`;
  return `create or replace ${head} ${qualified(place.schema, want.name)}(${want.arguments})${result} language ${ident(want.language)} security definer set search_path = ${SEARCH_PATH} as $tenantry$${want.body}$tenantry$`;
}
