import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdktf';
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import { describe, expect, it } from 'vitest';
import { EnvironmentStack } from '../../lib/environment';
import { EncryptionKey } from '../../lib/encryption';
import { Engine } from '../../lib/engine';
import { HaCluster } from '../../lib/ha-cluster';
import { DatabaseNetwork } from '../../lib/network';
import { enforcePolicies, judge, type Rule, standard, synthesizedStacks, type Waiver } from '../../policies';
import { expectRefusal, synthesize, synthesizeStack, testApp, testEnvironment } from '../support/synth';
import { goodStack, reportOn, set } from './fixture';

const TODAY = new Date('2026-11-21T12:00:00Z');
const WAIVER: Waiver = { rule: 'iam-authentication', scope: 'production-all', reason: 'The reporting tool of the vendor cannot take tokens.', expires: '2026-11-21' };

function broken(): EnvironmentStack {
  const stack = goodStack();
  set(stack, 'aws_rds_cluster', 'iam_database_authentication_enabled', false);
  return stack;
}
function messageOf(stack: EnvironmentStack, waivers: readonly Waiver[] = [], pack?: readonly Rule[]): string {
  enforcePolicies(App.of(stack), { waivers, today: TODAY, pack });
  try {
    synthesizeStack(stack);
    return 'synthesized';
  } catch (error) {
    return (error as Error).message;
  }
}

it('the standard pack is these eleven rules', () => {
  expect(standard.map(({ id }) => id)).toEqual([
    'backups-retained', 'deletion-protected', 'engine-supported', 'iam-authentication', 'logs-kept', 'master-password-managed', 'no-open-ingress', 'no-public-access', 'storage-encrypted', 'tags-complete', 'tls-required',
  ]);
});

describe('enforcing policies at synthesis', () => {
  it('lets a platform through that keeps them', () => {
    expect(messageOf(goodStack())).toBe('synthesized');
  });

  it('fails it with what is wrong, where, what to do and why', () => {
    expect(messageOf(broken())).toContain(`iam-authentication[off]  at production-all/aws_rds_cluster.Cluster_EB0386A7
    iam_database_authentication_enabled is not true.
    Set it to true.
    A token lives 15 minutes and names who asked for it; a password lives as long as nobody changes it.`);
  });

  it('fails it where it cannot tell', () => {
    const stack = goodStack();
    set(stack, 'aws_rds_cluster', 'storage_encrypted', '${var.encrypted}');
    expect(messageOf(stack)).toContain('storage-encrypted (unknown)  at production-all/aws_rds_cluster.Cluster_EB0386A7\n    storage_encrypted is ${var.encrypted}.');
  });

  it('takes a rule that fails for one that cannot tell', () => {
    const rule: Rule = { id: 'faulty', requires: 'x', why: 'Because.', check: () => { throw new Error('oh'); } };
    expect(messageOf(goodStack(), [], [rule])).toContain('faulty (unknown)  at production-all/*\n    The rule failed: oh');
  });

  it('judges one stack alone when it is given one', () => {
    const stack = broken();
    enforcePolicies(stack, { today: TODAY });
    expect(() => synthesizeStack(stack)).toThrow(/\[production-all\] iam-authentication\[off\]/);
  });

  it('sees resources that were not made with this library', () => {
    const stack = goodStack();
    new S3Bucket(stack, 'Plain', { bucket: 'plain' });
    expect(messageOf(stack)).toMatch(/no-public-access\[public\] {2}at production-all\/aws_s3_bucket\.Plain[\s\S]*storage-encrypted\[not-encrypted\] {2}at production-all\/aws_s3_bucket\.Plain/);
  });

  it('asks for a key of its own for a secret too', () => {
    const stack = goodStack();
    new SecretsmanagerSecret(stack, 'Plain', { name: 'plain' });
    expect(messageOf(stack)).toMatch(/storage-encrypted\[no-key\] {2}at production-all\/aws_secretsmanager_secret\.Plain/);
  });

  it('follows a key into the stack that it comes from', () => {
    const app = testApp();
    const environment = testEnvironment({ stage: 'production' });
    const foundation = new EnvironmentStack(app, 'foundation', { environment });
    const data = new EnvironmentStack(app, 'data', { environment });
    const encryptionKey = new EncryptionKey(foundation, 'Key');
    new HaCluster(data, 'Cluster', { network: new DatabaseNetwork(data, 'Network', { encryptionKey }), engine: Engine.auroraPostgresql('17'), encryptionKey });
    synthesize(app);
    const { verdicts } = judge(synthesizedStacks(app), standard, [], TODAY);
    expect(verdicts.find(({ stack, rule }) => stack === 'production-data' && rule === 'storage-encrypted')?.verdict).toEqual({ verdict: 'pass', checked: 1 });
    const alone = judge(synthesizedStacks(data).map((stack) => stack), standard, [], TODAY);
    expect(alone.verdicts.find(({ rule }) => rule === 'logs-kept')?.verdict.verdict).toBe('pass');
  });
});

