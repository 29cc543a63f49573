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
import { COMMIT, freshSession } from '../../lib/client/fresh-session';
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
 * One and the same transaction, a row read by its key, in messages of the same number: begin with what goes before, the query, commit. What row-level security
 * costs is told apart from what `tenantry.enter` does besides setting the context (the tenant's lock, its row of the registry, its tier): each has a figure
 * of its own, and so has the sum, with what makes the session new before and takes its settings back behind. The client sends a signature as a parameter behind the
 * first message, without waiting for its answer; pgbench cannot, so that here it is a part of it.
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
      enteredNone: { database: names.plain, script: await baseline(server, join(folder, 'entered-none.sql'), entering()) },
      setting: { database: names.plain, script: await inContext(server, join(folder, 'setting.sql')) },
      plain: { database: names.plain, script: await entered(server, 'plain', join(folder, 'plain.sql')) },
      signed: { database: names.signed, script: await entered(server, 'signed', join(folder, 'signed.sql'), key) },
      wholePlain: { database: names.plain, script: await entered(server, 'plain', join(folder, 'whole-plain.sql'), undefined, true) },
      wholeSigned: { database: names.signed, script: await entered(server, 'signed', join(folder, 'whole-signed.sql'), key, true) },
    };
    const latencies: Record<keyof typeof scripts, number[]> = { none: [], enteredNone: [], setting: [], plain: [], signed: [], wholePlain: [], wholeSigned: [] };
    for (let round = 0; round < ROUNDS; round++) {
      const order = Object.keys(scripts) as (keyof typeof scripts)[];
      for (const way of round % 2 === 0 ? order : order.reverse()) latencies[way].push(await pgbench(server, scripts[way]));
    }
    const figure = (name: string, way: keyof typeof scripts, against: keyof typeof scripts, goal: number): Figure => ({
      name, goal, runs: ROUNDS, ratio: Math.round((median(latencies[way]) / median(latencies[against])) * 100) / 100,
      unit: `× (${median(latencies[way]).toFixed(3)} ms against ${median(latencies[against]).toFixed(3)} ms)`,
    });
    return [
      figure('row-level security with a plain context: entered, against the same without row-level security', 'plain', 'enteredNone', 1.1),
      figure('row-level security with a signed context: entered and signed, against entered without either', 'signed', 'enteredNone', 1.35),
      figure('tenantry.enter, against nothing in its place, both without row-level security', 'enteredNone', 'none', 1.4),
      figure('a setting and row-level security, without tenantry.enter, against neither', 'setting', 'none', 1.4),
      figure('a transaction of tenants.with, plain, against one without tenantry.enter and row-level security', 'wholePlain', 'none', 1.8),
      figure('a transaction of tenants.with, signed, against one without tenantry.enter and row-level security', 'wholeSigned', 'none', 2.2),
    ];
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

const entering = (signed = 'null'): string => `call tenantry.enter('acme', 1, ${signed}) \\; `;

/** The same table, rows and key without policies, read as the same role. */
async function baseline(server: EmbeddedServer, path: string, before = ''): Promise<string> {
  await onServer(server, names.plain, (admin) => admin.query(`drop schema if exists bare cascade; create schema bare; create table bare.notes (like ${names.plain}.notes including all);
    insert into bare.notes select (select id from tenantry.tenants), i, 'x' from generate_series(1, 1000) i; grant usage on schema bare to ${names.plain}_app; grant select on bare.notes to ${names.plain}_app; analyze bare.notes`));
  const tenant = await idOf(server, names.plain);
  return script(path, `begin \\; ${before}set local role "${names.plain}_app" \\; set local search_path to bare, pg_temp;`, `select text from notes where tenant_id = '${tenant}' and id = :id;`);
}

/** A context that a program sets by itself, and that nobody checks. */
async function inContext(server: EmbeddedServer, path: string): Promise<string> {
  const name = names.plain;
  return script(path, `begin \\; select set_config('tenantry.tenant_id', '${await idOf(server, name)}', true) \\; set local role "${name}_app" \\; set local search_path to "${name}", pg_temp;`, 'select text from notes where id = :id;');
}

async function entered(server: EmbeddedServer, context: keyof typeof names, path: string, key?: string, isWhole = false): Promise<string> {
  const name = names[context];
  const tenant = await idOf(server, name);
  await onServer(server, name, (admin) => admin.query(`insert into ${name}.notes select '${tenant}', i, 'x' from generate_series(1, 1000) i on conflict do nothing; analyze ${name}.notes`));
  const token = key === undefined ? undefined : signContext(key, name, tenant, Math.floor(Date.now() / 1000) + 3_600);
  const one = (message: string): string => message.replaceAll(';', ' \\; ');
  const begin = `begin \\; ${entering(token === undefined ? undefined : `'${token}'`)}set local role "${name}_app" \\; set local search_path to "${name}", pg_temp;`;
  return script(path, `${isWhole ? `${one(freshSession('tenantry:app', false))} \\; ` : ''}${begin}`, 'select text from notes where id = :id;', isWhole ? `${one(COMMIT)};` : 'commit;');
}

const idOf = (server: EmbeddedServer, name: string): Promise<string> => onServer(server, name, async (admin) => (await admin.query<{ id: string }>('select id from tenantry.tenants')).rows[0]?.id ?? '');

async function script(path: string, context: string, query: string, commit = 'commit;'): Promise<string> {
  await writeFile(path, [LOOP, context, query, commit, ''].join('\n'));
  return path;
}

/** Mean latency of a transaction, in milliseconds. */
async function pgbench(server: EmbeddedServer, { database, script: path }: { readonly database: string; readonly script: string }): Promise<number> {
  const { stdout } = await promisify(execFile)(PGBENCH, ['-n', '-c', String(CLIENTS), '-j', '1', '-T', String(SECONDS), '-f', path, '-h', server.host, '-p', String(server.port), '-U', `${database}_app_login`, database]);
  return Number(/latency average = ([\d.]+) ms/.exec(stdout)?.[1] ?? NaN);
}
