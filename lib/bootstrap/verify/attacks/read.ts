import { TENANT_ID } from '../../../declaration/names';
import { FORGED_CONTEXT } from '../../model/tenant-context';
import { ident, literal } from '../../sql/quote';
import type { Attack, TableTarget } from '../attack';
import { NOTHING, nothingBySystemColumn, ofOther, REFUSED, statement, type Statement } from './table-attack';

const read = (fields: Omit<Statement, 'needs' | 'across' | 'denial'> & Partial<Pick<Statement, 'needs' | 'denial'>>): Attack<'table'> => statement({ needs: 'r', across: true, denial: NOTHING, ...fields });

const primaryKey = ({ table, row }: TableTarget): string => (table.keys.find(({ primary }) => primary)?.columns ?? [])
  .filter((column) => column !== TENANT_ID).map((column) => `${ident(column)}::text = ${literal(row.foreign.values.get(column) ?? '')}`).join(' and ');

/** Why the key of a table cannot be asked for. */
export const keyReadable = ({ table, masked }: TableTarget): string | undefined =>
  (table.keys.some(({ primary, columns }) => primary && columns.some((column) => masked.includes(column))) ? 'the key is masked' : undefined);

const isItsTenant = ({ context, mode }: TableTarget): string | undefined => (context === 'role' && mode !== 'row' ? 'the role belongs to one tenant, which is all the context there is' : undefined);

/** Reading another tenant's row, in every way that a query can ask for it. */
export const readAttacks: readonly Attack<'table'>[] = [
  read({ id: 'read-without-context', inapplicable: isItsTenant, title: 'Read without a tenant context', why: 'A request that forgets its tenant would see everybody’s rows', context: () => undefined, sql: ({ name }) => `select 1 from ${name} limit 1` }),
  read({ id: 'read-with-empty-context', inapplicable: isItsTenant, title: 'Read with an empty tenant context', why: 'A pooled connection has an empty context after a transaction', context: () => '', sql: ({ name }) => `select 1 from ${name} limit 1` }),
  read({ id: 'read-with-malformed-context', inapplicable: isItsTenant, title: 'Read with a context that is no tenant id', why: 'A context that cannot be read must not open anything', context: () => "' or true --", denial: { empty: true, sqlstates: ['22P02', FORGED_CONTEXT] }, sql: ({ name }) => `select 1 from ${name} limit 1` }),
  read({ id: 'read-foreign-row', title: 'Read another tenant’s row by its tenant id', why: 'The plainest way across', sql: (t) => `select 1 from ${t.name} where ${ofOther(t)} limit 1` }),
  read({ id: 'read-by-key', title: 'Read another tenant’s row by its key', why: 'An id from an URL must not be enough', inapplicable: keyReadable, sql: (t) => `select 1 from ${t.name} where ${primaryKey(t)} and ${TENANT_ID} <> ${literal(t.own)} limit 1` }),
  read({ id: 'read-by-ctid', title: 'Read another tenant’s row by its physical place', why: 'System columns are not covered by predicates on columns', denial: nothingBySystemColumn, sql: (t) => `select 1 from ${t.name} where ${t.row.foreign.at}` }),
  read({ id: 'read-all', title: 'Read everything that is not one’s own', why: 'A query without a predicate must stay within the tenant', sql: (t) => `select 1 from ${t.name} where ${TENANT_ID} <> ${literal(t.own)} limit 1` }),
  read({ id: 'count-foreign-rows', title: 'Count another tenant’s rows', why: 'Numbers tell as much as rows', sql: (t) => `select 1 from ${t.name} where ${ofOther(t)} having count(*) > 0` }),
  read({ id: 'tablesample', title: 'Read by sampling the table', why: 'A sample scan reads pages, not an index', sql: (t) => `select 1 from ${t.name} tablesample system (100) where ${ofOther(t)} limit 1`, inapplicable: ({ mode }) => (mode === 'row' ? 'a sample reads the whole table, which is large where tenants share it' : undefined) }),
  read({ id: 'leaky-predicate', title: 'Make a predicate fail on another tenant’s row', why: 'A condition that is evaluated before the policy tells in its error what it saw', denial: { empty: true, telling: ['22012'] },
    sql: (t) => `select 1 from ${t.name} where 1 / (case when ${ofOther(t)} then 0 else 1 end) = 2 limit 1` }),
  read({ id: 'cursor', title: 'Read through a cursor', why: 'A cursor is planned when it is declared', sql: (t) => `declare tenantry_probe cursor for select 1 from ${t.name} where ${ofOther(t)}; fetch 1 from tenantry_probe` }),
  read({ id: 'plan-cache-context', title: 'Run a prepared statement after the tenant changed', why: 'A cached plan must not keep the tenant that it was made for',
    sql: (t) => prepared(t, 'context', (name) => [...entered(t, t.foreign), `execute ${name}`, ...entered(t, t.own)].join('; ')) }),
  read({ id: 'plan-cache-role', title: 'Run a statement that the maintainer prepared', why: 'A cached plan must be made anew for another role (CVE-2024-10976)',
    sql: (t) => prepared(t, 'role', (name) => [`execute ${name}`, `set local role ${ident(t.role.grantee)}`, ...entered(t, t.own)].join('; '), `set local role ${ident(t.place.maintainer)}; `) }),
  read({ id: 'copy-to', title: 'COPY the table out', why: 'COPY reads tables by another path than queries', denial: { empty: true }, sql: (t) => `copy (select 1 from ${t.name} where ${ofOther(t)}) to stdout` }),
  read({ id: 'row-security-off', title: 'Switch row security off', why: 'The setting must raise an error instead of opening the table', denial: REFUSED, sql: (t) => `set local row_security = off; select 1 from ${t.name} limit 1` }),
  read({ id: 'lock-foreign-row', title: 'Lock another tenant’s row', why: 'A lock tells that the row exists, and stops its tenant', needs: 'rw', sql: (t) => `select 1 from ${t.name} where ${ofOther(t)} for update nowait` }),
  read({ id: 'pg-stats', title: 'Read the statistics of the table’s values', why: 'The most common values of a column are other tenants’ values', needs: '',
    sql: (t) => `select 1 from pg_stats where schemaname = ${literal(t.place.schema)} and tablename = ${literal(t.table.name)} union all select 1 where not row_security_active(${literal(t.name)}::regclass) limit 1` }),
];

const entered = (t: TableTarget, tenant: string): readonly string[] => t.entering(t.role.grantee, tenant);

let number = 0;

/** Prepared statements outlive a rolled back savepoint, so each has a name of its own. */
function prepared(t: TableTarget, what: string, then: (name: string) => string, before = ''): string {
  const name = ident(`tenantry_probe_${what}_${number += 1}`);
  return `${before}prepare ${name} as select 1 from ${t.name} where ${ofOther(t)} limit 1; ${then(name)}; execute ${name}`;
}
