import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { bootstrapEmbedded } from '../../lib/cli/commands/rehearse-bootstrap';
import { manifestOf } from '../bootstrap/support/platform';
import { freshFolder } from '../support/fresh-folder';
import { startTestServer } from '../support/postgres';
import { programOf } from '../support/program';

const { manifest } = manifestOf({
  name: 'shop', tables: { orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } }, roles: { app: { login: 'password', tables: { orders: 'write' } } },
}, { tenants: { acme: { isolation: 'row' }, umbrella: { isolation: 'cluster' } } });

it('--embedded starts a PostgreSQL for each server, with data of its own', async () => {
  const folder = freshFolder('cluster-embedded');
  const { major } = await startTestServer();
  mkdirSync(join(folder, '.tenantry'));
  // Empty servers, which are started as they are: making new ones takes seconds.
  for (const name of ['postgres', 'postgres-umbrella']) execFileSync('cp', ['-a', join(inject('serverFolder'), `template-${major}`), join(folder, '.tenantry', name)]);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const { status, stdout, stderr } = spawnSync(process.execPath, [programOf(join(__dirname, '..', '..', 'lib', 'cli', 'main.ts')), 'bootstrap', 'plan', '--embedded', '--manifest', 'manifest.json'], { cwd: folder, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.match(/^server \w+|\(PostgreSQL.*\)/gm)).toEqual(['server main', expect.stringContaining('2 tenants'), 'server umbrella', expect.stringContaining('1 tenant')]);
  expect(spawnSync('pgrep', ['-f', join(folder, '.tenantry')], { encoding: 'utf8' }).stdout).toBe('');
});

it('a rehearsal bootstraps each server of a manifest, and none of them is there afterwards', async () => {
  const out: string[] = [];
  const write = (text: string): number => out.push(text);
  expect(await bootstrapEmbedded({ shop: { manifest: JSON.stringify(manifest) } }, { out: { write }, err: { write }, env: {} }, 'text')).toBe(true);
  expect(out.map((line) => line.replace(/: \d+ changes.*/s, ''))).toEqual(['  bootstrap   staging shop', '  bootstrap   staging shop, server umbrella']);
});
