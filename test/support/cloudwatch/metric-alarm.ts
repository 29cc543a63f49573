import type { Json } from '../synth';
import { evaluateExpression, type Series } from './metric-math';
import type { MetricStore } from './metric-store';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/**
 * How many more periods than its evaluation periods an alarm looks at. AWS does not publish it; its only examples look at 5 for 3, so 2 more.
 * Tests of alarms try other figures too.
 */
export const EVALUATION_RANGE_MORE = 2;

export interface AlarmRules {
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly missing: 'missing' | 'ignore' | 'breaching' | 'notBreaching';
}

/** A point of the evaluation range, oldest first: whether it breaches, or that it is missing. */
export type Point = boolean | undefined;

/**
 * The state that follows from the points of the evaluation range: Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data", whose
 * tables are the test of this.
 */
export function stateOf(points: readonly Point[], { evaluationPeriods, datapointsToAlarm, missing }: AlarmRules, before: AlarmState): AlarmState {
  const real = points.filter((point) => point !== undefined);
  const breaching = (among: readonly boolean[]): number => among.filter(Boolean).length;
  if (real.length >= evaluationPeriods) return breaching(real.slice(-evaluationPeriods)) >= datapointsToAlarm ? 'ALARM' : 'OK';

  const found = breaching(real);
  if (missing === 'breaching') return found + evaluationPeriods - real.length >= datapointsToAlarm ? 'ALARM' : 'OK';
  if (missing === 'notBreaching' || found >= datapointsToAlarm) return found >= datapointsToAlarm ? 'ALARM' : 'OK';
  if (found < real.length) return 'OK';
  if (missing === 'ignore') return before;
  if (real.length === 0) return 'INSUFFICIENT_DATA';
  // "Premature" alarms: only breaching points, few of them. The alarm waits until the oldest is as old as the points that it needs.
  const oldest = points.length - points.findIndex((point) => point === true);
  return oldest >= datapointsToAlarm ? 'ALARM' : before;
}

/** An `aws_cloudwatch_metric_alarm` as it was synthesized, evaluated over stored samples. */
export class MetricAlarm {
  readonly name: string;
  readonly period: number;
  readonly rules: AlarmRules;
  state: AlarmState = 'INSUFFICIENT_DATA';
  readonly #json: Json;

  constructor(json: Json) {
    this.#json = json;
    this.name = json.alarm_name;
    const periods: number[] = json.metric_query === undefined ? [json.period] : json.metric_query.flatMap((query: Json) => (query.metric === undefined ? [] : [query.metric.period]));
    this.period = periods[0]!;
    if (periods.some((period) => period !== this.period)) throw new Error(`${this.name}: each metric must be using the same period.`);
    this.rules = { evaluationPeriods: json.evaluation_periods, datapointsToAlarm: json.datapoints_to_alarm ?? json.evaluation_periods, missing: json.treat_missing_data ?? 'missing' };
  }

  /** Seconds between two evaluations: Amazon CloudWatch User Guide, "Alarm evaluation". */
  get interval(): number {
    if (this.period < 60) return 10;
    return this.period * this.rules.evaluationPeriods > 86_400 ? 3600 : 60;
  }

  evaluate(store: MetricStore, now: number, more = EVALUATION_RANGE_MORE): AlarmState {
    const end = Math.floor(now / this.interval) * this.interval;
    const count = this.rules.evaluationPeriods + more;
    const values = this.#values(store, { period: this.period, count, end, now });
    this.state = stateOf(values.map((value) => (value === undefined ? undefined : this.#breaches(value))), this.rules, this.state);
    return this.state;
  }

  #breaches(value: number): boolean {
    const { threshold, comparison_operator: operator } = this.#json;
    switch (operator) {
      case 'GreaterThanThreshold': return value > threshold;
      case 'GreaterThanOrEqualToThreshold': return value >= threshold;
      case 'LessThanThreshold': return value < threshold;
      case 'LessThanOrEqualToThreshold': return value <= threshold;
      default: throw new Error(`${this.name}: ${operator} is not known here.`);
    }
  }

  #values(store: MetricStore, range: { readonly period: number; readonly count: number; readonly end: number; readonly now: number }): Series {
    const json = this.#json;
    if (json.metric_query === undefined) {
      return store.series({ namespace: json.namespace, name: json.metric_name, dimensions: json.dimensions ?? {} }, json.statistic ?? json.extended_statistic, range);
    }
    const { period, count, end } = range;
    const times = Array.from({ length: count }, (_, i) => end - (count - i) * period);
    const series: Record<string, Series> = {};
    let returned: string | undefined;
    for (const { id, metric, expression, return_data } of json.metric_query) {
      series[id] = metric === undefined
        ? evaluateExpression(expression, { series, times, period })
        : store.series({ namespace: metric.namespace, name: metric.metric_name, dimensions: metric.dimensions ?? {} }, metric.stat, range);
      if (return_data === true) {
        if (returned !== undefined) throw new Error(`${this.name}: only one query may return data.`);
        returned = id;
      }
    }
    if (returned === undefined) throw new Error(`${this.name}: no query returns data.`);
    return series[returned]!;
  }
}
