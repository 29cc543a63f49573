import type { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SchemaInput } from '../../lib/declaration';
import type { Kill } from '../bootstrap/support/apply-child';
import { expectNothingHalfVisible, generations, killedApply, leftToDo, removeAll, untilForgotten } from '../bootstrap/support/killed';
import { applyTo, manifestOf } from '../bootstrap/support/platform';
import { startTestServer, type TestServer } from '../support/postgres';

const declarationOf = (name: string): SchemaInput => ({
  name,
  tables: {
    countries: { tenancy: 'reference', columns: { code: { type: 'char(2)' } }, primaryKey: ['code'], rows: [{ code: 'de' }] },
    orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, country: { type: 'char(2)', references: 'countries.code' } }, primaryKey: ['id'] },
  },
  roles: { app: { login: 'iam', tables: { orders: 'write', countries: 'read' } } },
});

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
        if (await round({ when, message }, admin)) killed += 1;
        else ended = true;
      }
    }));
    console.log(`  killed ${when} each of ${killed} messages`);
    expect(killed).toBeGreaterThan(20);
  });

  async function round(kill: Kill, admin: Client): Promise<boolean> {
    const name = `shop${kill.message}${kill.when.charAt(0)}`;
    const applied = { declaration: declarationOf(name), manifest: { tenants } };
    const at = await killedApply(server, applied, kill);
    if (at !== undefined) await untilForgotten(admin, at);
    await expectNothingHalfVisible(server, admin, name, await leftToDo(server, applied));
    const running = await generations(server, admin, name, 'running');
    await applyTo(server, manifestOf(applied.declaration, applied.manifest));
    const title = `killed ${kill.when} message ${kill.message}: ${at?.message.slice(0, 80)}`;
    expect(await leftToDo(server, applied), title).toEqual([]);
    expect(await generations(server, admin, name, 'interrupted'), title).toEqual(running);
    await removeAll(admin, [name, `${name}__initech`, `${name}__t1`], `^${name}_`);
    return at !== undefined;
  }
});
