import { LIBRARY_SCHEMA, TENANT_ID } from '../../../declaration/names';
import type { Declaration } from '../../../declaration/schema';
import type { Place } from '../../model/place';
import type { ShapeColumn, ShapeForeignKey, ShapeTable } from '../../model/shape';
import { ident, identList, literal, qualified } from '../../sql/quote';
import type { DatabaseFacts } from '../facts';
import type { ProbeSession } from '../session';
import { insertOrder } from './order';
import { probeValue, STYLES } from './value';

/** Values by column, as text; null stands for NULL. Columns that take their default are missing. */
export type Values = ReadonlyMap<string, string | null>;

export interface ProbeRow {
  readonly values: Values;
  /** Its physical place, as a condition: in another partition another row may have the same `ctid`. */
  readonly at: string;
}

const PHYSICAL_PLACE = `format('ctid = %L::tid and tableoid = %s', ctid, tableoid)`;

/** The rows of the two tenants in a `tenant` table. A `reference` or `shared` table has one row, which stands for both. */
export interface TenantRows {
  readonly own: ProbeRow;
  readonly foreign: ProbeRow;
  /** One more row for the own tenant, and one for the other, not inserted. */
  readonly next: Values;
  readonly planted: Values;
}

export interface Problem {
  readonly problem: string;
  readonly remedy: string;
}

export class ProbeRows {
  readonly rows = new Map<string, TenantRows>();
  readonly problems = new Map<string, Problem>();
}

/** Why a table gets no rows. */
class Impossible extends Error {
  constructor(readonly problem: Problem) {
    super(problem.problem);
  }
}

export interface RowsOptions {
  readonly declaration: Declaration;
  readonly place: Place;
  readonly facts: DatabaseFacts;
  readonly own: string;
  readonly foreign: string;
  readonly seed: string;
  /** Rows of the reference tables, where those lie in another place. */
  readonly reference?: ProbeRows;
}

/** Inserts a row for each of two tenants into every table of a place, as the maintainer, those that are referenced first. */
export async function insertRows(session: ProbeSession, options: RowsOptions): Promise<ProbeRows> {
  const made = new ProbeRows();
  const { place, facts, reference } = options;
  if (place.schema === LIBRARY_SCHEMA) return made;
  await session.client.query(`set local role ${ident(place.maintainer)}`);
  for (const { table, open } of insertOrder(place.tables)) {
    try {
      const there = facts.table(place.schema, table.name);
      if (there === undefined) throw new Impossible({ problem: 'The table is not there.', remedy: 'Apply first: tenantry bootstrap apply.' });
      const unknown = there.triggers.filter((name) => place.definitions.triggers.get(table.name)?.some((trigger) => trigger.name === name) !== true);
      if (unknown.length > 0 && table.tenancy !== 'reference') {
        throw new Impossible({ problem: `Probe rows would fire ${unknown.join(', ')}, whose effects are not known to this library.`, remedy: `Drop the triggers and rules of ${table.name}, or verify a copy of the database without them.` });
      }
      made.rows.set(table.name, await new RowMaker(session, options, table, open, made, reference).make());
    } catch (error) {
      if (!(error instanceof Impossible)) throw error;
      made.problems.set(table.name, error.problem);
    }
  }
  return made;
}

class RowMaker {
  constructor(
    private readonly session: ProbeSession, private readonly options: RowsOptions, private readonly table: ShapeTable, private readonly open: ReadonlySet<ShapeForeignKey>,
    private readonly made: ProbeRows, private readonly reference: ProbeRows | undefined,
  ) {}

  private get name(): string {
    return qualified(this.options.place.schema, this.table.name);
  }

  async make(): Promise<TenantRows> {
    if (this.table.tenancy !== 'tenant') return this.single();
    const { own, foreign } = this.options;
    return this.inStyles(async (style) => {
      const [mine, theirs, next, planted] = await Promise.all([
        this.values('own', own, style), this.values('foreign', foreign, style), this.values('next', own, style), this.values('planted', foreign, style),
      ]);
      const [first, second] = this.hasTriggers ? [...await this.insertWithin(own, mine), ...await this.insertWithin(foreign, theirs)] : await this.insert([mine, theirs]);
      return { own: { values: mine, at: first ?? '' }, foreign: { values: theirs, at: second ?? '' }, next, planted };
    });
  }

  /** A row that is there, or else a new one. */
  private async single(): Promise<TenantRows> {
    const columns = this.table.columns.map(({ name }) => `t.${ident(name)}::text as ${ident(name)}`);
    const { rows: [found] } = await this.session.client.query(`select ${PHYSICAL_PLACE} as "at ", ${columns.join(', ')} from ${this.name} t limit 1`);
    const plain = this.table.columns.filter(({ generated }) => generated === undefined);
    const row: ProbeRow = found !== undefined
      ? { values: new Map(plain.map(({ name }) => [name, found[name] as string | null])), at: found['at '] }
      : await this.inStyles(async (style) => {
          const values = await this.values('single', undefined, style);
          const [at = ''] = await this.insert([values]);
          return { values, at };
        });
    const next = await this.inStyles((style) => this.values('next', undefined, style)).catch((error: unknown) => {
      if (error instanceof Impossible) return row.values;
      throw error;
    });
    return { own: row, foreign: row, next, planted: next };
  }

  /** Tries other ways to write texts and numbers when a check refuses the first. */
  private async inStyles<T>(insert: (style: number) => Promise<T>): Promise<T> {
    for (let style = 0; ; style++) {
      await this.session.client.query('savepoint tenantry_row');
      try {
        return await insert(style);
      } catch (error) {
        if (error instanceof Impossible) throw error;
        const { code, constraint } = error as Error & { code?: string; constraint?: string };
        if (code === undefined) throw error;
        await this.session.client.query('rollback to savepoint tenantry_row');
        if (code === '23514' && style + 1 < STYLES) continue;
        throw new Impossible(this.refused(code, constraint));
      } finally {
        await this.session.client.query('release savepoint tenantry_row').catch(() => undefined);
      }
    }
  }

