import { randomBytes } from 'node:crypto';
import { LIBRARY_SCHEMA, tenantRole } from '../../declaration/names';
import { contextOf } from '../../declaration/tenant-context';
import type { Declaration } from '../../declaration/schema';
import type { PlaceRole } from '../model/place';
import { kindOf } from '../model/role-kinds';
import { TENANT_SETTING } from '../model/shape';
import { CONTEXT_KEYS, CONTEXT_SETTING } from '../model/tenant-context';
import { type KeyBlocks, signWithBlocks } from '../sql/hmac';
import { ident, literal } from '../sql/quote';
import type { ProbeSession } from './session';
import { supportEntering } from './support-entering';

/**
 * The statements by which a role, as which the session acts already, enters a tenant: what a client sends. A context that is neither of the two
 * probe tenants' ids is passed on as it is.
 */
export type Entering = (as: string | undefined, context: string) => readonly string[];

const setting = (name: string, value: string): string => `select set_config(${literal(name)}, ${literal(value)}, true)`;

/** A setting. */
export const PLAIN: Entering = (_as, context) => [setting(TENANT_SETTING, context)];

export interface EnteringOptions {
  readonly declaration: Declaration;
  readonly own: string;
  readonly foreign: string;
  /** Of the place that is attacked. */
  readonly schema: string;
  readonly role: PlaceRole | undefined;
  /** Whether a membership has options of its own, as from version 16 on. */
  readonly withOptions: boolean;
}

export interface PreparedEntering {
  readonly entering: Entering;
  /** A context of a probe tenant, signed for so many seconds from now on, by the key in force or by another one. @default - contexts are not signed */
  readonly signed?: (tenant: string, seconds: number, genuine?: boolean) => string;
  /** The role that the attacked tenant has of its own. @default - roles are not tenants' */
  readonly foreignRole?: string;
}

/** Makes ready, in the transaction that is rolled back, what it takes to enter the two probe tenants in the declared way. */
export async function prepareEntering(session: ProbeSession, options: EnteringOptions): Promise<PreparedEntering> {
  const { declaration, own, schema, role } = options;
  if (role !== undefined && kindOf(role.declaration) === 'support') return { entering: await supportEntering(session, declaration, role, own, schema, PLAIN) };
  switch (contextOf(options.declaration)) {
    case 'plain': return { entering: PLAIN };
    case 'signed': return signedEntering(session, options);
    case 'role': return roleEntering(session, options);
  }
}

/** The owner may read the key; a new one of the same form stands for a forger's. Nobody but the two probe tenants, who never existed, is signed for. */
async function signedEntering(session: ProbeSession, { declaration: { name }, own, foreign }: EnteringOptions): Promise<PreparedEntering> {
  const { rows: [key] } = await session.client.query<KeyBlocks>(`select inner_block as inner, outer_block as outer from ${LIBRARY_SCHEMA}.${CONTEXT_KEYS} where valid_until is null limit 1`);
  const forger: KeyBlocks = { inner: randomBytes(64), outer: randomBytes(64) };
  const signed = (tenant: string, seconds: number, genuine = true): string => signWithBlocks(genuine ? key ?? forger : forger, name, tenant, Math.floor(Date.now() / 1000) + seconds);
  const lasting = new Map([own, foreign].map((tenant) => [tenant, signed(tenant, 3_600)]));
  return { entering: (as, context) => [...PLAIN(as, context), setting(CONTEXT_SETTING, lasting.get(context) ?? context)], signed };
}

/** The tenants are put into the registry, and the role that attacks gets one of each that inherits it, as the tenants' own do. */
async function roleEntering(session: ProbeSession, { declaration: { name }, own, foreign, role, withOptions }: EnteringOptions): Promise<PreparedEntering> {
  if (role?.declaration.scope !== 'tenant') return { entering: PLAIN };
  const keys = new Map([own, foreign].map((tenant) => [tenant, `p${randomBytes(8).toString('hex')}`]));
  const roles = new Map([...keys].map(([tenant, key]) => [tenant, tenantRole(name, role.name, key)]));
  const enter = (of: string): string => ident(roles.get(of) ?? '');
  await session.client.query(`insert into ${LIBRARY_SCHEMA}.tenants (id, key, display_name, isolation, tier, state, database_name, schema_name, declared) values ${[...keys].map(([tenant, key]) => `(${literal(tenant)}, ${literal(key)}, 'probe', 'row', 'standard', 'active', '', '', false)`).join(', ')}`);
  for (const tenant of keys.keys()) {
    await session.client.query(`create role ${enter(tenant)} nologin; grant ${ident(role.grantee)} to ${enter(tenant)}${withOptions ? ' with inherit true, set false' : ''}; grant ${enter(tenant)} to current_user${withOptions ? ' with inherit false, set true' : ''}`);
  }
  return {
    entering: (as, context) => [...PLAIN(as, context), ...(as === role.grantee && roles.has(context) ? [`set local role ${enter(context)}`] : [])],
    foreignRole: roles.get(foreign) ?? '',
  };
}
