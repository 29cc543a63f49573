import type { Client } from 'pg';
import { homeDatabase, LIBRARY_SCHEMA, ownerRole } from '../../declaration/names';
import { identityOf } from '../../manifest/format';
import type { LoadedManifest } from '../../manifest/read';
import { acquire } from '../apply/lock';
import { connect, type ServerAccess } from '../connect/server-access';
import { probe, refusePooler } from '../connect/probe';
import type { LiveCatalog } from '../kinds/kind';
import { canonicalise, type CanonicalForms, formsDigest } from '../model/canonical';
import { type DatabasePlan, databasesOf, type Placement } from '../model/place';
import { type Capabilities, type ServerPlan, serverPlan } from '../model/server';
import { shapeOf, type ShapeTable } from '../model/shape';
import type { Difference } from '../plan/difference';
import { diffDatabase, diffServer } from '../plan/planner';
import { introspectDatabase, introspectServer } from './introspect';

/** The database that every server has, and in which the server-wide lock is taken. */
const MAINTENANCE_DATABASE = 'postgres';

const NOTHING_THERE: LiveCatalog = new Map();

export interface SituationOptions {
  readonly access: ServerAccess;
  readonly loaded: LoadedManifest;
  /** Take the locks before anything is read, so that what is planned is still true when it is applied. Milliseconds to wait for each. */
  readonly lock?: { readonly patience: number };
  /** Tenants besides those of the manifest and the registry, about to be added. @default - none */
  readonly additional?: readonly Placement[];
}

/** An earlier apply, as the ledger has it. */
export interface LedgerEntry {
  readonly generation: number;
  readonly manifestDigest: string;
  readonly finishedAt: Date;
}

/** What is wanted, what is there and what differs, with the connections that it was read through. */
export interface Situation {
  readonly capabilities: Capabilities;
  readonly server: ServerPlan;
  readonly databases: readonly DatabasePlan[];
  readonly placements: readonly Placement[];
  readonly forms: CanonicalForms;
  readonly formsDigest: string;
  /** Whether the ledger holds the canonical forms already. */
  readonly formsStored: boolean;
  readonly differences: readonly Difference[];
  /** Finished applies, the newest first. */
  readonly ledger: readonly LedgerEntry[];
  readonly maintenance: Client;
  /** Connections to databases that are there, by name. */
  readonly connections: Map<string, Client>;
  /** Opens one to a database that was created since; it is closed with the others. */
  readonly connectTo: (database: string) => Promise<Client>;
}

/** Looks at everything, and closes the connections after `use` is done with them. */
export async function withSituation<T>(options: SituationOptions, use: (situation: Situation) => Promise<T>): Promise<T> {
  const open: Client[] = [];
  try {
    return await use(await look(options, open));
  } finally {
    await Promise.all(open.map((client) => client.end().catch(() => undefined)));
  }
}

