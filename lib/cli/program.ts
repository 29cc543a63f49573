import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { VERSION } from '../bootstrap/version';
import { TenantryError } from '../core/errors';
import { listOf } from '../core/text';
import { accessListCommand, grantCommand, revokeCommand } from './commands/access';
import { addCommand } from './commands/add';
import { adoptCommand, withAdopt } from './commands/adopt';
import { applyCommand } from './commands/apply';
import { explainCommand } from './commands/explain';
import { forecastCommand } from './commands/forecast';
import { historyCommand } from './commands/history';
import { listCommand } from './commands/list';
import { archiveCommand, forgetCommand, moveCommand, offboardCommand } from './commands/lifecycle';
import { planCommand } from './commands/plan';
import { runnerCommand, type RunnerCommandOptions } from './commands/runner';
import { stateCommand } from './commands/state';
import { tierCommand } from './commands/tier';
import { usageCommand } from './commands/usage';
import { verifyCommand } from './commands/verify';
import { EXIT, explain } from './exit';
import { withFleet } from './fleet-options';
import { withRecreate } from './recreate-option';
import { rehearsed, withRehearsal } from './rehearse';
import { stoppable } from './stop';
import type { Streams } from './streams';

/** Runs the command line and gives its exit code. */
export async function run(argv: readonly string[], streams: Streams): Promise<number> {
  let code: number = EXIT.done;
  const program = command(streams, (result) => (code = result));
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const { code: exit, text } = explain(error);
    if (argv.some((argument, i) => argument === '--format=json' || (argument === 'json' && argv[i - 1] === '--format')) && TenantryError.is(error)) streams.out.write(`${JSON.stringify({ format: 'tenantry/error@1', kind: error.kind, complaints: error.complaints }, null, 2)}\n`);
    streams.err.write(`${text}\n`);
    return exit;
  }
}

