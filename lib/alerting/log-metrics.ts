import { CloudwatchLogMetricFilter } from '@cdktf/provider-aws/lib/cloudwatch-log-metric-filter';
import { Construct } from 'constructs';
import { logFiltersOf } from './log-filters';
import { LOG_METRICS, logNamespace } from './metric-names';
import type { MonitoredDatabase } from './monitored-database';

export interface LogMetricsProps {
  readonly database: Pick<MonitoredDatabase, 'language' | 'dimension'>;
  /** Log group of each exported log, by log (`postgresql`, `slowquery` …). Each has to be a resource of this app: the filters wait for it. */
  readonly logGroups: Readonly<Record<string, { readonly name: string }>>;
}

/** Counts in a database's logs what its alarms need and what RDS publishes no metric of: slow and refused statements, failed logins, deadlocks, faults. */
export class LogMetrics extends Construct {
  /** In which namespace the metrics of {@link LOG_METRICS} lie. */
  readonly namespace: string;

  constructor(scope: Construct, id: string, { database, logGroups }: LogMetricsProps) {
    super(scope, id);
    this.namespace = logNamespace(database.dimension.value);
    for (const filter of logFiltersOf(database.language, Object.keys(logGroups))) {
      new CloudwatchLogMetricFilter(this, filter.id, {
        name: `${database.dimension.value}-${filter.id}`,
        logGroupName: logGroups[filter.log]?.name ?? '',
        pattern: filter.pattern,
        // 0 while lines come that do not match, so that a graph has no gaps and an alarm goes back.
        metricTransformation: { namespace: this.namespace, name: LOG_METRICS[filter.metric], value: '1', defaultValue: '0', unit: 'Count' },
      });
    }
  }
}
