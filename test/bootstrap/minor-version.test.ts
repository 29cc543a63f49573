import type { Client } from 'pg';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { verify } from '../../lib/bootstrap';
import { judgeServer, judgeVersion, SERVER_VERSION, versionDifferences } from '../../lib/bootstrap/catalog/minor-version';
import type { Capabilities } from '../../lib/bootstrap/model/server';
import { type IsolationFlaw, ISOLATION_FLAWS, NEXT_MINOR_RELEASES, type VersionLifecycle } from '../../lib/core/postgresql-versions';
import { verifyText } from '../../lib/cli/output/verify-text';
import { planText } from '../../lib/cli/output/plan-text';
import type { ManifestServer } from '../../lib/manifest';
import { describeServers, startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, lineOf, manifestOf, planOf, refusalOf } from './support/platform';
import { shop } from './support/shop';

const TODAY = new Date('2026-11-21T12:00:00Z');
const AURORA_17: VersionLifecycle = { latestMinor: '17.11', knownUntil: '2027-02-11', endOfSupport: '2030-02-28' };
const judged = (versionNumber: number, lifecycle?: VersionLifecycle, today = TODAY): string[] => versionDifferences(judgeVersion(versionNumber, lifecycle, today)).map((difference) => ('code' in difference ? difference.code : ''));

describe('the gate on minor versions', () => {
  it.each<[string, number, VersionLifecycle | undefined, string, string[]]>([
    ['the latest', 150_020, undefined, '2026-11-21', []], ['one behind', 150_019, undefined, '2026-11-21', ['server/minor-version']],
    ['the latest', 160_016, undefined, '2026-11-21', []], ['one behind', 160_015, undefined, '2026-11-21', ['server/minor-version']],
    ['the latest', 170_012, undefined, '2026-11-21', []], ['one behind', 170_011, undefined, '2026-11-21', ['server/minor-version']],
    ['the latest', 180_007, undefined, '2026-11-21', []], ['one behind', 180_006, undefined, '2026-11-21', ['server/minor-version']],
    ['the first without a flaw', 150_009, undefined, '2026-11-21', ['server/minor-version']], ['the last with one', 150_008, undefined, '2026-11-21', ['server/isolation-flaw', 'server/minor-version']],
    ['the first without a flaw', 160_005, undefined, '2026-11-21', ['server/minor-version']], ['the last with one', 160_004, undefined, '2026-11-21', ['server/isolation-flaw', 'server/minor-version']],
    ['the first without a flaw', 170_001, undefined, '2026-11-21', ['server/minor-version']], ['the last with one', 170_000, undefined, '2026-11-21', ['server/isolation-flaw', 'server/minor-version']],
    ['never had one', 180_000, undefined, '2026-11-21', ['server/minor-version']],
    ['newer than what is known', 180_008, undefined, '2026-11-21', []],
    ['the latest, on the last day that is known', 170_012, undefined, '2027-02-10', []], ['the latest, when newer ones are due', 170_012, undefined, '2027-02-11', ['server/versions-outdated']],
    ['the last day of its support', 150_020, undefined, '2027-11-11', ['server/versions-outdated']], ['the day after', 150_020, undefined, '2027-11-12', ['server/versions-outdated', 'server/end-of-support']],
    ['a major that is not known', 190_001, undefined, '2026-11-21', ['server/versions-outdated']],
    ['the registry’s latest', 170_011, AURORA_17, '2026-11-21', []], ['behind the registry', 170_010, AURORA_17, '2026-11-21', ['server/minor-version']],
    ['flawed on Aurora too', 170_000, AURORA_17, '2026-11-21', ['server/isolation-flaw', 'server/minor-version']],
    ['another major than the registry’s', 180_007, AURORA_17, '2026-11-21', []],
    ['supported by AWS longer', 170_011, AURORA_17, '2030-01-01', ['server/versions-outdated']], ['not any more', 170_011, AURORA_17, '2030-03-01', ['server/versions-outdated', 'server/end-of-support']],
  ])('%s: %i', (_, versionNumber, lifecycle, day, codes) => {
    expect(judged(versionNumber, lifecycle, new Date(`${day}T12:00:00Z`))).toEqual(codes);
  });

  it('says what is missing, until when that is known, and the way out', () => {
    expect(versionDifferences(judgeVersion(150_008, undefined, new Date('2028-01-01')))).toEqual([
      {
        type: 'refusal', kind: SERVER_VERSION, target: 'server', code: 'server/isolation-flaw', blocking: true,
        summary: 'PostgreSQL 15.8 does not keep tenants apart: CVE-2024-10976 (plans with policies of another role below a subquery), CVE-2024-10978 (SET ROLE reset to another role)',
        fix: 'Upgrade the server to 15.9 or later; 15.20 is the latest that is known.',
      },
      ...[
        ['server/minor-version', 'PostgreSQL 15.8 is behind 15.20, the latest that is known until 2027-02-11'],
        ['server/versions-outdated', 'this release of tenantry knows PostgreSQL 15 up to 15.20; newer versions were due on 2027-02-11'],
        ['server/end-of-support', 'PostgreSQL 15 gets no fixes any more: its support ended on 2027-11-11'],
      ].map(([code, summary]) => ({ type: 'finding', kind: SERVER_VERSION, target: 'server', code, summary })),
    ]);
  });

  it('goes by the registry on RDS alone: the same manifest may be tried on another server', () => {
    const server = { lifecycle: AURORA_17 } as ManifestServer;
    const live = (hasRdsIam: boolean): string | undefined => judgeServer({ versionNumber: 170_011, hasRdsIam } as Capabilities, server, TODAY).lifecycle?.latestMinor;
    expect([live(true), live(false)]).toEqual(['17.11', '17.12']);
  });
});

