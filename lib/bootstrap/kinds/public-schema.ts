import type { Difference } from '../plan/difference';
import { parseAcl, privilegeList } from './acl';
import { change, kind } from './kind';

const WANTS: ReadonlyMap<string, true> = new Map([['public', true]]);

/** PUBLIC has no privilege in the schema `public` of a database of ours: nobody can put an object there that others run into. */
export const publicSchema = kind<'database', true, string | null>({
  name: 'public schema',
  level: 'database',
  query: { text: `select current_database() as database, nspacl::text as acl from pg_catalog.pg_namespace where nspname = 'public'`, values: () => [] },
  read: ({ database, acl }) => ({ container: database, key: 'public', have: acl }),
  wants: () => WANTS,
  compare(database, _key, _want, have): Difference[] {
    // A new database comes from template0, where PUBLIC has USAGE.
    const held = have === undefined ? 'U' : parseAcl(have ?? '{}').filter((grant) => grant.grantee === '').map((grant) => grant.privileges).join('');
    if (held === '') return [];
    return [change({
      kind: 'public schema', target: database.name, action: 'revoke', summary: 'PUBLIC has no privilege in schema public', reason: `it has ${privilegeList(held)}`, sql: 'revoke all on schema public from public',
    })];
  },
});
