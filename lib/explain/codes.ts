import type { ExplainedErrorCode } from '../core/explained-codes';

/** What lies behind the code of an error. */
export interface CodeExplanation {
  readonly means: string;
  readonly because: string;
  /** What to do, the best first. */
  readonly ways: readonly string[];
  readonly source?: string;
}

/** By code: only codes that need more than their message says. */
export const CODES: Readonly<Record<ExplainedErrorCode, CodeExplanation>> = {
  'ha-cluster/failover-not-kept': {
    means: 'The topology cannot write again as soon as objectives.failoverWithin promises, after the writer is lost.',
    because: 'What AWS describes decides. Aurora with a reader: usually less than 60 seconds. Aurora without: a new instance is made, which takes minutes. Multi-AZ DB cluster: typically less than 35 seconds. Multi-AZ DB instance: 60 to 120 seconds. A single instance is restored from a backup. Clients add their own: the time until they notice, and until a name is resolved anew.',
    ways: ['Take the topology that the error names.', 'Accept what the topology keeps, in objectives: then the promise is written down where it can be read.', 'Put a ConnectionPool in front and use the driver settings of the manifest: they shorten what clients add.'],
    source: 'AWS, Fault tolerance for an Aurora DB cluster; AWS, FailoverDBCluster; AWS, Failing over a Multi-AZ DB instance',
  },
  'ha-cluster/zone-loss-not-kept': {
    means: 'More of what was committed may be lost with a zone than objectives.zoneLossRpo allows.',
    because: 'Aurora stores six copies in three zones, and a Multi-AZ deployment commits in a second zone too: nothing is lost. The data of a single instance lies in one zone, and what a backup can bring back ends up to five minutes earlier.',
    ways: ['Take an engine of Aurora, Topology.multiAzCluster or Topology.multiAzInstance.'],
    source: 'AWS, Amazon Aurora storage; AWS, Configuring and managing a Multi-AZ deployment',
  },
  'ha-cluster/scaling-not-kept': {
    means: 'Giving the instances another class interrupts writing for longer than objectives.scalingInterruption allows.',
    because: 'An instance restarts to get another class. With a second one the writer only changes place, which takes as long as a failover. Capacity of serverless instances changes in place.',
    ways: ['tenantry explain scaling shows the order for each cluster.', 'Put a ConnectionPool in front: its clients wait instead of failing.', 'Make the instances serverless.'],
    source: 'AWS, Fault tolerance for an Aurora DB cluster',
  },
  'ha-cluster/scaling-below-topology': {
    means: 'scaling.readers.minimum is smaller than the number of readers that the topology declares.',
    because: 'Declared readers belong to Terraform, and the others to autoscaling: AWS counts both, and removes only what it added. A smaller minimum would say something that never happens, and a declared reader that AWS removed would come back with each apply.',
    ways: ['Raise the minimum to the number of declared readers.', 'Declare as few readers as failover needs, and leave the rest to autoscaling.'],
    source: 'AWS, Amazon Aurora Auto Scaling with Aurora Replicas',
  },
  'ha-cluster/schedule-never-ends': {
    means: 'A schedule has one entry, and nothing that takes its limits back.',
    because: 'A scheduled action changes the limits of the scalable target for good. Terraform does not put them back, because an apply would do so in the middle of the day: it does not compare the limits of a target with a schedule.',
    ways: ['Add the entry at which the time of the first one ends.'],
    source: 'AWS, Scheduled scaling for Application Auto Scaling',
  },
  'ha-cluster/storage-maximum': {
    means: 'The ceiling that storage may grow to does not go with the storage that there is.',
    because: 'RDS takes a ceiling of at least 10 % above the storage, and recommends 26 %. It adds storage when a tenth or less is free for five minutes, and what it added stays: storage never shrinks.',
    ways: ['Give storage.maximum as much as may be paid for.'],
    source: 'AWS, Managing capacity automatically with Amazon RDS storage autoscaling',
  },
  'ha-cluster/single-instance': {
    means: 'A single instance is declared outside development.',
    because: 'It falls with its zone, and every change of its class or version is an outage. Restoring it takes as long as the database is large.',
    ways: ['Topology.multiAzInstance costs about twice as much and keeps a standby.', 'Topology.multiAzCluster has two standbys that can be read.'],
  },
  'ha-cluster/topology-engine': {
    means: 'The topology does not exist for the engine.',
    because: 'Aurora keeps its data in storage that all instances share; RDS in storage of each instance. So instances of Aurora are declared one by one, with Topology.aurora, and those of RDS come with their topology.',
    ways: ['Take the topology that the error names, or the other engine: Engine.auroraPostgresql and Engine.postgresql speak the same language.'],
  },
  'ha-cluster/isolation-flaw': {
    means: 'The pinned minor version has a known flaw by which one tenant can see or change what belongs to another.',
    because: 'Row-level security is the lock of tenants who share tables. Such flaws are mended in minor versions, and RDS and Aurora offer them some weeks after PostgreSQL.',
    ways: ['Give the major version alone: AWS then raises the minor version by itself.', 'Pin one in which the flaw is mended.'],
    source: 'PostgreSQL, Security Information',
  },
  'ha-cluster/promotion-size': {
    means: 'An instance that would take the writer\'s place has another size than the writer.',
    because: 'Aurora promotes the reader with the lowest tier, and of several in one tier the largest. After a failover to a smaller one the load that the writer carried does not fit.',
    ways: ['Let the first two of promotionOrder be those of the writer\'s size.'],
    source: 'AWS, Fault tolerance for an Aurora DB cluster',
  },
  'engine/pause-blocked': {
    means: 'A cluster may pause when nobody is connected, but something that is declared never lets it.',
    because: 'A proxy keeps connections open, and logical replication keeps a process running. Such a cluster never pauses, and costs what one without pausing costs.',
    ways: ['Give minimum: 0.5 or more.', 'Leave out what blocks it.'],
    source: 'AWS, Scaling to Zero ACUs with automatic pause and resume for Aurora Serverless v2',
  },
  'engine/parameter-unknown': {
    means: 'The catalogue of the engine has no parameter of this name in this version.',
    because: 'A wrong name would be refused by AWS in the middle of an apply. The catalogue holds names, types, ranges and units, and whether a change needs a restart.',
    ways: ['Take the name that the error suggests.'],
  },
  'engine/target-connections': {
    means: 'The instances do not take as many connections as the target names.',
    because: 'PostgreSQL and MySQL derive their default of max_connections from the memory of the instance. Each connection is a process or a thread, so that more of them cost memory that queries need.',
    ways: ['Take a larger class, by the figure in the error.', 'Put a ConnectionPool in front, which serves many clients with few connections. Behind RDS Proxy each session of tenants.with holds one of them, so that it takes PgBouncer in transaction mode.'],
    source: 'AWS, Quotas and constraints for Amazon RDS; AWS, Maximum connections to an Aurora DB instance',
  },
  'alerting/notice-not-kept': {
    means: 'Nothing in the alarm catalogue would tell as soon as objectives.notifyWithin promises.',
    because: 'CloudWatch\'s metrics of RDS come once a minute, whatever the period of an alarm. What has to be noticed within a minute comes from events of RDS, and from operating system metrics that are sampled more often.',
    ways: ['Accept what the error names, or more.'],
    source: 'AWS, Amazon CloudWatch metrics for Amazon RDS; AWS, Evaluating an alarm',
  },
  'connection-pool/pinning-filter': {
    means: 'The pool is told to ignore that sessions set variables, which RDS Proxy can only with MySQL.',
    because: 'A proxy lends a connection for one transaction, and keeps it for one client as soon as that client has done something that may outlive the transaction: it is pinned. With PostgreSQL SET and RESET do that, and no filter exempts them.',
    ways: ['Leave the filter out, and count one connection of the database for each of tenants.with: it makes the session as good as new before each tenant, which pins.', 'For more clients than that, put PgBouncer in transaction mode in front.', 'Give settings of a login by ALTER ROLE … SET, instead of by SET in each session.'],
    source: 'AWS, Avoiding pinning an RDS Proxy',
  },
  'tenant-database/no-tenant-cluster': {
    means: 'A tenant has the isolation "cluster", and nothing says how its cluster is made.',
    because: 'Such a tenant has servers, keys and logins of its own. What they look like is a decision about money, so that nobody makes it for you.',
    ways: ['Give TenantDatabase the function that makes a cluster for a tenant.', 'Give the tenant another isolation: database, schema or row.'],
  },
  'tenant-database/shared-cluster': {
    means: 'A cluster that is to be one tenant\'s own is used by somebody else too.',
    because: 'Isolation "cluster" promises that nobody else\'s data lies on these servers. Who shares one has the isolation "database" at most.',
    ways: ['Make a cluster for each tenant.', 'Give the tenant the isolation "database".'],
  },
};
