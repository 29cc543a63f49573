import type { AccessLetter } from '../../declaration/column-access';
import { TENANT_ID } from '../../declaration/names';
import type { RoleAccess } from '../model/access';
import type { ShapeTable } from '../model/shape';
import { ident } from '../sql/quote';
import type { TableTarget } from './attack';
import { constant } from './probe/rows';

type Held = Pick<TableTarget, 'access' | 'table' | 'row'>;

/** Whether a privilege is declared for a column. */
export function mayUse({ access }: Pick<TableTarget, 'access'>, letter: AccessLetter, column: string): boolean {
  const of = access.get(letter);
  return of === true || of?.includes(column) === true;
}

/** Columns that a role which reads the table may not read; for one that does not read it, those that are masked. */
export function maskedFor(table: ShapeTable, access: RoleAccess, masked: readonly string[]): string[] {
  const read = access.get('r');
  if (read === undefined) return [...masked];
  return read === true ? [] : table.columns.map(({ name }) => name).filter((name) => !read.includes(name));
}

/** An assignment that the role may make and that changes nothing, by `source`: the row itself, or `excluded`. Where it may change no column, one that is refused. */
export function assignment(target: Held, source?: 'excluded'): string {
  const own = (column: string): string => `${ident(column)} = ${source === undefined ? '' : `${source}.`}${ident(column)}`;
  if (mayUse(target, 'w', TENANT_ID)) return own(TENANT_ID);
  const open = target.table.columns.filter(({ name, generated }) => generated === undefined && mayUse(target, 'w', name)).map(({ name }) => name);
  const readable = open.find((name) => mayUse(target, 'r', name));
  const [first] = open;
  if (readable !== undefined) return own(readable);
  if (first === undefined) return own(TENANT_ID);
  const { values } = target.row.own;
  return `${ident(first)} = ${values.has(first) ? constant(target.table, first, values.get(first) ?? null) : 'default'}`;
}
