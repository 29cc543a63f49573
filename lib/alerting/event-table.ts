import type { Severity } from './severity';

/** What an event is about, as `aws_db_event_subscription` names it. */
export type EventSource = 'db-cluster' | 'db-instance' | 'db-proxy';

export interface DatabaseEvent {
  /** `RDS-EVENT-0069`. */
  readonly id: string;
  readonly source: EventSource;
  /** As RDS files it. */
  readonly category: string;
  readonly severity: Severity;
  /** What has happened, in RDS's words but for what it fills in. */
  readonly message: string;
}

const of = (source: EventSource, category: string, severity: Severity, events: Readonly<Record<string, string>>): DatabaseEvent[] =>
  Object.entries(events).map(([number, message]) => ({ id: `RDS-EVENT-${number.slice(1)}`, source, category, severity, message }));

/**
 * The events of databases and proxies, and to whom each is told. What is not in it goes by {@link OTHER_CATEGORIES}.
 *
 * - `critical`: writing is interrupted now or will be within minutes; and the end of such an interruption, so that whoever was woken is told
 * - `warning`: a protection, a capacity or a change is lost
 * - `info`: it happened
 *
 * Numbers are keys with a letter, so that they keep their order and their zeros.
 *
 * Source: Amazon RDS User Guide and Amazon Aurora User Guide, Amazon RDS event categories and event messages, as of June 2023.
 */
