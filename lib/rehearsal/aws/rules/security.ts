import { Unknown } from '../../protocol/values';
import { changes, type Check, elementsOf, isOn, type ObjectAt, protectedBy, type Rules, text, uniqueName, usedBy } from './rules';

/** Changes of an object's content make a new version: hasObjectContentChanges in internal/service/s3/object.go. */
const CONTENT = ['bucket_key_enabled', 'cache_control', 'checksum_algorithm', 'content_base64', 'content_disposition', 'content_encoding', 'content_language', 'content_type', 'content', 'etag', 'kms_key_id', 'metadata', 'server_side_encryption', 'source', 'source_hash', 'storage_class', 'website_redirect'];

const objectsIn = ({ store, region, object }: ObjectAt) => store.list('aws_s3_object', region).filter((one) => one['bucket'] === object['bucket']);
const notEmpty: Check = (at) =>
  isOn(at.object['force_destroy']) || objectsIn(at).length === 0 ? undefined : { summary: `deleting S3 Bucket (${text(at.object['bucket'])}): BucketNotEmpty: The bucket you tried to delete is not empty. You must delete all versions in the bucket.`, detail: 'Empty the bucket, or set force_destroy to true and apply that first.' };
/** Names of buckets are taken in all regions at once. */
const bucketTaken: Check = ({ store, object }) => {
  const twin = store.list('aws_s3_bucket').find((one) => one['bucket'] === object['bucket']);
  return twin === undefined || object['bucket'] instanceof Unknown ? undefined : { summary: `creating S3 Bucket (${text(object['bucket'])}): BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already own it.`, detail: `It lies in ${text(twin['bucket_region'])}.` };
};
const roleHas = (type: string, words: string): Check => usedBy(type, 'role', 'IAM Role', () => `DeleteConflict: ${words}`, 'name');

/** Plan rules: the folders iam, kms, s3, secretsmanager and ssm below internal/service of the provider; words: the errors of each action in AWS's API references. */
export const SECURITY: Readonly<Record<string, Rules>> = {
  aws_iam_role: {
    taken: (key) => `creating IAM Role (${key}): EntityAlreadyExists: Role with name ${key} already exists.`,
    delete: [(at) => (isOn(at.object['force_detach_policies']) ? undefined : roleHas('aws_iam_role_policy_attachment', 'Cannot delete entity, must detach all policies first.')(at) ?? roleHas('aws_iam_role_policy', 'Cannot delete entity, must delete policies first.')(at))],
  },
  aws_iam_policy: {
    taken: (_key, { name }) => `creating IAM Policy (${text(name)}): EntityAlreadyExists: A policy called ${text(name)} already exists. Duplicate names are not allowed.`,
    delete: [usedBy('aws_iam_role_policy_attachment', 'policy_arn', 'IAM Policy', () => 'DeleteConflict: Cannot delete a policy attached to entities.')],
  },
  aws_kms_alias: { taken: (key) => `creating KMS Alias (${key}): AlreadyExistsException: An alias with the name ${key} already exists` },
  aws_secretsmanager_secret: {
    create: [uniqueName(['name'], (name) => `creating Secrets Manager Secret (${name}): ResourceExistsException: The operation failed because the secret ${name} already exists.`)],
  },
  aws_secretsmanager_secret_rotation: {
    validate: ({ rotation_enabled, rotation_rules }) => (rotation_enabled === false && elementsOf(rotation_rules).length > 0 ? { summary: '"rotation_rules" cannot be set when "rotation_enabled" is false', detail: '', path: 'rotation_rules' } : undefined),
  },
  aws_ssm_parameter: {
    validate: ({ type, insecure_value }) => (type === 'SecureString' && typeof insecure_value === 'string' ? { summary: 'invalid value for "insecure_value": cannot be used with type "SecureString"', detail: '', path: 'insecure_value' } : undefined),
    plan: ({ prior, planned }) => (prior['tier'] === 'Advanced' && planned['tier'] === 'Standard' ? ['tier'] : []),
    recomputed: { version: ['value', 'insecure_value', 'value_wo_version', 'description'] },
    taken: (key) => `creating SSM Parameter (${key}): ParameterAlreadyExists: The parameter already exists. To overwrite this value, set the overwrite option in the request to true.`,
  },
  aws_s3_bucket: { create: [bucketTaken], delete: [notEmpty], removes: (at) => objectsIn(at).forEach((one) => at.store.remove(at.region, 'aws_s3_object', text(one['id']))) },
  aws_s3_bucket_versioning: {
    plan: ({ prior, planned }) => {
      const status = (value: typeof prior): string => text(elementsOf(value['versioning_configuration'])[0]?.['status']);
      return status(planned) === 'Disabled' && ['Enabled', 'Suspended'].includes(status(prior)) ? { summary: `versioning_configuration.status cannot be updated from '${status(prior)}' to 'Disabled'`, detail: 'Versioning of a bucket can be suspended, and never be taken back.', path: 'versioning_configuration' } : [];
    },
  },
  aws_s3_bucket_server_side_encryption_configuration: { plan: (change) => (changes(change, 'expected_bucket_owner') && text(change.prior['expected_bucket_owner']) !== '' ? ['expected_bucket_owner'] : []) },
  aws_s3_object: { recomputed: { version_id: CONTENT, etag: ['source_hash'] } },
  aws_cloudtrail_event_data_store: { delete: [protectedBy('termination_protection_enabled', 'CloudTrail Event Data Store', 'EventDataStoreTerminationProtectedException: The event data store cannot be deleted because termination protection is enabled for it.')] },
};
