import { setTimeout as sleep } from 'node:timers/promises';
import { TenantryError } from '../core/errors';
import type { RunnerDescription } from '../manifest/runner';
import { codeBuild } from './code-build';
import { fargate } from './fargate';
import { type LogReader, logReader } from './log';
import type { Launcher, Task, TaskState } from './task';

export interface RunOptions {
  readonly runner: RunnerDescription;
  /** Of the command line, behind `tenantry`. */
  readonly args: readonly string[];
  /** A line of the task's log. */
  readonly onLine: (line: string) => void;
  /** What becomes of the task. */
  readonly onEvent: (text: string) => void;
  /** Stops the task. @default - it is stopped when its time is up */
  readonly signal?: AbortSignal;
  /** Milliseconds between two looks at the task. @default 1000 */
  readonly interval?: number;
  /** Milliseconds that a stopped task gets to end. @default 120000 */
  readonly grace?: number;
}

/** How a run ended. */
export interface RunResult {
  readonly exitCode: number;
  /** Whether it was stopped by the signal. */
  readonly stopped: boolean;
}

const INTERVAL = 1000;

const launcherOf = (runner: RunnerDescription): Promise<Launcher> => (runner.compute === 'fargate' ? fargate(runner) : codeBuild(runner));

/**
 * Starts the command in the network of the database, hands on what it says, and waits for its end.
 *
 * @throws TenantryError (`failed`) when it could not be started, did not end in time, or ended without an exit code
 */
export async function runIn(options: RunOptions): Promise<RunResult> {
  const { runner, args, onEvent, signal, interval = INTERVAL, grace = 120_000 } = options;
  const launcher = await launcherOf(runner);
  const log = await logReader(runner.region);
  const task = await launcher.start(args);
  onEvent(`runner      ${runner.name}: task ${task.id} started`);

  const follow = follower(options, task, log);
  const timeUp = Date.now() + runner.timeoutSeconds * 1000;
  let deadline = timeUp;
  let stopping: 'asked' | 'late' | undefined;
  for (;;) {
    const state = await follow();
    if (state.ended) return resultOf(runner, task, state, stopping);
    if (stopping === undefined && (signal?.aborted === true || Date.now() >= timeUp)) {
      stopping = signal?.aborted === true ? 'asked' : 'late';
      deadline = Date.now() + grace;
      onEvent(`runner      ${runner.name}: stopping task ${task.id}${stopping === 'late' ? `, which took longer than ${runner.timeoutSeconds} s` : ''}`);
      await task.stop(stopping === 'late' ? 'its time is up' : 'stopped by whoever started it');
    } else if (stopping !== undefined && Date.now() >= deadline) {
      throw new TenantryError('failed', {
        code: 'runner/not-stopped', at: runner.name, problem: `Task ${task.id} was told to stop, and ${grace / 1000} s later it is still ${state.status}.`, fix: `Look at it in the console; its log is in ${runner.logGroup}.`,
      });
    }
    await sleep(interval, undefined, stopping === undefined && signal !== undefined ? { signal } : {}).catch(() => undefined);
  }
}

/** So many questions in a row may fail before the task is given up. */
const UNANSWERED = 15;

/** Looks at the task and at its log. What the log holds is no reason to lose the exit code. */
function follower({ runner, onEvent, onLine, interval = INTERVAL }: RunOptions, task: Task, log: LogReader): () => Promise<TaskState> {
  let status = '';
  let readable = true;
  let heard = 0;
  let unanswered = 0;
  const read = async (state: TaskState): Promise<number> => {
    if (!readable || state.log === undefined) return 0;
    return log.read(state.log, onLine).then((lines) => {
      heard += lines;
      return lines;
    }, (error: Error) => {
      readable = false;
      onEvent(`runner      ${runner.name}: the log cannot be read, and is in ${runner.logGroup}: ${error.name}: ${error.message || 'no answer'}`);
      return 0;
    });
  };
  return async () => {
    const state = await task.state().then((answer) => {
      unanswered = 0;
      return answer;
    }, (error: Error): TaskState => {
      if ((unanswered += 1) < UNANSWERED) return { status, ended: false };
      throw new TenantryError('failed', { code: 'runner/lost', at: runner.name, problem: `AWS no longer tells how task ${task.id} stands, and the task may go on: ${error.message}`, fix: `Its log is in ${runner.logGroup}.` }, { cause: error });
    });
    if (state.status !== status) onEvent(`runner      ${runner.name}: ${(status = state.status)}`);
    await read(state);
    // The last lines may come a moment after the end.
    if (state.ended) for (let quiet = 0, looks = 0; readable && state.log !== undefined && quiet < 2 && looks < 15; looks += 1) {
      await sleep(interval / 2);
      quiet = await read(state) === 0 ? quiet + 1 : 0;
    }
    if (state.ended && readable && heard === 0 && state.log !== undefined) onEvent(`runner      ${runner.name}: there is no log in stream ${state.log.stream} of ${state.log.group}`);
    return state;
  };
}

function resultOf(runner: RunnerDescription, task: Task, { exitCode, reason = 'no reason given' }: TaskState, stopping: 'asked' | 'late' | undefined): RunResult {
  if (stopping === 'late') {
    throw new TenantryError('failed', {
      code: 'runner/timeout', at: runner.name, problem: `Task ${task.id} took longer than ${runner.timeoutSeconds} s and was stopped. What it committed stays; the rest was rolled back.`,
      fix: 'Look at its log above for what it waited for, and run the command again; a longer time is given by BootstrapRunner({ timeout }).',
    });
  }
  if (stopping === 'asked') return { exitCode: exitCode ?? 1, stopped: true };
  if (exitCode !== undefined) return { exitCode, stopped: false };
  throw new TenantryError('failed', {
    code: 'runner/no-exit-code', at: runner.name, problem: `Task ${task.id} ended before the command had run to its end: ${reason}.`,
    fix: 'An image that cannot be pulled or a log that cannot be written means a missing endpoint or permission: ecr.api, ecr.dkr, logs and S3 have to be reachable from the subnets.',
  });
}
