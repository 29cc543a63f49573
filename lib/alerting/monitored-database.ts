import type { Duration } from '../core/duration';
import type { Size } from '../core/size';

/** How large an instance is. */
export interface MonitoredSize {
  readonly vcpu: number;
  readonly memory: Size;
  readonly maxConnections: number;
}

/** What is known of a database at synthesis, for thresholds and dimensions. Identifiers are texts; everything else is known. */
export interface MonitoredDatabase extends MonitoredSize {
  readonly language: 'postgresql' | 'mysql';
  /** Aurora's storage grows by itself and is shared; that of RDS is declared. */
  readonly storage: 'aurora' | 'rds';
  /** Dimension of the metrics of the whole, and its value. */
  readonly dimension: { readonly name: 'DBClusterIdentifier' | 'DBInstanceIdentifier'; readonly value: string };
  /** Whether there is a role dimension (WRITER, READER): clusters of Aurora have it, autoscaled readers included. */
  readonly hasRoles: boolean;
  /** Identifiers of the declared instances that can be written to after a failover. */
  readonly instanceIdentifiers: readonly string[];
  readonly readers: number;
  /** Of one instance, as `memory` and `maxConnections` are; the maximum of the range where it is serverless. */
  readonly vcpu: number;
  /** Declared instances of another size, by identifier. @default - all have the same */
  readonly otherSizes?: Readonly<Record<string, MonitoredSize>>;
  /** In ACU. @default - not serverless */
  readonly serverless?: { readonly minimum: number; readonly maximum: number };
  /** Whether it publishes the load of its sessions: some small classes cannot. @default true */
  readonly insights?: boolean;
  /** Whether it can stop by itself, or is stopped by a schedule, so that missing data is no fault. */
  readonly pauses: boolean;
  /** @default - Aurora's, which grows by itself to `largest` */
  readonly allocatedStorage?: Size;
  /** The most that the storage can grow to. */
  readonly largestStorage: Size;
  /** Operations a second that the storage was bought with, its baseline included. @default - not known, and no alarm rests on it */
  readonly iops?: number;
  /** Type of the EBS volume: `gp3`, `io2` … @default - Aurora's */
  readonly storageType?: string;
  /** Seconds between two samples of the operating system's metrics. */
  readonly monitoringSeconds: number;
  /** Whether an `OsMetrics` of the account turns these samples into metrics of high resolution; without one, what rests on them has no alarm. */
  readonly osMetrics: boolean;
  /** Name of the log group of each exported log, by log (`postgresql`, `slowquery` …). */
  readonly logGroupNames: Readonly<Record<string, string>>;
  /** From here a statement counts as slow, as the parameter group says. */
  readonly slowStatement: Duration;
  /** 95 % of statements end within it. @default - no such objective, and no alarm */
  readonly latencyWithin?: Duration;
  /** How soon somebody must be told of what is critical. @default - nothing is promised, and nothing is refused */
  readonly notifyWithin?: Duration;
  /** Whether nobody gave it, so that it is the environment's. @default false */
  readonly notifyWithinOfEnvironment?: boolean;
}
