import type { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { pgbouncerMissing, startPgBouncer } from '../support/pgbouncer';
import { describeServers, startTestServer } from '../support/postgres';

// The helper itself: a pooler that pools nothing would let every test pass that relies on it.
const describeWhereInstalled = pgbouncerMissing === undefined ? describe : describe.skip;

describeWhereInstalled(pgbouncerMissing === undefined ? 'the pooler of the tests' : `the pooler of the tests (skipped: ${pgbouncerMissing})`, () => {
  describeServers('PgBouncer', (major) => {
    it('lends one server connection to several clients, one transaction at a time', async () => {
      const server = await startTestServer({ major });
      const pooler = await startPgBouncer(server);
      const [first, second] = [await pooler.connect(), await pooler.connect()];
      expect(await backend(first)).toBe(await backend(second));
      await first.query('BEGIN');
      const held = await backend(first);
      expect(await backend(second)).not.toBe(held);
      await first.query('COMMIT');
    });
  });
});

async function backend(client: Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid;
}
