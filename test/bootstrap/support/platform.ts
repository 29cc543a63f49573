import { expect } from 'vitest';
import { apply, type ApplyOptions, type ApplyResult } from '../../../lib/bootstrap/apply/apply';
import { SERVER_VERSION } from '../../../lib/bootstrap/catalog/minor-version';
import type { Difference } from '../../../lib/bootstrap/plan/difference';
import { plan, type Plan } from '../../../lib/bootstrap/plan/plan';
import { TenantryError } from '../../../lib/core';
import type { LoadedManifest } from '../../../lib/manifest';
import type { TestServer } from '../../support/postgres';
import { accessTo, forgetful } from './platform-data';

export { accessTo, forgetful, manifestOf, type ManifestInput } from './platform-data';

export const applyTo = (server: TestServer, loaded: LoadedManifest, options: Partial<ApplyOptions> = {}): Promise<ApplyResult> => apply({ access: accessTo(server), loaded, passwords: forgetful, ...options });
export const planOf = (server: TestServer, loaded: LoadedManifest, options: Partial<Parameters<typeof plan>[0]> = {}): Promise<Plan> => plan({ access: accessTo(server), loaded, passwords: forgetful, ...options });

/** A difference on one line: what it is, where, and what it does. */
export function lineOf(difference: Difference): string {
  const { target, place, summary } = difference;
  const where = place === undefined ? target : `${target}.${place}`;
  return difference.type === 'change' ? `${where}: ${summary}` : `${difference.type === 'refusal' ? 'refused' : 'finding'} ${difference.code} ${where}: ${summary}`;
}

/** All but what is said of the server's version: that depends on the day and on what is installed, and minor-version.test.ts judges it. */
export const aboutContent = <T extends Difference>(differences: readonly T[]): T[] => differences.filter(({ kind }) => kind !== SERVER_VERSION);

export const linesOf = (differences: readonly Difference[]): string[] => aboutContent(differences).map(lineOf);

/** Waits for what must be refused, and gives back its kind, codes and whole message. */
export async function refusalOf(run: Promise<unknown>): Promise<{ kind: string; codes: string[]; message: string }> {
  const error: unknown = await run.then(() => undefined, (thrown: unknown) => thrown);
  if (!TenantryError.is(error)) throw new Error('Nothing was refused, or not on purpose.', { cause: error });
  return { kind: error.kind, codes: error.complaints.map(({ code }) => code), message: error.message };
}

/** Code and SQLSTATE of a statement that the server must refuse. */
export async function sqlstateOf(run: Promise<unknown>): Promise<string | undefined> {
  return run.then(() => 'accepted', (error: { code?: string }) => error.code);
}

/** Nothing is left to do. */
export async function expectNothingToDo(server: TestServer, loaded: LoadedManifest): Promise<void> {
  expect(linesOf((await planOf(server, loaded)).differences)).toEqual([]);
}

/** Makes the server as good as new. */
export async function emptyServer(server: TestServer): Promise<void> {
  const admin = await server.admin();
  await admin.query('alter role tenantry_bootstrap nosuperuser createdb createrole');
  const { rows: databases } = await admin.query(`select format('%I', datname) as name from pg_database where datname not in ('postgres', 'template0', 'template1')`);
  for (const { name } of databases) await admin.query(`drop database ${name} with (force)`);
  const { rows: roles } = await admin.query(`select format('%I', rolname) as name from pg_roles where rolname not like 'pg\\_%' and rolname not in ('postgres', 'tenantry_bootstrap')`);
  for (const { name } of roles) await admin.query(`drop role ${name}`);
  await admin.end();
}
