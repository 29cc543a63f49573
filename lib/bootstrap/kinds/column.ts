import { objectName } from '../../declaration/names';
import { ident, literal, qualified } from '../sql/quote';
import type { ShapeColumn, ShapeTable } from '../model/shape';
import type { Difference } from '../plan/difference';
import { at, change, finding, inPlaces, kind, onceFor, refusal, tableKey, type TableTarget } from './kind';
import { holding, lostColumn, wasThere } from './lost';
import { backfillOf, fillBatches, fillRest } from './backfill';
import { columnDefinition } from './table';

interface LiveColumn {
  readonly type: string;
  readonly notNull: boolean;
  readonly expression: string | null;
  readonly generated: string;
  readonly identity: string;
  readonly comment: string | null;
  /** Where it is not that of the type. */
  readonly collation: string | null;
}

/** Columns with their types, defaults and comments. They are added and loosened; whatever could lose data is refused. */
export const column = kind<'table', ShapeColumn, LiveColumn>({
  name: 'column',
  level: 'table',
  compares: ['presence', 'strangers', 'type', 'collation', 'generated', 'default', 'not null', 'comment'],
  query: {
    text: inPlaces(['table', 'name', 'type', 'notNull', 'expression', 'generated', 'identity', 'comment', 'collation'], `select n.nspname::text as schema, c.relname as "table", a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull and o.oid is null as "notNull",
                  pg_get_expr(d.adbin, d.adrelid) as expression, a.attgenerated as generated, a.attidentity as identity, s.description as comment, l.collname as collation
             from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
             left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
             left join pg_catalog.pg_constraint o on o.conrelid = a.attrelid and o.contype = 'n' and o.conkey = array[a.attnum] and not o.convalidated
             join pg_catalog.pg_type t on t.oid = a.atttypid left join pg_catalog.pg_collation l on l.oid = a.attcollation and a.attcollation <> t.typcollation
             left join pg_catalog.pg_description s on s.objoid = a.attrelid and s.classoid = 'pg_catalog.pg_class'::regclass and s.objsubid = a.attnum
            where n.nspname = any($1) and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped`),
    values: (scope) => [scope.schemas],
  },
  read: ({ schema, table, name, ...have }) => ({ container: tableKey(schema, table), key: name, have: have as LiveColumn }),
  wants: ({ table }) => columnsOf(table),
  compare(target, name, want, have): Difference[] {
    if (target.isNew) return [];
    const { place, table } = target;
    const where = { ...at(place), kind: 'column' };
    const label = `${table.name}.${name}`;
    const alter = `alter table ${qualified(place.schema, table.name)}`;
    if (want === undefined) {
      const blocks = have?.notNull === true && have.expression === null && have.identity === '';
      return [finding({ ...where, code: 'column/undeclared', summary: `column ${label} is not declared${blocks ? '; it is NOT NULL without a default, so that rows cannot be inserted through the declared columns' : ''}` })];
    }
    // What is generated held nothing that its expression does not give again.
    if (have === undefined && want.generated === undefined && wasThere(place, table.name, name)) return [lostColumn(place, table.name, name)];
    if (have === undefined) return addColumn(target, want, alter, label);
    const differences: Difference[] = [];
    if (have.type !== want.type) {
      differences.push(refusal({ ...where, code: 'column/type', summary: `${label} is ${have.type}, and ${want.type} is declared; changing the type can lose data and rewrites the table`, fix: 'Write a migration that adds a column, copies the values and drops the old one.' }));
    }
    if (have.collation !== null) {
      differences.push(refusal({
        ...where, code: 'column/collation', summary: `${label} has the collation ${have.collation}, and the database's own is declared; by another one other values are equal, and changing it builds every index on the column anew`,
        fix: `As ${place.owner}, at a time when the table may be locked: ${alter} alter ${ident(name)} type ${have.type} collate pg_catalog."default"`,
      }));
    }
    const wantGenerated = want.generated ?? null;
    const haveGenerated = have.generated === '' ? null : `${have.expression}${have.generated === 's' ? '' : ' (not stored)'}`;
    if (wantGenerated !== haveGenerated) {
      differences.push(refusal({ ...where, code: 'column/generated', summary: `${label} is ${haveGenerated === null ? 'an ordinary column' : `generated as ${haveGenerated}`}, and ${wantGenerated === null ? 'an ordinary column' : `generated as ${wantGenerated}`} is declared; the stored values would change`, fix: 'Write a migration that adds a new column and drops the old one.' }));
    } else if (have.generated === '' && (want.default ?? null) !== have.expression) {
      differences.push(change({
        ...where, action: 'alter', lock: 'AccessExclusive', summary: want.default === undefined ? `drop the default of ${label}` : `set the default of ${label} to ${want.default}`,
        reason: have.expression === null ? 'it has none' : `it is ${have.expression}`, sql: `${alter} alter ${ident(name)} ${want.default === undefined ? 'drop default' : `set default ${want.default}`}`,
      }));
    }
    if (want.notNull && !have.notNull) differences.push(...setNotNull(target, want, alter, label));
    if (!want.notNull && have.notNull) {
      differences.push(change({ ...where, action: 'alter', lock: 'AccessExclusive', summary: `allow null in ${label}`, reason: 'declared nullable', sql: `${alter} alter ${ident(name)} drop not null` }));
    }
    if ((want.comment ?? null) !== have.comment) {
      differences.push(change({
        ...where, action: 'alter', lock: 'ShareUpdateExclusive', summary: `comment on ${label}`, reason: 'the comment differs',
        sql: `comment on column ${qualified(place.schema, table.name)}.${ident(name)} is ${want.comment === undefined ? 'null' : literal(want.comment)}`,
      }));
    }
    return differences;
  },
});

