import { privilegesOf } from '../../../declaration/column-access';
import { LIBRARY_SCHEMA, TENANT_ID } from '../../../declaration/names';
import { kindOf } from '../../model/role-kinds';
import { TENANT_SETTING, type ShapeTable } from '../../model/shape';
import { CONTEXT_KEYS, CONTEXT_SETTING, EXPIRED_CONTEXT, FORGED_CONTEXT } from '../../model/tenant-context';
import { literal, qualified } from '../../sql/quote';
import type { Attack, RoleTarget } from '../attack';
import type { Acceptance, Control } from '../judge';
import type { ProbeSession } from '../session';
import { roleStatement } from './role-attack';

const RESTORE = 'tenantry bootstrap apply restores the policies and the functions that they call.';

/** A table of tenants that the role may read. */
export const readable = (t: RoleTarget): ShapeTable | undefined => t.place.tables.find(({ name, tenancy }) => tenancy === 'tenant' && t.rows.rows.has(name) && privilegesOf(t.role.declaration.tables[name] ?? {}).r !== undefined);

const set = (name: string, value: string): string => `select set_config(${literal(name)}, ${literal(value)}, true)`;

const foreignRow = (t: RoleTarget, schema = t.place.schema): string => `select 1 from ${qualified(schema, readable(t)?.name ?? '')} where ${TENANT_ID} = ${literal(t.foreign)} limit 1`;

/** What the attacks reach for is there, and whoever enters the other tenant rightly sees it. */
const seenRightly = (as: (t: RoleTarget) => string, schema: (t: RoleTarget) => string) => async (session: ProbeSession, t: RoleTarget): Promise<Control[]> => {
  const { rows } = await session.attempt({ as: as(t), context: t.foreign, sql: foreignRow(t, schema(t)) });
  return [{ text: 'the other tenant’s row is seen with its own context', held: rows === 1 }];
};
const seenHere = seenRightly((t) => t.role.grantee, (t) => t.place.schema);

const notHeldBack = ({ role }: RoleTarget): string | undefined => (kindOf(role.declaration) === 'support' ? 'a support role enters tenants in its own way; see support-without-entering' : role.declaration.scope === 'all' ? 'the role sees all tenants by declaration' : undefined);
const only = (context: RoleTarget['context'], why: string) => (t: RoleTarget): string | undefined => notHeldBack(t) ?? (t.context !== context ? why : readable(t) === undefined ? 'the role reads no table of tenants' : undefined);
const signedOnly = only('signed', 'contexts are not signed');

const SWITCH: Acceptance = {
  reason: 'With a plain context, SQL injection in the application role can switch the tenant: PostgreSQL cannot protect a setting.',
  remedy: "Declare tenantContext 'signed' or 'role', or give tenants that must not share this risk isolation 'schema' or 'database'; pass values as parameters only.",
};
const breach = (what: string) => ({ role }: RoleTarget): Acceptance => ({ reason: `The role ${role.grantee} reaches another tenant’s row: ${what}.`, remedy: RESTORE });

/** The next place of one tenant, as which the same declared role works there. */
function otherTenant(t: RoleTarget): { readonly schema: string; readonly grantee: string } | undefined {
  const neighbour = t.neighbours.find(({ place, rows }) => place.kind === 'schema' && rows.rows.has(readable(t)?.name ?? ''));
  const grantee = neighbour?.place.roles.find(({ name }) => name === t.role.name)?.grantee;
  return neighbour === undefined || grantee === undefined ? undefined : { schema: neighbour.place.schema, grantee };
}

