import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { homeDatabase, ownerRole } from '../../declaration/names';
import { lostHome } from '../kinds/lost';
import type { Difference, Refusal } from '../plan/difference';

/** The home database is made before all others, so that it was there where another one is. */
export async function refuseLostHome(maintenance: Client, declaration: string, isThere: boolean, recreate: readonly string[]): Promise<Refusal[]> {
  if (isThere || recreate.includes(homeDatabase(declaration))) return [];
  const { rows } = await maintenance.query<{ name: string }>(
    'select datname::text as name from pg_catalog.pg_database d join pg_catalog.pg_roles o on o.oid = d.datdba where o.rolname = $1 and datname <> $2 order by 1', [ownerRole(declaration), homeDatabase(declaration)]);
  return rows.length === 0 ? [] : [lostHome(declaration, rows.map(({ name }) => name))];
}

/**
 * What is asked to be made anew must be gone: an option that stayed behind would make anew, empty, what is lost another day.
 *
 * @throws TenantryError (`input`)
 */
export function refuseNotLost(recreate: readonly string[], differences: readonly Difference[]): void {
  const lost = differences.flatMap((difference) => (difference.type === 'refusal' ? difference.lost ?? [] : []));
  const others = recreate.filter((name) => !lost.includes(name));
  if (others.length === 0) return;
  throw new TenantryError('input', others.map((name) => ({
    code: 'apply/recreate', at: `recreate ${JSON.stringify(name)}`, problem: 'Nothing of this name held rows and is gone. Nothing was changed.',
    fix: lost.length === 0 ? 'Leave it out: nothing is gone.' : `Give a name as the refusals have it: ${lost.slice(0, 5).join(', ')}.`,
  })));
}
