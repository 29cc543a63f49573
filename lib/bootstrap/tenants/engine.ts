import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { homeDatabase, LIBRARY_SCHEMA, maintainerRole } from '../../declaration/names';
import { actor, type ApplyOptions } from '../apply/apply';
import { inTransaction } from '../apply/execute';
import { ApplyLocks } from '../apply/lock';
import { type Situation, withSituation } from '../catalog/situation';
import { change } from '../kinds/kind';
import { copyState } from '../kinds/tenant';
import type { TenantState } from '../model/library';
import type { TenantOperationName } from '../model/library-tenants';
import type { Isolation } from '../../declaration/types';
import type { Placement } from '../model/place';
import type { Change } from '../plan/difference';
import { ident, literal } from '../sql/quote';
import { type TenantOperation, unfinishedOperation } from './operations';
import { type RowPlace, rowPlaceOf, type RowTable, rowTables } from './rows';
import { findTenant, homeOf, ownDatabase, type RegisteredPlacement } from './state';

export interface OperationOptions extends Pick<ApplyOptions, 'access' | 'loaded' | 'passwords' | 'lockWait' | 'onProgress'> {
  /** Milliseconds that transactions of the tenant have to end. @default 30000 */
  readonly drainWait?: number;
}

export const DRAIN_WAIT = 30_000;

/** One tenant, looked at under the locks of an apply, and what is done with it. */
export interface Work {
  readonly situation: Situation;
  readonly declaration: string;
  readonly owner: string;
  readonly maintainer: string;
  readonly home: Client;
  readonly tenant: RegisteredPlacement;
  readonly tenantId: string;
  readonly tables: readonly RowTable[];
  /** What was begun and has not ended. */
  readonly operation: TenantOperation | undefined;
  readonly actor: string;
  readonly locks: ApplyLocks;
  /** Where the tenant has its place in this isolation. */
  place(isolation: Isolation): RowPlace;
  /** A connection to the database of a place. Undefined where that is not there. */
  clientOf(place: RowPlace): Promise<Client | undefined>;
}

/** Looks at a tenant, with nobody else at work. */
export async function withTenant<T>(options: OperationOptions, key: string, use: (work: Work) => Promise<T>): Promise<T> {
  const { access, loaded, passwords, lockWait } = options;
  const locks = new ApplyLocks(lockWait ?? 300_000);
  return withSituation({ access, loaded, locks, offboarding: key, ...(passwords === undefined ? {} : { passwords }) }, async (situation) => {
    const declaration = loaded.manifest.declaration.name;
    const { owner } = situation.server;
    const home = await homeOf(situation, declaration);
    const tenant = findTenant(situation, key);
    const { rows: [row] } = await home.query<{ id: string }>(`select id from ${LIBRARY_SCHEMA}.tenants where key = $1`, [key]);
    return use({
      situation, declaration, owner, maintainer: maintainerRole(declaration), home, tenant, tenantId: row?.id ?? '', tables: rowTables(situation.forms.tables), locks,
      operation: await unfinishedOperation(home, owner, key), actor: actor(situation),
      place: (isolation) => rowPlaceOf(declaration, key, isolation),
      clientOf: (place) => clientOf(situation, place),
    });
  });
}

/** One that an interrupted removal closed is opened again. */
async function clientOf(situation: Situation, { database }: RowPlace): Promise<Client | undefined> {
  const { connections, closed, maintenance, connectTo, server } = situation;
  if (closed.has(database) && !connections.has(database)) {
    await maintenance.query(`set role ${ident(server.owner)}`);
    await maintenance.query(`alter database ${ident(database)} allow_connections true`).finally(() => maintenance.query('reset role'));
    const client = await connectTo(database);
    connections.set(database, client);
  }
  return connections.get(database);
}

