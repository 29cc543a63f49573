import { Unknown, type Value } from '../protocol/values';
import type { ArgumentKnowledge } from './knowledge';

/**
 * What is wrong with a single value, in one sentence, or nothing.
 *
 * @param secret - the value is left out of the sentence
 */
export function valueFault(name: string, value: Value, known: ArgumentKnowledge, secret = false): string | undefined {
  if (value === null || value instanceof Unknown) return undefined;
  const got = secret ? '(sensitive value)' : shown(value);
  if (typeof value === 'string') return textFault(name, value, known, got);
  return typeof value === 'number' ? numberFault(name, value, known, got) : undefined;
}

function textFault(name: string, value: string, known: ArgumentKnowledge, got: string): string | undefined {
  if (known.enum !== undefined && !known.enum.includes(value)) return `expected ${name} to be one of [${known.enum.map((one) => JSON.stringify(one)).join(' ')}], got ${got}`;
  // The provider counts bytes.
  const length = Buffer.byteLength(value);
  if (known.length !== undefined && !between(length, known.length)) return `expected length of ${name} to be ${limits(known.length)}, got ${got}`;
  if (known.pattern !== undefined && !patternOf(known.pattern).test(value)) return `expected value of ${name} to match regular expression ${JSON.stringify(known.pattern)}, got ${got}`;
  // What a parser says of a text repeats parts of it.
  return known.format === 'json' && value !== '' && !isJson(value) ? `${JSON.stringify(name)} contains an invalid JSON` : undefined;
}

function numberFault(name: string, value: number, known: ArgumentKnowledge, got: string): string | undefined {
  if (known.enum !== undefined && !known.enum.includes(value)) return `expected ${name} to be one of [${known.enum.join(' ')}], got ${got}`;
  if (known.range === undefined || between(value, known.range) || known.alsoAllowed?.includes(value) === true) return undefined;
  return `expected ${name} to be ${limits(known.range)}${known.alsoAllowed === undefined ? '' : ` or one of [${known.alsoAllowed.join(' ')}]`}, got ${got}`;
}

type Limits = readonly [number | null, number | null];
const between = (value: number, [least, most]: Limits): boolean => (least === null || value >= least) && (most === null || value <= most);

function limits([least, most]: Limits): string {
  if (least === null) return `at most (${most})`;
  return most === null ? `at least (${least})` : `in the range (${least} - ${most})`;
}

const shown = (value: Value): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value));

const patterns = new Map<string, RegExp>();
function patternOf(source: string): RegExp {
  const known = patterns.get(source) ?? new RegExp(source);
  patterns.set(source, known);
  return known;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
