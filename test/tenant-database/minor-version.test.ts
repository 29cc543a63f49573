import { describe, expect, it } from 'vitest';
import { defineSchema } from '../../lib/declaration';
import { Engine } from '../../lib/engine';
import { HaCluster } from '../../lib/ha-cluster';
import { readManifests } from '../../lib/manifest';
import { TenantDatabase } from '../../lib/tenant-database';
import { importedNetwork, synthesizeStack, testStack } from '../support/synth';

const schema = defineSchema({ name: 'shop', tables: { items: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } }, roles: {} });

describe('the manifest', () => {
  it.each(['16', '16.10'])('carries what the registry knows of the minor versions of %s', (version) => {
    const stack = testStack();
    new TenantDatabase(stack, 'Shop', { cluster: new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), engine: Engine.auroraPostgresql(version) }), schema });
    const [read] = readManifests(synthesizeStack(stack).text, 'cdk.tf.json');
    expect(read?.manifest.servers.main?.lifecycle).toEqual({ latestMinor: '16.15', knownUntil: '2027-02-11', endOfSupport: '2029-02-28' });
  });

  it('says nothing of a version that is not registered', () => {
    const stack = testStack();
    const cluster = HaCluster.fromHaClusterAttributes(stack, 'Cluster', {
      clusterIdentifier: 'shop', clusterResourceId: 'cluster-ABC', endpointAddress: 'w.example', readerEndpointAddress: 'r.example', engineVersion: '14.22', masterUsername: 'root', masterSecretArn: 'arn:aws:secretsmanager:x',
    });
    expect(new TenantDatabase(stack, 'Shop', { cluster, schema }).manifest.servers.main).not.toHaveProperty('lifecycle');
  });
});
