import { describe, expect, it } from 'vitest';
import { MaintenanceWindow } from '../../lib/alerting';
import { Duration } from '../../lib/core/duration';
import { Size } from '../../lib/core/size';
import { Engine, InstanceSize, type RdsStorage } from '../../lib/engine';
import { HaCluster, type HaClusterProps, ScaleOn, Topology } from '../../lib/ha-cluster';
import { DatabaseNetwork } from '../../lib/network';
import { refused } from '../support/refused';
import { importedNetwork, testStack } from '../support/synth';

const RDS = Engine.postgresql('17');
const R8G = InstanceSize.of('db.r8g.large');
const R6GD = InstanceSize.of('db.r6gd.large');
const storage = { size: Size.gibibytes(100) };

type Case = readonly [title: string, props: Partial<HaClusterProps>, message: string, stage?: 'development'];

const CASES: readonly Case[] = [
  ['Aurora as a Multi-AZ DB cluster', { topology: Topology.multiAzCluster({ instance: R6GD, storage }) }, `ha-cluster/topology-engine  at production-data/Cluster

  Aurora PostgreSQL cannot be a Multi-AZ DB cluster: engines of Aurora take Topology.aurora alone.

  topology: Topology.aurora({ readers: 1 })

  tenantry explain ha-cluster/topology-engine`],
  ['RDS as Aurora', { engine: RDS, topology: Topology.aurora({ readers: 1 }) }, `ha-cluster/topology-engine  at production-data/Cluster

  RDS PostgreSQL cannot be Aurora: only engines of Aurora can; RDS takes Topology.multiAzCluster, Topology.multiAzInstance and, in development, Topology.single.

  topology: Topology.multiAzCluster({ instance: InstanceSize.of('db.r8gd.large'), storage: { size: Size.gibibytes(100) } })

  tenantry explain ha-cluster/topology-engine`],
  ['RDS without a topology', { engine: RDS }, `ha-cluster/topology-needed  at production-data/Cluster

  RDS PostgreSQL needs a topology: only its size and storage say what it holds, and nobody can guess them.

  topology: Topology.multiAzCluster({ instance: InstanceSize.of('db.r8gd.large'), storage: { size: Size.gibibytes(100) } })`],
  ['one instance outside development', { engine: RDS, topology: Topology.single({ instance: R8G, storage }), objectives: { failoverWithin: Duration.hours(4) } }, `ha-cluster/single-instance  at production-data/Cluster

  A single instance falls with its zone: it is for development alone, and this is production.

  Add a standby:   topology: Topology.multiAzInstance({ instance: InstanceSize.of('db.r8g.large'), storage: { size: Size.gibibytes(100) } })

  tenantry explain ha-cluster/single-instance

ha-cluster/failover-not-kept  at production-data/Cluster

  objectives.failoverWithin is 4 hours, but a single instance has nothing to fail over to:
  it is restored from a backup, which takes as long as the database is large.

  Add a standby:   topology: Topology.multiAzInstance({ instance: InstanceSize.of('db.r8g.large'), storage: { size: Size.gibibytes(100) } })

  Source: AWS, RestoreDBInstanceToPointInTime · tenantry explain ha-cluster/failover-not-kept`],
  ['a failover that a Multi-AZ DB instance does not keep', { engine: RDS, topology: Topology.multiAzInstance({ instance: R8G, storage }) }, `ha-cluster/failover-not-kept  at production-data/Cluster

  The environment needs a failover within 60 seconds, but failing over to the standby of a Multi-AZ DB instance
  typically takes 60 to 120 seconds.

  Add two standbys that can be read:   topology: Topology.multiAzCluster({ instance: InstanceSize.of('db.r8gd.large'), storage: { size: Size.gibibytes(100) } })
  or accept it here:                   objectives: { failoverWithin: Duration.seconds(120) }

  Source: AWS, Failing over a Multi-AZ DB instance · tenantry explain ha-cluster/failover-not-kept`],
  ['a failover that no topology of RDS keeps', { engine: RDS, topology: Topology.multiAzCluster({ instance: R6GD, storage }), objectives: { failoverWithin: Duration.seconds(20) } }, `ha-cluster/failover-not-kept  at production-data/Cluster

  objectives.failoverWithin is 20 seconds, but promoting a standby of a Multi-AZ DB cluster
  typically takes less than 35 seconds, and nothing shorter is described.

  Accept it here:   objectives: { failoverWithin: Duration.seconds(35) }

  Source: AWS, FailoverDBCluster · tenantry explain ha-cluster/failover-not-kept`],
  ['a zone that takes data with it', { engine: RDS, topology: Topology.single({ instance: R8G, storage }), objectives: { zoneLossRpo: Duration.seconds(0) } }, `ha-cluster/zone-loss-not-kept  at development-data/Cluster

  objectives.zoneLossRpo is 0 seconds, but the data of a single instance lies in one zone:
  without it, it can be restored to within the last 5 minutes.

  Add a standby:       topology: Topology.multiAzInstance({ instance: InstanceSize.of('db.r8g.large'), storage: { size: Size.gibibytes(100) } })
  or accept it here:   objectives: { zoneLossRpo: Duration.minutes(5) }

  Source: AWS, Restoring a DB instance to a specified time · tenantry explain ha-cluster/zone-loss-not-kept`, 'development'],
  ['a size that cannot change so fast', { topology: Topology.aurora({ readers: 1, instance: R8G }), objectives: { scalingInterruption: Duration.seconds(10) } }, `ha-cluster/scaling-not-kept  at production-data/Cluster

  objectives.scalingInterruption is 10 seconds, but even behind a proxy the writer changes place once,
  which takes less than 30 seconds "often", in the words of AWS, and nothing shorter is described.

  Make it serverless:   topology: Topology.aurora({ readers: 1, serverless: { minimum: 1, maximum: 32 } })
  or accept it here:    objectives: { scalingInterruption: Duration.seconds(30) }

  Source: AWS, Aurora fault tolerance; AWS, Using Amazon RDS Proxy · tenantry explain ha-cluster/scaling-not-kept`],
  ['a size that cannot change while it runs', { engine: RDS, topology: Topology.single({ instance: R8G, storage }), objectives: { scalingInterruption: Duration.seconds(30) } }, `ha-cluster/scaling-not-kept  at development-data/Cluster

  objectives.scalingInterruption is 30 seconds, but its only instance restarts to get another size,
  and no time is described for that.

  Take another engine:   engine: Engine.auroraPostgresql('17'), topology: Topology.aurora({ readers: 1, serverless: { minimum: 1, maximum: 32 } })

  Source: AWS, Modifying a DB instance · tenantry explain ha-cluster/scaling-not-kept`, 'development'],
  ['more readers than Aurora takes', { topology: Topology.aurora({ readers: 16 }) }, `ha-cluster/readers  at production-data/Cluster

  readers is 16; Aurora takes 0 to 15.

  Give a number in between.

  Source: AWS, Aurora replication`],
  ['a part of a reader', { topology: Topology.aurora({ readers: 1.5 }) }, `ha-cluster/readers  at production-data/Cluster

  readers is 1.5; Aurora takes 0 to 15.

  Give a number in between.

  Source: AWS, Aurora replication`],
  ['the promotion of nobody', { topology: Topology.aurora({ readers: 1, promotionOrder: ['c'] }) }, `ha-cluster/no-instance  at production-data/Cluster

  promotionOrder names "c"; the instances are a and b.

  Name them by the letter of their zone, with a number from the second one there.`],
  ['a promotion twice', { topology: Topology.aurora({ readers: 1, promotionOrder: ['b', 'b'] }) }, `ha-cluster/promotion-order  at production-data/Cluster

  promotionOrder names b twice.

  Name each instance once.`],
  ['the promotion of a reader of another size', { topology: Topology.aurora({ readers: 2, instance: R8G, furtherReaders: InstanceSize.of('db.r8g.2xlarge'), promotionOrder: ['c'] }) }, `ha-cluster/promotion-size  at production-data/Cluster

  promotionOrder puts c among the first two, which take the writer's place, but furtherReaders gives it another size.

  Begin with a and b, or leave furtherReaders out.

  Source: AWS, Aurora fault tolerance · tenantry explain ha-cluster/promotion-size`],
  ['another size of readers that are not there', { topology: Topology.aurora({ readers: 1, instance: R8G, furtherReaders: InstanceSize.of('db.r8g.2xlarge') }) }, `ha-cluster/further-readers  at production-data/Cluster

  furtherReaders gives a size, but there is one reader: the first one has the writer's size, because it takes its place.

  Leave it out, or give readers: 2 or more.`],
  ['an endpoint over nobody', { topology: Topology.aurora({ readers: 1, endpoints: { reports: { members: [] }, Reports: { members: ['d'] } } }) }, `ha-cluster/endpoint-empty  at production-data/Cluster

  endpoints.reports names no instance.

  The address of all readers is readerEndpointAddress.

ha-cluster/endpoint-name  at production-data/Cluster

  "Reports" cannot be the name of an endpoint: lower-case letters, digits and single hyphens are allowed, at most 20, with a letter in front.

  The name becomes part of its address; choose one that stays.

ha-cluster/no-instance  at production-data/Cluster

  endpoints.Reports names "d"; the instances are a and b.

  Name them by the letter of their zone, with a number from the second one there.`],
  ['more endpoints than Aurora takes', { topology: Topology.aurora({ readers: 1, endpoints: { a: { members: ['b'] }, b: { members: ['b'] }, c: { members: ['b'] }, d: { members: ['b'] }, e: { members: ['b'] }, f: { members: ['b'] } } }) }, `ha-cluster/endpoints  at production-data/Cluster

  There are 6 endpoints; Aurora takes 5 besides its own.

  Leave some out.

  Source: AWS, Quotas and constraints for Amazon Aurora`],
  ['a range upside down', { topology: Topology.aurora({ readers: 1, serverless: { minimum: 8, maximum: 4 } }) }, `engine/capacity  at production-data/Cluster

  minimum, 8 ACU, is above maximum, 4 ACU.

  Source: AWS, Aurora user guide, Aurora serverless capacity`],
  ['a pause that logical replication prevents', { topology: Topology.aurora({ readers: 1, serverless: { minimum: 0, maximum: 4 } }), parameters: { 'rds.logical_replication': true } }, `engine/pause-blocked  at production-data/Cluster

  minimum is 0 ACU, but logical replication never lets the cluster pause: rds.logical_replication is true, and its connection is checked all the time. AWS reports no error; instances stay awake and are billed.

  Take rds.logical_replication out of the parameters,
  or give a minimum that is meant:   minimum: 0.5

  Source: AWS, Aurora user guide, Situations where Aurora serverless does not auto-pause · tenantry explain engine/pause-blocked`],
  ['a class without disks of its own in a Multi-AZ DB cluster', { engine: RDS, topology: Topology.multiAzCluster({ instance: R8G, storage }) }, `engine/instance-class-not-offered  at production-data/Cluster

  A Multi-AZ DB cluster does not take db.r8g.large: it needs classes with disks of their own.

  The smallest that is as large:   InstanceSize.of('db.r8gd.large')

  Source: AWS, Hardware specifications for DB instance classes, and Supported DB engines for DB instance classes`],
  ['credits in production', { topology: Topology.aurora({ readers: 1, instance: InstanceSize.of('db.t4g.medium') }) }, `ha-cluster/burstable  at production-data/Cluster

  db.t4g.medium has a part of its processors only while credits last, and production does not run on credits.

  Give a class such as db.r8g.large.

  Source: AWS, DB instance classes`],
  ['operations that small storage does not have', { engine: RDS, topology: Topology.multiAzCluster({ instance: R6GD, storage: { ...storage, iops: 12_000 } }) }, `engine/storage  at production-data/Cluster

  storage.iops is given, but gp3 below 400 GiB has 3,000 operations a second, and nothing else; 100 GiB is given.

  Leave it out, or give size: Size.gibibytes(400).

  Source: AWS, RDS user guide, Amazon RDS DB instance storage`],
  ['provisioned storage without its operations', { engine: RDS, topology: Topology.multiAzCluster({ instance: R6GD, storage: { ...storage, type: 'io2' } }) }, `engine/storage  at production-data/Cluster

  storage.iops is not given, and io2 needs it.

  For instance iops: 3000

  Source: AWS, RDS user guide, Amazon RDS DB instance storage`],
  ['storage that hardly grows', { engine: RDS, topology: Topology.multiAzInstance({ instance: R8G, storage: { ...storage, maximum: Size.gibibytes(105) } }), objectives: { failoverWithin: Duration.minutes(2) } }, `ha-cluster/storage-maximum  at production-data/Cluster

  storage.maximum is 105 GiB, and storage.size 100 GiB; the ceiling has to lie at least 10 % above it.

  Give maximum: Size.gibibytes(126), 26 % above it, or more.

  Source: AWS, Managing capacity automatically with Amazon RDS storage autoscaling · tenantry explain ha-cluster/storage-maximum`],
  ['10 TiB in 100 GiB', { engine: RDS, topology: Topology.multiAzCluster({ instance: R6GD, storage }), target: { storage: Size.tebibytes(10) } }, `engine/target-storage  at production-data/Cluster

  target.storage is 10 TiB, but RDS PostgreSQL on db.r6gd.large holds 100 GiB at most.

  Declare it:   storage: { size: Size.tebibytes(10) }
  or take Aurora, whose storage grows by itself to 128 TiB and more.

  Source: AWS, RDS user guide, Amazon RDS DB instance storage`],
  ['more writes than operations', { engine: RDS, topology: Topology.multiAzCluster({ instance: R6GD, storage }), target: { writesPerSecond: 5_000 } }, `engine/target-writes  at production-data/Cluster

  target.writesPerSecond is 5,000, but the storage of RDS PostgreSQL on db.r6gd.large is provisioned for 3,000 operations a second, and a commit needs one at least.

  12,000 come with gp3 from 400 GiB on:   storage: { size: Size.gibibytes(400) }

  Source: AWS, RDS user guide, Amazon RDS DB instance storage`],
  ['a parameter that is not there', { parameters: { work_mmem: 65536 } }, `engine/parameter-unknown  at production-data/Cluster

  The catalogue of Aurora PostgreSQL 17 has no parameter "work_mmem".

  Did you mean "work_mem"?
  One that exists all the same is set with its apply method:
    parameters: { work_mmem: { value: "65536", applyMethod: 'pending-reboot' } }

  tenantry explain engine/parameter-unknown`],
  ['a parameter out of its range', { parameters: { work_mem: 1 } }, `engine/parameter-range  at production-data/Cluster

  parameters.work_mem is 1 kB; 64 to 2,147,483,647 kB are allowed.

  Source: PostgreSQL, Resource Consumption and Connections; AWS, DescribeDBClusterParameters`],
  ['a parameter of the wrong type', { parameters: { max_connections: 'many' } }, `engine/parameter-type  at production-data/Cluster

  parameters.max_connections is "many"; a whole number is needed.

  Source: PostgreSQL, Resource Consumption and Connections; AWS, DescribeDBClusterParameters`],
  ['maintenance during the backup', { maintenanceWindow: MaintenanceWindow.weekly('sunday', '01:30'), backupWindow: '01:00-02:00' }, `maintenance-window/overlaps-backup  at production-data/Cluster

  The maintenance window sun:01:30-sun:02:30 overlaps the backup window 01:00-02:00, which is every day; RDS refuses that.

  Begin maintenance when the backup window has ended: MaintenanceWindow.weekly('sunday', '02:00')

  Source: AWS, CreateDBCluster, PreferredMaintenanceWindow and PreferredBackupWindow`],
  ['fewer readers than the topology has', { topology: Topology.aurora({ readers: 2 }), scaling: { readers: { minimum: 1, maximum: 4 } } }, `ha-cluster/scaling-below-topology  at production-data/Cluster

  scaling.readers.minimum is 1, but the topology declares 2 readers, which stay: AWS counts them, and removes only readers that it added itself.

  Give minimum: 2, or declare fewer:   topology: Topology.aurora({ readers: 1 })

  Source: AWS, Amazon Aurora Auto Scaling with Aurora Replicas · tenantry explain ha-cluster/scaling-below-topology`],
  ['readers of RDS that come and go', { engine: RDS, topology: Topology.multiAzCluster({ instance: R6GD, storage }), scaling: { readers: { minimum: 1, maximum: 4 } } }, `ha-cluster/scaling-engine  at production-data/Cluster

  scaling.readers is given, but RDS PostgreSQL has the instances of its topology and no others: only Aurora adds and removes readers by itself.

  Leave it out, or take an engine of Aurora.

  Source: AWS, Amazon Aurora Auto Scaling with Aurora Replicas`],
  ['readers that nothing would ever add', { scaling: { readers: { minimum: 1, maximum: 4, on: ScaleOn.cpu(100) } } }, `ha-cluster/scaling-target  at production-data/Cluster

  ScaleOn.cpu(100): 1 to 99 per cent are allowed. Above it a reader is added, which takes minutes, so that there must be room left.

  For instance ScaleOn.cpu(60).`],
  ['readers that follow what is no metric', { scaling: { readers: { minimum: 1, maximum: 4, on: ScaleOn.metric({ name: 'Berichte/ä', target: 60 }) } } }, `ha-cluster/scaling-metric  at production-data/Cluster

  "Berichte/ä" cannot be the name of a metric.

  For instance ScaleOn.metric({ name: 'CPUUtilization', target: 60 }).`],
  ['storage of a Multi-AZ DB cluster that grows', { engine: RDS, topology: Topology.multiAzCluster({ instance: R6GD, storage: { ...storage, maximum: Size.tebibytes(1) } as RdsStorage }) }, `ha-cluster/storage-growth  at production-data/Cluster

  storage.maximum is 1 TiB, but the storage of a Multi-AZ DB cluster does not grow by itself.

  Leave it out: an alarm tells days before the storage is full, and storage.size can be raised at any time.

  Source: AWS, Limitations of Multi-AZ DB clusters`],
  ['a notice that no alarm gives', { objectives: { notifyWithin: Duration.seconds(60) } }, `alerting/notice-not-kept  at production-data/Cluster/Monitoring/Alarms

  objectives.notifyWithin is 60 seconds, but service-down tells after 365 seconds at worst:
  60 until a period shows it, 240 of periods that breach, 60 until the next evaluation, 5 for the composite alarm.

  Add OsMetrics to a stack of this account:   osMetrics: new OsMetrics(…)
  or accept it here:   objectives: { notifyWithin: Duration.seconds(365) }

  Source: Amazon CloudWatch User Guide, Alarm evaluation; lib/alerting/detection.ts · tenantry explain alerting/notice-not-kept`],
  ['an alarm that nobody knows', { alarms: { cpuu: { threshold: 90 } } }, `alerting/unknown-alarm  at production-data/Cluster/Monitoring/Alarms

  An override names the alarm cpuu, which the catalogue does not have.

  Did you mean cpu?`],
];

