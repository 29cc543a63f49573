import { beforeAll, describe, expect, it } from 'vitest';
import type { SchemaInput } from '../../lib/declaration';
import { applyTo, expectNothingToDo, manifestOf } from '../bootstrap/support/platform';
import { shopInput } from '../bootstrap/support/shop';
import { startTestServer, type TestServer } from '../support/postgres';

const ROUNDS = 20;
const APPLIES = 8;

describe(`${APPLIES} applies at the same time, ${ROUNDS} rounds [DBS-2.1]`, () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });

  it('all end well, and nothing is left to do', async () => {
    const grown = (name: string, round: number): SchemaInput => ({
      ...shopInput, name,
      tables: { ...shopInput.tables, flags: { ...shopInput.tables.flags, columns: { ...shopInput.tables.flags.columns, ...Object.fromEntries(Array.from({ length: round }, (_, i) => [`extra_${i}`, { type: 'text' as const, nullable: true }])) } } },
    });
    const tenantsUpTo = (round: number) => Object.fromEntries(Array.from({ length: round + 1 }, (_, i) => [`t${i}`, { isolation: i % 2 === 0 ? 'row' : 'schema' } as const]));
    for (let round = 0; round < ROUNDS; round++) {
      const manifests = ['shop', 'clinic'].map((name) => manifestOf(grown(name, round), { tenants: tenantsUpTo(round) }));
      const ended = await Promise.all(Array.from({ length: APPLIES }, (_, i) => applyTo(server, manifests[i % 2]!).then(() => 'done', (error: Error) => error.message)));
      expect(ended, `round ${round}`).toEqual(Array(APPLIES).fill('done'));
      for (const loaded of manifests) await expectNothingToDo(server, loaded);
    }
  });
});
