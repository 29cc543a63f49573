import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { CodebuildProject } from '@cdktf/provider-aws/lib/codebuild-project';
import type { EcsTaskDefinition } from '@cdktf/provider-aws/lib/ecs-task-definition';
import type { Construct } from 'constructs';
import type { PolicyStatement } from '../construct/policy-document';
import type { Duration } from '../core/duration';
import type { IDatabaseNetwork } from '../network/database-network-ref';
import { CodeBuildCompute, type CodeBuildRunnerProps } from './code-build';
import { FargateCompute, type FargateRunnerProps } from './fargate';
import type { RunnerImage } from './image';

/** What the task is, wherever it runs. */
export interface RunnerTask {
  readonly image: RunnerImage;
  readonly network: IDatabaseNetwork;
  readonly securityGroupId: string;
  /** Environment of the command line. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the bootstrap may do. */
  readonly permissions: readonly PolicyStatement[];
  readonly logGroup: CloudwatchLogGroup;
  readonly timeout: Duration;
}

/** A task in one stack. */
export interface BoundCompute {
  readonly resource: EcsTaskDefinition | CodebuildProject;
  /** What `--runner` has to know of it, besides what all have in common. */
  readonly description: Readonly<Record<string, unknown>>;
  /** What starting, watching and stopping it needs. */
  readonly start: readonly PolicyStatement[];
}

/** What runs the task. Another kind is another factory here. */
export interface RunnerCompute {
  bind(scope: Construct, task: RunnerTask): BoundCompute;
}

export const RunnerCompute = {
  /** A task of ECS on Fargate: its own role apart from the one that pulls the image, a root file system that cannot be written, no capabilities, ready in less than a minute. */
  fargate: (props: FargateRunnerProps = {}): RunnerCompute => new FargateCompute(props),
  /** A build of CodeBuild, for accounts that allow no ECS. Its file system can be written, and one role does everything. */
  codeBuild: (props: CodeBuildRunnerProps = {}): RunnerCompute => new CodeBuildCompute(props),
};
