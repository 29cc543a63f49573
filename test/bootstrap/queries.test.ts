import { Client } from 'pg';
import { expect, it, vi } from 'vitest';
import { startTestServer } from '../support/postgres';
import { applyTo, manifestOf } from './support/platform';
import { shop } from './support/shop';

const many = (n: number): Record<string, { isolation: string }> => Object.fromEntries(Array.from({ length: n }, (_, i) => [`tenant-${i}`, { isolation: i % 2 === 0 ? 'schema' : 'row' }]));

it('an apply that has nothing to do sends as many queries for forty tenants as for two', async () => {
  const server = await startTestServer();
  const queriesFor = async (n: number): Promise<string[]> => {
    const loaded = manifestOf(shop, { tenants: many(n) });
    await applyTo(server, loaded);
    const query = vi.spyOn(Client.prototype, 'query');
    const { changes } = await applyTo(server, loaded);
    const sent = query.mock.calls.map(([first]) => String(first).slice(0, 40));
    query.mockRestore();
    expect(changes).toEqual([]);
    return sent;
  };
  const forTwo = await queriesFor(2);
  const forForty = await queriesFor(40);
  expect(forTwo.length).toBeGreaterThan(20);
  expect(forForty).toEqual(forTwo);
});
