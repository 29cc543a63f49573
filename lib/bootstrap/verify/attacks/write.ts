import { TENANT_ID } from '../../../declaration/names';
import { ident, identList, literal } from '../../sql/quote';
import type { Attack, TableTarget } from '../attack';
import { assignment, mayUse } from '../columns';
import { insertable } from '../controls';
import { constant, tuple } from '../probe/rows';
import { NEVER, NOTHING, nothingBySystemColumn, ofOther, REFUSED, statement, type Statement } from './table-attack';

/** Keys and checks are asked after row-level security: their errors show that it let the row through. */
const WRITTEN = ['23502', '23503', '23505', '23514', '23P01'];

function write({ denial, ...fields }: Omit<Statement, 'across'>): Attack<'table'> {
  return statement({ across: true, ...fields, denial: (target) => ({ telling: WRITTEN, ...(typeof denial === 'function' ? denial(target) : denial) }) });
}

/** A row as the role may insert it, in another tenant's name. */
function insertAs(t: TableTarget, tenant: string, values = t.row.next): string {
  const columns = insertable(t);
  return `insert into ${t.name} (${identList(columns)}) values ${tuple(t.table, columns, new Map([...values, [TENANT_ID, tenant]]))}`;
}

/** Who may not change the tenant of a row, also one that sees all tenants, is refused before any row is looked at. */
const toMove = (t: TableTarget): string => (!t.letters.includes('w') || mayUse(t, 'w', TENANT_ID) ? 'rw' : NEVER);

/** Writing another tenant's row, or making one in its name. */
export const writeAttacks: readonly Attack<'table'>[] = [
  write({ id: 'insert-foreign-row', title: 'Insert a row for another tenant', why: 'Rows could be planted with another tenant', needs: 'a', denial: REFUSED, sql: (t) => insertAs(t, t.foreign, t.row.planted) }),
  write({ id: 'insert-without-context', title: 'Insert a row without a tenant context', why: 'A request that forgets its tenant would write for any', needs: 'a', denial: REFUSED, context: () => undefined, sql: (t) => insertAs(t, t.own) }),
  write({ id: 'insert-select-foreign-rows', title: 'Copy another tenant’s rows into one’s own', why: 'INSERT … SELECT reads and writes in one statement', needs: 'ra', denial: NOTHING,
    sql(t) {
      const columns = insertable(t);
      return `insert into ${t.name} (${identList(columns)}) select ${columns.map((column) => (column === TENANT_ID ? `${literal(t.own)}::uuid` : mayUse(t, 'r', column) ? ident(column) : constant(t.table, column, t.row.next.get(column) ?? null))).join(', ')} from ${t.name} where ${ofOther(t)}`;
    } }),
  write({ id: 'update-foreign-row', title: 'Update another tenant’s row', why: 'Rows could be changed across tenants', needs: 'rw', denial: NOTHING, sql: (t) => `update ${t.name} set ${assignment(t)} where ${ofOther(t)}` }),
  write({ id: 'update-by-ctid', title: 'Update another tenant’s row by its physical place', why: 'System columns are not covered by predicates on columns', needs: 'rw', denial: nothingBySystemColumn, sql: (t) => `update ${t.name} set ${assignment(t)} where ${t.row.foreign.at}` }),
  write({ id: 'steal-foreign-row', title: 'Make another tenant’s row one’s own', why: 'Changing the tenant of a row moves it', needs: toMove, denial: NOTHING, sql: (t) => `update ${t.name} set ${TENANT_ID} = ${literal(t.own)} where ${ofOther(t)}` }),
  write({ id: 'move-own-row', title: 'Give one’s own row to another tenant', why: 'Rows could be planted with another tenant', needs: toMove, denial: REFUSED, sql: (t) => `update ${t.name} set ${TENANT_ID} = ${literal(t.foreign)} where ${TENANT_ID} = ${literal(t.own)}` }),
  write({ id: 'delete-foreign-row', title: 'Delete another tenant’s row', why: 'Rows could be destroyed across tenants', needs: 'rd', denial: NOTHING, sql: (t) => `delete from ${t.name} where ${ofOther(t)}` }),
  write({ id: 'delete-returning', title: 'Delete another tenant’s row and read it', why: 'RETURNING reads what was written', needs: 'rd', denial: NOTHING, sql: (t) => `with gone as (delete from ${t.name} where ${ofOther(t)} returning 1) select 1 from gone` }),
  write({ id: 'merge', title: 'MERGE into another tenant’s row', why: 'MERGE has policies of its own to obey (CVE-2023-39418)', needs: 'rd', denial: NOTHING,
    sql: (t) => `merge into ${t.name} t using (select ${literal(t.foreign)}::uuid as id) s on t.${TENANT_ID} = s.id when matched then delete` }),
  write({ id: 'on-conflict-foreign-row', title: 'Upsert another tenant’s row', why: 'ON CONFLICT DO UPDATE writes a row that is there', needs: 'raw', denial: REFUSED,
    sql(t) {
      const key = t.table.keys.find(({ primary }) => primary)?.columns ?? [];
      return `${insertAs(t, t.foreign, t.row.foreign.values)} on conflict (${identList(key)}) do update set ${assignment(t, 'excluded')}`;
    } }),
  write({ id: 'copy-from', title: 'COPY rows in', why: 'COPY writes tables by another path than INSERT', needs: 'a', denial: { sqlstates: ['0A000', '42501'] }, alone: true,
    // Refused before the server asks for data; without row security it would ask, and be told to stop.
    sql: (t) => `copy ${t.name} (${identList(insertable(t))}) from stdin` }),
];
