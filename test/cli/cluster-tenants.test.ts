import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { manifestOf } from '../bootstrap/support/platform';
import { shopInput } from '../bootstrap/support/shop';
import { freshFolder } from '../support/fresh-folder';
import { startTestServer, type TestServer } from '../support/postgres';
import { requirePasswords } from '../support/scram';
import { tenantry as run } from './support';

const json = (text: string): any => JSON.parse(text);

describe('a tenant with a cluster of its own, on the command line', () => {
  const folder = freshFolder('cluster-tenants');
  const path = (name: string): string => join(folder, name);
  let main: TestServer;
  let umbrella: TestServer;
  const target = (): string[] => ['--manifest', path('manifest.json'), '--passwords', path('passwords.json')];
  const urls = (): string[] => ['--database-url', `main=${main.url()}`, '--database-url', `umbrella=${umbrella.url()}`];
  const tenantry = (...args: string[]) => run([...args, ...target(), ...urls()]);
  const bootstrap = (...args: string[]) => tenantry('bootstrap', ...args);
  const apply = (...args: string[]) => bootstrap('apply', '--evidence', path('evidence.json'), ...args);

  beforeAll(async () => {
    main = await startTestServer();
    umbrella = await startTestServer();
    writeFileSync(path('manifest.json'), JSON.stringify(manifestOf(shopInput, { tenants: { acme: { isolation: 'row' }, umbrella: { isolation: 'cluster' } } }).manifest));
  });

  it('is planned in a section of its own, and a reviewed plan covers all servers', async () => {
    const planned = await bootstrap('plan', '--plan', path('plan.json'));
    expect(planned).toMatchObject({ code: 0, err: '' });
    expect(planned.out.split('\n').filter((line) => /^server|@/.test(line))).toEqual([
      'server main', expect.stringMatching(/^ {2}shop @ staging-data \(PostgreSQL [\d.]+, 2 tenants\) {3}never applied$/),
      'server umbrella, of one tenant alone', expect.stringMatching(/^ {2}shop @ staging-data \(PostgreSQL [\d.]+, 1 tenant\) {3}never applied$/),
    ]);
    const plan = json(readFileSync(path('plan.json'), 'utf8'));
    expect(plan).toMatchObject({ format: 'tenantry/cells@1', command: 'plan', cells: [{ server: 'main', exitCode: 0, document: { format: 'tenantry/plan@1' } }, { server: 'umbrella', tenant: 'umbrella', exitCode: 0, document: { cell: 'umbrella' } }] });
    expect(plan.fingerprint).toBe(plan.cells.map(({ server, document }: any) => `${server}=${document.fingerprint}`).join(','));
  });

  it('is not applied where another plan was reviewed, which does not keep the home from being', async () => {
    const [ofMain, ofUmbrella] = json(readFileSync(path('plan.json'), 'utf8')).fingerprint.split(',') as [string, string];
    const half = await apply('--skip-verify', '--reviewed', `${ofMain},other=${'0'.repeat(64)}`);
    expect(half.code).toBe(3);
    expect(half.out).toMatch(/server main\n\n {2}applied {5}shop: \d+ changes/);
    expect(half.err).toBe('server umbrella, of one tenant alone:\napply/plan-changed  at umbrella\n\n  The plan that was reviewed does not speak of server umbrella. Nothing was changed there.\n\n  Make a new plan of all servers, have it reviewed, and apply that one.\n');
    const whole = await apply('--server', 'umbrella', '--reviewed', ofUmbrella);
    expect(whole).toMatchObject({ code: 0, err: '' });
    expect(whole.out).not.toContain('server main');
    expect(json(readFileSync(path('evidence-umbrella.json'), 'utf8'))).toMatchObject({ cell: 'umbrella', outcome: 'isolated' });
    expect(existsSync(path('evidence.json'))).toBe(false);
  });

  it('is applied and verified with the others, and told as one document', async () => {
    const applied = await apply('--format', 'json');
    expect([applied.code, applied.err]).toEqual([0, '']);
    expect(json(applied.out)).toMatchObject({ format: 'tenantry/cells@1', command: 'apply', cells: [{ server: 'main', document: { outcome: 'done', generation: 2, verification: { outcome: 'isolated' } } }, { server: 'umbrella', document: { outcome: 'done', generation: 2, changes: [], verification: { outcome: 'isolated' } } }] });
    expect(existsSync(path('evidence.json'))).toBe(true);
    expect(await bootstrap('plan', '--detailed-exitcode')).toMatchObject({ code: 0, err: '' });
  });

  it('has passwords of its own: those of the same logins elsewhere open nothing', async () => {
    const passwords = json(readFileSync(path('passwords.json'), 'utf8')) as Record<string, string>;
    expect(Object.keys(passwords)).toEqual(['shop_auditor_login', 'umbrella/shop_auditor_login']);
    for (const server of [main, umbrella]) await requirePasswords(server);
    const logIn = async ({ host, port }: TestServer, password: string | undefined) => {
      const client = new Client({ host, port, user: 'shop_auditor_login', password, database: 'shop' });
      return client.connect().then(() => client.end().then(() => 'in'), (error: { code?: string }) => error.code);
    };
    expect(await Promise.all([main, umbrella].flatMap((server) => Object.values(passwords).map((password) => logIn(server, password))))).toEqual(['in', '28P01', '28P01', 'in']);
  });

  it('is a run of its own in SARIF, also where its server cannot be reached', async () => {
    const log = json((await bootstrap('verify', '--format', 'sarif', '--evidence', path('sarif.json'))).out);
    expect(log.runs.map(({ automationDetails, properties }: any) => [automationDetails.id, properties.outcome])).toEqual([['tenantry/staging/staging-data/Shop/', 'isolated'], ['tenantry/staging/staging-data/Shop/umbrella/', 'isolated']]);
    const away = await run(['bootstrap', 'verify', '--format', 'sarif', '--evidence', path('sarif.json'), ...target(), '--database-url', `main=${main.url()}`, '--database-url', 'umbrella=postgresql://nobody@127.0.0.1:1']);
    expect(away.code).toBe(1);
    expect(json(away.out).runs.map(({ invocations: [{ executionSuccessful, exitCodeDescription }] }: any) => [executionSuccessful, exitCodeDescription])).toEqual([
      [true, 'The isolation held.'], [false, 'Server umbrella was not verified: The connection failed: connect ECONNREFUSED 127.0.0.1:1.'],
    ]);
    expect(away.err).toContain('server umbrella, of one tenant alone:\nconnect/failed  at nobody @ 127.0.0.1:1/postgres\n');
  });

  it('is refused where one URL stands for both servers, and for a server that is none of them', async () => {
    expect(await run(['bootstrap', 'plan', ...target(), '--database-url', main.url()])).toEqual({
      code: 3, out: '', err: `cells/one-server-twice  at main, umbrella\n\n  main and umbrella are reached at the same address, ${main.host}:${main.port}. A tenant with a cluster of its own shares it with nobody. Nothing was done.\n\n`
        + '  Give each its own: --database-url main=postgresql://… --database-url umbrella=postgresql://…\n',
    });
    expect(await bootstrap('plan', '--server', 'umbrela')).toEqual({
      code: 64, out: '', err: 'cli/server  at --server\n\n  There is no server "umbrela" in the manifest; there are main and umbrella.\n\n  Give one of these names, or leave --server out for all of them.\n',
    });
  });

  it('is listed at home with its server, and what is done with it is done there', async () => {
    const lines = async (...args: string[]) => (await tenantry('tenant', ...args)).out.split('\n').map((line) => line.trim().replace(/ {2,}/g, '  ').replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, 'then')).filter((line) => line !== '');
    expect(await lines('suspend', 'umbrella')).toEqual([expect.stringMatching(/^tenant umbrella \(database\) is suspended/)]);
    expect(await lines('list')).toEqual(['key  mode  state  since (UTC)  tier  from  place', 'acme  row  active  then  standard  code  shop.shop', 'umbrella  cluster  see there  then  standard  code  server umbrella']);
    expect(await lines('list', '--server', 'umbrella')).toEqual(['key  mode  state  since (UTC)  tier  from  place', 'umbrella  database  suspended  then  standard  code  shop__umbrella.shop']);
    expect((await lines('usage')).map((line) => line.split('  ')[0])).toEqual(['key', 'acme']);
    expect((await lines('usage', 'umbrella')).map((line) => line.split('  ')[0])).toEqual(['key', 'umbrella']);
    expect((await lines('resume', 'umbrella'))).toEqual([expect.stringMatching(/^tenant umbrella \(database\) is active/)]);
    expect(await lines('history', 'umbrella')).toHaveLength(4);
  });
});
