import { expect, it } from 'vitest';
import { defineSchema, type TenantInput } from '../../lib/declaration';
import { HaCluster } from '../../lib/ha-cluster';
import { TenantDatabase } from '../../lib/tenant-database';
import { synthesizeStack, testStack } from '../support/synth';

const schema = defineSchema({
  name: 'shop',
  tables: {
    orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] },
    flags: { tenancy: 'shared', columns: { name: { type: 'text' } }, primaryKey: ['name'] },
  },
  roles: { app: { tables: { orders: 'write', flags: 'read' } }, ops: { scope: 'all', tables: { orders: 'read', flags: 'write' } } },
});

function warningsFor(tenants: Record<string, TenantInput>): unknown[] {
  const stack = testStack();
  const cluster = HaCluster.fromHaClusterAttributes(stack, 'Cluster', {
    clusterIdentifier: 'c', clusterResourceId: 'cluster-ABC', endpointAddress: 'w.example', readerEndpointAddress: 'r.example', engineVersion: '17', masterUsername: 'root', masterSecretArn: 'arn:aws:secretsmanager:x',
  });
  const database = new TenantDatabase(stack, 'Shop', { cluster, schema, tenants });
  synthesizeStack(stack);
  return database.node.metadata.map(({ type, data }) => [type, data]);
}

it('a database warns where a role works for tenants that cannot reach a shared table on which it has rights', () => {
  expect(warningsFor({ acme: { isolation: 'row' }, globex: { isolation: 'schema' } })).toEqual([
    ['@cdktf/warn', "Role app has rights on flags, a shared table, which lies in the home schema alone: globex, with a schema or a database of its own, cannot reach it. Make flags a reference table, or give the rights to a role of scope 'all'."],
  ]);
  expect(warningsFor({ acme: { isolation: 'row' } })).toEqual([]);
});

it('names five tenants, and says how many more there are', () => {
  const tenants = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`t-${i}`, { isolation: 'database' }])) as Record<string, TenantInput>;
  expect(String((warningsFor(tenants)[0] as string[])[1])).toContain('alone: t-0, t-1, t-2, t-3, t-4 and 2 more, with a schema or a database of their own, cannot reach it.');
});
