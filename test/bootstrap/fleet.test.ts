import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { addTenant, type ApplyResult, moveTenant, TenantsFailed } from '../../lib/bootstrap';
import { tenantry } from '../cli/support';
import { freshFolder } from '../support/fresh-folder';
import { startTestServer, type TestServer } from '../support/postgres';
import { cutAt } from './support/cut';
import { until } from './support/killed';
import { accessTo, applyTo, expectNothingToDo, forgetful, manifestOf, planOf, refusalOf } from './support/platform';

const LOCKS = 0x746e7479;
const LANE = 3;

const id = { type: 'uuid', default: 'gen_random_uuid()' } as const;
const orders = { tenancy: 'tenant', columns: { id }, primaryKey: ['id'] } as const;
const schemas = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`t${i}`, { isolation: 'schema' }]));
const databases = { d0: { isolation: 'database' }, d1: { isolation: 'database' } } as const;

/** The first version of a declaration, and a second one that adds a table. */
function versions(name: string, tenants: Record<string, { isolation: string }>) {
  const roles = { app: { login: 'none', tables: { orders: 'write' } } } as const;
  return { first: manifestOf({ name, tables: { orders }, roles }, { tenants }), second: manifestOf({ name, tables: { orders, notes: orders }, roles }, { tenants }) };
}

const outcomes = ({ tenantResults }: ApplyResult): Record<string, string> => Object.fromEntries(tenantResults.map(({ tenant, outcome }) => [tenant, outcome]));

async function failureOf(run: Promise<ApplyResult>): Promise<TenantsFailed<ApplyResult>> {
  const error: unknown = await run.then(() => undefined, (thrown: unknown) => thrown);
  if (!TenantsFailed.hasResult<ApplyResult>(error)) throw new Error('No tenant failed.', { cause: error });
  return error;
}

