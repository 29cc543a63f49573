import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { addTenant, moveTenant, offboardTenant, verify } from '../../lib/bootstrap';
import type { ApplyOptions } from '../../lib/bootstrap/apply/apply';
import { connectTenants, trust } from '../../lib/client';
import type { SchemaInput } from '../../lib/declaration';
import { tenantry } from '../cli/support';
import { freshFolder } from '../support/fresh-folder';
import { startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, expectNothingToDo, forgetful, linesOf, manifestOf, planOf, refusalOf } from './support/platform';

const plain = { columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, text: { type: 'text' } }, primaryKey: ['id'] } as const;
const base = {
  name: 'shop',
  tables: {
    notes: { tenancy: 'tenant', columns: { ...plain.columns, hint: { type: 'text', nullable: true }, loud: { type: 'text', nullable: true, generated: 'upper(text)' } }, primaryKey: ['id'] },
    tags: { ...plain, tenancy: 'tenant' },
    flags: { ...plain, tenancy: 'shared' },
  },
  roles: { app: { login: 'iam', tables: { notes: 'write', tags: 'write' } } },
} satisfies SchemaInput;
const withColumn = (name: string): SchemaInput => ({ ...base, tables: { ...base.tables, notes: { ...base.tables.notes, columns: { ...base.tables.notes.columns, [name]: { type: 'text', nullable: true } } } } });
const TENANTS = { acme: { isolation: 'row' }, globex: { isolation: 'schema' }, umbrella: { isolation: 'schema' }, initech: { isolation: 'database' } } as const;
const of = (declaration: SchemaInput) => manifestOf(declaration, { tenants: TENANTS });
const loaded = of(base);

