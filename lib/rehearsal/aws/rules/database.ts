import type { ValueObject } from '../../protocol/values';
import { changes, type Check, elementsOf, isOn, protectedBy, type Rules, text, usedBy } from './rules';

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/CommonErrors.html and the errors of each action; plan rules: internal/service/rds of the provider. */
const PROTECTED = (what: string): string => `InvalidParameterCombination: Cannot delete protected ${what}, please disable deletion protection and try again.`;
const isAurora = ({ engine }: ValueObject): boolean => text(engine).startsWith('aurora');

/** The provider asks for the name before it calls the service. The snapshot itself is not kept: a store is empty when all was destroyed. */
const finalSnapshot = (prefix: string): Check => ({ object }) =>
  object['skip_final_snapshot'] === true || text(object['final_snapshot_identifier']) !== '' ? undefined : { summary: `${prefix}final_snapshot_identifier is required when skip_final_snapshot is false`, detail: 'Name the final snapshot, or set skip_final_snapshot to true, and apply that first.' };

const stillHas = (type: string, what: string): Check => usedBy(type, 'cluster_identifier', what, () => 'InvalidDBClusterStateFault: Cluster cannot be deleted, it still contains DB instances in non-deleting state.');
const subnetGroupUsed = (type: string): Check => (at) =>
  usedBy(type, 'db_subnet_group_name', 'RDS DB Subnet Group', (user) => `InvalidDBSubnetGroupStateFault: Cannot delete the subnet group '${text(at.object['name'])}' because at least one database instance: ${user} is still using it.`)(at);
const parametersUsed = (type: string, argument: string, what: string): Check => (at) =>
  usedBy(type, argument, what, () => `InvalidDBParameterGroupState: One or more database instances are still members of this parameter group ${text(at.object['name'])}, so the group cannot be deleted`)(at);

const MASTER_SECRET = ['manage_master_user_password', 'master_user_secret_kms_key_id'];
/** The provider shows no change here; without it the new secret's address would be missing from the outputs. */
const masterSecret = { master_user_secret: MASTER_SECRET };
/** Another kind of storage replaces unless the engine is Aurora; another snapshot replaces, and none any more does not. */
const clusterPlan = (change: { readonly prior: ValueObject; readonly planned: ValueObject }): string[] => [
  ...(changes(change, 'storage_type') && !isAurora(change.planned) ? ['storage_type'] : []),
  ...(changes(change, 'snapshot_identifier') && (change.planned['snapshot_identifier'] ?? null) !== null ? ['snapshot_identifier'] : []),
];

