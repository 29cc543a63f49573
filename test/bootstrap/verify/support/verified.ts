import { expect } from 'vitest';
import { type AttackResult, type Evidence, verify } from '../../../../lib/bootstrap/verify';
import type { LoadedManifest } from '../../../../lib/manifest';
import type { TestServer } from '../../../support/postgres';
import { accessTo } from '../../support/platform-data';

export const verified = (server: TestServer, loaded: LoadedManifest): Promise<Evidence> => verify({ access: accessTo(server), loaded });

/** What failed, on one line each, without the notes that the database is not as declared. */
export const failuresOf = ({ results }: Evidence): string[] => results.filter(({ verdict, attack }) => (verdict === 'breached' || verdict === 'unknown') && attack !== 'as-declared').map(lineOf);

export const breachesOf = ({ results }: Evidence): AttackResult[] => results.filter(({ verdict }) => verdict === 'breached');

export function lineOf({ attack, verdict, place, table, role, observed, reason, remedy }: AttackResult): string {
  return `${verdict} ${attack} ${place}${table === undefined ? '' : `.${table}`}${role === undefined ? '' : ` as ${role}`}: ${observed}${reason === undefined ? '' : ` | ${reason}`}${remedy === undefined ? '' : ` | ${remedy}`}`;
}

export function expectIsolated(evidence: Evidence): void {
  expect(failuresOf(evidence)).toEqual([]);
  expect(evidence.results.filter(({ attack }) => attack === 'as-declared').map(lineOf)).toEqual([]);
  expect(evidence.outcome).toBe('isolated');
}
