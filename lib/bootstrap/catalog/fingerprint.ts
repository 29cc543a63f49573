import type { Client } from 'pg';

/**
 * A fingerprint counts rows of the catalog and sums up hashes of their `xmin`. Whatever changes a row gives it another one: where a fingerprint is equal to an
 * earlier one, nothing was changed in between. They can be added and subtracted.
 */
export interface Fingerprint {
  readonly rows: bigint;
  readonly sum: bigint;
}

export const NO_ROWS: Fingerprint = { rows: 0n, sum: 0n };
export const minus = (a: Fingerprint, b: Fingerprint): Fingerprint => ({ rows: a.rows - b.rows, sum: a.sum - b.sum });
export const isSame = (a: Fingerprint, b: Fingerprint): boolean => a.rows === b.rows && a.sum === b.sum;
export const textOf = ({ rows, sum }: Fingerprint): string => `${rows}.${sum}`;

/** Reads what `textOf` made. Anything else is like nothing that is there. */
export function parseFingerprint(text: string): Fingerprint {
  const [, rows = '-1', sum = '0'] = /^(\d+)\.(-?\d+)$/.exec(text) ?? [];
  return { rows: BigInt(rows), sum: BigInt(sum) };
}

/** initdb made the others. Theirs has no age, and what takes their place has one. */
const isMade = (xmin: string): string => `${xmin} <> '1'::xid and ${xmin} <> '2'::xid`;

/** Of one row: a hash of its xmin and of what tells it apart. Numbers by themselves could be added up in two ways: a transaction that began early ends late. */
const print = (xmin: string, oid: string): string => `hashint8extended(((select age('3'::xid)::bigint) - age(${xmin})) & 4294967295, (${oid})::bigint)`;

interface Catalog {
  readonly name: string;
  /** What tells its rows apart. */
  readonly oid: string;
  readonly where?: string;
}

/** Rows of relations, by the column that names the relation. */
const OF_RELATIONS: readonly (Catalog & { readonly relation: string })[] = [
  { name: 'pg_attribute', oid: 'c.attrelid::bigint * 65536 + c.attnum', relation: 'attrelid' },
  { name: 'pg_attrdef', oid: 'c.oid', relation: 'adrelid' },
  { name: 'pg_constraint', oid: 'c.oid', relation: 'conrelid', where: 'c.conrelid <> 0' },
  { name: 'pg_index', oid: 'c.indexrelid', relation: 'indrelid' },
  { name: 'pg_policy', oid: 'c.oid', relation: 'polrelid' },
  { name: 'pg_trigger', oid: 'c.oid', relation: 'tgrelid' },
  { name: 'pg_rewrite', oid: 'c.oid', relation: 'ev_class' },
  { name: 'pg_inherits', oid: 'c.inhrelid', relation: 'inhrelid' },
  { name: 'pg_inherits', oid: 'c.inhrelid', relation: 'inhparent' },
  { name: 'pg_partitioned_table', oid: 'c.partrelid', relation: 'partrelid' },
  { name: 'pg_sequence', oid: 'c.seqrelid', relation: 'seqrelid' },
  { name: 'pg_description', oid: 'c.objoid::bigint * 65536 + c.objsubid', relation: 'objoid', where: "c.classoid = 'pg_catalog.pg_class'::regclass" },
];

/** Rows that lie in a schema themselves, or are printed with what does, by what names it. Types of rows and arrays come and go with what they are of. */
const OF_SCHEMAS: readonly (Catalog & { readonly schema: string })[] = [
  { name: 'pg_namespace', oid: 'c.oid', schema: 'c.oid' },
  { name: 'pg_description', oid: 'c.objoid', schema: 'c.objoid', where: "c.classoid = 'pg_catalog.pg_namespace'::regclass" },
  { name: 'pg_proc', oid: 'c.oid', schema: 'c.pronamespace' },
  { name: 'pg_type', oid: 'c.oid', schema: 'c.typnamespace', where: 'c.typrelid = 0 and c.typelem = 0' },
  { name: 'pg_constraint', oid: 'c.oid', schema: 'c.connamespace', where: 'c.conrelid = 0' },
  { name: 'pg_enum', oid: 'c.oid', schema: '(select t.typnamespace from pg_catalog.pg_type t where t.oid = c.enumtypid)' },
  { name: 'pg_language', oid: 'c.oid', schema: "'pg_catalog'::regnamespace" },
  // What an extension was given, or gave back.
  { name: 'pg_depend', oid: 'c.objid', schema: "'pg_catalog'::regnamespace", where: "c.refclassid = 'pg_catalog.pg_extension'::regclass and c.deptype = 'e'" },
  ...([['pg_statistic_ext', 'stx'], ['pg_operator', 'opr'], ['pg_opclass', 'opc'], ['pg_opfamily', 'opf'], ['pg_collation', 'coll'], ['pg_conversion', 'con'], ['pg_extension', 'ext'], ['pg_ts_config', 'cfg'], ['pg_ts_dict', 'dict'], ['pg_ts_parser', 'prs'], ['pg_ts_template', 'tmpl']] as const)
    .map(([name, prefix]) => ({ name, oid: 'c.oid', schema: `c.${prefix}namespace` })),
];

