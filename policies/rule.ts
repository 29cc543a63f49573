import type { SynthesizedStack, StackResource } from './stack';

/** What a rule says about one place. */
export type Judgement =
  | { readonly address: string; readonly verdict: 'pass' }
  | { readonly address: string; readonly verdict: 'finding'; readonly finding: string; readonly problem: string; readonly fix: string }
  | { readonly address: string; readonly verdict: 'unknown'; readonly problem: string };

export type Finding = Extract<Judgement, { verdict: 'finding' }>;
export type Unknown = Extract<Judgement, { verdict: 'unknown' }>;

/** One requirement on synthesized stacks. A rule is pure: it reads, and says what it found on a day that it is told. */
export interface Rule {
  /** Name of its file; stable. */
  readonly id: string;
  /** The requirement in plain words. */
  readonly requires: string;
  readonly why: string;
  /** A judgement for each place that the rule is about; none when it is about nothing in this stack. */
  readonly check: (stack: SynthesizedStack, today: Date) => readonly Judgement[];
}

/** What a rule says about a stack. Unknown is a verdict of its own, and never a pass. */
export type Verdict =
  | { readonly verdict: 'pass'; readonly checked: number }
  | { readonly verdict: 'not applicable' }
  | { readonly verdict: 'findings'; readonly findings: readonly Finding[]; readonly unknown: readonly Unknown[] }
  | { readonly verdict: 'unknown'; readonly unknown: readonly Unknown[] };

export function verdictOf(judgements: readonly Judgement[]): Verdict {
  const findings = judgements.filter((judgement): judgement is Finding => judgement.verdict === 'finding');
  const unknown = judgements.filter((judgement): judgement is Unknown => judgement.verdict === 'unknown');
  if (findings.length > 0) return { verdict: 'findings', findings, unknown };
  if (unknown.length > 0) return { verdict: 'unknown', unknown };
  return judgements.length === 0 ? { verdict: 'not applicable' } : { verdict: 'pass', checked: judgements.length };
}

export const pass = ({ address }: StackResource): Judgement => ({ address, verdict: 'pass' });
export const unknown = ({ address }: StackResource, problem: string): Judgement => ({ address, verdict: 'unknown', problem });
export const finding = ({ address }: StackResource, id: string, problem: string, fix: string): Judgement => ({ address, verdict: 'finding', finding: id, problem, fix });

/** Applies a check to every resource of some types. */
export const each = (stack: SynthesizedStack, types: readonly string[], check: (resource: StackResource) => Judgement | readonly Judgement[]): Judgement[] =>
  stack.resources(...types).flatMap(check);
