import { Client, type QueryResult } from 'pg';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { addTenant, type NewTenant } from '../../lib/bootstrap';
import { startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, expectNothingToDo, manifestOf } from './support/platform';
import { shopInput } from './support/shop';

const ISOLATIONS = ['row', 'schema', 'database'] as const;
const many = (n: number): Record<string, { isolation: string }> => ({ initech: { isolation: 'database' }, ...Object.fromEntries(Array.from({ length: n }, (_, i) => [`tenant-${i}`, { isolation: i % 2 === 0 ? 'schema' : 'row' }])) });

const named = (text: string): string => text.replace(/late([-_])\d+/g, (_found, sign: string) => `late${sign}n`);

describe('a tenant that signs up', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });

  /** Rows that the server answered, by the first words of the query, and databases that were asked. */
  async function answersTo(work: () => Promise<unknown>): Promise<{ rows: string[]; databases: string[] }> {
    const query = vi.spyOn(Client.prototype, 'query');
    await work();
    const { results, contexts, calls } = query.mock;
    const found = await Promise.all(results.map(({ value }) => value as unknown as Promise<QueryResult | readonly QueryResult[]>));
    query.mockRestore();
    const rows = found.map((result, i) => `${[result].flat().reduce((sum, one) => sum + one.rows.length, 0)} of ${named(String(calls[i]?.[0]).replace(/\s+/g, ' ')).slice(0, 80)}`);
    return { rows, databases: [...new Set(contexts.map((client) => named((client as Client).database ?? '')))].sort() };
  }

  it('is added without a look at any other, and nothing is left to do', async () => {
    const added = async (n: number): Promise<{ rows: string[]; databases: string[] }[]> => {
      const loaded = manifestOf(shopInput, { tenants: many(n) });
      await applyTo(server, loaded);
      const answers = [];
      for (const isolation of ISOLATIONS) {
        const tenant: NewTenant = { key: `late-${n}-${isolation}`, isolation };
        answers.push(await answersTo(async () => {
          const result = await addTenant({ access: accessTo(server), loaded }, tenant);
          expect(result.tenants).toBe(Object.keys(loaded.manifest.tenants).length + ISOLATIONS.indexOf(isolation) + (n === 2 ? 1 : 4));
          expect(result.tenantResults.map((each) => each.tenant)).toEqual(isolation === 'row' ? [] : [tenant.key]);
        }));
      }
      await expectNothingToDo(server, loaded);
      return answers;
    };
    const amongFew = await added(2);
    const amongMore = await added(12);
    expect(amongMore).toEqual(amongFew);
    expect(amongFew.map(({ databases }) => databases)).toEqual([['postgres', 'shop'], ['postgres', 'shop'], ['postgres', 'shop', 'shop__late_n_database']]);
  });

  it('is told apart by enter only as far as tiers limit transactions', async () => {
    const admin = await server.admin('shop');
    const looks = async (tiers?: object): Promise<boolean> => {
      await applyTo(server, manifestOf({ ...shopInput, ...(tiers === undefined ? {} : { tiers }) } as typeof shopInput, { tenants: many(2) }), { allowOlder: true });
      return (await admin.query<{ looks: boolean }>("select prosrc like '%tenantry.tiers%' as looks from pg_proc where oid = 'tenantry.enter(text, integer, text)'::regprocedure")).rows[0]?.looks === true;
    };
    expect(await looks({ standard: { poolSize: 2 } })).toBe(false);
    expect(await looks({ standard: { statementTimeout: '1s' } })).toBe(true);
    // Tenants have it still, so that its row stays, and what it says counts.
    expect(await looks()).toBe(true);
    await admin.query("update tenantry.tenants set tier = 'other'");
    expect(await looks()).toBe(false);
    await admin.end();
  });
});
