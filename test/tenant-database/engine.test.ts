import { Lazy } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { defineSchema } from '../../lib/declaration';
import { Engine } from '../../lib/engine';
import { HaCluster, type IHaCluster, Topology } from '../../lib/ha-cluster';
import { TenantDatabase } from '../../lib/tenant-database';
import { expectRefusal, importedNetwork, testStack } from '../support/synth';

const schema = defineSchema({ name: 'shop', tables: { items: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } }, roles: {} });
const ATTRIBUTES = { clusterIdentifier: 'shop', clusterResourceId: 'cluster-ABC', endpointAddress: 'w.example', readerEndpointAddress: 'r.example', masterUsername: 'root', masterSecretArn: 'arn:aws:secretsmanager:x', port: 5432 };
const stack = testStack();
const imported = (id: string, engineName: string, engineVersion: string): IHaCluster => HaCluster.fromHaClusterAttributes(stack, id, { ...ATTRIBUTES, clusterIdentifier: id, engineName, engineVersion });
const message = (id: string, at: string, engine: string): string => `tenant-database/engine  at staging-data/${id}

  The cluster staging-data/${at} is ${engine}, and a tenant database needs PostgreSQL: its roles and its row-level security keep the tenants apart.
  MySQL is infrastructure only for now.

  Give it a cluster of Engine.auroraPostgresql('17') or Engine.postgresql('17').`;

describe('the engine of a tenant database', () => {
  it.each([['mysql', '8.4'], ['aurora-mysql', '8.0.mysql_aurora.3.10.4']])('is refused where it is %s', (engine, version) => {
    const cluster = imported(`imported-${engine}`, engine, version);
    expectRefusal(() => new TenantDatabase(stack, `Shop-${engine}`, { cluster, schema }), 'tenant-database/engine', message(`Shop-${engine}`, `imported-${engine}`, engine));
  });

  it('is refused where the cluster is made here', () => {
    const cluster = new HaCluster(stack, 'Made', { network: importedNetwork(stack), engine: Engine.auroraMysql('8.4'), topology: Topology.aurora({ readers: 1 }) });
    expectRefusal(() => new TenantDatabase(stack, 'Shop', { cluster, schema }), 'tenant-database/engine', message('Shop', 'Made', 'aurora-mysql'));
  });

  it('is PostgreSQL of RDS too, whose minor versions the manifest carries', () => {
    const database = new TenantDatabase(stack, 'Rds', { cluster: imported('rds', 'postgres', '17.10'), schema });
    expect(database.manifest.servers['main']).toMatchObject({ engine: 'postgres', lifecycle: { latestMinor: '17.11', knownUntil: '2026-11-12', endOfSupport: '2030-02-28' } });
  });

  it('is not judged where only Terraform knows it, or nobody registered it', () => {
    const token = Lazy.stringValue({ produce: () => 'mysql' });
    for (const [i, name] of [token, 'alloydb'].entries()) expect(() => new TenantDatabase(stack, `Unknown-${i}`, { cluster: imported(`unknown-${i}`, name, '17'), schema: { ...schema, name: `shop${i}` } })).not.toThrow();
  });
});
