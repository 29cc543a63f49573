import { escapeIdentifier, escapeLiteral } from 'pg';

/** A name, quoted. */
export const ident = (name: string): string => escapeIdentifier(name);
/** A name in a schema, quoted. */
export const qualified = (schema: string, name: string): string => `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
/** A text as a constant. */
export const literal = (text: string): string => escapeLiteral(text);
/** Names with commas between them, quoted. */
export const identList = (names: readonly string[]): string => names.map(ident).join(', ');