async function look({ access, loaded, lock, additional = [] }: SituationOptions, open: Client[]): Promise<Situation> {
  const { manifest } = loaded;
  const { declaration } = manifest;
  const connectTo = async (database: string): Promise<Client> => {
    const client = await connect(access, database);
    open.push(client);
    await prepareSession(client);
    return client;
  };
  const maintenance = await connectTo(MAINTENANCE_DATABASE);
  if (lock !== undefined) await refusePooler(maintenance, access, MAINTENANCE_DATABASE);
  const capabilities = await probe(maintenance, access);
  if (lock !== undefined) await acquire(maintenance, 'server', lock.patience);

  const owner = ownerRole(declaration.name);
  const connections = new Map<string, Client>();
  const reach = async (names: readonly string[]): Promise<void> => {
    const { rows } = await maintenance.query('select datname from pg_database where datname = any($1) and pg_get_userbyid(datdba) = $2 order by 1', [names, owner]);
    for (const { datname } of rows) {
      const client = await connectTo(datname);
      connections.set(datname, client);
      if (lock !== undefined) await acquire(client, 'database', lock.patience);
    }
  };
  await reach([homeDatabase(declaration.name)]);
  const home = connections.get(homeDatabase(declaration.name));
  const hasLibrary = home !== undefined && (await home.query('select to_regclass($1) is not null and to_regclass($2) is not null as there', [`${LIBRARY_SCHEMA}.canonical_forms`, `${LIBRARY_SCHEMA}.applies`])).rows[0].there;
  const library = hasLibrary ? home : undefined;

  const placements = await placementsOf(loaded, library, additional);
  const shape = shapeOf(declaration);
  const digest = formsDigest(shape);
  const stored = await storedForms(library, capabilities, digest);
  const forms = stored ?? await canonicalise(home ?? maintenance, shape);
  const databases = databasesOf({ declaration, identity: identityOf(manifest), ...forms, tables: withRows(forms.tables, shape) }, placements);
  const server = serverPlan(declaration, identityOf(manifest), placements, databases, capabilities);

  const differences: Difference[] = diffServer(server, await introspectServer(maintenance, server));
  await reach(databases.filter(({ isHome }) => !isHome).map(({ name }) => name));
  for (const database of databases) {
    const client = connections.get(database.name);
    const found = diffDatabase(database, client === undefined ? NOTHING_THERE : await introspectDatabase(client, database));
    for (const difference of found) differences.push(difference);
  }
  return {
    capabilities, server, databases, placements, forms, formsDigest: digest, formsStored: stored !== undefined, differences,
    ledger: await readLedger(library), maintenance, connections, connectTo,
  };
}

/** Names outside of pg_catalog are printed with their schema, DDL waits for a lock only briefly, and a broken client leaves nothing open. */
async function prepareSession(client: Client): Promise<void> {
  await client.query(`set search_path = pg_catalog; set lock_timeout = '2s'; set client_min_messages = warning; set idle_in_transaction_session_timeout = '60s'; set row_security = on`);
}

/** The registry decides what it knows; the declaration adds what it does not. */
async function placementsOf({ manifest }: LoadedManifest, library: Client | undefined, additional: readonly Placement[]): Promise<Placement[]> {
  const declared: Placement[] = Object.entries(manifest.tenants).map(([key, { isolation, displayName, tier }]) => ({ key, isolation, displayName: displayName ?? key, tier, declared: true }));
  const known = new Map<string, Placement>([...declared, ...additional].map((placement) => [placement.key, placement]));
  if (library !== undefined) {
    const { rows } = await library.query<{ key: string; isolation: Placement['isolation']; displayName: string; tier: string }>(`select key, isolation, display_name as "displayName", tier from ${LIBRARY_SCHEMA}.tenants`);
    for (const row of rows) {
      const wanted = known.get(row.key);
      known.set(row.key, wanted === undefined ? { ...row, declared: false } : { ...wanted, isolation: row.isolation, ...(wanted.isolation === row.isolation ? {} : { wantedIsolation: wanted.isolation }) });
    }
  }
  return [...known.values()];
}

async function storedForms(library: Client | undefined, { versionNumber }: Capabilities, digest: string): Promise<CanonicalForms | undefined> {
  if (library === undefined) return undefined;
  const { rows: [row] } = await library.query(`select forms from ${LIBRARY_SCHEMA}.canonical_forms where server_major = $1 and digest = $2`, [Math.floor(versionNumber / 10_000), digest]);
  return row?.forms;
}

async function readLedger(library: Client | undefined): Promise<LedgerEntry[]> {
  if (library === undefined) return [];
  const { rows } = await library.query(`select generation::int, manifest_digest as "manifestDigest", finished_at as "finishedAt" from ${LIBRARY_SCHEMA}.applies where outcome = 'done' order by generation desc limit 1000`);
  return rows;
}

/** Rows are data, not form: they come from the declaration as it is now. */
const withRows = (tables: readonly ShapeTable[], shape: readonly ShapeTable[]): ShapeTable[] => tables.map((table, i) => ({ ...table, rows: shape[i]?.rows ?? [] }));
