/**
 * `npm run bench`: ratios of two things that were measured in one run. It prints, and never fails a build. `npm run bench -- fleet=1000,5000`
 * measures fleets of these sizes, and nothing else.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contextBenchmarks } from './context';
import { databaseBenchmarks } from './database';
import { fleetBenchmarks } from './fleet';
import { rehearsalBenchmarks } from './rehearsal';
import { synthesisBenchmark } from './synthesis';
import { tenantBenchmarks } from './tenants';

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-bench-'));
  try {
    const sizes = process.argv.find((argument) => argument.startsWith('fleet='))?.slice('fleet='.length).split(',').map(Number);
    const figures = sizes !== undefined ? await fleetBenchmarks(join(folder, 'fleet'), sizes) : [await synthesisBenchmark(), ...await databaseBenchmarks(join(folder, 'postgres')), ...await contextBenchmarks(join(folder, 'context')), ...await fleetBenchmarks(join(folder, 'fleet')), ...await tenantBenchmarks(join(folder, 'tenants')), ...await rehearsalBenchmarks(join(folder, 'rehearsal'))];
    if (process.argv.includes('json')) console.log(JSON.stringify(figures, null, 2));
    else for (const { name, ratio, goal, unit, runs } of figures) console.log(`${ratio <= goal ? 'ok  ' : 'MISS'}  ${ratio.toFixed(2)} ${unit}, goal ≤ ${goal}, median of ${runs}: ${name}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

void main();
