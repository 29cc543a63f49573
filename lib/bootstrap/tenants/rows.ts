import type { Client } from 'pg';
import { homeDatabase, homeSchema, TENANT_ID, tenantPlace } from '../../declaration/names';
import type { Isolation } from '../../declaration/types';
import { type ShapeTable, TENANT_SETTING } from '../model/shape';
import { ident, identList, literal, qualified } from '../sql/quote';
import { insertOrder } from '../verify/probe/order';

/** Where the rows of a tenant are. */
export interface RowPlace {
  readonly isolation: Isolation;
  readonly database: string;
  readonly schema: string;
}

export const rowPlaceOf = (declaration: string, key: string, isolation: Isolation): RowPlace => ({
  isolation,
  database: isolation === 'database' ? tenantPlace(declaration, key) : homeDatabase(declaration),
  schema: isolation === 'schema' ? tenantPlace(declaration, key) : homeSchema(declaration),
});

/** A table that holds rows of tenants, as they are copied. */
export interface RowTable {
  readonly name: string;
  /** Without those that the server computes. */
  readonly columns: readonly string[];
  readonly key: readonly string[];
  /** Columns of foreign keys in a circle of tables: null until the rows that they reference are there. */
  readonly open: readonly string[];
  /** Whether rows reference rows of the same table: they come and go in one statement. */
  readonly isRecursive: boolean;
}

/** The tables of tenants, each behind those that it references. */
export const rowTables = (tables: readonly ShapeTable[]): RowTable[] => insertOrder(tables.filter(({ tenancy }) => tenancy === 'tenant')).map(({ table, open }) => ({
  name: table.name,
  columns: table.columns.filter(({ generated }) => generated === undefined).map(({ name }) => name),
  key: table.keys.find(({ primary }) => primary)?.columns ?? [],
  open: [...new Set([...open].filter(({ target }) => target !== table.name).flatMap((key) => key.setNullColumns))],
  isRecursive: table.foreignKeys.some(({ target }) => target === table.name),
}));

/** What a table holds of a tenant: equal for equal rows, whatever their order, place and server. */
export interface TableDigest {
  readonly rows: number;
  /** Over the text of all columns that are copied. */
  readonly digest: string;
  /** Those columns: an apply may add others before an interrupted run goes on. @default - a run of an older version wrote it down; all that there are */
  readonly columns?: readonly string[];
}
export type Digests = Readonly<Record<string, TableDigest>>;

export const sameRows = (a: TableDigest | undefined, b: TableDigest | undefined): boolean => a !== undefined && b !== undefined && a.rows === b.rows && a.digest === b.digest;

/** Settings that rows are printed by, and that a step may take its time. As the maintainer, who alone sees the rows, and in the context of the tenant. */
export const asMaintainer = (maintainer: string, tenantId: string): string => `set local role ${ident(maintainer)}; set local extra_float_digits = 1; set local bytea_output = 'hex'; set local xmlbinary = 'base64';
  set local idle_in_transaction_session_timeout = 0; select set_config('${TENANT_SETTING}', ${literal(tenantId)}, true)`;

export const ofTenant = (tenantId: string): string => `${ident(TENANT_ID)} = ${literal(tenantId)}`;

/**
 * The digest of each table.
 *
 * @param where - which rows; all of them in a place that is the tenant's alone, so that nothing else in it goes unnoticed
 * @param known - what it will be compared with
 */
export async function digestsOf(client: Client, schema: string, tables: readonly RowTable[], where: string, known: Digests = {}): Promise<Digests> {
  const found: Record<string, TableDigest> = {};
  for (const table of tables) found[table.name] = await digestOf(client, schema, table, where, known[table.name]);
  return found;
}

export async function digestOf(client: Client, schema: string, { name, columns: all }: RowTable, where: string, known?: TableDigest): Promise<TableDigest> {
  const columns = known?.columns ?? all;
  const part = (from: number): string => `coalesce(sum(substring(bits from ${from} for 64)::bigint), 0)::text`;
  // Without OFFSET the server would hash each row once for each of the three sums.
  const { rows: [row] } = await client.query<{ rows: string; digest: string }>(`
    select count(*) as rows, encode(sha256(convert_to(concat_ws(':', count(*), ${part(1)}, ${part(65)}, ${part(129)}), 'UTF8')), 'hex') as digest
      from (select ('x' || encode(substr(sha256(convert_to(row(${identList(columns)})::text, 'UTF8')), 1, 24), 'hex'))::bit(192) as bits from ${qualified(schema, name)} where ${where} offset 0) hashed`);
  return { rows: Number(row?.rows ?? 0), digest: row?.digest ?? '', columns };
}

/** Which versions of which rows tables hold, by table. */
export type Versions = ReadonlyMap<string, string>;

/**
 * Where a table's are the same as before, nobody wrote to it since, so that its rows need not be hashed again: that is ten times as dear. To be compared within
 * one run alone: a table that is rewritten has others, and in the long run the numbers of transactions come round.
 */
export async function versionsOf(client: Client, schema: string, tables: readonly Pick<RowTable, 'name'>[], where: string): Promise<Versions> {
  const found = new Map<string, string>();
  for (const { name } of tables) {
    const { rows: [row] } = await client.query<{ versions: string }>(`select concat_ws(':', count(*), sum(hash_record_extended(row(tableoid, ctid, xmin), 0))) as versions from ${qualified(schema, name)} where ${where}`);
    found.set(name, row?.versions ?? '');
  }
  return found;
}

export const totalRows = (digests: Digests): number => Object.values(digests).reduce((sum, { rows }) => sum + rows, 0);

/** Runs `work` in one transaction, which is rolled back when it throws. */
export async function transaction<T>(client: Client, begin: string, work: () => Promise<T>): Promise<T> {
  try {
    await client.query(begin);
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
