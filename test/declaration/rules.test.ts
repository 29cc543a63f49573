import { describe, expect, it } from 'vitest';
import { TenantryError } from '../../lib/core';
import { checkTenantKeys, parseDeclaration, parseTenants } from '../../lib/declaration';

/** A right declaration with one change in it. */
function declaration(change: (draft: Draft) => void): unknown {
  const draft: Draft = {
    name: 'shop',
    tables: {
      customers: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, email: { type: 'text' } }, primaryKey: ['id'] },
      orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, customer_id: { type: 'uuid', nullable: true, references: 'customers.id' }, total: { type: 'numeric(12,2)' } }, primaryKey: ['id'] },
      countries: { tenancy: 'reference', columns: { code: { type: 'char(2)' }, name: { type: 'text', nullable: true } }, primaryKey: ['code'] },
      flags: { tenancy: 'shared', columns: { name: { type: 'text' } }, primaryKey: ['name'] },
    },
    roles: { app: { tables: { customers: 'write', orders: 'write', countries: 'read' } } },
  };
  change(draft);
  return draft;
}

 
type Draft = any;

interface Rule {
  readonly title: string;
  readonly change: (draft: Draft) => void;
  readonly codes: readonly string[];
  readonly message: string;
}

const long = (n: number, letter = 'a'): string => letter.repeat(n);

