import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Terraform, type TerraformDiagnostic, withoutTerraform } from './support/terraform';

const running: Terraform[] = [];
async function start(...types: string[]): Promise<Terraform> {
  const terraform = await Terraform.start(types);
  running.push(terraform);
  return terraform;
}
afterEach(() => running.splice(0).forEach((one) => one.close()));

const errors = (diagnostics: readonly TerraformDiagnostic[]): string[] => diagnostics.map(({ severity, summary, detail, address }) => `${severity}${address === undefined ? '' : ` ${address}`}: ${detail === '' ? summary : `${summary} | ${detail}`}`);
const POLICY = '{"Version":"2012-10-17","Statement":[]}';
const cluster = (more: object): object => ({ engine: 'aurora-postgresql', master_username: 'root', manage_master_user_password: true, ...more });

describe.skipIf(withoutTerraform !== undefined)(`a plan${withoutTerraform ?? ''}`, () => {
  it('shows defaults, what AWS sets, what is secret, and what replaces, as the provider does', async () => {
    const terraform = await start('aws_rds_cluster', 'aws_rds_cluster_parameter_group', 'aws_ssm_parameter', 'aws_secretsmanager_secret_version', 'aws_vpc_endpoint', 'aws_vpc_security_group_ingress_rule', 'aws_s3_object', 'aws_s3_bucket_versioning', 'aws_codebuild_project', 'aws_sns_topic', 'aws_flow_log', 'aws_backup_report_plan');
    const project = (image: string): object => ({ name: 'project', service_role: 'arn:aws:iam::123456789012:role/a', artifacts: { type: 'NO_ARTIFACTS' }, environment: { compute_type: 'BUILD_GENERAL1_SMALL', image, type: 'LINUX_CONTAINER' }, source: { type: 'NO_SOURCE' } });
    const report = (name: string, template: string, regions: readonly string[]): object => ({ name, report_delivery_channel: { s3_bucket_name: 'a' }, report_setting: { report_template: template, regions } });
    const flowLog = (hourly: boolean): object => ({ vpc_id: 'vpc-1', traffic_type: 'ALL', log_destination: 'arn:aws:s3:::logs', log_destination_type: 's3', destination_options: { file_format: 'parquet', per_hour_partition: hourly } });
    const configuration = {
      resource: {
        aws_rds_cluster: { a: { engine: 'aurora-postgresql', cluster_identifier: 'a', master_username: 'root', master_password: 'hunter2', skip_final_snapshot: true }, b: cluster({ cluster_identifier: 'b', snapshot_identifier: 'old', skip_final_snapshot: true }), c: cluster({ cluster_identifier: 'c', engine: 'postgres', storage_type: 'io1', skip_final_snapshot: true }) },
        aws_ssm_parameter: { a: { name: 'a', type: 'String', value: 'one' }, b: { name: 'b', type: 'SecureString', value_wo: 'hunter2', value_wo_version: 1, tier: 'Advanced' } },
        aws_secretsmanager_secret_version: { a: { secret_id: 'a', secret_string_wo: 'hunter2', secret_string_wo_version: 1 } },
        aws_rds_cluster_parameter_group: { a: { name: 'a', family: 'aurora-postgresql17', parameter: [{ name: 'rds.force_ssl', value: '1' }] } },
        aws_vpc_endpoint: { a: { vpc_id: 'vpc-1', service_name: 'com.amazonaws.eu-central-1.s3', vpc_endpoint_type: 'Gateway', private_dns_enabled: false }, b: { vpc_id: 'vpc-1', service_name: 'com.amazonaws.eu-central-1.sqs', vpc_endpoint_type: 'Interface', private_dns_enabled: false, subnet_ids: ['subnet-1', 'subnet-2'] } },
        aws_vpc_security_group_ingress_rule: { a: { security_group_id: 'sg-1', ip_protocol: 'tcp', cidr_ipv4: '10.0.0.0/16' }, b: { security_group_id: 'sg-1', ip_protocol: 'tcp', cidr_ipv4: '10.0.0.0/16' } },
        aws_s3_object: { a: { bucket: 'a', key: 'b', content: 'one' } },
        aws_s3_bucket_versioning: { a: { bucket: 'a', versioning_configuration: { status: 'Enabled' } } },
        aws_codebuild_project: { a: project('one') },
        aws_sns_topic: { a: { name: 'a' }, b: { name: 'b' } },
        aws_flow_log: { a: flowLog(false) },
        aws_backup_report_plan: { a: report('a', 'BACKUP_JOB_REPORT', []), b: report('b', 'BACKUP_JOB_REPORT', []) },
      },
    };
    terraform.write(configuration);
    const first = await terraform.plan();
    expect(errors(first.diagnostics)).toEqual([]);
    const of = (address: string) => first.changes.find((change) => change.address === address);
    expect(of('aws_rds_cluster.a')).toMatchObject({
      actions: ['create'], after: { engine_mode: 'provisioned', copy_tags_to_snapshot: false, delete_automated_backups: true, deletion_protection: null, region: 'eu-central-1', master_password: 'hunter2' },
      unknown: { port: true, kms_key_id: true, master_user_secret: true, endpoint: true }, sensitive: { master_password: true },
    });
    expect(of('aws_rds_cluster.a')?.unknown['deletion_protection']).toBeUndefined();
    expect(of('aws_rds_cluster_parameter_group.a')?.after).toMatchObject({ description: 'Managed by Terraform', parameter: [{ apply_method: 'immediate', name: 'rds.force_ssl', value: '1' }] });
    expect(of('aws_codebuild_project.a')?.after).toMatchObject({ build_timeout: 60, queued_timeout: 480, environment: [{ image_pull_credentials_type: 'CODEBUILD', privileged_mode: false }] });
    expect(of('aws_ssm_parameter.b')?.after['value_wo']).toBeNull();
    expect(of('aws_secretsmanager_secret_version.a')?.after['secret_string_wo']).toBeNull();
    expect(errors((await terraform.apply()).diagnostics)).toEqual([]);
    expect(await terraform.actions()).toEqual({});
    expect(JSON.stringify(['aws_ssm_parameter', 'aws_secretsmanager_secret_version'].map((type) => terraform.store.list(type)))).not.toContain('hunter2');

    terraform.write({
      resource: {
        ...configuration.resource,
        aws_rds_cluster: { a: { engine: 'aurora-postgresql', cluster_identifier: 'a', master_username: 'root', manage_master_user_password: true, storage_encrypted: true, storage_type: 'aurora-iopt1', skip_final_snapshot: true }, b: cluster({ cluster_identifier: 'b', skip_final_snapshot: true }), c: cluster({ cluster_identifier: 'c', engine: 'postgres', storage_type: 'io2', snapshot_identifier: 'new', skip_final_snapshot: true }) },
        aws_ssm_parameter: { a: { name: 'a', type: 'String', value: 'two' }, b: { name: 'b', type: 'SecureString', value_wo: 'hunter2', value_wo_version: 1, tier: 'Standard' } },
        aws_vpc_endpoint: { a: { ...configuration.resource.aws_vpc_endpoint.a, private_dns_enabled: true }, b: { ...configuration.resource.aws_vpc_endpoint.b, private_dns_enabled: true, subnet_ids: ['subnet-2', 'subnet-1'] } },
        aws_vpc_security_group_ingress_rule: { a: { security_group_id: 'sg-1', ip_protocol: 'tcp', cidr_ipv4: '10.1.0.0/16' }, b: { security_group_id: 'sg-1', ip_protocol: 'tcp', referenced_security_group_id: 'sg-2' } },
        aws_s3_object: { a: { bucket: 'a', key: 'b', content: 'two' } },
        aws_codebuild_project: { a: project('two') },
        aws_sns_topic: { a: { name: 'a', region: 'eu-west-1' }, b: { name: 'b', display_name: 'B' } },
        aws_flow_log: { a: flowLog(true) },
        aws_backup_report_plan: { a: report('a', 'COPY_JOB_REPORT', []), b: report('b', 'BACKUP_JOB_REPORT', ['eu-west-1']) },
      },
    });
    const second = await terraform.plan();
    expect(errors(second.diagnostics)).toEqual([]);
    expect(Object.fromEntries(second.changes.filter(({ actions }) => actions[0] !== 'no-op').map(({ address, actions, replacedBy }) => [address, [actions.join(), ...replacedBy.flat()].join(' ')]))).toEqual({
      'aws_backup_report_plan.a': 'delete,create report_setting',
      'aws_backup_report_plan.b': 'update',
      'aws_codebuild_project.a': 'update',
      'aws_flow_log.a': 'delete,create destination_options',
      'aws_rds_cluster.a': 'delete,create storage_encrypted',
      'aws_rds_cluster.b': 'update',
      'aws_rds_cluster.c': 'delete,create storage_type snapshot_identifier',
      'aws_s3_object.a': 'update',
      'aws_sns_topic.a': 'delete,create region',
      'aws_sns_topic.b': 'update',
      'aws_ssm_parameter.a': 'update',
      'aws_ssm_parameter.b': 'delete,create tier',
      'aws_vpc_endpoint.a': 'delete,create private_dns_enabled',
      'aws_vpc_endpoint.b': 'update',
      'aws_vpc_security_group_ingress_rule.a': 'update',
      'aws_vpc_security_group_ingress_rule.b': 'delete,create cidr_ipv4 referenced_security_group_id',
    });
    const unknown = (address: string): unknown[] => Object.entries(second.changes.find((change) => change.address === address)?.unknown ?? {}).filter(([, value]) => value === true).map(([name]) => name);
    expect([unknown('aws_s3_object.a'), unknown('aws_ssm_parameter.a'), unknown('aws_vpc_endpoint.b')]).toEqual([['version_id'], ['version'], []]);
    expect(errors((await terraform.apply()).diagnostics)).toEqual([]);
    expect(terraform.store.list('aws_ssm_parameter', 'eu-central-1').find(({ name }) => name === 'a')).toMatchObject({ version: 2 });
    expect(terraform.store.list('aws_rds_cluster')[0]).toMatchObject({ master_user_secret: [{ secret_status: 'active' }] });
    expect(await terraform.actions()).toEqual({});

    terraform.write({ resource: { ...configuration.resource, aws_s3_bucket_versioning: { a: { bucket: 'a', versioning_configuration: { status: 'Disabled' } } } } });
    expect(errors((await terraform.plan()).diagnostics)).toEqual(["error aws_s3_bucket_versioning.a: versioning_configuration.status cannot be updated from 'Enabled' to 'Disabled' | Versioning of a bucket can be suspended, and never be taken back."]);
    terraform.write({});
    expect(errors(await terraform.destroy())).toEqual([]);
    expect(terraform.store.files()).toEqual([]);
  });
});

