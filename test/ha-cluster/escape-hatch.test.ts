import { describe, expect, it } from 'vitest';
import { Duration } from '../../lib/core/duration';
import { Size } from '../../lib/core/size';
import { Engine, InstanceSize } from '../../lib/engine';
import { HaCluster, type HaClusterProps, Topology } from '../../lib/ha-cluster';
import { importedNetwork, synthesizeStack, testStack } from '../support/synth';

const AURORA: Partial<HaClusterProps> = {};
const INSTANCE: Partial<HaClusterProps> = {
  engine: Engine.postgresql('17'), topology: Topology.multiAzInstance({ instance: InstanceSize.of('db.r8g.large'), storage: { size: Size.gibibytes(100) } }), objectives: { failoverWithin: Duration.minutes(2) },
};
Engine.register({
  name: 'aurora-without-iam', label: 'Aurora without IAM', language: 'postgresql', storage: 'aurora', defaultPort: 5432, reservedUsernames: [],
  tls: { parameter: 'tls', values: { '1.2': '1.2', '1.3': '1.3' } }, versions: { 1: { parameterGroupFamily: 'without1', parameters: [], logExports: [] } },
});
const WITHOUT_IAM: Partial<HaClusterProps> = { engine: Engine.of('aurora-without-iam', '1') };

type Case = readonly [title: string, overrides: Readonly<Record<string, unknown>>, code: string, text: string, props?: Partial<HaClusterProps>];

