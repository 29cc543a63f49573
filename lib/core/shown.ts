import { holdsToken } from './tokens';

const LONGEST = 80;
const UNKNOWN = 'a value that only Terraform knows';

/** Something that says how it is written, as durations, sizes and sizes of instances do. */
interface Writable {
  toCode(): string;
}

/** What was given, for a sentence about it: `"5432"` is a text and `5432` is a number. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (holdsToken(value)) return UNKNOWN;
  switch (typeof value) {
    case 'number': return String(value);
    case 'bigint': return `${value}n`;
    case 'function': return 'a function';
    case 'symbol': return 'a symbol';
    case 'object': return value === null ? 'null' : ofObject(value);
    default: return shortened(JSON.stringify(value));
  }
}

/** As the beginning of a sentence. */
export const shownFirst = (value: unknown): string => shown(value).replace(/^(an?|nothing)\b/, (word) => word.charAt(0).toUpperCase() + word.slice(1));

function ofObject(value: object): string {
  if (isWritable(value)) return shortened(value.toCode());
  if (!isPlain(value)) return `an instance of ${value.constructor.name}`;
  try {
    return shortened(JSON.stringify(value, (_key, inner: unknown) => (isPlain(inner) ? inner : shown(inner))));
  } catch {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
}

const isWritable = (value: object): value is Writable => typeof (value as Partial<Writable>).toCode === 'function';

/** Whether JSON has it, or has its parts. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || value === undefined) return !holdsToken(value);
  if (typeof value === 'number') return Number.isFinite(value) && !holdsToken(value);
  if (typeof value !== 'object' || holdsToken(value) || isWritable(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || prototype === Object.prototype;
}

const shortened = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}…` : text);

/** A value as TypeScript has it, to be typed: `{ readers: 1, instance: InstanceSize.of('db.r8g.large') }`. What only Terraform knows is left open. */
export function codeOf(value: unknown): string {
  if (holdsToken(value)) return '…';
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (isWritable(value)) return value.toCode();
  if (Array.isArray(value)) return `[${value.map(codeOf).join(', ')}]`;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined).map(([key, inner]) => `${/^[A-Za-z_]\w*$/.test(key) ? key : codeOf(key)}: ${codeOf(inner)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
