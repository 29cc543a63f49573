import { createHash } from 'node:crypto';
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

export const REGION = 'eu-central-1';

export interface StoredManifest {
  readonly bucket: string;
  readonly key: string;
  readonly version: string;
  readonly sha256: string;
  /** Name of the parameter that holds the rest. */
  readonly parameter: string;
}

/** Puts a text where Terraform puts the manifest of a `TenantDatabase`: a version of an object, and a parameter that names it. */
export async function storeManifest(text: string, { bucket = 'shop-manifests', parameter = '/shop/staging/data/shop/manifest' } = {}): Promise<StoredManifest> {
  const s3 = new S3Client({ region: REGION });
  await s3.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: REGION } })).catch(() => undefined);
  await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  const key = `manifests${parameter}.json`;
  const { VersionId } = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
  const object = { bucket, key, version: VersionId as string, sha256: createHash('sha256').update(text).digest('hex') };
  await putParameter(parameter, JSON.stringify(object));
  return { ...object, parameter };
}

export async function putParameter(name: string, value: string, region = REGION): Promise<void> {
  await new SSMClient({ region }).send(new PutParameterCommand({ Name: name, Value: value, Type: 'String', Overwrite: true }));
}
