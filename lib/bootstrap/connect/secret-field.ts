/** A text field of a JSON object. What the parser says about text that is none would repeat a part of it, so it is not passed on. */
export function fieldOf(json: string, field: string): string | undefined {
  try {
    const value = (JSON.parse(json) as Record<string, unknown> | null)?.[field];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
