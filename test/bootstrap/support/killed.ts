import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { expect } from 'vitest';
import type { SchemaInput } from '../../../lib/declaration';
import type { TestServer } from '../../support/postgres';
import type { Kill, Killed } from './apply-child';
import { applyInChild } from './child';
import { applyTo, linesOf, manifestOf, planOf } from './platform';
import type { ManifestInput } from './platform-data';

/** A declaration and its tenants, as a child process applies them. */
export interface Applied {
  readonly declaration: SchemaInput;
  readonly manifest: ManifestInput;
}

/** Kills an apply. Nothing comes back when it ended before it came to that message. */
export async function killedApply(server: TestServer, applied: Applied, kill: Kill, lockTimeout?: string): Promise<Killed | undefined> {
  const { host, port, bootstrapUser } = server;
  const { signal, code, output } = await applyInChild({ host, port, bootstrapUser, ...applied, kill, ...(lockTimeout === undefined ? {} : { lockTimeout }) });
  if (signal === 'SIGKILL') return JSON.parse(output) as Killed;
  expect({ kill, signal, code, output: /^\d+ of \d+\n$/.test(output) ? '' : output }).toEqual({ kill, signal: null, code: 0, output: '' });
  return undefined;
}

/** The server has noticed that the client is gone, and what it was still doing has ended. */
export async function untilForgotten(admin: Client, { pids }: Killed): Promise<void> {
  await until('the server to forget the client', async () => (await admin.query('select from pg_stat_activity where pid = any($1)', [pids])).rowCount === 0);
}

/** An active tenant has everything: what differs is in no place of it, and not server-wide. */
export async function expectNothingHalfVisible(server: TestServer, admin: Client, name: string, differences: readonly string[]): Promise<void> {
  const active = await inHome(server, admin, name, 'tenants', "select key, database_name, schema_name, isolation from tenantry.tenants where state = 'active'");
  for (const { database_name: database, schema_name: schema, key, isolation } of active) {
    const missing = differences.filter((line) => ['server: ', `${database}: `, `${database}.${schema}: `, `${database}.tenantry: `].some((place) => line.startsWith(place)));
    const ofOthers = /: (activate|register) tenant /;
    expect(missing.filter((line) => !ofOthers.test(line) && (isolation === 'database' || !line.includes('initech'))), `${key} is active`).toEqual([]);
  }
}

export const generations = async (server: TestServer, admin: Client, name: string, outcome: string): Promise<number[]> =>
  (await inHome(server, admin, name, 'applies', `select generation::int from tenantry.applies where outcome = '${outcome}' order by 1`)).map(({ generation }) => Number(generation));

export const leftToDo = async (server: TestServer, { declaration, manifest }: Applied): Promise<string[]> => linesOf((await planOf(server, manifestOf(declaration, manifest))).differences);

/** Rows of one of the library's tables, none where it is not there yet. */
async function inHome(server: TestServer, admin: Client, name: string, table: string, sql: string): Promise<Record<string, unknown>[]> {
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [name]);
  if (rowCount === 0) return [];
  const home = await server.admin(name);
  try {
    const { rows: [{ there }] } = await home.query('select to_regclass($1) is not null as there', [`tenantry.${table}`]);
    return there ? (await home.query(sql)).rows : [];
  } finally {
    await home.end();
  }
}

/** Removes databases and roles whose names begin so. */
export async function removeAll(admin: Client, databases: readonly string[], roles: string): Promise<void> {
  for (const database of databases) await admin.query(`drop database if exists ${database} with (force)`);
  const { rows } = await admin.query('select rolname from pg_roles where rolname ~ $1', [roles]);
  for (const { rolname } of rows) await admin.query(`drop role ${rolname}`);
}

export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await condition()); tries++) {
    if (tries > 500) throw new Error(`Still waiting for: ${what}`);
    await sleep(20);
  }
}

/** A small declaration with one of each tenancy that a kill can come between. */
export const smallDeclaration = (name: string): SchemaInput => ({
  name,
  tables: {
    countries: { tenancy: 'reference', columns: { code: { type: 'char(2)' } }, primaryKey: ['code'], rows: [{ code: 'de' }] },
    orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, country: { type: 'char(2)', references: 'countries.code' } }, primaryKey: ['id'] },
  },
  roles: { app: { login: 'iam', tables: { orders: 'write', countries: 'read' } } },
});

/** Kills a first apply, and expects that nothing is half-visible, that the next apply converges and that the ledger tells of both. Leaves nothing of it. */
export async function firstApplyKilled(server: TestServer, admin: Client, name: string, manifest: ManifestInput, kill: Kill): Promise<{ at: Killed | undefined; interrupted: boolean }> {
  const applied = { declaration: smallDeclaration(name), manifest };
  const at = await killedApply(server, applied, kill);
  if (at !== undefined) await untilForgotten(admin, at);
  await expectNothingHalfVisible(server, admin, name, await leftToDo(server, applied));
  const running = await generations(server, admin, name, 'running');
  await applyTo(server, manifestOf(applied.declaration, applied.manifest));
  const title = `killed ${kill.when} message ${kill.message}: ${at?.message.slice(0, 80) ?? 'not reached'}`;
  expect(await leftToDo(server, applied), title).toEqual([]);
  expect(await generations(server, admin, name, 'interrupted'), title).toEqual(running);
  const own = Object.entries(manifest.tenants ?? {}).filter(([, { isolation }]) => isolation === 'database').map(([key]) => `${name}__${key}`);
  await removeAll(admin, [name, ...own], `^${name}_`);
  return { at, interrupted: running.length > 0 };
}
