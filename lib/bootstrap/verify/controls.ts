import { TENANT_ID } from '../../declaration/names';
import { identList, literal } from '../sql/quote';
import { assignment, mayUse } from './columns';
import type { Control } from './judge';
import { tuple } from './probe/rows';
import type { ProbeSession } from './session';
import type { TableTarget } from './attack';

/**
 * What must be seen in the transaction of an attack for its denial to count.
 *
 * - `exists`: the maintainer sees the row that is attacked
 * - `role`: the statement ran as the role that attacks
 * - `sees`, `inserts`, `updates`, `deletes`: the role can do to its own tenant's row what it is denied to do to the other's
 */
export type ControlName = 'exists' | 'role' | 'sees' | 'inserts' | 'updates' | 'deletes';

const BY_LETTER: Readonly<Record<string, ControlName>> = { r: 'sees', a: 'inserts', w: 'updates', d: 'deletes' };

/** Controls of an attack that needs these privileges: what the role may do it must be able to do; for what it may not, the row must be there. */
export function controlsFor(target: TableTarget, needs: string): ControlName[] {
  const may = [...needs].every((letter) => target.letters.includes(letter));
  return ['exists', 'role', ...(may ? [...needs].flatMap((letter) => BY_LETTER[letter] ?? []) : target.letters.includes('r') ? ['sees' as const] : [])];
}

/** Tried once for a role and a table, whatever the number of attacks. */
export class Controls {
  readonly #tried = new Map<ControlName, Promise<Control>>();

  constructor(private readonly session: ProbeSession, private readonly target: TableTarget) {}

  hold(names: readonly ControlName[]): Promise<Control[]> {
    return Promise.all(names.map((name) => {
      let control = this.#tried.get(name);
      if (control === undefined) this.#tried.set(name, control = this.try(name));
      return control;
    }));
  }

  private async try(name: ControlName): Promise<Control> {
    const { target: { role, name: table, table: shape, own, foreign, row, place }, session } = this;
    const as = role.grantee;
    const isTenant = shape.tenancy === 'tenant';
    const mine = isTenant ? ` where ${TENANT_ID} = ${literal(own)}` : '';
    switch (name) {
      case 'exists': {
        const { rows } = await session.attempt({ as: place.maintainer, sql: isTenant ? `select distinct ${TENANT_ID} from ${table} where ${TENANT_ID} in (${literal(own)}, ${literal(foreign)})` : `select 1 from ${table} limit 1` });
        return { text: isTenant ? 'the maintainer sees the rows of both tenants' : 'the maintainer sees a row', held: rows === (isTenant ? 2 : 1) };
      }
      case 'role': {
        const { rows } = await session.attempt({ as, sql: `select 1 where current_user = ${literal(as)}` });
        return { text: 'the statement ran as the role', held: rows === 1 };
      }
      case 'sees': {
        const { rows } = await session.attempt({ as, context: own, sql: `select 1 from ${table}${mine} limit 2` });
        return { text: isTenant ? 'the own row is seen' : 'a row is seen', held: some(rows) };
      }
      case 'inserts': {
        const columns = insertable(this.target);
        const { rows, sqlstate } = await session.attempt({ as, context: own, sql: `insert into ${table} (${identList(columns)}) values ${tuple(shape, columns, row.next)}` });
        // Row-level security is asked before keys are: one's own key, taken already, shows that the row was let in.
        return { text: 'an own row is let in', held: rows === 1 || sqlstate === '23505' };
      }
      case 'updates': {
        const { rows } = await session.attempt({ as, context: own, sql: `update ${table} set ${assignment(this.target)}${mine}` });
        return { text: 'the own row is updated', held: some(rows) };
      }
      case 'deletes': {
        const { rows, sqlstate } = await session.attempt({ as, context: own, sql: `delete from ${table}${mine}` });
        // Version 18 has an SQLSTATE of its own for ON DELETE RESTRICT.
        return { text: 'the own row is deleted, but for rows that reference it', held: some(rows) || sqlstate === '23503' || sqlstate === '23001' };
      }
    }
  }
}

/** A declared trigger may have written more rows than one. */
const some = (rows: number | null): boolean => (rows ?? 0) > 0;

/** The columns that the role may give a value to. */
export const insertable = (target: TableTarget): string[] => [...target.row.next.keys()].filter((column) => (target.access.has('a') ? mayUse(target, 'a', column) : !target.masked.includes(column)));
