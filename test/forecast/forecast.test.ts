import { describe, expect, it } from 'vitest';
import { explainedAlarms } from '../../lib/explain/explain-alarm';
import { type Forecast, forecast, type ForecastSettings, type Series } from '../../lib/forecast';
import { RUNBOOKS, runbookOf } from '../../lib/forecast/runbooks';

const DAY = 86_400_000;
const FIRST = Date.parse('2026-08-24T00:00:00Z');
/** Of a history of 90 days, the last one. */
const TODAY = '2026-11-21';
const date = (index: number): string => new Date(FIRST + index * DAY).toISOString().slice(0, 10);

/** A point a day, by the index of the day. */
const history = (value: (day: number) => number, days = 90, every = 1): Series => ({
  name: 'Metric', points: Array.from({ length: Math.ceil(days / every) }, (_, i) => ({ time: FIRST + i * every * DAY + DAY / 2, value: value(i * every) })),
});
const forecastAll = (series: readonly Series[], limit: number, settings: Partial<ForecastSettings> = {}): Forecast[] =>
  forecast(series, { limit: { is: 'ceiling', value: limit }, within: 90, now: Date.parse(`${TODAY}T18:00:00Z`), at: 'metrics.json', ...settings });
const floor = (value: number): Partial<ForecastSettings> => ({ limit: { is: 'floor', value } });
const of = (series: Series, limit: number, settings?: Partial<ForecastSettings>): Forecast => forecastAll([series], limit, settings)[0] as Forecast;

/** Between -1 and 1, the same in every run. */
const noise = (i: number): number => 2 * ((Math.abs(Math.sin(i * 12.9898) * 43758.5453)) % 1) - 1;
const line = (day: number): number => 1000 + 10 * day;
/** When the line is at 2500. */
const ON_LINE = date(150);

