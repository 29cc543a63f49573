import { listOf } from '../../core/text';
import { TENANT_ID } from '../../declaration/names';
import type { ColumnInput, IndexInput, SchemaInput, TableInput } from '../../declaration/types';
import { ident } from '../sql/quote';
import { baseOfDomain, declaredType, withoutCast } from './column-type';
import { draftPartitions } from './draft-partitions';
import type { ExistingColumn, ExistingConstraint, ExistingDatabase, ExistingRelation } from './existing';
import { exampleFor, laterColumn } from './example';
import type { Findings } from './finding';
import { declaredName, declaredNames, renameIn } from './names';
import type { ProposedTenancy, TenancyProposal } from './tenancy';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What becomes of a column. */
export interface DraftColumn {
  readonly existing: ExistingColumn;
  readonly name: string;
  /** What the copy casts its values to. */
  readonly cast?: string;
}

/** A table of the draft, and where its rows come from. */
export interface DraftTable {
  readonly existing: ExistingRelation;
  readonly name: string;
  readonly tenancy: ProposedTenancy;
  readonly columns: ReadonlyMap<string, DraftColumn>;
  /** Whether every column, name and type is as it was, so that the table itself could be taken over. */
  readonly same: boolean;
  readonly input: Mutable<Omit<TableInput, 'columns'>> & { readonly columns: Record<string, Mutable<ColumnInput>> };
}

export interface DraftContext {
  readonly existing: ExistingDatabase;
  readonly proposal: TenancyProposal;
  readonly findings: Findings;
  readonly domains: ReadonlyMap<string, string>;
}

/** The domains that columns need, by their keys, with the names that they get. */
export function draftDomains(existing: ExistingDatabase, tables: ReadonlySet<string>): { names: Map<string, string>; input: NonNullable<SchemaInput['domains']> } {
  const used = existing.types.filter((type) => type.kind === 'd' && existing.columns.some((column) => column.ownType === type.key && declaredType(column, existing.types)?.domain === type));
  const names = new Map<string, string>();
  const taken = new Set(tables);
  for (const { key, name } of used) {
    // A name of PostgreSQL's own types would never be looked up as a domain's.
    const declared = declaredName(TYPE_NAMES.has(name.toLowerCase()) ? `${name}_domain` : name, taken);
    taken.add(declared);
    names.set(key, declared);
  }
  const input = Object.fromEntries(used.map((type) => [names.get(type.key) ?? type.name, {
    type: baseOfDomain(type) as 'text',
    ...(type.checks.length === 0 ? {} : { check: type.checks.length === 1 ? type.checks[0] ?? '' : type.checks.map((check) => `(${check})`).join(' and ') }),
    ...(type.notNull ? { nullable: false } : {}),
    ...(type.default === null ? {} : { default: type.default }),
  }]));
  return { names, input };
}

const TYPE_NAMES = new Set(['name', 'char', 'bit', 'time', 'timestamp', 'interval', 'numeric', 'decimal', 'money', 'text', 'xml', 'json', 'jsonb', 'uuid', 'date', 'box', 'point', 'line', 'path', 'circle', 'oid', 'real', 'character']);

