import { type Command, InvalidArgumentError, Option } from 'commander';
import { TenantryError } from '../core/errors';
import type { RehearseCommandOptions } from './commands/rehearse';
import { codeOf } from './stop';
import type { Streams } from './streams';

/** What a rehearsal needs beyond the command line's own packages; an installation that only bootstraps does without. */
const PACKAGES = ['@grpc/grpc-js', '@grpc/proto-loader', '@msgpack/msgpack', '@peculiar/x509', 'reflect-metadata'];

export function withRehearsal(command: Command): Command {
  return command
    .description('Deploy the stacks with the real Terraform engine and a stand-in for the provider: no cloud, no credentials')
    .option('--app <command>', 'what synthesizes the stacks; else the app of cdktf.json')
    .option('--dir <folder>', 'stacks that were synthesized before, for instance cdktf.out')
    .option('--stack <glob>', 'only these stacks, and those that they read from; * stands for any characters')
    .addOption(new Option('--until <step>', 'the last step').choices(['validate', 'plan', 'apply', 'destroy']).default('destroy'))
    .option('--store <folder>', 'keep what was made here, and go on from it: the plan then shows what changes')
    .option('--keep <folder>', 'keep the stacks, and the plans as JSON, in this folder')
    .option('--outputs-file <file>', 'write the outputs, as cdktf deploy --outputs-file does')
    .addOption(new Option('--bootstrap <where>', 'bootstrap each database from the outputs, and attack its isolation').choices(['embedded']))
    .option('--fail <fault>', 'let a step fail on purpose: "TYPE create|update|delete [after N]"; may be repeated', (fault: string, faults: string[] = []) => [...faults, fault])
    .option('--env', 'print how to run cdktf deploy itself against the stand-in, and prepare it in --keep')
    .option('--timeout <seconds>', 'for one Terraform command', seconds, 600)
    .addOption(new Option('--format <format>', 'how results are written').choices(['text', 'json']).default('text'));
}

/** Runs a rehearsal that Ctrl-C ends in order; the exit code is then what a shell says of a signal. */
export async function rehearsed(options: RehearseCommandOptions, streams: Streams): Promise<number> {
  const cancelled = new AbortController();
  let by: NodeJS.Signals = 'SIGINT';
  const cancel = (signal: NodeJS.Signals): void => {
    by = signal;
    cancelled.abort(new TenantryError('failed', { code: 'rehearsal/cancelled', problem: 'The rehearsal was cancelled. Nothing of it is left but what --store and --keep name.' }));
  };
  // Also a second time: it ends within seconds, and what it leaves behind otherwise nobody would clean up.
  process.on('SIGINT', cancel).on('SIGTERM', cancel);
  try {
    const { rehearseCommand } = await loaded();
    return await rehearseCommand(options, streams, cancelled.signal);
  } catch (error) {
    if (error !== cancelled.signal.reason) throw error;
    streams.err.write(`${(error as Error).message}\n`);
    return codeOf(by);
  } finally {
    process.off('SIGINT', cancel).off('SIGTERM', cancel);
  }
}

async function loaded(): Promise<typeof import('./commands/rehearse')> {
  try {
    return await import('./commands/rehearse.js');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const absent = PACKAGES.find((name) => message.includes(`'${name}'`));
    if ((code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') || absent === undefined) throw error;
    throw new TenantryError('input', { code: 'rehearsal/packages', at: absent, problem: 'A rehearsal speaks to Terraform by packages that are not installed.', fix: `npm install --save-dev ${PACKAGES.join(' ')}` }, { cause: error });
  }
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 1 || value > 86_400) throw new InvalidArgumentError('It is a number of seconds, between 1 and 86400.');
  return value;
}
