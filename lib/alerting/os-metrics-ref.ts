import type { IConstruct } from 'constructs';

/** Metrics of the operating systems of all databases of one account and region, in a resolution of one second. */
export interface IOsMetrics extends IConstruct {
  /** Log group that enhanced monitoring writes to. */
  readonly logGroupName: string;
}

export interface OsMetricsAttributes {
  /** @default 'RDSOSMetrics' - the name is RDS's, the same in every account */
  readonly logGroupName?: string;
}