/** A table with its columns, keys, checks and indexes; undefined where it cannot be declared. */
export function draftTable(context: DraftContext, relation: ExistingRelation, name: string, tenancy: ProposedTenancy): DraftTable | undefined {
  const { existing, findings, domains } = context;
  const all = existing.columns.filter(({ table }) => table === relation.key);
  const constraints = existing.constraints.filter(({ table }) => table === relation.key);
  const keyed = constraints.filter(({ type }) => type === 'p' || type === 'u');
  const names = columnNames(all, tenancy, keyed);
  const columns = new Map<string, DraftColumn>();
  const input: DraftTable['input'] = { tenancy: tenancy.tenancy, columns: {}, primaryKey: [] };
  for (const column of all) {
    const declared = names.get(column.name);
    const at = `${relation.key}.${column.name}`;
    const type = declared === undefined ? undefined : declaredType(column, existing.types);
    if (declared === undefined) {
      findings.add('difference', 'tenant-id', at, `a column ${TENANT_ID} of type ${column.type}`, `${TENANT_ID} is a uuid that the registry makes, and the library puts it in front of every key`, 'The draft leaves it out; the mapping of tenants in the plan turns old values into new ones.');
      continue;
    }
    if (type === undefined) {
      findings.add('blocker', 'column-type', at, `type ${column.type}${column.ownType === null ? '' : ` (${kindOf(column)})`}`, 'a type that a declaration knows', 'The draft leaves the column out: its values are not taken over. Convert it to one of those types first, or keep it in a table of your own.');
      continue;
    }
    if (type.change !== undefined) findings.add('difference', 'type-replaced', at, `type ${column.type}`, `the draft has ${type.domain === undefined ? type.type : domains.get(type.domain.key)}: ${type.change}`, 'Nothing, where that does not matter; else edit the draft.');
    else if (type.domain !== undefined) findings.add('note', 'domain', at, `domain ${column.type}`, `the draft declares it as ${domains.get(type.domain.key) ?? ''}`, 'Nothing.');
    if (declared !== column.name) findings.add('difference', 'name', at, `the column is called ${JSON.stringify(column.name)}`, `names in lower case; the draft calls it ${declared}`, 'Change the programs that name it.');
    columns.set(column.name, { existing: column, name: declared, ...(type.cast === undefined ? {} : { cast: type.cast }) });
    input.columns[declared] = columnInput(context, column, type, declared, at, names);
  }
  const lists = new Map([...columns].map(([old, column]) => [old, column.name]));
  const key = primaryKey(context, relation, tenancy, keyed, lists, input);
  if (key === undefined) return undefined;
  input.primaryKey = key;
  for (const column of key) delete input.columns[column]?.nullable;
  uniques(context, relation, keyed, lists, tenancy, input);
  checks(context, relation, constraints, lists, all, input);
  indexes(context, relation, lists, input);
  draftPartitions(context, relation, columns, input);
  if (relation.comment !== null) input.comment = relation.comment;
  const same = relation.kind === 'r' && name === relation.name && columns.size === all.length && [...columns.values()].every(({ existing: { name: old, type }, name: declared, cast }) => old === declared && cast === undefined && type !== 'character varying')
    && Object.keys(input.columns).length === all.length;
  return { existing: relation, name, tenancy, columns, same, input };
}

const kindOf = ({ typeKind }: ExistingColumn): string => ({ b: 'a type of its own', c: 'a composite type', d: 'a domain', e: 'an enum', m: 'a multirange', p: 'a pseudo-type', r: 'a range' })[typeKind];

/** `tenant_id` is the library's in a table of tenants. It goes, unless it is a whole key by itself. */
function columnNames(all: readonly ExistingColumn[], { tenancy }: ProposedTenancy, keyed: readonly ExistingConstraint[]): Map<string, string> {
  const alone = keyed.some(({ columns }) => columns.length === 1 && columns[0] === TENANT_ID);
  const names = declaredNames(all.map(({ name }) => name).filter((name) => tenancy !== 'tenant' || name !== TENANT_ID));
  if (tenancy === 'tenant' && alone && all.some(({ name }) => name === TENANT_ID)) names.set(TENANT_ID, declaredName(`former_${TENANT_ID}`, new Set(names.values())));
  if (tenancy === 'tenant') for (const [old, name] of names) if (name === TENANT_ID) names.set(old, `${TENANT_ID}_2`);
  return names;
}