const CASES: readonly Case[] = [
  ['two master passwords', { master_password: 'x' }, 'ha-cluster/conflict-two-passwords', `AWS manages the master password, and one is given besides: it would lie in the state, and the provider takes one of the two.

Take the password out of the override.

Source: hashicorp/aws, aws_rds_cluster`],
  ['a managed password on a member of a global cluster', { global_cluster_identifier: 'shop' }, 'ha-cluster/conflict-global-managed-password', `A member of a global cluster cannot have a master password that AWS manages.

Leave global_cluster_identifier out of the override.

Source: AWS, Password management with Amazon RDS and Secrets Manager`],
  ['a snapshot in a global cluster', { snapshot_identifier: 's', global_cluster_identifier: 'shop', manage_master_user_password: false }, 'ha-cluster/conflict-snapshot-and-global', `A cluster from a snapshot cannot join a global cluster.

Make the cluster from the snapshot first, and the global cluster from it.

Source: hashicorp/aws, aws_rds_cluster`],
  ['two origins', { snapshot_identifier: 's', restore_to_point_in_time: { source_cluster_identifier: 'c', use_latest_restorable_time: true } }, 'ha-cluster/conflict-two-origins', `It can come from one place: a snapshot, a point in time, an import or another instance.

Give one of them.

Source: hashicorp/aws, aws_rds_cluster`],
  ['allocated_storage on Aurora', { allocated_storage: 100 }, 'ha-cluster/conflict-aurora-allocated-storage', `allocated_storage is 100, but Aurora's storage grows by itself: the provider takes it for a Multi-AZ DB cluster.

Take it out; for declared storage: Topology.multiAzCluster({ … }) with Engine.postgresql or Engine.mysql.

Source: hashicorp/aws, aws_rds_cluster`],
  ['the class of a Multi-AZ DB cluster on Aurora', { db_cluster_instance_class: 'db.r6gd.large' }, 'ha-cluster/conflict-aurora-cluster-class', `db_cluster_instance_class and iops are those of a Multi-AZ DB cluster; instances of Aurora have their own class, and no provisioned operations.

Take them out: Topology.aurora({ instance: … })

Source: hashicorp/aws, aws_rds_cluster`],
  ['gp3 on Aurora', { storage_type: 'gp3' }, 'ha-cluster/conflict-aurora-storage-type', `storage_type is "gp3"; Aurora has its standard storage and aurora-iopt1.

Topology.aurora({ storage: 'io-optimized', … })

Source: AWS, CreateDBCluster`],
  ['zones that AWS fills up', { availability_zones: ['eu-central-1a'] }, 'ha-cluster/conflict-zones', `availability_zones is given: AWS fills it up to three, and the next plan would replace the cluster for the difference.

Take it out: instances are placed in zones, and the storage is in three anyway.

Source: hashicorp/aws, aws_rds_cluster`],
  ['advanced insights of a week', { database_insights_mode: 'advanced' }, 'ha-cluster/conflict-insights', `database_insights_mode is "advanced", which needs query statistics that are kept for 465 days.

Give the environment profile.insightsDays: 465, and leave both out of the override.

Source: AWS, Database Insights`],
  ["statistics under a key of AWS's", { performance_insights_kms_key_id: '' }, 'ha-cluster/conflict-insights-without-key', `Query statistics hold statements, and would be encrypted with a key of AWS's.

Leave performance_insights_kms_key_id as it is.

Source: hashicorp/aws, aws_rds_cluster`],
  ['storage that is not encrypted', { storage_encrypted: false }, 'ha-cluster/conflict-not-encrypted', `storage_encrypted is false. It cannot be changed later: encrypting it then means another database.

Take it out.

Source: AWS, Encrypting Amazon RDS resources`],
  ['no backups', { backup_retention_period: 0 }, 'ha-cluster/conflict-no-backups', `backup_retention_period is 0: there would be no automated backup, and no point in time to restore to.

Take it out; the shortest is backupRetention: Duration.days(1).

Source: AWS, Backup retention period`],
  ['the first serverless', { engine_mode: 'serverless' }, 'ha-cluster/conflict-serverless-v1', `engine_mode is "serverless": the first version of Aurora Serverless, which has no new clusters any more.

Take it out: Topology.aurora({ serverless: { … } }) is the second one.

Source: AWS, Aurora Serverless v1 end of life`],
  ['shards', { cluster_scalability_type: 'limitless' }, 'ha-cluster/conflict-limitless', `cluster_scalability_type is "limitless": shards have a capacity, storage and monitoring of their own, which this construct does not declare.

Take it out.

Source: hashicorp/aws, aws_rds_cluster`],
  ['a final snapshot without a name', { final_snapshot_identifier: '' }, 'ha-cluster/conflict-no-final-snapshot', `A final snapshot is asked for, and it has no name: the destruction would fail half-way.

Leave final_snapshot_identifier as it is.

Source: hashicorp/aws, aws_rds_cluster`],
  ['longer support that is paid for', { engine_lifecycle_support: 'open-source-rds-extended-support' }, 'ha-cluster/conflict-extended-support', `engine_lifecycle_support is "open-source-rds-extended-support": a version past its end costs by the vCPU and hour, without a plan that says so.

Raise the version: engine and allowMajorVersionUpgrade.

Source: AWS, RDS Extended Support charges`],
  ['an address of the internet', { publicly_accessible: true }, 'ha-cluster/conflict-public', `publicly_accessible is true: the database would have an address of the internet.

Take it out; name who may connect: sources, or admit(…).

Source: AWS, Hiding a DB instance in a VPC`, INSTANCE],
  ['monitoring once a minute', { monitoring_interval: 60 }, 'ha-cluster/conflict-monitoring-too-seldom', `monitoring_interval is 60; the operating system is sampled every 30 seconds at least, and 0 is never.

Give the environment profile.monitoringSeconds: 1, 5, 10, 15 or 30.

Source: AWS, ModifyDBInstance`, INSTANCE],
  ['monitoring without a role', { monitoring_role_arn: '' }, 'ha-cluster/conflict-monitoring-without-role', `monitoring_interval is given without monitoring_role_arn: RDS would refuse it.

Leave both as they are.

Source: AWS, ModifyDBInstance`, INSTANCE],
  ['one zone', { multi_az: false }, 'ha-cluster/conflict-instance-one-zone', `multi_az is false, and the topology promises a standby in another zone.

In development: Topology.single({ … })

Source: hashicorp/aws, aws_db_instance`, INSTANCE],
  ['a zone for two', { availability_zone: 'eu-central-1a' }, 'ha-cluster/conflict-instance-zone', `availability_zone is given with a standby in another zone: RDS chooses both, and refuses the two together.

Take it out.

Source: AWS, CreateDBInstance`, INSTANCE],
  ['growth to less', { max_allocated_storage: 50 }, 'ha-cluster/conflict-growth-and-size', `max_allocated_storage is 50, which is not above allocated_storage, 100.

Give storage.maximum of the topology.

Source: hashicorp/aws, aws_db_instance`, INSTANCE],
  ['IAM with an engine that lacks it', { iam_database_authentication_enabled: true }, 'ha-cluster/conflict-iam-not-offered', `Aurora without IAM 1 has no IAM authentication.

Take it out; logins of the declaration need login: 'password'.

Source: AWS, IAM database authentication`, WITHOUT_IAM],
];

function synthesized(overrides: Readonly<Record<string, unknown>>, props: Partial<HaClusterProps> = AURORA): string {
  const stack = testStack();
  const cluster = new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), engine: Engine.auroraPostgresql('17'), ...props });
  for (const [argument, value] of Object.entries(overrides)) cluster.resource.addOverride(argument, value);
  try {
    synthesizeStack(stack);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

const indented = (text: string): string => text.split('\n').map((line) => (line === '' ? line : `  ${line}`)).join('\n');

describe('what the escape hatch can say, and nothing can be', () => {
  it.each(CASES.map((one) => [one[0], one] as const))('%s is refused at synthesis', (_title, [, overrides, code, text, props]) => {
    expect(synthesized(overrides, props)).toBe(`Validation failed with the following errors:
  [staging-data/Cluster] ${code}  at staging-data/Cluster/Resource

${indented(text)}

If you wish to ignore these validations, pass 'skipValidation: true' to your App configuration.
`);
  });

  it.each([['Aurora', AURORA], ['an instance', INSTANCE]])('%s as it is made, and with a harmless override, is not', (_title, props) => {
    expect([synthesized({}, props), synthesized({ network_type: 'DUAL' }, props)]).toEqual(['', '']);
  });
});
