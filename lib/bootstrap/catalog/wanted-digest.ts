import { createHash } from 'node:crypto';
import { onceFor } from '../kinds/kind';
import type { Place } from '../model/place';
import { VERSION } from '../version';

/** What changes from one time to the next although nothing else is declared, and is about objects that are not there. */
type Aside = 'recorded' | 'kept' | 'asOf' | 'periods';
const ASIDE: readonly Aside[] = ['recorded', 'kept', 'asOf', 'periods'];

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
/** The same for what is equal: forms that were read from the ledger have their fields in another order. */
const json = (value: unknown): string => JSON.stringify(value, (_key, part: unknown) => {
  if (part instanceof Map) return [...part as Map<unknown, unknown>];
  return part === null || typeof part !== 'object' || Array.isArray(part) ? part : Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
});

/** Places share most of what they are made of: it is written out once. */
const digestOfPart = onceFor((part: object): string => sha256(json(part)));

/** Identifies everything that is wanted in a place, as this version of the library compares it. */
export const wantedDigest = (place: Place): string => sha256(json([VERSION, partsOf(place)]));

/** The same but for its tables. */
export const isSameButTables = (a: Place, b: Place): boolean => json(partsOf({ ...a, tables: [] })) === json(partsOf({ ...b, tables: [] }));

function partsOf({ roles, referenceReaders, ...place }: Place): unknown {
  const others = Object.entries(place).filter(([name, value]) => value !== undefined && !(ASIDE as readonly string[]).includes(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...others.map(([name, value]) => [name, typeof value === 'object' ? digestOfPart(value as object) : value]),
    ...[roles, referenceReaders].map((list) => list.map(({ name, grantee, declaration }) => [name, grantee, digestOfPart(declaration)])),
  ];
}
