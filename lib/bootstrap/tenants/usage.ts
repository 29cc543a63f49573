import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { homeDatabase, homeSchema, LIBRARY_SCHEMA, maintainerRole, ownerRole, TENANT_ID } from '../../declaration/names';
import type { Declaration } from '../../declaration/schema';
import type { Isolation } from '../../declaration/types';
import type { LoadedManifest } from '../../manifest/read';
import { libraryTablesIn } from '../catalog/library';
import { connect, type ServerAccess } from '../connect/server-access';
import { ident, literal, qualified } from '../sql/quote';
import { unknownTenant } from './history';
import { listTenants } from './list';

/**
 * How it was measured. `database`: the size of the tenant's own database, with its catalog of about 8 MB; `schema`: of the tables in the tenant's schema, with their
 * indexes; `rows`: an estimate, the tenant's share of the rows of each shared table, of the size of that table with its indexes.
 */
export type UsageMethod = 'database' | 'schema' | 'rows';

export interface TenantUsage {
  readonly key: string;
  readonly isolation: Isolation;
  readonly tier: string;
  readonly method: UsageMethod;
  readonly bytes: number;
  /** Rows of the tenant in shared tables; null where they were not counted. */
  readonly rows: number | null;
  /** Bytes that the tenant's tier allows; null for as many as it likes. */
  readonly quota: number | null;
  readonly measuredAt: Date;
}

export const exceedsQuota = ({ bytes, quota }: Pick<TenantUsage, 'bytes' | 'quota'>): boolean => quota !== null && bytes > quota;

/**
 * Measures the storage of all tenants, or of one, and keeps the result in `tenantry.tenant_usage`, the last one of each tenant. Waits for no apply. The number of
 * queries does not depend on the number of tenants; the rows of `row` tenants are counted by one pass over an index of each shared table, whichever of them is asked for.
 *
 * @throws TenantryError (`refused`) where the declaration was never applied by a version that keeps it, and for a tenant that is unknown
 */
export async function measureUsage({ access, loaded }: { readonly access: ServerAccess; readonly loaded: LoadedManifest }, key?: string): Promise<TenantUsage[]> {
  const { declaration } = loaded.manifest;
  const tenants = await listTenants({ access, loaded });
  const asked = tenants.find((tenant) => tenant.key === key);
  if (key !== undefined && asked === undefined) throw unknownTenant(key, tenants.map((tenant) => tenant.key));
  if (asked?.state === 'offboarded') throw offboarded(asked.key);
  const home = await connect(access, homeDatabase(declaration.name));
  try {
    const tables = await libraryTablesIn(home);
    if (!tables.includes('tenant_usage') || !tables.includes('tiers')) throw notKeptYet(declaration.name);
    await home.query("set search_path = pg_catalog; set lock_timeout = '2s'; set statement_timeout = 0; set row_security = on");
    return await measure(home, declaration, key);
  } finally {
    await home.end().catch(() => undefined);
  }
}

/** Numbers of 64 bits come as text. */
type Row = Omit<TenantUsage, 'bytes' | 'rows' | 'quota'> & { readonly bytes: string; readonly rows: string | null; readonly quota: string | null };

