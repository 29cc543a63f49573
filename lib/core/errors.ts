import { EXPLAINED_CODES } from './explained-codes';
import { toUsersFrame } from './users-frame';

/** One thing that is wrong: where, what was given and what is allowed, and what to do next. */
export interface Complaint {
  /** Stable identifier, `<module>/<rule>` in lower case with hyphens. It never changes once released. */
  readonly code: string;
  /** Construct path (`production-data/Cluster`), declaration path (`tables.orders.columns.total`) or `file:line`. */
  readonly at?: string;
  /** What was given and what is allowed, in whole sentences. Never holds a secret. */
  readonly problem: string;
  /** The next step, as something to type where that is possible. */
  readonly fix?: string;
  /** Where the rule or the figure comes from. */
  readonly source?: string;
}

/**
 * Why an operation ended.
 *
 * - `input`: the user's input is wrong; nothing was done
 * - `refused`: a rule or a failed verification forbids it; nothing unsafe was done
 * - `failed`: it was tried and did not succeed
 */
export type ErrorKind = 'input' | 'refused' | 'failed';

/** Every error that this library throws on purpose. Carries all complaints that were found, not only the first. */
export class TenantryError extends Error {
  /** Tells an error of this library apart even when two copies of the package are loaded. */
  static is(error: unknown): error is TenantryError {
    return error instanceof Error && error.name === 'TenantryError' && Array.isArray((error as TenantryError).complaints);
  }

  // Not enumerable: Node.js prints the enumerable properties of an error that nobody catches, and they stand in the message already.
  declare readonly complaints: readonly Complaint[];
  declare readonly kind: ErrorKind;

  constructor(kind: ErrorKind, complaints: Complaint | readonly Complaint[], options?: ErrorOptions) {
    const all = 'code' in complaints ? [complaints] : complaints;
    super(all.map(formatComplaint).join('\n\n'), options);
    Object.defineProperties(this, { name: { value: 'TenantryError' }, kind: { value: kind }, complaints: { value: all } });
    toUsersFrame(this);
  }

  /** The code of the first complaint. */
  get code(): string {
    return this.complaints[0]?.code ?? 'core/unknown';
  }
}

/** Collects complaints so that a user sees all of them at once. */
export class Complaints {
  readonly #found: Complaint[] = [];

  get found(): readonly Complaint[] {
    return [...this.#found];
  }

  add(complaint: Complaint): void {
    this.#found.push(complaint);
  }

  /** Throws one error with everything that was collected; does nothing when nothing was. */
  throwIfAny(kind: ErrorKind = 'input'): void {
    refuse(this.#found, kind);
  }
}

/** Throws one error with all of them; does nothing when there is none. */
export function refuse(complaints: readonly Complaint[], kind: ErrorKind = 'input'): void {
  // Node.js shows the line that throws, unless it says so: node-do-not-add-exception-line. It would be this one, whatever is wrong.
  if (complaints.length > 0) throw new TenantryError(kind, complaints); // node-do-not-add-exception-line
}

/** The text that a user reads: code and place on the first line, then problem, fix, source and where more is explained. */
export function formatComplaint(complaint: Complaint): string {
  const head = complaint.at === undefined ? complaint.code : `${complaint.code}  at ${complaint.at}`;
  const parts = [head, indent(complaint.problem)];
  if (complaint.fix !== undefined) parts.push(indent(complaint.fix));
  const more = [...(complaint.source === undefined ? [] : [`Source: ${complaint.source}`]), ...(EXPLAINED_CODES.has(complaint.code) ? [`tenantry explain ${complaint.code}`] : [])];
  if (more.length > 0) parts.push(indent(more.join(' · ')));
  return parts.join('\n\n');
}

function indent(text: string): string {
  return text.split('\n').map((line) => (line === '' ? line : `  ${line}`)).join('\n');
}