const from = (catalog: Catalog, columns: string, and: string): string => {
  const conditions = [catalog.where, and].filter((condition) => condition !== undefined && condition !== '');
  return `select ${columns} from pg_catalog.${catalog.name} c${conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`}`;
};

/** All of it in the database, whosever it is: the cheapest of all, and whatever is made or changed anywhere makes it another one. */
const DATABASE = `select coalesce(sum(n), 0)::text as rows, coalesce(sum(s), 0)::text as sum from (${[{ name: 'pg_class', oid: 'c.oid' }, ...OF_RELATIONS, ...OF_SCHEMAS]
  .map((catalog) => from(catalog, `count(*) as n, sum(${print('c.xmin', catalog.oid)}) as s`, isMade('c.xmin'))).join(' union all ')}) found`;

/** Stands for all schemas that are not asked about. */
export const OTHERS = '';

/** Of others than those that are asked about only names count, since by those the others are printed: a table that is filled anew, or referenced by a new tenant's, changes nothing for them. */
const ofNameOr = (schema: string, name: string, xmin: string, oid: string): string => `case when ${schema} = '${OTHERS}' then hashtextextended(${name}, (${oid})::bigint) else ${print(xmin, oid)} end`;

const relationsIn = (schemas: string, where: string): string => `select c.oid, s.name as schema, ${ofNameOr('s.name', "c.relnamespace || '.' || c.relname", 'c.xmin', 'c.oid')} as x from pg_catalog.pg_class c join ${schemas} s on s.oid = c.relnamespace where c.relkind not in ('i', 'I', 't')${where}`;

/**
 * Rows of relations, and of their indexes.
 *
 * @param few - whether they are few of those that there are, and better found one by one
 */
const ofThese = (few: boolean): string => `
  select schema, x from relation
  union all select r.schema, ${ofNameOr('r.schema', 'o.name', 'o.xmin', 'o.oid')} from relation r join (${OF_RELATIONS.map((catalog) => from(catalog, `c.${catalog.relation} as relation, ${catalog.name === 'pg_attribute' ? 'c.attname::text' : 'null::text'} as name, c.xmin, (${catalog.oid})::bigint as oid`, few ? `c.${catalog.relation} = any(array(select oid from relation))` : '')).join(' union all ')}) o on o.relation = r.oid
   where o.name is not null or r.schema <> '${OTHERS}'
  union all select r.schema, ${print('i.xmin', 'i.oid')} from relation r join pg_catalog.pg_index x on x.indrelid = r.oid join pg_catalog.pg_class i on i.oid = x.indexrelid where r.schema <> '${OTHERS}'`;

const SUMS = 'select schema, count(*)::text as rows, sum(x)::text as sum from found group by schema';

/** Of each schema in $1, and of all others together, under no name. Temporary objects are their session's alone. */
const SCHEMAS = `
  with place as materialized (select n.oid, case when n.nspname = any($1) then n.nspname::text else '${OTHERS}' end as name from pg_catalog.pg_namespace n where n.nspname !~ '^pg_(temp|toast)'),
  relation as materialized (${relationsIn('place', '')}),
  found as (
    ${ofThese(false)}
    union all select p.name, ${print('o.xmin', 'o.oid')} from place p join (${OF_SCHEMAS.map((catalog) => from(catalog, `${catalog.schema} as schema, c.xmin, ${catalog.oid}::bigint as oid`, '')).join(' union all ')}) o on o.schema = p.oid where ${isMade('o.xmin')})
  ${SUMS}`;

/** Of the tables named in $2 alone, in schemas of tenants and, as others, in the schema $3. */
const TABLES = `
  with place as materialized (select n.oid, case when n.nspname = $3 then '${OTHERS}' else n.nspname::text end as name from pg_catalog.pg_namespace n where n.nspname = any($1) or n.nspname = $3),
  relation as materialized (${relationsIn('place', ' and c.relname = any($2)')}),
  found as (${ofThese(true)})
  ${SUMS}`;

interface Row {
  readonly schema: string;
  readonly rows: string;
  readonly sum: string;
}

const read = ({ rows, sum }: Omit<Row, 'schema'>): Fingerprint => ({ rows: BigInt(rows), sum: BigInt(sum) });
const bySchema = (rows: readonly Row[]): ReadonlyMap<string, Fingerprint> => new Map(rows.map((row) => [row.schema, read(row)]));

export async function fingerprintOfDatabase(client: Client): Promise<Fingerprint> {
  const { rows: [row] } = await client.query<Row>(DATABASE);
  return row === undefined ? NO_ROWS : read(row);
}

/** By schema; of everything else under `OTHERS`. */
export const fingerprintsOfSchemas = async (client: Client, schemas: readonly string[]): Promise<ReadonlyMap<string, Fingerprint>> => bySchema((await client.query<Row>(SCHEMAS, [schemas])).rows);

/** Of some tables in each of the schemas, and of those of the home schema under `OTHERS`. */
export const fingerprintsOfTables = async (client: Client, schemas: readonly string[], tables: readonly string[], home: string): Promise<ReadonlyMap<string, Fingerprint>> =>
  bySchema((await client.query<Row>(TABLES, [schemas, tables, home])).rows);
