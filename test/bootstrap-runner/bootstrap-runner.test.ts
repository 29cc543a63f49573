import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { CodebuildProject } from '@cdktf/provider-aws/lib/codebuild-project';
import { EcsCluster } from '@cdktf/provider-aws/lib/ecs-cluster';
import { EcsTaskDefinition } from '@cdktf/provider-aws/lib/ecs-task-definition';
import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import { App } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { type BootstrapRunnerProps, RunnerCompute } from '../../lib/bootstrap-runner';
import { Duration } from '../../lib/core/duration';
import { runnerSchema } from '../../lib/manifest/runner';
import { judge, standard, synthesizedStacks } from '../../policies';
import { type Json, type ResourceClass, type SynthesizedStack, synthesizeStack } from '../support/synth';
import { IMAGE, make } from './fixture';

const made = (props: Partial<BootstrapRunnerProps> = {}, environment: Parameters<typeof make>[1] = {}): SynthesizedStack => synthesizeStack(make(props, environment).stack);
const ofRunner = (stack: SynthesizedStack, type: ResourceClass, name = ''): { address: string; args: Json } => {
  const [only, ...more] = stack.resources(type).filter(({ address }) => address.includes(`Runner_${name}`));
  if (only === undefined || more.length > 0) throw new Error(`one ${type.tfResourceType} of the runner is expected`);
  return { address: only.address, args: only.arguments };
};
const statements = ({ args }: { args: Json }): Json[] => JSON.parse(args.policy).Statement;
const attribute = (stack: SynthesizedStack, type: ResourceClass, name: string, attr: string): string => {
  const found = stack.resources(type).find(({ address }) => new RegExp(`\\.${name}_[0-9A-F]{8}$`).test(address));
  return `\${${found?.address ?? 'none'}.${attr}}`;
};
/** Whatever a statement says of resources, in one list. */
const wildcards = (all: readonly Json[]): Record<string, unknown> => Object.fromEntries(all.filter(({ Resource }) => [Resource].flat().some((one: string) => one.includes('*'))).map(({ Sid, Resource }) => [Sid, Resource]));

const fargate = made();
const codeBuild = made({ compute: RunnerCompute.codeBuild() });
const arnOf = (what: string): string => `arn:aws:${what.replace(':', ':eu-central-1:123456789012:')}`;

