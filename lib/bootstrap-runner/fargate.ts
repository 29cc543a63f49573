import { EcsCluster } from '@cdktf/provider-aws/lib/ecs-cluster';
import { EcsTaskDefinition } from '@cdktf/provider-aws/lib/ecs-task-definition';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import type { Construct } from 'constructs';
import { policyDocument, type PolicyStatement, trustService } from '../construct/policy-document';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { BoundCompute, RunnerCompute, RunnerTask } from './compute';
import { LOG_STREAM_PREFIX, startStatements } from './permissions';

export interface FargateRunnerProps {
  /**
   * ARN of an ECS cluster.
   *
   * @default - one of its own, which costs nothing while no task runs
   */
  readonly clusterArn?: string;
  /**
   * What the image was built for.
   *
   * @default 'X86_64'
   */
  readonly architecture?: 'X86_64' | 'ARM64';
}

const CONTAINER = 'tenantry';
const TASKS = 'ecs-tasks.amazonaws.com';
/** A user without a name, a home or any right in the image. */
const NOBODY = '10001:10001';
/** Half a processor and 1 GB: the work is done in the database. */
const SIZE = { cpu: '512', memory: '1024' };
/** Seconds from SIGTERM to SIGKILL. */
const STOP_TIMEOUT = 60;

export class FargateCompute implements RunnerCompute {
  constructor(private readonly props: FargateRunnerProps) {}

  bind(scope: Construct, task: RunnerTask): BoundCompute {
    const { environment } = EnvironmentStack.of(scope);
    const name = physicalName(scope, { max: 200 });
    const clusterArn = this.props.clusterArn ?? new EcsCluster(scope, 'Cluster', { name }).arn;
    // Whoever takes over the program does not get what pulled its image.
    const taskRole = makeRole(scope, 'TaskRole', 'task', 'bootstrap', task.permissions);
    const startRole = makeRole(scope, 'StartRole', 'start', 'start', startStatements(environment, task.image, task.logGroup));
    const resource = new EcsTaskDefinition(scope, 'Resource', {
      family: name,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      ...SIZE,
      runtimePlatform: { operatingSystemFamily: 'LINUX', cpuArchitecture: this.props.architecture ?? 'X86_64' },
      taskRoleArn: taskRole.role.arn,
      executionRoleArn: startRole.role.arn,
      containerDefinitions: JSON.stringify([container(task, environment.region)]),
      dependsOn: [taskRole.policy, startRole.policy],
    });
    const { subnetIds } = task.network;
    return {
      resource,
      description: { compute: 'fargate', cluster: clusterArn, taskDefinition: resource.arn, container: CONTAINER, subnets: subnetIds, securityGroup: task.securityGroupId },
      start: startPolicy(clusterArn, resource.arn, environment.arn('ecs', 'task/*'), [taskRole.role.arn, startRole.role.arn]),
    };
  }
}

/** The entry point is fixed, whatever the image says; who starts the task chooses the command behind it. Planning changes nothing. */
const container = ({ image, variables, logGroup }: RunnerTask, region: string) => ({
  name: CONTAINER,
  image: image.name,
  essential: true,
  entryPoint: ['tenantry'],
  command: ['bootstrap', 'plan'],
  user: NOBODY,
  readonlyRootFilesystem: true,
  // The first process of a container must hand on signals and collect children.
  linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
  stopTimeout: STOP_TIMEOUT,
  environment: Object.entries(variables).map(([name, value]) => ({ name, value })),
  logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': logGroup.name, 'awslogs-region': region, 'awslogs-stream-prefix': LOG_STREAM_PREFIX } },
});

function makeRole(scope: Construct, id: string, suffix: string, policy: string, statements: readonly PolicyStatement[]): { role: IamRole; policy: IamRolePolicy } {
  const { environment } = EnvironmentStack.of(scope);
  const role = new IamRole(scope, id, { name: physicalName(scope, { max: 64, suffix }), assumeRolePolicy: trustService(TASKS, environment.account) });
  return { role, policy: new IamRolePolicy(role, 'Policy', { name: policy, role: role.name, policy: policyDocument(...statements) }) };
}

/** A task gets its id when it is started: the cluster is what limits it. */
const startPolicy = (cluster: string, taskDefinition: string, tasks: string, roles: readonly string[]): PolicyStatement[] => {
  const inCluster = { ArnEquals: { 'ecs:cluster': cluster } };
  return [
    { Sid: 'StartTask', Effect: 'Allow', Action: 'ecs:RunTask', Resource: taskDefinition, Condition: inCluster },
    { Sid: 'FollowTask', Effect: 'Allow', Action: ['ecs:DescribeTasks', 'ecs:StopTask'], Resource: tasks, Condition: inCluster },
    { Sid: 'TagTask', Effect: 'Allow', Action: 'ecs:TagResource', Resource: tasks, Condition: { StringEquals: { 'ecs:CreateAction': 'RunTask' } } },
    { Sid: 'GiveRoles', Effect: 'Allow', Action: 'iam:PassRole', Resource: roles, Condition: { StringEquals: { 'iam:PassedToService': TASKS } } },
  ];
};
