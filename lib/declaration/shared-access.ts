import type { Declaration, RoleDeclaration } from './schema';
import type { Tenants } from './tenants';
import type { Tenancy, TenantIsolation } from './types';

/** A role that works for single tenants and has rights on a table that only some of them can reach. */
export interface SharedAccess {
  readonly role: string;
  readonly table: string;
  /** Keys of tenants with a schema or a database of their own. */
  readonly outOfReach: readonly string[];
}

/** Shared tables lie in the home schema alone, where only `row` tenants and roles of scope `all` work. */
export function sharedAccess(tables: Iterable<{ readonly name: string; readonly tenancy: Tenancy }>, roles: Iterable<readonly [string, RoleDeclaration]>, tenants: Iterable<readonly [string, TenantIsolation]>): SharedAccess[] {
  const outOfReach = [...tenants].filter(([, isolation]) => isolation !== 'row').map(([key]) => key);
  if (outOfReach.length === 0) return [];
  const shared = [...tables].filter(({ tenancy }) => tenancy === 'shared').map(({ name }) => name);
  return [...roles].filter(([, { scope }]) => scope === 'tenant')
    .flatMap(([role, { tables: granted }]) => shared.filter((table) => granted[table] !== undefined).map((table) => ({ role, table, outOfReach })));
}

const NAMED = 5;

/** For people: which tenants, and what to do. */
export function explainSharedAccess({ role, table, outOfReach }: SharedAccess): { readonly problem: string; readonly fix: string } {
  const named = outOfReach.slice(0, NAMED);
  const rest = outOfReach.length - named.length;
  return {
    problem: `role ${role} has rights on ${table}, a shared table, which lies in the home schema alone: ${named.join(', ')}${rest === 0 ? '' : ` and ${rest} more`}, with a schema or a database of ${outOfReach.length === 1 ? 'its' : 'their'} own, cannot reach it`,
    fix: `Make ${table} a reference table, or give the rights to a role of scope 'all'.`,
  };
}

/** The same for tenants that are declared, in whole sentences. */
export function sharedAccessWarnings({ tables, roles }: Declaration, tenants: Tenants): string[] {
  const found = sharedAccess(Object.entries(tables).map(([name, { tenancy }]) => ({ name, tenancy })), Object.entries(roles), Object.entries(tenants).map(([key, { isolation }]) => [key, isolation] as const));
  return found.map(explainSharedAccess).map(({ problem, fix }) => `${problem.charAt(0).toUpperCase()}${problem.slice(1)}. ${fix}`);
}
