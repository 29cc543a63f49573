import type { Pool } from 'pg';
import { TenantryError } from '../core/errors';
import { listOf } from '../core/text';
import { groupRole, homeDatabase, homeSchema, loginRole, TENANT_KEY, tenantLogin, tenantPlace, tenantRole } from '../declaration/names';
import { contextOf } from '../declaration/tenant-context';
import type { Credentials } from '../bootstrap/connect/credentials';
import { connectionConfig } from '../bootstrap/connect/server-access';
import { INACTIVE_TENANT, MOVED_TENANT, MOVING_TENANT, UNKNOWN_TENANT } from '../bootstrap/model/library';
import { FORGED_CONTEXT } from '../bootstrap/model/tenant-context';
import { type DriverSettings, FAST_FAILOVER } from '../manifest/driver';
import type { Manifest } from '../manifest/format';
import { otherTenant, TenantCells, unknownServer } from './cells';
import { authoritiesOfPool } from './authorities';
import { Directory, type TenantPlacement } from './directory';
import { isEnded } from './ended';
import { type Message, messagesOf } from './entering';
import { FailoverPool, ServerHealth } from './failover-pool';
import { freshSession } from './fresh-session';
import { MOST_ATTEMPTS, placementOf } from './moving';
import { type Leave, QueueTimeout, TenantQueues } from './tenant-queue';
import { Signer } from './signing';
import { type Entrance, type TenantSession, TenantTransaction } from './transaction';

export interface TenantsOptions {
  readonly credentials: Credentials;
  /** The declared role that this program works as. @default - the only tenant-scoped role that has a login */
  readonly role?: string;
  /** Most connections of each pool; there is one pool a server, database and login. @default 10 */
  readonly maxConnections?: number;
  /** Milliseconds to wait for a connection, also for one that is in use. @default 30000 */
  readonly connectionTimeout?: number;
  /** Milliseconds until a connection that nobody uses is closed. Behind RDS Proxy that gives back the database connection that it is pinned to. @default 10000 */
  readonly idleTimeout?: number;
  /** Milliseconds that a tenant's place is remembered. A tenant that was moved is found again at once all the same. @default 5000 */
  readonly staleness?: number;
  /**
   * Where the key comes from that contexts are signed with, where the declaration says `tenantContext: 'signed'`: the key itself, or a provider such as `fromSecretsManager()`.
   * A provider is asked anew every 5 minutes, so that a new key is heard of.
   *
   * @default - `credentials`; where those have passwords of logins only (IAM tokens, URLs), the secret that the manifest names
   */
  readonly contextKey?: string | Credentials;
  /** Milliseconds within which a transaction must have begun on the server once its context was signed. Clocks may differ by that much. @default 60000 */
  readonly contextLifetime?: number;
  /**
   * How fast it is noticed that a server is lost, in seconds.
   *
   * @default - what the manifest says, else `FAST_FAILOVER`
   */
  readonly driver?: Partial<DriverSettings>;
}

const DEFAULT_CONNECTIONS = 10;
const DEFAULT_TIMEOUT = 30_000;
const IDLE_TIMEOUT = 10_000;
/** SQLSTATE of a login that may not log in. */
const NOT_PERMITTED = '28000';
/** SQLSTATEs of a place that a tenant is not at any more: its login may not log in, its database lets nobody in, or is gone. */
const CLOSED_PLACE = new Set([NOT_PERMITTED, '55000', '3D000']);
/** SQLSTATE of a call of what an older version of the library does not have. */
const NO_SUCH_FUNCTION = '42883';
/** With the one of a wrong password. */
const NOT_LET_IN = new Set([NOT_PERMITTED, '28P01']);
const DEFAULT_LIFETIME = 60_000;
const ISOLATION_LEVELS = ['read committed', 'repeatable read', 'serializable'] as const;

export interface TransactionOptions {
  /** @default - the server's, which is read committed unless it was changed */
  readonly isolationLevel?: (typeof ISOLATION_LEVELS)[number];
  /** @default false */
  readonly readOnly?: boolean;
}

