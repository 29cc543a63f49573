import type { ShapePublication } from '../model/objects';
import type { DatabasePlan } from '../model/place';
import { markerOf } from '../model/server';
import type { Difference } from '../plan/difference';
import { ident, identList, literal, qualified } from '../sql/quote';
import { change, finding, kind, NO_WANTS, onceFor, refusal } from './kind';

interface Published {
  readonly schema: string;
  readonly name: string;
  readonly filter: string | null;
}

interface Wanted extends Published {
  /** Whose schema it lies in, beside others. @default - it lies in the home schema of the database */
  readonly tenant?: string;
}

interface Want {
  readonly publication: ShapePublication;
  readonly tables: readonly Wanted[];
}

interface LivePublication {
  readonly owner: string;
  readonly comment: string | null;
  readonly allTables: boolean;
  readonly viaRoot: boolean;
  /** `n` or null: values of generated columns are not sent. */
  readonly generatedColumns: string | null;
  readonly operations: readonly string[];
  /** Schemas of which every table is sent. */
  readonly schemas: readonly string[];
  /** `columns`: only some of them are sent. */
  readonly tables: readonly (Published & { readonly columns: boolean })[];
}

/**
 * Publications of declared tables, in the places of all tenants of a database. Those of a tenant's schema join when everything else of it is there, in the
 * transaction that activates the tenant, so that none of its rows is missed.
 */
export const publication = kind<'database', Want, LivePublication>({
  name: 'publication',
  level: 'database',
  compares: ['presence', 'owner', 'all tables', 'comment', 'operations', 'partition root', 'generated columns', 'schemas', 'tables', 'row filters', 'columns'],
  query: {
    text: ({ plan }) => (wantsOf(plan).size === 0 ? undefined : `
      select current_database() as database, p.pubname as name, pg_get_userbyid(p.pubowner) as owner, d.description as comment, p.puballtables as "allTables", p.pubviaroot as "viaRoot", to_jsonb(p) ->> 'pubgencols' as "generatedColumns",
             array_remove(array[case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end, case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end], null) as operations,
             array(select n.nspname::text from pg_catalog.pg_publication_namespace s join pg_catalog.pg_namespace n on n.oid = s.pnnspid where s.pnpubid = p.oid order by 1) as schemas,
             (select coalesce(json_agg(json_build_object('schema', n.nspname, 'name', c.relname, 'filter', pg_get_expr(r.prqual, r.prrelid), 'columns', r.prattrs is not null) order by n.nspname, c.relname), '[]')
                from pg_catalog.pg_publication_rel r join pg_catalog.pg_class c on c.oid = r.prrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace where r.prpubid = p.oid) as tables
        from pg_catalog.pg_publication p left join pg_catalog.pg_description d on d.objoid = p.oid and d.classoid = 'pg_catalog.pg_publication'::regclass where p.pubname = any($1)`),
    values: ({ plan }) => [[...wantsOf(plan).keys()]],
  },
  read: ({ database, name, ...have }) => ({ container: database, key: name, have: have as LivePublication }),
  wants: (database) => wantsOf(database),
  compare(database, name, want, have): Difference[] {
    if (want === undefined) return [];
    const home = database.places.find(({ kind: of }) => of !== 'library');
    if (home === undefined) return [];
    const where = { kind: 'publication', target: database.name, place: home.schema } as const;
    const about = { kind: 'publication', target: database.name } as const;
    // One word for the whole server.
    const isFirst = database.isHome && database.publications?.[0]?.name === name;
    const silent = !isFirst || database.walLevel === undefined || database.walLevel === 'logical' ? [] : [finding({
      kind: 'publication', target: 'server', code: 'publication/wal-level', summary: `publications send nothing: wal_level is ${database.walLevel} instead of logical; on RDS and Aurora rds.logical_replication in the parameter group sets it, and it takes a restart`,
    })];
    const mark = `comment on publication ${ident(name)} is ${literal(markerOf(home.identity))}`;
    const publish = `publish = ${literal(want.publication.operations.join(', '))}, publish_via_partition_root = true`;
    if (have === undefined) {
      const first = want.tables.filter(({ tenant }) => tenant === undefined);
      return [...silent, change({
        ...where, action: 'create', lock: 'ShareUpdateExclusive', summary: `create publication ${name} of ${count(first)}`, reason: 'declared, not there',
        sql: [`create publication ${ident(name)} for table ${first.map(published).join(', ')} with (${publish})`, mark],
      }), ...joining(name, want.tables.filter(({ tenant }) => tenant !== undefined), where)];
    }
    if (have.owner !== home.owner || have.allTables) {
      return [refusal({
        ...about, code: 'publication/foreign', summary: `publication ${name} exists and is not ours: it ${have.owner === home.owner ? 'is for all tables of the database' : `belongs to ${have.owner}`}`,
        fix: `Give the declared publication another name; or drop that one, if none of its subscribers is needed, as ${have.owner}: drop publication ${ident(name)}`,
      })];
    }
    return [...silent, ...options(want.publication, have, where, publish), ...content(want, have, where), ...(have.comment === markerOf(home.identity) ? [] : [change({ ...where, action: 'alter', summary: `mark publication ${name} as ours`, reason: 'the comment differs', sql: mark })])];
  },
});

