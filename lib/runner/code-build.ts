import { randomUUID } from 'node:crypto';
import type { Build, CodeBuildClient } from '@aws-sdk/client-codebuild';
import { TenantryError } from '../core/errors';
import { optional } from '../core/optional';
import { BOUNDED } from '../manifest/place';
import type { CodeBuildRunner } from '../manifest/runner';
import { asked } from './aws-error';
import type { Launcher, Task, TaskState } from './task';

type Sdk = typeof import('@aws-sdk/client-codebuild');

/** Builds of CodeBuild. Needs the package `@aws-sdk/client-codebuild`. */
export async function codeBuild(runner: CodeBuildRunner): Promise<Launcher> {
  const sdk = await optional<Sdk>('@aws-sdk/client-codebuild');
  const client = new sdk.CodeBuildClient({ ...BOUNDED, region: runner.region });
  return {
    async start(args) {
      const { build } = await asked(runner.name, 'codebuild:StartBuild', client.send(new sdk.StartBuildCommand({
        projectName: runner.project,
        idempotencyToken: randomUUID(),
        environmentVariablesOverride: [{ name: 'TENANTRY_ARGUMENTS', value: words(args), type: 'PLAINTEXT' }],
      })));
      if (build?.id !== undefined) return taskOf(sdk, client, runner, build.id);
      throw new TenantryError('failed', { code: 'runner/not-started', at: runner.name, problem: 'CodeBuild started no build, and gave no reason.', fix: 'Check whether the project is still there.' });
    },
  };
}

/** The shell of the build splits them at spaces and evaluates nothing else, because nothing else is let through. */
function words(args: readonly string[]): string {
  const wrong = args.find((arg) => !/^[\w=:.,/@-]+$/.test(arg));
  if (wrong === undefined) return args.join(' ');
  throw new TenantryError('input', { code: 'runner/argument', problem: `${JSON.stringify(wrong)} cannot be handed to a build: letters, digits and _=:.,/@- are allowed.` });
}

function taskOf(sdk: Sdk, client: CodeBuildClient, runner: CodeBuildRunner, id: string): Task {
  return {
    id,
    async state(): Promise<TaskState> {
      const { builds: [build] = [] } = await asked(runner.name, 'codebuild:BatchGetBuilds', client.send(new sdk.BatchGetBuildsCommand({ ids: [id] })));
      if (build === undefined) return { status: 'not found', ended: true, reason: 'CodeBuild no longer knows the build' };
      const { groupName, streamName } = build.logs ?? {};
      const exitCode = exitCodeOf(build);
      const reason = reasonOf(build);
      return {
        status: (build.currentPhase ?? build.buildStatus ?? 'unknown').toLowerCase(), ended: build.buildComplete === true,
        ...(groupName === undefined || streamName === undefined ? {} : { log: { group: groupName, stream: streamName } }),
        ...(exitCode === undefined ? {} : { exitCode }), ...(reason === '' ? {} : { reason }),
      };
    },
    async stop() {
      await asked(runner.name, 'codebuild:StopBuild', client.send(new sdk.StopBuildCommand({ id })));
    },
  };
}

/** CodeBuild tells the exit code of a command only in a text. */
function exitCodeOf(build: Build): number | undefined {
  if (build.buildStatus === 'SUCCEEDED') return 0;
  const contexts = build.phases?.find(({ phaseType }) => phaseType === 'BUILD')?.contexts ?? [];
  const code = contexts.map(({ message = '' }) => /exit status (\d+)/.exec(message)?.[1]).find((found) => found !== undefined);
  return code === undefined ? undefined : Number(code);
}

const reasonOf = ({ phases = [] }: Build): string => phases.flatMap(({ contexts = [] }) => contexts.map(({ message = '' }) => message)).filter((message) => message !== '').join('; ');
