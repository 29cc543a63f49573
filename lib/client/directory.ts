import type { Pool, QueryResult } from 'pg';
import type { TenantIsolation } from '../declaration/types';
import { literal } from '../bootstrap/sql/quote';
import { isEnded } from './ended';
import { connectionLost } from './lost';

/** Where a tenant's rows are, as the registry said it. */
export interface TenantPlacement {
  readonly id: string;
  readonly isolation: TenantIsolation;
  readonly state: string;
  readonly database: string;
  readonly schema: string;
  readonly version: number;
  /** Most connections of each program for the tenant at a time. Null where its tier has no limit; an installation that an older version made does not say. */
  readonly poolSize?: number | null;
  /** The server that the tenant has for itself, by its name in the manifest; undefined or null for one at home. */
  readonly server?: string | null;
}

interface PlacementRow extends Pick<TenantPlacement, 'id' | 'isolation' | 'state' | 'version'> {
  readonly database_name: string;
  readonly schema_name: string;
  readonly pool_size?: number | null;
  readonly server?: string | null;
}

/** Remembers placements for a short time. What it remembers too long does no harm: the server refuses an outdated version. */
export class Directory {
  readonly #known = new Map<string, { readonly placement: Promise<TenantPlacement | undefined>; readonly until: number }>();
  readonly #home: (tenant: string) => Promise<Pool>;
  readonly #staleness: number;
  readonly #fresh: string;

  /**
   * @param staleness - milliseconds that a placement is remembered
   * @param fresh - what makes a session as good as new
   */
  constructor(home: (tenant: string) => Promise<Pool>, staleness: number, fresh: string) {
    this.#home = home;
    this.#fresh = fresh;
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
    const pool = await this.#home(tenant);
    // The last tenant may have left the session as another role.
    const ask = () => pool.query(`${this.#fresh};select * from tenantry.placement(${literal(tenant)})`) as Promise<unknown> as Promise<readonly QueryResult<PlacementRow>[]>;
    const again = (error: Error) => (isEnded(error) ? ask() : Promise.reject(error));
    const answers = await ask().catch(again).catch(again).catch((error: Error) => Promise.reject(isEnded(error) ? connectionLost(error) : error));
    const row = answers.at(-1)?.rows[0];
    return row === undefined ? undefined : { id: row.id, isolation: row.isolation, state: row.state, database: row.database_name, schema: row.schema_name, version: row.version, poolSize: row.pool_size ?? null, server: row.server ?? null };
  }
}
