import { createHash } from 'node:crypto';
import { Client, Pool } from 'pg';
import { apply, type Change, plan, type ServerAccess } from '../../lib/bootstrap';
import { connectTenants, trust } from '../../lib/client';
import { defineSchema } from '../../lib/declaration';
import { type EmbeddedServer, startEmbedded } from '../../lib/embedded';
import { type LoadedManifest, MANIFEST_FORMAT, parseManifest } from '../../lib/manifest';
import { compare, type Figure, time } from './measure';

const TENANTS = 200;
const TABLES = 8;

function manifestOf(name: string, tenants: Record<string, { isolation: string }>): LoadedManifest {
  const tables = Object.fromEntries(Array.from({ length: TABLES }, (_, i) => [`table_${i}`, {
    tenancy: 'tenant' as const,
    columns: {
      id: { type: 'uuid' as const, default: 'gen_random_uuid()' }, name: { type: 'text' as const }, amount: { type: 'numeric(12,2)' as const, check: 'amount >= 0' },
      ...(i === 0 ? {} : { parent_id: { type: 'uuid' as const, references: `table_${i - 1}.id` } }), created_at: { type: 'timestamptz' as const, default: 'now()' },
    },
    primaryKey: ['id'], indexes: [['created_at']],
  }]));
  const declaration = defineSchema({ name, tables, roles: { app: { login: 'iam', tables: Object.fromEntries(Object.keys(tables).map((table) => [table, 'write' as const])) } } } as never);
  const data = {
    format: MANIFEST_FORMAT, platform: 'bench', environment: 'development', address: `bench/${name}`, declaration, tenants,
    servers: { main: { host: 'localhost', port: 5432, engine: 'postgres', engineVersion: '18', region: 'eu-central-1', masterUsername: 'postgres' } }, home: 'main',
  };
  return { manifest: parseManifest(data, name), digest: createHash('sha256').update(JSON.stringify(data)).digest('hex') };
}

const schemaTenants = Object.fromEntries(Array.from({ length: TENANTS }, (_, i) => [`t${i}`, { isolation: 'schema' }]));

/** Without fsync: how long a disk takes to write is the same for both sides, and differs from second to second. */
export async function databaseBenchmarks(dataDirectory: string): Promise<Figure[]> {
  const server = await startEmbedded({ dataDirectory, settings: { max_locks_per_transaction: '256', fsync: 'off' } });
  try {
    const access: ServerAccess = { host: server.host, port: server.port, user: server.bootstrapUser, method: 'trust' };
    return [await firstApply(access), await secondApply(access), await tenantQuery(server, access)];
  } finally {
    await server.stop();
  }
}

/** A new declaration each time, so that nothing need be dropped in between. */
const firstApply = (access: ServerAccess): Promise<Figure> => compare(
  `apply of ${TENANTS} tenant schemas with ${TABLES} tables, against the same SQL sent raw`, 1.2, 5,
  (run) => time(() => apply({ access, loaded: manifestOf(`ours${run}`, schemaTenants) })),
  async (run) => {
    const { differences } = await plan({ access, loaded: manifestOf(`raw${run}`, schemaTenants) });
    return time(() => sendRaw(access, `raw${run}`, differences.filter((difference): difference is Change => difference.type === 'change')));
  },
);

/** The statements as they are, one message for each place: as fast as one connection can be. */
async function sendRaw(access: ServerAccess, name: string, changes: readonly Change[]): Promise<void> {
  const statements = (some: readonly Change[]): string[] => some.flatMap((change, i) => [
    ...(change.actor === some[i - 1]?.actor ? [] : [`set local role ${change.actor === 'login' ? 'none' : `${name}_${change.actor}`}`]), ...change.sql,
  ]);
  const send = async (client: Client, some: readonly Change[]): Promise<void> => {
    const places = new Map<string | undefined, Change[]>();
    for (const change of some) (places.get(change.place) ?? places.set(change.place, []).get(change.place))?.push(change);
    for (const place of places.values()) await client.query(['begin', ...statements(place), 'commit'].join(';\n'));
  };
  const maintenance = await open(access, 'postgres');
  const onServer = changes.filter(({ target }) => target === 'server');
  await send(maintenance, onServer.filter(({ stage }) => stage === 'transaction'));
  for (const change of onServer.filter(({ stage }) => stage === 'outside')) for (const sql of change.sql) await maintenance.query(sql);
  await send(maintenance, onServer.filter(({ stage }) => stage === 'after'));
  const home = await open(access, name);
  const inHome = changes.filter(({ target }) => target === name);
  await send(home, inHome.filter(({ stage }) => stage !== 'final'));
  await send(home, inHome.filter(({ stage }) => stage === 'final'));
  await Promise.all([maintenance.end(), home.end()]);
}

