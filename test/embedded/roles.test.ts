import { beforeAll, expect, it } from 'vitest';
import { describeServers, startTestServer, type TestServer } from '../support/postgres';

describeServers('a fresh server', (major) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ major });
  });

  it('is of the version that was asked for', async () => {
    const client = await server.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    expect(rows[0]?.server_version.split(' ')[0]).toBe(server.version);
    expect(server.version.startsWith(`${major}.`)).toBe(true);
  });

  it('has a bootstrap login with the rights of a master user on RDS and no more', async () => {
    const client = await server.connect();
    const { rows } = await client.query(
      `SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication, rolcanlogin,
              (SELECT count(*)::int FROM pg_auth_members WHERE member = r.oid) AS memberships
       FROM pg_roles r WHERE rolname = current_user`,
    );
    expect(rows).toEqual([
      { rolsuper: false, rolcreatedb: true, rolcreaterole: true, rolbypassrls: false, rolreplication: false, rolcanlogin: true, memberships: 0 },
    ]);
  });

  it('has no other roles than the two', async () => {
    const client = await server.admin();
    const { rows } = await client.query(`SELECT rolname FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%' ORDER BY 1`);
    expect(rows).toEqual([{ rolname: 'postgres' }, { rolname: 'tenantry_bootstrap' }]);
  });

  it('checks its pages, speaks UTF-8 and sorts by code point', async () => {
    const client = await server.connect();
    const { rows } = await client.query(
      `SELECT current_setting('data_checksums') AS checksums, pg_encoding_to_char(encoding) AS encoding, 'Z' < 'a' AS "byCodePoint"
       FROM pg_database WHERE datname = current_database()`,
    );
    expect(rows).toEqual([{ checksums: 'on', encoding: 'UTF8', byCodePoint: true }]);
  });

  it('gives a database to the bootstrap login', async () => {
    const database = await server.createDatabase();
    const client = await server.connect({ database });
    const { rows } = await client.query('SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = current_database()');
    expect(rows).toEqual([{ owner: server.bootstrapUser }]);
  });

  it('has an address that pg understands', async () => {
    const { Client } = await import('pg');
    const client = new Client({ connectionString: server.url({ user: server.superuser }) });
    await client.connect();
    const { rows } = await client.query('SELECT current_user AS name');
    await client.end();
    expect(rows).toEqual([{ name: 'postgres' }]);
  });
});
