import type { Complaint } from '../core/errors';
import { listOf, nearest } from '../core/text';
import { mayBePartition, PARTITION_TYPES } from './partitions';
import { relationNames, uniquesOf } from './relations';
import type { Declaration, TableDeclaration } from './schema';

/** The rules of partitioned tables: most are PostgreSQL's own, said before it is asked. */
export function checkPartitions(declaration: Declaration): Complaint[] {
  return Object.entries(declaration.tables).flatMap(([name, table]) => {
    const { partitionBy } = table;
    if (partitionBy === undefined) return [];
    const at = `tables.${name}.partitionBy`;
    const { range, hash } = partitionBy;
    if ((range === undefined) === (hash === undefined)) {
      return [{ code: 'declaration/partition', at, problem: `A table is partitioned by a time or by tenant, and ${range === undefined ? 'neither range nor hash' : 'both range and hash'} is given.`, fix: "For instance { range: 'created_at', every: 'month' }, or { hash: 8 }." }];
    }
    return range === undefined ? checkHash(table, at) : [...checkRange(name, table, range, at), ...checkNames(declaration, name, at)];
  });
}

function checkHash({ tenancy, partitionBy }: TableDeclaration, at: string): Complaint[] {
  const others = (['every', 'ahead', 'from'] as const).filter((property) => partitionBy?.[property] !== undefined);
  return [
    ...(tenancy === 'tenant' ? [] : [{ code: 'declaration/partition-tenancy', at, problem: `Rows are spread by their tenant, and those of a ${tenancy} table have none.`, fix: 'Partition it by a time, or not at all.' }]),
    ...others.map((property) => ({ code: 'declaration/partition', at: `${at}.${property}`, problem: `${property} is about partitions by time, and the table is partitioned by tenant.`, fix: 'Leave it out.' })),
  ];
}

function checkRange(name: string, table: TableDeclaration, column: string, at: string): Complaint[] {
  const { tenancy, columns, primaryKey, indexes, partitionBy } = table;
  const declared = columns[column];
  if (declared === undefined) {
    const near = nearest(column, Object.keys(columns));
    return [{ code: 'declaration/unknown-column', at: `${at}.range`, problem: `There is no column ${JSON.stringify(column)}; the table has ${listOf(Object.keys(columns))}.`, ...(near === undefined ? {} : { fix: `Did you mean ${JSON.stringify(near)}?` }) }];
  }
  const complaints: Complaint[] = [];
  if (partitionBy?.every === undefined) complaints.push({ code: 'declaration/partition', at, problem: 'It is not said how much time a partition holds.', fix: "Give every: 'day', 'week', 'month' or 'year'." });
  if (partitionBy?.from !== undefined && !isDay(partitionBy.from)) complaints.push({ code: 'declaration/partition', at: `${at}.from`, problem: `${JSON.stringify(partitionBy.from)} is not a day.`, fix: "Write it as '2024-01-31'." });
  if (tenancy === 'reference') complaints.push({ code: 'declaration/partition-tenancy', at, problem: 'The rows of a reference table are declared, and few: partitions would hold nothing apart.', fix: 'Remove partitionBy.' });
  if (!(PARTITION_TYPES as readonly string[]).includes(declared.type)) {
    complaints.push({ code: 'declaration/partition-type', at: `${at}.range`, problem: `${column} is ${declared.type}, and periods are of ${listOf([...PARTITION_TYPES], 'or')}.`, fix: 'Name a column of such a type.' });
  }
  if (declared.nullable) complaints.push({ code: 'declaration/partition-null', at: `tables.${name}.columns.${column}.nullable`, problem: `The table is partitioned by ${column}: a row without a time belongs to no period.`, fix: 'Remove nullable.' });
  if (declared.generated !== undefined) complaints.push({ code: 'declaration/partition-generated', at: `tables.${name}.columns.${column}.generated`, problem: `The table is partitioned by ${column}, and PostgreSQL must know the time of a row before it computes anything.`, fix: 'Give it a default instead, or let the application give the value.' });
  const keys = [
    { at: `tables.${name}.primaryKey`, columns: primaryKey, what: 'The primary key' },
    ...uniquesOf(name, table).map((key) => ({ at: key.at, columns: key.columns, what: 'A unique key' })),
    ...indexes.flatMap((index, i) => (index.unique ? [{ at: `tables.${name}.indexes.${i}`, columns: index.columns, what: 'A unique index' }] : [])),
  ];
  for (const key of keys) {
    if (key.columns.includes(column)) continue;
    complaints.push({ code: 'declaration/partition-key', at: key.at, problem: `${key.what} (${key.columns.join(', ')}) is without ${column}, which the table is partitioned by: PostgreSQL looks for equal values in one partition only.`, fix: `Add ${JSON.stringify(column)}, or do not partition the table.` });
  }
  return complaints;
}

/** Partitions are named after their time, which nobody knows yet. */
function checkNames(declaration: Declaration, table: string, at: string): Complaint[] {
  return relationNames(declaration).filter(({ name }) => name !== table && mayBePartition(name, table)).map(({ name, what }) => ({
    code: 'declaration/name-collision', at, problem: `Partitions of ${table} are called ${table}_p2026_11 and so on, and ${what} is called ${JSON.stringify(name)}.`, fix: 'Rename one of the two.',
  }));
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
