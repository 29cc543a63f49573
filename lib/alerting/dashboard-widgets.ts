import type { ResolvedAlarm } from './resolve';
import type { MonitoredDatabase } from './monitored-database';

/** A widget as CloudWatch describes it, without its place. Source: Amazon CloudWatch API Reference, Dashboard Body Structure and Syntax. */
export interface DashboardWidget {
  readonly type: 'metric' | 'text' | 'log' | 'alarm' | 'explorer' | 'custom';
  /** Columns, of 24. @default 8 */
  readonly width?: number;
  /** Rows. @default 6 */
  readonly height?: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** `[namespace, name, dimension, value, …, options]`, or the options alone of an expression. */
export type GraphedMetric = readonly unknown[];

export interface GraphOptions {
  readonly title: string;
  readonly region: string;
  readonly metrics: readonly GraphedMetric[];
  readonly period: number;
  readonly thresholds?: readonly { readonly value: number; readonly label: string }[];
  readonly unit?: string;
}

export function graph({ title, region, metrics, period, thresholds, unit }: GraphOptions, width = 8): DashboardWidget {
  return {
    type: 'metric', width, height: 6,
    properties: {
      title, region, metrics, period, view: 'timeSeries', stacked: false,
      yAxis: { left: { showUnits: false, ...(unit === undefined ? {} : { label: unit }), ...(unit === 'Percent' ? { min: 0, max: 100 } : {}) } },
      ...(thresholds === undefined ? {} : { annotations: { horizontal: thresholds } }),
    },
  };
}

const flat = (dimensions: Readonly<Record<string, string>>): string[] => Object.entries(dimensions).flat();

/** The graph of one row of the catalogue: what its alarms look at, of all instances together, and from where on they ring. */
export function graphOfAlarms(alarms: readonly ResolvedAlarm[], region: string): DashboardWidget {
  const [{ definition, window: { period } }] = alarms as [ResolvedAlarm];
  return graph({
    title: `${definition.id} (${definition.severity})`, region, period, unit: definition.unit,
    metrics: alarms.flatMap(metricsOf),
    // Instances of another size have another one.
    thresholds: [...new Set(alarms.map(({ threshold }) => threshold))].map((value) => ({ value, label: `alarm: ${definition.comparison} ${definition.limit}` })),
  });
}

/** Ids are unique in a widget: those of an instance get its number. They are no addresses, so that they may follow positions. */
function metricsOf({ metrics, expression, part, definition }: ResolvedAlarm, index: number): GraphedMetric[] {
  const label = part ?? definition.id;
  if (expression === undefined) return metrics.map(({ namespace, name, dimensions, statistic }) => [namespace, name, ...flat(dimensions), { stat: statistic, label }]);
  const renamed = new Map(metrics.map(({ id }) => [id, `${id}${index}`]));
  return [
    ...metrics.map(({ id, namespace, name, dimensions, statistic }): GraphedMetric => [namespace, name, ...flat(dimensions), { id: renamed.get(id), stat: statistic, visible: false }]),
    [{ id: `result${index}`, expression: expression.replaceAll(/\b[a-z]\w*\b/g, (word) => renamed.get(word) ?? word), label }],
  ];
}

interface Overview {
  readonly title: string;
  readonly unit: string;
  readonly metrics: Readonly<Record<string, string>>;
}

/** What is looked at first, whatever the alarms are: the metrics and their statistics. Source: Amazon RDS and Amazon Aurora User Guides, Amazon CloudWatch metrics. */
const OVERVIEW: readonly Overview[] = [
  { title: 'CPU', unit: 'Percent', metrics: { CPUUtilization: 'Average' } },
  { title: 'Free memory', unit: 'Bytes', metrics: { FreeableMemory: 'Minimum' } },
  { title: 'Disk operations', unit: 'Count/Second', metrics: { ReadIOPS: 'Average', WriteIOPS: 'Average' } },
  { title: 'Connections', unit: 'Count', metrics: { DatabaseConnections: 'Maximum' } },
];

const PERIOD = 60;

/** Processors, memory, disk and connections. Aurora's are searched by role, so that a reader that autoscaling adds is in the graph without a change. */
export function overview({ dimension, hasRoles, instanceIdentifiers }: MonitoredDatabase, region: string): DashboardWidget[] {
  return OVERVIEW.map(({ title, unit, metrics }) => graph({
    title, unit, region, period: PERIOD,
    metrics: Object.entries(metrics).flatMap(([name, statistic], index): GraphedMetric[] => (hasRoles
      ? [[{ id: `e${index}`, expression: `SEARCH('{AWS/RDS,DBClusterIdentifier,Role} MetricName="${name}" DBClusterIdentifier="${dimension.value}"', '${statistic}', ${PERIOD})` }]]
      : instanceIdentifiers.map((instance) => ['AWS/RDS', name, 'DBInstanceIdentifier', instance, { stat: statistic, label: `${name} ${instance}` }]))),
  }, 6));
}

/** States of alarms, as many as one widget shows. */
export function alarmStates(title: string, arns: readonly string[]): DashboardWidget[] {
  return Array.from({ length: Math.ceil(arns.length / MOST_STATES) }, (_, i): DashboardWidget => {
    const alarms = arns.slice(i * MOST_STATES, (i + 1) * MOST_STATES);
    return { type: 'alarm', width: 24, height: 1 + Math.ceil(alarms.length / 6), properties: { title, alarms } };
  });
}

const MOST_STATES = 100;
