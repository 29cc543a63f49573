import { type Complaint, TenantryError } from '../lib/core/errors';
import type { Finding, Unknown } from './rule';

/** Lets one rule be broken, in a named place, for a stated reason, until a day. */
export interface Waiver {
  /** Id of the rule. */
  readonly rule: string;
  /** @default - every finding of the rule, and what it cannot tell */
  readonly finding?: string;
  /** Stack, or `stack/address`, or either with `*` at its end. */
  readonly scope: string;
  readonly reason: string;
  /** Last day on which it holds, `2027-06-30`. */
  readonly expires: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const SHORTEST_REASON = 10;

/**
 * Checks waivers themselves.
 *
 * @throws TenantryError (`input`) with every complaint
 */
export function checkWaivers(waivers: readonly Waiver[], rules: readonly string[]): void {
  const complaints = waivers.flatMap((waiver, i): Complaint[] => {
    const at = `waivers.${i}`;
    return [
      ...(rules.includes(waiver.rule) ? [] : [{ code: 'policies/unknown-rule', at, problem: `There is no rule ${JSON.stringify(waiver.rule)} in the pack; it has ${rules.join(', ')}.` }]),
      ...(waiver.reason.trim().length >= SHORTEST_REASON ? [] : [{ code: 'policies/no-reason', at, problem: `${JSON.stringify(waiver.reason)} is not a reason that somebody else understands in a year.`, fix: 'Say why the rule may be broken here.' }]),
      ...(DAY.test(waiver.expires) && !Number.isNaN(Date.parse(waiver.expires)) ? [] : [{ code: 'policies/no-expiry', at, problem: `${JSON.stringify(waiver.expires)} is not a day.`, fix: 'For instance "2027-06-30".' }]),
      ...(waiver.scope.replace(/\*$/, '') === '' ? [{ code: 'policies/no-scope', at, problem: 'The waiver names no stack.', fix: 'Give a stack, or stack/address.' }] : []),
    ];
  });
  if (complaints.length > 0) throw new TenantryError('input', complaints);
}

/** Whether a waiver is meant for a judgement; whether it still holds is another question. */
export function covers(waiver: Waiver, rule: string, stack: string, judgement: Finding | Unknown): boolean {
  if (waiver.rule !== rule) return false;
  if (waiver.finding !== undefined && (judgement.verdict !== 'finding' || judgement.finding !== waiver.finding)) return false;
  const place = `${stack}/${judgement.address}`;
  if (waiver.scope.endsWith('*')) return place.startsWith(waiver.scope.slice(0, -1));
  return place === waiver.scope || stack === waiver.scope;
}

/** The whole last day counts, wherever on earth it is read. */
export const isExpired = (waiver: Waiver, today: Date): boolean => waiver.expires < today.toISOString().slice(0, 10);
