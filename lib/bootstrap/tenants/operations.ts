import type { Client } from 'pg';
import { LIBRARY_SCHEMA } from '../../declaration/names';
import type { OperationState, TenantOperationName } from '../model/library-tenants';
import { ident, literal } from '../sql/quote';

/**
 * The ledger of what was done with tenants as wholes (`tenantry.tenant_operations`, in the home database). Nobody but the owner may read or
 * write it. A tenant has one running operation at most: an index keeps it so.
 */
const TABLE = `${LIBRARY_SCHEMA}.tenant_operations`;

/** Carries who it is to statements that are planned before that is known. */
export const ACTOR_SETTING = 'tenantry.actor';
const ACTOR = `coalesce(nullif(current_setting('${ACTOR_SETTING}', true), ''), session_user)`;

/** What was done with a tenant, or is being done. */
export interface TenantOperation {
  readonly id: string;
  readonly tenant: string;
  readonly tenantId: string;
  readonly operation: TenantOperationName;
  /** The last step that was begun; null where it has a single one. */
  readonly step: string | null;
  readonly state: OperationState;
  readonly detail: Readonly<Record<string, unknown>>;
  /** Of the last apply when it began. */
  readonly generation: number | null;
  readonly startedAt: Date;
  /** Null while it runs, or where it was interrupted. */
  readonly finishedAt: Date | null;
  readonly actor: string;
}

const COLUMNS = `id, tenant_key as tenant, tenant_id as "tenantId", operation, step, state, detail, generation::int, started_at as "startedAt", finished_at as "finishedAt", actor`;

export interface NewOperation {
  readonly tenant: string;
  readonly operation: TenantOperationName;
  /** @default - it has a single step */
  readonly step?: string;
  /** @default - nothing */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** As `actor(situation)` gives it. @default - what the session's `tenantry.actor` says, else the login */
  readonly actor?: string;
}

/** Writes down that an operation begins. Its tenant must be in the registry, and have no other one that runs (SQLSTATE 23505). */
export async function beginOperation(home: Client, owner: string, operation: NewOperation): Promise<TenantOperation> {
  const [begun] = await asOwner(home, owner, `${recordSql(operation, 'running')} returning ${COLUMNS}`);
  if (begun === undefined) throw new Error(`tenant ${operation.tenant} is not in the registry`);
  return begun;
}

/** Writes down that a step begins. What is in `detail` is added to what is there. */
export async function stepOperation(home: Client, owner: string, id: string, step: string, detail: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await asOwner(home, owner, stepSql(id, step, detail));
}

export async function finishOperation(home: Client, owner: string, id: string, state: Exclude<OperationState, 'running'>, detail: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await asOwner(home, owner, finishSql(id, state, detail));
}

/** The operation of a tenant that runs, or that was interrupted: who holds the locks of an apply knows that it is the latter. */
export async function unfinishedOperation(home: Client, owner: string, tenant: string): Promise<TenantOperation | undefined> {
  return (await asOwner(home, owner, `select ${COLUMNS} from ${TABLE} where tenant_key = ${literal(tenant)} and state = 'running'`))[0];
}

/** All operations of a tenant, the oldest first. */
export const operationsOf = (home: Client, owner: string, tenant: string): Promise<TenantOperation[]> =>
  asOwner(home, owner, `select ${COLUMNS} from ${TABLE} where tenant_key = ${literal(tenant)} order by started_at, id`);

/** SQL of a version behind every one that a tenant can have had, where none is written down: it rises by one a minute, faster than tenants change. */
export const LATE_VERSION = '(extract(epoch from clock_timestamp()) / 60)::integer';

/**
 * SQL of the version that a tenant begins with: higher than any that a tenant of the same key ever had. A program that remembers the tenant from before its
 * key was freed would be let in otherwise, at a place where that tenant is not.
 */
export const firstVersionSql = (key: string): string =>
  `coalesce((select greatest(${LATE_VERSION}, max((detail ->> 'version')::integer) + 1) from ${TABLE} where tenant_key = ${literal(key)} having count(*) > 0), 1)`;

/** The statements themselves, for a transaction that does it: they run as the owner. */
export function recordSql({ tenant, operation, step, detail = {}, actor }: NewOperation, state: OperationState, source = `${LIBRARY_SCHEMA}.tenants where key = ${literal(tenant)}`): string {
  return `insert into ${TABLE} (tenant_key, tenant_id, operation, step, state, detail, generation, finished_at, actor)
    select key, id, ${literal(operation)}, ${step === undefined ? 'null' : literal(step)}, ${literal(state)}, ${literal(JSON.stringify(detail))}::jsonb, (select max(generation) from ${LIBRARY_SCHEMA}.applies), ${state === 'running' ? 'null' : 'clock_timestamp()'}, ${actor === undefined ? ACTOR : literal(actor)} from ${source}`;
}

export const stepSql = (id: string, step: string, detail: Readonly<Record<string, unknown>> = {}): string =>
  `update ${TABLE} set step = ${literal(step)}, detail = detail || ${literal(JSON.stringify(detail))}::jsonb where id = ${literal(id)} and state = 'running'`;

export const finishSql = (id: string, state: Exclude<OperationState, 'running'>, detail: Readonly<Record<string, unknown>> = {}): string =>
  `update ${TABLE} set state = ${literal(state)}, detail = detail || ${literal(JSON.stringify(detail))}::jsonb, finished_at = clock_timestamp() where id = ${literal(id)} and state = 'running'`;

/** Ends the running operation of that name of a tenant, where there is one. */
export const finishOfTenantSql = (tenant: string, operation: TenantOperationName): string =>
  `update ${TABLE} set state = 'done', finished_at = clock_timestamp() where tenant_key = ${literal(tenant)} and operation = ${literal(operation)} and state = 'running'`;

async function asOwner(client: Client, owner: string, sql: string): Promise<TenantOperation[]> {
  await client.query(`set role ${ident(owner)}`);
  try {
    return (await client.query<TenantOperation>(sql)).rows;
  } finally {
    await client.query('reset role').catch(() => undefined);
  }
}
