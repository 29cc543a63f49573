import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { addTenant, moveTenant, offboardTenant } from '../../lib/bootstrap';
import { connectTenants, trust } from '../../lib/client';
import type { SchemaInput } from '../../lib/declaration';
import type { Isolation } from '../../lib/declaration/types';
import type { ChildTask, Kill, Killed } from '../bootstrap/support/apply-child';
import { applyInChild } from '../bootstrap/support/child';
import { untilForgotten } from '../bootstrap/support/killed';
import { accessTo, applyTo, expectNothingToDo, forgetful, manifestOf, refusalOf } from '../bootstrap/support/platform';
import { freshFolder } from '../support/fresh-folder';
import { startTestServer, type TestServer } from '../support/postgres';

/** A circle of tables, an empty text and what COPY escapes. */
const declaration = {
  name: 'shop',
  tables: {
    customers: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, email: { type: 'text' }, last_order: { type: 'uuid', nullable: true, references: 'orders.id' } }, primaryKey: ['id'] },
    orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, number: { type: 'bigint', default: '1' }, customer_id: { type: 'uuid', references: 'customers.id' } }, primaryKey: ['id'] },
  },
  roles: { app: { login: 'iam', tables: { customers: 'write', orders: 'write' } } },
} satisfies SchemaInput;
const manifest = { tenants: { bolt: { isolation: 'row' } } } as const;
const loaded = manifestOf(declaration, manifest);
const MODES: readonly Isolation[] = ['row', 'schema', 'database'];
const ROWS = ['', 'a\tb\\N'];