export function command(streams: Streams, done: (code: number) => void): Command {
  const program = new Command('tenantry')
    .description('Multi-tenant database platforms: brings a PostgreSQL server to its declaration and proves that tenants are kept apart.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeOut: (text) => streams.out.write(text), writeErr: (text) => streams.err.write(text) })
    .showHelpAfterError('Run tenantry --help to see what there is.')
    .addHelpText('after', `
Exit codes: 0 done, or nothing to do · 1 failed · 2 differences found (plan with --detailed-exitcode, and always for drift)
            3 refused by a rule, or verification failed · 64 wrong usage or input · 130, 143 stopped by a signal

Start here: tenantry bootstrap apply --manifest cdktf.out/stacks/<stack>/cdk.tf.json --embedded`);

  const bootstrap = program.command('bootstrap').description('The database plane: plan, apply and verify what is declared');
  withRecreate(withRunner(bootstrap.command('plan').description('Show what differs, and change nothing')))
    .option('--plan <file>', 'also write the plan to a file, for bootstrap apply --plan')
    .option('--detailed-exitcode', 'exit with 2 when anything differs; for drift that is always so')
    .option('--allow-older', 'plan with a manifest although a newer one was applied')
    .option('--full', 'read all schemas of tenants, also those that are known to be as they were')
    .action(async (options) => done(await here('plan', options, streams, () => planCommand(options, streams))));
  withRecreate(withFleet(withLockWait(withRunner(bootstrap.command('apply').description('Bring the server to the declaration, then verify')))))
    .option('--plan <file>', 'apply only the plan in this file, and nothing when the database is no longer as it was then')
    .option('--allow-older', 'apply a manifest although a newer one was applied')
    .option('--full', 'read all schemas of tenants, also those that are known to be as they were')
    .addOption(evidenceOption())
    .option('--reviewed <fingerprint>', 'the same as --plan, with the fingerprint of the plan')
    .option('--skip-verify', 'do not verify afterwards')
    .action(async (options) => done(await here('apply', options, streams, () => applyCommand(options, streams))));
  withRunner(bootstrap.command('verify').description('Try to break the isolation, and say what held'), [...FORMATS, 'sarif'])
    .addOption(evidenceOption())
    .action(async (options) => done(await here('verify', options, streams, () => verifyCommand(options, streams))));
  withAdopt(bootstrap.command('adopt')).action(async (options) => done(await stoppable(streams, () => adoptCommand(options, streams))));

  const tenant = program.command('tenant').description('Tenants at run time, without a deployment');
  withLockWait(withTarget(tenant.command('add').description('Add a tenant').argument('<key>', 'lower-case letters, digits and hyphens, at most 31')))
    .addOption(new Option('--mode <isolation>', 'how its rows are kept apart').choices(['row', 'schema', 'database']).makeOptionMandatory())
    .option('--name <text>', 'display name, free text')
    .option('--tier <name>', 'name of its tier', 'standard')
    .action(async (key, options) => done(await stoppable(streams, () => addCommand(key, options, streams))));

  withTarget(tenant.command('list').description('List the tenants, and say which of them are served'))
    .action(async (options) => done(await stoppable(streams, () => listCommand(options, streams))));
  withTarget(tenant.command('history').description('Show everything that was done with a tenant, and by whom').argument('<key>'))
    .action(async (key, options) => done(await stoppable(streams, () => historyCommand(key, options, streams))));
  withLockWait(withTarget(tenant.command('tier').description('Give a tenant another tier; its limits hold from the next transaction on').argument('<key>').argument('<tier>')))
    .action(async (key, tier, options) => done(await stoppable(streams, () => tierCommand(key, tier, options, streams))));
  withTarget(tenant.command('usage').description('Measure the storage of all tenants, or of one; exits with 2 where a quota is exceeded').argument('[key]'))
    .action(async (key, options) => done(await stoppable(streams, () => usageCommand(key, options, streams))));
  withLockWait(withTarget(tenant.command('suspend').description('Serve a tenant no more, until it is resumed; nothing of it is removed').argument('<key>')))
    .action(async (key, options) => done(await stoppable(streams, () => stateCommand('suspend', key, options, streams))));
  withLockWait(withTarget(tenant.command('resume').description('Serve a suspended tenant again').argument('<key>')))
    .action(async (key, options) => done(await stoppable(streams, () => stateCommand('resume', key, options, streams))));

  const access = program.command('access').description('Access of people to the rows of tenants, for a time');
  withLockWait(withTarget(access.command('grant').description('Grant a person access as a support role, for a time').argument('<member>', 'a login that is there, of a person')))
    .requiredOption('--role <role>', 'a declared role of kind support')
    .requiredOption('--for <time>', "how long, for instance 30min or 2h; the role's maxDuration bounds it")
    .requiredOption('--reason <text>', 'why; it is kept with the grant')
    .action(async (member, options) => done(await stoppable(streams, () => grantCommand(member, options, streams))));
  withLockWait(withTarget(access.command('revoke').description('Take access back; from then on nothing is seen with it, in open transactions too').argument('<member>')))
    .option('--role <role>', 'only the access as this role')
    .action(async (member, options) => done(await stoppable(streams, () => revokeCommand(member, options, streams))));
  withTarget(access.command('list').description('Show who has access'))
    .option('--all', 'also what has ended or was revoked')
    .action(async (options) => done(await stoppable(streams, () => accessListCommand(options, streams))));

  const waiting = (subcommand: Command): Command => withLockWait(withTarget(subcommand)).option('--drain-wait <seconds>', 'how long transactions of the tenant may take to end', seconds, 30);
  waiting(tenant.command('move').description('Move a tenant to another isolation: its rows are copied, compared, and removed where they were').argument('<key>'))
    .addOption(new Option('--to <isolation>', 'how its rows are kept apart from then on').choices(['row', 'schema', 'database']).makeOptionMandatory())
    .action(async (key, options) => done(await stoppable(streams, () => moveCommand(key, options, streams))));
  waiting(tenant.command('archive').description('Write the rows of a tenant into files, and serve it no more, until it is resumed').argument('<key>'))
    .requiredOption('--out <folder>', 'where the files go; a folder that is not there yet')
    .action(async (key, options) => done(await stoppable(streams, () => archiveCommand(key, options, streams))));
  waiting(tenant.command('offboard').description('Archive a tenant, remove everything of it, and write a certificate of that').argument('<key>'))
    .requiredOption('--confirm <key>', 'the key once more')
    .option('--archive <folder>', 'where its rows are written to first; a folder that is not there yet')
    .option('--no-archive', 'write its rows nowhere')
    .option('--certificate <file>', 'where the certificate is written; - is standard output')
    .action(async (key, options) => done(await stoppable(streams, () => offboardCommand(key, options, streams))));
  withLockWait(withTarget(tenant.command('forget').description('Free the key of a tenant that was off-boarded').argument('<key>')))
    .requiredOption('--confirm <key>', 'the key once more')
    .action(async (key, options) => done(await stoppable(streams, () => forgetCommand(key, options, streams))));

  program.command('explain').description('Explain how instances get another class, what lies behind the code of an error, or what to do when an alarm rings').argument('<topic>', 'scaling, a code such as ha-cluster/failover-not-kept, or an alarm by its id or name, such as cpu')
    .option('--dir <folder>', 'scaling: of the databases in these synthesized stacks; else cdktf.out')
    .option('--stack <glob>', 'scaling: only in these stacks; * stands for any characters')
    .option('--plan <file>', 'scaling: of the instances that a plan changes, as terraform show -json prints it')
    .addOption(new Option('--format <format>', 'how results are written').choices(FORMATS).default('text'))
    .action((topic, options) => done(explainCommand(topic, options, streams)));
  program.command('forecast').description('Tell from the history of a metric when it reaches a limit; exits with 2 where that is soon').argument('<file>', 'what aws cloudwatch get-metric-statistics or get-metric-data printed as JSON; - is standard input')
    .option('--limit <amount>', 'what it must not grow to: a number in the unit of the metric, a size such as 10TiB, or a share such as 90%')
    .option('--floor <amount>', 'what it must not fall to, for what runs out: 0GiB of free storage')
    .option('--within <days>', 'how soon is soon', days, 90)
    .addOption(new Option('--format <format>', 'how results are written').choices(FORMATS).default('text'))
    .action((file, options) => done(forecastCommand(file, options, streams)));
  withRehearsal(program.command('rehearse')).action(async (options) => done(await rehearsed(options, streams)));
  return program;
}

/** Runs a command here, or where `--runner` says. */
function here(command: 'plan' | 'apply' | 'verify', options: Partial<RunnerCommandOptions>, streams: Streams, run: () => Promise<number>): Promise<number> {
  return options.runner === undefined ? stoppable(streams, run) : runnerCommand(command, { ...options, runner: options.runner }, streams);
}

const evidenceOption = (): Option => new Option('--evidence <file>', 'where the evidence of the verification is written; - is standard output').env('TENANTRY_EVIDENCE');

const FORMATS = ['text', 'json'];

const withRunner = (subcommand: Command, formats: readonly string[] = FORMATS): Command =>
  withTarget(subcommand, formats).option('--runner <name>', 'run it in the network of the database: a name in the outputs that --manifest holds, or ssm:PARAMETER');

function withTarget(subcommand: Command, formats: readonly string[] = FORMATS): Command {
  return subcommand
    .addOption(new Option('--manifest <place>', 'a manifest, the file of cdktf deploy --outputs-file, a synthesized cdk.tf.json, or ssm:PARAMETER').env('TENANTRY_MANIFEST'))
    .option('--database <name>', 'name of the declaration, when the file holds several')
    .option('--database-url <url>', '[server=]postgresql://user:password@host:port; may be given once for each server', (url: string, urls: string[] = []) => [...urls, url])
    .option('--server <name>', 'only this one of the servers in the manifest, where tenants have servers for themselves')
    .option('--embedded', 'start a PostgreSQL of its own, with its data in .tenantry/')
    .addOption(new Option('--iam <user>', 'connect as this user with an IAM token instead of the master password').env('TENANTRY_IAM_USER'))
    .option('--passwords <file>', 'where passwords go of logins without a secret in Secrets Manager; with --embedded, .tenantry/passwords.json')
    .addOption(new Option('--ca <file>', 'certificate authorities, in PEM, for servers off the local machine').env('TENANTRY_CA'))
    .addOption(new Option('--format <format>', 'how results are written').choices(formats).default('text'));
}

/** For commands that change something: reading waits for nobody. */
function withLockWait(subcommand: Command): Command {
  return subcommand.option('--lock-wait <seconds>', 'how long to wait for other applies, in all', seconds, 300);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0 || value > 86_400) throw new InvalidArgumentError(`It is a number of seconds, ${listOf(['0', '86400'], 'or')} at the extremes.`);
  return value;
}

function days(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 3650) throw new InvalidArgumentError(`It is a whole number of days, ${listOf(['0', '3650'], 'or')} at the extremes.`);
  return value;
}
