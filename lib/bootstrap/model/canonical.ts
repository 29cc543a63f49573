import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { ident, identList } from '../sql/quote';
import { canonicalPolicies } from './canonical-policies';
import { canonicalPublications, TwinDomains } from './canonical-objects';
import { LIBRARY_TABLES } from './library';
import type { DatabaseObjects } from './objects';
import { one } from './one-statement';
import { type ShapeColumn, type ShapeTable, TENANT_FLOOR } from './shape';
import { FLOOR_FUNCTIONS } from './tenant-context';

/** Shapes whose types and expressions stand as this server prints them, so that they can be compared with its catalog letter by letter. */
export interface CanonicalForms {
  readonly tables: readonly ShapeTable[];
  readonly libraryTables: readonly ShapeTable[];
  readonly floor: string;
  /** @default - neither domains nor publications are declared */
  readonly objects?: DatabaseObjects;
}

/** Forms of a declaration that was canonicalised before, together with the library's own: what is written in the same way has the same form. */
export interface KnownForms {
  readonly shape: readonly ShapeTable[];
  readonly floor: string;
  readonly forms: CanonicalForms;
  /** Whether domains are declared, of which columns may be. */
  readonly withObjects: boolean;
}

/** Identifies what was canonicalised: the declared shapes, and the library's own. */
export const formsDigest = (tables: readonly ShapeTable[], objects?: DatabaseObjects, floor = TENANT_FLOOR): string =>
  createHash('sha256').update(JSON.stringify([tables, LIBRARY_TABLES, floor, ...(objects === undefined ? [] : [objects])])).digest('hex');

/**
 * Asks the server for its own form of every type and expression: each is created on an empty twin table and read back, in a transaction
 * that is rolled back. What was read back is asked for again until it stays the same, because PostgreSQL prints some expressions in a form
 * that it reads as another one (`varchar IN (…)`), and what a dump restores must still be equal.
 *
 * @throws TenantryError (`input`) when the server does not accept an expression, with its place in the declaration
 */
export async function canonicalise(client: Client, tables: readonly ShapeTable[], objects?: DatabaseObjects, floor = TENANT_FLOOR, known?: KnownForms): Promise<CanonicalForms> {
  await client.query('begin; set local search_path = pg_catalog');
  try {
    return {
      ...await declaredForms(client, tables, objects, known),
      libraryTables: known?.forms.libraryTables ?? await settle(LIBRARY_TABLES, (shapes, round) => twinsOf(client, shapes, `tenantry_library_twin_${round}`)),
      floor: known?.floor === floor ? known.forms.floor : await settle(floor, (current, round) => floorOf(client, current, `tenantry_floor_twin_${round}`)),
    };
  } finally {
    await client.query('rollback');
  }
}

async function declaredForms(client: Client, tables: readonly ShapeTable[], objects: DatabaseObjects | undefined, known: KnownForms | undefined): Promise<Pick<CanonicalForms, 'tables' | 'objects'>> {
  const twins = (shapes: readonly ShapeTable[]): Promise<readonly ShapeTable[]> => settle(shapes, (current, round) => twinsOf(client, current, `tenantry_twin_${round}`));
  if (objects === undefined) {
    const there = new Map(known === undefined || known.withObjects ? [] : known.shape.map((table, i) => [tableText(table), known.forms.tables[i]]));
    const found = tables.map((table) => withPolicies(there.get(tableText(table)), table));
    const asked = await twins(tables.filter((_table, i) => found[i] === undefined));
    let next = 0;
    return { tables: await canonicalPolicies(client, found.map((form) => form ?? asked[next++] as ShapeTable)) };
  }
  const domains = await settle(objects.domains, async (current) => (await TwinDomains.create(client, { ...objects, domains: current })).read(client));
  const twinDomains = await TwinDomains.create(client, { ...objects, domains });
  const inTwins = await canonicalPolicies(client, await twins(tables.map((table) => twinDomains.onTwin(table))));
  const inPlace = inTwins.map((table) => twinDomains.inPlace(table));
  const publications = await settle(objects.publications, (current, round) => canonicalPublications(client, current, inPlace, round));
  return { tables: inPlace, objects: { ...objects, domains: domains.map((domain) => twinDomains.domainInPlace(domain)), publications } };
}

