import { Transform } from 'node:stream';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { beforeAll, describe, expect, it } from 'vitest';
import { copyOut } from '../../lib/bootstrap/tenants/copy-out';
import { startTestServer, type TestServer } from '../support/postgres';

/** More than all buffers in between hold. */
const MANY = "copy (select repeat('x', 1000) from generate_series(1, 10000)) to stdout";

describe('rows on their way out of a server', () => {
  let server: TestServer;
  let from: Client;

  beforeAll(async () => {
    server = await startTestServer();
    from = await server.admin();
  });

  const full = () => {
    let chunks = 0;
    return new Transform({ transform: (chunk, _encoding, done) => ((chunks += 1) > 2 ? done(new Error('no space left')) : done(null, chunk)) });
  };
  const nowhere = () => new Transform({ transform: (_chunk, _encoding, done) => done() });

  it('do not hold their session up where they cannot be written', async () => {
    await from.query('begin');
    await expect(copyOut(from, MANY, full(), nowhere())).rejects.toThrow('no space left');
    expect((await from.query('rollback')).command).toBe('ROLLBACK');
  }, 10_000);

  it('do not hold their session up where the other server refuses them', async () => {
    const into = await server.admin();
    await into.query('begin; create temporary table numbers (n integer)');
    await expect(copyOut(from, MANY, into.query(copyFrom('copy numbers from stdin')))).rejects.toMatchObject({ code: '22P02' });
    for (const client of [from, into]) await client.query('rollback');
    await into.end();
  }, 10_000);

  it('say what the server says that cannot give them', async () => {
    await expect(copyOut(from, 'copy (select 1 / (5000 - n) from generate_series(1, 10000) n) to stdout', nowhere())).rejects.toMatchObject({ code: '22012' });
    expect((await from.query('select 1')).rowCount).toBe(1);
    await expect(copyOut(from, 'copy nothing to stdout', nowhere())).rejects.toMatchObject({ code: '42P01' });
    expect((await from.query('select 1')).rowCount).toBe(1);
  }, 10_000);
});