/** Ways to pass for another tenant. Which of them must fail depends on the declared context. */
export const contextAttacks: readonly Attack<'role'>[] = [
  {
    ...roleStatement({
      id: 'switch-context', title: 'Switch the tenant context', why: 'SQL injected into the application’s role can call set_config too', denial: { empty: true },
      inapplicable: (t) => notHeldBack(t) ?? (t.mode !== 'row' && t.context === 'plain' ? 'the place holds one tenant’s rows; see the attacks on neighbours' : readable(t) === undefined ? 'the role reads no table of tenants' : undefined),
      sql: (t) => [`${set(TENANT_SETTING, t.foreign)}; ${foreignRow(t)}`],
      controls: async (session, t) => (t.context === 'plain' ? [] : seenHere(session, t)),
      accepted: (t) => (t.context === 'plain' ? SWITCH : undefined), breach: breach('by a setting that anybody may change'),
    }),
    expected: (mode, context) => (context === 'plain' && mode === 'row' ? { verdict: 'accepted', ...SWITCH } : { verdict: 'denied' }),
  },
  roleStatement({
    id: 'forge-context', title: 'Forge a signed context', why: 'Who can sign for another tenant, or gets by without a signature, is that tenant', denial: { sqlstates: [FORGED_CONTEXT] }, inapplicable: signedOnly, controls: seenHere,
    sql(t) {
      const [mine = '', forged = ''] = [t.signed?.(t.own, 300), t.signed?.(t.foreign, 300, false)];
      const [, expiry = '', signature = ''] = mine.split('|');
      return [
        forged, `${t.foreign}|${expiry}|${signature}`, `${t.foreign}|${expiry}|`, `${t.foreign}|${expiry}`, t.foreign, `${t.foreign}|${expiry}|${'0'.repeat(64)}`, `${mine}|${t.foreign}|${expiry}|${signature}`.replace(t.own, t.foreign),
      ].map((context) => `${set(CONTEXT_SETTING, context)}; ${foreignRow(t)}`);
    },
    breach: breach('by a context that no key has signed'),
  }),
  roleStatement({
    id: 'prolong-context', title: 'Give a signed context more time', why: 'A context that was seen somewhere would be good for ever', denial: { sqlstates: [FORGED_CONTEXT] }, inapplicable: signedOnly, controls: seenHere,
    sql(t) {
      const [tenant = '', expiry = '0', signature = ''] = (t.signed?.(t.foreign, -60) ?? '').split('|');
      return [`${set(CONTEXT_SETTING, `${tenant}|${Number(expiry) + 3_600}|${signature}`)}; ${foreignRow(t)}`];
    },
    breach: breach('by a context whose expiry is not covered by its signature'),
  }),
  roleStatement({
    id: 'replay-context', title: 'Use another tenant’s context again that has expired', why: 'Contexts pass through logs and memories', denial: { sqlstates: [EXPIRED_CONTEXT] }, inapplicable: signedOnly, controls: seenHere,
    sql: (t) => [`${set(CONTEXT_SETTING, t.signed?.(t.foreign, -60) ?? '')}; ${foreignRow(t)}`],
    breach: breach('by a context that had expired'),
  }),
  roleStatement({
    id: 'context-key', title: 'Read or plant the key that contexts are signed with', why: 'Who has the key is every tenant', denial: { sqlstates: ['42501'] }, inapplicable: ({ context }) => (context === 'signed' ? undefined : 'contexts are not signed'),
    sql: () => {
      const table = qualified(LIBRARY_SCHEMA, CONTEXT_KEYS);
      return [`select 1 from ${table} limit 1`, `insert into ${table} (inner_block, outer_block, location) values ('', '', '')`, `copy (select inner_block from ${table}) to stdout`];
    },
    controls: async (session) => [{ text: 'there is a key', held: (await session.attempt({ sql: `select 1 from ${qualified(LIBRARY_SCHEMA, CONTEXT_KEYS)} limit 1` })).rows === 1 }],
    breach: ({ role }) => ({ reason: `The role ${role.grantee} reads or writes the key that contexts are signed with.`, remedy: `tenantry bootstrap apply takes the privilege back; then make a new key: delete from ${LIBRARY_SCHEMA}.${CONTEXT_KEYS}, and apply.` }),
  }),
  roleStatement({
    id: 'context-function', title: 'Ask the library’s own functions for another tenant', why: 'What tells the floor whose context it is must not tell others', denial: { sqlstates: ['42501'] },
    inapplicable: (t) => notHeldBack(t) ?? (t.context === 'plain' ? 'the floor calls no function' : undefined),
    sql: (t) => (t.context === 'signed' ? [`${set(CONTEXT_SETTING, t.signed?.(t.own, 300) ?? '')}; select ${LIBRARY_SCHEMA}.current_tenant()`] : [`select ${LIBRARY_SCHEMA}.tenant_of(${literal(t.foreignRole ?? '')})`]),
    controls: async (session) => [{ text: 'the function is there', held: (await session.attempt({ sql: `select 1 from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = '${LIBRARY_SCHEMA}' and p.proname in ('current_tenant', 'tenant_of') limit 1` })).rows === 1 }],
    breach: ({ role }) => ({ reason: `The role ${role.grantee} may call functions of the schema ${LIBRARY_SCHEMA}.`, remedy: RESTORE }),
  }),
  roleStatement({
    id: 'other-tenant-role', title: 'Take on the role of another tenant, with one’s own context', why: 'RESET ROLE leads back to a login that may become each of its roles', denial: { empty: true },
    inapplicable: (t) => signedOnly(t) ?? (otherTenant(t) === undefined ? 'there is no other tenant’s role in the database' : undefined),
    sql(t) {
      const other = otherTenant(t);
      return other === undefined ? [] : [`reset role; set local role ${literal(other.grantee)}; ${foreignRow(t, other.schema)}`];
    },
    controls: seenRightly((t) => otherTenant(t)?.grantee ?? '', (t) => otherTenant(t)?.schema ?? ''),
    breach: breach('as the role of that tenant, which is held back by no context'),
  }),
  roleStatement({
    id: 'role-without-tenant', title: 'Act as a role that belongs to no tenant', why: 'The group of a role is every tenant’s', denial: { empty: true, sqlstates: ['42501'] },
    inapplicable: only('role', 'tenants have no role of their own there'), controls: seenHere,
    sql: (t) => [`set local role ${literal(t.role.grantee)}; ${set(TENANT_SETTING, t.foreign)}; ${foreignRow(t)}`],
    breach: breach('as a group, which is no tenant’s role'),
  }),
];
