import { PARTITION_TYPES } from '../../declaration/partitions';
import type { RangePartitionInput } from '../../declaration/types-partitions';
import { boundsOf, periodOf } from '../model/partitions';
import type { DraftColumn, DraftContext, DraftTable } from './draft-table';
import type { ExistingRelation } from './existing';

/** Declares the partitions of a table where they are all of one length of time; else it becomes one table, and somebody decides. */
export function draftPartitions({ findings }: Pick<DraftContext, 'findings'>, relation: ExistingRelation, columns: ReadonlyMap<string, DraftColumn>, input: DraftTable['input']): void {
  if (relation.kind !== 'p') return;
  const found = partitionsOf(relation, columns, input);
  if (found === undefined) {
    findings.add('decision', 'partitioned', relation.key, `a table partitioned by ${relation.partitionKey ?? 'expressions'}`, 'partitions by days, weeks, months or years of a column that every key has, or by tenant', 'The draft makes it one table: add partitionBy where that helps.');
    return;
  }
  input.partitionBy = found;
  findings.add('note', 'partitioned', relation.key, `a table partitioned by ${relation.partitionKey ?? ''}`, `the draft has a partition for each ${found.every}, from ${found.from ?? ''} on`, 'Nothing: the bootstrap makes them, and those of times to come.');
}

function partitionsOf({ partitionKey, bounds }: ExistingRelation, columns: ReadonlyMap<string, DraftColumn>, input: DraftTable['input']): RangePartitionInput | undefined {
  const [, key] = /^range ([^,]+)$/.exec(partitionKey ?? '') ?? [];
  const column = columns.get(key ?? '')?.name ?? '';
  const all = bounds.map(boundsOf).filter(({ type }) => type !== 'default');
  const spans = all.filter((bound) => bound.type === 'range');
  const periods = new Set(spans.map(periodOf));
  const [every] = periods;
  const keys = [input.primaryKey, ...input.unique ?? [], ...(input.indexes ?? []).flatMap((index) => ('columns' in index && index.unique === true ? [index.columns] : []))];
  const fits = (PARTITION_TYPES as readonly string[]).includes(input.columns[column]?.type ?? '') && input.columns[column]?.generated === undefined && keys.every((list) => list.includes(column));
  if (!fits || every === undefined || periods.size > 1 || spans.length < all.length) return undefined;
  delete input.columns[column]?.nullable;
  return { range: column, every, from: new Date(Math.min(...spans.map(({ from }) => from))).toISOString().slice(0, 10) };
}
