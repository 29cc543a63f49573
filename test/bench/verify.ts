import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { apply, type ServerAccess, verify } from '../../lib/bootstrap';
import { pipelined } from '../../lib/bootstrap/verify/session';
import { parseDeclaration, type SchemaInput } from '../../lib/declaration';
import { startEmbedded } from '../../lib/embedded';
import { type LoadedManifest, MANIFEST_FORMAT, parseManifest } from '../../lib/manifest';
import { type Figure, median, time } from './measure';

const TABLES = 100;
const RUNS = 5;

/** Tables that reference each other, and three roles: one that writes, one that reads, one that sees all tenants. */
function manifest(): LoadedManifest {
  const tables: Record<string, SchemaInput['tables'][string]> = {};
  for (let i = 0; i < TABLES; i++) {
    tables[`t${i}`] = {
      tenancy: 'tenant', primaryKey: ['id'], unique: [['code']],
      columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, code: { type: 'text' }, amount: { type: 'integer', check: 'amount >= 0' }, ...(i % 10 === 0 ? {} : { parent_id: { type: 'uuid', nullable: true, references: `t${i - 1}.id` } }) },
    };
  }
  const all = (access: 'read' | 'write') => Object.fromEntries(Object.keys(tables).map((name) => [name, access]));
  const declaration = parseDeclaration({ name: 'bench', tables, roles: { app: { login: 'iam', tables: all('write') }, reports: { login: 'iam', tables: all('read') }, auditor: { scope: 'all', login: 'iam', tables: all('read') } } });
  const data = {
    format: MANIFEST_FORMAT, platform: 'bench', environment: 'development', address: 'bench/verify', declaration, tenants: { acme: { isolation: 'row' } }, home: 'main',
    servers: { main: { host: 'localhost', port: 5432, engine: 'postgres', engineVersion: '18', region: 'eu-central-1', masterUsername: 'postgres' } },
  };
  return { manifest: parseManifest(data, 'bench'), digest: createHash('sha256').update(JSON.stringify(data)).digest('hex') };
}

type Query = Parameters<Client['query']>;

/** What was sent on the connection that sent most. */
async function recorded(work: () => Promise<unknown>): Promise<Query[]> {
  const sent = new Map<Client, Query[]>();
  const original = Client.prototype.query;
  Client.prototype.query = function (this: Client, ...query: Query) {
    sent.set(this, [...sent.get(this) ?? [], query]);
    return (original as (...query: Query) => unknown).apply(this, query);
  } as typeof original;
  try {
    await work();
  } finally {
    Client.prototype.query = original;
  }
  return [...sent.values()].reduce((most, queries) => (queries.length > most.length ? queries : most), []);
}

/**
 * A verification of 100 tables and three roles, against its own messages sent again by a program that judges nothing. What comes on top of those is the plan that
 * everything is measured by, and the judgement; half as much again is allowed for it.
 */
export async function verifyBenchmarks(dataDirectory: string): Promise<Figure[]> {
  const server = await startEmbedded({ dataDirectory, settings: { fsync: 'off' } });
  try {
    const access: ServerAccess = { host: server.host, port: server.port, user: server.bootstrapUser, method: 'trust' };
    const loaded = manifest();
    await apply({ access, loaded });
    let evidence = await verify({ access, loaded });
    const messages = await recorded(async () => void (evidence = await verify({ access, loaded })));
    if (evidence.outcome !== 'isolated') throw new Error(`the verification ended as ${evidence.outcome}`);
    const raw = async (): Promise<void> => {
      const client = new Client({ host: server.host, port: server.port, user: server.bootstrapUser, database: 'bench' });
      await client.connect();
      pipelined(client);
      await Promise.all(messages.map((query) => (client.query as (...query: Query) => unknown as (...query: Query) => Promise<unknown>).apply(client, query).catch(() => undefined)));
      await client.end();
    };
    const [ours, baseline]: [number[], number[]] = [[], []];
    for (let run = 0; run < RUNS; run++) {
      ours.push(await time(() => verify({ access, loaded })));
      baseline.push(await time(raw));
    }
    const ratio = median(ours) / median(baseline);
    return [{ name: `a verification of ${TABLES} tables × 3 roles (${evidence.results.length} results), against its ${messages.length} messages alone`, goal: 1.5, runs: RUNS, ratio: Math.round(ratio * 100) / 100, unit: `× (${median(ours).toFixed(0)} ms against ${median(baseline).toFixed(0)} ms)` }];
  } finally {
    await server.stop();
  }
}
