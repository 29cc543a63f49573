import type { Client } from 'pg';
import { beforeAll, expect, it } from 'vitest';
import { canonicalPolicies } from '../../lib/bootstrap/model/canonical-policies';
import { shapeOf } from '../../lib/bootstrap/model/shape';
import type { TenantryError } from '../../lib/core';
import { parseDeclaration } from '../../lib/declaration';
import { describeServers, startTestServer } from '../support/postgres';

const id = { type: 'uuid', default: 'gen_random_uuid()' };
const ME = "(select nullif(current_setting('app.user_id', true), '')::uuid)";

/** A declaration with one policy on `notes`. */
const declaration = (policy: object, others: object = {}) => parseDeclaration({
  name: 'desk',
  tables: {
    countries: { tenancy: 'reference', columns: { code: { type: 'char(2)' }, open: { type: 'boolean' } }, primaryKey: ['code'] },
    flags: { tenancy: 'shared', columns: { name: { type: 'text' } }, primaryKey: ['name'] },
    members: { tenancy: 'tenant', columns: { id, person: { type: 'uuid' }, project_id: { type: 'uuid' } }, primaryKey: ['id'], ...others },
    secrets: { tenancy: 'tenant', columns: { id }, primaryKey: ['id'] },
    notes: {
      tenancy: 'tenant', columns: { id, author: { type: 'uuid' }, project_id: { type: 'uuid' }, public: { type: 'boolean' }, n: { type: 'integer' }, title: { type: 'varchar(20)' }, tags: { type: 'integer[]' }, at: { type: 'timestamptz' } }, primaryKey: ['id'],
      policies: { p: { to: ['app'], ...policy } },
    },
  },
  roles: { app: { tables: { notes: 'write', members: 'read', countries: 'read', flags: 'read' } }, viewer: { tables: { notes: 'read' } } },
});

const right: [string, string][] = [
  ['the wrapped setting', `author = ${ME}`],
  ['the bare setting', "author = nullif(current_setting('app.user_id', true), '')::uuid"],
  ['everything', 'true'],
  ['columns of the row, with OR', `public or author = ${ME}`],
  ['an array of another table', `project_id = any (array(select project_id from members where person = ${ME}))`],
  ['a cast that changes nothing', "title::text = 'x'"],
  ['a volatile function in a sub-select', 'n > (select random() * 10)::integer'],
  ['another width of a text', "title = any ('{a,b}'::text[])"],
  ['a cast of the other side', "n = (select nullif(current_setting('app.n', true), '')::integer)"],
  ['names that begin with a colon', 'project_id = any (array(select project_id as ":subselect" from members as ":funcid"))'],
];