describe('a fleet of tenants', () => {
  let server: TestServer;
  let admin: Client;

  beforeAll(async () => {
    server = await startTestServer();
    admin = await server.admin();
  });

  /** Something of somebody else's that has the name of what the second version makes. */
  const inTheWay = async (name: string, schema: string): Promise<() => Promise<void>> => {
    const client = await server.admin(name);
    await client.query(`create type ${schema}.notes as enum ('x')`);
    return async () => void await client.query(`drop type ${schema}.notes`);
  };

  /** Keeps a transaction open that holds a lock. */
  const hold = async (database: string, sql: string): Promise<() => Promise<void>> => {
    const holder = await server.admin(database);
    await holder.query(`begin; ${sql}`);
    return () => holder.query('rollback').then(() => holder.end());
  };

  it('goes on for the others when one of ten fails, names that one, and ends it with the next apply', async () => {
    const { first, second } = versions('ten', schemas(10));
    await applyTo(server, first);
    const clear = await inTheWay('ten', 'ten__t3');
    const error = await failureOf(applyTo(server, second, { maxFailures: 1 }));
    expect(error.complaints).toMatchObject([{ code: 'apply/statement', at: 'ten.ten__t3' }]);
    expect(outcomes(error.result)).toEqual({ ...Object.fromEntries(Object.keys(schemas(10)).map((key) => [key, 'changed'])), t3: 'failed' });
    expect(error.result.tenantResults.find(({ tenant }) => tenant === 't3')).toMatchObject({ place: 'ten.ten__t3', changes: 0, code: 'apply/statement', error: expect.stringContaining('type "notes" already exists') as string });
    const home = await server.admin('ten');
    expect((await home.query(`select tenant, outcome, error_code, changes > 0 as changed from tenantry.tenant_applies where generation = 2 and tenant in ('t2', 't3') order by 1`)).rows)
      .toEqual([{ tenant: 't2', outcome: 'changed', error_code: null, changed: true }, { tenant: 't3', outcome: 'failed', error_code: 'apply/statement', changed: false }]);
    expect((await home.query('select outcome from tenantry.applies order by generation')).rows).toEqual([{ outcome: 'done' }, { outcome: 'failed' }]);
    const left = await planOf(server, second);
    expect(new Set(left.differences.filter(({ type }) => type === 'change').map(({ place }) => place))).toEqual(new Set(['ten__t3']));
    expect(left.failedTenants).toMatchObject([{ tenant: 't3', generation: 2, code: 'apply/statement', error: expect.stringContaining('already exists') as string }]);
    await clear();
    const { tenantResults } = await applyTo(server, second);
    expect(tenantResults.filter(({ outcome }) => outcome === 'changed').map(({ tenant }) => tenant)).toEqual(['t3']);
    expect((await home.query('select count(*)::int as n from tenantry.tenant_applies where generation = 3')).rows).toEqual([{ n: 1 }]);
    expect((await planOf(server, second)).failedTenants).toEqual([]);
    await expectNothingToDo(server, second);
  });

  it('stops at the first failure unless more are allowed, and behind a canary in any case', async () => {
    const { first, second } = versions('few', schemas(4));
    await applyTo(server, first);
    const clear = await inTheWay('few', 'few__t1');
    const stopped = await failureOf(applyTo(server, second, { concurrency: 1 }));
    expect(outcomes(stopped.result)).toEqual({ t0: 'changed', t1: 'failed', t2: 'not-tried', t3: 'not-tried' });
    const canary = await failureOf(applyTo(server, second, { canary: ['t1'], maxFailures: 100 }));
    expect(outcomes(canary.result)).toEqual({ t0: 'unchanged', t1: 'failed', t2: 'not-tried', t3: 'not-tried' });
    const behind = await failureOf(applyTo(server, second, { canary: ['t3'], concurrency: 1 }));
    expect(outcomes(behind.result)).toEqual({ t0: 'unchanged', t1: 'failed', t2: 'not-tried', t3: 'changed' });
    await clear();
    expect(outcomes(await applyTo(server, second, { canary: ['t1'] }))).toEqual({ t0: 'unchanged', t1: 'changed', t2: 'changed', t3: 'unchanged' });
    await expectNothingToDo(server, second);
    const unknown = await refusalOf(applyTo(server, second, { canary: ['nobody'] }));
    expect(unknown).toMatchObject({ kind: 'input', codes: ['apply/canary'] });
    expect((await refusalOf(applyTo(server, second, { concurrency: 5, maxFailures: -1 }))).codes).toEqual(['apply/concurrency', 'apply/max-failures']);
  });

  it('lets tenants sign up although one has failed, as long as what all share is as declared', async () => {
    const { first, second } = versions('signs', schemas(2));
    await applyTo(server, first);
    const clear = await inTheWay('signs', 'signs__t1');
    await failureOf(applyTo(server, second));
    const sign = (key: string, isolation: 'row' | 'schema') => addTenant({ access: accessTo(server), loaded: second, passwords: forgetful }, { key, isolation });
    expect((await sign('hooli', 'row')).changes.map(({ kind }) => kind)).toEqual(['tenant']);
    await failureOf(applyTo(server, second));
    await sign('umbrella', 'schema');
    const home = await server.admin('signs');
    expect((await home.query("select key, state from tenantry.tenants where not declared order by 1")).rows).toEqual([{ key: 'hooli', state: 'active' }, { key: 'umbrella', state: 'active' }]);
    expect((await planOf(server, second)).failedTenants).toMatchObject([{ tenant: 't1' }]);
    await failureOf(applyTo(server, second));
    await home.query('drop table signs.notes');
    expect((await refusalOf(sign('stark', 'row'))).codes).toEqual(['tenant/apply-first']);
    await clear();
    await applyTo(server, second, { recreate: ['signs.signs.notes'] });
    await expectNothingToDo(server, second);
  });

  it('says of both places of a tenant that is moved what became of them, and that it failed when one of them did', async () => {
    const { first, second } = versions('twice', schemas(1));
    await applyTo(server, first);
    expect(await cutAt("state = 'moving'", () => moveTenant({ access: accessTo(server), loaded: first, passwords: forgetful }, 't0', 'database'))).toContain('moving');
    const clear = await inTheWay('twice', 'twice__t0');
    const { result } = await failureOf(applyTo(server, second, { maxFailures: 5 }));
    expect(Object.fromEntries(result.tenantResults.map(({ place, outcome }) => [place, outcome]))).toEqual({ 'twice.twice__t0': 'failed', 'twice__t0.twice': 'changed' });
    const home = await server.admin('twice');
    expect((await home.query('select tenant, outcome, changes > 0 as changed from tenantry.tenant_applies where generation = (select max(generation) from tenantry.applies)')).rows).toEqual([{ tenant: 't0', outcome: 'failed', changed: true }]);
    await clear();
    await applyTo(server, second);
    expect(await moveTenant({ access: accessTo(server), loaded: second, passwords: forgetful }, 't0', 'database')).toMatchObject({ outcome: 'moved' });
    expect((await applyTo(server, second)).changes).toEqual([]);
  });

  it('changes places side by side, and one that waits holds up nobody else', async () => {
    const { first } = versions('wide', { ...schemas(1), ...databases });
    await applyTo(server, first);
    const wider = manifestOf({ name: 'wide', tables: { orders: { ...orders, columns: { id, note: { type: 'text', nullable: true } } } }, roles: { app: { login: 'none', tables: { orders: 'write' } } } }, { tenants: { ...schemas(1), ...databases } });
    const letGo = await hold('wide__d0', 'lock table wide.orders in access share mode');
    const applying = applyTo(server, wider);
    const d1 = await server.admin('wide__d1');
    const hasColumn = async (client: Client): Promise<boolean> => (await client.query(`select from pg_attribute where attrelid = 'wide.orders'::regclass and attname = 'note'`)).rowCount === 1;
    await until('d1 has the column', () => hasColumn(d1));
    const waiting = await admin.query(`select a.application_name from pg_stat_activity a where a.datname = 'wide__d0' and a.wait_event_type = 'Lock'`);
    expect(waiting.rows, 'who waits for d0 meanwhile').toEqual([{ application_name: 'tenantry' }]);
    const lanes = await admin.query(`select l.mode from pg_locks l join pg_database d on d.oid = l.database where l.locktype = 'advisory' and l.classid = $1 and l.objid = $2 and d.datname = 'wide'`, [LOCKS, LANE]);
    expect(lanes.rows, 'marks of sessions that do not hold the lock themselves').toEqual([{ mode: 'ShareLock' }]);
    await letGo();
    expect(outcomes(await applying)).toEqual({ t0: 'changed', d0: 'changed', d1: 'changed' });
    await expectNothingToDo(server, wider);
  });

  it('lets only one task at a time have what tenants share: none waits for another in the server', async () => {
    const colours = { tenancy: 'reference', columns: { code: { type: 'text' } }, primaryKey: ['code'], rows: [{ code: 'red' }] } as const;
    const tables = { colours, orders: { ...orders, columns: { id, colour: { type: 'text', references: 'colours.code' } } } } as const;
    // One more than a task has.
    const of = (n: number) => manifestOf({ name: 'paint', tables, roles: {} }, { tenants: schemas(n) });
    await applyTo(server, of(0));
    const letGo = await hold('paint', "insert into paint.colours values ('blue')");
    const applying = applyTo(server, of(51));
    const waiting = async (): Promise<number> => (await admin.query(`select from pg_stat_activity where datname = 'paint' and application_name = 'tenantry' and wait_event_type = 'Lock'`)).rowCount ?? 0;
    await until('a task waits for the colours', async () => (await waiting()) > 0);
    let most = 0;
    for (let i = 0; i < 20; i++) {
      most = Math.max(most, await waiting());
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await letGo();
    expect(outcomes(await applying)).toMatchObject({ t0: 'changed', t50: 'changed' });
    expect(most, 'sessions that wait in the server').toBe(1);
  });

  it('waits for a session that an apply which is gone left at work', async () => {
    const { first } = versions('left', {});
    await applyTo(server, first);
    const lane = await server.connect({ database: 'left', applicationName: 'what is left' });
    await lane.query('select pg_advisory_lock_shared($1, $2)', [LOCKS, LANE]);
    const { codes, message } = await refusalOf(applyTo(server, first, { lockWait: 200 }));
    expect(codes).toEqual(['apply/locked']);
    expect(message).toContain('(what is left) holds it');
    await lane.end();
    await applyTo(server, first);
  });

  it('goes on where it was when its connections are cut once, and says so when it must not', async () => {
    const { first, second } = versions('cut', { ...schemas(2), ...databases });
    await applyTo(server, first);
    const reviewed = (await planOf(server, second)).fingerprint;
    const cut = async (run: Promise<ApplyResult>): Promise<ApplyResult> => {
      // Whoever asks for the result is told; until then nobody waits for it.
      run.catch(() => undefined);
      const letGo = await hold('cut__d0', 'create table cut.notes ()');
      try {
        await until('it waits', async () => (await admin.query(`select from pg_stat_activity where datname = 'cut__d0' and application_name = 'tenantry' and wait_event_type = 'Lock'`)).rowCount === 1);
        await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tenantry'`);
      } finally {
        await letGo();
      }
      return run;
    };
    expect((await refusalOf(cut(applyTo(server, second, { reviewed })))).codes).toEqual(['apply/connection-lost']);
    // What was done before it stays, so that there is something left to cut at.
    const result = await cut(applyTo(server, second));
    expect(outcomes(result)).toMatchObject({ d0: 'changed', d1: expect.stringMatching(/changed/) as string });
    await expectNothingToDo(server, second);
    const home = await server.admin('cut');
    expect((await home.query('select outcome from tenantry.applies order by generation desc limit 1')).rows).toEqual([{ outcome: 'done' }]);
    expect((await home.query(`select count(*)::int as n from tenantry.applies where outcome = 'running'`)).rows).toEqual([{ n: 0 }]);
  });

  it('is told of by the command line, as text and as JSON, with exit code 1', async () => {
    const { first, second } = versions('told', schemas(3));
    const manifest = join(freshFolder('fleet'), 'manifest.json');
    const apply = (...options: string[]) => tenantry(['bootstrap', 'apply', '--manifest', manifest, '--database-url', server.url(), '--skip-verify', ...options]);
    writeFileSync(manifest, JSON.stringify(first.manifest));
    expect((await apply()).code).toBe(0);
    const clear = await inTheWay('told', 'told__t1');
    writeFileSync(manifest, JSON.stringify(second.manifest));
    const json = await apply('--format', 'json', '--canary', 't1');
    expect(json.code).toBe(1);
    const document = JSON.parse(json.out) as { tenantResults: { tenant: string; milliseconds: number }[] };
    expect(document).toMatchObject({
      format: 'tenantry/apply@1', outcome: 'failed', generation: 2, verification: null, complaints: [{ code: 'apply/statement', at: 'told.told__t1' }],
      tenantResults: [{ tenant: 't0', place: 'told.told__t0', outcome: 'not-tried', changes: 0 }, { tenant: 't1', outcome: 'failed', code: 'apply/statement' }, { tenant: 't2', outcome: 'not-tried' }],
    });
    const text = await apply('--max-failures', '5', '--concurrency', '1');
    expect(text.code).toBe(1);
    expect(text.out).toContain('2 changed, 1 failed of 3 tenants with a place of their own');
    expect(text.out).toContain('✗ t1   told.told__t1   apply/statement');
    expect(text.err).toContain('apply/statement  at told.told__t1');
    const planned = await tenantry(['bootstrap', 'plan', '--manifest', manifest, '--database-url', server.url()]);
    expect(planned.out).toContain('failed – tenants that the last apply could not change\n    ✗ t1: apply/statement, generation 3\n      The step “create table notes” failed: type "notes" already exists');
    await clear();
    const done = await apply('--format', 'json');
    expect(done.code).toBe(0);
    expect(JSON.parse(done.out)).toMatchObject({ outcome: 'done', tenantResults: [{ tenant: 't0', outcome: 'unchanged' }, { tenant: 't1', outcome: 'changed' }, { tenant: 't2', outcome: 'unchanged' }] });
    for (const wrong of [['--concurrency', '5'], ['--concurrency', 'x'], ['--max-failures', '-1'], ['--canary', 'a,,b']]) expect((await apply(...wrong)).code).toBe(64);
  });

  // The last one: every session of the server ends with it.
  it('goes on when the server crashes in the middle and starts again', async () => {
    const { first, second } = versions('crash', { ...schemas(2), ...databases });
    await applyTo(server, first);
    await hold('crash__d0', 'create table crash.notes ()');
    const applying = applyTo(server, second);
    const waiting = () => admin.query<{ pid: number }>(`select pid from pg_stat_activity where datname = 'crash__d0' and application_name = 'tenantry' and wait_event_type = 'Lock'`);
    await until('it waits', async () => (await waiting()).rowCount === 1);
    process.kill((await waiting()).rows[0]?.pid ?? 0, 'SIGKILL');
    expect(outcomes(await applying)).toMatchObject({ d0: 'changed' });
    await expectNothingToDo(server, second);
  });
});
