import { LIBRARY_SCHEMA, TENANT_ID } from '../../declaration/names';
import type { Tenancy } from '../../declaration/types';
import type { DatabasePlan } from '../model/place';
import type { Difference } from '../plan/difference';
import { literal } from '../sql/quote';
import { change, kind, type LiveCatalog, onceFor, placeKey } from './kind';

const NAME = 'tenancy';
const ALL = 'tables';
const RECORD = 'table_tenancies';

interface LiveTenancy {
  /** What the table was made as; null when an older version made it. */
  readonly recorded: Tenancy | null;
  readonly isThere: boolean;
  /** Where nothing is recorded: whether policies of the library or a forced row-level security guard its rows. */
  readonly guarded: boolean;
  /** The same for the column that holds the tenant. */
  readonly hasTenantId: boolean;
}

type Tenancies = ReadonlyMap<string, Tenancy>;
type LiveTenancies = Readonly<Record<string, LiveTenancy>>;

/** A table whose rows the declaration would make somebody else's. */
export interface ChangedTenancy {
  readonly table: string;
  /** Undefined when all that can be seen is that its rows are of no tenant. */
  readonly was: Tenancy | undefined;
  readonly wanted: Tenancy;
}

/**
 * What each table was made as, written down in the transaction that makes it. A declaration that says something else would open rows of
 * tenants to everybody, or close rows to everybody: it is refused before anything is planned for the table.
 */
export const tenancy = kind<'database', Tenancies, LiveTenancies>({
  name: NAME,
  level: 'database',
  compares: ['record'],
  query: {
    text: (_scope, live) => `
      with recorded as (${live.get('table')?.get(placeKey(LIBRARY_SCHEMA))?.has(RECORD) === true ? `select name, tenancy from ${LIBRARY_SCHEMA}.${RECORD}` : 'select null::text as name, null::text as tenancy where false'}),
      found as (
        select c.relname::text as name,
               bool_or(r.name is null and (c.relforcerowsecurity or exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid and p.polname like 'tenantry\\_%'))) as guarded,
               bool_or(r.name is null and exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = '${TENANT_ID}' and not a.attisdropped)) as has_tenant_id
          from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace join pg_catalog.pg_roles o on o.oid = c.relowner left join recorded r on r.name = c.relname
         where n.nspname = any($1) and c.relkind in ('r', 'p') and o.rolname = $2 group by 1)
      select current_database() as database, coalesce(json_object_agg(name, json_build_object('recorded', r.tenancy, 'isThere', f.guarded is not null,
             'guarded', coalesce(f.guarded, false), 'hasTenantId', coalesce(f.has_tenant_id, false))), '{}') as tables
        from found f full join recorded r using (name)`,
    values: ({ plan, owner }) => [plan.places.filter(({ kind: of }) => of !== 'library').map(({ schema }) => schema), owner],
  },
  read: ({ database, tables }) => ({ container: database, key: ALL, have: tables as LiveTenancies }),
  wants: (database) => new Map([[ALL, tenanciesOf(database)]]),
  compare(database, _key, want = new Map(), have = {}): Difference[] {
    const missing = [...want].filter(([table, wanted]) => have[table]?.recorded !== wanted && changeOf(table, wanted, have[table]) === undefined);
    if (missing.length === 0) return [];
    const home = database.places.find(({ kind: of }) => of !== 'library');
    return [change({
      kind: NAME, target: database.name, ...(home === undefined ? {} : { place: home.schema }), action: 'create', summary: `write down whose rows ${missing.length} tables hold`, reason: 'they are new, or not written down',
      sql: `insert into ${LIBRARY_SCHEMA}.${RECORD} (name, tenancy) values ${missing.map(([table, wanted]) => `(${literal(table)}, ${literal(wanted)})`).join(', ')} on conflict (name) do update set tenancy = excluded.tenancy`,
    })];
  },
});

/** Tables of a database whose tenancy the declaration would change, by name. */
export function changedTenancies(database: DatabasePlan, live: LiveCatalog | undefined): ReadonlyMap<string, ChangedTenancy> {
  const have = live?.get(NAME)?.get(database.name)?.get(ALL) as LiveTenancies | undefined;
  if (have === undefined) return new Map();
  return new Map([...tenanciesOf(database)].flatMap(([table, wanted]) => {
    const changed = changeOf(table, wanted, have[table]);
    return changed === undefined ? [] : [[table, changed] as const];
  }));
}

const tenanciesOf = onceFor((database: DatabasePlan): Tenancies => new Map(database.places.filter(({ kind: of }) => of !== 'library')
  .flatMap(({ tables }) => tables.map((table) => [table.name, table.tenancy] as const))));

/** A table that was dropped by hand may come back as another one. What an older version made is judged by what only a tenant's table has. */
function changeOf(table: string, wanted: Tenancy, have: LiveTenancy | undefined): ChangedTenancy | undefined {
  if (have?.isThere !== true) return undefined;
  if (have.recorded !== null) return have.recorded === wanted ? undefined : { table, was: have.recorded, wanted };
  if (wanted === 'tenant') return have.hasTenantId ? undefined : { table, was: undefined, wanted };
  return have.guarded ? { table, was: 'tenant', wanted } : undefined;
}
