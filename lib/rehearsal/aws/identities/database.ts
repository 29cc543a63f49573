import { by, byArn, type Computed, type Identities, type Identity, invented, named, of, part, when } from './identity';

/** CreateDBCluster, CreateDBInstance: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html, API_CreateDBInstance.html */
const port = by('engine', { 'aurora-postgresql': 5432, postgres: 5432, 'aurora-mysql': 3306, mysql: 3306, mariadb: 3306, docdb: 27017 }, 0);
/** AWS chooses half an hour of the region's night; which one, nobody can know. */
const windows = { preferred_backup_window: '03:00-03:30', preferred_maintenance_window: 'sun:04:00-sun:04:30' };
/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html: `rds!cluster-` or `rds!db-` and a UUID; without a key of one's own that of Secrets Manager. */
const masterUserSecret = (kind: string): Readonly<Record<string, Computed>> => ({
  master_user_secret: when('manage_master_user_password', [{ kms_key_id: when('master_user_secret_kms_key_id', '{master_user_secret_kms_key_id}', '{awsKey:secretsmanager}'), secret_arn: `arn:{partition}:secretsmanager:{region}:{account}:secret:rds!${kind}-{uuid}-{letters:6}`, secret_status: 'active' }], []),
  master_user_secret_kms_key_id: '',
});
const defaultKey = (argument: string): Computed => when(argument, '{awsKey:rds}', '');
const zones = ['{region}a', '{region}b', '{region}c'];
const cluster = (attribute: string): Computed => of('aws_rds_cluster', 'cluster_identifier', 'cluster_identifier', attribute);
const docdb = (attribute: string): Computed => of('aws_docdb_cluster', 'cluster_identifier', 'cluster_identifier', attribute);
const instanceEndpoint = (suffix: string): string => `{identifier}.{hex:12}.{region}.${suffix}.amazonaws.com`;
const rds = (type: string, name = '{id}'): string => `arn:{partition}:rds:{region}:{account}:${type}:${name}`;
const cache = (type: string): string => `arn:{partition}:elasticache:{region}:{account}:${type}:{id}`;

const dbCluster: Identity = {
  ...named('cluster_identifier', rds('cluster'), {
    cluster_resource_id: 'cluster-{letters:26}', endpoint: '{cluster_identifier}.cluster-{hex:12}.{region}.rds.amazonaws.com', reader_endpoint: '{cluster_identifier}.cluster-ro-{hex:12}.{region}.rds.amazonaws.com', hosted_zone_id: 'Z{letters:13}',
    engine_version_actual: '{engine_version}', port, availability_zones: zones, ...windows, backup_retention_period: 1, network_type: 'IPV4', storage_encrypted: false, kms_key_id: defaultKey('storage_encrypted'), ...masterUserSecret('cluster'),
    performance_insights_kms_key_id: defaultKey('performance_insights_enabled'), performance_insights_retention_period: when('performance_insights_enabled', 7, 0), monitoring_interval: 0, monitoring_role_arn: '',
    database_insights_mode: 'standard', engine_lifecycle_support: 'open-source-rds-extended-support', db_subnet_group_name: 'default', storage_type: '', database_name: '', db_system_id: '', cluster_scalability_type: 'standard', apply_immediately: false,
    // https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html: for Aurora the storage is not fixed, and 1 is returned.
    allocated_storage: by('engine', { 'aurora-postgresql': 1, 'aurora-mysql': 1 }, 0),
  }),
  namePrefix: 'tf-',
};

