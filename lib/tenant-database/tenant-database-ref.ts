import type { IConstruct } from 'constructs';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';
import type { IManifestBucket } from './manifest-bucket-ref';

/** Where the copy of a manifest lies. */
export interface ManifestPlace {
  /** Parameter that names bucket, key, version and digest. */
  readonly parameterName: string;
  readonly parameterArn: string;
  readonly bucket: IManifestBucket;
  readonly key: string;
  readonly version: string;
}

/** A secret that the bootstrap writes the password of a login into. */
export interface StoredPassword {
  readonly secretArn: string;
  readonly encryptionKey: IEncryptionKey;
}

/** A declaration with its tenants on a cluster: what a bootstrap of it has to reach. */
export interface ITenantDatabase extends IConstruct {
  readonly cluster: IHaCluster;
  readonly declarationName: string;
  readonly manifestPlace: ManifestPlace;
  readonly loginSecrets: readonly StoredPassword[];
}
