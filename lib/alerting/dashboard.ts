import { CloudwatchDashboard } from '@cdktf/provider-aws/lib/cloudwatch-dashboard';
import { Construct } from 'constructs';
import { type Complaint, Complaints } from '../core/errors';
import { count, nearest } from '../core/text';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { AlarmSet } from './alarm-set';
import { alarmStates, type DashboardWidget, graphOfAlarms, overview } from './dashboard-widgets';
import type { MonitoredDatabase } from './monitored-database';
import type { ResolvedAlarm } from './resolve';
import { SEVERITIES } from './severity';

export interface DashboardOptions {
  /**
   * Ids of the alarm catalogue that get no graph. Their alarms stay, and their states too.
   *
   * @default - every row that applies has one
   */
  readonly omit?: readonly string[];
  /**
   * More widgets, below the others: as CloudWatch describes them, without their place. `${LABEL}` and its like stay as they are.
   *
   * @default - none
   */
  readonly extraWidgets?: readonly DashboardWidget[];
}

export interface DatabaseDashboardProps extends DashboardOptions {
  readonly database: MonitoredDatabase;
  /** The alarms whose signals are shown. */
  readonly alarms: Pick<AlarmSet, 'resolved' | 'serviceDown'>;
}

/** Source: Amazon CloudWatch User Guide, CloudWatch service quotas. What is only used in an expression counts too. */
const LIMITS = { widgets: 500, metricsOfAWidget: 500, metrics: 2500 };
const COLUMNS = 24;
const STANDARD = { width: 8, height: 6 };

/** A dashboard of one database, made of the same catalogue as its alarms: their states, what is looked at first, and each signal with the line from which on it rings. */
export class DatabaseDashboard extends Construct {
  readonly dashboardName: string;
  readonly resource: CloudwatchDashboard;

  constructor(scope: Construct, id: string, props: DatabaseDashboardProps) {
    super(scope, id);
    const { omit = [], extraWidgets = [], alarms: { resolved } } = props;
    const widgets = [...this.#head(props), ...overview(props.database, this.#region), ...this.#graphs(resolved, omit), ...extraWidgets];
    const complaints = new Complaints();
    for (const complaint of [...checkOmitted(omit, resolved), ...checkExtra(extraWidgets), ...checkSize(widgets)]) complaints.add({ at: this.node.path, ...complaint });
    complaints.throwIfAny();

    this.dashboardName = physicalName(this, { max: 255 });
    this.resource = new CloudwatchDashboard(this, 'Resource', { dashboardName: this.dashboardName, dashboardBody: template({ start: '-PT3H', widgets: placed(widgets) }) });
  }

  get #region(): string {
    return EnvironmentStack.of(this).environment.region;
  }

  #head({ database, alarms: { resolved, serviceDown } }: DatabaseDashboardProps): DashboardWidget[] {
    const { environment } = EnvironmentStack.of(this);
    const identifier = database.dimension.value;
    const down = serviceDown === undefined ? [] : [`${identifier}-service-down`];
    const markdown = `# ${identifier}\n${environment.platform} · ${environment.name} · ${this.#region}. Made by code from the alarm catalogue: what is changed here is overwritten. What to do: npx tenantry explain <alarm>`;
    return [
      { type: 'text', width: COLUMNS, height: 2, properties: { markdown } },
      ...SEVERITIES.flatMap((severity) => {
        const names = resolved.filter(({ definition }) => definition.severity === severity).map(({ alarmName }) => alarmName);
        return alarmStates(`Alarms: ${severity}`, [...(severity === 'critical' ? down : []), ...names].map((name) => environment.arn('cloudwatch', `alarm:${name}`)));
      }),
    ];
  }

  #graphs(resolved: readonly ResolvedAlarm[], omit: readonly string[]): DashboardWidget[] {
    const byId = new Map<string, ResolvedAlarm[]>();
    for (const alarm of resolved) byId.set(alarm.definition.id, [...(byId.get(alarm.definition.id) ?? []), alarm]);
    return [...byId].filter(([id]) => !omit.includes(id)).map(([, alarms]) => graphOfAlarms(alarms, this.#region));
  }
}

/** Rows from the left, each as high as its highest. */
function placed(widgets: readonly DashboardWidget[]): readonly Readonly<Record<string, unknown>>[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return widgets.map(({ type, width = STANDARD.width, height = STANDARD.height, properties }) => {
    if (x + width > COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const place = { type, x, y, width, height, properties };
    x += width;
    rowHeight = Math.max(rowHeight, height);
    return place;
  });
}

/** Terraform would evaluate what begins like one of its expressions; what CDKTF stands for it stays. */
const template = (body: unknown): string => JSON.stringify(body).replaceAll(/([$%])\{(?!TfToken\[)/g, '$1$1{');

function checkOmitted(omit: readonly string[], resolved: readonly ResolvedAlarm[]): Complaint[] {
  const known = [...new Set(resolved.map(({ definition }) => definition.id))];
  return omit.filter((id) => !known.includes(id)).map((id): Complaint => {
    const near = nearest(id, known);
    return {
      code: 'alerting/dashboard-omit',
      problem: `omit names ${JSON.stringify(id)}, and this database has no such alarm.`,
      fix: near === undefined ? `It has ${known.join(', ')}.` : `Is '${near}' meant?`,
    };
  });
}

function checkExtra(widgets: readonly DashboardWidget[]): Complaint[] {
  const whole = (value: number | undefined, most: number): boolean => value === undefined || (Number.isInteger(value) && value >= 1 && value <= most);
  return widgets.flatMap(({ width, height }, index): Complaint[] => (whole(width, COLUMNS) && whole(height, 1000) ? [] : [{
    code: 'alerting/dashboard-widget',
    problem: `extraWidgets[${index}] is ${width ?? STANDARD.width} columns wide and ${height ?? STANDARD.height} rows high; 1 to ${COLUMNS} columns and 1 to 1,000 rows are allowed.`,
    fix: `Leave both out for ${STANDARD.width} and ${STANDARD.height}.`,
  }]));
}

function checkSize(widgets: readonly DashboardWidget[]): Complaint[] {
  const metrics = widgets.map(({ properties }) => (Array.isArray(properties['metrics']) ? properties['metrics'].length : 0));
  const [most, total] = [Math.max(...metrics), metrics.reduce((a, b) => a + b, 0)];
  const found = [
    [widgets.length, LIMITS.widgets, 'widget', 'The dashboard has'], [most, LIMITS.metricsOfAWidget, 'metric', 'One widget has'], [total, LIMITS.metrics, 'metric', 'The dashboard has'],
  ] as const;
  return found.filter(([given, limit]) => given > limit).map(([given, limit, what, where]): Complaint => ({
    code: 'alerting/dashboard-size', problem: `${where} ${count(given, what)}; CloudWatch takes ${limit.toLocaleString('en-US')}.`, fix: 'Leave rows out with omit, or give fewer extraWidgets.', source: 'Amazon CloudWatch User Guide, CloudWatch service quotas',
  }));
}
