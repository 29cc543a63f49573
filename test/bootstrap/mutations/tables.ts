import { type Mutations, refusedAsAWhole } from '../support/mutations';

export const tables: Mutations = {
  table: {
    comment: [
      { title: 'a comment of a table', in: 'shop__initech', by: 'comment on table shop.orders is null', plan: ['shop__initech.shop: comment on table orders'] },
    ],
    presence: [
      {
        title: 'a table that is gone', away: 'shop__globex', by: 'drop table shop__globex.orders', plan: ['refused table/lost shop.shop__globex: table orders held rows, and is gone; made anew, it would be empty'],
        refused: { undo: "update tenantry.place_contents set tables = tables - 'orders' where place = 'shop__globex'" }, repeated: true,
      },
    ],
    partitioned: [
      { title: 'a table that is partitioned', by: 'drop table shop.flags; create table shop.flags (name text not null, enabled boolean not null default false, constraint flags_pkey primary key (name)) partition by hash (name); alter table shop.flags owner to shop_owner; grant select on shop.flags to shop_auditor, shop_dump', plan: [
        'refused table/partitioned shop.shop: flags is partitioned by hash name, and no partitions are declared; that cannot be changed where it is',
      ], refused: { undo: 'drop table shop.flags; set role shop_owner; create table shop.flags (name text not null, enabled boolean not null default false, constraint flags_pkey primary key (name)); grant select on shop.flags to shop_auditor, shop_dump' } },
    ],
    strangers: [
      { title: 'a table more', by: 'create table shop.extra_table (x int)', plan: ['finding table/undeclared shop.shop: table extra_table is not declared'], finding: { undo: 'drop table shop.extra_table' } },
      { title: 'a view more', apart: 'peek', by: 'create view shop.peek as select id from shop.orders', plan: ['finding table/undeclared shop.shop: view peek is not declared; it reads with the rights of postgres'], finding: { undo: 'drop view shop.peek' } },
      { title: 'a view more that asks as its reader', apart: 'peek', by: 'create view shop.peek with (security_invoker) as select id from shop.orders', plan: ['finding table/undeclared shop.shop: view peek is not declared'], finding: { undo: 'drop view shop.peek' } },
      { title: 'a materialized view more', apart: 'peek', by: 'create materialized view shop.peek as select id from shop.orders', plan: ['finding table/undeclared shop.shop: materialized view peek is not declared; it reads with the rights of postgres'], finding: { undo: 'drop materialized view shop.peek' } },
    ],
    kind: [
      { title: 'a view in place of a table', by: 'drop table shop.flags; create view shop.flags as select 1 as name', plan: ['refused table/other-kind shop.shop: flags is declared as a table, but a view has the name'], refused: { undo: 'drop view shop.flags; set role shop_owner; create table shop.flags (name text not null, enabled boolean not null default false, constraint flags_pkey primary key (name)); grant select on shop.flags to shop_auditor, shop_dump', blocking: "table/other-kind  at shop\n\n  Flags is declared as a table, but a view has the name. Nothing was changed.\n\n  Rename it, or the declared table." } },
    ],
    owner: [
      { title: 'another owner', by: 'alter table shop.customers owner to stranger', plan: [
        'refused table/other-owner shop.shop: table customers belongs to stranger, who is not held back by row-level security in the way that shop_owner is',
      ], refused: { undo: 'alter table shop.customers owner to shop_owner', blocking: 'table/other-owner  at shop\n\n  Table customers belongs to stranger, who is not held back by row-level security in the way that shop_owner is. Nothing was changed.\n\n  As stranger or a superuser: alter table "shop"."customers" owner to "shop_owner"' } },
    ],
    persistence: [
      { title: 'a table that is UNLOGGED', away: 'publication', by: 'alter table shop.orders set unlogged', plan: ['refused table/unlogged shop.shop: table orders is UNLOGGED: it is empty after a crash and on every replica, and in no backup; making it ordinary writes the whole table anew'], refused: { undo: 'alter table "shop"."orders" set logged' } },
    ],
    'replica identity': [
      { title: 'a replica identity', by: 'alter table shop.orders replica identity full', plan: ['finding table/replica-identity shop.shop: the replica identity of orders is FULL instead of its primary key'], finding: { undo: 'alter table shop.orders replica identity default' } },
    ],
  },
  inheritance: {
    parents: [
      { title: 'a parent', by: 'create table public.all_orders (id uuid not null); alter table shop.orders inherit public.all_orders', plan: ['shop.shop: orders no longer inherits from public.all_orders'] },
      { title: 'a parent in a schema of somebody else', by: 'create schema others; create table others.all_orders (id uuid not null); alter table shop__globex.orders inherit others.all_orders', plan: ['refused inheritance/parent shop.shop__globex: orders is a child of others.all_orders, which belongs to postgres: through it rows are read under the policies of others.all_orders instead of its own'], refused: { undo: 'alter table "shop__globex"."orders" no inherit "others"."all_orders"; drop schema others cascade' } },
      { title: "a parent that is another tenant's table", passing: true, away: 'orders', by: 'alter table shop.orders inherit shop__globex.orders', plan: [
        'shop.shop: orders no longer inherits from shop__globex.orders',
        'refused inheritance/child shop.shop__globex: shop.orders, which belongs to shop_owner, inherits from orders: its rows are read through orders, and no key or policy of orders holds for whoever reads or writes them there',
      ] },
      { title: 'a table that is a partition', by: "create table public.all_flags (name text not null, enabled boolean not null default false) partition by list (name); alter table public.all_flags attach partition shop.flags for values in ('x')", plan: ['refused inheritance/parent shop.shop: flags is a partition of public.all_flags, which belongs to postgres: through it rows are read under the policies of public.all_flags instead of its own'], refused: { undo: 'alter table "public"."all_flags" detach partition "shop"."flags"; drop table public.all_flags' } },
    ],
    children: [
      { title: 'a child', by: 'create table public.more () inherits (shop.logs)', plan: ['refused inheritance/child shop.shop: public.more, which belongs to postgres, inherits from logs: its rows are read through logs, and no key or policy of logs holds for whoever reads or writes them there'], refused: { undo: 'drop table public.more' } },
    ],
  },
  column: {
    default: [
      { title: 'a default that is gone', by: 'alter table shop.customers alter created_at drop default', plan: ['shop.shop: set the default of customers.created_at to now()'] },
      { title: 'a default that is another one', by: "alter table shop__globex.customers alter created_at set default '2000-01-01'", plan: ['shop.shop__globex: set the default of customers.created_at to now()'] },
      { title: "the default of tenant_id", by: "alter table shop.orders alter tenant_id set default '00000000-0000-4000-8000-000000000001'", plan: ["shop.shop: set the default of orders.tenant_id to (NULLIF(current_setting('tenantry.tenant_id'::text, true), ''::text))::uuid"] },
      { title: 'a default that nobody declared', by: "alter table shop.orders alter note set default 'x'", plan: ['shop.shop: drop the default of orders.note'] },
    ],
    'not null': [
      { title: 'a column that allows null', by: 'alter table shop.customers alter email drop not null', plan: [
        'shop.shop: refuse null in customers.email from now on',
        'shop.shop: look for null in customers.email',
        'shop.shop: customers.email is NOT NULL',
      ] },
      { title: 'a NOT NULL that is not validated', since: 18, in: 'shop__initech', by: 'alter table shop.customers alter email drop not null; alter table shop.customers add constraint customers_email_nn not null email not valid', plan: [
        'shop__initech.shop: refuse null in customers.email from now on',
        'shop__initech.shop: look for null in customers.email',
        'shop__initech.shop: customers.email is NOT NULL',
      ] },
      { title: 'a column that does not allow null', by: 'alter table shop.orders alter note set not null', plan: ['shop.shop: allow null in orders.note'] },
    ],
    comment: [
      { title: 'a comment of a column', by: "comment on column shop.orders.note is 'x'", plan: ['shop.shop: comment on orders.note'] },
      { title: 'a comment of a column that nobody declared', by: "comment on column shop.customers.name is 'x'", plan: ['shop.shop: comment on customers.name'] },
    ],
    presence: [
      {
        title: 'a nullable column that is gone, with its index and its check', away: 'orders', by: 'alter table shop.orders drop column note', plan: [
          'refused column/lost shop.shop: column orders.note held values, and is gone; made anew, it would hold none',
          'shop.shop: add check orders_note_length_check on orders',
          'shop.shop: validate orders_note_length_check on orders',
          'shop.shop: create index orders_note_idx on orders',
        ], refused: {
          undo: "update tenantry.place_contents set tables = jsonb_set(tables, '{orders}', (tables -> 'orders') - 'note') where place = 'shop'",
          blocking: refusedAsAWhole('column/lost', 'shop', 'Column orders.note held values, and is gone; made anew, it would hold none.', 'Restore it from a backup, or rename it back. Where nobody needs what was in it: tenantry bootstrap apply --recreate shop.shop.orders.note makes it anew, empty. Or take it out of the declaration.'),
        }, repeated: true,
      },
      {
        title: 'a required column that is gone', away: 'shop__globex', by: 'alter table shop__globex.orders drop column country', plan: ['refused column/lost shop.shop__globex: column orders.country held values, and is gone; made anew, it would hold none'],
        refused: { undo: 'alter table shop__globex.orders add column country char(2) not null references shop.countries (code); create index orders_country_idx on shop__globex.orders (tenant_id, country)' },
      },
      {
        title: 'a generated column that is gone', away: 'shop__globex', by: 'alter table shop__globex.orders drop column tax', plan: ['refused column/generated shop.shop__globex: orders.tax is generated, and adding it would rewrite the table under an exclusive lock'],
        refused: { undo: 'alter table shop__globex.orders add column tax numeric(12,2) generated always as (total * 0.19) stored; alter table shop__globex.orders alter tax set not null' },
      },
      {
        title: 'a column of a reference table that is gone', in: 'shop__initech', away: 'shop__initech', by: 'alter table shop.countries drop column name', plan: ['refused column/lost shop__initech.shop: column countries.name held values, and is gone; made anew, it would hold none'],
        refused: { undo: "alter table shop.countries add column name text; update shop.countries set name = case code when 'de' then 'Germany' else $$France, \"l'Hexagone\"$$ end; alter table shop.countries alter name set not null" },
      },
    ],
    generated: [
      { title: 'a generated column that is an ordinary one', by: 'alter table shop.orders alter tax drop expression', plan: ['refused column/generated shop.shop: orders.tax is an ordinary column, and generated as (total * 0.19) is declared; the stored values would change'], refused: { undo: 'alter table shop.orders drop column tax, add column tax numeric(12,2) generated always as (total * 0.19) stored not null' } },
      { title: 'an ordinary column that is generated when it is read', since: 18, by: "alter table shop.customers drop name, add name text generated always as ('x') virtual", plan: [
        "refused column/generated shop.shop: customers.name is generated as 'x'::text (not stored), and an ordinary column is declared; the stored values would change",
        'shop.shop: shop_support may SELECT on customers.name',
      ], refused: { undo: 'alter table shop.customers drop name, add name text; grant select (name) on shop.customers to shop_support' } },
    ],
    type: [
      { title: 'another type', by: 'alter table shop.customers alter email type varchar(500)', plan: ['refused column/type shop.shop: customers.email is character varying(500), and text is declared; changing the type can lose data and rewrites the table'], refused: { undo: 'alter table shop.customers alter email type text' } },
    ],
    strangers: [
      { title: 'a column more', apart: 'extra column', by: 'alter table shop.customers add extra text', plan: ['finding column/undeclared shop.shop: column customers.extra is not declared'], finding: { undo: 'alter table shop.customers drop extra' } },
      { title: 'a required column more', apart: 'extra column', by: 'alter table shop.customers add extra text not null', plan: ['finding column/undeclared shop.shop: column customers.extra is not declared; it is NOT NULL without a default, so that rows cannot be inserted through the declared columns'], finding: { undo: 'alter table shop.customers drop extra' } },
    ],
    collation: [
      { title: 'a collation', by: 'alter table shop.customers alter name type text collate "C"', plan: ["refused column/collation shop.shop: customers.name has the collation C, and the database's own is declared; by another one other values are equal, and changing it builds every index on the column anew"], refused: { undo: 'alter table "shop"."customers" alter "name" type text collate pg_catalog."default"' } },
    ],
  },
  'reference row': {
    values: [
      { title: 'a reference row that says something else', by: "update shop.countries set name = 'Deutschland' where code = 'de'", plan: ['shop.shop: load 1 of 2 rows of countries'] },
    ],
    presence: [
      { title: 'a reference row that is gone', in: 'shop__initech', by: "delete from shop.countries where code = 'fr'", plan: ['shop__initech.shop: load 1 of 2 rows of countries'] },
    ],
  },
  'other object': {
    strangers: [
      { title: 'a type more', by: "create type shop__globex.mood as enum ('good')", plan: ['finding object/undeclared shop.shop__globex: type shop__globex.mood is not declared'], finding: { undo: 'drop type shop__globex.mood' } },
      { title: 'an operator more', by: 'create operator shop.=== (leftarg = uuid, rightarg = uuid, function = uuid_ne)', plan: ['finding object/undeclared shop.shop: operator shop.===(pg_catalog.uuid,pg_catalog.uuid) is not declared'], finding: { undo: 'drop operator shop.=== (uuid, uuid)' } },
    ],
  },
};
