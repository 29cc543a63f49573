import { accessSync, chmodSync, chownSync, constants, lstatSync, mkdirSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Client } from 'pg';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type EmbeddedServer, startEmbedded } from '../../lib/embedded';
import { temporaryFolder, unprivilegedAccount } from '../../lib/embedded/account';
import { findBinaries } from '../../lib/embedded/binaries';
import { run } from '../../lib/embedded/command';
import { freshFolder } from '../support/fresh-folder';
import { ownServer } from './child';

const asRoot = process.getuid?.() === 0;
const rootOnly = asRoot ? describe : describe.skip;
const settings = { fsync: 'off' };

async function remember(server: EmbeddedServer, text: string): Promise<unknown> {
  const client = new Client({ host: server.host, port: server.port, user: server.superuser, database: 'postgres' });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(text);
  await client.end();
  return Object.values(rows[0] ?? {})[0];
}

rootOnly(`root${asRoot ? '' : ' (skipped: the tests do not run as root)'}`, () => {
  let nobody = { uid: 0, gid: 0 };
  beforeEach(async () => {
    nobody = (await unprivilegedAccount()) ?? nobody;
  });

  it('gives the data to an unprivileged user, who runs the server', async () => {
    const dataDirectory = join(freshFolder(), 'data');
    const server = await startEmbedded({ dataDirectory, settings });
    const owners = [dataDirectory, server.host].map((path) => statSync(path).uid);
    await server.stop();
    expect(owners).toEqual([nobody.uid, nobody.uid]);
    expect(nobody.uid).not.toBe(0);
  });

  it('keeps data that the user cannot reach elsewhere, and finds it again', async () => {
    const closed = freshFolder();
    chmodSync(closed, 0o700);
    const dataDirectory = join(closed, 'data');
    const first = await startEmbedded({ dataDirectory, settings });
    await remember(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const target = readlinkSync(dataDirectory);
    const second = await startEmbedded({ dataDirectory, settings });
    const answer = await remember(second, 'SELECT answer FROM kept');
    await second.stop();
    expect(answer).toBe(42);
    expect(readlinkSync(dataDirectory)).toBe(target);
    expect(statSync(dirname(target)).mode & 0o777).toBe(0o711);
    rmSync(dirname(target), { recursive: true });
  });

  it('starts anew when that place was cleaned away, and leaves links of others alone', async () => {
    const closed = freshFolder();
    chmodSync(closed, 0o700);
    const dataDirectory = join(closed, 'data');
    symlinkSync('/tmp/tenantry-data-000000/data', dataDirectory);
    await (await startEmbedded({ dataDirectory, settings })).stop();
    rmSync(dirname(readlinkSync(dataDirectory)), { recursive: true });

    rmSync(dataDirectory);
    symlinkSync('/nonexistent/disk', dataDirectory);
    await expect(startEmbedded({ dataDirectory, settings })).rejects.toMatchObject({ code: 'embedded/data-directory' });
    expect(readlinkSync(dataDirectory)).toBe('/nonexistent/disk');
  });

  it('leaves data of another user to that user', async () => {
    const dataDirectory = join(freshFolder(), 'data');
    await (await startEmbedded({ dataDirectory, settings })).stop();
    await run('chown', ['-R', '54321:54321', dataDirectory]);
    const server = await startEmbedded({ dataDirectory, settings });
    const owner = statSync(server.host).uid;
    await server.stop();
    expect(owner).toBe(54321);
    expect(statSync(dataDirectory).uid).toBe(54321);
  });

  it('uses another folder for the socket when the temporary directory is closed to the user, or its name is too long', async () => {
    const closed = freshFolder();
    chmodSync(closed, 0o700);
    const long = join(freshFolder(), 'a-name-that-makes-the-path-of-the-socket-longer-than-an-address');
    mkdirSync(long);
    chmodSync(long, 0o1777);
    for (const folder of [closed, long]) {
      vi.stubEnv('TMPDIR', folder);
      const chosen = await temporaryFolder(nobody);
      vi.unstubAllEnvs();
      expect(chosen).toBe('/tmp');
    }
  });

  it('is not needed: an ordinary user starts a server', async (context) => {
    const clone = resolve(__dirname, '../..');
    const readable = await run(process.execPath, ['-e', `fs.readdirSync(${JSON.stringify(clone)})`], nobody);
    if (readable.code !== 0) return context.skip('this clone, or Node, cannot be read by other users');
    const home = freshFolder();
    chownSync(home, nobody.uid, nobody.gid);
    const dataDirectory = join(home, 'data');
    const binaries = dirname((await findBinaries(nobody)).postgres);
    const owner = ownServer(dataDirectory, { account: nobody, binaries, environment: { HOME: home, TMPDIR: home } });
    expect((await owner.ready).uid).toBe(nobody.uid);
    expect(statSync(dataDirectory).uid).toBe(nobody.uid);
  });
});

it('says what is wrong when the data cannot be written', async () => {
  const occupied = join(freshFolder(), 'file');
  await run('touch', [occupied]);
  await expect(startEmbedded({ dataDirectory: join(occupied, 'data'), settings })).rejects.toMatchObject({
    code: 'embedded/data-directory',
    message: expect.stringContaining(`cannot keep its data in ${join(occupied, 'data')}`),
  });
  expect(lstatSync(occupied).isFile()).toBe(true);
  accessSync(occupied, constants.R_OK);
});
