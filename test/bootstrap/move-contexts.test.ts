import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { addTenant, moveTenant, passwordFile } from '../../lib/bootstrap';
import { connectTenants, fromFile, trust } from '../../lib/client';
import type { SchemaInput } from '../../lib/declaration';
import { freshFolder } from '../support/fresh-folder';
import { startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, manifestOf } from './support/platform';

const CONTEXTS = ['signed', 'role'] as const;
const WAY = ['schema', 'database', 'row'] as const;

/** Values that some way of copying does not bring over. */
const VALUES = {
  text: ["''", "E'a\\tb\\n\\\\N\\r\\x01'", "'NULL'", "repeat('é€😀', 20000)"],
  jsonb: [`'{"a": [1, null, "\\\\N"], "b": 1.10}'`, "'null'"],
  'text[]': ["'{}'", `array['a', null, '', '{b,"c"}', 'NULL']`],
  bytea: ["''", "'\\x00ff5c4e'"],
  'double precision': ["'NaN'", "'-Infinity'", "'-0'", '0.1::float8 + 0.2', '5e-324'],
  numeric: ["'NaN'", '1.50', '123456789012345678901234567890.123'],
  timestamptz: ["'infinity'", "'-infinity'", "'0044-03-15 12:00:00.123456+01 BC'", "'2026-10-25 02:30:00.000001+02'"],
  interval: ["'1 mon -3 days 00:00:00.1'"],
  inet: ["'::1/64'"],
  'char(3)': ["'a'"],
  boolean: ['false'],
} as const;
const columns = Object.keys(VALUES).map((type, i) => [`c${i}`, type, VALUES[type as keyof typeof VALUES] as readonly string[]] as const);

const declarationOf = (name: string, tenantContext: (typeof CONTEXTS)[number]): SchemaInput => ({
  name, tenantContext,
  tables: {
    things: {
      tenancy: 'tenant', primaryKey: ['id'],
      columns: {
        id: { type: 'integer' }, twice: { type: 'integer', generated: 'id * 2' }, parent: { type: 'integer', nullable: true, references: 'things.id' },
        ...Object.fromEntries(columns.map(([column, type]) => [column, { type, nullable: true }])),
      },
      indexes: [{ columns: ['c5'], unique: true, where: 'c5 is not null' }],
    },
    pens: { tenancy: 'tenant', columns: { id: { type: 'integer' }, cap: { type: 'integer', nullable: true, references: 'caps.id' } }, primaryKey: ['id'] },
    caps: { tenancy: 'tenant', columns: { id: { type: 'integer' }, pen: { type: 'integer', nullable: true, references: 'pens.id' } }, primaryKey: ['id'] },
  },
  roles: { app: { login: tenantContext === 'role' ? 'password' : 'iam', tables: { things: 'write', pens: 'write', caps: 'write' } } },
});

describe('a tenant that is moved', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
    const admin = await server.admin();
    // Else a database waits for connections that a program's pool keeps.
    await admin.query('grant pg_signal_backend to tenantry_bootstrap');
  });

  it.each(CONTEXTS)('keeps each value as it was, while programs with a %s context write', async (context) => {
    const name = `desk_${context}`.slice(0, 8);
    const file = join(freshFolder('move'), 'passwords.json');
    const passwords = passwordFile(file);
    const loaded = manifestOf(declarationOf(name, context), { tenants: { bolt: { isolation: 'row' } } });
    const options = { access: accessTo(server), loaded, passwords };
    await applyTo(server, loaded, { passwords });
    await addTenant(options, { key: 'acme', isolation: 'row' });
    const client = (more: object = {}) => connectTenants(loaded.manifest, { credentials: trust(server), maxConnections: 2, ...(context === 'signed' ? { contextKey: fromFile(file) } : {}), ...more });
    const tenants = client({ staleness: 600_000 });
    const most = Math.max(...columns.map(([, , values]) => values.length));
    await tenants.with('acme', async (db) => {
      for (let i = 0; i < most; i++) await db.query(`insert into things (id, parent, ${columns.map(([column]) => column).join(', ')}) values (${-i}, ${i === 0 ? 'null' : 1 - i}, ${columns.map(([, , values]) => values[i] ?? 'null').join(', ')})`);
    });
    await tenants.with('acme', async (db) => {
      await db.query('insert into pens (id) values (1)');
      await db.query('insert into caps (id, pen) values (1, 1)');
      await db.query('update pens set cap = 1');
    });
    const text = () => tenants.with('acme', async (db) => (await db.query<{ text: string }>('select things::text as text from things where id <= 0 order by id desc')).rows);
    const first = await text();
    expect(first).toHaveLength(most);
    const stop = { now: false };
    let written = 0;
    const writer = async (): Promise<void> => {
      const own = client();
      while (!stop.now) await own.with('acme', (db) => db.query('insert into things (id, c10) values ($1, true)', [written + 1])).then(() => (written += 1));
      await own.end();
    };
    const writing = writer();
    try {
      for (const to of WAY) {
        expect(await moveTenant(options, 'acme', to)).toMatchObject({ outcome: 'moved', to });
        expect(await text(), to).toEqual(first);
        expect(await tenants.with('acme', async (db) => (await db.query('select cap, pen from pens join caps on pens.id = pen and caps.id = cap')).rows), to).toEqual([{ cap: 1, pen: 1 }]);
      }
    } finally {
      stop.now = true;
      await writing;
    }
    expect(await tenants.with('acme', async (db) => (await db.query('select count(*)::int as n, max(twice)::int as twice from things where id > 0')).rows)).toEqual([{ n: written, twice: 2 * written }]);
    await tenants.end();
    expect(written).toBeGreaterThan(5);
    expect((await applyTo(server, loaded, { passwords })).changes).toEqual([]);
  }, 60_000);
});
