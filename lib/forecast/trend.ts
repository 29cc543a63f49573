import type { Point } from './series';

/** A day in UTC, and its worst value. */
export interface Day {
  /** Since 1970. */
  readonly day: number;
  readonly value: number;
}

export interface Trend {
  /** Median of the rates of growth between the same weekdays of two weeks, a day. */
  readonly perDay: number;
  /** A quarter of the rates is smaller. */
  readonly slower: number;
  /** A quarter of the rates is larger. */
  readonly faster: number;
  /** Where the trend stands on the last day. */
  readonly level: number;
}

const MILLISECONDS = 86_400_000;
const WEEK = 7;
/** The highest day of these is left out: it may be a single event. The second is not, so that the peak of each week counts. */
const RECENT = 2 * WEEK;

export const dayOf = (time: number): number => Math.floor(time / MILLISECONDS);
export const dateOf = (day: number): string => new Date(day * MILLISECONDS).toISOString().slice(0, 10);

/** The highest value of each day, in order. */
export function byDay(points: readonly Point[]): Day[] {
  const highest = new Map<number, number>();
  for (const { time, value } of points) {
    const day = dayOf(time);
    highest.set(day, Math.max(value, highest.get(day) ?? -Infinity));
  }
  return [...highest].map(([day, value]) => ({ day, value })).sort((a, b) => a.day - b.day);
}

/**
 * Sen's slope with weekdays as seasons: median of the slopes of all pairs, of which single days move little, between the same weekdays, of which a weekly wave moves nothing.
 * Sources: Sen, Estimates of the regression coefficient based on Kendall's tau (1968); Hirsch, Slack, Smith, Techniques of trend analysis for monthly water quality data (1982).
 *
 * @param days - in order, of more than a week
 */
export function trendOf(days: readonly Day[]): Trend {
  const weekly = slopes(days, (apart) => apart % WEEK === 0);
  // Points that come less often than daily have few such pairs.
  const sorted = (weekly.length * 2 >= days.length ? weekly : slopes(days, (apart) => apart >= WEEK)).sort((a, b) => a - b);
  const perDay = quantile(sorted, 1 / 2);
  const last = days.at(-1)?.day ?? 0;
  const recent = days.filter(({ day }) => day > last - RECENT).map(({ day, value }) => value + perDay * (last - day)).sort((a, b) => b - a);
  return { perDay, slower: quantile(sorted, 1 / 4), faster: quantile(sorted, 3 / 4), level: recent[1] ?? recent[0] ?? Number.NaN };
}

function slopes(days: readonly Day[], takes: (apart: number) => boolean): number[] {
  return days.flatMap((later, i) => days.slice(0, i).filter(({ day }) => takes(later.day - day)).map(({ day, value }) => (later.value - value) / (later.day - day)));
}

/** Between the two that are nearest, where it falls between. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const [below = Number.NaN, above = below] = sorted.slice(Math.floor(place));
  return below + (above - below) * (place - Math.floor(place));
}
