import type { Client } from 'pg';
import { homeDatabase, homeSchema, ownerRole } from '../../declaration/names';
import { contextKeyName, contextOf } from '../../declaration/tenant-context';
import { identityOf } from '../../manifest/format';
import type { LoadedManifest } from '../../manifest/read';
import type { ApplyLocks } from '../apply/lock';
import type { PasswordStore } from '../connect/password-store';
import { connect, type ServerAccess } from '../connect/server-access';
import { probeObjects } from '../connect/object-probe';
import { probe, refusePooler } from '../connect/probe';
import { type LiveDatabase, reopening } from '../kinds/database';
import { finding, type LiveCatalog, serverKey } from '../kinds/kind';
import type { CanonicalForms } from '../model/canonical';
import { extensionsOf } from '../model/objects';
import { placesOfPasswords } from '../model/password-login';
import { type Blueprint, type DatabasePlan, databasesOf, type Placement } from '../model/place';
import { type RecordedContents, withContents } from '../model/place-content';
import { type Capabilities, type ServerPlan, serverPlan } from '../model/server';
import { beforeAnyEnded } from '../model/support';
import { wantedContextKeys } from '../model/tenant-context';
import type { Change, Difference } from '../plan/difference';
import { diffDatabase, diffServer } from '../plan/planner';
import { LOCK_TIMEOUT } from '../plan/terms';
import { withMovingPeriods } from '../plan/moving-periods';
import { refuseChangedTenancies } from './changed-tenancy';
import { formsOf } from './declared-forms';
import { clockOf } from './clock';
import { introspectDatabase, introspectServer } from './introspect';
import { type Known, knowPlaces } from './known-places';
import { type AppliedState, identityOfRefusal, readAppliedState } from './last-applied';
import { type LedgerEntry, Library, libraryTablesIn, type Registered } from './library';
import { isGone, refuseOffboarded, withoutSecondPlace } from './offboarded';
import { refuseLostRegistry, refuseLostTenants } from './lost-registry';
import { refuseLostHome, refuseNotLost } from './lost-places';
import { EVERYTHING, type Reading } from './reading';
import { judgeServer, versionDifferences, type VersionVerdict } from './minor-version';
import { readPlaceContents } from './place-contents';
import { readSupport } from './support';

/** The database that every server has, and in which the server-wide lock is taken. */
const MAINTENANCE_DATABASE = 'postgres';

const NOTHING_THERE: LiveCatalog = new Map();
/** Stands for a database that is not ours: that it is there is a difference of the server, and there is nothing to say about what is in it. */
const SOMEBODY_ELSES: LiveCatalog = new Map();
/** Stands for a database of ours that lets nobody in: what is in it is seen once that is mended. */
const CLOSED: LiveCatalog = new Map();
/** Stands for a database that held rows and is gone. */
const LOST: LiveCatalog = new Map();
/** The connection limit is reached; the database is invalid. */
const CLOSED_STATES = new Set(['53300', '55000']);
const NO_LIMIT = -1;

export interface SituationOptions {
  readonly access: ServerAccess;
  readonly loaded: LoadedManifest;
  /** Where the passwords of logins are kept. @default - nowhere: a login with a password that has none yet is refused */
  readonly passwords?: PasswordStore;
  /** Taken before anything is read, so that what is planned is still true when it is applied. @default - no locks: nothing is applied */
  readonly locks?: ApplyLocks;
  /** Whether to tell, of each difference, if it was changed by hand since the last apply or declared since then. @default false */
  readonly withOrigins?: boolean;
  /** A tenant that neither the manifest nor the registry knows. Only what it needs is planned then. @default - none */
  readonly additional?: Placement;
  /** Only what the second place of this tenant needs is planned. @default - everything is */
  readonly secondPlaceOf?: string;
  /** This tenant has its place also while it is off-boarded. @default - what is being removed is not planned */
  readonly offboarding?: string;
  /** Names of what is gone and held rows, as the refusals have them: it is made anew, empty. @default - nothing of that is made anew */
  readonly recreate?: readonly string[];
  /** Whether schemas of tenants are read although they were as declared and nothing was changed there since. @default false */
  readonly fullRead?: boolean;
  /** Another time to make partitions for. @default - the clock of the server */
  readonly asOf?: Date;
}

