import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { forgetPlaceContent } from '../catalog/place-contents';
import { refuseUnapplied } from '../catalog/unapplied';
import { homeDatabase, LIBRARY_SCHEMA } from '../../declaration/names';
import type { Isolation } from '../../declaration/types';
import { apply } from '../apply/apply';
import { withoutSecondPlace } from '../catalog/offboarded';
import { copyState, copyTier } from '../kinds/tenant';
import type { Placement } from '../model/place';
import { ident, literal, qualified } from '../sql/quote';
import { copyRows, triggersIn } from './copy';
import { drain, stillInside } from './drain';
import { DRAIN_WAIT, type OperationOptions, refuseOther, surplus, transition, withTenant, type Work, write } from './engine';
import { isSomebodyElses, refuseDifferences, refuseForeignColumns, refuseForeignObjects } from './hindrances';
import { failedCopy, same } from './move-errors';
import { finishSql, recordSql, stepOperation, stepSql, type TenantOperation, unfinishedOperation } from './operations';
import { refuseOnOwnCluster } from './own-cluster';
import { deleteRows, dropDatabase, dropRoles, dropSchema, refuseUnknownRows, type Removal, tablesIn } from './remove';
import { asMaintainer, type Digests, digestsOf, ofTenant, type RowPlace, sameRows, totalRows, transaction } from './rows';
import { HINTS, ownLogins } from './state';

/** A tenant that was moved. */
export interface MovedTenant {
  readonly key: string;
  readonly from: Isolation;
  /** Where it is served now. */
  readonly to: Isolation;
  /** `taken back`: it stays where it was, and nothing is left at the place that was made for it. */
  readonly outcome: 'moved' | 'taken back';
  /** Whether an earlier run had begun it. */
  readonly resumed: boolean;
  readonly rows: number;
  /** Milliseconds for which it was served nowhere. */
  readonly notServed: number;
  readonly milliseconds: number;
}

/** What the ledger keeps of a move. */
interface MoveDetail {
  readonly from: Isolation;
  readonly to: Isolation;
  readonly back?: boolean;
  readonly closedAt?: string;
  readonly servedAt?: string;
  readonly copied?: Digests;
}

const detailOf = (operation: TenantOperation | undefined): MoveDetail => (operation?.detail ?? {}) as unknown as MoveDetail;

/**
 * Moves a tenant to a place of another isolation: makes it, closes the tenant for a moment, copies its rows, compares both sides, opens it at the
 * new place and removes the old one. Its id stays. What was interrupted at any point, the same call ends. One to where the tenant still is takes
 * back a move that has not switched yet.
 *
 * @throws TenantryError `refused` before anything is changed, and where rows were written behind the copy; `failed` when its transactions do not end in time
 */
export async function moveTenant(options: OperationOptions, key: string, to: Isolation): Promise<MovedTenant> {
  refuseOnOwnCluster(options.loaded, 'move', key);
  const started = Date.now();
  const { id, back, resumed, switched } = await withTenant(options, key, (work) => begin(options, work, to));
  // In between nothing is locked: somebody else may run the same command, suspend the tenant, or apply another manifest.
  if (!back && !switched) {
    await makePlace(options, key);
    await withTenant(options, key, (work) => carry(options, same(work, id, false)));
  }
  const ended = await withTenant(options, key, (work) => removeSecond(same(work, id, back)));
  const { detail } = ended;
  return {
    key, from: detail.from, to: back ? detail.from : detail.to, outcome: back ? 'taken back' : 'moved', resumed, rows: totalRows(detail.copied ?? {}),
    notServed: detail.closedAt === undefined ? 0 : Date.parse(detail.servedAt ?? new Date().toISOString()) - Date.parse(detail.closedAt), milliseconds: Date.now() - started,
  };
}