/** Conditions of policies may be about other tables too, and rows are no form. */
const tableText = ({ policies: _policies, rows: _rows, ...table }: ShapeTable): string => JSON.stringify(table);
function withPolicies(form: ShapeTable | undefined, { policies, rows }: ShapeTable): ShapeTable | undefined {
  if (form === undefined) return undefined;
  const { policies: _former, ...table } = form;
  return { ...table, ...(policies === undefined ? {} : { policies }), rows };
}

const MOST_ROUNDS = 5;

async function settle<T>(form: T, ask: (form: T, round: number) => Promise<T>): Promise<T> {
  let current = form;
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const next = await ask(current, round);
    if (JSON.stringify(next) === JSON.stringify(current)) return next;
    current = next;
  }
  throw new TenantryError('failed', {
    code: 'declaration/expression', problem: `PostgreSQL prints one of the declared expressions in another form each time, also after ${MOST_ROUNDS} rounds.`, fix: 'Write the expression in a simpler form.',
  });
}

async function twinsOf(client: Client, tables: readonly ShapeTable[], prefix: string): Promise<ShapeTable[]> {
  const twins: ShapeTable[] = [];
  for (const table of tables) twins.push(await twinOf(client, table, `${prefix}_${twins.length}`));
  return twins;
}

async function twinOf(client: Client, table: ShapeTable, name: string): Promise<ShapeTable> {
  const twin = `pg_temp.${name}`;
  const at = `tables.${table.name}`;
  const backfills = table.columns.flatMap(({ name: column, backfill }) => (backfill === undefined ? [] : [[column, backfill] as const]));
  const added = (column: ShapeColumn): boolean => column.generated !== undefined || column.default !== undefined;
  await one(client, `create temporary table ${name} (${table.columns.filter((column) => !added(column)).map((column) => `${ident(column.name)} ${column.type}`).join(', ')})`, at, '');
  // Added to a table that is there, as a later apply would do: the server notes a default that is the same for all rows as the missing value.
  for (const column of table.columns) {
    if (column.default !== undefined) await addWithDefault(client, twin, column, column.default, `${at}.columns.${column.name}.default`);
  }
  for (const column of table.columns) {
    if (column.generated !== undefined) await one(client, `alter table ${twin} add column ${ident(column.name)} ${column.type} generated always as (${column.generated}) stored`, `${at}.columns.${column.name}.generated`, column.generated);
  }
  for (const [column, backfill] of backfills) {
    const of = `${at}.columns.${column}.backfill`;
    // Between brackets of its own it must be one expression; as an argument of coalesce alone, what closes the bracket early could go on with another assignment.
    await one(client, `alter table ${twin} add check ((${backfill}) is null)`, of, backfill);
    await one(client, `alter table ${twin} add check (coalesce(${ident(column)}, (${backfill})) is null)`, of, backfill);
  }
  for (const check of table.checks) await one(client, `alter table ${twin} add constraint ${ident(check.name)} check (${check.expression})`, `${at}: check ${check.name}`, check.expression);
  for (const index of table.indexes) {
    if (index.where !== undefined) await one(client, `create index ${ident(index.name)} on ${twin} (${identList(index.columns)}) where ${index.where}`, `${at}: index ${index.name}`, index.where);
  }
  const read = await readTwin(client, twin);
  await client.query(`drop table ${twin}`);
  assertNothingElse(table, read, at);
  return {
    ...table,
    columns: table.columns.map((column) => canonicalColumn(column, read.columns.get(column.name))),
    checks: table.checks.map((check) => ({ ...check, expression: read.checks.get(check.name) ?? check.expression })),
    indexes: table.indexes.map((index) => (index.where === undefined ? index : { ...index, where: read.indexes.get(index.name) ?? index.where })),
  };
}

