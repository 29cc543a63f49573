import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import { RdsClusterParameterGroup } from '@cdktf/provider-aws/lib/rds-cluster-parameter-group';
import { Lazy } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { Duration } from '../../lib/core/duration';
import { EncryptionKey } from '../../lib/encryption';
import { Engine, InstanceSize } from '../../lib/engine';
import { HaCluster, type HaClusterProps, Topology } from '../../lib/ha-cluster';
import { importedNetwork, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';

const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/k';
const ID = 'shop-staging-data-cluster';

function made(props: Partial<HaClusterProps> = {}, environment: Parameters<typeof testStack>[0] = {}): SynthesizedStack {
  const stack = testStack(environment);
  new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), engine: Engine.auroraPostgresql('17'), encryptionKey: EncryptionKey.fromEncryptionKeyAttributes(stack, 'Key', { encryptionKeyArn: KEY }), ...props });
  return synthesizeStack(stack);
}
const instances = (stack: SynthesizedStack): unknown[] => stack.resources(RdsClusterInstance).map(({ arguments: { identifier, availability_zone, promotion_tier, instance_class } }) => [identifier, availability_zone, promotion_tier, instance_class]).sort(([, , a], [, , b]) => a - b);
const parameters = (stack: SynthesizedStack): Record<string, string> => Object.fromEntries(stack.resource(RdsClusterParameterGroup).parameter.map(({ name, value, apply_method }: Record<string, string>) => [name, `${value} ${apply_method}`]));

