import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { App, TerraformStack } from 'cdktf';
import { TenantryError } from '../../lib/core';
import { Environment, type EnvironmentInput, EnvironmentStack } from '../../lib/environment';
import { DatabaseNetwork } from '../../lib/network';

/** Everything that a test may want to read of one argument: JSON as Terraform gets it. */
export type Json = any;

export interface SynthesizedResource {
  /** `aws_rds_cluster.Cluster_EB0386A7`. */
  readonly address: string;
  readonly type: string;
  readonly arguments: Json;
}

/** A class of the bindings. */
export interface ResourceClass {
  readonly tfResourceType: string;
}

/** One stack as it would be handed to Terraform, without CDKTF's own notes. */
export class SynthesizedStack {
  constructor(readonly name: string, readonly json: Json) {}

  /** All resources of a type; never only the first. */
  resources(type: ResourceClass): SynthesizedResource[] {
    return this.all().filter((resource) => resource.type === type.tfResourceType);
  }

  /** The only resource of a type. */
  resource(type: ResourceClass): Json {
    const found = this.resources(type);
    assert.equal(found.length, 1, `one ${type.tfResourceType} is expected, and there are: ${found.map(({ address }) => address).join(', ')}`);
    return found[0]?.arguments;
  }

  all(): SynthesizedResource[] {
    return Object.entries<Json>(this.json.resource ?? {}).flatMap(([type, named]) =>
      Object.entries<Json>(named).map(([name, args]) => ({ address: `${type}.${name}`, type, arguments: args })));
  }

  /** Sorted, outputs included: what state and its readers know. */
  addresses(): string[] {
    return [...this.all().map(({ address }) => address), ...Object.keys(this.json.output ?? {}).map((name) => `output.${name}`)].sort();
  }

  /** The same text for the same stack. */
  get text(): string {
    return JSON.stringify(this.json);
  }
}

/** An app that writes nowhere near the repository. */
export const testApp = (): App => new App({ outdir: mkdtempSync(join(tmpdir(), 'tenantry-synth-')), stackTraces: false });

/**
 * Synthesizes a whole app as `cdktf synth` does: every stack is prepared first (without that a reference between stacks vanishes without a word), aspects run,
 * validations run, and an error annotation fails.
 */
export function synthesize(app: App): Record<string, SynthesizedStack> {
  try {
    app.synth();
    const stacks = app.node.findAll().filter((node): node is TerraformStack => TerraformStack.isStack(node));
    return Object.fromEntries(stacks.map((stack) => {
      const { synthesizedStackPath } = app.manifest.forStack(stack);
      return [stack.node.id, new SynthesizedStack(stack.node.id, withoutMachine(JSON.parse(readFileSync(join(app.outdir, synthesizedStackPath), 'utf8'))))];
    }));
  } finally {
    rmSync(app.outdir, { recursive: true, force: true });
  }
}

/** Runs a program that ends with `app.synth()`, as a user does, and reads what it wrote. */
export function synthesizeProgram(file: string): Record<string, SynthesizedStack> {
  const outdir = mkdtempSync(join(tmpdir(), 'tenantry-synth-'));
  try {
    const done = spawnSync(process.execPath, ['--import', 'tsx', file], { encoding: 'utf8', env: { ...process.env, CDKTF_OUTDIR: outdir, CHECKPOINT_DISABLE: '1' } });
    assert.equal(done.status, 0, done.stderr);
    return Object.fromEntries(readdirSync(join(outdir, 'stacks')).sort().map((name) => [name, new SynthesizedStack(name, withoutMachine(JSON.parse(readFileSync(join(outdir, 'stacks', name, 'cdk.tf.json'), 'utf8'))))]));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Removes CDKTF's notes and the absolute path that its local backend writes. */
function withoutMachine(json: Json): Json {
  if (Array.isArray(json)) return json.map(withoutMachine);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries<Json>(json).filter(([key]) => key !== '//').map(([key, value]) => [key, key === 'path' && typeof value === 'string' && isAbsolute(value) ? basename(value) : withoutMachine(value)]));
}

const BASE = { platform: 'shop', region: 'eu-central-1', recoveryRegion: 'eu-west-1', account: '123456789012', owner: 'platform-team', costCentre: '4711', state: { backend: 's3', bucket: 'shop-state', kmsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/1' } } as const;

export const testEnvironment = (data: Partial<EnvironmentInput> = {}): Environment => Environment.parse({ stage: 'staging', ...BASE, ...data });

/** A stack in an app of its own. */
export const testStack = (data: Partial<EnvironmentInput> = {}, layer = 'data'): EnvironmentStack => new EnvironmentStack(testApp(), layer, { environment: testEnvironment(data) });

/** Synthesizes the app of a stack, and returns this stack. */
export function synthesizeStack(stack: TerraformStack): SynthesizedStack {
  const stacks = synthesize(App.of(stack));
  return stacks[stack.node.id] as SynthesizedStack;
}

/** A network that exists, so that a test sees only what it is about. */
export const importedNetwork = (stack: EnvironmentStack, id = 'Network'): ReturnType<typeof DatabaseNetwork.fromDatabaseNetworkAttributes> => DatabaseNetwork.fromDatabaseNetworkAttributes(stack, id, {
  vpcId: 'vpc-1', subnetGroupName: 'databases', subnetIds: ['subnet-1', 'subnet-2', 'subnet-3'], zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'], securityGroupId: 'sg-1', clientSecurityGroupId: 'sg-2',
});

/** Runs what must be refused, and compares all codes and the whole message. */
export function expectRefusal(run: () => unknown, codes: string | readonly string[], message: string): void {
  let error: unknown;
  try {
    run();
  } catch (thrown) {
    error = thrown;
  }
  if (!TenantryError.is(error)) throw new Error('Nothing was refused, or not on purpose.', { cause: error });
  assert.deepEqual({ codes: error.complaints.map(({ code }) => code), message: error.message }, { codes: [codes].flat(), message });
}
