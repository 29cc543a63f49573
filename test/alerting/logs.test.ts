import { CloudwatchLogDataProtectionPolicy } from '@cdktf/provider-aws/lib/cloudwatch-log-data-protection-policy';
import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { describe, expect, it } from 'vitest';
import { databaseLogGroup, type DatabaseLogGroupOptions, logGroup } from '../../lib/construct/log-group';
import { EncryptionKey } from '../../lib/encryption';
import { STAGES } from '../../lib/environment';
import { expectRefusal, type Json, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';

const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/k';

function make(options: DatabaseLogGroupOptions = {}, environment: Parameters<typeof testStack>[0] = {}, of = databaseLogGroup): SynthesizedStack {
  const stack = testStack(environment);
  of(stack, 'postgresql', '/aws/rds/cluster/shop/postgresql', EncryptionKey.fromEncryptionKeyAttributes(stack, 'Key', { encryptionKeyArn: KEY }), options);
  return synthesizeStack(stack);
}
const statements = (stack: SynthesizedStack): Json[] => JSON.parse(stack.resource(CloudwatchLogDataProtectionPolicy).policy_document).Statement;

describe('the log group of a database', () => {
  it.each(STAGES)('in %s is encrypted, kept as long as the environment says, and masks personal data', (stage) => {
    const stack = make({}, { stage });
    expect(stack.resource(CloudwatchLogGroup)).toMatchObject({ name: '/aws/rds/cluster/shop/postgresql', kms_key_id: KEY, retention_in_days: { development: 30, staging: 90, production: 400 }[stage] });
    expect(stack.resource(CloudwatchLogDataProtectionPolicy).log_group_name).toBe(`\${${stack.resources(CloudwatchLogGroup)[0]?.address}.name}`);
  });

  it('looks for the same data in the statement that finds and in the one that masks, as CloudWatch Logs requires', () => {
    const [find, mask, ...more] = statements(make());
    const wanted = ['CreditCardNumber', 'EmailAddress', 'OpenSshPrivateKey', 'PgpPrivateKey', 'PkcsPrivateKey', 'PuttyPrivateKey'].map((name) => `arn:aws:dataprotection::aws:data-identifier/${name}`);
    expect(find).toEqual({ Sid: 'find', DataIdentifier: wanted, Operation: { Audit: { FindingsDestination: {} } } });
    expect(mask).toEqual({ Sid: 'mask', DataIdentifier: wanted, Operation: { Deidentify: { MaskConfig: {} } } });
    expect(more).toEqual([]);
    expect(JSON.parse(make().resource(CloudwatchLogDataProtectionPolicy).policy_document)).toMatchObject({ Name: 'tenantry', Version: '2021-06-01' });
  });

  it('leaves addresses of clients readable: an attack is traced by them', () => {
    expect(JSON.stringify(statements(make()))).not.toContain('IpAddress');
  });

  it('masks what a platform names beside it, once and in a fixed order', () => {
    const names = (mask: readonly string[]) => statements(make({ mask })).map(({ DataIdentifier }) => DataIdentifier.map((arn: string) => arn.split('/')[1]).join(' '));
    const all = 'CreditCardNumber EmailAddress OpenSshPrivateKey PassportNumber-DE PgpPrivateKey PhoneNumber-DE PkcsPrivateKey PuttyPrivateKey';
    expect(names(['PhoneNumber-DE', 'PassportNumber-DE', 'EmailAddress'])).toEqual([all, all]);
    expect(names(['PassportNumber-DE', 'PhoneNumber-DE'])).toEqual([all, all]);
  });

  it('refuses what cannot be the name of such data', () => {
    expectRefusal(() => make({ mask: ['phone', 'PhoneNumber-DE', 'arn:aws:dataprotection::aws:data-identifier/Name'] }), ['log-group/identifier', 'log-group/identifier'], ['"phone"', '"arn:aws:dataprotection::aws:data-identifier/Name"'].map((given) => `log-group/identifier  at staging-data/postgresql

  ${given} is no kind of data that CloudWatch Logs can mask: a name in English, and behind a hyphen two letters of a country where it has one.

  For instance 'PhoneNumber-DE'.

  Source: Amazon CloudWatch Logs User Guide, Types of data that you can protect`).join('\n\n'));
  });

  it('names the identifiers of its partition', () => {
    expect(statements(make({}, { region: 'cn-north-1', recoveryRegion: 'cn-northwest-1' }))[0].DataIdentifier[0]).toBe('arn:aws-cn:dataprotection::aws:data-identifier/CreditCardNumber');
  });

  it('is the only one that is masked: other logs hold no values of rows', () => {
    expect(make({}, {}, logGroup).resources(CloudwatchLogDataProtectionPolicy)).toEqual([]);
    expect(make({ retentionInDays: 7 }, {}, logGroup).resource(CloudwatchLogGroup).retention_in_days).toBe(7);
  });
});
