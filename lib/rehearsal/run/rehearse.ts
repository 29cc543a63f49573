import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Complaint, TenantryError } from '../../core/errors';
import { Faults } from '../cloud/faults';
import { Store } from '../cloud/store';
import { changesOf, outputChangesOf } from '../terraform/changes';
import { attachProviders } from '../terraform/attach';
import { complaintOf, pathOfAddress } from '../terraform/diagnostics';
import { Terraform, type TerraformResult } from '../terraform/terraform';
import { type ApplicationOptions, readStacks, selectStacks, synthesizedFolder, type SynthesizedStack } from './application';
import { type OnStep, type RehearsalReport, type StackReport, type Step, SYNTHESIS_WARNING } from './report';
import { connectionsOf, type StandIn, standInsFor } from './stand-ins';
import { neverSet } from './usage';
import { copyStack, liftProtection, type Protection, statesAreEmpty, stateFile, typesInModules, typesInStates, type Workspace, workspaceIn } from './workspace';

export type Until = 'validate' | 'plan' | 'apply' | 'destroy';

export interface RehearsalOptions extends ApplicationOptions {
  /** Which stacks, with `*` for any characters; those that they read from are rehearsed too. @default - all */
  readonly stack?: string;
  /** The last step. @default destroy */
  readonly until?: Until;
  /** Folder that keeps what was made and the states, for the next rehearsal. @default - gone with the rehearsal */
  readonly store?: string;
  /** Folder that keeps the stacks, the plans as JSON, and what was made if `store` does not. @default - gone with the rehearsal */
  readonly keep?: string;
  /** Failures on purpose: `TYPE create|update|delete [after N]`. @default - none */
  readonly faults?: readonly string[];
  /** Seconds for one Terraform command. @default 600 */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  readonly onStep?: OnStep;
  /** Told when the stacks are known and nothing has begun. */
  readonly onStart?: (report: Pick<RehearsalReport, 'terraform' | 'standIns'> & { readonly stacks: readonly string[] }) => void;
  /** Called with the outputs by stack, as `cdktf deploy --outputs-file` writes them, when everything is applied and before anything is destroyed. */
  readonly onApplied?: (outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>) => Promise<void>;
}

/**
 * Deploys an application with the real Terraform engine and a stand-in for its providers: nothing leaves this machine. Each stack is
 * validated, planned, applied and planned again, in the order of a deployment, and destroyed in the reverse.
 *
 * @throws TenantryError `input` for what cannot be rehearsed, `failed` when a step did not succeed, with construct paths
 */
