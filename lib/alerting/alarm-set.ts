import { CloudwatchCompositeAlarm } from '@cdktf/provider-aws/lib/cloudwatch-composite-alarm';
import type { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { Annotations, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { Complaints } from '../core/errors';
import { listOf } from '../core/text';
import type { AlarmDefinition } from './alarm-definition';
import type { IAlertChannel } from './alert-channel-ref';
import { alarmsFor } from './catalogue';
import { checkOverrides } from './check-overrides';
import { judgeDetection } from './judge-detection';
import type { Suppressor } from './maintenance-quiet';
import { describeAlarm, metricAlarm, whatToDo } from './metric-alarm';
import type { MonitoredDatabase } from './monitored-database';
import { type AlarmOverrides, enabledAlarms, resolveAlarms, type ResolvedAlarm } from './resolve';
import { inAlarm, outageDetection, OUTAGE_CAUSES, SERVICE_DOWN, serviceDownRule } from './service-down';
import type { Severity } from './severity';

export interface AlarmSetProps {
  /** What is watched. Which alarms it gets, with which figures, follows from it. */
  readonly database: MonitoredDatabase;
  /** Who is told: each alarm tells the topic of its severity when it goes on and when it goes off. */
  readonly alerts: IAlertChannel;
  /**
   * By id of the catalogue: another threshold, in the catalogue's unit, or `disabled` with the reason.
   *
   * @default - the catalogue as it is
   */
  readonly overrides?: AlarmOverrides;
  /**
   * What keeps the alarms quiet that maintenance raises by its nature: {@link MaintenanceQuiet.suppressor}.
   *
   * @default - they ring during maintenance too
   */
  readonly quiet?: Suppressor;
  /**
   * Address of the runbooks, without the anchor: for a team that has its own, with the same anchors.
   *
   * @default - the alarms name `npx tenantry explain <alarm>`, which prints those of this library
   */
  readonly runbooks?: string;
  /**
   * The database and its instances: alarms come after them and go before them, because an instance that is not there yet is silent.
   *
   * @default - Terraform makes the alarms whenever it likes, and a new database may ring
   */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * The alarms of one database: those of the catalogue that apply to it, and the composite alarm `service-down`.
 *
 * An objective that they cannot keep is refused.
 */
export class AlarmSet extends Construct {
  /** By id of the catalogue; where there is one for each instance, by `id/instance`. */
  readonly alarms: ReadonlyMap<string, CloudwatchMetricAlarm>;
  /** What the alarms are made of: for dashboards. */
  readonly resolved: readonly ResolvedAlarm[];
  /** On when nobody is served, or when new clients are not. Undefined where no alarm would show it: a database that pauses and exports no log. */
  readonly serviceDown?: CloudwatchCompositeAlarm;
  /** By severity, names of the alarms that tell somebody by themselves. */
  readonly telling: Readonly<Record<Severity, readonly string[]>>;

  /** @throws TenantryError (`input`) for overrides that name no alarm, and objectives that are not kept */
  constructor(scope: Construct, id: string, props: AlarmSetProps) {
    super(scope, id);
    const { database, overrides = {}, quiet } = props;
    const complaints = new Complaints();
    const enabled = enabledAlarms(database, overrides);
    const judged = [...checkOverrides(overrides, database), ...judgeDetection(enabled, database, { quiet })];
    for (const complaint of judged) complaints.add({ ...complaint, at: this.node.path });
    complaints.throwIfAny();

    if (leavesNothing(enabled, database)) {
      Annotations.of(this).addWarning(`No alarm is left that tells when this database is down. Disabled: ${listOf(Object.keys(overrides).filter((name) => 'disabled' in (overrides[name] ?? {})))}.`);
    }

    const telling: Record<Severity, string[]> = { critical: [], warning: [], info: [] };
    this.resolved = resolveAlarms(database, { overrides, quiet });
    const made = this.resolved.map((resolved) => ({ resolved, alarm: this.#makeAlarm(resolved, props, telling) }));
    this.alarms = new Map(made.map(({ resolved, alarm }) => [resolved.key, alarm]));
    this.serviceDown = this.#makeServiceDown(made, props, telling);
    this.telling = telling;
  }

  #makeAlarm(resolved: ResolvedAlarm, props: AlarmSetProps, telling: Record<Severity, string[]>): CloudwatchMetricAlarm {
    const { definition, alarmName } = resolved;
    const told = definition.toldBy !== undefined || (definition.quietInMaintenance && props.quiet !== undefined);
    const topic = props.alerts.topicArn(definition.severity);
    const alarm = metricAlarm(...this.#place(this, resolved), {
      ...resolved, alarmDescription: describeAlarm(definition, resolved.threshold, props.runbooks), label: definition.limit, comparison: definition.comparison,
      ...(told ? {} : { topic }), ...(props.dependsOn === undefined ? {} : { dependsOn: props.dependsOn }),
    });
    if (definition.toldBy !== undefined) return alarm;
    telling[definition.severity].push(told ? this.#makeQuiet(resolved, alarm, topic, props) : alarmName);
    return alarm;
  }

  /** Only a composite alarm can be kept from telling: it tells in the place of the other. */
  #makeQuiet(resolved: ResolvedAlarm, alarm: CloudwatchMetricAlarm, topic: string, { quiet, runbooks }: AlarmSetProps): string {
    const alarmName = `${resolved.alarmName}-outside-maintenance`;
    new CloudwatchCompositeAlarm(...this.#place(this.#group(this, 'Quiet'), resolved), {
      alarmName,
      alarmDescription: describeAlarm(resolved.definition, resolved.threshold, runbooks),
      alarmRule: inAlarm(alarm.alarmName),
      actionsSuppressor: quiet,
      alarmActions: [topic],
      okActions: [topic],
    });
    return alarmName;
  }

  #makeServiceDown(made: readonly { readonly resolved: ResolvedAlarm; readonly alarm: CloudwatchMetricAlarm }[], { database, alerts, runbooks }: AlarmSetProps, telling: Record<Severity, string[]>): CloudwatchCompositeAlarm | undefined {
    const names = new Map<string, string[]>();
    for (const { resolved: { definition: { id } }, alarm } of made) names.set(id, [...(names.get(id) ?? []), alarm.alarmName]);
    const rule = serviceDownRule(names);
    if (rule === undefined) return undefined;
    const alarmName = `${database.dimension.value}-${SERVICE_DOWN}`;
    const topic = alerts.topicArn('critical');
    telling.critical.push(alarmName);
    const meanings = OUTAGE_CAUSES.filter(({ id }) => names.has(id)).map(({ meaning }) => meaning);
    return new CloudwatchCompositeAlarm(this, SERVICE_DOWN, {
      alarmName,
      alarmDescription: `The service is down: ${meanings.join(', or ')}. ${whatToDo(SERVICE_DOWN, runbooks)}`,
      alarmRule: rule,
      // Not kept quiet: maintenance that takes the service down is what has to be told.
      alarmActions: [topic],
      okActions: [topic],
    });
  }

  #place(scope: Construct, { definition: { id }, part }: ResolvedAlarm): [Construct, string] {
    return part === undefined ? [scope, id] : [this.#group(scope, `${id}-of`), part];
  }

  #group(scope: Construct, id: string): Construct {
    return scope.node.tryFindChild(id) ?? new Construct(scope, id);
  }
}

/** Whether what was disabled would have told of an outage, and nothing else does. */
const leavesNothing = (enabled: readonly AlarmDefinition[], database: MonitoredDatabase): boolean => outageDetection(enabled, database) === undefined && outageDetection(alarmsFor(database), database) !== undefined;
