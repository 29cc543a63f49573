export { LoginPolicy, type LoginPolicyProps } from './login-policy';
export { ManifestBucket, type ManifestBucketProps } from './manifest-bucket';
export type { IManifestBucket, ManifestBucketAttributes } from './manifest-bucket-ref';
export { TenantDatabase, type TenantDatabaseProps } from './tenant-database';
