import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tenantry } from '../cli/support';
import { freshFolder } from '../support/fresh-folder';
import { describeTerraform } from '../support/terraform';
import { at, inRegions, type WrittenStack, writeStacks } from './support/stacks';

const stack = (resource: Readonly<Record<string, unknown>>): Record<string, WrittenStack> => ({ one: { configuration: { ...inRegions('eu-central-1'), resource } as WrittenStack['configuration'] } });
const key = stack({ aws_kms_key: { key: at('one/Key', { description: 'a key' }) } });

/** A folder with a space in its name, as users have them. */
function written(stacks: Readonly<Record<string, WrittenStack>>): string {
  const folder = join(freshFolder('command'), 'an app');
  mkdirSync(folder);
  return writeStacks(folder, stacks);
}

describe('tenantry rehearse, wrongly used', () => {
  it('says what is wrong, with 64', async () => {
    expect(await tenantry(['rehearse', '--until', 'sometime'])).toMatchObject({ code: 64 });
    expect(await tenantry(['rehearse', '--timeout', '0', '--dir', written(key)])).toMatchObject({ code: 64 });
    const empty = freshFolder();
    expect(await tenantry(['rehearse', '--dir', empty])).toEqual({ code: 64, out: '', err: `rehearsal/no-stacks  at ${empty}\n\n  The folder holds no manifest.json, so nothing was synthesized into it.\n\n  Run cdktf synth first, or leave --dir out to have the application run.\n` });
    expect((await tenantry(['rehearse', '--dir', written(key), '--stack', 'two'])).err).toBe('rehearsal/stack  at --stack\n\n  No stack is called "two"; there are one.\n\n  Give one of them, or a pattern such as "staging-*".\n');
    expect((await tenantry(['rehearse', '--env', '--dir', written(key)])).err).toContain('Add --keep FOLDER.');
    expect((await tenantry(['rehearse', '--dir', written(key), '--fail', 'everything'])).err).toBe('rehearsal/fault  at --fail\n\n  "everything" is no failure that can be asked for.\n\n  Write TYPE create|update|delete [after N], for instance "aws_rds_cluster create after 2".\n');
  });

  it('refuses what needs an apply when nothing is applied', async () => {
    expect(await tenantry(['rehearse', '--dir', written(key), '--until', 'plan', '--outputs-file', 'o.json', '--bootstrap', 'embedded'])).toEqual({ code: 64, out: '', err: 'rehearsal/no-outputs  at --outputs-file --bootstrap\n\n  With --until plan nothing is applied, so there are no outputs.\n\n  Leave --until plan out, or --outputs-file and --bootstrap.\n' });
  });

  it('ends with an application that hangs, and everything that it has started', { timeout: 30_000 }, async () => {
    const mark = join(freshFolder('hangs'), 'begun');
    const { child, ended } = running(['--app', `sh -c 'echo > "${mark}"; sleep 60; true'; true`]);
    while (!existsSync(mark)) await new Promise((next) => setTimeout(next, 50));
    child.kill('SIGTERM');
    // Whatever still ran would hold the pipe that is waited for.
    expect(await ended).toMatchObject({ code: 143, err: expect.stringContaining('rehearsal/cancelled') as string });
  });

  it('says so when an application does not synthesize, with what it said', async () => {
    const { code, err } = await tenantry(['rehearse', '--app', 'echo "no such table" >&2; exit 3']);
    expect({ code, err }).toEqual({ code: 1, err: 'rehearsal/synth  at echo "no such table" >&2; exit 3\n\n  The application ended with exit code 3 before it was synthesized:\n  no such table\n\n  Mend what it says; cdktf synth must succeed first.\n' });
    expect(await tenantry(['rehearse', '--app', 'true'])).toEqual({ code: 64, out: '', err: 'rehearsal/no-stacks  at --app\n\n  The application ended well, and synthesized nothing.\n\n  Call app.synth() at its end, and give its App no outdir of its own.\n' });
  });
});

