import { describe, expect, it } from 'vitest';
import { ConnectionPool, PoolAuth } from '../../lib/connection-pool';
import { defineSchema } from '../../lib/declaration';
import { Engine } from '../../lib/engine';
import { HaCluster, type HaClusterProps } from '../../lib/ha-cluster';
import { DatabaseNetwork, type IDatabaseNetwork } from '../../lib/network';
import { TenantDatabase } from '../../lib/tenant-database';
import { importedChannel } from '../alerting/fixture';
import { expectRefusal, importedNetwork, synthesizeStack, testStack } from '../support/synth';

const schema = defineSchema({ name: 'desk', tables: { notes: { tenancy: 'tenant', columns: { text: { type: 'text' } }, primaryKey: ['text'] } }, roles: { app: { login: 'iam', tables: { notes: 'write' } } } });

/** A cluster in one network, and its pool in another one. */
function place(stack: ReturnType<typeof testStack>, ofCluster: IDatabaseNetwork, ofPool: IDatabaseNetwork, props: Partial<HaClusterProps> = {}): { readonly cluster: HaCluster; readonly pool: ConnectionPool } {
  const cluster = new HaCluster(stack, 'Cluster', { network: ofCluster, engine: Engine.auroraPostgresql('17'), alerts: importedChannel(stack), ...props });
  return { cluster, pool: new ConnectionPool(stack, 'Pool', { cluster, network: ofPool, auth: PoolAuth.iam() }) };
}

describe('a pool', () => {
  it('has to lie in the VPC of its cluster', () => {
    const stack = testStack();
    const [near, far] = [new DatabaseNetwork(stack, 'Near'), new DatabaseNetwork(stack, 'Far')];
    expectRefusal(() => place(stack, near, far), 'connection-pool/other-network', `connection-pool/other-network  at staging-data/Pool

  The pool lies in the network staging-data/Far, and the cluster in staging-data/Near, which is another VPC: no connection leads from one to the other.

  Give the pool the network of the cluster.

  Source: AWS, Getting started with RDS Proxy (Setting up network prerequisites)`);
    const again = testStack();
    // The same VPC by another name, and one whose VPC only Terraform knows.
    expect(() => place(again, importedNetwork(again), importedNetwork(again, 'Again'))).not.toThrow();
    const unknown = testStack();
    expect(() => place(unknown, new DatabaseNetwork(unknown, 'Own'), importedNetwork(unknown))).not.toThrow();
  });

  it('is warned of a cluster that takes TLS 1.3 alone, which is the default', () => {
    const warnings = (props: Partial<HaClusterProps>): unknown[] => {
      const stack = testStack();
      const network = importedNetwork(stack);
      return place(stack, network, network, props).pool.node.metadata.filter(({ type }) => type === '@cdktf/warn').map(({ data }) => data);
    };
    expect(warnings({})).toEqual(["The databases take TLS 1.3 alone, and the guides of AWS name no version above 1.2 for RDS Proxy. Try the pool before programs depend on it, or give the cluster minimumTls: '1.2' and waive the policy tls-required for it."]);
    expect(warnings({ minimumTls: '1.2' })).toEqual([]);
  });

  it('of another cluster is refused by a tenant database: programs would meet a database without tenants', () => {
    const stack = testStack();
    const network = importedNetwork(stack);
    const { pool } = place(stack, network, network);
    const other = new HaCluster(stack, 'Other', { network, engine: Engine.auroraPostgresql('17'), alerts: pool.cluster.alerts! });
    expectRefusal(() => new TenantDatabase(stack, 'Desk', { cluster: other, schema, pool }), 'tenant-database/pool-of-another', `tenant-database/pool-of-another  at staging-data/Desk

  The pool staging-data/Pool leads to staging-data/Cluster, and the tenants are on staging-data/Other: programs would connect to a database that knows none of them.

  Give the pool of the cluster:   new ConnectionPool(this, …, { cluster, … })`);
    // One that exists may be named twice.
    const attributes = { clusterIdentifier: 'desk', clusterResourceId: 'cluster-ABC', endpointAddress: 'w.example', readerEndpointAddress: 'r.example', port: 5432, engineName: 'aurora-postgresql', engineVersion: '17', masterUsername: 'root', masterSecretArn: 'arn:s', masterSecretKeyArn: 'arn:k', securityGroupId: 'sg-1', clientSecurityGroupId: 'sg-2' };
    const twice = testStack();
    const [once, again] = ['Once', 'Again'].map((id) => HaCluster.fromHaClusterAttributes(twice, id, attributes));
    const ofOnce = new ConnectionPool(twice, 'Pool', { cluster: once!, network: importedNetwork(twice), auth: PoolAuth.iam(), alerts: importedChannel(twice) });
    expect(() => new TenantDatabase(twice, 'Desk', { cluster: again!, schema, pool: ofOnce })).not.toThrow();
    expect(() => synthesizeStack(twice)).not.toThrow();
  });
});
