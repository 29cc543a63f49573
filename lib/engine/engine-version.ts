import type { EngineDefinition, EngineVersionDefinition } from './engine-definition';

const NUMBERS = /^(\.\d+)+$/;

/** The registered major version that a version belongs to: `17` of `17.5`, `8.0` of `8.0.mysql_aurora.3.08.0`. */
export function majorIn({ versions, minorPattern = NUMBERS }: Pick<EngineDefinition, 'versions' | 'minorPattern'>, version: string): string | undefined {
  return Object.keys(versions).find((major) => version === major || (version.startsWith(`${major}.`) && minorPattern.test(version.slice(major.length))));
}

/** Whether a version misses fixes that are known: of its own minor version where that has long-term support, of the latest one otherwise. */
export function isBehind(version: string, { lifecycle, longTermSupport = [] }: Pick<EngineVersionDefinition, 'lifecycle' | 'longTermSupport'>): boolean {
  const patched = longTermSupport.find((one) => minorOf(one) === minorOf(version)) ?? lifecycle?.latestMinor;
  return patched !== undefined && isOlder(version, patched);
}

const minorOf = (version: string): string => version.slice(0, version.lastIndexOf('.'));

/** Whether a version comes before another one: number by number, whatever stands between them. */
function isOlder(version: string, other: string): boolean {
  const [left, right] = [version, other].map((text) => [...text.matchAll(/\d+/g)].map(Number));
  for (const [i, number] of (right ?? []).entries()) {
    const given = left?.[i] ?? 0;
    if (given !== number) return given < number;
  }
  return false;
}
