interface Term {
  readonly kind: 'required' | 'optional' | 'excluded';
  readonly phrase: string;
}

/** `"exact phrase"`, `word`, each behind `?` or `-` or nothing. */
const TERM = /([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"?-][^\s"]*))(?=\s|$)\s*/y;

function parse(pattern: string): Term[] {
  if (/^[[{]|%/.test(pattern)) throw new Error(`Patterns for JSON, for columns and with regular expressions are not known here: ${pattern}`);
  const terms: Term[] = [];
  TERM.lastIndex = 0;
  while (TERM.lastIndex < pattern.length) {
    const at = TERM.lastIndex;
    const [, sign, quoted, word] = TERM.exec(pattern) ?? [];
    if (sign === undefined) throw new Error(`No filter pattern from character ${at}: ${pattern}`);
    if (word !== undefined && !/^\w+$/.test(word)) throw new Error(`A term with more than letters, digits and underscores stands in quotation marks: ${word}`);
    terms.push({ kind: sign === '?' ? 'optional' : sign === '-' ? 'excluded' : 'required', phrase: quoted?.replaceAll(/\\(.)/g, '$1') ?? word ?? '' });
  }
  if (terms.length === 0) throw new Error('An empty pattern is written as " ".');
  if (new Set(terms.map(({ kind }) => kind === 'optional')).size > 1) throw new Error(`CloudWatch ignores terms with ? beside others: ${pattern}`);
  return terms;
}

/**
 * Whether a metric or subscription filter takes a log event, for patterns of terms: as the Amazon CloudWatch Logs User Guide, Filter pattern syntax, describes them.
 * What it advises against, or ignores, throws.
 */
export function matchesPattern(pattern: string, message: string): boolean {
  const terms = parse(pattern);
  const holds = ({ phrase }: Term): boolean => message.includes(phrase);
  if (terms.some(({ kind }) => kind === 'optional')) return terms.some(holds);
  return terms.every((term) => holds(term) === (term.kind === 'required'));
}
