import { TENANT_ID } from '../../declaration/names';
import { columnCheckName, foreignKeysOf, indexesOf, primaryKeyName, tableCheckName, uniquesOf } from '../../declaration/relations';
import type { Declaration, TableDeclaration } from '../../declaration/schema';
import type { OnDelete, Tenancy } from '../../declaration/types';
import { type ShapePartitions, shapePartitions } from './partitions';
import { type ShapePolicy, shapePolicies } from './policy';

/** The setting that carries the current tenant's id through a transaction. */
export const TENANT_SETTING = 'tenantry.tenant_id';

/**
 * The current tenant's id, null outside of any: a setting that was local to a transaction reverts to the empty text, not to null.
 * In a sub-select it is evaluated once a statement instead of once a row.
 */
export const CURRENT_TENANT = `nullif(current_setting('${TENANT_SETTING}', true), '')::uuid`;
export const TENANT_FLOOR = `${TENANT_ID} = (select ${CURRENT_TENANT})`;

export interface ShapeColumn {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly default?: string;
  /** Whether adding the column to a table computes the default for each row, and so rewrites the table: only the server can tell. */
  readonly defaultPerRow?: boolean;
  readonly generated?: string;
  /** What rows that are there get when the column is added or becomes NOT NULL. */
  readonly backfill?: string;
  readonly comment?: string;
  /** Where the type is a domain: what it is of, and whether it refuses values. @default - the type is built in */
  readonly domain?: { readonly base: string; readonly constrained: boolean };
}

export interface ShapeKey {
  readonly name: string;
  readonly primary: boolean;
  readonly columns: readonly string[];
}

export interface ShapeCheck {
  readonly name: string;
  readonly expression: string;
}

export interface ShapeForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly target: string;
  /** A reference table lies in the database's home schema, also for a tenant with a schema of its own. */
  readonly targetTenancy: Tenancy;
  readonly targetColumns: readonly string[];
  readonly onDelete: OnDelete;
  /** The columns that `SET NULL` clears; never `tenant_id`. */
  readonly setNullColumns: readonly string[];
}

export interface ShapeIndex {
  readonly name: string;
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly where?: string;
}

/** A table as it is in the database: the same in every isolation mode, so that a tenant can be moved by copying rows. */
export interface ShapeTable {
  readonly name: string;
  readonly tenancy: Tenancy;
  readonly columns: readonly ShapeColumn[];
  readonly keys: readonly ShapeKey[];
  readonly checks: readonly ShapeCheck[];
  readonly foreignKeys: readonly ShapeForeignKey[];
  readonly indexes: readonly ShapeIndex[];
  /** @default - none: roles reach every row of their tenant */
  readonly policies?: readonly ShapePolicy[];
  /** @default - one table holds all rows */
  readonly partitionBy?: ShapePartitions;
  readonly comment?: string;
  /** The rows of a reference table. */
  readonly rows: readonly ReferenceRow[];
}

export type ReferenceRow = Readonly<Record<string, string | number | boolean | null>>;

/** The tables of a declaration, in their order. Expressions stand as they were written. */
export function shapeOf(declaration: Declaration): ShapeTable[] {
  return Object.entries(declaration.tables).map(([name, table]) => shapeOfTable(declaration, name, table));
}

function shapeOfTable(declaration: Declaration, name: string, table: TableDeclaration): ShapeTable {
  const isTenant = table.tenancy === 'tenant';
  const front = (columns: readonly string[]): string[] => (isTenant ? [TENANT_ID, ...columns] : [...columns]);
  const tenantColumn: ShapeColumn[] = isTenant
    ? [{ name: TENANT_ID, type: 'uuid', notNull: true, default: CURRENT_TENANT, comment: 'The tenant that the row belongs to' }]
    : [];
  return {
    name,
    tenancy: table.tenancy,
    columns: [
      ...tenantColumn,
      ...Object.entries(table.columns).map(([column, { type, nullable, default: value, generated, backfill, comment }]) => ({
        name: column, type, notNull: !nullable, ...optional({ default: value, generated, backfill, comment }),
      })),
    ],
    keys: [
      { name: primaryKeyName(name), primary: true, columns: front(table.primaryKey) },
      ...uniquesOf(name, table).map((key) => ({ name: key.name, primary: false, columns: front(key.columns) })),
    ],
    checks: [
      ...Object.entries(table.columns).flatMap(([column, { check }]) => (check === undefined ? [] : [{ name: columnCheckName(name, column), expression: check }])),
      ...Object.entries(table.checks).map(([check, expression]) => ({ name: tableCheckName(name, check), expression })),
    ],
    foreignKeys: foreignKeysOf(name, table).map((key) => {
      const targetTenancy = declaration.tables[key.target]?.tenancy ?? 'reference';
      const withTenant = targetTenancy === 'tenant';
      return {
        name: key.name,
        columns: withTenant ? front(key.columns) : [...key.columns],
        target: key.target,
        targetTenancy,
        targetColumns: withTenant ? [TENANT_ID, ...key.targetColumns] : [...key.targetColumns],
        onDelete: key.onDelete,
        setNullColumns: key.columns,
      };
    }),
    indexes: indexesOf(name, table).map((index) => ({
      name: index.name, columns: front(index.columns), unique: index.unique, ...optional({ where: index.where }),
    })),
    ...shapePolicies(declaration, table),
    ...shapePartitions(table),
    ...optional({ comment: table.comment }),
    rows: table.rows,
  };
}

/** Leaves out what is undefined, so that two shapes that mean the same are equal. */
function optional<T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: string };
}
