import { beforeAll, describe, expect, it } from 'vitest';
import { addTenant, moveTenant, offboardTenant } from '../../lib/bootstrap';
import type { SchemaInput } from '../../lib/declaration';
import { startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, expectNothingToDo, forgetful, linesOf, manifestOf, planOf, refusalOf } from './support/platform';

const columns = { id: { type: 'uuid', default: 'gen_random_uuid()' }, text: { type: 'text' } } as const;
const version = (more: Readonly<Record<string, object>> = {}): SchemaInput => ({
  name: 'shop', tables: { notes: { tenancy: 'tenant', columns: { ...columns, ...more }, primaryKey: ['id'] } }, roles: { app: { login: 'iam', tables: { notes: 'write' } } },
});
const of = (declaration: SchemaInput) => manifestOf(declaration, { tenants: { acme: { isolation: 'row' }, broken: { isolation: 'schema' }, umbrella: { isolation: 'schema' } } });

describe('one tenant whose place is broken', () => {
  let server: TestServer;
  const ask = (sql: string) => server.runAsSuperuser(sql, 'shop');
  const options = (loaded: ReturnType<typeof of>) => ({ access: accessTo(server), loaded, passwords: forgetful });

  beforeAll(async () => {
    server = await startTestServer();
    await applyTo(server, of(version()));
  });

  it('keeps nobody else from being moved or off-boarded, and is not moved itself', async () => {
    const next = of(version({ wanted: { type: 'integer', default: '1', check: 'wanted > 0' } }));
    for (const key of ['late', 'later']) await addTenant(options(of(version())), { key, isolation: 'schema' });
    await ask("insert into shop__broken.notes (tenant_id, text) select id, 'x' from tenantry.tenants where key = 'broken'; alter table shop__broken.notes add column wanted integer not null default 0; alter table shop__broken.notes owner to shop_owner");
    expect((await refusalOf(applyTo(server, next, { maxFailures: 5 }))).kind).toBe('failed');
    const own = await refusalOf(moveTenant(options(next), 'broken', 'row'));
    expect({ codes: own.codes, why: own.message.split('\n\n  ')[1] }).toEqual({ codes: ['tenant/apply-first'], why: 'The manifest is not the one that was applied last, or no apply of it ended well for this tenant and what all share: validate notes_wanted_check on notes.' });
    await ask("create function shop.theirs() returns integer language sql security definer as 'select 1'");
    expect(linesOf((await planOf(server, next)).differences), 'nor does an object of somebody else, which only its owner can close').toContain('refused grant/undeclared shop.shop: PUBLIC may use function theirs(), which is not declared and belongs to postgres, who alone can take that back');
    expect(await moveTenant(options(next), 'late', 'row')).toMatchObject({ outcome: 'moved' });
    expect(await moveTenant(options(next), 'umbrella', 'database')).toMatchObject({ outcome: 'moved' });
    expect((await offboardTenant({ ...options(next), confirm: 'later', archive: false }, 'later')).certificate.searched.found).toEqual([]);
    expect((await refusalOf(moveTenant(options(next), 'broken', 'row'))).message).toContain('The place shop.shop__broken is not as declared: validate notes_wanted_check on notes.');
    await ask('update shop__broken.notes set wanted = 1; drop function shop.theirs()');
    await moveTenant(options(next), 'umbrella', 'schema');
    await applyTo(server, next);
    await expectNothingToDo(server, next);
    const other = of(version({ wanted: { type: 'integer', default: '1', check: 'wanted > 0' }, more: { type: 'text', nullable: true } }));
    expect((await refusalOf(moveTenant(options(other), 'broken', 'row'))).codes, 'another manifest').toEqual(['tenant/apply-first']);
  });

  it('because a child of somebody else would be changed with it, is left as it is; where all share the table, nothing is begun', async () => {
    const base = { wanted: { type: 'integer', default: '1', check: 'wanted > 0' } };
    const next = of(version({ ...base, note: { type: 'text', nullable: true } }));
    await ask('create role stranger; create schema others authorization stranger; create table others.child () inherits (shop__broken.notes); alter table others.child owner to stranger');
    const child = 'refused inheritance/child shop.shop__broken: others.child, which belongs to stranger, inherits from notes: its rows are read through notes, and no key or policy of notes holds for whoever reads or writes them there';
    const stuck = 'refused inheritance/in-the-way shop.shop__broken: add column notes.note text: PostgreSQL changes the children of notes with it, and may not: others.child belongs to stranger';
    expect(linesOf((await planOf(server, of(version(base)))).differences.filter(({ type }) => type !== 'finding'))).toEqual([child]);
    const result = await applyTo(server, next);
    expect(result.tenantResults.map(({ tenant, outcome, code }) => [tenant, outcome, code])).toEqual([['broken', 'refused', 'inheritance/in-the-way'], ['umbrella', 'changed', undefined]]);
    expect(linesOf(result.refusals)).toEqual([child, stuck]);
    expect(result.refusals.map(({ fix }) => fix).at(-1)).toBe('Move the rows of others.child elsewhere, then, as stranger or a superuser: alter table "others"."child" no inherit "shop__broken"."notes"');
    await ask('alter table others.child no inherit shop__broken.notes');
    await applyTo(server, next);
    await expectNothingToDo(server, next);

    await ask('drop table others.child; create table others.child () inherits (shop.notes); alter table others.child owner to stranger');
    const last = of(version({ ...base, note: { type: 'text', nullable: true, default: "'x'" } }));
    await ask("alter table shop__broken.notes alter note set default 'y'");
    expect((await refusalOf(applyTo(server, last))).codes).toEqual(['inheritance/in-the-way']);
    expect(await ask("select pg_get_expr(adbin, adrelid) as value from pg_attrdef where adrelid = 'shop__broken.notes'::regclass and adnum = (select attnum from pg_attribute where attrelid = adrelid and attname = 'note')"), 'nothing was begun').toEqual([{ value: "'y'::text" }]);
    // What does not touch the child goes on.
    await ask('revoke insert on shop.notes from shop_app');
    expect(linesOf((await applyTo(server, next, { allowOlder: true })).changes)).toContain('shop.shop: shop_app may INSERT on notes');
    await ask('drop table others.child');
    await applyTo(server, last, { allowOlder: true });
    await expectNothingToDo(server, last);
  });
});
