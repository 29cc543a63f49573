import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { manifestOf } from '../bootstrap/support/platform';
import { shopInput } from '../bootstrap/support/shop';
import { freshFolder } from '../support/fresh-folder';
import { startTestServer, type TestServer } from '../support/postgres';
import { tenantry } from './support';

/** One story, told in order: each step stands on the one before. */
describe('the command line, on a server', () => {
  let server: TestServer;
  let target: string[];
  let plan: string;
  let evidence: string;
  const superuser = async (sql: string): Promise<void> => {
    const admin = await server.admin('shop');
    await admin.query(sql);
    await admin.end();
  };

  beforeAll(async () => {
    server = await startTestServer();
    const folder = freshFolder('cli');
    const manifest = join(folder, 'manifest.json');
    plan = join(folder, 'plan.json');
    evidence = join(folder, 'evidence.json');
    writeFileSync(manifest, JSON.stringify(manifestOf(shopInput, { tenants: { acme: { isolation: 'row' }, globex: { isolation: 'schema' } } }).manifest));
    target = ['--manifest', manifest, '--database-url', server.url()];
  });

  it('plans an empty server: 0, and 2 when differences are asked for', async () => {
    const { code, out, err } = await tenantry(['bootstrap', 'plan', ...target, '--plan', plan]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('never applied');
    expect(out).toContain('Nothing is lost.');
    expect((await tenantry(['bootstrap', 'plan', ...target, '--detailed-exitcode'])).code).toBe(2);
  });

  it('applies the reviewed plan, and verifies', async () => {
    const { code, out, err } = await tenantry(['bootstrap', 'apply', ...target, '--plan', plan, '--evidence', evidence]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/applied {5}shop: \d+ changes, 2 tenants, generation 1/);
    expect(out).toMatch(/isolation {3}\d+ attacks/);
    expect(JSON.parse(readFileSync(evidence, 'utf8'))).toMatchObject({ format: 'tenantry/evidence@1', outcome: 'isolated' });
  });

  it('has nothing to do then', async () => {
    const { code, out } = await tenantry(['bootstrap', 'plan', ...target, '--detailed-exitcode']);
    expect({ code, last: out.trim().split('\n').pop() }).toEqual({ code: 0, last: '  As declared: nothing to do.' });
    expect((await tenantry(['bootstrap', 'apply', ...target, '--skip-verify'])).out).toContain('nothing to do');
  });

  it('refuses a reviewed plan that is no longer what is needed', async () => {
    const { code, err } = await tenantry(['bootstrap', 'apply', ...target, '--plan', plan]);
    expect(code).toBe(3);
    expect(err).toBe('apply/plan-changed\n\n  The database is not as it was when the plan was made: other changes would be needed now than those that were reviewed. Nothing was changed.\n\n  Make a new plan, have it reviewed, and apply that one.\n');
  });

  it('calls a change by hand drift, with 2 in any case, and mends it', async () => {
    await superuser('grant insert on shop.customers to shop_support');
    const { code, out } = await tenantry(['bootstrap', 'plan', ...target]);
    expect(code).toBe(2);
    expect(out).toContain('drift   – changed by hand since the last apply\n    ! grant  shop_support may no longer INSERT on customers  no lock\n');
    const document = await tenantry(['bootstrap', 'plan', ...target, '--format', 'json']);
    expect(JSON.parse(document.out)).toMatchObject({ format: 'tenantry/plan@1', status: 'drift', changes: [{ kind: 'grant', action: 'revoke', sql: expect.arrayContaining(['revoke INSERT on table "shop"."customers" from "shop_support" cascade']) }] });
    expect((await tenantry(['bootstrap', 'apply', ...target, '--skip-verify'])).code).toBe(0);
    expect((await tenantry(['bootstrap', 'plan', ...target])).code).toBe(0);
  });

  it('exits with 3 when the verification fails', async () => {
    await superuser('alter table shop.customers disable row level security');
    const { code, out } = await tenantry(['bootstrap', 'verify', ...target, '--evidence', evidence]);
    expect(code).toBe(3);
    expect(out).toContain('BREACHED');
    expect(out).toContain('shop.customers');
    expect((await tenantry(['bootstrap', 'apply', ...target, '--evidence', evidence])).code).toBe(0);
  });

  it('[DBAAS-2.1] adds a tenant at run time, once', async () => {
    const added = await tenantry(['tenant', 'add', 'hooli', '--mode', 'schema', '--name', 'Hooli "Inc."', ...target]);
    expect({ code: added.code, err: added.err }).toEqual({ code: 0, err: '' });
    expect(added.out).toContain('tenant hooli (schema) is active');
    expect(await tenantry(['tenant', 'add', 'hooli', '--mode', 'schema', ...target])).toEqual({
      code: 3, out: '', err: 'tenant/exists  at hooli\n\n  There is a tenant "hooli" already, with isolation schema.\n\n  Choose another key.\n',
    });
    expect((await tenantry(['tenant', 'add', 'Hooli Inc', '--mode', 'row', ...target])).code).toBe(64);
    expect((await tenantry(['bootstrap', 'plan', ...target])).code).toBe(0);
  });

  it('colours a terminal only, and not with NO_COLOR', async () => {
    const escape = '\u001b[';
    expect((await tenantry(['bootstrap', 'plan', ...target], { isTTY: true })).out).toContain(escape);
    expect((await tenantry(['bootstrap', 'plan', ...target], { isTTY: true, env: { NO_COLOR: '1' } })).out).not.toContain(escape);
    expect((await tenantry(['bootstrap', 'plan', ...target])).out).not.toContain(escape);
  });

  it('leaves nothing behind in the working directory when the evidence has a place', () => {
    expect(existsSync('.tenantry/evidence')).toBe(false);
  });
});
