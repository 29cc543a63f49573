import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { TenantryError } from '../core/errors';
import { optional } from '../core/optional';

/** One version of an S3 object, and the SHA-256 of its bytes: what a `TenantDatabase` writes into its parameter. */
const objectSchema = z.object({
  bucket: z.string().min(1),
  key: z.string().min(1),
  version: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
type ManifestObject = z.output<typeof objectSchema>;

/** Nothing waits for ever where a network has no way to the service. */
export const BOUNDED = { requestHandler: { connectionTimeout: 10_000, requestTimeout: 30_000 } } as const;

/** Whether a text is a place in AWS, and not the name of a file. */
export const isPlaceInAws = (text: string): boolean => /^(ssm:|s3:\/\/)/.test(text);

/**
 * Reads the manifest from where a `TenantDatabase` puts its copy, and checks its digest. Needs the packages `@aws-sdk/client-s3` and, for a parameter, `@aws-sdk/client-ssm`.
 *
 * @param place - `ssm:<name or ARN of the parameter>`, or `s3://<bucket>/<key>?versionId=<version>&sha256=<digest>`
 * @throws TenantryError `input` for another place, `failed` when it cannot be read, `refused` when the bytes are not those that the digest names
 */
export async function fetchManifest(place: string): Promise<string> {
  if (place.startsWith('ssm:')) {
    const { value, region } = await readParameter(place);
    return readObject(parsedParameter(value, place), region);
  }
  return readObject(objectIn(place));
}

/** The text of a parameter, and its region. */
export async function readParameter(place: string): Promise<{ readonly value: string; readonly region: string }> {
  const name = place.replace(/^ssm:(\/\/(?=\/))?/, '');
  const [, arnRegion] = /^arn:[^:]+:ssm:([^:]+):\d{12}:parameter\/./.exec(name) ?? [];
  if (arnRegion === undefined && !/^\/?[\w.-]+(\/[\w.-]+)*$/.test(name)) {
    throw new TenantryError('input', { code: 'place/parameter', at: place, problem: 'This is not a parameter of Systems Manager.', fix: 'Give ssm:/<platform>/<environment>/<layer>/<declaration>/manifest, or ssm: and the ARN of the parameter.' });
  }
  const sdk = await optional<typeof import('@aws-sdk/client-ssm')>('@aws-sdk/client-ssm');
  const client = new sdk.SSMClient({ ...BOUNDED, ...(arnRegion === undefined ? {} : { region: arnRegion }) });
  try {
    const { Parameter } = await client.send(new sdk.GetParameterCommand({ Name: name }));
    return { value: Parameter?.Value ?? '', region: await client.config.region() };
  } catch (error) {
    throw cannotRead(place, 'The parameter', error as Error, 'ssm:GetParameter on the parameter');
  } finally {
    client.destroy();
  }
}

function parsedParameter(value: string, place: string): ManifestObject {
  const parsed = objectSchema.safeParse(jsonOf(value));
  if (parsed.success) return parsed.data;
  throw new TenantryError('input', {
    code: 'place/parameter', at: place, problem: 'The parameter does not say where a manifest lies: bucket, key, version and sha256 are expected.',
    fix: 'Give the parameter of a TenantDatabase: ssm:/<platform>/<environment>/<layer>/<declaration>/manifest.',
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function objectIn(place: string): ManifestObject {
  const url = URL.canParse(place) ? new URL(place) : undefined;
  const parsed = objectSchema.safeParse({
    bucket: url?.hostname, key: decoded(url?.pathname.slice(1) ?? ''), version: url?.searchParams.get('versionId') ?? undefined, sha256: url?.searchParams.get('sha256') ?? undefined,
  });
  if (parsed.success) return parsed.data;
  throw new TenantryError('input', {
    code: 'place/object', at: place, problem: 'A version and a digest are needed besides bucket and key: without them it could be any manifest.',
    fix: 'Give s3://<bucket>/<key>?versionId=<version>&sha256=<digest>, or the parameter that holds them: ssm:<name>.',
  });
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

async function readObject({ bucket, key, version, sha256 }: ManifestObject, region?: string): Promise<string> {
  const at = `s3://${bucket}/${key}?versionId=${version}`;
  const sdk = await optional<typeof import('@aws-sdk/client-s3')>('@aws-sdk/client-s3');
  const client: S3Client = new sdk.S3Client({ ...BOUNDED, ...(region === undefined ? {} : { region }) });
  try {
    const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key, VersionId: version }));
    const bytes = await Body?.transformToByteArray() ?? new Uint8Array();
    checkDigest(bytes, sha256, at);
    return Buffer.from(bytes).toString('utf8');
  } catch (error) {
    if (TenantryError.is(error)) throw error;
    throw cannotRead(at, 'The manifest', error as Error, 's3:GetObjectVersion on this version and kms:Decrypt on its key');
  } finally {
    client.destroy();
  }
}

function checkDigest(bytes: Uint8Array, expected: string, at: string): void {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === expected) return;
  throw new TenantryError('refused', {
    code: 'place/digest', at, problem: `The SHA-256 of the manifest is ${found}, and ${expected} was expected: these are not the bytes that Terraform wrote.`,
    fix: 'Find out who changed the object or the parameter, then deploy the stack again.',
  });
}

function cannotRead(at: string, what: string, error: Error, needs: string): TenantryError {
  const denied = /AccessDenied|Forbidden/.test(error.name);
  const gone = /ParameterNotFound|NoSuchKey|NoSuchVersion|NoSuchBucket|NotFound/.test(error.name);
  return new TenantryError('failed', {
    code: 'place/unreadable', at, problem: `${what} cannot be read: ${error.name}: ${error.message}`,
    fix: denied ? `The program needs ${needs}.` : gone ? 'Check name, account and region (AWS_REGION), and whether the stack was deployed.' : 'Check the network path to the service, the region (AWS_REGION) and the credentials of AWS.',
  }, { cause: error });
}
