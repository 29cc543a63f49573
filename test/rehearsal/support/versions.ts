import { join } from 'node:path';
import { App } from 'cdktf';
import { rehearse, type PlannedChange } from '../../../lib/rehearsal';
import { readStacks, type SynthesizedStack } from '../../../lib/rehearsal/run/application';
import { constructPathOf } from '../../../lib/rehearsal/run/usage';
import { pathOfAddress } from '../../../lib/rehearsal/terraform/diagnostics';
import { freshFolder } from '../../support/fresh-folder';

/** One version of an application: what fills an app, or the folder that it was synthesized into. */
export type Version = ((app: App) => void) | string;

/** An empty folder to synthesize into. */
export const freshOutput = (): string => join(freshFolder('version'), 'cdktf.out');

/** What holds data or lets it be read, and what these stand on: to make it anew is to lose something. */
const STATEFUL = /^aws_(rds_\w+|db_(?!event_subscription)\w+|kms_(key|replica_key)|s3_bucket|secretsmanager_secret|cloudwatch_log_group|vpc|subnet)\./;

export interface PlanOptions {
  /** Construct paths of what a change means to destroy or to replace. */
  readonly asked?: RegExp;
  readonly stack?: string;
}

/** An application that lies in a store, and the plans of other versions against it. */
export class Deployment {
  readonly store = freshFolder('store');
  #deployed: readonly SynthesizedStack[] = [];

  /** @param stack - left out of the paths */
  constructor(private readonly stack = '') {}

  /** Construct paths of what is deployed, with the addresses. */
  addresses(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#deployed.flatMap(({ configuration }) => Object.entries(configuration.resource ?? {}).flatMap(([type, named]) => Object.entries(named).map(([name, block]) => [constructPathOf(block) ?? '', `${type}.${name}`]))));
  }

  async deploy(version: Version, stack?: string): Promise<void> {
    const dir = synthesized(version);
    const { stacks } = await rehearse({ from: process.cwd(), dir, store: this.store, until: 'apply', ...(stack === undefined ? {} : { stack }) });
    const restless = stacks.flatMap(({ differs }) => differs);
    if (restless.length > 0) throw new Error(`The second plan is not empty: ${restless.map(({ address }) => address).join(', ')}`);
    this.#deployed = readStacks(dir);
  }

  /**
   * What Terraform would do to arrive at another version: action and construct path, and for a replacement the arguments that force it.
   * Whatever a test expects: nothing stateful goes that nobody asked for.
   */
  async plan(version: Version, { asked = /^never$/, stack }: PlanOptions = {}): Promise<string[]> {
    const { stacks } = await rehearse({ from: process.cwd(), dir: synthesized(version), store: this.store, until: 'plan', ...(stack === undefined ? {} : { stack }) });
    const changes = stacks.flatMap(({ name, changes }) => changes.map((change) => ({ ...change, path: this.#pathOf(name, change) })));
    const lost = changes.filter(({ action, address, path }) => (action === 'delete' || action === 'replace') && STATEFUL.test(address) && !asked.test(path));
    if (lost.length > 0) throw new Error(`Nobody asked for this: ${lost.map(({ action, path, replacedBy }) => `${action} ${path} ${replacedBy.join()}`.trim()).join(', ')}`);
    return changes.map(({ action, path, replacedBy, movedFrom, importedAs }) => [
      action, path, ...(action === 'replace' ? [`(${replacedBy.join(', ')})`] : []), ...(movedFrom === undefined ? [] : [`from ${movedFrom}`]), ...(importedAs === undefined ? [] : [`as ${importedAs}`]),
    ].join(' ')).sort();
  }

  /** What is no longer in the code has its path in what is deployed. */
  #pathOf(stack: string, { address, constructPath }: PlannedChange): string {
    const before = this.#deployed.find(({ name }) => name === stack);
    const path = constructPath ?? (before === undefined ? undefined : pathOfAddress(address, before)) ?? address;
    return path.startsWith(`${this.stack}/`) ? path.slice(this.stack.length + 1) : path;
  }
}

function synthesized(version: Version): string {
  if (typeof version === 'string') return version;
  const app = new App({ outdir: freshOutput(), stackTraces: false });
  version(app);
  app.synth();
  return app.outdir;
}
