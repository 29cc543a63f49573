import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import type { Evidence } from '../bootstrap';
import { json } from './documents';
import { addressOf } from './output/plan-text';
import type { Streams } from './streams';

/** Stands for standard output. */
export const STANDARD_OUTPUT = '-';
/** A folder where nothing can be written, as in a container with a read-only file system. */
const NOT_WRITABLE = ['EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'ENOTDIR'];

/**
 * Writes the evidence where it was asked for, else below `.tenantry/evidence/`, and gives the file's name. Undefined where it belongs on standard output: because that
 * was asked for, or because nothing was and the folder cannot be written. A verification that ran is never lost for want of a folder.
 *
 * @param otherwise - what becomes of it where the folder cannot be written and standard output has something else
 */
export async function writeEvidence(evidence: Evidence, file: string | undefined, streams: Streams, otherwise = 'is on standard output'): Promise<string | undefined> {
  if (file === STANDARD_OUTPUT) return undefined;
  const path = fileOfCell(file, evidence.cell) ?? join('.tenantry', 'evidence', `${addressOf(evidence.address)}-${evidence.declaration}${evidence.cell === undefined ? '' : `-${evidence.cell}`}-${evidence.startedAt.replaceAll(':', '-').replace(/\.\d+/, '')}.json`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, json(evidence));
    return path;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (file !== undefined || !NOT_WRITABLE.includes(code)) throw error;
    streams.err.write(`The evidence cannot be written below .tenantry (${code}), and ${otherwise}.\n`);
    return undefined;
  }
}

/** One file for each server: that of a server that one tenant has for itself has its name in front of the ending. */
function fileOfCell(file: string | undefined, cell: string | undefined): string | undefined {
  if (file === undefined || cell === undefined) return file;
  const { dir, name, ext } = parse(file);
  return join(dir, `${name}-${cell}${ext}`);
}
