import type { Complaint } from '../core/errors';
import { listOf, nearest } from '../core/text';
import { type DeclaredForeignKey, foreignKeysOf, uniquesOf } from './relations';
import type { Declaration, TableDeclaration } from './schema';
import type { Tenancy } from './types';

/** What a table of one tenancy may point to: a row of a tenant never becomes reachable from outside that tenant. */
const MAY_REFERENCE: Record<Tenancy, readonly Tenancy[]> = {
  tenant: ['tenant', 'reference'],
  reference: ['reference'],
  shared: ['shared', 'reference'],
};

export function checkReferences(declaration: Declaration): Complaint[] {
  return Object.entries(declaration.tables).flatMap(([name, table]) =>
    foreignKeysOf(name, table).flatMap((key) => checkForeignKey(declaration, table, key)));
}

function checkForeignKey(declaration: Declaration, table: TableDeclaration, key: DeclaredForeignKey): Complaint[] {
  const target = declaration.tables[key.target];
  const given = key.targetColumns.map((column) => `${key.target}.${column}`).join(', ');
  if (target === undefined) {
    const near = nearest(key.target, Object.keys(declaration.tables));
    return [{
      code: 'declaration/unknown-reference', at: key.at, problem: `${JSON.stringify(given)} is given, but there is no table ${JSON.stringify(key.target)}; the tables are ${listOf(Object.keys(declaration.tables))}.`,
      fix: near === undefined ? "Write 'table.column' of a declared table." : `Did you mean ${JSON.stringify(near)}?`,
    }];
  }
  const unknown = key.targetColumns.filter((column) => target.columns[column] === undefined);
  if (unknown.length > 0) {
    const near = nearest(unknown[0] ?? '', Object.keys(target.columns));
    return [{
      code: 'declaration/unknown-reference', at: key.at, problem: `${JSON.stringify(given)} is given, but ${key.target} has no column ${JSON.stringify(unknown[0])}; it has ${listOf(Object.keys(target.columns))}.`,
      ...(near === undefined ? {} : { fix: `Did you mean ${JSON.stringify(`${key.target}.${near}`)}?` }),
    }];
  }
  const complaints: Complaint[] = [];
  if (!MAY_REFERENCE[table.tenancy].includes(target.tenancy)) {
    complaints.push({
      code: 'declaration/tenancy-of-reference', at: key.at,
      problem: `A ${table.tenancy} table may reference ${listOf(MAY_REFERENCE[table.tenancy], 'or')} tables, and ${key.target} is a ${target.tenancy} table.`,
      fix: table.tenancy === 'tenant' ? `Make ${key.target} a reference table, or store its value without a foreign key.` : `Turn the reference around, or make both tables ${target.tenancy} tables.`,
    });
  }
  if (key.columns.length !== key.targetColumns.length) {
    complaints.push({ code: 'declaration/reference-arity', at: key.at, problem: `${key.columns.length} columns reference ${key.targetColumns.length}.`, fix: 'Name as many columns on both sides.' });
    return complaints;
  }
  if (![target.primaryKey, ...uniquesOf(key.target, target).map((unique) => unique.columns)].some((columns) => sameSet(columns, key.targetColumns))) {
    complaints.push({
      code: 'declaration/reference-not-unique', at: key.at, problem: `${listOf(key.targetColumns)} of ${key.target} is neither its primary key nor declared unique, so it does not identify a row.`,
      fix: `Add it to tables.${key.target}.unique, or reference ${listOf(target.primaryKey.map((column) => `${key.target}.${column}`))}.`,
    });
  }
  key.columns.forEach((column, i) => {
    const from = table.columns[column]?.type;
    const to = target.columns[key.targetColumns[i] ?? '']?.type;
    if (from !== undefined && to !== undefined && baseType(from) !== baseType(to)) {
      complaints.push({ code: 'declaration/reference-type', at: key.at, problem: `${column} is ${from}, but ${key.target}.${key.targetColumns[i]} is ${to}.`, fix: 'Give both the same type.' });
    }
    if (key.onDelete === 'setNull' && table.columns[column]?.nullable === false) {
      complaints.push({ code: 'declaration/set-null', at: key.at, problem: `onDelete is 'setNull', but ${column} is not nullable.`, fix: 'Set nullable: true, or choose another onDelete.' });
    }
  });
  return complaints;
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((item) => b.includes(item));
const baseType = (type: string): string => type.replace(/\(.*\)/, '');