describe('[DBAAS-5.1] the role of the bootstrap', () => {
  const key = attribute(fargate, { tfResourceType: 'aws_kms_key' }, 'EncryptionKey', 'arn');
  const bucket = `arn:aws:s3:::${attribute(fargate, { tfResourceType: 'aws_s3_bucket' }, 'ManifestBucket', 'bucket')}`;
  const master = `\${${fargate.resources({ tfResourceType: 'aws_rds_cluster' })[0]?.address}.master_user_secret[0].secret_arn}`;
  const secrets = fargate.resources({ tfResourceType: 'aws_secretsmanager_secret' }).map(({ address }) => `\${${address}.arn}`).reverse();
  const via = (service: string, context: object): object => ({ StringEquals: { 'kms:ViaService': `${service}.eu-central-1.amazonaws.com`, ...context } });
  const manifest = [
    { Sid: 'FindManifest', Effect: 'Allow', Action: 'ssm:GetParameter', Resource: attribute(fargate, SsmParameter, 'Shop_ManifestParameter', 'arn') },
    {
      Sid: 'ReadManifest', Effect: 'Allow', Action: 's3:GetObjectVersion', Resource: `${bucket}/manifests/shop/staging/data/shop.json`,
      Condition: { StringEquals: { 's3:VersionId': attribute(fargate, { tfResourceType: 'aws_s3_object' }, 'Shop_ManifestObject', 'version_id') } },
    },
    { Sid: 'DecryptManifest', Effect: 'Allow', Action: 'kms:Decrypt', Resource: key, Condition: via('s3', { 'kms:EncryptionContext:aws:s3:arn': bucket }) },
  ];
  const writing = (secretArns: readonly string[]) => [
    { Sid: 'WritePasswords', Effect: 'Allow', Action: 'secretsmanager:PutSecretValue', Resource: secretArns },
    { Sid: 'EncryptPasswords', Effect: 'Allow', Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Resource: key, Condition: via('secretsmanager', { 'kms:EncryptionContext:SecretARN': secretArns }) },
  ];

  it('reads one version of one manifest and one secret, writes those of the logins, and does nothing else', () => {
    expect(secrets.map((one) => /Passwords_(\w+)_[0-9A-F]{8}/.exec(one)?.[1])).toEqual(['shop_batch_login', 'shop_batch__initech_login']);
    expect(statements(ofRunner(fargate, IamRolePolicy, 'TaskRole'))).toEqual([
      ...manifest,
      { Sid: 'ReadMasterPassword', Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: master },
      { Sid: 'DecryptMasterPassword', Effect: 'Allow', Action: 'kms:Decrypt', Resource: key, Condition: via('secretsmanager', { 'kms:EncryptionContext:SecretARN': master }) },
      ...writing(secrets),
    ]);
  });

  it('does not read the master password when it logs in by IAM, as one user', () => {
    const stack = made({ iamUser: 'platform_bootstrap' });
    const all = statements(ofRunner(stack, IamRolePolicy, 'TaskRole'));
    expect(all.map(({ Sid }) => Sid)).toEqual(['FindManifest', 'ReadManifest', 'DecryptManifest', 'LogIn', 'WritePasswords', 'EncryptPasswords']);
    expect(all[3]).toEqual({ Sid: 'LogIn', Effect: 'Allow', Action: 'rds-db:connect', Resource: arnOf(`rds-db:dbuser:${attribute(stack, { tfResourceType: 'aws_rds_cluster' }, 'Cluster', 'cluster_resource_id')}/platform_bootstrap`) });
    expect(JSON.stringify(all)).not.toContain('GetSecretValue');
    expect(containerOf(stack).environment).toContainEqual({ name: 'TENANTRY_IAM_USER', value: 'platform_bootstrap' });
  });

  it('names every resource: with Fargate nothing of the program has a wildcard, and its start only what AWS knows no name of', () => {
    expect(wildcards(statements(ofRunner(fargate, IamRolePolicy, 'TaskRole')))).toEqual({});
    const log = `${attribute(fargate, CloudwatchLogGroup, 'Runner_LogGroup', 'arn')}:log-stream:runner/*`;
    expect(statements(ofRunner(fargate, IamRolePolicy, 'StartRole'))).toEqual([
      { Sid: 'LogInToRegistry', Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
      { Sid: 'PullImage', Effect: 'Allow', Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], Resource: arnOf('ecr:repository/platform/tenantry') },
      { Sid: 'WriteLog', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: log },
    ]);
  });

  it('has with CodeBuild, which has one role, those and what attaches it to the network', () => {
    const all = statements(ofRunner(codeBuild, IamRolePolicy, 'Role'));
    const interfaces = arnOf('ec2:network-interface/*');
    expect(all.slice(0, 3).map(({ Sid }) => Sid)).toEqual(['FindManifest', 'ReadManifest', 'DecryptManifest']);
    expect(wildcards(all)).toEqual({
      LogInToRegistry: '*', LookAtNetwork: '*', WriteLog: expect.stringMatching(/:log-stream:runner\/\*$/), RemoveInterface: interfaces, LendInterface: interfaces,
      MakeInterface: [...['a', 'b', 'c'].map((zone) => arnOf(`ec2:subnet/${attribute(codeBuild, { tfResourceType: 'aws_subnet' }, `Network_Subnet-${zone}`, 'id')}`)), arnOf(`ec2:security-group/${attribute(codeBuild, SecurityGroup, 'Runner_SecurityGroup', 'id')}`), interfaces],
    });
    expect(all.find(({ Sid }) => Sid === 'LookAtNetwork').Action.every((action: string) => action.startsWith('ec2:Describe'))).toBe(true);
    for (const sid of ['RemoveInterface', 'LendInterface']) expect(all.find(({ Sid }) => Sid === sid).Condition.ArnEquals['ec2:Subnet']).toHaveLength(3);
  });

  it('is taken by its service alone, for this account', () => {
    const trusted = (stack: SynthesizedStack): string[] => stack.resources(IamRole).filter(({ address }) => address.includes('Runner_')).map(({ arguments: { assume_role_policy } }) => {
      const [{ Principal, Condition }] = JSON.parse(assume_role_policy).Statement;
      return `${Principal.Service} ${Condition.StringEquals['aws:SourceAccount']}`;
    });
    expect(trusted(fargate)).toEqual(['ecs-tasks.amazonaws.com 123456789012', 'ecs-tasks.amazonaws.com 123456789012']);
    expect(trusted(codeBuild)).toEqual(['codebuild.amazonaws.com 123456789012']);
  });
});