const secondApply = (access: ServerAccess): Promise<Figure> =>
  nothingToDo(`apply with nothing to do for ${TENANTS} tenant schemas, against its own catalog queries sent raw`, 7, access, manifestOf('ours0', schemaTenants));

/** An apply that changes nothing, against the queries that it reads the catalog by. */
export async function nothingToDo(name: string, runs: number, access: ServerAccess, loaded: LoadedManifest): Promise<Figure> {
  const queries = await recordQueries(() => apply({ access, loaded }));
  return compare(
    name, 1.5, runs,
    () => time(() => apply({ access, loaded })),
    async () => {
      const clients = new Map<string, Client>();
      for (const { database } of queries) if (!clients.has(database)) clients.set(database, await open(access, database));
      const took = await time(async () => {
        for (const { database, args } of queries) await (clients.get(database) as unknown as { query(...args: unknown[]): Promise<unknown> }).query(...args);
      });
      await Promise.all([...clients.values()].map((client) => client.end()));
      return took;
    },
  );
}

interface Recorded {
  readonly database: string;
  readonly args: readonly unknown[];
}

/** Notes every query that reads; what writes the ledger is left out. */
async function recordQueries(work: () => Promise<unknown>): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  const original = Client.prototype.query;
  Client.prototype.query = function (this: Client, ...args: unknown[]) {
    const text = typeof args[0] === 'string' ? args[0] : (args[0] as { text: string }).text;
    if (!/insert into|update tenantry|advisory|^(re)?set role/i.test(text)) recorded.push({ database: this.database ?? '', args });
    return (original as (...args: unknown[]) => unknown).apply(this, args);
  } as typeof original;
  try {
    await work();
  } finally {
    Client.prototype.query = original;
  }
  return recorded;
}

async function tenantQuery(server: EmbeddedServer, access: ServerAccess): Promise<Figure> {
  const loaded = manifestOf('client', { acme: { isolation: 'row' } });
  await apply({ access, loaded });
  const tenants = connectTenants(loaded.manifest, { credentials: trust(server), maxConnections: 1 });
  await tenants.with('acme', (db) => db.query("insert into table_0 (name, amount) select 'x', i from generate_series(1, 1000) i"));
  const own = (await tenants.with('acme', (db) => db.query('select id from table_0 limit 1'))).rows[0]?.['id'] as string;
  // The same table and rows, without row-level security, through a pool of the same login.
  const admin = new Client({ host: server.host, port: server.port, user: server.superuser, database: 'client' });
  await admin.connect();
  await admin.query(`create schema plain; create table plain.table_0 (like client.table_0 including all); insert into plain.table_0 select * from client.table_0;
    grant usage on schema plain to client_app_login; grant select on plain.table_0 to client_app_login; analyze`);
  await admin.end();
  await tenants.end();
  const repeat = async (n: number, work: () => Promise<unknown>): Promise<void> => {
    for (let i = 0; i < n; i++) await work();
  };
  const measure = async (work: () => Promise<unknown>): Promise<number> => {
    await repeat(30, work);
    return time(() => repeat(100, work));
  };
  // New connections each time: how fast one is depends on the processor core that its server process happens to run on.
  return compare(
    'a query through tenants.with, against BEGIN, query, COMMIT without row-level security', 1.4, 61,
    async () => {
      const ours = connectTenants(loaded.manifest, { credentials: trust(server), maxConnections: 1 });
      const took = await measure(() => ours.with('acme', (db) => db.query('select * from table_0 where id = $1', [own])));
      await ours.end();
      return took;
    },
    async () => {
      const plain = new Pool({ host: server.host, port: server.port, user: 'client_app_login', database: 'client', max: 1 });
      // The pool ends before its connection does, which the server may then be the one to end.
      plain.on('error', () => undefined);
      const took = await measure(async () => {
        const client = await plain.connect();
        await client.query('begin');
        await client.query('select * from plain.table_0 where id = $1', [own]);
        await client.query('commit');
        client.release();
      });
      await plain.end();
      return took;
    },
  );
}

export async function open(access: ServerAccess, database: string): Promise<Client> {
  const client = new Client({ host: access.host, port: access.port, user: access.user, database });
  await client.connect();
  await client.query('set search_path = pg_catalog; set client_min_messages = warning');
  return client;
}
