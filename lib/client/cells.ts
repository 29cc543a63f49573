import { TenantryError } from '../core/errors';
import { cellManifest, clusterTenants, serverOfTenant } from '../manifest/cells';
import type { Manifest } from '../manifest/format';
import type { Directory } from './directory';
import { isAway, isPassing } from './ended';
import type { Tenants } from './tenants';

/** How long servers that tenants have for themselves are asked at once, where the home's could not be. */
const HOME_AWAY = 30_000;
/** The cell says that the tenant is not, or is not served, where it was last known to be. */
const NOT_HERE = new Set(['client/unknown-tenant', 'client/inactive-tenant', 'client/other-tenant']);
/** SQLSTATEs of a server on which nothing was made yet: no such database, no such role; one that asks for passwords says only that this one is wrong. */
const NOT_LET_IN = new Set(['3D000', '28000', '28P01']);
/** SQLSTATE of a server that has no connection left. */
const FULL = '53300';

export interface CellsOptions {
  /** What the home registry says. */
  readonly directory: Directory;
  /** Whether each tenant has logins of its own: then one of a server of its own has none at home, and cannot ask there. */
  readonly ownLogins: boolean;
  /** Access to one server and the tenant on it, which has there the id that it has at home, where that is known. */
  readonly connect: (manifest: Manifest, idAtHome: () => string | undefined) => Tenants;
}

/** The servers that tenants have for themselves. Each is reached when it is needed, with credentials and pools of its own. */
export class TenantCells {
  readonly #manifest: Manifest;
  readonly #declared: ReadonlySet<string>;
  readonly #options: CellsOptions;
  readonly #open = new Map<string, Tenants>();
  /** Tenants that the home registry had on a server of their own when it was asked last, with the id; undefined where the manifest alone says so. */
  readonly #elsewhere = new Map<string, string | undefined>();
  #homeIsAwayUntil = 0;

  constructor(manifest: Manifest, options: CellsOptions) {
    this.#manifest = manifest;
    this.#declared = new Set(clusterTenants(manifest));
    this.#options = options;
  }

  /**
   * Access to the tenant on a server of its own; undefined for one that is at home. The home registry says which it is. Once it has, nobody waits for it again: it
   * is asked meanwhile, and the registry on the tenant's own server says whether the tenant is served. Where the home's server is away from the start, the manifest
   * says it, until the home's is back: a tenant that is alone on its server does without the others'. That leads nobody astray, since the bootstrap makes nothing on
   * the server of a tenant that the home registry has elsewhere.
   */
  async of(tenant: string): Promise<Tenants | undefined> {
    if (!this.#declared.has(tenant)) return undefined;
    if (this.#options.ownLogins || Date.now() < this.#homeIsAwayUntil) return this.#connected(tenant);
    const asked = this.#ask(tenant);
    if (!this.#elsewhere.has(tenant)) return await asked ? this.#connected(tenant) : undefined;
    asked.catch(() => undefined);
    return this.#connected(tenant);
  }

  /** Whether the tenant is on a server of its own. */
  async #ask(tenant: string): Promise<boolean> {
    try {
      const placement = await this.#options.directory.find(tenant);
      const isElsewhere = placement?.server === serverOfTenant(tenant);
      if (isElsewhere) this.#elsewhere.set(tenant, placement.id);
      else this.#elsewhere.delete(tenant);
      return isElsewhere;
    } catch (error) {
      if (!isHomeAway(error)) throw error;
      this.#homeIsAwayUntil = Date.now() + HOME_AWAY;
      // Or the next one would wait again, for as long, every so often.
      if (!this.#elsewhere.has(tenant)) this.#elsewhere.set(tenant, undefined);
      return true;
    }
  }

  async end(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map((tenants) => tenants.end()));
  }

  #forget(tenant: string): void {
    this.#elsewhere.delete(tenant);
    this.#options.directory.forget(tenant);
  }

  #connected(tenant: string): Tenants {
    let tenants = this.#open.get(tenant);
    if (tenants === undefined) {
      const cell = this.#options.connect(cellManifest(this.#manifest, tenant), () => this.#elsewhere.get(tenant));
      tenants = {
        with: (key, work, options) => cell.with(key, work, options).catch((error: unknown) => {
          const isNotLetIn = NOT_LET_IN.has((error as { code?: string } | null)?.code ?? '');
          if (isNotLetIn || (TenantryError.is(error) && error.complaints.some(({ code }) => NOT_HERE.has(code)))) this.#forget(tenant);
          throw isNotLetIn ? notLetIn(tenant, error as Error) : error;
        }),
        end: () => cell.end(),
      };
      this.#open.set(tenant, tenants);
    }
    return tenants;
  }
}

/** The home's server is not there, says nothing, or has no connection left; what it answers else is its word. */
function isHomeAway(error: unknown): boolean {
  const { message, cause, code } = error as Error & { code?: string };
  return code === FULL || isAway(error) || message.includes('timeout exceeded') || (cause instanceof Error && (isAway(cause) || isPassing(cause)));
}

const notLetIn = (tenant: string, cause: Error): TenantryError => new TenantryError('refused', {
  code: 'client/inactive-tenant', at: tenant, problem: `The server that tenant ${JSON.stringify(tenant)} has for itself lets this program not in: ${cause.message}.`,
  fix: 'Where nothing of the tenant is there yet, tenantry bootstrap apply makes it. Else check that the credentials are those of this server: its logins have other passwords than the same ones elsewhere.',
}, { cause });

/** A server that was not made for this tenant: of one that had the key before, or from a backup. */
export const otherTenant = (tenant: string): TenantryError => new TenantryError('refused', {
  code: 'client/other-tenant', at: tenant, problem: `The server that tenant ${JSON.stringify(tenant)} has for itself knows it under another id than the home registry: what is there may be another tenant's.`,
  fix: 'tenantry bootstrap plan says what is there.',
});

/** The tenant has a server for itself, as the home registry says, and this manifest names none. */
export const unknownServer = (tenant: string, server: string | null | undefined): TenantryError => new TenantryError('input', {
  code: 'client/unknown-server', at: tenant, problem: `Tenant ${JSON.stringify(tenant)} is on server ${JSON.stringify(server)}, which the manifest of this program does not name.`, fix: 'Give it the manifest of the last deployment.',
});
