import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudwatchCompositeAlarm } from '@cdktf/provider-aws/lib/cloudwatch-composite-alarm';
import { CloudwatchDashboard } from '@cdktf/provider-aws/lib/cloudwatch-dashboard';
import { CloudwatchLogMetricFilter } from '@cdktf/provider-aws/lib/cloudwatch-log-metric-filter';
import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { describe, expect, it } from 'vitest';
import { Engine, HaCluster, InstanceSize, OsMetrics, Topology } from '../../lib';
import type { HaClusterProps } from '../../lib/ha-cluster/ha-cluster-props';
import type { Stage } from '../../lib/environment/profile';
import { importedNetwork, type Json, synthesizeStack, testStack } from '../support/synth';

/** By the month and in cents, at list prices of us-east-1: Amazon CloudWatch pricing. */
const PRICES = { alarm: 10, highResolution: 30, composite: 50, metric: 30, dashboard: 300 };
/** What the samples of an instance of Aurora hold: all but swap and file systems. */
const OS_METRICS_OF_AURORA = 5;

function rowOf(name: string, stage: Stage, more: (stack: ReturnType<typeof testStack>) => Partial<HaClusterProps> = () => ({}), instances = 0): string {
  const stack = testStack({ stage });
  new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), engine: Engine.auroraPostgresql('17'), ...more(stack) });
  const json = synthesizeStack(stack);
  // An alarm on maths is charged by the metrics in it.
  const periods = json.resources(CloudwatchMetricAlarm).flatMap(({ arguments: { period, metric_query } }): number[] => (metric_query === undefined ? [period] : metric_query.flatMap(({ metric }: Json) => (metric === undefined ? [] : [metric.period]))));
  const high = periods.filter((period) => period < 60).length;
  const counts = {
    alarm: periods.length - high, highResolution: high, composite: json.resources(CloudwatchCompositeAlarm).length,
    logs: new Set(json.resources(CloudwatchLogMetricFilter).map(({ arguments: { metric_transformation: { name } } }) => name)).size, os: instances * OS_METRICS_OF_AURORA, dashboard: json.resources(CloudwatchDashboard).length,
  };
  const cents = counts.alarm * PRICES.alarm + counts.highResolution * PRICES.highResolution + counts.composite * PRICES.composite + (counts.logs + counts.os) * PRICES.metric + counts.dashboard * PRICES.dashboard;
  return `| ${[name, ...Object.values(counts).map((count) => (count === 0 ? '–' : count)), `${(cents / 100).toFixed(2)} USD`].join(' | ')} |`;
}

describe('what alerting costs', () => {
  it('stands in the README, counted on what is synthesized', () => {
    const rows = [
      rowOf('development, as it comes', 'development'),
      rowOf('staging, as it comes', 'staging'),
      rowOf('production, two readers, `OsMetrics`', 'production', (stack) => ({ osMetrics: OsMetrics.fromOsMetricsAttributes(stack, 'OsMetrics'), topology: Topology.aurora({ readers: 2, instance: InstanceSize.of('db.r8g.large') }) }), 3),
    ];
    expect(readFileSync(join(__dirname, '../../lib/alerting/README.md'), 'utf8')).toContain(`\n${rows.join('\n')}\n\n`);
  });
});
