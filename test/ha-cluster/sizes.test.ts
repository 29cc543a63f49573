import { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConnectionPool, PoolAuth } from '../../lib/connection-pool';
import { Size } from '../../lib/core/size';
import { type CapacityTarget, Engine, InstanceSize } from '../../lib/engine';
import { HaCluster, type HaClusterProps, Topology } from '../../lib/ha-cluster';
import { expectRefusal, importedNetwork, type Json, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';

describe('[DBAAS-2.3] CPU, memory, storage and operations a second', () => {
  let found: Json;

  beforeAll(() => {
    const stack = testStack({ stage: 'development' });
    const network = importedNetwork(stack);
    const make = (id: string, props: Pick<HaClusterProps, 'engine' | 'topology'>): HaCluster => new HaCluster(stack, id, { network, ...props });
    make('Aurora', { engine: Engine.auroraPostgresql('17'), topology: Topology.aurora({ readers: 2, instance: InstanceSize.atLeast({ vcpu: 4 }), furtherReaders: InstanceSize.of('db.t4g.large') }) });
    make('Cluster', { engine: Engine.mysql('8.4'), topology: Topology.multiAzCluster({ instance: InstanceSize.atLeast({ memory: Size.gibibytes(32), generation: 8 }), storage: { size: Size.tebibytes(1), type: 'io2', iops: 20_000 } }) });
    make('Instance', { engine: Engine.postgresql('17'), topology: Topology.multiAzInstance({ instance: InstanceSize.atLeast({ vcpu: 4, memory: Size.gibibytes(32) }), storage: { size: Size.gibibytes(500), maximum: Size.tebibytes(2), iops: 16_000, throughput: 1000 } }) });
    make('Small', { engine: Engine.postgresql('17'), topology: Topology.single({ instance: InstanceSize.atLeast({ memory: Size.gibibytes(4), burstable: true }), storage: { size: Size.gibibytes(20) } }) });
    const all = synthesizeStack(stack).all();
    found = (type: { tfResourceType: string }, id: string): Json[] => all.filter((one) => one.type === type.tfResourceType && one.address.split('.')[1]?.startsWith(id)).map((one) => one.arguments);
  });

  it('choose the class of Aurora', () => {
    expect(found(RdsClusterInstance, 'Aurora').map((one: Json) => one.instance_class)).toEqual(['db.r8g.xlarge', 'db.r8g.xlarge', 'db.t4g.large']);
    expect(found(RdsCluster, 'Aurora')[0]).not.toHaveProperty('allocated_storage');
  });

  it('choose class and storage of a Multi-AZ DB cluster', () => {
    expect(found(RdsCluster, 'Cluster')).toMatchObject([{ db_cluster_instance_class: 'db.r8gd.xlarge', allocated_storage: 1024, storage_type: 'io2', iops: 20_000 }]);
  });

  it('choose class and storage of instances', () => {
    expect(found(DbInstance, 'Instance')).toMatchObject([{ instance_class: 'db.r8g.xlarge', allocated_storage: 500, max_allocated_storage: 2048, storage_type: 'gp3', iops: 16_000, storage_throughput: 1000, multi_az: true }]);
    const [small] = found(DbInstance, 'Small');
    expect(small).toMatchObject({ instance_class: 'db.t4g.medium', allocated_storage: 20, storage_type: 'gp3' });
    expect(small).not.toHaveProperty('iops');
  });
});

describe('[DBS-4.3] a target of 10 TiB, 10,000 connections and 5,000 transactions a second', () => {
  const target: CapacityTarget = { storage: Size.tebibytes(10), connections: 10_000, writesPerSecond: 5000 };
  const aurora = { engine: Engine.auroraPostgresql('17'), topology: Topology.aurora({ readers: 1, instance: InstanceSize.of('db.r8g.4xlarge') }) };
  const make = (props: Pick<HaClusterProps, 'engine' | 'topology'>, pooled = false): SynthesizedStack => {
    const stack = testStack({ stage: 'development' });
    const network = importedNetwork(stack);
    const cluster = new HaCluster(stack, 'Cluster', { network, target, ...props });
    if (pooled) new ConnectionPool(stack, 'Pool', { cluster, network, auth: PoolAuth.iam() });
    return synthesizeStack(stack);
  };

  it('is synthesized where the topology holds it', () => {
    const stack = make({ engine: Engine.mysql('8.4'), topology: Topology.multiAzInstance({ instance: InstanceSize.of('db.r8g.4xlarge'), storage: { size: Size.tebibytes(10) } }) });
    expect(stack.resource(DbInstance)).toMatchObject({ instance_class: 'db.r8g.4xlarge', allocated_storage: 10_240 });
  });

  it('is refused with every figure that fails, where a pool would not help', () => {
    const topology = Topology.single({ instance: InstanceSize.of('db.m8g.large'), storage: { size: Size.gibibytes(100) } });
    expectRefusal(() => make({ engine: Engine.postgresql('17'), topology }), ['engine/target-storage', 'engine/target-writes'], `engine/target-storage  at development-data/Cluster

  target.storage is 10 TiB, but RDS PostgreSQL on db.m8g.large holds 100 GiB at most.

  Declare it:   storage: { size: Size.tebibytes(10) }
  or take Aurora, whose storage grows by itself to 128 TiB and more.

  Source: AWS, RDS user guide, Amazon RDS DB instance storage

engine/target-writes  at development-data/Cluster

  target.writesPerSecond is 5,000, but the storage of RDS PostgreSQL on db.m8g.large is provisioned for 3,000 operations a second, and a commit needs one at least.

  12,000 come with gp3 from 400 GiB on:   storage: { size: Size.gibibytes(400) }

  Source: AWS, RDS user guide, Amazon RDS DB instance storage`);
  });

  it('is refused at synthesis where only a pool would help, and is kept with one', () => {
    expect(() => make(aurora)).toThrow(`engine/target-connections  at development-data/Cluster

  target.connections is 10,000, but an instance of Aurora PostgreSQL on db.r8g.4xlarge has 4,997 for clients: max_connections is about 5,000 by default, and 3 are kept for administration.

  Share them between clients:   new ConnectionPool(this, 'Pool', { cluster, network, auth: PoolAuth.iam() })

  Source: AWS, Aurora user guide, Maximum connections to a DB instance · tenantry explain engine/target-connections`);
    expect(make(aurora, true).resources(RdsClusterInstance)).toHaveLength(2);
  });
});
