import { expect, it } from 'vitest';
import { TenantryError } from '../../lib/core';
import { parseDeclaration } from '../../lib/declaration';

type Draft = any;

const declaration = (change: (draft: Draft) => void): unknown => {
  const draft: Draft = {
    name: 'shop',
    tables: {
      orders: {
        tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, total: { type: 'integer' }, twice: { type: 'integer', generated: 'total * 2' }, note: { type: 'text', nullable: true } }, primaryKey: ['id'],
        policies: { cheap: { to: ['app'], using: 'total < 10' } },
      },
      countries: { tenancy: 'reference', columns: { code: { type: 'char(2)' } }, primaryKey: ['code'] },
    },
    roles: { app: { tables: { orders: 'write' } }, ops: { scope: 'all', tables: { orders: 'read' } } },
  };
  change(draft);
  return draft;
};

const orders = (access: unknown) => (draft: Draft): void => void (draft.roles.app.tables.orders = access);
const policy = (change: object, name = 'cheap') => (draft: Draft): void => void (draft.tables.orders.policies = { [name]: { to: ['app'], using: 'total < 10', ...change } });

const right: [string, (draft: Draft) => void][] = [
  ['what is needed and nothing else', orders({ insert: ['total'] })],
  ['all columns of one command', orders({ select: true, update: ['note'] })],
  ['columns of a reference table', (d) => (d.roles.app.tables.countries = { select: ['code'] })],
  ['a column that is masked, beside others', (d) => ((d.roles.app.tables.orders = { select: true, update: ['total'] }), (d.roles.app.masked = ['orders.note']))],
  ['a policy for each command', (d) => (d.tables.orders.policies = { a: { for: 'select', to: ['app'], using: 'true' }, b: { for: 'insert', to: ['app'], check: 'true' }, c: { for: 'update', to: ['app'], using: 'true', check: 'true' }, d: { for: 'delete', to: ['app'], using: 'true' } })],
];

