import { DbProxy } from '@cdktf/provider-aws/lib/db-proxy';
import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { AnnotationMetadataEntryType } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { ConnectionPool, PoolAuth } from '../../lib/connection-pool';
import { defineSchema } from '../../lib/declaration';
import type { EnvironmentStack } from '../../lib/environment';
import { HaCluster } from '../../lib/ha-cluster';
import { FAST_FAILOVER } from '../../lib/manifest';
import { TenantDatabase, type TenantDatabaseProps } from '../../lib/tenant-database';
import { expectRefusal, importedNetwork, synthesizeStack, testStack } from '../support/synth';

const schemaOf = (login: 'iam' | 'password', context: 'plain' | 'signed' = 'plain') => defineSchema({
  name: 'desk', tenantContext: context, tables: { notes: { tenancy: 'tenant', columns: { text: { type: 'text' } }, primaryKey: ['text'] } }, roles: { app: { login, tables: { notes: 'write' } } },
});
const clusterIn = (stack: EnvironmentStack) => HaCluster.fromHaClusterAttributes(stack, 'Cluster', {
  clusterIdentifier: 'desk', clusterResourceId: 'cluster-ABC', endpointAddress: 'w.example', readerEndpointAddress: 'r.example', engineVersion: '17', masterUsername: 'root', masterSecretArn: 'arn:s', masterSecretKeyArn: 'arn:k', securityGroupId: 'sg-1', clientSecurityGroupId: 'sg-2',
});
const imported = (stack: EnvironmentStack, method: 'iam' | 'secrets') => ConnectionPool.fromConnectionPoolAttributes(stack, 'Pool', { endpointAddress: 'pool.example', readerEndpointAddress: 'readers.example', poolResourceId: 'prx-1', method });
function database(stack: EnvironmentStack, more: Partial<TenantDatabaseProps>): TenantDatabase {
  return new TenantDatabase(stack, 'Desk', { cluster: clusterIn(stack), schema: schemaOf('iam'), ...more });
}

describe('TenantDatabase behind a pool', () => {
  it('tells programs the address of the pool and how to notice a failover, and the bootstrap that of the cluster', () => {
    const stack = testStack();
    const { servers: { main } } = database(stack, { pool: imported(stack, 'iam'), driver: FAST_FAILOVER }).manifest;
    expect(main).toMatchObject({ host: 'w.example', readerHost: 'r.example', port: 5432, pool: { host: 'pool.example', port: 5432, readerHost: 'readers.example' }, driver: FAST_FAILOVER });
    expect(database(testStack(), {}).manifest.servers['main']).not.toHaveProperty('pool');
  });

  it('allows logins to connect to the pool, which has a name of its own, and warns of what the pool does not do for them', () => {
    const stack = testStack();
    const made = database(stack, { pool: imported(stack, 'iam') });
    expect(made.node.metadata.filter(({ type }) => type === AnnotationMetadataEntryType.WARN.toString()).map(({ data }) => data)).toEqual([expect.stringMatching(/^Behind RDS Proxy each connection of the tenants' client keeps a database connection to itself/)]);
    const [statement] = JSON.parse(synthesizeStack(stack).resource(IamPolicy).policy).Statement;
    expect(statement.Resource).toEqual(['cluster-ABC', 'prx-1'].map((place) => `arn:aws:rds-db:eu-central-1:123456789012:dbuser:${place}/desk_app_login`));
  });

  it('gives a pool of passwords those of its logins, and not the key that contexts are signed with', () => {
    const stack = testStack();
    const pool = new ConnectionPool(stack, 'Pool', { cluster: clusterIn(stack), network: importedNetwork(stack), auth: PoolAuth.secrets() });
    new TenantDatabase(stack, 'Desk', { cluster: pool.node.scope?.node.findChild('Cluster') as never, schema: schemaOf('password', 'signed'), pool });
    const { auth } = synthesizeStack(stack).resource(DbProxy);
    expect(auth).toEqual([expect.objectContaining({ secret_arn: expect.stringContaining('desk_app_login') })]);
  });

  it.each([
    ['password', 'iam', 'tenant-database/password-behind-pool', `desk_app_login has a password, and the pool lets logins in by IAM tokens alone.

  Give the role login: 'iam', or the pool auth: PoolAuth.secrets().`],
    ['iam', 'secrets', 'tenant-database/token-behind-pool', `desk_app_login has no password, and the pool lets in who has one alone.

  Give the role login: 'password', or the pool auth: PoolAuth.iam().`],
  ] as const)('refuses logins by %s where the pool lets in by %s', (login, method, code, message) => {
    const stack = testStack();
    expectRefusal(() => database(stack, { schema: schemaOf(login), pool: imported(stack, method) }), code, `${code}  at staging-data/Desk\n\n  ${message}`);
  });

  it('leaves roles that see all tenants to their programs: they may connect to the cluster itself', () => {
    const stack = testStack();
    const schema = defineSchema({
      name: 'desk', tables: { notes: { tenancy: 'tenant', columns: { text: { type: 'text' } }, primaryKey: ['text'] } },
      roles: { app: { login: 'iam', tables: { notes: 'write' } }, auditor: { scope: 'all', login: 'password', tables: { notes: 'read' } } },
    });
    expect(() => database(stack, { schema, pool: imported(stack, 'iam') })).not.toThrow();
  });

  it('refuses settings by which a failover is noticed too late', () => {
    expectRefusal(() => database(testStack(), { driver: { ...FAST_FAILOVER, tcpUserTimeout: 30 } }), 'driver/slow-detection', `driver/slow-detection  at staging-data/Desk: driver

  A lost server is noticed after 30 seconds, and 10 are allowed: connectTimeout 2, keepalive 2 + 2 × 3 = 8, tcpUserTimeout 30.

  Lower the greatest of the three, or leave driver out for 8 seconds.`);
  });
});