describe('HaCluster', () => {
  const stack = made();
  const cluster = stack.resource(RdsCluster);

  it('[DBAAS-1.1] is Aurora PostgreSQL in the network, on the port that it admits', () => {
    expect(cluster).toMatchObject({
      cluster_identifier: ID, engine: 'aurora-postgresql', engine_version: '17', engine_mode: 'provisioned', engine_lifecycle_support: 'open-source-rds-extended-support-disabled',
      db_subnet_group_name: 'databases', port: 5432,
    });
    for (const wrong of ['availability_zones', 'allocated_storage', 'master_password']) expect(cluster).not.toHaveProperty(wrong);
  });

  it('has a writer and a reader in another zone that can be promoted at once', () => {
    expect(instances(stack)).toEqual([[`${ID}-a`, 'eu-central-1a', 0, 'db.serverless'], [`${ID}-b`, 'eu-central-1b', 1, 'db.serverless']]);
    for (const { arguments: args } of stack.resources(RdsClusterInstance)) expect(args).toMatchObject({ publicly_accessible: false, copy_tags_to_snapshot: true, auto_minor_version_upgrade: true });
  });

  it('has one instance in development, which pauses when nobody uses it', () => {
    const development = made({}, { stage: 'development' });
    expect(instances(development)).toEqual([['shop-development-data-cluster-a', 'eu-central-1a', 0, 'db.serverless']]);
    expect(development.resource(RdsCluster).serverlessv2_scaling_configuration).toEqual({ min_capacity: 0, max_capacity: 4, seconds_until_auto_pause: 300 });
  });

  it('[DBAAS-10.1] [DBAAS-10.3] is encrypted with the customer\'s key: storage, master secret, statistics and logs', () => {
    expect(cluster).toMatchObject({ storage_encrypted: true, kms_key_id: KEY, master_user_secret_kms_key_id: KEY, performance_insights_kms_key_id: KEY });
    for (const { arguments: { kms_key_id } } of stack.resources(CloudwatchLogGroup)) expect(kms_key_id).toBe(KEY);
  });

  it('[DBAAS-10.3] makes a key where none is given', () => {
    const own = made({ encryptionKey: undefined });
    expect(own.resource(RdsCluster).kms_key_id).toBe(`\${${own.resources(KmsKey)[0]?.address}.arn}`);
  });

  it('lets AWS make and keep the master password, and takes IAM tokens', () => {
    expect(cluster).toMatchObject({ master_username: 'tenantry_admin', manage_master_user_password: true, iam_database_authentication_enabled: true });
  });

  it('[ARC-5.1] [DBAAS-10.2] requires TLS 1.3 and SCRAM by its parameter group', () => {
    expect(parameters(stack)).toMatchObject({
      'log_connections': '1 immediate', 'log_disconnections': '1 immediate', 'password_encryption': 'scram-sha-256 immediate', 'rds.accepted_password_auth_method': 'scram immediate',
      'rds.force_ssl': '1 immediate', 'ssl_min_protocol_version': 'TLSv1.3 immediate',
    });
    expect(stack.resource(RdsClusterParameterGroup)).toMatchObject({ family: 'aurora-postgresql17', name: `${ID}-aurora-postgresql17`, lifecycle: { create_before_destroy: true } });
    expect(cluster.db_cluster_parameter_group_name).toBe(`\${${stack.resources(RdsClusterParameterGroup)[0]?.address}.name}`);
    expect(parameters(made({ minimumTls: '1.2' })).ssl_min_protocol_version).toBe('TLSv1.2 immediate');
  });

  it('cannot be deleted by a plan, and leaves a snapshot with a name that does not change', () => {
    expect(cluster).toMatchObject({ deletion_protection: true, skip_final_snapshot: false, final_snapshot_identifier: `${ID}-final`, backup_retention_period: 14, delete_automated_backups: true, copy_tags_to_snapshot: true });
    expect(made({}, { stage: 'production' }).resource(RdsCluster)).toMatchObject({ deletion_protection: true, skip_final_snapshot: false, backup_retention_period: 35, delete_automated_backups: false, apply_immediately: false });
    expect(made({}, { stage: 'development' }).resource(RdsCluster)).toMatchObject({ deletion_protection: false, skip_final_snapshot: true, final_snapshot_identifier: 'shop-development-data-cluster-final' });
  });

  it('exports its logs to groups that are there before it', () => {
    expect(cluster.enabled_cloudwatch_logs_exports).toEqual(['iam-db-auth-error', 'postgresql']);
    const groups = stack.resources(CloudwatchLogGroup);
    expect(groups.map(({ arguments: { name, retention_in_days } }) => [name, retention_in_days])).toEqual([[`/aws/rds/cluster/${ID}/iam-db-auth-error`, 90], [`/aws/rds/cluster/${ID}/postgresql`, 90]]);
    expect(cluster.depends_on).toEqual(groups.map(({ address }) => address));
  });

  it('[DBAAS-4.1] is measured every 5 seconds, in development every 30', () => {
    const role = stack.resources(IamRole)[0];
    expect(JSON.parse(role?.arguments.assume_role_policy).Statement[0]).toMatchObject({ Principal: { Service: 'monitoring.rds.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } } });
    for (const { arguments: args } of stack.resources(RdsClusterInstance)) expect(args).toMatchObject({ monitoring_interval: 5, monitoring_role_arn: `\${${role?.address}.arn}` });
    expect(made({}, { stage: 'development' }).resource(RdsClusterInstance).monitoring_interval).toBe(30);
  });

  it('[DBAAS-4.4] keeps query statistics a week, and 465 days in production', () => {
    expect(cluster).toMatchObject({ database_insights_mode: 'standard', performance_insights_enabled: true, performance_insights_retention_period: 7 });
    expect(made({}, { stage: 'production' }).resource(RdsCluster)).toMatchObject({ database_insights_mode: 'advanced', performance_insights_retention_period: 465 });
  });

  it('takes instances of a class, without a serverless range', () => {
    const provisioned = made({ topology: Topology.aurora({ readers: 1, instance: InstanceSize.of('db.r8g.large') }) });
    expect(instances(provisioned)).toEqual([[`${ID}-a`, 'eu-central-1a', 0, 'db.r8g.large'], [`${ID}-b`, 'eu-central-1b', 1, 'db.r8g.large']]);
    expect(provisioned.resource(RdsCluster)).not.toHaveProperty('serverlessv2_scaling_configuration');
  });

  it('spreads more readers over the zones, and leaves those that exist where they are', () => {
    const four = made({ topology: Topology.aurora({ readers: 4 }) });
    expect(instances(four)).toEqual([
      [`${ID}-a`, 'eu-central-1a', 0, 'db.serverless'], [`${ID}-b`, 'eu-central-1b', 1, 'db.serverless'], [`${ID}-c`, 'eu-central-1c', 2, 'db.serverless'],
      [`${ID}-a2`, 'eu-central-1a', 3, 'db.serverless'], [`${ID}-b2`, 'eu-central-1b', 4, 'db.serverless'],
    ]);
    expect(four.addresses()).toEqual(expect.arrayContaining(stack.addresses()));
  });

  it('leaves a pinned minor version alone', () => {
    const pinned = made({ engine: Engine.auroraPostgresql('17.5') });
    expect(pinned.resource(RdsCluster).engine_version).toBe('17.5');
    for (const { arguments: args } of pinned.resources(RdsClusterInstance)) expect(args.auto_minor_version_upgrade).toBe(false);
  });

  it('takes other names, backups and parameters', () => {
    const other = made({ clusterIdentifier: 'shop', masterUsername: 'root_user', backupRetention: Duration.days(3), parameters: { work_mem: '65536' } });
    expect(other.resource(RdsCluster)).toMatchObject({ cluster_identifier: 'shop', master_username: 'root_user', backup_retention_period: 3, final_snapshot_identifier: 'shop-final' });
    expect(parameters(other)).toMatchObject({ work_mem: '65536 immediate' });
  });

  it('takes values that only Terraform knows', () => {
    const token = (): string => Lazy.stringValue({ produce: () => '${data.aws_x.y.z}' });
    const other = made({ clusterIdentifier: token(), masterUsername: token(), parameters: { work_mem: token() } });
    expect(other.resource(RdsCluster)).toMatchObject({ cluster_identifier: '${data.aws_x.y.z}', master_username: '${data.aws_x.y.z}' });
  });

  it('ignores no change: nothing is hidden from the search for drift', () => {
    for (const { address, arguments: args } of stack.all()) expect(args.lifecycle?.ignore_changes, address).toBeUndefined();
  });

  it('can be changed where a property is missing', () => {
    const own = testStack();
    new HaCluster(own, 'Cluster', { network: importedNetwork(own), engine: Engine.auroraPostgresql('17') }).resource.addOverride('network_type', 'DUAL');
    expect(synthesizeStack(own).resource(RdsCluster).network_type).toBe('DUAL');
  });
});