/** A tenant with which something else was begun. */
export function refuseOther({ operation, tenant: { key } }: Work, meant: TenantOperationName): void {
  if (operation === undefined || operation.operation === meant) return;
  const { detail: { to } } = operation;
  const command = operation.operation === 'move' ? `tenantry tenant move ${key} --to ${typeof to === 'string' ? to : 'ISOLATION'}` : operation.operation === 'offboard' ? `tenantry tenant offboard ${key} --confirm ${key}` : operation.operation === 'archive' ? `tenantry tenant archive ${key} --out FOLDER` : 'tenantry bootstrap apply';
  throw new TenantryError('refused', {
    code: 'tenant/busy', at: key, problem: `Another operation with tenant ${JSON.stringify(key)} was begun and has not ended: ${operation.operation}, by ${operation.actor}.`, fix: `End it first: ${command}`,
  });
}

const asked = { kind: 'tenant', action: 'alter', reason: 'asked for' } as const;

/** Runs statements of the owner, and of the login, in one transaction. */
export async function write({ situation, maintainer }: Work, client: Client, target: string, summary: string, sql: readonly string[], byLogin: readonly string[] = []): Promise<void> {
  const changes: Change[] = [
    ...(byLogin.length === 0 ? [] : [change({ ...asked, target, summary, actor: 'login', sql: byLogin })]),
    ...(sql.length === 0 ? [] : [change({ ...asked, target, summary, sql })]),
  ];
  if (changes.length === 0) return;
  await inTransaction({ client, actors: { owner: situation.server.owner, maintainer }, places: [], prepare: () => Promise.resolve(), onProgress: () => undefined }, changes);
}

export interface Transition {
  readonly state: TenantState;
  readonly version: number;
  /** What else the home registry's transaction does. @default - nothing */
  readonly also?: readonly string[];
  /** Logins that may log in from then on, or may not. @default - none */
  readonly logins?: { readonly names: readonly string[]; readonly may: boolean };
  /** Columns of the registry besides. @default - none */
  readonly set?: Readonly<Record<string, string>>;
}

/** Changes the state of a tenant. The home registry is the first to say no; its own one is the first to say yes. */
export async function transition(work: Work, { state, version, also = [], logins, set = {} }: Transition): Promise<void> {
  const { home, declaration, tenant: { key, isolation }, actor: by, situation } = work;
  const own = isolation === 'database' ? ownDatabase(situation, declaration, key) : undefined;
  const columns = { state: literal(state), version: String(version), state_since: 'now()', state_by: literal(by), updated_at: 'now()', ...set };
  const inHome = (): Promise<void> => write(work, home, homeDatabase(declaration), `tenant ${key} is ${state}`, [
    `update ${LIBRARY_SCHEMA}.tenants set ${Object.entries(columns).map(([column, value]) => `${column} = ${value}`).join(', ')} where key = ${literal(key)}`, ...also,
  ], (logins?.names ?? []).map((login) => `alter role ${ident(login)} ${logins?.may === true ? 'login' : 'nologin'}`));
  const inOwn = async (): Promise<void> => {
    if (own !== undefined) await write(work, own, own.database ?? '', `tenant ${key} is ${state}`, [copyState(key, state, version)]);
  };
  if (state === 'active') {
    await inOwn();
    await inHome();
  } else {
    await inHome();
    await inOwn();
  }
}

/** Roles and memberships that are wanted now, and not where the tenants are as in `after`. */
export function surplus({ situation }: Work, after: readonly Placement[]): { readonly roles: readonly string[]; readonly memberships: readonly string[] } {
  const wanted = situation.wantedWith(after).server;
  const roles = [...situation.server.roles.keys()].filter((role) => !wanted.roles.has(role));
  const left = new Set(wanted.memberships.map(({ role, member }) => `${role} ${member}`));
  return {
    roles,
    memberships: [...new Set(situation.server.memberships.filter(({ role, member }) => wanted.roles.has(role) && !roles.includes(member) && !left.has(`${role} ${member}`)).map(({ role, member }) => `revoke ${ident(role)} from ${ident(member)}`))],
  };
}
