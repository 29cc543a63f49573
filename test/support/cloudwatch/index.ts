import { CloudwatchCompositeAlarm } from '@cdktf/provider-aws/lib/cloudwatch-composite-alarm';
import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import type { Json, SynthesizedStack } from '../synth';
import { CompositeAlarm } from './composite-alarm';
import { type AlarmState, EVALUATION_RANGE_MORE, MetricAlarm } from './metric-alarm';
import type { MetricStore } from './metric-store';

export interface Change {
  readonly time: number;
  readonly alarm: string;
  readonly state: AlarmState;
}

export interface SimulationOptions {
  readonly from: number;
  readonly to: number;
  /** Seconds after a whole ten, minute or hour at which alarms are evaluated. @default 0 */
  readonly phase?: number;
  /** @default - as AWS's examples have it */
  readonly evaluationRangeMore?: number;
}

/** CloudWatch: the alarms of a synthesized stack, over stored samples. */
export class CloudWatch {
  readonly metricAlarms: readonly MetricAlarm[];
  readonly compositeAlarms: readonly CompositeAlarm[];
  /** Every change of a state. */
  readonly changes: Change[] = [];
  /** What was told: to those whom the alarm's actions name. */
  readonly told: (Change & { readonly topics: readonly string[] })[] = [];
  readonly #actions = new Map<string, Json>();

  constructor(stack: SynthesizedStack, readonly store: MetricStore, only: (name: string) => boolean = () => true) {
    const resources = [CloudwatchMetricAlarm, CloudwatchCompositeAlarm].flatMap((type) => stack.resources(type));
    const names = new Map(resources.map(({ address, arguments: { alarm_name } }) => [address, alarm_name as string]));
    const resolved = (json: Json): Json => JSON.parse(JSON.stringify(json).replaceAll(/\$\{([a-z_]+\.[A-Za-z0-9_-]+)\.alarm_name\}/g, (_, address: string) => {
      const name = names.get(address);
      if (name === undefined) throw new Error(`There is no alarm ${address}.`);
      return name;
    }));
    const wanted = resources.map(({ type, arguments: json }) => ({ type, json: resolved(json) })).filter(({ json }) => only(json.alarm_name));
    for (const { json } of wanted) this.#actions.set(json.alarm_name, json);
    this.metricAlarms = wanted.filter(({ type }) => type === CloudwatchMetricAlarm.tfResourceType).map(({ json }) => new MetricAlarm(json));
    this.compositeAlarms = wanted.filter(({ type }) => type === CloudwatchCompositeAlarm.tfResourceType).map(({ json }) => new CompositeAlarm(json));
  }

  /** Lets time pass, in steps of ten seconds. */
  run({ from, to, phase = 0, evaluationRangeMore = EVALUATION_RANGE_MORE }: SimulationOptions): void {
    for (let time = from; time <= to; time += 10) {
      for (const alarm of this.metricAlarms) {
        if (time % alarm.interval !== 0) continue;
        const before = alarm.state;
        const now = time + Math.min(phase, alarm.interval - 1);
        if (alarm.evaluate(this.store, now, evaluationRangeMore) !== before) this.#change(alarm.name, alarm.state, now, true);
      }
      const now = time + phase;
      for (const alarm of this.compositeAlarms) {
        const before = alarm.state;
        const told = alarm.evaluate((name) => this.stateOf(name), now);
        if (alarm.state !== before) this.#change(alarm.name, alarm.state, now, false);
        if (told !== undefined) this.#tell(alarm.name, told.state, told.time);
      }
    }
  }

  stateOf(name: string): AlarmState {
    const alarm = [...this.metricAlarms, ...this.compositeAlarms].find((one) => one.name === name);
    if (alarm === undefined) throw new Error(`There is no alarm ${name}.`);
    return alarm.state;
  }

  /** When an alarm went on, the first time. */
  firstAlarm(name: string): number | undefined {
    return this.changes.find(({ alarm, state }) => alarm === name && state === 'ALARM')?.time;
  }

  /** When somebody was told that it is on, the first time. */
  firstTold(name: string): number | undefined {
    return this.told.find(({ alarm, state }) => alarm === name && state === 'ALARM')?.time;
  }

  #change(alarm: string, state: AlarmState, time: number, tells: boolean): void {
    this.changes.push({ time, alarm, state });
    if (tells) this.#tell(alarm, state, time);
  }

  #tell(alarm: string, state: AlarmState, time: number): void {
    const json = this.#actions.get(alarm);
    const topics: string[] = (state === 'ALARM' ? json.alarm_actions : state === 'OK' ? json.ok_actions : []) ?? [];
    if (topics.length > 0) this.told.push({ time, alarm, state, topics });
  }
}

export { type AlarmState } from './metric-alarm';
export { MetricStore, type MetricKey, type Sample } from './metric-store';
