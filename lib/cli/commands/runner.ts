import { TenantryError } from '../../core/errors';
import { isPlaceInAws } from '../../manifest/place';
import { findRunner, runIn } from '../../runner';
import { fingerprintIn } from '../documents';
import { EXIT } from '../exit';
import { codeOf, withSignal } from '../stop';
import type { Streams } from '../streams';
import { readText } from '../target';

/** What the command line was given; only what is known of every command is named. */
export interface RunnerCommandOptions {
  readonly runner: string;
  readonly manifest?: string;
  readonly [option: string]: unknown;
}

type RunnerCommand = 'plan' | 'apply' | 'verify';

/** Options that mean the same there as here. */
const HANDED_ON = { detailedExitcode: '--detailed-exitcode', allowOlder: '--allow-older', skipVerify: '--skip-verify', lockWait: '--lock-wait', format: '--format', reviewed: '--reviewed', concurrency: '--concurrency', canary: '--canary', maxFailures: '--max-failures', recreate: '--recreate', full: '--full', server: '--server' } as const;
/** Options about this machine, with what decides there. Those that the environment sets here are not meant. */
const DECIDED_THERE = {
  embedded: ['--embedded'], databaseUrl: ['--database-url'], passwords: ['--passwords'], database: ['--database'],
  iam: ['--iam', 'TENANTRY_IAM_USER'], ca: ['--ca', 'TENANTRY_CA'], evidence: ['--evidence', 'TENANTRY_EVIDENCE'],
} as const;

/** Runs a command in the network of the database, and ends as it ended there. */
export async function runnerCommand(command: RunnerCommand, options: RunnerCommandOptions, streams: Streams): Promise<number> {
  refuseLocal(command, options, streams.env);
  const reviewed = command !== 'apply' || typeof options['plan'] !== 'string' ? {} : { reviewed: fingerprintIn(await readText(options['plan'], '--plan'), options['plan']) };
  const { manifest } = options;
  const source = options.runner.startsWith('ssm:') || manifest === undefined || isPlaceInAws(manifest) ? undefined : { text: await readText(manifest, '--manifest'), file: manifest };
  const runner = await findRunner(options.runner, source);
  return withSignal(async (signal) => {
    const { exitCode, stopped } = await runIn({
      runner, args: ['bootstrap', command, ...argumentsOf({ ...options, ...reviewed })], signal,
      onLine: (line) => streams.out.write(`${line}\n`), onEvent: (text) => streams.err.write(`${text}\n`),
    });
    if (stopped) streams.err.write('The task was stopped. What it committed stays, the rest is rolled back; the next run goes on from there.\n');
    else if (exitCode !== EXIT.done) streams.err.write(`The task ended with exit code ${exitCode}.\n`);
    return stopped ? codeOf(signal.reason as NodeJS.Signals) : exitCode;
  });
}

function refuseLocal(command: RunnerCommand, options: RunnerCommandOptions, env: NodeJS.ProcessEnv): void {
  const given = Object.entries(DECIDED_THERE).filter(([name, [, variable]]) => options[name] !== undefined && (variable === undefined || options[name] !== env[variable])).map(([, [option]]) => option as string);
  if (command === 'plan' && options['plan'] !== undefined) given.push('--plan');
  if (given.length === 0) return;
  throw new TenantryError('input', given.map((option) => ({
    code: 'cli/runner-option', at: option, problem: `${option} is about this machine, and the command runs on another one.`,
    fix: option === '--plan' ? 'Write the plan from standard output: --format json > plan.json.' : option === '--evidence' ? 'The evidence comes with the log, on standard output.' : 'Leave it out: server, login and authorities are those that the BootstrapRunner was given.',
  })));
}

function argumentsOf(options: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(HANDED_ON).flatMap(([name, option]) => {
    const value = options[name];
    return value === undefined || value === false ? [] : value === true ? [option] : [option, String(value)];
  });
}
