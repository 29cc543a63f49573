import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { listOf, nearest } from '../../core/text';
import { homeDatabase, keyInNames, LIBRARY_SCHEMA, maintainerRole, tenantPlace } from '../../declaration/names';
import type { Isolation } from '../../declaration/types';
import { actor, type ApplyOptions } from '../apply/apply';
import { inTransaction } from '../apply/execute';
import { ApplyLocks } from '../apply/lock';
import { type Situation, withSituation } from '../catalog/situation';
import { change } from '../kinds/kind';
import { copyState } from '../kinds/tenant';
import type { TenantState } from '../model/library';
import type { Placement } from '../model/place';
import type { Change } from '../plan/difference';
import { ident, literal } from '../sql/quote';
import { neverApplied } from './list';
import { recordSql } from './operations';
import { endSessions, type Sessions } from './sessions';

type Target = Extract<TenantState, 'active' | 'suspended'>;
type Options = Pick<ApplyOptions, 'access' | 'loaded' | 'lockWait'>;

/** A tenant that was suspended or resumed. */
export interface ChangedTenant {
  readonly key: string;
  readonly isolation: Isolation;
  readonly state: Target;
  /** The tenant's own logins, which may not log in while it is suspended. */
  readonly logins: readonly string[];
  /** Sessions of those logins, when it was suspended. */
  readonly sessions: Sessions;
  readonly milliseconds: number;
}

/**
 * Suspends a tenant: from the commit on, no transaction of it begins, and its own logins may not log in. Nothing of it is removed. It stays so
 * through every apply until it is resumed.
 *
 * @throws TenantryError (`refused`) for a tenant that is unknown or not active
 */
export const suspendTenant = (options: Options, key: string): Promise<ChangedTenant> => changeState(options, key, 'suspended');

/**
 * Serves a suspended tenant again.
 *
 * @throws TenantryError (`refused`) for a tenant that is unknown or not suspended
 */
export const resumeTenant = (options: Options, key: string): Promise<ChangedTenant> => changeState(options, key, 'active');

const FROM: Readonly<Record<Target, readonly TenantState[]>> = { suspended: ['active'], active: ['suspended', 'archived'] };

async function changeState({ access, loaded, lockWait }: Options, key: string, to: Target): Promise<ChangedTenant> {
  const started = Date.now();
  return withSituation({ access, loaded, locks: new ApplyLocks(lockWait ?? 300_000) }, async (situation) => {
    const { name } = loaded.manifest.declaration;
    const home = await homeOf(situation, name);
    const tenant = findTenant(situation, key);
    const own = tenant.isolation === 'database' ? ownDatabase(situation, name, key) : undefined;
    const unfinished = await isHalfDone(tenant, to, own);
    if (!unfinished) refuseState(tenant, to);
    const logins = await ownLogins(situation, tenant);

    const version = tenant.registered.version + (unfinished ? 0 : 1);
    const where = { kind: 'tenant', action: 'alter', reason: 'asked for' } as const;
    const inHome: Change[] = unfinished ? [] : [
      ...logins.map((login) => change({ ...where, kind: 'role', target: homeDatabase(name), actor: 'login', summary: `alter role ${login} ${to === 'active' ? 'LOGIN' : 'NOLOGIN'}`, sql: `alter role ${ident(login)} ${to === 'active' ? 'login' : 'nologin'}` })),
      change({
        ...where, target: homeDatabase(name), summary: `tenant ${key} is ${to}`,
        sql: [
          `update ${LIBRARY_SCHEMA}.tenants set state = ${literal(to)}, version = ${version}, state_since = now(), state_by = ${literal(actor(situation))}, updated_at = now() where key = ${literal(key)}`,
          // The home registry's word is what counts: with it, it is done.
          recordSql({ tenant: key, operation: to === 'suspended' ? 'suspend' : 'resume', actor: actor(situation) }, 'done'),
        ],
      }),
    ];
    const steps: readonly (readonly [Client, readonly Change[]])[] = [
      [home, inHome],
      ...(own === undefined ? [] : [[own, [change({ ...where, target: tenantPlace(name, key), summary: `tenant ${key} is ${to}`, sql: copyState(key, to, version) })]] as const]),
    ];
    const actors = { owner: situation.server.owner, maintainer: maintainerRole(name) };
    // The home registry says who is served: it is the first to say no, and the last to say yes. What is interrupted in between, an apply ends.
    for (const [client, changes] of to === 'suspended' ? steps : [...steps].reverse()) {
      if (changes.length > 0) await inTransaction({ client, actors, places: [], prepare: () => Promise.resolve(), onProgress: () => undefined }, changes);
    }
    const sessions = to === 'suspended' ? await endSessions(situation.maintenance, logins) : { ended: 0, left: 0 };
    return { key, isolation: tenant.isolation, state: to, logins, sessions, milliseconds: Date.now() - started };
  });
}

