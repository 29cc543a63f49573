import type { Client } from 'pg';
import { beforeAll, expect, it } from 'vitest';
import { addTenant, grantAccess, listAccess, revokeAccess, verify } from '../../lib/bootstrap';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { deskInput, deskPlaces, deskTenants } from './support/desk';
import { accessTo, applyTo, expectNothingToDo, forgetful, linesOf, manifestOf, planOf, refusalOf, sqlstateOf } from './support/platform';

const NO_ACCESS = 'TN021';
const loaded = manifestOf(deskInput, { tenants: deskTenants });

/** One story, told in order: each step stands on the one before. */
describeNewest('access of people to the rows of tenants', (major) => {
  let server: TestServer;
  const options = () => ({ access: accessTo(server), loaded });

  beforeAll(async () => {
    server = await startTestServer({ major, settings: { log_destination: 'stderr', logging_collector: 'on', log_directory: 'log', log_filename: 'server.log' } });
    await applyTo(server, loaded);
    for (const [tenant, [database, schema]] of Object.entries(deskPlaces)) {
      await ask(`insert into ${schema}.notes (tenant_id, body) select id, 'note of ${tenant}' from tenantry.tenants where key = '${tenant}'`, database);
    }
    await ask('create role anna login; create role bob login noinherit; create role carol nologin');
  });

  const ask = (sql: string, database = 'desk') => server.runAsSuperuser(sql, database);
  const as = async <T>(user: string, database: string, use: (client: Client) => Promise<T>): Promise<T> => {
    const client = await server.connect({ user, database });
    return use(client).finally(() => client.end());
  };
  const notes = async (client: Client, schema: string): Promise<string[]> => (await client.query(`select body from ${schema}.notes order by 1`)).rows.map(({ body }) => body as string);
  /** In a transaction that is rolled back. */
  const within = async <T>(client: Client, role: string, use: () => Promise<T>): Promise<T> => {
    await client.query(`begin; set local role ${role}`);
    return use().finally(() => client.query('rollback'));
  };
  const enter = (client: Client, tenant: string, reason = 'ticket 7') => client.query('call tenantry.enter_support($1, $2)', [tenant, reason]);

  it('is refused for what nobody declared, for a login that is none, and for too long', async () => {
    const asking = { member: 'anna', role: 'helpdesk', for: '2h', reason: 'ticket 7' };
    const refused = async (wanted: Partial<typeof asking>) => (await refusalOf(grantAccess(options(), { ...asking, ...wanted }))).codes;
    expect(await refused({ role: 'app' })).toEqual(['access/role']);
    expect(await refused({ member: 'nobody' })).toEqual(['access/no-login']);
    expect(await refused({ member: 'carol' })).toEqual(['access/no-login']);
    expect(await refused({ member: 'desk_app_login' })).toEqual(['access/no-login']);
    expect(await refused({ member: 'postgres' })).toEqual(['access/no-login']);
    expect(await refused({ for: '9h' })).toEqual(['access/too-long']);
    expect(await refused({ role: 'breakglass', for: '61min' })).toEqual(['access/too-long']);
    expect(await refused({ for: 'a while' })).toEqual(['access/time']);
    for (const reason of [' ', 'x'.repeat(1_001), 'ticket 7\n2026-01-01 LOG:  nothing happened', 'ticket \u001b[2J', 'ticket \u202e7']) expect(await refused({ reason })).toEqual(['access/reason']);
    expect((await refusalOf(grantAccess(options(), { ...asking, reason: 'x'.repeat(10_000_000) }))).message.length, 'it does not repeat it').toBeLessThan(500);
    expect((await refusalOf(revokeAccess(options(), 'anna'))).message).toBe('access/none  at anna\n\n  "anna" has no open access.\n\n  tenantry access list shows who has.');
    await expect(server.connect({ user: 'anna', database: 'desk' })).rejects.toMatchObject({ code: '42501' });
  });

  it('is granted without a deployment: nothing is left to apply, and every place is isolated', async () => {
    const { grants: [grant] } = await grantAccess(options(), { member: 'anna', role: 'helpdesk', for: '2h', reason: "ticket 7, 'urgent'" });
    expect(Math.abs((grant?.until.getTime() ?? 0) - Date.now() - 7_200_000)).toBeLessThan(60_000);
    await expectNothingToDo(server, loaded);
    expect(await listAccess(options(), false)).toMatchObject([{ member: 'anna', role: 'helpdesk', state: 'open', reason: "ticket 7, 'urgent'", declared: false, revokedAt: null }]);
    const { outcome, results } = await verify(options());
    expect({ outcome, not: results.filter(({ verdict }) => verdict === 'unknown' || verdict === 'breached') }).toEqual({ outcome: 'isolated', not: [] });
    expect(await ask('select from tenantry.access_log'), 'a verification leaves no trace').toEqual([]);
  });

  it.each(Object.entries(deskPlaces))('shows the rows of %s alone, in the transaction that has entered it, and writes that down', async (tenant, [database, schema]) => {
    await as('anna', database, async (client) => {
      // Before version 16 a login that inherits has the privileges, and sees no row.
      const itself = await client.query(`select from ${schema}.notes`).then(({ rowCount }) => rowCount, (error: { code: string }) => error.code);
      expect(itself).toBe(major < 16 ? 0 : '42501');
      await within(client, 'desk_helpdesk', async () => {
        expect(await notes(client, schema)).toEqual([]);
        await client.query(`select set_config('tenantry.tenant_id', $1, true)`, [(await ask(`select id from tenantry.tenants where key = '${tenant}'`))[0]?.['id']]);
        expect(await notes(client, schema), 'a setting opens nothing').toEqual([]);
        await enter(client, tenant);
        expect(await notes(client, schema)).toEqual([`note of ${tenant}`]);
        if (database === 'desk') {
          expect(await notes(client, tenant === 'acme' ? 'desk__globex' : 'desk'), "another tenant's place").toEqual([]);
        }
        await client.query('savepoint s');
        expect(await sqlstateOf(client.query(`update ${schema}.notes set body = ''`)), 'it reads').toBe('42501');
      });
      await client.query(`begin; set local role desk_helpdesk; call tenantry.enter_support('${tenant}', 'to be kept'); commit`);
      await within(client, 'desk_helpdesk', async () => expect(await notes(client, schema), 'the next transaction').toEqual([]));
    });
    expect(await ask("select member, role, tenant_key, reason from tenantry.access_log where reason = 'to be kept'", database)).toEqual(expect.arrayContaining([{ member: 'anna', role: 'desk_helpdesk', tenant_key: tenant, reason: 'to be kept' }]));
  });

  it('is refused without a grant, a reason or a tenant, and at an isolation level that would not notice its end', async () => {
    await as('anna', 'desk', async (client) => {
      const refused = (tenant: string, reason: string) => within(client, 'desk_helpdesk', () => sqlstateOf(enter(client, tenant, reason)));
      expect(await refused('acme', ' ')).toBe(NO_ACCESS);
      for (const reason of ['x'.repeat(1_001), 'x'.repeat(10_000_000), 'ä'.repeat(1_001), 'one\ntwo', 'one\u0085two', 'one\u2028two', '\u001b[2J', 'one \u202etwo']) expect([reason.slice(0, 9), await refused('acme', reason)]).toEqual([reason.slice(0, 9), 'TN023']);
      expect(await within(client, 'desk_helpdesk', () => enter(client, 'acme', 'ä'.repeat(1_000)).then(({ command }) => command)), 'as long as may be').toBe('CALL');
      expect(await client.query('call tenantry.enter_support($1, $2)', ['x'.repeat(10_000_000), 'x']).then(() => 'accepted', ({ message }: Error) => message.length), 'a message does not repeat what is given').toBeLessThan(200);
      expect(await refused('hooli', 'x')).toBe('TN001');
      expect(await refused('initech', 'x'), 'its rows are in another database').toBe('TN001');
      expect(await sqlstateOf(client.query("begin isolation level repeatable read; set local role desk_helpdesk; call tenantry.enter_support('acme', 'x')"))).toBe('TN022');
      await client.query('rollback');
      expect(await sqlstateOf(client.query('set role desk_breakglass')), 'a role that was not granted').toBe('42501');
      for (const sql of ["insert into tenantry.access_log (grant_id, member, role, tenant_id, tenant_key, reason) select gen_random_uuid(), 'anna', 'desk_helpdesk', gen_random_uuid(), 'acme', 'x'", 'update tenantry.access_log set reason = null', 'delete from tenantry.access_log', 'truncate tenantry.access_log', 'drop owned by desk_helpdesk', "update tenantry.access_grants set valid_until = 'infinity'"]) {
        expect([sql, await within(client, 'desk_helpdesk', () => sqlstateOf(client.query(sql)))]).toEqual([sql, '42501']);
      }
    });
    await ask('grant desk_helpdesk to bob; grant connect on database desk to bob');
    await as('bob', 'desk', async (client) => {
      expect(await within(client, 'desk_helpdesk', () => sqlstateOf(enter(client, 'acme'))), 'a member by hand, without a grant').toBe(NO_ACCESS);
    });
    await ask('revoke desk_helpdesk from bob; revoke connect on database desk from bob');
  });

  it("leaves what was tried and what was rolled back in the server's log", async () => {
    const lines = await ask("select distinct regexp_replace(line, '^.* LOG: |[0-9a-f-]{36}|\\d{3,}', '', 'g') as line from regexp_split_to_table(pg_read_file('log/server.log'), '\\n') line where line ~ $$LOG: +tenantry: '(anna|bob)'.*'acme'$$ order by 1");
    expect(lines.map(({ line }) => String(line).trim())).toEqual(expect.arrayContaining([
      `tenantry: 'anna' entered tenant 'acme' as 'desk_helpdesk', grant , transaction , reason "ticket 7"`, "tenantry: 'bob' was refused to enter tenant 'acme' as 'desk_helpdesk', because there is no open grant",
    ]));
  });

  it('writes only the rows of the tenant that a role which may write has entered', async () => {
    await grantAccess(options(), { member: 'anna', role: 'breakglass', for: '30min', reason: 'incident' });
    await as('anna', 'desk', (client) => within(client, 'desk_breakglass', async () => {
      expect((await client.query("update desk.notes set body = 'x'")).rowCount).toBe(0);
      await enter(client, 'acme', 'incident');
      expect((await client.query("update desk.notes set body = 'x'")).rowCount).toBe(1);
      await client.query("insert into desk.notes (body) values ('y')");
      expect(await notes(client, 'desk')).toEqual(['x', 'y']);
      await client.query('savepoint s');
      expect(await sqlstateOf(client.query("insert into desk.notes (tenant_id, body) values (gen_random_uuid(), 'z')"))).toBe('42501');
      await client.query('rollback to savepoint s; set local role desk_helpdesk');
      expect(await notes(client, 'desk'), 'the entry is for one role').toEqual([]);
    }));
  });

  it('opens the place of the tenant that was entered, and no other: what would be written there nobody would find', async () => {
    await as('anna', 'desk', async (client) => {
      for (const [entered, own, elsewhere] of [['globex', 'desk__globex', 'desk'], ['acme', 'desk', 'desk__globex']] as const) {
        const [tenant] = await ask(`select id from tenantry.tenants where key = '${entered}'`);
        const writing = (schema: string, sql: (table: string) => string) => within(client, 'desk_breakglass', async () => {
          await enter(client, entered);
          return sqlstateOf(client.query(sql(`${schema}.notes`)));
        });
        for (const sql of [
          (table: string) => `insert into ${table} (tenant_id, body) values ('${tenant?.['id']}', 'x') returning *`, (table: string) => `insert into ${table} (body) values ('x')`,
          (table: string) => `merge into ${table} n using (values ('${tenant?.['id']}'::uuid)) v (t) on false when not matched then insert (tenant_id, body) values (v.t, 'x')`,
        ]) expect([sql(''), await writing(elsewhere, sql), await writing(own, sql)]).toEqual([sql(''), '42501', 'accepted']);
        for (const sql of ["update %.notes set body = 'x' returning *", 'delete from %.notes returning *', 'select * from %.notes for update']) {
          expect([sql, await within(client, 'desk_breakglass', () => enter(client, entered).then(() => client.query(sql.replace('%', elsewhere))).then(({ rowCount }) => rowCount))]).toEqual([sql, 0]);
        }
        expect(await writing(elsewhere, (table) => `copy ${table} (body) from stdin`), 'PostgreSQL has no COPY FROM under policies').toBe('0A000');
      }
    });
  });

  it('is mended by an apply where an older version made the policies, and the function that they asked goes', async () => {
    await ask(`create function tenantry.support_tenant() returns uuid language sql stable security definer set search_path = pg_catalog, pg_temp as 'select null::uuid'; alter function tenantry.support_tenant() owner to desk_owner;
      revoke execute on function tenantry.support_tenant() from public; grant execute on function tenantry.support_tenant() to desk_breakglass;
      alter policy tenantry_support on desk.notes using (tenant_id = (select tenantry.support_tenant())) with check (tenant_id = (select tenantry.support_tenant()))`);
    expect(linesOf((await planOf(server, loaded)).differences)).toEqual(['desk.desk: alter policy tenantry_support on notes', 'desk.tenantry: drop function support_tenant']);
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it('holds in the database of a tenant that signs up later', async () => {
    await addTenant({ ...options(), passwords: forgetful }, { key: 'hooli', isolation: 'database' });
    await expectNothingToDo(server, loaded);
    await as('anna', 'desk__hooli', (client) => within(client, 'desk_helpdesk', async () => {
      await enter(client, 'hooli');
      expect(await notes(client, 'desk')).toEqual([]);
    }));
  });

  it('ends by itself at its time, within an open transaction too; the next apply takes the membership back, and says why', async () => {
    await as('anna', 'desk', (client) => within(client, 'desk_helpdesk', async () => {
      await enter(client, 'acme');
      expect(await notes(client, 'desk')).toEqual(['note of acme']);
      for (const database of ['desk', 'desk__initech', 'desk__hooli']) await ask("update tenantry.access_grants set valid_until = clock_timestamp() where role = 'desk_helpdesk'", database);
      expect(await notes(client, 'desk')).toEqual([]);
      expect(await sqlstateOf(enter(client, 'acme'))).toBe(NO_ACCESS);
    }));
    const { differences, drifted } = await planOf(server, loaded);
    expect(linesOf(differences)).toEqual(['server: anna is no longer a member of desk_helpdesk']);
    expect(differences.flatMap((difference) => (difference.type === 'change' ? [difference.reason.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, 'TIME')] : []))).toEqual(['the access ended on TIME UTC']);
    expect(drifted, 'nobody changed anything by hand').toBe(false);
    await applyTo(server, loaded);
    await expectNothingToDo(server, loaded);
  });

  it('is revoked at once: membership, connection and rows', async () => {
    await revokeAccess(options(), 'anna');
    await expectNothingToDo(server, loaded);
    await expect(server.connect({ user: 'anna', database: 'desk' })).rejects.toMatchObject({ code: '42501' });
    expect(await listAccess(options(), false)).toEqual([]);
    expect((await listAccess(options(), true)).map(({ role, state }) => [role, state]).sort((a, b) => String(a).localeCompare(String(b)))).toEqual([['breakglass', 'revoked'], ['helpdesk', 'ended']]);
    expect(await ask('select from pg_auth_members where member = \'anna\'::regrole')).toEqual([]);
  });

  it('is declared in code, converges, and stays revoked where somebody revoked it', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const declared = (entries: readonly { member: string; role: 'helpdesk'; until: string; reason: string }[]) => manifestOf({ ...deskInput, supportAccess: entries }, { tenants: deskTenants });
    const bobs = { member: 'bob', role: 'helpdesk', until, reason: 'audit' } as const;
    const wanting = declared([bobs, { ...bobs, member: 'nobody' }, { ...bobs, until: new Date(Date.now() + 86_400_000).toISOString() }, { ...bobs, until: '2020-01-01T00:00:00Z' }]);
    const refused = ['refused access/no-login', 'refused access/too-long'];
    const lines = linesOf((await planOf(server, wanting)).differences);
    expect(lines.filter((line) => !line.startsWith('refused'))).toEqual([
      'server: make bob a member of desk_helpdesk', ...['desk', 'desk__hooli', 'desk__initech'].map((database) => `server: bob may CONNECT on database ${database}`),
      ...['desk', 'desk__hooli', 'desk__initech'].map((database) => `${database}.tenantry: bob has access as desk_helpdesk until ${until}`),
    ]);
    expect(lines.filter((line) => line.startsWith('refused')).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(refused);
    await applyTo(server, declared([bobs]));
    await expectNothingToDo(server, declared([bobs]));
    await as('bob', 'desk__initech', (client) => within(client, 'desk_helpdesk', async () => {
      await enter(client, 'initech');
      expect(await notes(client, 'desk')).toEqual(['note of initech']);
    }));
    await ask("update tenantry.access_grants set valid_until = 'infinity', reason = 'forged' where member = 'bob'", 'desk__initech');
    expect(linesOf((await planOf(server, declared([bobs]))).differences)).toEqual([`desk__initech.tenantry: bob has access as desk_helpdesk until ${until}`]);
    await applyTo(server, declared([bobs]));
    await revokeAccess({ ...options(), loaded: declared([bobs]) }, 'bob');
    await expectNothingToDo(server, declared([bobs]));
    const again = declared([{ ...bobs, reason: 'audit, again' }]);
    await applyTo(server, again);
    await applyTo(server, declared([]));
    await expectNothingToDo(server, declared([]));
    expect(await ask("select from pg_auth_members where member = 'bob'::regrole")).toEqual([]);
  });
});