async function begin(options: OperationOptions, work: Work, to: Isolation): Promise<{ id: string; back: boolean; resumed: boolean; switched: boolean }> {
  const { tenant, operation, home, declaration, owner } = work;
  const { key, isolation, secondIsolation } = tenant;
  refuseUnapplied(work.situation, work.declaration, options.loaded.digest, key);
  refuseOther(work, 'move');
  if (operation !== undefined) {
    const { from, to: target, back } = detailOf(operation);
    const switched = isolation === target;
    if (to !== (back === true ? from : target) && (switched || to !== from)) throw unfinished(key, from, back === true ? from : target);
    const { id } = operation;
    if (to === target) return { id, back: false, resumed: true, switched };
    await takeBack(work, operation);
    return { id, back: true, resumed: true, switched: false };
  }
  if (isolation === to) {
    throw new TenantryError('refused', { code: 'move/there', at: key, problem: `The tenant ${JSON.stringify(key)} has isolation ${to} already.`, fix: 'There is nothing to do.' });
  }
  if (tenant.registered.state !== 'active' || secondIsolation !== undefined) {
    throw new TenantryError('refused', { code: 'tenant/state', at: key, problem: `The tenant ${JSON.stringify(key)} is ${tenant.registered.state}; only one that is active can be moved.`, fix: HINTS[tenant.registered.state].replaceAll('KEY', key) });
  }
  const place = work.place(isolation);
  const client = await work.clientOf(place) as Client;
  refuseDifferences(work, place);
  await refuseForeignColumns(work, place, client);
  await refuseForeignObjects(work, place, client);
  for (const shared of [isolation, to].includes('row') ? [work.place('row')] : []) await refuseTriggers(work, shared);
  await write(work, home, homeDatabase(declaration), `tenant ${key} gets a second place`, [
    `update ${LIBRARY_SCHEMA}.tenants set second_isolation = ${literal(to)}, updated_at = now() where key = ${literal(key)}`,
    recordSql({ tenant: key, operation: 'move', step: 'place', detail: { from: isolation, to }, actor: work.actor }, 'running'),
  ]);
  return { id: (await unfinishedOperation(home, owner, key))?.id ?? '', back: false, resumed: false, switched: false };
}

/** In tables that tenants share they cannot be put to sleep, and would run again for rows that are only copied or taken away. */
async function refuseTriggers({ home, tables, tenant: { key } }: Work, place: RowPlace): Promise<void> {
  const triggers = await triggersIn(home, place, tables);
  if (triggers.length === 0) return;
  throw new TenantryError('refused', {
    code: 'move/triggers', at: key, problem: `Triggers of shared tables would run for rows that are only moved: ${triggers.map(({ table, name }) => `${name} of ${table}`).join(', ')}. Nothing was changed.`,
    fix: 'Move the tenant between a schema and a database, where triggers sleep meanwhile; or disable them (alter table … disable trigger …), move it, and enable them again.',
  });
}

/** Opens the tenant again where it is. What was made and copied is removed behind that. */
async function takeBack(work: Work, operation: TenantOperation): Promise<void> {
  const { tenant: { registered: { state, version } } } = work;
  const { id } = operation;
  if (state === 'moving') await transition(work, { state: 'active', version: version + 1, also: [stepSql(id, 'remove', { back: true, servedAt: new Date().toISOString() })] });
  else await stepOperation(work.home, work.owner, id, 'remove', { back: true });
}

async function makePlace(options: OperationOptions, key: string): Promise<void> {
  const { refusals } = await apply({ ...options, secondPlaceOf: key });
  const own = refusals.filter(({ place, target, kind }) => kind !== 'tenant' && (place !== undefined || target !== 'server'));
  if (own.length === 0) return;
  throw new TenantryError('refused', {
    code: 'move/place', at: key, problem: `The new place of tenant ${JSON.stringify(key)} cannot be made as declared: ${own.map(({ summary }) => summary).join('; ')}. The tenant is served where it was.`,
    fix: `${own[0]?.fix ?? ''} Then run the command again.`,
  });
}

