/** What an environment is for; decides its profile. */
export const STAGES = ['development', 'staging', 'production'] as const;
export type Stage = (typeof STAGES)[number];

interface Row<T> {
  readonly development: T;
  readonly staging: T;
  readonly production: T;
  readonly meaning: string;
  /** Terraform resource types and arguments that it decides; `type` alone means that resources come and go. */
  readonly affects: readonly string[];
}

const row = <T>(meaning: string, development: T, staging: T, production: T, ...affects: readonly string[]): Row<T> => ({ meaning, development, staging, production, affects });

/**
 * Everything that differs between the stages; nothing else does. More is always safer, or larger.
 *
 * The README of this folder prints it.
 */
export const PROFILES = {
  readers: row<number>('Readers of a cluster, each in another zone than the writer', 0, 1, 1, 'aws_rds_cluster_instance', 'aws_cloudwatch_composite_alarm', 'aws_cloudwatch_composite_alarm.alarm_rule', 'aws_cloudwatch_dashboard.dashboard_body', 'aws_cloudwatch_event_rule.event_pattern', 'aws_cloudwatch_metric_alarm', 'aws_cloudwatch_metric_alarm.depends_on', 'aws_db_event_subscription.depends_on', 'aws_db_event_subscription.name', 'aws_db_event_subscription.source_ids'),
  failoverSeconds: row<number>('Longest failover that a cluster may take where no objective is given; 0 is not checked', 0, 60, 60),
  notifySeconds: row<number>('Longest time until somebody is told that a database is down, where no objective is given; 0 is not checked', 0, 60, 60),
  monitoringSeconds: row<number>('Seconds between two samples of an operating system', 30, 5, 5, 'aws_rds_cluster_instance.monitoring_interval', 'aws_rds_cluster.monitoring_interval', 'aws_db_instance.monitoring_interval', 'aws_cloudwatch_dashboard.dashboard_body', 'aws_cloudwatch_metric_alarm.datapoints_to_alarm', 'aws_cloudwatch_metric_alarm.evaluation_periods', 'aws_cloudwatch_metric_alarm.metric_query', 'aws_cloudwatch_metric_alarm.period'),
  minimumCapacity: row<number>('Smallest capacity of a serverless cluster, in ACU; 0 pauses when idle', 0, 0.5, 1, 'aws_rds_cluster.serverlessv2_scaling_configuration', 'aws_cloudwatch_composite_alarm', 'aws_cloudwatch_composite_alarm.alarm_description', 'aws_cloudwatch_composite_alarm.alarm_rule', 'aws_cloudwatch_dashboard.dashboard_body', 'aws_cloudwatch_metric_alarm', 'aws_cloudwatch_metric_alarm.treat_missing_data'),
  maximumCapacity: row<number>('Largest capacity of a serverless cluster, in ACU', 4, 8, 32, 'aws_rds_cluster.serverlessv2_scaling_configuration', 'aws_cloudwatch_dashboard.dashboard_body', 'aws_cloudwatch_metric_alarm.alarm_description', 'aws_cloudwatch_metric_alarm.threshold'),
  deletionProtection: row<boolean>('Databases, keys and stored manifests cannot be deleted by a plan', false, true, true, 'aws_rds_cluster.deletion_protection', 'aws_db_instance.deletion_protection', 'aws_kms_key.lifecycle', 'aws_s3_bucket.force_destroy'),
  finalSnapshot: row<boolean>('A deleted database leaves a snapshot', false, true, true, 'aws_rds_cluster.skip_final_snapshot', 'aws_db_instance.skip_final_snapshot'),
  keepAutomatedBackups: row<boolean>('Automated backups outlive their cluster', false, false, true, 'aws_rds_cluster.delete_automated_backups', 'aws_db_instance.delete_automated_backups'),
  backupRetentionDays: row<number>('Days that automated backups reach back', 7, 14, 35, 'aws_rds_cluster.backup_retention_period', 'aws_db_instance.backup_retention_period'),
  logRetentionDays: row<number>('Days that logs are kept', 30, 90, 400, 'aws_cloudwatch_log_group.retention_in_days'),
  keyDeletionDays: row<number>('Days in which the deletion of a key can be taken back', 7, 30, 30, 'aws_kms_key.deletion_window_in_days', 'aws_kms_replica_key.deletion_window_in_days'),
  secretRecoveryDays: row<number>('Days in which the deletion of a secret can be taken back; until then its name is taken', 0, 7, 30, 'aws_secretsmanager_secret.recovery_window_in_days'),
  insightsDays: row<number>('Days of query statistics; 465 and more are Database Insights Advanced', 7, 7, 465, 'aws_rds_cluster.performance_insights_retention_period', 'aws_db_instance.performance_insights_retention_period', 'aws_rds_cluster.database_insights_mode', 'aws_db_instance.database_insights_mode'),
  changesWait: row<boolean>('Changes of a cluster wait for its maintenance window', false, false, true, 'aws_rds_cluster.apply_immediately', 'aws_db_instance.apply_immediately', 'aws_rds_cluster_instance.apply_immediately'),
  endpointZones: row<number>('Zones in which an AWS service has a private endpoint', 1, 3, 3, 'aws_vpc_endpoint.subnet_ids'),
} as const;

export type ProfileKey = keyof typeof PROFILES;

/** The values of one environment. */
export type Profile = { readonly [K in ProfileKey]: (typeof PROFILES)[K]['development'] };

export const PROFILE_KEYS = Object.keys(PROFILES) as ProfileKey[];

export const profileOf = (stage: Stage): Profile => Object.fromEntries(PROFILE_KEYS.map((key) => [key, PROFILES[key][stage]])) as unknown as Profile;
