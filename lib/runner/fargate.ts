import { randomUUID } from 'node:crypto';
import type { ECSClient } from '@aws-sdk/client-ecs';
import { TenantryError } from '../core/errors';
import { optional } from '../core/optional';
import { BOUNDED } from '../manifest/place';
import type { FargateRunner } from '../manifest/runner';
import { asked } from './aws-error';
import type { Launcher, Task, TaskState } from './task';

type Sdk = typeof import('@aws-sdk/client-ecs');

/** Right after its start a task may not be found yet. */
const FOUND_WITHIN = 30_000;

/** Tasks of ECS on Fargate. Needs the package `@aws-sdk/client-ecs`. */
export async function fargate(runner: FargateRunner): Promise<Launcher> {
  const sdk = await optional<Sdk>('@aws-sdk/client-ecs');
  const client = new sdk.ECSClient({ ...BOUNDED, region: runner.region });
  return {
    async start(args) {
      const { tasks = [], failures = [] } = await asked(runner.name, 'ecs:RunTask', client.send(new sdk.RunTaskCommand({
        cluster: runner.cluster,
        taskDefinition: runner.taskDefinition,
        launchType: 'FARGATE',
        count: 1,
        // A call that is repeated by the SDK starts nothing twice.
        clientToken: randomUUID(),
        startedBy: 'tenantry',
        enableExecuteCommand: false,
        propagateTags: 'TASK_DEFINITION',
        networkConfiguration: { awsvpcConfiguration: { subnets: [...runner.subnets], securityGroups: [runner.securityGroup], assignPublicIp: 'DISABLED' } },
        overrides: { containerOverrides: [{ name: runner.container, command: [...args] }] },
      })));
      const arn = tasks[0]?.taskArn;
      if (arn !== undefined) return taskOf(sdk, client, runner, arn);
      throw new TenantryError('failed', {
        code: 'runner/not-started', at: runner.name, problem: `ECS started no task: ${failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(', ')).join('; ') || 'no reason given'}.`,
        fix: 'Check whether cluster, task definition, subnets and security group are still there, and the account\'s quota of Fargate.',
      });
    },
  };
}

function taskOf(sdk: Sdk, client: ECSClient, runner: FargateRunner, arn: string): Task {
  const id = arn.slice(arn.lastIndexOf('/') + 1);
  const started = Date.now();
  const log = { group: runner.logGroup, stream: `${runner.logStreamPrefix}/${runner.container}/${id}` };
  return {
    id,
    async state(): Promise<TaskState> {
      const { tasks: [task] = [] } = await asked(runner.name, 'ecs:DescribeTasks', client.send(new sdk.DescribeTasksCommand({ cluster: runner.cluster, tasks: [arn] })));
      if (task === undefined) return { status: 'not found', ended: Date.now() - started > FOUND_WITHIN, reason: 'ECS no longer knows the task' };
      const container = task.containers?.find(({ name }) => name === runner.container);
      const reason = [task.stoppedReason, container?.reason].filter((text) => text !== undefined && text !== '').join('; ');
      return {
        status: (task.lastStatus ?? 'unknown').toLowerCase(), ended: task.lastStatus === 'STOPPED', log,
        ...(container?.exitCode === undefined ? {} : { exitCode: container.exitCode }), ...(reason === '' ? {} : { reason }),
      };
    },
    async stop(reason) {
      await asked(runner.name, 'ecs:StopTask', client.send(new sdk.StopTaskCommand({ cluster: runner.cluster, task: arn, reason })));
    },
  };
}
