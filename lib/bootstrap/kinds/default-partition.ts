import type { Difference } from '../plan/difference';
import { ident, literal, qualified } from '../sql/quote';
import { at, finding, kind, type LiveCatalog, NO_WANTS, tableKey } from './kind';
import type { DatabasePlan } from '../model/place';
import { DEFAULT_PARTITION, type LivePartition, missingFor, PARTITION } from './partitioned';

interface LiveRows {
  /** Whether there is a row at all. */
  readonly filled: boolean;
  /** Partitions that are missing, and whose rows lie here. */
  readonly blocked: readonly string[];
}

/**
 * Rows in default partitions: of times that no partition was made for. Nothing is lost, but they do not lie apart, and keep the partition of their time from being made. One
 * that takes nothing on the disk is not looked into.
 */
export const defaultPartition = kind<'table', true, LiveRows>({
  name: DEFAULT_PARTITION,
  level: 'table',
  everyTime: true,
  compares: ['rows'],
  query: { text: ({ plan }, live) => looking(plan, live), values: () => [], as: 'maintainer' },
  read: ({ schema, table, ...have }) => ({ container: tableKey(schema, table), key: 'rows', have: have as LiveRows }),
  wants: () => NO_WANTS,
  compare({ place, table }, _key, _want, have): Difference[] {
    if (have?.filled !== true) return [];
    return [finding({
      ...at(place), kind: DEFAULT_PARTITION, code: 'partition/default-rows',
      summary: `the default partition of ${table.name} holds rows: of times before its first partition, or behind its last one, because no apply ran in time; give partitionBy an earlier from or more ahead, and move them into partitions of their own`,
    })];
  },
});

function looking(plan: DatabasePlan, live: LiveCatalog): string | undefined {
  const parts = plan.places.flatMap((place) => place.tables.flatMap((table) => {
    const children = [...live.get(PARTITION)?.get(tableKey(place.schema, table.name))?.values() ?? []] as LivePartition[];
    const rest = children.find(({ bytes, owner, schema }) => bytes > 0 && owner === place.owner && schema === place.schema);
    if (rest === undefined || table.partitionBy?.strategy !== 'range') return [];
    const { column } = table.partitionBy;
    const from = `from ${qualified(rest.schema, rest.name)}`;
    const blocked = missingFor(place, table, children).flatMap(({ name, times }) => (times === undefined ? [] : [`case when exists (select ${from} where ${ident(column)} >= ${times[0]} and ${ident(column)} < ${times[1]}) then ${literal(name)} end`]));
    return [`select ${literal(place.schema)} as schema, ${literal(table.name)} as "table", exists (select ${from}) as filled, array_remove(array[${blocked.join(', ')}]::text[], null) as blocked`];
  }));
  return parts.length === 0 ? undefined : parts.join('\nunion all ');
}
