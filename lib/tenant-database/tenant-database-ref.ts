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

/** The cluster that one tenant has for itself. */
export interface TenantCluster {
  readonly tenant: string;
  readonly cluster: IHaCluster;
}

/** A declaration with its tenants on a cluster: what a bootstrap of it has to reach. */
export interface ITenantDatabase extends IConstruct {
  readonly cluster: IHaCluster;
  /** Clusters that tenants have for themselves. */
  readonly tenantClusters: readonly TenantCluster[];
  readonly declarationName: string;
  readonly manifestPlace: ManifestPlace;
  /** Those of all clusters. */
  readonly loginSecrets: readonly StoredPassword[];
}
