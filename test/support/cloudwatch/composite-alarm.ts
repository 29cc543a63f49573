import type { Json } from '../synth';
import type { AlarmState } from './metric-alarm';

export type States = (name: string) => AlarmState;

const TOKEN = /\s*(ALARM|OK|INSUFFICIENT_DATA|AND|OR|NOT|TRUE|FALSE|\(|\)|"[^"]*"|[^\s()"]+)/y;

/** Whether a rule holds. NOT binds tighter than AND, AND tighter than OR: Amazon CloudWatch API Reference, PutCompositeAlarm. */
export function ruleHolds(rule: string, states: States): boolean {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < rule.trimEnd().length) {
    const match = TOKEN.exec(rule);
    if (match === null) throw new Error(`${rule} is no rule.`);
    tokens.push(match[1]!);
  }
  let at = 0;
  const take = (expected?: string): string => {
    const token = tokens[at++];
    if (token === undefined || (expected !== undefined && token !== expected)) throw new Error(`${rule}: ${expected ?? 'more'} is expected at ${at}.`);
    return token;
  };
  const either = (): boolean => {
    let value = both();
    while (tokens[at] === 'OR') {
      at += 1;
      value = both() || value;
    }
    return value;
  };
  const both = (): boolean => {
    let value = one();
    while (tokens[at] === 'AND') {
      at += 1;
      value = one() && value;
    }
    return value;
  };
  const one = (): boolean => {
    const token = take();
    if (token === 'NOT') return !one();
    if (token === 'TRUE' || token === 'FALSE') return token === 'TRUE';
    if (token === '(') {
      const value = either();
      take(')');
      return value;
    }
    if (token !== 'ALARM' && token !== 'OK' && token !== 'INSUFFICIENT_DATA') throw new Error(`${rule}: ${token} is no function.`);
    take('(');
    const name = take().replace(/^"|"$/g, '');
    take(')');
    return states(name) === token;
  };
  const value = either();
  if (at < tokens.length) throw new Error(`${rule}: ${tokens[at]} is too much.`);
  return value;
}

/**
 * An `aws_cloudwatch_composite_alarm` as it was synthesized: Amazon CloudWatch User Guide, "Create a composite alarm". Its state follows its rule; what it does about
 * it is held back while the suppressor is in ALARM, for the wait period after each change of its own, and for the extension period after the suppressor's end.
 */
export class CompositeAlarm {
  readonly name: string;
  state: AlarmState = 'INSUFFICIENT_DATA';
  readonly #json: Json;
  #held?: { readonly until: number };
  #suppressed = false;

  constructor(json: Json) {
    this.#json = json;
    this.name = json.alarm_name;
  }

  /** @returns the state that it tells, if any, and when: a wait may have ended between two looks */
  evaluate(states: States, now: number): { readonly state: AlarmState; readonly time: number } | undefined {
    const before = this.state;
    this.state = ruleHolds(this.#json.alarm_rule, states) ? 'ALARM' : 'OK';
    const suppressor = this.#json.actions_suppressor as { alarm: string; wait_period: number; extension_period: number } | undefined;
    const changed = this.state !== before;
    if (suppressor === undefined) return changed ? { state: this.state, time: now } : undefined;

    const wasSuppressed = this.#suppressed;
    this.#suppressed = states(suppressor.alarm) === 'ALARM';
    if (changed) this.#held = { until: now + suppressor.wait_period };
    if (this.#suppressed) {
      // What was waiting for the suppressor has met it.
      if (this.#held !== undefined && now <= this.#held.until) this.#held = undefined;
      return undefined;
    }
    if (wasSuppressed && !changed && this.state === 'ALARM') this.#held = { until: now + suppressor.extension_period };
    if (this.#held === undefined || now < this.#held.until) return undefined;
    const { until } = this.#held;
    this.#held = undefined;
    return { state: this.state, time: until };
  }
}
