import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { addTenant, apply, offboardTenant, type ServerAccess } from '../../lib/bootstrap';
import { connectTenants, trust } from '../../lib/client';
import { defineSchema } from '../../lib/declaration';
import { startEmbedded } from '../../lib/embedded';
import { type LoadedManifest, MANIFEST_FORMAT, parseManifest } from '../../lib/manifest';
import { compare, type Figure, time } from './measure';

const MANY = 5_000;
const FEW = 50;
const RUNS = 7;
/** Rows of the tenant that is off-boarded. */
const ROWS = 20_000;

function manifestOf(name: string, tenants: number): LoadedManifest {
  const declaration = defineSchema({
    name, tables: { notes: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, text: { type: 'text' } }, primaryKey: ['id'] } }, roles: { app: { login: 'iam', tables: { notes: 'write' } } },
  });
  const data = {
    format: MANIFEST_FORMAT, platform: 'bench', environment: 'development', address: `bench/${name}`, declaration, tenants: Object.fromEntries(Array.from({ length: tenants }, (_, i) => [`t${i}`, { isolation: 'row' }])),
    servers: { main: { host: 'localhost', port: 5432, engine: 'postgres', engineVersion: '18', region: 'eu-central-1', masterUsername: 'postgres' } }, home: 'main',
  };
  return { manifest: parseManifest(data, name), digest: createHash('sha256').update(JSON.stringify(data)).digest('hex') };
}

/** What is done with one tenant among many. */
export async function tenantBenchmarks(dataDirectory: string): Promise<Figure[]> {
  const server = await startEmbedded({ dataDirectory, settings: { fsync: 'off' } });
  try {
    const access: ServerAccess = { host: server.host, port: server.port, user: server.bootstrapUser, method: 'trust' };
    const [many, few] = [manifestOf('many', MANY), manifestOf('few', FEW)];
    for (const loaded of [many, few]) await apply({ access, loaded });
    const add = (loaded: LoadedManifest, key: string): Promise<number> => time(() => addTenant({ access, loaded }, { key, isolation: 'row' }));
    const adding = await compare(`adding a tenant to ${MANY}, against adding one to ${FEW}`, 2, RUNS, (run) => add(many, `new-${run}`), (run) => add(few, `new-${run}`));

    const tenants = connectTenants(many.manifest, { credentials: trust(server), maxConnections: 2, staleness: 600_000 });
    for (let i = 0; i < 20; i++) await tenants.with(`t${i}`, (db) => db.query("insert into notes (text) select 'x' from generate_series(1, 100)"));
    for (let run = 0; run < RUNS; run++) await tenants.with(`new-${run}`, (db) => db.query('insert into notes (text) select repeat(\'x\', 100) from generate_series(1, $1)', [ROWS]));
    const removing = await compare(`99th percentile of the others' queries while one of ${MANY} row tenants with ${ROWS} rows is off-boarded, against without`, 1.5, RUNS, async (run) => {
      const key = `new-${run}`;
      return slowest(access, () => offboardTenant({ access, loaded: many, confirm: key, archive: false }, key));
    }, () => slowest(access, () => new Promise((resolve) => setTimeout(resolve, 1_000))));
    await tenants.end();
    return [adding, removing];
  } finally {
    await server.stop();
  }
}

/** In a thread of its own, so that what the command computes is not taken for the server's time. */
const OTHERS = `
const { parentPort, workerData } = require('node:worker_threads');
const { Client } = require('pg');
(async () => {
  const client = new Client(workerData);
  await client.connect();
  const took = [];
  let ended = false;
  parentPort.once('message', () => (ended = true));
  for (let i = 0; !ended; i++) {
    const started = process.hrtime.bigint();
    await client.query("begin; call tenantry.enter('t" + (i % 20) + "', 1, null); set local role many_app; select count(*) from many.notes; commit");
    took.push(Number(process.hrtime.bigint() - started) / 1e6);
    await new Promise(setImmediate);
  }
  await client.end();
  parentPort.postMessage(took.sort((a, b) => a - b)[Math.floor(took.length * 0.99)]);
})();
`;

/** The 99th percentile, in milliseconds, of transactions of other tenants until what is done has ended. */
async function slowest({ host, port }: ServerAccess, work: () => Promise<unknown>): Promise<number> {
  const worker = new Worker(OTHERS, { eval: true, workerData: { host, port, user: 'many_app_login', database: 'many' } });
  const result = new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await new Promise((resolve) => setTimeout(resolve, 300));
  await work();
  worker.postMessage('end');
  return result;
}
