import { type Finding, type Rule, type Unknown, type Verdict, verdictOf } from './rule';
import type { SynthesizedStack } from './stack';
import { covers, isExpired, type Waiver } from './waiver';

/** A finding, or something that could not be told, and the waiver that covers it. */
export interface Reported {
  readonly rule: Rule;
  readonly stack: string;
  readonly judgement: Finding | Unknown;
  /** The waiver that is meant for it. */
  readonly waiver: Waiver | undefined;
  /** False when nothing is said against it: a waiver covers it, and has not expired. */
  readonly blocks: boolean;
}

export interface Report {
  /** Of each rule, by stack. */
  readonly verdicts: readonly { readonly stack: string; readonly rule: string; readonly verdict: Verdict }[];
  readonly reported: readonly Reported[];
  /** Waivers that nothing needs any more. */
  readonly unused: readonly Waiver[];
}

/** Applies rules to stacks. A rule that throws knows nothing about the stack, which is a verdict of its own. */
export function judge(stacks: readonly SynthesizedStack[], pack: readonly Rule[], waivers: readonly Waiver[], today: Date): Report {
  const verdicts = stacks.flatMap((stack) => pack.map((rule) => ({ stack: stack.name, rule: rule.id, verdict: verdictFor(rule, stack, today) })));
  const used = new Set<Waiver>();
  const reported = verdicts.flatMap(({ stack, rule: id, verdict }) => {
    const rule = pack.find((one) => one.id === id) as Rule;
    return against(verdict).map((judgement): Reported => {
      const meant = waivers.filter((waiver) => covers(waiver, id, stack, judgement));
      const waiver = meant.find((one) => !isExpired(one, today)) ?? meant[0];
      if (waiver !== undefined) used.add(waiver);
      return { rule, stack, judgement, waiver, blocks: waiver === undefined || isExpired(waiver, today) };
    });
  });
  return { verdicts, reported, unused: waivers.filter((waiver) => !used.has(waiver)) };
}

function verdictFor(rule: Rule, stack: SynthesizedStack, today: Date): Verdict {
  try {
    return verdictOf(rule.check(stack, today));
  } catch (error) {
    return { verdict: 'unknown', unknown: [{ address: '*', verdict: 'unknown', problem: `The rule failed: ${(error as Error).message}` }] };
  }
}

function against(verdict: Verdict): readonly (Finding | Unknown)[] {
  if (verdict.verdict === 'findings') return [...verdict.findings, ...verdict.unknown];
  return verdict.verdict === 'unknown' ? verdict.unknown : [];
}

/** What a user reads about something that blocks. */
export function describe({ rule, stack, judgement, waiver }: Reported): string {
  const head = `${rule.id}${judgement.verdict === 'finding' ? `[${judgement.finding}]` : ' (unknown)'}  at ${stack}/${judgement.address}`;
  const lines = [judgement.problem, ...(judgement.verdict === 'finding' ? [judgement.fix] : []), ...(waiver === undefined ? [] : [`The waiver expired on ${waiver.expires}: ${waiver.reason}`]), rule.why];
  return [head, ...lines.map((line) => `    ${line}`)].join('\n');
}
