import { isKnown } from '../construct/known';
import type { Complaint } from '../core/errors';
import type { DatabaseEngine } from '../engine/engine';
import type { TopologyKind } from './topology';

/** Arguments of a resource as Terraform gets them, overrides included. */
export type Arguments = Readonly<Record<string, unknown>>;

export interface ConflictContext {
  readonly kind: TopologyKind;
  readonly engine: DatabaseEngine;
}

interface Conflict {
  readonly code: string;
  readonly found: (args: Arguments, context: ConflictContext) => boolean;
  readonly problem: string | ((args: Arguments, context: ConflictContext) => string);
  readonly fix: string;
  readonly source: string;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
const has = (args: Arguments, ...names: readonly string[]): boolean => names.every((name) => isGiven(args[name]));
const any = (args: Arguments, ...names: readonly string[]): boolean => names.some((name) => isGiven(args[name]));
const is = (args: Arguments, name: string, value: unknown): boolean => args[name] === value;
/** A number that is known at synthesis, and passes. */
const isNumber = (args: Arguments, name: string, passes: (value: number) => boolean): boolean => {
  const value = args[name];
  return isGiven(value) && isKnown(value) && passes(Number(value));
};
const shown = (value: unknown): string => (isKnown(value) ? JSON.stringify(value) : 'a value that only Terraform knows');

const CLUSTER = 'hashicorp/aws, aws_rds_cluster';
const INSTANCE = 'hashicorp/aws, aws_db_instance';
const GLOBAL = 'AWS, Password management with Amazon RDS and Secrets Manager';

/**
 * What the provider or AWS would refuse, or would take and lose something by it, although every argument exists: typed properties cannot say these, but the escape
 * hatch can. The problem reads on from the path of the resource.
 */
const CONFLICTS: readonly Conflict[] = [
  {
    code: 'two-passwords',
    found: (args) => is(args, 'manage_master_user_password', true) && any(args, 'master_password', 'master_password_wo', 'password', 'password_wo'),
    problem: 'AWS manages the master password, and one is given besides: it would lie in the state, and the provider takes one of the two.',
    fix: 'Take the password out of the override.',
    source: CLUSTER,
  },
  {
    code: 'global-managed-password',
    found: (args) => has(args, 'global_cluster_identifier') && is(args, 'manage_master_user_password', true),
    problem: 'A member of a global cluster cannot have a master password that AWS manages.',
    fix: 'Leave global_cluster_identifier out of the override.',
    source: GLOBAL,
  },
  {
    code: 'snapshot-and-global',
    found: (args) => has(args, 'snapshot_identifier', 'global_cluster_identifier'),
    problem: 'A cluster from a snapshot cannot join a global cluster.',
    fix: 'Make the cluster from the snapshot first, and the global cluster from it.',
    source: CLUSTER,
  },
  {
    code: 'two-origins',
    found: (args) => ['snapshot_identifier', 'restore_to_point_in_time', 's3_import', 'replicate_source_db'].filter((name) => isGiven(args[name])).length > 1,
    problem: 'It can come from one place: a snapshot, a point in time, an import or another instance.',
    fix: 'Give one of them.',
    source: CLUSTER,
  },
  {
    code: 'aurora-allocated-storage',
    found: (args, { kind }) => kind === 'aurora' && has(args, 'allocated_storage'),
    problem: ({ allocated_storage: size }) => `allocated_storage is ${shown(size)}, but Aurora's storage grows by itself: the provider takes it for a Multi-AZ DB cluster.`,
    fix: 'Take it out; for declared storage: Topology.multiAzCluster({ … }) with Engine.postgresql or Engine.mysql.',
    source: CLUSTER,
  },
  {
    code: 'aurora-cluster-class',
    found: (args, { kind }) => kind === 'aurora' && any(args, 'db_cluster_instance_class', 'iops'),
    problem: 'db_cluster_instance_class and iops are those of a Multi-AZ DB cluster; instances of Aurora have their own class, and no provisioned operations.',
    fix: 'Take them out: Topology.aurora({ instance: … })',
    source: CLUSTER,
  },
  {
    code: 'aurora-storage-type',
    found: (args, { kind }) => kind === 'aurora' && isKnown(args['storage_type']) && !['', 'aurora', 'aurora-iopt1'].includes(args['storage_type'] as string),
    problem: ({ storage_type: type }) => `storage_type is ${shown(type)}; Aurora has its standard storage and aurora-iopt1.`,
    fix: "Topology.aurora({ storage: 'io-optimized', … })",
    source: 'AWS, CreateDBCluster',
  },
  {
    code: 'zones',
    found: (args) => has(args, 'availability_zones'),
    problem: 'availability_zones is given: AWS fills it up to three, and the next plan would replace the cluster for the difference.',
    fix: 'Take it out: instances are placed in zones, and the storage is in three anyway.',
    source: CLUSTER,
  },
  {
    code: 'iam-not-offered',
    found: (args, { engine }) => is(args, 'iam_database_authentication_enabled', true) && !engine.iamAuthentication,
    problem: (_args, { engine }) => `${engine.label} ${engine.version} has no IAM authentication.`,
    fix: "Take it out; logins of the declaration need login: 'password'.",
    source: 'AWS, IAM database authentication',
  },
  {
    code: 'insights',
    found: (args) => is(args, 'database_insights_mode', 'advanced')
      && (!is(args, 'performance_insights_enabled', true) || isNumber(args, 'performance_insights_retention_period', (days) => days < 465)),
    problem: 'database_insights_mode is "advanced", which needs query statistics that are kept for 465 days.',
    fix: 'Give the environment profile.insightsDays: 465, and leave both out of the override.',
    source: 'AWS, Database Insights',
  },
  {
    code: 'insights-without-key',
    found: (args) => is(args, 'performance_insights_enabled', true) && !has(args, 'performance_insights_kms_key_id'),
    problem: "Query statistics hold statements, and would be encrypted with a key of AWS's.",
    fix: 'Leave performance_insights_kms_key_id as it is.',
    source: CLUSTER,
  },
  {
    code: 'public',
    found: (args) => is(args, 'publicly_accessible', true),
    problem: 'publicly_accessible is true: the database would have an address of the internet.',
    fix: 'Take it out; name who may connect: sources, or admit(…).',
    source: 'AWS, Hiding a DB instance in a VPC',
  },
  {
    code: 'not-encrypted',
    found: (args) => is(args, 'storage_encrypted', false),
    problem: 'storage_encrypted is false. It cannot be changed later: encrypting it then means another database.',
    fix: 'Take it out.',
    source: 'AWS, Encrypting Amazon RDS resources',
  },
  {
    code: 'no-backups',
    found: (args) => is(args, 'backup_retention_period', 0),
    problem: 'backup_retention_period is 0: there would be no automated backup, and no point in time to restore to.',
    fix: 'Take it out; the shortest is backupRetention: Duration.days(1).',
    source: 'AWS, Backup retention period',
  },
  {
    code: 'monitoring-too-seldom',
    found: (args) => isNumber(args, 'monitoring_interval', (seconds) => seconds === 0 || seconds > 30),
    problem: ({ monitoring_interval: seconds }) => `monitoring_interval is ${shown(seconds)}; the operating system is sampled every 30 seconds at least, and 0 is never.`,
    fix: 'Give the environment profile.monitoringSeconds: 1, 5, 10, 15 or 30.',
    source: 'AWS, ModifyDBInstance',
  },
  {
    code: 'monitoring-without-role',
    found: (args) => isNumber(args, 'monitoring_interval', (seconds) => seconds > 0) && !has(args, 'monitoring_role_arn'),
    problem: 'monitoring_interval is given without monitoring_role_arn: RDS would refuse it.',
    fix: 'Leave both as they are.',
    source: 'AWS, ModifyDBInstance',
  },
  {
    code: 'serverless-v1',
    found: (args) => is(args, 'engine_mode', 'serverless'),
    problem: 'engine_mode is "serverless": the first version of Aurora Serverless, which has no new clusters any more.',
    fix: 'Take it out: Topology.aurora({ serverless: { … } }) is the second one.',
    source: 'AWS, Aurora Serverless v1 end of life',
  },
  {
    code: 'limitless',
    found: (args) => is(args, 'cluster_scalability_type', 'limitless'),
    problem: 'cluster_scalability_type is "limitless": shards have a capacity, storage and monitoring of their own, which this construct does not declare.',
    fix: 'Take it out.',
    source: CLUSTER,
  },
  {
    code: 'instance-one-zone',
    found: (args, { kind }) => kind === 'multi-az-instance' && is(args, 'multi_az', false),
    problem: 'multi_az is false, and the topology promises a standby in another zone.',
    fix: 'In development: Topology.single({ … })',
    source: INSTANCE,
  },
  {
    code: 'instance-zone',
    found: (args, { kind }) => kind === 'multi-az-instance' && has(args, 'availability_zone'),
    problem: 'availability_zone is given with a standby in another zone: RDS chooses both, and refuses the two together.',
    fix: 'Take it out.',
    source: 'AWS, CreateDBInstance',
  },
  {
    code: 'growth-and-size',
    found: (args) => isNumber(args, 'max_allocated_storage', (most) => most > 0 && isNumber(args, 'allocated_storage', (size) => most <= size)),
    problem: ({ max_allocated_storage: most, allocated_storage: size }) => `max_allocated_storage is ${shown(most)}, which is not above allocated_storage, ${shown(size)}.`,
    fix: 'Give storage.maximum of the topology.',
    source: INSTANCE,
  },
  {
    code: 'no-final-snapshot',
    found: (args) => is(args, 'skip_final_snapshot', false) && !has(args, 'final_snapshot_identifier'),
    problem: 'A final snapshot is asked for, and it has no name: the destruction would fail half-way.',
    fix: 'Leave final_snapshot_identifier as it is.',
    source: CLUSTER,
  },
  {
    code: 'extended-support',
    found: (args) => is(args, 'engine_lifecycle_support', 'open-source-rds-extended-support'),
    problem: 'engine_lifecycle_support is "open-source-rds-extended-support": a version past its end costs by the vCPU and hour, without a plan that says so.',
    fix: 'Raise the version: engine and allowMajorVersionUpgrade.',
    source: 'AWS, RDS Extended Support charges',
  },
];

export function conflictsIn(args: Arguments, context: ConflictContext): Complaint[] {
  const text = (value: Conflict['problem']): string => (typeof value === 'string' ? value : value(args, context));
  return CONFLICTS.filter(({ found }) => found(args, context))
    .map(({ code, problem, fix, source }) => ({ code: `ha-cluster/conflict-${code}`, problem: text(problem), fix, source }));
}
