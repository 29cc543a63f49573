import { MAX_IDENTIFIER, objectName } from './names';
import type { TableDeclaration } from './schema';

/** What a column may be that a table is partitioned by. */
export const PARTITION_TYPES = ['date', 'timestamp', 'timestamptz'] as const;

/** The partition of what no other one is for. */
export const defaultPartitionName = (table: string): string => objectName(table, 'default');
export const hashPartitionName = (table: string, remainder: number): string => objectName(table, `h${remainder}`);
/** @param period - what tells it from the others, such as `2026_11` */
export const rangePartitionName = (table: string, period: string): string => objectName(table, `p${period}`);

/** Names of partitions that are known before any clock is asked. */
export function partitionNames(name: string, { partitionBy }: TableDeclaration): { name: string; what: string; at: string }[] {
  if (partitionBy === undefined) return [];
  const at = `tables.${name}.partitionBy`;
  if (partitionBy.hash === undefined) return [{ name: defaultPartitionName(name), what: `the default partition of ${name}`, at }];
  return Array.from({ length: partitionBy.hash }, (_, i) => ({ name: hashPartitionName(name, i), what: `partition ${i} of ${name}`, at }));
}

/** Whether a name could be that of a partition of the table for some time. */
export function mayBePartition(name: string, table: string): boolean {
  const front = `${table}_p`.slice(0, MAX_IDENTIFIER - 9);
  return name.startsWith(front) && (front.length < `${table}_p`.length || /^\d{4}/.test(name.slice(front.length)));
}
