import { resolve } from 'node:path';
import { TenantryError } from '../../core/errors';
import { forgetPlaceContent } from '../catalog/place-contents';
import { refuseUnapplied } from '../catalog/unapplied';
import { homeDatabase, LIBRARY_SCHEMA } from '../../declaration/names';
import { literal } from '../sql/quote';
import { VERSION } from '../version';
import { close, takeArchive } from './archive';
import { type Archive, checkArchive, refuseFolder } from './archive-files';
import { type Certificate, CERTIFICATE_FORMAT, KEPT, KEYS, NOT_COVERED, type RemovedRows, search } from './certificate';
import { DRAIN_WAIT, type OperationOptions, refuseOther, surplus, transition, withTenant, type Work, write } from './engine';
import { refuseDifferences, refuseForeignObjects } from './hindrances';
import { beginOperation, finishSql, operationsOf, recordSql, stepOperation, type TenantOperation } from './operations';
import { forgetOwnCluster, refuseOnOwnCluster } from './own-cluster';
import { deleteRows, dropDatabase, dropRoles, dropSchema, refuseUnknownRows, type Removal, tablesIn } from './remove';
import { asMaintainer, type Digests, digestsOf, ofTenant, totalRows, transaction, type Versions, versionsOf } from './rows';
import { HINTS, ownLogins } from './state';

export interface OffboardOptions extends OperationOptions {
  /** The key once more: nothing of the tenant is left behind that. */
  readonly confirm: string;
  /** Folder that its rows are written to before they are removed; false for none. */
  readonly archive: string | false;
}

/** A tenant of which nothing is left. */
export interface OffboardedTenant {
  readonly key: string;
  readonly certificate: Certificate;
  readonly rows: number;
  /** Whether an earlier run had ended it: the certificate is the one of then. */
  readonly already: boolean;
  readonly milliseconds: number;
}

/** What the ledger keeps of an off-boarding. */
interface OffboardDetail {
  /** Null where another one was asked for, and then none. */
  readonly folder?: string | null;
  readonly archive?: Archive;
  /** What was there before anything was removed. */
  readonly found?: Digests;
  readonly roles?: readonly string[];
  readonly certificate?: Certificate;
}

interface Certified {
  readonly certificate: Certificate;
  readonly already: boolean;
}

const detailOf = ({ detail }: TenantOperation): OffboardDetail => detail;

/**
 * Removes a tenant: serves it no more, writes its rows into an archive, removes them with its schema, database, roles and logins, looks for what
 * is left in every place, and says so in a certificate. Its key stays taken. What was interrupted at any point, the same call ends.
 *
 * @throws TenantryError `input` for another confirmation or a folder that is there already; `refused` for a declared tenant, one that is moved, objects that are not ours, and rows that were written behind the archive
 */
export async function offboardTenant(options: OffboardOptions, key: string): Promise<OffboardedTenant> {
  const started = Date.now();
  if (options.confirm !== key) {
    throw new TenantryError('input', { code: 'offboard/confirm', at: '--confirm', problem: `${JSON.stringify(options.confirm)} is not the key of the tenant that would be removed, ${JSON.stringify(key)}. Nothing was done.`, fix: `Give --confirm ${key}, if that is the one.` });
  }
  refuseOnOwnCluster(options.loaded, 'offboard', key);
  const earlier = await withTenant(options, key, (work) => removal(options, work));
  const { certificate, already } = earlier === undefined ? await withTenant(options, key, (work) => certify(options, work)) : { certificate: earlier, already: true };
  return { key, certificate, rows: certificate.removed.rows.reduce((sum, { rows }) => sum + rows, 0), already, milliseconds: Date.now() - started };
}

