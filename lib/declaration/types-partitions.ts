/** How much time one partition of a table holds. Weeks begin on Monday; all periods begin at midnight in UTC. */
export type PartitionPeriod = 'day' | 'week' | 'month' | 'year';

/** Partitions by time: old rows lie apart from new ones, and a whole partition can be taken away by hand when its time has passed. */
export interface RangePartitionInput<Column extends string = string> {
  /** A column of type `date`, `timestamp` or `timestamptz`. It is in the primary key and in every unique key, since PostgreSQL keeps nothing unique across partitions without it. */
  readonly range: Column;
  /** Another one holds from the first time on that no partition has yet. Those that are there stay as they are. */
  readonly every: PartitionPeriod;
  /** Partitions for times to come that each apply makes, besides that of the current time. Apply more often than they last. @default 3 */
  readonly ahead?: number;
  /** The day, as `2024-01-31`, from which on there are partitions, for rows that are older than the table. Move it forward when old partitions are dropped: they would be made again. @default - the current time */
  readonly from?: string;
}

/** Partitions by tenant: each holds the rows of some of the tenants. Only for tables of tenants. */
export interface HashPartitionInput {
  /** Number of partitions, 2 to 256. It never changes: another one would move every row. */
  readonly hash: number;
}

export type PartitionInput<Column extends string = string> = RangePartitionInput<Column> | HashPartitionInput;