describe.skipIf(withoutTerraform !== undefined)(`rules of the service${withoutTerraform ?? ''}`, () => {
  it('refuse to delete what is protected, in use or not empty, and let it go when that is mended', async () => {
    const terraform = await start('aws_rds_cluster', 'aws_db_instance', 'aws_s3_bucket', 'aws_backup_vault', 'aws_cloudwatch_log_group', 'aws_vpc', 'aws_subnet', 'aws_security_group', 'aws_kms_key', 'aws_iam_role');
    const write = (free: boolean): void => terraform.write({
      resource: {
        aws_rds_cluster: { locked: cluster({ cluster_identifier: 'locked', deletion_protection: !free, skip_final_snapshot: true }), snapshot: cluster({ cluster_identifier: 'snapshot', ...(free ? { final_snapshot_identifier: 'last' } : {}) }), used: cluster({ cluster_identifier: 'used', skip_final_snapshot: true }) },
        aws_db_instance: { locked: { identifier: 'locked', instance_class: 'db.t4g.micro', engine: 'postgres', deletion_protection: !free, skip_final_snapshot: true } },
        aws_s3_bucket: { full: { bucket: 'full', force_destroy: free } },
        aws_backup_vault: { full: { name: 'full', force_destroy: free } },
        aws_cloudwatch_log_group: { locked: { name: 'locked', deletion_protection_enabled: !free } },
        aws_vpc: { used: { cidr_block: '10.0.0.0/16' } },
        aws_security_group: { used: { name: 'used' } },
        aws_kms_key: { gone: { deletion_window_in_days: 7 } },
        aws_iam_role: { used: { name: 'used', assume_role_policy: POLICY } },
      },
    });
    write(false);
    expect(errors((await terraform.apply()).diagnostics)).toEqual([]);
    // What others have made.
    const vpc = terraform.store.list('aws_vpc')[0]?.['id'] as string;
    const group = terraform.store.list('aws_security_group')[0]?.['id'] as string;
    const { store } = terraform;
    store.create('eu-central-1', 'aws_s3_object', 'full/log', { id: 'full/log', bucket: 'full', key: 'log' });
    store.create('eu-central-1', 'aws_subnet', 'subnet-1', { id: 'subnet-1', vpc_id: vpc });
    store.create('eu-central-1', 'aws_vpc_security_group_ingress_rule', 'sgr-1', { id: 'sgr-1', referenced_security_group_id: group });
    store.create('eu-central-1', 'aws_rds_cluster_instance', 'used-1', { id: 'used-1', cluster_identifier: 'used' });
    store.create('global', 'aws_iam_role_policy_attachment', 'used/p', { id: 'used/p', role: 'used', policy_arn: 'p' });
    store.replace('eu-central-1', 'aws_backup_vault', 'full', { ...store.get('eu-central-1', 'aws_backup_vault', 'full'), recovery_points: 3 });

    // Terraform names no address when it destroys.
    expect(errors(await terraform.destroy())).toEqual([
      'error: RDS Cluster final_snapshot_identifier is required when skip_final_snapshot is false | Name the final snapshot, or set skip_final_snapshot to true, and apply that first.',
      'error: deleting Backup Vault (full): InvalidRequestException: Backup vault cannot be deleted because it contains recovery points. | Let the recovery points expire or delete them, or set force_destroy to true and apply that first.',
      'error: deleting CloudWatch Logs Log Group (locked): ValidationException: The log group cannot be deleted because deletion protection is enabled. | Set deletion_protection_enabled to false and apply that first.',
      `error: deleting EC2 VPC (${vpc}): DependencyViolation: The vpc '${vpc}' has dependencies and cannot be deleted. | aws_subnet "subnet-1" still names it in vpc_id.`,
      'error: deleting IAM Role (used): DeleteConflict: Cannot delete entity, must detach all policies first. | aws_iam_role_policy_attachment "used/p" still names it in role.',
      'error: deleting RDS Cluster (locked): InvalidParameterCombination: Cannot delete protected Cluster, please disable deletion protection and try again. | Set deletion_protection to false and apply that first.',
      'error: deleting RDS Cluster (used): InvalidDBClusterStateFault: Cluster cannot be deleted, it still contains DB instances in non-deleting state. | aws_rds_cluster_instance "used-1" still names it in cluster_identifier.',
      'error: deleting RDS DB Instance (locked): InvalidParameterCombination: Cannot delete protected DB Instance, please disable deletion protection and try again. | Set deletion_protection to false and apply that first.',
      'error: deleting S3 Bucket (full): BucketNotEmpty: The bucket you tried to delete is not empty. You must delete all versions in the bucket. | Empty the bucket, or set force_destroy to true and apply that first.',
      `error: deleting Security Group (${group}): DependencyViolation: resource ${group} has a dependent object | aws_vpc_security_group_ingress_rule "sgr-1" still names it in referenced_security_group_id.`,
    ]);
    expect(store.list('aws_kms_key')).toEqual([]);

    write(true);
    expect(errors((await terraform.apply()).diagnostics)).toEqual([]);
    store.remove('eu-central-1', 'aws_subnet', 'subnet-1');
    store.remove('eu-central-1', 'aws_vpc_security_group_ingress_rule', 'sgr-1');
    store.remove('eu-central-1', 'aws_rds_cluster_instance', 'used-1');
    store.remove('global', 'aws_iam_role_policy_attachment', 'used/p');
    expect(errors(await terraform.destroy())).toEqual([]);
    expect(store.files()).toEqual([]);
  });

  it('refuse names and addresses that are taken, also in another region or by another kind of id', async () => {
    const terraform = await start('aws_rds_cluster', 'aws_db_instance', 'aws_s3_bucket', 'aws_secretsmanager_secret', 'aws_iam_policy', 'aws_security_group', 'aws_ssm_parameter', 'aws_kms_alias', 'aws_route_table_association', 'aws_vpc', 'aws_subnet');
    const { store } = terraform;
    store.create('eu-west-1', 'aws_s3_bucket', 'a', { id: 'a', bucket: 'a', bucket_region: 'eu-west-1' });
    store.create('eu-central-1', 'aws_rds_cluster', 'a', { id: 'a' });
    store.create('eu-central-1', 'aws_db_instance', 'a', { id: 'db-A', identifier: 'a' });
    store.create('eu-central-1', 'aws_secretsmanager_secret', 'arn:a', { id: 'arn:a', name: 'a' });
    store.create('global', 'aws_iam_policy', 'arn:aws:iam::123456789012:policy/a', { id: 'x', name: 'a' });
    store.create('eu-central-1', 'aws_security_group', 'sg-1', { id: 'sg-1', name: 'a', vpc_id: 'vpc-1' });
    store.create('eu-central-1', 'aws_ssm_parameter', 'a', { id: 'a', name: 'a' });
    store.create('eu-central-1', 'aws_kms_alias', 'alias/a', { id: 'alias/a', name: 'alias/a' });
    store.create('eu-central-1', 'aws_route_table_association', 'subnet-1/rtb-1', { id: 'rtbassoc-1' });
    store.create('eu-central-1', 'aws_vpc', 'vpc-1', { id: 'vpc-1', cidr_block: '10.0.0.0/16' });
    store.create('eu-central-1', 'aws_vpc_ipv4_cidr_block_association', 'vpc-cidr-assoc-1', { id: 'vpc-cidr-assoc-1', vpc_id: 'vpc-1', cidr_block: '10.2.0.0/16' });
    store.create('eu-central-1', 'aws_subnet', 'subnet-1', { id: 'subnet-1', vpc_id: 'vpc-1', cidr_block: '10.0.16.0/20' });
    const before = store.files();
    terraform.write({
      resource: {
        aws_rds_cluster: { a: cluster({ cluster_identifier: 'a', skip_final_snapshot: true }) },
        aws_db_instance: { a: { identifier: 'a', instance_class: 'db.t4g.micro', engine: 'postgres' } },
        aws_s3_bucket: { a: { bucket: 'a' } },
        aws_secretsmanager_secret: { a: { name: 'a' } },
        aws_iam_policy: { a: { name: 'a', policy: POLICY } },
        aws_security_group: { a: { name: 'a', vpc_id: 'vpc-1' }, b: { name: 'a', vpc_id: 'vpc-2' } },
        aws_ssm_parameter: { a: { name: 'a', type: 'String', value: 'x' } },
        aws_kms_alias: { a: { name: 'alias/a', target_key_id: 'k' } },
        aws_route_table_association: { a: { subnet_id: 'subnet-1', route_table_id: 'rtb-1' } },
        aws_subnet: { inside: { vpc_id: 'vpc-1', cidr_block: '10.0.32.0/20' }, second: { vpc_id: 'vpc-1', cidr_block: '10.2.1.0/24' }, outside: { vpc_id: 'vpc-1', cidr_block: '10.1.0.0/24' }, twice: { vpc_id: 'vpc-1', cidr_block: '10.0.31.0/24' }, wide: { vpc_id: 'vpc-1', cidr_block: '10.0.0.0/15' } },
        // Nothing that tells them apart: each gets an id of its own.
        aws_vpc: { a: { cidr_block: '10.0.0.0/16' }, b: { cidr_block: '10.0.0.0/16' } },
      },
    });
    expect(errors((await terraform.apply()).diagnostics)).toEqual([
      'error aws_db_instance.a: creating RDS DB Instance (a): DBInstanceAlreadyExists: DB instance already exists | eu-central-1 has one of this name already (aws_db_instance).',
      'error aws_iam_policy.a: creating IAM Policy (a): EntityAlreadyExists: A policy called a already exists. Duplicate names are not allowed. | The account has one of this name already (aws_iam_policy).',
      'error aws_kms_alias.a: creating KMS Alias (alias/a): AlreadyExistsException: An alias with the name alias/a already exists | eu-central-1 has one of this name already (aws_kms_alias).',
      'error aws_rds_cluster.a: creating RDS Cluster (a): DBClusterAlreadyExistsFault: DB Cluster already exists | eu-central-1 has one of this name already (aws_rds_cluster).',
      'error aws_route_table_association.a: creating Route Table Association: Resource.AlreadyAssociated: the specified association already exists: subnet-1/rtb-1 | eu-central-1 has one of this name already (aws_route_table_association).',
      'error aws_s3_bucket.a: creating S3 Bucket (a): BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already own it. | It lies in eu-west-1.',
      'error aws_secretsmanager_secret.a: creating Secrets Manager Secret (a): ResourceExistsException: The operation failed because the secret a already exists. | eu-central-1 has one of this name already (aws_secretsmanager_secret): arn:a.',
      "error aws_security_group.a: creating Security Group (a): InvalidGroup.Duplicate: The security group 'a' already exists for VPC 'vpc-1' | eu-central-1 has one of this name already (aws_security_group): sg-1.",
      'error aws_ssm_parameter.a: creating SSM Parameter (a): ParameterAlreadyExists: The parameter already exists. To overwrite this value, set the overwrite option in the request to true. | eu-central-1 has one of this name already (aws_ssm_parameter).',
      "error aws_subnet.outside: creating EC2 Subnet: InvalidSubnet.Range: The CIDR '10.1.0.0/24' is invalid. | vpc-1 has the addresses 10.0.0.0/16.",
      "error aws_subnet.twice: creating EC2 Subnet: InvalidSubnet.Conflict: The CIDR '10.0.31.0/24' conflicts with another subnet | subnet-1 has the addresses 10.0.16.0/20.",
      "error aws_subnet.wide: creating EC2 Subnet: InvalidSubnet.Range: The CIDR '10.0.0.0/15' is invalid. | vpc-1 has the addresses 10.0.0.0/16.",
    ]);
    expect(store.files().filter((file) => !before.includes(file)).map((file) => file.split('/')[1])).toEqual(['aws_security_group', 'aws_subnet', 'aws_subnet', 'aws_vpc', 'aws_vpc']);
    expect(errors(await terraform.destroy())).toEqual([]);
    expect(store.files()).toEqual(before);
  });
});

