import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import type { Isolation } from '../../declaration/types';
import { identList, qualified } from '../sql/quote';
import { copyOut } from './copy-out';
import { asMaintainer, digestOf, type Digests, ofTenant, type RowPlace, type RowTable, transaction, type Versions, versionsOf } from './rows';

export const ARCHIVE_FORMAT = 'tenantry/archive@1';
export const ARCHIVE_MANIFEST = 'archive.json';

/** A file of an archive: the rows of one table, as COPY writes them in its text format. */
export interface ArchivedTable {
  readonly table: string;
  readonly file: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** What an archive is of. It holds no row. */
export interface Archive {
  readonly format: typeof ARCHIVE_FORMAT;
  readonly platform: string;
  readonly environment: string;
  readonly declaration: string;
  /** SHA-256 of the manifest that the tables were made by. */
  readonly manifestDigest: string;
  readonly tenant: string;
  readonly tenantId: string;
  readonly isolation: Isolation;
  /** The operation in `tenantry.tenant_operations` that wrote it. */
  readonly operation: string;
  readonly takenAt: string;
  readonly serverVersion: string;
  readonly libraryVersion: string;
  readonly encoding: 'UTF8';
  /** In the order in which they can be loaded. */
  readonly tables: readonly ArchivedTable[];
}

export interface ArchiveSource {
  readonly client: Client;
  readonly place: RowPlace;
  readonly tables: readonly RowTable[];
  readonly types: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly maintainer: string;
  readonly tenantId: string;
}

/** An archive, and what the snapshot held that it was taken from. */
export interface WrittenArchive {
  readonly archive: Archive;
  readonly digests: Digests;
  readonly versions: Versions;
}

/**
 * Writes the rows of a tenant into a folder, as one snapshot shows them. The folder appears as a whole, or not at all; nobody but its owner may read it.
 *
 * @throws TenantryError (`input`) for a folder that is there already and that another operation wrote
 */
export async function writeArchive(folder: string, source: ArchiveSource, head: Omit<Archive, 'format' | 'encoding' | 'tables' | 'takenAt' | 'tenantId'>): Promise<WrittenArchive> {
  const target = resolve(folder);
  await refuseFolder(target, head.operation);
  const { client, place, tables, maintainer, tenantId } = source;
  await mkdir(dirname(target), { recursive: true });
  const partial = join(dirname(target), `.${basename(target)}.${head.operation}.partial`);
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  const written: ArchivedTable[] = [];
  const digests: Record<string, Digests[string]> = {};
  let takenAt = '';
  let versions: Versions = new Map();
  await transaction(client, `begin isolation level repeatable read read only; ${asMaintainer(maintainer, tenantId)}`, async () => {
    takenAt = ((await client.query<{ now: Date }>('select clock_timestamp() as now')).rows[0]?.now ?? new Date()).toISOString();
    versions = await versionsOf(client, place.schema, tables, ofTenant(tenantId));
    for (const table of tables) {
      const digest = await digestOf(client, place.schema, table, ofTenant(tenantId));
      digests[table.name] = digest;
      const file = `${table.name}.copy`;
      const copied = await writeTable(join(partial, file), client, `copy (select ${identList(table.columns)} from ${qualified(place.schema, table.name)} where ${ofTenant(tenantId)} order by ${identList(table.key)}) to stdout (encoding 'UTF8')`);
      written.push({ table: table.name, file, columns: table.columns.map((name) => ({ name, type: source.types.get(table.name)?.get(name) ?? '' })), rows: digest.rows, ...copied });
    }
  });
  const archive: Archive = { format: ARCHIVE_FORMAT, ...head, tenantId, takenAt, encoding: 'UTF8', tables: written };
  await writeDurably(join(partial, ARCHIVE_MANIFEST), `${JSON.stringify(archive, null, 2)}\n`);
  await sync(partial);
  await rm(target, { recursive: true, force: true });
  await rename(partial, target);
  await sync(dirname(target));
  return { archive, digests, versions };
}

/** A name of a table is a name of a file: lower-case letters, digits and underscores. */
async function writeTable(file: string, client: Client, sql: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  await copyOut(client, sql, counted, createWriteStream(file, { mode: 0o600, flags: 'wx', flush: true }));
  return { bytes, sha256: hash.digest('hex') };
}

/** Rows are removed behind it, so it must be on the disk. */
export async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  // Some file systems do not know how to.
  await handle.sync().catch(() => undefined).finally(() => handle.close());
}

/**
 * A folder that is there already is not written into, unless it is what an interrupted run of the same operation left.
 *
 * @throws TenantryError (`input`)
 */
export async function refuseFolder(folder: string, operation: string | undefined): Promise<void> {
  let found: { format?: unknown; operation?: unknown } | undefined;
  try {
    found = JSON.parse(await readFile(join(folder, ARCHIVE_MANIFEST), 'utf8')) as typeof found;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !(await exists(folder))) return;
  }
  if (found?.format === ARCHIVE_FORMAT && operation !== undefined && found.operation === operation) return;
  throw new TenantryError('input', { code: 'archive/folder', at: folder, problem: `The folder is there already${found?.format === ARCHIVE_FORMAT ? ', and holds another archive' : ''}; nothing is overwritten.`, fix: 'Name a folder that is not there yet.' });
}

async function exists(folder: string): Promise<boolean> {
  return open(folder, 'r').then((handle) => handle.close().then(() => true), (error: NodeJS.ErrnoException) => error.code !== 'ENOENT');
}

/**
 * Whether the files of an archive are what its manifest says.
 *
 * @throws TenantryError (`failed`) that names those that are not
 */
export async function checkArchive(folder: string, archive: Archive): Promise<void> {
  const wrong: string[] = [];
  for (const { file, sha256 } of archive.tables) {
    const hash = createHash('sha256');
    const read = await pipeline(createReadStream(join(folder, file)), hash).then(() => true, () => false);
    if (!read || hash.digest('hex') !== sha256) wrong.push(file);
  }
  if (wrong.length === 0) return;
  throw new TenantryError('failed', {
    code: 'archive/files', at: folder, problem: `Files of the archive are missing, or are not what was written: ${wrong.join(', ')}. Nothing was removed.`, fix: 'Put them back, or remove the folder and run the command again: the archive is written anew.',
  });
}
