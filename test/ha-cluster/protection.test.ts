import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import { DbParameterGroup } from '@cdktf/provider-aws/lib/db-parameter-group';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterParameterGroup } from '@cdktf/provider-aws/lib/rds-cluster-parameter-group';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { describe, expect, it } from 'vitest';
import { MaintenanceWindow } from '../../lib/alerting';
import { Duration } from '../../lib/core/duration';
import { Size } from '../../lib/core/size';
import { EncryptionKey } from '../../lib/encryption';
import { Engine, InstanceSize } from '../../lib/engine';
import { HaCluster, type HaClusterProps, Topology } from '../../lib/ha-cluster';
import { importedNetwork, type Json, type ResourceClass, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';

const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/k';
const instance = InstanceSize.of('db.r8g.large');
const storage = { size: Size.gibibytes(500) };

interface Case {
  readonly stage: 'staging' | 'development' | 'production';
  readonly props: Pick<HaClusterProps, 'engine' | 'topology'>;
  readonly type: ResourceClass;
  readonly group: ResourceClass;
  /** What AWS calls differently of a cluster and of an instance. */
  readonly names: { readonly group: string; readonly username: string; readonly backup: string; readonly maintenance: string };
}

const OF_CLUSTER = { type: RdsCluster, group: RdsClusterParameterGroup, names: { group: 'db_cluster_parameter_group_name', username: 'master_username', backup: 'preferred_backup_window', maintenance: 'preferred_maintenance_window' } };
const OF_INSTANCE = { type: DbInstance, group: DbParameterGroup, names: { group: 'parameter_group_name', username: 'username', backup: 'backup_window', maintenance: 'maintenance_window' } };

/** What protects Aurora is shown with it; none of these may have less. */
const CASES: Readonly<Record<string, Case>> = {
  'a Multi-AZ DB cluster': { ...OF_CLUSTER, stage: 'staging', props: { engine: Engine.postgresql('17'), topology: Topology.multiAzCluster({ instance: InstanceSize.of('db.r6gd.large'), storage }) } },
  'a Multi-AZ DB instance': { ...OF_INSTANCE, stage: 'staging', props: { engine: Engine.postgresql('17'), topology: Topology.multiAzInstance({ instance, storage }) } },
  'a single instance': { ...OF_INSTANCE, stage: 'development', props: { engine: Engine.mysql('8.4'), topology: Topology.single({ instance, storage }) } },
};

function made(stage: Case['stage'], props: Partial<HaClusterProps> & Pick<HaClusterProps, 'engine'>): SynthesizedStack {
  const stack = testStack({ stage });
  new HaCluster(stack, 'Cluster', {
    network: importedNetwork(stack), encryptionKey: EncryptionKey.fromEncryptionKeyAttributes(stack, 'Key', { encryptionKeyArn: KEY }), objectives: { failoverWithin: Duration.minutes(2) },
    maintenanceWindow: MaintenanceWindow.weekly('saturday', '04:00'), backupWindow: '01:30-02:30', ...props, ...(stage === 'development' ? { objectives: {} } : {}),
  });
  return synthesizeStack(stack);
}

describe.each(Object.entries(CASES))('%s', (_name, { stage, props, type, group, names }) => {
  const stack = made(stage, props);
  const database = stack.resource(type);
  const reference = (one: ResourceClass, attribute: string): string => `\${${stack.resources(one)[0]?.address}.${attribute}}`;
  const settings = (of: SynthesizedStack): Json => Object.fromEntries(of.resource(group).parameter.map(({ name, value }: Json) => [name, value]));
  const postgresql = props.engine.language === 'postgresql';

  it('[DBAAS-10.1] [DBAAS-10.3] is encrypted with the customer\'s key: storage, master secret, statistics and logs', () => {
    expect(database).toMatchObject({ storage_encrypted: true, kms_key_id: KEY, master_user_secret_kms_key_id: KEY, performance_insights_enabled: true, performance_insights_kms_key_id: KEY });
    expect(stack.resources(CloudwatchLogGroup).map(({ arguments: { kms_key_id } }) => kms_key_id)).toEqual(database.enabled_cloudwatch_logs_exports.map(() => KEY));
  });

  it('[ARC-5.1] [DBAAS-10.2] takes connections with TLS 1.3 alone, by the parameter group that it is in', () => {
    expect(database[names.group]).toBe(reference(group, 'name'));
    const tls = (minimum: string): Json => (postgresql ? { 'rds.force_ssl': '1', 'ssl_min_protocol_version': minimum } : { require_secure_transport: '1', tls_version: minimum });
    expect(settings(stack)).toMatchObject(tls('TLSv1.3'));
    expect(settings(made(stage, { ...props, minimumTls: '1.2' }))).toMatchObject(tls(postgresql ? 'TLSv1.2' : 'TLSv1.2,TLSv1.3'));
  });

  it('is reached inside the network by whom its groups admit, with a token or a password that AWS makes', () => {
    const own = stack.resources(SecurityGroup).find(({ arguments: { name } }) => name.endsWith('-databases'))?.address;
    expect(database).toMatchObject({
      db_subnet_group_name: 'databases', port: postgresql ? 5432 : 3306, vpc_security_group_ids: [`\${${own}.id}`, ...(postgresql ? ['sg-1'] : [])],
      [names.username]: 'tenantry_admin', manage_master_user_password: true, iam_database_authentication_enabled: true,
    });
    for (const wrong of ['master_password', 'password', 'availability_zones', 'availability_zone']) expect(database).not.toHaveProperty(wrong);
    // Of a cluster the provider would leave it to the subnets, which have no way out.
    expect(database.publicly_accessible).toBe(type === DbInstance ? false : undefined);
  });

  it('is backed up and maintained in its windows, and leaves a snapshot behind', () => {
    const kept = stage === 'staging';
    expect(database).toMatchObject({
      [names.backup]: '01:30-02:30', [names.maintenance]: 'sat:04:00-sat:05:00', backup_retention_period: kept ? 14 : 7, copy_tags_to_snapshot: true, delete_automated_backups: true,
      deletion_protection: kept, skip_final_snapshot: !kept, final_snapshot_identifier: `shop-${stage}-data-cluster-final`, engine_lifecycle_support: 'open-source-rds-extended-support-disabled', apply_immediately: true,
    });
  });

  it('is measured by a role of its own, and made after its log groups', () => {
    expect(database).toMatchObject({ monitoring_interval: stage === 'staging' ? 5 : 30, monitoring_role_arn: reference(IamRole, 'arn') });
    expect(database.depends_on).toEqual([...stack.resources(CloudwatchLogGroup), ...stack.resources(IamRolePolicyAttachment)].map(({ address }) => address));
    expect(stack.resources(CloudwatchLogGroup).map(({ arguments: { name } }) => name.split('/').at(-1))).toEqual(database.enabled_cloudwatch_logs_exports);
  });
});

it.each(Object.entries(CASES).filter(([, { stage }]) => stage !== 'development'))('%s waits with changes in production, and keeps more there', (_name, { props, type }) => {
  expect(made('production', props).resource(type)).toMatchObject({
    apply_immediately: false, backup_retention_period: 35, deletion_protection: true, skip_final_snapshot: false, delete_automated_backups: type === RdsCluster,
    database_insights_mode: 'advanced', performance_insights_retention_period: 465,
  });
});
