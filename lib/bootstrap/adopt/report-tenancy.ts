import { count } from '../../core/text';
import { homeDatabase, maintainerRole, ownerRole, TENANT_ID } from '../../declaration/names';
import { type ExistingDatabase, tablesOf } from './existing';
import type { Findings } from './finding';
import type { TenancyProposal } from './tenancy';

/** Whose rows the tables hold, and which keys say so. */
export function reportTenancy(existing: ExistingDatabase, proposal: TenancyProposal, findings: Findings): void {
  const { column, type, tenantTable } = proposal;
  findings.add('decision', column === undefined ? 'no-tenant-column' : 'tenant-column', `database ${existing.database}`, column === undefined ? proposal.reason : `${column} of type ${type ?? ''}: ${proposal.reason}`,
    'it must be known to which tenant each row belongs', column === undefined ? 'Give --tenant-column NAME; if no table has one, add it to the tables at the root of each tenant’s data first.' : 'Confirm it with --tenant-column, or name another.');
  if (tenantTable !== undefined) findings.add('note', 'tenant-table', tenantTable.table, `${column ?? ''} references its ${tenantTable.column}`, 'each row of it becomes a tenant of the registry', 'The mapping of tenants in the plan has one line for each.');
  for (const [table, { tenancy, reason, path, mayBeNull }] of proposal.tables) {
    const direct = path !== undefined && path.keys.length === 0;
    findings.add(direct ? 'note' : 'decision', 'tenancy', table, reason, `whose rows these are; the draft says ${tenancy}`, direct ? 'Nothing.' : 'Confirm it, or set another tenancy in the draft.');
    if (mayBeNull === true) findings.add('decision', 'no-tenant-row', table, 'the way to the tenant may end at a null', 'every row belongs to a tenant', 'Rows of nobody are not copied: the plan counts them. Give them a tenant first, or leave them behind.');
  }
  reportKeys(existing, proposal, findings);
  for (const { key, kind, bytes, estimatedRows } of tablesOf(existing)) {
    if (bytes < LARGE) continue;
    findings.add('note', 'size', key, `${(bytes / GIGABYTE).toFixed(1)} GB${estimatedRows === null ? '' : `, about ${estimatedRows.toLocaleString('en-US')} rows`}${kind === 'p' ? ' in the parent alone' : ''}`, 'every row is written once', `Count with the time to write ${(bytes / GIGABYTE).toFixed(1)} GB and its indexes, and room for a second copy; copy it in parts.`);
  }
}

const GIGABYTE = 1024 ** 3;
const LARGE = GIGABYTE / 2;

/** A key without the tenant tells one tenant about another's values, and a foreign key without it reaches another's rows. */
function reportKeys({ constraints, indexes }: ExistingDatabase, { column, tables }: TenancyProposal, findings: Findings): void {
  const ofTenants = (table: string | null): boolean => tables.get(table ?? '')?.tenancy === 'tenant';
  const begins = (columns: readonly (string | null)[]): boolean => column !== undefined && columns[0] === column;
  const front = (columns: readonly (string | null)[]): string => `(${[TENANT_ID, ...columns.filter((name) => name !== TENANT_ID)].join(', ')})`;
  const way = 'Nothing: the draft’s keys begin with it. Programs that rely on the value alone must name the tenant.';
  for (const { table, name, type, columns, target } of constraints) {
    if (!ofTenants(table)) continue;
    if ((type === 'p' || type === 'u') && !begins(columns)) findings.add('difference', type === 'p' ? 'key-without-tenant' : 'unique-without-tenant', `${table}.${name}`, `(${columns.join(', ')}): it holds across tenants, and its errors tell what others have`, front(columns), way);
    if (type === 'f' && ofTenants(target) && !begins(columns)) findings.add('difference', 'foreign-key-without-tenant', `${table}.${name}`, `(${columns.join(', ')}) references ${target ?? ''}: a row of one tenant may reference, and delete with it, one of another`, front(columns), 'Nothing: the draft’s key begins with it. Rows that reference another tenant’s stop the copy, and show what went wrong before.');
  }
  for (const { table, name, unique, columns } of indexes) {
    if (unique && ofTenants(table) && !begins(columns)) findings.add('difference', 'unique-without-tenant', `${table}.${name}`, 'a unique index across tenants: its errors tell what others have', front(columns.map((found) => found ?? '…')), way);
  }
}

/** Names that the bootstrap will want for itself. */
export function reportNames(existing: ExistingDatabase, name: string, schemas: readonly string[], findings: Findings): void {
  if (homeDatabase(name) === existing.database) {
    findings.add('decision', 'same-database', `database ${existing.database}`, `it has the name of the declaration, and its owner is ${existing.owner}`, `a database that is marked as the declaration's own, and that belongs to ${ownerRole(name)} or the bootstrap login`, 'The plan marks it; else choose another --name, and a database is made beside it.');
  } else if (existing.databases.includes(homeDatabase(name))) {
    findings.add('blocker', 'name-taken', `database ${homeDatabase(name)}`, 'there is one of that name', 'a name that nothing has, since nothing is taken over silently', 'Choose another --name.');
  }
  if (homeDatabase(name) === existing.database && schemas.includes(name)) findings.add('blocker', 'name-taken', `schema ${name}`, 'the tables lie in a schema of the name that the new one gets', 'a free name', `alter schema "${name}" rename to "${name}_old", or choose another --name.`);
  const roles = [ownerRole(name), maintainerRole(name), `${name}_app`].filter((role) => existing.roleNames.includes(role));
  for (const role of roles) findings.add('blocker', 'name-taken', `role ${role}`, 'there is one of that name', 'a name that nothing has, since nothing is taken over silently', 'Choose another --name, or rename the role.');
  const legacy = existing.relations.filter(({ name: table }) => table.startsWith('tenantry_'));
  if (legacy.length > 0) findings.add('note', 'reserved-name', count(legacy.length, 'object'), legacy.map(({ key }) => key).join(', '), 'names that begin with tenantry_ are the library’s', 'Rename them.');
}