export interface Tenants {
  /**
   * Runs `work` in a transaction in which only the tenant's rows exist, whatever its isolation. The transaction is committed when `work`
   * succeeds and rolled back when it throws. The transaction's begin and the tenant's context are one message, and the first statement follows
   * without waiting for its answer: there is one round trip less than a transaction usually has.
   *
   * @throws TenantryError (`refused`) for a tenant that is unknown or not active
   */
  with<T>(tenant: string, work: (db: TenantSession) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Closes all connections. */
  end(): Promise<void>;
}

/**
 * Access to the rows of each tenant, one at a time. Works through a pooler in transaction mode too: everything that makes the context is
 * local to the transaction.
 *
 * @throws TenantryError (`input`) when the role is not one that a program can work as
 */
export function connectTenants(manifest: Manifest, options: TenantsOptions): Tenants {
  return new PooledTenants(manifest, roleOf(manifest, options.role), options);
}

function roleOf({ declaration }: Manifest, given: string | undefined): string {
  const possible = Object.entries(declaration.roles).filter(([, role]) => role.scope === 'tenant' && role.login !== 'none').map(([name]) => name);
  const role = given ?? (possible.length === 1 ? possible[0] : undefined);
  if (role !== undefined && possible.includes(role)) return role;
  const choice = possible.length === 0 ? 'none is declared' : listOf(possible);
  throw new TenantryError('input', {
    code: 'client/role', problem: given === undefined ? `Several roles could be meant: ${choice}.` : `${JSON.stringify(given)} is not a tenant-scoped role with a login; those are: ${choice}.`,
    fix: "Name one: connectTenants(manifest, { role: '…', credentials }).",
  });
}

class PooledTenants implements Tenants {
  readonly #pools = new Map<string, Promise<Pool>>();
  readonly #health = new Map<string, ServerHealth>();
  readonly #directory: Directory;
  readonly #cells: TenantCells;
  readonly #queues: TenantQueues;
  readonly #manifest: Manifest;
  readonly #role: string;
  readonly #application: string;
  /** Databases that an older version of the library made, and no apply has changed since. */
  readonly #older = new Set<string>();
  readonly #options: TenantsOptions;
  /** @default - contexts are not signed */
  readonly #signer: Signer | undefined;
  /** Whether each tenant has logins of its own, whatever its isolation. */
  readonly #ownLogins: boolean;
  /** Of the one tenant, where the server is its own. Undefined where nobody else says. */
  readonly #idAtHome: () => string | undefined;

