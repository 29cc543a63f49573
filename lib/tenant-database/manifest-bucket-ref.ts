import type { IConstruct } from 'constructs';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';

/** Where copies of manifests lie. */
export interface IManifestBucket extends IConstruct {
  readonly bucketName: string;
  /** Encrypts the objects. */
  readonly encryptionKey: IEncryptionKey;
}

export interface ManifestBucketAttributes {
  readonly bucketName: string;
  readonly encryptionKey: IEncryptionKey;
}
