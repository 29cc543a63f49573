import type { Mutations } from '../support/mutations';

export const library: Mutations = {
  function: {
    body: [
      { title: "another body of one of the library's functions", by: `create or replace procedure tenantry.enter(tenant_key text, placement_version integer) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ begin perform set_config('tenantry.tenant_id', tenant_key, true); end $$`, plan: ['shop.tenantry: replace function enter'] },
    ],
    search_path: [
      { title: "one of the library's functions without a search path", by: 'alter function tenantry.placement(text) reset search_path', plan: ['shop.tenantry: replace function placement'] },
    ],
    leakproof: [
      { title: "one of the library's functions that leaks", by: 'alter function tenantry.placement(text) leakproof', plan: ['shop.tenantry: replace function placement'] },
    ],
    privileges: [
      { title: "one of the library's functions for PUBLIC", by: 'grant execute on procedure tenantry.enter(text, integer) to public', plan: ['shop.tenantry: PUBLIC may no longer EXECUTE on function enter'] },
    ],
    presence: [
      { title: "one of the library's functions that is gone", by: 'drop function tenantry.placement(text)', plan: [
        'shop.tenantry: create function placement',
        'shop.tenantry: PUBLIC may no longer EXECUTE on function placement',
        'shop.tenantry: shop_app_login may EXECUTE on function placement',
        'shop.tenantry: shop_support_login may EXECUTE on function placement',
        'shop.tenantry: shop_auditor_login may EXECUTE on function placement',
      ] },
    ],
    owner: [
      { title: "the owner of one of the library's functions", by: 'alter procedure tenantry.enter(text, integer) owner to stranger', plan: ['refused function/other-owner shop.tenantry: function enter(IN tenant_key text, IN placement_version integer) belongs to stranger'], refused: { undo: 'alter procedure tenantry.enter(text, integer) owner to shop_owner', blocking: 'function/other-owner  at shop\n\n  Function enter(IN tenant_key text, IN placement_version integer) belongs to stranger. Nothing was changed.\n\n  As stranger or a superuser: drop function "tenantry"."enter"(IN tenant_key text, IN placement_version integer)' } },
    ],
    result: [
      { title: "the result of one of the library's functions", in: 'shop__initech', by: "drop function tenantry.placement(text); set role shop_owner; create function tenantry.placement(tenant_key text) returns text language sql as 'select tenant_key'", plan: [
        'shop__initech.tenantry: replace function placement', 'shop__initech.tenantry: PUBLIC may no longer EXECUTE on function placement',
        ...['app__initech', 'support__initech', 'auditor'].map((role) => `shop__initech.tenantry: shop_${role}_login may EXECUTE on function placement`),
      ] },
    ],
    definer: [
      { title: "one of the library's functions that runs with the rights of its caller", in: 'shop__initech', by: 'alter procedure tenantry.enter(text, integer) security invoker', plan: ['shop__initech.tenantry: replace function enter'] },
    ],
    volatility: [
      { title: "the volatility of one of the library's functions", by: 'alter function tenantry.current_tenant() volatile', plan: ['shop.tenantry: replace function current_tenant'] },
    ],
    language: [
      { title: "one of the library's functions in another language", in: 'shop__initech', by: "create or replace function tenantry.current_tenant() returns uuid language sql stable security definer set search_path = pg_catalog, pg_temp as 'select null::uuid'", plan: ['shop__initech.tenantry: replace function current_tenant'] },
    ],
    strangers: [
      { title: "a function more beside the library's", by: "create function tenantry.extra_function() returns integer language sql as 'select 1'", plan: ['finding function/undeclared shop.tenantry: function extra_function() is not declared'], finding: { undo: 'drop function tenantry.extra_function()' } },
    ],
  },
  tenant: {
    'display name': [
      { title: "a tenant's display name in the registry", by: "update tenantry.tenants set display_name = 'x' where key = 'acme'", plan: ['shop: tenant acme is called "acme"'] },
    ],
    tier: [
      { title: "a tenant's tier in the registry", by: "update tenantry.tenants set tier = 'gold' where key = 'acme'", plan: ['finding tier/undeclared shop: 1 tenant has tier gold, which is not declared: it limits nothing', 'refused tenant/tier shop: tenant acme has tier gold, and standard is declared; the registry decides the tier of a tenant that exists'], refused: { undo: "update tenantry.tenants set tier = 'standard' where key = 'acme'" } },
    ],
    place: [
      { title: "a tenant's schema in the registry", by: "update tenantry.tenants set schema_name = 'shop' where key = 'globex'", plan: ['shop: tenant globex is in shop.shop__globex'] },
    ],
    state: [
      { title: 'a tenant that is being provisioned', pending: true, away: 'globex', by: "update tenantry.tenants set state = 'provisioning' where key = 'globex'", plan: ['shop: activate tenant globex'] },
    ],
    presence: [
      { title: "a tenant that its own registry does not list", in: 'shop__initech', away: 'shop__initech', by: 'delete from tenantry.tenants', plan: ['shop__initech.shop: register tenant initech (database)'] },
    ],
    version: [
      { title: "another version in a tenant's own registry", in: 'shop__initech', by: 'update tenantry.tenants set version = version + 5', plan: ['shop__initech: tenant initech is active, as the home registry says'] },
    ],
    declared: [
      { title: 'a tenant that is not known to be declared', by: "update tenantry.tenants set declared = false where key = 'globex'", plan: ['shop: tenant globex is called "globex"'] },
    ],
  },
};
