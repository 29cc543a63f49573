import { TENANT_ID } from '../../declaration/names';
import type { ForeignKeyInput, IndexInput, OnDelete } from '../../declaration/types';
import type { ExistingConstraint } from './existing';
import { type DraftContext, type DraftTable, withoutTenantId } from './draft-table';

const ON_DELETE: Readonly<Record<string, OnDelete>> = { a: 'noAction', r: 'restrict', c: 'cascade', n: 'setNull' };

/** Adds the foreign keys, once all tables are drafted. */
export function draftForeignKeys({ existing, findings }: DraftContext, tables: ReadonlyMap<string, DraftTable>): void {
  widen(existing.constraints, tables, findings);
  for (const table of tables.values()) {
    const taken = new Set<string>();
    const several: ForeignKeyInput[] = [];
    for (const key of existing.constraints.filter(({ type, table: of }) => type === 'f' && of === table.existing.key)) {
      const at = `${key.table}.${key.name}`;
      const lost = (why: string, way = 'The draft leaves it out, so that nothing keeps to it any more.'): void => findings.add('difference', 'foreign-key', at, `(${key.columns.join(', ')}) references ${key.target ?? '?'} (${key.targetColumns.join(', ')})`, why, way);
      const target = tables.get(key.target ?? '');
      if (target === undefined) {
        lost('a table of the draft');
        continue;
      }
      const ends = endsOf(key, table, target);
      if (ends === 'tenant') {
        lost('the registry keeps the tenants', 'Nothing: a row of a tenant that is not there cannot be written.');
      } else if (ends === undefined) lost('columns of the draft');
      else if (taken.has(ends.columns.join())) lost('one key of the same columns');
      else if (!identifies(target, ends.targetColumns)) lost('the referenced columns are a key of the draft');
      else if (!sameTypes(table, target, ends)) lost('the same type on both sides');
      else if (!MAY_REFERENCE[table.tenancy.tenancy].includes(target.tenancy.tenancy)) lost(`a ${table.tenancy.tenancy} table does not reference a ${target.tenancy.tenancy} table`);
      else {
        taken.add(ends.columns.join());
        add(table, several, key, ends, target.name);
        report(findings, key, at);
      }
    }
    if (several.length > 0) table.input.foreignKeys = several;
    withoutDoubles(table, taken, findings);
  }
}

/** A foreign key gets an index of its columns, with the name that a partial index of them would have. */
function withoutDoubles({ input, existing: { key } }: DraftTable, keys: ReadonlySet<string>, findings: DraftContext['findings']): void {
  const all = (input.indexes ?? []) as readonly IndexInput[];
  const kept = all.filter(({ columns, where }) => where === undefined || !keys.has(columns.join()));
  if (kept.length === all.length) return;
  for (const { columns } of all.filter((index) => !kept.includes(index))) findings.add('difference', 'index', `${key} (${columns.join(', ')})`, 'a partial index of the columns of a foreign key', 'a foreign key has an index of all rows', 'Nothing: that one serves the same queries.');
  if (kept.length === 0) delete input.indexes;
  else input.indexes = kept;
}

const INTEGERS = ['smallint', 'integer', 'bigint'];

/** PostgreSQL lets a smallint reference an integer; a declaration wants one type on both sides, and the wider one loses nothing. */
function widen(constraints: readonly ExistingConstraint[], tables: ReadonlyMap<string, DraftTable>, findings: DraftContext['findings']): void {
  const keys = constraints.filter(({ type }) => type === 'f');
  for (let changed = true; changed;) {
    changed = false;
    for (const { name, table, target, columns, targetColumns } of keys) {
      const ends = columns.map((column, i) => [inputOf(tables.get(table), column), inputOf(tables.get(target ?? ''), targetColumns[i] ?? '')] as const);
      ends.forEach((pair, i) => {
        const ranks = pair.map((column) => INTEGERS.indexOf(column?.type ?? ''));
        const wider = INTEGERS[Math.max(...ranks)] as 'bigint' | undefined;
        if (wider === undefined || ranks.includes(-1)) return;
        pair.forEach((column, side) => {
          if (column === undefined || column.type === wider) return;
          const at = side === 0 ? `${table}.${columns[i] ?? ''}` : `${target ?? ''}.${targetColumns[i] ?? ''}`;
          findings.add('difference', 'type-widened', at, `type ${column.type}`, `${wider}, which the other side of ${name} has`, 'Nothing: every value fits.');
          column.type = wider;
          changed = true;
        });
      });
    }
  }
}