/** Closes the tenant, copies its rows and opens it at its new place. */
async function carry(options: OperationOptions, work: Work): Promise<void> {
  const { tenant, situation, owner, maintainer, home, tables, tenantId, declaration, locks } = work;
  const { key, isolation, secondIsolation: to, registered } = tenant;
  const operation = work.operation as TenantOperation;
  if (isolation === detailOf(operation).to) return;
  refuseUnapplied(situation, declaration, options.loaded.digest, key);
  if (registered.state !== 'active' && registered.state !== 'moving') {
    throw new TenantryError('refused', {
      code: 'tenant/state', at: key, problem: `The tenant ${JSON.stringify(key)} is ${registered.state} since the move was begun; it is not moved, and nothing was copied.`,
      fix: `tenantry tenant resume ${key}, then run the command again. Or take the move back: tenantry tenant move ${key} --to ${isolation}`,
    });
  }
  if (to === undefined) throw new Error(`tenant ${key} has no second place to be moved to`);
  const [source, target] = [work.place(isolation), work.place(to)];
  for (const place of [source, target]) refuseDifferences(work, place);
  const from = { place: source, client: await work.clientOf(source) as Client };
  const into = { place: target, client: await work.clientOf(target) as Client };
  await refuseForeignColumns(work, source, from.client);
  await locks.releaseServer();

  let { version } = registered;
  if (registered.state === 'active') {
    version += 1;
    await transition(work, { state: 'moving', version, also: [stepSql(operation.id, 'drain', { closedAt: new Date().toISOString() })] });
  } else if (isolation === 'database') {
    // It may have been interrupted before its own registry was told.
    await write(work, from.client, source.database, `tenant ${key} is moving`, [copyState(key, 'moving', version)]);
  }
  const inside = await drain(from.client, key, options.drainWait ?? DRAIN_WAIT);
  if (inside.length > 0) {
    await transition(work, { state: 'active', version: version + 1, also: [stepSql(operation.id, 'place')] });
    throw stillInside(key, inside, 'It is served again where it was, and nothing was copied.');
  }

  const ledger = target.database === homeDatabase(declaration) ? home : await situation.connectTo(homeDatabase(declaration));
  const record = (copied: Digests): Promise<void> => stepOperation(ledger, owner, operation.id, 'copied', { copied });
  try {
    if (!(await isCopied(work, from, into))) await copyRows({ from, to: into, tables, tenantId, owner, maintainer, record });
    await carrySequences(from, into, owner);
  } catch (error) {
    // Where not even that can be said any more, the tenant stays closed, and the same command goes on from here.
    const isServed = await transition(work, { state: 'active', version: version + 1, also: [stepSql(operation.id, 'place')] }).then(() => true, () => false);
    throw failedCopy(key, isolation, error, isServed);
  }

  const placements = situation.placements.map((placement): Placement => (placement.key === key ? { ...placement, isolation: to, secondIsolation: isolation, registered: { ...registered, state: 'active' } } : placement));
  const { roles } = situation.wantedWith(placements).server;
  const logins = (may: boolean): string[] => [...roles].filter(([name, role]) => role.login && (role.suspended !== true) === may && (situation.server.roles.get(name)?.suspended !== true) !== may).map(([name]) => name);
  version += 1;
  if (to === 'database') await write(work, into.client, target.database, `tenant ${key} is active`, [copyState(key, 'active', version), copyTier(key, registered.tier)]);
  await write(work, home, homeDatabase(declaration), `tenant ${key} is at its new place`, [
    `update ${LIBRARY_SCHEMA}.tenants set state = 'active', version = ${version}, isolation = ${literal(to)}, database_name = ${literal(target.database)}, schema_name = ${literal(target.schema)}, second_isolation = ${literal(isolation)}, state_since = now(), state_by = ${literal(work.actor)}, updated_at = now() where key = ${literal(key)}`,
    `update ${LIBRARY_SCHEMA}.tenant_ids set isolation = ${literal(to)} where key = ${literal(key)}`,
    stepSql(operation.id, 'remove', { servedAt: new Date().toISOString() }),
  ], [...logins(true).map((login) => `alter role ${ident(login)} login`), ...logins(false).map((login) => `alter role ${ident(login)} nologin`)]);
  if (isolation === 'database') await write(work, from.client, source.database, `tenant ${key} is elsewhere`, [copyState(key, 'moving', version)]);
}

interface Side {
  readonly client: Client;
  readonly place: RowPlace;
}

/** Whether an interrupted run copied the rows. What it copied before somebody wrote behind it is taken away, to be copied anew. */
async function isCopied({ tables, tenantId, owner, maintainer, operation }: Work, from: Side, into: Side): Promise<boolean> {
  const known = detailOf(operation).copied;
  const read = ({ client, place }: Side, as: Digests = {}): Promise<Digests> => transaction(client, `begin isolation level repeatable read read only; ${asMaintainer(maintainer, tenantId)}`, () => digestsOf(client, place.schema, tables, ofTenant(tenantId), as));
  const there = await read(into, known);
  if (totalRows(there) === 0) return false;
  const unknown = tables.filter(({ name }) => (there[name]?.rows ?? 0) > 0 && !sameRows(there[name], known?.[name]));
  if (unknown.length > 0) {
    throw new TenantryError('refused', {
      code: 'move/rows-in-the-way', at: `${into.place.database}.${into.place.schema}`, problem: `The new place holds rows of the tenant that were not copied there: ${unknown.map(({ name }) => name).join(', ')}. Nothing was copied.`,
      fix: 'Bring them elsewhere, or delete them, and run the command again.',
    });
  }
  const here = await read(from);
  // A column that an apply has added since was not copied.
  const now = tables.every(({ name, columns }) => columns.length === there[name]?.columns?.length) ? there : await read(into);
  if (tables.every(({ name }) => sameRows(here[name], now[name]))) return true;
  await deleteRows({ ...into, tables, tenantId, owner, maintainer, known: there });
  return false;
}

