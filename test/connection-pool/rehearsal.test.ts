import type { App } from 'cdktf';
import { expect, it } from 'vitest';
import { ConnectionPool, PoolAuth } from '../../lib/connection-pool';
import { defineSchema } from '../../lib/declaration';
import { HaCluster } from '../../lib/ha-cluster';
import { rehearse } from '../../lib/rehearsal';
import { TenantDatabase } from '../../lib/tenant-database';
import { importedNetwork, testStack } from '../support/synth';
import { describeTerraform } from '../support/terraform';

const schemaOf = (name: string, login: 'iam' | 'password') => defineSchema({
  name, tables: { notes: { tenancy: 'tenant', columns: { text: { type: 'text' } }, primaryKey: ['text'] } }, roles: { app: { login, tables: { notes: 'write' } } },
});

describeTerraform('pools, rehearsed', () => {
  it('close by tokens and by passwords, come to rest and are destroyed', { timeout: 120_000 }, async () => {
    const stack = testStack({ stage: 'staging', state: { backend: 'local' } });
    const network = importedNetwork(stack);
    const cluster = HaCluster.fromHaClusterAttributes(stack, 'Cluster', {
      clusterIdentifier: 'desk', clusterResourceId: 'cluster-ABC', endpointAddress: 'w.example', readerEndpointAddress: 'r.example', engineVersion: '17', masterUsername: 'root',
      masterSecretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:root', masterSecretKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/1', securityGroupId: 'sg-1', clientSecurityGroupId: 'sg-2',
    });
    const byToken = new ConnectionPool(stack, 'Tokens', { cluster, network, auth: PoolAuth.iam(), readOnlyEndpoint: true });
    new TenantDatabase(stack, 'Desk', { cluster, schema: schemaOf('desk', 'iam'), pool: byToken });
    const byPassword = new ConnectionPool(stack, 'Passwords', { cluster, network, auth: PoolAuth.secrets() });
    new TenantDatabase(stack, 'Shop', { cluster, schema: schemaOf('shop', 'password'), pool: byPassword });
    const app = stack.node.root as App;
    app.synth();
    const { stacks: [only], schemaOnly, warnings } = await rehearse({ from: process.cwd(), dir: app.outdir });
    expect({ steps: only?.steps.map(({ step }) => step), differs: only?.differs, schemaOnly }).toEqual({ steps: ['validate', 'plan', 'apply', 'second plan', 'destroy'], differs: [], schemaOnly: [] });
    expect(warnings.map(({ at, problem }) => `${at}: ${problem.slice(0, 38)}`)).toEqual([
      'staging-data/AlertChannel: Nobody is told of what is critical: no', 'staging-data/AlertChannel: Nobody is told of what is warning: no ',
      'staging-data/Desk: Behind RDS Proxy each connection of th', 'staging-data/Shop: Behind RDS Proxy each connection of th',
    ]);
    expect(only?.changes.map(({ address }) => address.split('.')[0]).filter((type) => type?.startsWith('aws_db_proxy')).sort()).toEqual([
      'aws_db_proxy', 'aws_db_proxy', 'aws_db_proxy_default_target_group', 'aws_db_proxy_default_target_group', 'aws_db_proxy_endpoint', 'aws_db_proxy_target', 'aws_db_proxy_target',
    ]);
  });
});
