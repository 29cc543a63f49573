import { CodebuildProject } from '@cdktf/provider-aws/lib/codebuild-project';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import type { Construct } from 'constructs';
import { policyDocument, type PolicyStatement, trustService } from '../construct/policy-document';
import type { Environment } from '../environment/environment';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { BoundCompute, RunnerCompute, RunnerTask } from './compute';
import { LOG_STREAM_PREFIX, startStatements } from './permissions';

export interface CodeBuildRunnerProps {
  /**
   * User of the image that the command runs as.
   *
   * @default 'node' - that of the official images of Node.js
   */
  readonly user?: string;
  /**
   * What the image was built for.
   *
   * @default 'X86_64'
   */
  readonly architecture?: 'X86_64' | 'ARM64';
}

const SERVICE = 'codebuild.amazonaws.com';
/** Minutes that a build may wait for its turn. */
const QUEUED = 15;

export class CodeBuildCompute implements RunnerCompute {
  constructor(private readonly props: CodeBuildRunnerProps) {}

  bind(scope: Construct, task: RunnerTask): BoundCompute {
    const { environment } = EnvironmentStack.of(scope);
    const { network, securityGroupId, image, variables, logGroup, timeout } = task;
    const role = new IamRole(scope, 'Role', { name: physicalName(scope, { max: 64, suffix: 'build' }), assumeRolePolicy: trustService(SERVICE, environment.account) });
    const policy = new IamRolePolicy(role, 'Policy', {
      name: 'bootstrap', role: role.name,
      policy: policyDocument(...task.permissions, ...startStatements(environment, image, logGroup), ...attachToNetwork(environment, network.subnetIds, securityGroupId)),
    });
    const resource = new CodebuildProject(scope, 'Resource', {
      name: physicalName(scope, { max: 150 }),
      description: 'tenantry bootstrap, in the network of the database',
      serviceRole: role.arn,
      source: { type: 'NO_SOURCE', buildspec: this.#buildspec() },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        type: this.props.architecture === 'ARM64' ? 'ARM_CONTAINER' : 'LINUX_CONTAINER',
        computeType: 'BUILD_GENERAL1_SMALL',
        image: image.name,
        imagePullCredentialsType: 'SERVICE_ROLE',
        privilegedMode: false,
        // Planning changes nothing.
        environmentVariable: Object.entries({ ...variables, TENANTRY_ARGUMENTS: 'bootstrap plan' }).map(([name, value]) => ({ name, value, type: 'PLAINTEXT' })),
      },
      vpcConfig: { vpcId: network.vpcId, subnets: [...network.subnetIds], securityGroupIds: [securityGroupId] },
      logsConfig: { cloudwatchLogs: { status: 'ENABLED', groupName: logGroup.name, streamName: LOG_STREAM_PREFIX }, s3Logs: { status: 'DISABLED' } },
      buildTimeout: timeout.toSeconds() / 60,
      queuedTimeout: QUEUED,
      // It tries the network with its role as soon as it is made.
      dependsOn: [policy],
    });
    return {
      resource,
      description: { compute: 'codebuild', project: resource.name },
      start: [{ Sid: 'RunBuild', Effect: 'Allow', Action: ['codebuild:StartBuild', 'codebuild:StopBuild', 'codebuild:BatchGetBuilds'], Resource: resource.arn }],
    };
  }

  /** JSON is YAML too. Who starts the build chooses the words behind the command; the shell only splits them. */
  #buildspec(): string {
    return JSON.stringify({ 'version': '0.2', 'run-as': this.props.user ?? 'node', 'phases': { build: { commands: ['tenantry $TENANTRY_ARGUMENTS'] } } });
  }
}

/**
 * CodeBuild attaches the build to the network by the role of the build. EC2 knows no resource for its descriptions, and network interfaces
 * get their ids when they are made: the subnets limit them.
 */
function attachToNetwork(environment: Environment, subnetIds: readonly string[], securityGroupId: string): PolicyStatement[] {
  const subnets = subnetIds.map((id) => environment.arn('ec2', `subnet/${id}`));
  const interfaces = environment.arn('ec2', 'network-interface/*');
  return [
    { Sid: 'LookAtNetwork', Effect: 'Allow', Action: ['ec2:DescribeDhcpOptions', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets', 'ec2:DescribeVpcs'], Resource: '*' },
    { Sid: 'MakeInterface', Effect: 'Allow', Action: 'ec2:CreateNetworkInterface', Resource: [...subnets, environment.arn('ec2', `security-group/${securityGroupId}`), interfaces] },
    { Sid: 'RemoveInterface', Effect: 'Allow', Action: 'ec2:DeleteNetworkInterface', Resource: interfaces, Condition: { ArnEquals: { 'ec2:Subnet': subnets } } },
    { Sid: 'LendInterface', Effect: 'Allow', Action: 'ec2:CreateNetworkInterfacePermission', Resource: interfaces, Condition: { StringEquals: { 'ec2:AuthorizedService': SERVICE }, ArnEquals: { 'ec2:Subnet': subnets } } },
  ];
}
