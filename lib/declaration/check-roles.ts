import type { Complaint } from '../core/errors';
import { listOf, nearest } from '../core/text';
import { checkColumnAccess } from './check-access';
import { checkIdentifier } from './check-identifier';
import { privilegesOf } from './column-access';
import { MAX_DECLARATION_AND_ALL_ROLE, MAX_DECLARATION_AND_ROLE, MAX_IDENTIFIER } from './names';
import { checkRoleKinds } from './check-role-kinds';
import { splitReference } from './relations';
import type { Declaration, RoleDeclaration } from './schema';

const RESERVED_ROLES = ['owner', 'maintainer'];

export function checkRoles(declaration: Declaration): Complaint[] {
  return [
    ...checkRoleKinds(declaration),
    ...Object.entries(declaration.roles).flatMap(([name, role]) => [...checkName(declaration, name, role), ...checkAccess(declaration, name, role), ...checkMasked(declaration, name, role)]),
    ...checkColumnAccess(declaration),
    ...declaration.externalGrants.flatMap((grantee, i) => (grantee !== '' && Buffer.byteLength(grantee) <= MAX_IDENTIFIER ? [] : [{
      code: 'declaration/external-grant', at: `externalGrants.${i}`, problem: `${JSON.stringify(grantee)} cannot be the name of a role.`, fix: `Give a name of 1 to ${MAX_IDENTIFIER} bytes.`,
    }])),
  ];
}

function checkName(declaration: Declaration, name: string, role: RoleDeclaration): Complaint[] {
  const at = `roles.${name}`;
  if (RESERVED_ROLES.includes(name) || /_(login|reference)$/.test(name)) {
    return [{ code: 'declaration/reserved-name', at, problem: `The library makes a role ${JSON.stringify(`${declaration.name}_${name}`)} itself.`, fix: 'Choose another name.' }];
  }
  const complaints = checkIdentifier(name, at, { what: 'the name of a role', noDoubleUnderscore: true });
  if (complaints.length > 0) return complaints;
  const total = declaration.name.length + name.length;
  const max = role.scope === 'all' ? MAX_DECLARATION_AND_ALL_ROLE : MAX_DECLARATION_AND_ROLE;
  if (total > max) {
    complaints.push({
      code: 'declaration/name-too-long', at,
      problem: `${JSON.stringify(declaration.name)} and ${JSON.stringify(name)} have ${total} bytes together; ${max} are allowed, so that ${declaration.name}_${name}${role.scope === 'all' ? '' : '__<tenant key>'}_login fits into the ${MAX_IDENTIFIER} bytes of a PostgreSQL name.`,
      fix: 'Shorten one of the two.',
    });
  }
  return complaints;
}

function checkAccess(declaration: Declaration, name: string, role: RoleDeclaration): Complaint[] {
  const tables = Object.keys(declaration.tables);
  return Object.entries(role.tables).flatMap(([tableName, access]): Complaint[] => {
    const at = `roles.${name}.tables.${tableName}`;
    const table = declaration.tables[tableName];
    if (table === undefined) {
      const near = nearest(tableName, tables);
      return [{ code: 'declaration/unknown-table', at, problem: `There is no table ${JSON.stringify(tableName)}; the tables are ${listOf(tables)}.`, ...(near === undefined ? {} : { fix: `Did you mean ${JSON.stringify(near)}?` }) }];
    }
    if (table.tenancy === 'reference' && Object.keys(privilegesOf(access)).some((letter) => letter !== 'r')) {
      return [{ code: 'declaration/reference-is-read-only', at, problem: `${tableName} is a reference table: the same rows for all tenants, so a role may only read it, and ${JSON.stringify(access)} is given.`, fix: "Give 'read', and declare its rows in the table." }];
    }
    return [];
  });
}

function checkMasked(declaration: Declaration, name: string, role: RoleDeclaration): Complaint[] {
  return role.masked.flatMap((masked, i): Complaint[] => {
    const at = `roles.${name}.masked.${i}`;
    const { table: tableName, column: columnName } = splitReference(masked);
    const table = declaration.tables[tableName];
    const column = table?.columns[columnName];
    if (table === undefined || column === undefined) {
      const all = Object.entries(declaration.tables).flatMap(([t, { columns }]) => Object.keys(columns).map((c) => `${t}.${c}`));
      const near = nearest(masked, all);
      return [{ code: 'declaration/unknown-column', at, problem: `There is no column ${JSON.stringify(masked)}.`, fix: near === undefined ? "Write 'table.column'." : `Did you mean ${JSON.stringify(near)}?` }];
    }
    const access = role.tables[tableName];
    if (access === undefined) {
      return [{ code: 'declaration/masked-without-access', at, problem: `The role has no access to ${tableName}, so there is nothing to mask.`, fix: `Remove it, or add ${tableName} to roles.${name}.tables.` }];
    }
    if (privilegesOf(access).a === true && !column.nullable && column.default === undefined && column.generated === undefined) {
      return [{ code: 'declaration/masked-but-required', at, problem: `The role may insert into ${tableName}, but not give ${columnName}, which every row needs and which has no default.`, fix: `Give the role 'read', make the column nullable, or give it a default.` }];
    }
    return [];
  });
}
