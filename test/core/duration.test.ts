import { describe, expect, it } from 'vitest';
import { Duration } from '../../lib/core/duration';

describe('Duration', () => {
  it.each([
    [Duration.seconds(90), 90, '90 seconds', 'Duration.seconds(90)'],
    [Duration.minutes(1), 60, '1 minute', 'Duration.minutes(1)'],
    [Duration.hours(2), 7200, '2 hours', 'Duration.hours(2)'],
    [Duration.days(35), 3_024_000, '35 days', 'Duration.days(35)'],
    [Duration.seconds(0), 0, '0 seconds', 'Duration.seconds(0)'],
  ])('%s keeps what was written', (duration, seconds, text, code) => {
    expect([duration.toSeconds(), duration.toString(), duration.toCode()]).toEqual([seconds, text, code]);
  });

  it('compares across units', () => {
    expect(Duration.seconds(59).isShorterThan(Duration.minutes(1))).toBe(true);
    expect(Duration.seconds(60).isShorterThan(Duration.minutes(1))).toBe(false);
    expect(Duration.hours(36).toDays()).toBe(1.5);
  });
});
