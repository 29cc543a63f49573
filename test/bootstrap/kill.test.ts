import { beforeAll, expect, it } from 'vitest';
import { describeNewest, type Major, startTestServer, type TestServer } from '../support/postgres';
import type { Kill } from './support/apply-child';
import { firstApplyKilled } from './support/killed';
import { tenants } from './support/shop';

/** Rounds that run side by side: the process of one starts while the server works for the other. */
const WIDTH = 2;

/** The messages at which it is killed: every fourth one, other ones on each version, in front of it and behind it in turn. `npm run test:load -- kill` takes each of them both ways. */
const pointsOn = (major: Major) => (i: number): Kill => ({ message: (major === 18 ? 1 : 3) + 4 * i, when: i % 2 === 0 ? 'before' : 'behind' });

describeNewest('a first apply that is killed', (major) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ major });
  });

  it('in front of a message, or while the server works on it, leaves nothing half-visible, and the next one converges [DBAAS-2.2]', async () => {
    let ended = false;
    const interrupted = new Set<Kill['when']>();
    const messages: string[] = [];
    const rounds = async (from: number): Promise<void> => {
      const admin = await server.admin();
      for (let i = from; !ended; i += WIDTH) {
        const kill = pointsOn(major)(i);
        const round = await firstApplyKilled(server, admin, `shop${kill.message}x`, { tenants }, kill);
        if (round.interrupted) interrupted.add(kill.when);
        if (round.at === undefined) ended = true;
        else messages.push(round.at.message);
      }
    };
    await Promise.all(Array.from({ length: WIDTH }, (_, i) => rounds(i)));
    expect(messages.length, 'messages at which it was killed').toBeGreaterThan(4);
    expect(interrupted, 'rounds that the ledger knew of').toEqual(new Set(['before', 'behind']));
  }, 240_000);
});
