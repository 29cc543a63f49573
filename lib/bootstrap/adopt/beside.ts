import { count, listOf, shellWord } from '../../core/text';
import { homeDatabase, homeSchema, maintainerRole, ownerRole } from '../../declaration/names';
import { ident, identList, literal, qualified } from '../sql/quote';
import { copyOf, copyOrder, EVERYBODY, fillLater, MAPPING } from './copy';
import type { Draft } from './draft';
import type { ExistingDatabase } from './existing';
import type { AdoptStep, AdoptWay } from './step';
import type { TenancyProposal } from './tenancy';

export interface Target {
  readonly name: string;
  readonly schemas: readonly string[];
  /** The comment that marks what is the declaration's own. */
  readonly marker: string;
}

/** The safe way: the bootstrap makes everything new, the rows are copied, and the old tables stay as they are until somebody drops them. */
export function besideWay(existing: ExistingDatabase, proposal: TenancyProposal, draft: Draft, target: Target): AdoptWay {
  const same = homeDatabase(target.name) === existing.database;
  return {
    name: 'beside',
    summary: `The bootstrap makes schema ${homeSchema(target.name)} in ${same ? 'the same database' : `a new database ${homeDatabase(target.name)}`}, and the rows are copied. The old tables are not changed: the way back is to go on with them.`,
    steps: [...prepare(existing, draft, target, same), ...mapping(proposal, target), ...copies(existing, draft, target), ...finish(existing, draft, target)],
  };
}

const as = (target: Target): string => `set local role ${ident(maintainerRole(target.name))}`;

function prepare(existing: ExistingDatabase, draft: Draft, target: Target, same: boolean): AdoptStep[] {
  const open = draft.tables.filter(({ tenancy }) => tenancy.path === undefined || tenancy.path.keys.length > 0);
  const owner = ownerRole(target.name);
  return [
    { kind: 'decision', summary: `settle whose rows ${count(open.length, 'table')} hold, and what the report says about the draft`, reason: 'adopt proposes; a wrong tenancy shows rows to others, and never changes afterwards', sql: [] },
    { kind: 'command', summary: 'stop what writes to the old tables, from here to the end', reason: 'rows that come behind the copy are not in the new place', sql: [], hazard: 'programs cannot write while the rows are copied' },
    ...(same ? [{
      kind: 'sql' as const, summary: `hand database ${existing.database} to the declaration`, reason: 'nothing is taken over without its mark',
      sql: [`create role ${ident(owner)} nologin`, `comment on role ${ident(owner)} is ${literal(target.marker)}`, `grant ${ident(owner)} to current_user`, `alter database ${ident(existing.database)} owner to ${ident(owner)}`],
      hazard: 'the apply takes CONNECT from PUBLIC: list the roles of old programs in externalGrants, and grant them CONNECT by name, or they cannot connect any more',
    }] : []),
    { kind: 'command', summary: 'make the new place', reason: 'roles, schema, tables, policies and grants', sql: ['tenantry bootstrap apply --manifest <manifest of the draft> --skip-verify'] },
    ...(same ? [] : [{
      kind: 'command' as const, summary: `bring the old tables into database ${homeDatabase(target.name)}, beside the new ones`, reason: 'a statement reads tables of its own database only',
      sql: [`pg_dump --no-owner --no-privileges ${target.schemas.map((schema) => `--schema=${shellWord(schema)}`).join(' ')} ${shellWord(existing.database)} | PGOPTIONS=${shellWord(`-c role=${owner}`)} psql ${shellWord(homeDatabase(target.name))}`],
      hazard: 'extensions that the old tables need must be there first; needs the space of a second copy',
    }]),
  ];
}

function mapping({ column, tenantTable, tables }: TenancyProposal, target: Target): AdoptStep[] {
  const sources = tenantTable !== undefined ? [{ table: tenantTable.table, column: tenantTable.column }]
    : [...tables].filter(([, { path }]) => path?.keys.length === 0).map(([table, { path }]) => ({ table, column: path?.column ?? '' }));
  const from = (table: string): string => qualified(table.slice(0, table.indexOf('.')), table.slice(table.indexOf('.') + 1));
  const all = sources.map((source) => `select ${ident(source.column)}::text as old from ${from(source.table)} where ${ident(source.column)} is not null`).join('\n  union ');
  return [
    {
      kind: 'sql', summary: 'make the mapping of tenants', reason: 'it turns what says the tenant now into the id that the registry gives',
      sql: [
        'create schema "adopt"', `create table ${MAPPING} (old text primary key, key text check (key ~ '^[a-z][a-z0-9-]{0,30}$'), tenant_id uuid)`,
        `grant usage on schema "adopt" to ${ident(maintainerRole(target.name))}`, `grant select on ${MAPPING} to ${ident(maintainerRole(target.name))}`,
        column === undefined ? `insert into ${MAPPING} (old, key) values (${literal(EVERYBODY)}, 'the-tenant')` : `insert into ${MAPPING} (old, key)\n  select old, case when old ~ '^[0-9]{1,18}$' then 't' || old end from (\n  ${all}) found`,
      ],
    },
    { kind: 'decision', summary: 'give each tenant its key', reason: 'a key is a name that stays for ever', sql: [`update ${MAPPING} set key = '<key>' where old = '<old>'`] },
    { kind: 'command', summary: 'add the tenants, one by one', reason: 'the registry gives each its id', sql: ['tenantry tenant add <key> --mode row --manifest <manifest of the draft>'], hazard: 'rows go into the shared tables; tenants that get a place of their own are moved afterwards: tenantry tenant move <key> --to schema' },
    { kind: 'sql', summary: 'take the ids over', reason: 'the copy fills tenant_id from the mapping', sql: [`update ${MAPPING} m set tenant_id = t.id from tenantry.tenants t where t.key = m.key`, `alter table ${MAPPING} alter column tenant_id set not null`] },
  ];
}