describeServers('the gate on a server', (major) => {
  let server: TestServer;
  let versionNumber: number;
  const loaded = manifestOf(shop, { tenants: { acme: { isolation: 'row' }, globex: { isolation: 'row' } } });
  const plain = { bold: (text: string) => text, dim: (text: string) => text, red: (text: string) => text, yellow: (text: string) => text } as Parameters<typeof planText>[2];
  const flaws = ISOLATION_FLAWS as IsolationFlaw[];
  const known = flaws.length;

  beforeAll(async () => {
    server = await startTestServer({ major });
    const client = await server.connect();
    versionNumber = Number((await client.query('show server_version_num')).rows[0].server_version_num);
    await applyTo(server, loaded);
  });

  afterEach(() => {
    flaws.length = known;
  });

  it('judges the live version in plan, apply and evidence, and neither plan nor verification fails by it', async () => {
    const expected = versionDifferences(judgeVersion(versionNumber, undefined, new Date())).map(lineOf);
    const planned = await planOf(server, loaded);
    expect(planned.differences.map(lineOf)).toEqual(expected);
    const text = planText(planned, 'staging', plain);
    expect(text.includes('server version\n    · ')).toBe(expected.length > 0);
    expect(text).toContain('As declared: nothing to do.');
    expect((await applyTo(server, loaded)).findings.map(lineOf)).toEqual(expected);
    const evidence = await verify({ access: accessTo(server), loaded });
    expect(evidence).toMatchObject({ outcome: 'isolated', server: { minorVersion: { knownUntil: NEXT_MINOR_RELEASES, flaws: [] } } });
    expect(evidence.server.minorVersion.findings.map(({ code, summary }) => `finding ${code} server: ${summary}`)).toEqual(expected);
    for (const { summary } of evidence.server.minorVersion.findings) expect(verifyText(evidence, 'file', plain)).toContain(`  server      ${summary}\n`);
  });

  it('[DBAAS-5.4] a flaw that breaks the isolation stops an apply before anything is changed, and fails a verification', async () => {
    flaws.push({ cve: 'CVE-0000-0001', what: 'invented', mended: { [major]: 99 }, source: 'this test' });
    const newer = manifestOf(shop, { tenants: { ...loaded.manifest.tenants, hooli: { isolation: 'schema' } } });
    const { kind, codes, message } = await refusalOf(applyTo(server, newer));
    expect({ kind, codes }).toEqual({ kind: 'refused', codes: ['server/isolation-flaw'] });
    expect(message).toContain(`does not keep tenants apart: CVE-0000-0001 (invented). Nothing was changed.\n\n  Upgrade the server to ${major}.99 or later; `);
    const admin = await server.admin('shop');
    expect((await admin.query(`select key from tenantry.tenants order by 1`)).rows.map(({ key }) => key)).toEqual(['acme', 'globex']);
    const planned = await planOf(server, newer);
    expect(planText(planned, 'staging', plain)).toMatch(/ {2}server version\n {4}✗ PostgreSQL [\d.]+ does not keep tenants apart: CVE-0000-0001 \(invented\)\n {6}Upgrade the server to /);
    const { outcome, server: judgedServer, results } = await verify({ access: accessTo(server), loaded });
    expect({ outcome, flaws: judgedServer.minorVersion.flaws }).toEqual({ outcome: 'unknown', flaws: ['CVE-0000-0001'] });
    expect(results.filter(({ verdict }) => verdict === 'unknown')).toMatchObject([{ attack: 'as-declared', place: 'server', reason: expect.stringMatching(/^PostgreSQL [\d.]+ does not keep tenants apart: CVE-0000-0001 \(invented\)\.$/) }]);
  });

  it('records Aurora’s own version where there is one', async () => {
    const admin = await server.admin();
    await admin.query(`set allow_system_table_mods = on; create function pg_catalog.aurora_version() returns text language sql as $$ select '${major}.11.1' $$`);
    try {
      expect((await verify({ access: accessTo(server), loaded })).server).toMatchObject({ auroraVersion: `${major}.11.1` });
    } finally {
      await admin.query('set allow_system_table_mods = on; drop function pg_catalog.aurora_version()');
    }
  });

  describe('a row that is hidden and conflicts, whose columns the server shows to the WHERE of ON CONFLICT (CVE-2026-120154)', () => {
    const ID = '10000000-0000-4000-8000-000000000001';
    const mended: Readonly<Record<number, number>> = { 15: 20, 16: 16, 17: 12, 18: 7 };
    const enter = async (client: Client, tenant: string): Promise<void> => void await client.query(`begin; call tenantry.enter('${tenant}', 1); set local role shop_app; set local search_path to shop, pg_temp`);
    /** What a tenant is answered, SQLSTATE or number of rows, for a guess that is right and one that is wrong. */
    const answers = async (client: Client, tenant: string, upsert: (guess: string) => string): Promise<unknown[]> => {
      const found: unknown[] = [];
      for (const guess of ['secret', 'wrong']) {
        await enter(client, tenant);
        found.push(await client.query(upsert(guess)).then(({ rowCount }) => rowCount, ({ code }) => code));
        await client.query('rollback');
      }
      return found;
    };
    let acme: string;
    let client: Client;

    beforeAll(async () => {
      const admin = await server.admin('shop');
      await admin.query(`create table public.global_key (id uuid primary key, tenant_id uuid not null default nullif(current_setting('tenantry.tenant_id', true), '')::uuid, name text);
        alter table public.global_key enable row level security; grant all on public.global_key to shop_app; grant usage on schema public to shop_app;
        create policy floor on public.global_key using (tenant_id = nullif(current_setting('tenantry.tenant_id', true), '')::uuid)`);
      acme = (await admin.query(`select id from tenantry.tenants where key = 'acme'`)).rows[0].id;
      client = await server.connect({ user: 'shop_app_login', database: 'shop' });
      await enter(client, 'acme');
      await client.query(`insert into public.global_key (id, name) values ('${ID}', 'secret')`);
      await client.query(`insert into customers (id, email, name) values ('${ID}', 'a@acme', 'secret')`);
      await client.query('commit');
    });

    it('is told by a key without the tenant, on versions that have the flaw', async () => {
      const isMended = versionNumber % 10_000 >= (mended[major] ?? 0);
      const upsert = (guess: string): string => `insert into public.global_key as t (id, name) values ('${ID}', 'x') on conflict (id) do update set name = 'x' where t.name = '${guess}'`;
      expect(await answers(client, 'globex', upsert)).toEqual(isMended ? ['42501', '42501'] : ['42501', 0]);
    });

    it('is not there for the keys that are made: they begin with the tenant, and another tenant’s id is refused first', async () => {
      const upsert = (columns: string, values: string) => (guess: string): string =>
        `insert into customers as t (${columns}id, email) values (${values}'${ID}', 'a@acme') on conflict (tenant_id, id) do update set name = 'x' where t.name = '${guess}'`;
      expect(await answers(client, 'acme', upsert('', ''))).toEqual([1, 0]);
      expect(await answers(client, 'globex', upsert('', ''))).toEqual([1, 1]);
      expect(await answers(client, 'globex', upsert('tenant_id, ', `'${acme}', `))).toEqual(['42501', '42501']);
    });
  });
});
