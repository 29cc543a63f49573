import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Evidence } from '../../lib/bootstrap';
import type { sarifOf } from '../../lib/cli/output/sarif';
import { POSTGRESQL_LIFECYCLES, type VersionLifecycle } from '../../lib/core/postgresql-versions';
import { manifestOf } from '../bootstrap/support/platform';
import { shopInput } from '../bootstrap/support/shop';
import { freshFolder } from '../support/fresh-folder';
import { startTestServer, type TestServer } from '../support/postgres';
import { schemaComplaints } from './sarif-support';
import { tenantry } from './support';

/** One story, told in order: each step stands on the one before. */
describe('the command line, on a server', () => {
  let server: TestServer;
  let target: string[];
  let withoutPasswords: string[];
  let passwords: string;
  let plan: string;
  let evidence: string;
  const superuser = (sql: string) => server.runAsSuperuser(sql, 'shop');

  beforeAll(async () => {
    server = await startTestServer();
    const folder = freshFolder('cli');
    const manifest = join(folder, 'manifest.json');
    plan = join(folder, 'plan.json');
    evidence = join(folder, 'evidence.json');
    const declared = manifestOf(shopInput, { tenants: { acme: { isolation: 'row' }, globex: { isolation: 'schema' } } }).manifest;
    const main = { ...declared.servers.main, loginSecrets: { shop_auditor_login: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:auditor' } };
    writeFileSync(manifest, JSON.stringify({ ...declared, servers: { main } }));
    withoutPasswords = ['--manifest', manifest, '--database-url', server.url()];
    passwords = join(folder, 'passwords.json');
    target = [...withoutPasswords, '--passwords', passwords];
  });

  it('plans an empty server: 0, and 2 when differences are asked for', async () => {
    const { code, out, err } = await tenantry(['bootstrap', 'plan', ...target, '--plan', plan]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('never applied');
    expect(out).toContain('Nothing is lost.');
    expect((await tenantry(['bootstrap', 'plan', ...target, '--detailed-exitcode'])).code).toBe(2);
  });

  it('keeps no password of another server in the secrets of the manifest: without a file, the step is refused', async () => {
    const { out } = await tenantry(['bootstrap', 'plan', ...withoutPasswords, '--format', 'json']);
    expect(JSON.parse(out).refusals).toMatchObject([{ code: 'password/no-store', summary: 'shop_auditor_login has no password: none was set yet, and nobody says where a new one would be kept' }]);
    expect((await tenantry(['bootstrap', 'plan', ...withoutPasswords])).out).toMatch(
      / {2}refused – left as it is, for the reason given; the rest is applied\n {4}✗ password: shop_auditor_login has no password: .*\n {6}Give a file for it with --passwords FILE\./);
    expect(existsSync(passwords), 'a plan makes none').toBe(false);
  });

  it('applies the reviewed plan, and verifies', async () => {
    const { code, out, err } = await tenantry(['bootstrap', 'apply', ...target, '--plan', plan, '--evidence', evidence]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/applied {5}shop: \d+ changes, 2 tenants, generation 1/);
    expect(out).toMatch(/isolation {3}\d+ attacks/);
    expect(JSON.parse(readFileSync(evidence, 'utf8'))).toMatchObject({ format: 'tenantry/evidence@1', outcome: 'isolated' });
    const { shop_auditor_login: password } = JSON.parse(readFileSync(passwords, 'utf8'));
    expect(password).toMatch(/^[\w-]{43}$/);
    expect([out, err, readFileSync(plan, 'utf8'), readFileSync(evidence, 'utf8')].map((text) => text.includes(password) || text.includes('SCRAM-SHA-256'))).toEqual([false, false, false, false]);
  });

  it('has nothing to do then', async () => {
    const { code, out } = await tenantry(['bootstrap', 'plan', ...target, '--detailed-exitcode']);
    expect({ code, last: out.trim().split('\n').pop() }).toEqual({ code: 0, last: '  As declared: nothing to do.' });
    expect((await tenantry(['bootstrap', 'apply', ...target, '--skip-verify'])).out).toContain('nothing to do');
  });

  it('says that the server is behind also where the verification is skipped', async () => {
    const lifecycles = POSTGRESQL_LIFECYCLES as Record<number, VersionLifecycle>;
    const known = lifecycles[server.major] as VersionLifecycle;
    lifecycles[server.major] = { ...known, latestMinor: `${server.major}.99` };
    try {
      expect((await tenantry(['bootstrap', 'apply', ...target, '--skip-verify'])).out).toMatch(/\n {2}isolation {3}skipped: --skip-verify was given\n {2}server {6}PostgreSQL [\d.]+ is behind \d+\.99, .*\n/);
    } finally {
      lifecycles[server.major] = known;
    }
  });

  it('says in a plan that nothing is applied while somebody else’s role has a name of ours', async () => {
    await superuser("comment on role shop_app is 'mine'");
    const { out } = await tenantry(['bootstrap', 'plan', ...target]);
    await superuser(`comment on role shop_app is '${JSON.stringify({ tenantry: { platform: 'acme-platform', environment: 'staging', declaration: 'shop' } })}'`);
    expect(out).toContain('  refused – nothing is applied while these stand\n    ✗ role: role shop_app exists and is not ours: its comment is mine\n      Rename one of the two.');
    expect(out).not.toContain('the rest is applied');
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
    expect(JSON.parse(document.out)).toMatchObject({ format: 'tenantry/plan@1', status: 'drift', changes: [{ kind: 'grant', action: 'revoke', lock: 'none', hazard: 'none', lockTimeout: 2_000, retry: 'transaction', attempts: 6, sql: expect.arrayContaining(['revoke INSERT on table "shop"."customers" from "shop_support" cascade']) }] });
    await superuser("update tenantry.applied_state set library_version = '0.0.0-before'; update tenantry.applies set library_version = '0.0.0-before'");
    const upgraded = await tenantry(['bootstrap', 'plan', ...target]);
    expect(upgraded.code, 'what another version left may be what this one makes otherwise').toBe(0);
    expect(upgraded.out).toMatch(/ {2}pending – declared, or new in tenantry \S+, since the last apply, or changed by hand\n {4}- grant {2}shop_support may no longer INSERT on customers/);
    expect((await tenantry(['bootstrap', 'apply', ...target, '--skip-verify'])).code).toBe(0);
    expect((await tenantry(['bootstrap', 'plan', ...target])).code).toBe(0);
  });

  it('exits with 3 when the verification fails', async () => {
    await superuser('alter table shop.customers disable row level security');
    const { code, out } = await tenantry(['bootstrap', 'verify', ...target, '--evidence', evidence]);
    expect(code).toBe(3);
    expect(out).toContain('BREACHED');
    expect(out).toContain('shop.customers');
  });

  it('says the same as SARIF: each breach as a result with its rule and object, in every run with the same fingerprints', async () => {
    const sarif = async () => {
      const { code, out, err } = await tenantry(['bootstrap', 'verify', ...target, '--evidence', evidence, '--format', 'sarif']);
      expect({ err, foreign: [readFileSync(passwords, 'utf8').split('"')[3] ?? '', 'tenantry_bootstrap', dirname(evidence)].filter((text) => out.includes(text)) }).toEqual({ err: '', foreign: [] });
      const log = JSON.parse(out) as ReturnType<typeof sarifOf>;
      expect(schemaComplaints(log)).toEqual([]);
      return { code, run: log.runs[0] as (typeof log.runs)[number] };
    };
    const [first, second] = [await sarif(), await sarif()];
    const { results, invocations, tool } = first.run;
    expect({ code: first.code, ended: invocations[0]?.exitCode }).toEqual({ code: 3, ended: 3 });
    const written = (JSON.parse(readFileSync(evidence, 'utf8')) as Evidence).results;
    for (const [verdict, level] of [['breached', 'error'], ['unknown', 'error'], ['accepted', 'note']]) {
      const told = results.filter(({ properties }) => properties.verdict === verdict);
      expect(told.reduce((sum, { occurrenceCount }) => sum + occurrenceCount, 0), verdict).toBe(written.filter((result) => result.verdict === verdict).length);
      expect(told.filter((result) => result.level !== level || tool.driver.rules[result.ruleIndex]?.id !== result.ruleId || result.properties.reasons.length === 0 || result.properties.remedies.length === 0)).toEqual([]);
    }
    const read = results.find(({ ruleId, properties }) => ruleId === 'read-without-context' && properties.role === 'shop_app');
    expect(read).toMatchObject({ level: 'error', locations: [{ physicalLocation: { artifactLocation: { uri: 'manifest.json' } }, logicalLocations: [{ fullyQualifiedName: 'shop.shop.customers', kind: 'table' }] }] });
    const fingerprints = ({ run }: typeof first) => run.results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);
    expect(fingerprints(second)).toEqual(fingerprints(first));
    expect(new Set(fingerprints(first)).size).toBe(results.length);
    expect((await tenantry(['bootstrap', 'apply', ...target, '--evidence', evidence])).code).toBe(0);
  });

  it('leaves standard output to the SARIF log also where the evidence cannot be written', async () => {
    const [before, folder] = [process.cwd(), freshFolder('no-evidence')];
    writeFileSync(join(folder, '.tenantry'), '');
    process.chdir(folder);
    try {
      const { code, out, err } = await tenantry(['bootstrap', 'verify', ...target, '--format', 'sarif']);
      expect({ code, err }).toEqual({ code: 0, err: 'The evidence cannot be written below .tenantry (ENOTDIR), and is lost but for the SARIF log: give --evidence FILE.\n' });
      expect(JSON.parse(out)).toMatchObject({ version: '2.1.0', runs: [{ invocations: [{ exitCode: 0 }] }] });
    } finally {
      process.chdir(before);
    }
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
