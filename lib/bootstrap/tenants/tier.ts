import { TenantryError } from '../../core/errors';
import { homeDatabase, LIBRARY_SCHEMA, maintainerRole, tenantLogin, tenantPlace } from '../../declaration/names';
import type { Declaration } from '../../declaration/schema';
import { parseTenants } from '../../declaration/tenants';
import { actor, type ApplyOptions } from '../apply/apply';
import { inTransaction } from '../apply/execute';
import { ApplyLocks } from '../apply/lock';
import { type Situation, withSituation } from '../catalog/situation';
import { change } from '../kinds/kind';
import { copyTier } from '../kinds/tenant';
import { TEMP_FILE_LIMIT, TIER_PARAMETERS } from '../model/tier';
import type { Change } from '../plan/difference';
import { ident, literal } from '../sql/quote';
import { recordSql } from './operations';
import { findTenant, homeOf, ownDatabase } from './state';

/** A tenant whose tier was changed. */
export interface RetieredTenant {
  readonly key: string;
  readonly tier: string;
  /** The one that it had. */
  readonly was: string;
  /** The tenant's own logins, which were given the limits of the tier. */
  readonly logins: readonly string[];
  readonly milliseconds: number;
}

/**
 * Gives a tenant another tier. Its limits hold for every transaction that begins behind the commit; own logins have the tier's number of
 * connections at once, and the other settings in sessions that begin then. Doing it twice does no harm, and ends what was interrupted.
 *
 * @throws TenantryError `input` for a tier that is not declared, `refused` for a tenant that is unknown, and for a tier that was not applied yet
 */
export async function changeTier({ access, loaded, lockWait }: Pick<ApplyOptions, 'access' | 'loaded' | 'lockWait'>, key: string, tier: string): Promise<RetieredTenant> {
  const started = Date.now();
  const { declaration } = loaded.manifest;
  parseTenants({ [key]: { isolation: 'row', tier } }, declaration);
  return withSituation({ access, loaded, locks: new ApplyLocks(lockWait ?? 300_000) }, async (situation) => {
    const { name } = declaration;
    const home = await homeOf(situation, name);
    const { registered, isolation } = findTenant(situation, key);
    const own = isolation === 'database' ? ownDatabase(situation, name, key) : undefined;
    if (declaration.tiers !== undefined) {
      const { rows } = await home.query(`select from ${LIBRARY_SCHEMA}.tiers where name = $1`, [tier]);
      if (rows.length === 0) throw notAppliedYet(key, tier);
    }
    const where = { kind: 'tenant', action: 'alter', reason: 'asked for', summary: `tenant ${key} has tier ${tier}` } as const;
    const logins = await ownLogins(situation, declaration, key);
    const inHome: Change[] = [
      ...alterLogins(situation, key, tier, logins),
      ...(registered.tier === tier ? [] : [change({
        ...where, target: homeDatabase(name), sql: [copyTier(key, tier), recordSql({ tenant: key, operation: 'tier', detail: { from: registered.tier, to: tier }, actor: actor(situation) }, 'done')],
      })]),
    ];
    const run = { actors: { owner: situation.server.owner, maintainer: maintainerRole(name) }, places: [], prepare: () => Promise.resolve(), onProgress: () => undefined };
    if (inHome.length > 0) await inTransaction({ ...run, client: home }, inHome);
    // Its own registry is what its transactions read. What is interrupted in between, the same command or an apply ends.
    if (own !== undefined) await inTransaction({ ...run, client: own }, [change({ ...where, target: tenantPlace(name, key), sql: copyTier(key, tier) })]);
    return { key, tier, was: registered.tier, logins, milliseconds: Date.now() - started };
  });
}

/** What the logins are to have with the new tier, and what of the old one they lose. */
function alterLogins({ placements, server, wantedWith, capabilities }: Situation, key: string, tier: string, logins: readonly string[]): Change[] {
  if (logins.length === 0) return [];
  const { server: wanted } = wantedWith(placements.map((placement) => (placement.key === key && placement.registered !== undefined ? { ...placement, registered: { ...placement.registered, tier } } : placement)));
  const valuesOf = ({ settings }: Situation['server'], login: string): Map<string, string> => new Map(settings.filter(({ role }) => role === login).map(({ name, value }) => [name, value]));
  return logins.map((login) => {
    const values = valuesOf(wanted, login);
    const had = valuesOf(server, login);
    const names = TIER_PARAMETERS.filter((name) => (values.has(name) || had.has(name)) && (name !== TEMP_FILE_LIMIT || capabilities.settable.includes(name)));
    return change({
      kind: 'role', target: homeDatabase(server.identity.declaration), action: 'alter', actor: 'login', summary: `alter role ${login}`, reason: 'asked for',
      sql: [
        `alter role ${ident(login)} connection limit ${wanted.roles.get(login)?.connectionLimit ?? -1}`,
        ...names.map((name) => `alter role ${ident(login)} ${values.has(name) ? `set ${name} = ${literal(values.get(name) ?? '')}` : `reset ${name}`}`),
      ],
    });
  });
}

/** The tenant's own logins that are there, and ours. */
async function ownLogins({ maintenance, server }: Situation, { name, roles }: Declaration, key: string): Promise<string[]> {
  const { rows } = await maintenance.query<{ login: string }>(
    `select rolname::text as login from pg_catalog.pg_roles r join pg_catalog.pg_shdescription d on d.objoid = r.oid and d.classoid = 'pg_catalog.pg_authid'::regclass
      where rolname = any($1) and d.description = $2 order by 1`, [Object.keys(roles).map((role) => tenantLogin(name, role, key)), server.marker]);
  return rows.map(({ login }) => login);
}

const notAppliedYet = (key: string, tier: string): TenantryError => new TenantryError('refused', {
  code: 'tenant/apply-first', at: key, problem: `The tier ${JSON.stringify(tier)} is declared, and no apply has made it yet.`, fix: 'Run tenantry bootstrap apply with this manifest first.',
});
