import { checkAmount } from './amount';

const MARK = Symbol.for('tenantry/Duration');

/** A length of time that carries its unit. */
export class Duration {
  static milliseconds(amount: number): Duration {
    return new Duration(amount, 'millisecond');
  }

  static seconds(amount: number): Duration {
    return new Duration(amount, 'second');
  }

  static minutes(amount: number): Duration {
    return new Duration(amount, 'minute');
  }

  static hours(amount: number): Duration {
    return new Duration(amount, 'hour');
  }

  static days(amount: number): Duration {
    return new Duration(amount, 'day');
  }

  /** Tells one even when two copies of the package are loaded. */
  static isDuration(x: unknown): x is Duration {
    return typeof x === 'object' && x !== null && MARK in x;
  }

  private constructor(readonly amount: number, readonly unit: Unit) {
    checkAmount('core/duration', `Duration.${unit}s`, amount);
    Object.defineProperty(this, MARK, { value: true });
  }

  toSeconds(): number {
    return this.unit === 'millisecond' ? this.amount / 1000 : this.amount * SECONDS[this.unit];
  }

  /** May hold a fraction. */
  toDays(): number {
    return this.toSeconds() / SECONDS.day;
  }

  isShorterThan(other: Duration): boolean {
    return this.toSeconds() < other.toSeconds();
  }

  /** `60 seconds`, `1 day`: as it was written. */
  toString(): string {
    return `${this.amount} ${this.unit}${this.amount === 1 ? '' : 's'}`;
  }

  /** `Duration.seconds(60)`: what a user types. */
  toCode(): string {
    return `Duration.${this.unit}s(${this.amount})`;
  }
}

type Unit = keyof typeof SECONDS;

const SECONDS = { millisecond: 0.001, second: 1, minute: 60, hour: 3600, day: 86_400 } as const;
