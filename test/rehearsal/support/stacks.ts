import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackConfiguration } from '../../../lib/rehearsal/run/application';

export interface WrittenStack {
  readonly dependencies?: readonly string[];
  readonly annotations?: readonly { readonly constructPath: string; readonly level: string; readonly message: string; readonly stacktrace: readonly string[] }[];
  readonly configuration: StackConfiguration & Readonly<Record<string, unknown>>;
}

/** A synthesized application as `cdktf synth` leaves it: to say exactly what Terraform gets. */
export function writeStacks(folder: string, stacks: Readonly<Record<string, WrittenStack>>): string {
  const entries = Object.entries(stacks).map(([name, { dependencies = [], annotations, configuration }]) => {
    mkdirSync(join(folder, 'stacks', name), { recursive: true });
    writeFileSync(join(folder, 'stacks', name, 'cdk.tf.json'), JSON.stringify(configuration, null, 2));
    return [name, { name, constructPath: name, annotations, dependencies, workingDirectory: `stacks/${name}`, synthesizedStackPath: `stacks/${name}/cdk.tf.json` }];
  });
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ stacks: Object.fromEntries(entries) }));
  return folder;
}

/** The part of a stack that every one has: the provider in a region, and others by alias. */
export const inRegions = (region: string, aliases: Readonly<Record<string, string>> = {}) => ({
  terraform: { required_providers: { aws: { source: 'aws', version: '6.25.0' } }, backend: { s3: { bucket: 'states', key: 'a.tfstate', region } } },
  provider: { aws: [{ region }, ...Object.entries(aliases).map(([alias, other]) => ({ alias, region: other }))] },
});

/** A resource as the synthesizer writes it, with its construct path. */
export const at = (path: string, block: Readonly<Record<string, unknown>>) => ({ '//': { metadata: { path } }, ...block });
