import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { AlarmSet } from '../alerting/alarm-set';
import type { IAlertChannel } from '../alerting/alert-channel-ref';
import { type DashboardOptions, DatabaseDashboard } from '../alerting/dashboard';
import { DatabaseEvents } from '../alerting/database-events';
import { LogMetrics } from '../alerting/log-metrics';
import { MaintenanceQuiet } from '../alerting/maintenance-quiet';
import type { MaintenanceWindow } from '../alerting/maintenance-window';
import type { MonitoredDatabase } from '../alerting/monitored-database';
import type { IOsMetrics } from '../alerting/os-metrics-ref';
import type { AlarmOverrides } from '../alerting/resolve';

/** Who is told of what. */
export interface MonitoringProps {
  /**
   * Where alarms and events go.
   *
   * @default - topics of the stack, made once, that nobody has subscribed to: synthesis warns of it
   */
  readonly alerts?: IAlertChannel;
  /**
   * What makes metrics of high resolution out of the operating systems of the account. Without it nothing tells within a minute that a database is down.
   *
   * @default - none: an objective `notifyWithin` that needs it is refused, and that of the environment is not kept, with a warning
   */
  readonly osMetrics?: IOsMetrics;
  /**
   * Alarms with another threshold, or without, by id of the catalogue and with a reason.
   *
   * @default - the catalogue as it is
   */
  readonly alarms?: AlarmOverrides;
  /**
   * What the dashboard shows besides the catalogue, and what not.
   *
   * @default - the catalogue
   */
  readonly dashboard?: DashboardOptions;
  /**
   * Address of the runbooks that alarms name, without the anchor.
   *
   * @default - the alarms name `npx tenantry explain <alarm>`, which prints those of this library
   */
  readonly runbooks?: string;
}

export interface ClusterMonitoringProps extends MonitoringProps {
  readonly alerts: IAlertChannel;
  readonly database: MonitoredDatabase;
  readonly logGroups: Readonly<Record<string, { readonly name: string }>>;
  readonly maintenanceWindow: MaintenanceWindow;
  /** The database and its instances. */
  readonly watched: readonly ITerraformDependable[];
}

/** What watches one database: counters in its logs, alarms, events, a dashboard, and quiet while AWS maintains it. */
export class ClusterMonitoring extends Construct {
  /** What the catalogue knows of the database: for dashboards and alarms of one's own. */
  readonly database: MonitoredDatabase;
  readonly alarms: AlarmSet;
  readonly events: DatabaseEvents;
  readonly logMetrics: LogMetrics;
  readonly dashboard: DatabaseDashboard;

  constructor(scope: Construct, id: string, { database, logGroups, maintenanceWindow, watched, alerts, alarms, dashboard, runbooks }: ClusterMonitoringProps) {
    super(scope, id);
    this.database = database;
    this.logMetrics = new LogMetrics(this, 'LogMetrics', { database, logGroups });
    const { suppressor } = new MaintenanceQuiet(this, 'Maintenance', { window: maintenanceWindow, database });
    this.alarms = new AlarmSet(this, 'Alarms', { database, alerts, quiet: suppressor, dependsOn: watched, ...(alarms === undefined ? {} : { overrides: alarms }), ...(runbooks === undefined ? {} : { runbooks }) });
    this.dashboard = new DatabaseDashboard(this, 'Dashboard', { database, alarms: this.alarms, ...dashboard });
    this.events = new DatabaseEvents(this, 'Events', { alerts, database, dependsOn: watched });
  }
}
