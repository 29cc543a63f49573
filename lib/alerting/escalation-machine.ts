import type { Duration } from '../core/duration';

/** One step of an escalation, with the topic of those that it tells. */
export interface BoundStep {
  readonly after: Duration;
  readonly topicArn: string;
}

/** A state machine in the Amazon States Language (JSONPath). */
export interface StateMachine {
  readonly Comment: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}
export type State = Readonly<Record<string, unknown>> & { readonly Type: 'Task' | 'Choice' | 'Wait' | 'Pass' | 'Succeed' };
type States = Readonly<Record<string, State>>;

/** When a call fails: for two minutes, at times of its own. */
const AGAIN = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 6, MaxDelaySeconds: 60, JitterStrategy: 'FULL' }];
const END = 'Ended';
/** From the event of an alarm until it is looked at first, so that what is seen is not older than the event. Seconds, part of the time of the first step. */
const SETTLES = 10;

/**
 * What happens when one alarm went off. The input is the detail of EventBridge's event "CloudWatch Alarm State Change".
 *
 * It goes on only for an alarm that tells the first topic, and only while that alarm has been on since without a break: one that was over and went off again has
 * another time of its last transition, and an execution of its own. So an alarm that comes and goes never has two escalations that speak.
 *
 * @param partition - `aws`, or that of the region
 */
export function escalationMachine(partition: string, firstTopicArn: string, steps: readonly BoundStep[]): StateMachine {
  const first = steps[0] === undefined ? END : waitFor(steps[0]);
  return {
    Comment: 'Tells others of an alarm that stays on.',
    StartAt: 'Settle',
    States: {
      'Settle': { Type: 'Wait', Seconds: SETTLES, Next: 'Look' },
      ...look(partition, '', 'first', 'Is it on'),
      'Is it on': { Type: 'Choice', Choices: [{ And: [isOn('$.first'), isPresent('$.first.AlarmActions')], Next: 'Whom does it tell' }], Default: END },
      'Whom does it tell': { Type: 'Pass', Parameters: { 'us.$': `States.ArrayContains($.first.AlarmActions, '${firstTopicArn}')` }, ResultPath: '$.tells', Next: 'Is it ours' },
      'Is it ours': { Type: 'Choice', Choices: [{ Variable: '$.tells.us', BooleanEquals: true, Next: 'Is it described' }], Default: END },
      'Is it described': { Type: 'Choice', Choices: [{ ...isPresent('$.configuration.description'), Next: first }], Default: 'Describe' },
      'Describe': { Type: 'Pass', Result: 'It has no description.', ResultPath: '$.configuration.description', Next: first },
      ...Object.assign({}, ...steps.map((step, i) => statesOf(partition, step, steps[i - 1], steps[i + 1]))) as States,
      [END]: { Type: 'Succeed' },
    },
  };
}

function statesOf(partition: string, step: BoundStep, previous: BoundStep | undefined, next: BoundStep | undefined): States {
  const [wait, decide, tell] = [waitFor(step), `Is it over after ${step.after}`, `Tell after ${step.after}`];
  return {
    [wait]: { Type: 'Wait', Seconds: step.after.toSeconds() - (previous?.after.toSeconds() ?? SETTLES), Next: `Look after ${step.after}` },
    // Who cannot see tells: an alarm too many is better than none.
    ...look(partition, ` after ${step.after}`, 'now', decide, [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: tell }]),
    [decide]: {
      Type: 'Choice',
      Choices: [
        { Not: isOn('$.now'), Next: END },
        { And: [isPresent(`$.first.${SINCE}`), isPresent(`$.now.${SINCE}`), { Not: { Variable: `$.now.${SINCE}`, StringEqualsPath: `$.first.${SINCE}` } }], Next: END },
        // Those of the first step were not told either, and are when maintenance is over.
        { And: [isPresent('$.now.ActionsSuppressedBy'), { Or: ['Alarm', 'ExtensionPeriod'].map((by) => ({ Variable: '$.now.ActionsSuppressedBy', StringEquals: by })) }], Next: wait },
      ],
      Default: tell,
    },
    [tell]: {
      Type: 'Task',
      Resource: `arn:${partition}:states:::sns:publish`,
      Parameters: {
        'TopicArn': step.topicArn,
        'Subject': `Escalation: an alarm is on for ${step.after}`,
        'Message.$': `States.Format('The alarm {} has been on for ${step.after}. {} {} To end this escalation: aws stepfunctions stop-execution --execution-arn {}', $.alarmName, $.configuration.description, $.state.reason, $$.Execution.Id)`,
      },
      ResultPath: null,
      Retry: AGAIN,
      Next: next === undefined ? END : waitFor(next),
    },
  };
}

const SINCE = 'StateTransitionedTimestamp';
const waitFor = ({ after }: BoundStep): string => `Wait for ${after}`;
const isPresent = (path: string) => ({ Variable: path, IsPresent: true });
/** An alarm whose actions were switched off tells nobody at the first step either. */
const isOn = (alarm: string) => ({ And: [{ Variable: `${alarm}.StateValue`, StringEquals: 'ALARM' }, { Variable: `${alarm}.ActionsEnabled`, BooleanEquals: true }] });

/** Asks for the alarm and takes it out of the list that it is in; one that was deleted is over. */
const look = (partition: string, when: string, as: 'first' | 'now', next: string, failed?: readonly unknown[]): States => ({
  [`Look${when}`]: {
    Type: 'Task',
    Resource: `arn:${partition}:states:::aws-sdk:cloudwatch:describeAlarms`,
    Parameters: { 'AlarmNames.$': 'States.Array($.alarmName)', 'AlarmTypes': ['MetricAlarm', 'CompositeAlarm'] },
    ResultPath: '$.seen',
    Retry: AGAIN,
    ...(failed === undefined ? {} : { Catch: failed }),
    Next: `Find${when}`,
  },
  [`Find${when}`]: { Type: 'Choice', Choices: (['MetricAlarm', 'CompositeAlarm'] as const).map((kind) => ({ ...isPresent(`$.seen.${kind}s[0]`), Next: `${kind}${when}` })), Default: END },
  [`MetricAlarm${when}`]: { Type: 'Pass', InputPath: '$.seen.MetricAlarms[0]', ResultPath: `$.${as}`, Next: next },
  [`CompositeAlarm${when}`]: { Type: 'Pass', InputPath: '$.seen.CompositeAlarms[0]', ResultPath: `$.${as}`, Next: next },
});
