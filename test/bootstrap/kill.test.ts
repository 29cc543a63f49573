import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SchemaInput } from '../../lib/declaration';
import { startTestServer, type TestServer } from '../support/postgres';
import { applyInChild } from './support/child';
import { applyTo, linesOf, manifestOf, planOf } from './support/platform';
import { tenants } from './support/shop';

const declarationOf = (name: string): SchemaInput => ({
  name,
  tables: {
    countries: { tenancy: 'reference', columns: { code: { type: 'char(2)' } }, primaryKey: ['code'], rows: [{ code: 'de' }] },
    orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, country: { type: 'char(2)', references: 'countries.code' } }, primaryKey: ['id'] },
  },
  roles: { app: { login: 'iam', tables: { orders: 'write', countries: 'read' } } },
});

/** Rounds that run side by side: the processes of one start while the server works for another. */
const WIDTH = 4;

describe('an apply that is killed', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });

  it('in front of any statement leaves nothing half-visible, and the next one converges [DBAAS-2.2]', async () => {
    let finished: number | undefined;
    let interrupted = 0;
    const rounds = async (from: number): Promise<void> => {
      const admin = await server.admin();
      for (let n = from; finished === undefined; n += WIDTH) {
        const round = await killedBefore(n, admin);
        if (round.interrupted) interrupted += 1;
        if (round.finished) finished ??= n;
      }
    };
    await Promise.all(Array.from({ length: WIDTH }, (_, i) => rounds(i + 1)));
    expect(finished, 'statements of a whole apply that change something').toBeGreaterThan(25);
    expect(interrupted, 'rounds that the ledger knew of').toBeGreaterThan(3);
  }, 240_000);

  async function killedBefore(n: number, admin: Client): Promise<{ finished: boolean; interrupted: boolean }> {
    const name = `shop${n}x`;
    const declaration = declarationOf(name);
    const { signal, code, output } = await applyInChild({ host: server.host, port: server.port, bootstrapUser: server.bootstrapUser, declaration, manifest: { tenants }, killBefore: n });
    expect({ n, signal, code, output: signal === null ? '' : output }).toEqual(signal === null ? { n, signal, code: 0, output: '' } : { n, signal: 'SIGKILL', code: null, output: '' });
    await until(`no connection of ${name}`, async () => (await admin.query(`select from pg_stat_activity where application_name = 'tenantry' and datname like $1`, [`${name}%`])).rowCount === 0);
    const loaded = manifestOf(declaration, { tenants });
    await expectNothingHalfVisible(name, admin, linesOf((await planOf(server, loaded)).differences));
    const running = await generations(name, admin, 'running');
    await applyTo(server, loaded);
    expect(linesOf((await planOf(server, loaded)).differences), `killed before statement ${n}`).toEqual([]);
    expect(await generations(name, admin, 'interrupted'), `killed before statement ${n}`).toEqual(running);
    await removeAll(name, admin);
    return { finished: signal === null, interrupted: running.length > 0 };
  }

  /** What differs is in no place of an active tenant, and not server-wide when there is one. */
  async function expectNothingHalfVisible(name: string, admin: Client, differences: readonly string[]): Promise<void> {
    for (const { database_name: database, schema_name: schema, key } of await inHome(name, admin, 'tenants', "select key, database_name, schema_name from tenantry.tenants where state = 'active'")) {
      const missing = differences.filter((line) => ['server: ', `${database}: `, `${database}.${schema}: `, `${database}.tenantry: `].some((place) => line.startsWith(place)));
      const others = /: (activate|register) tenant /;
      expect(missing.filter((line) => !others.test(line) && (key === 'initech' || !line.includes('initech'))), `${key} is active`).toEqual([]);
    }
  }

  const generations = async (name: string, admin: Client, outcome: string): Promise<number[]> =>
    (await inHome(name, admin, 'applies', `select generation::int from tenantry.applies where outcome = '${outcome}'`)).map(({ generation }) => Number(generation));

  /** Rows of one of the library's tables, none where it is not there yet. */
  async function inHome(name: string, admin: Client, table: string, sql: string): Promise<Record<string, unknown>[]> {
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) return [];
    const home = await server.admin(name);
    try {
      const { rows: [there] } = await home.query('select to_regclass($1) is not null as there', [`tenantry.${table}`]);
      return there.there ? (await home.query(sql)).rows : [];
    } finally {
      await home.end();
    }
  }

  async function removeAll(name: string, admin: Client): Promise<void> {
    for (const database of [name, `${name}__initech`]) await admin.query(`drop database if exists ${database} with (force)`);
    const { rows } = await admin.query('select rolname from pg_roles where rolname like $1', [`${name}\\_%`]);
    for (const { rolname } of rows) await admin.query(`drop role ${rolname}`);
  }
});

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await condition()); tries++) {
    if (tries > 500) throw new Error(`Still waiting for: ${what}`);
    await sleep(20);
  }
}
