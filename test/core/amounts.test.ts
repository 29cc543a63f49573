import { Lazy } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { Duration } from '../../lib/core/duration';
import { Size } from '../../lib/core/size';
import { expectRefusal } from '../support/synth';

const given = (value: unknown): number => value as number;

describe('an amount with a unit refuses', () => {
  it.each<[string, () => unknown, string]>([
    ['what is below nothing', () => Duration.days(-1), `core/duration

  Duration.days is given -1; a number from 0 is needed.

  For instance Duration.days(1).`],
    ['what is no number', () => Size.tebibytes(Number.NaN), `core/size

  Size.tebibytes is given NaN; a number from 0 is needed.

  For instance Size.tebibytes(1).`],
    ['what never ends', () => Duration.milliseconds(Number.POSITIVE_INFINITY), `core/duration

  Duration.milliseconds is given Infinity; a number from 0 is needed.

  For instance Duration.milliseconds(1).`],
    ['a number in quotes', () => Size.gibibytes(given('100')), `core/size

  Size.gibibytes is given "100"; a number from 0 is needed.

  Without quotes:   Size.gibibytes(100)`],
    ['a text', () => Duration.seconds(given('1m')), `core/duration

  Duration.seconds is given "1m"; a number from 0 is needed.

  For instance Duration.seconds(1).`],
    ['nothing', () => Size.mebibytes(given(undefined)), `core/size

  Size.mebibytes is given nothing; a number from 0 is needed.

  For instance Size.mebibytes(1).`],
    ['what only Terraform knows', () => Duration.minutes(Lazy.numberValue({ produce: () => 5 })), `core/duration

  Duration.minutes is given a value that only Terraform knows; a number from 0 is needed, and it is needed at synthesis.

  Give the number itself, from the data of the environment for instance.`],
    ['what only Terraform knows, as a text', () => Size.gibibytes(given(Lazy.stringValue({ produce: () => '5' }))), `core/size

  Size.gibibytes is given a value that only Terraform knows; a number from 0 is needed, and it is needed at synthesis.

  Give the number itself, from the data of the environment for instance.`],
  ])('%s', (_what, make, message) => expectRefusal(make, message.split('\n')[0] as string, message));
});

describe('an amount is told', () => {
  it('by a mark that another copy of the package makes too, and not by its properties', () => {
    const copy = { [Symbol.for('tenantry/Duration')]: true };
    expect([Duration.hours(1), copy, { amount: 1, unit: 'hour' }, Size.gibibytes(1), 1, undefined, null].map((value) => Duration.isDuration(value))).toEqual([true, true, false, false, false, false, false]);
    expect([Size.gibibytes(1), Duration.hours(1), { amount: 1, unit: 'gibibyte' }, null].map((value) => Size.isSize(value))).toEqual([true, false, false, false]);
  });
});