export async function rehearse(options: RehearsalOptions = {}): Promise<RehearsalReport> {
  const temporary = mkdtempSync(join(tmpdir(), 'tenantry-rehearsal-'));
  try {
    const stacks = await stacksOf(options, temporary);
    return await inWorkspace(options, stacks, temporary);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function stacksOf(options: RehearsalOptions, temporary: string): Promise<SynthesizedStack[]> {
  const fresh = join(temporary, 'cdktf.out');
  const folder = await synthesizedFolder(options, fresh);
  const stacks = readStacks(folder, folder === fresh);
  return options.stack === undefined ? stacks : selectStacks(stacks, options.stack);
}

async function inWorkspace(options: RehearsalOptions, stacks: readonly SynthesizedStack[], temporary: string): Promise<RehearsalReport> {
  const until = options.until ?? 'destroy';
  const workspace = prepareStore(options, until, temporary);
  const configuration = join(temporary, 'terraform.rc');
  writeFileSync(configuration, 'disable_checkpoint = true\n');
  const standIns = standInsFor(stacks, options.from ?? '.', typesInStates(workspace.state));
  const asked = new Faults(options.faults ?? []);
  const attached = await attachProviders(connectionsOf(standIns, workspace.objects, asked));
  try {
    const terraform = await Terraform.find({
      environment: { ...attached.environment, ...BRIEF, TF_CLI_CONFIG_FILE: configuration, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', TF_INPUT: '0' },
      timeout: (options.timeout ?? 600) * 1000, signal: options.signal,
    });
    const head = { terraform: terraform.version, standIns: standIns.map(({ address, version }) => ({ address, version })) };
    options.onStart?.({ ...head, stacks: stacks.map(({ name }) => name) });
    const rehearsal = new Rehearsal(options, terraform, workspace, stacks, standIns);
    const reports = await rehearsal.run(until);
    if (asked.unused.length > 0 && (until === 'apply' || until === 'destroy')) rehearsal.warnings.push({ code: 'rehearsal/fault-unused', at: '--fail', problem: `Nothing failed on purpose: there was no such step, or not so often: ${asked.unused.join(', ')}.`, fix: 'Look at the type and the number.' });
    return { ...head, stacks: reports, schemaOnly: standIns.flatMap(({ catalog }) => catalog.schemaOnly()), warnings: rehearsal.warnings };
  } finally {
    attached.close();
  }
}

/** A rehearsal that ends with a plan must not change what is kept: it works on a copy. */
function prepareStore({ store, keep }: RehearsalOptions, until: Until, temporary: string): Workspace {
  const folder = keep ?? temporary;
  if (store === undefined) return workspaceIn(folder, join(folder, 'store'));
  if (until === 'apply' || until === 'destroy') return workspaceIn(folder, store);
  const copy = join(temporary, 'store');
  mkdirSync(store, { recursive: true });
  cpSync(store, copy, { recursive: true });
  return workspaceIn(folder, copy);
}

class Rehearsal {
  readonly warnings: Complaint[];
  private readonly reports = new Map<string, { -readonly [Key in keyof StackReport]: StackReport[Key] }>();

  constructor(
    private readonly options: RehearsalOptions,
    private readonly terraform: Terraform,
    private readonly workspace: Workspace,
    private readonly stacks: readonly SynthesizedStack[],
    private readonly standIns: readonly StandIn[],
  ) {
    this.warnings = stacks.flatMap(({ warnings }) => warnings).map(({ constructPath, message }) => ({ code: SYNTHESIS_WARNING, at: constructPath, problem: message }));
  }

  async run(until: Until): Promise<StackReport[]> {
    for (const stack of this.stacks) {
      this.reports.set(stack.name, { name: stack.name, constructPath: stack.constructPath, steps: [], changes: [], differs: [], lifted: [] });
      this.refuseReferences(stack);
      const folder = copyStack(this.workspace, stack, this.stacks);
      await this.step(stack, 'validate', async () => {
        await this.succeed(stack, folder, ['init', '-input=false', '-no-color']);
        const more = typesInModules(folder);
        for (const { catalog } of this.standIns) catalog.serve(more);
        await this.succeed(stack, folder, ['validate', '-json']);
      });
      if (until === 'validate') continue;
      await this.step(stack, 'plan', async () => void (this.report(stack).changes = changesOf(await this.plan(stack, folder, join(this.workspace.folder, 'plans')), stack)));
      // What other stacks read must be there before they can be planned.
      if (until === 'plan' && !this.stacks.some(({ dependencies }) => dependencies.includes(stack.name))) continue;
      await this.step(stack, 'apply', () => this.succeed(stack, folder, ['apply', '-json', '-input=false', PLAN]));
      if (until === 'plan') continue;
      await this.step(stack, 'second plan', async () => {
        const plan = await this.plan(stack, folder);
        this.report(stack).differs = [...changesOf(plan, stack), ...outputChangesOf(plan, stack)];
      });
    }
    if (until === 'apply' || until === 'destroy') await this.options.onApplied?.(this.outputs());
    if (until === 'destroy') await this.destroy();
    return this.stacks.map((stack) => this.report(stack));
  }

  private refuseReferences(stack: SynthesizedStack): void {
    const found = this.standIns.map(({ catalog, behaviour }) => neverSet(stack, catalog, behaviour.knowledge));
    this.warnings.push(...found.flatMap(({ warnings }) => warnings));
    const refused = found.flatMap(({ refused }) => refused);
    if (refused.length > 0) throw new TenantryError('failed', refused);
  }

  /** @param keep - folder that the plan is written to, as JSON */
  private async plan(stack: SynthesizedStack, folder: string, keep?: string): Promise<unknown> {
    await this.succeed(stack, folder, ['plan', '-json', '-input=false', `-out=${PLAN}`]);
    const { stdout } = await this.succeed(stack, folder, ['show', '-json', PLAN]);
    if (keep !== undefined) {
      mkdirSync(keep, { recursive: true });
      writeFileSync(join(keep, `${stack.name}.json`), stdout);
    }
    return JSON.parse(stdout);
  }

  private outputs(): Record<string, Record<string, unknown>> {
    const outputs: Record<string, Record<string, unknown>> = {};
    for (const stack of this.stacks) {
      const { outputs: all = {} } = JSON.parse(readFileSync(stateFile(this.workspace, stack.name), 'utf8')) as { outputs?: Record<string, { value: unknown; sensitive?: boolean }> };
      outputs[stack.name] = Object.fromEntries(Object.entries(all).filter(([, { sensitive }]) => sensitive !== true).map(([name, { value }]) => [name, value]));
    }
    return outputs;
  }

  /** In reverse order. What is protected is freed first, as an operator would do it; the report says what. */
  private async destroy(): Promise<void> {
    for (const stack of [...this.stacks].reverse()) {
      const folder = join(this.workspace.folder, 'stacks', stack.name);
      await this.step(stack, 'destroy', async () => {
        const lifted: readonly Protection[] = liftProtection(folder, stack, (address) => pathOfAddress(address, stack));
        this.report(stack).lifted = lifted;
        if (lifted.length > 0) await this.succeed(stack, folder, ['apply', '-json', '-input=false', '-auto-approve']);
        await this.succeed(stack, folder, ['apply', '-destroy', '-json', '-input=false', '-auto-approve']);
      });
    }
    // What Terraform was told to forget stays on purpose.
    const forgotten = [...this.reports.values()].some(({ changes }) => changes.some(({ action }) => action === 'forget'));
    const left = statesAreEmpty(this.workspace) && !forgotten ? new Store(this.workspace.objects).files() : [];
    if (left.length > 0) throw new TenantryError('failed', { code: 'rehearsal/left-behind', at: this.workspace.objects, problem: `Everything was destroyed, and these objects are still there: ${left.join(', ')}.`, fix: this.options.store === undefined ? DEFECT : `If they were put there by hand, or forgotten on purpose (a removed block), delete these files. Otherwise: ${DEFECT}` });
  }

  private report(stack: SynthesizedStack): { -readonly [Key in keyof StackReport]: StackReport[Key] } {
    const report = this.reports.get(stack.name);
    if (report === undefined) throw new Error(`no report of ${stack.name}`);
    return report;
  }

  private async step(stack: SynthesizedStack, step: Step, run: () => Promise<unknown>): Promise<void> {
    const started = Date.now();
    this.options.onStep?.(stack.name, step, false);
    await run();
    const report = this.report(stack);
    report.steps = [...report.steps, { step, milliseconds: Date.now() - started }];
    this.options.onStep?.(stack.name, step, true);
  }

  /** Runs a command; what it complains about is thrown, with construct paths. */
  private async succeed(stack: SynthesizedStack, folder: string, args: readonly string[]): Promise<TerraformResult> {
    const result = await this.terraform.run(folder, args);
    const code = `rehearsal/${args[0] ?? 'terraform'}`;
    const all = result.diagnostics.map((diagnostic) => ({ diagnostic, complaint: complaintOf(diagnostic, stack, code) }));
    for (const { diagnostic, complaint } of all) if (diagnostic.severity === 'warning' && !this.warnings.some(({ at, problem }) => at === complaint.at && problem === complaint.problem)) this.warnings.push(complaint);
    if (result.code === 0) return result;
    const errors = all.filter(({ diagnostic }) => diagnostic.severity === 'error').map(({ complaint }) => complaint);
    throw new TenantryError('failed', errors.length > 0 ? errors : { code, at: stack.constructPath, problem: `terraform ${args.join(' ')} ended with exit code ${result.code}.` });
  }
}

const DEFECT = 'This is a defect of the rehearsal: please report it.';
/** Terraform's commands live for seconds: to collect garbage a quarter as often takes a fifth off their work, for 70 MB. */
const BRIEF = { GOGC: process.env['GOGC'] ?? '400' };
const PLAN = 'rehearsal.tfplan';