const wrong: [string, (draft: Draft) => void, string][] = [
  ['no columns', orders({}), 'declaration/no-access  at roles.app.tables.orders\n\n  Nothing is given on orders.\n\n  Name select, insert, update or delete, or remove the table from the role.'],
  ['a command that there is not', orders({ selct: ['id'] }), 'declaration/unknown-key  at roles.app.tables.orders.selct\n\n  "selct" is not a property here.\n\n  Did you mean "select"?'],
  ['a column that there is not', orders({ select: ['totl'] }), 'declaration/unknown-column  at roles.app.tables.orders.select.0\n\n  There is no column "totl"; the table has id, total, twice and note.\n\n  Did you mean "total"?'],
  ['a column twice', orders({ select: ['id', 'id'] }), 'declaration/repeated-column  at roles.app.tables.orders.select.1\n\n  "id" stands here twice.\n\n  Remove one.'],
  ['the tenant, to change it', orders({ update: ['tenant_id'] }), 'declaration/tenant-column  at roles.app.tables.orders.update.0\n\n  tenant_id is never changed: a row stays with its tenant.\n\n  Leave it out.'],
  ['the tenant, to read it', orders({ select: ['tenant_id'] }), 'declaration/tenant-column  at roles.app.tables.orders.select.0\n\n  tenant_id is put in by the library.\n\n  Leave it out.'],
  ['a generated column', orders({ update: ['twice'] }), 'declaration/generated-column  at roles.app.tables.orders.update.0\n\n  orders.twice is generated: nobody can give it a value.\n\n  Leave it out.'],
  ['a masked column', (d) => (orders({ select: ['note'] })(d), (d.roles.app.masked = ['orders.note'])), 'declaration/masked-and-granted  at roles.app.tables.orders.select.0\n\n  orders.note is masked for the role, and granted here.\n\n  Remove it here, or from masked.'],
  ['rows that cannot be inserted', orders({ insert: ['note'] }), 'declaration/insert-without-required  at roles.app.tables.orders.insert\n\n  The role may insert into orders, but not give total, which every row needs and which has no default.\n\n  Add total here, give it a default, or make it nullable.'],
  ['all columns with a masked one that every row needs', (d) => (orders({ insert: true })(d), (d.roles.app.masked = ['orders.total'])), "declaration/masked-but-required  at roles.app.masked.0\n\n  The role may insert into orders, but not give total, which every row needs and which has no default.\n\n  Give the role 'read', make the column nullable, or give it a default."],
  ['a reference table that is written', (d) => (d.roles.app.tables.countries = { select: true, insert: true }), "declaration/reference-is-read-only  at roles.app.tables.countries\n\n  countries is a reference table: the same rows for all tenants, so a role may only read it, and {\"select\":true,\"insert\":true} is given.\n\n  Give 'read', and declare its rows in the table."],
  ['a policy that is called like ours', policy({}, 'tenantry_floor'), 'declaration/reserved-name  at tables.orders.policies.tenantry_floor\n\n  "tenantry_floor" begins with tenantry_, as the library\'s own policies do.\n\n  Choose another name.'],
  ['a policy on a table of no tenant', (d) => ((d.roles.app.tables.countries = 'read'), (d.tables.countries.policies = { p: { to: ['app'], using: 'true' } })), 'declaration/policy-tenancy  at tables.countries.policies.p\n\n  countries is a reference table, which has no row-level security: its rows are of no tenant.\n\n  Remove the policy, or make it a tenant table.'],
  ['a policy without a condition', policy({ using: undefined }), "declaration/policy-condition  at tables.orders.policies.cheap\n\n  A policy for all needs a condition on the rows that are there, and using is not given: nothing would be let through.\n\n  Give using; 'true' lets every row of the tenant through."],
  ['using for insert', policy({ for: 'insert', check: 'true' }), 'declaration/policy-condition  at tables.orders.policies.cheap.using\n\n  A row that is inserted was not there before, so there is nothing for using to look at.\n\n  Write the condition as check.'],
  ['an insert without a check', policy({ for: 'insert', using: undefined }), "declaration/policy-condition  at tables.orders.policies.cheap\n\n  A policy for insert needs a condition on the row that is written, and check is not given.\n\n  Give check; 'true' lets every row of the tenant through."],
  ['check for select', policy({ for: 'select', check: 'true' }), 'declaration/policy-condition  at tables.orders.policies.cheap.check\n\n  A select writes no row, so there is nothing for check to look at.\n\n  Write the condition as using.'],
  ['a role that there is not', policy({ to: ['ap'] }), 'declaration/unknown-role  at tables.orders.policies.cheap.to.0\n\n  There is no role "ap"; the roles are app and ops.\n\n  Did you mean "app"?'],
  ['a role twice', policy({ to: ['app', 'app'] }), 'declaration/repeated-role  at tables.orders.policies.cheap.to.1\n\n  "app" stands here twice.\n\n  Remove one.'],
  ['a role that sees all tenants', policy({ to: ['ops'] }), "declaration/policy-scope  at tables.orders.policies.cheap.to.0\n\n  The role ops is declared with scope 'all': it reaches the rows of every tenant, and a policy that lets rows through adds nothing.\n\n  Declare roles.ops.scope as 'tenant', or leave it out here."],
  ['a role without access', (d) => (d.roles.app.tables = {}), 'declaration/policy-without-access  at tables.orders.policies.cheap.to.0\n\n  The role app has no access to orders, so there is nothing for the policy to let through.\n\n  Remove it, or add orders to roles.app.tables.'],
  ['our own setting', policy({ settings: { 'tenantry.tenant_id': 'x' } }), "declaration/policy-setting  at tables.orders.policies.cheap.settings.tenantry.tenant_id\n\n  \"tenantry.tenant_id\" cannot be a setting of the application: its name is lower case, has a point in it, and does not begin with tenantry.\n\n  For instance 'app.user_id'."],
  ['two values of a setting', (d) => (d.tables.orders.policies = { a: { to: ['app'], using: 'true', settings: { 'app.x': '1' } }, b: { to: ['app'], using: 'true', settings: { 'app.x': '2' } } }), 'declaration/policy-setting  at tables.orders.policies.a.settings.app.x\n\n  "app.x" has two values, here and in another policy; the verification sets it once.\n\n  Give the same value in both.'],
  ['a rule that cannot be waived', policy({ lint: { allow: ['policy/recursion'], reason: 'x' } }), 'declaration/invalid-value  at tables.orders.policies.cheap.lint.allow.0\n\n  "policy/recursion" is not allowed: expected one of "policy/volatile"|"policy/cast-on-column"|"policy/or"|"policy/in-select"|"policy/correlated".'],
  ['a waiver without a reason', policy({ lint: { allow: ['policy/or'] } }), 'declaration/missing  at tables.orders.policies.cheap.lint.reason\n\n  Nothing is given here; expected string.'],
  ['a mark of the library in a condition', policy({ using: "note = '\u0001'" }), 'declaration/invalid-value  at tables.orders.policies.cheap.using\n\n  "note = \'\\u0001\'" holds a control character.'],
  ['a property that there is not', policy({ chek: 'true' }), 'declaration/unknown-key  at tables.orders.policies.cheap.chek\n\n  "chek" is not a property here.\n\n  Did you mean "check"?'],
];

it.each(right)('right: %s', (_title, change) => {
  expect(parseDeclaration(declaration(change))).toBeDefined();
});

it.each(wrong)('refused: %s', (_title, change, message) => {
  let error: unknown;
  try {
    parseDeclaration(declaration(change));
  } catch (caught) {
    error = caught;
  }
  expect(TenantryError.is(error) && error.message).toBe(message);
});

it('what is not used is not in the declaration', () => {
  const parsed = parseDeclaration(declaration((d) => delete d.tables.orders.policies));
  expect(Object.keys(parsed.tables['orders'] ?? {})).not.toContain('policies');
});
