import { TenantryError } from '../core/errors';
import { count } from '../core/text';
import { type Limit, refuseOtherUnit } from './limit';
import type { Series } from './series';
import { byDay, type Day, dateOf, dayOf, type Trend, trendOf } from './trend';

export interface ForecastSettings {
  readonly limit: Limit;
  /** Days from today within which somebody has to act. */
  readonly within: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Where the histories come from, for what is refused. */
  readonly at: string;
}

/** Values are in the unit of the metric, dates in UTC. */
export interface Forecast {
  readonly name: string;
  /** CloudWatch's word. @default - not known */
  readonly unit?: string;
  readonly limit: number;
  readonly history: { readonly from: string; readonly to: string; readonly days: number };
  /**
   * - `reached`: it lies at the limit or beyond
   * - `expected`: at this trend, in less than ten years
   * - `not-expected`: not so
   * - `too-short`: nothing can be said yet
   */
  readonly outcome: 'reached' | 'expected' | 'not-expected' | 'too-short';
  /** Whether somebody has to act. */
  readonly within: boolean;
  /** Worst value of the last day. */
  readonly current: number;
  /** What grows reaches a ceiling, what runs out a floor. */
  readonly limitIs: 'ceiling' | 'floor';
  /** @default - the history is too short */
  readonly trend?: { readonly perDay: number; readonly slower: number; readonly faster: number };
  /** First day at the limit. Earlier than today where the history is old. @default - not expected, or reached */
  readonly date?: string;
  /** From today. @default - not expected, or reached */
  readonly inDays?: number;
  /** At the faster quarter of the rates. @default - not even then */
  readonly earliest?: string;
  /** At the slower quarter of the rates. @default - not then */
  readonly latest?: string;
  /** What to know before it is believed. */
  readonly notes: readonly string[];
}

/** What is further away is no forecast. */
const HORIZON = 3650;
const LEAST = { days: 14, points: 10 } as const;
const FRESH_DAYS = 7;

/**
 * When each of several metrics reaches a limit: the soonest first, and those that do not last.
 *
 * @throws TenantryError (`input`) where no history is long enough, or the limit is of another kind than a metric
 */
export function forecast(series: readonly Series[], settings: ForecastSettings): Forecast[] {
  refuseOtherUnit(series, settings.limit);
  const all = series.map((one) => forecastOf(one, settings));
  if (all.every(({ outcome }) => outcome === 'too-short')) {
    throw new TenantryError('input', all.map(({ name, notes, history }) => ({
      code: 'forecast/too-short', at: `${settings.at}: ${name}`, problem: notes.join(' '),
      fix: `Ask for an earlier --start-time. Where there is nothing earlier, wait until ${dateOf(dayOf(Date.parse(history.from)) + LEAST.days - 1)}.`,
    })));
  }
  const urgency = ({ outcome, inDays = 0 }: Forecast): number => ({ 'reached': -Infinity, 'expected': inDays, 'too-short': HORIZON, 'not-expected': Infinity })[outcome];
  return all.sort((a, b) => (urgency(a) < urgency(b) ? -1 : urgency(a) > urgency(b) ? 1 : 0));
}

function forecastOf({ name, unit, points }: Series, { limit, within, now }: ForecastSettings): Forecast {
  // A floor is a ceiling, seen from below.
  const sign = limit.is === 'ceiling' ? 1 : -1;
  const days = byDay(points.map(({ time, value }) => ({ time, value: sign * value })));
  const first = days[0] as Day;
  const end = days.at(-1) as Day;
  const known = unit ?? limit.unit;
  const common = {
    name, ...(known === undefined ? {} : { unit: known }), limit: limit.value, limitIs: limit.is, current: sign * end.value,
    history: { from: dateOf(first.day), to: dateOf(end.day), days: end.day - first.day + 1 },
  } as const;
  if (common.history.days < LEAST.days || days.length < LEAST.points) {
    return {
      ...common, outcome: 'too-short', within: false,
      notes: [`The history has ${count(days.length, 'day')} with points, over ${count(common.history.days, 'day')}; ${LEAST.points} are needed, over ${LEAST.days} days.`],
    };
  }
  const trend = trendOf(days);
  return { ...common, ...outlook(trend, { distance: sign * limit.value - trend.level, isReached: end.value >= sign * limit.value, first: first.day, end: end.day, today: dayOf(now), within }), trend: shownTrend(trend, sign) };
}

/** As the metric has it: what falls has rates below zero. */
const shownTrend = ({ perDay, slower, faster }: Trend, sign: number): Pick<Trend, 'perDay' | 'slower' | 'faster'> =>
  // Not -0.
  ({ perDay: sign * perDay + 0, slower: sign * slower + 0, faster: sign * faster + 0 });

interface Outlook {
  /** From the trend to the limit. */
  readonly distance: number;
  readonly isReached: boolean;
  readonly first: number;
  readonly end: number;
  readonly today: number;
  readonly within: number;
}

function outlook({ perDay, slower, faster }: Trend, { distance, isReached, first, end, today, within }: Outlook): Pick<Forecast, 'outcome' | 'within' | 'date' | 'inDays' | 'earliest' | 'latest' | 'notes'> {
  const age = today - end;
  const old = age > FRESH_DAYS ? [`The history ends ${age} days ago: fetch it anew.`] : [];
  if (isReached || distance <= 0) return { outcome: 'reached', within: true, notes: old };
  // A day that is reached but for an error of floating point is reached.
  const at = (rate: number): number | undefined => (rate > 0 && distance / rate < HORIZON ? end + Math.ceil(distance / rate - 1e-6) : undefined);
  const dated = (day: number | undefined, name: 'date' | 'earliest' | 'latest'): object => (day === undefined ? {} : { [name]: dateOf(day) });
  const [date, earliest, latest] = [at(perDay), at(faster), at(slower)];
  const range = { ...dated(date, 'date'), ...dated(earliest, 'earliest'), ...dated(latest, 'latest') };
  if (date === undefined) return { outcome: 'not-expected', within: false, ...range, notes: old };
  return {
    outcome: 'expected', within: date - today <= within, inDays: date - today, ...range,
    notes: [
      ...old,
      ...(slower <= 0 ? ['Between more than a quarter of the weeks there is no growth: the days scatter more than the metric grows. Take the date for a guess.'] : []),
      ...(date - end > 2 * (end - first) ? ['The date is further away than twice the length of the history: look again, with a longer one.'] : []),
    ],
  };
}
