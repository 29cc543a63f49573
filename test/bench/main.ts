/**
 * `npm run bench`: ratios of two things that were measured in one run. It prints, and never fails a build. `npm run bench -- context tenants`
 * measures these alone, `fleet=1000,5000` fleets of these sizes alone.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contextBenchmarks } from './context';
import { databaseBenchmarks } from './database';
import { failoverBenchmarks } from './failover';
import { fleetBenchmarks } from './fleet';
import type { Figure } from './measure';
import { rehearsalBenchmarks } from './rehearsal';
import { synthesisBenchmark } from './synthesis';
import { tenantBenchmarks } from './tenants';
import { verifyBenchmarks } from './verify';

const GROUPS: Readonly<Record<string, (folder: string) => Promise<readonly Figure[]>>> = {
  synthesis: async () => [await synthesisBenchmark()],
  database: databaseBenchmarks,
  context: contextBenchmarks,
  failover: failoverBenchmarks,
  fleet: (folder) => fleetBenchmarks(folder),
  tenants: tenantBenchmarks,
  verify: verifyBenchmarks,
  rehearsal: rehearsalBenchmarks,
};

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-bench-'));
  try {
    const figures: Figure[] = [];
    const sizes = process.argv.find((argument) => argument.startsWith('fleet='))?.slice('fleet='.length).split(',').map(Number);
    const named = Object.keys(GROUPS).filter((group) => process.argv.includes(group));
    if (sizes !== undefined) figures.push(...await fleetBenchmarks(join(folder, 'fleet'), sizes));
    else for (const group of named.length > 0 ? named : Object.keys(GROUPS)) figures.push(...await GROUPS[group]!(join(folder, group)));
    if (process.argv.includes('json')) console.log(JSON.stringify(figures, null, 2));
    else for (const { name, ratio, goal, unit, runs } of figures) console.log(`${ratio <= goal ? 'ok  ' : 'MISS'}  ${ratio.toFixed(2)} ${unit}, goal ≤ ${goal}, median of ${runs}: ${name}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

void main();
