import { describe, expect, it } from 'vitest';
import { CompositeAlarm, ruleHolds } from '../support/cloudwatch/composite-alarm';
import { type AlarmState, MetricAlarm, stateOf } from '../support/cloudwatch/metric-alarm';
import { evaluateExpression, type Series } from '../support/cloudwatch/metric-math';
import { MetricStore, statisticOf } from '../support/cloudwatch/metric-store';

/** `0` is within the threshold, `X` breaches, `-` is missing: as in the tables of the CloudWatch User Guide. */
const points = (text: string): (boolean | undefined)[] => text.split(' ').map((point) => (point === '-' ? undefined : point === 'X'));
const _ = undefined;

describe('missing data, as the tables of the CloudWatch User Guide have it', () => {
  const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
  const KEPT = 'INSUFFICIENT_DATA';

  it.each([
    ['0 - X - X', 3, ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', 3, ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', 3, ['INSUFFICIENT_DATA', KEPT, 'ALARM', 'OK']],
    ['0 X X - X', 3, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', 3, ['ALARM', KEPT, 'ALARM', 'OK']],
    ['0 - X - X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', 2, ['ALARM', KEPT, 'ALARM', 'OK']],
  ] as const)('%s, %i of 3', (text, datapointsToAlarm, states) => {
    const found = TREATMENTS.map((missing) => stateOf(points(text), { evaluationPeriods: 3, datapointsToAlarm, missing }, KEPT));
    expect(found).toEqual(states);
  });

  it.each(['- - - - X', '- - - X -'])('%s waits for what comes next', (text) => {
    expect(stateOf(points(text), { evaluationPeriods: 3, datapointsToAlarm: 3, missing: 'missing' }, 'OK')).toBe('OK');
  });
});

describe('metric maths, as the tables of the CloudWatch User Guide have it', () => {
  const evaluate = (expression: string, series: Record<string, Series>): Series => evaluateExpression(expression, { series, times: [0, 1, 2, 3, 4].map((i) => i * 60), period: 60 });
  const compared = { m1: [30, 20, 0, 0], m2: [20, _, 20, _] };
  const chosen = { m1: [1, 1, 0, 0, _], m2: [30, _, 0, 0, 30], m3: [0, 0, 20, _, 20] };

  it.each([
    ['m1 < m2', compared, [0, 0, 1, 0]],
    ['m1 >= 30', compared, [1, 0, 0, 0]],
    ['m1 > 15 AND m2 > 15', compared, [1, 0, 0, 0]],
    ['IF(m1, m2, m3)', chosen, [30, 0, 20, _, _]],
    ['IF(m1, 5, m3)', chosen, [5, 5, 20, _, _]],
    ['IF(m1, m2, 5)', chosen, [30, 0, 5, 5, _]],
    // A missing value counts as 0 beside another, and a division by 0 drops the point.
    ['m1 + m2', { m1: [1, _, 2, _], m2: [1, 1, _, _] }, [2, 1, 2, _]],
    ['m1 / m2', { m1: [6, 6, 6], m2: [3, 0, _] }, [2, _, _]],
    ['-2 * m1 ^ 2', { m1: [3, _] }, [-18, _]],
    ['FILL(m1, 0)', { m1: [_, 4, _] }, [0, 4, 0]],
    ['FILL(m1, REPEAT)', { m1: [_, 4, _] }, [_, 4, 4]],
    // By the second, against the point before, however long ago.
    ['RATE(m1)', { m1: [0, 60, _, 300] }, [_, 1, _, 2]],
    ['DIFF(m1)', { m1: [0, 60, _, 300] }, [_, 60, _, 240]],
    ['MAX([m1, m2])', { m1: [1, _, 3], m2: [2, _, _] }, [2, _, 3]],
    ['m1 / MAX(m1)', { m1: [1, _, 4] }, [0.25, _, 1]],
    ['m1 / PERIOD(m1)', { m1: [60, 120] }, [1, 2]],
    ['MINUTE(m1)', { m1: [_, _] }, [0, 1, 2, 3, 4]],
  ])('%s', (expression, series, result) => {
    expect(evaluate(expression, series)).toEqual(result);
  });

  it.each(['MAX(m1)', 'm1 +', 'm3', 'SEARCH(m1)', 'm1 ? 1'])('%s is no alarm', (expression) => {
    expect(() => evaluate(expression, { m1: [1] })).toThrow();
  });
});

describe('statistics', () => {
  it.each([['Average', 2.5], ['Sum', 10], ['Minimum', 1], ['Maximum', 4], ['SampleCount', 4], ['p50', 2.5], ['p90', 3.7], ['p100', 4]])('%s of 1 to 4', (statistic, result) => {
    expect(statisticOf([4, 1, 3, 2], statistic)).toBeCloseTo(result, 9);
  });

  it('of no sample there is none', () => {
    expect(statisticOf([], 'Sum')).toBeUndefined();
  });
});

describe('an alarm over time', () => {
  const metric = { namespace: 'N', name: 'm', dimensions: { D: 'd' } };
  const json = { alarm_name: 'a', namespace: 'N', metric_name: 'm', dimensions: { D: 'd' }, statistic: 'Average', period: 60, evaluation_periods: 3, threshold: 1, comparison_operator: 'GreaterThanThreshold', treat_missing_data: 'notBreaching' };
  const stored = (values: readonly number[], delay = 0): MetricStore => {
    const store = new MetricStore();
    store.put(metric, values.map((value, i) => ({ time: i * 60, value, arrival: i * 60 + delay })));
    return store;
  };
  const states = (store: MetricStore, alarm: MetricAlarm, until: number): AlarmState[] => Array.from({ length: until / 60 }, (_, i) => alarm.evaluate(store, (i + 1) * 60));

  it('goes on with the third breaching minute, and off with the first that is not', () => {
    expect(states(stored([0, 2, 2, 2, 2, 0]), new MetricAlarm(json), 360)).toEqual(['OK', 'OK', 'OK', 'ALARM', 'ALARM', 'OK']);
  });

  it('sees a sample when it has arrived', () => {
    expect(states(stored([0, 2, 2, 2, 2, 0], 61), new MetricAlarm(json), 360)).toEqual(['OK', 'OK', 'OK', 'OK', 'ALARM', 'ALARM']);
  });

  it('M of N', () => {
    expect(states(stored([2, 0, 2, 0, 0]), new MetricAlarm({ ...json, datapoints_to_alarm: 2 }), 300)).toEqual(['OK', 'OK', 'ALARM', 'OK', 'OK']);
  });

  it('a metric with other dimensions is another metric', () => {
    expect(states(stored([2, 2, 2]), new MetricAlarm({ ...json, dimensions: undefined }), 180)).toEqual(['OK', 'OK', 'OK']);
  });

  it.each([[10, 1, 10], [30, 5, 10], [60, 5, 60], [3600, 1, 60], [86_400, 1, 60], [86_400, 2, 3600]])('periods of %i s × %i are evaluated every %i s', (period, evaluation_periods, interval) => {
    expect(new MetricAlarm({ ...json, period, evaluation_periods }).interval).toBe(interval);
  });
});

describe('a composite alarm', () => {
  const on = (...names: string[]) => (name: string): AlarmState => (names.includes(name) ? 'ALARM' : 'OK');

  it.each([
    ['ALARM("a") OR ALARM("b") AND ALARM(c)', true, false],
    ['(ALARM("a") OR ALARM("b")) AND ALARM("c")', false, false],
    ['NOT ALARM("a") OR OK("b") AND TRUE', true, true],
    ['INSUFFICIENT_DATA("a") OR FALSE', false, false],
  ])('%s', (rule, withA, without) => {
    expect([ruleHolds(rule, on('a')), ruleHolds(rule, on())]).toEqual([withA, without]);
  });

  /** One letter a time unit: `c` while the rule holds, `s` while the suppressor is in ALARM, `b` both. The guide's examples 1 to 6 wait 2 and extend 3. */
  const told = (timeline: string): string[] => {
    const alarm = new CompositeAlarm({ alarm_name: 'x', alarm_rule: 'ALARM("c")', actions_suppressor: { alarm: 's', wait_period: 2, extension_period: 3 } });
    alarm.state = 'OK';
    return [...timeline].flatMap((now, time) => {
      const tells = alarm.evaluate((name) => (now === 'b' || now === name ? 'ALARM' : 'OK'), time);
      return tells === undefined ? [] : [`${tells.state} at ${tells.time}`];
    });
  };

  it.each([
    ['1: nothing suppresses it while it waits', '..ccccc', ['ALARM at 4']],
    ['2: suppressed while it waits', '..cbbbb', []],
    ['3: back again while it waits', '..c....', ['OK at 5']],
    ['4: suppressed from the start', '.sbbbbb', []],
    ['5: still on when the suppression ends', '..cbbbccccc', ['ALARM at 9']],
    ['6: back again while the suppression is extended', '..cbbbc....', ['OK at 9']],
  ])('example %s', (_example, timeline, expected) => {
    expect(told(timeline)).toEqual(expected);
  });
});
