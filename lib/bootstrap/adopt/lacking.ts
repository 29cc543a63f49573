import { listOf, nearest } from '../../core/text';
import type { Declaration } from '../../declaration';
import { TENANT_ID } from '../../declaration/names';
import { foreignKeysOf, uniquesOf } from '../../declaration/relations';
import type { Draft } from './draft';
import type { ExistingDatabase } from './existing';
import type { Findings } from './finding';

/** What the existing tables lack to be those of a declaration. They are compared in the words of a declaration, by the draft. */
export function reportLacking({ constraints }: ExistingDatabase, draft: Draft, wanted: Declaration, findings: Findings): void {
  const drafted = draft.declaration?.tables ?? {};
  const way = 'Beside: the apply makes it, and the copy fills it. In place: a step of the plan.';
  for (const [name, table] of Object.entries(wanted.tables)) {
    const found = draft.tables.find((candidate) => candidate.name === name);
    const have = drafted[name];
    if (found === undefined || have === undefined) {
      const near = nearest(name, Object.keys(drafted));
      findings.add('decision', 'lacks-table', `tables.${name}`, near === undefined ? 'no such table' : `no such table; the nearest is ${near}`, 'a declared table', 'It will be empty, unless its rows come from a table of another name: write their copy yourself.');
      continue;
    }
    const { key } = found.existing;
    if (table.tenancy !== have.tenancy) findings.add('decision', 'other-tenancy', key, `it looks like a ${have.tenancy} table: ${found.tenancy.reason}`, `the declaration says ${table.tenancy}`, 'The declaration counts; see that the copy fills it as you mean it.');
    if (table.tenancy === 'tenant' && !constraints.some(({ table: of, type, columns }) => of === key && type === 'p' && columns[0] === TENANT_ID)) findings.add('difference', 'lacks-tenant', key, `a primary key that does not begin with ${TENANT_ID}`, `${TENANT_ID}, in front of every key`, way);
    for (const [column, { type, nullable, generated }] of Object.entries(table.columns)) {
      const is = have.columns[column];
      const at = `${key}.${column}`;
      if (is === undefined) findings.add(nullable || generated !== undefined || table.columns[column]?.default !== undefined ? 'difference' : 'blocker', 'lacks-column', at, 'no such column', `${type}${nullable ? ', nullable' : ''}`, nullable ? way : 'Give it a default in the declaration, or write into the copy what old rows get.');
      else if (is.type !== type) findings.add('difference', 'other-type', at, is.type, type, 'The copy casts it where PostgreSQL does so by itself; else write the cast into the copy.');
      if (is !== undefined && is.nullable && !nullable) findings.add('decision', 'lacks-not-null', at, 'it may be null', 'it is never null', 'Rows with a null stop the copy: say what they get.');
    }
    for (const column of Object.keys(have.columns)) if (table.columns[column] === undefined) findings.add('decision', 'undeclared-column', `${key}.${column}`, have.columns[column]?.type ?? '', 'the declaration has no such column', 'Its values are not taken over: declare it, or let it go.');
    if (table.primaryKey.join() !== have.primaryKey.join()) findings.add('difference', 'other-key', key, `primary key (${have.primaryKey.join(', ')})`, `primary key (${table.primaryKey.join(', ')})`, way);
    const lists = (of: Declaration['tables'][string]): string[] => [...uniquesOf(name, of).map(({ columns }) => `unique (${columns.join(', ')})`), ...foreignKeysOf(name, of).map(({ columns, target }) => `(${columns.join(', ')}) references ${target}`)];
    const missing = lists(table).filter((one) => !lists(have).includes(one));
    if (missing.length > 0) findings.add('difference', 'lacks-constraint', key, 'nothing keeps to it now', listOf(missing), 'Rows that break it stop the copy: look for them first.');
  }
  for (const { name, existing: { key } } of draft.tables) if (!Object.hasOwn(wanted.tables, name)) findings.add('decision', 'undeclared-table', key, 'a table with rows', 'the declaration has no such table', 'Its rows are not taken over: declare it, or let it go.');
}
