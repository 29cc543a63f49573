import { decode, encode, ExtensionCodec } from '@msgpack/msgpack';
import type { DynamicValue } from './provider-service';

/** A value that is known only after an apply. */
export class Unknown {
  toJSON(): string {
    return '(known after apply)';
  }
}
export const UNKNOWN = new Unknown();

/** A value of Terraform: blocks and maps are objects, lists and sets arrays. A part of dynamic type is the pair of its type, as JSON bytes, and its value. */
export type Value = null | boolean | number | bigint | string | Uint8Array | Unknown | readonly Value[] | ValueObject;
export interface ValueObject {
  readonly [name: string]: Value;
}

export const isObject = (value: Value | undefined): value is ValueObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Unknown) && !(value instanceof Uint8Array);

export const hasUnknown = (value: Value | undefined): boolean =>
  value instanceof Unknown || (Array.isArray(value) ? value.some(hasUnknown) : isObject(value) && Object.values(value).some(hasUnknown));

/*
 * Terraform writes an unknown value as extension 0, and as extension 12 with what is known of it. What a provider says it knows binds
 * it at apply, so that every unknown is answered in the plain form.
 */
const codec = new ExtensionCodec();
codec.register({ type: 0, encode: (value) => (value instanceof Unknown ? new Uint8Array(1) : null), decode: () => UNKNOWN });
codec.register({ type: 12, encode: () => null, decode: () => UNKNOWN });

const options = { extensionCodec: codec, useBigInt64: true } as const;

export const wire = (value: Value): DynamicValue => ({ msgpack: encode(value, options) });

/** What Terraform sent. Numbers are numbers as long as nothing is lost by it. */
export function unwire({ msgpack, json }: DynamicValue): Value {
  if (msgpack !== undefined && msgpack.length > 0) return narrow(decode(msgpack, options) as Value);
  return json !== undefined && json.length > 0 ? (JSON.parse(Buffer.from(json).toString('utf8')) as Value) : null;
}

function narrow(value: Value): Value {
  if (typeof value === 'bigint') return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  if (Array.isArray(value)) return value.map(narrow);
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, narrow(part)])) : value;
}

/** The same text for the same value, whatever the order of an object's members. */
export function canonical(value: Value | undefined): string {
  if (value instanceof Unknown) return '?';
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString('base64')}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (isObject(value)) return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value ?? null);
}
