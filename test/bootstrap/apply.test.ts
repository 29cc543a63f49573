import type { Client } from 'pg';
import { beforeAll, expect, it } from 'vitest';
import { describeServers, startTestServer, type TestServer } from '../support/postgres';
import { applyTo, expectNothingToDo, linesOf, manifestOf } from './support/platform';
import { shop, tenants } from './support/shop';

describeServers('an apply on an empty server', (major) => {
  let server: TestServer;
  let home: Client;
  const loaded = manifestOf(shop, { tenants });

  beforeAll(async () => {
    // A vacuum in between would write into the catalog by itself.
    server = await startTestServer({ major, settings: { autovacuum: 'off' } });
    const first = await applyTo(server, loaded);
    expect({ generation: first.generation, tenants: first.tenants, refusals: first.refusals, findings: linesOf(first.findings) }).toEqual({ generation: 1, tenants: 3, refusals: [], findings: [] });
    home = await server.admin('shop');
  });

  it('leaves nothing to do, and a second one changes nothing outside of the library’s own schema', async () => {
    await expectNothingToDo(server, loaded);
    const before = await fingerprints();
    const second = await applyTo(server, loaded);
    expect({ generation: second.generation, changes: linesOf(second.changes) }).toEqual({ generation: 2, changes: [] });
    expect(await fingerprints()).toEqual(before);
  });

  it('writes its steps into the ledger', async () => {
    const { rows } = await home.query('select generation::int, manifest_digest, outcome, changes, actor, finished_at >= started_at as ended from tenantry.applies where generation <= 2 order by 1');
    expect(rows).toEqual([
      { generation: 1, manifest_digest: loaded.digest, outcome: 'done', changes: expect.any(Number), actor: expect.stringMatching(/^tenantry_bootstrap \(/), ended: true },
      { generation: 2, manifest_digest: loaded.digest, outcome: 'done', changes: 0, actor: expect.any(String), ended: true },
    ]);
    expect(rows[0].changes).toBeGreaterThan(100);
  });

  it('puts the tenant in front of every key, foreign key and index [ARC-2.1] [ASM-7.1]', async () => {
    const { rows } = await home.query(`
      select conname || ' ' || pg_get_constraintdef(oid) as constraint from pg_constraint where conrelid in ('shop__globex.orders'::regclass, 'shop__globex.customers'::regclass) and contype in ('p', 'u', 'f', 'c') order by 1`);
    expect(rows.map((row) => row.constraint)).toEqual([
      'customers_email_key UNIQUE (tenant_id, email)',
      'customers_pkey PRIMARY KEY (tenant_id, id)',
      'orders_country_fkey FOREIGN KEY (country) REFERENCES shop.countries(code)',
      'orders_customer_id_fkey FOREIGN KEY (tenant_id, customer_id) REFERENCES shop__globex.customers(tenant_id, id) ON DELETE CASCADE',
      'orders_note_length_check CHECK ((length(note) < 1000))',
      'orders_pkey PRIMARY KEY (tenant_id, id)',
      'orders_referrer_id_fkey FOREIGN KEY (tenant_id, referrer_id) REFERENCES shop__globex.customers(tenant_id, id) ON DELETE SET NULL (referrer_id)',
      'orders_total_check CHECK ((total >= (0)::numeric))',
    ]);
    const { rows: indexes } = await home.query(`select indexdef from pg_indexes where schemaname = 'shop' and tablename = 'orders' and indexname like '%idx' order by 1`);
    expect(indexes.map(({ indexdef }) => indexdef)).toEqual([
      'CREATE INDEX orders_country_idx ON shop.orders USING btree (tenant_id, country)',
      'CREATE INDEX orders_customer_id_idx ON shop.orders USING btree (tenant_id, customer_id)',
      'CREATE INDEX orders_note_idx ON shop.orders USING btree (tenant_id, note) WHERE (note IS NOT NULL)',
      'CREATE INDEX orders_referrer_id_idx ON shop.orders USING btree (tenant_id, referrer_id)',
      'CREATE INDEX orders_total_idx ON shop.orders USING btree (tenant_id, total)',
    ]);
  });

  it('switches row-level security on and forces it on every table with rows of tenants, and only there [ASM-3.2]', async () => {
    const { rows } = await home.query(`
      select n.nspname || '.' || c.relname as "table", relrowsecurity and relforcerowsecurity as forced from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname like 'shop%' and relkind = 'r' order by 1`);
    expect(Object.fromEntries(rows.map(({ table, forced }) => [table, forced]))).toEqual({
      'shop.countries': false, 'shop.customers': true, 'shop.flags': false, 'shop.orders': true, 'shop__globex.customers': true, 'shop__globex.orders': true,
    });
    const { rows: policies } = await home.query(`select policyname, permissive, array_to_string(roles, ',') as roles, cmd, qual = with_check as same, qual from pg_policies where schemaname = 'shop' and tablename = 'orders' order by 1`);
    const floor = `(tenant_id = ( SELECT (NULLIF(current_setting('tenantry.tenant_id'::text, true), ''::text))::uuid AS "nullif"))`;
    expect(policies).toEqual([
      { policyname: 'tenantry_access', permissive: 'PERMISSIVE', roles: 'shop_app,shop_support', cmd: 'ALL', same: true, qual: 'true' },
      { policyname: 'tenantry_all_tenants', permissive: 'PERMISSIVE', roles: 'shop_auditor', cmd: 'ALL', same: true, qual: 'true' },
      { policyname: 'tenantry_floor', permissive: 'RESTRICTIVE', roles: 'shop_app,shop_support', cmd: 'ALL', same: true, qual: floor },
      { policyname: 'tenantry_maintainer', permissive: 'PERMISSIVE', roles: 'shop_maintainer', cmd: 'ALL', same: true, qual: 'true' },
    ]);
  });

  it('gives PUBLIC nothing, now and by default, and nobody a privilege that row-level security does not hold back [ARC-5.2]', async () => {
    const privileges = `
      with acl(object, item) as (
        select 'database ' || datname, aclexplode(coalesce(datacl, acldefault('d', datdba))) from pg_database where datname like 'shop%'
        union all select 'schema ' || nspname, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) from pg_namespace where nspname like 'shop%' or nspname in ('tenantry', 'public')
        union all select 'table ' || c.oid::regclass, aclexplode(coalesce(relacl, acldefault('r', relowner))) from pg_class c join pg_namespace n on n.oid = relnamespace where (nspname like 'shop%' or nspname = 'tenantry') and relkind = 'r'
        union all select 'function ' || proname, aclexplode(coalesce(proacl, acldefault('f', proowner))) from pg_proc p join pg_namespace n on n.oid = pronamespace where nspname = 'tenantry'
        union all select 'default ' || defaclobjtype::text, aclexplode(defaclacl) from pg_default_acl)
      select object, (item).grantee, (item).privilege_type as privilege from acl`;
    for (const database of ['shop', 'shop__initech']) {
      const admin = await server.admin(database);
      const { rows: ofPublic } = await admin.query(`select object, privilege from (${privileges}) p where grantee = 0`);
      expect(ofPublic).toEqual([]);
      const { rows: unheld } = await admin.query(`select object, privilege from (${privileges}) p where privilege in ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN', 'CREATE', 'TEMPORARY') and pg_get_userbyid(grantee) not in ('shop_owner', 'postgres', 'pg_database_owner')`);
      expect(unheld).toEqual([]);
      await admin.end();
    }
    const { rows } = await home.query(`select defaclobjtype as object, defaclacl::text as acl from pg_default_acl where defaclrole = 'shop_owner'::regrole order by 1`);
    expect(rows).toEqual([{ object: 'T', acl: '{shop_owner=U/shop_owner}' }, { object: 'f', acl: '{shop_owner=X/shop_owner}' }]);
  });

  it('makes roles that own nothing, inherit nothing by login and may do nothing server-wide', async () => {
    const { rows } = await home.query(`
      select rolname as role, rolcanlogin as login, rolinherit as inherit from pg_roles where rolname like 'shop%' and not (rolsuper or rolbypassrls or rolreplication or rolcreaterole or rolcreatedb) order by 1`);
    expect(rows.map(({ role, login, inherit }) => `${role}${login ? ' login' : ''}${inherit ? '' : ' noinherit'}`)).toEqual([
      'shop_app', 'shop_app__globex', 'shop_app__initech', 'shop_app__initech_login login noinherit', 'shop_app_login login noinherit', 'shop_app_reference',
      'shop_auditor', 'shop_auditor_login login noinherit', 'shop_maintainer', 'shop_owner',
      'shop_support', 'shop_support__globex', 'shop_support__initech', 'shop_support__initech_login login noinherit', 'shop_support_login login noinherit',
    ]);
    const { rows: owners } = await home.query(`select distinct pg_get_userbyid(relowner) as owner from pg_class c join pg_namespace n on n.oid = c.relnamespace where nspname like 'shop%' or nspname = 'tenantry'`);
    expect(owners).toEqual([{ owner: 'shop_owner' }]);
  });

  it('never makes a login a member of anything by way of the bootstrap, nor the bootstrap a member of a login', async () => {
    const { rows } = await home.query(`
      select m.rolname as member, r.rolname as role from pg_roles m, pg_roles r
       where m.rolname = 'tenantry_bootstrap' and r.rolname like '%\\_login' and pg_has_role(m.oid, r.oid, 'USAGE')
      union all
      select m.rolname, r.rolname from pg_roles m, pg_roles r where m.rolname like '%\\_login' and r.rolname in ('tenantry_bootstrap', 'shop_owner', 'shop_maintainer') and pg_has_role(m.oid, r.oid, 'MEMBER')`);
    expect(rows).toEqual([]);
  });

  /** Every row of the catalog and of every table, with the transaction that wrote it; the library's own tables left out. */
  async function fingerprints(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    const catalogs = ['pg_authid', 'pg_auth_members', 'pg_database', 'pg_db_role_setting', 'pg_shdescription', 'pg_class', 'pg_attribute', 'pg_attrdef', 'pg_constraint', 'pg_index', 'pg_namespace', 'pg_policy', 'pg_proc', 'pg_default_acl', 'pg_description', 'pg_depend', 'pg_trigger'];
    for (const database of ['postgres', 'shop', 'shop__initech']) {
      const admin = await server.admin(database);
      const { rows: tables } = await admin.query(`select oid::regclass::text as name from pg_class where relkind = 'r' and relnamespace::regnamespace::text like 'shop%'`);
      for (const name of [...catalogs, ...tables.map((row) => row.name as string)]) {
        const { rows: [row] } = await admin.query(`select count(*) || ' ' || coalesce(md5(string_agg(t::text || ' ' || t.xmin || ' ' || t.xmax, e'\\n' order by t::text)), '') as print from ${name} t`);
        found[`${database} ${name}`] = row.print;
      }
      await admin.end();
    }
    return found;
  }
});
