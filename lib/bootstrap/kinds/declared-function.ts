import { type WantedFunction } from '../model/definitions';
import { argumentTypes, digestOf, functionName, functionSql, inPlace, isDefiner, languageOf, printedResult, searchPath, volatilityOf } from '../model/definition-sql';
import type { Place } from '../model/place';
import type { Difference } from '../plan/difference';
import { ident, literal } from '../sql/quote';
import { compareAcl } from './compare-acl';
import { granteesOf } from './definition-grantees';
import { type DefinitionRecord, originOf, REASONS, record, recordColumns, recordsIn, sha256, stateOf } from './definition-record';
import { isExclusive } from './exclusive-words';
import { ATTRIBUTE_COLUMNS, type FunctionAttributes } from './function-attributes';
import { at, change, finding, kind, placeKey, refusal } from './kind';

interface LiveFunction extends FunctionAttributes, DefinitionRecord {
  /** With its arguments, as `regprocedure` prints it. */
  readonly identity: string;
  readonly label: string;
  readonly prokind: string;
  readonly types: readonly string[];
  readonly names: readonly string[];
  readonly defaults: number;
  /** What would be lost with it. */
  readonly dependants: readonly string[];
}

/** Everything that makes a function what it is, but its owner and privileges. */
const DIGEST = sha256(`concat_ws(E'\\x01', p.prokind, pg_get_function_arguments(p.oid), coalesce(pg_get_function_result(p.oid), ''), p.prolang, p.provolatile, p.prosecdef, p.proleakproof, p.proisstrict, p.proparallel,
                         p.procost, p.prorows, p.prosupport, coalesce(p.proconfig::text, ''), p.prosrc, coalesce(pg_get_function_sqlbody(p.oid), ''))`);

/**
 * Functions of the places. One is ours when it is written down; a name stands for one function, so that others of the same name are findings
 * as those of any other name are.
 */
export const declaredFunction = kind<'place', WantedFunction, LiveFunction>({
  name: 'declared function',
  level: 'place',
  compares: ['presence', 'strangers', 'origin', 'owner', 'arguments', 'result', 'body', 'language', 'definer', 'leakproof', 'volatility', 'settings', 'other attributes', 'privileges'],
  query: {
    text: (_scope, live) => `
      with recorded as (${recordsIn(live)})
      select n.nspname as schema, p.proname as name, p.oid::regprocedure::text as identity, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as label, p.prokind, o.rolname as owner,
             array(select format_type(t, null) from unnest(p.proargtypes) with ordinality a(t, i) order by i) as types, coalesce(p.proargnames[1:p.pronargs], '{}') as names, p.pronargdefaults as defaults,
             ${ATTRIBUTE_COLUMNS},
             array(select replace(pg_describe_object(d.classid, d.objid, d.objsubid), 'rule _RETURN on ', '') from pg_catalog.pg_depend d
                    where d.refclassid = 'pg_catalog.pg_proc'::regclass and d.refobjid = p.oid and d.deptype in ('n', 'a') order by 1) as dependants,
             ${recordColumns(DIGEST)},
             row_number() over (partition by n.nspname, p.proname order by r.live is not distinct from ${DIGEST} desc, p.oid)::integer as rank
        from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace join pg_catalog.pg_roles o on o.oid = p.proowner join pg_catalog.pg_language l on l.oid = p.prolang
        left join recorded r on r.place = n.nspname and r.kind = 'function' and r.name = p.proname
       where n.nspname = any($1)`,
    values: ({ plan }) => [plan.places.filter((place) => place.kind !== 'library').map(({ schema }) => schema)],
  },
  read: ({ schema, name, rank, ...have }) => ({ container: placeKey(schema), key: rank === 1 ? name : have['label'], have: { ...have, ...(rank === 1 ? {} : { declared: null }) } as LiveFunction }),
  wants: (place) => new Map(place.definitions.functions.map((wanted) => [wanted.name, wanted])),
  compare(place, name, want, have): Difference[] {
    const where = { ...at(place), kind: 'function' };
    if (want === undefined) {
      if (have === undefined || have.declared !== null) return [];
      // Another one of a declared name is never dropped: which of them programs mean is not known.
      if (isExclusive(place, 'function') && !place.definitions.functions.some(({ name: declared }) => have.label.startsWith(`${declared}(`))) return [];
      return [finding({ ...where, code: 'function/undeclared', summary: `function ${have.label} is not declared${have.definer ? `; it runs with the rights of ${have.owner}` : ''}` })];
    }
    const grants = (acl: string | null | undefined): Difference[] => compareAcl(
      { ...where, object: `function ${functionName(place, want)}`, label: `function ${name}`, owner: place.owner, externalGrants: place.externalGrants, builtIn: 'X' }, granteesOf(place, want.execute, 'X'), acl,
    );
    if (have === undefined) return [change({ ...where, action: 'create', summary: `create function ${name}`, reason: 'declared, not there', sql: make(place, want, 'create') }), ...grants(undefined)];
    const state = stateOf(have, declaredDigest(place, want));
    if (state === 'foreign') {
      return [refusal({
        ...where, code: 'function/not-ours', blocking: true, summary: `function ${have.label} is there already, and this library did not make it`,
        fix: `Drop it, or give it another name: alter routine ${have.identity} rename to …; or rename the declared function.`,
      })];
    }
    if (have.owner !== place.owner) {
      return [refusal({ ...where, code: 'function/other-owner', blocking: true, summary: `function ${have.label} belongs to ${have.owner}`, fix: `As ${have.owner} or a superuser: alter function ${have.identity} owner to ${ident(place.owner)}` })];
    }
    if (state === 'same') return grants(have.acl);
    const reason = state === 'drift' ? driftOf(place, want, have) : REASONS[state];
    const base = { ...where, action: 'alter', summary: `replace function ${name}`, reason, ...originOf(state) } as const;
    if (isReplaceable(want, have)) return [change({ ...base, sql: make(place, want, 'create or replace') }), ...grants(have.acl)];
    if (have.dependants.length > 0) {
      return [refusal({
        ...where, code: 'function/in-use', summary: `the arguments or the result of function ${name} differ, so that it has to be dropped and made anew, and ${have.dependants.join(', ')} would be lost`,
        fix: 'Declare it under another name and use that, or take out what uses it, apply, and put it back.',
      })];
    }
    return [change({ ...base, sql: [`drop ${have.prokind === 'f' ? 'function' : 'routine'} ${have.identity}`, ...make(place, want, 'create'), ...grants(undefined).flatMap((difference) => (difference.type === 'change' ? difference.sql : []))] }), ...grants(have.acl)];
  },
});

