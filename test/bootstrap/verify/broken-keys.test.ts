import { breakTests } from './support/breaks';

breakTests('a key or a reference across tenants is noticed', [
  { title: 'a unique key without the tenant', by: 'create unique index customers_email_everywhere on shop.customers (email)', undo: 'drop index shop.customers_email_everywhere', attack: 'unique-oracle', place: 'shop.shop', table: 'customers', role: 'shop_app',
    reason: /shop_app reaches rows of another tenant/, remedy: /customers_email_everywhere/, also: ['key-across-tenants', 'on-conflict-oracle'] },
  { title: 'a unique expression without the tenant', by: 'create unique index customers_email_lower on shop__globex.customers (lower(email))', undo: 'drop index shop__globex.customers_email_lower', attack: 'key-across-tenants', place: 'shop.shop__globex', table: 'customers',
    reason: /holds across tenants/, remedy: /tenant_id/, also: ['unique-oracle', 'on-conflict-oracle'] },
  { title: 'an exclusion constraint without the tenant', by: "alter table shop.customers add constraint one_email exclude using btree (email with =)", undo: 'alter table shop.customers drop constraint one_email', attack: 'unique-oracle', place: 'shop.shop', table: 'customers',
    role: 'shop_app', reason: /reaches rows/, remedy: /one_email/, also: ['key-across-tenants', 'on-conflict-oracle'] },
  { title: 'a foreign key without the tenant', by: 'alter table shop.customers add constraint customers_id_key unique (id); alter table shop.orders drop constraint orders_customer_id_fkey, add constraint orders_customer_id_fkey foreign key (customer_id) references shop.customers (id) on delete cascade',
    undo: 'alter table shop.orders drop constraint orders_customer_id_fkey; alter table shop.customers drop constraint customers_id_key', attack: 'foreign-key-to-foreign-row', place: 'shop.shop', table: 'orders', role: 'shop_app',
    reason: /reaches rows of another tenant/, remedy: /orders_customer_id_fkey/, also: ['reference-across-tenants', 'foreign-key-oracle', 'cascade', 'key-across-tenants', 'unique-oracle', 'on-conflict-oracle'], within: ['orders', 'customers'] },
  { title: 'a foreign key to the tables of another place', by: 'alter table shop__globex.orders add constraint astray foreign key (tenant_id, customer_id) references shop.customers (tenant_id, id) not valid', undo: 'alter table shop__globex.orders drop constraint astray',
    attack: 'reference-across-tenants', place: 'shop.shop__globex', table: 'orders', reason: /another tenant/, remedy: /tenant_id/ },
]);
