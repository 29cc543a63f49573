import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { escalationMachine } from '../../lib/alerting/escalation-machine';
import { Duration } from '../../lib/core/duration';
import { motoMissing, startMoto } from '../support/moto';
import type { Json } from '../support/synth';

/** The definition in an interpreter that is not ours; that the steps end and tell when they should is shown in escalation.test.ts. */
describe.skipIf(motoMissing !== undefined)(`an escalation in an emulator of Step Functions${motoMissing === undefined ? '' : ` (skipped: ${motoMissing})`}`, () => {
  let endpoint: string;
  const post = async (service: string, headers: Record<string, string>, body: string): Promise<string> => {
    const response = await fetch(endpoint, { method: 'POST', headers: { ...headers, authorization: `AWS4-HMAC-SHA256 Credential=testing/20260101/eu-central-1/${service}/aws4_request, SignedHeaders=host, Signature=0` }, body });
    return response.text();
  };
  const query = (service: string, parameters: Record<string, string>): Promise<string> => post(service, { 'content-type': 'application/x-www-form-urlencoded' }, new URLSearchParams(parameters).toString());
  const call = async (service: string, target: string, body: Json): Promise<Json> => JSON.parse(await post(service, { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target }, JSON.stringify(body)));

  beforeAll(async () => {
    ({ endpoint } = await startMoto());
    await fetch(`${endpoint}/moto-api/config`, { method: 'POST', body: JSON.stringify({ stepfunctions: { execute_state_machine: true } }) });
  });

  it('is run as written, and its messages arrive', { timeout: 90_000 }, async () => {
    const topics: Record<string, string> = {};
    for (const name of ['critical', 'lead']) {
      topics[name] = /<TopicArn>(.*?)</.exec(await query('sns', { Action: 'CreateTopic', Version: '2010-03-31', Name: name }))?.[1] ?? '';
      await call('sqs', 'AmazonSQS.CreateQueue', { QueueName: name });
      await query('sns', { Action: 'Subscribe', Version: '2010-03-31', TopicArn: topics[name], Protocol: 'sqs', Endpoint: `arn:aws:sqs:eu-central-1:123456789012:${name}` });
    }
    await query('monitoring', { 'Action': 'PutMetricAlarm', 'Version': '2010-08-01', 'AlarmName': 'db-down', 'Namespace': 'X', 'MetricName': 'Y', 'Period': '60', 'EvaluationPeriods': '1', 'Threshold': '1', 'ComparisonOperator': 'GreaterThanThreshold', 'Statistic': 'Sum', 'ActionsEnabled': 'true', 'AlarmActions.member.1': topics.critical ?? '' });
    await query('monitoring', { Action: 'SetAlarmState', Version: '2010-08-01', AlarmName: 'db-down', StateValue: 'ALARM', StateReason: 'test' });
    const machine = escalationMachine('aws', topics.critical ?? '', [{ after: Duration.minutes(15), topicArn: topics.lead ?? '' }]);
    // As written, but that it waits for a second each time.
    const definition = JSON.stringify(machine, (key, value: unknown) => (key === 'Seconds' ? 1 : value));
    const { stateMachineArn } = await call('states', 'AWSStepFunctions.CreateStateMachine', { name: 'escalation', definition, roleArn: 'arn:aws:iam::123456789012:role/escalation' });
    const { executionArn } = await call('states', 'AWSStepFunctions.StartExecution', { stateMachineArn, name: 'one', input: JSON.stringify({ alarmName: 'db-down', state: { value: 'ALARM', reason: 'Threshold crossed.' }, configuration: {} }) });
    let events: Json[] = [];
    while (!events.some(({ type }) => /^Execution(Succeeded|Failed|Aborted)$/.test(type))) {
      await sleep(100);
      events = (await call('states', 'AWSStepFunctions.GetExecutionHistory', { executionArn })).events ?? [];
    }
    expect([events.at(-1).type, ...events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? [])]).toEqual([
      'ExecutionSucceeded', 'Settle', 'Look', 'Find', 'MetricAlarm', 'Is it on', 'Whom does it tell', 'Is it ours', 'Is it described', 'Describe',
      'Wait for 15 minutes', 'Look after 15 minutes', 'Find after 15 minutes', 'MetricAlarm after 15 minutes', 'Is it over after 15 minutes', 'Tell after 15 minutes', 'Ended',
    ]);
    const messages = async (name: string): Promise<Json[]> => ((await call('sqs', 'AmazonSQS.ReceiveMessage', { QueueUrl: `${endpoint}/123456789012/${name}`, MaxNumberOfMessages: 10 })).Messages ?? []).map(({ Body }: Json) => JSON.parse(Body));
    expect(await messages('critical')).toHaveLength(0);
    expect((await messages('lead')).map(({ Subject, Message }) => [Subject, Message])).toEqual([['Escalation: an alarm is on for 15 minutes', expect.stringMatching(/^The alarm db-down has been on for 15 minutes\. It has no description\. Threshold crossed\. To end .* --execution-arn arn:aws:states:.*:one$/)]]);
  });
});
