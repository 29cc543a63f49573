import type { Client } from 'pg';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { defineSchema } from '../../lib/declaration';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { expectIsolated, verified } from './verify/support/verified';
import { applyTo, expectNothingToDo, linesOf, manifestOf, planOf } from './support/platform';

const USER = "(select nullif(current_setting('app.user_id', true), '')::uuid)";
const id = { type: 'uuid', default: 'gen_random_uuid()' } as const;

const ME = '00000000-0000-4000-8000-000000000001';
const SOMEBODY = '00000000-0000-4000-8000-000000000002';

/** Policies of every kind, and privileges on columns; `order` and `user` are words that the server quotes. */
const input = {
  name: 'user',
  tables: {
    countries: { tenancy: 'reference', columns: { code: { type: 'char(2)' }, open: { type: 'boolean' } }, primaryKey: ['code'], rows: [{ code: 'de', open: true }, { code: 'fr', open: false }] },
    order: { tenancy: 'tenant', columns: { id, person: { type: 'uuid', example: `'${ME}'` }, price: { type: 'integer', default: '0' }, twice: { type: 'integer', generated: 'price * 2' } }, primaryKey: ['id'] },
    notes: {
      tenancy: 'tenant',
      columns: { id, order_id: { type: 'uuid', references: 'order.id' }, author: { type: 'uuid', example: `'${ME}'` }, country: { type: 'char(2)', references: 'countries.code' }, state: { type: 'varchar(10)', default: "'draft'", example: "'sent'" } },
      primaryKey: ['id'], indexes: [['author']],
      policies: {
        own: { to: ['app'], using: `author = ${USER}`, check: `author = ${USER} and state in ('draft', 'sent')`, settings: { 'app.user_id': ME } },
        of_my_orders: { for: 'select', to: ['app'], using: `order_id = any (array(select "order".id from "order" where person = ${USER}))` },
        in_open_country: { for: 'select', to: ['viewer'], using: 'country = any (array(select c.code from countries c where c.open))' },
        anything: { for: 'insert', to: ['viewer'], check: 'author is not null' },
        sent: { for: 'update', to: ['viewer'], using: "state = 'sent'" },
        not_kept: { for: 'delete', to: ['editor'], using: "state <> 'kept'" },
      },
    },
  },
  roles: {
    app: { login: 'iam', tables: { notes: 'write', order: 'read', countries: 'read' } },
    viewer: { login: 'iam', tables: { notes: 'write', countries: 'read' } },
    editor: { login: 'iam', tables: { notes: 'write' } },
    other: { login: 'iam', tables: { notes: 'write' } },
    clerk: { login: 'iam', tables: { order: { select: ['id', 'person', 'price'], insert: ['person'], update: ['price'] } } },
    cashier: { login: 'iam', tables: { order: { select: true, update: true, delete: true } }, masked: ['order.price'] },
    admin: { login: 'iam', scope: 'all', tables: { order: 'write', countries: 'read' } },
  },
} as const;
const tenants = { acme: { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database' } } as const;
const loaded = manifestOf(defineSchema(input), { tenants });

interface ByHand {
  readonly title: string;
  /** The database in which it is made. @default 'user' */
  readonly in?: string;
  readonly by: string;
  /** What the plan says of it, and of nothing else. */
  readonly plan: string;
}

/** What somebody did by hand, at one time as far as it is about different objects. */
const changes: ByHand[][] = [
  [
    { title: 'another condition', by: 'alter policy own on "user".notes using (true)', plan: 'user.user: alter policy own on notes' },
    { title: 'a condition on rows that are inserted', by: 'alter policy anything on "user".notes with check (true)', plan: 'user.user: alter policy anything on notes' },
    { title: 'other roles', by: 'alter policy sent on "user".notes to user_viewer, user_other', plan: 'user.user: alter policy sent on notes' },
    { title: 'everybody', by: 'alter policy in_open_country on "user".notes to public', plan: 'user.user: alter policy in_open_country on notes' },
    { title: 'a restrictive one', by: 'drop policy not_kept on "user".notes; create policy not_kept on "user".notes as restrictive for delete to user_editor using (state::text <> \'kept\'::text)', plan: 'user.user: replace policy not_kept on notes' },
    { title: 'one that is gone', by: 'drop policy of_my_orders on "user".notes', in: 'user__initech', plan: 'user__initech.user: create policy of_my_orders on notes' },
    { title: 'one more', by: 'create policy wide on "user".notes to user_app using (true)', plan: 'user.user: drop policy wide on notes' },
    { title: "another tenant's table in a condition", by: `alter policy of_my_orders on user__globex.notes using (order_id = any (array(select "order".id from "user"."order" where "order".person = ${USER})))`, plan: 'user.user__globex: alter policy of_my_orders on notes' },
    { title: 'a table of its own in place of the reference table', by: 'alter policy in_open_country on user__globex.notes using (country::text = any (array(select c.id::text from user__globex."order" c)))', plan: 'user.user__globex: alter policy in_open_country on notes' },
    { title: 'the way to the floor, for a role that has policies', by: 'alter policy tenantry_access on "user".notes to user_other, user_app', plan: 'user.user: alter policy tenantry_access on notes' },
    { title: 'the way to the floor for one command, gone', by: 'drop policy tenantry_access_select on user__globex.notes', plan: 'user.user__globex: create policy tenantry_access_select on notes' },
    { title: 'the way to the floor for one command, closed', by: 'alter policy tenantry_access_insert on "user".notes with check (false)', plan: 'user.user: alter policy tenantry_access_insert on notes' },
    { title: 'a column more', by: 'grant update (person) on "user"."order" to user_clerk', plan: 'user.user: user_clerk may no longer UPDATE on order.person' },
    { title: 'a column that is generated', by: 'grant select (twice) on user__globex."order" to user_clerk__globex', plan: 'user.user__globex: user_clerk__globex may no longer SELECT on order.twice' },
    { title: 'a column less', by: 'revoke insert (person) on "user"."order" from user_clerk__initech', in: 'user__initech', plan: 'user__initech.user: user_clerk__initech may INSERT on order.person' },
    { title: 'a masked column', by: 'grant update (price) on "user"."order" to user_cashier', plan: 'user.user: user_cashier may no longer UPDATE on order.price' },
    { title: 'the tenant of rows, for a role that sees all', by: 'grant update (tenant_id) on "user"."order" to user_admin', plan: 'user.user: user_admin may no longer UPDATE on order.tenant_id' },
  ],
  [
    { title: 'another check', by: 'alter policy own on "user".notes with check (true)', plan: 'user.user: alter policy own on notes' },
    { title: 'another command', by: 'drop policy sent on "user".notes; create policy sent on "user".notes for all to user_viewer using (state::text = \'sent\'::text) with check (state::text = \'sent\'::text)', plan: 'user.user: replace policy sent on notes' },
    { title: 'the whole table, for a role that sees all', by: 'grant update on "user"."order" to user_admin', plan: 'user.user: user_admin may no longer UPDATE on order' },
  ],
  [
    { title: 'the whole table, for a role with columns', by: 'grant insert on "user"."order" to user_clerk', plan: 'user.user: user_clerk may no longer INSERT on order' },
  ],
];

describeNewest('policies of the business', (major) => {
  let server: TestServer;
  const open: Client[] = [];

  beforeAll(async () => {
    server = await startTestServer({ major });
    await (await server.admin()).query('create role stranger');
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.end()));
  });

  const run = async (sql: string, database = 'user'): Promise<Client> => {
    const admin = await server.admin(database);
    open.push(admin);
    await admin.query(sql);
    return admin;
  };

  /** As a role of a tenant, who asks for the person ME: rows of the last statement, or its SQLSTATE. */
  const as = async (client: Client, role: string, tenant: string, sql: string): Promise<string> => {
    await client.query(`savepoint attempt; set local role "${role}"; set local search_path = pg_catalog; select set_config('tenantry.tenant_id', '${tenant}', true), set_config('app.user_id', '${ME}', true)`);
    try {
      const { rows, rowCount } = await client.query(sql);
      return rows.length > 0 ? rows.map((row) => Object.values(row as object).join()).join(' ') : String(rowCount);
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      await client.query('rollback to savepoint attempt');
    }
  };

  for (const [key, database, schema, suffix] of [['acme', 'user', 'user', ''], ['globex', 'user', 'user__globex', '__globex'], ['initech', 'user__initech', 'user', '__initech']] as const) {
    it(`the policies of a command decide alone, on top of the floor: ${key}`, async () => {
      const admin = await run('begin', database);
      const { rows: [{ id: tenant }] } = await admin.query('select id from tenantry.tenants where key = $1', [key]);
      const stranger = '00000000-0000-4000-8000-0000000000ff';
      const notes = `"${schema}".notes`;
      for (const of of [tenant, stranger]) {
        await admin.query(`insert into "${schema}"."order" (tenant_id, id, person) values ('${of}', '${ME}', '${ME}'), ('${of}', '${SOMEBODY}', '${SOMEBODY}')`);
        await admin.query(`insert into ${notes} (tenant_id, order_id, author, country, state)
          select '${of}'::uuid, o, a, c, s from (values ('${SOMEBODY}'::uuid, '${ME}'::uuid, 'fr', 'draft'), ('${ME}', '${SOMEBODY}', 'de', 'sent'), ('${SOMEBODY}', '${SOMEBODY}', 'fr', 'kept')) v(o, a, c, s)`);
      }
      const [app, viewer, editor, other] = ['app', 'viewer', 'editor', 'other'].map((role) => `user_${role}${suffix}`) as [string, string, string, string];
      const count = `select count(*) from ${notes}`;
      expect(await as(admin, app, tenant, count), 'its own, and those of its orders').toBe('2');
      expect(await as(admin, viewer, tenant, count), 'those in an open country').toBe('1');
      expect(await as(admin, editor, tenant, count), 'no policy of its own for SELECT').toBe('3');
      expect(await as(admin, other, tenant, count), 'no policy of its own').toBe('3');
      for (const role of [app, viewer, editor, other]) expect(await as(admin, role, tenant, `${count} where tenant_id <> '${tenant}'`), role).toBe('0');
      const insert = (author: string, state = 'draft', of = tenant): string => `insert into ${notes} (tenant_id, order_id, author, country, state) values ('${of}', '${ME}', '${author}', 'de', '${state}')`;
      expect(await as(admin, app, tenant, insert(ME))).toBe('1');
      expect(await as(admin, app, tenant, insert(ME, 'lost')), 'the check').toBe('42501');
      expect(await as(admin, app, tenant, insert(SOMEBODY)), 'the check').toBe('42501');
      expect(await as(admin, app, tenant, insert(ME, 'draft', stranger)), 'the floor').toBe('42501');
      expect(await as(admin, viewer, tenant, insert(SOMEBODY))).toBe('1');
      expect(await as(admin, viewer, tenant, insert(SOMEBODY, 'draft', stranger)), 'the floor').toBe('42501');
      expect(await as(admin, app, tenant, `update ${notes} set country = 'de'`), 'it sees two, and only one is its own').toBe('1');
      expect(await as(admin, app, tenant, `update ${notes} set author = '${SOMEBODY}'`)).toBe('42501');
      expect(await as(admin, viewer, tenant, `update ${notes} set author = '${SOMEBODY}' where author is not null`), 'seen, and sent').toBe('1');
      expect(await as(admin, viewer, tenant, `update ${notes} set state = 'draft'`), 'the check is that of using').toBe('42501');
      expect(await as(admin, editor, tenant, `delete from ${notes}`)).toBe('2');
      expect(await as(admin, other, tenant, `delete from ${notes}`)).toBe('3');
      expect(await as(admin, editor, tenant, `update ${notes} set country = 'de'`)).toBe('3');
      await admin.query('rollback');
    });

    it(`columns are given one by one, and the tenant of a row never changes: ${key}`, async () => {
      const admin = await run('begin', database);
      const { rows: [{ id: tenant }] } = await admin.query('select id from tenantry.tenants where key = $1', [key]);
      const order = `"${schema}"."order"`;
      await admin.query(`insert into ${order} (tenant_id, id, person) values ('${tenant}', '${ME}', '${ME}')`);
      const [clerk, cashier] = ['clerk', 'cashier'].map((role) => `user_${role}${suffix}`) as [string, string];
      expect(await as(admin, clerk, tenant, `insert into ${order} (person) values ('${ME}') returning tenant_id`), 'the tenant comes from the context').toBe(tenant);
      expect(await as(admin, clerk, tenant, `insert into ${order} (person, price) values ('${ME}', 1)`)).toBe('42501');
      expect(await as(admin, clerk, tenant, `select id, person, price from ${order}`)).toBe(`${ME},${ME},0`);
      expect(await as(admin, clerk, tenant, `select twice from ${order}`)).toBe('42501');
      expect(await as(admin, clerk, tenant, `update ${order} set price = 2`)).toBe('1');
      expect(await as(admin, clerk, tenant, `update ${order} set person = '${SOMEBODY}'`)).toBe('42501');
      expect(await as(admin, clerk, tenant, `delete from ${order}`)).toBe('42501');
      expect(await as(admin, cashier, tenant, `select price from ${order}`), 'masked').toBe('42501');
      expect(await as(admin, cashier, tenant, `update ${order} set price = 2`), 'masked').toBe('42501');
      expect(await as(admin, cashier, tenant, `update ${order} set person = '${SOMEBODY}'`)).toBe('1');
      for (const role of [clerk, 'user_admin']) expect(await as(admin, role, tenant, `update ${order} set tenant_id = tenant_id`), role).toBe('42501');
      expect(await as(admin, 'user_admin', tenant, `update ${order} set price = 3`)).toBe('1');
      expect(await as(admin, 'user_admin', tenant, `insert into ${order} (tenant_id, person) values (gen_random_uuid(), '${ME}')`)).toBe('1');
      await admin.query('rollback');
    });
  }

  it('the verification attacks what the policies let through, and no policy is taken for a breach', async () => {
    const evidence = await verified(server, loaded);
    expectIsolated(evidence);
    const of = (attack: string, role: string): string[] => evidence.results.filter((result) => result.attack === attack && result.role === role && result.table === 'order' && result.place === 'user.user').map(({ verdict, observed }) => `${verdict} ${observed}`);
    expect([of('move-own-row', 'user_admin'), of('steal-foreign-row', 'user_admin'), of('beyond-columns', 'user_admin')]).toEqual([['denied 42501'], ['denied 42501'], ['denied 0 rows']]);
    expect([of('beyond-columns', 'user_clerk'), of('masked-column', 'user_clerk'), of('read-foreign-row', 'user_clerk')]).toEqual([['denied 0 rows'], ['denied 42501'], ['denied 0 rows']]);
    expect(evidence.results.filter(({ attack, role, table, verdict }) => attack === 'read-foreign-row' && role === 'user_app' && table === 'notes' && verdict === 'denied')).toHaveLength(1);
  });

  it('a column that may be written by hand is a breach, and policies that no probe row passes leave the verdict open', async () => {
    await run('grant update (tenant_id) on "user"."order" to user_admin; alter policy own on "user".notes using (false); alter policy of_my_orders on "user".notes using (false)');
    const evidence = await verified(server, loaded);
    expect(new Set(evidence.results.filter(({ verdict }) => verdict === 'breached').map(({ attack, role, table }) => `${attack} ${table} ${role}`))).toEqual(new Set(['beyond-columns order user_admin', 'move-own-row order user_admin', 'steal-foreign-row order user_admin']));
    const [open] = evidence.results.filter(({ attack, role, verdict }) => attack === 'read-foreign-row' && role === 'user_app' && verdict === 'unknown');
    expect(open).toMatchObject({ table: 'notes', remedy: 'Give examples to the columns that tables.notes.policies look at, and values to their settings (tables.notes.policies.<policy>.settings), so that its policies let app reach the probe rows.' });
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it.each(changes.map((batch) => [batch.map(({ title }) => title).join('; '), batch] as const))('found by name, and mended: %s', async (_titles, batch) => {
    for (const { by, in: database } of batch) await run(by, database);
    expect(linesOf((await planOf(server, loaded)).differences).sort()).toEqual(batch.map(({ plan }) => plan).sort());
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it('a tenant that comes later has the same policies', async () => {
    const later = manifestOf(defineSchema(input), { tenants: { ...tenants, late: { isolation: 'schema' } } });
    await applyTo(server, later);
    await expectNothingToDo(server, later);
    const { rows } = await (await run('')).query(`select n.nspname as place, replace(string_agg(concat_ws(' ', polname, polcmd, polroles::regrole[], pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)), ',' order by polname), split_part(n.nspname, '__', 2), '') as policies
      from pg_policy join pg_class c on c.oid = polrelid join pg_namespace n on n.oid = relnamespace where n.nspname like 'user\\_\\_%' and relname = 'notes' group by 1 order by 1`);
    expect(rows.map(({ place }) => place)).toEqual(['user__globex', 'user__late']);
    expect(rows[1].policies).toBe(rows[0].policies);
    expect(rows[1].policies).toContain('of_my_orders');
  });
});
