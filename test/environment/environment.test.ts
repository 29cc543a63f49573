import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Environment, profileOf } from '../../lib/environment';
import { expectRefusal } from '../support/synth';

const DATA = { stage: 'production', platform: 'shop', region: 'eu-central-1', account: '123456789012', owner: 'platform-team', costCentre: '4711', state: { backend: 's3', bucket: 'shop-state', kmsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/1' } };
const folder = mkdtempSync(join(tmpdir(), 'tenantry-environment-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('Environment', () => {
  it('reads a file, and fills in what follows from it', () => {
    writeFileSync(join(folder, 'production.json'), JSON.stringify(DATA));
    const environment = Environment.fromFile(join(folder, 'production.json'));
    expect({ ...environment }).toEqual({
      stage: 'production', name: 'production', platform: 'shop', region: 'eu-central-1', recoveryRegion: undefined, zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
      account: '123456789012', owner: 'platform-team', costCentre: '4711', state: DATA.state, profile: profileOf('production'),
      tags: { 'platform': 'shop', 'environment': 'production', 'stage': 'production', 'owner': 'platform-team', 'cost-centre': '4711', 'managed-by': 'tenantry' },
    });
  });

  it('gives itself values of the profile, and tags', () => {
    const environment = Environment.parse({ ...DATA, name: 'production-eu', profile: { readers: 2 }, tags: { team: 'a' }, zones: ['eu-central-1b', 'eu-central-1c'] });
    expect(environment.profile).toEqual({ ...profileOf('production'), readers: 2 });
    expect(environment.tags).toMatchObject({ team: 'a', environment: 'production-eu', stage: 'production' });
    expect(environment.zones).toEqual(['eu-central-1b', 'eu-central-1c']);
  });

  it.each([['eu-central-1', 'aws'], ['cn-north-1', 'aws-cn'], ['us-gov-west-1', 'aws-us-gov']])('%s is in the partition %s', (region, partition) => {
    const environment = Environment.parse({ ...DATA, region });
    expect(environment.partition).toBe(partition);
    expect(environment.arn('rds-db', 'dbuser:x/y')).toBe(`arn:${partition}:rds-db:${region}:123456789012:dbuser:x/y`);
  });

  it.each([['ca-central-1', 'abd'], ['ap-northeast-1', 'acd'], ['us-west-1', 'ac'], ['eu-west-1', 'abc']])('%s has the zones %s', (region, letters) => {
    expect(Environment.parse({ ...DATA, region }).zones).toEqual([...letters].map((letter) => region + letter));
  });

  it('says everything that is wrong at once', () => {
    expectRefusal(() => Environment.parse({ ...DATA, stage: 'prod', region: 'Frankfurt', account: 123, acount: '1', owner: undefined, profile: { readers: -1, reader: 1 } }, 'production.json'), [
      'environment/invalid-value', 'environment/invalid-value', 'environment/invalid-value', 'environment/missing', 'environment/invalid-value', 'environment/unknown-key', 'environment/unknown-key',
    ], `environment/invalid-value  at production.json: stage

  "prod" is not allowed: expected one of "development"|"staging"|"production".

environment/invalid-value  at production.json: region

  "Frankfurt" is not the name of a region, such as eu-central-1.

environment/invalid-value  at production.json: account

  123 is not allowed: expected string.

environment/missing  at production.json: owner

  Nothing is given here; expected string.

environment/invalid-value  at production.json: profile.readers

  -1 is not allowed: too small: expected number to be >=0.

environment/unknown-key  at production.json: profile.reader

  "reader" is not a property here.

  Did you mean "readers"?

environment/unknown-key  at production.json: acount

  "acount" is not a property here.

  Did you mean "account"?`);
  });

  it('refuses a recovery region that is the region', () => {
    expectRefusal(() => Environment.parse({ ...DATA, recoveryRegion: 'eu-central-1' }), 'environment/same-region', `environment/same-region  at environment: recoveryRegion

  The recovery region is the region itself, eu-central-1; what takes down one would take down both.

  Give another region, or leave it out.`);
  });

  it('refuses a local state in production, and takes it elsewhere', () => {
    expectRefusal(() => Environment.parse({ ...DATA, state: { backend: 'local' } }), 'environment/local-state', `environment/local-state  at environment: state.backend

  State in a local file is neither shared, nor locked, nor encrypted, so production cannot use it.

  "state": { "backend": "s3", "bucket": …, "kmsKeyArn": … }`);
    expect(Environment.parse({ ...DATA, stage: 'staging', state: { backend: 'local' } }).state).toEqual({ backend: 'local' });
  });

  it('refuses zones of another region, and twice the same', () => {
    expectRefusal(() => Environment.parse({ ...DATA, zones: ['eu-central-1a', 'eu-west-1a', 'eu-central-1a'] }), ['environment/zone', 'environment/zone-twice'], `environment/zone  at environment: zones.1

  "eu-west-1a" is not a zone of eu-central-1.

  Give zones such as "eu-central-1a"; the ones of your account: aws ec2 describe-availability-zones --region eu-central-1

environment/zone-twice  at environment: zones.2

  eu-central-1a is given twice.

  Remove one.`);
  });

  it('refuses less safety than production has, and lets the others choose', () => {
    expectRefusal(() => Environment.parse({ ...DATA, profile: { deletionProtection: false, backupRetentionDays: 7 } }), ['environment/weaker-than-stage', 'environment/weaker-than-stage'], `environment/weaker-than-stage  at environment: profile.deletionProtection

  deletionProtection is false, and production has at least true: databases, keys and stored manifests cannot be deleted by a plan.

  Remove it; for something that may be lost, use stage "staging" or "development".

environment/weaker-than-stage  at environment: profile.backupRetentionDays

  backupRetentionDays is 7, and production has at least 35: days that automated backups reach back.

  Remove it; for something that may be lost, use stage "staging" or "development".`);
    expect(Environment.parse({ ...DATA, stage: 'staging', profile: { deletionProtection: false } }).profile.deletionProtection).toBe(false);
  });

  it('refuses a capacity that ends below where it begins', () => {
    expectRefusal(() => Environment.parse({ ...DATA, profile: { minimumCapacity: 64 } }), 'environment/capacity', `environment/capacity  at environment: profile.minimumCapacity

  The smallest capacity, 64 ACU, is above the largest, 32 ACU.

  Give profile.maximumCapacity too.`);
  });

  it('refuses a tag that would hide a required one', () => {
    expectRefusal(() => Environment.parse({ ...DATA, tags: { owner: 'me' } }), 'tags/required', `tags/required  at environment: tags.owner

  The tags platform, environment, stage, owner, cost-centre and managed-by come from the environment; one of them cannot be given again.

  Change the environment, or choose another key.`);
  });

  it('refuses a file that is not JSON', () => {
    writeFileSync(join(folder, 'broken.json'), '{');
    expect(() => Environment.fromFile(join(folder, 'broken.json'))).toThrow(/^environment\/file {2}at broken\.json\n\n {2}The file cannot be read as JSON: /);
  });
});
