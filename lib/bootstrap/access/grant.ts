import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import { listOf, nearest } from '../../core/text';
import { problemOfReason } from '../../declaration/access-reason';
import { groupRole, homeDatabase, maintainerRole } from '../../declaration/names';
import type { Declaration } from '../../declaration/schema';
import { millisecondsOf } from '../../declaration/units';
import { actor, type ApplyOptions } from '../apply/apply';
import { inTransaction } from '../apply/execute';
import { ApplyLocks } from '../apply/lock';
import { libraryTablesIn } from '../catalog/library';
import { type Situation, withSituation } from '../catalog/situation';
import { LOGINS } from '../catalog/support';
import { endGrant, insertGrant } from '../kinds/access-grant';
import { change } from '../kinds/kind';
import { type AccessGrant, maxDurationOf } from '../model/support';
import type { Change } from '../plan/difference';
import { ident, literal } from '../sql/quote';
import { neverApplied } from '../tenants/list';

type Options = Pick<ApplyOptions, 'access' | 'loaded' | 'lockWait'>;

export interface NewAccess {
  /** A login that is there, of a person. */
  readonly member: string;
  /** A declared role of kind `support`. */
  readonly role: string;
  /** How long, at most the role's `maxDuration`: `'2h'`. */
  readonly for: string;
  readonly reason: string;
}

/** Access that was granted or revoked. */
export interface ChangedAccess {
  readonly member: string;
  readonly grants: readonly { readonly id: string; readonly role: string; readonly reason: string; readonly until: Date }[];
  readonly milliseconds: number;
}

const OPTIONS_SINCE = 160_000;

/**
 * Grants a person access to the rows of tenants for a time, without a deployment. The grant is written down, and makes the person's login a member of
 * the role's group, which inherits nothing and may take it on.
 *
 * @throws TenantryError `input` for a role, time or reason that cannot be, `refused` for a login that access is not granted to
 */
export async function grantAccess(options: Options, wanted: NewAccess): Promise<ChangedAccess> {
  const started = Date.now();
  const { declaration } = options.loaded.manifest;
  const milliseconds = checkAccess(declaration, wanted);
  return withSituation({ ...options, locks: new ApplyLocks(options.lockWait ?? 300_000) }, async (situation) => {
    const home = await readyHome(situation, declaration);
    const { rows: [there] } = await home.query<{ now: Date; logins: string[] }>(`select now(), ${LOGINS} as logins`, [[wanted.member]]);
    if (there?.logins.length !== 1) {
      throw new TenantryError('refused', {
        code: 'access/no-login', at: wanted.member, problem: `${JSON.stringify(wanted.member)} is no login that access can be granted to.`,
        fix: 'Name a login that is there, of a person: not one of this library, of the bootstrap or of a superuser. Make one, for instance: create role NAME login noinherit',
      });
    }
    const { member, reason } = wanted;
    const role = groupRole(declaration.name, wanted.role);
    const grant: AccessGrant = { id: randomUUID(), member, role, reason, until: new Date(there.now.getTime() + milliseconds), declared: false, revoked: false };
    const insert = (target: string): Change => step(target, 'grant', `${member} has access as ${role}`, insertGrant(grant, literal(actor(situation))));
    // What a tenant's database says opens nothing before the membership does.
    for (const [target, client] of ownDatabases(situation, declaration)) await inTransaction(execution(situation, client), [insert(target)]);
    const options_ = situation.capabilities.versionNumber >= OPTIONS_SINCE ? ' with inherit false, set true' : '';
    const connect = [...situation.connections.keys()].filter((name) => situation.databases.some((database) => database.name === name));
    await inTransaction(execution(situation, home), [
      insert(homeDatabase(declaration.name)),
      step(homeDatabase(declaration.name), 'grant', `${member} may connect`, connect.map((name) => `grant connect on database ${ident(name)} to ${ident(member)}`)),
      { ...step(homeDatabase(declaration.name), 'grant', `make ${member} a member of ${role}`, `grant ${ident(role)} to ${ident(member)}${options_}`), actor: 'login' },
    ]);
    return { member, grants: [{ ...grant, role: wanted.role }], milliseconds: Date.now() - started };
  });
}

/**
 * Takes access back, whoever gave it. From the commit on the policies let nothing through, also in a transaction that runs.
 *
 * @param role - @default - every role
 * @throws TenantryError (`refused`) where there is no open grant
 */
