import { beforeAll, describe, expect, it } from 'vitest';
import type { SchemaInput } from '../../lib/declaration';
import { startTestServer, type TestServer } from '../support/postgres';
import { aboutContent, applyTo, expectNothingToDo, manifestOf, planOf, refusalOf } from './support/platform';
import { shopInput, tenants } from './support/shop';

const before: SchemaInput = shopInput;

/** The same shop with a column and a role more, and another default. */
const after: SchemaInput = {
  ...before,
  tables: {
    ...before.tables,
    customers: { ...before.tables['customers']!, columns: { ...before.tables['customers']!.columns, phone: { type: 'text', nullable: true } } },
    flags: { ...before.tables['flags']!, columns: { ...before.tables['flags']!.columns, enabled: { type: 'boolean', default: 'true' } } },
  },
  roles: { ...before.roles, clerk: { tables: { customers: 'read' } } },
};

describe('what was changed by hand, and what is declared since', () => {
  let server: TestServer;
  const applied = manifestOf(before, { tenants });
  const declared = manifestOf(after, { tenants: { ...tenants, hooli: { isolation: 'schema' } } });

  beforeAll(async () => {
    server = await startTestServer();
    await applyTo(server, applied);
  });

  const origins = async (loaded: ReturnType<typeof manifestOf>): Promise<{ drift: string[]; pending: string[]; drifted: boolean }> => {
    const { differences, drifted } = await planOf(server, loaded);
    const of = (origin: string): string[] => [...new Set(aboutContent(differences).flatMap((difference) => (difference.type !== 'finding' && difference.origin === origin ? [difference.summary] : [])))];
    expect(aboutContent(differences).filter((difference) => difference.type !== 'finding' && difference.origin === undefined)).toEqual([]);
    return { drift: of('drift'), pending: of('pending'), drifted };
  };
  const byHand = (sql: string) => server.runAsSuperuser(sql, 'shop');

  it('calls a hand-made change drift, and nothing else, also while other things are declared', async () => {
    await byHand('grant insert on shop.customers to shop_support; alter table shop.orders alter note set default now()::text; drop policy tenantry_floor on shop__globex.orders');
    const drift = ['drop the default of orders.note', 'create policy tenantry_floor on orders', 'shop_support may no longer INSERT on customers'];
    expect(await origins(applied)).toEqual({ drift, pending: [], drifted: true });

    const both = await origins(declared);
    expect(both.drift).toEqual(drift);
    expect(both.drifted).toBe(true);
    expect(both.pending).toEqual(expect.arrayContaining(['create role shop_clerk', 'add column customers.phone text', 'set the default of flags.enabled to true', 'register tenant hooli (schema)', 'create the schema']));
  });

  it('calls what is declared since pending, and has no drift then', async () => {
    await applyTo(server, applied);
    const { drift, pending, drifted } = await origins(declared);
    expect({ drift, drifted }).toEqual({ drift: [], drifted: false });
    expect(pending).toContain('create role shop_clerk');
    await applyTo(server, declared);
    await expectNothingToDo(server, declared);
  });

  it('calls what the last apply refused pending, until somebody changes it', async () => {
    const other = manifestOf({ ...after, tables: { ...after.tables, flags: { ...after.tables['flags']!, columns: { ...after.tables['flags']!.columns, name: { type: 'varchar(50)' } } } } }, { tenants: { ...tenants, hooli: { isolation: 'schema' } } });
    const refused = 'flags.name is text, and character varying(50) is declared; changing the type can lose data and rewrites the table';
    await applyTo(server, other);
    expect(await origins(other)).toEqual({ drift: [], pending: [refused], drifted: false });
    await byHand('alter table shop.flags alter name type varchar(60)');
    expect(await origins(other)).toEqual({ drift: [refused.replace('text,', 'character varying(60),')], pending: [], drifted: true });
    await byHand('alter table shop.flags alter name type text');
    await applyTo(server, declared, { allowOlder: true });
  });

  it('calls what an apply that failed left behind pending', async () => {
    const checked = manifestOf({ ...after, tables: { ...after.tables, flags: { ...after.tables['flags']!, checks: { named: "name <> 'x'" } } } }, { tenants: { ...tenants, hooli: { isolation: 'schema' } } });
    await byHand("insert into shop.flags values ('x', true)");
    await refusalOf(applyTo(server, checked));
    expect(await origins(checked)).toEqual({ drift: [], pending: ['validate flags_named_check on flags'], drifted: false });
    await byHand("delete from shop.flags where name = 'x'");
    await applyTo(server, checked);
    await byHand('alter table shop.flags drop constraint flags_named_check');
    expect((await origins(checked)).drift).toEqual(['add check flags_named_check on flags', 'validate flags_named_check on flags']);
    await applyTo(server, checked);
  });

  it('does not know what another version of the library wanted', async () => {
    await byHand("update tenantry.applied_state set library_version = '0.0.9'; grant delete on shop.customers to shop_support");
    const { differences, drifted } = await planOf(server, manifestOf({ ...after, tables: { ...after.tables, flags: { ...after.tables['flags']!, checks: { named: "name <> 'x'" } } } }, { tenants: { ...tenants, hooli: { isolation: 'schema' } } }));
    expect(differences.filter((difference) => difference.type === 'change').map(({ summary, origin }) => [summary, origin])).toEqual([['shop_support may no longer DELETE on customers', undefined]]);
    expect(drifted).toBe(false);
  });
});
