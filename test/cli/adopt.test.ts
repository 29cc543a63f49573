import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseDeclaration } from '../../lib/declaration';
import { manifestOf } from '../bootstrap/support/platform-data';
import { freshFolder } from '../support/fresh-folder';
import { startTestServer, type TestServer } from '../support/postgres';
import { tenantry } from './support';

describe('the command line, bootstrap adopt', () => {
  let server: TestServer;
  let folder: string;
  let url: string;

  beforeAll(async () => {
    server = await startTestServer();
    folder = freshFolder('adopt');
    await server.createDatabase('shop');
    await (await server.admin('shop')).query(`
      create table orders (id uuid primary key, account_id uuid not null, total numeric(12,2) not null, note text); create table lines (id uuid primary key, order_id uuid not null references orders);
      create table customers (id uuid primary key, account_id uuid not null); create view totals as select sum(total) from orders`);
    url = server.url({ database: 'shop' });
  });

  it('prints what is lacking, the gravest first, and the two ways', async () => {
    const { code, out, err } = await tenantry(['bootstrap', 'adopt', '--database-url', url]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const text = out.replace(/PostgreSQL [\d.]+/, 'PostgreSQL 18');
    expect(text.split('\n').slice(0, 10)).toEqual([
      '', '  Database shop, PostgreSQL 18: 3 tables in public', '  as declaration shop_tenants, tenants by account_id. Nothing was changed.', '',
      '  Blockers: tenants would not be kept apart, or something cannot be taken over (1)', '    adopt/view', '      public.totals: a view that reads with the rights of postgres',
      '      needed: views are declared, and read with the rights of whoever asks', '      way: The draft leaves it out: add its query to views.', '',
    ]);
    expect(text).toContain('  Way: beside   ');
    expect(text).toContain('  --out FOLDER writes the draft of a declaration and the steps as SQL.');
  });

  it('writes a draft, the report and the steps, and never over what is there', async () => {
    const out = join(folder, 'deep', 'adopt');
    const args = ['bootstrap', 'adopt', '--database-url', url, '--name', 'store', '--tenant-column', 'account_id', '--out', out, '--format', 'json'];
    const ran = await tenantry(args);
    expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: '' });
    expect(readdirSync(out).sort()).toEqual(['beside.sql', 'in-place.sql', 'report.json', 'store.schema.json']);
    const report = JSON.parse(ran.out) as { format: string; draft: unknown };
    expect(report.format).toBe('tenantry/adopt@1');
    expect(JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'))).toEqual(report);
    const draft = parseDeclaration(JSON.parse(readFileSync(join(out, 'store.schema.json'), 'utf8')));
    expect(draft.tables['lines']).toMatchObject({ tenancy: 'tenant', columns: { order_id: { references: 'orders.id' } } });
    expect(readFileSync(join(out, 'beside.sql'), 'utf8')).toContain('from "public"."lines" o join "public"."orders" p1 on p1."id" = o."order_id" join "adopt"."tenants" m on m.old = p1."account_id"::text;');
    const again = await tenantry(args);
    expect(again.code).toBe(64);
    expect(JSON.parse(again.out)).toMatchObject({ complaints: [{ code: 'adopt/out' }] });
  });

  it('says what is lacking to be what a manifest declares, object by object', async () => {
    const manifest = join(folder, 'manifest.json');
    writeFileSync(manifest, JSON.stringify(manifestOf({
      name: 'store', tables: {
        orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, account_id: { type: 'uuid' }, total: { type: 'numeric(14,2)' }, note: { type: 'text' }, state: { type: 'text' } }, primaryKey: ['id'], unique: [['note']] },
        payments: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] }, customers: { tenancy: 'reference', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] },
      },
    }).manifest));
    const { code, out } = await tenantry(['bootstrap', 'adopt', '--database-url', url, '--manifest', manifest, '--format', 'json']);
    expect(code).toBe(0);
    const { findings, name, ways } = JSON.parse(out) as { name: string; findings: { severity: string; code: string; object: string }[]; ways: { steps: { object?: string; sql: string[] }[] }[] };
    expect(name).toBe('store');
    expect(findings.filter((finding) => /lacks|other-|undeclared/.test(finding.code)).map((finding) => `${finding.severity} ${finding.code} ${finding.object}`)).toEqual([
      'blocker adopt/lacks-column public.orders.state', 'decision adopt/lacks-not-null public.orders.note', 'decision adopt/lacks-table tables.payments', 'decision adopt/other-tenancy public.customers',
      'decision adopt/undeclared-column public.customers.account_id', 'decision adopt/undeclared-table public.lines', 'difference adopt/lacks-constraint public.orders', 'difference adopt/lacks-tenant public.orders', 'difference adopt/other-type public.orders.total',
    ]);
    expect(ways[0]?.steps.find(({ object }) => object === 'public.customers')?.sql[2]).toBe('insert into "store"."customers" ("id")\n  select o."id"\n    from "public"."customers" o');
  });

  it.each([
    [['--schema', 'publik'], 'adopt/schema', 'Did you mean --schema public?'],
    [['--tenant-column', 'acount_id'], 'adopt/tenant-column', 'Did you mean "account_id"?'],
    [['--name', 'My Shop'], 'declaration/identifier', 'For instance "my_shop".'],
  ])('refuses %j', async (args, code, fix) => {
    const ran = await tenantry(['bootstrap', 'adopt', '--database-url', url, ...args, '--out', join(folder, code)]);
    expect({ code: ran.code, out: ran.out }).toEqual({ code: 64, out: '' });
    expect(ran.err).toContain(code);
    expect(ran.err).toContain(fix);
    expect(existsSync(join(folder, code))).toBe(false);
  });

  it('needs a URL with a database', async () => {
    expect((await tenantry(['bootstrap', 'adopt', '--database-url', 'postgresql://me@localhost'])).err).toContain('adopt/no-database');
    expect((await tenantry(['bootstrap', 'adopt'])).code).toBe(64);
  });
});
