import { TENANT_ID } from '../../declaration/names';
import { defaultPartitionName, hashPartitionName, rangePartitionName } from '../../declaration/partitions';
import { PERIODS } from '../../declaration/schema-partitions';
import type { TableDeclaration } from '../../declaration/schema';
import type { PartitionPeriod } from '../../declaration/types-partitions';

/** How the rows of a table are spread over partitions. */
export type ShapePartitions =
  | { readonly strategy: 'range'; readonly column: string; readonly type: string; readonly every: PartitionPeriod; readonly ahead: number; readonly from?: string }
  | { readonly strategy: 'hash'; readonly column: string; readonly count: number };

const AHEAD = 3;

/** The partitions of a declared table, or nothing at all where it has none. */
export function shapePartitions({ partitionBy, columns }: TableDeclaration): { partitionBy?: ShapePartitions } {
  if (partitionBy?.hash !== undefined) return { partitionBy: { strategy: 'hash', column: TENANT_ID, count: partitionBy.hash } };
  if (partitionBy?.range === undefined || partitionBy.every === undefined) return {};
  const { range, every, ahead = AHEAD, from } = partitionBy;
  return { partitionBy: { strategy: 'range', column: range, type: columns[range]?.type ?? '', every, ahead, ...(from === undefined ? {} : { from }) } };
}

/** From a time on, up to another one: milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What the bounds of a partition say, as far as this library makes such ones. */
export type Bounds = { readonly type: 'default' } | ({ readonly type: 'range' } & Span) | { readonly type: 'hash'; readonly modulus: number; readonly remainder: number } | { readonly type: 'other' };

/** A partition that is wanted and not there. */
export interface MissingPartition {
  readonly name: string;
  readonly bounds: Exclude<Bounds, { readonly type: 'other' }>;
  /** FOR VALUES … or DEFAULT. */
  readonly sql: string;
  /** From when to when, as constants, where it is for a time. */
  readonly times?: readonly [string, string];
}

/**
 * Partitions that are not there yet. Of a time that other ones hold in part, what is left: no row is ever left out because somebody cut the time otherwise.
 *
 * @param asOf - the clock of the server
 * @param also - times that must have one besides, each as a whole: a long one in short periods would be thousands of tables
 */
export function missingPartitions(table: string, by: ShapePartitions, there: readonly Bounds[], asOf: string | undefined, also: readonly Span[] = []): MissingPartition[] {
  if (by.strategy === 'hash') {
    const known = new Set(there.flatMap((bounds) => (bounds.type === 'hash' ? [bounds.remainder] : [])));
    if (there.some((bounds) => bounds.type !== 'hash' || bounds.modulus !== by.count)) return [];
    return Array.from({ length: by.count }, (_, remainder): MissingPartition => ({
      name: hashPartitionName(table, remainder), bounds: { type: 'hash', modulus: by.count, remainder }, sql: `for values with (modulus ${by.count}, remainder ${remainder})`,
    })).filter((_, remainder) => !known.has(remainder));
  }
  const gaps = gapsIn([...periods(by, asOf), ...also], there.filter((bounds) => bounds.type === 'range'));
  return [
    ...(there.some(({ type }) => type === 'default') ? [] : [{ name: defaultPartitionName(table), bounds: { type: 'default' } as const, sql: 'default' }]),
    ...gaps.map(({ whole, part }): MissingPartition => ({
      times: [timeOf(by.type, part.from), timeOf(by.type, part.to)],
      name: rangePartitionName(table, part.from === whole.from && part.to === whole.to && isPeriod(by.every, part) ? NAMES[by.every](new Date(part.from)) : nameOfTime(part.from)),
      bounds: { type: 'range', ...part }, sql: `for values from (${timeOf(by.type, part.from)}) to (${timeOf(by.type, part.to)})`,
    })),
  ];
}

const digits = (n: number, length = 2): string => String(n).padStart(length, '0');
const dayOf = (time: Date): string => `${digits(time.getUTCFullYear(), 4)}${digits(time.getUTCMonth() + 1)}${digits(time.getUTCDate())}`;
const nameOfTime = (time: number): string => `${dayOf(new Date(time))}${time % DAY === 0 ? '' : `t${digits(new Date(time).getUTCHours())}${digits(new Date(time).getUTCMinutes())}${digits(new Date(time).getUTCSeconds())}`}`;
const NAMES: Readonly<Record<PartitionPeriod, (from: Date) => string>> = {
  day: dayOf, week: dayOf, month: (from) => `${digits(from.getUTCFullYear(), 4)}_${digits(from.getUTCMonth() + 1)}`, year: (from) => digits(from.getUTCFullYear(), 4),
};

const DAY = 86_400_000;