  private refused(code: string, constraint: string | undefined): Problem {
    const { name } = this.table;
    const by = constraint === undefined ? '' : ` by ${constraint}`;
    if (code === '23505') return { problem: `A row of a new tenant was refused (SQLSTATE 23505)${by}: the key holds across tenants, or the column has too few values.`, remedy: `Make ${constraint ?? 'the key'} begin with ${TENANT_ID}, or give example values that differ.` };
    return { problem: `No probe row can be made: it was refused with SQLSTATE ${code}${by}.`, remedy: `Give an example to the columns of ${name} that ${constraint ?? 'the refusal'} is about: tables.${name}.columns.<column>.example.` };
  }

  private async values(variant: string, tenant: string | undefined, style: number): Promise<Values> {
    const { table } = this;
    const values = new Map<string, string | null>();
    for (const key of table.foreignKeys) this.referTo(key, tenant, values);
    if (tenant !== undefined) values.set(TENANT_ID, tenant);
    const keyed = new Set(table.keys.flatMap(({ columns }) => columns).concat(table.indexes.filter(({ unique }) => unique).flatMap(({ columns }) => columns)));
    for (const column of table.columns) {
      if (column.generated !== undefined || values.has(column.name)) continue;
      const example = this.options.declaration.tables[table.name]?.columns[column.name]?.example;
      if (example !== undefined) values.set(column.name, await this.evaluate(column, example));
      else if (keyed.has(column.name) || (column.notNull && column.default === undefined)) values.set(column.name, this.valueOf(column, variant, style));
    }
    return values;
  }

  private valueOf(column: ShapeColumn, variant: string, style: number): string {
    const value = probeValue(column.domain?.base ?? column.type, `${this.options.seed}.${this.table.name}.${column.name}.${variant}`, style);
    if (value !== undefined) return value;
    throw new Impossible({ problem: `No value of type ${column.type} can be made for ${column.name}.`, remedy: `Give tables.${this.table.name}.columns.${column.name} an example.` });
  }

  private referTo(key: ShapeForeignKey, tenant: string | undefined, values: Map<string, string | null>): void {
    if (this.open.has(key)) {
      for (const column of key.columns) if (column !== TENANT_ID && this.table.columns.some(({ name, notNull }) => name === column && !notNull)) values.set(column, null);
      return;
    }
    if (key.target === this.table.name) {
      throw new Impossible({ problem: `Every row must reference another row of ${key.target}, so that there can be no first one.`, remedy: `Make ${key.columns.filter((column) => column !== TENANT_ID).join(', ')} nullable.` });
    }
    const target = (this.made.rows.get(key.target) ?? this.reference?.rows.get(key.target));
    if (target === undefined) {
      throw new Impossible({ problem: `It references ${key.target}, for which no probe row was made.`, remedy: `See what is said about ${key.target}.` });
    }
    const row = tenant === this.options.foreign ? target.foreign : target.own;
    key.columns.forEach((column, i) => {
      const value = row.values.get(key.targetColumns[i] ?? '');
      if (column !== TENANT_ID) values.set(column, value ?? null);
    });
  }

  /** By the extended protocol, which takes one statement only, and in brackets: an example is an expression and nothing else. */
  private async evaluate(column: ShapeColumn, example: string): Promise<string | null> {
    try {
      const { rows: [row] } = await this.session.client.query({ text: `select (${example})::${column.domain?.base ?? column.type}::text as value`, queryMode: 'extended' } as { text: string });
      return row?.value ?? null;
    } catch (error) {
      const { code } = error as Error & { code?: string };
      if (code === undefined) throw error;
      await this.session.client.query('rollback to savepoint tenantry_row').catch(() => undefined);
      throw new Impossible({ problem: `The example of ${column.name} is not a value: SQLSTATE ${code}.`, remedy: `Correct tables.${this.table.name}.columns.${column.name}.example.` });
    }
  }

  private get hasTriggers(): boolean {
    return this.options.place.definitions.triggers.has(this.table.name);
  }

  /** Within the tenant, as an application would: what triggers write beside the row takes its tenant from there. */
  private async insertWithin(tenant: string, values: Values): Promise<string[]> {
    const { session, options: { place } } = this;
    const enter = (context: string): Promise<unknown> => session.client.query(session.entering(place.maintainer, context).join('; '));
    await enter(tenant);
    const [at = ''] = await this.insert([values]);
    await enter('');
    return [at];
  }

  private async insert(rows: readonly Values[]): Promise<string[]> {
    const columns = [...(rows[0] as Values).keys()];
    const { rows: made } = await this.session.client.query(`insert into ${this.name} (${identList(columns)}) values ${rows.map((values) => tuple(this.table, columns, values)).join(', ')} returning ${PHYSICAL_PLACE} as at`);
    return made.map(({ at }) => at as string);
  }
}

/** `(value, …)` with each value as its column's type. */
export function tuple(table: ShapeTable, columns: readonly string[], values: Values): string {
  return `(${columns.map((column) => constant(table, column, values.get(column) ?? null)).join(', ')})`;
}

export function constant(table: ShapeTable, column: string, value: string | null): string {
  if (value === null) return 'null';
  const found = table.columns.find(({ name }) => name === column);
  // A role need not have the schema in reach in which a domain lies.
  const type = found?.domain?.base ?? found?.type;
  return `${literal(value)}${type === undefined ? '' : `::${type}`}`;
}
