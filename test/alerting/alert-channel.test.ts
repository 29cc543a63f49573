import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import { Lazy } from 'cdktf';
import type { IConstruct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { AlertChannel, type AlertChannelProps, AlertTarget, SEVERITIES } from '../../lib/alerting';
import { HTTPS_RETRIES } from '../../lib/alerting/topic';
import { Duration } from '../../lib/core/duration';
import { EncryptionKey } from '../../lib/encryption';
import { expectRefusal, type Json, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';

const TOPIC = 'arn:aws:sns:eu-central-1:210987654321:chat';
const email = AlertTarget.email('on-call@example.com');
const later = Lazy.stringValue({ produce: () => 'https://later.example.com/x' });
const warnings = ({ node }: IConstruct): string[] => node.metadata.filter(({ type }) => type === '@cdktf/warn').map(({ data }) => data);
const statements = (resource: Json): Json[] => JSON.parse(resource.policy).Statement;

function made(props: AlertChannelProps): SynthesizedStack {
  const stack = testStack();
  new AlertChannel(stack, 'Alerts', props);
  return synthesizeStack(stack);
}

describe('[ARC-9.4] AlertChannel', () => {
  const stack = made({ critical: [email, AlertTarget.https('https://alerts.example.com/sns', { confirmsItself: true, raw: true })], warning: [email], info: [AlertTarget.https(later, { name: 'chat' })] });
  const key = `\${${stack.resources(KmsKey)[0]?.address}.arn}`;
  const topicOf = (severity: string): string => `\${${stack.resources(SnsTopic).find(({ arguments: { name } }) => name === `shop-staging-data-alerts-${severity}`)?.address}.arn}`;

  it('has a topic for each severity, encrypted with the key of the account', () => {
    expect(stack.resources(SnsTopic).map(({ arguments: topic }) => topic)).toEqual([...SEVERITIES].sort().map((severity) => ({ name: `shop-staging-data-alerts-${severity}`, kms_master_key_id: key, signature_version: 2 })));
  });

  it('lets alarms, databases and rules publish, each only for this account where AWS can tell, and nothing without TLS', () => {
    const policies = stack.resources(SnsTopicPolicy).map(({ arguments: policy }) => policy);
    expect(policies.map(({ arn }) => arn)).toEqual([...SEVERITIES].sort().map(topicOf));
    const ofAccount = (source: string) => ({ StringEquals: { 'aws:SourceAccount': '123456789012' }, ArnLike: { 'aws:SourceArn': source } });
    for (const policy of policies) {
      expect(statements(policy)).toEqual([
        { Sid: 'AlarmsOfTheAccount', Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:Publish', Resource: policy.arn, Condition: ofAccount('arn:aws:cloudwatch:eu-central-1:123456789012:alarm:*') },
        { Sid: 'EventsOfDatabases', Effect: 'Allow', Principal: { Service: 'events.rds.amazonaws.com' }, Action: 'sns:Publish', Resource: policy.arn, Condition: ofAccount('arn:aws:rds:eu-central-1:123456789012:*') },
        // With a condition EventBridge would deliver nothing.
        { Sid: 'RulesOfEventBridge', Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sns:Publish', Resource: policy.arn },
        { Sid: 'OnlyEncryptedConnections', Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: policy.arn, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      ]);
    }
  });

  it('subscribes mailboxes and endpoints, and keeps what cannot be delivered', () => {
    const undelivered = JSON.stringify({ deadLetterTargetArn: `\${${stack.resources(SqsQueue)[0]?.address}.arn}` });
    const https = { protocol: 'https', delivery_policy: JSON.stringify({ healthyRetryPolicy: HTTPS_RETRIES }), redrive_policy: undelivered };
    expect(stack.resources(SnsTopicSubscription).map(({ arguments: subscription }) => subscription)).toEqual([
      { topic_arn: topicOf('critical'), protocol: 'email', endpoint: 'on-call@example.com', redrive_policy: undelivered },
      { ...https, topic_arn: topicOf('critical'), endpoint: 'https://alerts.example.com/sns', endpoint_auto_confirms: true, raw_message_delivery: true },
      { ...https, topic_arn: topicOf('info'), endpoint: 'https://later.example.com/x', endpoint_auto_confirms: false, raw_message_delivery: false },
      { topic_arn: topicOf('warning'), protocol: 'email', endpoint: 'on-call@example.com', redrive_policy: undelivered },
    ]);
  });

  it('tries for less than the hour that SNS allows', () => {
    const { numRetries, numNoDelayRetries, numMaxDelayRetries, maxDelayTarget } = HTTPS_RETRIES;
    const backoff = numRetries - numNoDelayRetries - numMaxDelayRetries;
    expect(backoff).toBeGreaterThan(0);
    expect((backoff + numMaxDelayRetries) * maxDelayTarget).toBeLessThanOrEqual(3600);
    expect(numMaxDelayRetries * maxDelayTarget).toBeGreaterThanOrEqual(30 * 60);
  });

  it('keeps what could not be delivered under the key, for SNS and EventBridge of the account, and tells of it', () => {
    const queue = stack.resource(SqsQueue);
    expect(queue).toMatchObject({ name: 'shop-staging-data-alerts-undelivered', kms_master_key_id: key, message_retention_seconds: 1_209_600 });
    expect(statements(queue).map(({ Effect, Principal, Action, Condition, Resource }) => [Effect, Principal, Action, Condition, Resource])).toEqual([
      ['Allow', { Service: 'sns.amazonaws.com' }, 'sqs:SendMessage', { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:eu-central-1:123456789012:*' } }, 'arn:aws:sqs:eu-central-1:123456789012:shop-staging-data-alerts-undelivered'],
      ['Allow', { Service: 'events.amazonaws.com' }, 'sqs:SendMessage', { ArnLike: { 'aws:SourceArn': 'arn:aws:events:eu-central-1:123456789012:rule/*' } }, 'arn:aws:sqs:eu-central-1:123456789012:shop-staging-data-alerts-undelivered'],
      ['Deny', '*', 'sqs:*', { Bool: { 'aws:SecureTransport': 'false' } }, 'arn:aws:sqs:eu-central-1:123456789012:shop-staging-data-alerts-undelivered'],
    ]);
    expect(stack.resource(CloudwatchMetricAlarm)).toMatchObject({
      alarm_name: 'shop-staging-data-alerts-undelivered', namespace: 'AWS/SQS', metric_name: 'ApproximateNumberOfMessagesVisible', statistic: 'Maximum', threshold: 0, treat_missing_data: 'notBreaching',
      alarm_actions: [topicOf('warning'), topicOf('critical')],
    });
  });

  it('says nothing of whom it tells in outputs or tags', () => {
    expect(stack.json.output).toBeUndefined();
    expect(stack.text.match(/on-call@example\.com/g)).toHaveLength(2);
  });

  it('has addresses that come from whom they reach, not from their order', () => {
    const targets = [email, AlertTarget.email('second@example.com'), AlertTarget.https('https://alerts.example.com/a?key=1'), AlertTarget.https('https://alerts.example.com/b')];
    const subscriptions = (critical: AlertTarget[]): string[] => made({ critical }).resources(SnsTopicSubscription).map(({ address, arguments: { endpoint } }) => `${address} ${endpoint}`).sort();
    expect(subscriptions([...targets].reverse())).toEqual(subscriptions(targets));
    expect(subscriptions(targets).join()).not.toMatch(/aws_sns_topic_subscription\.\S*key/);
    const named = (url: string): string | undefined => made({ critical: [AlertTarget.https(url, { name: 'pager' })] }).resources(SnsTopicSubscription)[0]?.address;
    expect(named('https://a.example.com')).toBe(named('https://b.example.com'));
  });

  it('uses a topic that exists in place of its own, and makes nothing for it', () => {
    const own = testStack();
    const channel = new AlertChannel(own, 'Alerts', { critical: [AlertTarget.topic(TOPIC)], warning: [AlertTarget.topic(TOPIC)], encryptionKey: EncryptionKey.fromEncryptionKeyAttributes(own, 'Key', { encryptionKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/k' }) });
    expect([channel.topicArn('critical'), channel.topicArn('warning')]).toEqual([TOPIC, TOPIC]);
    expect(warnings(channel)).toEqual([]);
    expect(synthesizeStack(own).all().map(({ type, arguments: { name } }) => [type, name])).toEqual([['aws_sns_topic', 'shop-staging-data-alerts-info'], ['aws_sns_topic_policy', undefined]]);
  });

  it('is made once for a stack, reaches nobody, and says so', () => {
    const own = testStack();
    const channel = AlertChannel.forStack(own);
    expect(AlertChannel.forStack(new EncryptionKey(own, 'Other'))).toBe(channel);
    expect(warnings(channel)).toEqual([
      "Nobody is told of what is critical: no channel is given. Give the databases of this stack one:   alerts: new AlertChannel(this, 'Alerts', { critical: [AlertTarget.email('on-call@example.com')] })",
      "Nobody is told of what is warning: no channel is given. Give the databases of this stack one:   alerts: new AlertChannel(this, 'Alerts', { warning: [AlertTarget.email('on-call@example.com')] })",
    ]);
    expect(warnings(new AlertChannel(testStack(), 'Alerts', { critical: [email] }))).toEqual(["Nobody is told of what is warning: warning is empty. Give it, for instance warning: [AlertTarget.email('on-call@example.com')]."]);
    expect(synthesizeStack(own).all().map(({ type }) => type).filter((type) => !type.startsWith('aws_kms'))).toEqual(['aws_sns_topic', 'aws_sns_topic', 'aws_sns_topic', 'aws_sns_topic_policy', 'aws_sns_topic_policy', 'aws_sns_topic_policy']);
  });

  it('warns of a query in an address, without printing it', () => {
    const channel = new AlertChannel(testStack(), 'Alerts', { critical: [AlertTarget.https('https://alerts.example.com/x?key=s3cret')], warning: [email] });
    expect(warnings(channel)).toEqual(['The address at alerts.example.com has a query. Addresses stand in the Terraform state and in SNS in clear text: when a key is in it, whoever reads the state can use it.']);
  });

  it('imports topics, and names the one that is missing', () => {
    const own = testStack();
    const channel = AlertChannel.fromAlertChannelAttributes(own, 'Alerts', { criticalTopicArn: TOPIC });
    expect(channel.topicArn('critical')).toBe(TOPIC);
    expectRefusal(() => channel.topicArn('info'), 'alert-channel/missing-attribute', `alert-channel/missing-attribute  at staging-data/Alerts

  infoTopicArn of this imported AlertChannel is needed, and it was not given.

  Give it: AlertChannel.fromAlertChannelAttributes(…, { infoTopicArn: … })`);
    expect(synthesizeStack(own).addresses()).toEqual([]);
  });
});

describe('AlertChannel refuses', () => {
  const step = (after: Duration, name?: string) => ({ after, targets: [email], ...(name === undefined ? {} : { name }) });
  it.each<[string, AlertChannelProps, string, string, string]>([
    ['what is no mailbox', { critical: [AlertTarget.email('on-call')] }, 'email', 'critical: "on-call" is not the address of a mailbox.', "AlertTarget.email('on-call@example.com')"],
    ['a mailbox that only Terraform knows', { info: [AlertTarget.email(later)] }, 'unknown-target', 'info: A mailbox has an address that only Terraform knows, and subscriptions have addresses in the state that must be known at synthesis.', 'Give its address as text.'],
    ['an unnamed endpoint that only Terraform knows', { info: [AlertTarget.https(later)] }, 'unknown-target', 'info: An endpoint has an address that only Terraform knows, and subscriptions have addresses in the state that must be known at synthesis.', "Name it: AlertTarget.https(…, { name: 'pager' })"],
    ['plain HTTP', { critical: [AlertTarget.https('http://alerts.example.com/key')] }, 'https', 'critical: the endpoint at alerts.example.com has no address that begins with https://.', "AlertTarget.https('https://alerts.example.com/sns')"],
    ['what is no URL, without repeating it', { critical: [AlertTarget.https('s3cret')] }, 'https', 'critical: an endpoint has no address that begins with https://.', "AlertTarget.https('https://alerts.example.com/sns')"],
    ['a password in a URL', { critical: [AlertTarget.https('https://me:s3cret@alerts.example.com/x')] }, 'url-credentials', 'critical: the address of the endpoint at alerts.example.com holds a user or a password. Addresses stand in the Terraform state and in SNS in clear text.', "Use an endpoint that needs none and checks SNS's signature."],
    ['a name that cannot be an address', { critical: [AlertTarget.https('https://alerts.example.com', { name: 'My Pager' })] }, 'name', 'critical: "My Pager" cannot be the name of a target: lower-case letters, digits and hyphens are allowed, at most 40, with a letter in front.', 'Choose a name that stays: it is part of an address in the state.'],
    ['what is no topic', { warning: [AlertTarget.topic('chat')] }, 'topic', 'warning: "chat" is not the ARN of a standard topic of SNS.', "AlertTarget.topic('arn:aws:sns:eu-central-1:<account>:<name>')"],
    ['an ordered topic', { warning: [AlertTarget.topic(`${TOPIC}.fifo`)] }, 'topic', `warning: "${TOPIC}.fifo" is not the ARN of a standard topic of SNS.`, "AlertTarget.topic('arn:aws:sns:eu-central-1:<account>:<name>')"],
    ['a topic of another region', { warning: [AlertTarget.topic(TOPIC.replace('central', 'west'))] }, 'topic-region', 'warning: the topic is in eu-west-1, and alarms of eu-central-1 can tell topics of their own region only.', 'Give a topic of eu-central-1.'],
    ['a topic with others', { critical: [email, AlertTarget.topic(TOPIC)] }, 'topic-with-others', 'critical has a topic beside other targets. A topic takes the place of the one that would be made, and SNS does not hand on from topic to topic.', 'Give the topic alone, and subscribe the others to it.'],
    ['a target twice', { critical: [email, email] }, 'target-twice', 'critical reaches on-call@example.com twice.', 'Remove one; for two addresses of one name, choose another name.'],
    ['a step that comes too soon', { escalation: [step(Duration.seconds(59))] }, 'escalation-after', 'escalation[0].after is 59 seconds; whole seconds are needed, 1 minute to 7 days.', 'Alarms are evaluated every minute, and an alarm that nobody ended in a week is no emergency.'],
    ['a step that comes too late', { escalation: [step(Duration.days(8))] }, 'escalation-after', 'escalation[0].after is 8 days; whole seconds are needed, 1 minute to 7 days.', 'Alarms are evaluated every minute, and an alarm that nobody ended in a week is no emergency.'],
    ['steps out of order', { escalation: [step(Duration.hours(1)), step(Duration.minutes(30))] }, 'escalation-order', 'escalation[1].after is 30 minutes, which is not later than 1 hour of the step before.', 'after counts from when the alarm went off, for every step.'],
    ['a step without anybody', { escalation: [{ after: Duration.hours(1), targets: [] }] }, 'escalation-nobody', 'escalation[0] has no targets.', 'Name who is told, or remove the step.'],
    ['a wrong target of a step', { escalation: [{ after: Duration.hours(1), targets: [AlertTarget.email('boss')] }] }, 'email', 'escalation[0].targets: "boss" is not the address of a mailbox.', "AlertTarget.email('on-call@example.com')"],
    ['a name of a step that cannot be an address', { escalation: [step(Duration.hours(1), 'The Boss')] }, 'name', 'escalation[0]: "The Boss" cannot be the name of a step: lower-case letters, digits and hyphens are allowed, at most 40, with a letter in front.', 'Choose a name that stays: it is part of an address in the state.'],
    ['a name of a step twice', { escalation: [step(Duration.hours(1), 'lead'), step(Duration.hours(2), 'lead')] }, 'name', 'escalation[1]: the name "lead" is taken by a step before.', 'Choose another name.'],
  ])('%s', (_title, props, code, problem, fix) => {
    expectRefusal(() => new AlertChannel(testStack(), 'Alerts', props), `alert-channel/${code}`, `alert-channel/${code}  at staging-data/Alerts\n\n  ${problem}\n\n  ${fix}`);
  });

  it('everything at once', () => {
    expect(() => new AlertChannel(testStack(), 'Alerts', { critical: [AlertTarget.email('x')], escalation: [step(Duration.seconds(1))] })).toThrow(/alert-channel\/email[\s\S]*alert-channel\/escalation-after/);
  });
});
