import { beforeAll, describe, expect, it } from 'vitest';
import { addTenant, forgetTenant, moveTenant, offboardTenant, type PasswordStore, resumeTenant, suspendTenant } from '../../lib/bootstrap';
import { connectTenants, type Tenants, trust } from '../../lib/client';
import type { SchemaInput } from '../../lib/declaration';
import type { Isolation } from '../../lib/declaration/types';
import { startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, linesOf, manifestOf, planOf, refusalOf } from './support/platform';

const declaration = {
  name: 'shop',
  tables: { notes: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, text: { type: 'text' } }, primaryKey: ['id'] } },
  roles: { app: { login: 'password', tables: { notes: 'write' } } },
} satisfies SchemaInput;
const loaded = manifestOf(declaration, { tenants: { bolt: { isolation: 'row' } } });

describe('a key that is given to another tenant', () => {
  let server: TestServer;
  const kept = new Map<string, string[]>();
  const passwords: PasswordStore = {
    place: () => Promise.resolve({ location: 'nowhere', declared: false, empty: false }),
    keep: ({ login, password }) => { kept.set(login, [...kept.get(login) ?? [], password]); return Promise.resolve(undefined); },
  };
  const options = () => ({ access: accessTo(server), loaded, passwords });
  const ask = (sql: string, database = 'shop') => server.runAsSuperuser(sql, database);
  const registered = async (key: string, database = 'shop') => (await ask(`select id, version, isolation from tenantry.tenants where key = '${key}'`, database))[0] as { id: string; version: number; isolation: Isolation };
  const free = async (key: string): Promise<void> => {
    await offboardTenant({ ...options(), confirm: key, archive: false }, key);
    expect((await refusalOf(addTenant(options(), { key, isolation: 'row' }))).codes).toEqual(['tenant/offboarded']);
    await forgetTenant({ ...options(), confirm: key }, key);
  };
  /** A program that remembers places for ever. */
  const patient = (): Tenants => connectTenants(loaded.manifest, { credentials: trust(server), maxConnections: 2, staleness: 3_600_000 });
  const write = (tenants: Tenants, key: string, text: string) => tenants.with(key, (db) => db.query('insert into notes (text) values ($1)', [text]));
  const texts = (tenants: Tenants, key: string) => tenants.with(key, async (db) => (await db.query<{ text: string }>('select text from notes order by 1')).rows.map(({ text }) => text));

  beforeAll(async () => {
    server = await startTestServer();
    await applyTo(server, loaded, { passwords });
  });

  it('is another tenant at another place, also for a program that remembers the old one', async () => {
    const stale = patient();
    const seen = new Set<string>();
    const versions: number[] = [];
    for (const isolation of ['row', 'schema', 'database', 'row', 'database'] as const) {
      await addTenant(options(), { key: 'echo', isolation });
      const { id, version } = await registered('echo');
      expect(seen.has(id)).toBe(false);
      expect(version, 'versions rise for ever').toBeGreaterThan(versions.at(-1) ?? 0);
      if (isolation === 'database') expect(await registered('echo', 'shop__echo')).toEqual({ id, version, isolation });
      await write(stale, 'echo', `in ${isolation}`);
      expect(await texts(stale, 'echo'), isolation).toEqual([`in ${isolation}`]);
      expect((await ask('select count(*)::int as n from shop.notes'))[0], 'nothing is left in the shared tables').toEqual({ n: isolation === 'row' ? 1 : 0 });
      seen.add(id);
      expect(linesOf((await planOf(server, loaded, { passwords })).differences), isolation).toEqual([]);
      versions.push((await registered('echo')).version);
      await free('echo');
    }
    await stale.end();
    const [first, second, ...others] = kept.get('shop_app__echo_login') ?? [];
    expect({ others, isAnother: first !== second && first !== undefined && second !== undefined }).toEqual({ others: [], isAnother: true });
  });

  it('is not entered by a version from before the versions were written down', async () => {
    await addTenant(options(), { key: 'foxtrot', isolation: 'row' });
    const stale = patient();
    await write(stale, 'foxtrot', 'old');
    await ask("delete from shop.notes; delete from tenantry.tenants where key = 'foxtrot'; delete from tenantry.tenant_ids where key = 'foxtrot'");
    await addTenant(options(), { key: 'foxtrot', isolation: 'schema' });
    await write(stale, 'foxtrot', 'new');
    expect(await ask('select text from shop__foxtrot.notes')).toEqual([{ text: 'new' }]);
    expect(await ask('select text from shop.notes')).toEqual([]);
    await stale.end();
  });

  it('is moved only while it is served, and found by who remembers its old place', async () => {
    const stale = patient();
    await addTenant(options(), { key: 'golf', isolation: 'row' });
    await write(stale, 'golf', 'a');
    await suspendTenant(options(), 'golf');
    expect((await refusalOf(moveTenant(options(), 'golf', 'schema'))).codes).toEqual(['tenant/state']);
    expect((await refusalOf(write(stale, 'golf', 'b'))).codes).toEqual(['client/inactive-tenant']);
    await resumeTenant(options(), 'golf');
    for (const to of ['schema', 'database', 'row'] as const) {
      await moveTenant(options(), 'golf', to);
      await write(stale, 'golf', to);
    }
    expect(await texts(stale, 'golf')).toEqual(['a', 'database', 'row', 'schema']);
    await stale.end();
  });
});