/** The beginning of a period. @param next - how many periods behind the one that the time is in */
function startOf(every: PartitionPeriod, time: number, next = 0): number {
  const date = new Date(time);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (every) {
    case 'day': return Date.UTC(year, month, day + next);
    case 'week': return Date.UTC(year, month, day - (date.getUTCDay() + 6) % 7 + 7 * next);
    case 'month': return Date.UTC(year, month + next, 1);
    case 'year': return Date.UTC(year + next, 0, 1);
  }
}

/** The length of time that a span is exactly one of. */
export const periodOf = (span: Span): PartitionPeriod | undefined => (Number.isFinite(span.from) && Number.isFinite(span.to) ? PERIODS.find((every) => isPeriod(every, span)) : undefined);

const isPeriod = (every: PartitionPeriod, { from, to }: Span): boolean => startOf(every, from) === from && startOf(every, from, 1) === to;

function periods({ every, ahead, from }: Extract<ShapePartitions, { strategy: 'range' }>, asOf: string | undefined): Span[] {
  if (asOf === undefined) return [];
  const now = Date.parse(asOf);
  const first = from === undefined ? now : Math.min(now, Date.parse(`${from}T00:00:00Z`));
  return cut(every, { from: startOf(every, first), to: startOf(every, now, ahead + 1) });
}

/** A time in periods. */
function cut(every: PartitionPeriod, { from, to }: Span): Span[] {
  const found: Span[] = [];
  for (let at = from; at < to; at = startOf(every, at, 1)) found.push({ from: at, to: Math.min(startOf(every, at, 1), to) });
  return found;
}

/** What of the wanted times is neither held nor wanted before. Both may be thousands, of each place: they are walked once. */
function gapsIn(wanted: readonly Span[], held: readonly Span[]): { whole: Span; part: Span }[] {
  const byTime = (a: Span, b: Span): number => a.from - b.from;
  const others = [...held].sort(byTime);
  const gaps: { whole: Span; part: Span }[] = [];
  let [next, until] = [0, -Infinity];
  for (const whole of [...wanted].sort(byTime)) {
    const rest = { from: Math.max(whole.from, until), to: whole.to };
    if (rest.from >= rest.to) continue;
    while ((others[next]?.to ?? Infinity) <= rest.from) next++;
    let end = next;
    while ((others[end]?.from ?? Infinity) < rest.to) end++;
    for (const part of without(rest, others.slice(next, end))) gaps.push({ whole, part });
    until = rest.to;
  }
  return gaps;
}

/** What is left of a time without others. */
function without(span: Span, others: readonly Span[]): Span[] {
  return others.reduce<Span[]>((left, other) => left.flatMap((part) => (other.to <= part.from || other.from >= part.to ? [part]
    : [{ from: part.from, to: other.from }, { from: other.to, to: part.to }].filter(({ from, to }) => from < to))), [span]);
}

/** A time as a constant of the type of the column. */
function timeOf(type: string, time: number): string {
  const text = new Date(time).toISOString();
  return type === 'date' ? `'${text.slice(0, 10)}'` : `'${text.slice(0, 10)} ${text.slice(11, 19)}${type.includes('without') || type === 'timestamp' ? '' : '+00'}'`;
}

/** Reads `FOR VALUES FROM ('2026-11-01 00:00:00+00') TO (MAXVALUE)` and the like, as a session in UTC prints it. */
export function boundsOf(text: string): Bounds {
  if (text === 'DEFAULT') return { type: 'default' };
  const hash = /^FOR VALUES WITH \(modulus (\d+), remainder (\d+)\)$/.exec(text);
  if (hash !== null) return { type: 'hash', modulus: Number(hash[1]), remainder: Number(hash[2]) };
  const range = /^FOR VALUES FROM \((.*)\) TO \((.*)\)$/.exec(text);
  const [from, to] = [instantOf(range?.[1]), instantOf(range?.[2])];
  return from === undefined || to === undefined ? { type: 'other' } : { type: 'range', from, to };
}

function instantOf(text: string | undefined): number | undefined {
  if (text === undefined || text.includes(', ')) return undefined;
  if (text === 'MINVALUE' || text === "'-infinity'") return -Infinity;
  if (text === 'MAXVALUE' || text === "'infinity'") return Infinity;
  const [, day, time = '00:00:00', , era] = /^'(\d{4}-\d{2}-\d{2})(?: (\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?)\d*)?(\+00)?( BC)?'$/.exec(text) ?? [];
  // A year of five digits lies behind every period that is ever wanted.
  return era !== undefined ? -Infinity : day !== undefined ? Date.parse(`${day}T${time}Z`) : /^'\d{5,}-.*'$/.test(text) ? Infinity : undefined;
}
