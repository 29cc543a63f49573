import type { Mutations } from '../support/mutations';

const found = (what: string): string => `finding table/undeclared shop.shop: ${what} is not declared`;

/** What our roles are given on objects that nobody declares. */
export const undeclared: Mutations = {
  'undeclared access': {
    'table privileges': [{
      title: 'privileges on a table that nobody declares', by: 'create table shop.spare_table (a int); alter table shop.spare_table owner to shop_owner; grant select, truncate on shop.spare_table to shop_app, public; grant select on shop.spare_table to stranger',
      plan: [found('table spare_table'), 'shop.shop: shop_app may no longer SELECT, TRUNCATE on table spare_table', 'shop.shop: PUBLIC may no longer SELECT, TRUNCATE on table spare_table'], finding: { undo: 'drop table shop.spare_table' },
    }],
    'column privileges': [{
      title: 'privileges on a column of one', by: 'create table shop.spare_columns (a int); alter table shop.spare_columns owner to shop_owner; grant select (a), update (a) on shop.spare_columns to shop_viewer',
      plan: [found('table spare_columns'), 'shop.shop: shop_viewer may no longer SELECT, UPDATE on table spare_columns.a'], finding: { undo: 'drop table shop.spare_columns' },
    }],
    'sequence privileges': [{
      title: 'privileges on a sequence of no table', by: 'create sequence tenantry.spare_sequence; alter sequence tenantry.spare_sequence owner to shop_owner; grant usage on sequence tenantry.spare_sequence to shop_app, public; grant select on sequence tenantry.spare_sequence to shop_dump, stranger',
      plan: ['finding table/undeclared shop.tenantry: sequence spare_sequence is not declared', 'shop.tenantry: shop_app may no longer USAGE on sequence spare_sequence', 'shop.tenantry: PUBLIC may no longer USAGE on sequence spare_sequence'], finding: { undo: 'drop sequence tenantry.spare_sequence' },
    }, {
      title: 'privileges on the sequence of one', by: 'create table shop.spare_serial (a serial); alter table shop.spare_serial owner to shop_owner; grant usage on sequence shop.spare_serial_a_seq to shop_app',
      plan: [found('table spare_serial'), found('sequence spare_serial_a_seq'), 'shop.shop: shop_app may no longer USAGE on sequence spare_serial_a_seq'], finding: { undo: 'drop table shop.spare_serial' },
    }],
    'view privileges': [
      { title: "privileges on a view that reads with its owner's rights", by: 'create view shop.spare_view as select * from shop.flags; alter view shop.spare_view owner to shop_owner; grant select on shop.spare_view to shop_app', plan: [`${found('view spare_view')}; it reads with the rights of shop_owner`, 'shop.shop: shop_app may no longer SELECT on view spare_view'], finding: { undo: 'drop view shop.spare_view' } },
    ],
    'function privileges': [{
      title: 'a function that runs as the owner, for everybody', by: "create function shop.spare_function(a integer, b text) returns integer language sql security definer as 'select 1'; alter function shop.spare_function owner to shop_owner",
      plan: ['finding function/undeclared shop.shop: function spare_function(a integer, b text) is not declared; it runs with the rights of shop_owner', 'shop.shop: PUBLIC may no longer EXECUTE on function spare_function(integer,text)'], finding: { undo: 'drop function shop.spare_function' },
    }],
    owner: [{
      title: "privileges on somebody else's table", by: 'create table shop.spare_foreign (a int); alter table shop.spare_foreign owner to stranger; grant select on shop.spare_foreign to shop_app',
      plan: [found('table spare_foreign'), 'refused grant/undeclared shop.shop: shop_app may use table spare_foreign, which is not declared and belongs to stranger, who alone can take that back'], refused: { undo: 'drop table shop.spare_foreign' },
    }],
  },
};
