import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { blockersIn } from '../apply/blockers';
import type { DatabasePlan } from '../model/place';
import type { ServerPlan } from '../model/server';
import type { DatabaseScope, Kind, LiveCatalog, Row } from '../kinds/kind';
import { DATABASE_KINDS, SERVER_KINDS } from '../kinds/registry';
import { ident } from '../sql/quote';
import { addKnown, EVERYTHING, ofTables, type Part, partsOf, type Reading } from './reading';

const LOCK_NOT_AVAILABLE = '55P03';

/** Reads what is there server-wide: one query a kind. */
export const introspectServer = (client: Client, server: ServerPlan): Promise<LiveCatalog> => introspect(client, SERVER_KINDS, server);

/**
 * Reads what is there in one database: one query a kind, whatever the number of tenants, and one more where some tables of known places are read.
 *
 * @param only - the one tenant that is planned. @default - all
 */
export async function introspectDatabase(client: Client, plan: DatabasePlan, only?: string, reading: Reading = EVERYTHING): Promise<LiveCatalog> {
  return addKnown(await introspect(client, DATABASE_KINDS, scopeOf(plan, only), reading), reading, plan);
}

/** Reads what lies in its places alone, and nothing that is about the database as a whole. */
export async function introspectPlaces(client: Client, plan: DatabasePlan, reading: Reading): Promise<LiveCatalog> {
  return addKnown(await introspect(client, DATABASE_KINDS.filter(({ level }) => level !== 'database'), scopeOf(plan), reading), reading, plan);
}

const scopeOf = (plan: DatabasePlan, only?: string): DatabaseScope => ({ plan, ...(only === undefined ? {} : { only }), schemas: plan.places.map(({ schema }) => schema), owner: plan.places[0]?.owner ?? '' });

type LiveObjects = Map<string, Map<string, Map<string, unknown>>>;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- see the registry
async function introspect(client: Client, kinds: readonly Kind<any, any, any>[], scope: ServerPlan | DatabaseScope, reading: Reading = EVERYTHING): Promise<LiveObjects> {
  const live: LiveObjects = new Map();
  await client.query('begin isolation level repeatable read read only');
  try {
    for (const kind of kinds) {
      const containers = new Map<string, Map<string, unknown>>();
      live.set(kind.name, containers);
      const { query } = kind;
      for (const { scope: of, tables } of 'plan' in scope ? partsOf(reading, kind, scope) : [{ scope } as { scope: ServerPlan } & Omit<Part, 'scope'>]) {
        const text = typeof query.text === 'string' ? query.text : query.text(of, live);
        if (text === undefined) continue;
        const values = [...query.values(of)];
        const asked = tables === undefined ? { text, values } : { text: ofTables(kind, text, values.length + 1), values: [...values, tables] };
        const rows = await asking(client, query.as === undefined || !('plan' in of) ? undefined : of.plan.places[0]?.maintainer, async () => (await client.query(asked)).rows as Row[]);
        for (const row of oneByOne(rows)) {
          const { container, key, have } = kind.read(row);
          let objects = containers.get(container);
          if (objects === undefined) containers.set(container, objects = new Map());
          objects.set(key, have);
        }
      }
    }
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE && 'schemas' in scope) throw await locked(client, scope, error as Error);
    throw error;
  }
  await client.query('commit');
  return live;
}

/** Takes on a role for one query. */
async function asking<T>(client: Client, role: string | undefined, ask: () => Promise<T>): Promise<T> {
  if (role === undefined) return ask();
  await client.query(`set local role ${ident(role)}`);
  const result = await ask();
  await client.query('set local role none');
  return result;
}

function* oneByOne(rows: readonly Row[]): Generator<Row> {
  for (const row of rows) {
    if (!Array.isArray(row['schema'])) yield row;
    else for (const schema of row['schema']) yield { ...row, schema };
  }
}

/** Some expressions can only be printed while nobody changes their table. */
async function locked(client: Client, { plan, schemas }: DatabaseScope, cause: Error): Promise<TenantryError> {
  const blockers = await blockersIn(client, schemas);
  return new TenantryError('failed', {
    code: 'catalog/locked', at: `database ${plan.name}`, problem: `The catalog could not be read: somebody holds an exclusive lock on a table of ours.${blockers.length === 0 ? '' : `\nHolding locks there: ${blockers.join('; ')}.`}`,
    fix: 'Wait until those transactions end, or end them, and try again.',
  }, { cause });
}