/** Bodies in SQL name objects that are made later in the same transaction: they are checked when everything is there. */
export const functionBody = kind<'place', WantedFunction, LiveFunction>({
  ...declaredFunction,
  name: 'function body',
  compares: ['body'],
  query: { ...declaredFunction.query, text: (scope, live) => (scope.plan.places.every(({ definitions }) => definitions.functions.length === 0) || typeof declaredFunction.query.text === 'string' ? undefined : declaredFunction.query.text(scope, live)) },
  wants: (place) => new Map(place.definitions.functions.filter((wanted) => languageOf(wanted) === 'sql').map((wanted) => [wanted.name, wanted])),
  compare(place, name, want, have): Difference[] {
    if (want === undefined) return [];
    const made = declaredFunction.compare(place, name, want, have).find((difference) => difference.type === 'change' && (difference.action === 'create' || difference.action === 'alter'));
    return made === undefined ? [] : [change({
      ...at(place), kind: 'function', action: 'validate', summary: `check the body of function ${name}`, reason: 'what it names is there now', ...(made.type === 'change' && made.origin !== undefined ? { origin: made.origin } : {}),
      sql: inPlace(place, functionSql(place, want, 'create or replace')),
    })];
  },
});

const declaredDigest = (place: Place, want: WantedFunction): string => digestOf(functionSql(place, want));

function make(place: Place, want: WantedFunction, create: 'create' | 'create or replace'): string[] {
  return [
    ...inPlace(place, 'set local check_function_bodies = off', functionSql(place, want, create), 'set local check_function_bodies = on'),
    record(place, 'function', want.name, declaredDigest(place, want), { digest: DIGEST, from: `from pg_catalog.pg_proc p where p.oid = ${literal(functionName(place, want))}::regprocedure` }),
  ];
}

/** Whether CREATE OR REPLACE takes its place: else it would make another function beside it, or fail. */
function isReplaceable(want: WantedFunction, have: LiveFunction): boolean {
  const args = want.arguments ?? [];
  return have.prokind === 'f' && have.types.join() === argumentTypes(want).join() && have.names.join() === args.map(({ name }) => name).join() && have.returns?.replaceAll('"', '') === printedResult(want)
    && have.defaults <= args.filter((argument) => argument.default !== undefined).length;
}

function driftOf(place: Place, want: WantedFunction, have: LiveFunction): string {
  const said = [
    ...(have.body === want.body ? [] : ['its body differs']), ...(have.language === languageOf(want) ? [] : [`it is written in ${have.language}`]),
    ...(have.definer === isDefiner(want) ? [] : [`it is SECURITY ${have.definer ? 'DEFINER' : 'INVOKER'}`]), ...(have.leakproof ? ['it is LEAKPROOF'] : []),
    ...(have.volatility === volatilityOf(want).charAt(0) ? [] : ['its volatility differs']), ...(isPinned(place, have.config) ? [] : ['its settings differ']),
  ];
  return said.length === 0 ? REASONS.drift : said.join(', ');
}

const isPinned = (place: Place, config: readonly string[] | null): boolean =>
  config?.length === 1 && new RegExp(`^search_path=${searchPath(place).map((name) => `(${name}|"${name}")`).join(', ')}$`).test(config[0] ?? '');
