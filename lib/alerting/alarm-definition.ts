import type { Duration } from '../core/duration';
import type { MonitoredDatabase } from './monitored-database';
import type { Severity } from './severity';

/**
 * Who publishes a metric: decides namespace, dimensions, how often it is sampled and how late it may come (`detection.ts`).
 *
 * - `rds`: AWS/RDS, a sample a minute
 * - `os`: the samples of enhanced monitoring, in high resolution (`metric-names.ts`)
 * - `log`: lines counted by metric filters, by the minute (`metric-names.ts`)
 */
export type MetricOrigin = 'rds' | 'os' | 'log';

/**
 * What one alarm looks at.
 *
 * - `writer`: Aurora's role WRITER, whoever has it; on RDS, which has no roles, each instance, since each can become the writer
 * - `readers`: Aurora's role READER, autoscaled readers included, and never one alarm for each of them
 * - `cluster`: the storage volume of Aurora
 * - `instances`: each declared instance, by its name
 * - `logs`: the logs of all instances together
 */
export type AlarmScope = 'writer' | 'readers' | 'cluster' | 'instances' | 'logs';

export type Statistic = 'Average' | 'Sum' | 'Minimum' | 'Maximum' | 'SampleCount' | `p${number}`;

export interface MetricUse {
  readonly origin: MetricOrigin;
  /** As the publisher calls it. */
  readonly name: string;
  readonly statistic: Statistic;
}

/** One metric, or metric maths over several that are called by their keys. */
export type Signal =
  | { readonly metric: MetricUse }
  | {
    readonly metrics: Readonly<Record<string, MetricUse>>;
    /** In CloudWatch's metric maths, over the keys of `metrics`. */
    readonly expression: (database: MonitoredDatabase) => string;
    /** The result compares each datapoint with the one before it (RATE), so that it is true one period later. */
    readonly derivative?: boolean;
    /** The result tells that samples are missing: it needs none of them to arrive. */
    readonly absence?: boolean;
  };

/** `datapoints` of the last `evaluationPeriods`, each of `period` seconds, must breach. */
export interface AlarmWindow {
  /** In seconds: 10, 20, 30 or a multiple of 60. */
  readonly period: number;
  readonly datapoints: number;
  readonly evaluationPeriods: number;
}

/** What a missing datapoint counts as, in CloudWatch's words. A database that may pause or stop has `notBreaching` for all. */
export type MissingData = 'missing' | 'notBreaching' | 'breaching';

export type Comparison = '>' | '>=' | '<' | '<=';

/** One row of the alarm catalogue: what is watched, from where on it is bad, how soon it is told, and to whom. */
export interface AlarmDefinition {
  /** Part of the alarm's name, of its address in the state, of its runbook's anchor and of overrides. It never changes once released. */
  readonly id: string;
  readonly severity: Severity;
  /** What is the matter, for the one who is told. */
  readonly summary: string;
  readonly scope: AlarmScope;
  readonly signal: Signal;
  readonly comparison: Comparison;
  readonly threshold: (database: MonitoredDatabase) => number;
  /** The threshold in words: `90 % of max_connections`. */
  readonly limit: string;
  /** Unit of the threshold. */
  readonly unit: string;
  readonly window: AlarmWindow | ((database: MonitoredDatabase) => AlarmWindow);
  readonly missing: MissingData;
  readonly applies: (database: MonitoredDatabase) => boolean;
  /** The databases that it applies to, in words. */
  readonly where: string;
  /** Whether a maintenance window silences it: what a planned restart does by its nature, and nothing that would be a fault then too. */
  readonly quietInMaintenance: boolean;
  /**
   * The most that its detection may take. What is critical has the objective `notifyWithin` instead.
   *
   * A warning has days or at least many minutes before it hurts; the runbook says how many.
   */
  readonly detectsWithin?: Duration;
  /** The composite alarm that tells it in its place; it has no action of its own. @default - it tells by itself */
  readonly toldBy?: 'service-down';
  /** Where metric and figure come from; `own figure` where nobody publishes one. */
  readonly source: string;
}

export const windowOf = (definition: AlarmDefinition, database: MonitoredDatabase): AlarmWindow =>
  typeof definition.window === 'function' ? definition.window(database) : definition.window;

export const metricsOf = ({ signal }: AlarmDefinition): Readonly<Record<string, MetricUse>> => ('metric' in signal ? { m: signal.metric } : signal.metrics);
