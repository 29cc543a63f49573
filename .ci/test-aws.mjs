// The reference platform with the real hashicorp/aws provider: every stack is validated; with AWS_ENDPOINT_URL (an emulator), or TENANTRY_AWS_ACCOUNT and
// credentials of that account, its development environment is deployed by the suite in test/targets, which destroys it again; with TENANTRY_AWS_PLAN=1 its
// foundation is planned against the account of the credentials. What cannot be tried is printed as skipped, with the reason, and never counts as passed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const emulator = process.env.AWS_ENDPOINT_URL;
const account = process.env.TENANTRY_AWS_ACCOUNT;
const planned = process.env.TENANTRY_AWS_PLAN === '1';
const counts = { passed: 0, failed: 0, skipped: 0 };
const folder = mkdtempSync(join(tmpdir(), 'tenantry-aws-'));
// One level deeper, because the state lies beside it.
const outdir = join(folder, 'cdktf.out');
// The provider is some hundred megabytes: it is fetched once for all stacks.
const plugins = join(folder, 'plugins');
mkdirSync(plugins);
const shared = { ...process.env, TF_PLUGIN_CACHE_DIR: process.env.TF_PLUGIN_CACHE_DIR ?? plugins, TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: '1' };
const env = { ...shared, CDKTF_OUTDIR: outdir, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };

try {
  main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;

function main() {
  if (spawnSync('terraform', ['version'], { env }).status !== 0) return skip('everything', 'there is no terraform on the PATH');
  const synthesized = spawnSync(process.execPath, ['--import', 'tsx', 'stacks/main.ts'], { cwd: root, env, encoding: 'utf8' });
  if (synthesized.status !== 0) return record('synthesis', synthesized);
  const stacks = readdirSync(join(outdir, 'stacks'));
  for (const stack of stacks) {
    const init = terraform(stack, 'init', '-input=false', '-backend=false');
    if (init.status !== 0) return skip('everything', `the provider hashicorp/aws cannot be had: ${reason(init)}`);
    record(`${stack}: validate`, terraform(stack, 'validate'));
  }
  if (emulator) deploy('emulator');
  else if (account) deploy('account');
  else skip('deploy, plan without a change, destroy', 'AWS_ENDPOINT_URL names no emulator, and TENANTRY_AWS_ACCOUNT no account');
  if (planned && !emulator) plan('development-foundation');
  else skip('plan against an account', emulator ? 'AWS_ENDPOINT_URL names an emulator' : 'TENANTRY_AWS_PLAN is not 1');
}

function deploy(target) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const done = spawnSync(process.execPath, [vitest, 'run', 'test/targets'], { cwd: root, stdio: 'inherit', env: { ...shared, TENANTRY_TARGET: target, TENANTRY_DEPLOY_WITH: process.env.TENANTRY_DEPLOY_WITH ?? 'cdktf' } });
  record(`the development environment, target ${target}`, done);
}

function plan(stack) {
  if (ready(stack)) record(`${stack}: plan`, terraform(stack, 'plan', '-input=false'));
}

/** State beside the stack, and credentials of any account: the environments of the reference platform name accounts that do not exist. */
function ready(stack) {
  const { provider } = JSON.parse(readFileSync(join(outdir, 'stacks', stack, 'cdk.tf.json'), 'utf8'));
  const aws = provider.aws.map((one) => ({ ...one, allowed_account_ids: [] }));
  writeFileSync(join(outdir, 'stacks', stack, 'aws_override.tf.json'), JSON.stringify({ provider: { aws } }));
  const init = terraform(stack, 'init', '-input=false', '-reconfigure');
  return init.status === 0 || record(`${stack}: init`, init);
}

function terraform(stack, ...args) {
  return spawnSync('terraform', [...args, '-no-color'], { cwd: join(outdir, 'stacks', stack), env, encoding: 'utf8' });
}

function record(name, done) {
  counts[done.status === 0 ? 'passed' : 'failed'] += 1;
  console.log(`${done.status === 0 ? 'passed ' : 'FAILED '} ${name}`);
  if (done.status !== 0) console.log(`${done.stdout ?? ''}\n${done.stderr ?? ''}`.trim().split('\n').slice(-20).join('\n'));
  return done.status === 0;
}

function skip(name, why) {
  counts.skipped += 1;
  console.log(`SKIPPED ${name}: ${why}`);
}

function reason({ stderr, stdout }) {
  const text = `${stderr}\n${stdout}`.replaceAll(/[│╷╵]/g, '').split('\n').map((line) => line.trim());
  const from = text.findIndex((line) => line.startsWith('Error'));
  return text.slice(from, from + 4).filter((line) => line !== '').join(' ').replace(/^Error: /, '');
}
