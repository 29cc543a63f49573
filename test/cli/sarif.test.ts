import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ATTACKS, type AttackResult, type Evidence } from '../../lib/bootstrap/verify';
import { outcomeOf, summarise } from '../../lib/bootstrap/verify/evidence';
import { sarifOf } from '../../lib/cli/output/sarif';
import { artifactUri } from '../../lib/cli/output/sarif-text';
import { schemaComplaints } from './sarif-support';
import { tenantry } from './support';

const denied: AttackResult = { attack: 'read-all', mode: 'row', place: 'shop.shop', table: 'orders', role: 'shop_app', verdict: 'denied', expected: '0 rows', observed: '0 rows', control: 'the row exists' };
const breached: AttackResult = { ...denied, verdict: 'breached', observed: '1 row', reason: 'The role shop_app reaches rows of another tenant.', remedy: 'tenantry bootstrap apply restores it.' };
const unknown: AttackResult = { attack: 'as-declared', mode: 'server', place: 'shop__initech', verdict: 'unknown', expected: 'nothing to apply', observed: 'no database', control: 'compared', reason: 'The database is not there.', remedy: 'Apply first: tenantry bootstrap apply.' };
const accepted: AttackResult = { attack: 'switch-context', mode: 'row', place: 'shop.shop', role: 'shop_app', verdict: 'accepted', expected: '0 rows', observed: '1 row', control: 'seen', reason: 'SQL injection can switch the tenant.', remedy: "Use isolation 'schema'." };
const serverWide: AttackResult = { attack: 'role-powers', mode: 'server', place: 'server', role: 'shop_app', verdict: 'breached', expected: 'none', observed: 'BYPASSRLS', control: 'listed', reason: 'The role shop_app has BYPASSRLS.', remedy: 'alter role shop_app nobypassrls' };
const inSchema = (schema: string, table = 'orders'): AttackResult => ({ ...breached, mode: 'schema', place: `shop.${schema}`, table, role: `shop_app__${schema.slice('shop__'.length)}`, observed: `${schema}.${table}` });

function evidenceOf(results: readonly AttackResult[]): Evidence {
  const summary = summarise(results);
  return {
    format: 'tenantry/evidence@1', declaration: 'shop', address: 'production-data/Shop', environment: 'production', tenantContext: 'plain',
    server: { version: '17.9', login: 'secret_master', loginIsSuperuser: false, minorVersion: { latestMinor: '17.12', knownUntil: '2027-02-11', flaws: [], findings: [{ code: 'server/minor-version', summary: 'PostgreSQL 17.9 is behind 17.12' }] } },
    startedAt: '2026-11-20T23:59:59.500Z', milliseconds: 1500, outcome: outcomeOf(summary), summary, accepted: [], access: { roles: 1, grants: 1, policies: 1 }, classes: [], results,
  };
}

const runOf = (...results: AttackResult[]) => {
  const log = JSON.parse(JSON.stringify(sarifOf(evidenceOf(results), 'cdktf.out/outputs.json'))) as ReturnType<typeof sarifOf>;
  expect(schemaComplaints(log)).toEqual([]);
  return log.runs[0] as (typeof log.runs)[number];
};
const fingerprints = (...results: AttackResult[]): string[] => runOf(...results).results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);

