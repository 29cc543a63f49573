import type { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { Complaints } from '../core/errors';
import type { IAlertChannel } from './alert-channel-ref';
import { POOL_ALARMS, type PoolAlarmDefinition, type PoolRole } from './catalogue/pools';
import { complaintsAbout, type Overridable } from './check-overrides';
import { describeAlarm, metricAlarm } from './metric-alarm';
import type { AlarmOverrides } from './resolve';

export interface PoolAlarmsProps {
  /** Dimension of its metrics. */
  readonly proxyName: string;
  readonly alerts: IAlertChannel;
  /** Whether the pool has an address that leads to readers. @default false */
  readonly hasReaderEndpoint?: boolean;
  /** By id: another threshold, or `disabled` with the reason. @default - as the README of lib/connection-pool lists them */
  readonly overrides?: AlarmOverrides;
  /** Address of the runbooks, without the anchor. @default - the alarms name `npx tenantry explain <alarm>`, which prints those of this library */
  readonly runbooks?: string;
  /** @default - Terraform makes the alarms whenever it likes */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** RDS Proxy calls the only target group that a proxy can have so. */
const TARGET_GROUP = 'default';
const TARGET_ROLES: Readonly<Record<PoolRole, string>> = { writer: 'READ_WRITE', readers: 'READ_ONLY' };
const PRINTED = 'The README of lib/connection-pool prints all of them.';

/** The alarms of one connection pool. */
export class PoolAlarms extends Construct {
  /** By id. */
  readonly alarms: ReadonlyMap<string, CloudwatchMetricAlarm>;

  /** @throws TenantryError (`input`) for overrides that name no alarm, give no reason or no threshold */
  constructor(scope: Construct, id: string, { proxyName, alerts, hasReaderEndpoint = false, overrides = {}, runbooks, dependsOn }: PoolAlarmsProps) {
    super(scope, id);
    const applies = ({ role }: PoolAlarmDefinition): boolean => role !== 'readers' || hasReaderEndpoint;
    const complaints = new Complaints();
    for (const complaint of complaintsAbout(overrides, POOL_ALARMS.map((definition): Overridable => ({
      id: definition.id, unit: definition.unit, usual: () => definition.threshold, ...(applies(definition) ? {} : { onlyFor: 'pools with readOnlyEndpoint' }),
    })), PRINTED)) complaints.add({ ...complaint, at: this.node.path });
    complaints.throwIfAny();
    const wanted = POOL_ALARMS.filter((definition) => applies(definition) && !('disabled' in (overrides[definition.id] ?? {})));
    this.alarms = new Map(wanted.map((definition) => {
      const override = overrides[definition.id];
      const threshold = override !== undefined && 'threshold' in override ? override.threshold : definition.threshold;
      const dimensions = { ProxyName: proxyName, ...(definition.role === undefined ? {} : { TargetGroup: TARGET_GROUP, TargetRole: TARGET_ROLES[definition.role] }) };
      return [definition.id, metricAlarm(this, definition.id, {
        ...definition, threshold, alarmName: `${proxyName}-${definition.id}`, alarmDescription: describeAlarm(definition, threshold, runbooks), label: definition.limit,
        metrics: Object.entries(definition.metrics).map(([key, { name, statistic }]) => ({ id: key, namespace: 'AWS/RDS', name, statistic, dimensions })),
        topic: alerts.topicArn(definition.severity), ...(dependsOn === undefined ? {} : { dependsOn }),
      })] as const;
    }));
  }
}
