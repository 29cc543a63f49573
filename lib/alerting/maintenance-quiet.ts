import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { Construct } from 'constructs';
import { Duration } from '../core/duration';
import { type MaintenanceWindow, MINUTES_OF_A_WEEK, modulo } from './maintenance-window';
import type { MonitoredDatabase } from './monitored-database';

/** What keeps a composite alarm from telling anybody while another alarm rings: the block `actions_suppressor`. */
export interface Suppressor {
  /** Name of the alarm. */
  readonly alarm: string;
  /**
   * Seconds that a composite alarm waits for the suppressor **whenever** it goes off, not only near a window: they are part of the time
   * until somebody is told.
   */
  readonly waitPeriod: number;
  /** Seconds after the end in which an alarm that is still on tells nobody yet. */
  readonly extensionPeriod: number;
}

export interface MaintenanceQuietProps {
  readonly window: MaintenanceWindow;
  /** Whose metrics give the alarm its clock. A Multi-AZ DB cluster has them by its instances only, so that it names them, and that it has no roles. */
  readonly database: Pick<MonitoredDatabase, 'dimension'> & Partial<Pick<MonitoredDatabase, 'hasRoles' | 'instanceIdentifiers'>>;
  /** @default - `<identifier>-maintenance` */
  readonly alarmName?: string;
}

/** CloudWatch sees the clock only through metrics, a few minutes late: so that nothing rings at the start, quiet begins this much before the window. */
export const QUIET_BEFORE = Duration.minutes(5);
/** The least: the suppressor rings before the window, so that nothing has to wait for it. */
const WAIT_SECONDS = 1;
/** Two evaluations of a standard alarm: AWS recommends one minute for one, in "Composite alarm action suppression". */
const EXTENSION_SECONDS = 120;

/**
 * An alarm that rings exactly while maintenance may go on, and tells nobody: composite alarms take it as their suppressor.
 *
 * It is computed from the clock by metric math, and nothing is switched: there is no state that could be left behind, so that alarms cannot stay
 * off when something fails. If its metric were to vanish it would be OK (missing data is not breaching), and alarms would ring in the window too.
 */
export class MaintenanceQuiet extends Construct {
  readonly suppressor: Suppressor;
  readonly resource: CloudwatchMetricAlarm;

  constructor(scope: Construct, id: string, { window, database, alarmName }: MaintenanceQuietProps) {
    super(scope, id);
    const { dimension } = database;
    const from = modulo(window.startMinute - QUIET_BEFORE.toSeconds() / 60, MINUTES_OF_A_WEEK);
    const until = window.endMinute;
    this.resource = new CloudwatchMetricAlarm(this, 'Resource', {
      alarmName: alarmName ?? `${dimension.value}-maintenance`,
      alarmDescription: `In ALARM while AWS may maintain ${dimension.value} (${window.toString()} UTC, and ${QUIET_BEFORE} before). It keeps other alarms quiet and is no fault.`,
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      threshold: 1,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      treatMissingData: 'notBreaching',
      // DAY (1 is Monday), HOUR and MINUTE are of UTC, and have a value for every period of the metric, also while the metric itself has none:
      // CloudWatch User Guide, "Using metric math", functions.
      metricQuery: [
        { id: 'clock', metric: { namespace: 'AWS/RDS', metricName: 'CPUUtilization', dimensions: clockOf(database), period: 60, stat: 'SampleCount' }, returnData: false },
        { id: 'minute', expression: '(DAY(clock) - 1) * 1440 + HOUR(clock) * 60 + MINUTE(clock)', label: 'Minute of the week', returnData: false },
        { id: 'quiet', expression: `IF(minute >= ${from} ${from < until ? 'AND' : 'OR'} minute < ${until}, 1, 0)`, label: 'Maintenance', returnData: true },
      ],
    });
    this.suppressor = { alarm: this.resource.alarmName, waitPeriod: WAIT_SECONDS, extensionPeriod: EXTENSION_SECONDS };
  }
}

/** Sums over a cluster are published for Aurora alone: Amazon RDS User Guide, "Amazon CloudWatch dimensions for Amazon RDS". */
function clockOf({ dimension, hasRoles, instanceIdentifiers = [] }: MaintenanceQuietProps['database']): Record<string, string> {
  const [instance] = instanceIdentifiers;
  return hasRoles === false && instance !== undefined ? { DBInstanceIdentifier: instance } : { [dimension.name]: dimension.value };
}