/** Adding evaluates a default that is the same for all rows; one that cannot be evaluated here and now, such as a setting, is for new rows only. */
async function addWithDefault(client: Client, twin: string, column: ShapeColumn, expression: string, at: string): Promise<void> {
  const add = `alter table ${twin} add column ${ident(column.name)} ${column.type}`;
  await client.query('savepoint added');
  try {
    await client.query({ text: `${add} default ${expression}`, queryMode: 'extended' } as { text: string });
  } catch {
    await client.query('rollback to savepoint added');
    await one(client, add, at, '');
    await one(client, `alter table ${twin} alter column ${ident(column.name)} set default ${expression}`, at, expression);
  }
}

function canonicalColumn(column: ShapeColumn, found: ReadColumn | undefined): ShapeColumn {
  if (found === undefined) return column;
  const { default: _default, defaultPerRow: _perRow, generated: _generated, ...rest } = column;
  const { type, expression, hasMissing } = found;
  if (expression === null) return { ...rest, type };
  return column.generated === undefined ? { ...rest, type, default: expression, ...(hasMissing ? {} : { defaultPerRow: true }) } : { ...rest, type, generated: expression };
}

interface ReadColumn {
  readonly type: string;
  readonly expression: string | null;
  readonly hasMissing: boolean;
}

interface ReadTwin {
  readonly columns: ReadonlyMap<string, ReadColumn>;
  readonly checks: ReadonlyMap<string, string>;
  readonly indexes: ReadonlyMap<string, string>;
}

async function readTwin(client: Client, twin: string): Promise<ReadTwin> {
  const { rows: columns } = await client.query(
    `select attname as name, format_type(atttypid, atttypmod) as type, pg_get_expr(adbin, adrelid) as expression, atthasmissing as "hasMissing"
       from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum where attrelid = $1::regclass and attnum > 0 and not attisdropped`, [twin]);
  const { rows: checks } = await client.query(`select conname as name, pg_get_expr(conbin, conrelid) as expression from pg_constraint where conrelid = $1::regclass and contype = 'c'`, [twin]);
  const { rows: indexes } = await client.query('select relname as name, pg_get_expr(indpred, indrelid) as expression from pg_index join pg_class on oid = indexrelid where indrelid = $1::regclass', [twin]);
  return {
    columns: new Map(columns.map((row) => [row.name, row])),
    checks: new Map(checks.map((row) => [row.name, row.expression])),
    indexes: new Map(indexes.map((row) => [row.name, row.expression])),
  };
}

/** An expression that closes its bracket early could bring a column or a constraint of its own. */
function assertNothingElse(table: ShapeTable, read: ReadTwin, at: string): void {
  if (read.columns.size === table.columns.length && read.checks.size === table.checks.length + 2 * table.columns.filter(({ backfill }) => backfill !== undefined).length) return;
  throw new TenantryError('input', {
    code: 'declaration/expression', at, problem: 'One of the expressions of this table is more than one expression: it adds columns or constraints of its own.',
    fix: 'Look for a bracket that is closed too early in its defaults, checks and generated columns.',
  });
}

async function floorOf(client: Client, floor: string, twin: string): Promise<string> {
  const called = FLOOR_FUNCTIONS.find(({ call, twin: stand }) => floor.includes(call) || floor.includes(stand));
  if (called !== undefined) await client.query(`create or replace function ${called.twin}${called.arguments}) returns uuid stable language sql as 'select null::uuid'`);
  await client.query(`create temporary table ${twin} (tenant_id uuid); create policy floor on pg_temp.${twin} using (${called === undefined ? floor : floor.replaceAll(called.call, called.twin)})`);
  const { rows } = await client.query('select pg_get_expr(polqual, polrelid) as floor from pg_policy where polrelid = $1::regclass', [`pg_temp.${twin}`]);
  return called === undefined ? rows[0].floor : rows[0].floor.replaceAll(called.twin, called.call);
}
