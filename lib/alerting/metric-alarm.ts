import { CloudwatchMetricAlarm, type CloudwatchMetricAlarmConfig } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { AlarmWindow, Comparison, MissingData } from './alarm-definition';
import type { ResolvedMetric } from './resolve';

const OPERATORS: Readonly<Record<Comparison, string>> = {
  '>': 'GreaterThanThreshold', '>=': 'GreaterThanOrEqualToThreshold', '<': 'LessThanThreshold', '<=': 'LessThanOrEqualToThreshold',
};
const LONGEST_DESCRIPTION = 1024;

export interface MetricAlarmOptions {
  readonly alarmName: string;
  readonly alarmDescription: string;
  readonly metrics: readonly ResolvedMetric[];
  /** @default - the only metric itself */
  readonly expression?: string;
  /** What a graph of the expression is called. */
  readonly label: string;
  readonly comparison: Comparison;
  readonly threshold: number;
  readonly window: AlarmWindow;
  readonly missing: MissingData;
  /** Topic that is told when it goes on and when it goes off. @default - none */
  readonly topic?: string;
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** An alarm of CloudWatch over one metric, or over metric maths. */
export function metricAlarm(scope: Construct, id: string, options: MetricAlarmOptions): CloudwatchMetricAlarm {
  const { alarmName, alarmDescription, comparison, threshold, window, missing, topic, dependsOn } = options;
  return new CloudwatchMetricAlarm(scope, id, {
    alarmName,
    alarmDescription,
    comparisonOperator: OPERATORS[comparison],
    threshold,
    evaluationPeriods: window.evaluationPeriods,
    datapointsToAlarm: window.datapoints,
    treatMissingData: missing,
    ...measured(options),
    alarmActions: topic === undefined ? undefined : [topic],
    okActions: topic === undefined ? undefined : [topic],
    dependsOn: dependsOn === undefined ? undefined : [...dependsOn],
  });
}

export interface Described {
  readonly id: string;
  readonly summary: string;
  readonly limit: string;
  readonly unit: string;
}

/** Where who is woken reads on: the command prints what RUNBOOKS.md says. */
export const whatToDo = (id: string, runbooks: string | undefined): string => (runbooks === undefined ? `What to do: npx tenantry explain ${id}` : `Runbook: ${runbooks}#${id}`);

/** What an alarm says of itself. */
export const describeAlarm = ({ id, summary, limit, unit }: Described, threshold: number, runbooks: string | undefined): string =>
  `${summary} Limit: ${limit} (${threshold} ${unit}). ${whatToDo(id, runbooks)}`.slice(0, LONGEST_DESCRIPTION);

function measured({ metrics, expression, window: { period }, label }: MetricAlarmOptions): Partial<CloudwatchMetricAlarmConfig> {
  const [only] = metrics;
  if (expression === undefined && only !== undefined) {
    const { namespace, name, dimensions, statistic } = only;
    const percentile = statistic.startsWith('p');
    return {
      namespace, metricName: name, period,
      dimensions: Object.keys(dimensions).length === 0 ? undefined : { ...dimensions },
      // Few samples are what a metric of one sample a minute has.
      ...(percentile ? { extendedStatistic: statistic, evaluateLowSampleCountPercentiles: 'evaluate' } : { statistic }),
    };
  }
  return {
    metricQuery: [
      ...metrics.map(({ id, namespace, name, dimensions, statistic }) => ({
        id, metric: { namespace, metricName: name, period, stat: statistic, dimensions: Object.keys(dimensions).length === 0 ? undefined : { ...dimensions } }, returnData: false,
      })),
      { id: 'result', expression, label, returnData: true },
    ],
  };
}
