import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { LIBRARY_SCHEMA } from '../../declaration/names';
import { TENANT_APPLIES } from '../model/library-fleet';
import type { DatabasePlan } from '../model/place';
import type { Refusal } from '../plan/difference';
import { literal } from '../sql/quote';

/** What an apply did to one tenant that has a schema or a database of its own. Tenants of the home schema have no result: they share one place. */
export interface TenantResult {
  readonly tenant: string;
  /** Database and schema. */
  readonly place: string;
  /** `not-tried`: the apply stopped before it came to this one. `refused`: what is gone of it is not made anew, and it was left as it is. */
  readonly outcome: 'changed' | 'unchanged' | 'failed' | 'not-tried' | 'refused';
  /** Steps that were made and committed. */
  readonly changes: number;
  /** How long it took; of a transaction that it shared with others, its part. */
  readonly milliseconds: number;
  /** Stable code of the error, or of the refusal. @default - it did not fail */
  readonly code?: string;
  /** What failed, without values of rows. @default - it did not fail */
  readonly error?: string;
}

export interface TenantPlace {
  readonly tenant: string;
  readonly database: string;
  readonly schema: string;
}

/** The places of tenants that have one of their own, in the order of the places. One that is being moved has two. */
export const tenantPlacesOf = (databases: readonly DatabasePlan[]): TenantPlace[] =>
  databases.flatMap(({ places }) => places.flatMap(({ tenant, database, schema }) => (tenant === undefined ? [] : [{ tenant, database, schema }])));

/** Messages of data exceptions repeat values of rows. */
export function failureOf(error: TenantryError): Required<Pick<TenantResult, 'code' | 'error'>> {
  const [complaint] = error.complaints;
  const sqlstate = (error.cause as { code?: string } | undefined)?.code ?? '';
  const problem = sqlstate.startsWith('22') ? `A step failed with SQLSTATE ${sqlstate}.` : complaint?.problem ?? error.message;
  return { code: complaint?.code ?? error.code, error: problem.length > 2_000 ? `${problem.slice(0, 1_999)}…` : problem };
}


/** As a result names it. */
export const placeName = ({ database, schema }: Pick<TenantPlace, 'database' | 'schema'>): string => `${database}.${schema}`;

/** What became of each place: of `planned` ones that no outcome is known of, nothing. */
export function resultsOf(databases: readonly DatabasePlan[], outcomes: ReadonlyMap<string, TenantResult>, planned: ReadonlySet<string>, refusals: readonly Refusal[] = []): TenantResult[] {
  const held = new Map(refusals.filter(({ tenant, lost, holds }) => tenant !== undefined && (lost !== undefined || holds !== undefined)).map((refusal) => [refusal.tenant, refusal]));
  return tenantPlacesOf(databases).map((at) => {
    const place = placeName(at);
    const refused = held.get(at.tenant);
    if (refused !== undefined) return { place, tenant: at.tenant, outcome: 'refused', changes: 0, milliseconds: 0, code: refused.code, error: refused.summary };
    return outcomes.get(place) ?? { place, tenant: at.tenant, outcome: planned.has(place) ? 'not-tried' : 'unchanged', changes: 0, milliseconds: 0 };
  });
}

/** A tenant that is being moved has two places: it failed when one of them did. */
function ofTenants(results: readonly TenantResult[]): readonly TenantResult[] {
  const found = new Map<string, TenantResult>();
  for (const result of results) {
    const other = found.get(result.tenant);
    const [worse, better] = other?.outcome === 'failed' ? [other, result] : [result, other];
    found.set(result.tenant, { ...worse, changes: worse.changes + (better?.changes ?? 0), milliseconds: worse.milliseconds + (better?.milliseconds ?? 0) });
  }
  return [...found.values()];
}

/** One statement for all of them. */
export function recordResults(generation: number, results: readonly TenantResult[]): string {
  const rows = ofTenants(results).map(({ tenant, outcome, changes, milliseconds, code, error }) =>
    `(${generation}, ${literal(tenant)}, ${literal(outcome)}, ${changes}, ${code === undefined ? 'null' : literal(code)}, ${error === undefined ? 'null' : literal(error)}, clock_timestamp() - interval '${Math.round(milliseconds)} ms')`);
  return `insert into ${LIBRARY_SCHEMA}.${TENANT_APPLIES} as r (generation, tenant, outcome, changes, error_code, error, started_at) values ${rows.join(', ')}
    on conflict (generation, tenant) do update set changes = r.changes + excluded.changes, outcome = case when r.outcome = 'failed' then r.outcome else excluded.outcome end,
      error_code = coalesce(r.error_code, excluded.error_code), error = coalesce(r.error, excluded.error), finished_at = excluded.finished_at`;
}

/** A tenant that the last apply which came to it could not bring to the declared state. */
export interface FailedTenant {
  readonly tenant: string;
  readonly generation: number;
  readonly code: string;
  readonly error: string;
  readonly at: Date;
}

export async function readFailedTenants(home: Client): Promise<FailedTenant[]> {
  const { rows: [table] } = await home.query<{ isThere: boolean }>(`select to_regclass('${LIBRARY_SCHEMA}.${TENANT_APPLIES}') is not null as "isThere"`);
  if (table?.isThere !== true) return [];
  const { rows } = await home.query<FailedTenant>(`
    select f.tenant, f.generation::int, f.error_code as code, f.error, f.finished_at as at from ${LIBRARY_SCHEMA}.${TENANT_APPLIES} f
     where f.outcome = 'failed' and not exists (select from ${LIBRARY_SCHEMA}.${TENANT_APPLIES} l where l.tenant = f.tenant and l.generation > f.generation) order by 1`);
  return rows;
}

/** Thrown when places of tenants failed. `result` says what became of each. */
export class TenantsFailed<Result> extends TenantryError {
  static hasResult<Result>(error: unknown): error is TenantsFailed<Result> {
    return TenantryError.is(error) && 'result' in error;
  }

  constructor(errors: readonly TenantryError[], readonly result: Result) {
    super('failed', errors.flatMap(({ complaints }) => complaints), { cause: errors[0]?.cause });
  }
}

