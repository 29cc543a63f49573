import { TenantryError } from '../core/errors';
import { listOf } from '../core/text';
import { readParameter } from '../manifest/place';
import { RUNNER_FORMAT, type RunnerDescription, runnerSchema } from '../manifest/runner';

/** Where descriptions of runners are looked for. */
export interface RunnerSource {
  /** Content of the file that `cdktf deploy --outputs-file` wrote. */
  readonly text: string;
  readonly file: string;
}

/**
 * The description of a runner.
 *
 * @param name - `ssm:<parameter>`, or a name in the outputs
 * @throws TenantryError (`input`) when there is none
 */
export async function findRunner(name: string, source: RunnerSource | undefined): Promise<RunnerDescription> {
  if (name.startsWith('ssm:')) return parsed((await readParameter(name)).value, name);
  if (source === undefined) {
    throw new TenantryError('input', {
      code: 'runner/where', at: '--runner', problem: `It is not said where ${JSON.stringify(name)} is described.`,
      fix: 'Give the parameter, --runner ssm:/<platform>/<environment>/<layer>/<declaration>/runner, or the outputs of the deployment besides: --manifest outputs.json.',
    });
  }
  const found = runnersIn(source);
  const chosen = found.filter((runner) => runner.name === name || runner.declaration === name);
  const [only] = chosen;
  if (only !== undefined && chosen.length === 1) return only;
  const names = listOf(found.map((runner) => `${runner.name} (of ${runner.declaration})`)) || 'none';
  throw new TenantryError('input', {
    code: 'runner/unknown', at: source.file, problem: `${chosen.length === 0 ? 'There is no runner' : 'There are several runners'} ${JSON.stringify(name)} in the file; it describes ${names}.`,
    fix: 'Give one of these names with --runner, or the file that cdktf deploy --outputs-file wrote for the stack of the BootstrapRunner.',
  });
}

function runnersIn({ text, file }: RunnerSource): RunnerDescription[] {
  const data = jsonOf(text);
  if (data === undefined) throw new TenantryError('input', { code: 'runner/not-json', at: file, problem: 'The file is not JSON.', fix: 'Give the file that cdktf deploy --outputs-file wrote.' });
  return strings(data).filter((one) => one.includes(RUNNER_FORMAT) && (jsonOf(one) as { format?: unknown } | undefined)?.format === RUNNER_FORMAT).map((one) => parsed(one, file));
}

function parsed(text: string, at: string): RunnerDescription {
  const result = runnerSchema.safeParse(jsonOf(text));
  if (result.success) return result.data;
  throw new TenantryError('input', {
    code: 'runner/description', at, problem: `This is no description of a runner: ${result.error.issues.map(({ path, message }) => [path.join('.'), message].filter((part) => part !== '').join(': ')).join('; ')}.`,
    fix: 'Give what a BootstrapRunner writes: its output, or its parameter /<platform>/<environment>/<layer>/<declaration>/runner.',
  });
}

function strings(data: unknown): string[] {
  if (typeof data === 'string') return [data];
  return typeof data === 'object' && data !== null ? Object.values(data).flatMap(strings) : [];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
