/** What a benchmark gives: how many times as long as its baseline, measured in one run. */
export interface Figure {
  readonly name: string;
  readonly ratio: number;
  readonly goal: number;
  readonly unit: string;
  readonly runs: number;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
};

/** Milliseconds. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e6;
}

/** Measures both sides turn by turn, so that a busy machine slows both, and compares the medians. */
export async function compare(name: string, goal: number, runs: number, ours: (run: number) => Promise<number>, baseline: (run: number) => Promise<number>): Promise<Figure> {
  const a: number[] = [];
  const b: number[] = [];
  for (let run = 0; run < runs; run++) {
    if (run % 2 === 0) {
      a.push(await ours(run));
      b.push(await baseline(run));
    } else {
      b.push(await baseline(run));
      a.push(await ours(run));
    }
  }
  return { name, ratio: Math.round((median(a) / median(b)) * 100) / 100, goal, unit: `× (${median(a).toFixed(1)} ms against ${median(b).toFixed(1)} ms)`, runs };
}
