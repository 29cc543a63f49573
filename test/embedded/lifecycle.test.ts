import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, expect, it } from 'vitest';
import { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from '../../lib/embedded';
import { freshServerFolder } from '../support/fresh-folder';
import { endsSoon, ownServer, serverProcess } from './child';

const running: EmbeddedServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function start(dataDirectory: string, options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedServer> {
  const server = await startEmbedded({ dataDirectory, ...options, settings: { fsync: 'off', ...options.settings } });
  running.push(server);
  return server;
}

async function query(server: EmbeddedServer, text: string): Promise<unknown[]> {
  const client = new Client({ host: server.host, port: server.port, user: server.superuser, database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

it('finds its data again after a stop', async () => {
  const dataDirectory = join(freshServerFolder(), 'not', 'yet', 'there');
  const first = await start(dataDirectory);
  await query(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await first.stop();
  const second = await start(dataDirectory);
  expect(await query(second, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

it('finds its data again after the server was killed', async () => {
  const dataDirectory = join(freshServerFolder(), 'data');
  const first = await start(dataDirectory);
  await query(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
  process.kill(serverProcess(dataDirectory), 'SIGKILL');
  await first.stop();
  const second = await start(dataDirectory);
  expect(await query(second, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

it('stops once, however often it is asked to', async () => {
  const dataDirectory = join(freshServerFolder(), 'data');
  const server = await start(dataDirectory);
  const pid = serverProcess(dataDirectory);
  await Promise.all([server.stop(), server.stop()]);
  await server.stop();
  expect(existsSync(join(dataDirectory, 'postmaster.pid'))).toBe(false);
  expect(existsSync(server.host)).toBe(false);
  expect(await endsSoon(pid)).toBe(true);
});

it('stops although a client is still connected', async () => {
  const server = await start(join(freshServerFolder(), 'data'));
  const client = new Client({ host: server.host, port: server.port, user: server.bootstrapUser, database: 'postgres' });
  const lost = new Promise((resolve) => client.on('error', resolve));
  await client.connect();
  await server.stop();
  expect(await lost).toBeInstanceOf(Error);
});

it('listens in a private folder only', async () => {
  const server = await start(join(freshServerFolder(), 'data'));
  expect(statSync(server.host).mode & 0o777).toBe(0o700);
  expect(Buffer.byteLength(join(server.host, `.s.PGSQL.${server.port}`))).toBeLessThanOrEqual(103);
  expect(await query(server, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '' }]);
});

it('passes settings on, and keeps data safe unless told otherwise', async () => {
  const dataDirectory = join(freshServerFolder(), 'data');
  const server = await startEmbedded({ dataDirectory, settings: { work_mem: '7MB' } });
  running.push(server);
  expect(await query(server, `SELECT current_setting('work_mem') AS work_mem, current_setting('fsync') AS fsync`)).toEqual([
    { work_mem: '7MB', fsync: 'on' },
  ]);
});

it('refuses settings that would open it', async () => {
  await expect(start(freshServerFolder(), { settings: { listen_addresses: '*', port: '1' } })).rejects.toMatchObject({
    code: 'embedded/setting',
    message: expect.stringContaining('sets listen_addresses, port:'),
  });
});

it('tells the end of the log when the server does not start', async () => {
  const dataDirectory = join(freshServerFolder(), 'data');
  await expect(start(dataDirectory, { settings: { shared_buffers: 'a lot' } })).rejects.toMatchObject({
    code: 'embedded/start-failed',
    message: expect.stringContaining('invalid value for parameter "shared_buffers": "a lot"'),
  });
  expect(existsSync(join(dataDirectory, 'postmaster.pid'))).toBe(false);
});

it('writes the log beside the data, and nothing to standard output or error', async () => {
  const dataDirectory = join(freshServerFolder(), 'data');
  const { code, output, errors } = await ownServer(dataDirectory, { then: 'stop' }).ended;
  expect({ code, lines: output.trim().split('\n').length, errors }).toEqual({ code: 0, lines: 1, errors: '' });
  expect(readFileSync(`${dataDirectory}.log`, 'utf8')).toContain('database system is ready to accept connections');
});

it('refuses data of another major version and keeps it', async () => {
  const dataDirectory = join(freshServerFolder(), 'data');
  await (await start(dataDirectory)).stop();
  writeFileSync(join(dataDirectory, 'PG_VERSION'), '13\n');
  await expect(start(dataDirectory)).rejects.toMatchObject({
    code: 'embedded/other-version',
    message: expect.stringContaining(`mv ${dataDirectory} ${dataDirectory}-13`),
  });
  expect(existsSync(join(dataDirectory, 'base'))).toBe(true);
});

it('refuses a folder that holds something else and keeps it', async () => {
  const dataDirectory = freshServerFolder();
  const thesis = join(dataDirectory, 'thesis.txt');
  writeFileSync(thesis, 'years of work');
  await expect(start(dataDirectory)).rejects.toMatchObject({
    code: 'embedded/data-directory',
    message: expect.stringContaining(`cannot keep its data in ${dataDirectory}: it holds something else.`),
  });
  expect(readFileSync(thesis, 'utf8')).toBe('years of work');
  expect(statSync(thesis).uid).toBe(process.getuid?.());
});

it('clears away what a first start that was killed left behind', async () => {
  const parent = freshServerFolder();
  const leftover = join(parent, '.data.new-4194999-AbCdEf');
  mkdirSync(leftover);
  await start(join(parent, 'data'));
  expect(existsSync(leftover)).toBe(false);
});
