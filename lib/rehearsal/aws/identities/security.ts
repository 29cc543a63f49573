import { by, byArn, type Computed, Counter, type Identities, type Identity, invented, named, part, when } from './identity';

/** Of a key of one region the id is a UUID, of a multi-Region key it begins with mrk-, and its replicas share it. */
const key = (attributes: Readonly<Record<string, Computed>>): Identity => invented('{uuid}', 'arn:{partition}:kms:{region}:{account}:key/{id}', { key_id: '{id}', policy: KEY_POLICY, ...attributes });
/** https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html: of a key that is made without a policy. */
const KEY_POLICY = '{"Id":"key-default-1","Statement":[{"Action":"kms:*","Effect":"Allow","Principal":{"AWS":"arn:{partition}:iam::{account}:root"},"Resource":"*","Sid":"Enable IAM User Permissions"}],"Version":"2012-10-17"}';
const ofSecret = part('{secret_arn}');
const ofBucket = part('{bucket}');
/** With an expected owner the id names it too. */
const ownedBucket: Identity = { id: '{bucket}', importAs: '{bucket},{expected_bucket_owner}' };

export const SECURITY: Identities = {
  aws_kms_key: { ...key({ multi_region: false, description: '', rotation_period_in_days: when('enable_key_rotation', 365, 0) }), id: '{keyId}' },
  aws_kms_replica_key: { ...key({ key_spec: 'SYMMETRIC_DEFAULT', key_usage: 'ENCRYPT_DECRYPT', key_rotation_enabled: false }), id: '{primaryKeyId}' },
  aws_kms_alias: { ...named('name', 'arn:{partition}:kms:{region}:{account}:{name}', { target_key_arn: '{targetKeyArn}' }), namePrefix: 'alias/' },

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html: prefixes of unique ids.
  aws_iam_role: named('name', 'arn:{partition}:iam::{account}:role{path}{name}', { unique_id: 'AROA{letters:17}' }),
  aws_iam_policy: byArn('arn:{partition}:iam::{account}:policy{path}{name}', { policy_id: 'ANPA{letters:17}', attachment_count: 0 }),
  aws_iam_role_policy: part('{role}:{name}'),
  aws_iam_role_policy_attachment: part('{role}/{policy_arn}'),
  aws_iam_openid_connect_provider: byArn('arn:{partition}:iam::{account}:oidc-provider/{urlHost}'),
  aws_ssoadmin_permission_set: invented('arn:{partition}:sso:::permissionSet/ssoins-{hex:16}/ps-{hex:16},{instance_arn}', 'arn:{partition}:sso:::permissionSet/ssoins-{hex:16}/ps-{hex:16}'),
  aws_ssoadmin_permission_set_inline_policy: part('{permission_set_arn},{instance_arn}'),
  aws_ssoadmin_account_assignment: part('{principal_id},{principal_type},{target_id},{target_type},{permission_set_arn},{instance_arn}'),

  // https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html: six characters behind the name.
  aws_secretsmanager_secret: invented('arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{letters:6}', '{id}', { policy: '' }),
  aws_secretsmanager_secret_policy: ofSecret,
  aws_secretsmanager_secret_rotation: part('{secret_id}'),
  aws_secretsmanager_secret_version: part('{secret_id}|{version_id}', { arn: '{secret_id}', version_id: '{uuid}', version_stages: ['AWSCURRENT'], has_secret_string_wo: when('secret_string_wo_version', true, false) }),

  // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
  aws_ssm_parameter: named('name', 'arn:{partition}:ssm:{region}:{account}:parameter{slashedName}', { version: new Counter('version', 'name'), tier: 'Standard', data_type: 'text', insecure_value: null, value: null, has_value_wo: when('value_wo_version', true, false), key_id: by('type', { SecureString: 'alias/aws/ssm' }, '') }),

  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html, DefaultEncryption: AES256 unless the bucket says otherwise.
  aws_s3_bucket: named('bucket', 'arn:{partition}:s3:::{bucket}', {
    bucket_domain_name: '{bucket}.s3.amazonaws.com', bucket_regional_domain_name: '{bucket}.s3.{region}.amazonaws.com', bucket_region: '{region}', hosted_zone_id: 'Z{letters:13}', website_domain: null, website_endpoint: null,
    object_lock_enabled: false, request_payer: 'BucketOwner', acceleration_status: '', policy: '', acl: null,
  }),
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
  aws_s3_bucket_lifecycle_configuration: { ...ownedBucket, attributes: { expected_bucket_owner: '', transition_default_minimum_object_size: 'all_storage_classes_128K' } },
  aws_s3_bucket_logging: ownedBucket,
  aws_s3_bucket_object_lock_configuration: ownedBucket,
  aws_s3_bucket_server_side_encryption_configuration: ownedBucket,
  aws_s3_bucket_versioning: ownedBucket,
  aws_s3_bucket_ownership_controls: ofBucket,
  aws_s3_bucket_policy: ofBucket,
  aws_s3_bucket_public_access_block: ofBucket,
  aws_s3_bucket_replication_configuration: ofBucket,
  aws_s3_object: part('{bucket}/{key}', {
    arn: 'arn:{partition}:s3:::{bucket}/{key}', etag: '{hex:32}', version_id: '{letters:32}', storage_class: 'STANDARD', content_type: 'application/octet-stream', acl: null, kms_key_id: null, bucket_key_enabled: false,
    server_side_encryption: when('kms_key_id', 'aws:kms', 'AES256'), checksum_crc32: '', checksum_crc32c: '', checksum_crc64nvme: '', checksum_sha1: '', checksum_sha256: '',
  }),

  aws_cloudtrail: { ...byArn('arn:{partition}:cloudtrail:{region}:{account}:trail/{name}', { home_region: '{region}', sns_topic_arn: '' }), importAs: '{name}' },
  aws_cloudtrail_event_data_store: invented('arn:{partition}:cloudtrail:{region}:{account}:eventdatastore/{uuid}', '{id}'),
  aws_guardduty_detector: invented('{hex:32}', 'arn:{partition}:guardduty:{region}:{account}:detector/{id}', { account_id: '{account}', finding_publishing_frequency: 'SIX_HOURS' }),
  aws_guardduty_detector_feature: part('{detector_id}/{name}'),
  aws_inspector2_enabler: invented('{account}-{hex:8}'),
  aws_securityhub_account: part('{account}', { arn: 'arn:{partition}:securityhub:{region}:{account}:hub/default' }),
  aws_config_config_rule: named('name', 'arn:{partition}:config:{region}:{account}:config-rule/{rule_id}', { rule_id: 'config-rule-{hex:6}' }),
};
