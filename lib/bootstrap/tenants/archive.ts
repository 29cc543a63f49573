import { resolve } from 'node:path';
import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { refuseUnapplied } from '../catalog/unapplied';
import { VERSION } from '../version';
import { type Archive, refuseFolder, writeArchive, type WrittenArchive } from './archive-files';
import { drain, stillInside } from './drain';
import { DRAIN_WAIT, type OperationOptions, refuseOther, transition, withTenant, type Work } from './engine';
import { refuseDifferences } from './hindrances';
import { beginOperation, finishOperation, stepSql, type TenantOperation } from './operations';
import { endSessions, type Sessions } from './sessions';
import { HINTS, ownLogins } from './state';

/** A tenant that was archived. */
export interface ArchivedTenant {
  readonly key: string;
  readonly folder: string;
  readonly archive: Archive;
  readonly rows: number;
  /** Of its own logins. */
  readonly sessions: Sessions;
  readonly milliseconds: number;
}

/**
 * Writes all rows of a tenant into files and serves it no more. Its rows stay where they are: it can be resumed, or off-boarded. What was
 * interrupted, the same call ends.
 *
 * @throws TenantryError `input` for a folder that is there already; `refused` for a tenant that is moved or off-boarded; `failed` when its transactions do not end in time
 */
export async function archiveTenant(options: OperationOptions, key: string, folder: string): Promise<ArchivedTenant> {
  const started = Date.now();
  return withTenant(options, key, async (work) => {
    const { tenant: { registered: { state, version } }, home, owner, actor } = work;
    refuseUnapplied(work.situation, work.declaration, options.loaded.digest, key);
    refuseOther(work, 'archive');
    if (!['active', 'suspended', 'archived'].includes(state)) {
      throw new TenantryError('refused', { code: 'tenant/state', at: key, problem: `The tenant ${JSON.stringify(key)} is ${state}; only one that is active, suspended or archived can be archived.`, fix: HINTS[state].replaceAll('KEY', key) });
    }
    refuseDifferences(work, work.place(work.tenant.isolation));
    await refuseFolder(folder, work.operation?.id);
    const operation = work.operation ?? await beginOperation(home, owner, { tenant: key, operation: 'archive', step: 'close', detail: { folder: resolve(folder) }, actor });
    const sessions = await close(work, operation, 'archived', state === 'archived' ? version : version + 1, options.drainWait ?? DRAIN_WAIT);
    const { archive } = await takeArchive(work, options, operation, folder);
    await finishOperation(home, owner, operation.id, 'done', { folder: resolve(folder), rows: archive.tables.reduce((sum, { rows }) => sum + rows, 0), takenAt: archive.takenAt });
    return { key, folder: resolve(folder), archive, rows: archive.tables.reduce((sum, { rows }) => sum + rows, 0), sessions, milliseconds: Date.now() - started };
  });
}

/** Serves the tenant no more, and waits until nobody is inside. Its own logins may not log in from then on. */
export async function close(work: Work, operation: TenantOperation, state: 'archived' | 'offboarding', version: number, patience: number): Promise<Sessions> {
  const { situation, tenant } = work;
  const { key, registered } = tenant;
  const names = await ownLogins(situation, tenant);
  if (registered.state !== state) await transition(work, { state, version, logins: { names, may: false }, also: [stepSql(operation.id, 'drain')] });
  const sessions = await endSessions(situation.maintenance, names);
  const client = await work.clientOf(work.place(tenant.isolation));
  const inside = client === undefined ? [] : await drain(client, key, patience);
  if (inside.length > 0) throw stillInside(key, inside, `It is ${state} and not served any more, and none of its rows were touched.`);
  return sessions;
}

export async function takeArchive(work: Work, { loaded }: OperationOptions, operation: TenantOperation, folder: string): Promise<WrittenArchive> {
  const { tenant: { key, isolation }, tables, tenantId, maintainer, situation, declaration } = work;
  const { manifest: { platform, environment }, digest } = loaded;
  const place = work.place(isolation);
  return writeArchive(folder, {
    client: await work.clientOf(place) as Client, place, tables, maintainer, tenantId,
    types: new Map(situation.forms.tables.map((table) => [table.name, new Map(table.columns.map(({ name, type }) => [name, type]))])),
  }, { platform, environment, declaration, manifestDigest: digest, tenant: key, isolation, operation: operation.id, serverVersion: situation.capabilities.version, libraryVersion: VERSION });
}

