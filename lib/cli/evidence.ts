import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Evidence } from '../bootstrap';
import { json } from './documents';
import { addressOf } from './output/plan-text';

/** Writes the evidence where it was asked for, else below `.tenantry/evidence/`, and gives the file's name. */
export async function writeEvidence(evidence: Evidence, file: string | undefined): Promise<string> {
  const path = file ?? join('.tenantry', 'evidence', `${addressOf(evidence.address)}-${evidence.declaration}-${evidence.startedAt.replaceAll(':', '-').replace(/\.\d+/, '')}.json`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, json(evidence));
  return path;
}
