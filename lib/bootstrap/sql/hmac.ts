import { createHash, createHmac } from 'node:crypto';

/** Bytes of a block of SHA-256. */
const BLOCK = 64;

const xored = (key: Buffer, byte: number): Buffer => Buffer.from(Uint8Array.from({ length: BLOCK }, (_, i) => (key[i] ?? 0) ^ byte));

/** The key as HMAC uses it (RFC 2104): in front of the message, and in front of the hash of that. With both at hand an HMAC is two hashes. */
export interface KeyBlocks {
  readonly inner: Buffer;
  readonly outer: Buffer;
}

export function keyBlocks(key: string): KeyBlocks {
  const bytes = Buffer.from(key, 'utf8');
  const padded = bytes.length > BLOCK ? createHash('sha256').update(bytes).digest() : bytes;
  return { inner: xored(padded, 0x36), outer: xored(padded, 0x5c) };
}

const textOf = (tenantId: string, expiry: number, signature: (message: string) => string, declaration: string): string =>
  `${tenantId}|${expiry}|${signature(`${declaration}|${tenantId}|${expiry}`)}`;

/** A context as the client signs it. `expiry` is in seconds since 1970. */
export const signContext = (key: string, declaration: string, tenantId: string, expiry: number): string =>
  textOf(tenantId, expiry, (message) => createHmac('sha256', key).update(message).digest('hex'), declaration);

/** The same, from what the database keeps. */
export const signWithBlocks = ({ inner, outer }: KeyBlocks, declaration: string, tenantId: string, expiry: number): string =>
  textOf(tenantId, expiry, (message) => createHash('sha256').update(outer).update(createHash('sha256').update(inner).update(message).digest()).digest('hex'), declaration);
