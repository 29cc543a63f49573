import { escapeIdentifier, escapeLiteral } from 'pg';

/** A name, quoted. */
export const ident = (name: string): string => escapeIdentifier(name);
/** A name in a schema, quoted. */
export const qualified = (schema: string, name: string): string => `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
/** A text as a constant. */
export const literal = (text: string): string => escapeLiteral(text);
/** A text as a constant in dollar quotes, with a tag that does not stand in it. */
export function dollarQuoted(text: string): string {
  let tag = '$tenantry$';
  for (let n = 1; text.includes(tag); n++) tag = `$tenantry${n}$`;
  return `${tag}${text}${tag}`;
}
/** Names with commas between them, quoted. */
export const identList = (names: readonly string[]): string => names.map(ident).join(', ');