/** A sequence, and what it gave last. */
interface Drawn {
  readonly name: string;
  readonly last: string | null;
  readonly descends: boolean;
}

/** Sequences of the new place go on behind those of the old one: what they would give next may be in a row already. */
async function carrySequences(from: Side, into: Side, owner: string): Promise<void> {
  const read = ({ client, place }: Side): Promise<Drawn[]> => transaction(client, `begin; set local role ${ident(owner)}`, async () =>
    (await client.query<Drawn>('select sequencename::text as name, last_value::text as last, increment_by < 0 as descends from pg_catalog.pg_sequences where schemaname = $1', [place.schema])).rows);
  const there = new Map((await read(into)).map(({ name, last }) => [name, last]));
  const behind = (await read(from)).filter(({ name, last, descends }) => last !== null && there.has(name) && (there.get(name) === null || (BigInt(there.get(name) ?? 0) < BigInt(last)) !== descends));
  if (behind.length === 0) return;
  await transaction(into.client, `begin; set local role ${ident(owner)}`, () => into.client.query(behind.map(({ name, last, descends }) => `select setval(${literal(qualified(into.place.schema, name))}::regclass, case when is_called then ${descends ? 'least' : 'greatest'}(${last}, last_value) else ${last} end) from ${qualified(into.place.schema, name)}`).join('; ')));
}

/** Removes the place that the tenant has left, or that it is not moved to after all. */
async function removeSecond(work: Work): Promise<{ detail: MoveDetail }> {
  const { tenant: { key, isolation, secondIsolation }, situation, tables, tenantId, owner, maintainer, home, declaration } = work;
  const operation = work.operation as TenantOperation;
  const detail = detailOf(operation);
  if (detail.back !== true && isolation !== detail.to) throw new Error(`tenant ${key} is not at its new place`);
  if (secondIsolation !== undefined) {
    const place = work.place(secondIsolation);
    const client = isSomebodyElses(work, place) ? undefined : await work.clientOf(place);
    if (client !== undefined) {
      const removal: Removal = { client, place, tables, tenantId, owner, maintainer, known: detail.copied ?? {} };
      await refuseForeignObjects(work, place, client);
      await refuseUnknownRows(removal);
      if (place.isolation === 'database') await dropDatabase(removal, situation.maintenance, home, await ownLogins(situation, work.tenant));
      else await (place.isolation === 'row' ? deleteRows : dropSchema)({ ...removal, tables: await tablesIn(client, place, tables) });
    }
  }
  const { roles, memberships } = surplus(work, withoutSecondPlace(situation.placements, key));
  if (memberships.length > 0) await write(work, situation.maintenance, 'server', `tenant ${key} left a place`, [], memberships);
  await dropRoles(situation.maintenance, roles, situation.server.marker);
  await write(work, home, homeDatabase(declaration), `tenant ${key} has one place`, [
    `update ${LIBRARY_SCHEMA}.tenants set second_isolation = null, updated_at = now() where key = ${literal(key)}`,
    ...(roles.length === 0 ? [] : [`delete from ${LIBRARY_SCHEMA}.passwords where login in (${roles.map(literal).join(', ')})`]),
    ...(secondIsolation === 'schema' ? [`delete from ${LIBRARY_SCHEMA}.definitions where place = ${literal(work.place('schema').schema)}`, forgetPlaceContent(work.place('schema').schema)] : []),
    finishSql(operation.id, detail.back === true ? 'failed' : 'done'),
  ]);
  return { detail };
}

const unfinished = (key: string, from: Isolation, target: Isolation): TenantryError => new TenantryError('refused', {
  code: 'move/unfinished', at: key, problem: `Another move of tenant ${JSON.stringify(key)} was begun and has not ended: from ${from} to ${target}.`, fix: `End it first: tenantry tenant move ${key} --to ${target}`,
});