export const DATABASE: Readonly<Record<string, Rules>> = {
  aws_rds_cluster: {
    plan: clusterPlan,
    recomputed: { ...masterSecret, engine_version_actual: ['engine_version'] },
    taken: (key) => `creating RDS Cluster (${key}): DBClusterAlreadyExistsFault: DB Cluster already exists`,
    delete: [finalSnapshot('RDS Cluster '), protectedBy('deletion_protection', 'RDS Cluster', PROTECTED('Cluster')), stillHas('aws_rds_cluster_instance', 'RDS Cluster')],
  },
  aws_rds_cluster_instance: {
    recomputed: { engine_version_actual: ['engine_version'] },
    taken: (key) => `creating RDS Cluster Instance (${key}): DBInstanceAlreadyExists: DB instance already exists`,
  },
  aws_rds_cluster_parameter_group: {
    taken: (key) => `creating RDS Cluster Parameter Group (${key}): DBParameterGroupAlreadyExists: Parameter group ${key} already exists`,
    delete: [parametersUsed('aws_rds_cluster', 'db_cluster_parameter_group_name', 'RDS Cluster Parameter Group')],
  },
  aws_db_parameter_group: {
    taken: (key) => `creating RDS DB Parameter Group (${key}): DBParameterGroupAlreadyExists: Parameter group ${key} already exists`,
    delete: [parametersUsed('aws_db_instance', 'parameter_group_name', 'RDS DB Parameter Group'), parametersUsed('aws_rds_cluster_instance', 'db_parameter_group_name', 'RDS DB Parameter Group')],
  },
  aws_db_subnet_group: {
    taken: (key) => `creating RDS DB Subnet Group (${key}): DBSubnetGroupAlreadyExists: The DB subnet group '${key}' already exists.`,
    delete: [subnetGroupUsed('aws_rds_cluster'), subnetGroupUsed('aws_db_instance')],
  },
  aws_db_instance: {
    recomputed: { ...masterSecret, engine_version_actual: ['engine_version'] },
    taken: (key) => `creating RDS DB Instance (${key}): DBInstanceAlreadyExists: DB instance already exists`,
    delete: [finalSnapshot(''), protectedBy('deletion_protection', 'RDS DB Instance', PROTECTED('DB Instance'), 'identifier')],
  },
  aws_rds_global_cluster: {
    taken: (key) => `creating RDS Global Cluster (${key}): GlobalClusterAlreadyExistsFault: Global cluster ${key} already exists`,
    delete: [
      protectedBy('deletion_protection', 'RDS Global Cluster', PROTECTED('Cluster')),
      (at) => (isOn(at.object['force_destroy']) ? undefined : usedBy('aws_rds_cluster', 'global_cluster_identifier', 'RDS Global Cluster', () => `InvalidGlobalClusterStateFault: Global Cluster ${text(at.object['id'])} is not empty`)(at)),
    ],
  },
  aws_docdb_cluster: {
    plan: ({ prior, planned }) => (elementsOf(prior['serverless_v2_scaling_configuration']).length > 0 && elementsOf(planned['serverless_v2_scaling_configuration']).length === 0 ? ['serverless_v2_scaling_configuration'] : []),
    recomputed: masterSecret,
    taken: (key) => `creating DocumentDB Cluster (${key}): DBClusterAlreadyExistsFault: DB Cluster already exists`,
    delete: [finalSnapshot('DocumentDB Cluster '), protectedBy('deletion_protection', 'DocumentDB Cluster', PROTECTED('Cluster')), stillHas('aws_docdb_cluster_instance', 'DocumentDB Cluster')],
  },
  aws_docdb_global_cluster: { delete: [protectedBy('deletion_protection', 'DocumentDB Global Cluster', PROTECTED('Cluster'))] },
  aws_elasticache_replication_group: {
    validate: ({ automatic_failover_enabled, multi_az_enabled, num_cache_clusters }) => {
      if (multi_az_enabled === true && (automatic_failover_enabled === null || automatic_failover_enabled === false)) return { summary: 'automatic_failover_enabled must be true if multi_az_enabled is true', detail: '', path: 'multi_az_enabled' };
      if (automatic_failover_enabled === true && typeof num_cache_clusters === 'number' && num_cache_clusters < 2) return { summary: '"num_cache_clusters": must be at least 2 if automatic_failover_enabled is true', detail: '', path: 'num_cache_clusters' };
      return undefined;
    },
  },
  aws_backup_vault: {
    taken: (key) => `creating Backup Vault (${key}): AlreadyExistsException: Backup vault with the same name already exists`,
    delete: [(at) => (Number(at.object['recovery_points'] ?? 0) > 0 && !isOn(at.object['force_destroy']) ? { summary: `deleting Backup Vault (${text(at.object['id'])}): InvalidRequestException: Backup vault cannot be deleted because it contains recovery points.`, detail: 'Let the recovery points expire or delete them, or set force_destroy to true and apply that first.' } : undefined)],
  },
  aws_backup_plan: { delete: [usedBy('aws_backup_selection', 'plan_id', 'Backup Plan', () => 'InvalidRequestException: Related backup plan selections must be deleted prior to backup plan deletion')] },
};
