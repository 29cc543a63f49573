import { TENANT_ID } from '../../../declaration/names';
import type { WantedFunction, WantedView } from '../../model/definitions';
import { functionName } from '../../model/definition-sql';
import type { Place } from '../../model/place';
import { literal, qualified } from '../../sql/quote';
import { type Attack, attack, DENIED, type Finding, type RoleTarget } from '../attack';
import { judge } from '../judge';
import type { Values } from '../probe/rows';
import type { ProbeSession } from '../session';
import { byDeclaration, REFUSED } from './table-attack';

/** Shorter values stand in other texts too. */
const TELLING_LENGTH = 8;

/** Texts by which a tenant's probe rows are known wherever they are shown: an example that stands in the other one's rows too tells nothing. */
function marksOf(t: RoleTarget, tenant: 'own' | 'foreign'): string[] {
  const keys = t.place.tables.filter(({ tenancy }) => tenancy === 'tenant').flatMap((table) => {
    const values: Values | undefined = t.rows.rows.get(table.name)?.[tenant].values;
    return (table.keys.find(({ primary }) => primary)?.columns ?? []).filter((column) => column !== TENANT_ID).flatMap((column) => values?.get(column) ?? []);
  });
  const other = tenant === 'own' ? 'foreign' : 'own';
  const others = [...t.rows.rows.values()].flatMap((rows) => [...rows[other].values.values()].filter((value) => value !== null));
  return [t[tenant], ...keys.filter((value) => value.length >= TELLING_LENGTH && !others.some((text) => text.includes(value)))];
}

const showing = (t: RoleTarget, view: WantedView, marks: readonly string[]): string =>
  `select 1 from ${qualified(t.place.schema, view.name)} "tenantry view" where exists (select from unnest(array[${marks.map(literal).join(', ')}]) mark where strpos("tenantry view"::text, mark) > 0) limit 1`;

async function readThrough(session: ProbeSession, t: RoleTarget, view: WantedView): Promise<Finding> {
  const as = t.role.grantee;
  const base = { table: view.name, role: as };
  const ranAs = { text: 'the statement ran as the role', held: (await session.attempt({ as, sql: `select 1 where current_user = ${literal(as)}` })).rows === 1 };
  const breach = { reason: `The role ${as} sees rows of another tenant through the view ${view.name}.`, remedy: 'tenantry bootstrap apply restores the view and the policies of the tables behind it.' };
  if (view.read?.includes(t.role.name) !== true) {
    const outcome = await session.attempt({ as, context: t.own, sql: `select 1 from ${qualified(t.place.schema, view.name)} limit 1` });
    return judge({ ...base, denial: REFUSED, outcome, controls: [ranAs], breach: { ...breach, reason: `The role ${as} may read the view ${view.name}, which is not declared.` } });
  }
  const [own, foreign] = await Promise.all([
    session.attempt({ as, context: t.own, sql: showing(t, view, marksOf(t, 'own')) }), session.attempt({ as, context: t.own, sql: showing(t, view, marksOf(t, 'foreign')) }),
  ]);
  const silent = foreign.sqlstate === undefined ? own.rows === 0 && foreign.rows === 0 : foreign.sqlstate === '42501';
  if (silent) {
    return {
      ...base, verdict: 'not applicable', expected: '0 rows', observed: foreign.sqlstate ?? '0 rows', control: '',
      reason: foreign.sqlstate === undefined ? 'it shows no probe row, of its own tenant either; view-of-another judges it by the catalog' : 'the role may read the view, but not everything that is behind it',
    };
  }
  return judge({ ...base, denial: { empty: true }, outcome: foreign, controls: [ranAs, { text: 'the own row is seen through the view', held: own.rows === 1 }], ...(t.role.declaration.scope === 'all' ? { accepted: byDeclaration(t) } : {}), breach });
}

export const viewAttacks: readonly Attack<'role'>[] = [
  attack<'role'>({
    id: 'declared-view', title: 'Read another tenant’s row through a declared view', why: 'A view that reads with its owner’s rights, or a policy that does not hold behind it, shows what the table hides', level: 'role', expected: DENIED,
    inapplicable: ({ place }) => (place.definitions.views.length === 0 ? 'no view is declared here' : undefined),
    run: (session, t) => Promise.all(t.place.definitions.views.map((view) => readThrough(session, t, view))),
  }),
];

const callableDefiners = ({ definitions }: Place): readonly WantedFunction[] => definitions.functions.filter(({ security, execute = [] }) => security === 'definer' && execute.length > 0);

const DEFINER = 'It runs as the owner, who sees no row of any tenant as long as row-level security is forced, and who may change what guards them.';

export const definerAttacks: readonly Attack<'place'>[] = [
  attack<'place'>({
    id: 'declared-definer', title: 'Call a declared function that runs with the owner’s rights', why: 'Whoever calls it acts with more rights than its own', level: 'place',
    inapplicable: ({ place }) => (callableDefiners(place).length === 0 ? 'no definer function that a role may call is declared here' : undefined),
    expected: () => ({ verdict: 'accepted', reason: DEFINER, remedy: "Declare security: 'invoker'." }),
    run: (_session, { place }) => Promise.resolve(callableDefiners(place).map(({ name, execute = [], reason = '' }): Finding => ({
      verdict: 'accepted', expected: 'no such function that a role may call', observed: `function ${name}`, control: `it is declared for ${execute.join(', ')}`, reason: `${DEFINER} The reason that is declared for ${name}: ${reason}.`, remedy: `Declare functions.${name}.security as 'invoker'.`,
    }))),
  }),
];

/** Signatures of the declared ones, for `to_regprocedure`: another attack looks for all others. */
export const declaredDefiners = ({ place }: { readonly place: Place }): string[] =>
  place.definitions.functions.filter(({ security }) => security === 'definer').map((wanted) => functionName(place, wanted));