describe('a verification as SARIF', () => {
  it('is checked by a schema that refuses what is wrong', () => {
    const log = sarifOf(evidenceOf([breached]), 'outputs.json');
    const [run] = log.runs;
    expect(schemaComplaints(log)).toEqual([]);
    expect(schemaComplaints({ ...log, runs: [{ ...run, tool: {} }] })).not.toEqual([]);
    expect(schemaComplaints({ ...log, runs: [{ ...run, results: [{ ...run?.results[0], level: 'fatal' }] }] })).not.toEqual([]);
    expect(schemaComplaints({ ...log, runs: [{ ...run, results: [{ ...run?.results[0], table: 'orders' }] }] })).not.toEqual([]);
  });

  it('has a rule for each attack, with what GitHub requires of one', () => {
    const { rules } = runOf(denied).tool.driver;
    expect(rules.map(({ id }) => id)).toEqual([...ATTACKS.map(({ id }) => id), 'as-declared', 'probe-row']);
    for (const { shortDescription, fullDescription, help } of rules) {
      expect([shortDescription, fullDescription, help].map(({ text }) => text.length > 10)).toEqual([true, true, true]);
    }
    expect(rules.find(({ id }) => id === 'read-all')?.defaultConfiguration.level).toBe('error');
    const risk = rules.find(({ id }) => id === 'change-own-login');
    expect(risk?.defaultConfiguration.level, 'it is accepted in every mode').toBe('note');
    expect(risk?.help.text).toContain("Declare login: 'iam'");
  });

  it('tells what is breached, unknown or accepted, and nothing else', () => {
    const { results, tool } = runOf(denied, accepted, { ...denied, verdict: 'not applicable' }, unknown, breached, serverWide);
    expect(results.map(({ ruleId, level, properties }) => `${level} ${ruleId} ${properties.verdict}`)).toEqual([
      'error read-all breached', 'error role-powers breached', 'error as-declared unknown', 'note switch-context accepted',
    ]);
    expect(results.map(({ ruleIndex }) => tool.driver.rules[ruleIndex]?.id)).toEqual(results.map(({ ruleId }) => ruleId));
    expect(results.map(({ message }) => message.text)).toEqual([
      'Breached: Read everything that is not one’s own, as shop_app on shop.shop.orders (row). The role shop_app reaches rows of another tenant. Remedy: tenantry bootstrap apply restores it.',
      'Breached: Find a role that row-level security does not hold, as shop_app (server). The role shop_app has BYPASSRLS. Remedy: alter role shop_app nobypassrls',
      'Not proved: Find the database as it is declared on shop__initech (server). The database is not there. Remedy: Apply first: tenantry bootstrap apply.',
      "Accepted: Switch the tenant context, as shop_app on shop.shop (row). SQL injection can switch the tenant. Remedy: Use isolation 'schema'.",
    ]);
  });

  it('names each object in full, beside the manifest', () => {
    const { results } = runOf(breached, serverWide, unknown, accepted, { ...serverWide, role: undefined, attack: 'planted-setting' });
    expect(results.map(({ locations }) => locations[0])).toEqual([
      { name: 'server', fullyQualifiedName: 'server', kind: 'server' }, { name: 'orders', fullyQualifiedName: 'shop.shop.orders', kind: 'table' }, { name: 'shop_app', fullyQualifiedName: 'shop_app', kind: 'role' },
      { name: 'shop__initech', fullyQualifiedName: 'shop__initech', kind: 'database' }, { name: 'shop', fullyQualifiedName: 'shop.shop', kind: 'schema' },
    ].map((object) => ({ physicalLocation: { artifactLocation: { uri: 'cdktf.out/outputs.json' }, region: { startLine: 1 } }, logicalLocations: [object] })));
  });

  it('says when it ran, and how it ended', () => {
    expect(runOf(denied).invocations).toEqual([{
      startTimeUtc: '2026-11-20T23:59:59.500Z', endTimeUtc: '2026-11-21T00:00:01.000Z', executionSuccessful: true, exitCode: 0, exitCodeDescription: 'The isolation held.',
      toolExecutionNotifications: [{ level: 'note', descriptor: { id: 'server/minor-version' }, message: { text: 'PostgreSQL 17.9 is behind 17.12.' } }],
    }]);
    expect([runOf(breached, denied), runOf(unknown, denied), runOf()].map(({ invocations: [invocation] }) => [invocation?.exitCode, invocation?.exitCodeDescription])).toEqual([[3, 'The isolation is breached.'], [3, 'The isolation is not proved.'], [3, 'The isolation is not proved.']]);
    expect(runOf(denied).automationDetails.id).toBe('tenantry/production/production-data/Shop/');
    expect(JSON.stringify(runOf(breached))).not.toContain('secret_master');
  });
});

describe('equal results of a verification', () => {
  it('are one: 100,000 of them, in 2,000 schemas, make no larger log than a few', () => {
    const many = Array.from({ length: 2000 }, (_, tenant) => Array.from({ length: 50 }, (_, table) => inSchema(`shop__t${tenant}`, `table_${table}`))).flat();
    const { results } = runOf(...many);
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({ occurrenceCount: 100_000, properties: { role: 'shop_app', objects: 100_000 } });
    expect(results[0]?.locations).toHaveLength(25);
    expect(results[0]?.message.text).toContain('as shop_app on shop.shop__t0.table_0 and 99,999 more (schema).');
    expect(JSON.stringify(results).length).toBeLessThan(10_000);
  });

  it('give a few reasons and remedies, none of them long', () => {
    const { results } = runOf(...Array.from({ length: 9 }, (_, i) => ({ ...breached, table: `t${i}`, reason: `Reason ${i}. ${'x'.repeat(5000)}`, remedy: `Remedy ${i}: ${'y'.repeat(5000)}` })));
    expect(results[0]?.properties.reasons).toHaveLength(3);
    expect(results[0]?.message.text).toContain('There are 6 more such reasons in the evidence.');
    expect(results[0]?.message.text.length).toBeLessThan(7000);
  });

  it('are apart by attack, verdict, mode and declared role', () => {
    const login: AttackResult = { ...serverWide, role: 'shop_app_login' };
    const apart = [breached, { ...breached, attack: 'cursor' }, { ...breached, verdict: 'unknown' as const }, { ...breached, mode: 'database' as const }, { ...breached, role: 'shop_support' }, serverWide, login];
    expect(runOf(...apart).results).toHaveLength(apart.length);
    expect(new Set(fingerprints(...apart)).size).toBe(apart.length);
    expect(runOf(serverWide, login, { ...login, role: 'shop_app__globex_login' }).results.map(({ properties }) => [properties.role, properties.tenantRoles])).toEqual([['shop_app', undefined], ['shop_app_login', ['shop_app__globex_login']]]);
  });
});

