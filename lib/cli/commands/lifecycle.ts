import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { archiveTenant, forgetTenant, moveTenant, offboardTenant, type OperationOptions } from '../../bootstrap';
import { writeDurably } from '../../bootstrap/tenants/archive-files';
import { TenantryError } from '../../core/errors';
import { count } from '../../core/text';
import type { Isolation } from '../../declaration/types';
import { json } from '../documents';
import { EXIT } from '../exit';
import { progressLine, type Streams } from '../streams';
import { type CommonOptions, type LockOptions, type Target, withTarget, withTenantTarget } from '../target';

interface LifecycleOptions extends CommonOptions, LockOptions {
  /** Seconds. */
  readonly drainWait: number;
}

/** Where the certificate of a tenant goes when nobody says where. */
const CERTIFICATES = '.tenantry/certificates';

export async function moveCommand(key: string, options: LifecycleOptions & { readonly to: Isolation }, streams: Streams): Promise<number> {
  const progress = progressLine(streams);
  const moved = await withTenantTarget(options, key, (target) => moveTenant({ ...operation(target, options), onProgress: (done, total, what) => progress.show(`  ${done}/${total}  ${what}`) }, key, options.to)).finally(() => progress.clear());
  const { from, to, outcome, rows, notServed, milliseconds } = moved;
  streams.out.write(options.format === 'json' ? json({ format: 'tenantry/move@1', ...moved }) : lines(
    outcome === 'moved' ? `tenant ${key} was moved from ${from} to ${to}   ${took(milliseconds)}` : `tenant ${key} stays where it is (${to}): the move was taken back   ${took(milliseconds)}`,
    ...(outcome === 'moved' ? [`${count(rows, 'row')}, equal at both places; not served for ${took(notServed)}`] : []),
  ));
  return EXIT.done;
}

export async function archiveCommand(key: string, options: LifecycleOptions & { readonly out: string }, streams: Streams): Promise<number> {
  const archived = await withTenantTarget(options, key, (target) => archiveTenant(operation(target, options), key, options.out));
  const { folder, archive, rows, sessions: { left }, milliseconds } = archived;
  streams.out.write(options.format === 'json' ? json(archived.archive) : lines(
    `tenant ${key} is archived: ${count(rows, 'row')} of ${count(archive.tables.length, 'table')} in ${folder}   ${took(milliseconds)}`,
    'it is not served any more, and its rows are where they were: tenantry tenant resume serves it again, tenantry tenant offboard removes it',
    ...(left > 0 ? [`${count(left, 'session')} of its own logins ${left === 1 ? 'is' : 'are'} still connected`] : []),
  ));
  return EXIT.done;
}

export interface OffboardCommandOptions extends LifecycleOptions {
  readonly confirm: string;
  /** `true`: nothing was said of it. */
  readonly archive: string | boolean;
  readonly certificate?: string;
}

export async function offboardCommand(key: string, options: OffboardCommandOptions, streams: Streams): Promise<number> {
  const { archive, confirm } = options;
  if (archive === true || archive === undefined) {
    throw new TenantryError('input', { code: 'cli/archive', at: '--archive', problem: 'It is not said whether the rows of the tenant are to be kept somewhere.', fix: 'Give --archive FOLDER, or --no-archive when nobody may need them again.' });
  }
  const { certificate, rows, already, milliseconds, declaration } = await withTenantTarget(options, key, async (target) =>
    ({ ...await offboardTenant({ ...operation(target, options), confirm, archive }, key), declaration: target.loaded.manifest.declaration.name }));
  const file = options.certificate ?? (options.format === 'json' ? '-' : `${CERTIFICATES}/${declaration}-${key}-${certificate.finishedAt.slice(0, 10)}.json`);
  if (file !== '-') {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeDurably(file, json(certificate));
  }
  if (file === '-' || options.format === 'json') streams.out.write(json(certificate));
  else {
    streams.out.write(lines(
      already ? `tenant ${key} was off-boarded on ${certificate.finishedAt.slice(0, 10)}; nothing was done now` : `tenant ${key} is off-boarded: ${count(rows, 'row')} removed   ${took(milliseconds)}`,
      `nothing of it was found in ${count(certificate.searched.tables, 'table')} of ${count(certificate.searched.databases.length, 'database')}`,
      `certificate ${file}`, ...(certificate.archive === null ? [] : [`archive     ${certificate.archive.folder}`]),
    ));
  }
  return EXIT.done;
}

export async function forgetCommand(key: string, options: CommonOptions & LockOptions & { readonly confirm: string }, streams: Streams): Promise<number> {
  await withTarget(options, (target) => forgetTenant({ access: target.access, loaded: target.loaded, lockWait: options.lockWait * 1000, confirm: options.confirm }, key));
  streams.out.write(options.format === 'json' ? json({ format: 'tenantry/forgotten@1', key }) : lines(`the key ${key} is free; what was done with the tenant stays in the ledger: tenantry tenant history ${key}`));
  return EXIT.done;
}

const operation = ({ access, loaded, passwords }: Target, { lockWait, drainWait }: LifecycleOptions): OperationOptions =>
  ({ access, loaded, ...(passwords === undefined ? {} : { passwords }), lockWait: lockWait * 1000, drainWait: drainWait * 1000 });

const took = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

const lines = (...all: readonly string[]): string => `\n${all.map((line) => `  ${line}`).join('\n')}\n`;
