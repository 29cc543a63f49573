import type { Client } from 'pg';
import { beforeAll, expect, it } from 'vitest';
import type { SchemaInput } from '../../lib/declaration';
import { describeServers, type Major, startTestServer, type TestServer } from '../support/postgres';
import type { Kill, Killed } from './support/apply-child';
import { expectNothingHalfVisible, generations, killedApply, leftToDo, removeAll, untilForgotten } from './support/killed';
import { applyTo, manifestOf } from './support/platform';
import { tenants } from './support/shop';

const declarationOf = (name: string): SchemaInput => ({
  name,
  tables: {
    countries: { tenancy: 'reference', columns: { code: { type: 'char(2)' } }, primaryKey: ['code'], rows: [{ code: 'de' }] },
    orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, country: { type: 'char(2)', references: 'countries.code' } }, primaryKey: ['id'] },
  },
  roles: { app: { login: 'iam', tables: { orders: 'write', countries: 'read' } } },
});

/** Rounds that run side by side: the process of one starts while the server works for the other. */
const WIDTH = 2;

/** The messages at which it is killed: every fourth one, other ones on each version, in front of it and behind it in turn. `npm run test:load -- kill` takes each of them both ways. */
const pointsOn = (major: Major) => (i: number): Kill => ({ message: (major === 18 ? 1 : 3) + 4 * i, when: i % 2 === 0 ? 'before' : 'behind' });

describeServers('a first apply that is killed', (major) => {
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
        const round = await killed(kill, admin);
        if (round.interrupted) interrupted.add(kill.when);
        if (round.at === undefined) ended = true;
        else messages.push(round.at.message);
      }
    };
    await Promise.all(Array.from({ length: WIDTH }, (_, i) => rounds(i)));
    expect(messages.length, 'messages at which it was killed').toBeGreaterThan(4);
    expect(interrupted, 'rounds that the ledger knew of').toEqual(new Set(['before', 'behind']));
  }, 240_000);

  async function killed(kill: Kill, admin: Client): Promise<{ at: Killed | undefined; interrupted: boolean }> {
    const name = `shop${kill.message}x`;
    const applied = { declaration: declarationOf(name), manifest: { tenants } };
    const at = await killedApply(server, applied, kill);
    if (at !== undefined) await untilForgotten(admin, at);
    await expectNothingHalfVisible(server, admin, name, await leftToDo(server, applied));
    const running = await generations(server, admin, name, 'running');
    await applyTo(server, manifestOf(applied.declaration, applied.manifest));
    const title = `killed ${kill.when} message ${kill.message}`;
    expect(await leftToDo(server, applied), title).toEqual([]);
    expect(await generations(server, admin, name, 'interrupted'), title).toEqual(running);
    await removeAll(admin, [name, `${name}__initech`], `^${name}_`);
    return { at, interrupted: running.length > 0 };
  }
});
