import { objectName } from './names';
import { partitionNames } from './partitions';
import type { Declaration, TableDeclaration } from './schema';
import type { OnDelete } from './types';

/** A foreign key as it was declared, on a column or on the table: columns without `tenant_id`. */
export interface DeclaredForeignKey {
  readonly at: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly target: string;
  readonly targetColumns: readonly string[];
  readonly onDelete: OnDelete;
}

/** A set of columns that identifies a row, and the name of its constraint: columns without `tenant_id`. */
export interface DeclaredUnique {
  readonly at: string;
  readonly name: string;
  readonly columns: readonly string[];
}

export interface DeclaredIndex extends DeclaredUnique {
  readonly unique: boolean;
  readonly where?: string;
}

/** `references: 'orders.id'` in its two parts; the part behind the first point is the column. */
export function splitReference(reference: string): { table: string; column: string } {
  const point = reference.indexOf('.');
  return point < 0 ? { table: reference, column: '' } : { table: reference.slice(0, point), column: reference.slice(point + 1) };
}

export function foreignKeysOf(name: string, table: TableDeclaration): DeclaredForeignKey[] {
  const ofColumns = Object.entries(table.columns).flatMap(([columnName, column]) => {
    if (column.references === undefined) return [];
    const { table: target, column: targetColumn } = splitReference(column.references);
    return [{
      at: `tables.${name}.columns.${columnName}.references`, name: objectName(name, columnName, 'fkey'),
      columns: [columnName], target, targetColumns: [targetColumn], onDelete: column.onDelete ?? 'noAction' as const,
    }];
  });
  const ofTable = table.foreignKeys.map((key, i) => ({
    at: `tables.${name}.foreignKeys.${i}`, name: objectName(name, ...key.columns, 'fkey'),
    columns: key.columns, target: key.references.table, targetColumns: key.references.columns, onDelete: key.onDelete,
  }));
  return [...ofColumns, ...ofTable];
}

export function uniquesOf(name: string, table: TableDeclaration): DeclaredUnique[] {
  return [
    ...Object.entries(table.columns).filter(([, column]) => column.unique).map(([column]) => ({
      at: `tables.${name}.columns.${column}.unique`, name: objectName(name, column, 'key'), columns: [column],
    })),
    ...table.unique.map((columns, i) => ({ at: `tables.${name}.unique.${i}`, name: objectName(name, ...columns, 'key'), columns })),
  ];
}

/** The declared indexes, and one for each foreign key that no key or index serves: a delete of the referenced row looks there. */
export function indexesOf(name: string, table: TableDeclaration): DeclaredIndex[] {
  const declared = table.indexes.map((index, i) => ({
    at: `tables.${name}.indexes.${i}`, name: objectName(name, ...index.columns, 'idx'), columns: index.columns, unique: index.unique,
    ...(index.where === undefined ? {} : { where: index.where }),
  }));
  const serving = [table.primaryKey, ...uniquesOf(name, table).map((key) => key.columns), ...declared.filter((index) => index.where === undefined).map((index) => index.columns)];
  const forKeys: DeclaredIndex[] = [];
  for (const key of foreignKeysOf(name, table)) {
    const served = [...serving, ...forKeys.map((index) => index.columns)].some((columns) => key.columns.every((column, i) => columns[i] === column));
    if (!served) forKeys.push({ at: key.at, name: objectName(name, ...key.columns, 'idx'), columns: key.columns, unique: false });
  }
  return [...declared, ...forKeys];
}

export const primaryKeyName = (table: string): string => objectName(table, 'pkey');
export const columnCheckName = (table: string, column: string): string => objectName(table, column, 'check');
export const tableCheckName = (table: string, check: string): string => objectName(table, check, 'check');

/** Every name that takes a place in the namespace of the schema, and what it names. */
export function relationNames(declaration: Declaration): { name: string; what: string; at: string }[] {
  return Object.entries(declaration.tables).flatMap(([name, table]) => [
    { name, what: `table ${name}`, at: `tables.${name}` },
    ...partitionNames(name, table),
    { name: primaryKeyName(name), what: `the primary key of ${name}`, at: `tables.${name}.primaryKey` },
    ...uniquesOf(name, table).map((key) => ({ name: key.name, what: `the unique key (${key.columns.join(', ')}) of ${name}`, at: key.at })),
    ...indexesOf(name, table).map((index) => ({ name: index.name, what: `the index (${index.columns.join(', ')}) of ${name}`, at: index.at })),
  ]);
}

/** Every name that takes a place among the constraints of a table, besides those of its keys. */
export function constraintNames(name: string, table: TableDeclaration): { name: string; what: string; at: string }[] {
  return [
    ...foreignKeysOf(name, table).map((key) => ({ name: key.name, what: `the foreign key (${key.columns.join(', ')}) of ${name}`, at: key.at })),
    ...Object.entries(table.columns).flatMap(([column, { check }]) => (check === undefined ? [] : [{ name: columnCheckName(name, column), what: `the check of ${name}.${column}`, at: `tables.${name}.columns.${column}.check` }])),
    ...Object.keys(table.checks).map((check) => ({ name: tableCheckName(name, check), what: `the check ${check} of ${name}`, at: `tables.${name}.checks.${check}` })),
  ];
}
