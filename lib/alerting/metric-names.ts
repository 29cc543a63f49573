/**
 * Names of the metrics that are made here from the samples of the operating system and from the databases' logs. Alarms and
 * dashboards name them by these; AWS's own metrics (AWS/RDS) keep AWS's names where they are used.
 */

/** Namespace of what enhanced monitoring samples. Resolution 1 second; one dimension, {@link OS_DIMENSION}. */
export const OS_NAMESPACE = 'Tenantry/OS';

/** The samples name the instance and nothing else: neither its cluster nor its role. Autoscaled readers are there too, by their own names. */
export const OS_DIMENSION = 'DBInstanceIdentifier';

export const OS_METRICS = {
  /** 1 in every sample; none arrives when the instance, its monitoring or the forwarder is dead. Count. */
  heartbeat: 'Heartbeat',
  /** All processors busy, Percent. */
  cpu: 'CPUTotal',
  /** Processors that wait for storage, Percent. */
  ioWait: 'CPUWait',
  /** Free memory plus what caches of files hold (the samples know no `MemAvailable`), Bytes. */
  memory: 'MemoryAvailable',
  /** Swap in use, Bytes. */
  swap: 'SwapUsed',
  /** Load average of one minute divided by the number of vCPU, None: 1 is all of them busy. */
  load: 'LoadPerVCPU',
  /** From a sample's own time to its being forwarded, Seconds: the first pass of {@link OS_DELIVERY_SECONDS}, measured. Of all instances: no dimension, 60 seconds. */
  delivery: 'DeliverySeconds',
  /** Samples that could not be read, of any instance; no dimension, 60 seconds. Count. */
  unreadable: 'UnreadableSamples',
  /** The fullest file system that holds data, Percent. Of RDS; Aurora's data is not on the instance. */
  fileSystem: 'FileSystemUsed',
} as const;

/**
 * How long a sample is assumed to take from the instance into its metric: two passes through CloudWatch Logs and one function between them. AWS promises no figure;
 * its guide to subscriptions says "usually less than three minutes". So the delay is measured (`delivery`) and a warning tells when the assumption does not hold.
 */
export const OS_DELIVERY_SECONDS = 15;
/**
 * The part of it that nobody can measure here: from the function's output to the metric. Amazon CloudWatch User Guide, "Setting alarms on metrics created with the embedded
 * metric format": logs are to be flushed every 5 seconds or sooner, and Lambda's flush cannot be set.
 */
export const OS_SECOND_PASS_SECONDS = 5;

export type OsMetric = keyof typeof OS_METRICS;

/**
 * Namespace of what is counted in the logs of one cluster or instance. A metric filter can only make dimensions of what stands in the
 * log line, and the line does not name the cluster: so the namespace does. These metrics have no dimension and a resolution of 60 seconds.
 */
export function logNamespace(identifier: string): string {
  return `Tenantry/Logs/${identifier}`;
}

/** Each is a count of lines: statistic Sum, unit Count. */
export const LOG_METRICS = {
  /** Statements slower than the parameter group's threshold (log_min_duration_statement, long_query_time). */
  slowStatements: 'SlowStatements',
  /** Refused logins: wrong password, no such user, no IAM token, no entry in pg_hba. */
  failedLogins: 'FailedLogins',
  /** Statements that the database refused for want of a privilege (SQLSTATE 42501). PostgreSQL only. */
  permissionDenied: 'PermissionDenied',
  /** Deadlocks found. */
  deadlocks: 'Deadlocks',
  /** Connections refused because all slots of the server are taken. */
  connectionsExhausted: 'ConnectionsExhausted',
  /** Connections refused because one login or one database has as many as it may (CONNECTION LIMIT), while others are served. PostgreSQL only. */
  connectionLimits: 'ConnectionLimits',
  /** Out of memory, of a statement or of the server. */
  outOfMemory: 'OutOfMemory',
  /** Faults of the server itself: PANIC, and processes that a signal ended (PostgreSQL); lines of level ERROR of the error log (MySQL). */
  errors: 'Errors',
} as const;

export type LogMetric = keyof typeof LOG_METRICS;
