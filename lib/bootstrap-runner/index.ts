export { BootstrapRunner, type BootstrapRunnerProps } from './bootstrap-runner';
export type { IBootstrapRunner } from './bootstrap-runner-ref';
export type { CodeBuildRunnerProps } from './code-build';
export { type BoundCompute, RunnerCompute, type RunnerTask } from './compute';
export type { FargateRunnerProps } from './fargate';
