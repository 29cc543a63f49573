import { CloudwatchDashboard } from '@cdktf/provider-aws/lib/cloudwatch-dashboard';
import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { CloudwatchCompositeAlarm } from '@cdktf/provider-aws/lib/cloudwatch-composite-alarm';
import { describe, expect, it } from 'vitest';
import { AlarmSet } from '../../lib/alerting/alarm-set';
import { DatabaseDashboard, type DashboardOptions } from '../../lib/alerting/dashboard';
import type { MonitoredDatabase } from '../../lib/alerting/monitored-database';
import { Size } from '../../lib/core/size';
import { flawsOf } from '../support/cloudwatch/dashboard-body';
import { expectRefusal, type Json, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';
import { DATABASES } from './databases';
import { importedChannel, monitoredDatabase } from './fixture';

function make(database: MonitoredDatabase, options: DashboardOptions = {}): SynthesizedStack {
  const stack = testStack();
  const alarms = new AlarmSet(stack, 'Alarms', { database, alerts: importedChannel(stack) });
  new DatabaseDashboard(stack, 'Dashboard', { database, alarms, ...options });
  return synthesizeStack(stack);
}
const bodyOf = (stack: SynthesizedStack): string => stack.resource(CloudwatchDashboard).dashboard_body;
const widgetsOf = (stack: SynthesizedStack): Json[] => JSON.parse(bodyOf(stack)).widgets;

const KINDS: [string, MonitoredDatabase][] = [...Object.entries(DATABASES), ['Aurora with readers of another size', { ...DATABASES['Aurora PostgreSQL'], otherSizes: { 'shop-b': { vcpu: 8, memory: Size.gibibytes(64), maxConnections: 5000 } } }]];
const RDS = DATABASES['RDS PostgreSQL, Multi-AZ instance'];

describe('a dashboard', () => {
  it.each(KINDS)('[ASM-4.5] of %s has the form that CloudWatch describes, and is the same in every run', (_kind, database) => {
    const body = bodyOf(make(database));
    expect(flawsOf(body)).toEqual([]);
    expect(bodyOf(make(database))).toBe(body);
  });

  it.each(KINDS)('of %s shows the state of each alarm, and each signal with the threshold of its alarm', (_kind, database) => {
    const stack = make(database);
    const widgets = widgetsOf(stack);
    const shown = widgets.filter(({ type }) => type === 'alarm').flatMap(({ properties: { alarms } }) => alarms as string[]).map((arn) => arn.slice(arn.indexOf(':alarm:') + ':alarm:'.length));
    const made = [...stack.resources(CloudwatchMetricAlarm), ...stack.resources(CloudwatchCompositeAlarm)].map(({ arguments: { alarm_name } }) => alarm_name as string);
    expect(shown.sort()).toEqual(made.sort());

    for (const { arguments: { alarm_name, threshold, metric_name, namespace, dimensions, metric_query } } of stack.resources(CloudwatchMetricAlarm)) {
      const metrics: [string, string, Json][] = metric_query === undefined ? [[namespace, metric_name, dimensions]] : metric_query.filter(({ metric }: Json) => metric !== undefined).map(({ metric }: Json) => [metric.namespace, metric.metric_name, metric.dimensions]);
      const graphs = widgets.filter(({ properties: { annotations } }) => annotations?.horizontal.some(({ value }: Json) => value === threshold));
      for (const [space, name, of] of metrics) {
        const wanted = JSON.stringify([space, name, ...Object.entries<string>(of ?? {}).flat()]);
        expect(graphs.some(({ properties }) => properties.metrics.some((one: Json[]) => JSON.stringify(one.filter((part) => typeof part === 'string')) === wanted)), `${alarm_name}: ${wanted}`).toBe(true);
      }
    }
  });

  it('[DBAAS-4.3] shows processors, memory, disk and connections first; of Aurora by role, so that readers that come later are in it', () => {
    const aurora = widgetsOf(make(monitoredDatabase())).filter(({ width }) => width === 6);
    expect(aurora.map(({ properties: { title, metrics } }) => [title, ...metrics.map(([{ expression }]: Json[]) => expression)])).toEqual([
      ['CPU', "SEARCH('{AWS/RDS,DBClusterIdentifier,Role} MetricName=\"CPUUtilization\" DBClusterIdentifier=\"shop\"', 'Average', 60)"],
      ['Free memory', "SEARCH('{AWS/RDS,DBClusterIdentifier,Role} MetricName=\"FreeableMemory\" DBClusterIdentifier=\"shop\"', 'Minimum', 60)"],
      ['Disk operations', "SEARCH('{AWS/RDS,DBClusterIdentifier,Role} MetricName=\"ReadIOPS\" DBClusterIdentifier=\"shop\"', 'Average', 60)", "SEARCH('{AWS/RDS,DBClusterIdentifier,Role} MetricName=\"WriteIOPS\" DBClusterIdentifier=\"shop\"', 'Average', 60)"],
      ['Connections', "SEARCH('{AWS/RDS,DBClusterIdentifier,Role} MetricName=\"DatabaseConnections\" DBClusterIdentifier=\"shop\"', 'Maximum', 60)"],
    ]);
    const ofRds = make(RDS);
    // The same are alarmed on; the disk by its operations against what was bought.
    const alarmed = JSON.stringify(ofRds.resources(CloudwatchMetricAlarm).map(({ arguments: args }) => args));
    for (const name of ['CPUUtilization', 'FreeableMemory', 'ReadIOPS', 'WriteIOPS', 'DatabaseConnections']) expect(alarmed).toContain(`"${name}"`);
    const rds = widgetsOf(ofRds).filter(({ width }) => width === 6);
    expect(rds.map(({ properties: { metrics } }) => metrics.map((metric: Json[]) => metric.slice(0, 4)))).toEqual([
      [['AWS/RDS', 'CPUUtilization', 'DBInstanceIdentifier', 'shop']], [['AWS/RDS', 'FreeableMemory', 'DBInstanceIdentifier', 'shop']],
      [['AWS/RDS', 'ReadIOPS', 'DBInstanceIdentifier', 'shop'], ['AWS/RDS', 'WriteIOPS', 'DBInstanceIdentifier', 'shop']], [['AWS/RDS', 'DatabaseConnections', 'DBInstanceIdentifier', 'shop']],
    ]);
  });

  it('leaves graphs out and takes others in, and the alarms stay', () => {
    const extra = { type: 'metric', width: 24, properties: { title: 'Orders', region: 'eu-central-1', view: 'timeSeries', period: 60, metrics: [['Shop', 'Orders', { label: 'orders ${LAST}' }]] } } as const;
    const stack = make(monitoredDatabase(), { omit: ['cpu'], extraWidgets: [extra, { type: 'text', properties: { markdown: '%{if}' } }] });
    const body = bodyOf(stack);
    // Terraform reads $${ as ${.
    expect(body).toContain('orders $${LAST}');
    expect(body).toContain('%%{if}');
    const widgets: Json[] = JSON.parse(body.replaceAll('$${', '${').replaceAll('%%{', '%{')).widgets;
    expect(widgets.filter(({ properties: { title } }) => String(title).startsWith('cpu (')).length).toBe(0);
    expect(widgets.slice(-2).map(({ properties, width }) => [properties, width])).toEqual([[extra.properties, 24], [{ markdown: '%{if}' }, 8]]);
    expect(flawsOf(JSON.stringify({ widgets }))).toEqual([]);
    expect(stack.resources(CloudwatchMetricAlarm).some(({ arguments: { alarm_name } }) => alarm_name === 'shop-cpu')).toBe(true);
  });

  it('refuses what CloudWatch would refuse, all at once', () => {
    expectRefusal(() => make(monitoredDatabase(), { omit: ['cpuu'], extraWidgets: Array.from({ length: 500 }, () => ({ type: 'text', width: 25, properties: { markdown: 'x' } }) as const).slice(0, 1) }), ['alerting/dashboard-omit', 'alerting/dashboard-widget'], `alerting/dashboard-omit  at staging-data/Dashboard

  omit names "cpuu", and this database has no such alarm.

  Is 'cpu' meant?

alerting/dashboard-widget  at staging-data/Dashboard

  extraWidgets[0] is 25 columns wide and 6 rows high; 1 to 24 columns and 1 to 1,000 rows are allowed.

  Leave both out for 8 and 6.`);
    const metrics = Array.from({ length: 501 }, (_, i) => ['Shop', `Orders${i}`]);
    expectRefusal(() => make(monitoredDatabase(), { extraWidgets: [{ type: 'metric', properties: { metrics } }] }), 'alerting/dashboard-size', `alerting/dashboard-size  at staging-data/Dashboard

  One widget has 501 metrics; CloudWatch takes 500.

  Leave rows out with omit, or give fewer extraWidgets.

  Source: Amazon CloudWatch User Guide, CloudWatch service quotas`);
  });
});
