/** Why somebody is given access to a tenant's rows, or enters the tenant: kept, logged and shown, so that it is one line and no more than that. */
export const LONGEST_REASON = 1_000;
/** A character has four bytes at most. */
export const LONGEST_REASON_BYTES = 4 * LONGEST_REASON;

/** Characters that end lines, move the cursor or turn the direction of the text, as a regular expression of PostgreSQL and of JavaScript. */
export const UNREADABLE = '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]';

const unreadable = new RegExp(UNREADABLE.replace('\\u0001', '\\u0000'), 'gu');

/** A text that somebody else chose, as one line that shows what it holds. */
export const withoutControls = (text: string): string => text.replace(unreadable, '?');

/** What is wrong with a reason, behind “it”; undefined where nothing is. */
export function problemOfReason(reason: string): string | undefined {
  if (reason.trim() === '') return 'is no reason; say why the access is needed';
  if (reason.length > LONGEST_REASON) return 'is longer than the 1,000 characters that are kept';
  return withoutControls(reason) !== reason ? 'holds a line break or another control character, which would look like something else where it is shown' : undefined;
}