const columnsOf = onceFor((table: ShapeTable): ReadonlyMap<string, ShapeColumn> => new Map(table.columns.map((shape) => [shape.name, shape])));

function addColumn(target: TableTarget, want: ShapeColumn, alter: string, label: string): Difference[] {
  const { place, table } = target;
  const where = { ...at(place), kind: 'column' };
  const backfill = backfillOf(want);
  if (want.notNull && want.default === undefined && want.generated === undefined && backfill === undefined) {
    return [refusal({
      ...where, code: 'column/required', blocking: true, summary: `${label} is declared NOT NULL without a default, and rows that are there would have no value`,
      fix: `Give tables.${table.name}.columns.${want.name} a default, a backfill for the rows that are there, or nullable: true.`,
    })];
  }
  if (want.domain?.constrained === true) {
    return [refusal({
      ...where, code: 'column/rewrite', blocking: true, summary: `${label} is of the domain ${want.type}, which refuses some values, and adding it would rewrite the table under an exclusive lock`,
      fix: `Declare it of the type ${want.domain.base} with a check; or write a migration, for a time when the table may be locked.`,
    })];
  }
  if (want.generated !== undefined) {
    return [refusal({
      ...where, code: 'column/generated', ...(wasThere(place, table.name, want.name) ? holding(place) : { blocking: true }), summary: `${label} is generated, and adding it would rewrite the table under an exclusive lock`,
      fix: 'Write a migration, for a time when the table may be locked.',
    })];
  }
  if (want.defaultPerRow === true && backfill === undefined) {
    return [refusal({
      ...where, code: 'column/rewrite', blocking: true, summary: `${label} has a default that is another one for each row, and adding it would rewrite the table under an exclusive lock`,
      fix: `Declare it NOT NULL: rows that are there are given a value in batches then. Or declare it without a default first.`,
    })];
  }
  const comment = want.comment === undefined ? [] : [`comment on column ${qualified(place.schema, table.name)}.${ident(want.name)} is ${literal(want.comment)}`];
  const create = change({ ...where, action: 'create', lock: 'AccessExclusive', summary: `add column ${label} ${want.type}`, reason: 'declared, not there', sql: [`${alter} add column ${columnDefinition(want)}`, ...comment] });
  if (backfill === undefined) return [create];
  const later = want.default === undefined ? [] : [`${alter} alter ${ident(want.name)} set default ${want.default}`];
  return [{ ...create, sql: [`${alter} add column ${ident(want.name)} ${want.type}`, ...later, ...comment] }, ...setNotNull(target, want, alter, label)];
}

/** The check that proves a column free of nulls before it becomes NOT NULL. */
export const notNullCheckName = (column: string): string => objectName('tenantry', column, 'not_null');

/**
 * By way of a check that is validated without blocking writers, so that SET NOT NULL finds it proved and need not scan. Rows are filled before null is
 * refused: until then whoever changes a row that has no value yet is not stopped.
 */
function setNotNull(target: TableTarget, want: ShapeColumn, alter: string, label: string): Difference[] {
  const where = { ...at(target.place), kind: 'column', reason: 'declared NOT NULL' } as const;
  const check = ident(notNullCheckName(want.name));
  const backfill = backfillOf(want);
  const refuse = change({ ...where, action: 'alter', lock: 'AccessExclusive', summary: `refuse null in ${label} from now on`, sql: `${alter} drop constraint if exists ${check}, add constraint ${check} check (${ident(want.name)} is not null) not valid` });
  return [
    ...(backfill === undefined ? [refuse] : [...fillBatches(target, want, backfill), { ...refuse, stage: 'after' } as const, fillRest(target, want, backfill)]),
    change({ ...where, action: 'validate', stage: 'after', lock: 'ShareUpdateExclusive', hazard: 'scan', summary: `look for null in ${label}`, sql: `${alter} validate constraint ${check}` }),
    change({ ...where, action: 'alter', stage: 'after', lock: 'AccessExclusive', summary: `${label} is NOT NULL`, sql: `${alter} alter ${ident(want.name)} set not null, drop constraint ${check}` }),
  ];
}
