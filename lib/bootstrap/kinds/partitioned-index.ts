import { objectName } from '../../declaration/names';
import type { ShapeForeignKey } from '../model/shape';
import type { Change, Difference } from '../plan/difference';
import { ident, identList, qualified } from '../sql/quote';
import { notOfAnotherTable } from './not-of-another-table';
import { at, change, type TableTarget } from './kind';
import { missingOf } from './partitioned';

/** What an index of a partitioned table is made of. */
export interface PartitionedIndex {
  readonly name: string;
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly where?: string;
  /** A primary or unique key. @default - an index and nothing more */
  readonly key?: 'primary key' | 'unique';
}

/** A partition that is altered by itself. */
interface Part {
  readonly name: string;
  /** Whether it has partitions of its own, which PostgreSQL changes with it. */
  readonly isDivided: boolean;
}

/** Selects, for an index of a partitioned table that is not complete, the partitions that have their part of it. Null for any other. @param index, relkind - of the table */
export const attachedParts = (index: string, relkind: string): string =>
  `case when ${relkind} = 'p' then (select case when x_.indisvalid then null else array(select c_.relname::text from pg_catalog.pg_inherits h_ join pg_catalog.pg_index p_ on p_.indexrelid = h_.inhrelid and p_.indisvalid join pg_catalog.pg_class c_ on c_.oid = p_.indrelid where h_.inhparent = x_.indexrelid order by 1) end from pg_catalog.pg_index x_ where x_.indexrelid = ${index}) end`;

/** @param withComing - also those that are made by the same apply. @default true */
function partsOf(target: TableTarget, withComing = true): Part[] {
  const { place, partitions } = target;
  const here = (partitions?.children ?? []).filter(({ bound, schema }) => bound !== null && schema === place.schema).map(({ name, relkind }) => ({ name, isDivided: relkind === 'p' }));
  const coming = !withComing ? [] : missingOf(target).filter(({ name, bounds }) => bounds.type !== 'hash' && partitions?.blocked.includes(name) !== true && partitions?.relations.has(name) !== true).map(({ name }) => ({ name, isDivided: false }));
  return [...here, ...coming];
}

/**
 * An index of a partitioned table that is in use cannot be built concurrently as a whole: each partition gets one, and it becomes part of that of the table, which counts
 * when all have theirs.
 *
 * @param attached - partitions that have theirs already, where an earlier run was interrupted. @default - there is no such index yet
 */
export function buildOnPartitions(target: TableTarget, index: PartitionedIndex, fields: Pick<Change, 'kind' | 'reason' | 'summary'>, attached?: readonly string[]): Difference[] {
  const { place, table } = target;
  const { name, columns, unique, where, key } = index;
  const common = { ...at(place), ...fields, action: 'create' } as const;
  const own = qualified(place.schema, table.name);
  const on = `(${identList(columns)})${where === undefined ? '' : ` where ${where}`}`;
  const whole = change({
    ...common, stage: 'outside', lock: key === undefined ? 'Share' : 'AccessExclusive',
    sql: key === undefined ? [notOfAnotherTable({ place, table }, name), `create ${unique ? 'unique ' : ''}index if not exists ${ident(name)} on only ${own} ${on}`] : `alter table only ${own} add constraint ${ident(name)} ${key} (${identList(columns)})`,
  });
  // One that is made meanwhile gets its part with all else that its table has.
  const parts = partsOf(target, attached === undefined).filter((part) => attached?.includes(part.name) !== true).map(({ name: part, isDivided }) => {
    const [other, partIndex] = [qualified(place.schema, part), objectName(part, ...columns, key === undefined ? 'idx' : key === 'unique' ? 'key' : 'pkey')];
    const concurrently = isDivided ? '' : 'concurrently ';
    const attach = `alter index ${qualified(place.schema, name)} attach partition ${qualified(place.schema, partIndex)}`;
    const drop = [notOfAnotherTable({ place, table: { ...table, name: part } }, partIndex), `drop index ${concurrently}if exists ${qualified(place.schema, partIndex)}`];
    const build = `create ${unique ? 'unique ' : ''}index ${concurrently}${ident(partIndex)} on ${other} ${on}`;
    const sql = key === undefined ? [...drop, build, attach]
      : isDivided ? [`alter table ${other} drop constraint if exists ${ident(partIndex)}`, `alter table ${other} add constraint ${ident(partIndex)} ${key} (${identList(columns)})`, attach]
        : [`alter table ${other} drop constraint if exists ${ident(partIndex)}`, ...drop, build, `alter table ${other} add constraint ${ident(partIndex)} ${key} using index ${ident(partIndex)}`, attach];
    return change({ ...common, summary: `${fields.summary}, in ${part}`, stage: 'outside', lock: key === undefined && !isDivided ? 'ShareUpdateExclusive' : 'AccessExclusive', hazard: 'scan', sql });
  });
  return [...(attached === undefined ? [whole] : []), ...parts];
}

/**
 * A foreign key of a partitioned table that is in use: PostgreSQL knows NOT VALID there from 18 on only. Each partition gets one, which is validated while others write; that of
 * the table then takes them over without reading a row.
 */
export function addToPartitions(target: TableTarget, { name }: ShapeForeignKey, foreignKey: string, summary: string, reason: string): Difference[] {
  const { place, table } = target;
  const common = { ...at(place), kind: 'constraint', actor: 'maintainer', stage: 'after', reason } as const;
  const parts = partsOf(target).flatMap(({ name: part, isDivided }) => {
    const alter = `alter table ${qualified(place.schema, part)}`;
    const again = `${alter} drop constraint if exists ${ident(name)}`;
    return [
      change({ ...common, action: 'create', lock: 'ShareRowExclusive', ...(isDivided ? { hazard: 'scan' } : {}), summary: `${summary}, in ${part}`, sql: [again, `${alter} add constraint ${ident(name)} ${foreignKey}${isDivided ? '' : ' not valid'}`] }),
      ...(isDivided ? [] : [change({ ...common, action: 'validate', lock: 'ShareUpdateExclusive', hazard: 'scan', summary: `validate ${name} on ${part}`, sql: `${alter} validate constraint ${ident(name)}` })]),
    ];
  });
  return [...parts, change({ ...common, action: 'create', lock: 'ShareRowExclusive', summary, sql: `alter table ${qualified(place.schema, table.name)} add constraint ${ident(name)} ${foreignKey}` })];
}
