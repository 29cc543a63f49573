import { beforeAll, expect, it } from 'vitest';
import type { SchemaInput } from '../../lib/declaration';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { applyTo, expectNothingToDo, manifestOf, sqlstateOf } from './support/platform';

/** Sorted for readers, `app_b` comes in front of `app1`; by bytes, behind it. */
const declaration = {
  name: 'shop',
  tables: { orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } },
  roles: { app1: { tables: { orders: 'read' } }, app_b: { tables: { orders: 'read' } }, appc: { tables: { orders: 'read' } } },
} as const satisfies SchemaInput;

describeNewest('a server that sorts like English readers, as RDS does', (major) => {
  let server: TestServer;
  let missing = false;

  beforeAll(async () => {
    server = await startTestServer({ major });
    const admin = await server.admin();
    missing = (await sqlstateOf(admin.query(`create database english template template0 locale_provider icu icu_locale 'en-US'`))) !== 'accepted';
    if (missing) return;
    await admin.query('alter database template0 with is_template false; alter database template0 rename to before; alter database english rename to template0; update pg_database set datistemplate = true, datallowconn = false where datname = \'template0\'');
  });

  it('leaves nothing to do either', async ({ skip }) => {
    skip(missing, 'this PostgreSQL was built without ICU');
    const loaded = manifestOf(declaration, { tenants: { acme: { isolation: 'row' }, 'a-b': { isolation: 'schema' } } });
    await applyTo(server, loaded);
    const admin = await server.admin('shop');
    expect((await admin.query(`select 'app_b' < 'app1' as english`)).rows).toEqual([{ english: true }]);
    await expectNothingToDo(server, loaded);
  });
});