const rules: Rule[] = [
  { title: 'a property that nobody knows', change: (d) => (d.tables.orders.columns.total.nulable = true), codes: ['declaration/unknown-key'], message: 'declaration/unknown-key  at tables.orders.columns.total.nulable\n\n  "nulable" is not a property here.\n\n  Did you mean "nullable"?' },
  { title: 'a property that nobody knows, of the declaration', change: (d) => (d.tabels = {}), codes: ['declaration/unknown-key'], message: 'declaration/unknown-key  at tabels\n\n  "tabels" is not a property here.\n\n  Did you mean "tables"?' },
  { title: 'a property that is missing', change: (d) => delete d.tables.orders.tenancy, codes: ['declaration/missing'], message: 'declaration/missing  at tables.orders.tenancy\n\n  Nothing is given here; expected one of "tenant"|"reference"|"shared".' },
  { title: 'a type that there is not', change: (d) => (d.tables.orders.columns.total.type = 'money'), codes: ['declaration/invalid-value'], message: 'declaration/invalid-value  at tables.orders.columns.total.type\n\n  "money" is not a supported type; use uuid, text, varchar(n), char(n), boolean, smallint, integer, bigint, numeric, numeric(p,s), real, double precision, date, time, timestamp, timestamptz, interval, json, jsonb, bytea, inet or cidr, with [] behind it for an array.' },
  { title: 'a type with more behind it', change: (d) => (d.tables.orders.columns.total.type = 'text); drop table x; --'), codes: ['declaration/invalid-value'], message: 'declaration/invalid-value  at tables.orders.columns.total.type\n\n  "text); drop table x; --" is not a supported type; use uuid, text, varchar(n), char(n), boolean, smallint, integer, bigint, numeric, numeric(p,s), real, double precision, date, time, timestamp, timestamptz, interval, json, jsonb, bytea, inet or cidr, with [] behind it for an array.' },
  { title: 'a connection limit of none', change: (d) => (d.roles.app.connectionLimit = 0), codes: ['declaration/invalid-value'], message: 'declaration/invalid-value  at roles.app.connectionLimit\n\n  0 is not allowed: too small: expected number to be >=1.' },
  { title: 'an access that there is not', change: (d) => (d.roles.app.tables.orders = 'all'), codes: ['declaration/invalid-value'], message: 'declaration/invalid-value  at roles.app.tables.orders\n\n  "all" is not allowed: expected one of "read"|"append"|"write".' },
  { title: 'an index that is neither a list nor an index', change: (d) => (d.tables.orders.indexes = [{ column: ['id'] }]), codes: ['declaration/invalid-value'], message: 'declaration/invalid-value  at tables.orders.indexes.0\n\n  {"column":["id"]} is not allowed: expected array.' },
  { title: 'an empty expression', change: (d) => (d.tables.orders.columns.total.check = ''), codes: ['declaration/invalid-value'], message: 'declaration/invalid-value  at tables.orders.columns.total.check\n\n  "" is not allowed: too small: expected string to have >=1 characters.' },
  { title: 'a name of 31 bytes for a declaration', change: (d) => { d.name = long(31); d.roles = {}; }, codes: ['declaration/name-too-long'], message: 'declaration/name-too-long  at name\n\n  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" has 31 bytes; the name of a declaration may have 30, so that the names made of it fit into the 63 bytes of PostgreSQL.\n\n  Shorten it.' },
  { title: 'a name of 64 bytes for a table', change: (d) => (d.tables[long(64)] = d.tables.flags), codes: ['declaration/name-too-long'], message: 'declaration/name-too-long  at tables.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\n  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" has 64 bytes; the name of a table may have 63, and PostgreSQL would cut off the rest without an error.\n\n  Shorten it.' },
  { title: 'a name of 64 bytes for a column', change: (d) => (d.tables.flags.columns[long(64)] = { type: 'text' }), codes: ['declaration/name-too-long'], message: 'declaration/name-too-long  at tables.flags.columns.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\n  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" has 64 bytes; the name of a column may have 63, and PostgreSQL would cut off the rest without an error.\n\n  Shorten it.' },
  { title: 'a name that is short in letters and long in bytes', change: (d) => (d.tables.flags.columns[long(32, 'ä')] = { type: 'text' }), codes: ['declaration/name-too-long'], message: 'declaration/name-too-long  at tables.flags.columns.ääääääääääääääääääääääääääääääää\n\n  "ääääääääääääääääääääääääääääääää" has 64 bytes; the name of a column may have 63, and PostgreSQL would cut off the rest without an error.\n\n  Shorten it.' },
  { title: 'names of a declaration and of a role that sees all tenants that are too long together', change: (d) => (d.roles[long(60)] = { scope: 'all', tables: {} }), codes: ['declaration/name-too-long'], message: 'declaration/name-too-long  at roles.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\n  "shop" and "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" have 64 bytes together; 56 are allowed, so that shop_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_login fits into the 63 bytes of a PostgreSQL name.\n\n  Shorten one of the two.' },
  { title: 'names of a declaration and a role that are too long together', change: (d) => { d.name = long(12); d.roles[long(12)] = d.roles.app; }, codes: ['declaration/name-too-long'], message: 'declaration/name-too-long  at roles.aaaaaaaaaaaa\n\n  "aaaaaaaaaaaa" and "aaaaaaaaaaaa" have 24 bytes together; 23 are allowed, so that aaaaaaaaaaaa_aaaaaaaaaaaa__<tenant key>_login fits into the 63 bytes of a PostgreSQL name.\n\n  Shorten one of the two.' },
  { title: 'a table with upper case', change: (d) => (d.tables.OrderLines = d.tables.flags), codes: ['declaration/identifier'], message: 'declaration/identifier  at tables.OrderLines\n\n  "OrderLines" cannot be the name of a table: lower-case letters, digits and _ are allowed, with a letter or _ in front. PostgreSQL folds unquoted names to lower case, so that other names would be two different ones.\n\n  For instance "order_lines".' },
  { title: 'a column with a quote', change: (d) => (d.tables.flags.columns['a"b'] = { type: 'text' }), codes: ['declaration/identifier'], message: 'declaration/identifier  at tables.flags.columns.a"b\n\n  "a\\"b" cannot be the name of a column: lower-case letters, digits and _ are allowed, with a letter or _ in front. PostgreSQL folds unquoted names to lower case, so that other names would be two different ones.\n\n  For instance "a_b".' },
  { title: 'a column that begins with a digit', change: (d) => (d.tables.flags.columns['2fa'] = { type: 'text' }), codes: ['declaration/identifier'], message: 'declaration/identifier  at tables.flags.columns.2fa\n\n  "2fa" cannot be the name of a column: lower-case letters, digits and _ are allowed, with a letter or _ in front. PostgreSQL folds unquoted names to lower case, so that other names would be two different ones.\n\n  For instance "_2fa".' },
  { title: 'a declaration with two _ in a row', change: (d) => (d.name = 'shop__eu'), codes: ['declaration/identifier'], message: 'declaration/identifier  at name\n\n  "shop__eu" cannot be the name of a declaration: lower-case letters, digits and _ are allowed, with a letter or _ in front and no two _ in a row. PostgreSQL folds unquoted names to lower case, so that other names would be two different ones.\n\n  For instance "shop_eu".' },
  { title: 'a role with two _ in a row', change: (d) => (d.roles.a__b = d.roles.app), codes: ['declaration/identifier'], message: 'declaration/identifier  at roles.a__b\n\n  "a__b" cannot be the name of a role: lower-case letters, digits and _ are allowed, with a letter or _ in front and no two _ in a row. PostgreSQL folds unquoted names to lower case, so that other names would be two different ones.\n\n  For instance "a_b".' },
  { title: 'a declaration called postgres', change: (d) => (d.name = 'postgres'), codes: ['declaration/reserved-name'], message: 'declaration/reserved-name  at name\n\n  "postgres" is a name that PostgreSQL, RDS or this library uses itself.\n\n  Choose another name, for instance that of the product.' },
  { title: 'a declaration called pg_shop', change: (d) => (d.name = 'pg_shop'), codes: ['declaration/reserved-name'], message: 'declaration/reserved-name  at name\n\n  "pg_shop" is a name that PostgreSQL, RDS or this library uses itself.\n\n  Choose another name, for instance that of the product.' },
  { title: 'a role called owner', change: (d) => (d.roles.owner = d.roles.app), codes: ['declaration/reserved-name'], message: 'declaration/reserved-name  at roles.owner\n\n  The library makes a role "shop_owner" itself.\n\n  Choose another name.' },
  { title: 'a role called like the login of another', change: (d) => (d.roles.app_login = d.roles.app), codes: ['declaration/reserved-name'], message: 'declaration/reserved-name  at roles.app_login\n\n  The library makes a role "shop_app_login" itself.\n\n  Choose another name.' },
  { title: 'a role called like the library’s reader of reference tables', change: (d) => (d.roles.app_reference = d.roles.app), codes: ['declaration/reserved-name'], message: 'declaration/reserved-name  at roles.app_reference\n\n  The library makes a role "shop_app_reference" itself.\n\n  Choose another name.' },
  { title: 'a system column', change: (d) => (d.tables.flags.columns.xmin = { type: 'text' }), codes: ['declaration/reserved-name'], message: 'declaration/reserved-name  at tables.flags.columns.xmin\n\n  "xmin" is a system column of every PostgreSQL table.\n\n  Choose another name.' },
  { title: 'a tenant_id of one’s own', change: (d) => (d.tables.orders.columns.tenant_id = { type: 'uuid' }), codes: ['declaration/tenant-column'], message: 'declaration/tenant-column  at tables.orders.columns.tenant_id\n\n  tenant_id is put into every tenant table by the library, in front of every key.\n\n  Remove the column.' },
  { title: 'a tenant_id in a key', change: (d) => (d.tables.orders.primaryKey = ['tenant_id', 'id']), codes: ['declaration/tenant-column'], message: 'declaration/tenant-column  at tables.orders.primaryKey.0\n\n  tenant_id is put in front by the library.\n\n  Leave it out.' },
  { title: 'a table without columns', change: (d) => (d.tables.flags.columns = {}), codes: ['declaration/no-columns', 'declaration/unknown-column'], message: 'declaration/no-columns  at tables.flags.columns\n\n  A table needs at least one column.\n\ndeclaration/unknown-column  at tables.flags.primaryKey.0\n\n  There is no column "name"; the table has .' },
  { title: 'a generated column with a default', change: (d) => Object.assign(d.tables.orders.columns.total, { generated: '1', default: '2' }), codes: ['declaration/generated-default'], message: 'declaration/generated-default  at tables.orders.columns.total\n\n  A generated column cannot have a default.\n\n  Keep one of the two.' },
  { title: 'onDelete without a reference', change: (d) => (d.tables.orders.columns.total.onDelete = 'cascade'), codes: ['declaration/on-delete'], message: 'declaration/on-delete  at tables.orders.columns.total.onDelete\n\n  onDelete says what happens when a referenced row is deleted, but the column references nothing.\n\n  Add references, or remove onDelete.' },
  { title: 'a key over a column that there is not', change: (d) => (d.tables.orders.primaryKey = ['ids']), codes: ['declaration/unknown-column'], message: 'declaration/unknown-column  at tables.orders.primaryKey.0\n\n  There is no column "ids"; the table has id, customer_id and total.\n\n  Did you mean "id"?' },
  { title: 'a unique key that names a column twice', change: (d) => (d.tables.orders.unique = [['total', 'total']]), codes: ['declaration/repeated-column'], message: 'declaration/repeated-column  at tables.orders.unique.0.1\n\n  "total" stands here twice.\n\n  Remove one.' },
  { title: 'a nullable column in the primary key', change: (d) => (d.tables.orders.columns.id.nullable = true), codes: ['declaration/nullable-key'], message: 'declaration/nullable-key  at tables.orders.columns.id.nullable\n\n  A column of the primary key cannot be nullable.\n\n  Remove nullable.' },
  { title: 'rows of a table with tenants', change: (d) => (d.tables.orders.rows = [{ id: '1' }]), codes: ['declaration/rows'], message: 'declaration/rows  at tables.orders.rows\n\n  Rows can be declared for reference tables only; this one is tenant.\n\n  Set tenancy to \'reference\', or load the rows with the application.' },
  { title: 'a row without its key', change: (d) => (d.tables.countries.rows = [{ name: 'Germany' }]), codes: ['declaration/rows'], message: 'declaration/rows  at tables.countries.rows.0\n\n  The row has no value for "code", which is in the primary key.\n\n  Give one: rows are found again by their primary key.' },
  { title: 'a row with a column that there is not', change: (d) => (d.tables.countries.rows = [{ code: 'de', nam: 'Germany' }]), codes: ['declaration/unknown-column'], message: 'declaration/unknown-column  at tables.countries.rows.0.1\n\n  There is no column "nam"; the table has code and name.\n\n  Did you mean "name"?' },
  { title: 'two rows with the same key', change: (d) => (d.tables.countries.rows = [{ code: 'de', name: 'Germany' }, { code: 'de', name: 'Deutschland' }]), codes: ['declaration/rows'], message: 'declaration/rows  at tables.countries.rows.1\n\n  The row has the same primary key as row 0.\n\n  Remove one of the two.' },
  { title: 'a row with a value for a generated column', change: (d) => { d.tables.countries.columns.upper = { type: 'text', generated: 'upper(name)' }; d.tables.countries.rows = [{ code: 'de', upper: 'X' }]; }, codes: ['declaration/rows'], message: 'declaration/rows  at tables.countries.rows.0\n\n  upper is generated, so a row cannot give it a value.\n\n  Leave it out.' },
  { title: 'a row with a value that cannot be compared', change: (d) => { d.tables.countries.columns.more = { type: 'json', nullable: true }; d.tables.countries.rows = [{ code: 'de', more: '{}' }]; }, codes: ['declaration/rows'], message: 'declaration/rows  at tables.countries.rows.0\n\n  more is json, which PostgreSQL cannot compare, so nobody could tell whether the row is loaded.\n\n  Give the column the type jsonb.' },
  { title: 'rows in front of those that they reference', change: (d) => { d.tables.countries.columns.region = { type: 'text', references: 'regions.name' }; d.tables.countries.rows = [{ code: 'de', region: 'eu' }]; d.tables.regions = { tenancy: 'reference', columns: { name: { type: 'text' } }, primaryKey: ['name'], rows: [{ name: 'eu' }] }; }, codes: ['declaration/rows'], message: 'declaration/rows  at tables.countries.columns.region.references\n\n  The rows of countries are loaded before those of regions, which they reference.\n\n  Declare regions before countries.' },
  { title: 'a column called constructor', change: (d) => (d.tables.flags.columns.constructor = { type: 'text' }), codes: ['declaration/reserved-name'], message: 'declaration/reserved-name  at tables.flags.columns.constructor\n\n  "constructor" is a property of every JavaScript object, and cannot be the name of a column.\n\n  Choose another name.' },
  { title: 'a reference to a table that there is not', change: (d) => (d.tables.orders.columns.customer_id.references = 'customer.id'), codes: ['declaration/unknown-reference'], message: 'declaration/unknown-reference  at tables.orders.columns.customer_id.references\n\n  "customer.id" is given, but there is no table "customer"; the tables are customers, orders, countries and flags.\n\n  Did you mean "customers"?' },
  { title: 'a reference to a column that there is not', change: (d) => (d.tables.orders.columns.customer_id.references = 'customers.ids'), codes: ['declaration/unknown-reference'], message: 'declaration/unknown-reference  at tables.orders.columns.customer_id.references\n\n  "customers.ids" is given, but customers has no column "ids"; it has id and email.\n\n  Did you mean "customers.id"?' },
  { title: 'a reference without a column', change: (d) => (d.tables.orders.columns.customer_id.references = 'customers'), codes: ['declaration/unknown-reference'], message: 'declaration/unknown-reference  at tables.orders.columns.customer_id.references\n\n  "customers." is given, but customers has no column ""; it has id and email.' },
  { title: 'a reference from a tenant’s row to a shared one', change: (d) => (d.tables.orders.columns.total = { type: 'text', references: 'flags.name' }), codes: ['declaration/tenancy-of-reference'], message: 'declaration/tenancy-of-reference  at tables.orders.columns.total.references\n\n  A tenant table may reference tenant or reference tables, and flags is a shared table.\n\n  Make flags a reference table, or store its value without a foreign key.' },
  { title: 'a reference from a reference row to a tenant’s', change: (d) => (d.tables.countries.columns.best = { type: 'uuid', nullable: true, references: 'customers.id' }), codes: ['declaration/tenancy-of-reference'], message: 'declaration/tenancy-of-reference  at tables.countries.columns.best.references\n\n  A reference table may reference reference tables, and customers is a tenant table.\n\n  Turn the reference around, or make both tables tenant tables.' },
  { title: 'a reference from a shared row to a tenant’s', change: (d) => (d.tables.flags.columns.customer = { type: 'uuid', references: 'customers.id' }), codes: ['declaration/tenancy-of-reference'], message: 'declaration/tenancy-of-reference  at tables.flags.columns.customer.references\n\n  A shared table may reference shared or reference tables, and customers is a tenant table.\n\n  Turn the reference around, or make both tables tenant tables.' },
  { title: 'a reference to what does not identify a row', change: (d) => (d.tables.orders.columns.total = { type: 'text', references: 'customers.email' }), codes: ['declaration/reference-not-unique'], message: 'declaration/reference-not-unique  at tables.orders.columns.total.references\n\n  email of customers is neither its primary key nor declared unique, so it does not identify a row.\n\n  Add it to tables.customers.unique, or reference customers.id.' },
  { title: 'a reference of another type', change: (d) => (d.tables.orders.columns.customer_id.type = 'text'), codes: ['declaration/reference-type'], message: 'declaration/reference-type  at tables.orders.columns.customer_id.references\n\n  customer_id is text, but customers.id is uuid.\n\n  Give both the same type.' },
  { title: 'a reference of more columns than it has', change: (d) => (d.tables.orders.foreignKeys = [{ columns: ['customer_id', 'total'], references: { table: 'customers', columns: ['id'] } }]), codes: ['declaration/reference-arity'], message: 'declaration/reference-arity  at tables.orders.foreignKeys.0\n\n  2 columns reference 1.\n\n  Name as many columns on both sides.' },
  { title: 'setNull on a column that is not nullable', change: (d) => Object.assign(d.tables.orders.columns.customer_id, { nullable: false, onDelete: 'setNull' }), codes: ['declaration/set-null'], message: 'declaration/set-null  at tables.orders.columns.customer_id.references\n\n  onDelete is \'setNull\', but customer_id is not nullable.\n\n  Set nullable: true, or choose another onDelete.' },
  { title: 'two indexes over the same columns', change: (d) => (d.tables.orders.indexes = [['total'], ['total']]), codes: ['declaration/name-collision'], message: 'declaration/name-collision  at tables.orders.indexes.1\n\n  the index (total) of orders would be called "orders_total_idx" in the database, which is also the name of the index (total) of orders.\n\n  Remove one of the two.' },
  { title: 'a table with the name of another’s primary key', change: (d) => (d.tables.orders_pkey = d.tables.flags), codes: ['declaration/name-collision'], message: 'declaration/name-collision  at tables.orders_pkey\n\n  table orders_pkey would be called "orders_pkey" in the database, which is also the name of the primary key of orders.\n\n  Rename the table or the column.' },
  { title: 'a check of a column and one of a table that have one name', change: (d) => Object.assign(d.tables.orders, { checks: { total: 'total < 10' }, columns: { ...d.tables.orders.columns, total: { type: 'integer', check: 'total > 0' } } }), codes: ['declaration/name-collision'], message: 'declaration/name-collision  at tables.orders.checks.total\n\n  the check total of orders would be called "orders_total_check" in the database, which is also the name of the check of orders.total.\n\n  Rename the table or the column.' },
  { title: 'a foreign key of a column and one of the table that have one name', change: (d) => (d.tables.orders.foreignKeys = [{ columns: ['customer_id'], references: { table: 'customers', columns: ['id'] } }]), codes: ['declaration/name-collision'], message: 'declaration/name-collision  at tables.orders.foreignKeys.0\n\n  the foreign key (customer_id) of orders would be called "orders_customer_id_fkey" in the database, which is also the name of the foreign key (customer_id) of orders.\n\n  Remove one of the two.' },
  { title: 'a role with a table that there is not', change: (d) => (d.roles.app.tables.order = 'read'), codes: ['declaration/unknown-table'], message: 'declaration/unknown-table  at roles.app.tables.order\n\n  There is no table "order"; the tables are customers, orders, countries and flags.\n\n  Did you mean "orders"?' },
  { title: 'a role that writes reference rows', change: (d) => (d.roles.app.tables.countries = 'write'), codes: ['declaration/reference-is-read-only'], message: 'declaration/reference-is-read-only  at roles.app.tables.countries\n\n  countries is a reference table: the same rows for all tenants, so a role may only read it, and "write" is given.\n\n  Give \'read\', and declare its rows in the table.' },
  { title: 'a masked column that there is not', change: (d) => (d.roles.app.masked = ['customers.mail']), codes: ['declaration/unknown-column'], message: 'declaration/unknown-column  at roles.app.masked.0\n\n  There is no column "customers.mail".\n\n  Did you mean "customers.email"?' },
  { title: 'a masked column of a table without access', change: (d) => (d.roles.app.masked = ['flags.name']), codes: ['declaration/masked-without-access'], message: 'declaration/masked-without-access  at roles.app.masked.0\n\n  The role has no access to flags, so there is nothing to mask.\n\n  Remove it, or add flags to roles.app.tables.' },
  { title: 'a masked column that a writer must give', change: (d) => (d.roles.app.masked = ['customers.email']), codes: ['declaration/masked-but-required'], message: 'declaration/masked-but-required  at roles.app.masked.0\n\n  The role may insert into customers, but not give email, which every row needs and which has no default.\n\n  Give the role \'read\', make the column nullable, or give it a default.' },
  { title: 'a grantee without a name', change: (d) => (d.externalGrants = ['']), codes: ['declaration/external-grant'], message: 'declaration/external-grant  at externalGrants.0\n\n  "" cannot be the name of a role.\n\n  Give a name of 1 to 63 bytes.' },
  { title: 'a value that Terraform computes', change: (d) => (d.tables.orders.comment = '${TfToken[TOKEN.3]}'), codes: ['declaration/token'], message: 'declaration/token  at tables.orders.comment\n\n  The text holds a reference to something that Terraform computes. A declaration is plain data, known before anything is deployed.\n\n  Write the value itself.' },
  { title: 'a NUL character', change: (d) => (d.tables.countries.rows = [{ code: 'a\0' }]), codes: ['declaration/nul'], message: 'declaration/nul  at tables.countries.rows.0.code\n\n  The text holds a NUL character, which PostgreSQL cannot store.\n\n  Remove it.' },
  { title: 'three mistakes at once', change: (d) => { d.tables.orders.primaryKey = ['ids']; d.roles.owner = d.roles.app; d.name = 'postgres'; }, codes: ['declaration/reserved-name', 'declaration/unknown-column', 'declaration/reserved-name'], message: 'declaration/reserved-name  at name\n\n  "postgres" is a name that PostgreSQL, RDS or this library uses itself.\n\n  Choose another name, for instance that of the product.\n\ndeclaration/unknown-column  at tables.orders.primaryKey.0\n\n  There is no column "ids"; the table has id, customer_id and total.\n\n  Did you mean "id"?\n\ndeclaration/reserved-name  at roles.owner\n\n  The library makes a role "postgres_owner" itself.\n\n  Choose another name.' },
];

