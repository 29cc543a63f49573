import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { TENANT_ID } from '../../declaration/names';
import { ident } from '../sql/quote';
import { one } from './one-statement';
import { type DatabaseObjects, domainCheckName, type ShapeDomain, type ShapePublication } from './objects';
import type { ShapeColumn, ShapeTable } from './shape';

/**
 * Domains for twin tables: they are made where temporary tables are, and their types are printed there without a schema. What is read back
 * names them with the schema in which they lie.
 */
export class TwinDomains {
  private constructor(private readonly declared: ReadonlyMap<string, { readonly domain: ShapeDomain; readonly name: string; readonly twin: string }>) {}

  /** @throws TenantryError (`input`) when the server does not accept a domain */
  static async create(client: Client, { schema, domains }: DatabaseObjects): Promise<TwinDomains> {
    const declared = new Map<string, { domain: ShapeDomain; name: string; twin: string }>();
    const { rows: taken } = await client.query("select typname::text as name from pg_type where typnamespace = 'pg_catalog'::regnamespace and typname = any($1)", [domains.map(({ name }) => name)]);
    for (const { name } of taken) throw refused(`domains.${name}`, `${JSON.stringify(name)} is the name of a type of PostgreSQL itself.`, 'Choose another name.');
    for (const domain of domains) {
      const at = `domains.${domain.name}`;
      await client.query(`drop domain if exists pg_temp.${ident(domain.name)} cascade`);
      await one(client, `create domain pg_temp.${ident(domain.name)} as ${domain.type}${domain.default === undefined ? '' : ` default ${domain.default}`}`, at, domain.default ?? '');
      if (domain.check !== undefined) await one(client, `alter domain pg_temp.${ident(domain.name)} add constraint ${ident(domainCheckName(domain.name))} check (${domain.check})`, `${at}.check`, domain.check);
      const { rows: [names] } = await client.query('select quote_ident($1) as schema, quote_ident($2) as name', [schema, domain.name]);
      declared.set(domain.name, { domain, name: `${names.schema}.${names.name}`, twin: names.name });
    }
    return new TwinDomains(declared);
  }

  /** As the server prints them. */
  async read(client: Client): Promise<ShapeDomain[]> {
    const { rows } = await client.query(
      `select t.typname::text as name, format_type(t.typbasetype, t.typtypmod) as type, pg_get_expr(t.typdefaultbin, 0) as "default", t.typnotnull or t.typcollation <> b.typcollation as more,
              (select json_agg(pg_get_expr(o.conbin, 0)) from pg_constraint o where o.contypid = t.oid and o.contype = 'c') as checks
         from pg_type t join pg_type b on b.oid = t.typbasetype where t.typnamespace = pg_my_temp_schema() and t.typtype = 'd'`);
    return [...this.declared.values()].map(({ domain }) => {
      const found = rows.find(({ name }) => name === domain.name);
      if (found === undefined) return domain;
      // A default that goes on behind its expression could bring a constraint or a collation of its own.
      if ((found.checks?.length ?? 0) !== (domain.check === undefined ? 0 : 1) || found.more === true) {
        throw refused(`domains.${domain.name}`, 'One of its expressions is more than one expression: it adds a constraint or a collation of its own.', 'Look for a bracket that is closed too early, or for words behind the default.');
      }
      return { ...domain, type: found.type, ...(found.default === null ? {} : { default: found.default }), ...(found.checks === null ? {} : { check: found.checks[0] }) };
    });
  }