/** What is wanted, what is there and what differs, with the connections that it was read through. */
export interface Situation {
  readonly capabilities: Capabilities;
  readonly version: VersionVerdict;
  readonly server: ServerPlan;
  readonly databases: readonly DatabasePlan[];
  /** Where only what one tenant needs is planned, that one alone. */
  readonly placements: readonly Placement[];
  /** How many tenants there are with those that are planned. */
  readonly tenants: number;
  /** What is known of schemas of tenants. @default - nothing, or it was not asked for */
  readonly known?: Known;
  /** What is wanted where other tenants are where. */
  readonly wantedWith: (placements: readonly Placement[]) => Wanted;
  readonly forms: CanonicalForms;
  readonly formsDigest: string;
  /** Whether the ledger holds the canonical forms already. */
  readonly formsStored: boolean;
  readonly differences: readonly Difference[];
  /** Where only what one tenant needs is planned: what differs in what all tenants share, and stays so. Of the server itself it says nothing. */
  readonly shared: readonly Difference[];
  /** Those of them that have to be made before databases that let nobody in can be looked into. */
  readonly reopening: readonly Change[];
  /** Databases of ours that let nobody in. */
  readonly closed: ReadonlySet<string>;
  /** Databases that held rows of tenants, and are gone. */
  readonly lost: ReadonlySet<string>;
  /** Applies, the newest first, however they ended. */
  readonly ledger: readonly LedgerEntry[];
  /** Whether an older version made the library's tables in the home database, and did not make all of them. */
  readonly libraryIsBehind: boolean;
  /** Whether the outcome of a verification can be kept in the home database. */
  readonly keepsVerifications: boolean;
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

async function look(options: SituationOptions, open: Client[]): Promise<Situation> {
  const { access, locks } = options;
  const connectTo = async (database: string): Promise<Client> => {
    const client = await connect(access, database);
    open.push(client);
    await prepareSession(client);
    return client;
  };
  const maintenance = await connectTo(MAINTENANCE_DATABASE);
  if (locks !== undefined) await refusePooler(maintenance, access, MAINTENANCE_DATABASE);
  const through: Through = { capabilities: await probe(maintenance, access), maintenance, connectTo, opened: new Map() };
  return locks === undefined ? compare(options, through) : locks.take(maintenance, () => compare(options, through));
}

/** What the server is looked at through. What is opened stays open where it is looked at again. */
interface Through extends Pick<Situation, 'capabilities' | 'maintenance' | 'connectTo'> {
  readonly opened: Map<string, Client>;
}

async function compare({ loaded, passwords, locks, additional, secondPlaceOf, offboarding, withOrigins, recreate = [], fullRead = false, asOf }: SituationOptions, { capabilities, maintenance, connectTo, opened }: Through): Promise<Situation> {
  const { manifest } = loaded;
  const { declaration } = manifest;
  const owner = ownerRole(declaration.name);
  const connections = new Map<string, Client>();
  const live = new Map<string, LiveCatalog>();
  const closed = new Set<string>();
  const reach = async (names: readonly string[]): Promise<void> => {
    const { rows } = await maintenance.query('select datname, pg_get_userbyid(datdba) = $2 as ours, datallowconn as "allowsConnections", datconnlimit as "connectionLimit" from pg_database where datname = any($1) order by 1', [names, owner]);
    for (const { datname, ours, ...limits } of rows) {
      if (!ours) {
        live.set(datname, SOMEBODY_ELSES);
        continue;
      }
      const client = opened.get(datname) ?? await unlessClosed(limits, () => connectTo(datname));
      if (client === undefined) {
        closed.add(datname);
        live.set(datname, CLOSED);
        continue;
      }
      opened.set(datname, client);
      connections.set(datname, client);
      await locks?.takeDatabase(client);
    }
  };
  await reach([homeDatabase(declaration.name)]);
  const home = connections.get(homeDatabase(declaration.name));
  const libraryTables = home === undefined ? [] : await libraryTablesIn(home);
  const library = new Library(home, libraryTables);
  if (home !== undefined) await refuseLostRegistry(home, library, homeSchema(declaration.name));

  // What the others need is neither read nor planned: a sign-up takes no longer where there are thousands of them.
  const only = additional?.key ?? secondPlaceOf;
  const registered = await library.tenants(only);
  const known = placementsOf(loaded, registered, offboarding).filter(({ key }) => only === undefined || key === only);
  const placements = additional === undefined ? known : [...known, additional];
  const objectSupport = declaration.extensions === undefined && declaration.publications === undefined ? undefined : await probeObjects(maintenance, extensionsOf(declaration));
  const lastApplied = home === undefined ? undefined : await readAppliedState(home, libraryTables);
  const from = { library, client: home ?? maintenance, versionNumber: capabilities.versionNumber };
  const { forms, tables, digest, isStored } = await formsOf(from, declaration, lastApplied?.declaration);
  const passwordPlaces = await placesOfPasswords(declaration, placements, passwords);
  const blueprint = { declaration, identity: identityOf(manifest), ...forms, tables, objectSupport, passwordPlaces, tiersInUse: await library.tiersInUse(), ...await clockOf(maintenance, tables, asOf), support: await readSupport(declaration, home, maintenance, libraryTables), ...(contextOf(declaration) !== 'signed' ? {} : { contextKeys: wantedContextKeys(await library.contextKeys(), await passwords?.place(contextKeyName(declaration.name))) }) };
  const wantedWith = (of: readonly Placement[], by: Blueprint = blueprint): Wanted => {
    const databases = databasesOf(by, of);
    return { databases, server: serverPlan(by.declaration, identityOf(manifest), of, databases, capabilities, by.support, lastApplied?.declaration) };
  };
  /** The same, of what was applied last. */
  const wantedBefore = async (state: AppliedState): Promise<Wanted> => {
    const former = await formsOf(from, state.declaration);
    const there = registered.filter((tenant) => tenant.state !== 'provisioning');
    const made = new Set(there.map(({ key }) => key));
    const { contextKeys, ...others } = blueprint;
    const keys = contextKeys === undefined || contextOf(state.declaration) !== 'signed' ? {} : { contextKeys };
    return wantedWith(placementsOf({ ...loaded, manifest: { ...manifest, tenants: state.tenants } }, there).filter(({ key }) => made.has(key)), { ...others, ...keys, support: beforeAnyEnded(await readSupport(state.declaration, home, maintenance, libraryTables)), declaration: state.declaration, ...former.forms, objects: former.forms.objects, tables: former.tables });
  };
  const wanted = wantedWith(placements);
  const rest = only === undefined ? undefined : wantedWith(secondPlaceOf === undefined ? known : withoutSecondPlace(known, secondPlaceOf));
  const liveServer = await introspectServer(maintenance, rest === undefined ? wanted.server : besides(wanted.server, rest.server));
  await reach(wanted.databases.filter(({ isHome }) => !isHome).map(({ name }) => name));
  const contents = new Map<string, RecordedContents>();
  for (const [name, client] of connections) contents.set(name, await readPlaceContents(client));
  const knowing = (of: Wanted, anew: readonly string[] = recreate): Wanted => {
    const databases = withContents(of.databases, placements, contents, new Set(anew));
    return { databases, server: { ...of.server, databases } };
  };
  const { databases, server } = knowing(wanted);
  const lost = new Set(databases.filter(({ name, wasMade, leaving }) => (wasMade === true || leaving === true) && !connections.has(name) && !live.has(name)).map(({ name }) => name));
  for (const name of lost) live.set(name, LOST);
  const formerly = once(async () => (lastApplied === undefined ? undefined : { state: lastApplied, wanted: await wantedBefore(lastApplied) }));
  const plan = databases.find(({ isHome }) => isHome);
  const schemas = only !== undefined || home === undefined || plan === undefined ? undefined
    : await knowPlaces({ home, plan, libraryTables, formerly: async () => (await formerly())?.wanted.databases.find(({ isHome }) => isHome), records: locks !== undefined, none: fullRead || recreate.length > 0, ...(offboarding === undefined ? {} : { except: offboarding }) });
  const reading = schemas?.reading ?? EVERYTHING;
  for (const database of databases) {
    const client = connections.get(database.name);
    if (client !== undefined) live.set(database.name, await introspectDatabase(client, database, only, database.isHome ? reading : EVERYTHING));
  }
  const lostHomes = await refuseLostHome(maintenance, declaration.name, live.has(homeDatabase(declaration.name)), recreate);
  if (recreate.length > 0) refuseNotLost(recreate, [...lostHomes, ...diffAll(knowing(wanted, []), liveServer, live)]);
  const version = judgeServer(capabilities, manifest.servers[manifest.home], new Date());
  const compared = diffAll({ server, databases }, liveServer, live, reading);
  const applied = withOrigins === true && compared.some(({ type }) => type !== 'finding') ? await formerly() : undefined;
  const withOrigin = applied === undefined ? compared : diffAll({ server, databases }, liveServer, live, reading, applied.wanted).map((difference) => stillRefused(applied.state, difference));
  const all = [...versionDifferences(version), ...lostHomes, ...refuseLostTenants(databases, registered, live, only), ...refuseChangedTenancies(databases, live), ...refuseOffboarded(manifest, registered, additional?.key), ...withOrigin];
  const others = rest === undefined ? [] : diffAll(knowing(rest), liveServer, live);
  const differences = without(all, others);
  const opening = additional === undefined ? reopeningOf(closed, liveServer) : [];
  return {
    capabilities, version, server, databases, placements, tenants: only === undefined ? placements.length : await library.count() + placements.length - known.length, wantedWith, forms, formsDigest: digest, formsStored: isStored, closed, lost, reopening: opening, ...(schemas === undefined ? {} : { known: schemas }),
    // Publications list the tables of every tenant, and only the new one's are looked at.
    shared: others.filter(({ target, kind }) => target !== 'server' && kind !== 'publication'),
    // Without the home database's registry nobody knows which tenants there are, nor what is too much.
    differences: [...(closed.has(homeDatabase(declaration.name)) ? [...versionDifferences(version), ...opening, ...differences.filter(({ type, kind }) => type === 'refusal' && kind === 'database')] : differences), ...notCompared(closed)],
    ledger: await library.ledger(loaded.digest), libraryIsBehind: library.isBehind, keepsVerifications: library.keepsVerifications, maintenance, connections, connectTo,
  };
}

async function unlessClosed({ allowsConnections, connectionLimit }: { allowsConnections: boolean; connectionLimit: number }, connectTo: () => Promise<Client>): Promise<Client | undefined> {
  if (!allowsConnections) return undefined;
  try {
    return await connectTo();
  } catch (error) {
    if (connectionLimit === NO_LIMIT || !CLOSED_STATES.has(((error as Error).cause as { code?: string } | undefined)?.code ?? '')) throw error;
    return undefined;
  }
}

const reopeningOf = (closed: ReadonlySet<string>, liveServer: LiveCatalog): Change[] =>
  [...closed].flatMap((name) => reopening(name, liveServer.get('database')?.get(serverKey)?.get(name) as LiveDatabase));

const notCompared = (closed: ReadonlySet<string>): Difference[] =>
  [...closed].map((name) => finding({ code: 'database/closed', kind: 'database', target: 'server', summary: `what is in database ${name} is not compared, because it lets nobody in` }));

/** What is wanted of a server. */
export interface Wanted {
  readonly server: ServerPlan;
  readonly databases: readonly DatabasePlan[];
}

function diffAll({ server, databases }: Wanted, liveServer: LiveCatalog, live: ReadonlyMap<string, LiveCatalog>, reading: Reading = EVERYTHING, before?: Wanted): Difference[] {
  const differences = diffServer(server, liveServer, before?.server);
  const former = new Map(before === undefined ? [] : withMovingPeriods(before.databases, live).map((database) => [database.name, database]));
  for (const database of withMovingPeriods(databases, live)) {
    const there = live.get(database.name);
    if (there === SOMEBODY_ELSES || there === CLOSED || there === LOST) continue;
    for (const difference of diffDatabase(database, there ?? NOTHING_THERE, before === undefined ? undefined : former.get(database.name) ?? 'nothing', database.isHome ? reading : EVERYTHING)) differences.push(difference);
  }
  return differences;
}

/** Asks when it is asked for, and no second time. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => (asked ??= ask());
}

/** What is wanted of the server besides the rest, as far as it is read: roles with their memberships and settings. */
const besides = (server: ServerPlan, rest: ServerPlan): ServerPlan => ({ ...server, roles: new Map([...server.roles].filter(([role]) => !rest.roles.has(role))), marker: '' });

/** What the last apply refused already is not as declared, but nobody changed it since. */
const stillRefused = ({ refused }: AppliedState, difference: Difference): Difference =>
  (difference.type === 'refusal' && refused.has(identityOfRefusal(difference)) ? { ...difference, origin: 'pending' } : difference);

function without(all: readonly Difference[], some: readonly Difference[]): Difference[] {
  if (some.length === 0) return [...all];
  const known = new Set(some.map((difference) => JSON.stringify(difference)));
  return all.filter((difference) => !known.has(JSON.stringify(difference)));
}

/**
 * What the server prints does not depend on settings of the login or the database, nor whether the session may write and as whom; DDL waits for a lock only briefly, and a broken client
 * leaves nothing open. A session that waits for the others to be done keeps its locks, and who makes a role becomes no member of it.
 */
async function prepareSession(client: Client): Promise<void> {
  try {
    await client.query(SESSION);
  } catch (error) {
    if ((error as { code?: string }).code !== CANCELLED) throw error;
    await takeTimeoutAway(client);
    await client.query(SESSION);
  }
}

/** SQLSTATE of a statement that ran out of time. */
const CANCELLED = '57014';

/** A login may have been given so short a time-out that not even this always ends in time. */
async function takeTimeoutAway(client: Client): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query('set statement_timeout = 0');
      return;
    } catch (error) {
      if (attempt >= 20 || (error as { code?: string }).code !== CANCELLED) throw error;
    }
  }
}

