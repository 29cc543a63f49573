import { describe, expect, it } from 'vitest';
import { parseDeclaration } from '../../lib/declaration';
import { refused } from '../support/refused';

type Draft = any;

const declaration = (): Draft => ({
  name: 'shop',
  extensions: { citext: {}, 'uuid-ossp': { version: '1.1', schema: 'uuids' } },
  domains: { email: { type: 'text', check: "value ~ '@'" } },
  tables: { customers: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, email: { type: 'email' } }, primaryKey: ['id'] } },
  publications: { changes: { tables: ['customers'], operations: ['insert'], rowFilter: { customers: 'true' } } },
});

describe('extensions, domains and publications', () => {
  it('are accepted, and what is left out stays out, so that a declaration without them is the one that it was', () => {
    expect(parseDeclaration(declaration())).toMatchObject({ extensions: { citext: {} }, domains: { email: { type: 'text' } }, publications: { changes: { operations: ['insert'] } } });
    const { extensions: _e, domains: _d, publications: _p, ...without } = declaration();
    without.tables.customers.columns.email.type = 'text';
    expect(Object.keys(parseDeclaration(without)).filter((key) => ['extensions', 'domains', 'publications'].includes(key))).toEqual([]);
  });

  it.each<[string, (draft: Draft) => void, string]>([
    ['a column of a domain that there is not', (d) => (d.tables.customers.columns.email.type = 'emails'), 'declaration/invalid-value  at tables.customers.columns.email.type\n\n  "emails" is not a supported type; use uuid, text, varchar(n), char(n), boolean, smallint, integer, bigint, numeric, numeric(p,s), real, double precision, date, time, timestamp, timestamptz, interval, json, jsonb, bytea, inet or cidr, with [] behind it for an array; or a declared domain: email.\n\n  Did you mean "email"?'],
    ['a domain of a domain', (d) => (d.domains.work_email = { type: 'email' }), 'declaration/invalid-value  at domains.work_email.type\n\n  "email" is not a supported type; use uuid, text, varchar(n), char(n), boolean, smallint, integer, bigint, numeric, numeric(p,s), real, double precision, date, time, timestamp, timestamptz, interval, json, jsonb, bytea, inet or cidr, with [] behind it for an array.'],
    ['a property that a domain does not have', (d) => (d.domains.email.checks = 'true'), 'declaration/unknown-key  at domains.email.checks\n\n  "checks" is not a property here.\n\n  Did you mean "check"?'],
    ['a domain called int', (d) => (d.domains.int = { type: 'text' }), 'declaration/reserved-name  at domains.int\n\n  "int" is the name of a type of PostgreSQL itself.\n\n  Choose another name.'],
    ['a domain called like a table', (d) => (d.domains.customers = { type: 'text' }), 'declaration/name-collision  at domains.customers\n\n  There is a table "customers", and PostgreSQL makes a type of that name for its rows.\n\n  Rename one of the two.'],
    ['an extension in upper case', (d) => (d.extensions.PostGIS = {}), 'declaration/identifier  at extensions.PostGIS\n\n  "PostGIS" cannot be the name of an extension: lower-case letters, digits, _ and - are allowed, with a letter in front, and 63 bytes.\n\n  Write it as pg_available_extensions lists it, for instance \'uuid-ossp\'.'],
    ['plpgsql', (d) => (d.extensions.plpgsql = {}), 'declaration/reserved-name  at extensions.plpgsql\n\n  plpgsql is in every database already.\n\n  Remove it.'],
    ['an extension in the schema public', (d) => (d.extensions.citext.schema = 'public'), 'declaration/extension-schema  at extensions.citext.schema\n\n  "public" is not a schema for extensions alone: it is PostgreSQL’s own.\n\n  Leave it out: "extensions" is made for them. An extension that is tied to a schema goes there by itself.'],
    ['an extension beside tables', (d) => (d.extensions.citext.schema = 'shop'), 'declaration/extension-schema  at extensions.citext.schema\n\n  "shop" is not a schema for extensions alone: tables lie in it.\n\n  Leave it out: "extensions" is made for them. An extension that is tied to a schema goes there by itself.'],
    ['a declaration called like the schema of extensions', (d) => (d.name = 'extensions'), 'declaration/extension-schema  at extensions.citext\n\n  "extensions" is not a schema for extensions alone: tables lie in it.\n\n  Give the extension a schema of another name.'],
    ['a publication of a table that there is not', (d) => (d.publications.changes.tables = ['customers', 'customer']), 'declaration/unknown-table  at publications.changes.tables.1\n\n  There is no table "customer" in the declaration; the tables are customers.\n\n  Did you mean "customers"?'],
    ['a publication of a table twice', (d) => (d.publications.changes.tables = ['customers', 'customers']), 'declaration/repeated  at publications.changes.tables.1\n\n  "customers" stands here twice.\n\n  Remove one.'],
    ['a publication of nothing', (d) => (d.publications.changes = { tables: [] }), 'declaration/invalid-value  at publications.changes.tables\n\n  [] is not allowed: too small: expected array to have >=1 items.'],
    ['an operation that there is not', (d) => (d.publications.changes.operations = ['truncate']), 'declaration/invalid-value  at publications.changes.operations.0\n\n  "truncate" is not allowed: expected one of "insert"|"update"|"delete".'],
    ['a filter of a table that is not published', (d) => (d.publications.changes.rowFilter = { orders: 'true' }), 'declaration/unknown-table  at publications.changes.rowFilter.orders\n\n  There is no table "orders" in the publication; the tables are customers.'],
  ])('refuse %s', (_title, change, message) => {
    const draft = declaration();
    change(draft);
    expect(refused(() => parseDeclaration(draft))?.message).toBe(message);
  });
});
