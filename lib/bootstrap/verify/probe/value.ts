import { createHash } from 'node:crypto';

/** Ways to write texts and numbers, for checks that refuse one of them. */
export const STYLES = 3;

/**
 * A value of a type, as text. Another seed gives another value, as far as the type has that many.
 *
 * @param type - as `format_type` prints it
 * @param seed - what the value is derived from
 * @returns undefined for a type that this library does not know
 */
export function probeValue(type: string, seed: string, style: number): string | undefined {
  if (type.endsWith('[]')) {
    const element = probeValue(type.slice(0, -2), seed, style);
    return element === undefined ? undefined : `{"${element.replaceAll(/["\\]/g, (char) => `\\${char}`)}"}`;
  }
  const hash = createHash('sha256').update(seed).digest();
  const number = hash.readUInt32BE(0);
  const [, name = type, first, second] = /^([a-z ]+?)(?:\((\d+)(?:,(\d+))?\))?( with(?:out)? time zone)?$/.exec(type) ?? [];
  const day = 1 + (number % 28);
  switch (name) {
    case 'uuid': return uuidOf(hash);
    case 'text': return textOf(hash, 24, style);
    case 'character varying': return textOf(hash, Math.min(Number(first ?? 24), 24), style);
    case 'character': return textOf(hash, Number(first ?? 1), style, Number(first ?? 1));
    case 'boolean': return number % 2 === 0 ? 'true' : 'false';
    case 'smallint': return String([1000 + (number % 20_000), 1 + (number % 99), 1][style]);
    case 'integer': case 'bigint': return String([1_000_000 + (number % 1_000_000_000), 1 + (number % 99), 1][style]);
    case 'real': case 'double precision': return String([1000 + (number % 100_000), 1 + (number % 99), 0.5][style]);
    case 'numeric': return numericOf(number, first, second, style);
    case 'date': return `2001-02-${two(day)}`;
    case 'time': return `${two(number % 24)}:${two(number % 60)}:00`;
    case 'timestamp': return `2001-02-${two(day)} ${two(number % 24)}:${two(hash.readUInt8(5) % 60)}:00${type.includes('without') ? '' : '+00'}`;
    case 'interval': return `${1 + (number % 1000)} hours`;
    case 'json': case 'jsonb': return '{}';
    case 'bytea': return `\\x${hash.subarray(0, 8).toString('hex')}`;
    case 'inet': case 'cidr': return `198.18.${hash.readUInt8(6)}.${hash.readUInt8(7)}${name === 'cidr' ? '/32' : ''}`;
    default: return undefined;
  }
}

const two = (n: number): string => String(n).padStart(2, '0');

function uuidOf(hash: Buffer): string {
  const hex = hash.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function textOf(hash: Buffer, length: number, style: number, atLeast = 0): string {
  const letters = [...hash].map((byte) => String.fromCharCode(97 + (byte % 26))).join('');
  const long = letters.padEnd(Math.max(atLeast, letters.length), 'x').slice(0, Math.max(length, atLeast));
  if (style === 1 && length >= 18) return `${letters.slice(0, length - 14)}@probe.invalid`;
  return style === 2 ? long.toUpperCase() : long;
}

function numericOf(number: number, precision: string | undefined, scale: string | undefined, style: number): string {
  const whole = precision === undefined ? 9 : Number(precision) - Number(scale ?? 0);
  if (whole <= 0) return '0';
  const most = 10 ** Math.min(whole, 9);
  return String(style === 0 ? 1 + (number % (most - 1)) : 1);
}