const SESSION = `set role none; set default_transaction_read_only = off; set default_transaction_isolation = 'read committed'; set standard_conforming_strings = on; set search_path = pg_catalog; set lock_timeout = ${LOCK_TIMEOUT}; set statement_timeout = 0; set idle_in_transaction_session_timeout = '60s'; set idle_session_timeout = 0; set client_min_messages = warning;
    set row_security = on; set timezone = 'UTC'; set datestyle = 'ISO, MDY'; set intervalstyle = postgres; set quote_all_identifiers = off;
    select set_config(name, value, false) from pg_settings join (values ('transaction_timeout', '0'), ('createrole_self_grant', '')) newer(name, value) using (name)`;

/** The registry decides what it knows; the declaration adds what it does not. */
function placementsOf({ manifest }: LoadedManifest, registered: readonly Registered[], offboarding?: string): Placement[] {
  const declared: Placement[] = Object.entries(manifest.tenants).map(([key, { isolation, displayName, tier }]) => ({ key, isolation, displayName: displayName ?? key, tier, declared: true }));
  const known = new Map<string, Placement>(declared.map((placement) => [placement.key, placement]));
  for (const { state, version, ...row } of registered) {
    const wanted = known.get(row.key);
    const as = { registered: { state, version, tier: row.tier } };
    if (isGone(state) && row.key !== offboarding) {
      known.delete(row.key);
      continue;
    }
    known.set(row.key, wanted === undefined ? { ...row, ...as, declared: false } : { ...wanted, ...as, isolation: row.isolation, ...(row.secondIsolation === undefined ? {} : { secondIsolation: row.secondIsolation, leaving: row.leaving === true }), ...(wanted.isolation === row.isolation ? {} : { wantedIsolation: wanted.isolation }) });
  }
  return [...known.values()];
}
