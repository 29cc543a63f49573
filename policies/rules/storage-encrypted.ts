import { judgeKey } from '../customer-key';
import { each, finding, type Judgement, type Rule, unknown } from '../rule';
import type { StackResource, SynthesizedStack } from '../stack';

export const storageEncrypted: Rule = {
  id: 'storage-encrypted',
  requires: 'Databases, buckets, objects and secrets are encrypted with a customer-managed key.',
  why: 'Who holds the key decides who can read backups, snapshots and copies; a key of AWS cannot be taken away.',
  check: (stack) => [
    ...each(stack, ['aws_rds_cluster', 'aws_db_instance'], (resource) => judgeDatabase(stack, resource)),
    ...each(stack, ['aws_s3_bucket'], (resource) => judgeBucket(stack, resource)),
    ...each(stack, ['aws_s3_object', 'aws_secretsmanager_secret'], (resource) => judgeKey(stack, resource, 'kms_key_id')),
  ],
};

function judgeDatabase(stack: SynthesizedStack, resource: StackResource): Judgement {
  const encrypted = stack.known<boolean>(resource.arguments.storage_encrypted);
  if (encrypted.is === 'unknown') return unknown(resource, `storage_encrypted is ${encrypted.expression}.`);
  if (encrypted.is === 'absent' || encrypted.value !== true) return finding(resource, 'not-encrypted', 'storage_encrypted is not true.', 'Set it before the database is made: it cannot be changed.');
  return judgeKey(stack, resource, 'kms_key_id');
}

function judgeBucket(stack: SynthesizedStack, bucket: StackResource): Judgement {
  const setting = stack.resources('aws_s3_bucket_server_side_encryption_configuration').find(({ arguments: { bucket: name } }) => stack.refersTo(name, bucket));
  const rules = setting?.arguments.rule;
  const [first] = (Array.isArray(rules) ? rules : [rules]) as readonly ({ apply_server_side_encryption_by_default?: unknown } | undefined)[];
  const by = first?.apply_server_side_encryption_by_default;
  const standard = (Array.isArray(by) ? by[0] : by) as { sse_algorithm?: string; kms_master_key_id?: string } | undefined;
  if (standard?.sse_algorithm?.startsWith('aws:kms') !== true) return finding(bucket, 'not-encrypted', 'The bucket has no encryption with KMS by default.', 'Add aws_s3_bucket_server_side_encryption_configuration with sse_algorithm "aws:kms".');
  return judgeKey(stack, bucket, 'kms_master_key_id', standard.kms_master_key_id);
}
