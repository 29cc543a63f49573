import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { writeMirror } from '../terraform/mirror';
import { type ApplicationOptions, readStacks, synthesizedFolder, type SynthesizedStack } from './application';
import { standInsFor } from './stand-ins';
import { notOurs, typesInStates, workspaceIn, writeOverride } from './workspace';

export interface PreparedEnvironment {
  /** The stacks, each with an override beside it that keeps its state in the folder. */
  readonly output: string;
  /** What Terraform must find in its environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** Objects that will be made. */
  readonly objects: string;
}

/**
 * Prepares a folder so that `cdktf deploy` itself, or Terraform by hand, runs against the stand-in: a mirror of the providers, and a
 * copy of the stacks with their state turned into files.
 *
 * @param folder - it is kept: `cdktf destroy` needs it as `cdktf deploy` does
 */
export async function prepareEnvironment(folder: string, options: ApplicationOptions = {}): Promise<PreparedEnvironment> {
  const from = options.from ?? '.';
  const output = join(resolve(folder), 'cdktf.out');
  if (existsSync(join(output, 'manifest.json')) && !existsSync(join(folder, 'mirror'))) throw notOurs(output);
  mkdirSync(output, { recursive: true });
  const synthesized = await synthesizedFolder(options, output);
  readStacks(synthesized, options.dir === undefined && synthesized === output);
  if (resolve(synthesized) !== output) cpSync(synthesized, output, { recursive: true, filter: (path) => !['.terraform', '.terraform.lock.hcl'].includes(basename(path)) });
  const workspace = workspaceIn(folder, join(folder, 'store'));
  const stacks: readonly SynthesizedStack[] = readStacks(output);
  for (const stack of stacks) writeOverride(workspace, stack, stacks, stack.folder);
  const configuration = await writeMirror({ folder: join(folder, 'mirror'), standIns: standInsFor(stacks, from, typesInStates(workspace.state)), from, objects: workspace.objects, state: workspace.state });
  return { output, objects: workspace.objects, variables: { TF_CLI_CONFIG_FILE: configuration, CHECKPOINT_DISABLE: '1', CDKTF_DISABLE_PLUGIN_CACHE_ENV: '1' } };
}
