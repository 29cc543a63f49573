import type { Tenancy } from '../../declaration/types';
import { type LiveCatalog, refusal } from '../kinds/kind';
import { type ChangedTenancy, changedTenancies } from '../kinds/tenancy';
import type { DatabasePlan } from '../model/place';
import type { Refusal } from '../plan/difference';

/** One refusal for each table whose rows the declaration would make somebody else's, in however many databases the table lies. */
export function refuseChangedTenancies(databases: readonly DatabasePlan[], live: ReadonlyMap<string, LiveCatalog>): Refusal[] {
  const refusals = new Map<string, Refusal>();
  for (const database of databases) {
    const place = database.places.find(({ kind }) => kind !== 'library')?.schema;
    for (const changed of changedTenancies(database, live.get(database.name)).values()) {
      const key = JSON.stringify(changed);
      if (!refusals.has(key)) refusals.set(key, refused(changed, database.name, place));
    }
  }
  return [...refusals.values()];
}

function refused({ table, was, wanted }: ChangedTenancy, target: string, place: string | undefined): Refusal {
  return refusal({
    code: 'table/tenancy', kind: 'tenancy', blocking: true, target, ...(place === undefined ? {} : { place }),
    summary: `table ${table} ${was === undefined ? `has no tenant_id, so that its tenancy is reference or shared,` : `was made with tenancy ${was},`} and ${wanted} is declared; ${consequence(was, wanted)}`,
    fix: `Set tables.${table}.tenancy back to ${was === undefined ? 'what it was' : `'${was}'`}. To have its rows under another tenancy, declare a new table beside it, copy into it what belongs there by a migration, and drop the old one by hand.`,
  });
}

function consequence(was: Tenancy | undefined, wanted: Tenancy): string {
  if (wanted === 'tenant') return 'its rows have no tenant, and nobody would see them';
  if (was === 'tenant') return `its rows would lose their tenant, and be visible to ${wanted === 'shared' ? 'every role that may read the table' : 'all tenants'}`;
  return wanted === 'reference' ? "rows of the platform would become visible to all tenants, and tenants with a database of their own would have none of them" : 'tenants with a schema or a database of their own would no longer see its rows';
}
