import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifestOf } from '../bootstrap/support/platform';
import { shopInput } from '../bootstrap/support/shop';
import { freshFolder } from '../support/fresh-folder';
import { programOf } from '../support/program';

const ROOT = join(__dirname, '..', '..');

/** In an empty folder, as a newcomer without a server. */
describe('--embedded', () => {
  const folder = freshFolder('embedded');
  const tenantry = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [programOf(join(ROOT, 'lib', 'cli', 'main.ts')), ...args], { cwd: folder, encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  it('starts a server, keeps its data in .tenantry, and uses it again', () => {
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifestOf(shopInput, { tenants: { acme: { isolation: 'row' } } }).manifest));
    const first = tenantry('bootstrap', 'apply', '--embedded', '--manifest', 'manifest.json');
    expect({ status: first.status, stderr: first.stderr }).toEqual({ status: 0, stderr: '' });
    expect(first.stdout).toMatch(/applied {5}shop: \d+ changes, 1 tenant, generation 1/);

    const second = tenantry('bootstrap', 'apply', '--embedded', '--manifest', 'manifest.json');
    expect(second.stdout).toContain('shop: nothing to do, 1 tenant, generation 2');
    expect(existsSync(join(folder, '.tenantry', 'postgres'))).toBe(true);
    expect(readdirSync(join(folder, '.tenantry', 'evidence'))).toHaveLength(2);
    expect(Object.keys(JSON.parse(readFileSync(join(folder, '.tenantry', 'passwords.json'), 'utf8')))).toEqual(['shop_auditor_login']);
  });

  it('leaves no server behind', () => {
    expect(spawnSync('pgrep', ['-f', join(folder, '.tenantry')], { encoding: 'utf8' }).stdout).toBe('');
  });
});