export async function homeOf({ connections, closed, libraryIsBehind }: Situation, declaration: string): Promise<Client> {
  const home = connections.get(homeDatabase(declaration));
  if (closed.has(homeDatabase(declaration))) throw letsNobodyIn(homeDatabase(declaration));
  if (home === undefined) throw neverApplied(declaration);
  const { rows } = await home.query(`select count(*)::int as columns from pg_catalog.pg_attribute where attrelid = pg_catalog.to_regclass($1) and not attisdropped and attname in ('state_since', 'state_by')`, [`${LIBRARY_SCHEMA}.tenants`]);
  if (rows[0].columns === 2 && !libraryIsBehind) return home;
  throw new TenantryError('refused', {
    code: 'tenant/apply-first', at: declaration, problem: 'The registry does not keep yet what this version writes into it when a tenant is suspended or resumed.', fix: 'Run tenantry bootstrap apply with this manifest first.',
  });
}

/** A tenant that the registry knows, and that has its place on this server. */
export type RegisteredPlacement = Placement & Required<Pick<Placement, 'registered'>> & { readonly isolation: Isolation };

export function findTenant({ placements }: Situation, key: string): RegisteredPlacement {
  const found = placements.find((placement) => placement.key === key);
  if (found?.isolation === 'cluster') throw onOwnServer(key);
  if (found?.registered !== undefined) return { ...found, isolation: found.isolation, registered: found.registered };
  const like = nearest(key, placements.map((placement) => placement.key));
  throw new TenantryError('refused', {
    code: 'tenant/unknown', at: key, problem: found === undefined ? `There is no tenant ${JSON.stringify(key)}.` : `The tenant ${JSON.stringify(key)} is declared, and no apply has made it yet.`,
    fix: found === undefined ? `${like === undefined ? '' : `Did you mean ${like}? `}tenantry tenant list shows all.` : 'Run tenantry bootstrap apply first.',
  });
}

/** Its rows, its logins and its state are on the server that it has for itself. */
const onOwnServer = (key: string): TenantryError => new TenantryError('refused', {
  code: 'tenant/own-cluster', at: key, problem: `The tenant ${JSON.stringify(key)} has a cluster of its own, and nothing of it is on this server but its row in the registry.`,
  fix: 'Give the command the manifest that declares the tenant, and the way to its server (--database-url ' + `${key}=URL). In a program: cellsOf(loaded) has the manifest of each server.\nWhere it is not declared any more: tenantry tenant forget ${key} --confirm ${key} frees its key.`,
});

export function ownDatabase({ connections, closed }: Situation, declaration: string, key: string): Client | undefined {
  const database = tenantPlace(declaration, key);
  if (closed.has(database)) throw letsNobodyIn(database);
  return connections.get(database);
}

const letsNobodyIn = (database: string): TenantryError => new TenantryError('refused', {
  code: 'database/closed', at: `database ${database}`, problem: `The database ${database} lets nobody in, so that its registry cannot be changed. Nothing was changed.`, fix: 'Run tenantry bootstrap apply first: it opens the database.',
});

/** What can be done with a tenant in a state that a command does not start from. KEY stands for its key. */
export const HINTS: Readonly<Record<TenantState, string>> = {
  provisioning: 'Run tenantry bootstrap apply: it makes what is missing.',
  active: 'There is nothing to do: it is served.',
  suspended: 'There is nothing to do: it is not served. tenantry tenant resume KEY serves it again.',
  archived: 'It was archived, and is not served. tenantry tenant resume KEY serves it again.',
  moving: 'It is being moved, or that was interrupted: tenantry tenant history KEY says to where, and the same command again ends it.',
  offboarding: 'It is being off-boarded, or that was interrupted: tenantry tenant offboard KEY --confirm KEY again ends it.',
  offboarded: 'Nothing of it is left.',
};

function refuseState({ key, registered: { state } }: RegisteredPlacement, to: Target): void {
  if (FROM[to].includes(state)) return;
  throw new TenantryError('refused', {
    code: 'tenant/state', at: key, problem: `The tenant ${JSON.stringify(key)} is ${state}; only one that is ${listOf(FROM[to], 'or')} can be ${to === 'suspended' ? 'suspended' : 'resumed'}.`, fix: HINTS[state].replaceAll('KEY', key),
  });
}

/** Whether a suspension was interrupted between the two registries of a tenant with a database of its own. */
async function isHalfDone({ key, registered }: RegisteredPlacement, to: Target, own: Client | undefined): Promise<boolean> {
  if (registered.state !== to || own === undefined) return false;
  const { rows } = await own.query(`select 1 from ${LIBRARY_SCHEMA}.tenants where key = $1 and (state, version) <> ($2, $3)`, [key, to, registered.version]);
  return rows.length > 0;
}

/** The tenant's own logins that are there, and ours. Those that see all tenants are not its own. */
export async function ownLogins({ maintenance, server }: Situation, { key }: RegisteredPlacement): Promise<string[]> {
  // Neither a declaration's name nor a role's holds two underscores: behind the first two stands the tenant.
  const own = [...server.roles].filter(([name, { login }]) => login && name.slice(name.indexOf('__')) === `__${keyInNames(key)}_login`).map(([name]) => name);
  if (own.length === 0) return [];
  const { rows } = await maintenance.query<{ name: string }>(
    `select rolname::text as name from pg_catalog.pg_roles r join pg_catalog.pg_shdescription d on d.objoid = r.oid and d.classoid = 'pg_catalog.pg_authid'::regclass
      where rolname = any($1) and d.description = $2 order by 1`, [own, server.marker]);
  return rows.map(({ name }) => name);
}
