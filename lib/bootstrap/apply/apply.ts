import { hostname, userInfo } from 'node:os';
import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { homeDatabase, LIBRARY_SCHEMA, maintainerRole } from '../../declaration/names';
import type { LoadedManifest } from '../../manifest/read';
import { type Situation, type SituationOptions, withSituation } from '../catalog/situation';
import { recordAppliedState } from '../catalog/last-applied';
import { refuseUnapplied } from '../catalog/unapplied';
import { NEW_TENANT_SETTING, NEW_VERSION_SETTING } from '../kinds/tenant';
import type { Change, Finding, Refusal } from '../plan/difference';
import { fingerprintOf, refuseOlder } from '../plan/plan';
import { ACTOR_SETTING } from '../tenants/operations';
import { execute, type Execution, inTransaction, type OnProgress } from './execute';
import { type FleetOptions, runFleet } from './fleet';
import { refuseFleetOptions, refuseUnknownCanary } from './fleet-options';
import { begin, finish, storeForms } from './ledger';
import { ApplyLocks } from './lock';
import { connectionLost, isLost, whenServerIsBack } from './lost-connection';
import { carryContextKeys, makeContextKey } from './make-context-key';
import { makePassword } from './make-password';
import { recordPlaces } from './record-places';
import { resultsOf, type TenantResult, TenantsFailed } from './tenant-result';
import { type Unit, unitsOf } from './unit';

export interface ApplyOptions extends Omit<SituationOptions, 'locks'>, FleetOptions {
  /** Milliseconds to wait for other applies, in all. @default 300000 */
  readonly lockWait?: number;
  /** Apply a manifest although a newer one was applied. @default false */
  readonly allowOlder?: boolean;
  /** Fingerprint of the plan that was reviewed; anything else is refused. @default - whatever differs is applied */
  readonly reviewed?: string;
  readonly onProgress?: OnProgress;
}

export interface ApplyResult {
  readonly generation: number;
  readonly changes: readonly Change[];
  readonly refusals: readonly Refusal[];
  readonly findings: readonly Finding[];
  readonly tenants: number;
  /** What became of each tenant that has a schema or a database of its own. */
  readonly tenantResults: readonly TenantResult[];
  readonly serverVersion: string;
  readonly milliseconds: number;
}

/**
 * Brings a server to the declared state. What tenants share comes first, then the places of tenants, several at a time; each changes as a
 * whole or not at all. Whatever is interrupted is planned anew by the next apply, and once by this one where a connection was lost.
 *
 * @throws TenantryError `refused` before anything is changed, `failed` when a step did not succeed; `TenantsFailed` when that was in places of tenants
 */
export async function apply(options: ApplyOptions): Promise<ApplyResult> {
  refuseFleetOptions(options);
  const made: Made = { changes: [], outcomes: new Map(), started: Date.now() };
  try {
    return await attempt(options, made);
  } catch (error) {
    if (!isLost(error)) throw error;
    // What was reviewed is another plan than that for what is left, and a tenant that is being added may be there by now.
    if (options.reviewed !== undefined || options.additional !== undefined || options.secondPlaceOf !== undefined) throw connectionLost(error, '');
    // What was asked to be made anew may be there by now, with rows.
    const { recreate: _once, ...others } = options;
    return whenServerIsBack(() => attempt(others, made)).catch((again: unknown) => {
      throw isLost(again) ? connectionLost(again, ' twice') : again;
    });
  }
}

/** What is done already, by an attempt before too. */
interface Made {
  readonly changes: Change[];
  /** By place. */
  readonly outcomes: Map<string, TenantResult>;
  readonly started: number;
}

async function attempt(options: ApplyOptions, made: Made): Promise<ApplyResult> {
  const locks = new ApplyLocks(options.lockWait ?? 300_000);
  const before = [...made.changes];
  const result = await withSituation({ ...options, locks }, async (situation): Promise<ApplyResult | Reopened> => {
    const { differences } = situation;
    const changes = differences.filter((difference) => difference.type === 'change');
    const refusals = differences.filter((difference) => difference.type === 'refusal');
    if (options.allowOlder !== true) refuseOlder(situation.ledger, options.loaded.digest);
    if (options.additional !== undefined) refuseTenant(situation, options.loaded.digest, options.additional.key);
    if (options.secondPlaceOf !== undefined) refuseUnapplied({ ...situation, differences: situation.shared }, options.loaded.manifest.declaration.name, options.loaded.digest, options.secondPlaceOf);
    refuseWithoutId(options.loaded, situation);
    refuseBlocked(refusals);
    refuseUnreviewed(options.reviewed, situation);
    refuseUnknownCanary(options.canary, situation);
    if (situation.reopening.length > 0) return reopen(situation, options);
    const { generation, units, errors, found } = await run(options, situation, changes, locks, made);
    const done: ApplyResult = {
      generation, changes: [...before, ...changes], refusals, findings: [...differences.filter((difference) => difference.type === 'finding'), ...found], tenants: situation.tenants,
      tenantResults: resultsOf(situation.databases, made.outcomes, new Set(units.map(({ place }) => place)), refusals), serverVersion: situation.capabilities.version, milliseconds: Date.now() - made.started,
    };
    if (errors.length > 0) throw new TenantsFailed(errors, { ...done, changes: [...made.changes] });
    return done;
  });
  if (!('reopened' in result)) return result;
  made.changes.push(...result.reopened);
  return attempt({ ...options, ...(options.reviewed === undefined ? {} : { reviewed: result.left }) }, made);
}