/** @returns the certificate, where everything was done before */
async function removal(options: OffboardOptions, work: Work): Promise<Certificate | undefined> {
  const { tenant, situation, home, owner, maintainer, declaration, tables, tenantId } = work;
  const { key, isolation, registered: { state, version } } = tenant;
  if (state === 'offboarded') return certificateOf(work);
  if (Object.hasOwn(options.loaded.manifest.tenants, key)) {
    throw new TenantryError('refused', { code: 'offboard/declared', at: `tenants.${key}`, problem: `The tenant ${JSON.stringify(key)} is declared: the next apply would refuse it as missing.`, fix: 'Remove it from the declaration and deploy that, apply it (tenantry bootstrap apply), and then run this command with the new manifest.' });
  }
  refuseUnapplied(work.situation, work.declaration, options.loaded.digest, key);
  refuseOther(work, 'offboard');
  const place = work.place(isolation);
  let client = await work.clientOf(place);
  if (client !== undefined) await refuseForeignObjects(work, place, client);
  let { operation } = work;
  if (operation === undefined) {
    if (!['active', 'suspended', 'archived'].includes(state)) {
      throw new TenantryError('refused', { code: 'tenant/state', at: key, problem: `The tenant ${JSON.stringify(key)} is ${state}; only one that is active, suspended or archived can be off-boarded.`, fix: HINTS[state].replaceAll('KEY', key) });
    }
    if (options.archive !== false) {
      await refuseFolder(options.archive, undefined);
      refuseDifferences(work, place);
    }
    operation = await beginOperation(home, owner, { tenant: key, operation: 'offboard', step: 'close', detail: { ...(options.archive === false ? {} : { folder: resolve(options.archive) }) }, actor: work.actor });
  }
  const folder = await archiveOf(options, work, operation);
  await close(work, operation, 'offboarding', state === 'offboarding' ? version : version + 1, options.drainWait ?? DRAIN_WAIT);

  let { archive, found } = detailOf(operation);
  let seen: Versions | undefined;
  if (found === undefined && client !== undefined) {
    if (folder !== undefined) {
      await stepOperation(home, owner, operation.id, 'archive');
      const taken = await takeArchive(work, options, operation, folder);
      ({ archive, digests: found, versions: seen } = taken);
    } else {
      const reader = client;
      const there = await tablesIn(reader, place, tables);
      [found, seen] = await transaction(reader, `begin isolation level repeatable read read only; ${asMaintainer(maintainer, tenantId)}`, async () => [
        await digestsOf(reader, place.schema, there, ofTenant(tenantId)), await versionsOf(reader, place.schema, there, ofTenant(tenantId)),
      ] as const);
    }
    await stepOperation(home, owner, operation.id, 'remove', { found, ...(archive === undefined ? {} : { archive }) });
  }
  if (folder !== undefined && archive !== undefined) await checkArchive(folder, archive);

  const roles = surplus(work, situation.placements.filter((placement) => placement.key !== key));
  // Written down before they are dropped: an interrupted run goes on without knowing them.
  await stepOperation(home, owner, operation.id, 'remove', { roles: [...new Set([...(detailOf(operation).roles ?? []), ...roles.roles])] });
  client = await work.clientOf(place);
  if (client !== undefined) {
    const removed: Removal = { client, place, tables, tenantId, owner, maintainer, known: found ?? {}, ...(seen === undefined ? {} : { seen }) };
    await refuseUnknownRows(removed);
    if (place.isolation === 'database') await dropDatabase(removed, situation.maintenance, home, await ownLogins(situation, tenant));
    else await (place.isolation === 'row' ? deleteRows : dropSchema)({ ...removed, tables: await tablesIn(client, place, tables) });
  }
  if (roles.memberships.length > 0) await write(work, situation.maintenance, 'server', `tenant ${key} is removed`, [], roles.memberships);
  await dropRoles(situation.maintenance, roles.roles, situation.server.marker);
  await write(work, home, homeDatabase(declaration), `what is kept of tenant ${key} is removed`, [
    ...(roles.roles.length === 0 ? [] : [`delete from ${LIBRARY_SCHEMA}.passwords where login in (${roles.roles.map(literal).join(', ')})`]),
    ...(isolation === 'schema' ? [`delete from ${LIBRARY_SCHEMA}.definitions where place = ${literal(place.schema)}`, forgetPlaceContent(place.schema)] : []),
    `delete from ${LIBRARY_SCHEMA}.tenant_usage where tenant_key = ${literal(key)}`,
  ]);
  await stepOperation(home, owner, operation.id, 'search');
  return undefined;
}

/**
 * Where the archive goes. Until the rows were counted, a run that goes on may still say otherwise.
 *
 * @throws TenantryError (`refused`) behind that: rows may be gone already
 */
async function archiveOf({ archive }: OffboardOptions, { home, owner, tenant: { key } }: Work, operation: TenantOperation): Promise<string | undefined> {
  const { folder, found } = detailOf(operation);
  const [asked, begun] = [archive === false ? undefined : resolve(archive), folder ?? undefined];
  if (asked === begun) return begun;
  if (found !== undefined) {
    throw new TenantryError('refused', {
      code: 'offboard/other-archive', at: '--archive', problem: `The off-boarding of tenant ${JSON.stringify(key)} was begun ${begun === undefined ? 'without an archive' : `with the archive ${begun}`}, and some of its rows may be removed already. Nothing was done now.`,
      fix: `End it as it was begun: tenantry tenant offboard ${key} --confirm ${key} ${begun === undefined ? '--no-archive' : `--archive ${begun}`}`,
    });
  }
  if (asked !== undefined) await refuseFolder(asked, operation.id);
  await stepOperation(home, owner, operation.id, 'close', { folder: asked ?? null });
  return asked;
}

