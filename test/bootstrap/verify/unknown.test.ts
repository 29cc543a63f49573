import { beforeAll, expect, it } from 'vitest';
import type { Evidence } from '../../../lib/bootstrap/verify';
import type { SchemaInput } from '../../../lib/declaration';
import { describeNewest, startTestServer, type TestServer } from '../../support/postgres';
import { applyTo, manifestOf } from '../support/platform';
import { breachesOf, expectIsolated, failuresOf, lineOf, verified } from './support/verified';

const codes = (example?: string) => ({
  name: 'lab',
  tables: {
    samples: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, code: { type: 'text', check: "code ~ '^S-[0-9]{4}$'", ...(example === undefined ? {} : { example }) } }, primaryKey: ['id'] },
    results: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, sample_id: { type: 'uuid', references: 'samples.id' } }, primaryKey: ['id'] },
    notes: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, text: { type: 'text', nullable: true } }, primaryKey: ['id'] },
  },
  roles: { app: { tables: { samples: 'write', results: 'write', notes: 'write' } } },
} as const satisfies SchemaInput);

describeNewest('[DBAAS-5.4] [DBS-2.3] [ASM-3.2] what is not proved is unknown', (major) => {
  let server: TestServer;
  const tenants = { acme: { isolation: 'row' }, globex: { isolation: 'schema' } } as const;
  const without = manifestOf(codes(), { tenants });

  beforeAll(async () => {
    server = await startTestServer({ major });
  });

  const verdicts = ({ results }: Evidence, table: string): string[] => [...new Set(results.filter((result) => result.table === table && result.role !== undefined && result.role !== 'lab_owner').map(({ verdict }) => verdict))].sort();

  it('a database that is not there', async () => {
    const evidence = await verified(server, without);
    expect(evidence.outcome).toBe('unknown');
    expect(evidence.results.filter(({ verdict }) => verdict === 'unknown').map(lineOf)).toContain('unknown as-declared lab: no database | The database lab is not there, or lets nobody in. | Apply first: tenantry bootstrap apply.');
    expect(breachesOf(evidence)).toEqual([]);
  });

  it('an empty table whose rows cannot be made, and one that references it', async () => {
    await applyTo(server, without);
    const evidence = await verified(server, without);
    expect(evidence.outcome).toBe('unknown');
    expect(breachesOf(evidence)).toEqual([]);
    expect(verdicts(evidence, 'samples')).toEqual(['unknown']);
    expect(verdicts(evidence, 'results')).toEqual(['unknown']);
    expect(verdicts(evidence, 'notes')).toEqual(['denied', 'not applicable']);
    expect(evidence.results.find(({ table, attack }) => table === 'samples' && attack === 'probe-row')).toMatchObject({
      verdict: 'unknown', place: 'lab.lab', role: 'lab_app', reason: 'No probe row can be made: it was refused with SQLSTATE 23514 by samples_code_check.', remedy: expect.stringContaining('tables.samples.columns.<column>.example'),
    });
  });

  it('an example makes it a proof', async () => {
    const loaded = manifestOf(codes("'S-' || lpad((1000 * random())::int::text, 4, '0')"), { tenants });
    await applyTo(server, loaded);
    expectIsolated(await verified(server, loaded));
  });

  it('an example that is no value', async () => {
    const loaded = manifestOf(codes("'S-0001'; drop table lab.notes"), { tenants });
    await applyTo(server, loaded);
    const evidence = await verified(server, loaded);
    expect(failuresOf(evidence)).toContainEqual(expect.stringContaining('The example of code is not a value: SQLSTATE 42601.'));
    expect(await server.runAsSuperuser("select to_regclass('lab.notes') is not null as there", 'lab')).toEqual([{ there: true }]);
  });

  const good = manifestOf(codes("'S-0001'"), { tenants });

  it('a role that sees nothing at all, which looks like isolation', async () => {
    await applyTo(server, good);
    await server.runAsSuperuser('drop policy tenantry_access on lab.notes', 'lab');
    const evidence = await verified(server, good);
    const reads = evidence.results.filter(({ place, table, attack }) => place === 'lab.lab' && table === 'notes' && attack === 'read-foreign-row');
    expect(reads.map(lineOf)).toEqual([expect.stringMatching(/^unknown read-foreign-row lab\.lab\.notes as lab_app: 0 rows \| The control failed: not so that the own row is seen/)]);
    expect(breachesOf(evidence).map(lineOf)).toEqual([]);
    expect(evidence.outcome).toBe('unknown');
    expect(verdicts({ ...evidence, results: evidence.results.filter(({ place }) => place === 'lab.lab') }, 'samples')).toEqual(['denied', 'not applicable']);
    await applyTo(server, good);
  });

  it('a maintainer who sees nothing', async () => {
    await server.runAsSuperuser('drop policy tenantry_maintainer on lab.notes', 'lab');
    const evidence = await verified(server, good);
    expect(failuresOf(evidence)).toContainEqual(expect.stringContaining('unknown probe-row lab.lab.notes as lab_app: none | No probe row can be made: it was refused with SQLSTATE 42501.'));
    await applyTo(server, good);
  });

  it('a table with a trigger that probe rows would fire', async () => {
    await server.runAsSuperuser("create function lab.fires() returns trigger language plpgsql as 'begin raise exception ''fired''; end'; create trigger fires before insert on lab.notes for each row execute function lab.fires()", 'lab');
    const evidence = await verified(server, good);
    expect(failuresOf(evidence)).toContainEqual(expect.stringContaining('unknown probe-row lab.lab.notes as lab_app: none | Probe rows would fire fires'));
    expect(evidence.outcome).toBe('unknown');
    await server.runAsSuperuser('drop function lab.fires() cascade', 'lab');
  });

  it('a table that somebody holds a lock on: it is not waited for', async () => {
    const other = await server.admin('lab');
    await other.query('begin; lock table lab.notes in share mode');
    const started = Date.now();
    const evidence = await verified(server, good);
    await other.end();
    expect(Date.now() - started).toBeLessThan(20_000);
    expect(failuresOf(evidence)).toContainEqual(expect.stringContaining('unknown probe-row lab.lab.notes as lab_app: none | No probe row can be made: it was refused with SQLSTATE 55P03.'));
    expect(evidence.outcome).toBe('unknown');
  });

  it('a parent, under whose policies rows are read', async () => {
    await server.runAsSuperuser('create schema others; create table others.all_notes (id uuid not null); alter table lab.notes inherit others.all_notes; grant usage on schema others to lab_app; grant select on others.all_notes to lab_app', 'lab');
    const evidence = await verified(server, good);
    expect(evidence.results.filter(({ attack }) => attack === 'as-declared').map(lineOf)).toEqual([expect.stringMatching(/^unknown as-declared lab\.lab: notes is a child of others\.all_notes, which belongs to postgres: /)]);
    expect(evidence.outcome).toBe('unknown');
    await server.runAsSuperuser('alter table lab.notes no inherit others.all_notes; drop schema others cascade', 'lab');
  });

  it('an access object that is still to be applied', async () => {
    await server.runAsSuperuser('revoke delete on lab.notes from lab_app', 'lab');
    const evidence = await verified(server, good);
    expect(evidence.results.filter(({ attack }) => attack === 'as-declared').map(lineOf)).toEqual(['unknown as-declared lab.lab: lab_app may DELETE on notes | The database is not as declared: lab_app may DELETE on notes. | Apply first: tenantry bootstrap apply.']);
    expect(breachesOf(evidence)).toEqual([]);
    await applyTo(server, good);
    expectIsolated(await verified(server, good));
  });
});
