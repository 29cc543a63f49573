import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { SfnStateMachine } from '@cdktf/provider-aws/lib/sfn-state-machine';
import { Construct } from 'constructs';
import { logGroup } from '../construct/log-group';
import { policyDocument, type PolicyStatement, trustService } from '../construct/policy-document';
import type { Duration } from '../core/duration';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { AlertTarget } from './alert-target';
import { type BoundStep, escalationMachine } from './escalation-machine';
import { AlertTopic } from './topic';

/** Who else is told of a critical alarm that stays on. */
export interface EscalationStep {
  /** Since the alarm went off: whole seconds, 1 minute to 7 days, and later than the step before. */
  readonly after: Duration;
  readonly targets: readonly AlertTarget[];
  /**
   * Part of the addresses of the step's topic and subscriptions. With one, `after` can change without mailboxes being asked for confirmation again.
   *
   * @default - made of `after`
   */
  readonly name?: string;
}

export interface EscalationProps {
  readonly steps: readonly EscalationStep[];
  /** ARN of the topic of those that are told at once. Every alarm that has it among its actions is escalated. */
  readonly firstTopicArn: string;
  /** ARN of the topic that is told when an escalation itself fails. */
  readonly failureTopicArn: string;
  /** ARN of the queue that takes what cannot be delivered. */
  readonly undelivered: string;
  readonly encryptionKey: IEncryptionKey;
}

export const stepName = ({ name, after }: EscalationStep): string => name ?? `after-${after.toSeconds()}-seconds`;
const MACHINES = 'states.amazonaws.com';

/** An alarm that stays on is told to others: EventBridge starts a state machine, which waits and looks again. No code of ours runs. */
export class Escalation extends Construct {
  readonly resource: SfnStateMachine;

  constructor(scope: Construct, id: string, props: EscalationProps) {
    super(scope, id);
    const { encryptionKey: key } = props;
    const { environment } = EnvironmentStack.of(this);
    const topics = new Construct(this, 'Steps');
    const steps = props.steps.map((step) => ({ ...step, topic: new AlertTopic(topics, stepName(step), { targets: step.targets, key, undelivered: props.undelivered, publishers: false }) }));
    const bound = steps.map(({ after, topic }): BoundStep => ({ after, topicArn: topic.arn }));
    const name = physicalName(this, { max: 80 });
    const arn = environment.arn('states', `stateMachine:${name}`);

    const role = new IamRole(this, 'Role', { name: physicalName(this, { max: 64 }), assumeRolePolicy: trustService(MACHINES, environment.account) });
    const policy = new IamRolePolicy(role, 'Policy', {
      name: 'escalate', role: role.name,
      policy: policyDocument(
        // Composite alarms are shown only to who may see all alarms: CloudWatch API Reference, DescribeAlarms.
        { Sid: 'SeeAlarms', Effect: 'Allow', Action: 'cloudwatch:DescribeAlarms', Resource: '*' },
        { Sid: 'TellOthers', Effect: 'Allow', Action: 'sns:Publish', Resource: bound.map(({ topicArn }) => topicArn) },
        ...keyStatements(this, arn, key, steps.filter(({ topic }) => topic.resource === undefined).map(({ topic }) => topic.arn)),
        { Sid: 'DeliverLogs', Effect: 'Allow', Action: LOG_DELIVERY, Resource: '*' },
      ),
    });
    const logs = logGroup(this, 'Logs', `/aws/vendedlogs/states/${name}`, key);
    this.resource = new SfnStateMachine(this, 'Resource', {
      name,
      type: 'STANDARD',
      roleArn: role.arn,
      definition: JSON.stringify(escalationMachine(environment.partition, props.firstTopicArn, bound)),
      encryptionConfiguration: { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: key.encryptionKeyArn, kmsDataKeyReusePeriodSeconds: 300 },
      loggingConfiguration: { level: 'ERROR', includeExecutionData: false, logDestination: `${logs.arn}:*` },
      // It tries its role when it is made.
      dependsOn: [policy],
    });
    this.#start(props.undelivered);
    new CloudwatchMetricAlarm(this, 'Failed', {
      alarmName: `${name}-failed`,
      alarmDescription: 'An escalation of a critical alarm ended with an error, so that somebody may not have been told: look at the executions of the state machine.',
      namespace: 'AWS/States', metricName: 'ExecutionsFailed', dimensions: { StateMachineArn: this.resource.arn }, statistic: 'Sum', period: 60,
      comparisonOperator: 'GreaterThanThreshold', threshold: 0, evaluationPeriods: 1, treatMissingData: 'notBreaching',
      alarmActions: [props.failureTopicArn],
    });
  }