/** Looks for what is left, and leaves a row in the registry that says nothing but that the key is taken. */
async function certify(options: OffboardOptions, work: Work): Promise<Certified> {
  const { tenant: { key, isolation, registered: { state, version } }, situation, declaration, maintainer, tenantId } = work;
  // Another process was faster.
  if (state === 'offboarded') return { certificate: await certificateOf(work), already: true };
  const operation = work.operation as TenantOperation;
  const { folder, archive, found = {}, roles = [] } = detailOf(operation);
  const place = work.place(isolation);
  if (situation.closed.size > 0) {
    throw new TenantryError('refused', { code: 'database/closed', at: [...situation.closed].join(', '), problem: 'Databases that let nobody in cannot be searched for rows of the tenant. The tenant itself is removed.', fix: 'Run tenantry bootstrap apply: it opens them. Then run the command again: it goes on from here.' });
  }
  const searched = await search(situation, maintainer, tenantId);
  if (searched.found.length > 0) {
    throw new TenantryError('refused', {
      code: 'offboard/left', at: key, problem: `Rows of the tenant are left: ${searched.found.map(({ database, schema, table, rows }) => `${database}.${schema}.${table} (${rows})`).join(', ')}. Somebody wrote them around tenants.with, or put them into a place of another tenant.`,
      fix: 'Look at them, take away what is the tenant\'s, and run the command again.',
    });
  }
  const { platform, environment } = options.loaded.manifest;
  const rows = work.tables.flatMap(({ name }): RemovedRows[] => (found[name] === undefined ? [] : [{ database: place.database, schema: place.schema, table: name, rows: found[name].rows }]));
  const certificate: Certificate = {
    format: CERTIFICATE_FORMAT, platform, environment, declaration, tenant: key, tenantId, isolation, operation: operation.id, by: work.actor,
    startedAt: operation.startedAt.toISOString(), finishedAt: new Date().toISOString(), serverVersion: situation.capabilities.version, libraryVersion: VERSION,
    archive: archive === undefined || folder === undefined || folder === null ? null : { folder, takenAt: archive.takenAt, tables: archive.tables },
    removed: { rows, schemas: isolation === 'schema' ? [place.schema] : [], databases: isolation === 'database' ? [place.database] : [], roles },
    searched, keys: KEYS, kept: KEPT, notCovered: NOT_COVERED,
  };
  await transition({ ...work, tenant: { ...work.tenant, isolation: 'row' } }, {
    state: 'offboarded', version: version + 1, set: { display_name: "''", declared: 'false' },
    also: [finishSql(operation.id, 'done', { certificate, rows: totalRows(found) })],
  });
  return { certificate, already: false };
}

async function certificateOf({ home, owner, tenant: { key } }: Work): Promise<Certificate> {
  const ended = (await operationsOf(home, owner, key)).filter(({ operation, state }) => operation === 'offboard' && state === 'done');
  const certificate = ended.map(detailOf).reverse().find((detail) => detail.certificate !== undefined)?.certificate;
  if (certificate !== undefined) return certificate;
  throw new TenantryError('failed', { code: 'offboard/no-certificate', at: key, problem: 'The tenant was off-boarded, but the ledger has no certificate of that any more.', fix: 'Look for the file that was written then.' });
}

/**
 * Frees the key of a tenant that was off-boarded. What was done with it stays in the ledger, with the certificate.
 *
 * @throws TenantryError (`refused`) for a tenant that was not
 */
export async function forgetTenant(options: OperationOptions & Pick<OffboardOptions, 'confirm'>, key: string): Promise<void> {
  if (options.confirm !== key) {
    throw new TenantryError('input', { code: 'offboard/confirm', at: '--confirm', problem: `${JSON.stringify(options.confirm)} is not the key of the tenant, ${JSON.stringify(key)}. Nothing was done.`, fix: `Give --confirm ${key}, if that is the one.` });
  }
  if (options.loaded.cell === undefined && await forgetOwnCluster(options, key)) return;
  await withTenant(options, key, async (work) => {
    const { tenant: { registered: { state, version } }, home, declaration, actor } = work;
    if (state !== 'offboarded') {
      throw new TenantryError('refused', { code: 'tenant/state', at: key, problem: `The tenant ${JSON.stringify(key)} is ${state}; only one that was off-boarded can be forgotten.`, fix: `tenantry tenant offboard ${key} --confirm ${key} removes it.` });
    }
    await write(work, home, homeDatabase(declaration), `tenant ${key} is forgotten`, [
      recordSql({ tenant: key, operation: 'offboard', step: 'forget', detail: { version }, actor }, 'done'),
      `delete from ${LIBRARY_SCHEMA}.tenants where key = ${literal(key)}`, `delete from ${LIBRARY_SCHEMA}.tenant_ids where key = ${literal(key)}`,
    ]);
  });
}