const wrong: { title: string; policy: object; codes: string[]; says: RegExp; others?: object }[] = [
  { title: 'a volatile function for each row', policy: { using: 'n > random()::integer' }, codes: ['policy/volatile'], says: /random is VOLATILE.*\n\n.*write \(select random\(…\)\)/ },
  { title: 'a volatile function of somebody', policy: { using: 'public.careless(author)' }, codes: ['policy/volatile'], says: /public\.careless is VOLATILE/ },
  { title: 'a cast of a column', policy: { using: "author::text = current_setting('app.user_id', true)" }, codes: ['policy/cast-on-column'], says: /cast to another type.*\n\n.*Cast the other side/ },
  { title: 'a cast that the server adds', policy: { using: 'n = 1.5' }, codes: ['policy/cast-on-column'], says: /cast to another type/ },
  { title: 'a cast of an array', policy: { using: "tags::text[] = '{1}'" }, codes: ['policy/cast-on-column'], says: /cast to another type/ },
  { title: 'a way around for operators', policy: { using: `author = ${ME} or current_setting('app.admin', true) = 'on'` }, codes: ['policy/or'], says: /OR joins.*\n\n.*Write two policies/ },
  { title: 'IN (select …)', policy: { using: `project_id in (select project_id from members where person = ${ME})` }, codes: ['policy/in-select'], says: /82 ms.*\n\n.*= any \(array\(select …\)\)/ },
  { title: 'NOT IN (select …)', policy: { using: 'project_id not in (select project_id from members)' }, codes: ['policy/in-select'], says: /<> all/ },
  { title: '<> ALL (select …)', policy: { using: 'project_id <> all (select project_id from members)' }, codes: ['policy/in-select'], says: /<> all \(array/ },
  { title: 'EXISTS for each row', policy: { using: 'exists (select from members m where m.project_id = notes.project_id)' }, codes: ['policy/correlated'], says: /runs again for each one.*\n\n.*Turn it around/ },
  { title: 'a sub-select two deep that looks at the row', policy: { using: 'project_id = any (array(select project_id from members where person = (select notes.author)))' }, codes: ['policy/correlated'], says: /runs again/ },
  { title: 'a function that changes the context', policy: { using: `author = ${ME} and set_config('tenantry.tenant_id', '', true) is not null` }, codes: ['policy/forbidden-function', 'policy/volatile'], says: /set_config may not stand in a policy/ },
  { title: 'the same in a check', policy: { for: 'insert', check: "set_config('tenantry.tenant_id', '', true) is not null" }, codes: ['policy/forbidden-function'], says: /at tables\.notes\.policies\.p\.check/ },
  { title: 'the switch of row-level security', policy: { using: "author is not null and current_setting('Row_Security') = 'on'" }, codes: ['policy/forbidden-function'], says: /may not ask for the setting row_security/ },
  { title: 'a LEAKPROOF function', policy: { using: 'public.leaks(author)' }, codes: ['policy/leakproof'], says: /public\.leaks is LEAKPROOF.*\n\n.*alter function public\.leaks not leakproof/ },
  { title: 'a shared table', policy: { using: 'title = any (array(select name from flags))' }, codes: ['policy/shared-table'], says: /flags is a shared table/ },
  { title: 'a table that its roles may not read', policy: { using: 'id = any (array(select id from secrets))' }, codes: ['policy/not-readable'], says: /may read secrets/ },
  { title: 'a table that one of its roles may not read', policy: { to: ['app', 'viewer'], using: 'id = any (array(select id from members))' }, codes: ['policy/not-readable'], says: /not every one of "app", "viewer" may read members/ },
  { title: 'a table that nobody declared', policy: { using: 'title = any (array(select relname::text from pg_catalog.pg_class))' }, codes: ['policy/foreign-table'], says: /pg_class is none of the declared tables/ },
  { title: 'its own table', policy: { using: 'author = any (array(select author from notes))' }, codes: ['policy/recursion'], says: /notes → notes/ },
  { title: 'a circle of tables', policy: { using: 'author = any (array(select person from members))' }, others: { policies: { back: { for: 'select', to: ['app'], using: 'project_id = any (array(select n.project_id from notes n))' } } }, codes: ['policy/recursion', 'policy/recursion'], says: /members → notes → members/ },
  { title: 'a bracket that is closed too early', policy: { using: 'true) with check (true' }, codes: ['declaration/expression'], says: /WITH CHECK cannot be applied to SELECT/ },
  { title: 'a second statement', policy: { using: 'true); drop table notes; --' }, codes: ['declaration/expression'], says: /does not accept/ },
  { title: 'a comment to the end', policy: { using: 'true --' }, codes: ['declaration/expression'], says: /does not accept/ },
  { title: 'an aggregate', policy: { using: 'count(*) > 0' }, codes: ['declaration/expression'], says: /aggregate functions are not allowed/ },
  { title: 'a column that there is not', policy: { using: 'autor is null' }, codes: ['declaration/expression'], says: /tables\.notes\.policies\.p\.using.*\n\n.*column "autor" does not exist/ },
];

describeServers('the shape of policies', (major) => {
  let client: Client;

  beforeAll(async () => {
    const server = await startTestServer({ major });
    await (await server.admin()).query(`create function public.careless(uuid) returns boolean language sql as 'select true'; create function public.leaks(uuid) returns boolean language sql stable leakproof as 'select true'`);
    client = await server.connect();
  });

  const shapeFor = async (policy: object, others?: object) => {
    await client.query('begin; set local search_path = pg_catalog');
    try {
      return (await canonicalPolicies(client, shapeOf(declaration(policy, others)))).find(({ name }) => name === 'notes')?.policies?.[0];
    } finally {
      await client.query('rollback');
    }
  };

  it.each(right)('%s is right', async (_title, using) => {
    expect(await shapeFor({ using })).toBeDefined();
  });

  it.each(wrong)('$title is refused', async ({ policy, codes, says, others }) => {
    const error = await shapeFor(policy, others).then(() => undefined, (caught: unknown) => caught as TenantryError);
    expect(error?.complaints.map(({ code }) => code).sort()).toEqual(codes);
    expect(error?.message).toMatch(says);
  });

  it('what a policy may break by declaration is no error, and everything else is', async () => {
    const using = 'project_id in (select project_id from members) and n = 1.5';
    const lint = { allow: ['policy/in-select'], reason: 'there are few rows' };
    await expect(shapeFor({ using, lint })).rejects.toMatchObject({ complaints: [{ code: 'policy/cast-on-column' }] });
    expect(await shapeFor({ using: 'project_id in (select project_id from members)', lint })).toBeDefined();
  });

  it('a condition that says nothing of the row is marked, and so are the tables whose schema is still to come', async () => {
    expect(await shapeFor({ using: "current_setting('app.open', true) = 'yes'" })).toMatchObject({ columnless: true });
    expect((await shapeFor({ using: 'true' }))?.columnless).toBeUndefined();
    const { using, reads } = await shapeFor({ using: "title = any (array(select c.code from countries c, members where members.person is not null and c.code <> 'members.'))" }) ?? {};
    expect(using).toContain('FROM \u0002countries c,\n    \u0001members\n');
    expect(using).toContain('(members.person IS NOT NULL)');
    expect(using).toContain("'members.'");
    expect(reads).toEqual(['countries', 'members']);
  });
});