describe('HaCluster refuses what cannot be', () => {
  it.each(CASES.map((one) => [one[0], one] as const))('%s', (_title, [, props, message, stage]) => {
    const stack = testStack({ stage: stage ?? 'production' });
    expect(refused(() => new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), engine: Engine.auroraPostgresql('17'), ...props }))?.message).toBe(message);
  });
});

describe('a network with too few zones', () => {
  const [a, b] = ['eu-central-1a', 'eu-central-1b'];

  it.each<[string, readonly string[], HaClusterProps['topology'], string]>([
    ['one, for a Multi-AZ DB cluster', [a], Topology.multiAzCluster({ instance: R6GD, storage }), `The network has only the zone eu-central-1a, and a Multi-AZ DB cluster needs 3.

  Give the network a subnet in 2 more zones.`],
    ['two, for a Multi-AZ DB cluster', [a, b], Topology.multiAzCluster({ instance: R6GD, storage }), `The network has the zones eu-central-1a and eu-central-1b, and a Multi-AZ DB cluster needs 3.

  Give the network a subnet in another zone.`],
    ['one, twice, for a Multi-AZ DB instance', [a, a], Topology.multiAzInstance({ instance: R8G, storage }), `The network has only the zone eu-central-1a, and a Multi-AZ DB instance needs 2.

  Give the network a subnet in another zone.`],
  ])('%s', (_title, zones, topology, text) => {
    const stack = testStack();
    const network = DatabaseNetwork.fromDatabaseNetworkAttributes(stack, 'Network', { zones, subnetGroupName: 'databases' });
    expect(refused(() => new HaCluster(stack, 'Cluster', { network, engine: RDS, topology, objectives: { failoverWithin: Duration.minutes(2) } }))?.message).toBe(`ha-cluster/too-few-zones  at staging-data/Cluster\n\n  ${text}`);
  });
});