/** Pairs of publication and table in a place: what is declared to be sent past row-level security. */
export const publishedTables = (database: DatabasePlan, schema: string): { publication: string; table: string }[] =>
  [...wantsOf(database)].flatMap(([name, { tables }]) => tables.filter((table) => table.schema === schema).map((table) => ({ publication: name, table: table.name })));

const wantsOf = onceFor((database: DatabasePlan): ReadonlyMap<string, Want> => (database.publications === undefined ? NO_WANTS : new Map(database.publications.flatMap((declared) => {
  const tables = database.places.filter(({ kind: of }) => of !== 'library').flatMap((place) => place.tables.filter(({ name }) => declared.tables.includes(name))
    .map(({ name }): Wanted => ({ schema: place.schema, name, filter: declared.rowFilters[name] ?? null, ...(place.kind === 'schema' && place.tenant !== undefined ? { tenant: place.tenant } : {}) })));
  return tables.length === 0 ? [] : [[declared.name, { publication: declared, tables }] as const];
}))));

const published = ({ schema, name, filter }: Published): string => `${qualified(schema, name)}${filter === null ? '' : ` where (${filter})`}`;
const count = (tables: readonly Published[]): string => (tables.length === 1 && tables[0] !== undefined ? `${tables[0].schema}.${tables[0].name}` : `${tables.length} tables`);
const isSame = (a: Published, b: Published): boolean => a.schema === b.schema && a.name === b.name;

type Where = { readonly kind: string; readonly target: string; readonly place: string };

function options({ name, operations }: ShapePublication, have: LivePublication, where: Where, publish: string): Difference[] {
  const differs = [
    ...(have.operations.length === operations.length && operations.every((operation) => have.operations.includes(operation)) ? [] : [`it sends ${have.operations.length === 0 ? 'no operation' : have.operations.join(', ')}`]),
    ...(have.viaRoot ? [] : ['it sends partitions under their own names']),
    ...((have.generatedColumns ?? 'n') === 'n' ? [] : ['it sends generated columns']),
  ];
  if (differs.length === 0) return [];
  const generated = (have.generatedColumns ?? 'n') === 'n' ? '' : ', publish_generated_columns = none';
  return [change({ ...where, action: 'alter', summary: `publication ${name} sends ${operations.join(', ')}`, reason: differs.join('; '), sql: `alter publication ${ident(name)} set (${publish}${generated})` })];
}

function content({ publication: { name }, tables }: Want, have: LivePublication, where: Where): Difference[] {
  const alter = `alter publication ${ident(name)}`;
  const extra = have.tables.filter((table) => !tables.some((wanted) => isSame(wanted, table)));
  const missing = tables.filter((wanted) => !have.tables.some((table) => isSame(wanted, table)));
  const other = tables.filter((wanted) => have.tables.some((table) => isSame(wanted, table) && (table.filter !== wanted.filter || table.columns)));
  return [
    ...(have.schemas.length === 0 ? [] : [change({ ...where, action: 'alter', summary: `publication ${name} no longer sends every table of ${have.schemas.join(', ')}`, reason: 'not declared', sql: `${alter} drop tables in schema ${identList(have.schemas)}` })]),
    ...(extra.length === 0 ? [] : [change({ ...where, action: 'alter', lock: 'ShareUpdateExclusive', summary: `publication ${name} no longer sends ${count(extra)}`, reason: 'not declared', sql: `${alter} drop table ${extra.map((table) => qualified(table.schema, table.name)).join(', ')}` })]),
    ...(other.length === 0 ? [] : [change({
      ...where, action: 'alter', lock: 'ShareUpdateExclusive', summary: `publication ${name} sends the declared rows and columns of ${count(other)}`, reason: 'its row filter or list of columns differs',
      sql: [`${alter} drop table ${other.map((table) => qualified(table.schema, table.name)).join(', ')}`, `${alter} add table ${other.map(published).join(', ')}`],
    })]),
    ...joining(name, missing, where),
  ];
}

/** One step for each tenant whose tables are missing. */
function joining(name: string, missing: readonly Wanted[], where: Where): Difference[] {
  return [...new Set(missing.map(({ tenant }) => tenant))].map((tenant) => {
    const tables = missing.filter((table) => table.tenant === tenant);
    return change({
      ...where, ...(tenant === undefined ? {} : { tenant, stage: 'final' as const }), action: 'alter', lock: 'ShareUpdateExclusive', summary: `publication ${name} sends ${count(tables)}`, reason: 'declared, not there',
      sql: `alter publication ${ident(name)} add table ${tables.map(published).join(', ')}`,
    });
  });
}