async function measure(home: Client, declaration: Declaration, key: string | undefined): Promise<TenantUsage[]> {
  const only = `where t.state <> 'offboarded'${key === undefined ? '' : ` and t.key = ${literal(key)}`}`;
  const { rows: [asked] } = await home.query<{ rows: boolean }>(`select coalesce(bool_or(t.isolation = 'row'), false) as rows from ${LIBRARY_SCHEMA}.tenants t ${only}`);
  const counted = asked?.rows === true ? await countRows(home, declaration) : [];
  await home.query(`set role ${ident(ownerRole(declaration.name))}`);
  const { rows } = await home.query<Row>(
    `with counted as (select * from jsonb_to_recordset($1::jsonb) c(id uuid, rows bigint, bytes bigint)),
          in_schemas as (
            select n.nspname, sum(pg_total_relation_size(c.oid)) as bytes from pg_class c join pg_namespace n on n.oid = c.relnamespace join ${LIBRARY_SCHEMA}.tenants t on t.schema_name = n.nspname and t.isolation = 'schema'
             where c.relkind in ('r', 'm') group by 1),
          measured as (
            select t.key, t.id, t.isolation, t.tier, c.rows,
                   case t.isolation when 'row' then coalesce(c.bytes, 0) when 'schema' then s.bytes::bigint else pg_database_size(d.oid) end as bytes
              from ${LIBRARY_SCHEMA}.tenants t left join counted c on c.id = t.id and t.isolation = 'row' left join in_schemas s on s.nspname = t.schema_name and t.isolation = 'schema'
              left join pg_database d on d.datname = t.database_name and t.isolation = 'database' ${only}),
          gone as (delete from ${LIBRARY_SCHEMA}.tenant_usage u where not exists (select from ${LIBRARY_SCHEMA}.tenants t where t.key = u.tenant_key)),
          kept as (
            insert into ${LIBRARY_SCHEMA}.tenant_usage as u (tenant_key, tenant_id, method, bytes, rows, measured_at)
            select key, id, case isolation when 'row' then 'rows' else isolation end, bytes, case isolation when 'row' then coalesce(rows, 0) end, now() from measured where bytes is not null
            on conflict (tenant_key) do update set tenant_id = excluded.tenant_id, method = excluded.method, bytes = excluded.bytes, rows = excluded.rows, measured_at = excluded.measured_at
            returning tenant_key, method, bytes, rows, measured_at)
     select m.key, m.isolation, m.tier, k.method, k.bytes, k.rows, limits.storage_quota as quota, k.measured_at as "measuredAt"
       from kept k join measured m on m.key = k.tenant_key left join ${LIBRARY_SCHEMA}.tiers limits on limits.name = m.tier order by m.key collate "C"`, [JSON.stringify(counted)]);
  return rows.map((row) => ({ ...row, bytes: Number(row.bytes), rows: row.rows === null ? null : Number(row.rows), quota: row.quota === null ? null : Number(row.quota) }));
}

interface Counted {
  readonly id: string;
  readonly rows: string;
  readonly bytes: string;
}

/** Each tenant's share of the shared tables, counted as the maintainer, who sees all rows. A table without rows belongs to nobody. */
async function countRows(home: Client, { name, tables }: Declaration): Promise<Counted[]> {
  const shared = Object.entries(tables).filter(([, { tenancy }]) => tenancy === 'tenant').map(([table]) => qualified(homeSchema(name), table));
  const { rows: there } = await home.query<{ table: string }>('select "table" from unnest($1::text[]) "table" where to_regclass("table") is not null', [shared]);
  if (there.length === 0) return [];
  await home.query(`set role ${ident(maintainerRole(name))}`);
  try {
    const { rows } = await home.query<Counted>(
      `with counted as (${there.map(({ table }) => `select ${literal(table)}::regclass as "table", ${TENANT_ID} as id, count(*) as rows from ${table} group by ${TENANT_ID}`).join(' union all ')}),
            shares as (select id, rows, coalesce((select sum(pg_total_relation_size(relid)) from pg_partition_tree("table")), pg_total_relation_size("table")) * (rows / sum(rows) over (partition by "table")) as bytes from counted)
       select id, sum(rows)::bigint as rows, round(sum(bytes))::bigint as bytes from shares group by id`);
    return rows;
  } finally {
    await home.query('reset role').catch(() => undefined);
  }
}

const offboarded = (key: string): TenantryError => new TenantryError('refused', {
  code: 'tenant/offboarded', at: key, problem: `The tenant ${JSON.stringify(key)} was off-boarded: nothing of it is left that could be measured.`, fix: `tenantry tenant history ${key} shows what was removed.`,
});

const notKeptYet = (declaration: string): TenantryError => new TenantryError('refused', {
  code: 'tenant/apply-first', at: declaration, problem: 'An older version of this library made the last apply, and did not make what the storage of tenants is kept in.', fix: 'Run tenantry bootstrap apply with this manifest first.',
});
