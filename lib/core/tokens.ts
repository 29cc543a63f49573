/** The placeholders that CDKTF puts into texts (`${…}`), first elements of lists (`#{…}`) and keys of maps (`&{…}`). */
const TEXT_TOKEN = /[$#&]\{TfToken\[[^\]]*\]\}/;
/** Anything that could be read as a number with an exponent. */
const LONG_NUMBER = /[-+.\d]+e[-+.\de]+/gi;
/** The upper bits of the doubles that stand for numbers, and for the first elements of lists of numbers. */
const NUMBER_MARKERS: readonly number[] = [0xfdff, 0xfbff];

/** Whether a text or a number holds a placeholder for a value that only Terraform knows, or an object is one. Anything else is none. */
export function holdsToken(value: unknown): boolean {
  if (typeof value === 'number') return isNumberToken(value);
  if (typeof value === 'string') return TEXT_TOKEN.test(value) || [...value.matchAll(LONG_NUMBER)].some(([number]) => isNumberToken(Number.parseFloat(number)));
  return isResolvable(value);
}

/** CDKTF asks for `resolve` alone, which a size of instances has too. */
function isResolvable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { resolve, creationStack } = value as { readonly resolve?: unknown; readonly creationStack?: unknown };
  return typeof resolve === 'function' && Array.isArray(creationStack);
}

function isNumberToken(value: number): boolean {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, value);
  return NUMBER_MARKERS.includes(bytes.getUint16(0));
}

/** Paths of all values and keys of plain data that hold such a placeholder. */
export function tokenPaths(data: unknown, path: readonly string[] = []): string[] {
  if (typeof data === 'string' || typeof data === 'number') return holdsToken(data) ? [path.join('.')] : [];
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([key, value]) => (holdsToken(key) ? [[...path, '<key>'].join('.')] : tokenPaths(value, [...path, key])));
}
