import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { passwordFile } from '../../lib/bootstrap';
import { freshFolder } from '../support/fresh-folder';

const folder = freshFolder('password-file');
const entriesIn = (file: string): Record<string, string> => JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
const entry = (login: string) => ({ login, password: `of ${login}`, database: 'x' });

it('keeps what several processes write into a file at the same time, through a link too', async () => {
  const file = join(folder, 'passwords.json');
  const linked = join(folder, 'linked.json');
  writeFileSync(file, '{"first":"of first"}');
  symlinkSync(file, linked);
  const write = (path: string, from: number): Promise<unknown> => promisify(execFile)(process.execPath, ['--import', 'tsx', '-e', `
    const { passwordFile } = require(${JSON.stringify(resolve(__dirname, '../../lib/bootstrap/connect/password-file.ts'))});
    const store = passwordFile(${JSON.stringify(path)});
    Promise.all(Array.from({ length: 20 }, (_, i) => store.keep({ login: 'login_' + (${from} + i), password: 'of login_' + (${from} + i), database: 'x' }))).catch((error) => { console.error(error); process.exit(1); });
  `]);
  await Promise.all([write(file, 0), write(linked, 20), write(file, 40)]);
  const names = ['first', ...Array.from({ length: 60 }, (_, i) => `login_${i}`)];
  expect(entriesIn(file)).toEqual(Object.fromEntries(names.map((name) => [name, `of ${name}`])));
  expect(readdirSync(folder).sort()).toEqual(['linked.json', 'passwords.json']);
});

it('takes a lock away that a killed process left behind, and waits for one that is held', async () => {
  const file = join(folder, 'left', 'passwords.json');
  await passwordFile(file).keep(entry('first'));
  const lock = `${file}.lock`;
  writeFileSync(lock, 'killed');
  const anHourAgo = new Date(Date.now() - 3_600_000);
  utimesSync(lock, anHourAgo, anHourAgo);
  await passwordFile(file).keep(entry('second'));
  writeFileSync(lock, 'held');
  const waiting = passwordFile(file).keep(entry('third'));
  expect(await Promise.race([waiting.then(() => 'written'), new Promise((end) => setTimeout(() => end('waits'), 200))])).toBe('waits');
  rmSync(lock);
  await waiting;
  expect(entriesIn(file)).toEqual({ first: 'of first', second: 'of second', third: 'of third' });
  expect(readdirSync(dirname(file))).toEqual(['passwords.json']);
  expect(existsSync(lock)).toBe(false);
});
