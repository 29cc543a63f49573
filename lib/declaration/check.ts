import type { Complaint } from '../core/errors';
import { listOf, nearest } from '../core/text';
import { checkIdentifier } from './check-identifier';
import { checkDefinitions } from './check-definitions';
import { checkObjects } from './check-objects';
import { checkPartitions } from './check-partitions';
import { checkPolicies } from './check-policies';
import { checkReferences } from './check-references';
import { checkRoles } from './check-roles';
import { IDENTIFIER, MAX_DECLARATION_NAME, TENANT_ID } from './names';
import { checkTiers } from './schema-tiers';
import { constraintNames, foreignKeysOf, relationNames } from './relations';
import type { ColumnDeclaration, Declaration, TableDeclaration } from './schema';
import { checkTenantContext } from './tenant-context';

const RESERVED_DECLARATIONS = ['postgres', 'template0', 'template1', 'rdsadmin', 'public', 'information_schema', 'tenantry'];
const SYSTEM_COLUMNS = ['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'];

/** The rules that hold between the parts of a declaration whose shape is right. */
export function checkDeclaration(declaration: Declaration): Complaint[] {
  return [
    ...checkStrings(declaration, []),
    ...checkName(declaration.name),
    ...Object.entries(declaration.tables).flatMap(([name, table]) => checkTable(name, table)),
    ...checkReferences(declaration),
    ...checkRowOrder(declaration),
    ...checkNames(relationNames(declaration)),
    ...Object.entries(declaration.tables).flatMap(([name, table]) => checkNames(constraintNames(name, table))),
    ...checkRoles(declaration),
    ...checkTenantContext(declaration),
    ...checkPolicies(declaration),
    ...checkPartitions(declaration),
    ...checkObjects(declaration),
    ...checkDefinitions(declaration),
    ...checkTiers(declaration),
  ];
}

function checkName(name: string): Complaint[] {
  if (RESERVED_DECLARATIONS.includes(name) || name.startsWith('pg_') || name.startsWith('rds')) {
    return [{ code: 'declaration/reserved-name', at: 'name', problem: `${JSON.stringify(name)} is a name that PostgreSQL, RDS or this library uses itself.`, fix: 'Choose another name, for instance that of the product.' }];
  }
  return checkIdentifier(name, 'name', { what: 'the name of a declaration', max: MAX_DECLARATION_NAME, noDoubleUnderscore: true });
}

function checkTable(name: string, table: TableDeclaration): Complaint[] {
  const at = `tables.${name}`;
  const columns = Object.keys(table.columns);
  const complaints = checkIdentifier(name, at, { what: 'the name of a table' });
  if (columns.length === 0) complaints.push({ code: 'declaration/no-columns', at: `${at}.columns`, problem: 'A table needs at least one column.' });
  for (const [columnName, column] of Object.entries(table.columns)) {
    const path = `${at}.columns.${columnName}`;
    complaints.push(...checkIdentifier(columnName, path, { what: 'the name of a column' }));
    if (SYSTEM_COLUMNS.includes(columnName)) {
      complaints.push({ code: 'declaration/reserved-name', at: path, problem: `${JSON.stringify(columnName)} is a system column of every PostgreSQL table.`, fix: 'Choose another name.' });
    }
    if (columnName === TENANT_ID && table.tenancy === 'tenant') {
      complaints.push({ code: 'declaration/tenant-column', at: path, problem: `${TENANT_ID} is put into every tenant table by the library, in front of every key.`, fix: 'Remove the column.' });
    }
    if (column.generated !== undefined && column.default !== undefined) {
      complaints.push({ code: 'declaration/generated-default', at: path, problem: 'A generated column cannot have a default.', fix: 'Keep one of the two.' });
    }
    if (column.backfill !== undefined && (column.nullable || column.generated !== undefined)) {
      complaints.push({ code: 'declaration/backfill', at: `${path}.backfill`, problem: `backfill gives rows a value that they must have, and the column ${column.nullable ? 'may be null' : 'is generated'}.`, fix: column.nullable ? 'Remove nullable, or backfill.' : 'Remove backfill.' });
    }
    if (column.onDelete !== undefined && column.references === undefined) {
      complaints.push({ code: 'declaration/on-delete', at: `${path}.onDelete`, problem: 'onDelete says what happens when a referenced row is deleted, but the column references nothing.', fix: 'Add references, or remove onDelete.' });
    }
  }
  complaints.push(...checkColumnList(table.primaryKey, columns, `${at}.primaryKey`));
  for (const column of table.primaryKey) {
    if (table.columns[column]?.nullable) {
      complaints.push({ code: 'declaration/nullable-key', at: `${at}.columns.${column}.nullable`, problem: 'A column of the primary key cannot be nullable.', fix: 'Remove nullable.' });
    }
  }
  table.unique.forEach((list, i) => complaints.push(...checkColumnList(list, columns, `${at}.unique.${i}`)));
  table.indexes.forEach((index, i) => complaints.push(...checkColumnList(index.columns, columns, `${at}.indexes.${i}`)));
  table.foreignKeys.forEach((key, i) => complaints.push(...checkColumnList(key.columns, columns, `${at}.foreignKeys.${i}.columns`)));
  for (const check of Object.keys(table.checks)) complaints.push(...checkIdentifier(check, `${at}.checks.${check}`, { what: 'the name of a check' }));
  return [...complaints, ...checkRows(name, table)];
}