export const DATABASE: Identities = {
  aws_rds_cluster: dbCluster,
  aws_rds_cluster_instance: {
    ...named('identifier', rds('db'), {
      dbi_resource_id: 'db-{letters:26}', endpoint: instanceEndpoint('rds'), engine_version: cluster('engine_version'), engine_version_actual: cluster('engine_version_actual'), port: cluster('port'), storage_encrypted: cluster('storage_encrypted'), kms_key_id: cluster('kms_key_id'),
      network_type: cluster('network_type'), db_subnet_group_name: cluster('db_subnet_group_name'), availability_zone: '{region}a', ...windows, performance_insights_enabled: cluster('performance_insights_enabled'),
      performance_insights_kms_key_id: cluster('performance_insights_kms_key_id'), performance_insights_retention_period: cluster('performance_insights_retention_period'), monitoring_role_arn: '', publicly_accessible: false, apply_immediately: false,
    }),
    namePrefix: 'tf-',
  },
  aws_rds_cluster_parameter_group: named('name', rds('cluster-pg')),
  aws_rds_cluster_endpoint: named('cluster_endpoint_identifier', rds('cluster-endpoint'), { endpoint: '{cluster_endpoint_identifier}.cluster-custom-{hex:12}.{region}.rds.amazonaws.com' }),
  aws_rds_cluster_activity_stream: part('{resource_arn}', { kinesis_stream_name: 'aws-rds-das-cluster-{letters:26}' }),
  aws_rds_cluster_role_association: part('{db_cluster_identifier},{role_arn}'),
  aws_rds_cluster_snapshot_copy: part('{target_db_cluster_snapshot_identifier}', { db_cluster_snapshot_arn: rds('cluster-snapshot') }),
  aws_rds_export_task: part('{export_task_identifier}', { status: 'COMPLETE', percent_progress: 100, source_type: 'SNAPSHOT' }),
  aws_rds_global_cluster: named('global_cluster_identifier', 'arn:{partition}:rds::{account}:global-cluster:{id}', { global_cluster_resource_id: 'cluster-{hex:26}', endpoint: '{id}.global-{hex:12}.global.rds.amazonaws.com', engine_version_actual: '{engine_version}', storage_encrypted: false }),
  aws_rds_integration: invented('arn:{partition}:rds:{region}:{account}:integration:{uuid}', '{id}', { kms_key_id: '{awsKey:rds}' }),
  aws_rds_shard_group: named('db_shard_group_identifier', 'arn:{partition}:rds:{region}:{account}:shard-group:{db_shard_group_resource_id}', { db_shard_group_resource_id: 'shardgroup-{letters:26}', endpoint: '{db_shard_group_identifier}.limitless-{hex:12}.{region}.rds.amazonaws.com' }),
  aws_db_instance: {
    ...invented('db-{letters:26}', rds('db', '{identifier}'), {
      resource_id: '{id}', address: instanceEndpoint('rds'), endpoint: `${instanceEndpoint('rds')}:{port}`, hosted_zone_id: 'Z{letters:13}', status: 'available', engine_version_actual: '{engine_version}', port, availability_zone: '{region}a', backup_window: windows.preferred_backup_window,
      maintenance_window: windows.preferred_maintenance_window, backup_retention_period: 0, network_type: 'IPV4', kms_key_id: defaultKey('storage_encrypted'), ...masterUserSecret('db'), performance_insights_kms_key_id: defaultKey('performance_insights_enabled'),
      performance_insights_retention_period: when('performance_insights_enabled', 7, 0), db_subnet_group_name: 'default', backup_target: 'region', database_insights_mode: 'standard', engine_lifecycle_support: 'open-source-rds-extended-support',
      license_model: by('engine', { postgres: 'postgresql-license', mysql: 'general-public-license', mariadb: 'general-public-license' }, ''), storage_type: when('iops', 'io1', 'gp2'), iops: 0, multi_az: false, monitoring_role_arn: '', replica_mode: '', timezone: '', character_set_name: '', nchar_character_set_name: '', snapshot_identifier: '',
    }),
    importAs: '{identifier}',
  },
  aws_db_instance_automated_backups_replication: invented('arn:{partition}:rds:{region}:{account}:auto-backup:ab-{letters:38}', undefined, { kms_key_id: '{awsKey:rds}' }),
  aws_db_parameter_group: named('name', rds('pg')),
  aws_db_option_group: named('name', rds('og')),
  aws_db_event_subscription: named('name', rds('es'), { customer_aws_id: '{account}' }),
  aws_db_proxy: named('name', 'arn:{partition}:rds:{region}:{account}:db-proxy:prx-{hex:17}', { endpoint: '{name}.proxy-{hex:12}.{region}.rds.amazonaws.com' }),
  aws_db_proxy_default_target_group: part('{db_proxy_name}', { name: 'default', arn: 'arn:{partition}:rds:{region}:{account}:target-group:prx-tg-{hex:17}' }),
  aws_db_proxy_endpoint: part('{db_proxy_name}/{db_proxy_endpoint_name}', { arn: 'arn:{partition}:rds:{region}:{account}:db-proxy-endpoint:prx-endpoint-{hex:17}', endpoint: '{db_proxy_endpoint_name}.endpoint.proxy-{hex:12}.{region}.rds.amazonaws.com', is_default: false }),
  aws_db_proxy_target: part('{db_proxy_name}/{target_group_name}/{type}/{rds_resource_id}', { type: when('db_instance_identifier', 'RDS_INSTANCE', 'TRACKED_CLUSTER'), rds_resource_id: when('db_instance_identifier', '{db_instance_identifier}', '{db_cluster_identifier}'), tracked_cluster_id: when('db_cluster_identifier', '{db_cluster_identifier}', '') }),
  aws_db_snapshot_copy: part('{target_db_snapshot_identifier}', { db_snapshot_arn: rds('snapshot') }),
  aws_docdb_cluster: {
    ...named('cluster_identifier', rds('cluster'), {
      cluster_resource_id: 'cluster-{letters:26}', endpoint: '{cluster_identifier}.cluster-{hex:12}.{region}.docdb.amazonaws.com', reader_endpoint: '{cluster_identifier}.cluster-ro-{hex:12}.{region}.docdb.amazonaws.com', hosted_zone_id: 'Z{letters:13}',
      availability_zones: zones, ...windows, kms_key_id: defaultKey('storage_encrypted'), db_subnet_group_name: 'default', ...masterUserSecret('cluster'),
    }),
    namePrefix: 'tf-',
  },
  aws_docdb_cluster_instance: {
    ...named('identifier', rds('db'), { dbi_resource_id: 'db-{letters:26}', endpoint: instanceEndpoint('docdb'), port: docdb('port'), engine_version: docdb('engine_version'), storage_encrypted: docdb('storage_encrypted'), kms_key_id: docdb('kms_key_id'), db_subnet_group_name: docdb('db_subnet_group_name'), ...windows, availability_zone: '{region}a', publicly_accessible: false }),
    namePrefix: 'tf-',
  },
  aws_docdb_cluster_parameter_group: named('name', rds('cluster-pg')),
  aws_docdb_global_cluster: named('global_cluster_identifier', 'arn:{partition}:rds::{account}:global-cluster:{id}', { global_cluster_resource_id: 'cluster-{hex:26}', status: 'available' }),
  aws_docdb_subnet_group: named('name', rds('subgrp')),
  aws_dms_replication_config: invented('arn:{partition}:dms:{region}:{account}:replication-config:{letters:26}', '{id}'),
  aws_elasticache_replication_group: named('replication_group_id', cache('replicationgroup'), {
    primary_endpoint_address: '{id}.{hex:6}.ng.0001.{region}.cache.amazonaws.com', reader_endpoint_address: '{id}-ro.{hex:6}.ng.0001.{region}.cache.amazonaws.com', engine_version_actual: '{engine_version}', snapshot_window: windows.preferred_backup_window, maintenance_window: windows.preferred_maintenance_window, network_type: 'ipv4', ip_discovery: 'ipv4',
  }),
  aws_elasticache_global_replication_group: invented('{letters:5}-{global_replication_group_id_suffix}', 'arn:{partition}:elasticache::{account}:globalreplicationgroup:{id}', { global_replication_group_id: '{id}' }),
  aws_elasticache_serverless_cache: named('name', 'arn:{partition}:elasticache:{region}:{account}:serverlesscache:{name}', { status: 'available' }),
  aws_elasticache_parameter_group: named('name', cache('parametergroup')),
  aws_elasticache_subnet_group: named('name', cache('subnetgroup')),
  aws_elasticache_user: named('user_id', cache('user')),
  aws_elasticache_user_group: named('user_group_id', cache('usergroup')),
  aws_opensearch_domain: {
    ...byArn('arn:{partition}:es:{region}:{account}:domain/{domain_name}', { domain_id: '{account}/{domain_name}', endpoint: 'search-{domain_name}-{hex:26}.{region}.es.amazonaws.com', dashboard_endpoint: 'search-{domain_name}-{hex:26}.{region}.es.amazonaws.com/_dashboards' }),
    importAs: '{domain_name}',
  },
  aws_redshiftserverless_namespace: named('namespace_name', 'arn:{partition}:redshift-serverless:{region}:{account}:namespace/{namespace_id}', { namespace_id: '{uuid}' }),
  aws_redshiftserverless_workgroup: named('workgroup_name', 'arn:{partition}:redshift-serverless:{region}:{account}:workgroup/{workgroup_id}', { workgroup_id: '{uuid}' }),
  aws_backup_vault: named('name', 'arn:{partition}:backup:{region}:{account}:backup-vault:{name}', { recovery_points: 0, kms_key_arn: '{awsKey:backup}' }),
  aws_backup_logically_air_gapped_vault: named('name', 'arn:{partition}:backup:{region}:{account}:backup-vault:{name}'),
  aws_backup_vault_lock_configuration: part('{backup_vault_name}', { backup_vault_arn: 'arn:{partition}:backup:{region}:{account}:backup-vault:{backup_vault_name}' }),
  aws_backup_vault_notifications: part('{backup_vault_name}', { backup_vault_arn: 'arn:{partition}:backup:{region}:{account}:backup-vault:{backup_vault_name}' }),
  aws_backup_vault_policy: part('{backup_vault_name}', { backup_vault_arn: 'arn:{partition}:backup:{region}:{account}:backup-vault:{backup_vault_name}' }),
  aws_backup_plan: invented('{uuid}', 'arn:{partition}:backup:{region}:{account}:backup-plan:{id}', { version: '{letters:48}' }),
  aws_backup_selection: { ...invented('{uuid}'), importAs: '{plan_id}|{id}' },
  aws_backup_framework: named('name', 'arn:{partition}:backup:{region}:{account}:framework:{name}-{uuid}', { status: 'ACTIVE', deployment_status: 'COMPLETED' }),
  aws_backup_report_plan: named('name', 'arn:{partition}:backup:{region}:{account}:report-plan:{name}-{uuid}', { deployment_status: 'COMPLETED' }),
  aws_backup_restore_testing_plan: named('name', 'arn:{partition}:backup:{region}:{account}:restore-testing-plan:{name}-{uuid}'),
  aws_backup_restore_testing_selection: part('{name}:{restore_testing_plan_name}'),
};
