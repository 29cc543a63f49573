import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { ConnectionPool } from '../../lib/connection-pool';
import { defineSchema, parseDeclaration, type TenantInput } from '../../lib/declaration';
import { EncryptionKey } from '../../lib/encryption';
import type { EnvironmentStack } from '../../lib/environment';
import { Engine } from '../../lib/engine';
import { HaCluster, type IHaCluster } from '../../lib/ha-cluster';
import { FAST_FAILOVER, readManifests } from '../../lib/manifest';
import { DatabaseNetwork } from '../../lib/network';
import { TenantDatabase, type TenantDatabaseProps } from '../../lib/tenant-database';
import { expectRefusal, synthesizeStack, testStack } from '../support/synth';

const shop = defineSchema({
  name: 'shop',
  tables: { orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } },
  roles: {
    app: { login: 'iam', tables: { orders: 'write' } },
    batch: { login: 'password', tables: { orders: 'write' } },
    auditor: { login: 'password', scope: 'all', tables: { orders: 'read' } },
    nobody: { tables: { orders: 'read' } },
  },
  tenantContext: 'signed',
});
const TENANTS: Record<string, TenantInput> = { acme: { isolation: 'row' }, umbrella: { isolation: 'cluster', tier: 'enterprise' } };

/** A cluster that exists, with a key that is named after it. */
const imported = (scope: Construct, name: string, more: object = { masterSecretKeyArn: `arn:aws:kms:eu-central-1:123456789012:key/${name}` }): IHaCluster => HaCluster.fromHaClusterAttributes(scope, 'Cluster', {
  clusterIdentifier: name, clusterResourceId: `cluster-${name.toUpperCase()}`, endpointAddress: `${name}.example`, readerEndpointAddress: `${name}-ro.example`, engineVersion: '17', masterUsername: 'root', masterSecretArn: `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}`,
  securityGroupId: `sg-${name}`, ...more,
});
function database(props: Partial<TenantDatabaseProps> = {}): { made: TenantDatabase; stack: EnvironmentStack } {
  const stack = testStack();
  return { stack, made: new TenantDatabase(stack, 'Shop', { cluster: imported(stack, 'shared'), schema: shop, tenants: TENANTS, tenantCluster: imported, ...props }) };
}
const statementsOf = (policy: string): { Sid: string; Resource: string | string[] }[] => JSON.parse(policy).Statement;

