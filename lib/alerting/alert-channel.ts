import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import type { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import { Construct } from 'constructs';
import { required } from '../construct/imported';
import { EncryptionKey } from '../encryption/encryption-key';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { AlertChannelAttributes, IAlertChannel } from './alert-channel-ref';
import type { AlertTarget } from './alert-target';
import { Escalation, type EscalationStep } from './escalation';
import { type Severity, SEVERITIES } from './severity';
import { AlertTopic, undeliveredQueue } from './topic';
import { validateAlertChannel } from './validate-channel';

export interface AlertChannelProps {
  /**
   * Who is told at once when the service is down, or will be within minutes.
   *
   * @default - nobody, with a warning at synthesis
   */
  readonly critical?: readonly AlertTarget[];
  /**
   * Who is told when somebody has to act within days.
   *
   * @default - nobody, with a warning at synthesis
   */
  readonly warning?: readonly AlertTarget[];
  /**
   * Who is told what happened without anybody having to act.
   *
   * @default - nobody
   */
  readonly info?: readonly AlertTarget[];
  /**
   * Who else is told of a critical alarm that stays on, step by step.
   *
   * @default - nobody
   */
  readonly escalation?: readonly EscalationStep[];
  /**
   * Encrypts topics, what could not be delivered, and escalations. Its policy has to allow the services `sns`, `sqs` and `states`; a key of this library does.
   *
   * @default - the key of the stack, made once
   */
  readonly encryptionKey?: IEncryptionKey;
}

const SHARED_ID = 'AlertChannel';
const ID = { critical: 'Critical', warning: 'Warning', info: 'Info' } as const satisfies Record<Severity, string>;

/** Who is told of alarms and events, by how urgent they are: a topic a severity, encrypted with a key of the account. */
export class AlertChannel extends Construct implements IAlertChannel {
  /** Topics that exist. */
  static fromAlertChannelAttributes(scope: Construct, id: string, attributes: AlertChannelAttributes): IAlertChannel {
    return new ImportedAlertChannel(scope, id, attributes);
  }

  /** The channel of a stack, made once: what constructs use that are not given one. It reaches nobody, and says so at synthesis. */
  static forStack(scope: Construct): IAlertChannel {
    const stack = EnvironmentStack.of(scope);
    return (stack.node.tryFindChild(SHARED_ID) as IAlertChannel | undefined) ?? new AlertChannel(stack, SHARED_ID);
  }

  readonly topics: Readonly<Record<Severity, AlertTopic>>;
  /** What could not be delivered; undefined where nobody is told. */
  readonly undelivered: SqsQueue | undefined;
  readonly escalation: Escalation | undefined;

  constructor(scope: Construct, id: string, props: AlertChannelProps = {}) {
    super(scope, id);
    validateAlertChannel(this, props, scope === EnvironmentStack.of(scope) && id === SHARED_ID);
    const key = props.encryptionKey ?? EncryptionKey.forStack(this);
    const steps = props.escalation ?? [];
    const reached = [...SEVERITIES.flatMap((severity) => props[severity] ?? []), ...steps.flatMap(({ targets }) => targets)];
    this.undelivered = steps.length > 0 || reached.some(({ kind }) => kind !== 'topic') ? undeliveredQueue(this, key) : undefined;
    const topic = (severity: Severity): AlertTopic => new AlertTopic(this, ID[severity], { targets: props[severity] ?? [], key, undelivered: this.undelivered?.arn, publishers: true });
    this.topics = { critical: topic('critical'), warning: topic('warning'), info: topic('info') };
    if (this.undelivered === undefined) return;
    this.#watch(this.undelivered);
    this.escalation = steps.length === 0 ? undefined : new Escalation(this, 'Escalation', { steps, firstTopicArn: this.topicArn('critical'), failureTopicArn: this.topicArn('warning'), undelivered: this.undelivered.arn, encryptionKey: key });
  }

  topicArn(severity: Severity): string {
    return this.topics[severity].arn;
  }

  /** One of several targets may be out of reach while others are not. */
  #watch(queue: SqsQueue): void {
    new CloudwatchMetricAlarm(this, 'UndeliveredAlarm', {
      alarmName: physicalName(this, { max: 255, suffix: 'undelivered' }),
      alarmDescription: `An alert could not be delivered to one of its targets and lies in the queue ${queue.name}: read it, mend the target, and empty the queue.`,
      namespace: 'AWS/SQS', metricName: 'ApproximateNumberOfMessagesVisible', dimensions: { QueueName: queue.name }, statistic: 'Maximum', period: 60,
      comparisonOperator: 'GreaterThanThreshold', threshold: 0, evaluationPeriods: 1, treatMissingData: 'notBreaching',
      alarmActions: [this.topicArn('warning'), this.topicArn('critical')],
    });
  }
}

class ImportedAlertChannel extends Construct implements IAlertChannel {
  readonly #attributes: AlertChannelAttributes;

  constructor(scope: Construct, id: string, attributes: AlertChannelAttributes) {
    super(scope, id);
    this.#attributes = attributes;
  }

  topicArn(severity: Severity): string {
    return required(this, 'AlertChannel', this.#attributes, `${severity}TopicArn`);
  }
}