  constructor(manifest: Manifest, role: string, options: TenantsOptions, idAtHome: () => string | undefined = () => undefined) {
    this.#manifest = manifest;
    this.#idAtHome = idAtHome;
    this.#role = role;
    this.#application = `tenantry:${role}`;
    this.#options = options;
    const { declaration } = manifest;
    const { contextKey, contextLifetime = DEFAULT_LIFETIME, credentials } = options;
    this.#ownLogins = contextOf(declaration) === 'role';
    this.#signer = contextOf(declaration) === 'signed' ? new Signer(manifest, { credentials, contextKey, lifetime: contextLifetime }) : undefined;
    this.#queues = new TenantQueues(options.connectionTimeout ?? DEFAULT_TIMEOUT);
    this.#directory = new Directory((tenant) => this.#pool(homeDatabase(declaration.name), this.#login(tenant, 'row')), options.staleness ?? 5_000, freshSession(this.#application));
    this.#cells = new TenantCells(manifest, {
      directory: this.#directory, ownLogins: this.#ownLogins,
      // A key that is given as text is the home's: each server has one of its own.
      connect: (cell, idAtHome) => new PooledTenants(cell, role, typeof contextKey === 'string' ? withoutKey(options) : options, idAtHome),
    });
  }

  async with<T>(tenant: string, work: (db: TenantSession) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    if (!TENANT_KEY.test(tenant)) throw unknown(tenant);
    refuseIsolationLevel(options.isolationLevel);
    const cell = await this.#cells.of(tenant);
    if (cell !== undefined) return cell.with(tenant, work, options);
    const line: { leave?: Leave } = {};
    try {
      return await this.#run(tenant, work, options, line);
    } finally {
      line.leave?.();
    }
  }

  async #run<T>(tenant: string, work: (db: TenantSession) => Promise<T>, options: TransactionOptions, line: { leave?: Leave }): Promise<T> {
    const transaction = await TenantTransaction.begin({
      find: () => this.#find(tenant, options, line).catch((error: Error) => Promise.reject(noConnection(tenant, this.#options.maxConnections ?? DEFAULT_CONNECTIONS, error))),
      refused: (error, attempt, { database }) => this.#refused(tenant, error, attempt, database),
    });
    let committed = false;
    try {
      const result = await work(transaction);
      if (!(await transaction.commit())) throw rolledBack(tenant);
      committed = true;
      return result;
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code === FORGED_CONTEXT) this.#signer?.forget();
      throw transaction.explain(error);
    } finally {
      await transaction.end(committed);
    }
  }

  async end(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all([...pools.map(async (pool) => (await pool).end()), this.#cells.end()]);
  }

  async #find(tenant: string, options: TransactionOptions, line: { leave?: Leave }): Promise<Entrance> {
    const placement = await placementOf(this.#directory, tenant, this.#options.connectionTimeout ?? DEFAULT_TIMEOUT).catch((error: Error & { code?: string }) => Promise.reject(this.#ownLogins && NOT_LET_IN.has(error.code ?? '') ? notLetIn(tenant, error) : error));
    if (placement === undefined) throw unknown(tenant);
    if (placement.isolation === 'cluster') {
      this.#directory.forget(tenant);
      throw unknownServer(tenant, placement.server);
    }
    if (placement.state !== 'active') {
      this.#directory.forget(tenant);
      throw inactive(tenant, placement.state);
    }
    if (placement.id !== (this.#idAtHome() ?? placement.id)) {
      this.#directory.forget(tenant);
      throw otherTenant(tenant);
    }
    this.#leaveFormer(tenant, placement);
    // Before a connection is asked for: who waits in the line of a tenant holds none that others could use.
    line.leave ??= await this.#queues.enter(tenant, placement.poolSize ?? undefined);
    const sign = await this.#signer?.ready();
    const pool = await this.#poolOf(tenant, placement);
    const client = await pool.connect().catch((error: Error) => this.#notLetIn(tenant, placement, error));
    if (client === undefined) return this.#find(tenant, options, line);
    return { client, database: placement.database, messages: this.#messages(tenant, placement, options, sign?.(placement.id)) };
  }

  /** The login of a suspended tenant may not log in: what was remembered of the tenant is older than that. */
  async #notLetIn(tenant: string, from: TenantPlacement, error: Error & { code?: string }): Promise<undefined> {
    if (!CLOSED_PLACE.has(error.code ?? '')) throw error;
    this.#directory.forget(tenant);
    const placement = await this.#directory.find(tenant).catch(() => undefined);
    if (placement !== undefined && placement.version !== from.version && (placement.state === 'active' || placement.state === 'moving')) return undefined;
    if (placement !== undefined && placement.state !== 'active') throw inactive(tenant, placement.state);
    throw error;
  }

  /** Connections to the database that a tenant was moved away from are of no use, and it cannot be dropped while they are open. */
  #leaveFormer(tenant: string, { database }: TenantPlacement): void {
    const { name } = this.#manifest.declaration;
    const former = `${tenantLogin(name, this.#role, tenant)}@${tenantPlace(name, tenant)}`;
    const pool = database === tenantPlace(name, tenant) ? undefined : this.#pools.get(former);
    if (pool === undefined) return;
    this.#pools.delete(former);
    pool.then((open) => open.end()).catch(() => undefined);
  }

  #refused(tenant: string, error: unknown, attempt: number, database: string): Error | undefined {
    this.#directory.forget(tenant);
    const { code } = error as { code?: string };
    if (code === NO_SUCH_FUNCTION && attempt < 3) {
      this.#older.add(database);
      return undefined;
    }
    if (code === MOVING_TENANT && attempt < MOST_ATTEMPTS) return undefined;
    if ((code === MOVED_TENANT || code === UNKNOWN_TENANT) && attempt < 3) return undefined;
    // The session was ended, for instance since the tenant has left its database: nothing was begun.
    if (isEnded(error) && attempt < 3) return undefined;
    if (code === UNKNOWN_TENANT) return unknown(tenant);
    if (code === INACTIVE_TENANT) return inactive(tenant, 'not active');
    return error as Error;
  }

  #poolOf(tenant: string, { isolation, database }: TenantPlacement): Promise<Pool> {
    return this.#pool(database, this.#login(tenant, isolation));
  }

  #login(tenant: string, isolation: TenantPlacement['isolation']): string {
    const { name } = this.#manifest.declaration;
    return this.#ownLogins || isolation === 'database' ? tenantLogin(name, this.#role, tenant) : loginRole(name, this.#role);
  }

  #messages(tenant: string, { isolation, schema, version, database }: TenantPlacement, { isolationLevel, readOnly }: TransactionOptions, signed: string | undefined): readonly Message[] {
    const { name } = this.#manifest.declaration;
    return messagesOf({
      application: this.#application, tenant, version, isOlder: this.#older.has(database), ...(signed === undefined ? {} : { signed }),
      begin: `begin${isolationLevel === undefined ? '' : ` isolation level ${isolationLevel}`}${readOnly === true ? ' read only' : ''}`,
      role: isolation === 'row' && !this.#ownLogins ? groupRole(name, this.#role) : tenantRole(name, this.#role, tenant),
      path: [...new Set([schema, homeSchema(name)])],
    });
  }

  #pool(database: string, login: string): Promise<Pool> {
    const key = `${login}@${database}`;
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = this.#open(database, login);
      this.#pools.set(key, pool);
      pool.catch(() => this.#pools.delete(key));
    }
    return pool;
  }

  async #open(database: string, login: string): Promise<Pool> {
    const { servers, home } = this.#manifest;
    const server = servers[home];
    if (server === undefined) throw new Error(`manifest without server ${home}`);
    const access = await this.#options.credentials({ name: home, server: { ...server, ...server.pool }, user: login });
    const ca = server.pool === undefined ? access.ca : authoritiesOfPool(access.ca);
    const health = this.#health.get(home) ?? new ServerHealth(home, { ...FAST_FAILOVER, ...server.driver, ...this.#options.driver });
    this.#health.set(home, health);
    const pool = new FailoverPool({ ...connectionConfig({ ...access, user: login, ...(ca === undefined ? {} : { ca }) }, database, this.#application), max: this.#options.maxConnections ?? DEFAULT_CONNECTIONS, connectionTimeoutMillis: this.#options.connectionTimeout ?? DEFAULT_TIMEOUT, idleTimeoutMillis: this.#options.idleTimeout ?? IDLE_TIMEOUT, pipeline: true }, health);
    // An idle connection that breaks is replaced by the pool; without a listener the process would end.
    pool.on('error', () => undefined);
    // Nor is there one for an error that comes with the news that a new connection is ready, before whoever waits for it has heard that.
    pool.on('connect', (client) => void client.on('error', () => undefined));
    return pool;
  }
}

const withoutKey = ({ contextKey: _key, ...others }: TenantsOptions): TenantsOptions => others;

/** It becomes part of the message that makes the context: what does not parse there would leave the statements behind it without one. */
function refuseIsolationLevel(given: string | undefined): void {
  if (given === undefined || (ISOLATION_LEVELS as readonly string[]).includes(given)) return;
  throw new TenantryError('input', { code: 'client/isolation-level', at: 'isolationLevel', problem: `${JSON.stringify(given)} is not an isolation level.`, fix: `Give one of ${listOf(ISOLATION_LEVELS.map((level) => JSON.stringify(level)), 'or')}.` });
}

/** The driver says only that time ran out. */
function noConnection(tenant: string, max: number, error: Error): Error {
  if (error instanceof QueueTimeout) return inLine(tenant, error);
  if (!error.message.includes('timeout exceeded')) return error;
  return new TenantryError('failed', {
    code: 'client/no-connection', at: tenant, problem: `No connection was to be had for the whole time that a transaction may wait for one: all ${max} of the pool were in use, or the server did not answer.`,
    fix: 'Open no transaction inside another one, make them shorter, or raise maxConnections or connectionTimeout.',
  }, { cause: error });
}

const inLine = (tenant: string, error: QueueTimeout): TenantryError => new TenantryError('failed', {
  code: 'client/no-connection', at: tenant, problem: `No connection was to be had for the whole time that a transaction may wait for one: the tier of ${tenant} allows ${error.limit} at a time, and all were in use.`,
  fix: 'Open no transaction inside another one, make them shorter, raise connectionTimeout, or give the tenant a tier with a greater poolSize: tenantry tenant tier KEY TIER.',
}, { cause: error });

const rolledBack = (tenant: string): TenantryError => new TenantryError('failed', {
  code: 'client/rolled-back', at: tenant, problem: 'The transaction was rolled back, because one of its statements failed. Nothing of it was stored.',
  fix: 'Let the error of the statement pass, or take a savepoint before a statement that may fail: savepoint s; … rollback to s.',
});

const unknown = (tenant: string): TenantryError => new TenantryError('refused', {
  code: 'client/unknown-tenant', at: tenant, problem: `There is no tenant ${JSON.stringify(tenant)}.`, fix: 'Check the key, or add the tenant: tenantry tenant add KEY --mode row.',
});

/** Who may not log in as a tenant is not told whether there is none, or whether it is suspended. */
const notLetIn = (tenant: string, error: Error): TenantryError => new TenantryError('refused', {
  code: 'client/inactive-tenant', at: tenant, problem: `The login of tenant ${JSON.stringify(tenant)} is not let in: there is no such tenant, it is not active, or its password is another one.`,
  fix: 'Check the key and where the password comes from: tenantry tenant list shows who is served.',
}, { cause: error });

const inactive = (tenant: string, state: string): TenantryError => new TenantryError('refused', {
  code: 'client/inactive-tenant', at: tenant, problem: `Tenant ${JSON.stringify(tenant)} is ${state}.`, fix: 'Only an active tenant is served.',
});