describe('the rules of a declaration [DBS-3.3]', () => {
  it('let the right one through', () => {
    expect(parseDeclaration(declaration(() => undefined))).toMatchObject({ name: 'shop', externalGrants: [] });
  });

  for (const { title, change, codes, message } of rules) {
    it(`refuse ${title}`, () => {
      expect(complaintsOf(() => parseDeclaration(declaration(change)))).toEqual({ codes, message });
    });
  }

  it.each([
    ['a table called select, with columns called order and user', (d: Draft) => (d.tables.select = { tenancy: 'tenant', columns: { order: { type: 'text' }, user: { type: 'text' } }, primaryKey: ['order'], indexes: [['user']] })],
    ['a name of 63 bytes', (d: Draft) => (d.tables[long(63)] = d.tables.flags)],
    ['30 bytes for a declaration', (d: Draft) => { d.name = long(30); d.roles = {}; }],
    ['a reference from a tenant’s row to a reference row', (d: Draft) => (d.tables.orders.columns.country = { type: 'char(2)', references: 'countries.code' })],
    ['a role that sees all tenants and has a long name', (d: Draft) => (d.roles[long(40)] = { scope: 'all', tables: {} })],
  ])('let through %s', (_title, change) => {
    expect(() => parseDeclaration(declaration(change))).not.toThrow();
  });
});

