export { LoginPolicy, type LoginPolicyProps } from './login-policy';
export { LoginSecret, type LoginSecretProps } from './login-secret';
export { ManifestBucket, type ManifestBucketProps } from './manifest-bucket';
export type { IManifestBucket, ManifestBucketAttributes } from './manifest-bucket-ref';
export type { TenantClusterFactory } from './tenant-clusters';
export type { ITenantDatabase, ManifestPlace, StoredPassword, TenantCluster } from './tenant-database-ref';
export { TenantDatabase, type TenantDatabaseProps } from './tenant-database';