function copies(existing: ExistingDatabase, draft: Draft, target: Target): AdoptStep[] {
  const schema = homeSchema(target.name);
  const { order, circle } = copyOrder(draft.tables);
  const maintainer = ident(maintainerRole(target.name));
  const large = new Map(existing.relations.map(({ key, bytes }) => [key, bytes]));
  return [
    { kind: 'sql', summary: 'let the maintainer read the old tables', reason: 'the owner sees no rows of tenants, the maintainer does', sql: [`grant usage on schema ${identList(target.schemas)} to ${maintainer}`, ...target.schemas.map((from) => `grant select on all tables in schema ${ident(from)} to ${maintainer}`)] },
    ...(circle.length === 0 ? [] : [{ kind: 'decision' as const, summary: `${listOf(circle.map(({ name }) => name))} reference one another in a circle of columns that are never null`, reason: 'no order of copying meets all of these keys', sql: [], hazard: 'make one of the keys nullable in the draft, or leave it out until the rows are there' }]),
    ...order.map(({ table, later }): AdoptStep => ({
      kind: 'sql', object: table.existing.key, summary: `copy ${table.existing.key} to ${schema}.${table.name}`, reason: table.tenancy.tenancy === 'tenant' ? `rows of tenants: ${table.tenancy.reason}` : `${table.tenancy.tenancy}: ${table.tenancy.reason}`,
      sql: ['begin', as(target), copyOf(table, schema, later), 'commit'],
      lock: `ACCESS SHARE on ${table.existing.key}, ROW EXCLUSIVE on the new table`,
      hazard: `writes every row once, ${megabytes(large.get(table.existing.key) ?? 0)}${table.tenancy.mayBeNull === true ? '; rows of no tenant are left behind' : ''}`,
    })),
    ...order.filter(({ later }) => later.length > 0).map(({ table, later }): AdoptStep => {
      const fill = fillLater(table, schema, later);
      return {
        kind: fill === undefined ? 'decision' : 'sql', object: table.existing.key, summary: `fill ${listOf(later)} of ${table.name}`, reason: 'what they reference is there now',
        sql: fill === undefined ? [] : ['begin', as(target), fill, 'commit'], lock: 'ROW EXCLUSIVE on the new table', hazard: 'writes every row once more',
      };
    }),
  ];
}

const megabytes = (bytes: number): string => `about ${Math.max(1, Math.round(bytes / 1024 ** 2)).toLocaleString('en-US')} MB with its indexes`;

function finish(existing: ExistingDatabase, draft: Draft, target: Target): AdoptStep[] {
  const schema = homeSchema(target.name);
  const numbers = draft.tables.flatMap(({ name, input }) => Object.values(input.triggers ?? {}).flatMap(({ function: called }) => {
    const [, column, sequence] = /^begin new\."((?:[^"]|"")+)" := nextval\('([^']+)'\)/.exec(draft.input.functions?.[called]?.body ?? '') ?? [];
    return column === undefined || sequence === undefined ? [] : [`select setval(${literal(`${ident(schema)}.${ident(sequence)}`)}, coalesce(max("${column}"), 1), max("${column}") is not null) from ${qualified(schema, name)}`];
  }));
  const counts = draft.tables.map(({ existing: { schema: from, name: old, key }, name }) => `select ${literal(key)} as "table", (select count(*) from ${qualified(from, old)}) as old, (select count(*) from ${qualified(schema, name)}) as new`).join('\nunion all ');
  return [
    ...(numbers.length === 0 ? [] : [{ kind: 'sql' as const, summary: 'let the sequences go on behind the highest number', reason: 'the next row would get a number that is taken', sql: ['begin', as(target), ...numbers, 'commit'] }]),
    ...(draft.tables.length === 0 ? [] : [
      { kind: 'sql' as const, summary: 'compare the numbers of rows', reason: 'a difference is rows of no tenant, or rows that came later', sql: ['begin', as(target), `select * from (${counts}) c where old <> new`, 'commit'], hazard: 'reads every table twice' },
      { kind: 'sql' as const, summary: 'give the planner its statistics', reason: 'new tables have none', sql: ['begin', as(target), ...draft.tables.map(({ name }) => `analyze ${qualified(schema, name)}`), 'commit'] },
    ]),
    { kind: 'command', summary: 'prove that the tenants are kept apart', reason: 'the verification attacks every table', sql: ['tenantry bootstrap verify --manifest <manifest of the draft>'] },
    { kind: 'decision', summary: 'point the programs to the new place, then clean up', reason: 'the old tables know no tenants', sql: [`revoke all on all tables in schema ${identList(target.schemas)} from ${ident(maintainerRole(target.name))}`, `revoke usage on schema ${identList(target.schemas)} from ${ident(maintainerRole(target.name))}`, 'drop schema "adopt" cascade'], hazard: `the old tables of ${existing.database} hold rows of all tenants without any policy: take the rights on them away, and drop them when a backup of them lies safe` },
  ];
}
