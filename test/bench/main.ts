/** `npm run bench`: ratios of two things that were measured in one run. It prints, and never fails a build. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseBenchmarks } from './database';
import { rehearsalBenchmarks } from './rehearsal';
import { synthesisBenchmark } from './synthesis';

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-bench-'));
  try {
    const figures = [await synthesisBenchmark(), ...await databaseBenchmarks(join(folder, 'postgres')), ...await rehearsalBenchmarks(join(folder, 'rehearsal'))];
    if (process.argv.includes('json')) console.log(JSON.stringify(figures, null, 2));
    else for (const { name, ratio, goal, unit, runs } of figures) console.log(`${ratio <= goal ? 'ok  ' : 'MISS'}  ${ratio.toFixed(2)} ${unit}, goal ≤ ${goal}, median of ${runs}: ${name}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

void main();
