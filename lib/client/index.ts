export { type CredentialRequest, type Credentials, fromEnvironment, fromFile, fromIam, fromSecretsManager, fromUrls, trust } from '../bootstrap/connect/credentials';
export { connectTenants, type Tenants, type TenantsOptions, type TransactionOptions } from './tenants';
export type { TenantSession } from './transaction';
