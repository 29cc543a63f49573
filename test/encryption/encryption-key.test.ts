import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { KmsReplicaKey } from '@cdktf/provider-aws/lib/kms-replica-key';
import { Lazy } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { EncryptionKey, type EncryptionKeyProps } from '../../lib/encryption';
import { expectRefusal, type Json, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';

function made(props: EncryptionKeyProps = {}, environment: Parameters<typeof testStack>[0] = {}): SynthesizedStack {
  const stack = testStack(environment);
  new EncryptionKey(stack, 'Key', props);
  return synthesizeStack(stack);
}
const statements = (resource: Json): Json[] => JSON.parse(resource.policy).Statement;

describe('[DBAAS-10.1] [DBAAS-10.3] EncryptionKey', () => {
  const stack = made();
  const key = stack.resource(KmsKey);

  it('is customer-managed and symmetric (AES-256), and rotates every year', () => {
    expect(key).toMatchObject({ enable_key_rotation: true, rotation_period_in_days: 365, deletion_window_in_days: 30, multi_region: true, lifecycle: { prevent_destroy: true } });
    expect(key).not.toHaveProperty('customer_master_key_spec');
    expect(key).not.toHaveProperty('key_usage');
  });

  it('lets the account administer it, but not use it', () => {
    const [administer] = statements(key);
    expect(administer.Principal).toEqual({ AWS: 'arn:aws:iam::123456789012:root' });
    expect(administer.Action).not.toEqual(expect.arrayContaining([expect.stringMatching(/^kms:(\*|Decrypt|Encrypt|GenerateDataKey.*|ReEncrypt.*|CreateGrant)$/)]));
    expect(administer.Action).toContain('kms:PutKeyPolicy');
  });

  it('is used only through the services that its policy names, by callers of the account', () => {
    const [, use, grant, logs] = statements(key);
    const via = ['rds', 'secretsmanager', 's3', 'sqs', 'sns'].map((service) => `${service}.eu-central-1.amazonaws.com`);
    expect(use).toMatchObject({ Sid: 'UsedThroughServices', Condition: { StringEquals: { 'kms:CallerAccount': '123456789012', 'kms:ViaService': via } } });
    expect(grant).toMatchObject({ Action: ['kms:CreateGrant'], Condition: { StringEquals: { 'kms:CallerAccount': '123456789012', 'kms:ViaService': via }, Bool: { 'kms:GrantIsForAWSResource': 'true' } } });
    expect(logs).toMatchObject({ Principal: { Service: 'logs.eu-central-1.amazonaws.com' }, Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:eu-central-1:123456789012:log-group:*' } } });
    expect(statements(key).map(({ Sid }) => Sid)).toEqual(['AdministeredByTheAccount', 'UsedThroughServices', 'GrantedToServices', 'UsedByLogGroups', 'UsedByPublishers', 'UsedByRules', 'UsedForUndelivered', 'UsedByStateMachines', 'DeliveredToLogs']);
  });

  it('is used by what tells of databases, for topics and queues of the account, and by its state machines', () => {
    const [publishers, rules, undelivered, machines, logs] = statements(key).slice(4);
    const use = ['kms:Decrypt', 'kms:GenerateDataKey*'];
    expect(publishers).toMatchObject({ Principal: { Service: ['cloudwatch.amazonaws.com', 'events.rds.amazonaws.com'] }, Action: use, Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } } });
    // EventBridge does not say for whom it encrypts: a condition on the account would keep every message back.
    expect(rules).toMatchObject({ Principal: { Service: 'events.amazonaws.com' }, Action: use, Condition: { ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': 'arn:aws:sns:eu-central-1:123456789012:*' } } });
    expect(undelivered).toMatchObject({ Principal: { Service: ['events.amazonaws.com', 'sns.amazonaws.com'] }, Action: use, Condition: { ArnLike: { 'kms:EncryptionContext:aws:sqs:arn': 'arn:aws:sqs:eu-central-1:123456789012:*' } } });
    expect(machines).toMatchObject({ Principal: { AWS: '*' }, Action: use, Condition: { StringEquals: { 'kms:CallerAccount': '123456789012' }, ArnLike: { 'kms:EncryptionContext:aws:states:stateMachineArn': 'arn:aws:states:eu-central-1:123456789012:stateMachine:*' } } });
    expect(logs).toMatchObject({ Principal: { Service: 'delivery.logs.amazonaws.com' }, Action: 'kms:Decrypt*', Condition: { StringEquals: { 'kms:EncryptionContext:SourceArn': 'arn:aws:logs:eu-central-1:123456789012:*' } } });
  });

  it('has a replica in the recovery region, whose policy names the services there', () => {
    const replica = stack.resource(KmsReplicaKey);
    expect(replica).toMatchObject({ provider: 'aws.recovery', deletion_window_in_days: 30, primary_key_arn: `\${${stack.resources(KmsKey)[0]?.address}.arn}` });
    expect(replica.policy).toBe(key.policy.replaceAll('eu-central-1', 'eu-west-1'));
    expect(stack.resources(KmsAlias).map(({ arguments: { name, provider } }) => [name, provider])).toEqual([['alias/shop-staging-data-key', undefined], ['alias/shop-staging-data-key', 'aws.recovery']]);
  });

  it('is of one Region, without a replica, where the environment has no recovery region', () => {
    const single = made({}, { recoveryRegion: undefined });
    expect(single.resource(KmsKey).multi_region).toBe(false);
    expect(single.resources(KmsReplicaKey)).toEqual([]);
    expect(single.resources(KmsAlias)).toHaveLength(1);
  });

  it('names fewer services when told so', () => {
    const only = made({ services: ['logs'], rotationDays: 90, description: 'Logs' }).resource(KmsKey);
    expect(statements(only).map(({ Sid }) => Sid)).toEqual(['AdministeredByTheAccount', 'UsedByLogGroups']);
    expect(only).toMatchObject({ rotation_period_in_days: 90, description: 'Logs' });
    expect(statements(made({ services: ['s3'] }).resource(KmsKey)).map(({ Sid }) => Sid)).toEqual(['AdministeredByTheAccount', 'UsedThroughServices', 'GrantedToServices']);
  });

  it('can be thrown away in development', () => {
    const throwaway = made({}, { stage: 'development' }).resource(KmsKey);
    expect(throwaway.deletion_window_in_days).toBe(7);
    expect(throwaway).not.toHaveProperty('lifecycle');
  });

  it('is made once for a stack', () => {
    const own = testStack();
    expect(EncryptionKey.forStack(own)).toBe(EncryptionKey.forStack(new EncryptionKey(own, 'Other')));
    expect(synthesizeStack(own).resources(KmsKey)).toHaveLength(2);
  });

  it('takes a rotation that only Terraform knows', () => {
    expect(made({ rotationDays: Lazy.numberValue({ produce: () => 100 }) }).resource(KmsKey).rotation_period_in_days).toBe(100);
  });

  it.each([89, 2561, 100.5])('refuses a rotation of %d days', (rotationDays) => {
    expectRefusal(() => new EncryptionKey(testStack(), 'Key', { rotationDays }), 'encryption-key/rotation', `encryption-key/rotation  at staging-data/Key

  rotationDays is ${rotationDays}; KMS rotates every 90 to 2560 days.

  Give a whole number in this range, or leave it out for 365.`);
  });

  it('refuses a key that nobody could use', () => {
    expectRefusal(() => new EncryptionKey(testStack(), 'Key', { services: [] }), 'encryption-key/no-service', `encryption-key/no-service  at staging-data/Key

  services is empty, so that nobody could use the key.

  Name at least one of rds, secretsmanager, s3, backup, ssm, sqs, sns, logs or states.`);
  });

  it('has no recovery key without a recovery region, and says so', () => {
    const own = new EncryptionKey(testStack({ recoveryRegion: undefined }), 'Key');
    expectRefusal(() => own.recoveryKeyArn, 'encryption-key/no-recovery-region', `encryption-key/no-recovery-region  at staging-data/Key

  The environment staging has no recovery region, so the key has no replica.

  Give the environment a recoveryRegion before data is encrypted: a key cannot become multi-Region later.`);
  });
});

describe('[DBAAS-10.3] an imported key', () => {
  const ARN = 'arn:aws:kms:eu-central-1:123456789012:key/k';

  it('gives what it was given, and makes nothing', () => {
    const stack = testStack();
    const key = EncryptionKey.fromEncryptionKeyAttributes(stack, 'Key', { encryptionKeyArn: ARN, recoveryKeyArn: ARN.replace('central', 'west') });
    expect([key.encryptionKeyArn, key.recoveryKeyArn]).toEqual([ARN, ARN.replace('central', 'west')]);
    expect(synthesizeStack(stack).addresses()).toEqual([]);
  });

  it('names the attribute that is missing', () => {
    const key = EncryptionKey.fromEncryptionKeyAttributes(testStack(), 'Key', { encryptionKeyArn: ARN });
    expectRefusal(() => key.recoveryKeyArn, 'encryption-key/missing-attribute', `encryption-key/missing-attribute  at staging-data/Key

  recoveryKeyArn of this imported EncryptionKey is needed, and it was not given.

  Give it: EncryptionKey.fromEncryptionKeyAttributes(…, { recoveryKeyArn: … })`);
  });

  it('refuses an alias, and takes what only Terraform knows', () => {
    expectRefusal(() => EncryptionKey.fromEncryptionKeyAttributes(testStack(), 'Key', { encryptionKeyArn: 'alias/mine' }), 'encryption-key/arn', `encryption-key/arn  at staging-data/Key

  encryptionKeyArn is "alias/mine", which is not the ARN of a key.

  Give arn:aws:kms:<region>:<account>:key/<id>; databases do not take an alias.`);
    const token = Lazy.stringValue({ produce: () => 'x' });
    expect(EncryptionKey.fromEncryptionKeyAttributes(testStack(), 'Key', { encryptionKeyArn: token }).encryptionKeyArn).toBe(token);
  });
});
