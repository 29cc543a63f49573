import { ident, identList, qualified } from '../sql/quote';
import type { Place } from '../model/place';
import type { Difference } from '../plan/difference';
import { at, change, kind, NO_WANTS, onceFor, tableKey, type TableTarget } from './kind';

/** A policy; `using` and `check` as the server deparses them. */
export interface WantedPolicy {
  readonly permissive: boolean;
  readonly command: '*' | 'r' | 'a' | 'w' | 'd';
  readonly roles: readonly string[];
  readonly using: string;
  readonly check: string;
}

interface LivePolicy extends Omit<WantedPolicy, 'using' | 'check'> {
  readonly using: string | null;
  readonly check: string | null;
}

export const FLOOR_POLICY = 'tenantry_floor';
export const ACCESS_POLICY = 'tenantry_access';
export const MAINTAINER_POLICY = 'tenantry_maintainer';
export const ALL_TENANTS_POLICY = 'tenantry_all_tenants';

/**
 * Every tenant table has: a restrictive floor that holds tenant-scoped roles to the current tenant, a permissive policy that lets them
 * through to it, one for the maintainer, and one for roles that see all tenants. Nobody else gets past row-level security at all.
 */
export const policy = kind<'table', WantedPolicy, LivePolicy>({
  name: 'policy',
  level: 'table',
  query: {
    text: `select n.nspname as schema, c.relname as "table", p.polname as name, p.polpermissive as permissive, p.polcmd as command,
                  array(select case when r.oid = 0 then 'public' else (select rolname::text from pg_catalog.pg_roles where oid = r.oid) end from unnest(p.polroles) r(oid) order by 1) as roles,
                  pg_get_expr(p.polqual, p.polrelid) as "using", pg_get_expr(p.polwithcheck, p.polrelid) as "check"
             from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where n.nspname = any($1)`,
    values: (scope) => [scope.schemas],
  },
  read: ({ schema, table, name, ...have }) => ({ container: tableKey(schema, table), key: name, have: have as LivePolicy }),
  wants: ({ place, table }) => (table.tenancy === 'tenant' ? policiesOf(place) : NO_WANTS),
  compare(target, name, want, have): Difference[] {
    const { place, table } = target;
    const on = `${ident(name)} on ${qualified(place.schema, table.name)}`;
    const where = { ...at(place), kind: 'policy', lock: 'AccessExclusive' } as const;
    if (want === undefined) {
      return [change({ ...where, action: 'drop', summary: `drop policy ${name} on ${table.name}`, reason: 'not declared', sql: `drop policy ${on}` })];
    }
    if (have === undefined) return [create(target, name, want, 'declared, not there')];
    if (have.permissive !== want.permissive || have.command !== want.command) {
      const difference = create(target, name, want, have.permissive === want.permissive ? 'it is for other commands' : `it is ${have.permissive ? 'permissive' : 'restrictive'}`);
      return [{ ...difference, action: 'alter', summary: `replace policy ${name} on ${table.name}`, sql: [`drop policy ${on}`, ...difference.sql] }];
    }
    if (have.using === want.using && have.check === want.check && have.roles.join() === want.roles.join()) return [];
    const reason = have.using !== want.using || have.check !== want.check ? 'its condition differs' : `it is for ${have.roles.join(', ')}`;
    return [change({ ...where, action: 'alter', summary: `alter policy ${name} on ${table.name}`, reason, sql: `alter policy ${on} to ${identList(want.roles)} using (${want.using}) with check (${want.check})` })];
  },
});

function create({ place, table }: TableTarget, name: string, want: WantedPolicy, reason: string) {
  return change({
    ...at(place), kind: 'policy', action: 'create', lock: 'AccessExclusive', summary: `create policy ${name} on ${table.name}`, reason,
    sql: `create policy ${ident(name)} on ${qualified(place.schema, table.name)} as ${want.permissive ? 'permissive' : 'restrictive'} for all to ${identList(want.roles)} using (${want.using}) with check (${want.check})`,
  });
}

const policiesOf = onceFor((place: Place): ReadonlyMap<string, WantedPolicy> => {
  const scoped = place.roles.filter(({ declaration }) => declaration.scope === 'tenant').map(({ grantee }) => grantee).sort();
  const all = place.roles.filter(({ declaration }) => declaration.scope === 'all').map(({ grantee }) => grantee).sort();
  const open = (roles: readonly string[]): WantedPolicy => ({ permissive: true, command: '*', roles, using: 'true', check: 'true' });
  return new Map([
    ...(scoped.length === 0 ? [] : [
      [FLOOR_POLICY, { permissive: false, command: '*', roles: scoped, using: place.floor, check: place.floor }] as const,
      [ACCESS_POLICY, open(scoped)] as const,
    ]),
    [MAINTAINER_POLICY, open([place.maintainer])] as const,
    ...(all.length === 0 ? [] : [[ALL_TENANTS_POLICY, open(all)] as const]),
  ]);
});
