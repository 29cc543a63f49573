import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { LocalBackend, S3Backend, TerraformStack } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';
import { TenantryError } from '../core/errors';
import type { Environment } from './environment';

/** Locks of the state without a table of their own need this version. */
const TERRAFORM = '>= 1.10.0';

/** Two copies of this package may be loaded, so that `instanceof` would not tell. */
const MARK = Symbol.for('tenantry/EnvironmentStack');

export interface EnvironmentStackProps {
  readonly environment: Environment;
}

/** One layer of an environment: its providers, tags and state. Everything inside finds the environment by itself. */
export class EnvironmentStack extends TerraformStack {
  static isEnvironmentStack(x: unknown): x is EnvironmentStack {
    return typeof x === 'object' && x !== null && MARK in x;
  }

  /** The stack that a construct lies in. */
  static override of(construct: IConstruct): EnvironmentStack {
    const stack = construct.node.scopes.findLast((scope) => EnvironmentStack.isEnvironmentStack(scope));
    if (stack !== undefined) return stack;
    throw new TenantryError('input', {
      code: 'environment/no-stack',
      at: construct.node.path,
      problem: 'This construct needs to know its environment, and no stack above it is an EnvironmentStack.',
      fix: "const stack = new EnvironmentStack(app, 'data', { environment }); and give it as the scope.",
    });
  }

  readonly environment: Environment;
  /** Name of the stack without the environment's. */
  readonly layer: string;
  readonly provider: AwsProvider;
  readonly #recoveryProvider: AwsProvider | undefined;

  /**
   * @param layer - what the stack holds, for instance `data`; the stack is named `<environment>-<layer>`
   */
  constructor(scope: Construct, layer: string, { environment }: EnvironmentStackProps) {
    super(scope, `${environment.name}-${layer}`);
    Object.defineProperty(this, MARK, { value: true });
    this.environment = environment;
    this.layer = layer;
    this.#makeBackend();
    this.addOverride('terraform.required_version', TERRAFORM);
    this.provider = this.#makeProvider('Aws', environment.region);
    this.#recoveryProvider = environment.recoveryRegion === undefined ? undefined : this.#makeProvider('AwsRecovery', environment.recoveryRegion, 'recovery');
  }

  /** For resources in the recovery region; undefined when the environment has none. */
  get recoveryProvider(): AwsProvider | undefined {
    return this.#recoveryProvider;
  }

  #makeProvider(id: string, region: string, alias?: string): AwsProvider {
    const { account, tags } = this.environment;
    return new AwsProvider(this, id, { region, alias, allowedAccountIds: [account], defaultTags: [{ tags }] });
  }

  #makeBackend(): void {
    const { state, region, platform } = this.environment;
    if (state.backend === 'local') {
      // Beside the output folder, and relative to where Terraform runs: the default is a path of the machine that synthesized.
      new LocalBackend(this, { path: `../../../terraform.${this.node.id}.tfstate` });
      return;
    }
    const backend = new S3Backend(this, {
      bucket: state.bucket,
      key: `${platform}/${this.environment.name}/${this.layer}.tfstate`,
      region: state.region ?? region,
      encrypt: true,
      kmsKeyId: state.kmsKeyArn,
    });
    // The type of cdktf 0.21 does not know it.
    backend.addOverride('use_lockfile', true);
  }
}
