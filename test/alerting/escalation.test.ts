import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { SfnStateMachine } from '@cdktf/provider-aws/lib/sfn-state-machine';
import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { describe, expect, it } from 'vitest';
import { AlertChannel, AlertTarget } from '../../lib/alerting';
import { Duration } from '../../lib/core/duration';
import { matchesEvent } from '../support/cloudwatch/event-pattern';
import { runStateMachine } from '../support/state-machine';
import { type Json, synthesizeStack, testStack } from '../support/synth';

const BOSS = 'arn:aws:sns:eu-central-1:210987654321:boss';
const own = testStack();
new AlertChannel(own, 'Alerts', {
  critical: [AlertTarget.email('on-call@example.com')],
  warning: [AlertTarget.email('team@example.com')],
  escalation: [
    { after: Duration.minutes(15), targets: [AlertTarget.email('lead@example.com')] },
    { after: Duration.hours(1), targets: [AlertTarget.topic(BOSS)], name: 'boss' },
  ],
});
const stack = synthesizeStack(own);
const machine = stack.resource(SfnStateMachine);
const definition = JSON.parse(machine.definition);
const topic = (name: string): string => `\${${stack.resources(SnsTopic).find((found) => found.arguments.name === `shop-staging-data-alerts-${name}`)?.address}.arn}`;
const [CRITICAL, LEAD] = [topic('critical'), topic('escalation-steps-after-900-seconds')];

