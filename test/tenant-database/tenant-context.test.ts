import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import { describe, expect, it } from 'vitest';
import { parseDeclaration, type TenantContext, type TenantInput } from '../../lib/declaration';
import { HaCluster } from '../../lib/ha-cluster';
import { TenantDatabase } from '../../lib/tenant-database';
import { synthesizeStack, testStack } from '../support/synth';

const TENANTS: Record<string, TenantInput> = { acme: { isolation: 'row' }, initech: { isolation: 'database' } };

function made(tenantContext: TenantContext) {
  const stack = testStack({});
  const cluster = HaCluster.fromHaClusterAttributes(stack, 'Cluster', {
    clusterIdentifier: 'shop-cluster', clusterResourceId: 'cluster-ABC', endpointAddress: 'w.example', readerEndpointAddress: 'r.example', engineVersion: '17', masterUsername: 'root', masterSecretArn: 'arn:aws:secretsmanager:x',
  });
  const schema = parseDeclaration({
    name: 'shop', tenantContext, tables: { orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } },
    roles: { app: { login: 'iam', tables: { orders: 'write' } }, batch: { login: 'password', tables: { orders: 'write' } }, auditor: { login: 'iam', scope: 'all', tables: { orders: 'read' } } },
  });
  const database = new TenantDatabase(stack, 'Shop', { cluster, schema, tenants: TENANTS });
  const synthesized = synthesizeStack(stack);
  return {
    database,
    secrets: synthesized.resources(SecretsmanagerSecret).map(({ arguments: { name } }) => (name as string).split('/').pop() ?? '').sort(),
    sids: Object.fromEntries<string[]>(synthesized.resources(IamPolicy).map(({ arguments: { description, policy } }) => [description as string, (JSON.parse(policy as string) as { Statement: { Sid: string }[] }).Statement.map(({ Sid }) => Sid)])),
  };
}

describe('the tenant context of a TenantDatabase', () => {
  it('signed: has one secret for the key, which the manifest names, and which programs of tenant-scoped roles may read', () => {
    const { database, secrets, sids } = made('signed');
    expect(secrets).toEqual(['shop_batch__initech_login', 'shop_batch_login', 'shop_context_key']);
    expect(Object.keys(database.manifest.servers['main']?.loginSecrets ?? {}).sort()).toEqual(secrets);
    expect(database.loginSecrets).toHaveLength(3);
    expect(sids['Log in as shop_app_login']).toEqual(['LogIn', 'ReadContextKey', 'DecryptContextKey']);
    expect(sids['Log in as shop_batch__initech_login']).toEqual(['ReadPassword', 'DecryptPassword', 'ReadContextKey', 'DecryptContextKey']);
    expect(sids['Log in as shop_auditor_login'], 'it enters no tenant').toEqual(['LogIn']);
    expect(database.logins).not.toContain('shop_context_key');
  });

  it('role: has a login of each tenant and role, in every isolation, and none that tenants share', () => {
    const { database, secrets } = made('role');
    expect([...database.logins].sort()).toEqual(['shop_app__acme_login', 'shop_app__initech_login', 'shop_auditor_login', 'shop_batch__acme_login', 'shop_batch__initech_login']);
    expect(secrets).toEqual(['shop_batch__acme_login', 'shop_batch__initech_login']);
    expect(database.loginPolicyArn('app', 'acme')).toBeDefined();
    expect(() => database.loginPolicyArn('app')).toThrow(/There is no login shop_app_login;[^]*name the tenant: each has logins of its own/);
  });

  it('plain: has what it always had', () => {
    const { database, secrets, sids } = made('plain');
    expect(secrets).toEqual(['shop_batch__initech_login', 'shop_batch_login']);
    expect(Object.values(sids).flat().filter((sid) => sid.includes('ContextKey'))).toEqual([]);
    expect([...database.logins].sort()).toEqual(['shop_app__initech_login', 'shop_app_login', 'shop_auditor_login', 'shop_batch__initech_login', 'shop_batch_login']);
  });
});