describe('the keys of tenants', () => {
  it.each([
    ['a"; drop schema public cascade; --', 'tenants/key', 'tenants/key  at tenants.a"; drop schema public cascade; --\n\n  "a\\"; drop schema public cascade; --" cannot be a tenant\'s key: lower-case letters, digits and hyphens are allowed, at most 31, with a letter in front.\n\n  The display name is free text: "a-drop-schema-public-cascade": { displayName: "a\\"; drop schema public cascade; --", … }.'],
    ['Acme', 'tenants/key', 'tenants/key  at tenants.Acme\n\n  "Acme" cannot be a tenant\'s key: lower-case letters, digits and hyphens are allowed, at most 31, with a letter in front.\n\n  The display name is free text: "acme": { displayName: "Acme", … }.'],
    ['', 'tenants/key', 'tenants/key  at tenants.\n\n  "" cannot be a tenant\'s key: lower-case letters, digits and hyphens are allowed, at most 31, with a letter in front.\n\n  The display name is free text: put the name there and choose a short key.'],
    [long(32), 'tenants/key', 'tenants/key  at tenants.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\n  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" cannot be a tenant\'s key: lower-case letters, digits and hyphens are allowed, at most 31, with a letter in front.\n\n  The display name is free text: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": { displayName: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", … }.'],
    ['1-2', 'tenants/key', 'tenants/key  at tenants.1-2\n\n  "1-2" cannot be a tenant\'s key: lower-case letters, digits and hyphens are allowed, at most 31, with a letter in front.\n\n  The display name is free text: put the name there and choose a short key.'],
    ['acme-login', 'tenants/key-collision', 'tenants/key-collision  at tenants.acme-login\n\n  The roles of "acme-login" would have the same names as the logins of a tenant "acme".\n\n  Choose a key that does not end with -login.'],
  ])('refuse %j with a suggestion', (key, code, message) => {
    expect(complaintsOf(() => parseTenants({ [key]: { isolation: 'row' } }))).toEqual({ codes: [code], message });
  });

  it('let through what begins or ends like something else, but is its own name', () => {
    expect(checkTenantKeys(['a-b', 'a--b', 'login', 'a-logins', long(31)])).toEqual([]);
  });

  it.each([
    ['a\0b', 'holds a NUL character, which PostgreSQL cannot store.'],
  ])('refuse the display name %j', (displayName, problem) => {
    expect(complaintsOf(() => parseTenants({ acme: { isolation: 'row', displayName } }))).toEqual({ codes: ['tenants/invalid-value'], message: `tenants/invalid-value  at tenants.acme.displayName\n\n  ${JSON.stringify(displayName)} ${problem}` });
  });

  it('refuse an isolation that there is not, and a tier that is none', () => {
    expect(complaintsOf(() => parseTenants({ acme: { isolation: 'cluster', tier: 'Gold!' } }))).toEqual({ codes: ['tenants/invalid-value', 'tenants/invalid-value'], message: 'tenants/invalid-value  at tenants.acme.isolation\n\n  "cluster" is not allowed: expected one of "row"|"schema"|"database".\n\ntenants/invalid-value  at tenants.acme.tier\n\n  "Gold!" is not the name of a tier: lower-case letters, digits and hyphens, at most 31, with a letter in front.' });
  });
});

/** Codes and whole text of what is refused; nothing where nothing is. */
function complaintsOf(run: () => unknown): { codes: string[]; message: string } {
  try {
    run();
  } catch (error) {
    if (TenantryError.is(error)) return { codes: error.complaints.map(({ code }) => code), message: error.message };
    throw error;
  }
  return { codes: [], message: '' };
}
