/**
 * A value that a condition on one column lets through, for the probe rows of the verification: the first constant of a list, or a bound. What cannot be told
 * is left to the user; an example that does not fit is named by the verification.
 */
export function exampleFor(condition: string): string | undefined {
  const list = /= ANY \(\(?ARRAY\[((?:'(?:[^']|'')*'|[^\]'])*)\]/.exec(condition)?.[1];
  if (list !== undefined) return /^'(?:[^']|'')*'|^\(?-?\d+(?:\.\d+)?/.exec(list)?.[0].replace('(', '');
  const equal = /= ('(?:[^']|'')*')/.exec(condition)?.[1];
  if (equal !== undefined) return equal;
  const bound = /(>=|<=|>|<) (?:\(?(-?\d+(?:\.\d+)?)\)?|'(-?\d+(?:\.\d+)?)'::\w+)/.exec(condition);
  if (bound !== null) {
    const value = Number(bound[2] ?? bound[3]);
    return String(bound[1] === '>' ? value + 1 : bound[1] === '<' ? value - 1 : value);
  }
  const date = /(>=|<=) ('\d{4}-\d\d-\d\d[^']*')::(date|timestamp)/.exec(condition);
  return date?.[2];
}

/** `(due >= ordered)`: the later of two days gets one that is far away. */
export function laterColumn(condition: string): string | undefined {
  return /^\(*"?(\w+)"? (?:>=|>) "?[a-z_]\w*"?\)/.exec(condition)?.[1] ?? /^\(*"?[a-z_]\w*"? (?:<=|<) "?([a-z_]\w*)"?\)/.exec(condition)?.[1];
}
