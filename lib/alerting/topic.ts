import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import { Construct } from 'constructs';
import { policyDocument, type PolicyStatement } from '../construct/policy-document';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import { type AlertTarget, targetId } from './alert-target';

/**
 * How SNS tries again when an HTTPS endpoint does not answer: 3 times at once, 10 times after 5 to 120 seconds, 20 times after 120 seconds. The whole
 * may take an hour at most: Amazon SNS Developer Guide, "Message delivery retries". Mailboxes have a policy of SNS's own.
 */
export const HTTPS_RETRIES = { numRetries: 33, numNoDelayRetries: 3, minDelayTarget: 5, maxDelayTarget: 120, numMaxDelayRetries: 20, backoffFunction: 'exponential' };
/** The longest that SQS keeps a message. */
const KEPT_SECONDS = 14 * 86_400;

/** A topic of an alert channel and whom it reaches. */
export class AlertTopic extends Construct {
  readonly arn: string;
  /** Undefined where an existing topic is used. */
  readonly resource: SnsTopic | undefined;

  /** @param undelivered - ARN of the queue that takes what cannot be delivered */
  constructor(scope: Construct, id: string, { targets, key, undelivered, publishers }: { targets: readonly AlertTarget[]; key: IEncryptionKey; undelivered: string | undefined; publishers: boolean }) {
    super(scope, id);
    const existing = targets.find((target) => target.kind === 'topic');
    if (existing !== undefined) {
      this.arn = existing.arn;
      return;
    }
    this.resource = new SnsTopic(this, 'Resource', { name: physicalName(this, { max: 256 }), kmsMasterKeyId: key.encryptionKeyArn, signatureVersion: 2 });
    this.arn = this.resource.arn;
    new SnsTopicPolicy(this, 'Policy', { arn: this.arn, policy: policyDocument(...topicStatements(this, this.arn, publishers)) });
    const subscriptions = new Construct(this, 'Subscriptions');
    for (const target of targets) {
      if (target.kind === 'topic') continue;
      new SnsTopicSubscription(subscriptions, targetId(target) ?? '', {
        topicArn: this.arn,
        ...(target.kind === 'email'
          ? { protocol: 'email', endpoint: target.address }
          : { protocol: 'https', endpoint: target.url, endpointAutoConfirms: target.confirmsItself ?? false, rawMessageDelivery: target.raw ?? false, deliveryPolicy: JSON.stringify({ healthyRetryPolicy: HTTPS_RETRIES }) }),
        redrivePolicy: undelivered === undefined ? undefined : JSON.stringify({ deadLetterTargetArn: undelivered }),
      });
    }
  }
}

/**
 * The services that tell of a database, on behalf of this account. What has a role in the account publishes by the role's own policy.
 *
 * EventBridge has no condition because AWS knows none for it: "You can't use Condition blocks in Amazon SNS topic policies for EventBridge" (Amazon EventBridge
 * User Guide, "Using resource-based policies"). Who knows the ARN could have a rule of another account send a false alert; nobody can read one.
 */
function topicStatements(scope: Construct, topic: string, publishers: boolean): PolicyStatement[] {
  const { environment } = EnvironmentStack.of(scope);
  const ofAccount = (source: string) => ({ StringEquals: { 'aws:SourceAccount': environment.account }, ArnLike: { 'aws:SourceArn': source } });
  return [
    ...(publishers
      ? [
        { Sid: 'AlarmsOfTheAccount', Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:Publish', Resource: topic, Condition: ofAccount(environment.arn('cloudwatch', 'alarm:*')) },
        { Sid: 'EventsOfDatabases', Effect: 'Allow', Principal: { Service: 'events.rds.amazonaws.com' }, Action: 'sns:Publish', Resource: topic, Condition: ofAccount(environment.arn('rds', '*')) },
        { Sid: 'RulesOfEventBridge', Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sns:Publish', Resource: topic },
      ] as const
      : []),
    { Sid: 'OnlyEncryptedConnections', Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: topic, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
  ];
}

/** Takes what could not be delivered to whom it was for, and keeps it for two weeks. */
export function undeliveredQueue(scope: Construct, key: IEncryptionKey): SqsQueue {
  const { environment } = EnvironmentStack.of(scope);
  const name = physicalName(scope, { max: 80, suffix: 'undelivered' });
  const arn = environment.arn('sqs', name);
  const from = (service: string, source: string): PolicyStatement => ({
    Sid: `From${service}`, Effect: 'Allow', Principal: { Service: `${service.toLowerCase()}.amazonaws.com` }, Action: 'sqs:SendMessage', Resource: arn, Condition: { ArnLike: { 'aws:SourceArn': source } },
  });
  return new SqsQueue(scope, 'Undelivered', {
    name,
    kmsMasterKeyId: key.encryptionKeyArn,
    messageRetentionSeconds: KEPT_SECONDS,
    policy: policyDocument(
      from('Sns', environment.arn('sns', '*')),
      from('Events', environment.arn('events', 'rule/*')),
      { Sid: 'OnlyEncryptedConnections', Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource: arn, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ),
  });
}
