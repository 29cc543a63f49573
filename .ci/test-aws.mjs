// The reference platform with the real hashicorp/aws provider: every stack is validated; with AWS_ENDPOINT_URL (an emulator) the development
// environment is applied, planned again without a change, and destroyed; with TENANTRY_AWS_PLAN=1 its foundation is planned against the account of the
// credentials. What cannot be tried is printed as skipped, with the reason, and never counts as passed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const emulator = process.env.AWS_ENDPOINT_URL;
const account = process.env.TENANTRY_AWS_PLAN === '1';
const counts = { passed: 0, failed: 0, skipped: 0 };
const folder = mkdtempSync(join(tmpdir(), 'tenantry-aws-'));
// One level deeper, because the state lies beside it.
const outdir = join(folder, 'cdktf.out');
const env = { ...process.env, CDKTF_OUTDIR: outdir, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
if (emulator) Object.assign(env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_MAX_ATTEMPTS: '2' });

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
  if (emulator) apply(['development-foundation', 'development-data']);
  else skip('apply, plan without a change, destroy', 'AWS_ENDPOINT_URL names no emulator');
  if (account && !emulator) plan('development-foundation');
  else skip('plan against an account', 'TENANTRY_AWS_PLAN is not 1');
}

function apply(stacks) {
  for (const stack of stacks) if (!ready(stack) || !record(`${stack}: apply`, terraform(stack, 'apply', '-input=false', '-auto-approve'))) return;
  for (const stack of stacks) record(`${stack}: a second plan is empty`, terraform(stack, 'plan', '-input=false', '-detailed-exitcode'));
  for (const stack of stacks.toReversed()) record(`${stack}: destroy`, terraform(stack, 'destroy', '-input=false', '-auto-approve'));
}

function plan(stack) {
  if (ready(stack)) record(`${stack}: plan`, terraform(stack, 'plan', '-input=false'));
}

/** State beside the stack, and credentials of any account: the environments of the reference platform name accounts that do not exist. */
function ready(stack) {
  const { provider } = JSON.parse(readFileSync(join(outdir, 'stacks', stack, 'cdk.tf.json'), 'utf8'));
  const lenient = emulator ? { skip_credentials_validation: true, skip_metadata_api_check: true, skip_requesting_account_id: true, s3_use_path_style: true } : {};
  const aws = provider.aws.map((one) => ({ ...one, ...lenient, allowed_account_ids: emulator ? [] : undefined }));
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