/** What an alarm is from a minute on. */
type Phase = readonly [minute: number, state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA', more?: Json];

/** An alarm over time, and the escalations that its events start: minute, topic and text of everything that is published. */
function escalate(phases: readonly Phase[], { kind = 'MetricAlarm', actions = [CRITICAL], description, blind = () => false }: { kind?: string; actions?: string[]; description?: string; blind?: (minute: number) => boolean } = {}) {
  const pattern = JSON.parse(stack.resource(CloudwatchEventRule).event_pattern);
  const told: { minute: number; topic: string; subject: string; text: string }[] = [];
  const alarmAt = (now: number): Json => {
    const past = phases.filter(([minute]) => minute * 60 <= now);
    const [, state, more] = past.at(-1) ?? [0, 'OK'];
    const since = past.filter(([, value], i) => value !== past[i - 1]?.[1]).at(-1)?.[0] ?? 0;
    return { AlarmName: 'db-down', AlarmActions: actions, ActionsEnabled: true, StateValue: state, StateTransitionedTimestamp: `minute ${since}`, ...more };
  };
  const executions = phases.flatMap(([minute, value], i) => {
    const detail = { alarmName: 'db-down', state: { value, reason: 'Threshold crossed.' }, previousState: { value: phases[i - 1]?.[1] ?? 'OK' }, configuration: { metrics: [], ...(description === undefined ? {} : { description }) } };
    if (!matchesEvent(pattern, { 'source': 'aws.cloudwatch', 'detail-type': 'CloudWatch Alarm State Change', detail })) return [];
    return [runStateMachine(definition, detail, (resource, parameters, now) => {
      if (resource === 'arn:aws:states:::sns:publish') return void told.push({ minute: now / 60, topic: parameters.TopicArn, subject: parameters.Subject, text: parameters.Message });
      expect([resource, parameters]).toEqual(['arn:aws:states:::aws-sdk:cloudwatch:describeAlarms', { AlarmNames: ['db-down'], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }]);
      if (blind(now / 60)) throw new Error('Rate exceeded');
      const alarm = alarmAt(now);
      return { MetricAlarms: [], CompositeAlarms: [], ...(alarm.deleted === true ? {} : { [`${kind}s`]: [alarm] }) };
    }, minute * 60)];
  });
  return { told, executions, summary: told.map(({ minute, topic: to }) => [minute, to]) };
}

describe('[ARC-9.4] the escalation of a critical alarm', () => {
  it('tells the first others when the alarm is still on after their time, and the next later', () => {
    const { told, executions } = escalate([[0, 'ALARM']], { description: 'The database is gone. Runbook: service-down.' });
    expect(executions.map(({ status }) => status)).toEqual(['SUCCEEDED']);
    expect(told).toEqual([
      { minute: 15, topic: LEAD, subject: 'Escalation: an alarm is on for 15 minutes', text: 'The alarm db-down has been on for 15 minutes. The database is gone. Runbook: service-down. Threshold crossed. To end this escalation: aws stepfunctions stop-execution --execution-arn arn:execution' },
      { minute: 60, topic: BOSS, subject: 'Escalation: an alarm is on for 1 hour', text: 'The alarm db-down has been on for 1 hour. The database is gone. Runbook: service-down. Threshold crossed. To end this escalation: aws stepfunctions stop-execution --execution-arn arn:execution' },
    ]);
  });

  it.each<[string, Phase[], [number, string][]]>([
    ['tells nobody when it recovered before', [[0, 'ALARM'], [14, 'OK']], []],
    ['tells nobody when it was over as soon as it began', [[0, 'ALARM'], [0.1, 'OK']], []],
    ['tells nobody when its data ended', [[0, 'ALARM'], [14, 'INSUFFICIENT_DATA']], []],
    ['tells no further ones when it recovered between', [[0, 'ALARM'], [20, 'OK']], [[15, LEAD]]],
    ['tells once of an alarm that came and went: the time counts from when it went off last', [[0, 'ALARM'], [10, 'OK'], [12, 'ALARM']], [[27, LEAD], [72, BOSS]]],
    ['tells nobody of an alarm that comes and goes all the time', Array.from({ length: 20 }, (_, i): Phase => [i * 10, i % 2 === 0 ? 'ALARM' : 'OK']), []],
    ['waits for the end of maintenance, in steps of its time', [[0, 'ALARM', { ActionsSuppressedBy: 'Alarm' }], [44, 'ALARM', { ActionsSuppressedBy: 'ExtensionPeriod' }], [46, 'ALARM']], [[59.5, LEAD], [104.5, BOSS]]],
    ['ends when maintenance was all that it was', [[0, 'ALARM', { ActionsSuppressedBy: 'Alarm' }], [40, 'OK']], []],
    ['tells nobody of an alarm whose actions are switched off', [[0, 'ALARM', { ActionsEnabled: false }]], []],
    ['ends when somebody switches its actions off', [[0, 'ALARM'], [20, 'ALARM', { ActionsEnabled: false }]], [[15, LEAD]]],
    ['ends when the alarm is deleted', [[0, 'ALARM'], [5, 'ALARM', { deleted: true }]], []],
  ])('%s', (_title, phases, expected) => {
    for (const kind of ['MetricAlarm', 'CompositeAlarm']) {
      const { summary, executions } = escalate(phases, { kind });
      expect(summary).toEqual(expected);
      expect(new Set(executions.map(({ status }) => status))).toEqual(new Set(['SUCCEEDED']));
    }
  });

  it('is of the alarms that tell the critical topic, and of no others', () => {
    expect(escalate([[0, 'ALARM']], { actions: [topic('warning')] }).summary).toEqual([]);
    expect(escalate([[0, 'ALARM']], { actions: [] }).summary).toEqual([]);
    expect(escalate([[0, 'ALARM']], { actions: ['arn:x', CRITICAL] }).summary).toHaveLength(2);
  });

  it('starts once for one alarm, whatever else is said of it meanwhile', () => {
    expect(escalate([[0, 'ALARM', { ActionsSuppressedBy: 'Alarm' }], [1, 'ALARM'], [2, 'ALARM']]).executions).toHaveLength(1);
    expect(escalate([[0, 'INSUFFICIENT_DATA'], [1, 'ALARM']]).executions).toHaveLength(1);
    expect(escalate([[0, 'OK']]).executions).toHaveLength(0);
  });

  it('tells when it cannot see the alarm any more, and fails loudly when it never could', () => {
    expect(escalate([[0, 'ALARM']], { blind: (minute) => minute > 10 }).summary.map(([minute, to]) => [Math.floor(minute as number), to])).toEqual([[17, LEAD], [64, BOSS]]);
    expect(escalate([[0, 'ALARM']], { blind: (minute) => minute < 0.2 }).summary).toHaveLength(2);
    expect(escalate([[0, 'ALARM']], { blind: () => true }).executions[0]?.status).toBe('FAILED');
    const failed = stack.resources(CloudwatchMetricAlarm).find(({ arguments: { metric_name } }) => metric_name === 'ExecutionsFailed')?.arguments;
    expect(failed).toMatchObject({ namespace: 'AWS/States', statistic: 'Sum', threshold: 0, treat_missing_data: 'notBreaching', alarm_actions: [topic('warning')], dimensions: { StateMachineArn: `\${${stack.resources(SfnStateMachine)[0]?.address}.arn}` } });
  });

  it('has states that lead to states, and a subject that SNS takes', () => {
    const nexts: string[] = [definition.StartAt, ...Object.values<Json>(definition.States).flatMap(({ Next, Default, Choices, Catch }) => [Next, Default, ...[...Choices ?? [], ...Catch ?? []].map((rule: Json) => rule.Next)])].filter((next) => next !== undefined);
    expect(new Set(nexts)).toEqual(new Set(Object.keys(definition.States)));
    for (const name of Object.keys(definition.States)) expect(name.length).toBeLessThanOrEqual(80);
    for (const { Parameters } of Object.values<Json>(definition.States)) if (Parameters?.Subject !== undefined) expect(Parameters.Subject).toMatch(/^[\x20-\x7e]{1,100}$/);
  });

  it('may see alarms, publish to its own topics, and use the key for that, and nothing else', () => {
    const statements = (role: string): Json[] => JSON.parse(stack.resources(IamRolePolicy).find(({ address }) => address.includes(role))?.arguments.policy).Statement;
    const key = expect.stringMatching(/^\$\{aws_kms_key\..*\.arn\}$/);
    const use = ['kms:Decrypt', 'kms:GenerateDataKey*'];
    expect(statements('Escalation_Role').map(({ Effect: _effect, ...statement }) => statement)).toEqual([
      { Sid: 'SeeAlarms', Action: 'cloudwatch:DescribeAlarms', Resource: '*' },
      { Sid: 'TellOthers', Action: 'sns:Publish', Resource: [LEAD, BOSS] },
      { Sid: 'EncryptExecutions', Action: use, Resource: key, Condition: { StringEquals: { 'kms:EncryptionContext:aws:states:stateMachineArn': 'arn:aws:states:eu-central-1:123456789012:stateMachine:shop-staging-data-alerts-escalation' } } },
      { Sid: 'EncryptMessages', Action: use, Resource: key, Condition: { StringEquals: { 'kms:ViaService': 'sns.eu-central-1.amazonaws.com' } } },
      { Sid: 'EncryptLogs', Action: 'kms:GenerateDataKey', Resource: key, Condition: { StringEquals: { 'kms:EncryptionContext:SourceArn': 'arn:aws:logs:eu-central-1:123456789012:*' } } },
      { Sid: 'EncryptForOthers', Action: use, Resource: '*', Condition: { StringEquals: { 'kms:ViaService': 'sns.eu-central-1.amazonaws.com', 'kms:EncryptionContext:aws:sns:topicArn': [BOSS] } } },
      { Sid: 'DeliverLogs', Action: expect.arrayContaining(['logs:CreateLogDelivery', 'logs:PutResourcePolicy']), Resource: '*' },
    ]);
    expect(statements('StartRole')).toEqual([{ Sid: 'Start', Effect: 'Allow', Action: 'states:StartExecution', Resource: `\${${stack.resources(SfnStateMachine)[0]?.address}.arn}` }]);
    expect(stack.resources(IamRole).map(({ arguments: { assume_role_policy } }) => JSON.parse(assume_role_policy).Statement[0]).map(({ Principal, Condition }) => [Principal.Service, Condition])).toEqual(
      ['states.amazonaws.com', 'events.amazonaws.com'].map((service) => [service, { StringEquals: { 'aws:SourceAccount': '123456789012' } }]));
  });

  it('keeps its executions and logs under the key of the account, without the data of executions in the log', () => {
    expect(machine).toMatchObject({
      name: 'shop-staging-data-alerts-escalation', type: 'STANDARD',
      encryption_configuration: { type: 'CUSTOMER_MANAGED_KMS_KEY', kms_key_id: expect.stringContaining('aws_kms_key'), kms_data_key_reuse_period_seconds: 300 },
      logging_configuration: { level: 'ERROR', include_execution_data: false, log_destination: `\${${stack.resources(CloudwatchLogGroup)[0]?.address}.arn}:*` },
      depends_on: [expect.stringContaining('aws_iam_role_policy')],
    });
    expect(stack.resource(CloudwatchLogGroup)).toMatchObject({ name: '/aws/vendedlogs/states/shop-staging-data-alerts-escalation', kms_key_id: expect.stringContaining('aws_kms_key'), retention_in_days: 90 });
    expect(stack.resource(CloudwatchEventTarget)).toMatchObject({ input_path: '$.detail', role_arn: expect.stringContaining('StartRole'), dead_letter_config: { arn: expect.stringContaining('aws_sqs_queue') } });
  });

  it('keeps the addresses of a step that is named when its time changes', () => {
    const addresses = (minutes: number, name?: string): string[] => {
      const other = testStack();
      new AlertChannel(other, 'Alerts', { critical: [AlertTarget.email('on-call@example.com')], escalation: [{ after: Duration.minutes(minutes), targets: [AlertTarget.email('lead@example.com')], ...(name === undefined ? {} : { name }) }] });
      return synthesizeStack(other).addresses();
    };
    expect(addresses(15, 'lead')).toEqual(addresses(20, 'lead'));
    expect(addresses(60)).not.toEqual(addresses(61));
  });
});
