import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { apply, passwordFile, type ServerAccess } from '../../lib/bootstrap';
import { fieldOf } from '../../lib/bootstrap/connect/secret-field';
import { readPasswords } from '../../lib/bootstrap/connect/password-file';
import { signContext } from '../../lib/bootstrap/sql/hmac';
import { defineSchema, type TenantContext } from '../../lib/declaration';
import { type EmbeddedServer, startEmbedded } from '../../lib/embedded';
import { type LoadedManifest, MANIFEST_FORMAT, parseManifest } from '../../lib/manifest';
import { type Figure, median } from './measure';

/** Debian's; a server of another version is served as well. */
const PGBENCH = '/usr/lib/postgresql/15/bin/pgbench';
const ROUNDS = 9;
const SECONDS = 1;
const CLIENTS = 4;

const names: Readonly<Record<'plain' | 'signed', string>> = { plain: 'benchplain', signed: 'benchsigned' };

function manifestOf(context: keyof typeof names & TenantContext): LoadedManifest {
  const declaration = defineSchema({
    name: names[context], tenantContext: context,
    tables: { notes: { tenancy: 'tenant', columns: { id: { type: 'integer' }, text: { type: 'text' } }, primaryKey: ['id'] } }, roles: { app: { login: 'iam', tables: { notes: 'write' } } },
  });
  const data = {
    format: MANIFEST_FORMAT, platform: 'bench', environment: 'development', address: `bench/${names[context]}`, declaration, tenants: { acme: { isolation: 'row' } }, home: 'main',
    servers: { main: { host: 'localhost', port: 5432, engine: 'postgres', engineVersion: '18', region: 'eu-central-1', masterUsername: 'postgres' } },
  };
  return { manifest: parseManifest(data, names[context]), digest: createHash('sha256').update(JSON.stringify(data)).digest('hex') };
}

/**
 * One and the same transaction, a row read by its key, in three ways: without row-level security, with a plain context and with a signed one. Messages
 * are those of `tenants.with`: begin and context, the query, commit. The client sends a signature as a parameter behind the first message, without waiting for
 * its answer; pgbench cannot, so that here it is a part of it.
 */
export async function contextBenchmarks(dataDirectory: string): Promise<Figure[]> {
  if (!existsSync(PGBENCH)) {
    console.error(`skipped: the cost of tenant contexts, since ${PGBENCH} is not installed`);
    return [];
  }
  const server = await startEmbedded({ dataDirectory, settings: { fsync: 'off' } });
  try {
    return await measure(server, { host: server.host, port: server.port, user: server.bootstrapUser, method: 'trust' });
  } finally {
    await server.stop();
  }
}

async function measure(server: EmbeddedServer, access: ServerAccess): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-bench-context-'));
  try {
    const file = join(folder, 'passwords.json');
    for (const context of ['plain', 'signed'] as const) await apply({ access, loaded: manifestOf(context), passwords: passwordFile(file) });
    const key = fieldOf(await readPasswords(file), `${names.signed}_context_key`) ?? '';
    const scripts = {
      none: { database: names.plain, script: await baseline(server, join(folder, 'none.sql')) },
      plain: { database: names.plain, script: await entered(server, 'plain', join(folder, 'plain.sql')) },
      signed: { database: names.signed, script: await entered(server, 'signed', join(folder, 'signed.sql'), key) },
    };
    const latencies: Record<keyof typeof scripts, number[]> = { none: [], plain: [], signed: [] };
    for (let round = 0; round < ROUNDS; round++) {
      const order = Object.keys(scripts) as (keyof typeof scripts)[];
      for (const way of round % 2 === 0 ? order : order.reverse()) latencies[way].push(await pgbench(server, scripts[way]));
    }
    const figure = (way: 'plain' | 'signed', goal: number): Figure => ({
      name: `a transaction with a ${way} context, against the same without row-level security`, goal, runs: ROUNDS,
      ratio: Math.round((median(latencies[way]) / median(latencies.none)) * 100) / 100, unit: `× (${median(latencies[way]).toFixed(3)} ms against ${median(latencies.none).toFixed(3)} ms)`,
    });
    return [figure('plain', 1.1), figure('signed', 1.35)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const LOOP = '\\set id random(1, 1000)';

async function onServer<T>(server: EmbeddedServer, database: string, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ host: server.host, port: server.port, user: server.superuser, database });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** The same table, rows and key without policies, read as the same role. */
async function baseline(server: EmbeddedServer, path: string): Promise<string> {
  await onServer(server, names.plain, (admin) => admin.query(`create schema bare; create table bare.notes (like ${names.plain}.notes including all);
    insert into bare.notes select (select id from tenantry.tenants), i, 'x' from generate_series(1, 1000) i; grant usage on schema bare to ${names.plain}_app; grant select on bare.notes to ${names.plain}_app; analyze bare.notes`));
  const tenant = await idOf(server, names.plain);
  return script(path, `begin \\; set local role "${names.plain}_app" \\; set local search_path to bare, pg_temp;`, `select text from notes where tenant_id = '${tenant}' and id = :id;`);
}

async function entered(server: EmbeddedServer, context: keyof typeof names, path: string, key?: string): Promise<string> {
  const name = names[context];
  const tenant = await idOf(server, name);
  await onServer(server, name, (admin) => admin.query(`insert into ${name}.notes select '${tenant}', i, 'x' from generate_series(1, 1000) i; analyze ${name}.notes`));
  const token = key === undefined ? undefined : signContext(key, name, tenant, Math.floor(Date.now() / 1000) + 3_600);
  const signature = token === undefined ? '' : ` \\; select set_config('tenantry.context', '${token}', true)`;
  return script(path, `begin \\; call tenantry.enter('acme', 1) \\; set local role "${name}_app" \\; set local search_path to "${name}", pg_temp${signature};`, 'select text from notes where id = :id;');
}

const idOf = (server: EmbeddedServer, name: string): Promise<string> => onServer(server, name, async (admin) => (await admin.query<{ id: string }>('select id from tenantry.tenants')).rows[0]?.id ?? '');

async function script(path: string, context: string, query: string): Promise<string> {
  await writeFile(path, [LOOP, context, query, 'commit;', ''].join('\n'));
  return path;
}

/** Mean latency of a transaction, in milliseconds. */
async function pgbench(server: EmbeddedServer, { database, script: path }: { readonly database: string; readonly script: string }): Promise<number> {
  const { stdout } = await promisify(execFile)(PGBENCH, ['-n', '-c', String(CLIENTS), '-j', '1', '-T', String(SECONDS), '-f', path, '-h', server.host, '-p', String(server.port), '-U', `${database}_app_login`, database]);
  return Number(/latency average = ([\d.]+) ms/.exec(stdout)?.[1] ?? NaN);
}
