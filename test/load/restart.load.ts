import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { leftToDo, removeAll } from '../bootstrap/support/killed';
import { applyTo, manifestOf } from '../bootstrap/support/platform';
import { shopInput, tenants } from '../bootstrap/support/shop';
import { startTestServer, type TestServer } from '../support/postgres';

/** What changes something: the server is made to crash while it works on one of these. */
const CHANGES = /^\s*(begin;\n|create|alter|insert|update|grant|call|with )/i;

describe('a server that crashes and recovers in the middle of an apply [DBAAS-2.2]', () => {
  let server: TestServer;
  /** The process of the server that was killed last. */
  let victim = 0;

  beforeAll(async () => {
    // What was committed is in the log when the server crashes; the machine itself goes on.
    server = await startTestServer({ settings: { synchronous_commit: 'on', full_page_writes: 'on', restart_after_crash: 'on' } });
  });

  it('leaves what the next apply brings to an end, at each message', async () => {
    let crashed = 0;
    for (let message = 1; ; message++) {
      const name = `shop${message}`;
      const applied = { declaration: { ...shopInput, name }, manifest: { tenants } };
      const outcome = await applyWithCrash(name, message);
      if (outcome === 'not reached') break;
      crashed += 1;
      await untilRecovered();
      expect(outcome, `crash at message ${message}`).toMatch(/^(done|failed)/);
      await applyTo(server, manifestOf(applied.declaration, applied.manifest));
      expect(await leftToDo(server, applied), `crash at message ${message}`).toEqual([]);
      const admin = await server.admin();
      await removeAll(admin, [name, `${name}__initech`], `^${name}_`);
      await admin.end();
    }
    console.log(`  crashed at each of ${crashed} messages`);
    expect(crashed).toBeGreaterThan(10);
  });

  /** The whole server recovers when one of its processes is killed. */
  async function applyWithCrash(name: string, message: number): Promise<string> {
    const query = Client.prototype.query;
    let sent = 0;
    let reached = false;
    Client.prototype.query = function (this: Client, ...given: unknown[]) {
      const text = typeof given[0] === 'string' ? given[0] : (given[0] as { text: string }).text;
      const answer = (query as (...all: unknown[]) => unknown).apply(this, given);
      if (CHANGES.test(text) && (sent += 1) === message) {
        reached = true;
        victim = (this as unknown as { processID: number }).processID;
        process.kill(victim, 'SIGKILL');
      }
      return answer;
    } as typeof query;
    try {
      await applyTo(server, manifestOf({ ...shopInput, name }, { tenants }));
      return reached ? 'done' : 'not reached';
    } catch (error) {
      return `failed: ${(error as Error).message}`;
    } finally {
      Client.prototype.query = query;
    }
  }

  async function untilRecovered(): Promise<void> {
    while (isThere(victim)) await sleep(10);
    await sleep(50);
    for (let tries = 0; ; tries++) {
      try {
        const admin = await server.admin();
        await admin.query('select 1');
        await admin.end();
        return;
      } catch (error) {
        if (tries > 500) throw error;
        await sleep(20);
      }
    }
  }
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
