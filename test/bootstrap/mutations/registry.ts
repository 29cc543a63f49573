import type { Mutations } from '../support/mutations';
import { ACCESS_UNTIL } from '../support/rich';

const HERE = { in: 'shop__initech' } as const;
const annaIsLetIn = (database: string): string => `${database}.tenantry: anna has access as shop_helpdesk until ${ACCESS_UNTIL}`;

/** What the library keeps in tables of its own. */
export const registry: Mutations = {
  'tier limit': {
    privilege: [{ title: 'the right to set temp_file_limit', by: 'revoke set on parameter temp_file_limit from shop_owner', plan: ['refused tier/temp-file-limit server: tempFileLimit of tier large is not kept: the owner may not set the parameter'], refused: { undo: 'grant set on parameter temp_file_limit to "shop_owner"' } }],
  },
  'shared access': {},
  tenancy: {
    record: [{ title: 'whose rows a table holds', by: "delete from tenantry.table_tenancies where name = 'notes'", plan: ['shop.shop: write down whose rows 1 tables hold'] }],
  },
  'place content': {
    record: [{ title: 'what a place was made with', pending: true, away: 'shop__globex', by: "delete from tenantry.place_contents where place = 'shop__globex'", plan: ['shop.shop__globex: write down what the place holds'] }],
  },
  'tenant id': {
    presence: [{ title: 'the id of a tenant that is forgotten', by: "delete from tenantry.tenant_ids where key = 'acme'", plan: ['shop.tenantry: remember the ids of 1 tenants'] }],
  },
  tier: {
    presence: [{ title: 'a tier that is gone', by: "delete from tenantry.tiers where name = 'large'", plan: ['shop.tenantry: make tier large'] }],
    strangers: [{ title: 'a tier more', by: "insert into tenantry.tiers (name) values ('old')", plan: ['shop.tenantry: remove tier old'] }],
    limits: [{ ...HERE, title: 'another limit of a tier', by: "update tenantry.tiers set work_mem = 64, pool_size = null where name = 'standard'", plan: ['shop__initech.tenantry: tier standard: pool_size 2, work_mem 8192'] }],
  },
  'context key': {
    presence: [{ title: 'the key of contexts is gone', by: 'delete from tenantry.context_keys', plan: ['shop.tenantry: make a new key that contexts are signed with', 'shop__initech.tenantry: copy the keys that contexts are signed with'] }],
    number: [{
      title: 'a second key of contexts', by: "insert into tenantry.context_keys (inner_block, outer_block, location) select outer_block, inner_block, 'elsewhere' from tenantry.context_keys where valid_until is null", plan: [
        'refused context-key/several shop.tenantry: 2 keys without an end sign contexts, and one is made at a time: somebody else added the others', 'shop__initech.tenantry: copy the keys that contexts are signed with',
      ], refused: { undo: "delete from tenantry.context_keys where location = 'elsewhere'" }, repeated: true,
    }],
    location: [{ title: 'where the key of contexts is kept', by: "update tenantry.context_keys set location = 'elsewhere'", plan: ['shop.tenantry: make a new key that contexts are signed with', 'shop__initech.tenantry: copy the keys that contexts are signed with'] }],
    copies: [{ ...HERE, title: "the key of contexts in a tenant's own database", by: 'update tenantry.context_keys set inner_block = outer_block', plan: ['shop__initech.tenantry: copy the keys that contexts are signed with'] }],
  },
  'access grant': {
    presence: [{ ...HERE, title: 'declared access that is gone', by: 'delete from tenantry.access_grants', plan: [annaIsLetIn('shop__initech')] }],
    strangers: [{ ...HERE, title: "access to a tenant's own database that the home registry does not know", by: "insert into tenantry.access_grants (id, member, role, reason, valid_until, granted_by, declared) values (gen_random_uuid(), 'stranger', 'shop_helpdesk', 'none', now() + interval '1 hour', 'stranger', false)", plan: ['shop__initech.tenantry: access of stranger as shop_helpdesk ends'] }],
    terms: [{ title: 'access for longer', by: "update tenantry.access_grants set valid_until = valid_until + interval '1 year', reason = 'none'", plan: [annaIsLetIn('shop')] }],
  },
  password: {
    presence: [{ title: 'a password that nobody remembers', by: 'delete from tenantry.passwords', plan: ['shop.tenantry: set a new password of shop_auditor_login'] }],
    role: [{ title: 'a password of another role', by: 'update tenantry.passwords set role_oid = 1', plan: ['shop.tenantry: set a new password of shop_auditor_login'] }],
    location: [{ title: 'where a password is kept', by: "update tenantry.passwords set location = 'elsewhere'", plan: ['shop.tenantry: set a new password of shop_auditor_login'] }],
    strangers: [{ title: 'a password of a login that is gone', by: "insert into tenantry.passwords (login, role_oid, location) values ('old_login', 1, 'nowhere')", plan: ['shop.tenantry: forget the password of old_login'] }],
  },
};
