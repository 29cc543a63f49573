import { IDENTIFIER, MAX_IDENTIFIER, objectName } from '../../declaration/names';
import { ident } from '../sql/quote';

const SYSTEM_COLUMNS = ['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'];

/** A name that a declaration accepts, as near to the given one as can be: `OrderLines` becomes `order_lines`. */
export function declaredName(name: string, taken: ReadonlySet<string> = new Set()): string {
  let folded = name;
  if (!IDENTIFIER.test(name) || name in Object.prototype || SYSTEM_COLUMNS.includes(name)) {
    folded = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase().replace(/[^a-z0-9_]+/g, '_').replace(/^(?=[0-9])|^$/, '_');
    if (folded in Object.prototype || SYSTEM_COLUMNS.includes(folded)) folded = `${folded}_`;
  }
  folded = folded.length > MAX_IDENTIFIER ? objectName(folded) : folded;
  let free = folded;
  for (let n = 2; taken.has(free); n++) free = `${folded.slice(0, MAX_IDENTIFIER - 4)}_${n}`;
  return free;
}

/** The names that a list gets, none of them twice. Those that may stay as they are go first. */
export function declaredNames(names: readonly string[]): Map<string, string> {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of [...names].sort((a, b) => Number(declaredName(b) === b) - Number(declaredName(a) === a))) {
    const declared = declaredName(name, taken);
    taken.add(declared);
    given.set(name, declared);
  }
  return given;
}

/** An expression as the server printed it, with other names of columns. PostgreSQL quotes each name that is not plain. */
export function renameIn(expression: string, columns: ReadonlyMap<string, string>): string {
  return expression.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, (token) => {
    if (token.startsWith("'")) return token;
    const renamed = columns.get(token.slice(1, -1).replaceAll('""', '"'));
    return renamed === undefined ? token : ident(renamed);
  });
}
