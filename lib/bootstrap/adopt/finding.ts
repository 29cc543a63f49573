/**
 * How much a finding matters.
 *
 * - `blocker`: tenants would not be kept apart, or the table cannot be taken over, until it is mended
 * - `decision`: somebody must say what is meant; the draft holds a proposal
 * - `difference`: it will be otherwise in the new place, or is left out of the draft
 * - `note`: good to know
 */
export type Severity = 'blocker' | 'decision' | 'difference' | 'note';
export const SEVERITIES: readonly Severity[] = ['blocker', 'decision', 'difference', 'note'];

export interface AdoptFinding {
  readonly severity: Severity;
  /** `adopt/<rule>`; stable. */
  readonly code: string;
  /** `schema.table`, `schema.table.column`, or what else it is about. */
  readonly object: string;
  /** What is there. */
  readonly there: string;
  /** What is needed. */
  readonly needed: string;
  /** How to get there. */
  readonly way: string;
}

/** Collects what is found, and drops what was said already. */
export class Findings {
  readonly #found = new Map<string, AdoptFinding>();

  add(severity: Severity, code: string, object: string, there: string, needed: string, way: string): void {
    const finding = { severity, code: `adopt/${code}`, object, there, needed, way };
    this.#found.set(JSON.stringify(finding), finding);
  }

  /** The gravest first, then by code and object. */
  get all(): AdoptFinding[] {
    const rank = ({ severity }: AdoptFinding): number => SEVERITIES.indexOf(severity);
    return [...this.#found.values()].sort((a, b) => rank(a) - rank(b) || compare(a.code, b.code) || compare(a.object, b.object));
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
