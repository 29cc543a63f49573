import type { Client } from 'pg';
import { homeDatabase, homeSchema, ownerRole } from '../../declaration/names';
import type { LoadedManifest } from '../../manifest/read';
import type { ApplyLocks } from '../apply/lock';
import type { PasswordStore } from '../connect/password-store';
import { connect, type ServerAccess } from '../connect/server-access';
import { prepareSession } from '../connect/own-session';
import { refuseOtherServer } from '../cells/own-server';
import { probe, refusePooler } from '../connect/probe';
import type { LiveCatalog } from '../kinds/kind';
import type { CanonicalForms } from '../model/canonical';
import type { DatabasePlan, Placement } from '../model/place';
import { type RecordedContents, withContents } from '../model/place-content';
import type { Capabilities, ServerPlan } from '../model/server';
import type { Change, Difference } from '../plan/difference';
import { refuseChangedTenancies } from './changed-tenancy';
import { besides, differencesOf, type Live, stillRefused, UNSEEN, without } from './compared';
import { introspectDatabase, introspectServer } from './introspect';
import { type Known, knowPlaces } from './known-places';
import { type LedgerEntry, Library, libraryTablesIn } from './library';
import { refuseOffboarded, withoutSecondPlace } from './offboarded';
import { refuseLostRegistry, refuseLostTenants } from './lost-registry';
import { refuseLostHome, refuseNotLost } from './lost-places';
import { EVERYTHING, type Reading } from './reading';
import { judgeServer, versionDifferences, type VersionVerdict } from './minor-version';
import { readPlaceContents } from './place-contents';
import { type Connecting, ReachedDatabases } from './reached';
import { refuseUnmasked } from './unmasked';
import { placementsOf, readWanted, type Wanted } from './wanted';

/** The database that every server has, and in which the server-wide lock is taken. */
const MAINTENANCE_DATABASE = 'postgres';

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

/** What the server is looked at through. */
interface Through extends Connecting {
  readonly capabilities: Capabilities;
}

