import { LIBRARY_SCHEMA, TENANT_ID } from '../../../declaration/names';
import { kindOf } from '../../model/role-kinds';
import { TENANT_SETTING } from '../../model/shape';
import { NO_ACCESS } from '../../model/support-functions';
import { ident, literal, qualified } from '../../sql/quote';
import { type Attack, attack, DENIED, type RoleTarget } from '../attack';
import { type Denial, isDenied, judge } from '../judge';
import { supportKey } from '../support-entering';
import { readable } from './context';

interface Try {
  /** Whether the tenant has been entered. */
  readonly entered: boolean;
  readonly sql: readonly string[];
}

const inapplicable = (t: RoleTarget): string | undefined => (kindOf(t.role.declaration) !== 'support' ? 'the role is not of kind support' : readable(t) === undefined ? 'the role reads no table of tenants' : undefined);

const ownRow = (t: RoleTarget): string => `select 1 from ${qualified(t.place.schema, readable(t)?.name ?? '')} where ${TENANT_ID} = ${literal(t.own)} limit 1`;
const asOwner = (t: RoleTarget, sql: string): string[] => [`set local role ${ident(t.place.owner)}`, sql, `set local role ${ident(t.role.grantee)}`];
const call = (t: RoleTarget): string => `call ${LIBRARY_SCHEMA}.enter_support(${literal(supportKey(t.own))}, 'probe')`;
const grants = `${LIBRARY_SCHEMA}.access_grants`;
const log = `${LIBRARY_SCHEMA}.access_log`;

function supportAttack(fields: { readonly id: string; readonly title: string; readonly why: string; readonly denial: Denial; readonly tries: (t: RoleTarget) => readonly Try[]; readonly breach: string }): Attack<'role'> {
  const { id, title, why, denial } = fields;
  return attack<'role'>({
    id, title, why, level: 'role', expected: DENIED, inapplicable,
    async run(session, t) {
      const as = t.role.grantee;
      const [sees, calls, ...outcomes] = await Promise.all([
        session.attempt({ as, context: t.own, sql: ownRow(t) }), session.attempt({ as, sql: `${call(t)}; ${ownRow(t)}` }),
        ...fields.tries(t).map(({ entered, sql }) => session.attempt({ as, ...(entered ? { context: t.own } : {}), sql: sql.join('; ') })),
      ]);
      return [judge({
        denial, outcome: outcomes.find((outcome) => !isDenied(denial, outcome)) ?? outcomes[0] ?? { rows: null }, role: as,
        controls: [{ text: 'the role sees the row once it has entered the tenant', held: sees.rows === 1 && calls?.rows === 1 }],
        breach: { reason: `The role ${as} sees rows of a tenant ${fields.breach}.`, remedy: "tenantry bootstrap apply restores the policies and the library's functions." },
      })];
    },
  });
}

/** Ways to see a tenant's rows as a support role without an access that is open, or without its being written down. */
export const supportAttacks: readonly Attack<'role'>[] = [
  supportAttack({
    id: 'support-without-entering', title: 'Read as a support role without entering the tenant', why: 'What nobody entered is written down nowhere', denial: { empty: true }, breach: 'that it has not entered',
    tries: (t) => [
      { entered: false, sql: [ownRow(t)] },
      { entered: false, sql: [`select set_config(${literal(TENANT_SETTING)}, ${literal(t.own)}, true)`, ownRow(t)] },
      { entered: false, sql: ['savepoint tenantry_probe', call(t), 'rollback to savepoint tenantry_probe', ownRow(t)] },
    ],
  }),
  supportAttack({
    id: 'support-stale-entry', title: 'Read on after the access ended, or by the entry of another', why: 'An access is for one person, one role and one transaction, until it ends', denial: { empty: true }, breach: 'by an access that is not open',
    tries: (t) => [
      `update ${grants} set valid_until = clock_timestamp() where member = session_user`, `update ${grants} set revoked_at = clock_timestamp() where member = session_user`, `update ${grants} set valid_from = clock_timestamp() + interval '1 hour' where member = session_user`,
      `update ${log} set transaction_at = transaction_at - interval '1 microsecond' where member = session_user`, `update ${log} set xid = '3' where member = session_user`,
      `update ${log} set member = 'tenantry_probe' where member = session_user`, `update ${log} set role = 'tenantry_probe' where member = session_user`, `update ${grants} set role = 'tenantry_probe' where member = session_user`, `delete from ${log}`,
    ].map((sql) => ({ entered: true, sql: [...asOwner(t, sql), ownRow(t)] })),
  }),
  supportAttack({
    id: 'support-other-place', title: 'Use a tenant’s entry in a place where the tenant is not', why: 'A row that is written there belongs to the tenant, and nobody finds it', denial: { empty: true }, breach: 'in places where the tenant has no rows',
    tries: (t) => [...t.neighbours.map(({ place }) => place.schema), ''].map((schema) => ({ entered: true, sql: [`select 1 where ${LIBRARY_SCHEMA}.support_tenant(${literal(schema)}) is not null`] })),
  }),
  supportAttack({
    id: 'support-enter-without-grant', title: 'Enter a tenant without an open access, or without a reason', why: 'Membership outlasts an access until the next apply', denial: { sqlstates: [NO_ACCESS] }, breach: 'without an access',
    tries: (t) => [
      { entered: false, sql: [...asOwner(t, `update ${grants} set valid_until = clock_timestamp() where member = session_user`), call(t), ownRow(t)] },
      { entered: false, sql: [`call ${LIBRARY_SCHEMA}.enter_support(${literal(supportKey(t.own))}, ' ')`, ownRow(t)] },
    ],
  }),
];