const containerOf = (stack: SynthesizedStack): Json => {
  const [only, ...more] = JSON.parse(ofRunner(stack, EcsTaskDefinition).args.container_definitions);
  if (more.length > 0) throw new Error('one container is expected');
  return only;
};

describe('the task', () => {
  it('is one container without privilege, which can write nothing and is told everything by its environment', () => {
    expect(containerOf(fargate)).toEqual({
      name: 'tenantry', image: IMAGE, essential: true, entryPoint: ['tenantry'], command: ['bootstrap', 'plan'], user: '10001:10001', readonlyRootFilesystem: true,
      linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } }, stopTimeout: 60,
      environment: [
        { name: 'AWS_REGION', value: 'eu-central-1' }, { name: 'TENANTRY_CA', value: '/etc/tenantry/global-bundle.pem' }, { name: 'TENANTRY_EVIDENCE', value: '-' },
        { name: 'TENANTRY_MANIFEST', value: 'ssm:/shop/staging/data/shop/manifest' },
      ],
      logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': attribute(fargate, CloudwatchLogGroup, 'Runner_LogGroup', 'name'), 'awslogs-region': 'eu-central-1', 'awslogs-stream-prefix': 'runner' } },
    });
    expect(ofRunner(fargate, EcsTaskDefinition).args).toMatchObject({ network_mode: 'awsvpc', requires_compatibilities: ['FARGATE'], runtime_platform: { cpu_architecture: 'X86_64', operating_system_family: 'LINUX' } });
  });

  it('uses an ECS cluster that exists, and an image of another architecture', () => {
    const clusterArn = 'arn:aws:ecs:eu-central-1:123456789012:cluster/jobs';
    const stack = made({ compute: RunnerCompute.fargate({ clusterArn, architecture: 'ARM64' }) });
    expect(stack.resources(EcsCluster)).toEqual([]);
    expect(ofRunner(stack, EcsTaskDefinition).args.runtime_platform.cpu_architecture).toBe('ARM64');
    expect(JSON.parse(ofRunner(stack, SsmParameter, 'Parameter').args.insecure_value).cluster).toBe(clusterArn);
  });

  it('is with CodeBuild a build without source, artifact or privilege, in the same network', () => {
    const { args } = ofRunner(codeBuild, CodebuildProject);
    expect(args).toMatchObject({
      source: { type: 'NO_SOURCE' }, artifacts: { type: 'NO_ARTIFACTS' }, build_timeout: 60, queued_timeout: 15,
      environment: { image: IMAGE, image_pull_credentials_type: 'SERVICE_ROLE', privileged_mode: false, type: 'LINUX_CONTAINER' },
      vpc_config: { security_group_ids: [attribute(codeBuild, SecurityGroup, 'Runner_SecurityGroup', 'id')] },
      logs_config: { cloudwatch_logs: { status: 'ENABLED', group_name: attribute(codeBuild, CloudwatchLogGroup, 'Runner_LogGroup', 'name') }, s3_logs: { status: 'DISABLED' } },
    });
    expect(args.vpc_config.subnets).toHaveLength(3);
    expect(JSON.parse(args.source.buildspec)).toEqual({ 'version': '0.2', 'run-as': 'node', 'phases': { build: { commands: ['tenantry $TENANTRY_ARGUMENTS'] } } });
    expect(args.environment.environment_variable).toContainEqual({ name: 'TENANTRY_ARGUMENTS', value: 'bootstrap plan', type: 'PLAINTEXT' });
    expect(codeBuild.resources(EcsTaskDefinition)).toEqual([]);
  });

  it.each([['development', 30], ['staging', 90], ['production', 400]] as const)('[DBAAS-10.3] of %s keeps its log for %d days, encrypted, in a group made before it', (stage, days) => {
    const stack = made({}, { stage });
    const { address, args } = ofRunner(stack, CloudwatchLogGroup, 'LogGroup');
    expect(args).toMatchObject({ name: `/tenantry/shop-${stage}-data-runner`, retention_in_days: days, kms_key_id: expect.stringMatching(/^\$\{aws_kms_key\./) });
    expect(containerOf(stack).logConfiguration.options['awslogs-group']).toBe(`\${${address}.name}`);
  });
});

