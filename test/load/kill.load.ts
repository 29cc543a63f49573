import { beforeAll, describe, expect, it } from 'vitest';
import { firstApplyKilled } from '../bootstrap/support/killed';
import { startTestServer, type TestServer } from '../support/postgres';

/** Twenty: 8 rows, 10 schemas, 2 databases. */
const tenants = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i === 0 ? 'initech' : `t${i}`, { isolation: i < 2 ? 'database' : i < 12 ? 'schema' : 'row' } as const]));
const WIDTH = 2;

describe('an apply for twenty tenants that is killed [DBAAS-2.2]', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });

  it.each(['before', 'behind'] as const)('%s each message leaves nothing half-visible, and the next one converges', async (when) => {
    let ended = false;
    let killed = 0;
    await Promise.all(Array.from({ length: WIDTH }, async (_, from) => {
      const admin = await server.admin();
      for (let message = 1 + from; !ended; message += WIDTH) {
        const { at } = await firstApplyKilled(server, admin, `shop${message}${when.charAt(0)}`, { tenants }, { when, message });
        if (at !== undefined) killed += 1;
        else ended = true;
      }
    }));
    console.log(`  killed ${when} each of ${killed} messages`);
    expect(killed).toBeGreaterThan(20);
  });
});
