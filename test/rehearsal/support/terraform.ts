import { execFile, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AWS } from '../../../lib/rehearsal/aws/behaviour';
import { Store } from '../../../lib/rehearsal/cloud/store';
import { Catalog } from '../../../lib/rehearsal/provider/catalog';
import { StandInProvider } from '../../../lib/rehearsal/provider/provider';
import { Bindings } from '../../../lib/rehearsal/schema/bindings';
import { type Attached, attachProviders } from '../../../lib/rehearsal/terraform/attach';
import { freshFolder } from '../../support/fresh-folder';

const execute = promisify(execFile);
/** Terraform itself waits for ever for a provider. */
const TIME_LIMIT = 30_000;

/** Why nothing here can run, if so. */
export const withoutTerraform = spawnSync('terraform', ['version'], { timeout: TIME_LIMIT }).status === 0 ? undefined : ' (skipped: no terraform on the PATH)';

export interface TerraformDiagnostic {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail: string;
  readonly address?: string;
  /** Of the configuration, that it is about. */
  readonly line?: string;
}

export interface PlannedChange {
  readonly address: string;
  readonly actions: readonly string[];
  readonly after: Readonly<Record<string, unknown>>;
  readonly unknown: Readonly<Record<string, unknown>>;
  readonly sensitive: Readonly<Record<string, unknown>>;
  readonly replacedBy: readonly unknown[];
}

/** What a Terraform configuration in JSON holds. */
export interface Configuration {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly output?: Readonly<Record<string, object>>;
  readonly provider?: object;
  readonly import?: readonly object[];
}

/** A bare `terraform` with the stand-in for AWS in the process of the test. */
export class Terraform {
  readonly folder = freshFolder('rehearsal');
  readonly store = new Store(join(this.folder, 'store'));
  readonly faults: string[] = [];
  private attached: Attached | undefined;

  private constructor(private readonly environment: NodeJS.ProcessEnv) {}

  /** @param types - the resources and data sources that its configurations use */
  static async start(types: readonly string[]): Promise<Terraform> {
    const terraform = new Terraform({ PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'], CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' });
    const catalog = new Catalog(Bindings.of('aws', { from: process.cwd() }), AWS.knowledge, { types, references: {} });
    terraform.attached = await attachProviders({ 'registry.terraform.io/hashicorp/aws': () => new StandInProvider({ catalog, behaviour: AWS, store: terraform.store, environment: {} }) }, (method, error) => terraform.faults.push(`${method}: ${String(error)}`));
    return terraform;
  }

  close(): void {
    this.attached?.close();
  }

  write({ provider = { aws: { region: 'eu-central-1' } }, ...configuration }: Configuration): void {
    writeFileSync(join(this.folder, 'main.tf.json'), JSON.stringify({ terraform: { required_providers: { aws: { source: 'hashicorp/aws' } } }, provider, ...configuration }, null, 2));
    rmSync(join(this.folder, 'plan'), { force: true });
  }

  /** Errors and warnings, of all resources, in the order of their texts. */
  async validate(): Promise<TerraformDiagnostic[]> {
    const { output } = await this.run('validate', '-json');
    return inOrder((JSON.parse(output) as { diagnostics: RawDiagnostic[] }).diagnostics);
  }

  async plan(): Promise<{ readonly diagnostics: readonly TerraformDiagnostic[]; readonly changes: readonly PlannedChange[] }> {
    const { output, code } = await this.run('plan', '-json', '-out=plan');
    const diagnostics = diagnosticsOf(output);
    if (code === 1) return { diagnostics, changes: [] };
    const shown = JSON.parse((await this.run('show', '-json', 'plan')).output) as { resource_changes?: { address: string; mode: string; change: { actions: string[]; after: object | null; after_unknown: object; after_sensitive: object; replace_paths?: unknown[] } }[] };
    return {
      diagnostics,
      changes: (shown.resource_changes ?? []).filter(({ mode }) => mode === 'managed').map(({ address, change }) => ({
        address, actions: change.actions, after: (change.after ?? {}) as PlannedChange['after'], unknown: change.after_unknown as PlannedChange['after'], sensitive: change.after_sensitive as PlannedChange['after'], replacedBy: change.replace_paths ?? [],
      })),
    };
  }

  async apply(): Promise<{ readonly diagnostics: readonly TerraformDiagnostic[]; readonly outputs: Readonly<Record<string, unknown>> }> {
    const { output } = await this.run('apply', '-json', '-auto-approve');
    const [last] = lines(output).filter(({ type }) => type === 'outputs').slice(-1);
    const outputs = (last?.outputs ?? {}) as Record<string, { value: unknown }>;
    return { diagnostics: diagnosticsOf(output), outputs: Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value])) };
  }

  async destroy(): Promise<TerraformDiagnostic[]> {
    return diagnosticsOf((await this.run('destroy', '-json', '-auto-approve')).output);
  }

  /** Actions of a plan by address, without those that change nothing. */
  async actions(): Promise<Readonly<Record<string, string>>> {
    const { changes, diagnostics } = await this.plan();
    if (diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
    return Object.fromEntries(changes.filter(({ actions }) => actions[0] !== 'no-op').map(({ address, actions }) => [address, actions.join()]));
  }

  async run(...args: string[]): Promise<{ readonly code: number; readonly output: string }> {
    if (this.faults.length > 0) throw new Error(this.faults.join('\n'));
    try {
      const { stdout } = await execute('terraform', args, { cwd: this.folder, env: { ...this.environment, ...this.attached?.environment }, timeout: TIME_LIMIT, maxBuffer: 50_000_000 });
      return { code: 0, output: stdout };
    } catch (error) {
      const { code, stdout, stderr, killed } = error as { code?: number; stdout?: string; stderr?: string; killed?: boolean };
      if (killed === true || typeof code !== 'number') throw error;
      if (stdout === undefined || stdout === '') throw new Error(`terraform ${args.join(' ')} ended with ${code}: ${stderr ?? ''}`, { cause: error });
      return { code, output: stdout };
    }
  }
}

interface RawDiagnostic extends Omit<TerraformDiagnostic, 'line'> {
  readonly snippet?: { readonly code: string };
}
interface Line {
  readonly type: string;
  readonly diagnostic?: RawDiagnostic;
  readonly outputs?: unknown;
}
const lines = (output: string): Line[] => output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Line);
const diagnosticsOf = (output: string): TerraformDiagnostic[] => inOrder(lines(output).flatMap(({ diagnostic }) => (diagnostic === undefined ? [] : [diagnostic])));
const inOrder = (diagnostics: readonly RawDiagnostic[]): TerraformDiagnostic[] => diagnostics.map(({ severity, summary, detail, address, snippet }) => ({ severity, summary, detail, ...(address === undefined ? {} : { address }), ...(snippet === undefined ? {} : { line: snippet.code.trim() }) })).sort((a, b) => (`${a.address ?? ''}${a.summary}${a.detail}` < `${b.address ?? ''}${b.summary}${b.detail}` ? -1 : 1));
