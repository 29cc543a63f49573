import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { policyDocument } from '../construct/policy-document';
import { EncryptionKey } from '../encryption/encryption-key';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { IManifestBucket, ManifestBucketAttributes } from './manifest-bucket-ref';

export interface ManifestBucketProps {
  /** @default - the key of the stack, made once */
  readonly encryptionKey?: IEncryptionKey;
}

const SHARED_ID = 'ManifestBucket';
const MAX_BUCKET_NAME = 63;

/** A private bucket that keeps every version of the manifests, encrypted with a customer-managed key and reached by TLS alone. */
export class ManifestBucket extends Construct implements IManifestBucket {
  /** A bucket that exists. */
  static fromManifestBucketAttributes(scope: Construct, id: string, attributes: ManifestBucketAttributes): IManifestBucket {
    return Object.assign(new Construct(scope, id), attributes);
  }

  /** The bucket of a stack, made once. */
  static forStack(scope: Construct): IManifestBucket {
    const stack = EnvironmentStack.of(scope);
    return (stack.node.tryFindChild(SHARED_ID) as IManifestBucket | undefined) ?? new ManifestBucket(stack, SHARED_ID);
  }

  readonly bucketName: string;
  readonly encryptionKey: IEncryptionKey;
  readonly resource: S3Bucket;
  /** What has to be there before the first object, so that none is ever without encryption, a version or protection. */
  readonly settings: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: ManifestBucketProps = {}) {
    super(scope, id);
    const { environment } = EnvironmentStack.of(this);
    this.encryptionKey = props.encryptionKey ?? EncryptionKey.forStack(this);
    this.resource = new S3Bucket(this, 'Resource', {
      // The account makes it unique: the names of buckets are shared by everybody.
      bucket: physicalName(this, { max: MAX_BUCKET_NAME, suffix: environment.account }),
      forceDestroy: !environment.profile.deletionProtection,
    });
    const bucket = this.resource.bucket;
    this.bucketName = bucket;
    const ownership = new S3BucketOwnershipControls(this, 'Ownership', { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } });
    const publicAccess = new S3BucketPublicAccessBlock(this, 'PublicAccess', { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true });
    const encryption = new S3BucketServerSideEncryptionConfigurationA(this, 'Encryption', {
      bucket,
      rule: [{ bucketKeyEnabled: true, applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: this.encryptionKey.encryptionKeyArn } }],
    });
    const versioning = new S3BucketVersioningA(this, 'Versioning', { bucket, versioningConfiguration: { status: 'Enabled' } });
    const policy = new S3BucketPolicy(this, 'Policy', {
      bucket,
      policy: policyDocument({
        Sid: 'TlsOnly', Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [this.resource.arn, `${this.resource.arn}/*`], Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }, {
        Sid: 'RecentTlsOnly', Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [this.resource.arn, `${this.resource.arn}/*`], Condition: { NumericLessThan: { 's3:TlsVersion': '1.2' } },
      }),
      // S3 refuses two changes of a bucket at a time.
      dependsOn: [publicAccess],
    });
    this.settings = [ownership, publicAccess, encryption, versioning, policy];
  }
}

/** What has to be there before an object is put into a bucket. */
export const settingsOf = (bucket: IManifestBucket): ITerraformDependable[] | undefined => ('settings' in bucket ? [...(bucket as ManifestBucket).settings] : undefined);
