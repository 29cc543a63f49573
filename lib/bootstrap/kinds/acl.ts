/** A privilege list as PostgreSQL stores it: letters by grantee, with those that may be passed on. PUBLIC is the empty name. */
export interface Grant {
  readonly grantee: string;
  readonly grantor: string;
  readonly privileges: string;
  readonly grantable: string;
}

export const PRIVILEGES: Readonly<Record<string, string>> = {
  r: 'SELECT', a: 'INSERT', w: 'UPDATE', d: 'DELETE', D: 'TRUNCATE', x: 'REFERENCES', t: 'TRIGGER', m: 'MAINTAIN',
  X: 'EXECUTE', U: 'USAGE', C: 'CREATE', T: 'TEMPORARY', c: 'CONNECT', s: 'SET', A: 'ALTER SYSTEM',
};

const cache = new Map<string, readonly Grant[]>();

/**
 * Reads the text form of an `aclitem[]`: `{grantee=letters/grantor,…}`, a `*` behind a letter that may be passed on.
 * The same text comes back for thousands of tables, so what was read once is kept.
 */
export function parseAcl(text: string): readonly Grant[] {
  let grants = cache.get(text);
  if (grants === undefined) {
    grants = splitArray(text).map(parseItem);
    if (cache.size < 10_000) cache.set(text, grants);
  }
  return grants;
}

/** Elements of a one-dimensional PostgreSQL array. */
function splitArray(text: string): string[] {
  const items: string[] = [];
  let item = '';
  let quoted = false;
  for (let i = 1; i < text.length - 1; i++) {
    const char = text[i] as string;
    if (quoted && char === '\\') item += text[++i] ?? '';
    else if (char === '"') quoted = !quoted;
    else if (char === ',' && !quoted) {
      items.push(item);
      item = '';
    } else item += char;
  }
  if (item !== '') items.push(item);
  return items;
}

function parseItem(item: string): Grant {
  const [grantee, afterGrantee] = readName(item, 0);
  const slash = item.indexOf('/', afterGrantee);
  const letters = item.slice(afterGrantee + 1, slash);
  const [grantor] = readName(item, slash + 1);
  return { grantee, grantor, privileges: letters.replaceAll('*', ''), grantable: [...letters.matchAll(/(.)\*/g)].map((match) => match[1]).join('') };
}

/** A role's name, with a doubled quote inside where it is quoted; and where it ends. */
function readName(text: string, from: number): [string, number] {
  let name = '';
  let i = from;
  if (text[i] !== '"') {
    while (i < text.length && text[i] !== '=' && text[i] !== '/') name += text[i++];
    return [name, i];
  }
  for (i += 1; i < text.length; i++) {
    if (text[i] !== '"') name += text[i];
    else if (text[i + 1] === '"') name += text[i++];
    else break;
  }
  return [name, i + 1];
}

/** Letters in `a` that are not in `b`. */
export const minus = (a: string, b: string): string => [...a].filter((letter) => !b.includes(letter)).join('');

/** `SELECT, INSERT`. */
export const privilegeList = (letters: string): string => [...letters].map((letter) => PRIVILEGES[letter] ?? letter).join(', ');
