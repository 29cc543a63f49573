import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Complaints, refuse, TenantryError } from '../core/errors';
import { checkShape, kind, number, text } from '../core/shape';
import type { Point, Series } from './series';

const PRINTED = 'Give what one of these prints:\naws cloudwatch get-metric-statistics … --output json\naws cloudwatch get-metric-data … --output json';
/** A file that is wrong in one place is mostly wrong in all. */
const SHOWN = 3;

/** ISO 8601, as the AWS CLI prints it; or seconds, as the service answers where the CLI is told to leave them alone. */
const timeOf = (given: unknown): number => (typeof given === 'number' ? given * 1000 : typeof given === 'string' ? Date.parse(given) : Number.NaN);
const time = kind<string | number>((value) => !Number.isNaN(timeOf(value)), 'is not a time', 'For instance 2026-11-21T00:00:00Z');

const SIMPLE = ['Average', 'Maximum', 'Minimum', 'SampleCount', 'Sum'] as const;
const statistics = z.object({
  Label: text.optional(),
  Datapoints: z.array(z.object({
    Timestamp: time, Unit: text.optional(), Average: number.optional(), Maximum: number.optional(), Minimum: number.optional(), SampleCount: number.optional(), Sum: number.optional(),
    ExtendedStatistics: z.record(z.string(), number).optional(),
  })),
});
const data = z.object({
  MetricDataResults: z.array(z.object({ Id: text, Label: text.optional(), StatusCode: text.optional(), Timestamps: z.array(time), Values: z.array(number) })),
});

/** A file as errors name it. */
export const placeOf = (file: string): string => (file === '-' ? 'standard input' : file);

/**
 * The histories in a file that the AWS CLI has written.
 *
 * @param file - `-` is standard input
 * @throws TenantryError (`input`) where it is not such a file, is one page of several, or where a metric has no points
 */
export function readSeries(file: string): Series[] {
  const at = placeOf(file);
  const given = parsed(textOf(file, at), at);
  const keys = typeof given === 'object' && given !== null ? given as Readonly<Record<string, unknown>> : {};
  if ('NextToken' in keys) throw new TenantryError('input', { code: 'forecast/one-page', at, problem: 'The file is one page of several: it holds a NextToken.', fix: 'Leave out --max-items and --no-paginate, and the AWS CLI fetches all of them.' });
  const series = 'Datapoints' in keys ? ofStatistics(shaped(statistics, given, at)) : 'MetricDataResults' in keys ? ofData(shaped(data, given, at), at) : undefined;
  if (series === undefined) throw new TenantryError('input', { code: 'forecast/not-metrics', at, problem: 'The file holds neither Datapoints nor MetricDataResults.', fix: PRINTED });
  refuseEmpty(series, at);
  return series;
}

function textOf(file: string, at: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new TenantryError('input', { code: 'forecast/no-file', at, problem: code === 'ENOENT' ? 'There is no such file.' : `It cannot be read: ${code}.` }, { cause: error });
  }
}

function parsed(json: string, at: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new TenantryError('input', { code: 'forecast/not-json', at, problem: 'The file is no JSON.', fix: PRINTED }, { cause: error });
  }
}

function shaped<T>(schema: z.ZodType<T>, given: unknown, at: string): T {
  refuse(checkShape(schema, given, { module: 'forecast', at }).slice(0, SHOWN));
  return given as T;
}

/** One for each statistic that was asked for, and for each unit that the metric was published in. */
function ofStatistics({ Label = 'metric', Datapoints }: z.infer<typeof statistics>): Series[] {
  const found = new Map<string, { readonly statistic: string; readonly unit: string | undefined; readonly points: Point[] }>();
  for (const { Timestamp, Unit: unit, ExtendedStatistics = {}, ...simple } of Datapoints) {
    const values: Readonly<Record<string, number | undefined>> = { ...Object.fromEntries(SIMPLE.map((name) => [name, simple[name]])), ...ExtendedStatistics };
    for (const [statistic, value] of Object.entries(values)) {
      if (value === undefined) continue;
      const key = `${statistic} ${unit ?? ''}`;
      const one = found.get(key) ?? { statistic, unit, points: [] };
      one.points.push({ time: timeOf(Timestamp), value });
      found.set(key, one);
    }
  }
  if (found.size === 0) return [{ name: Label, points: [] }];
  return [...found.values()].map(({ statistic, unit, points }) => ({ name: found.size === 1 ? Label : `${Label} ${statistic}`, ...(unit === undefined ? {} : { unit }), points }));
}

/** The AWS CLI puts the pages behind each other, so that a metric may come several times. */
function ofData({ MetricDataResults }: z.infer<typeof data>, at: string): Series[] {
  const found = new Map<string, { readonly name: string; readonly points: Point[] }>();
  for (const { Id, Label = Id, Timestamps, Values } of MetricDataResults) {
    if (Timestamps.length !== Values.length) throw new TenantryError('input', { code: 'forecast/uneven', at: `${at}: ${Label}`, problem: `It has ${Timestamps.length} Timestamps and ${Values.length} Values, which belong together one by one.`, fix: 'Fetch it again.' });
    const one = found.get(Id) ?? { name: Label, points: [] };
    Timestamps.forEach((stamp, i) => one.points.push({ time: timeOf(stamp), value: Values[i] as number }));
    found.set(Id, one);
  }
  return [...found.values()];
}

function refuseEmpty(series: readonly Series[], at: string): void {
  const complaints = new Complaints();
  const fix = 'CloudWatch answers so, too, where it knows no such metric. Compare name, dimensions and region with:\naws cloudwatch list-metrics --namespace AWS/RDS';
  if (series.length === 0) complaints.add({ code: 'forecast/no-points', at, problem: 'The file holds no metric.', fix });
  for (const { name, points } of series) {
    if (points.length === 0) complaints.add({ code: 'forecast/no-points', at: `${at}: ${name}`, problem: 'The metric has no points in that time.', fix });
  }
  complaints.throwIfAny();
}
