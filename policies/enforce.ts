import { App, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { describe, judge } from './judge';
import { standard } from './packs/standard';
import type { Rule } from './rule';
import { SynthesizedStack } from './stack';
import { checkWaivers, type Waiver } from './waiver';

export interface EnforcePoliciesOptions {
  /** @default - the eleven rules of the standard pack */
  readonly pack?: readonly Rule[];
  /** @default - none */
  readonly waivers?: readonly Waiver[];
  /**
   * The day by which waivers expire, and support ends.
   *
   * @default - the day of the synthesis
   */
  readonly today?: Date;
}

/**
 * Judges stacks at the end of their synthesis: a finding, or something that cannot be told, fails it unless a waiver covers it.
 *
 * @param scope - an app, for all of its stacks, or one stack
 */
export function enforcePolicies(scope: Construct, { pack = standard, waivers = [], today }: EnforcePoliciesOptions = {}): void {
  checkWaivers(waivers, pack.map(({ id }) => id));
  scope.node.addValidation({
    validate: () => {
      const { reported, unused } = judge(synthesizedStacks(scope), pack, waivers, today ?? new Date());
      const blocking = reported.filter(({ blocks }) => blocks).map(describe);
      // A waiver for what is mended would cover the next mistake.
      return [...blocking, ...unused.map((waiver) => `waiver for ${waiver.rule} at ${waiver.scope} is not needed any more\n    Remove it.`)];
    },
  });
}

/** The JSON of every stack below a construct, as it will be written. */
export function synthesizedStacks(scope: Construct): SynthesizedStack[] {
  const isStack = (node: unknown): node is TerraformStack => TerraformStack.isStack(node);
  const root = App.isApp(scope.node.root) ? scope.node.root : scope;
  const all = root.node.findAll().filter(isStack);
  const json = new Map<string, unknown>();
  const read = (name: string): unknown => {
    const stack = all.find((one) => one.node.id === name);
    if (stack !== undefined && !json.has(name)) json.set(name, JSON.parse(JSON.stringify(stack.toTerraform())));
    return json.get(name);
  };
  return scope.node.findAll().filter(isStack).map((stack) => new SynthesizedStack(stack.node.id, read(stack.node.id), read));
}