async function compare(options: SituationOptions, through: Through): Promise<Situation> {
  const { loaded, passwords, locks, additional, secondPlaceOf, offboarding, recreate = [], asOf } = options;
  const { manifest } = loaded;
  const { declaration } = manifest;
  const { capabilities, maintenance, connectTo } = through;
  const homeName = homeDatabase(declaration.name);
  const reached = new ReachedDatabases(ownerRole(declaration.name), through, locks);
  await reached.reach([homeName]);
  const { connections, closed } = reached;
  const home = connections.get(homeName);
  const libraryTables = home === undefined ? [] : await libraryTablesIn(home);
  const library = new Library(home, libraryTables);
  if (home !== undefined) await refuseLostRegistry(home, library, homeSchema(declaration.name));
  if (home !== undefined && library.hasRegistry) await refuseOtherServer(home, loaded);

  // What the others need is neither read nor planned: a sign-up takes no longer where there are thousands of them.
  const only = additional?.key ?? secondPlaceOf;
  const registered = await library.tenants(only);
  const known = placementsOf(loaded, registered, offboarding).filter(({ key }) => only === undefined || key === only);
  const placements = additional === undefined ? known : [...known, additional];
  const states = await readWanted({ loaded, capabilities, maintenance, home, library, libraryTables, registered, placements, passwords, asOf });
  const wanted = states.with(placements);
  const rest = only === undefined ? undefined : states.with(secondPlaceOf === undefined ? known : withoutSecondPlace(known, secondPlaceOf));

  const liveServer = await introspectServer(maintenance, rest === undefined ? wanted.server : besides(wanted.server, rest.server));
  await reached.reach(wanted.databases.filter(({ isHome }) => !isHome).map(({ name }) => name));
  const contents = new Map<string, RecordedContents>();
  for (const [name, client] of connections) contents.set(name, await readPlaceContents(client));
  const knowing = (of: Wanted, anew: readonly string[] = recreate): Wanted => {
    const databases = withContents(of.databases, placements, contents, new Set(anew));
    return { databases, server: { ...of.server, databases } };
  };
  const { databases, server } = knowing(wanted);
  const lost = new Set(databases.filter(({ name, wasMade, leaving }) => (wasMade === true || leaving === true) && !reached.has(name)).map(({ name }) => name));
  const formerly = once(async () => (states.lastApplied === undefined ? undefined : { state: states.lastApplied, wanted: await states.before(states.lastApplied) }));
  const schemas = only === undefined && home !== undefined ? await knowSchemas(options, home, databases, libraryTables, async () => (await formerly())?.wanted) : undefined;
  const reading = schemas?.reading ?? EVERYTHING;
  const live: Live = { server: liveServer, databases: await readDatabases(databases, connections, only, reading, (name) => lost.has(name) || reached.has(name)), reading };

  const lostHomes = await refuseLostHome(maintenance, declaration.name, reached.has(homeName), recreate);
  if (recreate.length > 0) refuseNotLost(recreate, [...lostHomes, ...differencesOf(knowing(wanted, []), { ...live, reading: EVERYTHING })]);
  const version = judgeServer(capabilities, manifest.servers[manifest.home], new Date());
  const compared = differencesOf({ server, databases }, live);
  const applied = options.withOrigins === true && compared.some(({ type }) => type !== 'finding') ? await formerly() : undefined;
  const withOrigin = applied === undefined ? compared : differencesOf({ server, databases }, live, applied.wanted).map((difference) => stillRefused(applied.state, difference));
  const all = [
    ...versionDifferences(version), ...lostHomes, ...refuseLostTenants(databases, registered, live.databases, only), ...refuseChangedTenancies(databases, live.databases),
    ...refuseUnmasked(declaration, states.lastApplied?.declaration, databases, live.databases), ...refuseOffboarded(manifest, registered, additional?.key), ...withOrigin,
  ];
  const others = rest === undefined ? [] : differencesOf(knowing(rest), { ...live, reading: EVERYTHING });
  const differences = without(all, others);
  const opening = additional === undefined ? reached.reopening(liveServer) : [];
  const { forms, digest, isStored } = states.declared;
  return {
    capabilities, version, server, databases, placements, tenants: only === undefined ? placements.length : await library.count() + placements.length - known.length, wantedWith: states.with,
    forms, formsDigest: digest, formsStored: isStored, closed, lost, reopening: opening, ...(schemas === undefined ? {} : { known: schemas }),
    // Publications list the tables of every tenant, and only the new one's are looked at.
    shared: others.filter(({ target, kind }) => target !== 'server' && kind !== 'publication'),
    // Without the home database's registry nobody knows which tenants there are, nor what is too much.
    differences: [...(closed.has(homeName) ? [...versionDifferences(version), ...opening, ...differences.filter(({ type, kind }) => type === 'refusal' && kind === 'database')] : differences), ...reached.notCompared()],
    ledger: await library.ledger(loaded.digest), libraryIsBehind: library.isBehind, keepsVerifications: library.keepsVerifications, maintenance, connections, connectTo,
  };
}

/** Finds out which schemas of tenants need not be read. */
async function knowSchemas({ locks, recreate = [], fullRead = false, offboarding }: SituationOptions, home: Client, databases: readonly DatabasePlan[], libraryTables: readonly string[], formerly: () => Promise<Wanted | undefined>): Promise<Known | undefined> {
  const homeOf = (of: readonly DatabasePlan[] | undefined): DatabasePlan | undefined => of?.find(({ isHome }) => isHome);
  const plan = homeOf(databases);
  if (plan === undefined) return undefined;
  return knowPlaces({
    home, plan, libraryTables, formerly: async () => homeOf((await formerly())?.databases), records: locks !== undefined, none: fullRead || recreate.length > 0, ...(offboarding === undefined ? {} : { except: offboarding }),
  });
}

async function readDatabases(databases: readonly DatabasePlan[], connections: ReadonlyMap<string, Client>, only: string | undefined, reading: Reading, isUnseen: (name: string) => boolean): Promise<Map<string, LiveCatalog>> {
  const live = new Map<string, LiveCatalog>();
  for (const database of databases) {
    const client = connections.get(database.name);
    if (client !== undefined) live.set(database.name, await introspectDatabase(client, database, only, database.isHome ? reading : EVERYTHING));
    else if (isUnseen(database.name)) live.set(database.name, UNSEEN);
  }
  return live;
}

/** Asks when it is asked for, and no second time. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => (asked ??= ask());
}
