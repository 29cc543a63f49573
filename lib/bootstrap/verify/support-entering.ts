import { randomUUID } from 'node:crypto';
import { LIBRARY_SCHEMA, ownerRole } from '../../declaration/names';
import type { Declaration } from '../../declaration/schema';
import type { PlaceRole } from '../model/place';
import { ident, literal } from '../sql/quote';
import type { Entering } from './entering';
import type { ProbeSession } from './session';

/** Key of the probe tenant that a support role enters, in the registry until the transaction is rolled back. */
export const supportKey = (own: string): string => `p${own.replaceAll('-', '').slice(0, 20)}`;

/**
 * A support role enters its own probe tenant by what `tenantry.enter_support` leaves behind: a row of the log. The procedure itself, which writes to
 * the server's log each time, is called by the attacks on it. The other tenant is never entered: there a setting is all that an attacker has.
 *
 * @param schema - where the tenant's rows are
 * @param plain - how others enter
 */
export async function supportEntering(session: ProbeSession, { name }: Declaration, role: PlaceRole, own: string, schema: string, plain: Entering): Promise<Entering> {
  const grant = randomUUID();
  const [owner, key] = [ident(ownerRole(name)), literal(supportKey(own))];
  await session.client.query(`set local role ${owner};
    insert into ${LIBRARY_SCHEMA}.tenants (id, key, display_name, isolation, tier, state, database_name, schema_name, declared) values (${literal(own)}, ${key}, 'probe', 'row', 'standard', 'active', current_database(), ${literal(schema)}, false);
    insert into ${LIBRARY_SCHEMA}.access_grants (id, member, role, reason, valid_until, granted_by, declared) values (${literal(grant)}, session_user, ${literal(role.grantee)}, 'probe', now() + interval '1 hour', session_user, false);
    set local role none`);
  const enter = [
    `set local role ${owner}`, `insert into ${LIBRARY_SCHEMA}.access_log (grant_id, member, role, tenant_id, tenant_key, reason) values (${literal(grant)}, session_user, ${literal(role.grantee)}, ${literal(own)}, ${key}, 'probe')`,
    `set local role ${ident(role.grantee)}`,
  ];
  return (as, context) => [...plain(as, context), ...(as === role.grantee && context === own ? enter : [])];
}
