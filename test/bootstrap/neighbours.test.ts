import type { Client } from 'pg';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { pgbouncerMissing, startPgBouncer } from '../support/pgbouncer';
import { accessTo, applyTo, emptyServer, expectNothingToDo, linesOf, manifestOf, planOf, refusalOf } from './support/platform';
import { apply } from '../../lib/bootstrap/apply/apply';
import { shop, shopInput, tenants } from './support/shop';

describeNewest('what is on the server besides', (major) => {
  let server: TestServer;
  let admin: Client;
  const loaded = manifestOf(shop, { tenants });

  beforeAll(async () => {
    server = await startTestServer({ major });
    admin = await server.admin();
  });

  beforeEach(() => emptyServer(server));

  /** Names and owners of every role, database and schema, to see that nothing was made. */
  async function inventory(): Promise<unknown> {
    const { rows: roles } = await admin.query('select rolname, rolcanlogin from pg_roles order by 1');
    const { rows: databases } = await admin.query('select datname, datdba, datacl::text from pg_database order by 1');
    const schemas: unknown[] = [];
    for (const { datname } of databases.filter((row) => row.datname !== 'template0')) {
      const client = await server.admin(datname);
      schemas.push((await client.query(`select nspname, nspowner, (select count(*) from pg_class where relnamespace = n.oid) as relations from pg_namespace n where nspname not like 'pg\\_%' order by 1`)).rows);
      await client.end();
    }
    return { roles, databases, schemas };
  }

  async function expectRefused(codes: string[], message: string | RegExp, manifest = loaded): Promise<void> {
    const before = await inventory();
    const refusal = await refusalOf(applyTo(server, manifest));
    expect(refusal.codes).toEqual(codes);
    expect(refusal.kind).toBe('refused');
    if (typeof message === 'string') expect(refusal.message).toBe(message);
    else expect(refusal.message).toMatch(message);
    expect(await inventory()).toEqual(before);
  }

  it('two declarations have a role of the same name, and neither hears of the other [DBAAS-5.4]', async () => {
    const other = manifestOf({ ...shopInput, name: 'clinic' }, { tenants });
    await applyTo(server, loaded);
    await applyTo(server, other);
    await expectNothingToDo(server, loaded);
    await expectNothingToDo(server, other);
    for (const [user, database] of [['clinic_app_login', 'shop'], ['shop_app_login', 'clinic']]) {
      await expect(server.connect({ user, database })).rejects.toThrow('permission denied for database');
    }
  });

  it('another administrator, who may not connect to our databases, is told so and not that the server is out of reach', async () => {
    await applyTo(server, loaded);
    await admin.query('create role second_administrator login createdb createrole');
    const { codes, message } = await refusalOf(planOf(server, loaded, { access: accessTo(server, { user: 'second_administrator' }) }));
    expect(codes).toEqual(['connect/failed']);
    expect(message).toContain('/shop\n\n  The connection failed: permission denied for database "shop".\n\n  The server was reached, and refused this login for the reason above: mend it, and try again.');
  });

  it('a role that is not ours is not taken over', async () => {
    await admin.query('create role shop_app');
    await expectRefused(['role/foreign'], [
      'role/foreign  at server',
      '  Role shop_app exists and is not ours: it carries no mark of this library. Nothing was changed.',
      `  Rename one of the two. If it is meant to be this declaration's, take it over with: comment on role "shop_app" is '{"tenantry":{"platform":"acme-platform","environment":"staging","declaration":"shop"}}'`,
    ].join('\n\n'));
  });

  it('a database that is not ours is not taken over', async () => {
    await admin.query('create database shop');
    await expectRefused(['database/foreign'], 'database/foreign  at server\n\n  Database shop exists and is not ours: it belongs to postgres. Nothing was changed.\n\n  Give the declaration another name. To take an existing database over, let its owner hand it to the owner role first.');
  });

  it('a schema that is not ours is not taken over', async () => {
    await applyTo(server, manifestOf(shop, { tenants: { acme: { isolation: 'row' } } }));
    const home = await server.admin('shop');
    await home.query('create schema shop__globex; create table shop__globex.other (x int)');
    await expectRefused(['schema/foreign'], [
      'schema/foreign  at shop',
      '  Schema shop__globex exists and is not ours: it belongs to postgres, and carries no mark of this library. Nothing was changed.',
      '  Rename it (alter schema "shop__globex" rename to …), or choose another name for the tenant.',
    ].join('\n\n'), manifestOf(shop, { tenants: { acme: { isolation: 'row' }, globex: { isolation: 'schema' } } }));
  });

  it.each([['of another platform', { platform: 'other-platform' }], ['of another environment, by a URL of the wrong server', { environment: 'production' }]])('a declaration of the same name %s is refused', async (_title, identity) => {
    await applyTo(server, loaded);
    const other = manifestOf(shop, { tenants, ...identity });
    const before = await inventory();
    const { codes, kind } = await refusalOf(applyTo(server, other));
    expect(new Set(codes)).toEqual(new Set(['role/foreign', 'database/foreign', 'schema/foreign']));
    expect(kind).toBe('refused');
    expect(await inventory()).toEqual(before);
    await expectNothingToDo(server, loaded);
  });

  it('an older manifest is refused, unless it is meant', async () => {
    const newer = manifestOf(shop, { tenants: { ...tenants, hooli: { isolation: 'row' } } });
    await applyTo(server, loaded);
    await applyTo(server, newer);
    const { codes, kind, message } = await refusalOf(applyTo(server, loaded));
    expect({ codes, kind }).toEqual({ codes: ['manifest/older'], kind: 'refused' });
    expect(message.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, 'TIME')).toBe(
      'manifest/older\n\n  This manifest was applied as generation 1; generation 2 came from another one, on TIME.\n\n  Give the manifest of the last deployment, or --allow-older to go back to this one.');
    expect((await refusalOf(planOf(server, loaded))).codes).toEqual(['manifest/older']);
    const result = await applyTo(server, loaded, { allowOlder: true });
    expect(linesOf(result.findings)).toEqual(['finding tenant/vanished shop: tenant hooli was declared and is not any more; it stays as it is']);
    expect((await refusalOf(applyTo(server, newer))).codes).toEqual(['manifest/older']);
  });

  it('a plan that was reviewed is applied only to what was reviewed', async () => {
    await applyTo(server, loaded);
    const newer = manifestOf(shop, { tenants: { ...tenants, hooli: { isolation: 'row' } } });
    const { fingerprint } = await planOf(server, newer);
    const home = await server.admin('shop');
    await home.query('alter table shop.orders disable row level security');
    const { codes, message } = await refusalOf(applyTo(server, newer, { reviewed: fingerprint }));
    expect(codes).toEqual(['apply/plan-changed']);
    expect(message).toBe('apply/plan-changed\n\n  The database is not as it was when the plan was made: other changes would be needed now than those that were reviewed. Nothing was changed.\n\n  Make a new plan, have it reviewed, and apply that one.');
    await home.query('alter table shop.orders enable row level security');
    await applyTo(server, newer, { reviewed: fingerprint });
    await expectNothingToDo(server, newer);
  });

  it('a tenant is neither moved nor given another tier by the declaration', async () => {
    await applyTo(server, loaded);
    const moved = manifestOf(shop, { tenants: { ...tenants, acme: { isolation: 'schema', tier: 'gold' } } });
    const { refusals, changes } = await applyTo(server, moved);
    expect(linesOf(refusals)).toEqual([
      'refused tenant/isolation shop: tenant acme has isolation row, and schema is declared; a tenant is moved by copying its rows, never by changing the declaration',
      'refused tenant/tier shop: tenant acme has tier standard, and gold is declared; the registry decides the tier of a tenant that exists',
    ]);
    expect(linesOf(changes)).toEqual([]);
  });

  it.each([
    ['nocreaterole', 'roles'], ['nocreatedb', 'databases'], ['nocreaterole nocreatedb', 'roles and databases'],
  ])('a login that is %s is refused', async (attributes, what) => {
    await admin.query(`alter role tenantry_bootstrap ${attributes}`);
    await expectRefused(['connect/privileges'], `connect/privileges\n\n  tenantry_bootstrap may not create ${what}.\n\n  Use the master login of the cluster, or as an administrator: alter role "tenantry_bootstrap" createrole createdb`);
  });

  it.skipIf(pgbouncerMissing !== undefined)(`an idle PgBouncer in between is refused${pgbouncerMissing === undefined ? '' : ` (skipped: ${pgbouncerMissing})`}`, async () => {
    const pooler = await startPgBouncer(server);
    const before = await inventory();
    const { codes, kind, message } = await refusalOf(apply({ access: accessTo(server, { host: pooler.host, port: pooler.port }), loaded }));
    expect({ codes, kind }).toEqual({ codes: ['connect/pooler'], kind: 'refused' });
    expect(message).toBe([
      `connect/pooler  at ${pooler.host}:${pooler.port}`,
      '  A connection pooler is in between: its connections share or change server processes, and the locks that keep two applies apart would not hold.',
      '  Connect to the server itself: the cluster endpoint instead of the proxy, or the port of PostgreSQL instead of that of PgBouncer.',
    ].join('\n\n'));
    expect(await inventory()).toEqual(before);
    await pooler.stop();
  });

  it('rds_iam never reaches the login that bootstraps', async () => {
    await admin.query('create role rds_iam');
    const withPassword = (): Promise<{ refusals: readonly unknown[] }> => applyTo(server, loaded, { access: accessTo(server, { method: 'password' }) });
    const { refusals } = (await withPassword()) as Awaited<ReturnType<typeof apply>>;
    const logins = ['shop_app_login', 'shop_app__initech_login', 'shop_support_login', 'shop_support__initech_login'];
    if (major >= 16) {
      expect(linesOf(refusals)).toEqual(logins.map((login) => `refused membership/iam-lock-out server: ${login} cannot be made a member of rds_iam by tenantry_bootstrap, who logs in with a password and administers ${login}: through it tenantry_bootstrap would become a member too, and rds_iam replaces the password login`));
      expect(refusals.map(({ fix }) => fix)[0]).toBe('Connect the bootstrap with an IAM token, or let another administrator run: grant rds_iam to "shop_app_login"');
    } else {
      expect(refusals).toEqual([]);
    }
    const { rows } = await admin.query(`select pg_has_role('tenantry_bootstrap', 'rds_iam', 'member') as bootstrap, array(select m.member::regrole::text from pg_auth_members m where roleid = 'rds_iam'::regrole order by 1) as members`);
    expect(rows).toEqual([{ bootstrap: false, members: major >= 16 ? [] : [...logins].sort() }]);
  });
});