describe('a forecast', () => {
  it('names the first day on which a line is at the limit, and counts from today', () => {
    expect(of(history(line), 2500)).toEqual({
      name: 'Metric', limit: 2500, limitIs: 'ceiling', history: { from: '2026-08-24', to: TODAY, days: 90 }, outcome: 'expected', within: true, current: 1890,
      trend: { perDay: 10, slower: 10, faster: 10 }, date: '2027-01-21', inDays: 61, earliest: '2027-01-21', latest: '2027-01-21', notes: [],
    });
    expect([ON_LINE, of(history(line), 2500.1).date]).toEqual(['2027-01-21', '2027-01-22']);
  });

  it('names the day on which something that runs out is at its floor', () => {
    expect(of(history((day) => 500 - 2.5 * day), 0, floor(0))).toMatchObject({ limitIs: 'floor', outcome: 'expected', current: 277.5, trend: { perDay: -2.5, slower: -2.5, faster: -2.5 }, date: date(200) });
  });

  it('takes the worst of each day, whatever the order of the points', () => {
    const hourly = (value: (day: number) => number): Series => ({ name: 'Metric', points: Array.from({ length: 90 * 24 }, (_, i) => ({ time: FIRST + (i * DAY) / 24, value: value(Math.floor(i / 24)) * (i % 24 === 13 ? 1 : 0.5) })).reverse() });
    expect(of(hourly(line), 2500)).toMatchObject({ date: ON_LINE, current: 1890 });
    const morning = (value: (day: number) => number): Series => ({ name: 'Metric', points: hourly(() => 1).points.map(({ time, value: share }) => ({ time, value: value(Math.floor((time - FIRST) / DAY)) / share })) });
    expect(of(morning((day) => 500 - 2.5 * day), 0, floor(0))).toMatchObject({ date: date(200), current: 277.5 });
  });

  it('is moved by no single days, be they the first, the last week or one in eight', () => {
    const odd = [0, 9, 17, 25, 33, 40, 50, 58, 66, 74, 86];
    expect(of(history((day) => line(day) * (odd.includes(day) ? 3 : 1)), 10_000).date).toBe(date(900));
    expect(of(history((day) => line(day) * (odd.includes(day) ? 0 : 1)), 2500).date).toBe(ON_LINE);
  });

  it('is moved by no weekly wave, and tells when its peak is at the limit', () => {
    const worked = (day: number): number => 500 + 2 * day + (day % 7 < 5 ? 400 : 0);
    expect(of(history(worked), 1200)).toMatchObject({ date: date(150), earliest: date(150), latest: date(150), notes: [] });
    const each = (day: number): number => 500 + 2 * day + [0, 300, 100, 400, 200, 350, 50][day % 7]!;
    expect(of(history(each), 1200)).toMatchObject({ date: date(150), earliest: date(150), latest: date(150), notes: [] });
  });

  it('goes on from where the metric stands now, after it was filled at once, or emptied two weeks ago', () => {
    expect(of(history((day) => line(day) + (day > 84 ? 300 : 0)), 2500).date).toBe(date(120));
    expect(of(history((day) => line(day) - (day > 75 ? 300 : 0)), 2500).date).toBe(date(180));
  });

  it('gives a range where growth is uneven: later than at the faster rates, sooner than at the slower ones', () => {
    const { trend, earliest, date: middle, latest } = of(history((day) => day ** 2), 20_000);
    // The rate is the sum of two indices: of the pairs of weeks, a quarter has less than 64, and a quarter more than 113.
    expect(trend).toEqual({ perDay: expect.closeTo(89, -1), slower: expect.closeTo(64, -1), faster: expect.closeTo(113, -1) });
    const [from, at, to] = [earliest, middle, latest].map((day) => Date.parse(day ?? '')) as [number, number, number];
    expect([from < at, at < to]).toEqual([true, true]);
  });

  it('says so where the days scatter more than they grow, or do not grow', () => {
    const scattered = of(history((day) => 1000 + day / 10 + 100 * noise(day)), 1250);
    expect(scattered).toMatchObject({ outcome: 'expected', notes: [expect.stringContaining('the days scatter more than the metric grows. Take the date for a guess.'), expect.stringContaining('further away than twice the length of the history')] });
    expect(scattered).not.toHaveProperty('latest');
    expect(of(history((day) => 1000 + 10 * day + 100 * noise(day)), 2500).notes).toEqual([]);
    const flat = of(history(() => 1000), 2500);
    expect(flat).toMatchObject({ outcome: 'not-expected', within: false, trend: { perDay: 0, slower: 0, faster: 0 }, notes: [] });
    expect(Object.keys(flat)).not.toEqual(expect.arrayContaining(['date']));
    expect(of(history(() => 1000), 500, floor(500))).toMatchObject({ limitIs: 'floor', outcome: 'not-expected', trend: { perDay: 0, slower: 0, faster: 0 } });
  });

  it('names no day that is ten years away', () => {
    expect(of(history((day) => day), 3649 + 89 - 1)).toMatchObject({ outcome: 'expected' });
    expect(of(history((day) => day), 3651 + 89)).toMatchObject({ outcome: 'not-expected', within: false });
  });

  it('is reached where the last day is at the limit, or the second-highest of two weeks', () => {
    expect(of(history((day) => (day === 89 ? 5000 : 1000)), 5000).outcome).toBe('reached');
    const { outcome, within, ...rest } = of(history(line), 1890);
    expect({ outcome, within, dated: 'date' in rest }).toEqual({ outcome: 'reached', within: true, dated: false });
    expect(of(history((day) => (day === 80 || day === 82 ? 5000 : 1000)), 5000).outcome).toBe('reached');
    expect(of(history((day) => (day === 80 ? 5000 : 1000)), 5000).outcome).toBe('not-expected');
  });

  it('counts from today, also of an old history, and says how old it is', () => {
    const now = Date.parse('2027-01-31T00:00:00Z');
    expect(of(history(line), 2500, { now })).toMatchObject({ date: '2027-01-21', inDays: -10, within: true, notes: ['The history ends 71 days ago: fetch it anew.'] });
    expect(of(history(line), 2500, { now: Date.parse('2026-11-28T23:00:00Z') }).notes).toEqual([]);
  });

  it('is near where its day is one of the next', () => {
    expect([61, 60].map((within) => of(history(line), 2500, { within }).within)).toEqual([true, false]);
  });

  it('is reached by what lies beyond its limit from the beginning, and never by what goes away from it', () => {
    expect(of(history(line), 500)).toMatchObject({ limitIs: 'ceiling', outcome: 'reached', within: true });
    expect(of(history(line), 500, floor(500))).toMatchObject({ limitIs: 'floor', outcome: 'not-expected', within: false, notes: [] });
    expect(of(history((day) => 400 - day), 500, floor(500))).toMatchObject({ outcome: 'reached', within: true });
  });

  it('compares what comes less often than daily too', () => {
    expect(of(history(line, 120, 10), 2500).date).toBe(ON_LINE);
    expect(of(history(line, 105, 7), 2500).date).toBe(ON_LINE);
    expect(of(history((day) => ([10, 20, 30].includes(day) ? 0 : line(day)), 120, 10), 2500).date).toBe(ON_LINE);
  });

  it('puts the soonest first, then what is too short to tell, then the others', () => {
    const named = (name: string, series: Series): Series => ({ ...series, name });
    const all = forecastAll([named('never', history(() => 1)), named('short', history(line, 13)), named('later', history(line)), named('now', history((day) => line(day) + (day > 30 ? 5000 : 0))), named('sooner', history((day) => 2 * line(day)))], 5000);
    expect(all.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(['now reached', 'sooner expected', 'later expected', 'short too-short', 'never not-expected']);
    expect(all.find(({ name }) => name === 'short')?.notes).toEqual(['The history has 13 days with points, over 13 days; 10 are needed, over 14 days.']);
  });

  it('needs ten days with points over fourteen', () => {
    const outcomeOf = (series: Series): string => forecastAll([series, history(line)], 2500).find(({ history: { days } }) => days < 90)?.outcome ?? '';
    expect(outcomeOf(history(line, 14))).toBe('expected');
    expect(outcomeOf(history(line, 13))).toBe('too-short');
    expect(outcomeOf({ name: 'Metric', points: history(line, 20).points.filter((_, i) => i < 8 || i === 19) })).toBe('too-short');
    expect(outcomeOf({ name: 'Metric', points: history(line, 20).points.filter((_, i) => i < 9 || i === 19) })).toBe('expected');
  });
});

describe('the runbooks of a forecast', () => {
  it('are there, and are found by what the metric is called', () => {
    expect(Object.values(RUNBOOKS).filter((alarm) => !explainedAlarms().includes(alarm))).toEqual([]);
    expect(['shop VolumeBytesUsed', 'FreeStorageSpace Minimum', 'Orders'].map(runbookOf)).toEqual(['volume', 'storage', 'scaling']);
  });
});
