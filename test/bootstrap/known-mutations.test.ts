import { beforeAll, expect, it } from 'vitest';
import { DATABASE_KINDS } from '../../lib/bootstrap/kinds/registry';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { mutations } from './mutations/mutations';
import { casesOf } from './support/mutations';
import { aboutContent, applyTo, lineOf, manifestOf, planOf } from './support/platform';
import { readPlacesOf } from './support/read-places';
import { richInput, richStore } from './support/rich';

const inPlaces = new Set(DATABASE_KINDS.filter(({ level }) => level !== 'database').map(({ name }) => name));
/** What lies outside of the schema changes what all of them are printed by, so that all would be read. */
const elsewhere = /\b(public|others|tenantry|pg_catalog)\.|(create|drop|alter) (role|schema|extension|publication)|shop__(?!globex\.)/;

/** Changes by hand of the home schema and of a tenant's, each made in the schema of a tenant of its own. */
const cases = casesOf(mutations, 18).filter(({ kind, by, in: database = 'shop' }) => inPlaces.has(kind) && database === 'shop' && /\bshop(__globex)?\./.test(by) && !elsewhere.test(by))
  .map((mutation, i) => ({ ...mutation, tenant: `m${i}`, by: mutation.by.replaceAll(/\bshop(__globex)?\./g, `shop__m${i}.`) }));

describeNewest('schemas that are known', (major) => {
  let server: TestServer;
  const loaded = manifestOf(richInput, { tenants: Object.fromEntries(['globex', 'untouched', ...cases.map(({ tenant }) => tenant)].map((key) => [key, { isolation: 'schema' }])) });
  const options = { passwords: richStore };

  beforeAll(async () => {
    server = await startTestServer({ major, settings: { wal_level: 'logical', max_locks_per_transaction: '512' } });
    await server.runAsSuperuser('create role stranger; create role "odd ""name" login; create role anna login noinherit');
    await applyTo(server, loaded, options);
  }, 180_000);

  it('each change by hand is found in a schema that is known, as it is where everything is read', async () => {
    expect(await readPlacesOf(() => planOf(server, loaded, options))).toEqual({ whole: [], partly: [] });
    const made: typeof cases = [];
    const admin = await server.admin('shop');
    for (const mutation of cases) {
      // What a tenant's schema does not have cannot be changed there.
      await admin.query(mutation.by).then(() => made.push(mutation), () => admin.query('rollback'));
    }
    await admin.end();
    const says = async (fullRead: boolean): Promise<string[]> => aboutContent((await planOf(server, loaded, { ...options, fullRead })).differences).map((difference) => `${'origin' in difference ? difference.origin ?? '' : ''} ${lineOf(difference)}`).sort();
    let found: string[] = [];
    const read = await readPlacesOf(async () => (found = await says(false)));
    expect(read.whole).toEqual(made.map(({ tenant }) => `shop__${tenant}`).sort());
    expect(found).toEqual(await says(true));
    // A few say nothing there: a privilege that a tenant's schema does not give cannot be taken.
    const told = made.filter(({ tenant }) => found.some((line) => line.includes(`shop.shop__${tenant}: `)));
    expect(told.length).toBeGreaterThan(100);
    expect(made.length - told.length).toBeLessThan(6);
  }, 180_000);
});