describe('a waiver', () => {
  it('covers what it names, on its last day too', () => {
    expect(messageOf(broken(), [WAIVER])).toBe('synthesized');
    expect(messageOf(broken(), [{ ...WAIVER, finding: 'off', scope: 'production-all/aws_rds_cluster.Cluster_EB0386A7' }])).toBe('synthesized');
    expect(messageOf(broken(), [{ ...WAIVER, scope: 'production-all/aws_rds_cluster.*' }])).toBe('synthesized');
  });

  it('fails the synthesis the day after, and says whose reason it was', () => {
    expect(messageOf(broken(), [{ ...WAIVER, expires: '2026-11-20' }])).toContain('The waiver expired on 2026-11-20: The reporting tool of the vendor cannot take tokens.');
  });

  it.each([{ finding: 'on' }, { scope: 'staging-all' }, { scope: 'production-all/aws_rds_cluster.Other' }, { rule: 'tls-required' }])('covers nothing else: %j', (other) => {
    expect(messageOf(broken(), [{ ...WAIVER, ...other }])).toContain('iam-authentication[off]');
  });

  it('that nothing needs any more must go, because it would cover the next mistake', () => {
    expect(messageOf(goodStack(), [WAIVER])).toContain('waiver for iam-authentication at production-all is not needed any more\n    Remove it.');
  });

  it('is reported with what it covers', () => {
    expect(reportOn(broken(), [WAIVER]).reported).toEqual([expect.objectContaining({ stack: 'production-all', waiver: WAIVER, blocks: false })]);
  });

  it('needs a rule, a scope, a reason and a day', () => {
    expectRefusal(() => enforcePolicies(goodStack(), { waivers: [{ rule: 'iam', scope: '*', reason: 'later', expires: 'never' }] }), ['policies/unknown-rule', 'policies/no-reason', 'policies/no-expiry', 'policies/no-scope'], `policies/unknown-rule  at waivers.0

  There is no rule "iam" in the pack; it has backups-retained, deletion-protected, engine-supported, iam-authentication, logs-kept, master-password-managed, no-open-ingress, no-public-access, storage-encrypted, tags-complete, tls-required.

policies/no-reason  at waivers.0

  "later" is not a reason that somebody else understands in a year.

  Say why the rule may be broken here.

policies/no-expiry  at waivers.0

  "never" is not a day.

  For instance "2027-06-30".

policies/no-scope  at waivers.0

  The waiver names no stack.

  Give a stack, or stack/address.`);
  });
});

it('the README lists every rule with what it requires', () => {
  const table = ['| rule | requires |', '|---|---|', ...standard.map(({ id, requires }) => `| \`${id}\` | ${requires} |`)].join('\n');
  expect(readFileSync(join(__dirname, '../../policies/README.md'), 'utf8')).toContain(table);
});
