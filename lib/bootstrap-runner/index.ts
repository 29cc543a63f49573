export { BootstrapRunner, type BootstrapRunnerProps } from './bootstrap-runner';
export type { IBootstrapRunner } from './bootstrap-runner-ref';
export type { CodeBuildRunnerProps } from './code-build';
export { RunnerCompute } from './compute';
export type { FargateRunnerProps } from './fargate';