describe('what held rows and is gone', () => {
  let server: TestServer;
  const options = () => ({ access: accessTo(server), loaded, passwords: forgetful });
  const ask = (sql: string, database = 'shop') => server.runAsSuperuser(sql, database);
  const texts = (key: string) => {
    const tenants = connectTenants(loaded.manifest, { credentials: trust(server), maxConnections: 1, connectionTimeout: 500 });
    return tenants.with(key, async (db) => (await db.query<{ text: string }>('select text from notes order by 1')).rows.map(({ text }) => text)).finally(() => tenants.end());
  };
  const fill = (key: string) => {
    const tenants = connectTenants(loaded.manifest, { credentials: trust(server), maxConnections: 1 });
    return tenants.with(key, (db) => db.query('insert into notes (text) values ($1)', [`of ${key}`])).finally(() => tenants.end());
  };
  /** The plan says so and calls it drift; an apply does so too. */
  const expectRefused = async (lines: readonly string[], apply: Partial<ApplyOptions> = {}, manifest = loaded): Promise<void> => {
    const { differences, drifted } = await planOf(server, manifest);
    expect({ lines: linesOf(differences), drifted }).toEqual({ lines, drifted: true });
    const result = await applyTo(server, manifest, apply);
    expect(linesOf([...result.changes, ...result.refusals])).toEqual(lines);
  };

  beforeAll(async () => {
    server = await startTestServer();
    await applyTo(server, loaded);
    for (const key of Object.keys(TENANTS)) await fill(key);
    await expectNothingToDo(server, loaded);
  });

  const SCHEMA = 'refused tenant/lost-place shop.shop__globex: the schema shop__globex held rows of tenant globex, and is gone; made anew, it would be empty';
  it('the schema of a tenant is not made anew, and everybody else goes on', async () => {
    await ask('drop schema shop__globex cascade');
    await expectRefused([SCHEMA]);
    const next = of(withColumn('more'));
    const { tenantResults, refusals } = await applyTo(server, next);
    expect(tenantResults.map(({ tenant, outcome, code }) => [tenant, outcome, code])).toEqual([['globex', 'refused', 'tenant/lost-place'], ['umbrella', 'changed', undefined], ['initech', 'changed', undefined]]);
    expect(refusals.map(({ fix }) => fix)).toEqual(['Restore it from a backup, or rename it back. Where nobody needs what was in it: tenantry bootstrap apply --recreate shop.shop__globex makes it anew, empty. Or remove the tenant: tenantry tenant offboard globex --confirm globex --no-archive']);
    expect(await texts('umbrella')).toEqual(['of umbrella']);
    await addTenant({ ...options(), loaded: next }, { key: 'hooli', isolation: 'schema' });
    expect(await moveTenant({ ...options(), loaded: next }, 'hooli', 'row')).toMatchObject({ outcome: 'moved' });
    expect((await refusalOf(moveTenant({ ...options(), loaded: next }, 'globex', 'row'))).codes).toEqual(['tenant/apply-first']);
    const { outcome, results } = await verify({ access: accessTo(server), loaded: next });
    expect({ outcome, places: [...new Set(results.filter(({ verdict }) => verdict === 'unknown').map(({ place }) => place))] }).toEqual({ outcome: 'unknown', places: ['shop.shop__globex'] });
  });

  it('is made anew where that is asked for by its name, and by that alone', async () => {
    const next = of(withColumn('more'));
    const wrong = await refusalOf(applyTo(server, next, { recreate: ['shop.shop__umbrella', 'shop'] }));
    expect(wrong.codes).toEqual(['apply/recreate', 'apply/recreate']);
    expect(wrong.message).toContain('Nothing of this name held rows and is gone. Nothing was changed.\n\n  Give a name as the refusals have it: shop.shop__globex.');
    expect((await applyTo(server, next, { recreate: ['shop.shop__globex'] })).tenantResults.find(({ tenant }) => tenant === 'globex')?.outcome).toBe('changed');
    expect(await texts('globex')).toEqual([]);
    await expectNothingToDo(server, next);
    expect((await refusalOf(planOf(server, next, { recreate: ['shop.shop__globex'] }))).message).toContain('Leave it out: nothing is gone.');
    await applyTo(server, loaded, { allowOlder: true });
    await ask('alter table shop.notes drop column more; alter table shop__globex.notes drop column more; alter table shop__umbrella.notes drop column more');
    await ask('alter table shop.notes drop column more', 'shop__initech');
    await expectNothingToDo(server, loaded);
  });

  it('the database of a tenant is not made anew: one that was renamed is found again', async () => {
    await ask('alter database shop__initech rename to kept', 'postgres');
    await expectRefused(['refused tenant/lost-place server: database shop__initech held the rows of tenant initech, and is gone; made anew, it would be empty']);
    await ask("create database shop__initech owner shop_owner; ", 'postgres');
    await expectRefused(['server: mark database shop__initech as ours', ...(await linesOfConnect()), 'refused tenant/lost-place shop__initech.shop: the schema shop held rows of tenant initech, and is gone; made anew, it would be empty']);
    await ask('drop database shop__initech with (force)', 'postgres');
    await ask('alter database kept rename to shop__initech', 'postgres');
    await expectNothingToDo(server, loaded);
    expect(await texts('initech')).toEqual(['of initech']);
  });
  /** What an empty database lacks besides. */
  const linesOfConnect = async (): Promise<string[]> => linesOf((await planOf(server, loaded)).differences).filter((line) => line.startsWith('server: ') && !line.includes('mark '));

  it('a table and a column of one tenant are not made anew, and nothing else is changed at its place', async () => {
    await ask('drop table shop__globex.tags; alter table shop__globex.notes drop column hint; alter table shop__globex.notes alter text drop not null');
    const lines = ['refused table/lost shop.shop__globex: table tags held rows, and is gone; made anew, it would be empty', 'refused column/lost shop.shop__globex: column notes.hint held values, and is gone; made anew, it would hold none'];
    await expectRefused(lines);
    await applyTo(server, loaded, { recreate: ['shop.shop__globex.tags', 'shop.shop__globex.notes.hint'] });
    await expectNothingToDo(server, loaded);
  });

  it('what all tenants share is refused as a whole, until it is asked for, or taken out of the declaration', async () => {
    await ask('drop table shop.flags; alter table shop.notes drop column hint');
    const { codes, message } = await refusalOf(applyTo(server, loaded));
    expect(codes).toEqual(['table/lost', 'column/lost']);
    expect(message).toContain('table/lost  at shop\n\n  Table flags held rows, and is gone; made anew, it would be empty. Nothing was changed.\n\n  Restore it from a backup, or rename it back. Where nobody needs what was in it: tenantry bootstrap apply --recreate shop.shop.flags makes it anew, empty. Or take it out of the declaration.');
    const { flags: _flags, ...tables } = base.tables;
    await applyTo(server, of({ ...base, tables }), { recreate: ['shop.shop.notes.hint'] });
    expect(linesOf((await planOf(server, loaded, { allowOlder: true })).differences)).toContain('shop.shop: create table flags');
    await applyTo(server, loaded, { allowOlder: true });
    await expectNothingToDo(server, loaded);
    expect(await texts('acme')).toEqual(['of acme']);
  });

  it('a generated column held nothing that is lost', async () => {
    await ask('alter table shop.notes drop column loud');
    expect((await refusalOf(applyTo(server, loaded))).codes).toEqual(['column/generated']);
    await ask('alter table shop.notes add column loud text generated always as (upper(text)) stored; alter table shop__globex.notes drop column loud');
    // The place of one tenant holds nobody else up.
    await expectRefused(['refused column/generated shop.shop__globex: notes.loud is generated, and adding it would rewrite the table under an exclusive lock']);
    await ask('alter table shop__globex.notes add column loud text generated always as (upper(text)) stored');
    await expectNothingToDo(server, loaded);
  });

  it('the home schema and the home database are not made anew', async () => {
    await ask('alter schema shop rename to kept');
    expect((await refusalOf(applyTo(server, loaded))).message).toContain('The schema shop held rows, and is gone; made anew, it would be empty. Nothing was changed.');
    await ask('alter schema kept rename to shop');
    await ask('alter database shop rename to kept', 'postgres');
    expect((await refusalOf(applyTo(server, loaded))).message).toContain('database/lost  at server\n\n  Database shop is gone, and databases of its tenants are there (kept, shop__initech); made anew, it would be empty, and nobody would know which tenants there are. Nothing was changed.');
    await ask('alter database kept rename to shop', 'postgres');
    await expectNothingToDo(server, loaded);
  });

  it('is no hindrance to removing the tenant for good', async () => {
    for (const [key, isolation, sql] of [['soylent', 'schema', 'drop schema shop__soylent cascade'], ['tyrell', 'database', 'drop database shop__tyrell with (force)']] as const) {
      await addTenant(options(), { key, isolation });
      await ask(sql);
      expect((await applyTo(server, loaded)).refusals.map(({ code }) => code), key).toEqual(['tenant/lost-place']);
      expect((await offboardTenant({ ...options(), confirm: key, archive: false }, key)).rows, key).toBe(0);
    }
    await expectNothingToDo(server, loaded);
  });

  it('is made anew by the command line, by a name that is gone, and is 2 and 3 before that', async () => {
    const manifest = join(freshFolder('lost'), 'manifest.json');
    writeFileSync(manifest, JSON.stringify(loaded.manifest));
    await ask('drop schema shop__umbrella cascade');
    const target = ['--manifest', manifest, '--database-url', server.url(), '--allow-older'];
    const { code, out } = await tenantry(['bootstrap', 'plan', ...target]);
    expect({ code, says: out.includes('the schema shop__umbrella held rows of tenant umbrella, and is gone') }).toEqual({ code: 2, says: true });
    expect((await tenantry(['bootstrap', 'apply', ...target, '--skip-verify'])).code).toBe(3);
    const wrong = await tenantry(['bootstrap', 'apply', ...target, '--skip-verify', '--recreate', 'shop.shop__umbrela']);
    expect({ code: wrong.code, err: wrong.err.split('\n')[0] }).toEqual({ code: 64, err: 'apply/recreate  at recreate "shop.shop__umbrela"' });
    expect((await tenantry(['bootstrap', 'apply', ...target, '--skip-verify', '--recreate', 'shop.shop__umbrella'])).code).toBe(0);
    expect(linesOf((await applyTo(server, loaded, { allowOlder: true })).changes)).toEqual([]);
    await expectNothingToDo(server, loaded);
  });

  it('is told from what an older version did not write down: that is written down by the next apply', async () => {
    await ask('drop table tenantry.place_contents');
    await ask('drop table tenantry.place_contents', 'shop__initech');
    const lines = ['shop.tenantry: create table place_contents', ...['shop', 'shop__globex', 'shop__umbrella'].map((place) => `shop.${place}: write down what the place holds`), 'shop__initech.tenantry: create table place_contents', 'shop__initech.shop: write down what the place holds'];
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual(lines);
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });
});
