import type { Series } from './metric-math';

export interface MetricKey {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** One sample; it can be seen from `arrival` on. Times in seconds since 1970. */
export interface Sample {
  readonly time: number;
  readonly value: number;
  readonly arrival: number;
}

/** A metric is its namespace, its name and exactly these dimensions: one with more of them is another. */
export const keyOf = ({ namespace, name, dimensions }: MetricKey): string => [namespace, name, ...Object.entries(dimensions).map(([k, v]) => `${k}=${v}`).sort()].join('|');

/** What CloudWatch knows of metrics. */
export class MetricStore {
  readonly #samples = new Map<string, Sample[]>();

  /** Samples are given in order of their time. */
  put(metric: MetricKey, samples: readonly Sample[]): void {
    const key = keyOf(metric);
    const before = this.#samples.get(key) ?? [];
    // In place: a month of samples is too long for a spread.
    for (const sample of samples) before.push(sample);
    if (before.some((sample, i) => i > 0 && sample.time < before[i - 1]!.time)) throw new Error(`${key}: samples are not in order.`);
    this.#samples.set(key, before);
  }

  /** Statistics of `count` periods, the last of which ends at `end`, as they can be seen at `now`. */
  series(metric: MetricKey, statistic: string, { period, count, end, now }: { readonly period: number; readonly count: number; readonly end: number; readonly now: number }): Series {
    const samples = this.#samples.get(keyOf(metric)) ?? [];
    return Array.from({ length: count }, (_, i) => {
      const from = end - (count - i) * period;
      const values: number[] = [];
      for (let at = firstFrom(samples, from); at < samples.length && samples[at]!.time < from + period; at++) {
        const sample = samples[at]!;
        if (sample.arrival <= now) values.push(sample.value);
      }
      return statisticOf(values, statistic);
    });
  }
}

function firstFrom(samples: readonly Sample[], time: number): number {
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (samples[middle]!.time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Amazon CloudWatch User Guide, "CloudWatch statistics definitions". */
export function statisticOf(values: readonly number[], statistic: string): number | undefined {
  if (values.length === 0) return undefined;
  switch (statistic) {
    case 'Average': return values.reduce((a, b) => a + b, 0) / values.length;
    case 'Sum': return values.reduce((a, b) => a + b, 0);
    case 'Minimum': return Math.min(...values);
    case 'Maximum': return Math.max(...values);
    case 'SampleCount': return values.length;
    default: return percentile(values, statistic);
  }
}

/** p90 is the value that 90 % of the samples are not above; between two samples it is interpolated. */
function percentile(values: readonly number[], statistic: string): number {
  const share = /^p(\d+(?:\.\d+)?)$/.exec(statistic);
  if (share === null) throw new Error(`${statistic} is no statistic that is known here.`);
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (Number(share[1]) / 100) * (sorted.length - 1);
  const low = Math.floor(rank);
  return sorted[low]! + ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!) * (rank - low);
}
