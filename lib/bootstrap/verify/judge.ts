import type { Finding } from './attack';
import type { Outcome } from './session';

/** What an attack must end with to count as denied. */
export interface Denial {
  readonly sqlstates?: readonly string[];
  /** Reading or writing no row is a denial too. */
  readonly empty?: boolean;
  /** Success is what is wanted: what is attacked would show in an error. */
  readonly done?: boolean;
  /** SQLSTATEs that tell the attacker something. Any other unexpected one leaves the verdict open. */
  readonly telling?: readonly string[];
}

/** Something that must be seen in the same transaction for a denial to count. */
export interface Control {
  readonly text: string;
  readonly held: boolean;
}

export interface Acceptance {
  readonly reason: string;
  readonly remedy: string;
}

export interface Case {
  readonly denial: Denial;
  readonly outcome: Outcome;
  readonly controls: readonly Control[];
  /** What is said when the attack gets through and that is known and accepted. */
  readonly accepted?: Acceptance;
  readonly breach: Acceptance;
  readonly table?: string;
  readonly role?: string;
}

const HINDERED: Readonly<Record<string, string>> = {
  '55P03': 'Somebody holds a lock on the table', '57014': 'The statement took too long', '40P01': 'There was a deadlock', '40001': 'Another transaction was in the way',
};

export function judge({ denial, outcome, controls, accepted, breach, table, role }: Case): Finding {
  const base = { ...(table === undefined ? {} : { table }), ...(role === undefined ? {} : { role }), expected: describeDenial(denial), observed: describeOutcome(outcome), control: controls.map(({ text }) => text).join('; ') };
  const failed = controls.filter(({ held }) => !held);
  const denied = isDenied(denial, outcome);
  if (denied && failed.length === 0) return { ...base, verdict: 'denied' };
  // An error, or nothing done, tells something only where the same statement succeeds on an own row.
  if (failed.length > 0 && (denied || outcome.sqlstate !== undefined || outcome.rows === 0)) {
    return {
      ...base, verdict: 'unknown', reason: `The control failed: ${failed.map(({ text }) => `not so that ${text}`).join('; ')}. Nothing shows that the attack could have succeeded.`,
      remedy: 'Apply first: tenantry bootstrap apply. If it stays so, give example values to the columns of the table.',
    };
  }
  const { sqlstate } = outcome;
  if (sqlstate !== undefined && denial.telling?.includes(sqlstate) !== true) {
    const hindered = HINDERED[sqlstate];
    return {
      ...base, verdict: 'unknown', reason: `${hindered ?? `The statement failed with SQLSTATE ${sqlstate}, which is not the refusal that was expected`}.`,
      remedy: hindered === undefined ? 'Apply first: tenantry bootstrap apply. If it stays so, give example values to the columns of the table.' : 'Verify again when the table is less busy.',
    };
  }
  if (accepted !== undefined) return { ...base, verdict: 'accepted', ...accepted };
  return { ...base, verdict: 'breached', ...breach };
}

/** Where only a missing privilege may stop a statement: any other error of its own shows that it got beyond that. */
export const pastPrivileges = (outcome: Outcome): Outcome =>
  (outcome.sqlstate === undefined || outcome.sqlstate === '42501' || HINDERED[outcome.sqlstate] !== undefined ? outcome : { rows: outcome.rows });

/** A verdict on something that the catalog says. */
export function judgeCatalog(fields: { readonly bad: readonly string[]; readonly expected: string; readonly control: Control; readonly breach: Acceptance; readonly table?: string; readonly role?: string }): Finding {
  const { bad, expected, control, breach, table, role } = fields;
  const base = { ...(table === undefined ? {} : { table }), ...(role === undefined ? {} : { role }), expected, control: control.text };
  if (bad.length > 0) return { ...base, observed: bad.join(', '), verdict: 'breached', ...breach };
  if (control.held) return { ...base, observed: expected, verdict: 'denied' };
  return { ...base, observed: expected, verdict: 'unknown', reason: `The control failed: not so that ${control.text}.`, remedy: 'Apply first: tenantry bootstrap apply.' };
}

export const isDenied = ({ sqlstates = [], empty = false, done = false }: Denial, { sqlstate, rows }: Outcome): boolean =>
  (sqlstate === undefined ? done || (empty && rows === 0) : sqlstates.includes(sqlstate));

function describeDenial({ sqlstates = [], empty, done }: Denial): string {
  return [...sqlstates, ...(empty === true ? ['0 rows'] : []), ...(done === true ? ['done'] : [])].join(' or ');
}

function describeOutcome({ sqlstate, rows }: Outcome): string {
  if (sqlstate !== undefined) return sqlstate;
  return rows === null ? 'done' : rows === 1 ? '1 row' : `${rows} rows`;
}
