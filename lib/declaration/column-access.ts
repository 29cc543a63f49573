import type { AccessDeclaration } from './schema-access';

/** SELECT, INSERT, UPDATE and DELETE by PostgreSQL's letters. */
export type AccessLetter = 'r' | 'a' | 'w' | 'd';

/** What a role may do with a table: with these columns, or with all. */
export type Privileges = Readonly<Partial<Record<AccessLetter, readonly string[] | true>>>;

const WORDS: Readonly<Record<Extract<AccessDeclaration, string>, Privileges>> = { read: { r: true }, append: { r: true, a: true }, write: { r: true, a: true, w: true, d: true } };

export function privilegesOf(access: AccessDeclaration): Privileges {
  if (typeof access === 'string') return WORDS[access];
  const { select, insert, update, delete: remove } = access;
  return { ...(select === undefined ? {} : { r: select }), ...(insert === undefined ? {} : { a: insert }), ...(update === undefined ? {} : { w: update }), ...(remove === undefined ? {} : { d: true as const }) };
}
