import { TenantryError } from '../../core/errors';
import { listOf, nearest } from '../../core/text';
import { TENANT_ID } from '../../declaration/names';
import type { Tenancy } from '../../declaration/types';
import { type ExistingConstraint, type ExistingDatabase, tablesOf } from './existing';

/** How the tenant of a row is found: by a column of its own, or by following foreign keys to a table that has one. */
export interface TenantPath {
  readonly keys: readonly ExistingConstraint[];
  /** In the table where the path ends. */
  readonly column: string;
}

export interface ProposedTenancy {
  readonly tenancy: Tenancy;
  readonly reason: string;
  /** Undefined for tables of no tenant, and where nothing says whose the rows are. */
  readonly path?: TenantPath;
  /** Whether the path may end at a null, so that some rows belong to nobody. */
  readonly mayBeNull?: boolean;
}

export interface TenancyProposal {
  /** @default - none was found */
  readonly column?: string;
  readonly type?: string;
  readonly reason: string;
  /** The table of the tenants themselves, which the column references. @default - none */
  readonly tenantTable?: { readonly table: string; readonly column: string };
  readonly tables: ReadonlyMap<string, ProposedTenancy>;
}

/** What such columns are usually called. */
const USUAL = new Set(['tenant', 'account', 'organization', 'organisation', 'org', 'company', 'workspace', 'customer', 'client', 'team', 'site', 'shop', 'store', 'merchant', 'school', 'clinic', 'hospital', 'project'].flatMap((name) => [`${name}_id`, `${name}id`, `${name}_uuid`]));
const KEY_TYPES = /^(uuid|smallint|integer|bigint|text|character varying(\(\d+\))?|character\(\d+\))$/;

/** Proposes whose rows each table holds. Nothing of this is certain: the reasons are in the report, and the user confirms them in the draft. */
export function proposeTenancy(existing: ExistingDatabase, wanted?: string): TenancyProposal {
  const tables = tablesOf(existing).map(({ key }) => key);
  const found = wanted === undefined ? guess(existing, tables) : given(existing, tables, wanted);
  if (found === undefined) {
    const reason = 'no column says which tenant a row belongs to';
    return { reason, tables: new Map(tables.map((table) => [table, { tenancy: 'tenant', reason: `${reason}; a table of tenants is the proposal that gives nothing away` }])) };
  }
  const keys = existing.constraints.filter(({ type, target, table }) => type === 'f' && target !== null && tables.includes(table) && tables.includes(target));
  const has = new Set(existing.columns.filter(({ name, table }) => name === found.column && tables.includes(table)).map(({ table }) => table));
  const tenantTable = keys.filter(({ columns }) => columns.length === 1 && columns[0] === found.column).map(({ target, targetColumns }) => ({ table: target ?? '', column: targetColumns[0] ?? '' }))[0];
  const proposed = new Map<string, ProposedTenancy>();
  const nullable = (table: string, columns: readonly string[]): boolean => existing.columns.some((column) => column.table === table && columns.includes(column.name) && !column.notNull);
  if (tenantTable !== undefined) proposed.set(tenantTable.table, { tenancy: 'tenant', reason: `it lists the tenants: ${found.column} references it`, path: { keys: [], column: tenantTable.column }, mayBeNull: false });
  for (const table of has) if (!proposed.has(table)) proposed.set(table, { tenancy: 'tenant', reason: `it has ${found.column}`, path: { keys: [], column: found.column }, mayBeNull: nullable(table, [found.column]) });
  followKeys(keys, proposed, nullable);
  const behind = new Set<string>();
  for (let before = -1; before !== behind.size;) {
    before = behind.size;
    for (const { table, target } of keys) if (target !== null && !proposed.has(target) && (proposed.has(table) || behind.has(table))) behind.add(target);
  }
  for (const table of tables) {
    if (proposed.has(table)) continue;
    proposed.set(table, behind.has(table)
      ? { tenancy: 'reference', reason: `tables of tenants reference it, and it references none of them. Applications cannot write it; if its rows belong to tenants, make it a tenant table` }
      : { tenancy: 'shared', reason: `it has no ${found.column}, and no foreign key connects it with a table that has one. No role gets at it; if its rows belong to tenants, make it a tenant table` });
  }
  return { ...found, ...(tenantTable === undefined ? {} : { tenantTable }), tables: proposed };
}

