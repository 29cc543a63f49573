import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { addTenant, grantAccess, moveTenant, offboardTenant, verify } from '../../lib/bootstrap';
import type { SchemaInput } from '../../lib/declaration';
import { freshFolder } from '../support/fresh-folder';
import { startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, expectNothingToDo, forgetful, lineOf, manifestOf, planOf, refusalOf, sqlstateOf } from './support/platform';

const text = { type: 'text' } as const;
const id = { type: 'uuid', default: 'gen_random_uuid()' } as const;
const notes = { tenancy: 'tenant', columns: { id, body: text }, primaryKey: ['id'] } as const;
const desk = {
  name: 'desk', tables: { notes }, roles: { app: { tables: { notes: 'write' } }, breakglass: { kind: 'support', tables: { notes: 'write' } } },
} as const satisfies SchemaInput;
/** Every change of a note is written down by a trigger. */
const logged = {
  name: 'logged',
  tables: {
    notes: { ...notes, triggers: { log: { timing: 'after', events: ['insert', 'update', 'delete'], function: 'log' } } },
    logs: { tenancy: 'tenant', columns: { id, what: text }, primaryKey: ['id'] },
  },
  roles: { app: { tables: { notes: 'write', logs: 'append' } } },
  functions: { log: { returns: 'trigger', body: 'begin insert into logs (what) values (tg_op); return null; end' } },
} as const satisfies SchemaInput;
const tenants = { acme: { isolation: 'row' }, bolt: { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database' } } as const;

const withFlag = (declaration: SchemaInput, backfill: string): SchemaInput => ({ ...declaration, tables: { ...declaration.tables, notes: { ...declaration.tables['notes'], columns: { ...notes.columns, flag: { type: 'boolean', backfill } } } } } as SchemaInput);

/** Features that know nothing of each other, used together. */
describe('features together', () => {
  let server: TestServer;
  const loaded = manifestOf(desk, { tenants });
  const withLog = manifestOf(logged, { tenants });
  const options = (of = loaded) => ({ access: accessTo(server), loaded: of, passwords: forgetful });
  const ask = async (sql: string, database = 'desk', user = 'postgres'): Promise<Record<string, unknown>[]> => {
    const client = await server.connect({ user, database });
    return client.query(sql).then(({ rows }) => rows as Record<string, unknown>[]).finally(() => client.end());
  };
  const write = (tenant: string, schema: string, body: string, database = schema.split('__')[0]) =>
    ask(`do $$ begin perform set_config('tenantry.tenant_id', (select id::text from tenantry.tenants where key = '${tenant}'), true); insert into ${schema}.notes (body) values ('${body}'); end $$`, database);

  beforeAll(async () => {
    server = await startTestServer();
    await applyTo(server, loaded);
    await applyTo(server, withLog);
    await ask('create role bob login noinherit');
    await grantAccess(options(), { member: 'bob', role: 'breakglass', for: '1h', reason: 'ticket 7' });
  }, 60_000);

  it.each([['acme', 'schema', 'desk'], ['globex', 'row', 'desk__globex']] as const)('lets break-glass access to %s end before its place is moved, and nobody in meanwhile', async (tenant, to, schema) => {
    const bob = await server.connect({ user: 'bob', database: 'desk' });
    await bob.query(`begin; set local role desk_breakglass; call tenantry.enter_support('${tenant}', 'mend'); insert into ${schema}.notes (body) values ('by bob')`);
    expect((await refusalOf(moveTenant({ ...options(), drainWait: 200 }, tenant, to))).codes).toEqual(['tenant/in-use']);
    await bob.query('commit');
    await ask(`update tenantry.tenants set state = 'moving' where key = '${tenant}'`);
    expect(await sqlstateOf(bob.query(`begin; set local role desk_breakglass; call tenantry.enter_support('${tenant}', 'mend')`))).toBe('TN002');
    await bob.end();
    await ask(`update tenantry.tenants set state = 'active' where key = '${tenant}'`);
    expect((await moveTenant(options(), tenant, to)).rows).toBe(1);
  });

  it('keeps what the log says of entered tenants when their database goes', async () => {
    const entered = async (tenant: string, database: string) => ask(`begin; set local role desk_breakglass; call tenantry.enter_support('${tenant}', 'entered ${tenant}'); commit`, database, 'bob');
    await addTenant(options(), { key: 'hooli', isolation: 'database' });
    await entered('initech', 'desk__initech');
    await entered('hooli', 'desk__hooli');
    await moveTenant(options(), 'initech', 'schema');
    await offboardTenant({ ...options(), confirm: 'hooli', archive: false }, 'hooli');
    expect(await ask("select member, role, tenant_key, reason from tenantry.access_log where reason like 'entered%' order by 4")).toEqual(
      ['hooli', 'initech'].map((tenant) => ({ member: 'bob', role: 'desk_breakglass', tenant_key: tenant, reason: `entered ${tenant}` })));
  });

  it('off-boards a tenant whose triggers write rows while others are deleted', async () => {
    await addTenant(options(withLog), { key: 'gone', isolation: 'row' });
    await write('gone', 'logged', 'x');
    const { rows, certificate } = await offboardTenant({ ...options(withLog), confirm: 'gone', archive: join(freshFolder('combined'), 'gone') }, 'gone');
    expect({ rows, found: certificate.searched.found }).toEqual({ rows: 2, found: [] });
  });

  it('fills a new column in the context of each tenant, so that what triggers write is the same tenant’s', async () => {
    for (const [tenant, schema, database] of [['acme', 'logged', 'logged'], ['bolt', 'logged', 'logged'], ['globex', 'logged__globex', 'logged'], ['initech', 'logged', 'logged__initech']] as const) await write(tenant, schema, 'x', database);
    const more = manifestOf(withFlag(logged, 'true'), { tenants });
    await applyTo(server, more);
    await expectNothingToDo(server, more);
    for (const [schema, database, keys] of [['logged', 'logged', ['acme', 'bolt']], ['logged__globex', 'logged', ['globex']], ['logged', 'logged__initech', ['initech']]] as const) {
      expect(await ask(`select t.key, array_agg(l.what order by l.what) as what from ${schema}.logs l join tenantry.tenants t on t.id = l.tenant_id group by 1 order by 1`, database)).toEqual(keys.map((key) => ({ key, what: ['INSERT', 'UPDATE'] })));
    }
  });

  it('refuses a backfill that is more than one expression, and would change other columns', async () => {
    const smuggled = "true), tenant_id = ('00000000-0000-0000-0000-000000000000'";
    expect((await refusalOf(planOf(server, manifestOf(withFlag(desk, smuggled), { tenants })))).message).toContain('tables.notes.columns.flag.backfill');
  });

  it('tells a new kind of tenant context from what was changed by hand', async () => {
    const signed = manifestOf({ ...desk, tenantContext: 'signed' }, { tenants });
    const { differences } = await planOf(server, signed);
    expect(differences.flatMap((difference) => (difference.type === 'change' && difference.kind === 'context key' ? [`${difference.origin}: ${difference.summary}`] : []))).toContain('pending: make a new key that contexts are signed with');
  });

  it('knows the tenant of what a view shows by what no other one has, also where examples are the same for both', async () => {
    const somebody = "'7b9e3c4a-0d52-4c1e-9a68-3f1d5e7c2b90'";
    const viewed = manifestOf({
      name: 'viewed',
      tables: {
        notes: { ...notes, columns: { ...notes.columns, person: { type: 'uuid', example: somebody } } },
        readers: { tenancy: 'tenant', columns: { person: { type: 'uuid', example: somebody } }, primaryKey: ['person'] },
      },
      roles: { app: { tables: { notes: 'read', readers: 'read' } } }, views: { mine: { query: 'select id, person from notes', read: ['app'] } },
    }, { tenants: { acme: { isolation: 'row' } } });
    await applyTo(server, viewed);
    const { results } = await verify(options(viewed));
    expect(results.filter(({ attack }) => attack === 'declared-view').map(({ verdict }) => verdict)).toEqual(['denied']);
    await ask("alter view viewed.mine reset (security_invoker); alter view viewed.mine owner to postgres", 'viewed');
    expect((await verify(options(viewed))).results.filter(({ attack }) => attack === 'declared-view').map(({ verdict }) => verdict)).toEqual(['breached']);
  });

  it('goes back to a declaration without any of it: nothing of that is drift, and what is left behind keeps its floor', async () => {
    const two = { acme: { isolation: 'row' }, globex: { isolation: 'schema' } } as const;
    const more = manifestOf({ ...logged, name: 'less', tenantContext: 'signed', roles: { ...logged.roles, helpdesk: { kind: 'support', tables: { notes: 'read' } } }, supportAccess: [{ member: 'bob', role: 'helpdesk', until: new Date(Date.now() + 3_600_000).toISOString(), reason: 'ticket 7' }] }, { tenants: two });
    const less = manifestOf({ ...desk, name: 'less', roles: { app: { tables: { notes: 'write' } } } }, { tenants: two });
    await applyTo(server, more);
    const { differences } = await planOf(server, less);
    expect(differences.filter((difference) => difference.type !== 'finding' && difference.origin === 'drift').map(lineOf)).toEqual([]);
    await applyTo(server, less);
    const left = (await planOf(server, less)).differences;
    expect(left.filter(({ type }) => type !== 'finding').map(lineOf)).toEqual([]);
    expect(left.map(lineOf)).toContain('finding function/left-behind less.tenantry: function current_tenant() stays, although the tenant context is another one now: policies of tables that nobody declares ask it (less.logs, less__globex.logs)');
  });
});
