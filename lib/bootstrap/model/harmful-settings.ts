import { withoutControls } from '../../declaration/access-reason';
import { LIBRARY_SCHEMA } from '../../declaration/names';
import { millisecondsOf } from '../../declaration/units';

/**
 * Judges settings that a session starts with and that nobody declared. A role may give itself settings (`ALTER ROLE current_user SET …`), so that
 * SQL injection can plant what later sessions start with. Harmful is what no program could mean; what only changes speed or the form
 * of values (`work_mem`, `TimeZone`, `default_transaction_isolation`, `plan_cache_mode`, `client_min_messages`, `check_function_bodies`, `synchronous_commit` …)
 * may be an operator's choice, and is named and left.
 */
export const isHarmful = (name: string, value: string): boolean => isAgainstIsolation(name, value) || isAgainstService(name, value);

/**
 * The session would enter a tenant or be another role, would find other objects than those that are meant, would load code, or would switch off what
 * guards rows (row security of foreign keys' triggers too, and privileges of large objects).
 */
const AROUND: ReadonlySet<string> = new Set([
  'role', 'session_authorization', 'search_path', 'row_security', 'session_replication_role', 'lo_compat_privileges', 'local_preload_libraries', 'session_preload_libraries', 'shared_preload_libraries',
]);

/** A backslash would escape the quote that a program doubled: what is data to the program is SQL to the server. */
const UNQUOTING: Readonly<Record<string, (value: string) => boolean>> = { standard_conforming_strings: isOff, backslash_quote: (value) => !isOff(value) };

export function isAgainstIsolation(name: string, value: string): boolean {
  const lower = name.toLowerCase();
  return lower.startsWith(`${LIBRARY_SCHEMA}.`) || AROUND.has(lower) || UNQUOTING[lower]?.(value) === true;
}

/** Milliseconds. Ordinary statements and pauses of programs take longer. */
const SHORTEST = 100;
/** A shorter limit fails what every program does. A wait for locks is not among them: that one may be short. */
const LIMITS: ReadonlySet<string> = new Set(['statement_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout']);

/** Every program would fail: nothing can be written, or hardly a statement comes to its end. */
function isAgainstService(name: string, value: string): boolean {
  const lower = name.toLowerCase();
  if (lower === 'default_transaction_read_only') return !isOff(value);
  const limit = LIMITS.has(lower) ? millisecondsOf(value) : undefined;
  return limit !== undefined && limit > 0 && limit < SHORTEST;
}

/** As PostgreSQL reads a truth value. */
function isOff(value: string): boolean {
  const lower = value.trim().toLowerCase();
  return lower === '0' || lower === 'of' || (lower !== '' && ['off', 'false', 'no'].some((word) => word.startsWith(lower) && lower !== 'o'));
}

const LONGEST = 60;

/** A value for people. Whoever has the login chose it, and it goes to terminals and logs. */
export function shownValue(value: string): string {
  const shown = withoutControls(value);
  return `'${shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown}'`;
}