describe.each(['before', 'behind'] as const)('a process that is killed %s each of its messages', (when) => {
  let server: TestServer;
  let admin: Client;
  const folder = freshFolder('lifecycle-kill');
  const options = () => ({ access: accessTo(server), loaded, passwords: forgetful });
  const ask = (sql: string) => server.runAsSuperuser(sql, 'shop');
  const within = <T>(key: string, sql: string): Promise<T[]> => {
    const tenants = connectTenants(loaded.manifest, { credentials: trust(server), maxConnections: 1, connectionTimeout: 300 });
    return tenants.with(key, async (db) => {
      const statements = sql.split(';');
      for (const statement of statements.slice(0, -1)) await db.query(statement);
      return (await db.query(statements[statements.length - 1] ?? '')).rows as T[];
    }).finally(() => tenants.end());
  };
  const add = async (key: string, isolation: Isolation): Promise<void> => {
    await addTenant(options(), { key, isolation });
    await within(key, `insert into customers (id, email) select gen_random_uuid(), e from unnest(array['', E'a\\tb\\\\N']) e; insert into orders (id, customer_id) select gen_random_uuid(), id from customers;
      update customers c set last_order = o.id from orders o where o.customer_id = c.id`);
  };
  const emails = async (key: string) => (await within<{ email: string }>(key, 'select email from customers join orders on orders.id = last_order and customer_id = customers.id order by 1')).map(({ email }) => email);
  const killed = async (operation: ChildTask['operation'], kill: Kill): Promise<Killed | undefined> => {
    const { host, port, bootstrapUser } = server;
    const { signal, code, output } = await applyInChild({ host, port, bootstrapUser, declaration, manifest, kill, ...(operation === undefined ? {} : { operation }) });
    if (signal !== 'SIGKILL') {
      expect({ operation, kill, signal, code, output: /^\d+ of \d+\n$/.test(output) ? '' : output }).toEqual({ operation, kill, signal: null, code: 0, output: '' });
      return undefined;
    }
    const at = JSON.parse(output) as Killed;
    await untilForgotten(admin, at);
    return at;
  };
  /** All of its rows, or nothing: it is not served. */
  const expectWhole = async (key: string, title: string, otherwise: readonly string[]): Promise<void> => {
    const seen = await emails(key).catch(async (error: Error) => (await refusalOf(Promise.reject(error))).codes[0]);
    if (Array.isArray(seen)) expect(seen, title).toEqual(ROWS);
    else expect(otherwise, title).toContain(seen);
  };

  beforeAll(async () => {
    server = await startTestServer();
    admin = await server.admin();
    await applyTo(server, loaded);
    await add('bolt-2', 'row');
  });

  it('moves a tenant as a whole or not at all, and the same command ends it', async () => {
    await add('acme', 'row');
    const left = new Set(MODES);
    let kills = 0;
    for (let message = 1; left.size > 0; message++) {
      for (const [n, from] of MODES.entries()) {
        const to = MODES[(n + 1) % MODES.length] as Isolation;
        const isOpen = left.has(from);
        const at = isOpen ? await killed({ key: 'acme', to }, { when, message }) : undefined;
        if (at === undefined) left.delete(from);
        else kills += 1;
        const title = `from ${from} to ${to}, killed ${when} message ${message}: ${at?.message.slice(0, 100)}`;
        await expectWhole('acme', title, ['client/moving-tenant']);
        if (at !== undefined && message % 3 === 0) await applyTo(server, loaded);
        const [{ isolation, running }] = await ask("select isolation, exists (select from tenantry.tenant_operations where state = 'running') as running from tenantry.tenants where key = 'acme'") as [{ isolation: Isolation; running: boolean }];
        expect(isolation === to || at !== undefined || !isOpen, title).toBe(true);
        if (isolation !== to || running) expect(await moveTenant(options(), 'acme', to), title).toMatchObject({ outcome: 'moved' });
        expect(await emails('acme'), title).toEqual(ROWS);
        expect(await ask(`select 1 from tenantry.tenant_operations where state = 'running' union all select 1 from tenantry.tenants where second_isolation is not null or key = 'acme' and isolation <> '${to}'
          union all select 1 from shop.customers where tenant_id = (select id from tenantry.tenants where key = 'acme') and '${to}' <> 'row' union all select 1 from pg_namespace where nspname = 'shop__acme' and '${to}' <> 'schema'
          union all select 1 from pg_database where datname = 'shop__acme' and '${to}' <> 'database'`), title).toEqual([]);
      }
      await expectNothingToDo(server, loaded);
    }
    console.log(`  ${kills} moves killed ${when} a message`);
    expect(kills).toBeGreaterThan(60);
    expect(await ask("select count(*)::int as moves, bool_and(state = 'done') as done from tenantry.tenant_operations where operation = 'move'")).toMatchObject([{ done: true }]);
  });

  it('off-boards a tenant for good, its archive is whole, and its certificate is true', async () => {
    const left = new Set(MODES);
    let kills = 0;
    for (let message = 1; left.size > 0; message++) {
      for (const isolation of left) {
        const key = `${isolation}-${message}`;
        const archive = join(folder, key);
        await add(key, isolation);
        const at = await killed({ key, archive }, { when, message });
        if (at === undefined) left.delete(isolation);
        else kills += 1;
        const title = `a ${isolation} tenant, killed ${when} message ${message}: ${at?.message.slice(0, 100)}`;
        await expectWhole(key, title, ['client/inactive-tenant', 'client/unknown-tenant']);
        const [{ state, opened }] = await ask(`select state, exists (select from tenantry.tenant_operations o where o.tenant_key = t.key and o.operation = 'offboard') as opened from tenantry.tenants t where key = '${key}'`) as [{ state: string; opened: boolean }];
        if (state === 'active') expect(existsSync(archive), title).toBe(false);
        expect(state === 'active' || opened, title).toBe(true);
        if (at !== undefined && message % 3 === 0) await applyTo(server, loaded);
        const { certificate, rows } = await offboardTenant({ ...options(), confirm: key, archive }, key);
        expect({ rows, found: certificate.searched.found, archived: certificate.archive?.tables.map(({ rows: n }) => n) }, title).toEqual({ rows: 4, found: [], archived: [2, 2] });
        expect(await ask(`select 1 from tenantry.tenant_operations where state = 'running' union all select 1 from pg_roles where rolname like 'shop%\\_\\_${isolation}\\_${message}%' union all select 1 from pg_database where datname = 'shop__${isolation}_${message}'
          union all select 1 from pg_namespace where nspname = 'shop__${isolation}_${message}' union all select 1 from shop.customers where tenant_id = '${certificate.tenantId}'`), title).toEqual([]);
      }
      expect(await emails('bolt-2')).toEqual(ROWS);
    }
    await expectNothingToDo(server, loaded);
    console.log(`  ${kills} off-boardings killed ${when} a message`);
    expect(kills).toBeGreaterThan(30);
  });
});
