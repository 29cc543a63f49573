import type { Mutations } from '../support/mutations';

export const constraints: Mutations = {
  constraint: {
    presence: [
      { title: "a constraint of the registry", by: 'alter table tenantry.tenants drop constraint tenants_state_check', plan: [
        'shop.tenantry: add check tenants_state_check on tenants',
        'shop.tenantry: validate tenants_state_check on tenants',
      ] },
      { title: 'a check that is gone', by: 'alter table shop.orders drop constraint orders_total_check', plan: [
        'shop.shop: add check orders_total_check on orders',
        'shop.shop: validate orders_total_check on orders',
      ] },
      { title: 'a foreign key that is gone', by: 'alter table shop__globex.orders drop constraint orders_customer_id_fkey', plan: [
        'shop.shop__globex: add foreign key orders_customer_id_fkey on orders',
        'shop.shop__globex: validate orders_customer_id_fkey on orders',
      ] },
      { title: 'a primary key that is gone, with the foreign keys to it', by: 'alter table shop.customers drop constraint customers_pkey cascade', plan: [
        'shop.shop: build the unique index customers_pkey on customers',
        'shop.shop: add primary key customers_pkey on customers',
        'shop.shop: add foreign key orders_customer_id_fkey on orders',
        'shop.shop: validate orders_customer_id_fkey on orders',
        'shop.shop: add foreign key orders_referrer_id_fkey on orders',
        'shop.shop: validate orders_referrer_id_fkey on orders',
      ] },
      { title: 'a unique key that is gone', by: 'alter table shop.customers drop constraint customers_email_key', plan: [
        'shop.shop: build the unique index customers_email_key on customers',
        'shop.shop: add unique key customers_email_key on customers',
      ] },
    ],
    expression: [
      { title: 'a check that says something else', by: 'alter table shop__globex.orders drop constraint orders_total_check, add constraint orders_total_check check (total >= -1)', plan: [
        'shop.shop__globex: drop constraint orders_total_check on orders',
        'shop.shop__globex: add check orders_total_check on orders',
        'shop.shop__globex: validate orders_total_check on orders',
      ] },
    ],
    validated: [
      { title: 'a check that is not validated', in: 'shop__initech', by: 'alter table shop.orders drop constraint orders_total_check, add constraint orders_total_check check (total >= 0) not valid', plan: ['shop__initech.shop: validate orders_total_check on orders'] },
      { title: 'a foreign key that is not validated', by: 'alter table shop__globex.orders drop constraint orders_country_fkey, add constraint orders_country_fkey foreign key (country) references shop.countries (code) not valid', plan: ['shop.shop__globex: validate orders_country_fkey on orders'] },
    ],
    enforced: [
      { title: 'a check that is not enforced', since: 18, by: 'alter table shop.orders drop constraint orders_total_check, add constraint orders_total_check check (total >= 0) not enforced', plan: [
        'shop.shop: drop constraint orders_total_check on orders',
        'shop.shop: add check orders_total_check on orders',
        'shop.shop: validate orders_total_check on orders',
      ] },
      { title: 'a foreign key that is not enforced', since: 18, in: 'shop__initech', by: 'alter table shop.orders alter constraint orders_country_fkey not enforced', plan: [
        'shop__initech.shop: drop constraint orders_country_fkey on orders',
        'shop__initech.shop: add foreign key orders_country_fkey on orders',
        'shop__initech.shop: validate orders_country_fkey on orders',
      ] },
    ],
    strangers: [
      { title: 'a check more', by: 'alter table shop.orders add constraint extra check (total < 1000000)', plan: ['finding constraint/undeclared shop.shop: constraint extra on orders is not declared'], finding: { undo: 'alter table shop.orders drop constraint extra' } },
    ],
    'on delete': [
      { title: 'a foreign key that cascades elsewhere', by: 'alter table shop__globex.orders drop constraint orders_customer_id_fkey, add constraint orders_customer_id_fkey foreign key (tenant_id, customer_id) references shop__globex.customers (tenant_id, id) on delete restrict', plan: [
        'shop.shop__globex: drop constraint orders_customer_id_fkey on orders',
        'shop.shop__globex: add foreign key orders_customer_id_fkey on orders',
        'shop.shop__globex: validate orders_customer_id_fkey on orders',
      ] },
    ],
    'set null columns': [
      { title: 'a foreign key that clears all its columns', by: 'alter table shop.orders drop constraint orders_referrer_id_fkey, add constraint orders_referrer_id_fkey foreign key (tenant_id, referrer_id) references shop.customers (tenant_id, id) on delete set null', plan: [
        'shop.shop: drop constraint orders_referrer_id_fkey on orders',
        'shop.shop: add foreign key orders_referrer_id_fkey on orders',
        'shop.shop: validate orders_referrer_id_fkey on orders',
      ] },
    ],
    'on update': [
      { title: 'a foreign key that follows updates', by: 'alter table shop.orders drop constraint orders_customer_id_fkey, add constraint orders_customer_id_fkey foreign key (tenant_id, customer_id) references shop.customers (tenant_id, id) on delete cascade on update cascade', plan: [
        'shop.shop: drop constraint orders_customer_id_fkey on orders',
        'shop.shop: add foreign key orders_customer_id_fkey on orders',
        'shop.shop: validate orders_customer_id_fkey on orders',
      ] },
    ],
    references: [
      { title: 'a foreign key into the schema of another tenant', by: 'alter table shop__globex.orders drop constraint orders_customer_id_fkey, add constraint orders_customer_id_fkey foreign key (tenant_id, customer_id) references shop.customers (tenant_id, id) on delete cascade', plan: [
        'shop.shop__globex: drop constraint orders_customer_id_fkey on orders',
        'shop.shop__globex: add foreign key orders_customer_id_fkey on orders',
        'shop.shop__globex: validate orders_customer_id_fkey on orders',
      ] },
    ],
    deferrable: [
      { title: 'a foreign key that can be deferred', by: 'alter table shop.orders alter constraint orders_country_fkey deferrable initially deferred', plan: [
        'shop.shop: drop constraint orders_country_fkey on orders',
        'shop.shop: add foreign key orders_country_fkey on orders',
        'shop.shop: validate orders_country_fkey on orders',
      ] },
    ],
    columns: [
      { title: 'a unique key without the tenant', by: 'alter table shop.customers drop constraint customers_email_key, add constraint customers_email_key unique (email)', plan: ['refused constraint/key shop.shop: customers_email_key on customers is over (email), and (tenant_id, email) is declared; other foreign keys and the identity of rows rest on it'], refused: { undo: 'alter table shop.customers drop constraint customers_email_key, add constraint customers_email_key unique (tenant_id, email)' } },
    ],
    match: [
      { title: 'a foreign key that matches partly null values in full', in: 'shop__initech', by: 'alter table shop.orders drop constraint orders_referrer_id_fkey, add constraint orders_referrer_id_fkey foreign key (tenant_id, referrer_id) references shop.customers (tenant_id, id) match full on delete set null (referrer_id)', plan: [
        'shop__initech.shop: drop constraint orders_referrer_id_fkey on orders',
        'shop__initech.shop: add foreign key orders_referrer_id_fkey on orders',
        'shop__initech.shop: validate orders_referrer_id_fkey on orders',
      ] },
    ],
    'nulls not distinct': [
      { title: 'a unique key with null values that are equal', by: 'alter table shop__globex.customers drop constraint customers_email_key, add constraint customers_email_key unique nulls not distinct (tenant_id, email)', plan: ['refused constraint/key shop.shop__globex: customers_email_key on customers is over (tenant_id, email), with null values that are equal, and (tenant_id, email) is declared; other foreign keys and the identity of rows rest on it'], refused: { undo: 'alter table shop__globex.customers drop constraint customers_email_key, add constraint customers_email_key unique (tenant_id, email)' } },
    ],
  },
  index: {
    presence: [
      { title: 'an index that is gone', by: 'drop index shop.orders_total_idx', plan: ['shop.shop: create index orders_total_idx on orders'] },
    ],
    columns: [
      { title: 'an index over other columns', by: 'drop index shop__globex.orders_total_idx; create index orders_total_idx on shop__globex.orders (total, tenant_id)', plan: ['shop.shop__globex: rebuild index orders_total_idx on orders'] },
    ],
    condition: [
      { title: 'an index with another condition', in: 'shop__initech', by: "drop index shop.orders_note_idx; create index orders_note_idx on shop.orders (tenant_id, note) where note <> ''", plan: ['shop__initech.shop: rebuild index orders_note_idx on orders'] },
    ],
    method: [
      { title: 'an index by another method', in: 'shop__initech', by: 'drop index shop.orders_total_idx; create index orders_total_idx on shop.orders using brin (tenant_id, total)', plan: ['shop__initech.shop: rebuild index orders_total_idx on orders'] },
    ],
    order: [
      { title: 'an index in another order', by: 'drop index shop.orders_total_idx; create index orders_total_idx on shop.orders (tenant_id, total desc)', plan: ['shop.shop: rebuild index orders_total_idx on orders'] },
    ],
    'operator classes': [
      { title: 'an index of another operator class', by: 'drop index shop__globex.orders_note_idx; create index orders_note_idx on shop__globex.orders (tenant_id, note text_pattern_ops) where note is not null', plan: ['shop.shop__globex: rebuild index orders_note_idx on orders'] },
    ],
    'nulls not distinct': [
      { title: 'an index with null values that are equal', by: 'drop index shop.orders_total_idx; create unique index orders_total_idx on shop.orders (tenant_id, total) nulls not distinct', plan: ['shop.shop: rebuild index orders_total_idx on orders'] },
    ],
    collations: [
      { title: 'an index with another collation', by: 'drop index shop.orders_note_idx; create index orders_note_idx on shop.orders (tenant_id, note collate "C") where note is not null', plan: ['shop.shop: rebuild index orders_note_idx on orders'] },
    ],
    'included columns': [
      { title: 'an index with a column more behind', by: 'drop index shop.orders_total_idx; create index orders_total_idx on shop.orders (tenant_id, total) include (note)', plan: ['shop.shop: rebuild index orders_total_idx on orders'] },
    ],
    unique: [
      { title: 'an index that is unique', by: 'drop index shop.orders_total_idx; create unique index orders_total_idx on shop.orders (tenant_id, total)', plan: ['shop.shop: rebuild index orders_total_idx on orders'] },
    ],
    valid: [
      { title: 'an index that is invalid', by: "update pg_index set indisvalid = false where indexrelid = 'shop.orders_total_idx'::regclass", plan: ['shop.shop: rebuild index orders_total_idx on orders'] },
    ],
    strangers: [
      { title: 'an index more', by: 'create index extra_idx on shop.orders (note)', plan: ['finding index/undeclared shop.shop: index extra_idx on orders is not declared'], finding: { undo: 'drop index shop.extra_idx' } },
    ],
  },
};