describe.skipIf(withoutTerraform !== undefined)(`the store${withoutTerraform ?? ''}`, () => {
  it('is what is live: an edited object is drift, one that is gone is made again', async () => {
    const terraform = await start('aws_sns_topic', 'aws_ssm_parameter', 'aws_kms_key');
    terraform.write({ resource: { aws_sns_topic: { a: { name: 'a', display_name: 'A' } }, aws_ssm_parameter: { a: { name: 'a', type: 'String', value: 'x' } }, aws_kms_key: { a: { description: 'a' } } } });
    expect(errors((await terraform.apply()).diagnostics)).toEqual([]);
    const { store } = terraform;
    const file = join(store.folder, store.files().find((name) => name.includes('aws_sns_topic')) as string);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"display_name": "A"', '"display_name": "edited"'));
    store.remove('eu-central-1', 'aws_ssm_parameter', 'a');
    expect(await terraform.actions()).toEqual({ 'aws_sns_topic.a': 'update', 'aws_ssm_parameter.a': 'create' });
    expect(errors((await terraform.apply()).diagnostics)).toEqual([]);
    expect([store.list('aws_sns_topic')[0]?.['display_name'], store.list('aws_ssm_parameter')[0]?.['value']]).toEqual(['A', 'x']);
    expect(await terraform.actions()).toEqual({});
    expect(errors(await terraform.destroy())).toEqual([]);
    expect(store.files()).toEqual([]);
  });

  it('holds what an import finds: by the id that the provider documents', async () => {
    const terraform = await start('aws_db_instance', 'aws_route_table_association', 'aws_sns_topic');
    const { store } = terraform;
    const resource = { aws_db_instance: { a: { identifier: 'a', instance_class: 'db.t4g.micro', engine: 'postgres', skip_final_snapshot: true } }, aws_route_table_association: { a: { subnet_id: 'subnet-1', route_table_id: 'rtb-1' } }, aws_sns_topic: { a: { name: 'a' } } };
    terraform.write({ resource });
    expect(errors((await terraform.apply()).diagnostics)).toEqual([]);
    rmSync(join(terraform.folder, 'terraform.tfstate'));
    const arn = store.list('aws_sns_topic')[0]?.['arn'] as string;
    terraform.write({ resource, import: [{ to: 'aws_db_instance.a', id: 'a' }, { to: 'aws_route_table_association.a', id: 'subnet-1/rtb-1' }, { to: 'aws_sns_topic.a', id: arn }] });
    expect(await terraform.actions()).toEqual({});
    expect(errors((await terraform.apply()).diagnostics)).toEqual([]);
    expect(errors(await terraform.destroy())).toEqual([]);
    expect(store.files()).toEqual([]);
  });
});
