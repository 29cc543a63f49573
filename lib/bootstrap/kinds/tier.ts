import { LIBRARY_SCHEMA } from '../../declaration/names';
import type { DatabasePlan } from '../model/place';
import { TIER_COLUMNS, type TierRow } from '../model/tier';
import type { Difference } from '../plan/difference';
import { literal } from '../sql/quote';
import { change, finding, kind, placeKey, refusal } from './kind';

interface LiveTier {
  /** Null for a tier that tenants have and that has no row. */
  readonly row: TierRow | null;
  /** How many tenants of this database have it. */
  readonly tenants: number;
}

/** What each tier limits, as rows of the library's own: a transaction of a tenant reads them when it begins, so that a change needs no deployment of programs. */
export const tier = kind<'database', TierRow, LiveTier>({
  name: 'tier',
  level: 'database',
  compares: ['presence', 'strangers', 'limits'],
  query: {
    text: (_scope, live) => {
      const tables = live.get('table')?.get(placeKey(LIBRARY_SCHEMA));
      return tables?.has('tenants') === true && tables.has('tiers')
        ? `select current_database() as database, coalesce(r.name, t.tier) as name, case when r.name is not null then to_jsonb(r) - 'name' end as row, coalesce(t.tenants, 0) as tenants
             from ${LIBRARY_SCHEMA}.tiers r full join (select tier, count(*)::int as tenants from ${LIBRARY_SCHEMA}.tenants group by tier) t on t.tier = r.name` : undefined;
    },
    values: () => [],
  },
  read: ({ database, name, row, tenants }) => ({ container: database, key: name, have: { row, tenants } }),
  wants: ({ tiers }) => tiers,
  compare(database, name, want, have): Difference[] {
    const where = { kind: 'tier', target: database.name, place: LIBRARY_SCHEMA };
    if (want === undefined) return notDeclared(database, name, have);
    const row = have?.row ?? undefined;
    const different = TIER_COLUMNS.filter((column) => (row === undefined ? want[column] !== null : row[column] !== want[column]));
    if (row !== undefined && different.length === 0) return [];
    const columns = ['name', ...TIER_COLUMNS];
    const values = [literal(name), ...TIER_COLUMNS.map((column) => String(want[column]))];
    return [change({
      ...where, action: row === undefined ? 'create' : 'alter', summary: row === undefined ? `make tier ${name}` : `tier ${name}: ${different.map((column) => `${column} ${want[column] ?? 'not limited'}`).join(', ')}`,
      reason: row === undefined ? 'declared, not there' : `it has ${different.map((column) => `${column} ${row[column] ?? 'not limited'}`).join(', ')}`,
      sql: `insert into ${LIBRARY_SCHEMA}.tiers (${columns.join(', ')}) values (${values.join(', ')}) on conflict (name) do update set ${TIER_COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}`,
    })];
  },
});

/** A tier that tenants have is not taken from them: they would have no limits from one moment to the next. */
function notDeclared(database: DatabasePlan, name: string, have: LiveTier | undefined): Difference[] {
  const where = { kind: 'tier', target: database.name };
  if (have === undefined) return [];
  const { row, tenants } = have;
  if (row !== null && tenants === 0) {
    return [change({ ...where, place: LIBRARY_SCHEMA, action: 'drop', summary: `remove tier ${name}`, reason: 'it is not declared, and no tenant has it', sql: `delete from ${LIBRARY_SCHEMA}.tiers where name = ${literal(name)}` })];
  }
  if (!database.isHome) return [];
  const whose = tenants === 1 ? '1 tenant has' : `${tenants} tenants have`;
  if (row === null) {
    return database.tiers.size === 0 ? [] : [finding({ ...where, code: 'tier/undeclared', summary: `${whose} tier ${name}, which is not declared: it limits nothing` })];
  }
  return [refusal({
    ...where, code: 'tier/in-use', summary: `tier ${name} is not declared any more, and ${whose} it; ${tenants === 1 ? 'its' : 'their'} transactions keep its limits`,
    fix: `Give ${tenants === 1 ? 'that tenant' : 'those tenants'} another one: tenantry tenant tier KEY TIER. tenantry tenant list shows who has it. Or declare tiers.${name} again.`,
  })];
}
