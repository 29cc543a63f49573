import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { addTenant } from '../../lib/bootstrap';
import type { SchemaInput } from '../../lib/declaration';
import { freshFolder } from '../support/fresh-folder';
import { serverMajors, startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, expectNothingToDo, manifestOf } from './support/platform';
import { richStore } from './support/rich';

const PROGRAMS = '/usr/lib/postgresql/15/bin';
const isThere = existsSync(join(PROGRAMS, 'pg_dump')) && serverMajors.some(({ major, missing }) => major === 15 && missing === undefined);
const run = promisify(execFile);

/** Whatever a dump has to read or to print, of each kind that can be declared. */
const declaration = {
  name: 'desk', tenantContext: 'signed',
  domains: { address: { type: 'text', check: "value ~ '@'" } },
  extensions: { citext: {} },
  tables: {
    countries: { tenancy: 'reference', columns: { code: { type: 'char(2)' } }, primaryKey: ['code'], rows: [{ code: 'de' }] },
    notes: {
      tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, body: { type: 'text' }, mail: { type: 'address', nullable: true }, size: { type: 'integer', generated: 'length(body)' } }, primaryKey: ['id'],
      triggers: { log: { timing: 'after', events: ['insert'], function: 'log' } },
      policies: { short: { to: ['app'], using: 'size < 100' } },
    },
    logs: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, what: { type: 'text' } }, primaryKey: ['id'] },
    events: { tenancy: 'tenant', partitionBy: { range: 'at', every: 'month' }, columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, at: { type: 'timestamptz', default: 'now()' } }, primaryKey: ['id', 'at'] },
    flags: { tenancy: 'shared', columns: { name: { type: 'text' } }, primaryKey: ['name'] },
  },
  roles: { app: { login: 'iam', tables: { notes: 'write', logs: 'append', events: 'append', countries: 'read' } }, dump: { kind: 'backup', login: 'iam' } },
  functions: {
    log: { returns: 'trigger', body: 'begin insert into logs (what) values (tg_op); return null; end' },
    count_notes: { returns: 'bigint', volatility: 'stable', body: 'select count(*) from notes', execute: ['app'] },
    is_on: { tenancy: 'shared', arguments: [{ name: 'flag', type: 'text' }], returns: 'boolean', security: 'definer', reason: 'its callers see one flag and not the others', volatility: 'stable', body: 'select exists (select from flags where name = flag)', execute: ['app'] },
  },
  views: { long_notes: { query: 'select id, body from notes where size > 10', read: ['app'] } },
  sequences: { numbers: { start: 1000, use: ['app'] }, tickets: { tenancy: 'shared' } },
} as const satisfies SchemaInput;
const loaded = manifestOf(declaration, { tenants: { acme: { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database' } } });
const PLACES = { acme: ['desk', 'desk'], globex: ['desk', 'desk__globex'], initech: ['desk__initech', 'desk'], late: ['desk', 'desk__late'] } as const;

describe.skipIf(!isThere)(`pg_dump as the backup role, with everything that can be declared, PostgreSQL 15${isThere ? '' : ' (skipped: PostgreSQL 15 with its programs is not installed)'}`, () => {
  let server: TestServer;
  const folder = freshFolder('dump');
  const dump = async (database: string, as: readonly string[] = ['-U', 'desk_dump_login', '--role', 'desk_dump', '--enable-row-security']): Promise<string> =>
    (await run(join(PROGRAMS, 'pg_dump'), ['-h', server.host, '-p', String(server.port), ...as, '--exclude-table', 'tenantry.context_keys', database], { maxBuffer: 64 * 2 ** 20 })).stdout;

  beforeAll(async () => {
    server = await startTestServer({ major: 15 });
    await applyTo(server, loaded, { passwords: richStore });
    await addTenant({ access: accessTo(server), loaded, passwords: richStore }, { key: 'late', isolation: 'schema' });
    for (const [key, [database, schema]] of Object.entries(PLACES)) {
      const home = await server.runAsSuperuser(`select id from tenantry.tenants where key = '${key}'`, database);
      await server.runAsSuperuser(`alter table ${schema}.notes disable trigger log; insert into ${schema}.notes (tenant_id, body, mail) values ('${String(home[0]?.['id'])}', 'note of ${key}', 'a@b'); insert into ${schema}.events (tenant_id) values ('${String(home[0]?.['id'])}'); alter table ${schema}.notes enable trigger log; select nextval('${schema}.numbers')`, database);
    }
    await server.runAsSuperuser("insert into desk.flags values ('beta')", 'desk');
    await expectNothingToDo(server, loaded);
  });

  it('holds what the superuser would dump, of each place', async () => {
    for (const database of ['desk', 'desk__initech']) {
      const lines = (text: string): string[] => text.split('\n').filter((line) => !/^(\\(un)?restrict|SET row_security =) /.test(line));
      expect(lines(await dump(database)), database).toEqual(lines(await dump(database, ['-U', server.superuser])));
    }
  });

  it('is restored with all rows, functions and policies', async () => {
    for (const [database, keys] of [['desk', ['acme', 'globex', 'late']], ['desk__initech', ['initech']]] as const) {
      const file = join(folder, `${database}.sql`);
      writeFileSync(file, await dump(database));
      await server.runAsSuperuser(`create database restored_${database}`);
      const { stderr } = await run(join(PROGRAMS, 'psql'), ['-h', server.host, '-p', String(server.port), '-U', server.superuser, '-v', 'ON_ERROR_STOP=1', '-q', '-o', '/dev/null', '-f', file, `restored_${database}`]);
      expect(stderr).toBe('');
      for (const key of keys) {
        const schema = PLACES[key][1];
        expect(await server.runAsSuperuser(`select body, size, (select last_value::int from ${schema}.numbers) as number, (select count(*)::int from ${schema}.events e where e.tenant_id = n.tenant_id) as events from ${schema}.notes n`, `restored_${database}`), key)
          .toEqual([{ body: `note of ${key}`, size: `note of ${key}`.length, number: 1000, events: 1 }]);
      }
    }
  });
});
