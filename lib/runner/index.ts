export { findRunner, type RunnerSource } from './find';
export { type RunOptions, type RunResult, runIn } from './run';
