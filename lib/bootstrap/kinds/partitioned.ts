import { type Bounds, boundsOf, type MissingPartition, missingPartitions } from '../model/partitions';
import type { Place } from '../model/place';
import type { ShapeTable } from '../model/shape';
import { OWN, REFERENCE } from '../model/policy';
import { ident } from '../sql/quote';
import type { LivePolicy } from './policy';
import { type LiveCatalog, placeKey, tableKey, type TableTarget } from './kind';

/** A partition of a table of ours, or a partition of one. */
export interface LivePartition {
  readonly schema: string;
  readonly name: string;
  /** As the server writes it. */
  readonly quoted: string;
  readonly relkind: string;
  readonly owner: string;
  /** Null for one that lies below another partition. */
  readonly bound: string | null;
  readonly enabled: boolean;
  readonly forced: boolean;
  readonly acl: string | null;
  /** By column, where there are any. */
  readonly columnAcls: Readonly<Record<string, string>>;
  readonly policies: readonly (LivePolicy & { readonly name: string })[];
  /** `own`: it is not that of the table. */
  readonly triggers: readonly { readonly name: string; readonly enabled: string; readonly own: boolean }[];
  /** Whether the triggers behind foreign keys are switched off. */
  readonly foreignKeysOff: boolean;
  readonly rules: readonly string[];
  readonly unlogged: boolean;
  readonly replicaIdentity: string;
  /** What the default partition takes on the disk; 0 for others. */
  readonly bytes: number;
}

/** What is there of a table that is partitioned. */
export interface Partitions {
  /** `range created_at`, or null where it is not partitioned. */
  readonly by: string | null;
  readonly children: readonly LivePartition[];
  /** Relations of its schema. */
  readonly relations: ReadonlyMap<string, unknown>;
  /** Partitions that are missing, and whose rows lie in the default partition. */
  readonly blocked: readonly string[];
  /** Whether rows lie in the default partition. @default - it was not looked into: it takes nothing on the disk, or belongs to somebody else */
  readonly filled?: boolean;
}

export const PARTITION = 'partition';
export const DEFAULT_PARTITION = 'default partition';

/** What the catalog says of the partitions of a table that is there. */
export function partitionsOf(live: LiveCatalog, { schema }: Place, table: string): { partitions?: Partitions } {
  const relations = live.get('table')?.get(placeKey(schema));
  const have = relations?.get(table) as { readonly partitionedBy: string | null } | undefined;
  const children = [...live.get(PARTITION)?.get(tableKey(schema, table))?.values() ?? []] as LivePartition[];
  if (relations === undefined || have === undefined || have.partitionedBy === null) return {};
  const { blocked = [], filled } = (live.get(DEFAULT_PARTITION)?.get(tableKey(schema, table))?.get('rows') ?? {}) as { blocked?: readonly string[]; filled?: boolean };
  return { partitions: { by: have.partitionedBy, children, relations, blocked, ...(filled === undefined ? {} : { filled }) } };
}

/** Partitions that the owner of our objects may not change with their table. */
export const foreignPartitions = (live: LiveCatalog, table: string, owner: string): LivePartition[] =>
  ([...live.get(PARTITION)?.get(table)?.values() ?? []] as LivePartition[]).filter((partition) => partition.owner !== owner);

/** How the catalog says it. */
export const partitionedBy = ({ partitionBy }: ShapeTable): string | null => (partitionBy === undefined ? null : `${partitionBy.strategy} ${partitionBy.column}`);

const boundsIn = (children: readonly LivePartition[]): Bounds[] => children.flatMap(({ bound }) => (bound === null ? [] : [boundsOf(bound)]));

/** The partitions that a declared table wants and does not have. */
export const missingFor = (place: Place, table: ShapeTable, children: readonly LivePartition[]): MissingPartition[] =>
  (table.partitionBy === undefined ? [] : missingPartitions(table.name, table.partitionBy, boundsIn(children), place.asOf, place.periods?.get(table.name)));

/** The same of a table that may be new, or partitioned otherwise than declared: then it wants none. */
export const missingOf = ({ place, table, isNew, partitions }: TableTarget): MissingPartition[] =>
  (isNew || (partitions !== undefined && partitions.by === partitionedBy(table)) ? missingFor(place, table, partitions?.children ?? []) : []);

/** Whether somebody spread the rows over another number of partitions. */
export const isSpreadOtherwise = ({ partitionBy }: ShapeTable, children: readonly LivePartition[]): boolean =>
  partitionBy?.strategy === 'hash' && boundsIn(children).some((bounds) => bounds.type !== 'hash' || bounds.modulus !== partitionBy.count);

/** Constants, and names with the mark in front that stands for a schema and with the point behind. */
const TOKENS = new RegExp(`'(?:[^']|'')*'|[${OWN}${REFERENCE}]?(?:"(?:[^"]|"")*"|[a-z_][a-z0-9_$]*)\\.?`, 'gi');

/** A condition as it is on a partition: where it names the table that it is about, it names the partition. */
export function onPartition(condition: string | null, table: string, { quoted }: Pick<LivePartition, 'quoted'>): string | null {
  const names = [`${table}.`, `${ident(table)}.`];
  return condition === null ? null : condition.replaceAll(TOKENS, (token) => (names.includes(token) ? `${quoted}.` : token));
}