interface Reopened {
  readonly reopened: readonly Change[];
  /** Fingerprint of what was planned besides. */
  readonly left: string;
}

/** Databases that let nobody in come first: what is in them is only seen then. */
async function reopen(situation: Situation, { loaded, onProgress = () => undefined }: ApplyOptions): Promise<Reopened> {
  const { maintenance, server, differences, reopening } = situation;
  const actors = { owner: server.owner, maintainer: maintainerRole(loaded.manifest.declaration.name) };
  await execute({
    client: maintenance, actors, places: [], prepare: () => Promise.resolve(), onProgress: (ended) => onProgress(ended.length, reopening.length, ended[0]?.summary ?? ''),
  }, reopening);
  const made = new Set(reopening.map((change) => JSON.stringify(change)));
  return { reopened: reopening, left: fingerprintOf(differences.filter((difference) => !made.has(JSON.stringify(difference)))) };
}

interface Ran {
  readonly generation: number;
  readonly units: readonly Unit[];
  /** Of tenants' places that failed. */
  readonly errors: readonly TenantryError[];
  /** What differs although it was applied. */
  readonly found: readonly Finding[];
}

async function run(options: ApplyOptions, situation: Situation, changes: readonly Change[], locks: ApplyLocks, made: Made): Promise<Ran> {
  const { loaded, onProgress = () => undefined } = options;
  const { maintenance, connections, databases, server } = situation;
  const declaration = loaded.manifest.declaration.name;
  const actors = { owner: server.owner, maintainer: maintainerRole(declaration) };
  const places = [...new Set(databases.flatMap((database) => database.places.map(({ schema }) => schema)))];
  const before = made.changes.length;
  const execution = (client: Client): Execution => ({
    client, actors, places, prepare: (change, tryOut) => (change.contextKey === undefined ? makePassword : makeContextKey)(client, change, options.passwords, tryOut),
    onProgress: (ended) => {
      for (const change of ended) made.changes.push(change);
      onProgress(made.changes.length - before, changes.length, ended[ended.length - 1]?.summary ?? '');
    },
  });

  await execute(execution(maintenance), changes.filter(({ target }) => target === 'server'));
  for (const { name } of databases) {
    if (connections.has(name) || situation.closed.has(name) || situation.lost.has(name)) continue;
    const client = await situation.connectTo(name);
    connections.set(name, client);
    await locks.takeNewDatabase(client);
  }
  await locks.releaseServer();

  const home = connections.get(homeDatabase(declaration)) as Client;
  const { units, shared } = unitsOf(declaration, databases, changes.filter(({ target }) => target !== 'server'));
  const isLibrary = ({ place, password }: Change): boolean => password === undefined && (place === LIBRARY_SCHEMA || place === undefined);
  await execute(execution(home), shared.filter((change) => isLibrary(change) && change.stage !== 'final'));
  const generation = await begin(home, server.owner, { digest: loaded.digest, actor: actor(situation) });
  const tellActor = async (client: Client): Promise<void> => {
    if (changes.some(({ kind }) => kind === 'tenant')) await client.query('select set_config($1, $2, false)', [ACTOR_SETTING, actor(situation)]);
    if (loaded.tenantId !== undefined) await client.query('select set_config($1, $2, false)', [NEW_TENANT_SETTING, loaded.tenantId]);
  };
  try {
    await tellActor(home);
    await execute(execution(home), shared.filter((change) => !isLibrary(change) && change.stage !== 'final'));
    const errors = await runFleet({
      generation, home, connections, execution, onResult: (outcome) => made.outcomes.set(outcome.place, outcome),
      openLane: async () => {
        const lane = await situation.connectTo(homeDatabase(declaration));
        await locks.takeLane(lane, home);
        await tellActor(lane);
        return lane;
      },
      carry: async (lane, unit, client) => {
        await carryTenantId(lane, client, unit.tenant);
        await carryContextKeys(lane, client, unit.changes);
      },
    }, units, options);
    const final = shared.filter(({ stage }) => stage === 'final');
    if (errors.length === 0) {
      if (final.length > 0) await inTransaction(execution(home), final);
      if (!situation.formsStored) await storeForms(home, server.owner, situation);
      if (options.additional === undefined && options.secondPlaceOf === undefined) await recordAppliedState(home, generation, loaded, situation.differences);
    }
    const undone = new Set(units.filter(({ place }) => made.outcomes.get(place)?.outcome !== 'changed').map(({ tenant }) => tenant));
    const found = options.additional !== undefined || options.secondPlaceOf !== undefined ? [] : await recordPlaces({ home, situation, changed: made.changes.length > before, undone });
    await finish(home, server.owner, generation, errors.length === 0 ? 'done' : 'failed', made.changes.length - before);
    return { generation, units, errors, found };
  } catch (error) {
    await finish(home, server.owner, generation, 'failed', made.changes.length - before).catch(() => undefined);
    throw error;
  }
}