const inputOf = (table: DraftTable | undefined, column: string): { type: string } | undefined => table?.input.columns[table.columns.get(column)?.name ?? ''];

const MAY_REFERENCE = { tenant: ['tenant', 'reference'], reference: ['reference'], shared: ['shared', 'reference'] };

interface Ends {
  readonly columns: readonly string[];
  readonly targetColumns: readonly string[];
}

/** Both ends without `tenant_id`, in the names of the draft; `tenant` where nothing else is left. */
function endsOf({ columns, targetColumns }: ExistingConstraint, table: DraftTable, target: DraftTable): Ends | 'tenant' | undefined {
  const own = namesOf(table);
  const theirs = namesOf(target);
  const kept = columns.map((column, i) => [column, targetColumns[i] ?? ''] as const).filter(([column, targetColumn]) => {
    const dropped = table.tenancy.tenancy === 'tenant' && withoutTenantId([column], own).length === 0;
    return !(dropped && (targetColumn === TENANT_ID || columns.length === 1));
  });
  if (kept.length === 0) return 'tenant';
  const mapped = kept.map(([column, targetColumn]) => [own.get(column), theirs.get(targetColumn)] as const);
  if (mapped.some(([column, targetColumn]) => column === undefined || targetColumn === undefined)) return undefined;
  return { columns: mapped.map(([column]) => column ?? ''), targetColumns: mapped.map(([, targetColumn]) => targetColumn ?? '') };
}

const namesOf = ({ columns }: DraftTable): Map<string, string> => new Map([...columns].map(([old, { name }]) => [old, name]));
const identifies = ({ input }: DraftTable, columns: readonly string[]): boolean => [input.primaryKey, ...input.unique ?? []].some((key) => key.length === columns.length && key.every((column) => columns.includes(column)));
const base = (type: string | undefined): string | undefined => type?.replace(/\(.*\)/, '');
const sameTypes = (table: DraftTable, target: DraftTable, { columns, targetColumns }: Ends): boolean => columns.every((column, i) => base(table.input.columns[column]?.type) === base(target.input.columns[targetColumns[i] ?? '']?.type));

function add(table: DraftTable, several: ForeignKeyInput[], key: ExistingConstraint, { columns, targetColumns }: Ends, target: string): void {
  const wanted = ON_DELETE[key.onDelete] ?? 'noAction';
  const onDelete = wanted === 'setNull' && columns.some((column) => table.input.columns[column]?.nullable !== true) ? 'noAction' : wanted;
  const only = columns.length === 1 ? table.input.columns[columns[0] ?? ''] : undefined;
  if (only !== undefined) Object.assign(only, { references: `${target}.${targetColumns[0] ?? ''}` }, onDelete === 'noAction' ? {} : { onDelete });
  else several.push({ columns, references: { table: target, columns: targetColumns }, ...(onDelete === 'noAction' ? {} : { onDelete }) });
}

function report(findings: DraftContext['findings'], { onUpdate, onDelete, match, deferrable, validated }: ExistingConstraint, at: string): void {
  if (!['a', 'r', ' '].includes(onUpdate)) findings.add('difference', 'on-update', at, 'ON UPDATE changes the referencing rows', 'keys that do not change', 'The draft leaves the action out: an update of a referenced key is refused then.');
  if (onDelete === 'd') findings.add('difference', 'on-delete', at, 'ON DELETE SET DEFAULT', 'noAction, restrict, cascade or setNull', 'The draft has noAction: a delete of a referenced row is refused then.');
  if (match === 'f') findings.add('difference', 'match-full', at, 'MATCH FULL', 'a key with a null among its columns is not checked', 'Where all or none must be null, add a check.');
  if (deferrable) findings.add('difference', 'deferrable', at, 'a key that is checked at the end of the transaction', 'keys are checked at once', 'Write referenced rows first.');
  if (!validated) findings.add('decision', 'not-valid', at, 'a foreign key that old rows may not meet', 'every row must meet it', 'Validate it and mend the rows, or remove it from the draft: else the copy stops there.');
}
