import type { Mutations } from '../support/mutations';

export const access: Mutations = {
  grant: {
    'table privileges': [
      { title: 'a privilege more, of a group', by: 'grant truncate on shop.orders to shop_app', plan: ['shop.shop: shop_app may no longer TRUNCATE on orders'] },
      { title: 'a privilege of PUBLIC', by: 'grant select on shop__globex.customers to public', plan: ['shop.shop__globex: PUBLIC may no longer SELECT on customers'] },
      { title: 'a privilege of a hand-made role', by: 'grant select, delete on shop.customers to "odd ""name"', plan: ['shop.shop: odd "name may no longer SELECT, DELETE on customers'] },
      { title: "a privilege in another tenant's schema", by: 'grant select on shop__globex.orders to shop_app', plan: ['shop.shop__globex: shop_app may no longer SELECT on orders'] },
      { title: 'a privilege that is gone', by: 'revoke insert on shop.orders from shop_app', plan: ['shop.shop: shop_app may INSERT on orders'] },
      { title: 'a privilege on the whole of a table with a masked column', by: 'grant select on shop.customers to shop_support', plan: ['shop.shop: shop_support may no longer SELECT on customers'] },
      { title: 'a privilege on the registry', by: 'grant select on tenantry.tenants to shop_app', plan: ['shop.tenantry: shop_app may no longer SELECT on tenants'] },
    ],
    'column privileges': [
      { title: 'a privilege on a column', by: 'grant select (email) on shop.customers to shop_support', plan: ['shop.shop: shop_support may no longer SELECT on customers.email'] },
      { title: 'a privilege on a column that is gone', by: 'revoke select (name) on shop.customers from shop_support', plan: ['shop.shop: shop_support may SELECT on customers.name'] },
    ],
    'grant options': [
      { title: 'a privilege that may be passed on', by: 'grant select on shop.orders to shop_app with grant option', plan: ['shop.shop: shop_app may no longer pass on SELECT on orders'] },
      { title: 'a privilege that was passed on', by: 'grant select on shop__globex.orders to shop_app__globex with grant option; set role shop_app__globex; grant select on shop__globex.orders to stranger', plan: [
        'shop.shop__globex: shop_app__globex may no longer pass on SELECT on orders',
        'shop.shop__globex: stranger may no longer SELECT on orders',
      ] },
    ],
    grantors: [
      { title: 'a declared privilege that comes from somebody else', by: 'revoke select on shop.customers from shop_auditor; grant select on shop.customers to shop_app with grant option; set role shop_app; grant select on shop.customers to shop_auditor', plan: [
        'shop.shop: shop_app may no longer pass on SELECT on customers',
        'shop.shop: shop_auditor may SELECT on customers',
      ] },
    ],
  },
  'row security': {
    enabled: [
      { title: 'row-level security that is off', by: 'alter table shop.orders disable row level security', plan: ['shop.shop: enable row level security on orders'] },
      { title: 'row-level security on a table of no tenant', by: 'alter table shop.flags enable row level security, force row level security', plan: ['shop.shop: disable row level security, no force row level security on flags'] },
    ],
    forced: [
      { title: 'row-level security that is not forced', in: 'shop__initech', by: 'alter table shop.orders no force row level security', plan: ['shop__initech.shop: force row level security on orders'] },
      { title: 'row-level security on the registry', in: 'shop__initech', by: 'alter table tenantry.tenants force row level security', plan: ['shop__initech.tenantry: no force row level security on tenants'] },
    ],
  },
  policy: {
    presence: [
      { title: 'a policy that is gone', by: 'drop policy tenantry_floor on shop.orders', plan: ['shop.shop: create policy tenantry_floor on orders'] },
    ],
    using: [
      { title: 'a policy with another condition', by: 'alter policy tenantry_floor on shop__globex.orders using (true)', plan: ['shop.shop__globex: alter policy tenantry_floor on orders'] },
    ],
    check: [
      { title: 'a policy with another check', by: 'alter policy tenantry_floor on shop__globex.orders with check (true)', plan: ['shop.shop__globex: alter policy tenantry_floor on orders'] },
    ],
    roles: [
      { title: 'a policy for other roles', in: 'shop__initech', by: 'alter policy tenantry_floor on shop.orders to shop_support', plan: ['shop__initech.shop: alter policy tenantry_floor on orders'] },
      { title: 'a policy for PUBLIC', by: 'alter policy tenantry_maintainer on shop.orders to public', plan: ['shop.shop: alter policy tenantry_maintainer on orders'] },
    ],
    permissive: [
      { title: 'a floor that is permissive', by: "drop policy tenantry_floor on shop.customers; create policy tenantry_floor on shop.customers to shop_app, shop_support using (tenant_id = (select nullif(current_setting('tenantry.tenant_id', true), '')::uuid)) with check (tenant_id = (select nullif(current_setting('tenantry.tenant_id', true), '')::uuid))", plan: ['shop.shop: replace policy tenantry_floor on customers'] },
    ],
    command: [
      { title: 'a floor for reading alone', by: "drop policy tenantry_floor on shop__globex.customers; create policy tenantry_floor on shop__globex.customers as restrictive for select to shop_app, shop_support using (tenant_id = (select nullif(current_setting('tenantry.tenant_id', true), '')::uuid))", plan: ['shop.shop__globex: replace policy tenantry_floor on customers'] },
    ],
    strangers: [
      { title: 'a policy more', by: 'create policy extra on shop.orders using (true)', plan: ['shop.shop: drop policy extra on orders'] },
    ],
  },
  'default privilege': {
    privileges: [
      { title: 'a default privilege', by: 'alter default privileges for role shop_owner in schema shop grant select on tables to stranger', plan: ['shop: stranger gets nothing on new tables in shop'] },
    ],
    presence: [
      { title: 'a default privilege that PUBLIC has again', by: 'alter default privileges for role shop_owner grant execute on functions to public', plan: ['shop: PUBLIC gets nothing on new functions'] },
    ],
  },
  schema: {
    privileges: [
      { title: 'a schema that PUBLIC may use', by: 'grant usage on schema shop to public', plan: ['shop.shop: PUBLIC may no longer USAGE on the schema'] },
      { title: "a role in another tenant's schema", by: 'grant usage on schema shop__globex to shop_app', plan: ['shop.shop__globex: shop_app may no longer USAGE on the schema'] },
      { title: 'a schema that a role may not use any more', by: 'revoke usage on schema shop from shop_app', plan: ['shop.shop: shop_app may USAGE on the schema'] },
      { title: 'a schema in which an application may create', by: 'grant create on schema shop to shop_app', plan: ['shop.shop: shop_app may no longer CREATE on the schema'] },
    ],
    comment: [
      { title: 'a schema without our mark', by: 'comment on schema shop__globex is null', plan: ['refused schema/foreign shop.shop__globex: schema shop__globex exists and is not ours: it belongs to shop_owner, and carries no mark of this library'], refused: { undo: `comment on schema shop__globex is '{"tenantry":{"platform":"acme-platform","environment":"staging","declaration":"shop"}}'`, blocking: 'schema/foreign  at shop\n\n  Schema shop__globex exists and is not ours: it belongs to shop_owner, and carries no mark of this library. Nothing was changed.\n\n  Rename it (alter schema "shop__globex" rename to …), or choose another name for the tenant.' } },
    ],
    owner: [
      { title: 'the owner of a schema', by: 'alter schema shop__globex owner to stranger', plan: ['refused schema/foreign shop.shop__globex: schema shop__globex exists and is not ours: it belongs to stranger, and its comment is {"tenantry":{"platform":"acme-platform","environment":"staging","declaration":"shop"}}'], refused: { undo: 'alter schema shop__globex owner to shop_owner', blocking: 'schema/foreign  at shop\n\n  Schema shop__globex exists and is not ours: it belongs to stranger, and its comment is {"tenantry":{"platform":"acme-platform","environment":"staging","declaration":"shop"}}. Nothing was changed.\n\n  Rename it (alter schema "shop__globex" rename to …), or choose another name for the tenant.' } },
    ],
    presence: [
      {
        title: 'a schema that is gone', away: 'shop__globex', by: 'drop schema shop__globex cascade', plan: ['refused tenant/lost-place shop.shop__globex: the schema shop__globex held rows of tenant globex, and is gone; made anew, it would be empty'],
        refused: { undo: "update tenantry.tenants set state = 'provisioning' where key = 'globex'" }, repeated: true,
      },
    ],
  },
  'public schema': {
    privileges: [
      { title: 'schema public that is open', in: 'shop__initech', by: 'grant usage, create on schema public to public', plan: ['shop__initech: PUBLIC may no longer USAGE, CREATE on schema public'] },
      { title: 'a role that may use schema public', apart: 'public', by: 'grant usage, create on schema public to stranger; grant usage on schema public to shop_app', plan: ['shop: stranger may no longer USAGE, CREATE on schema public', 'shop: shop_app may no longer USAGE on schema public'] },
    ],
    owner: [
      { title: 'schema public of somebody else', apart: 'public', by: 'alter schema public owner to stranger; grant usage on schema public to public', plan: ['refused public-schema/other-owner shop: schema public belongs to stranger, and PUBLIC may use it; only its owner can take that back'], refused: { undo: 'alter schema public owner to pg_database_owner; revoke all on schema public from public' } },
    ],
    presence: [
      { title: 'schema public that is gone', away: 'public', by: 'drop schema public cascade', plan: [], finding: { undo: 'create schema public authorization pg_database_owner' } },
    ],
  },
  surroundings: {
    publications: [
      { title: 'a publication of every table', by: 'create publication everything for all tables', plan: ['finding publication/undeclared shop: publication everything sends rows of every table to its subscribers, which no policy holds back'], finding: { undo: 'drop publication everything' } },
      { title: 'a publication of tables', by: 'create publication few for table shop.orders, table shop__globex.orders', plan: ['finding publication/undeclared shop: publication few sends rows of 2 tables of ours to its subscribers, which no policy holds back'], finding: { undo: 'drop publication few' } },
      { title: "a publication of a tenant's schema", in: 'shop__initech', by: 'create publication initech for tables in schema shop', plan: ['finding publication/undeclared shop__initech: publication initech sends rows of 9 tables of ours to its subscribers, which no policy holds back'], finding: { undo: 'drop publication initech' } },
      { title: 'a publication of other tables', by: 'create table public.theirs (x int); create publication theirs for table public.theirs', plan: [], finding: { undo: 'drop publication theirs; drop table public.theirs' } },
    ],
    subscriptions: [
      { title: 'a subscription', by: "create subscription incoming connection 'dbname=x' publication p with (connect = false, slot_name = none)", plan: ['finding subscription/undeclared shop: subscription incoming writes rows that come from elsewhere, with the rights of postgres'], finding: { undo: 'drop subscription incoming' } },
    ],
    'event triggers': [
      { title: 'an event trigger', by: 'create function public.watch() returns event_trigger language plpgsql as $$ begin end $$; create event trigger watch on ddl_command_end execute function public.watch()', plan: ['finding event-trigger/undeclared shop: event trigger watch of postgres runs public.watch() in every session that changes an object'], finding: { undo: 'drop event trigger watch; drop function public.watch()' } },
    ],
    'foreign servers': [
      { title: 'a foreign server', by: 'create foreign data wrapper wire; create server elsewhere foreign data wrapper wire', plan: ['finding foreign-server/undeclared shop: foreign server elsewhere of postgres reaches another database by wire'], finding: { undo: 'drop foreign data wrapper wire cascade' } },
    ],
    views: [
      { title: 'a view in another schema', apart: 'peek', by: 'create view public.peek as select o.id from shop.orders o join shop__globex.customers using (id)', plan: ['finding view/around-policies shop: view public.peek reads shop.orders, shop__globex.customers with the rights of postgres'], finding: { undo: 'drop view public.peek' } },
      { title: 'a view in another schema that asks as its reader', apart: 'peek', by: 'create view public.peek with (security_invoker = true) as select id from shop.orders', plan: [], finding: { undo: 'drop view public.peek' } },
    ],
    'materialized views': [
      { title: 'a materialized view in another schema', apart: 'peek', by: 'create materialized view public.peek as select id from shop.orders', plan: ['finding materialized-view/around-policies shop: materialized view public.peek of postgres holds a copy of rows of shop.orders, which no policy holds back'], finding: { undo: 'drop materialized view public.peek' } },
    ],
    functions: [
      { title: 'a function in another schema that runs as the maintainer', apart: 'peek', by: 'create function public.peek() returns int language sql security definer as $$ select 1 $$; alter function public.peek() owner to shop_maintainer', plan: ['finding function/around-policies shop: function public.peek() runs with the rights of shop_maintainer'], finding: { undo: 'drop function public.peek()' } },
    ],
  },
};