/** The registry of a tenant's own database lists it under the id and the version that the home registry made. */
async function carryTenantId(home: Client, client: Client, tenant: string): Promise<void> {
  const { rows: [row] } = await home.query(`select id, version::text as version from ${LIBRARY_SCHEMA}.tenants where key = $1`, [tenant]);
  if (row !== undefined) await client.query('select set_config($1, $2, false), set_config($3, $4, false)', [NEW_TENANT_SETTING, row.id, NEW_VERSION_SETTING, row.version]);
}

function refuseBlocked(refusals: readonly Refusal[]): void {
  const blocking = refusals.filter(({ blocking }) => blocking === true);
  if (blocking.length === 0) return;
  throw new TenantryError('refused', blocking.map(({ code, summary, target, fix }) => ({ code, at: target, problem: `${summary.charAt(0).toUpperCase()}${summary.slice(1)}. Nothing was changed.`, fix })));
}

/** A tenant has one id, wherever its rows are. */
function refuseWithoutId({ cell, tenantId }: LoadedManifest, { placements }: Situation): void {
  if (cell === undefined || tenantId !== undefined || placements.some(({ key, registered }) => key === cell && registered !== undefined)) return;
  throw new TenantryError('refused', {
    code: 'cells/unregistered', at: cell, problem: `It is not said which id the home registry has for tenant ${JSON.stringify(cell)}, which has this server for itself. Nothing was changed here.`,
    fix: 'Ask it first: apply(await refuseUnlessRegistered(home, cell)).',
  });
}

function refuseUnreviewed(reviewed: string | undefined, situation: Situation): void {
  if (reviewed === undefined || reviewed === fingerprintOf(situation.differences)) return;
  throw new TenantryError('refused', {
    code: 'apply/plan-changed', problem: 'The database is not as it was when the plan was made: other changes would be needed now than those that were reviewed. Nothing was changed.',
    fix: 'Make a new plan, have it reviewed, and apply that one.',
  });
}

/** A tenant is added to what was applied last, under a key and to names that nobody has. Places of other tenants that are not as declared keep nobody from signing up. */
function refuseTenant({ ledger, placements, libraryIsBehind, shared }: Situation, digest: string, key: string): void {
  if (ledger[0]?.manifestDigest !== digest || libraryIsBehind || (ledger[0].outcome !== 'done' && shared.some((difference) => difference.type === 'change' || (difference.type === 'refusal' && difference.blocking === true)))) {
    throw new TenantryError('refused', {
      code: 'tenant/apply-first', at: key,
      problem: ledger.length === 0 ? 'The declaration was never applied here.' : libraryIsBehind ? 'An older version of this library made the last apply, and did not make all that this one keeps of tenants.' : 'The manifest is not the one that was applied last, or that apply did not come to the end of what all tenants share.',
      fix: 'Run tenantry bootstrap apply with this manifest first, or give the manifest of the last apply.',
    });
  }
  const taken = placements.find((placement, i) => placement.key === key && i < placements.length - 1);
  if (taken === undefined) return;
  throw new TenantryError('refused', { code: 'tenant/exists', at: key, problem: `There is a tenant ${JSON.stringify(key)} already, with isolation ${taken.isolation}.`, fix: 'Choose another key.' });
}

/** Who does it, as the ledger and the registry have it. */
export function actor({ capabilities }: Pick<Situation, 'capabilities'>): string {
  let name = '';
  try {
    name = userInfo().username;
  } catch {
    // A container may run under a user id that has no name.
  }
  return `${capabilities.login} (${name === '' ? '' : `${name}@`}${hostname()})`;
}
