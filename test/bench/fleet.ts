import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import { apply, type Change, plan, type ServerAccess } from '../../lib/bootstrap';
import { defineSchema } from '../../lib/declaration';
import { startEmbedded } from '../../lib/embedded';
import { type LoadedManifest, MANIFEST_FORMAT, parseManifest } from '../../lib/manifest';
import { nothingToDo, open } from './database';
import { compare, type Figure, time } from './measure';

const TABLES = 8;
const STATEMENTS_IN_A_MESSAGE = 1_000;
const USUAL_SIZES = [1_000];

/** A declaration of eight tables for many tenants with a schema each; `extra` columns more on the first table. */
function manifestOf(name: string, tenants: number, extra = 0): LoadedManifest {
  const added = Object.fromEntries(Array.from({ length: extra }, (_, i) => [`extra_${i}`, { type: 'text' as const, nullable: true }]));
  const tables = Object.fromEntries(Array.from({ length: TABLES }, (_, i) => [`table_${i}`, {
    tenancy: 'tenant' as const,
    columns: {
      id: { type: 'uuid' as const, default: 'gen_random_uuid()' }, name: { type: 'text' as const }, amount: { type: 'numeric(12,2)' as const, check: 'amount >= 0' },
      ...(i === 0 ? added : { parent_id: { type: 'uuid' as const, references: `table_${i - 1}.id` } }), created_at: { type: 'timestamptz' as const, default: 'now()' },
    },
    primaryKey: ['id'], indexes: [['created_at']],
  }]));
  const declaration = defineSchema({ name, tables, roles: { app: { login: 'iam', tables: Object.fromEntries(Object.keys(tables).map((table) => [table, 'write' as const])) } } } as never);
  const data = {
    format: MANIFEST_FORMAT, platform: 'bench', environment: 'development', address: `bench/${name}`, declaration, home: 'main',
    tenants: Object.fromEntries(Array.from({ length: tenants }, (_, i) => [`t${i}`, { isolation: 'schema' }])),
    servers: { main: { host: 'localhost', port: 5432, engine: 'postgres', engineVersion: '18', region: 'eu-central-1', masterUsername: 'postgres' } },
  };
  return { manifest: parseManifest(data, name), digest: createHash('sha256').update(JSON.stringify(data)).digest('hex') };
}

/** How an apply does with very many schemas. `sizes`: how many; 5,000 take minutes. */
export async function fleetBenchmarks(dataDirectory: string, sizes: readonly number[] = USUAL_SIZES): Promise<Figure[]> {
  const server = await startEmbedded({ dataDirectory, settings: { max_locks_per_transaction: '256', fsync: 'off' } });
  try {
    const access: ServerAccess = { host: server.host, port: server.port, user: server.bootstrapUser, method: 'trust' };
    const figures: Figure[] = [];
    const took = new Map<number, number>();
    for (const size of sizes) figures.push(await firstApply(access, size, took), await nothingToDo(`an apply with nothing to do for ${size} tenant schemas, against its own catalog queries sent raw`, 3, access, manifestOf(`ours${size}`, size)), await addColumn(access, size));
    const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
    if (most > least) {
      figures.push({ name: `a first apply for ${most} tenant schemas, against as many times one for ${least}`, goal: 1.2, runs: 1, unit: '×', ratio: Math.round(((took.get(most) ?? NaN) / (took.get(least) ?? NaN) / (most / least)) * 100) / 100 });
    }
    return figures;
  } finally {
    await server.stop();
  }
}

const changesOf = async (access: ServerAccess, loaded: LoadedManifest): Promise<Change[]> =>
  (await plan({ access, loaded })).differences.filter((difference): difference is Change => difference.type === 'change');

const firstApply = (access: ServerAccess, size: number, took: Map<number, number>): Promise<Figure> => compare(
  `a first apply for ${size} tenant schemas with ${TABLES} tables, against the same SQL in messages of ${STATEMENTS_IN_A_MESSAGE} statements on one connection`, 1.2, 1,
  async () => {
    const milliseconds = await time(() => apply({ access, loaded: manifestOf(`ours${size}`, size) }));
    took.set(size, milliseconds);
    return milliseconds;
  },
  async () => {
    const changes = await changesOf(access, manifestOf(`raw${size}`, size));
    return time(() => sendRaw(access, `raw${size}`, changes));
  },
);

/** Each run adds one more column, here and there. */
const addColumn = (access: ServerAccess, size: number): Promise<Figure> => compare(
  `ADD COLUMN in ${size} tenant schemas, against the statements alone`, 2, 3,
  (run) => time(() => apply({ access, loaded: manifestOf(`ours${size}`, size, run + 1) })),
  async (run) => {
    const statements = Array.from({ length: size }, (_, i) => `alter table raw${size}__t${i}.table_0 add column extra_${run} text`);
    const client = await open(access, `raw${size}`);
    const took = await time(async () => {
      for (let i = 0; i < statements.length; i += 50) await client.query(['begin', `set local role raw${size}_owner`, ...statements.slice(i, i + 50), 'commit'].join(';\n'));
    });
    await client.end();
    return took;
  },
);

async function sendRaw(access: ServerAccess, name: string, changes: readonly Change[]): Promise<void> {
  const send = async (client: Client, some: readonly Change[]): Promise<void> => {
    let message: string[] = [];
    for (const [i, { actor, sql }] of some.entries()) {
      const role = actor === 'login' ? 'none' : `${name}_${actor}`;
      if (message.length === 0 || actor !== some[i - 1]?.actor) message.push(`set local role ${role}`);
      message.push(...sql);
      if (message.length < STATEMENTS_IN_A_MESSAGE && i < some.length - 1) continue;
      await client.query(['begin', ...message, 'commit'].join(';\n'));
      message = [];
    }
  };
  const maintenance = await open(access, 'postgres');
  const onServer = changes.filter(({ target }) => target === 'server');
  await send(maintenance, onServer.filter(({ stage }) => stage === 'transaction'));
  for (const change of onServer.filter(({ stage }) => stage === 'outside')) for (const sql of change.sql) await maintenance.query(sql);
  await send(maintenance, onServer.filter(({ stage }) => stage === 'after'));
  const home = await open(access, name);
  const places = new Map<string, Change[]>();
  for (const change of changes.filter(({ target, stage }) => target === name && stage !== 'final')) (places.get(change.place ?? '') ?? places.set(change.place ?? '', []).get(change.place ?? ''))?.push(change);
  await send(home, [...places.values()].flat());
  await send(home, changes.filter(({ target, stage }) => target === name && stage === 'final'));
  await Promise.all([maintenance.end(), home.end()]);
}
