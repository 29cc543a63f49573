import { AppautoscalingPolicy, type AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration } from '@cdktf/provider-aws/lib/appautoscaling-policy';
import { AppautoscalingScheduledAction } from '@cdktf/provider-aws/lib/appautoscaling-scheduled-action';
import { AppautoscalingTarget } from '@cdktf/provider-aws/lib/appautoscaling-target';
import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import type { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import type { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import { Construct } from 'constructs';
import type { IAlertChannel } from '../../alerting/alert-channel-ref';
import { type BlindSpot, ignoreChanges } from '../../construct/blind-spot';
import { physicalName } from '../../environment/physical-name';
import type { ReaderMetric, ScaleOn } from './scale-on';
import type { ReaderScalingProps, ScheduledReaders } from './scaling-props';
import { policiesOf } from './validate';

export interface ReaderScalingContext {
  readonly cluster: RdsCluster;
  /** As text, because dimensions of metrics name it. */
  readonly clusterIdentifier: string;
  /** The declared ones: as long as they are not there, AWS would make readers in their place. */
  readonly instances: readonly RdsClusterInstance[];
  readonly scaling: ReaderScalingProps;
  /** Is told, as a warning, that the maximum is reached. @default - nobody */
  readonly alerts?: IAlertChannel;
}

const DIMENSION = 'rds:cluster:ReadReplicaCount';

/**
 * Readers of Aurora that AWS adds and removes. They have the writer's class, promotion tier 15 and names from `application-autoscaling-` on, and are not in
 * Terraform's state.
 */
export class ReaderScaling extends Construct {
  readonly blindSpots: readonly BlindSpot[];
  readonly resource: AppautoscalingTarget;

  constructor(scope: Construct, id: string, context: ReaderScalingContext) {
    super(scope, id);
    const { cluster, clusterIdentifier, instances, scaling } = context;
    const { minimum, maximum, schedule = [] } = scaling;
    this.resource = new AppautoscalingTarget(this, 'Resource', {
      serviceNamespace: 'rds', scalableDimension: DIMENSION, resourceId: `cluster:${cluster.id}`, minCapacity: minimum, maxCapacity: maximum, dependsOn: [...instances],
    });
    const policies = new Construct(this, 'Policies');
    for (const policy of policiesOf(scaling)) this.#follow(policies, policy, context);
    const actions = new Construct(this, 'Schedule');
    for (const entry of schedule) this.#schedule(actions, entry, clusterIdentifier);
    this.blindSpots = schedule.length === 0 ? [] : ['min_capacity', 'max_capacity'].map((argument) => ignoreChanges(this.resource, {
      argument, reason: 'the schedule changes it, and an apply at noon would take back what the morning asked for', source: 'AWS, Scheduled scaling for Application Auto Scaling',
    }));
    if (context.alerts !== undefined) this.#tellOfMaximum(context.alerts, context);
  }

  #follow(scope: Construct, policy: ScaleOn, { clusterIdentifier, scaling: { cooldown = {} } }: ReaderScalingContext): void {
    const configuration: AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration = {
      targetValue: policy.target,
      scaleOutCooldown: cooldown.out?.toSeconds() ?? COOLDOWN,
      scaleInCooldown: cooldown.in?.toSeconds() ?? COOLDOWN,
      ...(policy.predefined === undefined ? {} : { predefinedMetricSpecification: { predefinedMetricType: policy.predefined } }),
      ...(policy.metric === undefined ? {} : { customizedMetricSpecification: specificationOf(policy.metric, clusterIdentifier) }),
    };
    new AppautoscalingPolicy(scope, policy.id, { name: `${clusterIdentifier}-${policy.id}`, policyType: 'TargetTrackingScaling', ...this.#target(), targetTrackingScalingPolicyConfiguration: configuration });
  }

  #schedule(scope: Construct, { name, at, timezone, minimum, maximum }: ScheduledReaders, clusterIdentifier: string): void {
    new AppautoscalingScheduledAction(scope, name, {
      name: `${clusterIdentifier}-${name}`, ...this.#target(), schedule: at, timezone: timezone ?? 'UTC', scalableTargetAction: { minCapacity: String(minimum), maxCapacity: String(maximum) },
    });
  }

  /** By reference, so that policies go before the target, and come back with it. */
  #target(): { serviceNamespace: string; scalableDimension: string; resourceId: string } {
    const { serviceNamespace, scalableDimension, resourceId } = this.resource;
    return { serviceNamespace, scalableDimension, resourceId };
  }

  /** The only event of Application Auto Scaling's that there is: from here on more load is not met by more readers. */
  #tellOfMaximum(alerts: IAlertChannel, { clusterIdentifier, scaling: { maximum } }: ReaderScalingContext): void {
    const rule = new CloudwatchEventRule(this, 'AtMaximum', {
      name: physicalName(this, { max: 64, suffix: 'at-maximum' }),
      description: `${clusterIdentifier} has as many readers as it may have`,
      eventPattern: JSON.stringify({
        'source': ['aws.application-autoscaling'],
        'detail-type': ['Application Auto Scaling Scaling Activity State Change'],
        'detail': { serviceNamespace: ['rds'], scalableDimension: [DIMENSION], resourceId: [`cluster:${clusterIdentifier}`], scaledToMax: [true] },
      }),
    });
    new CloudwatchEventTarget(rule, 'Channel', {
      rule: rule.name,
      arn: alerts.topicArn('warning'),
      inputTransformer: {
        inputPaths: { readers: '$.detail.newDesiredCapacity', maximum: '$.detail.maxCapacity' },
        inputTemplate: JSON.stringify(`${clusterIdentifier} has <readers> readers of at most <maximum>: more load is not met by more readers. Raise scaling.readers.maximum (declared: ${maximum}), or give the instances a larger class.`),
      },
    });
  }
}

/** AWS's default, in seconds; it stands here so that a plan shows it. Source: AWS, Amazon Aurora Auto Scaling with Aurora Replicas. */
const COOLDOWN = 300;

const specificationOf = ({ name, namespace = 'AWS/RDS', statistic = 'Average', dimensions, unit }: Omit<ReaderMetric, 'target'>, clusterIdentifier: string) => {
  const named = dimensions ?? (namespace === 'AWS/RDS' ? { DBClusterIdentifier: clusterIdentifier, Role: 'READER' } : {});
  return { metricName: name, namespace, statistic, ...(unit === undefined ? {} : { unit }), dimensions: Object.entries(named).map(([dimension, value]) => ({ name: dimension, value })) };
};
