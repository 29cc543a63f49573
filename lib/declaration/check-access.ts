import type { Complaint } from '../core/errors';
import { listOf, nearest } from '../core/text';
import { privilegesOf } from './column-access';
import { TENANT_ID } from './names';
import { splitReference } from './relations';
import type { Declaration, RoleDeclaration, TableDeclaration } from './schema';
import type { ColumnAccessDeclaration } from './schema-access';

const COMMANDS = ['select', 'insert', 'update'] as const;

/** The rules of privileges that are given column by column. */
export function checkColumnAccess(declaration: Declaration): Complaint[] {
  return Object.entries(declaration.roles).flatMap(([name, role]) => Object.entries(role.tables).flatMap(([tableName, access]): Complaint[] => {
    const table = declaration.tables[tableName];
    if (table === undefined || typeof access === 'string') return [];
    return checkObject(`roles.${name}.tables.${tableName}`, tableName, table, access, maskedOf(role, tableName));
  }));
}

const maskedOf = (role: RoleDeclaration, table: string): string[] => role.masked.map(splitReference).filter((column) => column.table === table).map(({ column }) => column);

function checkObject(at: string, tableName: string, table: TableDeclaration, access: ColumnAccessDeclaration, masked: readonly string[]): Complaint[] {
  if (Object.keys(privilegesOf(access)).length === 0) {
    return [{ code: 'declaration/no-access', at, problem: `Nothing is given on ${tableName}.`, fix: 'Name select, insert, update or delete, or remove the table from the role.' }];
  }
  return [...COMMANDS.flatMap((command) => checkColumns(`${at}.${command}`, tableName, table, command, access[command], masked)), ...checkInsert(at, tableName, table, access.insert)];
}

function checkColumns(at: string, tableName: string, table: TableDeclaration, command: (typeof COMMANDS)[number], given: readonly string[] | true | undefined, masked: readonly string[]): Complaint[] {
  if (given === undefined || given === true) return [];
  const columns = Object.keys(table.columns);
  return given.flatMap((name, i): Complaint[] => {
    const path = `${at}.${i}`;
    if (name === TENANT_ID && table.tenancy === 'tenant') {
      return [{ code: 'declaration/tenant-column', at: path, problem: `${TENANT_ID} is ${command === 'update' ? 'never changed: a row stays with its tenant' : 'put in by the library'}.`, fix: 'Leave it out.' }];
    }
    const column = table.columns[name];
    if (column === undefined) {
      const near = nearest(name, columns);
      return [{ code: 'declaration/unknown-column', at: path, problem: `There is no column ${JSON.stringify(name)}; the table has ${listOf(columns)}.`, ...(near === undefined ? {} : { fix: `Did you mean ${JSON.stringify(near)}?` }) }];
    }
    if (given.indexOf(name) !== i) return [{ code: 'declaration/repeated-column', at: path, problem: `${JSON.stringify(name)} stands here twice.`, fix: 'Remove one.' }];
    if (column.generated !== undefined && command !== 'select') return [{ code: 'declaration/generated-column', at: path, problem: `${tableName}.${name} is generated: nobody can give it a value.`, fix: 'Leave it out.' }];
    if (masked.includes(name)) return [{ code: 'declaration/masked-and-granted', at: path, problem: `${tableName}.${name} is masked for the role, and granted here.`, fix: 'Remove it here, or from masked.' }];
    return [];
  });
}

/** What every row needs must be given, or the privilege is good for nothing. */
function checkInsert(at: string, tableName: string, table: TableDeclaration, insert: readonly string[] | true | undefined): Complaint[] {
  if (insert === undefined || insert === true) return [];
  const missing = Object.entries(table.columns).filter(([name, column]) => !insert.includes(name) && !column.nullable && column.default === undefined && column.generated === undefined).map(([name]) => name);
  if (missing.length === 0) return [];
  return [{
    code: 'declaration/insert-without-required', at: `${at}.insert`, problem: `The role may insert into ${tableName}, but not give ${listOf(missing)}, which every row needs and which ${missing.length === 1 ? 'has' : 'have'} no default.`,
    fix: `Add ${listOf(missing)} here, give ${missing.length === 1 ? 'it a default' : 'them defaults'}, or make ${missing.length === 1 ? 'it' : 'them'} nullable.`,
  }];
}