export const DATABASE_EVENTS: readonly DatabaseEvent[] = [
  ...of('db-cluster', 'failover', 'critical', {
    n0069: 'Cluster failover failed, check the health of your cluster instances and try again',
    n0072: 'Started same AZ failover to DB instance',
    n0073: 'Started cross AZ failover to DB instance',
    n0070: 'Promoting previous primary again',
    n0071: 'Completed failover to DB instance',
  }),
  ...of('db-cluster', 'deletion', 'critical', { n0171: 'DB cluster deleted' }),
  ...of('db-cluster', 'failure', 'warning', { n0143: 'The DB cluster failed to scale' }),
  ...of('db-cluster', 'notification', 'warning', {
    n0085: 'Unable to upgrade DB cluster because of the status of an instance',
    n0150: 'DB cluster stopped',
    n0152: 'DB cluster stop failed',
    n0172: 'Renamed cluster',
  }),
  ...of('db-cluster', 'notification', 'info', { n0151: 'DB cluster started', n0153: 'DB cluster is being started due to it exceeding the maximum allowed time being stopped' }),
  ...of('db-cluster', 'maintenance', 'info', {
    n0156: 'The DB cluster has a DB engine minor version upgrade available', n0173: 'Database cluster engine version has been upgraded', n0176: 'Database cluster engine major version has been upgraded',
    n0286: 'Database cluster engine version upgrade started', n0287: 'Operating system upgrade requirement detected', n0288: 'Cluster operating system upgrade starting', n0289: 'Cluster operating system upgrade completed',
    n0290: 'Database cluster has been patched',
  }),
  ...of('db-cluster', 'configuration change', 'warning', { n0180: 'Database Activity Streams is stopped on your database cluster' }),

  ...of('db-instance', 'availability', 'critical', {
    n0022: 'Error restarting mysql',
    n0221: 'DB instance has reached the storage-full threshold, and the database has been shut down',
    n0222: 'Free storage capacity is low; the database will be shut down to prevent corruption',
  }),
  ...of('db-instance', 'availability', 'warning', { n0004: 'DB instance shutdown', n0006: 'DB instance restarted' }),
  ...of('db-instance', 'failover', 'critical', {
    n0013: 'Multi-AZ instance failover started',
    n0015: 'Multi-AZ failover to standby complete - DNS propagation may take a few minutes',
    n0049: 'Multi-AZ instance failover completed',
    n0050: 'Multi-AZ instance activation started',
    n0051: 'Multi-AZ instance activation completed',
    n0065: 'Recovered from partial failover',
  }),
  ...of('db-instance', 'failover', 'warning', { n0034: 'Abandoning user requested failover since a failover recently occurred on the database instance' }),
  ...of('db-instance', 'failure', 'critical', {
    n0031: 'DB instance put into a failed state; RDS recommends a point-in-time restore',
    n0035: 'Database instance has invalid parameters',
    n0036: 'Database instance is in an incompatible network',
  }),
  ...of('db-instance', 'failure', 'warning', {
    n0079: 'Unable to create credentials for enhanced monitoring and this feature has been disabled',
    n0080: 'Unable to configure enhanced monitoring and this feature has been disabled',
    n0188: 'The DB instance is in a state that cannot be upgraded',
    n0219: 'DB instance is in an invalid state; storage autoscaling will retry later',
    n0220: 'DB instance is in the cooling-off period for a previous scale storage operation',
    n0223: 'Storage autoscaling is unable to scale the storage',
    n0224: 'Storage autoscaling will reach or exceed the maximum storage threshold',
    n0237: 'DB instance has a storage type that is currently unavailable in the Availability Zone',
    n0254: 'Underlying storage quota for this customer account has exceeded the limit',
  }),
  ...of('db-instance', 'low storage', 'critical', { n0007: 'Allocated storage has been exhausted', n0227: 'Storage of the Aurora cluster is dangerously low' }),
  ...of('db-instance', 'low storage', 'warning', { n0089: 'The free storage capacity is low: more than 90 % are consumed' }),
  ...of('db-instance', 'recovery', 'critical', { n0020: 'Recovery of the DB instance has started', n0021: 'Recovery of the DB instance is complete' }),
  ...of('db-instance', 'recovery', 'warning', { n0052: 'Multi-AZ instance recovery started', n0053: 'Multi-AZ instance recovery completed' }),
  ...of('db-instance', 'read replica', 'warning', { n0045: 'Replication has stopped', n0057: 'Replication streaming has been terminated' }),
  ...of('db-instance', 'read replica', 'info', { n0046: 'Replication for the Read Replica resumed' }),
  ...of('db-instance', 'deletion', 'warning', { n0003: 'DB instance deleted' }),
  ...of('db-instance', 'configuration change', 'warning', {
    n0016: 'Reset master credentials', n0067: 'Unable to reset your password', n0028: 'Disabled automated backups', n0030: 'Applying modification to convert to a standard (Single-AZ) DB instance', n0029: 'Finished applying modification to convert to a standard (Single-AZ) DB instance',
  }),
  ...of('db-instance', 'configuration change', 'info', {
    n0012: 'Applying modification to database instance class', n0014: 'Finished applying modification to DB instance class', n0018: 'Applying modification to allocated storage', n0017: 'Finished applying modification to allocated storage',
    n0217: 'Applying autoscaling-initiated modification to allocated storage', n0218: 'Finished applying autoscaling-initiated modification to allocated storage', n0078: 'Monitoring Interval changed', n0009: 'Added security group to DB instance', n0010: 'Removed security group from DB instance',
  }),
  ...of('db-instance', 'notification', 'warning', {
    n0087: 'DB instance stopped', n0157: 'Unable to modify the DB instance class', n0158: 'Database instance is in a state that cannot be upgraded', n0189: 'The gp2 burst balance credits for the RDS database instance are low',
    n0225: 'Storage size is approaching the maximum storage threshold', n0231: 'A storage modification encountered an internal error and will be retried later',
  }),
  ...of('db-instance', 'notification', 'info', { n0088: 'DB instance started', n0154: 'DB instance is being started due to it exceeding the maximum allowed time being stopped' }),
  ...of('db-instance', 'maintenance', 'warning', { n0026: 'Applying off-line patches to DB instance: it is currently unavailable', n0270: 'The DB engine version upgrade failed and was rolled back' }),
  ...of('db-instance', 'maintenance', 'info', { n0027: 'Finished applying off-line patches to DB instance', n0047: 'Database instance patched', n0155: 'The DB instance has a DB engine minor version upgrade available', n0266: 'The downtime started for the DB instance', n0268: 'The engine version upgrade finished' }),
  ...of('db-instance', 'security patching', 'info', { n0230: 'A system update is available for your DB instance' }),

  ...of('db-proxy', 'failure', 'warning', { n0243: 'RDS failed to provision capacity for the proxy: not enough IP addresses in its subnets', n0275: 'RDS throttled some connections to DB proxy' }),
  ...of('db-proxy', 'deletion', 'warning', { n0205: 'RDS deleted DB proxy' }),
];

/** An event of these categories that is not in the table, because AWS has added it since, is a warning. */
export const OTHER_CATEGORIES: readonly string[] = ['availability', 'failover', 'failure', 'low storage', 'recovery'];

/** Categories whose events the second path tells, by what they are about. RDS subscribes by category, never by event, so a few of them are no more than warnings. No event of a proxy is critical. */
export const SUBSCRIBED = {
  'db-cluster': ['failover', 'failure'],
  'db-instance': ['failover', 'failure', 'low storage', 'recovery'],
} as const satisfies Partial<Record<EventSource, readonly string[]>>;

/** Type of the event in EventBridge. Source: Amazon RDS User Guide, Overview of events for Amazon RDS; RDS Proxy events. */
export const DETAIL_TYPES: Readonly<Record<EventSource, string>> = { 'db-cluster': 'RDS DB Cluster Event', 'db-instance': 'RDS DB Instance Event', 'db-proxy': 'RDS DB Proxy Event' };