describe('tenants with a cluster of their own', () => {
  const { made, stack } = database();
  const synthesized = synthesizeStack(stack);
  const policy = (name: string): string => synthesized.resources(IamPolicy).find((found) => found.arguments.name === name)?.arguments.policy;
  const secrets = new Map(synthesized.resources(SecretsmanagerSecret).map(({ address, arguments: { name, kms_key_id: key } }) => [name.replace('shop/staging/data/', '') as string, { arn: `\${${address}.arn}`, key: key as string }]));

  it('have a server of their own in the manifest, named after them', () => {
    const [read] = readManifests(synthesized.text, 'cdk.tf.json');
    expect(read?.manifest).toMatchObject({ home: 'main', tenants: { acme: { isolation: 'row' }, umbrella: { isolation: 'cluster', tier: 'enterprise' } } });
    expect(Object.entries(read?.manifest.servers ?? {}).map(([name, { host, resourceId, masterSecretArn, loginSecrets = {} }]) => [name, host, resourceId, masterSecretArn, Object.keys(loginSecrets)])).toEqual([
      ['main', 'shared.example', 'cluster-SHARED', 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shared', ['shop_context_key', 'shop_batch_login', 'shop_auditor_login']],
      ['umbrella', 'umbrella.example', 'cluster-UMBRELLA', 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:umbrella', ['shop_context_key', 'shop_batch_login', 'shop_batch__umbrella_login', 'shop_auditor_login']],
    ]);
    expect(read?.manifest.servers['umbrella']?.loginSecrets?.['shop_context_key']).toBe(secrets.get('shop/umbrella/shop_context_key')?.arn);
    expect(read?.manifest.servers['main']?.loginSecrets?.['shop_context_key']).toBe(secrets.get('shop/shop_context_key')?.arn);
  });

  it('are looked for as fast as the shared server, and without its pool', () => {
    const { made: { manifest: { servers } } } = database({ driver: { ...FAST_FAILOVER, connectTimeout: 3 }, pool: ConnectionPool.fromConnectionPoolAttributes(testStack(), 'Pool', { endpointAddress: 'pool.example', poolResourceId: 'prx-1' }) });
    expect(['main', 'umbrella'].map((name) => [servers[name]?.driver?.connectTimeout, servers[name]?.pool?.host])).toEqual([[3, 'pool.example'], [3, undefined]]);
  });

  it('have secrets and a context key of their own, encrypted with the key of their cluster', () => {
    const theirs = [...secrets].filter(([name]) => name.startsWith('shop/umbrella/'));
    expect(theirs.map(([name]) => name).sort()).toEqual(['shop/umbrella/shop_auditor_login', 'shop/umbrella/shop_batch__umbrella_login', 'shop/umbrella/shop_batch_login', 'shop/umbrella/shop_context_key']);
    expect(new Set(theirs.map(([, { key }]) => key))).toEqual(new Set(['arn:aws:kms:eu-central-1:123456789012:key/umbrella']));
    expect([...secrets].filter(([name]) => !name.startsWith('shop/umbrella/')).map(([, { key }]) => key)).not.toContain('arn:aws:kms:eu-central-1:123456789012:key/umbrella');
  });

  it('have policies that open their cluster alone, and those of the shared one open none of theirs', () => {
    const dbuser = 'arn:aws:rds-db:eu-central-1:123456789012:dbuser:cluster-';
    const context = secrets.get('shop/umbrella/shop_context_key')?.arn;
    expect(statementsOf(policy('shop-staging-data-shop-tenants-umbrella-app')).map(({ Sid, Resource }) => [Sid, Resource])).toEqual([
      ['LogIn', [`${dbuser}UMBRELLA/shop_app_login`, `${dbuser}UMBRELLA/shop_app__umbrella_login`]],
      ['ReadContextKey', context], ['DecryptContextKey', 'arn:aws:kms:eu-central-1:123456789012:key/umbrella'],
    ]);
    expect(statementsOf(policy('shop-staging-data-shop-tenants-umbrella-batch')).filter(({ Sid }) => Sid.startsWith('Read')).map(({ Resource }) => Resource)).toEqual([
      secrets.get('shop/umbrella/shop_batch__umbrella_login')?.arn, secrets.get('shop/umbrella/shop_batch_login')?.arn, context,
    ]);
    expect(statementsOf(policy('shop-staging-data-shop-tenants-umbrella-auditor')).map(({ Sid, Resource }) => [Sid, Resource])).toEqual([
      ['ReadPassword', secrets.get('shop/umbrella/shop_auditor_login')?.arn], ['DecryptPassword', 'arn:aws:kms:eu-central-1:123456789012:key/umbrella'],
    ]);
    const others = synthesized.resources(IamPolicy).filter((found) => !found.arguments.name.includes('umbrella')).map((found) => found.arguments.policy as string);
    expect(others).toHaveLength(3);
    for (const other of others) expect(other).not.toMatch(/umbrella/i);
    expect(made.loginPolicyArn('app', 'umbrella')).not.toBe(made.loginPolicyArn('app'));
    expectRefusal(() => made.loginPolicyArn('nobody', 'umbrella'), 'tenant-database/no-login',
      'tenant-database/no-login  at staging-data/Shop\n\n  There is no login shop_nobody__umbrella_login; the logins are shop_app_login, shop_batch_login and shop_auditor_login.\n\n'
      + "  Give the role login: 'iam' or 'password'. Only tenants with isolation 'database' or 'cluster' have logins of their own.");
  });

  it('have no login on the shared cluster, also where each tenant has one of its own everywhere', () => {
    const each = database({ schema: parseDeclaration({ ...shop, tenantContext: 'role' }) });
    const policies = synthesizeStack(each.stack).resources(IamPolicy).map(({ arguments: { name, policy: text } }) => [name.replace('shop-staging-data-shop-', ''), /dbuser:(\S+)"/.exec(text)?.[1]]);
    expect(policies).toEqual(expect.arrayContaining([['tenants-acme-app', 'cluster-SHARED/shop_app__acme_login'], ['tenants-umbrella-app', 'cluster-UMBRELLA/shop_app__umbrella_login']]));
    expect(each.made.logins.filter((login) => login.includes('umbrella'))).toEqual([]);
    expect(policies).toHaveLength(6);
  });

  it('cannot be reached from each other: a cluster that is closed to the network admits its own clients alone', () => {
    const stack = testStack();
    const network = new DatabaseNetwork(stack, 'Network');
    const engine = Engine.auroraPostgresql('17');
    new TenantDatabase(stack, 'Shop', {
      cluster: new HaCluster(stack, 'Cluster', { network, engine }), schema: shop, tenants: { hooli: { isolation: 'cluster' }, umbrella: { isolation: 'cluster' } },
      tenantCluster: (scope) => new HaCluster(scope, 'Cluster', { network, engine, encryptionKey: new EncryptionKey(scope, 'Key'), admitsNetwork: false }),
    });
    const synthesized = synthesizeStack(stack);
    const admitted = new Map(synthesized.resources(RdsCluster).map(({ address, arguments: { vpc_security_group_ids: groups } }) => [/Tenants_(\w+?)_/.exec(address)?.[1] ?? 'shared', synthesized.resources(VpcSecurityGroupIngressRule)
      .filter(({ arguments: { security_group_id: group } }) => groups.includes(group)).map(({ arguments: { referenced_security_group_id: from } }) => from as string)]));
    expect([...admitted.keys()].sort()).toEqual(['hooli', 'shared', 'umbrella']);
    for (const tenant of ['hooli', 'umbrella']) {
      expect(admitted.get(tenant)).toHaveLength(1);
      expect(admitted.get(tenant)?.[0]).toMatch(new RegExp(`Tenants_${tenant}_Cluster_`));
      expect(admitted.get('shared')).not.toContain(admitted.get(tenant)?.[0]);
    }
  });

  it('are warned about where they let in whom the network lets in', () => {
    const warningsOf = (admitsNetwork: boolean): unknown[] => {
      const stack = testStack();
      const network = new DatabaseNetwork(stack, 'Network');
      const engine = Engine.auroraPostgresql('17');
      const shared = new HaCluster(stack, 'Cluster', { network, engine });
      const made = new TenantDatabase(stack, 'Shop', {
        cluster: shared, schema: shop, tenants: { umbrella: { isolation: 'cluster' } },
        tenantCluster: (scope) => new HaCluster(scope, 'Cluster', { network, engine, encryptionKey: new EncryptionKey(scope, 'Key'), admitsNetwork }),
      });
      return made.node.metadata.filter(({ type }) => type === '@cdktf/warn').map(({ data }) => data);
    };
    expect(warningsOf(true)).toEqual(['The cluster of tenant "umbrella" lets in whoever the network lets in to all its databases: clients of other tenants may knock there, although no login of theirs exists. Give it admitsNetwork: false.']);
    expect(warningsOf(false)).toEqual([]);
  });

  it('are made once each, below an address that comes from the key, and move no others', () => {
    const calls: string[] = [];
    const own = (scope: Construct, tenant: string): IHaCluster => {
      calls.push(`${tenant} ${scope.node.path}`);
      new EncryptionKey(scope, 'Key');
      return imported(scope, tenant);
    };
    const addressesOf = (tenants: Record<string, TenantInput>): string[] => synthesizeStack(database({ tenants, tenantCluster: own }).stack).addresses();
    const before = addressesOf(TENANTS);
    const after = addressesOf({ aardvark: { isolation: 'cluster' }, zeta: { isolation: 'database' }, ...TENANTS });
    expect(calls).toEqual(['umbrella staging-data/Shop/Tenants/umbrella', 'aardvark staging-data/Shop/Tenants/aardvark', 'umbrella staging-data/Shop/Tenants/umbrella']);
    expect(after).toEqual(expect.arrayContaining(before));
    expect(before.filter((address) => /Tenants_umbrella_Key/.test(address)).length).toBeGreaterThan(0);
    expect(after.filter((address) => !before.includes(address)).every((address) => /_(aardvark|zeta)_/.test(address))).toBe(true);
  });

  it('change nothing where there are none', () => {
    const none = { acme: { isolation: 'row' }, initech: { isolation: 'database' } } as const;
    const [withFactory, without] = [database({ tenants: none }), database({ tenants: none, tenantCluster: undefined })];
    expect(Object.keys(withFactory.made.manifest.servers)).toEqual(['main']);
    expect(synthesizeStack(withFactory.stack).text).toBe(synthesizeStack(without.stack).text);
  });

  it('are refused where nothing says how their cluster is made, or would have the name of the shared one', () => {
    expectRefusal(() => database({ tenantCluster: undefined, tenants: { ...TENANTS, hooli: { isolation: 'cluster' }, main: { isolation: 'cluster' } } }), ['tenant-database/tenant-named-main', 'tenant-database/no-tenant-cluster'], `tenant-database/tenant-named-main  at staging-data/Shop

  The tenant "main" has a cluster of its own, whose server would have the name of the shared one's in the manifest.

  Give the tenant another key.

tenant-database/no-tenant-cluster  at staging-data/Shop

  "hooli", "main" and "umbrella" have isolation 'cluster', and nothing says how the cluster of a tenant is made.

  Say it: tenantCluster: (scope) => new HaCluster(scope, 'Cluster', { network, engine, encryptionKey: new EncryptionKey(scope, 'Key'), admitsNetwork: false })
  or give them another isolation: 'database' is the nearest.

  tenantry explain tenant-database/no-tenant-cluster`);
  });

  it('are refused where they would share a cluster or a key', () => {
    const two: Record<string, TenantInput> = { hooli: { isolation: 'cluster' }, umbrella: { isolation: 'cluster' } };
    const stack = testStack();
    const shared = imported(stack, 'shared');
    const one = (name: string) => (scope: Construct, tenant: string): IHaCluster => imported(scope, tenant === 'hooli' ? tenant : name);
    expectRefusal(() => new TenantDatabase(stack, 'Shop', { cluster: shared, schema: shop, tenants: TENANTS, tenantCluster: () => shared }), 'tenant-database/shared-cluster', `tenant-database/shared-cluster  at staging-data/Shop

  The cluster of tenant "umbrella" is the shared one. A tenant with isolation 'cluster' shares it with nobody.

  Make a new one in tenantCluster, below the scope that it is given: (scope) => new HaCluster(scope, 'Cluster', { … }).

  tenantry explain tenant-database/shared-cluster`);
    expectRefusal(() => database({ tenants: two, tenantCluster: one('hooli') }), 'tenant-database/shared-cluster', `tenant-database/shared-cluster  at staging-data/Shop

  The cluster of tenant "umbrella" is that of tenant "hooli". A tenant with isolation 'cluster' shares it with nobody.

  Make a new one in tenantCluster, below the scope that it is given: (scope) => new HaCluster(scope, 'Cluster', { … }).

  tenantry explain tenant-database/shared-cluster`);
    const [key, hooliKey] = ['shared', 'hooli'].map((name) => ({ masterSecretKeyArn: `arn:aws:kms:eu-central-1:123456789012:key/${name}` }));
    expectRefusal(() => database({ tenants: { ...two, wayne: { isolation: 'cluster' } }, tenantCluster: (scope, tenant) => imported(scope, tenant, tenant === 'umbrella' ? key : hooliKey) }), ['tenant-database/shared-key', 'tenant-database/shared-key'], `tenant-database/shared-key  at staging-data/Shop

  The cluster of tenant "umbrella" is encrypted with the same key as the shared cluster. Who may decrypt the one could decrypt the other, and neither key can be withdrawn alone.

  Give it a key of its own: new HaCluster(scope, 'Cluster', { …, encryptionKey: new EncryptionKey(scope, 'Key') }).

tenant-database/shared-key  at staging-data/Shop

  The cluster of tenant "wayne" is encrypted with the same key as the cluster of tenant "hooli". Who may decrypt the one could decrypt the other, and neither key can be withdrawn alone.

  Give it a key of its own: new HaCluster(scope, 'Cluster', { …, encryptionKey: new EncryptionKey(scope, 'Key') }).`);
  });

  it('says where it cannot judge the key of an imported cluster', () => {
    const warned = database({ tenantCluster: (scope, tenant) => imported(scope, tenant, {}) });
    expect(warned.made.node.metadata.filter(({ type }) => type === '@cdktf/warn').map(({ data }) => data)).toEqual([
      'Whether the cluster of tenant "umbrella" has a key of its own cannot be judged: it was imported without masterSecretKeyArn.',
    ]);
  });
});
