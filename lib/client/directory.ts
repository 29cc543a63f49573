import type { Pool } from 'pg';
import type { Isolation } from '../declaration/types';

/** Where a tenant's rows are, as the registry said it. */
export interface TenantPlacement {
  readonly isolation: Isolation;
  readonly state: string;
  readonly database: string;
  readonly schema: string;
  readonly version: number;
}

/** Remembers placements for a short time. What it remembers too long does no harm: the server refuses an outdated version. */
export class Directory {
  readonly #known = new Map<string, { readonly placement: Promise<TenantPlacement | undefined>; readonly until: number }>();
  readonly #home: () => Promise<Pool>;
  readonly #staleness: number;

  /** @param staleness - milliseconds that a placement is remembered */
  constructor(home: () => Promise<Pool>, staleness: number) {
    this.#home = home;
    this.#staleness = staleness;
  }

  /** Undefined for a tenant that the registry does not know. Many callers at once share one query. */
  find(tenant: string): Promise<TenantPlacement | undefined> {
    const known = this.#known.get(tenant);
    if (known !== undefined && known.until > Date.now()) return known.placement;
    const placement = this.#read(tenant);
    this.#known.set(tenant, { placement, until: Date.now() + this.#staleness });
    placement.then((found) => found === undefined && this.forget(tenant), () => this.forget(tenant));
    return placement;
  }

  forget(tenant: string): void {
    this.#known.delete(tenant);
  }

  async #read(tenant: string): Promise<TenantPlacement | undefined> {
    const pool = await this.#home();
    const { rows } = await pool.query<TenantPlacement>('select isolation, state, database_name as database, schema_name as schema, version from tenantry.placement($1)', [tenant]);
    return rows[0];
  }
}