function columnInput({ existing, findings, domains }: DraftContext, column: ExistingColumn, type: NonNullable<ReturnType<typeof declaredType>>, declared: string, at: string, names: ReadonlyMap<string, string>): Mutable<ColumnInput> {
  const input: Mutable<ColumnInput> = { type: type.domain === undefined ? type.type : domains.get(type.domain.key) ?? type.type };
  if (!column.notNull && type.domain?.notNull !== true) input.nullable = true;
  if (type.check !== undefined) input.check = type.check(ident(declared));
  if (column.comment !== null) input.comment = column.comment;
  const { expression } = column;
  if (expression === null) return input;
  const foreign = column.needs.filter((need) => need !== column.type && need !== existing.types.find(({ key }) => key === column.ownType)?.key);
  const text = renameIn(withoutCast(withoutCast(expression, column.type), column.isArray ? column.type : `${column.type}`), names);
  if (column.generated !== '') {
    if (foreign.length > 0) findings.add('difference', 'generated', at, `generated from ${listOf(foreign)}`, 'expressions of built-in functions', 'The draft has it as an ordinary column with the values of now: let a trigger keep it.');
    else {
      if (column.generated === 'v') findings.add('difference', 'generated', at, 'a virtual generated column', 'stored ones: the draft stores it', 'Nothing, but the space that it takes.');
      input.generated = text;
    }
  } else if (column.sequence === null && !/^nextval\(/.test(expression)) {
    if (foreign.some((need) => /(^|\.)uuid_generate_v[14]$/.test(need)) && /^[\w."]*uuid_generate_v[14]\(\)$/.test(expression)) {
      input.default = 'gen_random_uuid()';
      findings.add('note', 'default', at, `default ${expression}`, 'functions of extensions cannot be used in a declaration; the draft has gen_random_uuid()', 'Nothing, unless the order of version 1 matters.');
    } else if (foreign.length > 0) findings.add('difference', 'default', at, `default ${expression}, which needs ${listOf(foreign)}`, 'expressions of built-in functions and types', 'The draft leaves the default out: give one in the draft, or let the application give the value.');
    else input.default = text;
  }
  return input;
}

const mapped = (columns: readonly string[], names: ReadonlyMap<string, string>): string[] | undefined => {
  const list = columns.map((column) => names.get(column));
  return list.every((name) => name !== undefined) ? list : undefined;
};
/** The library puts it in front by itself. */
export const withoutTenantId = (columns: readonly string[], names: ReadonlyMap<string, string>): readonly string[] => (names.has(TENANT_ID) ? columns : columns.filter((column) => column !== TENANT_ID));

function primaryKey({ existing, findings }: DraftContext, { key: at }: ExistingRelation, { tenancy }: ProposedTenancy, keyed: readonly ExistingConstraint[], names: ReadonlyMap<string, string>, input: DraftTable['input']): string[] | undefined {
  const own = keyed.find(({ type }) => type === 'p');
  if (own !== undefined) {
    const list = mapped(tenancy === 'tenant' ? withoutTenantId(own.columns, names) : own.columns, names);
    if (list !== undefined && list.length > 0) return list;
    findings.add('blocker', 'primary-key', at, `primary key (${own.columns.join(', ')}), of which a column cannot be declared`, 'a primary key of declared columns', 'The draft leaves the table out: convert the column first.');
    return undefined;
  }
  const required = new Set(existing.columns.filter(({ table, notNull }) => table === at && notNull).map(({ name }) => name));
  const other = [...keyed.map(({ name, columns }) => ({ name, columns: columns as (string | null)[] })), ...existing.indexes.filter(({ table, unique, where, valid }) => table === at && unique && where === null && valid)]
    .find(({ columns }) => columns.every((column) => column !== null && required.has(column) && names.has(column)));
  if (other !== undefined) {
    findings.add('decision', 'primary-key', at, 'no primary key', 'every table needs one', `The draft makes one of ${other.name} (${other.columns.join(', ')}).`);
    return mapped(other.columns as string[], names);
  }
  const added = declaredName('row_id', new Set(Object.keys(input.columns)));
  input.columns[added] = { type: 'uuid', default: 'gen_random_uuid()' };
  findings.add('decision', 'primary-key', at, 'no primary key, and no unique key of columns that are never null', 'every table needs one', `The draft adds a column ${added}. Choose columns of the table instead where they identify a row.`);
  return [added];
}

function uniques({ findings }: DraftContext, { key: at }: ExistingRelation, keyed: readonly ExistingConstraint[], names: ReadonlyMap<string, string>, { tenancy }: ProposedTenancy, input: DraftTable['input']): void {
  const lists: string[][] = [];
  for (const { name, columns, type, deferrable } of keyed) {
    if (deferrable) findings.add('difference', 'deferrable', `${at}.${name}`, 'a key that is checked at the end of the transaction', 'keys are checked at once', 'Programs that swap values in two statements need another way.');
    const list = type === 'p' ? undefined : mapped(tenancy === 'tenant' ? withoutTenantId(columns, names) : columns, names);
    if (type === 'u' && (list === undefined || list.length === 0)) findings.add('difference', 'unique', `${at}.${name}`, `unique (${columns.join(', ')})`, 'keys of declared columns', 'The draft leaves it out.');
    else if (list !== undefined && list.join() !== input.primaryKey.join() && !lists.some((other) => other.join() === list.join())) lists.push(list);
  }
  if (lists.length > 0) input.unique = lists;
}

function checks({ existing, findings }: DraftContext, { key: at, name: table }: ExistingRelation, constraints: readonly ExistingConstraint[], names: ReadonlyMap<string, string>, all: readonly ExistingColumn[], input: DraftTable['input']): void {
  const found: Record<string, string> = {};
  for (const { name, type, columns, expression, needs, validated } of constraints) {
    const object = `${at}.${name}`;
    if (type === 'x') findings.add('difference', 'exclusion', object, 'an exclusion constraint', 'a declaration has none', 'The draft leaves it out: check in a trigger, or keep the rule in the application.');
    if (type !== 'c' || expression === null) continue;
    const replaced = all.filter((column) => columns.includes(column.name) && names.has(column.name) && column.typeKind === 'e');
    const foreign = needs.filter((need) => !existing.types.some(({ key, kind }) => key === need && kind === 'd'));
    const lost = columns.filter((column) => !names.has(column));
    if (lost.length > 0 || foreign.length > 0 || replaced.length > 0) {
      findings.add('difference', 'check', object, `check ${expression}`, 'conditions of declared columns, built-in functions and types', `The draft leaves it out, because of ${listOf([...lost, ...foreign, ...replaced.map(({ name: column }) => column)])}: write it anew in the draft.`);
      continue;
    }
    if (!validated) findings.add('decision', 'not-valid', object, 'a check that old rows may not meet', 'every row must meet it', 'Validate it, mend the rows, or remove it from the draft: else the copy stops there.');
    const short = declaredName(name).replace(new RegExp(`^${table}_`), '').replace(/_check$/, '');
    found[declaredName(short === '' ? 'check' : short, new Set(Object.keys(found)))] = renameIn(expression, names);
    const [only] = columns;
    const column = columns.length === 1 && only !== undefined ? input.columns[names.get(only) ?? ''] : undefined;
    const example = column?.example === undefined ? exampleFor(expression) : undefined;
    if (column !== undefined && example !== undefined) column.example = example;
    const later = columns.length === 2 ? input.columns[names.get(laterColumn(expression) ?? '') ?? ''] : undefined;
    if (later !== undefined && later.example === undefined && /^(date|timestamp|timestamptz)$/.test(later.type)) later.example = "'2999-12-31'";
  }
  if (Object.keys(found).length > 0) input.checks = found;
}

function indexes({ existing, findings }: DraftContext, { key: at }: ExistingRelation, names: ReadonlyMap<string, string>, input: DraftTable['input']): void {
  const lists: IndexInput[] = [];
  for (const index of existing.indexes.filter(({ table }) => table === at)) {
    const object = `${at}.${index.name}`;
    const plainColumns = index.columns.every((column): column is string => column !== null) ? withoutTenantId(index.columns, names) : undefined;
    const list = plainColumns === undefined ? undefined : mapped(plainColumns, names);
    const why = index.method !== 'btree' ? `an index of method ${index.method}` : plainColumns === undefined ? 'an index of an expression' : list === undefined || list.length === 0 ? 'an index of a column that is not declared'
      : index.special ? 'an index with an order, operators, included columns or a treatment of nulls of its own' : index.where !== null && index.needs.length > 0 ? `a partial index that needs ${listOf(index.needs)}` : !index.valid ? 'an index that is not valid' : undefined;
    if (why !== undefined || list === undefined) {
      findings.add(index.unique ? 'decision' : 'difference', 'index', object, `${index.unique ? 'unique, ' : ''}${why ?? ''}`, 'btree indexes on columns', `The draft leaves it out${index.unique ? ': what it kept unique is not kept so any more' : ''}.`);
    } else if (lists.some(({ columns }) => columns.join() === list.join())) {
      findings.add('difference', 'index', object, `a second index of (${list.join(', ')})`, 'one index of the same columns', 'The draft leaves it out.');
    } else lists.push({ columns: list, ...(index.unique ? { unique: true } : {}), ...(index.where === null ? {} : { where: renameIn(index.where, names) }) });
  }
  if (lists.length > 0) input.indexes = lists;
}