describe('the fingerprints of a verification', () => {
  it('do not depend on the order, the time, or the tenants of a class that are attacked that day', () => {
    const results = [inSchema('shop__globex'), inSchema('shop__globex', 'customers'), accepted, unknown, serverWide];
    expect(fingerprints(...results.toReversed())).toEqual(fingerprints(...results));
    expect(fingerprints(inSchema('shop__hooli', 'customers'), inSchema('shop__hooli'), inSchema('shop__umbrella'), accepted, unknown, serverWide)).toEqual(fingerprints(...results));
    const { runs: [later] } = sarifOf({ ...evidenceOf(results), startedAt: '2027-01-01T00:00:00.000Z', milliseconds: 9 }, 'elsewhere.json');
    expect(later?.results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash)).toEqual(fingerprints(...results));
  });

  it('change when another table is breached, so that a dismissed alert hides nothing, and not when a risk is met at another place', () => {
    expect(fingerprints(breached, { ...breached, table: 'customers' })).not.toEqual(fingerprints(breached));
    expect(fingerprints({ ...serverWide, observed: 'SUPERUSER' })).not.toEqual(fingerprints(serverWide));
    expect(fingerprints(accepted, { ...accepted, place: 'shop.other', table: 'orders', observed: '2 rows' })).toEqual(fingerprints(accepted));
  });
});

describe('texts in SARIF', () => {
  it('hold no placeholder and no link, whatever an object is called', () => {
    const { results } = runOf({ ...breached, reason: 'public.{0} and [click](https://example.com) are open.' });
    expect(results[0]?.message.text).toContain(' public.{{0}} and [click] (https://example.com) are open. ');
  });

  it.each([
    ['cdktf.out/outputs.json', 'cdktf.out/outputs.json'],
    ['./out puts.json', 'out%20puts.json'],
    [resolve('build/outputs.json'), 'build/outputs.json'],
    ['/elsewhere/by/me/outputs.json', 'outputs.json'],
    ['../outputs.json', 'outputs.json'],
    ['ssm:/acme/staging/data/shop/manifest', 'acme/staging/data/shop/manifest'],
    ['ssm:arn:aws:ssm:eu-central-1:123456789012:parameter/acme/staging/data/shop/manifest', 'acme/staging/data/shop/manifest'],
    ['s3://acme-artifacts/shop/manifest.json?versionId=abc&sha256=def', 'shop/manifest.json'],
  ])('name the manifest %s as %s', (manifest, uri) => {
    expect(artifactUri(manifest)).toBe(uri);
  });

  it('are for a verification, and have standard output for themselves', async () => {
    expect(await tenantry(['bootstrap', 'verify', '--manifest', 'x', '--format', 'sarif', '--evidence', '-'])).toEqual({
      code: 64, out: '', err: 'cli/two-documents  at --evidence\n\n  The evidence and the SARIF log would both be on standard output.\n\n  Give --evidence a file, or leave it out.\n',
    });
    const inRunner = await tenantry(['bootstrap', 'verify', '--manifest', 'x', '--format', 'sarif', '--evidence', '-'], { env: { TENANTRY_EVIDENCE: '-' } });
    expect(inRunner.err, 'what a runner sets for every command is not refused').toMatch(/^cli\/file {2}at --manifest/);
    const plan = await tenantry(['bootstrap', 'plan', '--manifest', 'x', '--format', 'sarif']);
    expect({ code: plan.code, allowed: /Allowed choices are (.*)\./.exec(plan.err)?.[1] }).toEqual({ code: 64, allowed: 'text, json' });
  });
});