function checkColumnList(list: readonly string[], columns: readonly string[], at: string): Complaint[] {
  const complaints: Complaint[] = [];
  list.forEach((column, i) => {
    if (column === TENANT_ID) {
      complaints.push({ code: 'declaration/tenant-column', at: `${at}.${i}`, problem: `${TENANT_ID} is put in front by the library.`, fix: 'Leave it out.' });
    } else if (!columns.includes(column)) {
      const near = nearest(column, columns);
      complaints.push({
        code: 'declaration/unknown-column', at: `${at}.${i}`,
        problem: `There is no column ${JSON.stringify(column)}; the table has ${listOf(columns)}.`,
        ...(near === undefined ? {} : { fix: `Did you mean ${JSON.stringify(near)}?` }),
      });
    } else if (list.indexOf(column) !== i) {
      complaints.push({ code: 'declaration/repeated-column', at: `${at}.${i}`, problem: `${JSON.stringify(column)} stands here twice.`, fix: 'Remove one.' });
    }
  });
  return complaints;
}

function checkRows(name: string, table: TableDeclaration): Complaint[] {
  if (table.rows.length === 0) return [];
  const at = `tables.${name}.rows`;
  if (table.tenancy !== 'reference') {
    return [{ code: 'declaration/rows', at, problem: `Rows can be declared for reference tables only; this one is ${table.tenancy}.`, fix: "Set tenancy to 'reference', or load the rows with the application." }];
  }
  const columns = Object.keys(table.columns);
  const keys = table.rows.map((row) => JSON.stringify(table.primaryKey.map((column) => row[column])));
  return table.rows.flatMap((row, i) => [
    ...(keys.indexOf(keys[i] ?? '') === i ? [] : [{ code: 'declaration/rows', at: `${at}.${i}`, problem: `The row has the same primary key as row ${keys.indexOf(keys[i] ?? '')}.`, fix: 'Remove one of the two.' }]),
    ...checkColumnList(Object.keys(row), columns, `${at}.${i}`),
    ...Object.keys(row).flatMap((column) => checkRowColumn(table.columns[column], column, `${at}.${i}`)),
    ...table.primaryKey.filter((column) => row[column] === undefined || row[column] === null).map((column) => ({
      code: 'declaration/rows', at: `${at}.${i}`, problem: `The row has no value for ${JSON.stringify(column)}, which is in the primary key.`, fix: 'Give one: rows are found again by their primary key.',
    })),
  ]);
}

function checkRowColumn(column: ColumnDeclaration | undefined, name: string, at: string): Complaint[] {
  if (column?.generated !== undefined) return [{ code: 'declaration/rows', at, problem: `${name} is generated, so a row cannot give it a value.`, fix: 'Leave it out.' }];
  if (column !== undefined && /^json(\[\])?$/.test(column.type)) {
    return [{ code: 'declaration/rows', at, problem: `${name} is ${column.type}, which PostgreSQL cannot compare, so nobody could tell whether the row is loaded.`, fix: 'Give the column the type jsonb.' }];
  }
  return [];
}

/** Rows are loaded table by table, in the order of the declaration. */
function checkRowOrder(declaration: Declaration): Complaint[] {
  const names = Object.keys(declaration.tables);
  return Object.entries(declaration.tables).filter(([, table]) => table.rows.length > 0).flatMap(([name, table]) =>
    foreignKeysOf(name, table).filter(({ target }) => target !== name && names.indexOf(target) > names.indexOf(name)).map(({ at, target }) => ({
      code: 'declaration/rows', at, problem: `The rows of ${name} are loaded before those of ${target}, which they reference.`, fix: `Declare ${target} before ${name}.`,
    })));
}

/** Tables, keys and indexes share one namespace in a schema, and constraints one in a table: two of one name cannot both be created. */
function checkNames(names: ReturnType<typeof relationNames>): Complaint[] {
  const complaints: Complaint[] = [];
  const seen = new Map<string, string>();
  for (const relation of names) {
    const first = seen.get(relation.name);
    if (first !== undefined && IDENTIFIER.test(relation.name)) {
      complaints.push({
        code: 'declaration/name-collision', at: relation.at,
        problem: `${relation.what} would be called ${JSON.stringify(relation.name)} in the database, which is also the name of ${first}.`,
        fix: relation.what === first ? 'Remove one of the two.' : 'Rename the table or the column.',
      });
    }
    seen.set(relation.name, first ?? relation.what);
  }
  return complaints;
}

/** Terraform must not find references in a declaration, and PostgreSQL stores no NUL. */
function checkStrings(value: unknown, path: readonly string[]): Complaint[] {
  if (typeof value === 'string') {
    if (/\$\{TfToken\[/.test(value)) {
      return [{ code: 'declaration/token', at: path.join('.'), problem: 'The text holds a reference to something that Terraform computes. A declaration is plain data, known before anything is deployed.', fix: 'Write the value itself.' }];
    }
    if (value.includes('\0')) {
      return [{ code: 'declaration/nul', at: path.join('.'), problem: 'The text holds a NUL character, which PostgreSQL cannot store.', fix: 'Remove it.' }];
    }
    return [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => checkStrings(inner, [...path, key]));
}