export async function revokeAccess(options: Options, member: string, role?: string): Promise<ChangedAccess> {
  const started = Date.now();
  const { declaration } = options.loaded.manifest;
  if (role !== undefined) checkRole(declaration, role);
  return withSituation({ ...options, locks: new ApplyLocks(options.lockWait ?? 300_000) }, async (situation) => {
    const home = await readyHome(situation, declaration);
    const { rows: open } = await asOwner<AccessGrant>(home, situation, `select id, member, role, reason, valid_until as until, declared, false as revoked from tenantry.access_grants where member = $1 and revoked_at is null and valid_until > now() order by valid_until`, [member]);
    const ending = open.filter((grant) => role === undefined || grant.role === groupRole(declaration.name, role));
    if (ending.length === 0) {
      throw new TenantryError('refused', {
        code: 'access/none', at: member, problem: `${JSON.stringify(member)} has no open access${role === undefined ? '' : ` as ${role}`}.`, fix: 'tenantry access list shows who has.',
      });
    }
    const rest = open.filter((grant) => !ending.includes(grant));
    const target = homeDatabase(declaration.name);
    const ends = (database: string): Change[] => ending.map((grant) => step(database, 'revoke', `access of ${member} as ${grant.role} ends`, endGrant(grant.id, literal(actor(situation)))));
    const roles = [...new Set(ending.map((grant) => grant.role))].filter((name) => !rest.some((grant) => grant.role === name));
    await inTransaction(execution(situation, home), [
      ...ends(target),
      ...(rest.length > 0 ? [] : [step(target, 'revoke', `${member} may no longer connect`, situation.databases.filter(({ name }) => situation.connections.has(name)).map(({ name }) => `revoke connect on database ${ident(name)} from ${ident(member)}`))]),
      ...roles.map((name): Change => ({ ...step(target, 'revoke', `${member} is no longer a member of ${name}`, `revoke ${ident(name)} from ${ident(member)}`), actor: 'login' })),
    ]);
    for (const [database, client] of ownDatabases(situation, declaration)) await inTransaction(execution(situation, client), ends(database));
    return { member, grants: ending.map((grant) => ({ ...grant, role: declaredRole(declaration, grant.role) })), milliseconds: Date.now() - started };
  });
}

/** The name by which a database role is declared. */
export const declaredRole = ({ name, roles }: Declaration, role: string): string => Object.keys(roles).find((declared) => groupRole(name, declared) === role) ?? role;

const step = (target: string, action: 'grant' | 'revoke', summary: string, sql: string | readonly string[]): Change => change({ kind: 'access grant', target, action, summary, reason: 'asked for', sql });

function checkAccess(declaration: Declaration, { role, for: time, reason }: NewAccess): number {
  checkRole(declaration, role);
  const milliseconds = /^\d+(s|min|h|d)$/.test(time) ? millisecondsOf(time) ?? 0 : 0;
  if (milliseconds <= 0) throw new TenantryError('input', { code: 'access/time', at: time, problem: `${JSON.stringify(time)} is no time that access can be granted for.`, fix: "Write a whole number with s, min, h or d, for instance '2h'." });
  const longest = maxDurationOf(declaration, role);
  if (milliseconds > (millisecondsOf(longest) ?? 0)) {
    throw new TenantryError('refused', { code: 'access/too-long', at: time, problem: `Access as ${role} is granted for ${longest} at most, and ${time} is asked for.`, fix: `Ask for less, or set roles.${role}.maxDuration.` });
  }
  const problem = problemOfReason(reason);
  if (problem !== undefined) {
    throw new TenantryError('input', { code: 'access/reason', at: 'reason', problem: `The reason of an access is kept with it, and what is given ${problem}.`, fix: 'Give one line of 1 to 1,000 characters, for instance the number of a ticket.' });
  }
  return milliseconds;
}

function checkRole({ roles }: Declaration, role: string): void {
  const supports = Object.entries(roles).filter(([, { kind }]) => kind === 'support').map(([name]) => name);
  if (supports.includes(role)) return;
  const near = nearest(role, supports);
  throw new TenantryError('input', {
    code: 'access/role', at: role, problem: `${JSON.stringify(role)} is not a role of kind support${supports.length === 0 ? ', and none is declared' : `; there ${supports.length === 1 ? 'is' : 'are'} ${listOf(supports)}`}.`,
    fix: near === undefined ? "Declare a role with kind 'support'." : `Did you mean ${near}?`,
  });
}

async function readyHome({ connections, closed, server, maintenance }: Situation, { name, roles }: Declaration): Promise<Client> {
  const home = connections.get(homeDatabase(name));
  if (home === undefined && !closed.has(homeDatabase(name))) throw neverApplied(name);
  const groups = Object.entries(roles).filter(([, { kind }]) => kind === 'support').map(([role]) => groupRole(name, role));
  const { rows } = await maintenance.query('select from pg_catalog.pg_roles r where rolname = any($1) and shobj_description(oid, \'pg_authid\') = $2', [groups, server.marker]);
  if (home !== undefined && closed.size === 0 && rows.length === groups.length && (await libraryTablesIn(home)).includes('access_grants')) return home;
  throw new TenantryError('refused', {
    code: 'access/apply-first', at: name, problem: closed.size > 0 ? `${listOf([...closed])} lets nobody in, so that access cannot be written down there.` : 'The roles of this declaration, or what the library keeps of access, are not there yet.', fix: 'Run tenantry bootstrap apply with this manifest first.',
  });
}

const ownDatabases = ({ connections, databases }: Situation, { name }: Declaration): [string, Client][] =>
  [...connections].filter(([database]) => database !== homeDatabase(name) && databases.some((known) => known.name === database));

const execution = ({ server }: Situation, client: Client) => ({
  client, actors: { owner: server.owner, maintainer: maintainerRole(server.identity.declaration) }, places: [], prepare: () => Promise.resolve(), onProgress: () => undefined,
});

async function asOwner<Row extends object>(client: Client, { server }: Situation, sql: string, values: readonly unknown[]): Promise<{ rows: Row[] }> {
  await client.query(`set role ${ident(server.owner)}`);
  try {
    return await client.query<Row>(sql, [...values]);
  } finally {
    await client.query('reset role').catch(() => undefined);
  }
}
