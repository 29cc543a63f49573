import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterFile } from './after-file';
import { freshFolder } from './fresh-folder';

const program = 'moto_server';

/** Why no emulator of AWS can be started here; undefined when it can. */
export const motoMissing = isInPath(program) ? undefined : `${program} of the Python package moto is not installed`;

/** What the SDK of AWS needs to talk to the emulator. */
const environment = { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing', AWS_MAX_ATTEMPTS: '2' };

/** Starts an emulator of AWS, to which every client of the SDK in this process talks from now on. It is stopped after the last test of the file. */
export async function startMoto(): Promise<{ readonly endpoint: string }> {
  if (motoMissing !== undefined) throw new Error(`${motoMissing}. Skip the tests with motoMissing as the reason`);
  const port = await freePort();
  const logFile = join(freshFolder('moto'), 'log');
  const log = openSync(logFile, 'a');
  // The pipe to the shell closes when this process ends in whatever way, and the emulator ends with it.
  const child = spawn('/bin/sh', ['-c', '"$@" & server=$!; read -r _; kill "$server"; wait "$server"', 'moto', program, '-H', '127.0.0.1', '-p', String(port)], { stdio: ['pipe', log, log] });
  closeSync(log);
  afterFile(() => new Promise((resolve) => child.on('close', resolve).stdin?.end()));
  const endpoint = `http://127.0.0.1:${port}`;
  for (const deadline = Date.now() + 20_000; ;) {
    if (await fetch(`${endpoint}/moto-api/`).then(({ ok }) => ok, () => false)) break;
    if (Date.now() > deadline) throw new Error(`moto did not start:\n${readFileSync(logFile, 'utf8')}`);
    await sleep(50);
  }
  const before = { ...process.env };
  const set = { ...environment, AWS_ENDPOINT_URL: endpoint };
  Object.assign(process.env, set);
  afterFile(() => {
    for (const name of Object.keys(set)) delete process.env[name];
    Object.assign(process.env, before);
  });
  return { endpoint };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

function isInPath(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