describe('[DBAAS-10.1] the network of the task', () => {
  const own = attribute(fargate, SecurityGroup, 'Runner_SecurityGroup', 'id');
  const databases = attribute(fargate, SecurityGroup, 'Network_SecurityGroup', 'id');
  const endpoints = attribute(fargate, SecurityGroup, 'Network_EndpointSecurityGroup', 'id');

  it('lets nobody in', () => {
    expect(fargate.resources(VpcSecurityGroupIngressRule).filter(({ arguments: args }) => args.security_group_id === own)).toEqual([]);
    expect(ofRunner(fargate, SecurityGroup).args).not.toHaveProperty('ingress');
  });

  it('lets it out to the databases, the endpoints and S3 alone', () => {
    const out = fargate.resources(VpcSecurityGroupEgressRule).filter(({ arguments: args }) => args.security_group_id === own).map(({ arguments: { security_group_id: _, description, ...rest } }) => ({ description, ...rest }));
    expect(out).toEqual([
      { description: 'Databases', ip_protocol: 'tcp', from_port: 5432, to_port: 5432, referenced_security_group_id: databases },
      { description: 'AWS services', ip_protocol: 'tcp', from_port: 443, to_port: 443, referenced_security_group_id: endpoints },
      { description: 'S3', ip_protocol: 'tcp', from_port: 443, to_port: 443, prefix_list_id: expect.stringMatching(/^\$\{aws_vpc_endpoint\.Network_Endpoints_s3_.*\.prefix_list_id\}$/) },
    ]);
  });

  it('admits it to the databases and the endpoints', () => {
    const into = fargate.resources(VpcSecurityGroupIngressRule).filter(({ arguments: args }) => args.referenced_security_group_id === own).map(({ arguments: { security_group_id, from_port } }) => ({ security_group_id, from_port }));
    expect(into).toEqual([{ security_group_id: databases, from_port: 5432 }, { security_group_id: endpoints, from_port: 443 }]);
  });

  it('gives layers of images through the gateway of S3: ECR signs their addresses, so that the caller is none of this account', () => {
    const [s3] = fargate.resources({ tfResourceType: 'aws_vpc_endpoint' }).filter(({ arguments: args }) => args.vpc_endpoint_type === 'Gateway');
    expect(JSON.parse(s3?.arguments.policy).Statement[1]).toEqual({ Sid: 'LayersOfImages', Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*' });
  });
});

describe('a runner', () => {
  it.each([['fargate', fargate], ['codebuild', codeBuild]] as const)('with %s is described by an output and a parameter, in the form that --runner reads', (compute, stack) => {
    const { args } = ofRunner(stack, SsmParameter, 'Parameter');
    expect(args).toMatchObject({ name: '/shop/staging/data/shop/runner', type: 'String' });
    expect(Object.values<Json>(stack.json.output).map(({ value }) => value)).toContain(args.insecure_value);
    expect(runnerSchema.parse(JSON.parse(args.insecure_value))).toMatchObject({ compute, name: 'shop-staging-data-runner', declaration: 'shop', region: 'eu-central-1', timeoutSeconds: 3600, logStreamPrefix: 'runner' });
  });

  it('takes as long as it is allowed to', () => {
    expect(JSON.parse(ofRunner(made({ timeout: Duration.minutes(10) }), SsmParameter, 'Parameter').args.insecure_value).timeoutSeconds).toBe(600);
    expect(ofRunner(made({ timeout: Duration.minutes(10), compute: RunnerCompute.codeBuild() }), CodebuildProject).args.build_timeout).toBe(10);
  });

  it('is started, followed and stopped by whoever has its policy, who can give it no other role', () => {
    const cluster = attribute(fargate, EcsCluster, 'Runner_Cluster', 'arn');
    const inCluster = { ArnEquals: { 'ecs:cluster': cluster } };
    const tasks = arnOf('ecs:task/*');
    const log = { Sid: 'FollowLog', Effect: 'Allow', Action: 'logs:GetLogEvents', Resource: `${attribute(fargate, CloudwatchLogGroup, 'Runner_LogGroup', 'arn')}:log-stream:runner/*` };
    const find = { Sid: 'FindRunner', Effect: 'Allow', Action: 'ssm:GetParameter', Resource: attribute(fargate, SsmParameter, 'Runner_Parameter', 'arn') };
    expect(statements(ofRunner(fargate, IamPolicy, 'StartPolicy'))).toEqual([
      find,
      { Sid: 'StartTask', Effect: 'Allow', Action: 'ecs:RunTask', Resource: `\${${ofRunner(fargate, EcsTaskDefinition).address}.arn}`, Condition: inCluster },
      { Sid: 'FollowTask', Effect: 'Allow', Action: ['ecs:DescribeTasks', 'ecs:StopTask'], Resource: tasks, Condition: inCluster },
      { Sid: 'TagTask', Effect: 'Allow', Action: 'ecs:TagResource', Resource: tasks, Condition: { StringEquals: { 'ecs:CreateAction': 'RunTask' } } },
      {
        Sid: 'GiveRoles', Effect: 'Allow', Action: 'iam:PassRole', Resource: [attribute(fargate, IamRole, 'Runner_TaskRole', 'arn'), attribute(fargate, IamRole, 'Runner_StartRole', 'arn')],
        Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      },
      log,
    ]);
    expect(statements(ofRunner(codeBuild, IamPolicy, 'StartPolicy')).map(({ Sid, Resource }) => [Sid, Resource])[1]).toEqual(['RunBuild', `\${${ofRunner(codeBuild, CodebuildProject).address}.arn}`]);
  });

  it.each([['Fargate', undefined], ['CodeBuild', RunnerCompute.codeBuild()]])('with %s keeps every policy', (_name, compute) => {
    const { stack } = make({ compute });
    const app = App.of(stack);
    synthesizeStack(stack);
    expect(judge(synthesizedStacks(app), standard, [], new Date()).reported).toEqual([]);
  });

  it('has the same addresses whatever its properties: only what runs it decides', () => {
    const addresses = (stack: SynthesizedStack): string[] => stack.addresses().filter((address) => address.includes('Runner_'));
    expect(addresses(made({ iamUser: 'me', timeout: Duration.minutes(5), caFile: '/ca.pem' }))).toEqual(addresses(fargate));
    expect(addresses(codeBuild).filter((address) => !addresses(fargate).includes(address)).map((address) => address.replace(/_[0-9A-F]{8}$/, ''))).toEqual(['aws_codebuild_project.Runner', 'aws_iam_role.Runner_Role', 'aws_iam_role_policy.Runner_Role_Policy']);
  });
});