describeTerraform('tenantry rehearse', () => {
  const warned = (...args: string[]) => {
    const annotations = (['@cdktf/warn', '@cdktf/info'] as const).map((level) => ({ level, constructPath: 'one/Alerts', message: `Nobody is told.\nGive it a target (${level}).`, stacktrace: ['Function.forStack (app.ts:1:1)'] }));
    return tenantry(['rehearse', '--until', 'validate', '--dir', written({ one: { ...key['one'] as WrittenStack, annotations } }), ...args]);
  };

  it('prints what synthesis warned of, with the construct path', async () => {
    expect((await warned()).out.split('\n').slice(3)).toEqual([expect.stringMatching(/^ {2}one {3}valid /), '', '  warnings    one/Alerts: Nobody is told. Give it a target (@cdktf/warn).', '']);
    expect(JSON.parse((await warned('--format', 'json')).out)).toMatchObject({ outcome: 'passed', warnings: [{ code: 'rehearsal/synthesis-warning', at: 'one/Alerts', problem: 'Nobody is told.\nGive it a target (@cdktf/warn).' }] });
  });

  it('says what it is and what it found, in a few lines', async () => {
    const { code, out, err } = await tenantry(['rehearse', '--dir', written(key)]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.replace(/\d+\.\d+\.\d+, with/, 'N, with').replace(/\d+\.\d s/, 'T s')).toBe('\n  rehearsal   Terraform N, with a stand-in for hashicorp/aws 6.25.0: no cloud was asked, and the cloud may answer differently.\n\n  one   valid · 1 to create · applied · second plan empty · destroyed   T s\n');
  });

  it('prints a document that says that the provider was stood in for, and writes the outputs', async () => {
    const outputs = join(freshFolder(), 'outputs.json');
    const { code, out } = await tenantry(['rehearse', '--dir', written(key), '--until', 'apply', '--format', 'json', '--outputs-file', outputs]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ format: 'tenantry/rehearsal@1', standIn: true, outcome: 'passed', until: 'apply', standIns: [{ address: 'registry.terraform.io/hashicorp/aws', version: '6.25.0' }], stacks: [{ name: 'one', changes: [{ action: 'create', constructPath: 'one/Key' }] }] });
    expect(JSON.parse(readFileSync(outputs, 'utf8'))).toEqual({ one: {} });
  });

  it('ends with 2 when the second plan is not empty, and names the attributes', async () => {
    const restless = stack({ aws_ssm_parameter: { p: at('one/P', { name: '/p', type: 'String', value: '${timestamp()}' }) } });
    const { code, out } = await tenantry(['rehearse', '--dir', written(restless)]);
    expect(code).toBe(2);
    expect(out).toMatch(/unsettled {3}update one\/P \(aws_ssm_parameter\.p\): .*value/);
  });

  it('finds it wrong that nothing is bootstrapped, and that nothing failed on purpose', async () => {
    expect(await tenantry(['rehearse', '--dir', written(key), '--bootstrap', 'embedded'])).toMatchObject({ code: 1, err: 'rehearsal/no-manifest  at --bootstrap\n\n  No stack puts a manifest out, so there is no database to bootstrap.\n\n  Declare a TenantDatabase, rehearse the stack that has one, or leave --bootstrap out.\n' });
    expect((await tenantry(['rehearse', '--dir', written(key), '--until', 'apply', '--fail', 'aws_kms_key create after 1'])).out).toContain('rehearsal/fault-unused at --fail Nothing failed on purpose: there was no such step, or not so often: aws_kms_key create.');
  });

  it('goes on to its end when nobody reads what it says any more', { timeout: 30_000 }, async () => {
    const temporary = freshFolder('temporary');
    const { child, ended } = running(['--dir', written(key)], temporary);
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ code: 0, err: '' });
    expect(readdirSync(temporary).filter((name) => name.startsWith('tenantry-'))).toEqual([]);
  });

  it('ends with 1 and the construct path when Terraform refuses', async () => {
    const { code, err } = await tenantry(['rehearse', '--dir', written(stack({ aws_kms_key: { key: at('one/Key', { colour: 'red' }) } }))]);
    expect({ code, err }).toEqual({ code: 1, err: 'rehearsal/validate  at one/Key (aws_kms_key.key)\n\n  Extraneous JSON object property: No argument or block type is named "colour".\n' });
  });

  it('runs twice at once, and ends in order when it is cancelled: no process, no file', { timeout: 60_000 }, async () => {
    const temporary = freshFolder('temporary');
    const [first, second] = await Promise.all([running(['--dir', written(key)], temporary).ended, running(['--dir', written(key)], temporary).ended]);
    expect([first, second]).toMatchObject([{ code: 0 }, { code: 0 }]);
    const many = stack({ aws_kms_key: Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`key_${i}`, at(`one/Key${i}`, { description: `key ${i}` })])) });
    const { child, ended, output } = running(['--dir', written(many)], temporary);
    while (!output().includes('rehearsal')) await new Promise((next) => setTimeout(next, 20));
    await new Promise((next) => setTimeout(next, 700));
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, err: 'rehearsal/cancelled\n\n  The rehearsal was cancelled. Nothing of it is left but what --store and --keep name.\n' });
    expect(readdirSync(temporary).filter((name) => name.startsWith('tenantry-'))).toEqual([]);
  });
});

function running(options: readonly string[], temporary = freshFolder('temporary')): { child: ChildProcess; output: () => string; ended: Promise<{ code: number | null; out: string; err: string }> } {
  let out = '';
  let err = '';
  const child = spawn(process.execPath, ['--import', 'tsx', 'lib/cli/main.ts', 'rehearse', ...options], { env: { ...process.env, TMPDIR: temporary }, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  return { child, output: () => out, ended: new Promise((done) => child.on('close', (code) => done({ code, out, err }))) };
}
