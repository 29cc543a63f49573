import { createHash } from 'node:crypto';
import { realpathSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { apply } from '../../lib/bootstrap';
import { connectTenants, trust } from '../../lib/client';
import { TenantryError } from '../../lib/core';
import { defineSchema } from '../../lib/declaration';
import { startEmbedded } from '../../lib/embedded';
import { type LoadedManifest, MANIFEST_FORMAT, parseManifest } from '../../lib/manifest';
import { startForwarder } from '../support/forwarder';
import { killServer, makeSynchronous, promote, startStandby } from '../support/standby';
import { type Figure, median } from './measure';

const DRILLS = 5;
const WRITERS = 8;
/** Milliseconds that a name leads to the old writer for. Aurora's lives 5 seconds; what counts is how much longer than that nobody writes. */
const DNS_TTL = 1_000;
/** Milliseconds: what a failover may take in staging and production. */
const OBJECTIVE = 60_000;

interface Drill {
  /** Milliseconds without a write. */
  readonly outage: number;
  /** From the loss of the writer until the name leads to the next one. */
  readonly unavoidable: number;
  /** Calls that ended with an error. */
  readonly failed: number;
  /** Writes that were confirmed and are not there, or are there twice, or were said not to be stored and are. */
  readonly wrong: number;
}

function manifest(): LoadedManifest {
  const declaration = defineSchema({
    name: 'drill', tables: { notes: { tenancy: 'tenant', columns: { id: { type: 'integer' }, run: { type: 'uuid', default: 'gen_random_uuid()' } }, primaryKey: ['id', 'run'] } }, roles: { app: { login: 'iam', tables: { notes: 'write' } } },
  });
  const data = {
    format: MANIFEST_FORMAT, platform: 'bench', environment: 'development', address: 'bench/drill', declaration, tenants: { acme: { isolation: 'row' } },
    servers: { main: { host: 'localhost', port: 5432, engine: 'postgres', engineVersion: '18', region: 'eu-central-1', masterUsername: 'postgres' } }, home: 'main',
  };
  return { manifest: parseManifest(data, 'drill'), digest: createHash('sha256').update(JSON.stringify(data)).digest('hex') };
}

/** A pair of servers; programs write all the time; the writer is killed, the standby promoted, and the name of the cluster follows. */
export async function failoverBenchmarks(folder: string): Promise<Figure[]> {
  const drills: Drill[] = [];
  for (let i = 0; i < DRILLS; i++) drills.push(await drill(join(folder, `primary-${i}`)));
  const outage = median(drills.map((one) => one.outage));
  const unavoidable = median(drills.map((one) => one.unavoidable));
  const sum = (what: 'failed' | 'wrong'): number => drills.reduce((all, one) => all + one[what], 0);
  const round = (value: number): number => Math.round(value * 100) / 100;
  return [
    { name: `time without a write in a failover, against promotion and a DNS time to live of ${DNS_TTL} ms; of ${WRITERS} writers ${sum('failed')} calls failed in all drills`, ratio: round(outage / unavoidable), goal: 1.5, unit: `× (${outage.toFixed(0)} ms against ${unavoidable.toFixed(0)} ms)`, runs: DRILLS },
    { name: `the longest of them, against the objective of ${OBJECTIVE / 1000} s`, ratio: round(Math.max(...drills.map((one) => one.outage)) / OBJECTIVE), goal: 1, unit: '×', runs: DRILLS },
    { name: 'writes that were confirmed and lost, doubled, or stored though they were said not to be', ratio: sum('wrong'), goal: 0, unit: 'writes', runs: DRILLS },
  ];
}

async function drill(dataDirectory: string): Promise<Drill> {
  const loaded = manifest();
  const server = await startEmbedded({ dataDirectory, settings: { fsync: 'off' } });
  const primary = { ...server, dataDirectory };
  await apply({ access: { host: server.host, port: server.port, user: server.bootstrapUser, method: 'trust' }, loaded });
  const standby = await startStandby(primary, { settings: { fsync: 'off' } });
  const name = await startForwarder(server);
  const tenants = connectTenants(loaded.manifest, { credentials: trust(name), maxConnections: WRITERS });
  try {
    await makeSynchronous(primary);
    const confirmed: { id: number; at: number }[] = [];
    const doubtful = new Set<number>();
    let failed = 0;
    let id = 0;
    let writing = true;
    const writers = Array.from({ length: WRITERS }, async () => {
      while (writing) {
        const mine = (id += 1);
        await tenants.with('acme', (db) => db.query('insert into notes (id) values ($1)', [mine])).then(() => void confirmed.push({ id: mine, at: performance.now() }), (error: unknown) => {
          failed += 1;
          if (TenantryError.is(error) && error.code === 'client/commit-unknown') doubtful.add(mine);
        });
      }
    });
    await sleep(500);
    const killed = performance.now();
    killServer(dataDirectory);
    await promote(standby);
    await sleep(DNS_TTL);
    name.moveTo(standby);
    const unavoidable = performance.now() - killed;
    await sleep(1_000);
    writing = false;
    await Promise.all(writers);
    const stored = await tenants.with('acme', async (db) => (await db.query<{ id: number }>('select id from notes')).rows.map((row) => row.id));
    const ids = new Set(stored);
    const known = new Set(confirmed.map((one) => one.id));
    const times = confirmed.map(({ at }) => at);
    return {
      outage: Math.max(...times.slice(1).map((at, i) => at - (times[i] as number))), unavoidable, failed,
      wrong: stored.length - ids.size + [...known].filter((one) => !ids.has(one)).length + [...ids].filter((one) => !known.has(one) && !doubtful.has(one)).length,
    };
  } finally {
    await tenants.end();
    await name.close();
    await Promise.all([standby.stop(), server.stop()]);
    remove(realpathSync(dataDirectory), standby.dataDirectory);
  }
}

/** With the logs beside them and, where root's servers have one, the folder around them. */
function remove(...folders: readonly string[]): void {
  for (const folder of folders) for (const path of [folder, `${folder}.log`]) rmSync(path, { recursive: true, force: true });
  try {
    rmdirSync(dirname(folders[0] as string));
  } catch {
    // Something else lies in it.
  }
}
