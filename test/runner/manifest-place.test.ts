import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { fetchManifest, manifestText, readManifests } from '../../lib/manifest';
import { manifestOf, refusalOf } from '../bootstrap/support/platform';
import { shopInput } from '../bootstrap/support/shop';
import { tenantry } from '../cli/support';
import { motoMissing, startMoto } from '../support/moto';
import { putParameter, REGION, storeManifest, type StoredManifest } from './support/manifest-in-aws';

const { manifest } = manifestOf(shopInput);
const text = manifestText(manifest);

describe('a place of a manifest', () => {
  it.each([
    ['ssm:', 'place/parameter'],
    ['ssm:/shop//manifest', 'place/parameter'],
    ['ssm:arn:aws:s3:::bucket/key', 'place/parameter'],
    ['s3://bucket/key', 'place/object'],
    ['s3://bucket/key?versionId=1', 'place/object'],
    [`s3://bucket/?versionId=1&sha256=${'a'.repeat(64)}`, 'place/object'],
    ['s3://bucket/key?versionId=1&sha256=short', 'place/object'],
    [`s3://bucket/%zz?versionId=1&sha256=${'a'.repeat(64)}`, 'place/object'],
  ])('%s is refused before AWS is asked', async (place, code) => {
    expect(await refusalOf(fetchManifest(place))).toMatchObject({ kind: 'input', codes: [code] });
  });

  it('has to be named by an option or by the environment', async () => {
    expect(await tenantry(['bootstrap', 'plan'])).toEqual({ code: 64, out: '', err: `cli/no-manifest  at --manifest

  It is not said which manifest is meant.

  Give --manifest FILE, with the file that cdktf deploy --outputs-file wrote, or --manifest ssm:PARAMETER; TENANTRY_MANIFEST in the environment says the same.
` });
  });
});

describe.skipIf(motoMissing !== undefined)(`a manifest in AWS${motoMissing === undefined ? '' : ` (skipped: ${motoMissing})`}`, () => {
  let stored: StoredManifest;
  const s3 = (): S3Client => new S3Client({ region: REGION });

  beforeAll(async () => {
    await startMoto();
    process.env.AWS_REGION = REGION;
    stored = await storeManifest(text);
  });

  it('is read by the parameter that names it, its ARN, or version and digest', async () => {
    const { bucket, key, version, sha256, parameter } = stored;
    const places = [`ssm:${parameter}`, `ssm://${parameter}`, `ssm:arn:aws:ssm:${REGION}:123456789012:parameter${parameter}`, `s3://${bucket}/${key}?versionId=${version}&sha256=${sha256}`];
    for (const place of places) expect(await fetchManifest(place), place).toBe(text);
    expect(readManifests(await fetchManifest(places[0] as string), 'x')).toEqual([{ manifest, digest: sha256 }]);
  });

  it('is looked for in the region of the ARN, else in that of the environment', async () => {
    const { parameter: _, ...object } = stored;
    await putParameter('/elsewhere', JSON.stringify(object), 'eu-west-1');
    expect(await fetchManifest('ssm:arn:aws:ssm:eu-west-1:123456789012:parameter/elsewhere')).toBe(text);
    expect((await refusalOf(fetchManifest('ssm:/elsewhere'))).message).toMatch(/^place\/unreadable {2}at ssm:\/elsewhere\n\n {2}The parameter cannot be read: ParameterNotFound: .*\n\n {2}Check name, account and region \(AWS_REGION\), and whether the stack was deployed\.$/);
  });

  it('is the version that is named, whatever came after', async () => {
    await s3().send(new PutObjectCommand({ Bucket: stored.bucket, Key: stored.key, Body: 'something else' }));
    expect(await fetchManifest(`ssm:${stored.parameter}`)).toBe(text);
  });

  it('is refused when its bytes are others, also by a blank', async () => {
    const { VersionId } = await s3().send(new PutObjectCommand({ Bucket: stored.bucket, Key: stored.key, Body: `${text} ` }));
    await putParameter('/tampered', JSON.stringify({ bucket: stored.bucket, key: stored.key, version: VersionId, sha256: stored.sha256 }));
    const { kind, codes, message } = await refusalOf(fetchManifest('ssm:/tampered'));
    expect({ kind, codes }).toEqual({ kind: 'refused', codes: ['place/digest'] });
    expect(message).toMatch(new RegExp(`^place/digest {2}at s3://shop-manifests/.*\n\n {2}The SHA-256 of the manifest is [0-9a-f]{64}, and ${stored.sha256} was expected: these are not the bytes that Terraform wrote\\.\n\n {2}Find out who changed the object or the parameter, then deploy the stack again\\.$`));
    expect((await tenantry(['bootstrap', 'plan', '--manifest', 'ssm:/tampered'])).code).toBe(3);
  });

  it.each([
    ['that is something else', 'a text', 'input', 'place/parameter'],
    ['that names no version', JSON.stringify({ bucket: 'shop-manifests', key: 'k', sha256: 'a'.repeat(64) }), 'input', 'place/parameter'],
    ['of an object that is gone', JSON.stringify({ bucket: 'shop-manifests', key: 'gone', version: 'x', sha256: 'a'.repeat(64) }), 'failed', 'place/unreadable'],
    ['of a bucket that is gone', JSON.stringify({ bucket: 'no-such-bucket', key: 'gone', version: 'x', sha256: 'a'.repeat(64) }), 'failed', 'place/unreadable'],
  ])('is not read through a parameter %s', async (_title, value, kind, code) => {
    await putParameter('/other', value);
    expect(await refusalOf(fetchManifest('ssm:/other'))).toMatchObject({ kind, codes: [code] });
  });

  it('is what the command line reads', async () => {
    const { code, err } = await tenantry(['bootstrap', 'plan', '--manifest', `ssm:${stored.parameter}`, '--database', 'nothing']);
    expect({ code, err }).toEqual({ code: 64, err: expect.stringMatching(/^manifest\/unknown-database {2}at ssm:\/shop/) });
  });
});