  /** A table for a twin: its columns of domains name those beside it. */
  onTwin(table: ShapeTable): ShapeTable {
    const types = new Map([...this.declared.values()].map(({ domain, twin }) => [domain.name, twin]));
    return mapExpressions({ ...table, columns: table.columns.map((column) => ({ ...column, type: types.get(column.type) ?? column.type })) }, (expression) => this.#rename(expression, 'name', 'twin'));
  }

  /** What a twin was read back as, as it is where the domains lie. */
  inPlace(table: ShapeTable): ShapeTable {
    const columns = table.columns.map((column): ShapeColumn => {
      const found = [...this.declared.values()].find(({ twin }) => twin === column.type);
      return found === undefined ? column : { ...column, type: found.name, domain: { base: found.domain.type, constrained: found.domain.check !== undefined || found.domain.notNull } };
    });
    return mapExpressions({ ...table, columns }, (expression) => this.#rename(expression, 'twin', 'name'));
  }

  domainInPlace(domain: ShapeDomain): ShapeDomain {
    const rename = (expression: string): string => this.#rename(expression, 'twin', 'name');
    return { ...domain, ...(domain.default === undefined ? {} : { default: rename(domain.default) }), ...(domain.check === undefined ? {} : { check: rename(domain.check) }) };
  }

  /** A type is printed behind `::` alone. */
  #rename(expression: string, from: 'name' | 'twin', to: 'name' | 'twin'): string {
    return outsideOfTexts(expression, (text) => [...this.declared.values()].reduce((all, names) => all.replaceAll(new RegExp(`::${escape(names[from])}(?![\\w$".])`, 'g'), `::${names[to]}`), text));
  }
}

const escape = (text: string): string => text.replaceAll(/[$.]/g, '\\$&');
/** The server doubles quotes in texts, and writes no other quotes around them. */
const outsideOfTexts = (expression: string, change: (text: string) => string): string => expression.split(/('(?:[^']|'')*')/).map((part, i) => (i % 2 === 1 ? part : change(part))).join('');

/** Applies `change` to every expression of a table. */
const mapExpressions = (table: ShapeTable, change: (expression: string) => string): ShapeTable => ({
  ...table,
  columns: table.columns.map((column) => ({ ...column, ...(column.default === undefined ? {} : { default: change(column.default) }), ...(column.generated === undefined ? {} : { generated: change(column.generated) }) })),
  checks: table.checks.map((check) => ({ ...check, expression: change(check.expression) })),
  indexes: table.indexes.map((index) => (index.where === undefined ? index : { ...index, where: change(index.where) })),
  ...(table.policies === undefined ? {} : { policies: table.policies.map((policy) => ({ ...policy, ...(policy.using === undefined ? {} : { using: change(policy.using) }), ...(policy.check === undefined ? {} : { check: change(policy.check) }) })) }),
});

/**
 * Row filters as the server prints them. An index takes the same expressions as a publication but for functions of one's own, and temporary
 * tables cannot be published.
 *
 * @throws TenantryError (`input`) for a filter that no publication could have, or that would make updates of the table fail
 */
export async function canonicalPublications(client: Client, publications: readonly ShapePublication[], tables: readonly ShapeTable[], round: number): Promise<ShapePublication[]> {
  const all: ShapePublication[] = [];
  for (const publication of publications) {
    const rowFilters: Record<string, string> = {};
    for (const [name, filter] of Object.entries(publication.rowFilters)) {
      const table = tables.find((candidate) => candidate.name === name);
      if (table !== undefined) rowFilters[name] = await canonicalFilter(client, publication, table, filter, `tenantry_filter_twin_${round}_${all.length}_${Object.keys(rowFilters).length}`);
    }
    all.push({ ...publication, rowFilters });
  }
  return all;
}

async function canonicalFilter(client: Client, publication: ShapePublication, table: ShapeTable, filter: string, twin: string): Promise<string> {
  const at = `publications.${publication.name}.rowFilter.${table.name}`;
  await one(client, `create temporary table ${twin} (${table.columns.map(({ name, type, domain }) => `${ident(name)} ${domain?.base ?? type}`).join(', ')})`, at, '');
  await one(client, `create index on pg_temp.${twin} ((1)) where ${filter}`, at, filter);
  await one(client, `alter table pg_temp.${twin} add constraint filter check (${filter})`, at, filter);
  const { rows: found } = await client.query(
    `select pg_get_expr(o.conbin, o.conrelid) as expression, array(select a.attname::text from unnest(o.conkey) k(attnum) join pg_attribute a on a.attrelid = o.conrelid and a.attnum = k.attnum order by 1) as columns
       from pg_constraint o where o.conrelid = $1::regclass`, [`pg_temp.${twin}`]);
  const { rows: columns } = await client.query('select from pg_attribute where attrelid = $1::regclass and attnum > 0', [`pg_temp.${twin}`]);
  const [condition] = found;
  if (found.length !== 1 || columns.length !== table.columns.length || condition === undefined) throw refused(at, 'The filter is more than one expression.', 'Look for a bracket that is closed too early.');
  await client.query(`drop table pg_temp.${twin}`);
  const ofDomains = table.columns.filter(({ name, domain }) => domain !== undefined && (condition.columns as string[]).includes(name)).map(({ name }) => name);
  if (ofDomains.length > 0) throw refused(at, `The filter uses ${ofDomains.join(', ')}, whose type is a domain: PostgreSQL takes built-in types alone.`, 'Filter by another column, or declare the column with a built-in type and a check.');
  const identity = table.keys.find(({ primary }) => primary)?.columns ?? [];
  const beyond = (condition.columns as string[]).filter((column) => !identity.includes(column));
  if (beyond.length > 0 && publication.operations.some((operation) => operation !== 'insert')) {
    throw refused(at, `The filter uses ${beyond.join(', ')}, and updates and deletes are published: PostgreSQL would refuse every update of ${table.name}, because old rows are known by their primary key alone.`,
      `Use columns of the primary key (${identity.filter((column) => column !== TENANT_ID).join(', ')}) alone, or publish operations: ['insert'].`);
  }
  return condition.expression;
}

const refused = (at: string, problem: string, fix: string): TenantryError => new TenantryError('input', { code: 'declaration/expression', at, problem, fix });
