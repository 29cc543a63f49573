import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { PARTITION } from '../kinds/partitioned';
import type { Work } from './engine';
import type { RowPlace } from './rows';

/** Findings about objects that hold nothing: they are about the tables themselves, and go with them. */
const HARMLESS = /^(index|constraint|tenant|role|server|setting|tier|partition)\/|replica-identity$/;

/**
 * What somebody made in a place that is a tenant's alone, and what would go with it: nothing of it was made by us.
 *
 * @throws TenantryError (`refused`) that names all of it
 */
export async function refuseForeignObjects({ situation, tenant: { key } }: Work, place: RowPlace, client: Client): Promise<void> {
  if (place.isolation === 'row') return;
  const inPlace = situation.differences.filter(({ type, code, target, place: schema }: { type: string; code?: string; target: string; place?: string }) =>
    type === 'finding' && target === place.database && (place.isolation === 'database' || schema === place.schema) && !HARMLESS.test(code ?? '')).map(({ summary }) => summary);
  const around = place.isolation === 'database' ? await elsewhere(client, situation.databases.find(({ name }) => name === place.database)?.places.map(({ schema }) => schema) ?? []) : [];
  const all = [...inPlace, ...around];
  if (all.length === 0) return;
  throw new TenantryError('refused', {
    code: 'tenant/foreign-objects', at: place.isolation === 'database' ? `database ${place.database}` : `${place.database}.${place.schema}`,
    problem: `Removing the place of tenant ${JSON.stringify(key)} would remove what is not declared there: ${all.slice(0, 10).join('; ')}${all.length > 10 ? `; and ${all.length - 10} more` : ''}. Nothing was removed.`,
    fix: 'Bring it elsewhere, drop it, or declare it; then run the command again.',
  });
}

/** A schema or a database of somebody else's that is where the place would be: nothing in it was made by us, and nothing of it is removed. */
export const isSomebodyElses = ({ situation }: Work, place: RowPlace): boolean => situation.differences.some(({ type, code, target, place: schema }: { type: string; code?: string; target: string; place?: string }) =>
  type === 'refusal' && place.isolation === 'schema' && code === 'schema/foreign' && target === place.database && schema === place.schema);

/** Relations and large objects outside of our schemas. */
async function elsewhere(client: Client, ours: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    select 'relation ' || n.nspname || '.' || c.relname as name from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname <> all($1) and n.nspname !~ '^(pg_|information_schema$)'
       and not exists (select from pg_catalog.pg_depend e where e.classid = 'pg_catalog.pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
    union all select 'large objects (' || count(*) || ')' from pg_catalog.pg_largeobject_metadata having count(*) > 0 order by 1`, [ours]);
  return rows.map(({ name }) => name);
}

/** Columns that somebody added by hand: what they hold would not be copied. */
export async function refuseForeignColumns({ situation }: Work, place: RowPlace, client: Client): Promise<void> {
  const declared = situation.forms.tables.filter(({ tenancy }) => tenancy === 'tenant');
  const { rows } = await client.query<{ table: string; column: string }>(
    `select c.relname::text as table, a.attname::text as column from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = any($2) and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped order by 1, 2`, [place.schema, declared.map(({ name }) => name)]);
  const foreign = rows.filter(({ table, column }) => declared.find(({ name }) => name === table)?.columns.some(({ name }) => name === column) !== true);
  if (foreign.length === 0) return;
  throw new TenantryError('refused', {
    code: 'move/undeclared-column', at: `${place.database}.${place.schema}`, problem: `Columns that are not declared would not be copied: ${foreign.map(({ table, column }) => `${table}.${column}`).join(', ')}. Nothing was changed.`,
    fix: 'Declare them, or drop them; then run the command again.',
  });
}

/** A place that is not as declared: what is copied column by column would not fit. */
export function refuseDifferences({ situation, tenant: { key } }: Work, place: RowPlace): void {
  // A partition that time has come for hinders nobody: rows find a place without it.
  const isOfTime = ({ kind, origin }: { kind: string; origin?: string }): boolean => kind === PARTITION && origin === 'pending';
  // Nor does who may use an object that is none of ours: only its owner can mend that.
  const isOfOthers = (difference: object): boolean => 'code' in difference && difference.code === 'grant/undeclared';
  const pending = situation.differences.filter((difference) => difference.type !== 'finding' && difference.kind !== 'tenant' && difference.target === place.database && difference.place === place.schema && !isOfTime(difference) && !isOfOthers(difference));
  if (pending.length === 0) return;
  throw new TenantryError('refused', {
    code: 'tenant/apply-first', at: key, problem: `The place ${place.database}.${place.schema} is not as declared: ${pending.slice(0, 5).map(({ summary }) => summary).join('; ')}${pending.length > 5 ? `; and ${pending.length - 5} more` : ''}.`,
    fix: 'Run tenantry bootstrap apply first, and see what it refuses.',
  });
}
