import { ident, identList, qualified } from '../sql/quote';
import type { Place } from '../model/place';
import { inPlace } from '../model/policy';
import { granteesOf } from '../model/role-kinds';
import type { ShapeTable } from '../model/shape';
import type { Difference } from '../plan/difference';
import { withBusinessPolicies } from './business-policy';
import { rolePolicies } from './role-policies';
import { at, change, finding, kind, NO_WANTS, onceFor, tableKey, type TableTarget } from './kind';

/** A policy; `using` and `check` as the server deparses them, with marks where the names of schemas come. */
export interface WantedPolicy {
  readonly permissive: boolean;
  readonly command: '*' | 'r' | 'a' | 'w' | 'd';
  readonly roles: readonly string[];
  /** Null for one that is about rows that are inserted. */
  readonly using: string | null;
  /** Null for one that is not about rows that are written. */
  readonly check: string | null;
  /** Whether it says nothing of the row. @default false */
  readonly columnless?: true;
}

export interface LivePolicy extends Omit<WantedPolicy, 'columnless'> {
  /** Names of the place's schema and of that of the reference tables, as the server writes them. */
  readonly schemaText: string;
  readonly referenceText: string;
}

export const FLOOR_POLICY = 'tenantry_floor';
export const ACCESS_POLICY = 'tenantry_access';
export const MAINTAINER_POLICY = 'tenantry_maintainer';
export const ALL_TENANTS_POLICY = 'tenantry_all_tenants';

/**
 * Every tenant table has: a restrictive floor that holds tenant-scoped roles to the current tenant, a permissive policy that lets them
 * through to it where no declared policy decides, one for the maintainer, and one for roles that see all tenants. Nobody else gets past row-level security at all.
 */
export const policy = kind<'table', WantedPolicy, LivePolicy>({
  name: 'policy',
  level: 'table',
  compares: ['presence', 'strangers', 'permissive', 'command', 'roles', 'using', 'check'],
  query: {
    text: `select n.nspname as schema, c.relname as "table", p.polname as name, p.polpermissive as permissive, p.polcmd as command,
                  array(select case when r.oid = 0 then 'public' else (select rolname::text from pg_catalog.pg_roles where oid = r.oid) end from unnest(p.polroles) r(oid) order by 1) as roles,
                  pg_get_expr(p.polqual, p.polrelid) as "using", pg_get_expr(p.polwithcheck, p.polrelid) as "check",
                  quote_ident(n.nspname) as "schemaText", quote_ident($2) as "referenceText"
             from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where n.nspname = any($1)`,
    values: ({ schemas, plan }) => [schemas, plan.places[0]?.referenceSchema ?? ''],
  },
  read: ({ schema, table, name, ...have }) => ({ container: tableKey(schema, table), key: name, have: have as LivePolicy }),
  wants: ({ place, table }) => (table.tenancy === 'tenant' ? policiesOn(place, table) : NO_WANTS),
  compare(target, name, want, have): Difference[] {
    const { place, table } = target;
    const on = `${ident(name)} on ${qualified(place.schema, table.name)}`;
    const where = { ...at(place), kind: 'policy', lock: 'AccessExclusive' } as const;
    if (want === undefined) {
      return [change({ ...where, action: 'drop', summary: `drop policy ${name} on ${table.name}`, reason: 'not declared', sql: `drop policy ${on}` })];
    }
    const findings = want.columnless === true && place.kind === 'row' ? [finding({ ...at(place), kind: 'policy', code: 'policy/no-column', summary: `policy ${name} on ${table.name} says nothing of the row: it lets every row of the tenant through, or none` })] : [];
    if (have === undefined) return [create(target, name, want, 'declared, not there'), ...findings];
    if (have.permissive !== want.permissive || have.command !== want.command) {
      const difference = create(target, name, want, have.permissive === want.permissive ? 'it is for other commands' : `it is ${have.permissive ? 'permissive' : 'restrictive'}`);
      return [{ ...difference, action: 'alter', summary: `replace policy ${name} on ${table.name}`, sql: [`drop policy ${on}`, ...difference.sql] }, ...findings];
    }
    const isAsWanted = (side: 'using' | 'check'): boolean => have[side] === (want[side] === null ? null : inPlace(want[side], have.schemaText, have.referenceText));
    const conditionsHold = isAsWanted('using') && isAsWanted('check');
    if (conditionsHold && have.roles.join() === want.roles.join()) return findings;
    const reason = !conditionsHold ? 'its condition differs' : `it is for ${have.roles.join(', ')}`;
    return [change({ ...where, action: 'alter', summary: `alter policy ${name} on ${table.name}`, reason, sql: `alter policy ${on} to ${identList(want.roles)} ${conditions(place, want)}` }), ...findings];
  },
});

const COMMANDS: Readonly<Record<WantedPolicy['command'], string>> = { '*': 'all', r: 'select', a: 'insert', w: 'update', d: 'delete' };
const conditions = (place: Place, { using, check }: WantedPolicy): string => ([['using', using], ['with check', check]] as const)
  .flatMap(([clause, condition]) => (condition === null ? [] : [`${clause} (${inPlace(condition, ident(place.schema), ident(place.referenceSchema))})`])).join(' ');

function create({ place, table }: TableTarget, name: string, want: WantedPolicy, reason: string) {
  return change({
    ...at(place), kind: 'policy', action: 'create', lock: 'AccessExclusive', summary: `create policy ${name} on ${table.name}`, reason,
    sql: `create policy ${ident(name)} on ${qualified(place.schema, table.name)} as ${want.permissive ? 'permissive' : 'restrictive'} for ${COMMANDS[want.command]} to ${identList(want.roles)} ${conditions(place, want)}`,
  });
}

const open = (roles: readonly string[]): WantedPolicy => ({ permissive: true, command: '*', roles, using: 'true', check: 'true' });

export const policiesOn = (place: Place, table: ShapeTable): ReadonlyMap<string, WantedPolicy> =>
  (table.policies === undefined ? policiesOf(place) : withBusinessPolicies(policiesOf(place), table, place.roles, ACCESS_POLICY, open));

const policiesOf = onceFor((place: Place): ReadonlyMap<string, WantedPolicy> => {
  const scoped = place.roles.filter(({ declaration }) => declaration.scope === 'tenant').map(({ grantee }) => grantee).sort();
  const all = granteesOf(place, 'application').filter((grantee) => !scoped.includes(grantee));
  return new Map([
    ...(scoped.length === 0 ? [] : [
      [FLOOR_POLICY, { permissive: false, command: '*', roles: scoped, using: place.floor, check: place.floor }] as const,
      [ACCESS_POLICY, open(scoped)] as const,
    ]),
    [MAINTAINER_POLICY, open([place.maintainer])] as const,
    ...(all.length === 0 ? [] : [[ALL_TENANTS_POLICY, open(all)] as const]),
    ...rolePolicies(place),
  ]);
});
