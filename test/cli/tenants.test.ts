import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { manifestOf } from '../bootstrap/support/platform';
import { shopInput } from '../bootstrap/support/shop';
import { freshFolder } from '../support/fresh-folder';
import { startTestServer, type TestServer } from '../support/postgres';
import { tenantry } from './support';

/** One story, told in order: each step stands on the one before. */
describe('the command line, tenants on a server', () => {
  let server: TestServer;
  let target: string[];
  const loaded = manifestOf(shopInput, { tenants: { acme: { isolation: 'row' }, initech: { isolation: 'database', tier: 'large' } } });

  beforeAll(async () => {
    server = await startTestServer();
    const folder = freshFolder('cli');
    const manifest = join(folder, 'manifest.json');
    writeFileSync(manifest, JSON.stringify(loaded.manifest));
    target = ['--manifest', manifest, '--database-url', server.url(), '--passwords', join(folder, 'passwords.json')];
  });

  it('are not there before the first apply: 3', async () => {
    for (const command of [['list'], ['suspend', 'acme'], ['resume', 'acme']]) {
      expect(await tenantry(['tenant', ...command, ...target])).toEqual({
        code: 3, out: '', err: 'tenant/apply-first  at shop\n\n  The declaration was never applied here: the server has no registry of its tenants.\n\n  Check which server is meant, or run tenantry bootstrap apply with this manifest first.\n',
      });
    }
  });

  it('are listed', async () => {
    expect((await tenantry(['bootstrap', 'apply', '--skip-verify', ...target])).code).toBe(0);
    expect((await tenantry(['tenant', 'add', 'hooli', '--mode', 'row', ...target])).code).toBe(0);
    const { code, out, err } = await tenantry(['tenant', 'list', ...target]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, '2026-01-02 03:04').split('\n')).toEqual([
      '',
      '  key       mode       state    since (UTC)        tier       from       place',
      '  acme      row        active   2026-01-02 03:04   standard   code       shop.shop',
      '  hooli     row        active   2026-01-02 03:04   standard   run time   shop.shop',
      '  initech   database   active   2026-01-02 03:04   large      code       shop__initech.shop',
      '',
    ]);
  });

  it('are suspended, with the sessions that stay and the way to end them, once', async () => {
    await server.connect({ user: 'shop_app__initech_login', database: 'shop__initech' });
    const { code, out, err } = await tenantry(['tenant', 'suspend', 'initech', ...target]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.replace(/\d\.\d s/, '0.1 s')).toBe([
      '', '  tenant initech (database) is suspended   0.1 s', '  1 session of its own logins is still connected: tenants.with serves none of them, their own SQL does what it did',
      "  end them as a member of pg_signal_backend: select pg_terminate_backend(pid) from pg_stat_activity where usename in ('shop_app__initech_login', 'shop_support__initech_login')", '',
    ].join('\n'));
    expect((await tenantry(['tenant', 'suspend', 'initech', ...target])).code).toBe(3);
    expect((await tenantry(['tenant', 'suspend', 'nobody', ...target])).code).toBe(3);
    expect((await tenantry(['tenant', 'list', ...target])).out).toMatch(/ initech {3}database {3}suspended /);
  });

  it('are documents with --format json', async () => {
    const listed = await tenantry(['tenant', 'list', '--format', 'json', ...target]);
    expect(JSON.parse(listed.out)).toEqual({
      format: 'tenantry/tenants@1', declaration: 'shop', address: 'staging-data/Shop',
      tenants: expect.arrayContaining([
        { key: 'acme', displayName: 'acme', isolation: 'row', tier: 'standard', state: 'active', since: expect.stringMatching(/^\d{4}-.*Z$/), by: null, declared: true, database: 'shop', schema: 'shop', server: null },
        { key: 'initech', displayName: 'initech', isolation: 'database', tier: 'large', state: 'suspended', since: expect.stringMatching(/^\d{4}-.*Z$/), by: expect.stringMatching(/^tenantry_bootstrap \(/), declared: true, database: 'shop__initech', schema: 'shop', server: null },
      ]),
    });
    const resumed = await tenantry(['tenant', 'resume', 'initech', '--format', 'json', ...target]);
    expect(JSON.parse(resumed.out)).toEqual({
      format: 'tenantry/tenant@1', key: 'initech', isolation: 'database', state: 'active', logins: ['shop_app__initech_login', 'shop_support__initech_login'], sessions: { ended: 0, left: 0 }, milliseconds: expect.any(Number),
    });
    const refused = await tenantry(['tenant', 'resume', 'initech', '--format', 'json', ...target]);
    expect({ code: refused.code, document: JSON.parse(refused.out) }).toMatchObject({ code: 3, document: { format: 'tenantry/error@1', kind: 'refused', complaints: [{ code: 'tenant/state', at: 'initech' }] } });
  });
});
