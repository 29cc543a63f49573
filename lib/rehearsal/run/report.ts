import type { Complaint } from '../../core/errors';
import type { PlannedChange } from '../terraform/changes';
import type { Protection } from './workspace';

export type Step = 'validate' | 'plan' | 'apply' | 'second plan' | 'destroy';

export interface StackReport {
  readonly name: string;
  readonly constructPath: string;
  /** Steps that were done, and how long each took. */
  readonly steps: readonly { readonly step: Step; readonly milliseconds: number }[];
  readonly changes: readonly PlannedChange[];
  /** What the plan after the apply would change: nothing, or the stack never comes to rest. */
  readonly differs: readonly PlannedChange[];
  /** What had to be freed before it could be destroyed. */
  readonly lifted: readonly Protection[];
}

/** What a rehearsal has shown. It says nothing about AWS that only the stand-in knows. */
export interface RehearsalReport {
  readonly terraform: string;
  /** The providers that were stood in for. */
  readonly standIns: readonly { readonly address: string; readonly version: string }[];
  readonly stacks: readonly StackReport[];
  /** Resource types of which only the schema is known: no replacement, no allowed values, no defaults. */
  readonly schemaOnly: readonly string[];
  /** What the constructs warned of when they were synthesized (`rehearsal/synthesis-warning`), then what was found on the way. */
  readonly warnings: readonly Complaint[];
}

/** Code of what a construct warned of at synthesis. */
export const SYNTHESIS_WARNING = 'rehearsal/synthesis-warning';

/** Told when a step begins and when it has ended. */
export type OnStep = (stack: string, step: Step, ended: boolean) => void;