  #start(undelivered: string): void {
    const { environment } = EnvironmentStack.of(this);
    const rule = new CloudwatchEventRule(this, 'Rule', {
      name: physicalName(this, { max: 64 }),
      description: 'An alarm went off',
      eventPattern: JSON.stringify({
        'source': ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
        // An alarm that becomes quiet or loud while it is on changes too, and has been started already.
        'detail': { state: { value: ['ALARM'] }, previousState: { value: [{ 'anything-but': ['ALARM'] }] } },
      }),
    });
    const role = new IamRole(this, 'StartRole', { name: physicalName(this, { max: 64, suffix: 'start' }), assumeRolePolicy: trustService('events.amazonaws.com', environment.account) });
    new IamRolePolicy(role, 'Policy', { name: 'start', role: role.name, policy: policyDocument({ Sid: 'Start', Effect: 'Allow', Action: 'states:StartExecution', Resource: this.resource.arn }) });
    new CloudwatchEventTarget(this, 'Target', { rule: rule.name, targetId: 'escalation', arn: this.resource.arn, roleArn: role.arn, inputPath: '$.detail', deadLetterConfig: { arn: undelivered } });
  }
}

/** AWS Step Functions Developer Guide, "Logging using CloudWatch Logs": they know no resource. */
const LOG_DELIVERY = [
  'logs:CreateLogDelivery', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery', 'logs:DeleteLogDelivery', 'logs:ListLogDeliveries',
  'logs:PutResourcePolicy', 'logs:DescribeResourcePolicies', 'logs:DescribeLogGroups',
];

/** AWS Step Functions Developer Guide, "Data at rest encryption", and Amazon SNS Developer Guide, "Configuring AWS KMS permissions". */
function keyStatements(scope: Construct, machineArn: string, key: IEncryptionKey, foreignTopics: readonly string[]): PolicyStatement[] {
  const { environment } = EnvironmentStack.of(scope);
  const throughSns = { 'kms:ViaService': `sns.${environment.region}.amazonaws.com` };
  const use = ['kms:Decrypt', 'kms:GenerateDataKey*'];
  const own = key.encryptionKeyArn;
  return [
    { Sid: 'EncryptExecutions', Effect: 'Allow', Action: use, Resource: own, Condition: { StringEquals: { 'kms:EncryptionContext:aws:states:stateMachineArn': machineArn } } },
    { Sid: 'EncryptMessages', Effect: 'Allow', Action: use, Resource: own, Condition: { StringEquals: throughSns } },
    { Sid: 'EncryptLogs', Effect: 'Allow', Action: 'kms:GenerateDataKey', Resource: own, Condition: { StringEquals: { 'kms:EncryptionContext:SourceArn': environment.arn('logs', '*') } } },
    // The key of a topic that exists is not known here; the topic is.
    ...(foreignTopics.length === 0 ? [] : [{ Sid: 'EncryptForOthers', Effect: 'Allow', Action: use, Resource: '*', Condition: { StringEquals: { ...throughSns, 'kms:EncryptionContext:aws:sns:topicArn': foreignTopics } } } as const]),
  ];
}