/** The shortest way to a table of tenants, by keys that every row has where there are any. */
function followKeys(keys: readonly ExistingConstraint[], proposed: Map<string, ProposedTenancy>, nullable: (table: string, columns: readonly string[]) => boolean): void {
  for (const onlyRequired of [true, false]) {
    for (let grew = true; grew;) {
      grew = false;
      const layer = new Map<string, ProposedTenancy>();
      for (const key of keys) {
        const target = proposed.get(key.target ?? '');
        const mayBeNull = nullable(key.table, key.columns);
        if (target?.path === undefined || proposed.has(key.table) || layer.has(key.table) || (onlyRequired && mayBeNull)) continue;
        layer.set(key.table, { tenancy: 'tenant', reason: `its rows belong to rows of ${key.target ?? ''} by ${key.name} (${listOf(key.columns)})`, path: { keys: [key, ...target.path.keys], column: target.path.column }, mayBeNull: mayBeNull || target.mayBeNull === true });
      }
      for (const [table, tenancy] of layer) proposed.set(table, tenancy);
      grew = layer.size > 0;
    }
  }
}

interface Found {
  readonly column: string;
  readonly type: string;
  readonly reason: string;
}

function given({ columns }: ExistingDatabase, tables: readonly string[], wanted: string): Found {
  const having = columns.filter(({ name, table }) => name === wanted && tables.includes(table));
  const [first] = having;
  if (first === undefined) {
    const names = [...new Set(columns.map(({ name }) => name))];
    const near = nearest(wanted, names);
    throw new TenantryError('input', {
      code: 'adopt/tenant-column', at: '--tenant-column', problem: `No table has a column ${JSON.stringify(wanted)}.`, fix: near === undefined ? 'Give the column that says which tenant a row belongs to.' : `Did you mean ${JSON.stringify(near)}?`,
    });
  }
  return { column: wanted, type: first.type, reason: `it was given; ${having.length} of ${tables.length} tables have it` };
}

/** A column of one name and type that many tables have, and that is called as such columns are, or that references one and the same table. */
function guess({ columns, constraints }: ExistingDatabase, tables: readonly string[]): Found | undefined {
  const groups = new Map<string, string[]>();
  for (const { name, type, table } of columns) {
    if (tables.includes(table) && KEY_TYPES.test(type)) groups.set(`${name} ${type}`, [...groups.get(`${name} ${type}`) ?? [], table]);
  }
  const candidates = [...groups].map(([key, having]) => {
    const point = key.indexOf(' ');
    const [name, type] = [key.slice(0, point), key.slice(point + 1)];
    const targets = new Set(constraints.filter((key) => key.type === 'f' && key.columns.length === 1 && key.columns[0] === name && having.includes(key.table)).map(({ target }) => target));
    const referencing = constraints.filter((key) => key.type === 'f' && key.columns.length === 1 && key.columns[0] === name).length;
    const share = having.length / tables.length;
    const usual = USUAL.has(name.toLowerCase()) && share >= 0.2 && having.length >= 2;
    const common = targets.size === 1 && referencing >= tables.length / 2;
    return { name, type, having, score: (name === TENANT_ID ? 2 : usual ? 1 : 0) + share, likely: usual || common };
  }).filter(({ likely }) => likely).sort((a, b) => b.score - a.score);
  const [best] = candidates;
  return best === undefined ? undefined : { column: best.name, type: best.type, reason: `${best.having.length} of ${tables.length} tables have a column ${best.name} of type ${best.type}${candidates.length > 1 ? `; ${listOf(candidates.slice(1, 4).map(({ name }) => name), 'and')} came into question too` : ''}` };
}
